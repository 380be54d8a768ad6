"""An engine by its name; each is loaded when it is first asked for."""

from __future__ import annotations

from typing import NamedTuple

from empa_gym.loading import load
from empa_gym.rollout.engines.base import Engine


class _Place(NamedTuple):
    """Where an engine is defined, and the extra of this package that it needs."""

    module: str
    name: str
    extra: str = ""


ENGINES = {
    "asyncio": _Place("empa_gym.rollout.engines.inline", "InlineEngine"),
    "processes": _Place("empa_gym.rollout.engines.processes", "ProcessEngine"),
    "ray": _Place("empa_gym.rollout.engines.ray", "RayEngine", "ray"),
}
"""In this process; in several on this machine; on a Ray cluster."""


def make_engine(engine: str | Engine, workers: int | None = None) -> Engine:
    """The engine that a name stands for; an engine as it is.

    Args:
        engine: "asyncio", "processes", "ray", or an engine.
        workers: how many processes or actors play; None: one for each core. Only for "processes" and "ray".

    Raises:
        ValueError: no engine has that name, or ``workers`` is below 1, or given where nothing can take it.
        MissingExtra: the engine's extra is not installed.

    >>> type(make_engine("asyncio")).__name__
    'InlineEngine'
    """
    if isinstance(engine, str) and engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, or an engine; got {engine!r}")
    if not isinstance(engine, str | Engine):
        raise ValueError(
            f"engine must be one of {', '.join(ENGINES)}, or an object with play and close; got {engine!r:.80}"
        )
    if workers is not None and (not isinstance(engine, str) or engine == "asyncio"):
        raise ValueError("workers is for the engines 'processes' and 'ray'; 'asyncio' plays in this process")
    if workers is not None and workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    if not isinstance(engine, str):
        return engine
    place = ENGINES[engine]
    kind = getattr(load(place.module, place.extra), place.name)
    made: Engine = kind() if engine == "asyncio" else kind(workers=workers)
    return made
