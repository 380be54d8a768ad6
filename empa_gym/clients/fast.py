"""The lean client for many dialogues at once, on ``pyreqwest`` (Rust's reqwest): ``pip install 'empa-gym[fast]'``.

Chosen by measurement, see ``docs/design/clients.md``. Connections do not survive a fork: a process that was
forked from one that used this client gets an :class:`~empa_gym.errors.EndpointDown` that says so.
"""

from __future__ import annotations

import atexit
import os
import time
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from empa_gym.clients.config import ModelConfig
from empa_gym.clients.failures import Answer, Failure, timed_out
from empa_gym.clients.governor import Governor
from empa_gym.clients.reaching import CONNECT_SECONDS, address_of, broken_off, unreachable
from empa_gym.clients.remote import PATH, RemoteClient, Transport
from empa_gym.errors import EndpointDown

FORKED = "this process was forked from one that used the fast transport; start it with 'spawn', or use 'openai'"
CONNECTING = "(Connect)"
"""How the package marks, among an error's causes, one that came before there was a connection."""
GRACE = 0.01
"""Seconds; a thread of the package that is just handing over an error when the interpreter ends would abort it."""
atexit.register(time.sleep, GRACE)


class FastTransport(Transport):
    """Connections of one process; all its event loops share them."""

    def __init__(self, base_url: str, key: str) -> None:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        builder = ClientBuilder().default_headers(headers).follow_redirects(False)
        self._key = key
        self._client: Client = builder.connect_timeout(timedelta(seconds=CONNECT_SECONDS)).build()
        self._url = base_url + PATH
        self._address = address_of(base_url)

    async def send(self, body: bytes, seconds: float) -> Answer | Failure:
        """What the endpoint answered; the time is for the whole answer, not for each piece of it."""
        post = self._client.post(self._url).timeout(timedelta(seconds=seconds))
        try:
            response = await post.body_bytes(body).build().send()
            content = bytes(await response.bytes())
        except PyreqwestError as error:
            return self._failure(error, seconds)
        status = response.status
        return Answer(status, {} if status == 200 else dict(response.headers.items()), content)

    def _failure(self, error: PyreqwestError, seconds: float) -> Failure:
        # The package calls every timeout one of connecting; what lies behind it tells them apart.
        told = [cause["message"] for cause in (getattr(error, "details", None) or {}).get("causes") or ()]
        if any(CONNECTING in cause for cause in told):
            return unreachable(self._address, told)
        return (
            timed_out(seconds) if isinstance(error, TimeoutError) else broken_off(self._address, type(error).__name__)
        )

    def sends(self, key: str) -> bool:
        """Whether its requests carry this key."""
        return self._key == key

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
        # Where the key has changed, what is under way on the former connections comes to its end on them.
        if self._carrier is None or self._process != os.getpid() or not self._carrier.sends(key):
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
