"""EmpaVectorEnv: many dialogues at once as one Gymnasium vector environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.spaces import Dict
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array
from numpy.typing import NDArray

from empa_gym.chat import Flow
from empa_gym.clients.base import ChatClient
from empa_gym.clients.governor import Governor
from empa_gym.dialogue.replies import TakenReply, take_reply
from empa_gym.envs.arguments import known_options, whole_number
from empa_gym.envs.empa import METADATA, OPTIONS
from empa_gym.envs.vector_arguments import autoreset_mode_of, replies_of, seeds_of, split_options
from empa_gym.envs.vector_moves import make_moves
from empa_gym.envs.vector_slot import Moved, Slot

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Batch = tuple[dict[str, Any], dict[str, Any]]


class EmpaVectorEnv(VectorEnv[dict[str, Any], Sequence[str], NDArray[Any]]):
    """N dialogues of one :class:`~empa_gym.envs.empa.EmpaEnv`, each of which waits for its own models.

    A step takes as long as the slowest slot. It gives what Gymnasium's ``SyncVectorEnv`` gives over the same
    seeds, in all three autoreset modes. A step or a reset that raises, or is interrupted, leaves every
    dialogue as it was; when the same step is called again, only the slots that had no answer are played again.

    With ``on_model_error`` "hold" or "truncate" a model's failure stays in its slot. A dialogue that could not
    even begin is reported by ``info["outcome"]`` and ``info["error"]``, says "", and is truncated by the next
    step; when no slot at all has a dialogue that could begin, the failure is raised.

    Args:
        num_envs: how many slots.
        autoreset_mode: an ``AutoresetMode``, or "NextStep", "SameStep", "Disabled".
        max_episode_steps: truncates dialogues as Gymnasium's TimeLimit does; the rules have their own limit.
        **arguments: those of EmpaEnv. All slots share cast, client and ceilings.

    Attributes:
        envs: the slots.

    Raises:
        ValueError: an argument is unknown or outside its range.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        **arguments: Any,
    ) -> None:
        self.num_envs = whole_number("num_envs", num_envs, least=1)
        self.autoreset_mode = autoreset_mode_of(autoreset_mode)
        limit = max_episode_steps
        self.max_episode_steps = None if limit is None else whole_number("max_episode_steps", limit, least=1)
        first = Slot(**arguments)
        self.envs = [first, *(first.twin() for _ in range(self.num_envs - 1))]
        # The instance's own: the class's would carry one env's mode to all others.
        self.metadata = {**METADATA, "autoreset_mode": self.autoreset_mode}
        self.render_mode = first.render_mode
        self.single_action_space = first.action_space
        self.action_space = batch_space(first.action_space, self.num_envs)
        self.single_observation_space: Dict = first.observation_space  # type: ignore[assignment]
        self.observation_space = batch_space(first.observation_space, self.num_envs)
        self._ended: Bools = np.zeros(self.num_envs, dtype=np.bool_)
        self._made: dict[int, tuple[TakenReply | None, Moved]] = {}

    @property
    def client(self) -> ChatClient | None:
        """Answers the requests of all slots; None for a cast that asks no model. It may be set."""
        return self.envs[0].client

    @client.setter
    def client(self, client: ChatClient) -> None:
        for slot in self.envs:
            slot.client, slot.complete = client, client.complete

    @property
    def governor(self) -> Governor | None:
        """Holds the ceilings of all slots together; None without a model."""
        return self.envs[0].governor

    @property  # type: ignore[misc]  # read-only, as SyncVectorEnv's
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The random stream of each slot."""
        return self.get_attr("np_random")

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed of each slot's random stream."""
        return self.get_attr("np_random_seed")

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin a dialogue in every slot, or in those of ``options["reset_mask"]``.

        Args:
            seed: ``seed + i`` for slot i, or a list of seeds; without it the slots' streams go on.
            options: those of :meth:`EmpaEnv.reset`, for every slot alike; and ``reset_mask``, an array of
                bool of shape (num_envs,), which is not taken out of the caller's dict.

        Raises:
            ValueError, TypeError: an argument does not fit.
            ModelError: an actor could not speak and ``on_model_error`` is "raise", or none could.
            BudgetExceeded: a ceiling was reached before any dialogue could begin.
        """
        self._refuse_closed()
        shared, mask = split_options(options, self.num_envs)
        chosen_by, seeds = known_options(shared, OPTIONS), seeds_of(seed, self.num_envs)
        for index, slot in enumerate(self.envs):
            if not mask[index] and slot.scene is None:
                raise ResetNeeded(f"slot {index} has no dialogue yet; reset all slots before some of them")
        self._made = {}
        moves: dict[int, Flow[Moved]] = {}
        for index in np.flatnonzero(mask).tolist():
            self.envs[index].reseed(seeds[index])
            moves[index] = self.envs[index].begun(self.envs[index].choose(chosen_by))
        made: dict[int, Moved] = {}
        make_moves(self.envs, moves, made)
        self._refuse_outage(made)
        self._ended = self._ended & ~mask
        return self._enter(made)

    def step(
        self, actions: Sequence[str] | NDArray[Any]
    ) -> tuple[dict[str, Any], Floats, Bools, Bools, dict[str, Any]]:
        """Reply in every slot; under NEXT_STEP a slot whose dialogue is over begins another one instead.

        Raises:
            ResetNeeded: there are no dialogues yet, or one is over and the mode is DISABLED.
            TypeError, ValueError: the replies are not one str for each slot.
            ModelError: a model failed and ``on_model_error`` is "raise"; the same step may be called again.
            BudgetExceeded: a ceiling was reached, and no slot has a dialogue that could begin.
            ExtensionError: the code of a role or of the reward broke; names it.
        """
        self._refuse_closed()
        if any(slot.scene is None for slot in self.envs):
            raise ResetNeeded("there are no dialogues yet; call reset() first")
        replies = self._taken(replies_of(actions, self.num_envs))
        made = {
            index: moved for index, (reply, moved) in self._made.items() if replies[index] == reply
        }  # of a step that failed
        moves = {index: self._move(index, reply) for index, reply in enumerate(replies) if index not in made}
        try:
            make_moves(self.envs, moves, made)
            self._refuse_outage(made)
        except BaseException:
            self._made = {
                index: (replies[index], moved) for index, moved in made.copy().items() if not moved.scene.failure
            }
            raise
        self._made = {}
        moved = [made[index] for index in range(self.num_envs)]
        rewards = np.array([each.reward for each in moved], dtype=np.float64)
        terminated = np.array([each.terminated for each in moved], dtype=np.bool_)
        truncated = np.array([each.truncated for each in moved], dtype=np.bool_)
        self._ended = terminated | truncated
        observations, infos = self._enter(made)
        return observations, rewards, terminated, truncated, infos

    def render(self) -> tuple[Any, ...]:
        """What each slot renders, as :meth:`EmpaEnv.render`."""
        return tuple(slot.render() for slot in self.envs)

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """An attribute of every slot; a method is called, slot after slot."""
        found = [getattr(slot, name) for slot in self.envs]
        return tuple(one(*args, **kwargs) if callable(one) else one for one in found)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """An attribute of every slot."""
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of every slot, from a list with a value for each, or to one value for all.

        Raises:
            ValueError: the list has another length than there are slots.
        """
        each = values if isinstance(values, (list, tuple)) else [values] * self.num_envs
        if len(each) != self.num_envs:
            raise ValueError(f"expected a value for each of the {self.num_envs} slots, got {len(each)}")
        for slot, value in zip(self.envs, each, strict=True):
            setattr(slot, name, value)

    def close_extras(self, **kwargs: Any) -> None:
        """Give connections back. A client that was forgotten without it gives back its own."""
        if self.client is not None:
            self.client.close()

    def __del__(self) -> None:
        """Nothing: a forgotten client gives back its own connections.

        In Gymnasium 1.2 ``VectorEnv.__del__`` calls close(): on an env whose constructor refused its arguments,
        on a client that copies still use, or on the very event loop that close() waits for.
        """

    def _taken(self, actions: list[Any]) -> list[TakenReply | None]:
        """The replies as the slots take them; None where a slot begins its next dialogue."""
        if self.autoreset_mode is AutoresetMode.DISABLED and self._ended.any():
            over = np.flatnonzero(self._ended).tolist()
            raise ResetNeeded(f"the dialogues of slots {over} are over; reset them with options={{'reset_mask': ...}}")
        longest = self.envs[0].action_space.max_length
        begins = self._ended if self.autoreset_mode is AutoresetMode.NEXT_STEP else np.zeros_like(self._ended)
        return [None if begins[index] else take_reply(action, longest) for index, action in enumerate(actions)]

    def _move(self, index: int, reply: TakenReply | None) -> Flow[Moved]:
        slot = self.envs[index]
        if reply is None:
            return slot.begun(slot.choose({}))
        return slot.moved(reply, self.autoreset_mode, self.max_episode_steps)

    def _enter(self, made: Mapping[int, Moved]) -> Batch:
        """Let the slots stand where their moves led; what they then see, as a batch."""
        observations: list[dict[str, Any]] = []
        infos: dict[str, Any] = {}
        for index, slot in enumerate(self.envs):
            moved = made.get(index)
            if moved is None:
                observations.append(slot.seen(slot.standing)[0])
                continue
            if moved.final is not None:
                seen, info = slot.seen(moved.final)
                infos = self._add_info(infos, {"final_obs": seen, "final_info": info}, index)
            seen, info = slot.seen(moved.scene)
            observations.append(seen)
            infos = self._add_info(infos, info, index)
        for index, moved in made.items():
            self.envs[index].enter(moved)
        empty: Any = create_empty_array(self.single_observation_space, self.num_envs, fn=np.zeros)
        batch: Any = concatenate(self.single_observation_space, observations, empty)
        return batch, infos

    def _refuse_outage(self, made: Mapping[int, Moved]) -> None:
        """Raise a failure to begin when it is true of every slot: there is nothing left to isolate it from."""
        scenes = [made[index].scene if index in made else slot.scene for index, slot in enumerate(self.envs)]
        failures = [scene.failure for scene in scenes if scene is not None and scene.failure is not None]
        if len(failures) == self.num_envs:
            raise failures[0]

    def _refuse_closed(self) -> None:
        if self.closed:
            raise ClosedEnvironmentError("this vector environment was closed; make another one")
