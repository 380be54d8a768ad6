"""The dataset card of a set of scenarios: what is in it, under which terms, and whose data it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

from empa_gym.epm import AXES, origin_distance
from empa_gym.pipeline.details import Detail
from empa_gym.pipeline.screening import Screened, Verdict
from empa_gym.scenarios import Category, Difficulty, Grade, Scenario

BAR = 30
"""Characters of the longest bar."""
NO_LICENCE = "none stated: nobody may use it before its owner states one"


class Origin(NamedTuple):
    """What is known of how a set came about; None where it is not.

    Attributes:
        removed: places that were replaced in all transcripts, by kind.
        screened: what screening found.
    """

    removed: Mapping[Detail, int] | None = None
    screened: Sequence[Screened] | None = None


def dataset_card(scenarios: Sequence[Scenario], name: str, licence: str = "", origin: Origin = Origin()) -> str:  # noqa: B008
    """The card as Markdown.

    Args:
        scenarios: at least one.
        name: of the set.
        licence: as its owner states it; "": :data:`NO_LICENCE`.
        origin: how it came about.

    Raises:
        ValueError: there is no scenario.
    """
    if not scenarios:
        raise ValueError("a dataset card needs at least one scenario, got none")
    parts = (
        f"# {one_line(name)}",
        f"licence: {one_line(licence) or NO_LICENCE}",
        _summary(scenarios),
        _share("Category", Category, [one.category for one in scenarios]),
        _share("Dominant axis (the largest need)", type(AXES[0]), [one.dominant_axis for one in scenarios]),
        _share("Difficulty (length of the initial deficit)", Difficulty, [one.difficulty for one in scenarios]),
        _share("Threshold (how demanding the person is)", Grade, [one.threshold for one in scenarios]),
        _grid(scenarios),
        _deficits(scenarios),
        _screening(origin.screened),
        _personal(origin.removed),
        _crisis(scenarios),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def one_line(text: str) -> str:
    """A text that somebody gave, in one line."""
    return " ".join(text.split())


def _summary(scenarios: Sequence[Scenario]) -> str:
    languages = Counter(one.language for one in scenarios)
    ages = [one.persona.age for one in scenarios]
    spoken = sum(one.voice is not None for one in scenarios)
    rows = (
        ("scenarios", str(len(scenarios))),
        ("languages", ", ".join(f"{name} ({count})" for name, count in languages.most_common())),
        ("ages", f"{min(ages)} to {max(ages)}, median {median(ages):g}"),
        ("stages", f"{fmean(len(one.stages) for one in scenarios):.1f} on average"),
        ("playable by the embedded actor", f"{spoken}; the others need a chat model"),
    )
    return _table(("What", "How much"), rows)


def _share(title: str, kinds: type[Enum], given: Iterable[Enum]) -> str:
    """A table of how many there are of each kind, with a bar."""
    counts = Counter(given)
    most, total = max(counts.values()), sum(counts.values())
    rows = [
        (str(kind.value), str(counts[kind]), f"{counts[kind] / total:.0%}", "#" * round(BAR * counts[kind] / most))
        for kind in kinds
    ]
    return f"## {title}\n\n{_table(('', 'scenarios', 'share', ''), rows)}"


def _grid(scenarios: Sequence[Scenario]) -> str:
    """Category by dominant axis and difficulty."""
    columns = (*AXES, *Difficulty)
    rows = []
    for category in Category:
        own = [one for one in scenarios if one.category is category]
        counts = Counter(kind for one in own for kind in (one.dominant_axis, one.difficulty))
        rows.append((category.value, *(str(counts[column]) for column in columns)))
    return f"## Category by axis and difficulty\n\n{_table(('', *(column.value for column in columns)), rows)}"


def _deficits(scenarios: Sequence[Scenario]) -> str:
    norms = [float(origin_distance(one.deficit)) for one in scenarios]
    rows = [
        (axis.value, f"{fmean(own):.1f}", f"{min(own):g}", f"{max(own):g}")
        for axis, own in zip(AXES, zip(*(one.deficit for one in scenarios), strict=True), strict=True)
    ]
    rows.append(("length", f"{fmean(norms):.1f}", f"{min(norms):.1f}", f"{max(norms):.1f}"))
    return f"## Initial deficit, in rubric points\n\n{_table(('', 'mean', 'least', 'greatest'), rows)}"


def _screening(screened: Sequence[Screened] | None) -> str:
    if screened is None:
        return "## Screening\n\nNot screened: it is not known whether these scenarios can be passed."
    counts = Counter(one.verdict for one in screened)
    rows = [(verdict.value, str(counts[verdict])) for verdict in Verdict]
    return f"## Screening\n\n{_table(('verdict', 'scenarios'), rows)}"


def _personal(removed: Mapping[Detail, int] | None) -> str:
    if removed is None:
        return "## Personal data\n\nHow these scenarios came about is not stated here."
    rows = [(detail.value, str(removed.get(detail, 0))) for detail in Detail]
    told = (
        "These scenarios were written by a model from transcripts of real talks. Before the model was asked, "
        "identifying detail was found by rules and a detector and replaced; the model was told to invent another life, "
        "and what it wrote was searched for what had been taken out and for passages of the transcript. No transcript "
        "is stored with the set. Rules miss some detail and know nothing of a rare story that identifies somebody by "
        "itself: have a person read every scenario, and ask those who took part, before the set is given to anybody."
    )
    return f"## Personal data\n\n{told}\n\nReplaced before a model was asked:\n\n{_table(('kind', 'places'), rows)}"


def _crisis(scenarios: Sequence[Scenario]) -> str:
    marked = [one for one in scenarios if one.crisis]
    if not marked:
        return "## Notes on use\n\nNo scenario is marked as touching self-harm, abuse or addiction."
    rows = [(one.id, one_line(one.crisis or "").replace("|", "/")) for one in marked]
    return f"## Notes on use\n\n{_table(('scenario', 'note'), rows)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_card(path: Path, card: str) -> None:
    """Write the card; what is there is never written over.

    Raises:
        FileExistsError: something is there.
    """
    with path.open("x", encoding="utf-8") as file:
        file.write(card)
