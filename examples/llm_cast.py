"""A cast that chat models play, kept on a tape: the second time nobody is asked and nothing is paid.

With EMPA_MODEL, EMPA_BASE_URL and EMPA_API_KEY_ENV set, that endpoint plays. Without, a script stands in for
it, so that this file shows the same steps without a key and a network.

Run it:  python examples/llm_cast.py
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import gymnasium as gym

from empa_gym import ChatReply, ChatRequest, EmpaEnv
from empa_gym.agents.llm import llm_cast
from empa_gym.chat import ToolCall
from empa_gym.clients import ScriptedClient
from empa_gym.clients.tape import Tape

LEVEL = {"quote": "", "reasoning": "Nothing in the reply speaks for it.", "level": 0}
HEARD = {"quote": "take your time", "reasoning": "It leaves the pace to the person.", "level": 1}
FORM = {
    "cognitive": {"progress": LEVEL, "regression": LEVEL},
    "affective": {"progress": LEVEL, "regression": LEVEL},
    "proactive": {"progress": HEARD, "regression": LEVEL},
}


@dataclass
class Args:
    """What to change first."""

    scenario: str = "home-notice"
    seed: int = 7
    reply: str = "I am here. Please take your time."
    turns: int = 3
    max_calls: int = 100


def stand_in(request: ChatRequest) -> ChatReply:
    """What a model that keeps to the forms might answer."""
    if request.role == "judge":
        return ChatReply(json.dumps(FORM))
    if request.role == "director":
        return ChatReply("", tool_calls=(ToolCall("observe", '{"guidance": "Stay with the letter."}'),))
    return ChatReply(f"I read the letter for the {request.turn + 1}. time today.")


def make(args: Args, tape: Path) -> EmpaEnv:
    """The environment; with a script in the place of the models where none is named."""
    rules = {"base": "training", "min_turns": 2, "max_turns": args.turns}
    if os.environ.get("EMPA_MODEL"):
        env = gym.make("EMPA-LLM-v0", rules=rules, tape=str(tape), ceilings={"calls": args.max_calls}).unwrapped
    else:
        env = gym.make("EMPA-LLM-v0", rules=rules, cast=llm_cast()).unwrapped
        env.complete = Tape(tape, inner=ScriptedClient(stand_in)).complete
    assert isinstance(env, EmpaEnv)
    return env


def play(args: Args, env: EmpaEnv) -> list[tuple[str, float]]:
    """What the person said and what each reply paid."""
    observation, _ = env.reset(seed=args.seed, options={"scenario": args.scenario})
    seen = [(observation["message"], 0.0)]
    ended = False
    while not ended:
        observation, reward, terminated, truncated, _ = env.step(args.reply)
        seen.append((observation["message"], reward))
        ended = terminated or truncated
    env.close()
    return seen


def main(args: Args) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tape = Path(folder) / "run.tape"
        env = make(args, tape)
        first = play(args, env)
        for message, reward in first:
            print(f"{reward:+.2f}  {message}")
        for used in env.usage:
            print(f"{used.role}: {used.calls} calls, {used.prompt_tokens} + {used.completion_tokens} tokens")
        replayed = gym.make(
            "EMPA-LLM-v0",
            rules={"base": "training", "min_turns": 2, "max_turns": args.turns},
            cast=llm_cast(),
            tape={"path": str(tape), "mode": "replay_or_fail"},
        ).unwrapped
        assert isinstance(replayed, EmpaEnv)
        print("replayed from the tape:", "the same" if play(args, replayed) == first else "something else")


if __name__ == "__main__":
    main(Args())
