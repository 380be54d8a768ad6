"""Limits hold over all workers: shares never add up to more than the whole, and a counted limit is counted once."""

from __future__ import annotations

import asyncio
import pickle
from collections import Counter as Tally

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empa_gym.clients import Governor, Limits
from empa_gym.clients.governor import Outcome
from empa_gym.clients.lanes import Refusal, Route, Slot
from empa_gym.clients.ledger import Amount, Spending
from empa_gym.errors import BudgetExceeded, DeadlineExceeded
from empa_gym.rollout.engines.lending import COUNTED, BorrowingGovernor, Counter, Wish, divided

ROUTE = Route("http://127.0.0.1:9/v1", "tiny", "judge")
WISH = Wish(ROUTE, Amount(10, 0.5), 60.0)


class Beside:
    """A lender that is no further away than a function call."""

    def __init__(self, counter: Counter, worker: str) -> None:
        self._counter, self._worker = counter, worker

    async def ask(self, wish: Wish) -> Slot | Refusal:
        return await self._counter.lend(self._worker, wish)

    def give_back(self, slot: Slot, outcome: Outcome) -> None:
        self._counter.take_back(self._worker, slot, outcome)


@given(
    workers=st.integers(1, 20),
    concurrency=st.integers(1, 100),
    by_role=st.dictionaries(st.sampled_from(["actor", "judge"]), st.integers(1, 100)),
    start=st.integers(1, 20),
)
def test_shares_add_up_to_no_more_than_the_whole(
    workers: int, concurrency: int, by_role: dict[str, int], start: int
) -> None:
    whole = Limits(concurrency=concurrency, by_role=by_role, start=start, turn_seconds=3.0)
    share = divided(whole, workers)
    if share is None:
        assert min([concurrency, *by_role.values()]) < workers
        return
    for role in ("actor", "judge", "policy"):
        assert share.concurrency_of(role) >= 1
        assert workers * share.concurrency_of(role) <= whole.concurrency_of(role)
    assert share.turn_seconds == 3.0


@pytest.mark.parametrize("name", COUNTED)
def test_what_must_be_counted_is_not_divided(name: str) -> None:
    assert divided(Limits(**{name: 1_000_000}), 2) is None


def test_every_limit_is_either_counted_or_divided_or_of_one_dialogue() -> None:
    known = {*COUNTED, "concurrency", "by_role", "start", "turn_seconds"}
    assert {field for field in Limits.__dataclass_fields__} == known, "say of a new limit how it holds over workers"


def test_workers_share_one_ceiling() -> None:
    async def play() -> Tally[str]:
        counter = Counter(Governor(Limits(calls=7)))
        made: Tally[str] = Tally()

        async def calls(name: str) -> None:
            governor = BorrowingGovernor(Limits(calls=7), Beside(counter, name))
            for _ in range(10):
                try:
                    slot = await governor.admit(ROUTE, Amount(10, 0.5), governor._clock() + 60.0)
                except BudgetExceeded:
                    made["refused"] += 1
                else:
                    await asyncio.sleep(0)
                    governor.settle(slot, Outcome(Amount(3, 0.1), answered=True))
                    made["sent"] += 1

        await asyncio.gather(*map(calls, "abc"))
        return made

    assert asyncio.run(play()) == {"sent": 7, "refused": 23}


def test_what_a_dead_worker_held_counts_as_used_and_is_free_again() -> None:
    async def die() -> Spending:
        governor = Governor(Limits(tokens=100, concurrency=2))
        counter = Counter(governor)
        slots = [await counter.lend("dead", WISH) for _ in range(2)]
        assert isinstance(await counter.lend("other", WISH._replace(seconds=0.01)), DeadlineExceeded), "no slot is left"
        counter.gone("dead")
        assert isinstance(slots[0], Slot)
        counter.take_back("dead", slots[0], Outcome(Amount(1, 0.0)))  # its words arrive after its death
        assert isinstance(await counter.lend("other", WISH), Slot)
        assert isinstance(await counter.lend("other", WISH), Slot)
        return governor.spent

    assert asyncio.run(die()) == Spending(4, 20, 1.0)


def test_a_slot_for_a_worker_that_is_gone_goes_back_unused() -> None:
    async def late() -> Spending:
        governor = Governor(Limits(concurrency=1))
        counter = Counter(governor)
        counter.gone("dead")
        await counter.lend("dead", WISH)
        assert isinstance(await counter.lend("other", WISH._replace(seconds=1.0)), Slot)
        return governor.spent

    assert asyncio.run(late()).tokens == 0


def test_a_borrowed_governor_is_not_sent_on() -> None:
    governor = BorrowingGovernor(Limits(), Beside(Counter(Governor()), "a"))
    with pytest.raises(TypeError, match="cannot be sent on"):
        pickle.dumps(governor)
