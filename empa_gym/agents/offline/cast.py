"""The embedded cast, whole or with single roles played by others."""

from __future__ import annotations

from empa_gym.agents.offline.actor import OfflineActor
from empa_gym.agents.offline.director import OfflineDirector
from empa_gym.agents.offline.judge import OfflineJudge
from empa_gym.agents.protocols import Actor, Cast, Director, Judge


def offline_cast(*, actor: Actor | None = None, director: Director | None = None, judge: Judge | None = None) -> Cast:
    """The cast that plays by rules; a role that is given takes the place of the embedded one."""
    return Cast(actor or OfflineActor(), director or OfflineDirector(), judge or OfflineJudge())
