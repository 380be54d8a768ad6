"""The observation as numbers, for agents that read no text: what can be heard in a message, or the latent state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from empa_gym.policies.clauses import WORD
from empa_gym.policies.hearing import Mood, hear
from empa_gym.policies.strategies import STRATEGIES

Features = Literal["text", "state", "both"]
FEATURES: tuple[Features, ...] = get_args(Features)
MOODS = tuple(Mood)
COUNTED = 8
"""A message that tells so many clauses or things tells no more to a number."""
LONG = 120
"""Words of a long message."""
POINTS = 10.0
"""The deficit is given in tens of rubric points, so that it is of the size of the other features."""
Vector = NDArray[np.float32]


def message_features(message: str) -> Vector:
    """What can be heard in a message, each in [0, 1], shape (13,).

    First which of the seven moods it is (:class:`~empa_gym.policies.hearing.Mood`), one of them 1; then how much it
    tells: clauses, deeds, things, feelings named, feelings hinted at, each as a share of eight; then its length.
    """
    heard = hear(message)
    told = (heard.clauses, heard.deeds, heard.things, heard.feelings, heard.hints)
    length = len(WORD.findall(message)) / LONG
    moods = [float(heard.mood is mood) for mood in MOODS]
    return np.array([*moods, *(min(1.0, len(part) / COUNTED) for part in told), min(1.0, length)], dtype=np.float32)


class Encoder:
    """Turns the observation of an EmpaEnv into one vector.

    Its parts, in order: the turn as a share of the limit; ``recency`` where strategies are the actions; the
    message's features ("text", "both"); the deficit in tens of rubric points ("state", "both").

    Args:
        space: of the observations.
        features: "text", "state" or "both"; the deficit is the latent state, which no supporter would see.

    Attributes:
        space: of the vectors.

    Raises:
        ValueError: the features are none of these, or need a deficit that is not observed.
    """

    def __init__(self, space: gym.Space[Any], features: Features) -> None:
        if features not in FEATURES:
            raise ValueError(f"features must be one of {', '.join(FEATURES)}, got {features!r}")
        parts = space.spaces if isinstance(space, Dict) else {}
        turn, deficit = parts.get("turn"), parts.get("deficit")
        if not isinstance(turn, Discrete):
            raise ValueError(f"expected an EmpaEnv, whose observation is a Dict with a turn, got one with {space}")
        if features != "text" and not isinstance(deficit, Box):
            raise ValueError(
                f"features={features!r} needs the latent state: make the environment with reveal_state=True"
            )
        self._turns = int(turn.n) - 1
        self._reads_text, self._reads_state = features != "state", features != "text"
        self._strategies = "recency" in parts
        shares = 1 + self._strategies * len(STRATEGIES) + self._reads_text * message_features("").size
        low, high = [np.zeros(shares)], [np.ones(shares)]
        if self._reads_state and isinstance(deficit, Box):
            low, high = [*low, deficit.low / POINTS], [*high, deficit.high / POINTS]
        self.space = Box(np.concatenate(low).astype(np.float32), np.concatenate(high).astype(np.float32))

    def encode(self, seen: Mapping[str, Any]) -> Vector:
        """The vector of one observation, float32."""
        parts = [np.array([seen["turn"] / self._turns])]
        if self._strategies:
            parts.append(seen["recency"])
        if self._reads_text:
            parts.append(message_features(seen["message"]))
        if self._reads_state:
            parts.append(seen["deficit"] / POINTS)
        return np.concatenate(parts).astype(np.float32)


class StateObservation(gym.ObservationWrapper[Vector, Any, dict[str, Any]], gym.utils.RecordConstructorArgs):
    """An EmpaEnv that is observed as a Box; see :class:`Encoder` for what stands where.

    Args:
        env: an EmpaEnv, wrapped or not.
        features: "text" for what can be heard in the message, "state" for the latent deficit (the environment must
            have been made with ``reveal_state=True``), "both" for both.

    Raises:
        ValueError: the features are unknown, or need what the environment does not show.
    """

    def __init__(self, env: gym.Env[dict[str, Any], Any], features: Features = "text") -> None:
        gym.utils.RecordConstructorArgs.__init__(self, features=features)
        super().__init__(env)
        self._encoder = Encoder(env.observation_space, features)
        self.observation_space = self._encoder.space

    def observation(self, observation: dict[str, Any]) -> Vector:
        """The vector of an observation."""
        return self._encoder.encode(observation)


class VectorStateObservation(VectorWrapper):
    """:class:`StateObservation` over a vector environment, in every autoreset mode.

    Args:
        env: a vector environment of EmpaEnvs.
        features: "text", "state" or "both".

    Raises:
        ValueError: as :class:`StateObservation`.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], features: Features = "text") -> None:
        super().__init__(env)
        self._encoder = Encoder(env.single_observation_space, features)
        self.single_observation_space = self._encoder.space
        self.observation_space = batch_space(self._encoder.space, self.num_envs)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Vector, dict[str, Any]]:
        """Begin dialogues; see :meth:`EmpaVectorEnv.reset <empa_gym.envs.vector.EmpaVectorEnv.reset>`."""
        seen, infos = self.env.reset(seed=seed, options=options)
        return self._batch(seen), infos

    def step(self, actions: Any) -> tuple[Vector, Any, Any, Any, dict[str, Any]]:
        """Reply in every slot."""
        seen, rewards, terminated, truncated, infos = self.env.step(actions)
        finals = infos.get("final_obs", ())
        for index, final in enumerate(finals):
            if final is not None:
                finals[index] = self._encoder.encode(final)
        return self._batch(seen), rewards, terminated, truncated, infos

    def _batch(self, seen: Mapping[str, Any]) -> Vector:
        rows = [{name: part[index] for name, part in seen.items()} for index in range(self.num_envs)]
        return np.stack([self._encoder.encode(row) for row in rows])
