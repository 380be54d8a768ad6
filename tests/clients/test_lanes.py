"""What one model's endpoint asks for is no other model's affair; a role's bound holds whichever models answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from empa_gym.clients.governor import Governor, Outcome
from empa_gym.clients.lanes import Route
from empa_gym.clients.ledger import Amount
from empa_gym.clients.limits import Limits
from empa_gym.errors import RateLimited
from tests.clients.asking import LEAN, client, question
from tests.clients.loopback import GOOD, Loopback, always, refusal

SOON = 1e9
ONE, OTHER = Route("http://one/v1", "tiny", "policy"), Route("http://other/v1", "tiny", "policy")
ANSWERED = Outcome(answered=True)


@pytest.fixture
def second_server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


async def at_once(governor: Governor, route: Route, most: int) -> int:
    """How many of so many calls are let through without waiting."""
    waiting = [asyncio.ensure_future(governor.admit(route, Amount(), SOON)) for _ in range(most)]
    await asyncio.sleep(0.01)
    through = sum(one.done() for one in waiting)
    for one in waiting:
        one.cancel()
    return through


def test_a_refusal_halves_the_window_of_its_own_model_only() -> None:
    async def halved() -> tuple[int, ...]:
        governor = Governor(Limits(start=8))
        governor.settle(await governor.admit(ONE, Amount(), SOON), Outcome(throttled=True))
        another_model = ONE._replace(model="small")
        another_role = ONE._replace(role="judge")
        return tuple([await at_once(governor, route, 8) for route in (OTHER, another_model, another_role)])

    assert asyncio.run(halved()) == (8, 8, 4)


def test_retry_after_leaves_another_endpoint_of_the_same_role_alone(server: Loopback, second_server: Loopback) -> None:
    limited = refusal(429, "slow down", headers=(("Retry-After", "3600"),))
    server.script = lambda asked: limited if asked.index == 0 else GOOD
    governor = Governor()
    closed, free = client(server.url, LEAN, governor), client(second_server.url, LEAN, governor)

    async def both() -> None:
        for _ in range(3):
            with pytest.raises(RateLimited):
                await closed.acomplete(question("policy"))
            assert (await asyncio.wait_for(free.acomplete(question("policy")), 5.0)).text
        await closed.aclose()
        await free.aclose()

    asyncio.run(both())
    assert (server.count, second_server.count) == (1, 3)


def test_retry_after_holds_all_calls_to_its_model(server: Loopback) -> None:
    limited = refusal(429, "slow down", headers=(("Retry-After", "0.2"),))
    server.script = lambda asked: limited if asked.index == 0 else GOOD
    asked = client(server.url, LEAN, Governor())

    async def both() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        first = asyncio.ensure_future(asked.acomplete(question("judge")))
        while not server.count:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.03)
        await asked.acomplete(question("actor", text="another"))
        waited = loop.time() - began
        await first
        await asked.aclose()
        return waited

    assert asyncio.run(both()) >= 0.2


def test_a_call_that_cannot_start_in_time_says_what_the_endpoint_asked_for(server: Loopback) -> None:
    server.script = always(refusal(429, "slow down", headers=(("Retry-After", "3600"),)))
    asked = client(server.url, LEAN, Governor(), deadline=120.0)
    words = r"the endpoint asked to wait 3,600 s, more than the 120 s that this call may still take"
    with pytest.raises(RateLimited, match=rf"HTTP 429: slow down; {words} \(1 attempt"):
        asked.complete(question())
    with pytest.raises(RateLimited, match=f"judge: {words}"):
        asked.complete(question(text="another"))
    asked.close()
    assert server.count == 1


def test_who_waits_already_is_turned_away_when_the_endpoint_closes_for_too_long() -> None:
    async def turned_away() -> None:
        governor = Governor(Limits(concurrency=1))
        now = governor._clock()
        slot = await governor.admit(ONE, Amount(), SOON)
        late = asyncio.ensure_future(governor.admit(ONE, Amount(), now + 100.0))
        patient = asyncio.ensure_future(governor.admit(ONE, Amount(), now + 10_000.0))
        await asyncio.sleep(0)
        governor.settle(slot, Outcome(wait=1000.0))
        with pytest.raises(RateLimited, match="1,000 s, more than the 100 s"):
            await asyncio.wait_for(late, 1.0)
        assert not patient.done()
        patient.cancel()

    asyncio.run(turned_away())


def test_a_roles_bound_holds_for_all_its_models_together() -> None:
    async def bounded() -> tuple[int, int]:
        governor = Governor(Limits(by_role={"policy": 3}))
        for _ in range(2):
            await governor.admit(ONE, Amount(), SOON)
        return await at_once(governor, OTHER, 8), await at_once(governor, ONE._replace(role="judge"), 8)

    assert asyncio.run(bounded()) == (1, 6)  # its window has room for eight, of which two are taken


def test_a_busy_model_does_not_keep_another_one_of_its_role_waiting() -> None:
    async def in_order() -> list[str]:
        governor, served = Governor(Limits(by_role={"policy": 1})), []

        async def one(route: Route) -> None:
            slot = await governor.admit(route, Amount(), SOON)
            served.append(route.endpoint[7:10])
            await asyncio.sleep(0)
            governor.settle(slot, ANSWERED)

        await asyncio.gather(*map(one, [ONE] * 6 + [OTHER] * 2))
        return served

    assert asyncio.run(in_order()) == ["one", "one", "oth", "one", "oth", "one", "one", "one"]
