"""Why nobody could be reached at an address, in a sentence that names host and port, whatever carries the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from empa_gym.clients.failures import Failure, one_line
from empa_gym.errors import EndpointDown

CONNECT_SECONDS = 20.0
"""How long it may take to be connected; an address that leads nowhere would else cost a whole attempt's time."""
PORTS = {"http": 80, "https": 443}
NOBODY_LISTENS = re.compile(r"refused", re.IGNORECASE)
NO_SUCH_NAME = re.compile(
    r"gaierror|getaddrinfo|name or service not known|nodename nor servname|name resolution|no address associated"
    r"|\bdns\b|failed to lookup",
    re.IGNORECASE,
)
TOO_LATE = re.compile(r"time(d)?[ -]?out|deadline has elapsed", re.IGNORECASE)


class Address(NamedTuple):
    """Where an endpoint is, as far as it may stand in an error.

    Attributes:
        host, port: the endpoint's.
        proxied: whether the environment names a proxy for it, which is then what could not be reached.
    """

    host: str
    port: int
    proxied: bool = False

    def __str__(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(base_url: str) -> Address:
    """Host and port of an endpoint's address.

    >>> str(address_of("http://127.0.0.1:9/v1")), str(address_of("https://api.openai.com/v1"))
    ('127.0.0.1:9', 'api.openai.com:443')
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    proxied = parts.scheme in getproxies() and not proxy_bypass(host)
    return Address(host, parts.port or PORTS.get(parts.scheme, 0), proxied)


def unreachable(address: Address, told: Sequence[str]) -> Failure:
    """The failure of an attempt that was never connected.

    Args:
        address: where to.
        told: what the system and the packages between say, the last cause last.
    """
    return Failure(EndpointDown, _sentence(address, told), again=True, unreachable=True)


def _sentence(address: Address, told: Sequence[str]) -> str:
    said = " ".join(told)
    last = one_line(told[-1]) if told else "no reason was given"
    if address.proxied:
        return f"no connection to {address} by way of the proxy that the environment names: {last}"
    if NO_SUCH_NAME.search(said):
        return f"no host is called {address.host}: its name could not be resolved; look at base_url"
    if NOBODY_LISTENS.search(said):
        return f"nothing listens at {address}: connection refused"
    if TOO_LATE.search(said):
        return f"no connection to {address} within {CONNECT_SECONDS:g} s"
    return f"no connection to {address}: {last}"


def broken_off(address: Address, reason: str) -> Failure:
    """The failure of an attempt whose connection broke; the endpoint may have answered by then, and bill it."""
    return Failure(EndpointDown, f"the connection to {address} broke off: {one_line(reason)}", again=True, billed=True)


def causes(error: BaseException) -> Iterator[str]:
    """What an error and the errors behind it say, each with its class, the last cause last."""
    yield f"{type(error).__name__}: {error}"
    for behind in getattr(error, "exceptions", ()):
        yield from causes(behind)
    further = error.__cause__ or error.__context__
    if further is not None:
        yield from causes(further)
