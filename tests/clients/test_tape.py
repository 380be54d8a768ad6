"""A tape gives again what was answered, asks nothing twice, and says what is not on it."""

from __future__ import annotations

import asyncio
import copy
import errno
import json
import os
import pickle
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, Message, Tool, ToolCall, Usage
from empa_gym.clients.scripted import ScriptedClient
from empa_gym.clients.tape import Mode, Tape
from empa_gym.errors import (
    BudgetExceeded,
    ContentFiltered,
    DeadlineExceeded,
    ModelError,
    RateLimited,
    RecordError,
    TapeMiss,
)

LONG = "The person waits in the hall and says nothing. " * 20
SCHEMA = AnswerFormat("levels", '{"type": "object"}')
TOOLS = AnswerFormat(tools=(Tool("observe", "Wait.", '{"type": "object"}'), Tool("end", "End.", "{}")))
REPLY = ChatReply(
    "I see.\nd\u00e9j\u00e0 \U0001f642 \u4f60\u597d",
    Usage(100, 10, 1, 2, 0.1 + 0.2, 0.1),
    (ToolCall("observe", '{"a": 1}'),),
    "tool_calls",
)


def question(text: str = "How are you?", **fields: object) -> ChatRequest:
    usual = {"scenario": "health-knee", "seed": 7, "turn": 3}
    return ChatRequest("judge", (Message("system", LONG), Message("user", text)), **(usual | fields))  # type: ignore[arg-type]


def counting(answer: object = REPLY) -> ScriptedClient:
    return ScriptedClient(lambda request: answer)  # type: ignore[arg-type, return-value]


def blocking(tape: Tape, request: ChatRequest) -> ChatReply:
    return tape.complete(request)


def on_a_loop(tape: Tape, request: ChatRequest) -> ChatReply:
    return asyncio.run(tape.acomplete(request))


WAYS = pytest.mark.parametrize("ask", [blocking, on_a_loop])
Ask = Callable[[Tape, ChatRequest], ChatReply]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "run.tape"


@WAYS
def test_what_was_recorded_is_replayed_exactly_and_asked_once(path: Path, ask: Ask) -> None:
    inner = counting()
    tape = Tape(path, inner=inner)
    assert [ask(tape, question()) for _ in range(3)] == [REPLY] * 3
    assert len(inner.requests) == 1
    assert ask(Tape(path, "replay_or_fail"), question()) == REPLY
    assert ask(Tape(path, inner=counting("another")), question()) == REPLY


def test_two_prompts_at_one_address_are_both_replayed(path: Path) -> None:
    tape = Tape(path, inner=ScriptedClient(["first", "second"]))
    asked = [question("How are you?"), question("And now?")]
    assert [tape.complete(one).text for one in asked] == ["first", "second"]
    replayed = Tape(path, "replay_or_fail")
    assert [replayed.complete(one).text for one in reversed(asked)] == ["second", "first"]


