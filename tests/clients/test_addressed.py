"""The calls of a dialogue carry its address, and their usage adds up per role."""

from __future__ import annotations

import asyncio

import pytest

from empa_gym.chat import ChatReply, ChatRequest, Message, Usage
from empa_gym.clients.addressed import Addressed, RoleUsage
from empa_gym.clients.scripted import ScriptedClient
from empa_gym.errors import BudgetExceeded, ModelError


def question(role: str) -> ChatRequest:
    return ChatRequest(role, (Message("user", "How are you?"),), turn=3, attempt=1, part=2)


def ask(client: Addressed, role: str, on_a_loop: bool) -> ChatReply:
    return asyncio.run(client.acomplete(question(role))) if on_a_loop else client.complete(question(role))


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_a_request_is_stamped_with_the_dialogue_and_keeps_the_rest(on_a_loop: bool) -> None:
    inner = ScriptedClient(["yes"])
    ask(Addressed(inner, "health-knee", 7, 2, "tiny"), "judge", on_a_loop)
    stamped = question("judge")._replace(scenario="health-knee", seed=7, member=2, policy="tiny")
    assert inner.requests == [stamped]


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_usage_adds_up_per_role_and_failures_are_counted(on_a_loop: bool) -> None:
    script = [
        ChatReply("a", Usage(100, 10, 1, 2, 0.25, 0.1)),
        ChatReply("b", Usage(50, 5, 1, 0, 0.5, 0.2)),
        "c",
        ModelError("down"),
        BudgetExceeded("full"),
    ]
    client = Addressed(ScriptedClient(script), "health-knee", 7)
    for role in ("judge", "judge", "actor"):
        ask(client, role, on_a_loop)
    for role, error in (("judge", ModelError), ("director", BudgetExceeded)):
        with pytest.raises(error):
            ask(client, role, on_a_loop)
    assert client.usage == (
        RoleUsage("actor", calls=1),
        RoleUsage("director", failed=1),
        RoleUsage(
            "judge",
            calls=2,
            failed=1,
            retries=2,
            prompt_tokens=150,
            completion_tokens=15,
            cost=pytest.approx(0.3),
            seconds=0.75,
        ),
    )


def test_the_order_in_which_answers_come_makes_no_difference_to_the_sums() -> None:
    costs = [0.1, 1e16, 0.2, -1e16, 0.3]
    totals = []
    for order in (costs, costs[::-1], sorted(costs)):
        client = Addressed(ScriptedClient([ChatReply("", Usage(cost=cost)) for cost in order]), "health-knee", 7)
        for _ in order:
            client.complete(question("judge"))
        totals.append(client.usage[0].cost)
    assert len(set(totals)) == 1
