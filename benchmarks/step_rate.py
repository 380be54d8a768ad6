"""How long a step takes and how much memory an environment holds, beside two other text environments.

Replies of about 45 words are made beforehand. Each figure is the median and the worst of five rounds.
Peers run when they are installed: pip install textarena gem-llm.

    python benchmarks/step_rate.py [--json FILE]
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
from machine import machine

import empa_gym  # noqa: F401  (registers the ids)
from empa_gym.scenarios import select_scenarios

ROUNDS = 5
EPISODES = 24
TURNS = 45
WORDS = 45
GROWTH_EPISODES = 300
FILLING_EPISODES = 500
ENVS = 500
UNENDING = {"base": "published", "rules_end": False}
"""Only the turn limit ends a dialogue, so that every episode has 45 turns."""


class Figure(NamedTuple):
    """One measured claim; ``goal`` is the most that it may be, None for a peer."""

    name: str
    unit: str
    median: float
    worst: float
    goal: float | None = None


def replies() -> list[str]:
    """Different texts of about 45 words, joined from what the people of the scenarios say."""
    lines = [line for scenario in select_scenarios("starter") if scenario.voice for line in scenario.voice.threads]
    texts, words = [], []
    for line in lines * 7:
        words += line.split()
        if len(words) >= WORDS:
            texts.append(" ".join(words[:WORDS]))
            words = words[WORDS + len(texts) % 7 :]
    return texts


def episode(env: gym.Env[Any, Any], texts: list[str], start: int) -> list[float]:
    """Seconds of each step of one dialogue."""
    env.reset(seed=start)
    seconds, ended = [], False
    while not ended:
        text = texts[(start * 31 + len(seconds) * 7) % len(texts)]
        begin = time.perf_counter()
        _, _, terminated, truncated, _ = env.step(text)
        seconds.append(time.perf_counter() - begin)
        ended = terminated or truncated
    return seconds


def of_five(name: str, unit: str, measure: Callable[[int], float], goal: float | None = None) -> Figure:
    """The figure of five rounds."""
    values = [measure(index) for index in range(ROUNDS)]
    return Figure(name, unit, statistics.median(values), max(values), goal)


def step_figures(cast: str, goal: float, texts: list[str]) -> list[Figure]:
    """Mean and median time of a step, and turn 45 against turn 5, of a cast."""
    env = gym.make("EMPA-v0", cast=cast, rules=UNENDING)
    for warm_up in range(4):
        episode(env, texts, warm_up)
    rounds = [[episode(env, texts, 100 * index + one) for one in range(EPISODES)] for index in range(ROUNDS)]
    env.close()

    def at(turn: int, index: int) -> float:
        return statistics.median(seconds[turn - 1] for seconds in rounds[index])

    def flat(index: int) -> list[float]:
        return [value * 1e6 for seconds in rounds[index] for value in seconds]

    return [
        of_five(f"{cast} cast, median step", "us", lambda index: statistics.median(flat(index)), goal),
        of_five(f"{cast} cast, mean step", "us", lambda index: statistics.fmean(flat(index))),
        of_five(f"{cast} cast, turn {TURNS} / turn 5", "x", lambda index: at(TURNS, index) / at(5, index), 1.5),
    ]


def growth(cast: str, texts: list[str]) -> list[Figure]:
    """Whether one environment grows over 300 episodes: time, and memory blocks after 150 and after 300.

    The bounded caches of the embedded cast are filled first: some of them see something new for hundreds of episodes.
    """
    env = gym.make("EMPA-v0", cast=cast, rules=UNENDING)
    for warm_up in range(FILLING_EPISODES):
        episode(env, texts, GROWTH_EPISODES + warm_up)
    times, blocks = [], []
    for index in range(GROWTH_EPISODES):
        times.append(statistics.median(episode(env, texts, index)))
        if index + 1 in (GROWTH_EPISODES // 2, GROWTH_EPISODES):
            env.reset(seed=0)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    env.close()
    slower = statistics.median(times[-30:]) / statistics.median(times[:30])
    kept = (blocks[1] - blocks[0]) / (GROWTH_EPISODES // 2)
    return [
        Figure(f"{cast} cast, time of the last 30 of 300 episodes / first 30", "x", slower, slower, 1.1),
        Figure(f"{cast} cast, memory blocks kept by an episode", "", kept, kept, 5.0),
    ]


def memory(cast: str) -> Figure:
    """Bytes of a fresh environment after make and reset; the scenario is shared."""
    gym.make("EMPA-v0", cast=cast).reset(seed=0)

    def per_env(index: int) -> float:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        envs = [gym.make("EMPA-v0", cast=cast) for _ in range(ENVS)]
        for seed, env in enumerate(envs):
            env.reset(seed=seed)
        used = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        return used / ENVS / 1024

    return of_five(f"{cast} cast, memory of a fresh env", "KiB", per_env, 6.0)


def textarena_step(index: int) -> float:
    """Microseconds of a step of TextArena's GuessTheNumber with its default wrappers."""
    textarena = importlib.import_module("textarena")
    env = textarena.make("GuessTheNumber-v0")
    seconds, count = 0.0, 0
    for seed in range(EPISODES):
        env.reset(num_players=1, seed=seed)
        ended, guess = False, 1
        while not ended:
            begin = time.perf_counter()
            env.get_observation()
            ended, _ = env.step(f"[{guess}]")
            seconds, count, guess = seconds + time.perf_counter() - begin, count + 1, guess % 20 + 1
    return seconds / count * 1e6


def gem_step(index: int) -> float:
    """Microseconds of a step of gem-llm's GuessTheNumber with its default wrappers."""
    gem = importlib.import_module("gem")
    env = gem.make("game:GuessTheNumber-v0-hard")
    seconds, count = 0.0, 0
    for seed in range(EPISODES):
        env.reset(seed=seed)
        ended, guess = False, 1
        while not ended:
            begin = time.perf_counter()
            _, _, terminated, truncated, _ = env.step(f"\\boxed{{{guess}}}")
            seconds, count, guess = seconds + time.perf_counter() - begin, count + 1, guess % 50 + 1
            ended = terminated or truncated
    return seconds / count * 1e6


def peers() -> list[Figure]:
    """The steps of the peers that are installed."""
    there = [("textarena", textarena_step), ("gem", gem_step)]
    return [
        of_five(f"{name} GuessTheNumber, mean step (no judge, no plot)", "us", step)
        for name, step in there
        if importlib.util.find_spec(name)
    ]


def show(figure: Figure) -> str:
    """A line of the table."""
    goal = "" if figure.goal is None else f"{figure.goal:9.1f}  {'met' if figure.median <= figure.goal else 'MISSED'}"
    return f"{figure.name:62} {figure.median:9.2f} {figure.worst:9.2f} {figure.unit:4}{goal}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    path = parser.parse_args().json
    facts, texts = machine(), replies()
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    print(f"\n{'':62} {'median':>9} {'worst':>9}     {'goal':>9}")
    figures: list[Figure] = []
    for measure in (
        lambda: step_figures("null", 25.0, texts),
        lambda: step_figures("offline", 300.0, texts),
        lambda: growth("offline", texts),
        lambda: [memory("null"), memory("offline")],
        peers,
    ):
        for figure in measure():
            print(show(figure), flush=True)
            figures.append(figure)
    if path:
        path.write_text(json.dumps({**facts, "figures": [figure._asdict() for figure in figures]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
