"""The actor that a chat model plays: the person, in their own words."""

from __future__ import annotations

from functools import partial

from empa_gym.agents.llm.asking import ask_readably
from empa_gym.agents.llm.parsing import Unreadable
from empa_gym.agents.llm.sheets import actor_sheet
from empa_gym.agents.llm.texts import said_text, same_text
from empa_gym.agents.views import ActorView
from empa_gym.chat import ChatReply, ChatRequest, Flow
from empa_gym.prompts.rendering import actor_prompt
from empa_gym.prompts.templates import known


class LLMActor:
    """Speaks by asking a model.

    It is shown the person, the dialogue and of the plot only what the director has let out, so that it
    cannot tell what is still held back.

    Args:
        language: of the prompt and the person, "en" or "zh"; scenarios in another one are refused.

    Raises:
        ValueError: there are no prompts in that language.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = known(language)

    def speak(self, view: ActorView) -> Flow[str]:
        """The person's next message.

        Raises:
            ModelError: the model failed, or wrote nothing that can stand in the dialogue.
        """
        request = ChatRequest("actor", actor_prompt(self.language, actor_sheet(view)), view.turn)
        return (yield from ask_readably(request, self.language, partial(read_message, view=view)))


def read_message(reply: ChatReply, view: ActorView) -> str:
    """The message that a model's answer holds.

    Raises:
        Unreadable: there is none, or the person has written it before.
    """
    message = said_text(reply, f"U{len(view.exchanges) + 1}", view.scenario.persona.name)
    if any(same_text(message, exchange.message) for exchange in view.exchanges):
        raise Unreadable("repeated")
    return message
