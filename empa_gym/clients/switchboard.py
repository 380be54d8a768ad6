"""One client for each role, behind one."""

from __future__ import annotations

from collections.abc import Mapping

from empa_gym.chat import ChatReply, ChatRequest
from empa_gym.clients.base import ChatClient
from empa_gym.errors import ModelError


class Switchboard:
    """Hands each request to the client of its role.

    Args:
        clients: by role; the same client may serve several.
        otherwise: serves every other role; None to refuse them.
    """

    def __init__(self, clients: Mapping[str, ChatClient], otherwise: ChatClient | None = None) -> None:
        self._clients = dict(clients)
        self._otherwise = otherwise

    def client_of(self, role: str) -> ChatClient:
        """The client that serves a role.

        Raises:
            ModelError: there is none.
        """
        client = self._clients.get(role, self._otherwise)
        if client is None:
            known = ", ".join(self._clients) or "none"
            raise ModelError(f"no chat model was named for this role; there is one for: {known}", role)
        return client

    def complete(self, request: ChatRequest) -> ChatReply:
        """The answer of the role's client."""
        return self.client_of(request.role).complete(request)

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """The answer of the role's client."""
        return await self.client_of(request.role).acomplete(request)

    def _each(self) -> list[ChatClient]:
        clients = [*self._clients.values(), *([self._otherwise] if self._otherwise else [])]
        return list({id(client): client for client in clients}.values())

    def close(self) -> None:
        """Close every client once."""
        for client in self._each():
            client.close()

    async def aclose(self) -> None:
        """Close every client once."""
        for client in self._each():
            await client.aclose()
