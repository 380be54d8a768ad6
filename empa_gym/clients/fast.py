"""The lean client for many dialogues at once, on ``pyreqwest`` (Rust's reqwest): ``pip install 'empa-gym[fast]'``.

Chosen by measurement, see ``docs/design/clients.md``. Connections do not survive a fork: a process that was
forked from one that used this client gets an :class:`~empa_gym.errors.EndpointDown` that says so.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

from pydantic_core import PydanticSerializationError, to_json
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from empa_gym.clients.config import ModelConfig
from empa_gym.clients.failures import Answer, Failure, broken_off, timed_out
from empa_gym.clients.governor import Governor
from empa_gym.clients.remote import PATH, RemoteClient, Transport
from empa_gym.errors import EndpointDown

FORKED = "this process was forked from one that used the fast transport; start it with 'spawn', or use 'openai'"


def _encoded(body: dict[str, Any]) -> bytes:
    """The body as JSON; pydantic's writer takes a third of the time, but knows no half characters."""
    try:
        return to_json(body)
    except PydanticSerializationError:
        return json.dumps(body).encode()


class FastTransport(Transport):
    """Connections of one process; all its event loops share them."""

    def __init__(self, base_url: str, key: str) -> None:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._client: Client = ClientBuilder().default_headers(headers).follow_redirects(False).build()
        self._url = base_url + PATH

    async def send(self, body: dict[str, Any], seconds: float) -> Answer | Failure:
        """What the endpoint answered; the time is for the whole answer, not for each piece of it."""
        post = self._client.post(self._url).timeout(timedelta(seconds=seconds))
        try:
            response = await post.body_bytes(_encoded(body)).build().send()
            content = bytes(await response.bytes())
        except TimeoutError:
            return timed_out(seconds)
        except PyreqwestError as error:
            return broken_off(type(error).__name__)
        status = response.status
        return Answer(status, {} if status == 200 else dict(response.headers.items()), content)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.close()


class FastClient(RemoteClient):
    """The lean client; see :class:`~empa_gym.clients.remote.RemoteClient`."""

    def __init__(self, config: ModelConfig, governor: Governor | None = None) -> None:
        super().__init__(config, governor)
        self._carrier: FastTransport | None = None
        self._process = 0

    def _transport(self, key: str) -> Transport | Failure:
        if self._carrier is None or self._process != os.getpid():
            try:
                self._carrier = FastTransport(self.config.base_url, key)
            except RuntimeError:
                return Failure(EndpointDown, FORKED)
            self._process = os.getpid()
        return self._carrier

    async def aclose(self) -> None:
        """Give the connections back."""
        carrier, self._carrier = self._carrier, None
        if carrier is not None and self._process == os.getpid():
            await carrier.aclose()
