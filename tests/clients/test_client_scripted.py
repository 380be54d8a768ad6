"""Clients without a model."""

from __future__ import annotations

import asyncio

import pytest

from empa_gym.chat import ChatReply
from empa_gym.clients.base import ChatClient
from empa_gym.clients.scripted import ScriptedClient
from empa_gym.clients.switchboard import Switchboard
from empa_gym.errors import BudgetExceeded, ModelError, RateLimited
from tests.clients.asking import question


def test_a_list_is_answered_in_order_and_ends_with_an_error() -> None:
    client = ScriptedClient(["a", ChatReply("b", finish="length"), RateLimited("busy")])
    assert client.complete(question()).text == "a"
    assert asyncio.run(client.acomplete(question())).finish == "length"
    with pytest.raises(RateLimited, match="actor: busy"):
        client.complete(question("actor"))
    with pytest.raises(ModelError, match="3 answers, and was asked 4 times"):
        client.complete(question())
    assert [request.role for request in client.requests] == ["judge", "judge", "actor", "judge"]


def test_a_function_sees_the_request() -> None:
    client = ScriptedClient(lambda request: BudgetExceeded("spent") if request.turn == 2 else request.role)
    assert client.complete(question("director")).text == "director"
    with pytest.raises(BudgetExceeded):
        client.complete(question(turn=2))


def test_a_switchboard_hands_each_role_to_its_client() -> None:
    board = Switchboard({"judge": ScriptedClient(["from the judge"])}, ScriptedClient(["from the other"]))
    assert isinstance(board, ChatClient)
    assert asyncio.run(board.acomplete(question("judge"))).text == "from the judge"
    assert board.complete(question("actor")).text == "from the other"
    board.close()
    asyncio.run(board.aclose())
    with pytest.raises(ModelError, match="there is one for: judge"):
        Switchboard({"judge": ScriptedClient([])}).complete(question("actor"))
