"""Dialogues of the LLM cast survive whatever an endpoint does, and are played again from their tape.

Small storms of the three kinds that ``storm.py`` explains: a tenth of one fault, each in turn; a tenth of all faults
together; 2% of each. Those of 200 dialogues and ten turns stand in ``benchmarks/results/fault_storm.json``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from empa_gym.clients.limits import Limits
from empa_gym.outcome import Outcome
from tests.clients.loopback import FAULTS
from tests.clients.storm import Storm, Weathered, distance_covered, weathered

SMALL = Storm(dialogues=6, turns=4)
LATE = 3.0
"""Seconds that a busy machine may take to notice that a deadline has passed; a call that hangs takes fifteen."""


def hold_together(left: Weathered, storm: Storm) -> None:
    """Every dialogue is there and ended with a typed outcome, in time; its rewards add up; its tape is equal."""
    assert len(left.live) == storm.dialogues
    assert left.longest < storm.deadline + LATE
    for episode in left.live:
        assert episode.state.outcome in (Outcome.TURN_LIMIT, Outcome.MODEL_ERROR, Outcome.BUDGET)
        assert bool(episode.error) == (episode.state.outcome is not Outcome.TURN_LIMIT)
        assert sum(episode.rewards) == pytest.approx(distance_covered(episode), abs=1e-9)
        assert not any("HTTP" in message.content for message in episode.state.messages)
    assert left.live == left.replayed


@pytest.mark.parametrize("share", [0.1 / len(FAULTS), 0.02])
def test_all_faults_together_leave_whole_dialogues(share: float, transport: str, tmp_path: Path) -> None:
    shares = tuple((name, share) for name in FAULTS)
    storm = SMALL._replace(dialogues=16, transport=transport, shares=shares)
    left = weathered(storm, tmp_path / "run.tape")
    hold_together(left, storm)
    assert left.server.count > 100
    assert any(distance_covered(episode) for episode in left.live)


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_tenth_of_one_fault_leaves_whole_dialogues(name: str, tmp_path: Path) -> None:
    storm = SMALL._replace(shares=((name, 0.1),))
    left = weathered(storm, tmp_path / "run.tape")
    hold_together(left, storm)
    ended = {episode.state.outcome for episode in left.live}
    assert Outcome.TURN_LIMIT in ended or name in ("content filter", "length stop")
    assert name in ("content filter", "length stop") or ended == {Outcome.TURN_LIMIT}


def test_a_ceiling_ends_dialogues_as_budget_with_all_that_was_played(transport: str, tmp_path: Path) -> None:
    storm = SMALL._replace(dialogues=16, shares=(), limits=Limits(calls=100), transport=transport, timeout=4.0)
    left = weathered(storm, tmp_path / "run.tape")
    hold_together(left, storm)
    assert left.server.count == 100
    assert Outcome.BUDGET in {episode.state.outcome for episode in left.live}
    assert any(episode.state.turns for episode in left.live)
