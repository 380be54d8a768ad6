"""EmpaEnv: the sandbox as a Gymnasium environment. The action is the supporter's reply."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Box, Dict, Discrete

from empa_gym import drive
from empa_gym.agents.casting import casting_from
from empa_gym.agents.protocols import Cast
from empa_gym.clients.addressed import DialogueAddress, Meter, RoleUsage, metered
from empa_gym.clients.governor import Governor
from empa_gym.clients.wiring import limits_from, open_client
from empa_gym.dialogue.replies import MAX_MESSAGE_CHARS, MAX_REPLY_CHARS, take_reply
from empa_gym.dialogue.rewards import RewardFn, make_reward, pay
from empa_gym.dialogue.rules import ON_MODEL_ERROR, OnModelError, Rules, refuse_foreign
from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.envs.arguments import known_options, one_of, position_bounds, refuse_secrets, refuse_unknown, whole_number
from empa_gym.envs.choosing import Chosen, choose, draw
from empa_gym.envs.info import NO_TURN, latent_info, public_info
from empa_gym.envs.picture import picture
from empa_gym.envs.spaces import UnicodeText
from empa_gym.envs.transcript import last_exchange, transcript, write
from empa_gym.epm import EPMParams, rules_from
from empa_gym.scenarios import Scenario, select_scenarios

LONGEST_REPLY = 2**31 - 1
"""The largest max_reply_chars: more code points than a space can count."""
METADATA: dict[str, Any] = {"render_modes": ["human", "ansi", "rgb_array"], "render_fps": 1}
OPTIONS = ("scenario", "seed", "state")
ARGUMENTS = (
    "scenarios", "cast", "reward", "rules", "reveal_state", "on_model_error", "max_reply_chars", "render_mode",
    "tape", "ceilings",
)  # fmt: skip


class EmpaEnv(gym.Env[dict[str, Any], str]):
    """A person in distress talks; the action is a supporter's reply; the reward is how far it helped.

    **Action**: a str, any text up to ``max_reply_chars``. **Observation**: ``message``, what the person
    says now, and ``turn``; with ``reveal_state`` also ``deficit``, the position P_t. **Info**: constant
    keys and types, among them ``messages``, ready for a chat template. **Reward**: IDR by default, 0.0
    with ``reward_valid=False`` for a turn that was not judged. **End**: ``terminated`` by a rule,
    ``truncated`` at the turn limit or by an outage; ``info["outcome"]`` says which.

    Args:
        scenarios: a split's name, a scenario's id, a ``.json`` file or a folder, or a list of these.
        cast: ``"offline"``, ``"null"``, ``"llm"``, a ``.toml`` or ``.json`` file, or a dict of roles
            (:func:`~empa_gym.agents.casting.casting_from`); a Cast for tests and notebooks (such an
            environment has no JSON spec).
        reward: a reward's name or a small dict, for example ``{"idr": "zone"}``; or a RewardFn.
        rules: a rule set's name, or a dict ``{"base": "training", "max_turns": 30}``; or EPMParams.
        reveal_state: whether the latent state is observed; it is privileged.
        on_model_error: "raise", "hold" or "truncate"; what a failed model call does.
        max_reply_chars: a longer reply is cut there.
        render_mode: None, "human", "ansi" or "rgb_array".
        tape: where the answers of models are kept and replayed from: a file, or a dict
            ``{"path": ..., "mode": "replay_or_fail"}``.
        ceilings: what the calls of this environment may use, for example ``{"calls": 1000, "cost": 5.0}``
            (:class:`~empa_gym.clients.limits.Limits`).

    Attributes:
        complete: answers the chat requests of a cast that needs a model.
        client: what it belongs to, None for a cast that asks no model.
        governor: holds the ceilings and says what was spent, None without a model.

    Raises:
        ValueError: an argument is unknown or outside its range, or a role does not speak a scenario's
            language.
    """

    metadata = METADATA
    action_space: UnicodeText

    def __init__(
        self,
        scenarios: str | Sequence[str | Scenario] = "starter",
        cast: str | Mapping[str, Any] | Cast = "offline",
        reward: str | Mapping[str, Any] | RewardFn = "idr",
        rules: str | dict[str, Any] | EPMParams = "published",
        reveal_state: bool = False,
        on_model_error: OnModelError = "raise",
        max_reply_chars: int = MAX_REPLY_CHARS,
        render_mode: str | None = None,
        tape: str | Mapping[str, Any] | None = None,
        ceilings: Mapping[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        given = {"scenarios": scenarios, "cast": cast, "reward": reward, "rules": rules}
        refuse_secrets({**given, "tape": tape, "ceilings": ceilings, **unknown})
        refuse_unknown(unknown, ARGUMENTS)
        self.render_mode = one_of("render_mode", render_mode, (None, *self.metadata["render_modes"]))
        self.scenarios = select_scenarios(scenarios)
        self.cast, models = casting_from(cast)
        for scenario in self.scenarios:
            refuse_foreign(scenario, self.cast)
        self.reward = make_reward(reward)
        self.rules = Rules(rules_from(rules), one_of("on_model_error", on_model_error, ON_MODEL_ERROR))
        self.reveal_state = one_of("reveal_state", reveal_state, (False, True))
        limits = limits_from(ceilings)
        self.governor = Governor(limits) if models else None
        self.client = open_client(models, tape, self.governor)
        self.complete: drive.Complete = drive.no_model if self.client is None else self.client.complete

        self.action_space = UnicodeText(whole_number("max_reply_chars", max_reply_chars, least=1, most=LONGEST_REPLY))
        turns = self.rules.epm.max_turns
        seen: dict[str, gym.Space[Any]] = {"message": UnicodeText(MAX_MESSAGE_CHARS), "turn": Discrete(turns + 1)}
        if self.reveal_state:
            low, high = position_bounds(self.rules.rubric, turns)
            seen["deficit"] = Box(np.array(low, np.float32), np.array(high, np.float32), dtype=np.float32)
        self.observation_space = Dict(seen)
        self._state: DialogueState | None = None
        self._meter = Meter(DialogueAddress("", 0))

    @property
    def usage(self) -> tuple[RoleUsage, ...]:
        """What the calls of this dialogue used so far, by role; never in ``info``, since it holds times."""
        return self._meter.usage

    @property
    def state(self) -> DialogueState:
        """The dialogue now: frozen, to read, to keep, and to fork from with ``reset(options={"state": ...})``.

        Raises:
            ResetNeeded: there is no dialogue yet.
        """
        if self._state is None:
            raise ResetNeeded("there is no dialogue yet; call reset() first")
        return self._state

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin a dialogue.

        Args:
            seed: starts the environment's random stream anew; without it the stream goes on.
            options: ``scenario``, an id among this environment's scenarios; ``seed``, the dialogue's
                own; ``state``, a running DialogueState to fork from, which fixes both.

        Raises:
            ValueError: an option is unknown or does not fit; lists what would.
            ModelError: the actor could not speak; the dialogue before stays as it was.
            BudgetExceeded: a ceiling was reached before the dialogue began.
            ExtensionError: the actor's own code broke; the dialogue before stays as it was.
        """
        super().reset(seed=seed)
        state, self._meter = self._begin(known_options(options, OPTIONS))
        self._state = state
        if self.render_mode == "human":
            write(last_exchange(state))
        return self._observe(state), self._inform(state, NO_TURN)

    def step(self, action: str) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Reply to the person.

        Raises:
            ResetNeeded: there is no dialogue, or it is over.
            TypeError: the reply is not a str.
            ModelError: a model failed and ``on_model_error`` is "raise"; the dialogue is as it was, the
                same step may be called again.
            ExtensionError: the code of a role or of the reward broke; names it; the dialogue is as it was.
        """
        before = self.state
        if before.outcome.ended:
            raise ResetNeeded(f"the dialogue is over ({before.outcome.value}); call reset() to begin another")
        reply, cut = take_reply(action, self.action_space.max_length)
        turn = take_turn(before, reply, self.cast, self.rules, reply_truncated=cut)
        after = drive.run(turn, metered(self.complete, self._meter))
        reward = pay(self.reward, before, after)
        self._state = after
        if self.render_mode == "human":
            write(last_exchange(after))
        info = self._inform(after, after.turns[-1])
        return self._observe(after), reward, after.outcome.terminated, after.outcome.truncated, info

    def render(self) -> Any:
        """The dialogue as the render mode says: a str ("ansi"), an image ("rgb_array"), or None.

        In mode "human" reset and step write each exchange themselves.
        """
        state = self.state
        if self.render_mode == "ansi":
            return transcript(state, self.rules.epm.max_turns)
        if self.render_mode == "rgb_array":
            return picture(state, self.rules.epm.max_turns)
        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode: gym.make(id, render_mode='ansi'), 'human' or 'rgb_array'")
        return None

    def close(self) -> None:
        """Give connections back; a later reset or step connects anew."""
        if self.client is not None:
            self.client.close()

    def __deepcopy__(self, memo: dict[int, Any]) -> EmpaEnv:
        """A fork at the same moment. What holds no dialogue is shared: cast, reward, client and ceilings."""
        fork = type(self).__new__(type(self))
        memo[id(self)] = fork
        for shared in (self.cast, self.reward, self.complete, self.client, self.governor):
            memo[id(shared)] = shared
        fork.__dict__.update({name: copy.deepcopy(value, memo) for name, value in self.__dict__.items()})
        return fork

    def _begin(self, options: Mapping[str, Any]) -> tuple[DialogueState, Meter]:
        chosen = self._chosen(draw(self.scenarios, self.np_random), options)
        meter = Meter(DialogueAddress(chosen.scenario.id, chosen.seed))
        if chosen.state is not None:
            return chosen.state, meter
        opening = open_dialogue(chosen.scenario, chosen.seed, self.cast)
        return drive.run(opening, metered(self.complete, meter)), meter

    def _chosen(self, drawn: Chosen, options: Mapping[str, Any]) -> Chosen:
        return choose(drawn, options, self.scenarios, self.cast, self.rules.epm.max_turns)

    def _observe(self, state: DialogueState) -> dict[str, Any]:
        seen: dict[str, Any] = {"message": state.message, "turn": len(state.turns)}
        if self.reveal_state:
            seen["deficit"] = np.array(state.point.position, dtype=np.float32)
        return seen

    def _inform(self, state: DialogueState, turn: Turn) -> dict[str, Any]:
        info = public_info(state, turn)
        return info | latent_info(state, turn) if self.reveal_state else info
