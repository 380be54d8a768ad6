"""Whatever the endpoint does, a call ends in time, with an answer or a typed error."""

from __future__ import annotations

import time

import pytest

from empa_gym.errors import (
    AuthenticationFailed,
    BadRequest,
    ContentFiltered,
    ContextTooLong,
    DeadlineExceeded,
    EndpointDown,
    GarbledReply,
    ModelError,
    ModelNotFound,
    RateLimited,
)
from tests.clients.asking import KEY, LEAN, Ask, client, question
from tests.clients.loopback import FAULTS, GOOD, Loopback, Told, always, completion, finished, in_turn, refusal, told

PASSING = sorted(set(FAULTS) - {"content filter", "length stop"})
"""Faults after which another attempt may succeed."""
SLOW = ("slow first byte", "stall mid-body", "trickle")
FINAL: dict[str, type[ModelError]] = {
    "429 with Retry-After": RateLimited,
    "429": RateLimited,
    "500": EndpointDown,
    "502": EndpointDown,
    "slow first byte": DeadlineExceeded,
    "stall mid-body": DeadlineExceeded,
    "trickle": DeadlineExceeded,
    "reset": EndpointDown,
    "reset mid-body": EndpointDown,
    "truncated JSON": GarbledReply,
    "wrong schema": GarbledReply,
    "empty choices": GarbledReply,
    "invalid UTF-8": GarbledReply,
    "content filter": ContentFiltered,
}
AT_ONCE = {
    "400": (refusal(400, "no such field"), BadRequest),
    "401": (refusal(401, f"Incorrect API key provided: {KEY}"), AuthenticationFailed),
    "403": (refusal(403, "not for you"), AuthenticationFailed),
    "404": (refusal(404, "no model 'tiny'"), ModelNotFound),
    "413": (refusal(413, "too large"), ContextTooLong),
    "context length": (
        refusal(400, "This model's maximum context length is 8192", "context_length_exceeded"),
        ContextTooLong,
    ),
    "context length of vLLM": (
        refusal(400, "prompt (9000 tokens) is longer than the maximum model length"),
        ContextTooLong,
    ),
    "content filter": (refusal(400, "blocked", "content_filter"), ContentFiltered),
    "moderation": (refusal(403, "Input was flagged by moderation"), ContentFiltered),
    "content filter in the answer": (finished("content_filter", None), ContentFiltered),
    "spent quota": (refusal(429, "You exceeded your current quota", "insufficient_quota"), RateLimited),
    "an error with status 200": (told({"error": {"code": 401, "message": "no such key"}}), AuthenticationFailed),
    "no money": (refusal(402, "Insufficient credits"), RateLimited),
}


def test_a_limit_per_minute_that_speaks_of_a_quota_is_waited_for(server: Loopback, transport: str, ask: Ask) -> None:
    words = "You exceeded your current quota, please check your plan and billing details. Please retry in 1s."
    server.script = in_turn(refusal(429, words), GOOD)
    assert ask(client(server.url, transport, pause=0.01), question()).text


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_fault_is_not_seen_by_the_caller(name: str, server: Loopback, transport: str, ask: Ask) -> None:
    server.script = in_turn(FAULTS[name], GOOD)
    slow = name in SLOW
    reply = ask(client(server.url, transport, timeout=0.12 if slow else 5.0), question())
    assert reply.text == "I hear you."
    assert reply.usage.retries == server.count - 1
    assert server.count == 2 or (slow and server.count > 2)  # on a busy machine a good answer may be late too


@pytest.mark.parametrize("name", list(FINAL))
def test_a_lasting_fault_ends_before_the_deadline_as_its_kind(
    name: str, server: Loopback, transport: str, ask: Ask
) -> None:
    server.script = always(FAULTS[name])
    began = time.monotonic()
    with pytest.raises(FINAL[name]) as caught:
        ask(client(server.url, transport, timeout=0.06 if name in SLOW else 5.0, attempts=2), question("director"))
    assert time.monotonic() - began < 5.0  # a call that hangs waits longer
    assert caught.value.role == "director"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", list(AT_ONCE))
