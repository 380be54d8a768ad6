"""When each dialogue's turn began, so that its calls together have a deadline."""

from __future__ import annotations

from collections import OrderedDict

from empa_gym.chat import ChatRequest

MOST_DIALOGUES = 65_536
"""Dialogues that are remembered; the one that was silent longest is forgotten first."""


class TurnClock:
    """Remembers when the turn that each dialogue is in was first asked about."""

    def __init__(self) -> None:
        self._turns: OrderedDict[tuple[str, str, int, int], tuple[int, float, set[tuple[str, int, int]]]] = (
            OrderedDict()
        )

    def began(self, request: ChatRequest, now: float) -> float:
        """When the turn of a request began.

        The same question asked again (role, attempt, part) means that the turn is played again, and
        begins now. A request that names no dialogue is a turn of its own.
        """
        if not request.scenario:
            return now
        dialogue = (request.policy, request.scenario, request.seed, request.member)
        question = (request.role, request.attempt, request.part)
        turn, began, asked = self._turns.get(dialogue, (-1, now, set()))
        if turn != request.turn or question in asked:
            began, asked = now, set()
        asked.add(question)
        self._turns[dialogue] = (request.turn, began, asked)
        self._turns.move_to_end(dialogue)
        if len(self._turns) > MOST_DIALOGUES:
            self._turns.popitem(last=False)
        return began
