"""What a dialogue has used up: the replies given so far and the words and cues that were spent in them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.offline.cues import find_cues
from empa_gym.agents.offline.lexicon import Cue
from empa_gym.agents.offline.surface import surface
from empa_gym.agents.offline.syntax import Usage, usage
from empa_gym.agents.offline.text import Text, analyse
from empa_gym.agents.views import Exchange
from empa_gym.scenarios.scenario import Feeling

_STRIDE = 64
"""A cold history is built in stretches of this length, so that no recursion runs deep."""


class History(NamedTuple):
    """A stretch of dialogue, summed up.

    Attributes:
        grams, skeletons: masks of each reply, oldest first.
        used: content stems of all replies, as bits.
        said: content stems of all messages of the person, as bits.
        once, twice, thrice: cues that occurred in at least so many replies, as bits.
        voiced: cues that occurred in the person's messages, as bits.
        moulds: skeletons of all sentences of the replies, as bits.
        usage: how the person used their stems.
        told: families of feeling that the person named.
        guessed: families that the replies named before the person did.
    """

    grams: tuple[int, ...] = ()
    skeletons: tuple[int, ...] = ()
    used: int = 0
    said: int = 0
    once: int = 0
    twice: int = 0
    thrice: int = 0
    voiced: int = 0
    moulds: int = 0
    usage: Usage = Usage()
    told: frozenset[Feeling] = frozenset()
    guessed: frozenset[Feeling] = frozenset()

    def spent(self, phrase: int) -> int:
        """In how many replies a cue occurred before, counted up to 3."""
        return (self.once >> phrase & 1) + (self.twice >> phrase & 1) + (self.thrice >> phrase & 1)

    def after(self, exchange: Exchange) -> History:
        """The history with one more exchange."""
        reply, made, message = given(exchange.reply), surface(exchange.reply), heard(exchange.message)
        told, new, moulds = self.told | message.families, reply.mask, self.moulds
        for bit in made.moulds:
            moulds |= bit
        return History(
            (*self.grams, made.grams),
            (*self.skeletons, made.skeleton),
            self.used | reply.text.stem_mask,
            self.said | message.text.stem_mask,
            self.once | new,
            self.twice | self.once & new,
            self.thrice | self.twice & new,
            self.voiced | message.mask,
            moulds,
            self.usage | message.usage,
            told,
            self.guessed | reply.families - told,
        )


class Piece(NamedTuple):
    """One message or reply: its parts, cues, cues as bits, feelings by family, and how the person uses words."""

    text: Text
    cues: tuple[Cue, ...]
    mask: int
    families: frozenset[Feeling]
    usage: Usage = Usage()


def _piece(source: str) -> Piece:
    cues, mask = find_cues(source), 0
    for cue in cues:
        mask |= 1 << cue.phrase
    families = frozenset([cue.family for cue in cues if cue.family is not None])
    return Piece(analyse(source), cues, mask, families)


@lru_cache(maxsize=512)
def heard(message: str) -> Piece:
    """What the person wrote."""
    return _piece(message)._replace(usage=usage(analyse(message)))


@lru_cache(maxsize=1024)
def given(reply: str) -> Piece:
    """What was replied. A policy's replies come again more often than the person's messages do."""
    return _piece(reply)


def history(exchanges: tuple[Exchange, ...]) -> History:
    """The exchanges, summed up; the work is one step when those before the last were summed up lately."""
    for length in range(_STRIDE, len(exchanges), _STRIDE):
        _history(exchanges[:length])
    return _history(exchanges)


@lru_cache(maxsize=1024)
def _history(exchanges: tuple[Exchange, ...]) -> History:
    return _history(exchanges[:-1]).after(exchanges[-1]) if exchanges else History()
