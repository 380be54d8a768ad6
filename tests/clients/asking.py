"""Both clients, asked in both ways: what the tests of the clients share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, Message, Tool
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connecting import connect
from empa_gym.clients.governor import Governor
from empa_gym.clients.remote import RemoteClient

KEY = "sk-marked-4711"
KEY_NAME = "EMPA_TEST_KEY"
TRANSPORTS = ("openai", "fast") if find_spec("pyreqwest") else ("openai",)
LEAN = TRANSPORTS[-1]
"""The leanest that is installed: pyreqwest needs Python 3.11."""
Ask = Callable[[RemoteClient, ChatRequest], ChatReply]
SCHEMA = AnswerFormat("levels", '{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}')
TOOLS = AnswerFormat(tools=(Tool("observe", "Wait.", '{"type": "object", "properties": {}}'),))


def config(url: str, transport: str, **changes: Any) -> ModelConfig:
    """Settings for a loopback: short pauses, so that tests are quick."""
    usual: dict[str, Any] = {"pause": 0.002, "timeout": 5.0, "deadline": 10.0}
    return ModelConfig("tiny", url, KEY_NAME, transport=transport, **(usual | changes))  # type: ignore[arg-type]


def client(url: str, transport: str, governor: Governor | None = None, **changes: Any) -> RemoteClient:
    made = connect(config(url, transport, **changes), governor)
    assert isinstance(made, RemoteClient)
    return made


def blocking(asked: RemoteClient, request: ChatRequest) -> ChatReply:
    try:
        return asked.complete(request)
    finally:
        asked.close()


def on_a_loop(asked: RemoteClient, request: ChatRequest) -> ChatReply:
    async def ask() -> ChatReply:
        try:
            return await asked.acomplete(request)
        finally:
            await asked.aclose()

    return asyncio.run(ask())


WAYS: dict[str, Ask] = {"blocking": blocking, "on a loop": on_a_loop}


def question(role: str = "judge", text: str = "How are you?", **fields: Any) -> ChatRequest:
    return ChatRequest(role, (Message("system", "Be brief."), Message("user", text)), **fields)
