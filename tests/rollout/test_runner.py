"""A run plays every policy against the same dialogues, and yields each record when it is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from empa_gym.agents.casting import cast_from
from empa_gym.agents.null import null_cast
from empa_gym.agents.views import PolicyView
from empa_gym.chat import Flow
from empa_gym.dialogue.record import EpisodeRecord, from_line, to_line
from empa_gym.dialogue.rules import Rules
from empa_gym.epm import EPMParams
from empa_gym.errors import ExtensionError, ModelError
from empa_gym.outcome import Outcome
from empa_gym.policies import make_policy
from empa_gym.rollout import Game, dialogue_seed, plan_jobs, rollout
from empa_gym.scenarios import select_scenarios

TWO = select_scenarios(["health-knee", "values-rite"])
SHORT = Rules(EPMParams.endless(3), on_model_error="hold")


class Fails:
    """A policy whose model is always down."""

    def reply(self, view: PolicyView) -> Flow[str]:
        raise ModelError("no route to host")
        yield


def test_policies_meet_the_same_dialogues() -> None:
    jobs = plan_jobs(["a", "b"], TWO, [1, 2])
    met = {name: [(job.scenario.id, job.seed) for job in jobs if job.policy == name] for name in "ab"}
    assert met["a"] == met["b"]
    assert len(set(met["a"])) == 4


def test_a_seed_depends_on_run_seed_and_scenario_alone() -> None:
    alone = plan_jobs(["a"], TWO[1:], [2])
    among = plan_jobs(["b", "a"], TWO, [1, 2])
    assert alone[0] in among
    assert dialogue_seed(2, "health-knee") != dialogue_seed(2, "values-rite")
    assert len({dialogue_seed(seed, "health-knee") for seed in range(1000)}) == 1000
    assert all(0 <= dialogue_seed(seed, "health-knee") < 2**31 for seed in range(1000))


def test_a_stopped_run_has_played_every_policy_alike() -> None:
    first = plan_jobs(["a", "b"], TWO, [1, 2])[:4]
    assert [(job.policy, job.scenario.id) for job in first] == [
        ("a", "health-knee"),
        ("b", "health-knee"),
        ("a", "values-rite"),
        ("b", "values-rite"),
    ]


def test_a_record_comes_as_soon_as_its_dialogue_is_over() -> None:
    taken: list[str] = []

    def jobs() -> Iterator[object]:
        for job in plan_jobs(["generic"], TWO, [0]):
            taken.append(job.scenario.id)
            yield job

    records = rollout(jobs(), {"generic": make_policy("generic")}, Game(null_cast(), SHORT))  # type: ignore[arg-type]
    assert next(records).scenario == "health-knee"
    assert taken == ["health-knee"]


def test_a_failing_policy_makes_failed_records_and_the_run_goes_on() -> None:
    players = {"down": Fails(), "generic": make_policy("generic")}
    records = list(rollout(plan_jobs(players, TWO, [0]), players, Game(null_cast(), SHORT)))
    assert [(record.policy, record.outcome) for record in records] == [
        ("down", Outcome.MODEL_ERROR),
        ("generic", Outcome.TURN_LIMIT),
    ] * 2
    assert {record.error for record in records if record.policy == "down"} == {"policy: no route to host"}
    assert [record.trajectory.scored for record in records] == [False, True] * 2


class Buggy:
    """A policy with a mistake in it, from its second turn on."""

    def reply(self, view: PolicyView) -> Flow[str]:
        return {1: "yes"}[view.turn]
        yield


def test_an_error_in_a_policy_is_raised_unless_somebody_wants_to_be_told() -> None:
    jobs = plan_jobs(["buggy"], TWO, [0])
    with pytest.raises(ExtensionError, match=r"policy .*:Buggy raised KeyError: 2"):
        list(rollout(jobs, {"buggy": Buggy()}, Game(null_cast(), SHORT)))


def test_a_broken_dialogue_is_recorded_as_unfinished_and_the_run_goes_on() -> None:
    players = {"buggy": Buggy(), "generic": make_policy("generic")}
    told: list[tuple[str, str]] = []
    records = list(
        rollout(
            plan_jobs(players, TWO, [0]),
            players,
            Game(null_cast(), SHORT),
            on_broken=lambda job, error: told.append((job.scenario.id, repr(error.__cause__))),
        )
    )
    assert [(record.policy, record.outcome) for record in records] == [
        ("buggy", Outcome.RUNNING),
        ("generic", Outcome.TURN_LIMIT),
    ] * 2
    assert [len(record.turns) for record in records] == [1, 3] * 2
    assert [record.trajectory.scored for record in records] == [False, True] * 2
    assert told == [(scenario.id, "KeyError(2)") for scenario in TWO]
    assert [from_line(to_line(record)) for record in records] == records


def played(names: list[str]) -> dict[tuple[str, str], EpisodeRecord]:
    players = {name: make_policy(name) for name in names}
    game = Game(cast_from("offline"), SHORT)
    return {(one.policy, one.scenario): one for one in rollout(plan_jobs(players, TWO, [5]), players, game)}


def test_a_record_does_not_depend_on_what_else_is_played() -> None:
    alone, among = played(["supporter"]), played(["random", "supporter", "generic"])
    assert {key: to_line(among[key]) for key in alone} == {key: to_line(record) for key, record in alone.items()}


def test_a_job_for_an_unknown_policy_is_refused() -> None:
    with pytest.raises(KeyError, match="nobody"):
        next(rollout(plan_jobs(["nobody"], TWO, [0]), {}, Game(null_cast(), SHORT)))
