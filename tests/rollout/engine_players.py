"""Policies that misbehave in a worker, in a module that a worker can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from empa_gym.agents.views import PolicyView
from empa_gym.chat import ChatRequest, Flow


class Plain:
    """Replies with what it was asked; ``model`` asks a chat model first."""

    def __init__(self, *, model: bool = False) -> None:
        self.model = model

    def reply(self, view: PolicyView) -> Flow[str]:
        self.act(view)
        if self.model:
            yield ChatRequest("policy", view.messages, view.turn)
        return f"Tell me more, {view.seed}, {view.member}, {view.turn}."

    def act(self, view: PolicyView) -> None:
        """What it does beside replying."""


class Kills(Plain):
    """Kills its process with the dialogues of some members, on their second turn."""

    def __init__(self, *members: int, model: bool = False) -> None:
        super().__init__(model=model)
        self.members = members

    def act(self, view: PolicyView) -> None:
        if view.member in self.members and view.turn == 2:
            os.kill(os.getpid(), signal.SIGKILL)


class KillsOnce(Kills):
    """Does so once for each of these members; ``marks`` is a folder that remembers it."""

    def __init__(self, marks: Path, *members: int, model: bool = False) -> None:
        super().__init__(*members, model=model)
        self.marks = marks

    def act(self, view: PolicyView) -> None:
        mark = self.marks / str(view.member)
        if view.member in self.members and view.turn == 2 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class Counts(Plain):
    """Leaves one line for each dialogue that is begun, with the process that plays it; takes its time for each turn."""

    def __init__(self, file: Path, seconds: float = 0.0, *, model: bool = False) -> None:
        super().__init__(model=model)
        self.file, self.seconds = file, seconds

    def act(self, view: PolicyView) -> None:
        if view.turn == 1:
            with self.file.open("a") as lines:
                lines.write(f"{view.seed} {view.member} {os.getpid()}\n")
        time.sleep(self.seconds)


class Buggy(Plain):
    """Has a mistake on its third turn."""

    def act(self, view: PolicyView) -> None:
        if view.turn == 3:
            raise KeyError("three")


class Unmakeable(Plain):
    """Pickles, and cannot be made again."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (int, ("no number",))


class OddError(RuntimeError):
    """An error that does not survive being pickled."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


class Odd(Plain):
    """Raises it."""

    def act(self, view: PolicyView) -> None:
        raise OddError("this is odd", "and more")
