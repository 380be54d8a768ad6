"""Whole dialogues of the LLM cast against an endpoint that goes wrong in every way, recorded and played again.

There are fifteen faults, so "a tenth of each at once" would leave no sound answer. Three storms stand for it:
a tenth of the requests meets one fault, each fault in turn; a tenth of them meets any of the fifteen; and each
of the fifteen meets 2%, together 30%. In every storm: each dialogue ends with a typed outcome, no call outlasts
its deadline, no dialogue is lost, the rewards add up to the way that was covered, and the same run from its tape,
without an endpoint, is equal.

python -m tests.clients.storm --dialogues 200 --turns 10 --share 0.1 --only reset
python -m tests.clients.storm --dialogues 200 --turns 10 --share 0.00667 --transport fast
python -m tests.clients.storm --dialogues 200 --turns 10 --share 0.02 --transport openai
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import re
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from empa_gym.agents.llm import llm_cast
from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.base import ChatClient
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connecting import connect
from empa_gym.clients.governor import Governor
from empa_gym.clients.limits import Limits
from empa_gym.clients.tape import Tape
from empa_gym.dialogue.rules import Rules
from empa_gym.drive import arun
from empa_gym.epm import EPMParams
from empa_gym.policies.llm import LLMPolicy
from empa_gym.rollout import Episode, Game, play
from empa_gym.scenarios import SPLITS, get_scenario
from tests.agents.llm.feeding import filled
from tests.clients.asking import LEAN
from tests.clients.loopback import FAULTS, Asked, Loopback, Told, completion, faults, told


class Storm(NamedTuple):
    """So many dialogues of so many turns; each fault with this probability, in one way of carrying bytes."""

    dialogues: int = 200
    turns: int = 10
    shares: tuple[tuple[str, float], ...] = tuple((name, 0.02) for name in FAULTS)
    transport: str = LEAN
    timeout: float = 0.25
    deadline: float = 5.0
    limits: Limits = Limits(start=16)


def model(asked: Asked) -> Told:
    """What a model that keeps to the forms answers: known by how it is asked."""
    body = asked.json
    draw = zlib.crc32(asked.body)
    if "tools" in body:
        name = body["tools"][draw % 2 * 4]["function"]["name"]  # a stage, or observe
        arguments = json.dumps({"stage": draw // 2 % 4 + 1, "guidance": "Slowly."})
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"function": {"name": name, "arguments": arguments}}],
        }
        return told(completion(choices=[{"finish_reason": "tool_calls", "message": message}]))
    if "response_format" in body:
        return told(completion(json.dumps(rating(draw, body["messages"][-1]["content"]))))
    return told(completion(f"It is the {draw % 977}th day of it."))


def rating(draw: int, sheet: str) -> dict[str, Any]:
    """A filled form, with a quote from the reply that is rated."""
    form = filled(cognitive=(draw % 3, -(draw // 3 % 3)), affective=(draw // 9 % 3, 0))
    quotes = re.findall(r"^S[0-9]+\| (.*)$", sheet, re.MULTILINE)
    for axis in form.values():
        axis["progress"]["quote"] = quotes[-1] if quotes else ""
    return form


class Weathered(NamedTuple):
    """What a storm left.

    Attributes:
        live: the episodes as they were played.
        replayed: the same from the tape alone.
        server: the endpoint.
        longest: seconds of the call that took longest, answered or not.
    """

    live: list[Episode]
    replayed: list[Episode]
    server: Loopback
    longest: float


class Addressed:
    """Writes the dialogue into each request, as a driver does, and notes how long each call takes."""

    def __init__(self, client: ChatClient, scenario: str, seed: int, taken: list[float]) -> None:
        self.client, self.scenario, self.seed, self.taken = client, scenario, seed, taken

    async def __call__(self, request: ChatRequest) -> ChatReply:
        began = time.monotonic()
        try:
            return await self.client.acomplete(request._replace(scenario=self.scenario, seed=self.seed))
        finally:
            self.taken.append(time.monotonic() - began)


async def played(storm: Storm, client: ChatClient, taken: list[float]) -> list[Episode]:
    """All dialogues at once, in their order; ``taken`` gets the seconds of every call."""
    game = Game(llm_cast(), Rules(EPMParams.endless(storm.turns), on_model_error="hold"))
    names = SPLITS["starter"]

    def one(seed: int) -> Any:
        scenario = get_scenario(names[seed % len(names)])
        return arun(play(scenario, seed, LLMPolicy(), game), Addressed(client, scenario.id, seed, taken))

    episodes = await asyncio.gather(*(one(seed) for seed in range(storm.dialogues)))
    await client.aclose()
    return list(episodes)


def weathered(storm: Storm, tape: Path, seed: int = 1) -> Weathered:
    """The storm, recorded, and played again from the tape."""
    taken: list[float] = []
    with Loopback(faults(dict(storm.shares), seed, model), keep=False) as server:
        config = ModelConfig(
            "tiny",
            server.url,
            "",
            transport=storm.transport,
            timeout=storm.timeout,
            deadline=storm.deadline,
            pause=0.01,  # type: ignore[arg-type]
        )
        governor = Governor(storm.limits)
        live = asyncio.run(played(storm, Tape(tape, "record", connect(config, governor)), taken))
    replayed = asyncio.run(played(storm, Tape(tape, "replay_or_fail"), []))
    return Weathered(live, replayed, server, max(taken))


def distance_covered(episode: Episode) -> float:
    """How much nearer to the origin the last judged position is."""
    positions = [point.position for point in episode.state.points]
    return float(sum(value**2 for value in positions[0]) ** 0.5 - sum(value**2 for value in positions[-1]) ** 0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dialogues", type=int, default=200)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.02, help="probability of each fault")
    parser.add_argument("--only", default="", help="one fault alone, by name")
    parser.add_argument("--transport", default=LEAN)
    options = parser.parse_args()
    names = [options.only] if options.only else list(FAULTS)
    storm = Storm(options.dialogues, options.turns, tuple((name, options.share) for name in names), options.transport)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        live, replayed, server, longest = weathered(storm, Path(folder) / "run.tape")
    worst = max(abs(sum(episode.rewards) - distance_covered(episode)) for episode in live)
    report = {
        "outcomes": dict(collections.Counter(episode.state.outcome.name for episode in live)),
        "turns": sum(len(episode.state.turns) for episode in live),
        "held turns": sum(bool(turn.error) for episode in live for turn in episode.state.turns),
        "requests": server.count,
        "longest call in seconds": round(longest, 2),
        "rewards off their telescope by at most": worst,
        "equal from the tape": live == replayed,
        "seconds": round(time.monotonic() - began, 1),
    }
    sys.stdout.write(json.dumps({**storm._asdict(), "limits": None, **report}, indent=1) + "\n")


if __name__ == "__main__":
    main()
