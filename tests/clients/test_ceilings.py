"""A ceiling on tokens or money is not passed, whatever the answers' length, and however many calls run at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from empa_gym.chat import ChatReply
from empa_gym.clients.config import Prices
from empa_gym.clients.governor import Governor, Outcome
from empa_gym.clients.lanes import Route
from empa_gym.clients.ledger import Amount
from empa_gym.clients.limits import Limits
from empa_gym.clients.remote import RESERVED_ANSWER, RemoteClient
from empa_gym.errors import BudgetExceeded, ModelError
from tests.clients.asking import LEAN, client, question
from tests.clients.loopback import FAULTS, GOOD, Asked, Loopback, Told, always, completion, faults, refusal, told

UNBOUNDED_ANSWER = 100_000
SOON = 1e9
JUDGE = Route("here", "tiny", "judge")


class Talkative:
    """An endpoint that answers as long as it is allowed, and keeps the books of what it would bill."""

    def __init__(self, otherwise: Callable[[Asked], Told] | None = None) -> None:
        self.billed: list[tuple[int, int]] = []
        self.otherwise = otherwise

    def __call__(self, asked: Asked) -> Told:
        fault = self.otherwise(asked) if self.otherwise else GOOD
        if fault is not GOOD:
            return fault
        prompt = len(asked.body) // 4
        answer = asked.json.get("max_tokens", UNBOUNDED_ANSWER)
        self.billed.append((prompt, answer))
        return told(completion(usage={"prompt_tokens": prompt, "completion_tokens": answer}))

    @property
    def tokens(self) -> int:
        return sum(map(sum, self.billed))


async def until_the_ceiling(asked: RemoteClient, dialogues: int = 16) -> list[BudgetExceeded]:
    """Dialogues that ask until they meet the ceiling."""

    async def dialogue(name: str) -> BudgetExceeded:
        while True:
            try:
                await asked.acomplete(question(text=f"This is dialogue {name}. " * 20))
            except BudgetExceeded as ceiling:
                return ceiling
            except ModelError:
                continue

    ends = await asyncio.gather(*(dialogue(str(number)) for number in range(dialogues)))
    await asked.aclose()
    return list(ends)


@pytest.mark.parametrize("max_tokens", [None, 300])
@pytest.mark.parametrize("faulty", [False, True])
def test_a_ceiling_on_tokens_holds_against_a_server_that_answers_as_long_as_it_may(
    max_tokens: int | None, faulty: bool, server: Loopback, transport: str
) -> None:
    ceiling = 60_000
    bad = faults({"500": 0.1, "429": 0.1}, 1) if faulty else None
    server.script = books = Talkative(bad)
    server.delay = 0.002
    governor = Governor(Limits(tokens=ceiling, start=16))
    ends = asyncio.run(until_the_ceiling(client(server.url, transport, governor, max_tokens=max_tokens)))
    largest = max(map(sum, books.billed))
    assert ceiling - 2 * largest < books.tokens <= ceiling  # neither passed nor called reached too early
    assert books.tokens == governor.spent.tokens
    assert all("tokens" in str(end) for end in ends)


def test_a_ceiling_on_money_holds_likewise(server: Loopback, transport: str) -> None:
    server.script = books = Talkative()
    prices = Prices(1.0, 10.0)
    governor = Governor(Limits(cost=0.5, start=16))
    asyncio.run(until_the_ceiling(client(server.url, transport, governor, prices=prices)))
    billed = sum(prices.cost(*each) for each in books.billed)
    assert 0.4 < billed <= 0.5
    assert billed == pytest.approx(governor.spent.cost)


def test_the_answers_length_is_bounded_only_where_a_ceiling_needs_it(server: Loopback) -> None:
    for limits, sent in (
        (Limits(), None),
        (Limits(calls=10, tokens_per_minute=1e9), None),
        (Limits(tokens=10**6), RESERVED_ANSWER),
        (Limits(cost=1.0), RESERVED_ANSWER),
    ):
        asked = client(server.url, LEAN, Governor(limits))
        asked.complete(question())
        asked.close()
        assert server.asked[-1].json.get("max_tokens") == sent
    asked = client(server.url, LEAN, Governor(Limits(tokens=10**6)), max_tokens=7)
    asked.complete(question())
    asked.close()
    assert server.asked[-1].json["max_tokens"] == 7


def test_the_new_name_of_the_longest_answer_is_learnt_for_a_ceiling_too(server: Loopback) -> None:
    wrong = refusal(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    server.script = lambda asked: wrong if "max_tokens" in asked.json else GOOD
    asked = client(server.url, LEAN, Governor(Limits(tokens=10**6)))
    assert asked.complete(question()).usage.retries == 1
    asked.close()
    assert server.asked[-1].json["max_completion_tokens"] == RESERVED_ANSWER


def test_an_attempt_that_was_lost_counts_as_all_that_was_reserved_for_it(server: Loopback, transport: str) -> None:
    spent = []
    for fault in ("stall mid-body", "reset mid-body"):
        server.script = always(FAULTS[fault])
        governor = Governor(Limits(tokens=10**6))
        with pytest.raises(ModelError):
            client(server.url, transport, governor, attempts=1, timeout=0.1, max_tokens=500).complete(question())
        spent.append(governor.spent.tokens)
    assert all(500 < tokens < 600 for tokens in spent)


def test_nothing_is_counted_for_a_request_that_reached_nobody(transport: str) -> None:
    governor = Governor(Limits(tokens=10**6))
    with pytest.raises(ModelError):
        client("http://127.0.0.1:9/v1", transport, governor, attempts=1).complete(question())
    assert governor.spent.tokens == 0


def test_after_a_call_that_used_more_than_was_reserved_the_next_ones_reserve_as_much_more() -> None:
    async def learnt() -> None:
        governor = Governor(Limits(tokens=1000))
        governor.settle(await governor.admit(JUDGE, Amount(100), SOON), Outcome(Amount(250), answered=True))
        slot = await governor.admit(JUDGE, Amount(100), SOON)
        assert slot.reserved == Amount(250)
        other = await governor.admit(JUDGE._replace(model="small"), Amount(100), SOON)
        assert other.reserved == Amount(100)
        governor.settle(slot, Outcome(Amount(50), answered=True))
        governor.settle(other, Outcome(Amount(50), answered=True))
        with pytest.raises(BudgetExceeded, match="the next call may need 700"):
            await governor.admit(JUDGE, Amount(550), SOON)

    asyncio.run(learnt())


def test_an_endpoint_that_counts_nothing_is_counted_by_its_text(server: Loopback) -> None:
    server.script = always(told(completion("x" * 300, usage=None)))
    governor = Governor()
    asked = client(server.url, LEAN, governor)
    assert isinstance(asked.complete(question()), ChatReply)
    asked.close()
    assert 100 < governor.spent.tokens < 200
