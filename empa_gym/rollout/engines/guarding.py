"""A client may be anybody's code: what breaks in it, or answers with something that is no reply, is named."""

from __future__ import annotations

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.base import ChatClient
from empa_gym.dialogue.asking import cause_of, found, place_of
from empa_gym.errors import AnswerError, EmpaError, ExtensionError


class GuardedClient:
    """Asks a client. An outage is a ModelError and passes; any other error is a mistake of the client's code.

    Args:
        client: answers.
    """

    def __init__(self, client: ChatClient) -> None:
        self._client = client

    def complete(self, request: ChatRequest) -> ChatReply:
        """The client's answer.

        Raises:
            EmpaError: as the client raised it.
            AnswerError: the answer is no ChatReply.
            ExtensionError: the client raised another error, which is the cause.
        """
        try:
            reply = self._client.complete(request)
        except EmpaError:
            raise
        except Exception as error:  # a client is anybody's code and may raise anything
            raise self._broken(request, error) from error
        return self._checked(request, reply)

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The same, for an event loop."""
        try:
            reply = await self._client.acomplete(request)
        except EmpaError:
            raise
        except Exception as error:  # likewise
            raise self._broken(request, error) from error
        return self._checked(request, reply)

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()

    def _broken(self, request: ChatRequest, error: Exception) -> ExtensionError:
        advice = "an outage must be raised as a ModelError"
        problem = f"raised {cause_of(error)} when the {request.role} asked it; {advice}"
        return ExtensionError("client", place_of(self._client), problem)

    def _checked(self, request: ChatRequest, reply: object) -> ChatReply:
        if isinstance(reply, ChatReply):
            return reply
        problem = f"gave the {request.role} no fit answer: {found('a ChatReply', reply)}"
        raise AnswerError("client", place_of(self._client), problem)
