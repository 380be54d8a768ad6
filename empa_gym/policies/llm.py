"""A supporter that a chat model plays: the model under test."""

from __future__ import annotations

from pathlib import Path

from empa_gym.agents.llm.asking import single
from empa_gym.agents.llm.parsing import without_thinking
from empa_gym.agents.views import PolicyView
from empa_gym.chat import ChatRequest, Flow, Message
from empa_gym.prompts.rendering import supporter_system
from empa_gym.prompts.templates import known


class LLMPolicy:
    """Replies by asking a model, which sees the dialogue as a chat and little else.

    What it writes is its reply as it stands, but for thinking in ``<think>`` tags: an empty or a cut reply
    is a turn like any other and is not asked for again.

    Args:
        language: of the default system prompt, "en" or "zh".
        system: another system prompt; "" for none at all.
        system_file: a UTF-8 file to read it from instead.

    Raises:
        ValueError: there is no default in that language, both a system prompt and a file are given, or
            the file cannot be read.
    """

    def __init__(self, language: str = "en", system: str | None = None, system_file: str | Path = "") -> None:
        if system is not None and system_file:
            raise ValueError("expected a system prompt or a file of one, got both; leave one out")
        if system_file:
            system = _read(Path(system_file))
        self.system = supporter_system(known(language)) if system is None else system

    def reply(self, view: PolicyView) -> Flow[str]:
        """The model's reply.

        Raises:
            ModelError: the model failed.
        """
        head = (Message("system", self.system),) if self.system else ()
        reply = single((yield ChatRequest("policy", (*head, *view.messages), view.turn)))
        return without_thinking(reply.text).strip()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        problem = error.strerror
    except ValueError:
        problem = "it is no UTF-8"
    raise ValueError(f"expected a readable UTF-8 file with the system prompt, got {str(path)!r}: {problem}")