def test_a_call_that_was_written_in_part_is_cut_off_and_the_file_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Tape(path, inner=ScriptedClient(["first", "second", "third"]))
    tape.complete(question())
    whole, write = path.read_bytes(), os.write
    with monkeypatch.context() as full:
        full.setattr("empa_gym.clients.tape_file.os.write", lambda file, line: write(file, line[: len(line) // 2]))
        with pytest.raises(OSError, match="only a part") as caught:
            tape.complete(question(turn=4))
    assert caught.value.filename == str(path)
    assert path.read_bytes() == whole
    assert tape.complete(question(turn=5)).text == "third"
    assert Tape(path, "replay_or_fail").complete(question(turn=5)).text == "third"


def test_a_disk_that_takes_nothing_names_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(file: int, line: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space left")

    tape = Tape(path, inner=counting())
    monkeypatch.setattr("empa_gym.clients.tape_file.os.write", refuses)
    with pytest.raises(OSError, match="no space left") as caught:
        tape.complete(question())
    assert caught.value.filename == str(path)


@pytest.mark.parametrize("mode", ["record", "replay_or_fail"])
def test_a_path_that_no_file_can_have_is_refused_in_a_sentence(mode: Mode, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    for path, words in [(f"{tmp_path}/a\0b", "NUL character"), (f"{tmp_path}/file/run.tape", "expected a tape")]:
        with pytest.raises(RecordError, match=words):
            Tape(path, mode, counting())


ELSEWHERE = {
    "scenario": "home-notice",
    "seed": 8,
    "member": 1,
    "policy": "tiny",
    "turn": 4,
    "role": "actor",
    "attempt": 1,
    "part": 2,
}


@pytest.mark.parametrize("field", ELSEWHERE)
def test_every_part_of_the_address_tells_calls_apart(path: Path, field: str) -> None:
    elsewhere = question()._replace(**{field: ELSEWHERE[field]})
    tape = Tape(path, inner=ScriptedClient(["first", "second"]))
    assert [tape.complete(question()).text, tape.complete(elsewhere).text] == ["first", "second"]
    replayed = Tape(path, "replay_or_fail")
    assert [replayed.complete(elsewhere).text, replayed.complete(question()).text] == ["second", "first"]


CHANGED = {
    "a message": (question("How do you feel?"), r"message 2 \(user\) differs from character 5 on; .*'How are you"),
    "a long message": (
        question()._replace(messages=(Message("system", LONG[:300] + "!"), question().messages[1])),
        r"message 1 \(system\) differs from character 301 on",
    ),
    "another message": (
        question()._replace(messages=(*question().messages, Message("user", "Well?"))),
        "it had 2 messages and has 3",
    ),
    "a role": (
        question()._replace(messages=(Message("user", LONG), question().messages[1])),
        "message 1 was from 'system' and is from 'user'",
    ),
    "the schema": (question(answer=AnswerFormat("levels", '{"type": "array"}')), "the format of the answer differs"),
    "tools": (question(answer=TOOLS), "the format of the answer differs"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_request_fails_and_says_what_differs_first(path: Path, name: str) -> None:
    changed, said = CHANGED[name]
    Tape(path, inner=counting()).complete(question())
    with pytest.raises(TapeMiss, match=rf"another request at scenario health-knee, seed 7, turn 3, .*{said}"):
        Tape(path, "replay_or_fail").complete(changed)


def test_a_call_that_was_never_made_fails_and_says_what_there_is(path: Path) -> None:
    Tape(path, inner=counting()).complete(question())
    with pytest.raises(
        TapeMiss, match=r"no call at .*turn 9, role judge; of this dialogue it has 1 calls, in all 1"
    ) as no:
        Tape(path, "replay_or_fail", inner=counting()).complete(question(turn=9))
    assert no.value.role == "judge"
    assert isinstance(no.value, ModelError)


def test_replay_asks_for_the_rest_and_leaves_the_file_as_it_is(path: Path) -> None:
    Tape(path, inner=counting()).complete(question())
    before = path.read_bytes()
    tape = Tape(path, "replay", inner=counting("asked"))
    assert tape.complete(question()) == REPLY
    assert tape.complete(question(turn=9)).text == tape.complete(question(turn=9)).text == "asked"
    assert path.read_bytes() == before
    assert tape.counts == (1, 2)


@WAYS
@pytest.mark.parametrize(
    "error",
    [
        ModelError("the server is down", "judge"),
        RateLimited("HTTP 429 (3 attempts in 1.2 s)", "judge"),
        ContentFiltered("withheld \u4f60"),
        DeadlineExceeded("no answer", "judge"),
        BudgetExceeded("the ceiling of 100 calls is reached"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_is_replayed_as_the_same_error(path: Path, ask: Ask, error: Exception) -> None:
    with pytest.raises(type(error)) as first:
        ask(Tape(path, inner=counting(error)), question())
    replayed = Tape(path, "replay_or_fail")
    for _ in range(2):
        with pytest.raises(type(error)) as again:
            ask(replayed, question())
        assert type(again.value) is type(first.value)
        assert str(again.value) == str(first.value)


def test_a_call_repeated_after_a_failure_is_asked_anew_and_replayed_in_that_order(path: Path) -> None:
    tape = Tape(path, inner=ScriptedClient([ModelError("down"), ModelError("still down"), "up"]))
    for opened in (lambda: tape, lambda: Tape(path, "replay_or_fail"), lambda: Tape(path, inner=counting("never"))):
        replayed = opened()
        for cause in ("down", "still down"):
            with pytest.raises(ModelError, match=f"{cause}$"):
                replayed.complete(question())
        assert [replayed.complete(question()).text for _ in range(2)] == ["up", "up"]


def test_while_recording_a_reached_ceiling_is_asked_about_again(path: Path) -> None:
    with pytest.raises(BudgetExceeded):
        Tape(path, inner=counting(BudgetExceeded("full"))).complete(question())
    assert Tape(path, inner=counting("more")).complete(question()).text == "more"
    replayed = Tape(path, "replay_or_fail")
    with pytest.raises(BudgetExceeded):
        replayed.complete(question())
    assert replayed.complete(question()).text == "more"


def test_failures_on_the_tape_are_asked_again_when_that_is_wanted(path: Path) -> None:
    with pytest.raises(ModelError):
        Tape(path, inner=counting(ModelError("down"))).complete(question())
    with pytest.raises(ModelError):
        Tape(path, inner=counting("up")).complete(question())
    assert Tape(path, inner=counting("up"), retry_failures=True).complete(question()).text == "up"


@pytest.mark.parametrize("cut", [1, 20, 200, 10_000])
def test_a_torn_last_line_is_dropped_and_only_its_call_asked_again(path: Path, cut: int) -> None:
    tape = Tape(path, inner=counting())
    for turn in range(4):
        tape.complete(question(turn=turn))
    whole = path.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    path.write_bytes(whole[: max(last + 1, len(whole) - cut)])
    torn = path.read_bytes()
    assert Tape(path, "replay_or_fail").complete(question(turn=2)) == REPLY
    assert path.read_bytes() == torn, "a replay changed the file"
    again = counting()
    resumed = Tape(path, inner=again)
    assert [resumed.complete(question(turn=turn)) for turn in range(4)] == [REPLY] * 4
    assert [request.turn for request in again.requests] == [3]
    assert all(json.loads(line) for line in path.read_bytes().splitlines())


@pytest.mark.parametrize("mode", ["record", "replay_or_fail"])
@pytest.mark.parametrize("content", [b"You are a kind listener.", b'{"model": "m"}', b"\x89PNG", b'{"scenaria'])
def test_a_file_that_is_no_tape_is_refused_and_left_as_it_is(path: Path, mode: Mode, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(RecordError, match="expected a call of a tape"):
        Tape(path, mode, counting() if mode == "record" else None)
    assert path.read_bytes() == content


@pytest.mark.parametrize("line", [b"{}", b"no json", b'{"scenario": 1}', b"[]", b'"text"', b"\xff\xfe", b"", b"1" * 99])
def test_a_malformed_line_is_named(path: Path, line: bytes) -> None:
    tape = Tape(path, inner=counting())
    tape.complete(question())
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(RecordError, match=r"run\.tape:2: expected a call of a tape"):
        Tape(path, "replay_or_fail")


def test_a_tape_that_is_not_there_cannot_be_replayed(path: Path) -> None:
    with pytest.raises(RecordError, match="No such file"):
        Tape(path, "replay_or_fail")
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("mode", "words"), [("rewind", "record, replay, replay_or_fail"), ("record", "needs a client")]
)
def test_a_tape_that_could_not_work_is_refused(path: Path, mode: Mode, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Tape(path, mode)


def test_each_line_is_json_that_says_where_it_stands_and_holds_each_text_once(path: Path) -> None:
    tape = Tape(path, inner=counting())
    talk = "The dialogue so far: " + "she said this and he said that; " * 20
    for turn in range(3):
        talk += f"and in turn {turn} they said more; "
        tape.complete(question(talk, turn=turn, answer=SCHEMA))
    first, second, third = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert [line["turn"] for line in (first, second, third)] == [0, 1, 2]
    assert first["messages"][0]["text"] == LONG
    assert second["messages"][0] == {"role": "system", "same": first["messages"][0]["id"]}
    assert third["messages"][1]["then"] == "and in turn 2 they said more; "
    assert third["reply"] == REPLY.text
    assert third["clock"]["seconds"] == REPLY.usage.seconds
    assert "seconds" not in third["usage"]


def test_texts_that_are_written_briefly_are_shown_whole_when_a_request_differs(path: Path) -> None:
    talk = LONG
    tape = Tape(path, inner=counting())
    for turn in range(40):
        talk += f"in turn {turn} they said more; "
        tape.complete(question(talk, turn=turn))
    with pytest.raises(
        TapeMiss, match=rf"differs from character {len(talk) + 1} on; on the tape: '.*said more; '; now"
    ):
        Tape(path, "replay_or_fail").complete(question(talk + "!", turn=39))


def test_a_tape_grows_with_the_dialogue_and_keeps_no_text_in_memory(path: Path) -> None:
    tape, talk, sent = Tape(path, inner=counting()), LONG * 5, 0
    for turn in range(200):
        talk += f"in turn {turn} they said something else; " * 5
        sent += len(talk) + len(LONG)
        tape.complete(question(talk, turn=turn))
    assert path.stat().st_size < sent / 15
    tape.close()
    tracemalloc.start()
    replayed = Tape(path, "replay_or_fail")
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert replayed.calls == 200
    assert grown < 200 * 500


def test_half_a_character_is_kept_as_it_came(path: Path) -> None:
    reply = ChatReply("so \ud83d", Usage())
    Tape(path, inner=counting(reply)).complete(question("what \ude00?"))
    assert Tape(path, "replay_or_fail").complete(question("what \ude00?")) == reply


def test_callers_who_ask_the_same_at_once_share_one_answer(path: Path) -> None:
    arrived, go = threading.Event(), threading.Event()
    asked: list[ChatRequest] = []

    class Slow(ScriptedClient):
        async def acomplete(self, request: ChatRequest) -> ChatReply:
            asked.append(request)
            arrived.set()
            await asyncio.to_thread(go.wait, 5)
            return REPLY

    async def all_ask() -> list[ChatReply]:
        tape = Tape(path, inner=Slow([]))
        callers = [asyncio.create_task(tape.acomplete(question())) for _ in range(5)]
        await asyncio.to_thread(arrived.wait, 5)
        callers[1].cancel()  # one of those who wait
        go.set()
        done = await asyncio.gather(*callers, return_exceptions=True)
        return [reply for reply in done if isinstance(reply, ChatReply)]

    assert asyncio.run(all_ask()) == [REPLY] * 4
    assert len(asked) == 1


def test_when_the_one_who_asks_is_cancelled_another_asks(path: Path) -> None:
    class Hangs(ScriptedClient):
        async def acomplete(self, request: ChatRequest) -> ChatReply:
            self.requests.append(request)
            if len(self.requests) == 1:
                await asyncio.sleep(60)
            return REPLY

    async def ask() -> ChatReply:
        tape = Tape(path, inner=Hangs([]))
        first, second = (asyncio.create_task(tape.acomplete(question())) for _ in range(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(ask()) == REPLY


def test_copies_are_one_tape_and_a_pickle_opens_it_anew(path: Path) -> None:
    tape = Tape(path, inner=ScriptedClient(["once"]))
    tape.complete(question())
    assert copy.deepcopy(tape) is tape
    other = pickle.loads(pickle.dumps(tape))
    assert (other.path, other.mode) == (tape.path, tape.mode)
    assert other.complete(question()).text == "once"


def test_two_who_record_on_one_tape_leave_whole_lines(path: Path) -> None:
    one, other = (Tape(path, inner=counting()) for _ in range(2))
    for turn in range(20):
        (one, other)[turn % 2].complete(question(LONG + str(turn), turn=turn))
    replayed = Tape(path, "replay_or_fail")
    assert [replayed.complete(question(LONG + str(turn), turn=turn)) for turn in range(20)] == [REPLY] * 20


def test_it_works_again_after_it_was_closed(path: Path) -> None:
    tape = Tape(path, inner=counting())
    tape.complete(question())
    tape.close()
    assert [tape.complete(question()), tape.complete(question(turn=4))] == [REPLY] * 2
    asyncio.run(tape.aclose())
