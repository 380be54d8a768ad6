"""The authored parts of the generator, read once from plain text files.

A file holds parts. ``@@@ name`` opens one; ``key: value`` lines follow; ``## section`` opens a section, whose lines
are texts, and in which an empty line starts a new group. Texts hold slots such as ``{name}`` or ``{they}``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from empa_gym.scenarios.kinds import Category, Feeling

FOLDER = Path(__file__).with_name("parts")
WIDEST = (24, 67)
"""Ages of the people whom a part without an age range fits."""

Groups = tuple[tuple[str, ...], ...]


class Part(NamedTuple):
    """One authored part.

    Attributes:
        name: what it is called.
        keys: its ``key: value`` lines.
        sections: its texts, group by group, in the file's order.
    """

    name: str
    keys: Mapping[str, str]
    sections: Mapping[str, Groups]

    def lines(self, section: str) -> tuple[str, ...]:
        """All texts of a section.

        Raises:
            KeyError: the part has no such section.
        """
        return tuple(line for group in self.sections[section] for line in group)

    def text(self, section: str) -> str:
        """The only text of a section."""
        return self.lines(section)[0]

    def listed(self, key: str) -> tuple[str, ...]:
        """The words of a comma-separated key; () when it is absent."""
        return tuple(word.strip() for word in self.keys.get(key, "").split(",") if word.strip())

    @property
    def ages(self) -> tuple[int, int]:
        """The youngest and the oldest person whom it fits."""
        low, _, high = self.keys.get("ages", f"{WIDEST[0]}-{WIDEST[1]}").partition("-")
        return max(int(low), int(self.keys.get("from", WIDEST[0]))), int(high)

    @property
    def category(self) -> Category:
        """The category of a story."""
        return Category(self.keys["category"])

    @property
    def levels(self) -> tuple[int, ...]:
        """How heavy a story is by itself: levels of C.1, C.2, A.1, A.2, P.1, P.2."""
        return tuple(int(level) for level in self.keys["levels"].split())

    @property
    def stated(self) -> tuple[Feeling, ...]:
        """The feelings that a story's person names."""
        return tuple(Feeling(word) for word in self.listed("stated"))

    @property
    def stages(self) -> tuple[str, ...]:
        """The sections that are stretches of plot, in order."""
        return tuple(section for section in self.sections if section.startswith("stage "))


@functools.cache
def read(kind: str) -> tuple[Part, ...]:
    """All parts of a kind: those of every file whose name starts with it."""
    files = sorted(FOLDER.glob(f"{kind}*.txt"))
    return tuple(part for file in files for part in parse(file.read_text(encoding="utf-8")))


def parse(text: str) -> tuple[Part, ...]:
    r"""The parts in the text of a file.

    >>> part, = parse("@@@ pond\nages: 30-40\n## lines\nIt froze.\nIt thawed.\n\nIt dried up.")
    >>> part.name, part.ages, part.sections["lines"]
    ('pond', (30, 40), (('It froze.', 'It thawed.'), ('It dried up.',)))
    """
    return tuple(_part(block) for block in text.split("@@@ ")[1:])


def _part(block: str) -> Part:
    head, *sections = block.split("\n## ")
    name, *pairs = [line for line in head.splitlines() if line.strip()]
    keys = dict(pair.split(": ", 1) for pair in pairs)
    return Part(name.strip(), keys, dict(_section(section) for section in sections))


def _section(text: str) -> tuple[str, Groups]:
    title, _, body = text.partition("\n")
    groups = tuple(tuple(group.strip().splitlines()) for group in body.strip().split("\n\n"))
    return title.strip(), groups
