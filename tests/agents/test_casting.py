"""Casts from plain data: names are found, and what is unknown is refused with what is known."""

from __future__ import annotations

import pytest

from empa_gym.agents.answers import NEUTRAL, Assessment
from empa_gym.agents.casting import cast_from
from empa_gym.agents.null import NullActor, NullDirector, NullJudge, null_cast
from empa_gym.agents.offline.actor import OfflineActor
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.offline.director import OfflineDirector
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.agents.views import JudgeView
from empa_gym.chat import Flow


class MildJudge:
    """A judge of somebody else's."""

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        return NEUTRAL
        yield


def kinds(spec: object) -> list[type]:
    cast = cast_from(spec)  # type: ignore[arg-type]
    return [type(cast.actor), type(cast.director), type(cast.judge)]


def test_the_two_named_casts() -> None:
    assert kinds("offline") == [OfflineActor, OfflineDirector, OfflineJudge]
    assert kinds("null") == [NullActor, NullDirector, NullJudge]


def test_single_roles_by_name_and_the_others_offline() -> None:
    mixed = {"actor": "null", "judge": "empa_gym.agents.null:NullJudge"}
    assert kinds(mixed) == [NullActor, OfflineDirector, NullJudge]


def test_a_cast_is_taken_as_it_is() -> None:
    cast = null_cast()
    assert cast_from(cast) is cast


def test_a_role_of_the_embedded_cast_can_be_overridden() -> None:
    judge = MildJudge()
    cast = offline_cast(judge=judge)
    assert cast.judge is judge
    assert isinstance(cast.actor, OfflineActor)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("ofline", "unknown cast 'ofline'; the casts are offline, null"),
        ({"critic": "offline"}, "unknown roles .'critic'.*actor, director, judge"),
        ({"judge": "strict"}, "unknown judge 'strict'; the names are offline, null"),
        ({"judge": "empa_gym.agents.null:Nobody"}, "has no 'Nobody'"),
        ({"judge": "empa_gym.agents.null:NullActor"}, "cannot play the judge: expected a method 'assess'"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(spec: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cast_from(spec)  # type: ignore[arg-type]
