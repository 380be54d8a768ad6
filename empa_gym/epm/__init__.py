"""The physics of the sandbox: axes, scoring keys, dynamics and the rules that end a dialogue. numpy only."""

from empa_gym.epm.axes import AXES, Axis
from empa_gym.epm.dynamics import (
    ZONE,
    Frame,
    Point,
    alignment,
    current_recovery_direction,
    energy,
    energy_gain,
    frame,
    in_zone,
    origin_distance,
    projection,
    recovery_direction,
    zone_distance,
)
from empa_gym.epm.rubric import IEDR_WEIGHTS, MDEP_PR, Rubric, initial_deficit
from empa_gym.epm.termination import (
    Ending,
    EPMParams,
    Thresholds,
    ending,
    rules_from,
    setback_now,
    success_now,
    thresholds,
    turn_limit,
)
from empa_gym.epm.trajectory import TrajectorySummary, trajectory_summary

__all__ = [
    "AXES",
    "IEDR_WEIGHTS",
    "MDEP_PR",
    "ZONE",
    "Axis",
    "EPMParams",
    "Ending",
    "Frame",
    "Point",
    "Rubric",
    "Thresholds",
    "TrajectorySummary",
    "alignment",
    "current_recovery_direction",
    "ending",
    "energy",
    "energy_gain",
    "frame",
    "in_zone",
    "initial_deficit",
    "origin_distance",
    "projection",
    "recovery_direction",
    "rules_from",
    "setback_now",
    "success_now",
    "thresholds",
    "trajectory_summary",
    "turn_limit",
    "zone_distance",
]
