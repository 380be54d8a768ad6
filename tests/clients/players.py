"""A model that keeps to the forms: as a script for a client, and behind HTTP for a loopback."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from empa_gym.chat import ChatReply, ChatRequest, ToolCall, Usage
from tests.clients.loopback import Asked, Told, completion, told

AXES = ("cognitive", "affective", "proactive")


def rated(draw: int, quote: str) -> str:
    """A judge's form."""
    form: dict[str, Any] = {}
    for number, axis in enumerate(AXES):
        up, down = draw // 3**number % 3 if quote else 0, -(draw // 5**number % 2)
        form[axis] = {
            "progress": {"quote": quote if up else "", "reasoning": "It fits what was said.", "level": up},
            "regression": {"quote": "", "reasoning": "It leaves the ward out.", "level": down},
        }
    return json.dumps(form)


def quoted(prompt: str) -> str:
    """Words of the newest reply in a judge's prompt."""
    found = re.findall(r"^S[0-9]+\| ?(.*)$", prompt, re.MULTILINE)
    return found[-1] if found and re.search(r"\w\w", found[-1]) else ""


def sound(request: ChatRequest) -> ChatReply:
    """An answer that depends on what was asked alone."""
    draw = zlib.crc32(repr((request.role, request.turn, request.messages)).encode())
    used = Usage(100, 10, 1, 1, 0.25, 0.5)
    if request.role == "judge":
        return ChatReply(rated(draw, quoted(request.messages[-1].content)), used)
    if request.role == "director":
        return ChatReply("", used, (ToolCall("observe", json.dumps({"guidance": f"Slowly, {draw}."})),), "tool_calls")
    return ChatReply(f"{request.role} says {draw} on turn {request.turn}", used)


def speaks(asked: Asked) -> Told:
    """The same over HTTP: what is asked for shows in the body."""
    body = asked.json
    draw = zlib.crc32(json.dumps(body["messages"]).encode())
    if "tools" in body:
        call = {"id": "1", "type": "function", "function": {"name": "observe", "arguments": '{"guidance": "Slowly."}'}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return told(completion(choices=[{"index": 0, "finish_reason": "tool_calls", "message": message}]))
    if "response_format" in body:
        return told(completion(rated(draw, quoted(body["messages"][-1]["content"]))))
    return told(completion(f"I keep thinking of it, {draw} times a day."))
