"""How an endpoint is asked for the shape of an answer: the strongest way that it takes, found out once.

A way that the endpoint refuses (400, 422, 501) is followed by the next weaker one; the first that works is
remembered for all later calls. So a server without JSON schemas costs one refused request, not one per call.
"""

from __future__ import annotations

import functools
import json
from typing import Any, Literal, TypeAlias

from empa_gym.chat import AnswerFormat, Tool

Manner: TypeAlias = Literal["tools", "schema", "json", "text"]
FROM_SCHEMA: tuple[Manner, ...] = ("schema", "json", "text")
FROM_TOOLS: tuple[Manner, ...] = ("tools", "json", "text")


class Manners:
    """What is known of one endpoint and model.

    Args:
        strongest: the user's choice, see :class:`~empa_gym.clients.config.ModelConfig`.

    Attributes:
        length_field: what the field for the longest answer is called there.
        reached: whether it ever answered, whatever it said.
    """

    def __init__(self, strongest: str = "auto") -> None:
        weakest_only = {"json": 1, "text": 2}.get(strongest, 0)
        self._first = {FROM_SCHEMA: weakest_only, FROM_TOOLS: weakest_only}
        self._proven = {FROM_SCHEMA: False, FROM_TOOLS: False}
        self.length_field = "max_tokens"
        self.reached = False

    def of(self, answer: AnswerFormat, weaker: int = 0) -> Manner:
        """The way to ask for an answer; ``weaker`` steps below what is believed to work."""
        ladder = _ladder(answer)
        return ladder[min(self._first[ladder] + weaker, len(ladder) - 1)] if ladder else "text"

    def may_weaken(self, answer: AnswerFormat, weaker: int) -> bool:
        """Whether a refusal may be for the way of asking: it never worked, and there is a weaker one."""
        ladder = _ladder(answer)
        return bool(ladder) and not self._proven[ladder] and self.of(answer, weaker) != "text"

    def worked(self, answer: AnswerFormat, weaker: int) -> None:
        """Remember that this way was taken."""
        ladder = _ladder(answer)
        if ladder and not self._proven[ladder]:
            self._first[ladder] = min(self._first[ladder] + weaker, len(ladder) - 1)
            self._proven[ladder] = True

    def known(self) -> dict[str, str]:
        """What was found out so far, for people: "schema" and "tools" with the way that works, "" if unknown."""
        return {
            ladder[0]: ladder[self._first[ladder]] if self._proven[ladder] else ""
            for ladder in (FROM_SCHEMA, FROM_TOOLS)
        }


def _ladder(answer: AnswerFormat) -> tuple[Manner, ...]:
    if answer.tools:
        return FROM_TOOLS
    return FROM_SCHEMA if answer.schema else ()


def fields_of(answer: AnswerFormat, manner: Manner) -> dict[str, Any]:
    """The fields of a request that ask for a shape in a manner."""
    if manner == "tools":
        return {"tools": [_function(tool) for tool in answer.tools], "tool_choice": "required"}
    if manner == "schema":
        return {"response_format": {"type": "json_schema", "json_schema": _named_schema(answer.name, answer.schema)}}
    return {"response_format": {"type": "json_object"}} if manner == "json" else {}


@functools.lru_cache(maxsize=256)
def _function(tool: Tool) -> dict[str, Any]:
    parameters = json.loads(tool.parameters)
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


@functools.lru_cache(maxsize=256)
def _named_schema(name: str, text: str) -> dict[str, Any]:
    schema = json.loads(text)
    return {"name": name or "answer", "schema": schema, "strict": _closed(schema)}


def _closed(schema: Any) -> bool:
    """Whether every object forbids further fields and requires all of its own, as OpenAI's strict mode demands."""
    if isinstance(schema, list):
        return all(map(_closed, schema))
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if isinstance(properties, dict):
        loose = schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties)
        return not loose and all(map(_closed, [*properties.values(), schema.get("$defs", {})]))
    return all(map(_closed, schema.values()))
