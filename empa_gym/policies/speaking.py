"""The supporter's speech: an act (restate, name a feeling, affirm, ...) becomes a sentence about what was told.

Each act has a list of sentence frames; its slots are filled from what the seeker said and nobody has answered yet,
so a reply is grounded and no frame comes twice before all have come once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from empa_gym.agents.views import PolicyView, pick
from empa_gym.policies import frames, moves
from empa_gym.policies.clauses import WORD
from empa_gym.policies.hearing import Heard, Mood, hear
from empa_gym.policies.words import BURDENS, FEELINGS, FUNCTION

STEP_FROM = 5
"""No step is offered before this turn: first listen."""
ACTS: dict[str, tuple[str, ...]] = {
    "restate": frames.RESTATE,
    "picture": frames.PICTURE,
    "feel": frames.FEEL,
    "guess": frames.GUESS,
    "affirm": moves.AFFIRM,
    "contrast": moves.CONTRAST,
    "reframe": moves.REFRAME,
    "ask": frames.ASK,
    "step": moves.STEP,
    "own": moves.OWN,
    "afresh": moves.AFRESH,
    "room": moves.ROOM,
    "validate": frames.VALIDATE,
    "value": moves.VALUE,
    "see": moves.SEE,
    "with": moves.WITH,
    "together": moves.TOGETHER,
    "console": frames.CONSOLE,
    "invite": frames.INVITE,
}
INSTEAD = {
    "picture": "restate", "value": "restate",
    "restate": "picture", "feel": "validate", "guess": "validate", "affirm": "value", "contrast": "reframe",
    "reframe": "picture", "step": "ask", "see": "value", "with": "validate", "together": "restate",
}  # fmt: skip
"""What is done where the material for an act is lacking."""
FEWEST = 2
"""Sentences in a reply at least; where the material runs out, the acts of FURTHER make them up."""
FURTHER = ("restate", "console", "invite")
HEAR_BACK, HEAR_FAR_BACK = 2, 6
"""It answers what was told in the last so many messages; in more of them where the last one tells nothing."""
OPENING = 3
"""No reply opens with the same so many words as the one before."""
GOING_BACK = frozenset({"with", "own", "afresh", "room", "together"})
"""Acts that may take up a thing once more."""
MEMBER_STRIDE = 7919
"""Keeps the choices of a group's members apart: a prime, so that they fall together late."""
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Notes:
    """What the supporter has at hand for one reply: what was heard and is not answered yet, the newest first."""

    clauses: list[str]
    deeds: list[str]
    burdens: list[str]
    things: list[str]
    older: list[str]
    named: list[str]
    guesses: list[str]


def mood_of(view: PolicyView) -> Mood:
    """How the seeker's last message meets the supporter."""
    said = [message.content for message in view.messages if message.role == "user"]
    return hear(said[-1]).mood if said else Mood.TELLING


class Speech:
    """A reply in the making: sentences about what was told, one after the other; nothing is taken up twice.

    Args:
        view: the dialogue so far.

    Attributes:
        sentences: those that were said, in order.
    """

    def __init__(self, view: PolicyView) -> None:
        self._view = view
        self._own = " ".join(message.content for message in view.messages if message.role == "assistant")
        heard = [hear(message.content) for message in view.messages if message.role == "user"]
        back = HEAR_BACK if mood_of(view) is Mood.TELLING else HEAR_FAR_BACK
        self.notes = take_notes(heard, self._own, back)
        self.sentences: list[str] = []

    def perform(self, act: str) -> None:
        """Add a sentence that does the act, or what stands in for it; none where there is no material."""
        seed = self._view.seed + MEMBER_STRIDE * self._view.member
        sentence = perform(act, self.notes, " ".join([self._own, *self.sentences]), seed, self._view.turn)
        if sentence:
            self.sentences.append(sentence)

    @property
    def text(self) -> str:
        """The reply: its first sentence goes to the end where it would open like the reply before."""
        last = next((one.content for one in reversed(self._view.messages) if one.role == "assistant"), "")
        first, *rest = self.sentences or [""]
        opens_alike = first.split()[:OPENING] == last.split()[:OPENING]
        return " ".join([*rest, first] if opens_alike else self.sentences)


def say(view: PolicyView, acts: Iterable[str]) -> str:
    """A reply that does these acts, in order, as far as there is material for them; never "".

    Args:
        view: the dialogue so far.
        acts: keys of ACTS.
    """
    speech = Speech(view)
    for act in acts:
        speech.perform(act)
    for act in FURTHER:
        if len(speech.sentences) < FEWEST:
            speech.perform(act)
    return speech.text


