"""The governor lets through what the limits allow, and nothing more."""

from __future__ import annotations

import asyncio
import copy
import pickle
import threading
import time

import pytest

from empa_gym.chat import ChatReply
from empa_gym.clients.governor import Governor, Outcome
from empa_gym.clients.lanes import Route
from empa_gym.clients.ledger import Amount, Ledger, Spending
from empa_gym.clients.limits import Limits
from empa_gym.clients.remote import Call
from empa_gym.clients.turns import TurnClock
from empa_gym.errors import BudgetExceeded, DeadlineExceeded, RateLimited
from tests.clients.asking import LEAN, client, question
from tests.clients.loopback import FAULTS, GOOD, Loopback, faults

SOON = 1e9
ANSWERED = Outcome(answered=True)
JUDGE, ACTOR = Route("here", "tiny", "judge"), Route("here", "tiny", "actor")


def test_a_ledger_waits_for_calls_under_way_before_it_says_that_a_ceiling_is_reached() -> None:
    ledger = Ledger(Limits(tokens=100))
    assert ledger.room(Amount(60))
    ledger.reserve(Amount(60))
    assert not ledger.room(Amount(60))
    ledger.settle(Amount(60), Amount(20))
    assert ledger.room(Amount(60))
    with pytest.raises(BudgetExceeded, match="tokens"):
        ledger.room(Amount(81))
    assert ledger.spent == Spending(1, 20, 0.0)


def test_money_has_a_ceiling_too() -> None:
    ledger = Ledger(Limits(cost=1.0), Spending(5, 100, 0.95))
    assert ledger.room(Amount(1, 0.05))
    with pytest.raises(BudgetExceeded, match="cost"):
        ledger.room(Amount(1, 0.06))


def test_a_turn_begins_when_it_is_first_asked_about_or_played_again() -> None:
    clock, asked = TurnClock(), question("judge", scenario="s", turn=1)
    assert clock.began(asked, 10.0) == 10.0
    assert clock.began(asked._replace(role="actor"), 15.0) == 10.0
    assert clock.began(asked._replace(attempt=1), 16.0) == 10.0
    assert clock.began(asked, 17.0) == 17.0  # the same question: the step is called again
    assert clock.began(asked._replace(turn=2), 18.0) == 18.0
    assert clock.began(asked._replace(seed=4), 19.0) == 19.0
    assert clock.began(question(), 20.0) == 20.0


def test_no_more_run_at_once_than_the_window_holds_and_all_get_their_turn() -> None:
    governor, running, most, done = Governor(Limits(concurrency=6, start=3)), 0, 0, []

    async def one(index: int) -> None:
        nonlocal running, most
        slot = await governor.admit(JUDGE, Amount(1), SOON)
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        done.append(index)
        governor.settle(slot, ANSWERED)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(index) for index in range(60)))

    asyncio.run(all_of_them())
    assert (most, len(done)) == (6, 60)
    assert done[:3] == [0, 1, 2]


def test_roles_do_not_wait_for_each_other() -> None:
    async def both() -> None:
        governor = Governor(Limits(concurrency=8, by_role={"judge": 1}))
        await governor.admit(JUDGE, Amount(1), SOON)
        await asyncio.wait_for(governor.admit(ACTOR, Amount(1), SOON), 1.0)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(governor.admit(JUDGE, Amount(1), SOON), 0.02)

    asyncio.run(both())


