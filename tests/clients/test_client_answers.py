"""What is sent, and what comes back, when the endpoint behaves."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import sys
import threading
import time

import pytest

from empa_gym.chat import ChatReply, ChatRequest, Message, ToolCall
from empa_gym.clients.background import run_in_background
from empa_gym.clients.base import ChatClient, complete_many
from empa_gym.clients.config import Prices
from empa_gym.clients.connecting import connect, connect_cast
from empa_gym.errors import BadRequest, MissingExtra, ModelError
from tests.clients.asking import KEY, LEAN, SCHEMA, TOOLS, Ask, client, config, question
from tests.clients.loopback import FAULTS, GOOD, Asked, Loopback, Told, always, completion, in_turn, refusal, told

NO_SCHEMA = refusal(400, "response_format is not supported")


def knows(*manners: str) -> object:
    """A script that refuses every other way of asking for a shape."""

    def script(asked: Asked) -> Told:
        kind = asked.json.get("response_format", {}).get("type", "tools" if "tools" in asked.json else "text")
        return GOOD if kind in manners else NO_SCHEMA

    return script


def test_the_request_is_what_the_settings_say(server: Loopback, transport: str, ask: Ask) -> None:
    asked = client(server.url, transport, temperature=0.5, max_tokens=64, extra_body={"top_p": 0.9}, seeded=True)
    ask(asked, question(text="你好, 世界 \U0001f600"))
    sent = server.asked[0]
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.json.pop("seed") >= 0
    assert {**sent.json, "seed": 0} == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "你好, 世界 \U0001f600"}],
        "temperature": 0.5,
        "max_tokens": 64,
        "top_p": 0.9,
        "seed": 0,
    }


def test_what_the_settings_leave_out_is_left_to_the_endpoint(server: Loopback, transport: str, ask: Ask) -> None:
    ask(client(server.url, transport), question())
    assert set(server.asked[0].json) == {"model", "messages"}


def test_a_text_with_half_a_character_can_be_sent(server: Loopback, transport: str, ask: Ask) -> None:
    assert ask(client(server.url, transport), question(text="\ud83d")).text


def test_a_seed_is_the_addresss_own(server: Loopback) -> None:
    asked = client(server.url, LEAN, seeded=True)
    address = question("judge", scenario="s", seed=3, turn=2)
    for request in (address, address, address._replace(attempt=1), address._replace(member=1)):
        asked.complete(request)
    asked.close()
    first, again, attempt, member = (one.json["seed"] for one in server.asked)
    assert first == again
    assert len({first, attempt, member}) == 3


def test_usage_holds_tokens_retries_time_and_money(server: Loopback, transport: str, ask: Ask) -> None:
    server.script = in_turn(FAULTS["500"], FAULTS["429"], GOOD)
    usage = ask(client(server.url, transport, prices=Prices(2.0, 8.0)), question()).usage
    assert usage[:4] == (100, 10, 1, 2)
    assert usage.cost == pytest.approx(280e-6)
    assert 0.0 < usage.seconds < 5.0


def test_an_endpoint_that_counts_nothing_is_no_fault(server: Loopback, transport: str, ask: Ask) -> None:
    server.script = always(told(completion(usage=None)))
    assert ask(client(server.url, transport), question()).usage[:2] == (0, 0)


@pytest.mark.parametrize("arguments", ['"{\\"why\\": 1}"', '{"why": 1}'])
def test_tool_calls_come_back_as_they_were_written(server: Loopback, transport: str, ask: Ask, arguments: str) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "observe", "arguments": json.loads(arguments)}}
    message = {"role": "assistant", "content": None, "tool_calls": [call, "odd", {"function": None}]}
    server.script = always(told(completion(choices=[{"finish_reason": "tool_calls", "message": message}])))
    reply = ask(client(server.url, transport), question(answer=TOOLS))
    assert reply.tool_calls == (ToolCall("observe", '{"why": 1}'),)
    assert (reply.text, reply.finish) == ("", "tool_calls")
    assert server.asked[0].json["tool_choice"] == "required"


def test_parts_of_a_text_are_joined_and_a_refusal_is_text(server: Loopback) -> None:
    asked = client(server.url, LEAN)
    parts = [{"type": "text", "text": "I "}, {"type": "text", "text": "see."}]
    server.script = always(told(completion(parts)))  # type: ignore[arg-type]
    assert asked.complete(question()).text == "I see."
    message = {"role": "assistant", "content": None, "refusal": "I cannot."}
    server.script = always(told(completion(choices=[{"finish_reason": "stop", "message": message}])))
    assert asked.complete(question())[::3] == ("I cannot.", "refusal")
    asked.close()


@pytest.mark.parametrize(
    ("known", "answer", "sent"),
    [
        (("json_schema",), SCHEMA, ["json_schema"]),
        (("json_object",), SCHEMA, ["json_schema", "json_object"]),
        (("text",), SCHEMA, ["json_schema", "json_object", None]),
        (("tools",), TOOLS, ["tools"]),
        (("json_object",), TOOLS, ["tools", "json_object"]),
        (("text",), TOOLS, ["tools", "json_object", None]),
    ],
)
def test_the_strongest_way_that_the_endpoint_takes_is_found_and_remembered(
    known: tuple[str, ...], answer: object, sent: list[str | None], server: Loopback, transport: str
) -> None:
    server.script = knows(*known)  # type: ignore[assignment]
    asked = client(server.url, transport)
    request = question(answer=answer)
    assert asked.complete(request).usage.retries == len(sent) - 1
    assert pickle.loads(pickle.dumps(asked)).complete(request).usage.retries == 0
    asked.close()
    kinds = [
        one.json.get("response_format", {}).get("type") or ("tools" if "tools" in one.json else None)
        for one in server.asked
    ]
    assert kinds == [*sent, sent[-1]]


def test_a_bad_request_is_not_taken_for_an_endpoint_without_schemas(server: Loopback) -> None:
    server.script = always(refusal(400, "temperature must be below 2"))
    asked = client(server.url, LEAN)
    with pytest.raises(BadRequest, match="temperature"):
        asked.complete(question(answer=SCHEMA))
    assert asked.manners.known() == {"schema": "", "tools": ""}
    server.script = always()
    asked.complete(question(answer=SCHEMA))
    assert asked.manners.known()["schema"] == "schema"
    asked.close()


def test_a_way_that_worked_is_not_given_up_for_one_bad_request(server: Loopback) -> None:
    server.script = in_turn(GOOD, refusal(400, "no"))
    asked = client(server.url, LEAN)
    asked.complete(question(answer=SCHEMA))
    with pytest.raises(BadRequest):
        asked.complete(question(answer=SCHEMA))
    asked.close()
    assert server.count == 2


def test_the_user_may_settle_for_a_weaker_way(server: Loopback) -> None:
    for answers, kind in (("json", "json_object"), ("text", None)):
        asked = client(server.url, LEAN, answers=answers)
        asked.complete(question(answer=SCHEMA))
        asked.close()
        assert server.asked[-1].json.get("response_format", {}).get("type") == kind


def test_a_schema_is_strict_only_where_strict_mode_allows_it(server: Loopback) -> None:
    closed = (
        '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}'
    )
    asked = client(server.url, LEAN)
    for schema in (SCHEMA.schema, closed):
        asked.complete(question(answer=SCHEMA._replace(schema=schema)))
    asked.close()
    assert [one.json["response_format"]["json_schema"]["strict"] for one in server.asked] == [False, True]


def test_the_new_name_of_the_longest_answer_is_learnt(server: Loopback, transport: str) -> None:
    wrong = refusal(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    server.script = lambda asked: wrong if "max_tokens" in asked.json else GOOD
    asked = client(server.url, transport, max_tokens=5)
    assert [asked.complete(question()).usage.retries for _ in range(2)] == [1, 0]
    asked.close()
    assert server.asked[-1].json["max_completion_tokens"] == 5


def test_many_are_answered_in_their_order_and_a_failure_stands_in_its_place(server: Loopback, transport: str) -> None:
    def echo(asked: Asked) -> Told:
        text = asked.json["messages"][-1]["content"]
        return refusal(400, "no") if text == "3" else told(completion(text))

    server.script, server.delay = echo, 0.002
    asked = client(server.url, transport)
    answers = complete_many(asked, [question(text=str(index)) for index in range(20)])
    asked.close()
    texts = [answer.text if isinstance(answer, ChatReply) else type(answer).__name__ for answer in answers]
    assert texts == [*"012", "BadRequest", *map(str, range(4, 20))]


def test_a_client_serves_threads_loops_and_a_blocking_caller_inside_a_loop(server: Loopback, transport: str) -> None:
    asked, texts = client(server.url, transport), []
    threads = [threading.Thread(target=lambda: texts.append(asked.complete(question()).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    async def inside() -> None:
        texts.append(asked.complete(question()).text)
        texts.append((await asked.acomplete(question())).text)
        await asked.aclose()

    asyncio.run(inside())
    asyncio.run(inside())
    asked.close()
    assert texts == ["I hear you."] * 12


def test_a_blocking_call_on_the_loop_of_the_calls_is_refused_instead_of_waiting_for_itself(server: Loopback) -> None:
    asked = client(server.url, LEAN)

    async def blocks() -> None:
        asked.complete(question())

    with pytest.raises(RuntimeError, match="await acomplete"):
        run_in_background(blocks())


def test_a_client_can_be_used_after_it_was_closed(server: Loopback, transport: str) -> None:
    asked = client(server.url, transport)
    for _ in range(3):
        assert asked.complete(question()).text
        asked.close()
        asked.close()


def test_a_forgotten_client_leaves_nothing_open(server: Loopback, transport: str) -> None:
    client(server.url, transport).complete(question())
    gc.collect()  # a warning about an open connection would be an error here


def test_connections_are_kept(server: Loopback, transport: str) -> None:
    asked = client(server.url, transport)
    for _ in range(5):
        asked.complete(question())
    assert len(server.connections) == 1
    asked.close()


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again(server: Loopback, transport: str) -> None:
    asked = client(server.url, transport, attempts=1)
    for _ in range(3):
        assert asked.complete(question()).text
        (connection,) = server.connections
        server._loop.call_soon_threadsafe(connection.transport.close)
        while server.connections:
            time.sleep(0.005)
        time.sleep(0.02)  # the news is on its way to the client
    asked.close()


def test_a_client_that_is_closed_during_a_call_leaves_nothing_open(server: Loopback, transport: str) -> None:
    server.delay = 0.1
    asked = client(server.url, transport, attempts=1)

    async def closed_meanwhile() -> object:
        call = asyncio.ensure_future(asked.acomplete(question()))
        while not server.count:
            await asyncio.sleep(0.002)
        await asked.aclose()
        return (await asyncio.gather(call, return_exceptions=True))[0]

    end = asyncio.run(closed_meanwhile())
    assert isinstance(end, ChatReply | ModelError)
    gc.collect()  # a warning about an open connection would be an error here


def test_a_cancelled_call_stops_waiting(server: Loopback, transport: str) -> None:
    server.script = always(FAULTS["slow first byte"])
    asked = client(server.url, transport)

    async def cancelled() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asked.acomplete(question()), 0.05)
        await asked.aclose()

    asyncio.run(cancelled())


def test_copies_keep_settings_and_share_limits_only(server: Loopback, transport: str) -> None:
    asked = client(server.url, transport)
    asked.complete(question())
    for twin in (copy.deepcopy(asked), copy.copy(asked), pickle.loads(pickle.dumps(asked))):
        assert twin.config == asked.config
        assert twin.complete(question()).text
        twin.close()
    asked.close()


def test_roles_with_equal_settings_share_a_client(server: Loopback) -> None:
    small = config(server.url, LEAN)
    board = connect_cast(
        {"actor": small, "judge": small, "director": None, "policy": config(server.url, "openai", timeout=9.0)}
    )
    assert board.client_of("actor") is board.client_of("judge")
    assert board.client_of("policy") is not board.client_of("actor")
    assert isinstance(board, ChatClient)
    with pytest.raises(ModelError, match="director: no chat model"):
        board.complete(question("director"))
    assert board.complete(question("judge")).text == "I hear you."
    board.close()


def test_a_transport_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "empa_gym.clients.fast", None)
    with pytest.raises(MissingExtra):
        connect(config("http://127.0.0.1:9/v1", "fast"))


def test_an_empty_prompt_and_a_long_one_are_sent(server: Loopback, transport: str, ask: Ask) -> None:
    asked = client(server.url, transport)
    ask(asked, ChatRequest("actor", ()))
    ask(asked, ChatRequest("actor", (Message("user", "x" * 1_000_000),)))
    assert len(server.asked[1].body) > 1_000_000
