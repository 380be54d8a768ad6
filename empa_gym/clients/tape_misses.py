"""Why a tape does not hold an answer, in a sentence: the request has changed, or the call was never made."""

from __future__ import annotations

from empa_gym.chat import ChatRequest
from empa_gym.clients.tape_file import TapeFile
from empa_gym.clients.tape_lines import Entry, address_of, common_beginning, format_text, written_out
from empa_gym.errors import TapeMiss

AROUND = 20
"""Characters that are shown before the first difference."""
AFTER = 60
"""Characters that are shown from the first difference on."""


def miss(tape: TapeFile, request: ChatRequest) -> TapeMiss:
    """The error that says what the tape has instead: what differs from the call at that address, or what is there."""
    address = address_of(request)
    same_dialogue, here = 0, None
    for entry in tape.entries():
        if entry.address[:4] == address[:4]:
            same_dialogue += 1
        if entry.address == address:
            here = entry
    if here is not None:
        problem = f"has an answer to another request at {address}: {_difference(tape, here, request)}"
    else:
        problem = f"has no call at {address}; of this dialogue it has {same_dialogue} calls, in all {len(tape)}"
    return TapeMiss(f"the tape {tape.path} {problem}", request.role)


def _difference(tape: TapeFile, entry: Entry, request: ChatRequest) -> str:
    """The first thing in which a request differs from a call."""
    there = [(one["role"], written_out(one, tape.text)) for one in entry.asked["messages"]]
    for number, (old, new) in enumerate(zip(there, request.messages, strict=False), 1):
        if old[0] != new.role:
            return f"message {number} was from {old[0]!r} and is from {new.role!r}"
        if old[1] != new.content:
            return f"message {number} ({new.role}) {_texts(old[1], new.content)}"
    if len(there) != len(request.messages):
        return f"it had {len(there)} messages and has {len(request.messages)}"
    shape = written_out(entry.asked["answer"], tape.text) if "answer" in entry.asked else ""
    return f"the format of the answer {_texts(shape, format_text(request.answer))}"


def _texts(old: str, new: str) -> str:
    """Where two texts part, with a piece of each."""
    place = common_beginning(old, new)
    piece = slice(max(0, place - AROUND), place + AFTER)
    return f"differs from character {place + 1} on; on the tape: {old[piece]!r}; now: {new[piece]!r}"
