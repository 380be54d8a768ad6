"""How fast dialogues are collected and kept, what they cost in memory, and how near N of them come to the slowest.

First the embedded cast in one process: a collection that keeps every dialogue in a folder, beside a bare loop over
``EmpaEnv.step`` with the same policy and dialogues, in rounds of one and the other in turn; seconds of processor time,
so that other programs do not count. Then an endpoint in a process of its own that takes 200 ms an answer: 256
dialogues of uneven lengths with actor, director and policy behind it (three calls a turn, one after the other), run
free and, beside them, in lock step: rounds in which all wait for the slowest. Ideal is the longest chain of calls at
200 ms each; with 256 dialogues of four calls verifiers 0.1.9 came to 0.24 of it. Last, answers that take 100 to 300 ms.
Each figure is the median and the worst of the rounds; the load of the machine stands above them.

    python benchmarks/rollouts.py [--json FILE] [--part embedded|models]
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from machine import machine

from empa_gym import EmpaEnv, Message, PolicyView, collect
from empa_gym.agents.answers import Assessment
from empa_gym.agents.llm import LLMActor, LLMDirector
from empa_gym.agents.protocols import Cast
from empa_gym.agents.views import JudgeView
from empa_gym.chat import Flow
from empa_gym.clients import ChatClient, Governor, Limits, ModelConfig, complete_many, connect_cast
from empa_gym.dialogue.record import TurnRecord, from_line, to_line
from empa_gym.dialogue.rules import Rules
from empa_gym.drive import run, run_batch
from empa_gym.epm import EPMParams
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Game, Job, plan_groups, play
from empa_gym.rollout.engines import InlineEngine, Work
from empa_gym.scenarios import select_scenarios

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
WAITING_ROUNDS = 3
DELAY = 0.2
MANY = 256
RULES = {"base": "training"}
TEXT = "That sounds hard, and I am glad you told me about it. What was it like for you when it came to {} for the {}?"
SERVE = """
import asyncio, sys, zlib
from tests.clients.loopback import Loopback, completion, told
from tests.clients.players import speaks
class Asked:
    json, body = {"tools": [], "messages": []}, b""
CALL = speaks(Asked())  # the director's, made once: the endpoint must not be what is measured
def answers(asked):
    if b'"tools"' in asked.body:
        return CALL
    return told(completion(f"I keep thinking of it, {asked.index} times a day."))
def uneven(asked):
    return answers(asked)._replace(pause=0.1 + 0.2 * (zlib.crc32(asked.body) % 1000) / 1000)
async def serve():
    script, delay = (uneven, 0.0) if sys.argv[1] == "uneven" else (answers, float(sys.argv[1]))
    server = Loopback(script, delay, keep=False)
    listening = await server.listen()
    print(server.url, flush=True)
    await listening.serve_forever()
