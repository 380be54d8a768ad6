"""Which scenarios are worth playing: those that a strong policy can pass and that not everybody passes.

MAPO (arXiv 2603.06194) dropped scenarios that no policy could pass; one that a policy of stock phrases passes as
often teaches and measures nothing either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from empa_gym.agents.protocols import Policy
from empa_gym.clients.base import ChatClient
from empa_gym.clients.limits import Limits
from empa_gym.rollout import Rollouts, collect
from empa_gym.scenarios import Scenario

STRONG, WEAK = "supporter", "generic"
"""Who plays by default: the embedded supporter, and stock phrases."""


class Verdict(str, Enum):
    """What screening says of a scenario."""

    KEPT = "kept"
    TOO_HARD = "too hard"
    TOO_EASY = "too easy"
    UNKNOWN = "unknown"


class Tally(NamedTuple):
    """How one policy fared in a scenario; dialogues that a failure ended are planned and not scored."""

    passed: int
    scored: int
    planned: int


class Screened(NamedTuple):
    """A scenario, how both policies fared, and what follows."""

    scenario: str
    strong: Tally
    weak: Tally

    @property
    def verdict(self) -> Verdict:
        """Kept, or why not; UNKNOWN where half of the dialogues of a policy or more could not be scored.

        >>> Screened("a", Tally(2, 4, 4), Tally(0, 4, 4)).verdict.value
        'kept'
        """
        if any(2 * tally.scored <= tally.planned for tally in (self.strong, self.weak)):
            return Verdict.UNKNOWN
        if not self.strong.passed:
            return Verdict.TOO_HARD
        passed_by_all = all(tally.passed == tally.scored for tally in (self.strong, self.weak))
        return Verdict.TOO_EASY if passed_by_all else Verdict.KEPT


class Terms(NamedTuple):
    """How scenarios are played for screening; see :func:`~empa_gym.rollout.collect`.

    Attributes:
        seeds: dialogues of each scenario and policy.
        folder: keeps every dialogue, so that a screening that was broken off goes on; None: nothing is kept.
        client: answers in the place of the cast's models.
    """

    seeds: int = 4
    cast: str | Mapping[str, Any] = "offline"
    rules: str | dict[str, Any] = "published"
    tape: Path | None = None
    ceilings: Mapping[str, Any] | Limits | None = None
    folder: Path | None = None
    client: ChatClient | None = None


def screen(
    scenarios: Sequence[Scenario],
    strong: Policy | str = STRONG,
    weak: Policy | str = WEAK,
    terms: Terms = Terms(),  # noqa: B008 - it is frozen
) -> list[Screened]:
    """Play every scenario with a strong and a weak policy, and say which are worth playing.

    Raises:
        ValueError: two scenarios have one id, or one cannot be played by the cast; everything else as
            :func:`~empa_gym.rollout.collect`.
    """
    ids = [scenario.id for scenario in scenarios]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"expected each scenario once, got {', '.join(twice)} twice")
    fared = [_tallies(_played(scenarios, player, terms, part), ids, terms.seeds) for player, part in
             ((strong, "strong"), (weak, "weak"))]  # fmt: skip
    return [Screened(name, fared[0][name], fared[1][name]) for name in ids]


def _played(scenarios: Sequence[Scenario], player: Policy | str, terms: Terms, part: str) -> Rollouts:
    folder = None if terms.folder is None else terms.folder / part
    return collect(
        player, list(scenarios), group_size=1, groups=terms.seeds, cast=terms.cast, rules=terms.rules,
        client=terms.client, ceilings=terms.ceilings, tape=terms.tape, folder=folder, resume=folder is not None,
    )  # fmt: skip


def _tallies(rollouts: Rollouts, ids: Sequence[str], planned: int) -> dict[str, Tally]:
    """How the policy fared, by scenario; dialogues are read one at a time."""
    tallies = {name: Tally(0, 0, planned) for name in ids}
    for record in rollouts.records:
        before = tallies[record.scenario]
        scored, passed = record.outcome.scored, record.outcome.success
        tallies[record.scenario] = Tally(before.passed + passed, before.scored + scored, planned)
    return tallies
