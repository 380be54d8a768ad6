"""A client for each role, and for the policies one each: several models under test play with one cast."""

from __future__ import annotations

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.base import ChatClient
from empa_gym.clients.switchboard import Switchboard

POLICY = "policy"


def policy_key(name: str) -> str:
    """What the client of a policy is called on the switchboard."""
    return f"{POLICY} {name}"


class PolicyBoard:
    """Hands a request to the client of its role; one of a policy to the client of that policy.

    Args:
        board: clients by role, and by :func:`policy_key`.
    """

    def __init__(self, board: Switchboard) -> None:
        self._board = board

    def client_of(self, request: ChatRequest) -> ChatClient:
        """The client that serves a request.

        Raises:
            ModelError: there is none.
        """
        return self._board.client_of(policy_key(request.policy) if request.role == POLICY else request.role)

    def complete(self, request: ChatRequest) -> ChatReply:
        """The answer of that client."""
        return self.client_of(request).complete(request)

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The answer of that client."""
        return await self.client_of(request).acomplete(request)

    def close(self) -> None:
        """Close every client once."""
        self._board.close()

    async def aclose(self) -> None:
        """Close every client once."""
        await self._board.aclose()
