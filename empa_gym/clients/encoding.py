"""A prompt as JSON. Each message is written once and kept, since the history of a dialogue only grows."""

from __future__ import annotations

import codecs
import functools
import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from empa_gym.chat import Message

LONGEST_KEPT = 2048
"""Characters; a longer message is a sheet that is written for one call, and does not come again."""
MOST_KEPT = 4096
"""Messages; with their JSON about 10 MB when all are as long as they may be."""


def prompt_json(messages: Sequence[Message]) -> bytes:
    """The messages as a JSON list.

    >>> prompt_json([Message("user", "Hello.")])
    b'[{"role":"user","content":"Hello."}]'
    """
    return b"[%b]" % b",".join(
        [
            _kept(message) if len(message.content) <= LONGEST_KEPT else _written(message.role, message.content)
            for message in messages
        ]
    )


@functools.lru_cache(maxsize=MOST_KEPT)
def _kept(message: Message) -> bytes:
    return _written(*message)


def _written(role: str, content: str) -> bytes:
    return to_json({"role": role, "content": content if content.isascii() else sound(content)})


def json_of(fields: dict[str, Any]) -> bytes:
    """Fields as JSON; pydantic's writer takes a third of the time, but knows no half characters."""
    try:
        return to_json(fields)
    except PydanticSerializationError:
        return json.dumps(fields).encode()


def json_from(body: bytes) -> Any:
    """What a body of JSON holds. JSON is sent as UTF-8 (RFC 8259); what is not is no JSON.

    Raises:
        ValueError, RecursionError: it is none.

    >>> json_from(b'{"a": [1]}')
    {'a': [1]}
    """
    return json.loads(body.decode("utf-8-sig" if body.startswith(codecs.BOM_UTF8) else "utf-8", "surrogatepass"))


def sound(text: str) -> str:
    """The text with half characters (lone surrogates) replaced, so that it can be written to any file."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
