"""A slot of a vector environment: an EmpaEnv whose moves are flows, so that many can wait for models at once.

A move reads the slot and changes nothing of its dialogue; what it came to is data, until it is entered. So a
step that fails or is interrupted leaves every slot as it was.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

import gymnasium as gym
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode

from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.clients.addressed import Addressed, DialogueAddress, Meter, metered
from empa_gym.dialogue.replies import TakenReply
from empa_gym.dialogue.rewards import pay
from empa_gym.dialogue.rules import missing
from empa_gym.dialogue.state import DialogueState, Turn
from empa_gym.dialogue.turn import open_dialogue, take_turn
from empa_gym.envs.choosing import Chosen, draw
from empa_gym.envs.empa import EmpaEnv
from empa_gym.envs.info import NO_TURN
from empa_gym.envs.transcript import last_exchange, write
from empa_gym.epm import frame
from empa_gym.errors import BudgetExceeded, ModelError


class Scene(NamedTuple):
    """Where a slot stands.

    Attributes:
        state: its dialogue.
        turn: what the last move played; NO_TURN when it began the dialogue.
        meter: counts what the dialogue's calls use.
        steps: moves since the dialogue began here.
        failure: why the dialogue could not begin; its state has ended, and nobody has spoken in it.
    """

    state: DialogueState
    turn: Turn
    meter: Meter
    steps: int = 0
    failure: ModelError | BudgetExceeded | None = None


class Moved(NamedTuple):
    """What a move came to.

    Attributes:
        scene: where the slot then stands.
        reward, terminated, truncated: as a step returns them.
        final: the dialogue that ended, when the move has begun another one (SAME_STEP).
    """

    scene: Scene
    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False
    final: Scene | None = None

    @property
    def ended(self) -> bool:
        """Whether a dialogue came to its end."""
        return self.terminated or self.truncated


class Slot(EmpaEnv):
    """One of the dialogues of a vector environment; its arguments are those of EmpaEnv.

    Attributes:
        scene: where it stands, None before the first reset.
    """

    scene: Scene | None = None
    _next: Chosen | None = None

    def twin(self) -> Slot:
        """Another slot like this one that was not reset yet; they share all that holds no dialogue."""
        return copy.copy(self)

    def reseed(self, seed: int | None) -> None:
        """Start the slot's random stream anew; None lets it go on. What was drawn and not begun is forgotten."""
        gym.Env.reset(self, seed=seed)
        self._next = None

    def choose(self, options: Mapping[str, Any]) -> Chosen:
        """The dialogue to begin, drawn as EmpaEnv draws it.

        A drawn dialogue that could not begin is chosen again, so that an outage does not shift the stream.

        Raises:
            ValueError: an option does not fit.
        """
        if self._next is None:
            self._next = draw(self.scenarios, self.np_random)
        return self._chosen(self._next, options)

    def begun(self, chosen: Chosen) -> Flow[Moved]:
        """The move that begins a dialogue.

        Raises:
            ModelError: the actor could not speak and ``on_model_error`` is "raise", or a tape lacks the call.
            ExtensionError: the actor's own code broke.
        """
        return Moved((yield from self._opened(chosen)))

    def moved(self, reply: TakenReply, mode: AutoresetMode, limit: int | None) -> Flow[Moved]:
        """The move that answers the person; under SAME_STEP it begins the next dialogue when this one ends.

        Args:
            reply: the answer.
            mode: how dialogues follow one another.
            limit: so many steps at most, as Gymnasium's TimeLimit; None for no limit but that of the rules.

        Raises:
            ModelError: a model failed and ``on_model_error`` is "raise".
            ExtensionError: the code of a role or of the reward broke.
        """
        scene = self.standing
        played = yield from self._played(scene, reply)
        if limit is not None and played.scene.steps >= limit:
            played = played._replace(truncated=True)
        if mode is not AutoresetMode.SAME_STEP or not played.ended:
            return played
        fresh = yield from self._opened(self.choose({}))
        return played._replace(scene=fresh, final=played.scene)

    def enter(self, moved: Moved) -> None:
        """Stand where the move led; in the mode "human", write what was said."""
        scene = self.scene = moved.scene
        self._state, self._meter = scene.state, scene.meter
        if not scene.steps:
            self._next = None
        if self.render_mode == "human":
            for shown in filter(None, (moved.final, scene)):
                write(last_exchange(shown.state))

    def seen(self, scene: Scene) -> tuple[dict[str, Any], dict[str, Any]]:
        """The observation and the info of a scene."""
        info = self._inform(scene.state, scene.turn)
        if scene.failure is not None:
            info["messages"] = [{"role": "user", "content": ""}]  # a chat template needs a message
        return self._observe(scene.state), info

    @property
    def standing(self) -> Scene:
        """Where the slot stands.

        Raises:
            ResetNeeded: there is no dialogue yet.
        """
        if self.scene is None:
            raise ResetNeeded("there is no dialogue yet; call reset() first")
        return self.scene

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> NoReturn:
        """Refuse: a slot moves with the others.

        Raises:
            RuntimeError: always; says what to do instead.
        """
        raise RuntimeError("a slot moves with its vector environment; reset it with options={'reset_mask': ...}")

    def step(self, action: str) -> NoReturn:
        """Refuse: a slot moves with the others.

        Raises:
            RuntimeError: always; says what to do instead.
        """
        raise RuntimeError(
            "a slot moves with its vector environment; to go on alone, make an EmpaEnv and give the slot's "
            "state to reset(options={'state': ...})"
        )

    def answer(self, request: ChatRequest) -> ChatReply:
        """The answer to a request of the slot's move; blocks."""
        return metered(self.complete, self._asking)(request)

    async def aanswer(self, request: ChatRequest) -> ChatReply:
        """The answer to a request of the slot's move."""
        if self.client is None:
            return self.answer(request)
        addressed = Addressed(self.client, *self._asking.address)
        addressed.meter = self._asking
        return await addressed.acomplete(request)

    def _played(self, scene: Scene, reply: TakenReply) -> Flow[Moved]:
        if scene.failure is not None:
            return Moved(scene._replace(steps=scene.steps + 1), truncated=True)
        before, self._asking = scene.state, scene.meter
        after = yield from take_turn(before, reply.text, self.cast, self.rules, reply_truncated=reply.truncated)
        reward = pay(self.reward, before, after)
        here = Scene(after, after.turns[-1], scene.meter, scene.steps + 1)
        return Moved(here, reward, after.outcome.terminated, after.outcome.truncated)

    def _opened(self, chosen: Chosen) -> Flow[Scene]:
        meter = self._asking = Meter(DialogueAddress(chosen.scenario.id, chosen.seed))
        if chosen.state is not None:
            return Scene(chosen.state, NO_TURN, meter)
        try:
            state = yield from open_dialogue(chosen.scenario, chosen.seed, self.cast)
        except (ModelError, BudgetExceeded) as failed:
            error, outcome = missing("actor", failed, self.rules)
            start = (frame(chosen.scenario.deficit).start(),)
            state = DialogueState(chosen.scenario, chosen.seed, "", start, outcome=outcome)
            return Scene(state, dataclasses.replace(NO_TURN, error=error), meter, failure=failed)
        return Scene(state, NO_TURN, meter)
