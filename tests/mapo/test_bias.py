"""Every theorem of docs/mapo/estimators.md holds to 1e-12, by enumeration and with the package's own functions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from empa_gym.mapo import TurnBatch, batch_advantages, gae, mixed_advantages, monte_carlo_returns, turn_advantages
from empa_gym.mapo.baselines import dr_grpo, grpo, mt_grpo, reinforce_pp, reinforce_pp_baseline, rloo
from tests.mapo.gradients import (
    SIZES,
    TOLERANCE,
    asymmetry,
    bias,
    close,
    crediting,
    derivative,
    episode_chances,
    every_game,
    every_gamma,
    every_size,
    expected_of,
    games,
    heard,
    mean_of_groups,
    plain_turn_part,
    reached_and_paid,
    setting,
)


@every_game
@every_gamma
def test_two_ways_to_the_true_gradient_agree(name: str, gamma: float) -> None:
    game = games.GAMES[name]
    value = derivative(name, lambda theta: games.values(game, theta, gamma)[game.start][0])
    close(games.true_gradient(game, gamma), value)


@every_game
@every_gamma
def test_the_policy_gradient_theorem_holds_turn_by_turn(name: str, gamma: float) -> None:
    listed, _, _ = setting(name, 2)
    batch = TurnBatch.from_arrays(listed.rewards, listed.mask, range(len(listed.rewards)))
    returns = monte_carlo_returns(batch, gamma)
    by_turn = np.einsum("k,kt,ktp->tp", listed.probability, returns, listed.scores)
    close(by_turn, games.turn_gradients(games.GAMES[name], gamma))


@every_game
@every_size
def test_absorbing_with_leave_one_out_is_the_true_gradient(name: str, size: int) -> None:
    close(plain_turn_part(name, size, 1.0, "absorbing", "leave_one_out"), games.true_gradient(games.GAMES[name]))


@every_game
@every_size
def test_absorbing_with_the_mean_is_one_nth_short_of_it(name: str, size: int) -> None:
    truth = games.true_gradient(games.GAMES[name])
    close(plain_turn_part(name, size, 1.0, "absorbing", "mean"), (1 - 1 / size) * truth)


@every_game
@every_size
@every_gamma
@pytest.mark.parametrize("baseline", ["mean", "leave_one_out"])
@pytest.mark.parametrize("scope", ["shortest", "alive", "absorbing"])
def test_each_turn_is_heard_as_often_as_the_theorem_says(
    name: str, size: int, gamma: float, scope: str, baseline: str
) -> None:
    by_turn = games.turn_gradients(games.GAMES[name], gamma)
    expected = heard(name, size, baseline, scope) @ by_turn
    close(plain_turn_part(name, size, gamma, scope, baseline), expected)


@every_game
@every_size
def test_a_lone_survivor_kept_or_dropped_changes_no_sum_over_turns(name: str, size: int) -> None:
    credit = partial(turn_advantages, turn_scope="alive", std="none")
    kept = expected_of(name, size, partial(credit, lone_survivor="keep"))
    close(kept, expected_of(name, size, partial(credit, lone_survivor="drop")))


@every_size
def test_no_estimator_is_unbiased_when_the_loss_is_a_mean_over_turns(size: int) -> None:
    """The divisor, how many turns there are, is decided by the same choices."""
    credit = partial(turn_advantages, gamma=1.0, turn_scope="absorbing", baseline="leave_one_out", std="none")
    found, truth = expected_of("leave", size, credit, per="turns"), games.true_gradient(games.GAMES["leave"])
    assert found @ truth / np.linalg.norm(found) / np.linalg.norm(truth) < 0.999


@pytest.mark.parametrize("name", ["leave", "chance", "long"])
@every_size
def test_where_turns_share_no_parameter_a_dropped_turn_never_turns_the_gradient_round(name: str, size: int) -> None:
    truth = games.true_gradient(games.GAMES[name])
    for scope in ("shortest", "alive"):
        assert plain_turn_part(name, size, 1.0, scope, "leave_one_out") @ truth > 0


def test_where_they_share_parameters_the_shortest_scope_can_point_the_wrong_way() -> None:
    truth = games.true_gradient(games.GAMES["drill"])
    signs = [np.sign(plain_turn_part("drill", size, 1.0, "shortest", "leave_one_out") @ truth) for size in SIZES]
    assert signs == [1, -1, -1]


def test_turns_heard_by_chance_and_returns_discounted_from_their_turn_are_no_gradient_of_anything() -> None:
    def shortest(game: Any) -> Any:
        p = np.array([sum(at.values()) for at in games.visits(game, np.array(game.theta))])
        return p**3 @ games.turn_gradients(game, 1.0)

    assert asymmetry("long", games.true_gradient) < 1e-8
    assert asymmetry("long", shortest) > 0.01
    assert asymmetry("long", lambda game: games.turn_gradients(game, 0.85).sum(0)) > 0.001


@every_game
@every_gamma
def test_below_gamma_1_the_sum_lies_off_both_gradients(name: str, gamma: float) -> None:
    game = games.GAMES[name]
    found = plain_turn_part(name, 4, gamma, "absorbing", "leave_one_out")
    apart = [np.linalg.norm(found - games.true_gradient(game, against)) for against in (1.0, gamma)]
    assert min(apart) > 1e-5 or gamma == 1.0


@every_game
@every_size
def test_the_batch_part_is_the_short_sighted_gradient_less_that_of_the_mean_it_subtracts(name: str, size: int) -> None:
    _, every, case = setting(name, size)
    paid = (case.batch.rewards * case.batch.mask).reshape(len(every.members), -1).sum(1)
    turns = case.batch.mask.reshape(len(every.members), -1).sum(1)
    pull = derivative(name, lambda theta: mean_of_groups(name, size, paid / turns, theta))
    short_sighted = games.turn_gradients(games.GAMES[name], 0.0).sum(0)
    found = expected_of(name, size, partial(batch_advantages, std="none", batch_scope="group"))
    close(found, short_sighted - pull / size)


@every_game
def test_in_a_large_batch_the_batch_part_is_the_short_sighted_gradient(name: str) -> None:
    listed, every, case = setting(name, 2)
    for std, scale in (("none", 1.0), ("population", case.std)):
        values, mask = crediting.batch_part_of_many(case, std)
        found = every.probability @ bias.group_gradients(listed, every, values, mask)
        close(found, games.turn_gradients(games.GAMES[name], 0.0).sum(0) / scale)


@every_game
def test_the_constants_of_a_large_batch_are_those_of_the_turns_that_the_policy_brings_about(name: str) -> None:
    listed, _, case = setting(name, 2)
    reached, paid = reached_and_paid(name, np.array(games.GAMES[name].theta))
    close(case.mean, paid.sum() / reached.sum())
    squares = sum(
        chance * (rewards[happened] ** 2).sum()
        for chance, rewards, happened in zip(listed.probability, listed.rewards, listed.mask, strict=True)
    )
    close(case.std**2, squares / reached.sum() - case.mean**2)


@every_game
@every_size
@pytest.mark.parametrize("baseline", ["mean", "leave_one_out"])
@pytest.mark.parametrize("scope", ["shortest", "alive", "absorbing"])
def test_the_mixed_one_in_a_large_batch_is_the_mix_of_its_parts_over_the_turns_in_the_loss(
    name: str, size: int, scope: str, baseline: str
) -> None:
    listed, every, case = setting(name, size)
    values, mask = crediting.mixed_of_many(case, scope, baseline, "none")
    found = every.probability @ bias.group_gradients(listed, every, values, mask)
    far, near = (games.turn_gradients(games.GAMES[name], gamma) for gamma in (1.0, 0.0))
    in_the_loss = heard(name, size, "leave_one_out", scope)
    close(found, (heard(name, size, baseline, scope) @ far + in_the_loss @ near) / 2)


@every_game
@every_size
def test_outcome_credit_is_unbiased_with_leave_one_out(name: str, size: int) -> None:
    truth = games.true_gradient(games.GAMES[name])
    close(expected_of(name, size, rloo), truth)
    close(expected_of(name, size, dr_grpo), (1 - 1 / size) * truth)


@every_game
@every_size
def test_reinforce_pp_with_a_baseline_loses_the_gradient_of_the_mean_over_turns(name: str, size: int) -> None:
    listed, every, case = setting(name, size)
    values, mask = crediting.pooled_baseline(case, "none")
    centred = (dr_grpo(case.batch).values * mask).reshape(len(every.members), -1).sum(1)
    mean = centred / mask.reshape(len(every.members), -1).sum(1)
    pull = derivative(name, lambda theta: mean_of_groups(name, size, mean, theta))
    found = every.probability @ bias.group_gradients(listed, every, values, mask)
    close(found, (1 - 1 / size) * games.true_gradient(games.GAMES[name]) - pull / size)


def test_the_one_group_forms_of_the_benchmark_are_the_package_s_functions_on_one_group() -> None:
    listed, _, _ = setting("chance", 2)
    rows = [0, 4, 9, 14]
    batch = TurnBatch.from_arrays(listed.rewards[rows], listed.mask[rows], [0] * 4)
    case = crediting.Case(batch, 0.9, np.zeros(batch.rewards.shape), 0.0, 1.0)
    for std in ("none", "population"):
        close(crediting.pooled_returns(case, std)[0], reinforce_pp(batch, gamma=0.9, std=std).values)
        close(crediting.pooled_baseline(case, std)[0], reinforce_pp_baseline(batch, std=std).values)
        centred = turn_advantages(batch, gamma=0.0, turn_scope="alive", std=std)
        again = crediting.with_rewards(batch, centred.values)
        close(crediting.accumulated(case, "mean", std)[0], monte_carlo_returns(again, 0.9))


@every_game
@every_size
@every_gamma
def test_returns_against_the_batch_lose_the_gradient_of_the_mean_they_subtract(
    name: str, size: int, gamma: float
) -> None:
    listed, every, case = setting(name, size, gamma)
    values, mask = crediting.pooled_returns(case, "none")
    returns = monte_carlo_returns(case.batch, gamma).reshape(len(every.members), -1).sum(1)
    mean = returns / mask.reshape(len(every.members), -1).sum(1)
    pull = derivative(name, lambda theta: mean_of_groups(name, size, mean, theta))
    found = every.probability @ bias.group_gradients(listed, every, values, mask)
    close(found, games.turn_gradients(games.GAMES[name], gamma).sum(0) - pull / size)


@every_game
@every_size
@pytest.mark.parametrize("baseline", ["mean", "leave_one_out"])
def test_accumulated_turn_credit_moves_the_mean_reward_of_a_turn_and_never_the_length(
    name: str, size: int, baseline: str
) -> None:
    listed, every, case = setting(name, size)
    values, mask = crediting.accumulated(case, baseline, "none")
    found = every.probability @ bias.group_gradients(listed, every, values, mask)
    theta = np.array(games.GAMES[name].theta)
    p, paid = reached_and_paid(name, theta)
    slope_p, slope_paid = (derivative(name, lambda at, part=part: reached_and_paid(name, at)[part]) for part in (0, 1))
    heard_at = heard(name, size, baseline, "alive")
    close(found, heard_at @ (slope_paid - (paid / p)[:, None] * slope_p))
    slope_of_mean = derivative(name, lambda at: np.divide(*reached_and_paid(name, at)[::-1]))
    close(found, heard_at * p @ slope_of_mean)


@every_game
@every_size
def test_turn_rewards_among_siblings_are_the_short_sighted_gradient_with_turns_unheard(name: str, size: int) -> None:
    credit = partial(mt_grpo, accumulate=False, std="none")
    by_turn = games.turn_gradients(games.GAMES[name], 0.0)
    close(expected_of(name, size, credit), heard(name, size, "mean", "alive") @ by_turn)


@every_size
def test_accumulated_turn_credit_cannot_learn_when_to_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further turn pays 1 for sure, so staying is right; the credit of staying is exactly 0."""
    outcomes = (games.Outcome(1.0, 1.0, "2"), games.Outcome(1.0, 1.0, games.END))
    states = {str(turn): (games.Action(0, (outcomes[turn - 1],)), games.Action(1, (outcomes[1],))) for turn in (1, 2)}
    monkeypatch.setitem(games.GAMES, "only ending", games.Game("only ending", "", (0.2, 0.0), 2, states))
    listed = games.trajectories(games.GAMES["only ending"])
    every = games.groups(listed.probability, size)
    case = crediting.case_of(listed, every, 1.0)
    for baseline in ("mean", "leave_one_out"):
        close(bias.group_gradients(listed, every, *crediting.accumulated(case, baseline, "none")), 0.0)
    assert np.linalg.norm(games.true_gradient(games.GAMES["only ending"])) > 0.2


