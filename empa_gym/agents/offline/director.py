"""The embedded director: opens the story as the user is met, holds it back while they are not.

It decides from the position, the newest assessment, what it has done before, and how the user takes the
last reply (:mod:`~empa_gym.agents.offline.reception`). One rule a function; the first that has an answer wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from empa_gym.agents.answers import OBSERVE, Direction, DirectorMove
from empa_gym.agents.offline.reception import Reception, receive
from empa_gym.agents.offline.spoken import Mood, lines_of
from empa_gym.agents.views import DirectorView, pick
from empa_gym.chat import Flow
from empa_gym.epm.axes import Axis
from empa_gym.scenarios.scenario import Period, Scenario

STORY_BY = 0.95
"""All stages are open when this share of the needed energy is reached; they open in equal steps before it."""
STUCK = 9
"""So many turns after the last new stage, a user who is listened to goes on by themselves."""
PAUSE = 4
"""Turns between two memories, or between two shifts of what the user presses for."""
LAG = 0.15
"""An axis lags when this much more of its need is left than of the best met one's."""
UNMET = 0.35
"""A dialogue that might end goes on while an axis has more than this share of its need left."""
LAST_TURNS = 3
"""With no more turns left than this, a dialogue that may end does."""
LINGER = 8
"""One in so many dialogues that might end goes on for a turn."""

_GUIDANCE = {
    DirectorMove.REVEAL_STAGE: "Let this part of the story come out now, in your own words: {}",
    DirectorMove.REVEAL_MEMORY: "Something from {} comes back to you. Tell it as it comes.",
    DirectorMove.TURNING_POINT: "This is the moment to say what it is really about: {} {}",
    DirectorMove.OBSERVE: "Answer what was said. If you want to, add some everyday detail; bring up nothing new.",
    DirectorMove.ADVISE: "It is not going well. Show plainly how the last reply sits with you, and tell nothing new.",
    DirectorMove.END: "You have what you came for. The conversation may come to its close.",
}
_AGAIN = "Come back to this from a side that you have not shown yet: {}"
_PRESS = {
    Axis.COGNITIVE: "You want to be understood now: ask to have it seen how things hang together.",
    Axis.AFFECTIVE: "You want somebody to feel this with you now: ask for company in it, not for solutions.",
    Axis.PROACTIVE: "You want to know now whether anything you do counts: ask to have it seen.",
}
_PERIODS = {
    Period.CHILDHOOD: "your childhood",
    Period.ADOLESCENCE: "your teens",
    Period.EARLY_ADULTHOOD: "your first years as a grown-up",
    Period.PRESENT: "these last days",
}


class Scene(NamedTuple):
    """A view, and what the director reads off it.

    Attributes:
        reception: how the user takes the last reply.
        open: the user is ready to tell more.
        progress: E_t as a share of what success needs.
        left: per axis, the share of the initial need that is left.
        told: how often each stage was told.
    """

    view: DirectorView
    reception: Reception
    open: bool
    progress: float
    left: tuple[float, ...]
    told: tuple[int, ...]

    @property
    def lagging(self) -> Axis:
        """The axis with the largest share of its need left."""
        return tuple(Axis)[self.left.index(max(self.left))]

    def choose(self, count: int, salt: int) -> int:
        """A whole number below ``count`` at this dialogue's and turn's address."""
        return pick(self.view.seed, self.view.turn, "director", count, salt)

    def recently(self, *moves: DirectorMove) -> bool:
        """Whether one of the moves was made in the last few turns."""
        return any(direction.move in moves for direction in self.view.past[-PAUSE:])


def read_scene(view: DirectorView) -> Scene:
    """What the director reads off a view."""
    scenario = view.scenario
    reception = receive(scenario, view.exchanges)
    guarded = lines_of(scenario).mood_of_last(view.exchanges) is Mood.WITHDRAWN
    stages = [direction.stage for direction in view.past if direction.stage is not None]
    return Scene(
        view,
        reception,
        reception.open and not guarded,
        view.energy / view.threshold if view.threshold > 0 else 1.0,
        tuple(now / start if start else 0.0 for now, start in zip(view.position, _need(scenario), strict=True)),
        tuple(stages.count(index) for index in range(len(scenario.stages))),
    )


@lru_cache(maxsize=256)
def _need(scenario: Scenario) -> tuple[float, ...]:
    return scenario.deficit


class OfflineDirector:
    """Directs by rules, in English, deterministic per seed and turn."""

    __slots__ = ()
    language = "en"

    def direct(self, view: DirectorView) -> Flow[Direction]:
        """One move for the next message."""
        return decide(read_scene(view))
        yield


def decide(scene: Scene) -> Direction:
    """The first answer of the rules, in this order: end, hold back, open a stage, go on."""
    return close(scene) or hold_back(scene) or open_stage(scene) or go_on(scene)


