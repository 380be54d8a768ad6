"""The phrases of the small policy: a reply is a sequence of them, as a sentence is one of words.

Most are stock: lines of comfort, praise, advice and cheer that fit any dialogue and therefore none. The others are acts
(restate, name a feeling, affirm, ...), which become a sentence about what was just told. A policy that knows nothing
draws mostly stock; it has to find the acts, and when each of them helps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from empa_gym.agents.views import PolicyView
from empa_gym.policies.generic import STOCK
from empa_gym.policies.speaking import ACTS, Speech
from empa_gym.wrappers.state_observation import message_features

END = 0
"""The token that ends a reply."""
ACT_NAMES: tuple[str, ...] = tuple(ACTS)
PRAISE = (
    "You are amazing.",
    "What a strong person you are.",
    "I admire you so much.",
    "You can be proud of yourself.",
)
ADVICE = (
    "You should make a list and work through it.",
    "Try to get more sleep and some exercise.",
    "You need to talk to them directly and set clear limits.",
    "Have you thought of seeing a professional?",
    "Just take one day off and do something nice.",
    "First you must decide what you really want.",
)
CHEER = (
    "Look on the bright side.",
    "Everything happens for a reason.",
    "Time heals all wounds.",
    "It could be much worse.",
    "Don't think about it too much.",
    "Tomorrow it will look better.",
)
LEAVE = ("Well, I wish you all the best.", "Take care, then.")
LINES: tuple[str, ...] = (*STOCK, *PRAISE, *ADVICE, *CHEER, *LEAVE)
PHRASES: tuple[str, ...] = ("", *ACT_NAMES, *LINES)
"""The vocabulary: END, the acts, the stock lines; a token is an index into it."""
FIRST_LINE = 1 + len(ACT_NAMES)
MOST = 5
"""Phrases of a reply at most."""
PLENTY = 4
"""So many things to take up are as good as more."""
KINDS_OF_NOTES = ("clauses", "deeds", "burdens", "things", "older", "named", "guesses")
HORIZON = 15.0
"""The turn is given in units of the training rules' limit."""
Vector = NDArray[np.float32]


def written(view: PolicyView, tokens: Sequence[int]) -> str:
    """The reply that a sequence of tokens stands for; "" when they say nothing.

    Args:
        view: the dialogue so far.
        tokens: indices into PHRASES; what follows an END is not read.

    Raises:
        IndexError: a token is no phrase.
    """
    speech = Speech(view)
    for token in tokens:
        if token == END:
            break
        if token < FIRST_LINE:
            speech.perform(PHRASES[token])
        else:
            speech.sentences.append(PHRASES[token])
    return speech.text


def seen(view: PolicyView) -> Vector:
    """What the small policy knows of a dialogue, shape (FEATURES,), float32.

    The turn; what can be heard in the last message
    (:func:`~empa_gym.wrappers.state_observation.message_features`); how much there is to take up, by kind.
    """
    last = next((message.content for message in reversed(view.messages) if message.role == "user"), "")
    notes = Speech(view).notes
    told = [min(1.0, len(getattr(notes, kind)) / PLENTY) for kind in KINDS_OF_NOTES]
    return np.array([view.turn / HORIZON, *message_features(last), *told], dtype=np.float32)


FEATURES = 1 + message_features("").size + len(KINDS_OF_NOTES)
