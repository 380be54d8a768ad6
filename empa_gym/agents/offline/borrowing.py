"""What a reply borrows from the person: stems taken up together, and runs of words in their order."""

from __future__ import annotations

from functools import lru_cache

from empa_gym.agents.offline.surface import RUN, Surface, runs
from empa_gym.agents.offline.text import Sentence, Text

FIRST_PERSON = frozenset(("i", "me", "my", "myself", "mine"))


def joined(grounded: tuple[str, ...], text: Text, recent: list[Text]) -> int:
    """How many stems a sentence of the reply takes up together from one sentence of the person."""
    found: set[str] = set()
    fresh = frozenset(grounded)
    theirs = [group for one in recent for group in one.groups]
    for group in text.groups:
        mine = group & fresh
        if len(group) > 1 and mine:
            found.update(*[mine for other in theirs if len(group & other) > 1 and mine & other])
    return len(found)


def copies(made: Surface, messages: list[str]) -> list[int]:
    """The word positions of the reply where a run of the person's words begins, pronouns turned or not."""
    theirs = [_run_set(message) for message in messages]
    if all([one.isdisjoint(made.runs) for one in theirs]):
        return []
    return [start for start, run in enumerate(made.runs) if any([run in one for one in theirs])]


def covered(starts: list[int], words: int) -> float:
    """The share of a reply's words that lie in copied runs."""
    behind = total = 0
    for start in starts:
        end = min(start + RUN, words)
        total += end - max(start, behind)
        behind = end
    return total / words if words else 0.0


def parroted(text: Text, starts: list[int]) -> list[Sentence]:
    """The sentences that speak as the person: a copied run with "I" or "my" left as it was."""
    own = [c for c in starts if any([word.text in FIRST_PERSON for word in text.words[c : c + RUN]])]
    return [one for one in text.sentences if any([one.start <= start < one.end for start in own])]


@lru_cache(maxsize=512)
def _run_set(source: str) -> frozenset[int]:
    return frozenset(runs(source))
