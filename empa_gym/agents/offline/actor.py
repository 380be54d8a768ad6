"""The embedded actor: speaks the lines of a scenario's voice, and answers how it was met.

A message is a reaction to the last reply, joined to what the director lets the person tell. A user who was
met tells; one who was passed by, made small or lectured pushes back and tells nothing; one who hears the
same again, or nothing, withdraws. After a withdrawal trust comes back slowly: small things first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from empa_gym.agents.answers import OBSERVE, Direction, DirectorMove
from empa_gym.agents.offline import phrases
from empa_gym.agents.offline.reception import Reception, receive
from empa_gym.agents.offline.spoken import Mood, lines_of
from empa_gym.agents.views import ActorView, pick
from empa_gym.chat import Flow
from empa_gym.scenarios.scenario import Scenario, Voice

SAY_SO = 3
"""A user who is met says so in words two times out of so many."""


class Scene(NamedTuple):
    """A view, and what the actor reads off it.

    Attributes:
        voice: the person's lines.
        reception: how they take the last reply.
        moods: the moods of their last two messages, the newer one last.
        used: the lines spoken so far.
        said: the messages spoken so far.
    """

    view: ActorView
    voice: Voice
    reception: Reception
    moods: tuple[Mood, ...]
    used: set[str]
    said: set[str]

    @property
    def direction(self) -> Direction:
        """The director's move; OBSERVE when there is none."""
        return self.view.direction or OBSERVE

    @property
    def guarded(self) -> bool:
        """The user closed up in their last message."""
        return self.moods[-1] is Mood.WITHDRAWN

    def choose(self, count: int, salt: int) -> int:
        """A whole number below ``count`` at this dialogue's and turn's address."""
        return pick(self.view.seed, self.view.turn, "actor", count, salt)

    def fresh(self, *banks: Sequence[str]) -> str:
        """A line not spoken yet, out of the first bank that holds one; "" when all are spoken."""
        for salt, bank in enumerate(banks):
            unused = [line for line in bank if line not in self.used]
            if unused:
                return unused[self.choose(len(unused), salt)]
        return ""


class OfflineActor:
    """Plays a scenario from its voice, in English, deterministic per seed and turn."""

    __slots__ = ()
    language = "en"

    def speak(self, view: ActorView) -> Flow[str]:
        """The user's next message.

        Raises:
            ValueError: the scenario has no voice.
        """
        voice = voice_of(view.scenario)
        return compose(view, voice) if view.exchanges else voice.opening
        yield


def voice_of(scenario: Scenario) -> Voice:
    """The voice of a scenario.

    Raises:
        ValueError: it has none.
    """
    if scenario.voice is None:
        raise ValueError(
            f"scenario {scenario.id!r} has no voice, so the embedded actor has no words for it; "
            f"add a voice to the scenario, or give the actor to a chat model"
        )
    return scenario.voice


def compose(view: ActorView, voice: Voice) -> str:
    """A message that was not said before: the parts that fit, joined by spaces."""
    lines = lines_of(view.scenario)
    scene = Scene(
        view,
        voice,
        receive(view.scenario, view.exchanges),
        tuple([lines.mood(exchange.message) for exchange in view.exchanges[-2:]]),
        lines.used(view.exchanges),
        {exchange.message for exchange in view.exchanges},
    )
    message = " ".join(filter(None, answer(scene)))
    return message if message and message not in scene.said else recombine(scene)


def answer(scene: Scene) -> Iterable[str]:
    """The parts of the next message."""
    if scene.reception.open:
        return open_up(scene)
    if scene.reception.withdraws or scene.moods == (Mood.PUSHBACK, Mood.PUSHBACK):
        return withdraw(scene)
    return push_back(scene)


def push_back(scene: Scene) -> Iterable[str]:
    """A protest; a user who was passed by may add what they need, when the director lets them press for it."""
    voice, reception, axis = scene.voice, scene.reception, scene.direction.axis
    own = {Reception.DISMISSED: voice.dismissed, Reception.LECTURED: voice.lectured}.get(reception, voice.missed)
    need = scene.fresh(voice.pressing[axis]) if axis and reception is Reception.MISSED else ""
    return scene.fresh(own, phrases.REFUSAL), need


def withdraw(scene: Scene) -> Iterable[str]:
    """A word on what came, and a closing line; only the closing line for one who has closed up before."""
    seen = {
        Reception.REPEATED: (scene.voice.repeated, phrases.HEARD_BEFORE),
        Reception.BLANK: (phrases.SILENCE,),
    }.get(scene.reception, ())
    word = scene.fresh(*seen) if not scene.guarded or scene.choose(2, 10) else ""
    closing = scene.fresh(scene.voice.withdrawn, phrases.CLOSING) if not (word and scene.guarded) else ""
    return word, closing


def open_up(scene: Scene) -> Iterable[str]:
    """A reaction, and what may be told."""
    if scene.guarded:
        return scene.fresh(phrases.THAW), scene.fresh(scene.voice.threads, phrases.RESTING)
    return reaction(scene), *told(scene)


def reaction(scene: Scene) -> str:
    """A word on having been met; "" when the user simply goes on."""
    if scene.reception is Reception.MOVED:
        return scene.fresh(scene.voice.moved, scene.voice.met)
    asks = scene.direction.move is DirectorMove.ADJUST_AXIS
    if scene.reception is Reception.MET and (asks or scene.choose(SAY_SO, 20)):
        return scene.fresh(scene.voice.met, phrases.CARRY_ON)
    return ""


def told(scene: Scene) -> tuple[str, ...]:
    """What the director's move brings up; everyday detail when its lines are spoken."""
    direction, voice = scene.direction, scene.voice
    stages = scene.view.scenario.stages
    asked = scene.fresh(voice.pressing[direction.axis]) if direction.axis else ""
    if direction.move is DirectorMove.ADVISE:
        return (scene.fresh(phrases.RESTING),)
    if direction.stage is not None:
        line = scene.fresh(stages[direction.stage].lines)
        return (line, asked) if line else (detail(scene), asked)
    if direction.period is not None:
        return (scene.fresh(voice.memories[direction.period]) or detail(scene),)
    return (asked or detail(scene),)


def detail(scene: Scene) -> str:
    """Everyday detail; then what is left of the stages and memories that were opened; then a pause."""
    stages, past = scene.view.scenario.stages, scene.view.past
    opened = {direction.stage for direction in past}
    periods = {direction.period: None for direction in past}
    left = chain.from_iterable(stage.lines for index, stage in enumerate(stages) if index in opened)
    recalled = chain.from_iterable(scene.voice.memories[period] for period in periods if period)
    return scene.fresh(scene.voice.threads) or scene.fresh(tuple(left), tuple(recalled), phrases.RESTING)


def recombine(scene: Scene) -> str:
    """A new message when the lines have run out: two phrases in an order not used yet."""
    bank = phrases.RESTING if scene.reception.open else phrases.CLOSING + scene.voice.withdrawn
    start = scene.choose(len(bank), 30)
    for step in range(1, len(bank)):
        for index in range(len(bank)):
            message = f"{bank[(start + index) % len(bank)]} {bank[(start + index + step) % len(bank)]}"
            if message not in scene.said:
                return message
    raise AssertionError(f"{len(bank)} phrases make more messages than a dialogue has turns")