def test_who_gives_up_waiting_takes_no_place_with_him() -> None:
    async def cancelled() -> None:
        governor = Governor(Limits(concurrency=1))
        slot = await governor.admit(JUDGE, Amount(1), SOON)
        waiting = [asyncio.ensure_future(governor.admit(JUDGE, Amount(1), SOON)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        governor.settle(slot, ANSWERED)  # grants the second ...
        waiting[1].cancel()  # ... who is gone before he hears of it
        third = await asyncio.wait_for(waiting[2], 1.0)
        with pytest.raises(asyncio.TimeoutError):  # the one place is his
            await asyncio.wait_for(governor.admit(JUDGE, Amount(1), SOON), 0.02)
        governor.settle(third, ANSWERED)
        governor.settle(await asyncio.wait_for(governor.admit(JUDGE, Amount(1), SOON), 1.0))

    asyncio.run(cancelled())


def test_who_waits_too_long_is_told_so() -> None:
    async def late() -> None:
        governor = Governor(Limits(requests_per_minute=1.0))
        await governor.admit(JUDGE, Amount(1), SOON)
        with pytest.raises(DeadlineExceeded, match="judge"):
            await governor.admit(JUDGE, Amount(1), governor._clock() + 0.02)

    asyncio.run(late())


def test_a_rate_holds_for_those_who_wait() -> None:
    async def paced() -> list[float]:
        governor, loop = Governor(Limits(requests_per_minute=60 * 50.0)), asyncio.get_running_loop()
        moments = []

        async def one() -> None:
            slot = await governor.admit(JUDGE, Amount(1), SOON)
            moments.append(loop.time())
            governor.settle(slot, ANSWERED)

        await asyncio.gather(*(one() for _ in range(60)))
        return moments

    moments = asyncio.run(paced())
    assert moments[-1] - moments[0] >= 9 / 50  # fifty are held, ten more take their time


def test_threads_and_loops_share_one_governor() -> None:
    governor, running, most, lock = Governor(Limits(concurrency=4, start=4)), 0, 0, threading.Lock()

    async def one() -> None:
        nonlocal running, most
        slot = await governor.admit(JUDGE, Amount(1), SOON)
        with lock:
            running += 1
            most = max(most, running)
        await asyncio.sleep(0.001)
        with lock:
            running -= 1
        governor.settle(slot, ANSWERED)

    async def many() -> None:
        await asyncio.gather(*(one() for _ in range(25)))

    threads = [threading.Thread(target=asyncio.run, args=(many(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (most, governor.spent.calls) == (4, 100)


def test_a_ceiling_ends_those_who_wait_as_well() -> None:
    async def ended() -> list[object]:
        governor = Governor(Limits(calls=5, concurrency=2))

        async def one() -> None:
            slot = await governor.admit(JUDGE, Amount(1), SOON)
            await asyncio.sleep(0.001)
            governor.settle(slot, ANSWERED)

        return list(await asyncio.gather(*(one() for _ in range(20)), return_exceptions=True))

    results = asyncio.run(ended())
    assert sum(result is None for result in results) == 5
    assert sum(isinstance(result, BudgetExceeded) for result in results) == 15


def test_a_copy_is_the_same_governor_and_a_pickle_goes_on_from_what_was_spent() -> None:
    governor = Governor(Limits(calls=5))
    asyncio.run(governor.admit(JUDGE, Amount(1), SOON))
    assert copy.deepcopy(governor) is governor
    assert pickle.loads(pickle.dumps(governor)).spent == Spending(1)


@pytest.mark.parametrize("faulty", [False, True])
def test_a_hundred_calls_and_sixty_four_dialogues_send_no_hundred_and_first(
    faulty: bool, server: Loopback, transport: str
) -> None:
    server.script = faults({"500": 0.2, "429": 0.1, "reset": 0.1} if faulty else {}, seed=1)
    server.delay = 0.002
    governor = Governor(Limits(calls=100))
    asked = client(server.url, transport, governor)

    async def dialogue() -> str:
        for _ in range(10):
            try:
                await asked.acomplete(question())
            except BudgetExceeded as ceiling:
                return str(ceiling)
        return ""

    async def dialogues() -> list[str]:
        found = await asyncio.gather(*(dialogue() for _ in range(64)))
        await asked.aclose()
        return list(found)

    ends = asyncio.run(dialogues())
    assert server.count == governor.spent.calls == 100
    assert "the ceiling of 100 calls is reached" in ends


def test_an_endpoint_that_bears_four_at_once_is_soon_asked_for_about_four(server: Loopback, transport: str) -> None:
    server.delay = 0.003
    server.script = lambda _: GOOD if server.waiting < 4 else FAULTS["429"]
    asked = client(server.url, transport, Governor(Limits(concurrency=256, start=64)), attempts=100)

    async def all_of_them() -> list[ChatReply]:
        found = await asyncio.gather(*(asked.acomplete(question()) for _ in range(100)))
        server.most = 0  # what it learnt holds for all that follow
        found += await asyncio.gather(*(asked.acomplete(question()) for _ in range(40)))
        await asked.aclose()
        return list(found)

    assert len(asyncio.run(all_of_them())) == 140
    assert server.most <= 8


def test_a_call_that_is_sent_again_goes_before_those_that_wait(server: Loopback) -> None:
    server.delay = 0.05
    server.script = lambda asked: FAULTS["500"] if asked.index == 0 else GOOD
    asked = client(server.url, LEAN, Governor(Limits(concurrency=1)), pause=0.001)

    async def four() -> None:
        await asyncio.gather(*(asked.acomplete(question(text=text)) for text in "abcd"))
        await asked.aclose()

    asyncio.run(four())
    assert [one.json["messages"][-1]["content"] for one in server.asked] == [*"abacd"]


def test_a_turn_has_a_deadline_for_all_its_calls(server: Loopback, transport: str) -> None:
    server.script = lambda asked: GOOD if asked.index == 0 else FAULTS["429"]
    governor = Governor(Limits(turn_seconds=1.0))
    asked = client(server.url, transport, governor, pause=0.05, attempts=1000)
    assert asked.complete(question("judge", scenario="s", turn=3)).text
    with pytest.raises((RateLimited, DeadlineExceeded)):  # what the last attempt met
        asked.complete(question("director", scenario="s", turn=3))
    asked.close()
    assert server.count < 20


def test_all_calls_of_a_turn_end_with_it() -> None:
    asked = client("http://127.0.0.1:9/v1", LEAN, Governor(Limits(turn_seconds=500.0)), deadline=1000.0)
    roles = ("judge", "director", "actor")
    before = time.monotonic()
    ends = [Call(asked, question(role, scenario="s", turn=3))._until for role in roles]
    assert ends == [pytest.approx(before + 500.0, abs=100.0)] * 3
    assert len(set(ends)) == 1
    assert Call(asked, question("judge", scenario="s", turn=4))._until > ends[0]