def test_what_would_not_help_is_not_sent_again(name: str, server: Loopback, transport: str, ask: Ask) -> None:
    answer, kind = AT_ONCE[name]
    server.script = in_turn(answer, GOOD)
    with pytest.raises(kind):
        ask(client(server.url, transport), question())
    assert server.count == 1


def test_an_endpoint_that_sends_elsewhere_is_not_followed_and_says_where(
    server: Loopback, transport: str, ask: Ask
) -> None:
    elsewhere = f"https://other.invalid/v1/chat/completions?key={KEY}"
    server.script = in_turn(Told(308, headers=(("Location", elsewhere),)), GOOD)
    with pytest.raises(ModelNotFound, match=r"HTTP 308: .*https://other\.invalid/v1/.*; write its address in base_url"):
        ask(client(server.url, transport), question())
    assert server.count == 1


def test_an_attempt_may_not_outlast_the_deadline(server: Loopback, transport: str, ask: Ask) -> None:
    server.script = always(FAULTS["slow first byte"])
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        ask(client(server.url, transport, timeout=3600.0, deadline=0.1), question())
    assert time.monotonic() - began < 5.0


def test_retry_after_is_waited_for(server: Loopback, transport: str, ask: Ask) -> None:
    server.script = in_turn(refusal(429, "slow down", headers=(("Retry-After", "0.15"),)), GOOD)
    began = time.monotonic()
    assert ask(client(server.url, transport, pause=0.001), question()).text
    assert time.monotonic() - began >= 0.15


def test_retry_after_beyond_the_deadline_ends_at_once(server: Loopback, transport: str, ask: Ask) -> None:
    server.script = always(refusal(429, "slow down", headers=(("Retry-After", "3600"),)))
    with pytest.raises(RateLimited, match="slow down"):
        ask(client(server.url, transport), question())
    assert server.count == 1


def test_attempts_are_bounded(server: Loopback, transport: str, ask: Ask) -> None:
    server.script = always(FAULTS["500"])
    with pytest.raises(EndpointDown, match=r"HTTP 500: oops \(4 attempts"):
        ask(client(server.url, transport, attempts=4), question())
    assert server.count == 4


def test_nobody_at_the_address_is_an_error_of_the_endpoint(transport: str, ask: Ask) -> None:
    with pytest.raises(EndpointDown, match="nothing listens at"):
        ask(client("http://127.0.0.1:9/v1", transport, attempts=2), question())


def test_an_error_with_status_200_is_an_error(server: Loopback, transport: str, ask: Ask) -> None:
    limited = told({"error": {"code": 429, "message": "upstream is busy"}})
    server.script = in_turn(limited, told({"error": {"message": "odd"}}), GOOD)
    assert ask(client(server.url, transport), question()).usage.retries == 2


def test_an_answer_that_was_cut_is_an_answer(server: Loopback, transport: str, ask: Ask) -> None:
    server.script = always(FAULTS["length stop"])
    reply = ask(client(server.url, transport), question())
    assert (reply.text, reply.finish) == ("I hear", "length")


def test_half_a_character_is_replaced(server: Loopback, transport: str, ask: Ask) -> None:
    body = GOOD.body.replace(b"I hear you.", rb"\ud83d hm \ud83d\ude00")
    server.script = always(GOOD._replace(body=body))
    assert ask(client(server.url, transport), question()).text == "� hm \U0001f600"


def test_an_odd_shape_is_garbled_and_never_a_crash(server: Loopback) -> None:
    odd = (
        [],
        "text",
        7,
        None,
        {"choices": {}},
        {"choices": [3]},
        {"choices": [{}]},
        completion(choices=[{"message": {"content": 3}}]),
    )
    for data in odd:
        server.script = always(told(data))
        with pytest.raises(GarbledReply):
            client(server.url, LEAN, attempts=1).complete(question())