@every_game
def test_two_siblings_with_std_climb_the_chance_to_win_against_a_frozen_copy(name: str) -> None:
    listed, _, _ = setting(name, 2)
    total = listed.rewards.sum(1)
    wins = np.sign(np.round(total[:, None] - total, 9)) @ listed.probability
    slope = derivative(name, lambda theta: (episode_chances(name, theta) * wins).sum())
    close(expected_of(name, 2, partial(grpo, std="population", eps=0.0)), slope)


@every_game
@every_gamma
@pytest.mark.parametrize("lam", [0.0, 0.5, 0.95, 1.0])
def test_gae_with_an_exact_critic_is_unbiased_for_every_lambda(name: str, gamma: float, lam: float) -> None:
    listed, every, case = setting(name, 2, gamma)
    values = gae(case.batch, case.worth, gamma=gamma, lam=lam).advantages
    found = every.probability @ bias.group_gradients(listed, every, values, case.batch.mask)
    close(found, games.turn_gradients(games.GAMES[name], gamma).sum(0))


def test_a_wrong_critic_is_harmless_at_lambda_1_only() -> None:
    listed, every, case = setting("drill", 2)
    truth = games.true_gradient(games.GAMES["drill"])
    for lam, most in ((1.0, TOLERANCE), (0.95, 1.0)):
        values = gae(case.batch, np.zeros_like(case.worth), gamma=1.0, lam=lam).advantages
        found = every.probability @ bias.group_gradients(listed, every, values, case.batch.mask)
        assert np.linalg.norm(found - truth) <= most
        assert lam == 1.0 or np.linalg.norm(found - truth) > 0.01


@every_game
def test_the_paper_s_default_is_what_the_table_calls_mixed_shortest_mean_population(name: str) -> None:
    _, _, case = setting(name, 4)
    named = next(one for one in crediting.estimators() if one.label == "mixed shortest mean population")
    default = mixed_advantages(case.batch, gamma=1.0, batch_scope="group")
    values, mask = named.credit(case)
    assert np.array_equal(values, default.values)
    assert np.array_equal(mask, default.mask)
