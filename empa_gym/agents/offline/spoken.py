"""Which of a person's lines were spoken: a message of the embedded actor is lines joined by spaces."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from empa_gym.agents.offline import phrases
from empa_gym.agents.views import Exchange
from empa_gym.scenarios.scenario import Period, Scenario, Voice

_HEAD = 10
"""Lines are looked up by so many first characters; a line is at least 3 long."""


class Mood(Enum):
    """How a message of the user stands towards the supporter."""

    OPEN = "open"
    PUSHBACK = "pushback"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Everything that a person may say word for word.

    Attributes:
        heads: the lines that begin with the same characters, longest first.
        moods: the mood of those lines that are not open.
    """

    heads: dict[str, tuple[str, ...]]
    moods: dict[str, Mood]

    def mood(self, message: str) -> Mood:
        """The mood of a message; OPEN when somebody else wrote it."""
        parts = split(self, message)
        return self.moods.get(parts[0], Mood.OPEN) if parts else Mood.OPEN

    def used(self, exchanges: Iterable[Exchange]) -> set[str]:
        """The lines that were spoken in a dialogue."""
        return {line for exchange in exchanges for line in split(self, exchange.message)}

    def mood_of_last(self, exchanges: tuple[Exchange, ...]) -> Mood:
        """The mood of the user's last message."""
        return self.mood(exchanges[-1].message) if exchanges else Mood.OPEN


@functools.lru_cache(maxsize=256)
def lines_of(scenario: Scenario) -> Lines:
    """The lines of a scenario, and the phrases that anybody might say."""
    voice = scenario.voice
    known = [line for bank in phrases.BANKS for line in bank]
    known += [line for stage in scenario.stages for line in stage.lines]
    moods = dict.fromkeys(phrases.REFUSAL, Mood.PUSHBACK)
    moods |= dict.fromkeys(phrases.SILENCE + phrases.CLOSING + phrases.HEARD_BEFORE, Mood.WITHDRAWN)
    if voice is not None:
        known += _voice_lines(voice)
        moods |= dict.fromkeys(voice.missed + voice.dismissed + voice.lectured, Mood.PUSHBACK)
        moods |= dict.fromkeys(voice.repeated + voice.withdrawn, Mood.WITHDRAWN)
    heads: dict[str, list[str]] = {}
    for line in sorted(known, key=len, reverse=True):
        heads.setdefault(line[:_HEAD], []).append(line)
    return Lines({head: tuple(lines) for head, lines in heads.items()}, moods)


def _voice_lines(voice: Voice) -> list[str]:
    banks = [voice.threads, voice.met, voice.moved, voice.missed, voice.dismissed, voice.lectured, voice.repeated]
    banks += [voice.withdrawn, voice.pressing.cognitive, voice.pressing.affective, voice.pressing.proactive]
    banks += [voice.memories[period] for period in Period]
    return [voice.opening, *(line for bank in banks for line in bank)]


@functools.lru_cache(maxsize=4096)
def split(lines: Lines, message: str) -> tuple[str, ...]:
    """The lines that a message was joined from, in order; what is nobody's line is left out at the end."""
    parts = []
    start = 0
    while start < len(message):
        line = _line_at(lines, message, start)
        if not line:
            break
        parts.append(line)
        start += len(line) + 1
    return tuple(parts)


def _line_at(lines: Lines, message: str, start: int) -> str:
    for length in range(_HEAD, 2, -1):  # a line shorter than a head is its own head
        for line in lines.heads.get(message[start : start + length], ()):
            if message.startswith(line, start):
                return line
    return ""
