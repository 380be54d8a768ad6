"""Dialogues of the LLM cast survive whatever an endpoint does, and are played again from their tape."""

from __future__ import annotations

from pathlib import Path

import pytest

from empa_gym.clients.limits import Limits
from empa_gym.outcome import Outcome
from empa_gym.rollout import Episode
from tests.clients.loopback import FAULTS
from tests.clients.storm import Storm, distance_covered, weathered

SMALL = Storm(dialogues=6, turns=4)


def hold_together(live: list[Episode], replayed: list[Episode], storm: Storm) -> None:
    assert len(live) == storm.dialogues
    for episode in live:
        assert episode.state.outcome in (Outcome.TURN_LIMIT, Outcome.MODEL_ERROR, Outcome.BUDGET)
        assert bool(episode.error) == (episode.state.outcome is not Outcome.TURN_LIMIT)
        assert sum(episode.rewards) == pytest.approx(distance_covered(episode), abs=1e-9)
        assert not any("HTTP" in message.content for message in episode.state.messages)
    assert live == replayed


def test_every_fault_at_once_leaves_whole_dialogues(transport: str, tmp_path: Path) -> None:
    storm = SMALL._replace(dialogues=16, transport=transport)
    live, replayed, server = weathered(storm, tmp_path / "run.tape")
    hold_together(live, replayed, storm)
    assert server.count > 100
    assert any(distance_covered(episode) for episode in live)


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_tenth_of_one_fault_leaves_whole_dialogues(name: str, tmp_path: Path) -> None:
    storm = SMALL._replace(shares=((name, 0.1),))
    live, replayed, _ = weathered(storm, tmp_path / "run.tape")
    hold_together(live, replayed, storm)
    ended = {episode.state.outcome for episode in live}
    assert Outcome.TURN_LIMIT in ended or name in ("content filter", "length stop")
    assert name in ("content filter", "length stop") or ended == {Outcome.TURN_LIMIT}


def test_a_ceiling_ends_dialogues_as_budget_with_all_that_was_played(transport: str, tmp_path: Path) -> None:
    storm = SMALL._replace(dialogues=16, shares=(), limits=Limits(calls=100), transport=transport)
    live, replayed, server = weathered(storm, tmp_path / "run.tape")
    hold_together(live, replayed, storm)
    assert server.count == 100
    assert Outcome.BUDGET in {episode.state.outcome for episode in live}
    assert any(episode.state.turns for episode in live)
