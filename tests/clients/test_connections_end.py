"""No connection outlives its event loop or its client."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

import pytest

from tests.clients.asking import client, question
from tests.clients.loopback import Loopback

OPEN = Path("/proc/self/fd")
pytestmark = pytest.mark.skipif(not OPEN.exists(), reason=f"counts open files in {OPEN}, which {sys.platform} lacks")


def open_files() -> int:
    return len(list(OPEN.iterdir()))


def test_many_event_loops_leave_no_connection_open(server: Loopback, transport: str) -> None:
    asked = client(server.url, transport)
    asyncio.run(asked.acomplete(question()))
    before = open_files()
    for _ in range(20):
        asyncio.run(asked.acomplete(question()))
    assert open_files() <= before + 2


def test_a_client_that_is_forgotten_gives_its_connections_back_on_a_loop_that_goes_on(server: Loopback) -> None:
    async def forgotten() -> tuple[int, int]:
        await client(server.url, "openai").acomplete(question())
        await asyncio.sleep(0.05)
        before = open_files()
        for _ in range(10):
            await client(server.url, "openai").acomplete(question())
        gc.collect()
        await asyncio.sleep(0.05)
        return before, open_files()

    before, after = asyncio.run(forgotten())
    assert after <= before + 2