asyncio.run(serve())
"""


class Figure(NamedTuple):
    """One measured claim; ``goal`` is the least that it may be, or with ``at_most`` the most."""

    name: str
    unit: str
    median: float
    worst: float
    goal: float | None = None
    at_most: bool = False


class Asks:
    """A policy without a model whose replies are all different, and cost nothing to make."""

    identity = "one question, in other words each time"

    def reply(self, view: PolicyView) -> Flow[str]:
        """One more question."""
        return TEXT.format(f"turn {view.turn}", f"{view.seed + view.member}th time")
        yield


def of_rounds(name: str, unit: str, found: list[float], goal: float | None = None, *, at_most: bool = False) -> Figure:
    worst = max(found) if at_most or unit in ("s", "us") else min(found)
    return Figure(name, unit, statistics.median(found), worst, goal, at_most)


# ---- the embedded cast


def spent(work: Callable[[], int]) -> float:
    """Seconds of processor time a turn; the work returns its turns."""
    gc.collect()
    begin = time.process_time()
    turns = work()
    return (time.process_time() - begin) / turns


def kept(seed: int, groups: int, cast: str = "offline", rules: Any = RULES) -> int:
    """Collect into a folder; the turns."""
    turns: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        collect(
            Asks(), "starter", group_size=4, groups=groups, seed=seed, cast=cast, rules=rules, folder=folder,
            on_progress=lambda progress: turns.append(progress.turns),
        )  # fmt: skip
    return turns[-1]


def bare(seed: int, groups: int) -> int:
    """The same dialogues in a loop over an environment; the turns."""
    policy, turns = Asks(), 0
    env = EmpaEnv(rules=RULES, reward={"idr": "zone"}, scenarios="starter")
    for job in plan_groups("asks", select_scenarios("starter"), range(seed, seed + groups), 4):
        _, info = env.reset(options={"scenario": job.scenario.id, "seed": job.seed})
        ended = False
        while not ended:
            said = tuple(Message(**message) for message in info["messages"])
            reply = run(policy.reply(PolicyView(said, job.seed, job.member, info["turn"] + 1)))
            _, _, terminated, truncated, info = env.step(reply)
            ended = terminated or truncated
            turns += 1
    return turns


def speed() -> list[Figure]:
    """Turns per second with every dialogue kept, beside the bare loop."""
    rates: list[float] = []
    loop: list[float] = []
    ratios: list[float] = []
    for number in range(ROUNDS + 1):  # the first round warms up
        seed = 100 * number
        works = [lambda s=seed: kept(s, 2), lambda s=seed + 50: bare(s, 2)]  # other texts for each: none is read twice
        costs = [spent(work) for work in (works if number % 2 else reversed(works))]
        one, other = costs if number % 2 else reversed(costs)
        rates.append(1 / one)
        loop.append(1 / other)
        ratios.append(other / one)
    return [
        of_rounds("offline cast, kept in a folder", "turns/s", rates[1:], 2000),
        of_rounds("offline cast, bare loop over EmpaEnv", "turns/s", loop[1:]),
        of_rounds("offline cast, kept / bare loop over EmpaEnv", "x", ratios[1:], 0.8),
    ]


def flatness() -> list[Figure]:
    """What a turn costs in a collection of 10,000 dialogues beside one of 48 (12 scenarios, groups of 4)."""
    rules = {"base": "training", "rules_end": False, "min_turns": 1, "max_turns": 5}
    kept(0, 1, "null", rules)
    found = [spent(lambda: kept(0, 209, "null", rules)) / spent(lambda: kept(0, 1, "null", rules)) for _ in range(3)]
    return [of_rounds("null cast, a turn of 10,032 dialogues / of 48", "x", found, 1.25, at_most=True)]


def memory() -> list[Figure]:
    """What a turn of a record takes in memory beside its texts: message, reply, and the judge's evidence.

    The records are read back from their lines, so that they share no text with each other or with the caches of the
    cast: those of a collection in memory take less.
    """
    found = []
    for seed in range(3):
        records = list(collect(Asks(), "starter", group_size=2, rules=RULES, seed=seed).records)
        lines = [to_line(record) for record in records]
        said = sum(letters(turn) for record in records for turn in record.turns)
        tracemalloc.start()
        held = [from_line(line) for line in lines]
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        found.append((size - said) / sum(len(record.turns) for record in held))
    return [of_rounds("a turn in memory, beside its texts", "B", found, 1536, at_most=True)]


def letters(turn: TurnRecord) -> int:
    """Of all that is text in a turn."""
    reasons = sum(len(why.quote) + len(why.reasoning) for why in turn.evidence)
    return len(turn.message) + len(turn.reply) + reasons


# ---- models that take their time


class Ends:
    """A judge without a model, under which dialogues have uneven lengths: nothing helps for a while, then all does."""

    identity = "uneven"

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        """The same levels on each axis."""
        level = 2 if view.turn > view.seed % 9 else 0
        return Assessment(((level, 0),) * 3)
        yield


GAME = Game(
    Cast(LLMActor(), LLMDirector(), Ends()),
    Rules(EPMParams(min_turns=2, max_turns=20, oscillation=False), on_model_error="hold"),
)


@contextlib.contextmanager
def endpoint(delay: str) -> Iterator[str]:
    """The address of an endpoint in a process of its own."""
    command = [sys.executable, "-c", SERVE, delay]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def chats(url: str) -> ChatClient:
    """One client for the three roles that ask, which lets all of them ask at once."""
    model = ModelConfig("tiny", url, "", transport="fast")
    limits = Limits(concurrency=MANY, start=MANY)
    return connect_cast(dict.fromkeys(("actor", "director", "policy"), model), Governor(limits))


def jobs(seed: int) -> list[Job]:
    scenarios = select_scenarios("starter")[:8]
    return plan_groups("llm", scenarios, range(seed, seed + MANY // 8 // 4), 4)


def longest(turns: list[int]) -> int:
    """Calls of the longest dialogue: an opening, three a turn, and after the last reply none."""
    return 3 * max(turns) - 1


def free(client: ChatClient, planned: list[Job]) -> tuple[float, list[int]]:
    """Seconds of the whole, and the turns of each dialogue."""
    work = Work({"llm": LLMPolicy()}, GAME, at_once=MANY)
    begin = time.perf_counter()
    turns = [len(record.turns) for record in InlineEngine(client).play(planned, work)]
    return time.perf_counter() - begin, turns


def lock_step(client: ChatClient, planned: list[Job]) -> tuple[float, list[int]]:
    """The same in rounds: the next question of each dialogue, all at once, then the next."""
    policy = LLMPolicy()
    flows = [play(job.scenario, job.seed, policy, GAME, member=job.member) for job in planned]
    begin = time.perf_counter()
    episodes = run_batch(flows, lambda requests: complete_many(client, requests))
    return time.perf_counter() - begin, [episode.state.turn for episode in episodes]  # type: ignore[union-attr]


def waiting(delay: str) -> list[Figure]:
    """How near free dialogues, and dialogues in lock step, come to the longest chain of calls."""
    found: dict[str, list[float]] = {"free": [], "in lock step": []}
    seconds: dict[str, list[float]] = {"free": [], "in lock step": []}
    with endpoint(delay) as url:
        client = chats(url)
        free(client, jobs(90))  # connections are open from here on
        for number in range(WAITING_ROUNDS):
            for name, way in (("free", free), ("in lock step", lock_step)):
                took, turns = way(client, jobs(number))
                found[name].append(longest(turns) * DELAY / took)
                seconds[name].append(took)
        client.close()
    spread = f"{min(turns)} to {max(turns)} turns"
    if delay == "uneven":
        ratios = [one / other for one, other in zip(seconds["in lock step"], seconds["free"], strict=True)]
        name = f"{MANY} dialogues, answers in 100 to 300 ms"
        return [
            *(of_rounds(f"{name}, {way}", "s", seconds[way]) for way in seconds),
            of_rounds(f"{name}, lock step / free", "x", ratios),
        ]
    name = f"{MANY} dialogues of {spread}, {DELAY * 1000:.0f} ms"
    return [
        of_rounds(f"{name}, free, of the ideal", "", found["free"], 0.9),
        of_rounds(f"{name}, lock step, of the ideal", "", found["in lock step"]),
    ]


def show(figure: Figure) -> str:
    met = figure.goal is None or (figure.median <= figure.goal if figure.at_most else figure.median >= figure.goal)
    goal = "" if figure.goal is None else f"{figure.goal:9.2f}  {'met' if met else 'MISSED'}"
    return f"{figure.name:62} {figure.median:9.3f} {figure.worst:9.3f} {figure.unit:8}{goal}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--part", choices=("embedded", "models"), help="only one part")
    args = parser.parse_args()
    facts = {**machine(), "load": os.getloadavg()}
    for name, fact in facts.items():
        print(f"{name:10} {fact}")
    print(f"\n{'':62} {'median':>9} {'worst':>9}         {'goal':>9}")
    embedded: list[Callable[[], list[Figure]]] = [speed, flatness, memory]
    models: list[Callable[[], list[Figure]]] = [lambda: waiting(str(DELAY)), lambda: waiting("uneven")]
    figures: list[Figure] = []
    for part in {"embedded": embedded, "models": models, None: embedded + models}[args.part]:
        for figure in part():
            figures.append(figure)
            print(show(figure), flush=True)
    if args.json:
        args.json.write_text(
            json.dumps({**facts, "figures": [figure._asdict() for figure in figures]}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
