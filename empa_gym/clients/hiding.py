"""The key of an endpoint: read whenever a request is sent, and hidden wherever the endpoint repeats it."""

from __future__ import annotations

import os
import re

from empa_gym.chat import ChatReply
from empa_gym.clients.failures import Answer

HIDDEN = "[key]"
SHORTEST_KEY = 8
"""Characters; what is shorter, as "none" or "EMPTY", is no secret, and may be part of a word."""
ESCAPED_LETTER = re.compile(r"\\u00[2-7]")
"""What JSON may write instead of any letter of a key; a quick look, as hardly any answer has it."""
ESCAPED_SIGNS = frozenset('"/\\')
"""Signs that JSON may write with a backslash alone."""


def key_in(variable: str) -> str:
    """The key that an environment variable holds, without blanks around it; "" for none."""
    return os.environ.get(variable, "").strip() if variable else ""


class SentKeys:
    """The keys that a client has sent, so that they are hidden in whatever comes back, and later too.

    A key is also found where it is written with the escapes of JSON, however often it was written as JSON:
    a tool's arguments are JSON within JSON.
    """

    def __init__(self) -> None:
        self._spellings: dict[str, re.Pattern[str]] = {}

    def __repr__(self) -> str:
        """How many there are."""
        return f"{type(self).__name__}({len(self._spellings)})"

    def add(self, key: str) -> None:
        """Remember a key that is about to be sent."""
        if len(key) >= SHORTEST_KEY and key not in self._spellings:
            self._spellings[key] = _spelling(key)

    def hidden(self, text: str) -> str:
        """The text without the keys."""
        escaped = ESCAPED_LETTER.search(text) is not None
        for key, spelling in tuple(self._spellings.items()):
            if key in text:
                text = text.replace(key, HIDDEN)
            if escaped or not ESCAPED_SIGNS.isdisjoint(key):
                text = spelling.sub(HIDDEN, text)
        return text

    def hidden_in_answer(self, answer: Answer) -> Answer:
        """What came, whatever its status, before any message in it is cut: half a key would be left."""
        body = answer.body.decode("latin-1")  # any bytes; a key is ASCII, and so found as in UTF-8
        headers = {name: self.hidden(value) for name, value in answer.headers.items()} if answer.status != 200 else {}
        return Answer(answer.status, headers, self.hidden(body).encode("latin-1"))

    def hidden_in_reply(self, reply: ChatReply) -> ChatReply:
        """The reply: what came in parts may be a key when it is put together."""
        calls = tuple(
            call._replace(name=self.hidden(call.name), arguments=self.hidden(call.arguments))
            for call in reply.tool_calls
        )
        return reply._replace(text=self.hidden(reply.text), tool_calls=calls, finish=self.hidden(reply.finish))


def _spelling(key: str) -> re.Pattern[str]:
    r"""Finds a key whose letters may be escaped: ``\/`` or ``\u002f`` for a slash, or more backslashes."""
    # No more than 8 of them, so that a long row of backslashes is read once and not once for each.
    letters = [rf"(?:\\{{0,8}}{re.escape(letter)}|\\{{1,8}}u00(?i:{ord(letter):02x}))" for letter in key]
    return re.compile("".join(letters))