def take_notes(heard: list[Heard], own: str, back: int) -> Notes:
    """What the seeker told in the last ``back`` messages and is not taken up yet, the newest first."""
    answered = own.lower()
    clauses: list[str] = []
    things: list[str] = []
    told = Counter(word for one in heard for word in one.words)
    for one in reversed(heard[-back:]):
        new = [clause for clause in one.clauses if clause.lower() not in answered]
        clauses += sorted(new, key=lambda clause: -len(_content(clause)))
        things += [thing for thing in one.things if _noun(thing) not in answered]
    near = heard[-back:]
    named = [family for one in reversed(near) for family in one.feelings]
    hints = [family for one in near for family in one.hints]
    deeds = {deed for one in near for deed in one.deeds}
    ever = [clause for one in reversed(heard) for clause in one.clauses if clause.lower() not in answered]
    burdens = [clause for clause in ever if clause not in deeds and BURDENS & set(clause.split())]
    before = dict.fromkeys(thing for one in heard[:-1] for thing in one.things if told[_noun(thing)] > 1)
    older = sorted(before, key=lambda thing: (answered.count(_noun(thing)) - 2 * told[_noun(thing)], thing))
    return Notes(
        clauses=list(dict.fromkeys(c for c in clauses if c not in deeds)) or list(dict.fromkeys(clauses)),
        deeds=list(dict.fromkeys(clause for clause in clauses if clause in deeds)),
        burdens=list(dict.fromkeys(burdens)),
        things=list(dict.fromkeys(things)),
        older=older,
        named=list(dict.fromkeys(named)),
        guesses=[family for family, count in Counter(hints).most_common() if count > 1 and family not in named],
    )


def perform(act: str, notes: Notes, own: str, seed: int, turn: int) -> str:
    """One sentence that does the act, or what is done instead; "" when there is nothing to say it with."""
    if act == "step" and turn < STEP_FROM:
        act = "ask"
    for _ in range(4):
        frame = choose(ACTS[act], own, seed, act)
        slots = fill(frame, act, notes, seed, turn)
        if slots is not None:
            return frame.format(**slots)
        if act not in INSTEAD:
            return ""
        act = INSTEAD[act]
    return ""


def choose(options: tuple[str, ...], own: str, seed: int, act: str) -> str:
    """A frame not yet used in this dialogue, in an order that the seed decides; else the one used longest ago."""
    start = pick(seed, 0, "policy", len(options), salt=len(act) * 31 + ord(act[0]))
    ordered = options[start:] + options[:start]
    marks = [(own.rfind(_mark(frame)), index) for index, frame in enumerate(ordered)]
    return ordered[min(marks)[1]]


def _mark(frame: str) -> str:
    """The longest literal stretch of a frame: by it a used frame is recognised."""
    return max(_SLOT.split(frame)[::2], key=len)


def fill(frame: str, act: str, notes: Notes, seed: int, turn: int) -> dict[str, str] | None:
    """The slots of a frame, taken off the notes; None when something it needs is lacking."""
    needs = set(_SLOT.findall(frame.lower()))
    taken: dict[str, str] = {}
    sources = {
        "c": notes.clauses, "d": notes.deeds, "b": notes.burdens,
        "t": notes.things, "v": notes.things, "u": notes.older,
    }  # fmt: skip
    for slot in sorted(needs & set(sources)):
        value = next((v for v in sources[slot] if v not in taken.values() and not _overlaps(v, taken)), None)
        if value is None and slot == "t" and act in GOING_BACK:
            value = next((v for v in notes.older if v not in taken.values()), None)
        if value is None:
            return None
        taken[slot] = value
    if needs & {"adj", "noun"}:
        family = _family(act, notes, seed, turn)
        if family is None:
            return None
        taken["adj"], taken["noun"] = FEELINGS[family][:2]
    for slot, value in taken.items():
        for source in sources.values():
            if value in source and slot in sources:
                source.remove(value)
    return taken | {slot.upper(): value[:1].upper() + value[1:] for slot, value in taken.items()}


def _family(act: str, notes: Notes, seed: int, turn: int) -> str | None:
    """The feeling to name: one the seeker named, or, for a guess, one that may be near."""
    options = notes.guesses[:2] if act == "guess" else notes.named[:1]
    return options[pick(seed, turn, "policy", len(options), salt=5)] if options else None


def _overlaps(value: str, taken: dict[str, str]) -> bool:
    return any(_content(value) & _content(other) for other in taken.values())


def _content(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if word not in FUNCTION}


def _noun(thing: str) -> str:
    return thing.rsplit(" ", 1)[-1].lower()