def close(scene: Scene) -> Direction | None:
    """END when the dialogue may end, unless an axis is still far from met, or now and then by chance."""
    view = scene.view
    if not view.success_holds:
        return None
    if view.turns_left > LAST_TURNS:
        if max(scene.left) > UNMET:
            return press(scene.lagging)
        if scene.choose(LINGER, 1) == 0:
            return observe()
    return Direction(DirectorMove.END, guidance=_GUIDANCE[DirectorMove.END])


def hold_back(scene: Scene) -> Direction | None:
    """Nothing new for a user who is not met: observe, let them say what they need, or advise."""
    if scene.open:
        return None
    if scene.reception.open:  # met again after closing up: trust comes back in small things first
        return observe()
    last = scene.view.past[-1].move if scene.view.past else None
    ways = [way for way in (observe(), press(scene.lagging), advise()) if way.move is not last]
    return ways[scene.choose(len(ways), 2)]


def open_stage(scene: Scene) -> Direction | None:
    """The next untold stage, in order, when enough is won for it; or after a long time without one."""
    view, told = scene.view, scene.told
    if 0 not in told:
        return None
    stage = told.index(0)
    waited = turns_since_new_stage(view)
    earned = scene.progress >= STORY_BY * stage / len(told) and waited >= 1
    stuck = waited >= STUCK and scene.reception is not Reception.PARTLY
    if not (earned or stuck):
        return None
    text = view.scenario.stages[stage].text
    if stage == len(told) - 1:
        guidance = _GUIDANCE[DirectorMove.TURNING_POINT].format(text, _PRESS[scene.lagging])
        return Direction(DirectorMove.TURNING_POINT, stage=stage, axis=scene.lagging, guidance=guidance)
    guidance = _GUIDANCE[DirectorMove.REVEAL_STAGE].format(text)
    return Direction(DirectorMove.REVEAL_STAGE, stage=stage, guidance=guidance)


def turns_since_new_stage(view: DirectorView) -> int:
    """How many moves were made after the one that opened the newest stage; all of them when none did."""
    newest, seen = 0, set()
    for index, direction in enumerate(view.past):
        if direction.stage is not None and direction.stage not in seen:
            seen.add(direction.stage)
            newest = index + 1
    return len(view.past) - newest


def go_on(scene: Scene) -> Direction:
    """One of what fits between two new stages, and not what was done last."""
    last = scene.view.past[-1].move if scene.view.past else None
    ways = [way for way in between(scene) if way.move is not last]
    return ways[scene.choose(len(ways), 3)] if ways else observe()


def between(scene: Scene) -> Iterator[Direction]:
    """What fits between two new stages: observe, remember, press for what lags, a told stage anew."""
    yield observe()
    memory = remember(scene)
    if memory is not None:
        yield memory
    lags = max(scene.left) - min(scene.left) > LAG
    if lags and not scene.recently(DirectorMove.ADJUST_AXIS, DirectorMove.TURNING_POINT):
        yield press(scene.lagging)
    again = tell_again(scene)
    if again is not None:
        yield again


def remember(scene: Scene) -> Direction | None:
    """A memory, each time of life once, when the reply has just moved the affective axis forward."""
    assessment, view = scene.view.assessment, scene.view
    touched = scene.reception is Reception.MOVED or (assessment is not None and sum(assessment.levels[1]) > 0)
    if not touched or scene.recently(DirectorMove.REVEAL_MEMORY):
        return None
    told = view.revealed_periods
    periods = [period for period in Period if period not in told]
    if not periods:
        return None
    period = periods[scene.choose(len(periods), 4)]
    guidance = _GUIDANCE[DirectorMove.REVEAL_MEMORY].format(_PERIODS[period])
    return Direction(DirectorMove.REVEAL_MEMORY, period=period, guidance=guidance)


def tell_again(scene: Scene) -> Direction | None:
    """The newest told stage of which there is something left to say, from a new angle."""
    stages = scene.view.scenario.stages
    for stage in range(len(stages) - 1, -1, -1):
        if 0 < scene.told[stage] < len(stages[stage].lines):
            return Direction(DirectorMove.REVEAL_STAGE, stage=stage, guidance=_AGAIN.format(stages[stage].text))
    return None


def press(axis: Axis) -> Direction:
    """Let the user ask for what an axis gives."""
    return Direction(DirectorMove.ADJUST_AXIS, axis=axis, guidance=_PRESS[axis])


def observe() -> Direction:
    """Leave the user to themselves."""
    return Direction(OBSERVE.move, guidance=_GUIDANCE[DirectorMove.OBSERVE])


def advise() -> Direction:
    """Say how to play it, and nothing new."""
    return Direction(DirectorMove.ADVISE, guidance=_GUIDANCE[DirectorMove.ADVISE])
