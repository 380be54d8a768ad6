r"""Reading what a model wrote: strict about meaning, patient about form.

Forgiven is what leaves no doubt: a code fence, prose around the object, a trailing comma, a line break in
a string, thinking out loud in ``<think>`` tags, a level written as ``"1"``. Nothing is guessed or added: two
different objects, a cut answer, a missing field or a level outside its scale is :class:`Unreadable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from string import Template
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from empa_gym.chat import ChatReply
from empa_gym.prompts.fence import neutral
from empa_gym.prompts.templates import word

MAX_ANSWER = 65_536
"""Characters of an answer that are read: ten times the longest honest one."""
MAX_BRACES = 32
"""Opening braces of an answer that are tried, so that no answer is slow to read."""
MAX_NAME = 40
"""Characters of a field's name that are told, since the model may have invented it."""
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*(?:"|\Z))|,(?=\s*[}\]])', re.DOTALL)
_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_THOUGHT_BEGUN = re.compile(r"\A\s*<think(?:ing)?>", re.IGNORECASE)

Form = TypeVar("Form", bound=BaseModel)


class Unreadable(Exception):
    """An answer that cannot be used; asked again with what was wrong, it never leaves this package.

    Args:
        problem: a key of the "problem" words.
        field: where in the answer, for example "cognitive.progress.level".
        allowed: the values that are.
    """

    def __init__(self, problem: str, field: str = "", allowed: str = "") -> None:
        super().__init__(problem, field, allowed)
        self.problem, self.field, self.allowed = problem, field, allowed

    def told(self, language: str) -> str:
        """What was wrong, as a sentence."""
        sentence = Template(word(language, "problem", self.problem))
        return sentence.substitute(field=self.field, allowed=self.allowed)


def whole_text(reply: ChatReply) -> str:
    """What the model answered, without its thinking.

    Raises:
        Unreadable: it is empty or a refusal, was cut off at the length limit, or is far too long.
    """
    if reply.finish == "refusal":
        raise Unreadable("refused")
    text = without_thinking(reply.text)
    if reply.finish == "length":
        raise Unreadable("cut")
    if len(text) > MAX_ANSWER:
        raise Unreadable("long")
    if not text.strip():
        raise Unreadable("empty")
    return text


def without_thinking(text: str) -> str:
    """The text after the model's thinking out loud; "" when it never came to an answer."""
    if _THOUGHT_BEGUN.match(text):
        rest = _THINKING.sub("", text, count=1)
        return "" if rest == text else rest
    # Some chat templates write the opening tag themselves, so that the answer holds the closing one alone.
    if "{" in text and text.lstrip().startswith(("{", "```")):
        return text
    return _THOUGHT_END.sub("", text, count=1)


def json_object(text: str, fields: Iterable[str]) -> dict[str, Any]:
    """The one JSON object in a text.

    Args:
        text: the object, perhaps in a code fence or amid prose.
        fields: names of which the wanted object has at least one; they tell it from others.

    Raises:
        Unreadable: there is none, there are several different ones, or it names a field twice.
    """
    wanted = set(fields)
    objects = _objects(text)
    if len(objects) > 1:
        objects = [found for found in objects if wanted & set(found)]
    distinct = [found for number, found in enumerate(objects) if found not in objects[:number]]
    if not distinct:
        raise Unreadable("not_json")
    if len(distinct) > 1:
        raise Unreadable("several")
    return distinct[0]


def _objects(text: str) -> list[dict[str, Any]]:
    """The outermost JSON objects of a text, in order.

    Raises:
        Unreadable: there are more opening braces than anybody needs for one object.
    """
    found: list[dict[str, Any]] = []
    start = text.find("{")
    for _ in range(MAX_BRACES):
        if start < 0:
            break
        try:
            text, value, end = _decoded(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            found.append(value)
        start = text.find("{", end)
    if start >= 0:
        raise Unreadable("several")
    return found


def _decoded(text: str, start: int) -> tuple[str, dict[str, Any], int]:
    """The object at ``start``, and the text from which it was read with where it ends there."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except ValueError:
        text = _COMMA.sub(lambda match: match.group(1) or "", text[start:])
        value, end = _DECODER.raw_decode(text)
    return text, value, end


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise Unreadable("twice", neutral(next(name for name in names if names.count(name) > 1))[:MAX_NAME])
    return fields


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number, strict=False)


def checked(form: type[Form], data: Mapping[str, Any]) -> Form:
    """The answer as a form.

    Raises:
        Unreadable: names the first field that is missing or not what it must be.
    """
    try:
        return form.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _unreadable(first["type"], ".".join(map(str, first["loc"])), first.get("ctx", {})) from None


def _unreadable(kind: str, field: str, context: Mapping[str, Any]) -> Unreadable:
    """What pydantic found, as a problem of ours."""
    if kind == "missing":
        return Unreadable("missing", field)
    if kind == "literal_error":
        return Unreadable("wrong", field, str(context["expected"]))
    return Unreadable("not_text" if kind.startswith("string") else "not_object", field)


def whole_number(value: Any) -> Any:
    """The value, or the whole number that it stands for: ``"1"``, ``"-2"``, ``"+1"`` and ``1.0`` leave no doubt.

    A bool is none.
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value.strip().replace("\u2212", "-"))
    return value


_INTEGER = re.compile("[+\u2212-]?[0-9]{1,3}")


def text_or_none(value: Any) -> Any:
    """The value, with "" for null: a form of saying nothing."""
    return "" if value is None else value
