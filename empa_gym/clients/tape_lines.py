"""How a call stands on a tape: one line of JSON, which a person can read and which holds each text once.

A text of some length is written out where it first occurs, with an ``id``. Where it comes again the line says
``{"same": id}``; where a later text begins as an earlier one does, as the prompt of the next turn does, it says
``{"like": id, "first": characters, "then": "the rest"}``. So a tape grows with the dialogue, not with its square.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from empa_gym import errors
from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, ToolCall, Usage
from empa_gym.errors import BudgetExceeded, ModelError

SHORT = 200
"""Characters; a shorter text, or a shorter common beginning, is written out."""
BEGINNING = b'{"scenario":'
"""Every line begins so; what does not is no line of a tape, torn or whole."""
HASH_LENGTH = 16
"""Hex digits of the SHA-256 of a request's content: 64 bits tell any number of prompts apart."""
FAILURES: dict[str, type[ModelError] | type[BudgetExceeded]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, (ModelError, BudgetExceeded))
}
"""The errors that a client may raise, by name."""

Answered: TypeAlias = "ChatReply | ModelError | BudgetExceeded"
TextOf: TypeAlias = Callable[[str], str]
"""The text that an id stands for."""


class Address(NamedTuple):
    """Where in a run a call stands."""

    scenario: str
    seed: int
    member: int
    policy: str
    turn: int
    role: str
    attempt: int
    part: int

    def __str__(self) -> str:
        """The address in words, without what is as usual."""
        usual = {"member": 0, "policy": "", "attempt": 0, "part": 0}
        said = [f"{name} {value}" for name, value in self._asdict().items() if value != usual.get(name)]
        return ", ".join(said)


_address = attrgetter(*Address._fields)


def address_of(request: ChatRequest) -> Address:
    """The address of a request."""
    return Address._make(_address(request))


class Entry(NamedTuple):
    """One call on a tape.

    Attributes:
        address, content: where it stands and the hash of what was asked.
        answer: the reply, or how the call failed.
        asked: the messages and the format of the answer, with texts as they are written.
    """

    address: Address
    content: str
    answer: Answered
    asked: Mapping[str, Any]


def content_of(request: ChatRequest) -> str:
    """The hash of what is asked: messages and the format of the answer."""
    digest = hashlib.sha256()
    for message in request.messages:
        for text in message:
            digest.update(b"%d:" % len(text) + _bytes(text))
    digest.update(_bytes(format_text(request.answer)))
    return digest.hexdigest()[:HASH_LENGTH]


def format_text(answer: AnswerFormat) -> str:
    """The format of an answer as JSON text; "" for plain text."""
    if not answer.schema and not answer.tools:
        return ""
    return json.dumps({"name": answer.name, "schema": answer.schema, "tools": answer.tools}, ensure_ascii=False)


def id_of(text: str) -> str:
    """What a text is referred to by."""
    return hashlib.sha256(_bytes(text)).hexdigest()[:HASH_LENGTH]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # half a character must not break a tape


def to_line(request: ChatRequest, content: str, answer: Answered, asked: Mapping[str, Any], moment: str) -> bytes:
    """The line of a call, with its end.

    Args:
        request: what was asked; ``content`` is its hash.
        content: see :func:`content_of`.
        answer: what came.
        asked: messages and format as they are to be written.
        moment: when, for people.
    """
    data = {**address_of(request)._asdict(), "content": content, **asked, **_answer_data(answer, moment)}
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    try:
        return f"{encode(data)}\n".encode()
    except UnicodeEncodeError:  # half a character, which JSON can hold as an escape only
        return f"{json.dumps(data)}\n".encode()


def _answer_data(answer: Answered, moment: str) -> dict[str, Any]:
    if isinstance(answer, ModelError):
        return {"error": _kind(answer), "cause": answer.cause, "from": answer.role, "clock": {"at": moment}}
    if isinstance(answer, BudgetExceeded):
        return {"error": _kind(answer), "cause": str(answer), "from": "", "clock": {"at": moment}}
    usage = answer.usage._asdict()
    seconds = usage.pop("seconds")
    data: dict[str, Any] = {"reply": answer.text}
    if answer.tool_calls:
        data["tool_calls"] = [call._asdict() for call in answer.tool_calls]
    return {**data, "finish": answer.finish, "usage": usage, "clock": {"at": moment, "seconds": seconds}}


def _kind(error: Exception) -> str:
    """The nearest kind that a tape knows."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in FAILURES)


def from_line(line: bytes) -> Entry:
    """The call of a line.

    Raises:
        ValueError: it is no such line.
    """
    try:
        data = json.loads(line)
        address = Address(*(data[name] for name in Address._fields))
        asked = {name: data[name] for name in ("messages", "answer") if name in data}
        return Entry(address, data["content"], _answer_of(data), asked)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no call of a tape: {type(error).__name__} {error}") from None


def _answer_of(data: Mapping[str, Any]) -> Answered:
    if "error" in data:
        kind = FAILURES.get(data["error"], ModelError)
        return kind(data["cause"]) if issubclass(kind, BudgetExceeded) else kind(data["cause"], data["from"])
    calls = tuple(ToolCall(call["name"], call["arguments"]) for call in data.get("tool_calls", ()))
    usage = Usage(**data["usage"], seconds=data["clock"]["seconds"])
    return ChatReply(data["reply"], usage, calls, data["finish"])


def texts_of(asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every text of a line, as it is written."""
    return [*asked.get("messages", ()), *([asked["answer"]] if "answer" in asked else [])]


def written_out(written: Mapping[str, Any], text_of: TextOf) -> str:
    """A text as it was sent.

    Args:
        written: as it stands in a line.
        text_of: the text of an id.
    """
    if "same" in written:
        return text_of(written["same"])
    if "like" in written:
        return text_of(written["like"])[: written["first"]] + str(written["then"])
    return str(written["text"])


class Shortening:
    """Writes texts briefly, knowing those that stand on the tape already.

    Args:
        known: the ids that do.
    """

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known
        self._last: dict[tuple[Any, ...], tuple[str, str]] = {}

    def asked(self, request: ChatRequest) -> dict[str, Any]:
        """Messages and format of a request as they are to be written."""
        lane = (request.scenario, request.seed, request.member, request.policy, request.role, request.part)
        messages = [
            {"role": role, **self._written(text, (*lane, place))} for place, (role, text) in enumerate(request.messages)
        ]
        shape = format_text(request.answer)
        return {"messages": messages, **({"answer": self._written(shape, (*lane, "answer"))} if shape else {})}

    def _written(self, text: str, lane: tuple[Any, ...]) -> dict[str, Any]:
        if len(text) < SHORT:
            return {"text": text}
        name = id_of(text)
        if self._known(name):
            written: dict[str, Any] = {"same": name}
        else:
            before, last = self._last.get(lane, ("", ""))
            shared = common_beginning(text, last)
            if shared >= SHORT and self._known(before):
                written = {"id": name, "like": before, "first": shared, "then": text[shared:]}
            else:
                written = {"id": name, "text": text}
        self._remember(lane, name, text)
        return written

    def _remember(self, lane: tuple[Any, ...], name: str, text: str) -> None:
        self._last.pop(lane, None)
        self._last[lane] = (name, text)
        if len(self._last) > LANES:
            del self._last[next(iter(self._last))]


LANES = 4096
"""Texts that are kept at hand: a few for each of several hundred dialogues that are played at once."""


def common_beginning(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
