"""Your own judge: any object with a flow ``assess(view)`` that returns levels and evidence.

This one is curious: it looks for questions and for advice, and for nothing else. The other two roles stay
the embedded ones.

Run it:  python examples/custom_judge.py
"""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium as gym

from empa_gym.agents.answers import Assessment, Evidence
from empa_gym.agents.offline.cast import offline_cast
from empa_gym.agents.views import JudgeView
from empa_gym.chat import Flow
from empa_gym.epm import Axis


@dataclass
class Args:
    """What to change first."""

    env: str = "EMPA-v0"
    scenario: str = "home-notice"
    seed: int = 7


class CuriousJudge:
    """Progress on the cognitive axis for a question, regression on the proactive one for advice."""

    language = "en"
    ADVICE = ("you should", "you need to", "you must", "just try")

    def assess(self, view: JudgeView) -> Flow[Assessment]:
        """Rate the last reply: per axis a level of progress 0..2 and one of regression 0..-2."""
        reply = view.exchanges[-1].reply
        evidence = []
        if "?" in reply:
            question = reply[: reply.index("?") + 1]
            evidence.append(Evidence(Axis.COGNITIVE, 1, "question", question, "asks the person to go on"))
        advice = [words for words in self.ADVICE if words in reply.lower()]
        if advice:
            evidence.append(Evidence(Axis.PROACTIVE, -1, "advice", advice[0], "tells the person what to do"))
        levels = ((1 if "?" in reply else 0, 0), (0, 0), (0, -1 if advice else 0))
        return Assessment(levels, tuple(evidence))
        # A flow is a generator. A judge that needs a model would write: reply = yield ChatRequest(...)
        yield


def main(args: Args) -> None:
    env = gym.make(args.env, cast=offline_cast(judge=CuriousJudge()), reveal_state=True)
    replies = ("What was in the letter?", "You should talk to a lawyer.", "I see.")
    observation, info = env.reset(seed=args.seed, options={"scenario": args.scenario})
    print("person:", observation["message"])
    for reply in replies:
        observation, reward, _, _, info = env.step(reply)
        print(f"reply: {reply}\n  reward {reward:+.2f}, deficit {observation['deficit']}, because {info['evidence']}")
    env.close()


if __name__ == "__main__":
    main(Args())
