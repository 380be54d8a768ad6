"""Transcripts with planted details, and the scenario that a model would write from them."""

from __future__ import annotations

import json
from typing import Any

PHONE, MAIL, STREET = "07700 900123", "petra.vogel@example.org", "14 Maple Street"
SECRETS = (
    PHONE,
    "900123",
    MAIL,
    "vogel",
    STREET,
    "Maple",
    "DE89 3704",
    "Petra",
    "Zbigniew",
    "Halvard",
    "Ximena",
    "1984",
)
"""Nothing of this may be left anywhere; beside rules and detector, by the words in which it is planted."""
TALK = f"""\
Petra Vogel: Hi, this is Petra. You can reach me on {PHONE} or {MAIL}.
Counsellor: Hello Petra, I am listening. What has happened?
Petra Vogel: I still live at {STREET} with Zbigniew. Yesterday Zbigniew told Halvard Lund that he would leave.
Petra Vogel: My account DE89 3704 0044 0532 0130 00 is empty. My name was Ximena. I was born on 12 March 1984.
Counsellor: That is a great deal at once, Petra.
Petra Vogel: In October it will be ten years. I moved from Berlin to Leeds for him, for 32,000 a year.
"""


def card(**changes: Any) -> dict[str, Any]:
    """What a model answers, with changed fields."""
    texts = ("childhood", "adolescence", "early_adulthood", "hidden_line", "present", "goal", "vision")
    stage = {
        "title": "The box",
        "text": "She finds a box in the hall.",
        "lines": ["One.", "Two of it.", "Three.", "Four."],
    }
    axes = ("cognitive", "affective", "proactive")
    whole = {
        "title": "Half of the shelf",
        "category": "interpersonal relationships",
        "persona": {
            **{"name": "Robin", "age": 41, "gender": "female", "occupation": "upholsterer"},
            **{"manner": "Plain and quick.", "character": "Gives before she is asked."},
        },
        "threshold": "medium",
        "priorities": dict.fromkeys(axes, "medium"),
        "topic": "Her partner is about to leave.",
        "wish": "To say that she followed him once, and is left with nothing.",
        "needs": {axis: f"Somebody who meets the {axis} side of it." for axis in axes},
        "experience": {name: f"What is to be said of her {name}." for name in texts},
        "trigger": "He began to pack this morning.",
        "stages": [{**stage, "title": f"The box, {number}"} for number in ("one", "two", "three")],
        "outcome": "She keeps the shelf.",
        "episode": "They carry it down together.",
        "crisis": "",
    }
    return whole | changes


def answer(**changes: Any) -> str:
    return json.dumps(card(**changes))
