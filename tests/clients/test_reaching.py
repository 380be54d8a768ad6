"""Who cannot be reached is named by host and port, soon where nobody ever answered, patiently where somebody did."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator

import pytest

from empa_gym.clients.reaching import Address, address_of, causes, unreachable
from empa_gym.errors import DeadlineExceeded, EndpointDown
from tests.clients.asking import KEY, KEY_NAME, Ask, client, question
from tests.clients.loopback import FAULTS, Loopback, always

HERE = Address("localhost", 8000)


@pytest.fixture
def closed_port() -> int:
    """A port of this machine at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_closed_port_is_named_and_given_up_soon(closed_port: int, transport: str, ask: Ask) -> None:
    asked = client(f"http://127.0.0.1:{closed_port}/v1", transport, attempts=10)
    words = rf"nothing listens at 127\.0\.0\.1:{closed_port}: connection refused \(3 attempts in"
    with pytest.raises(EndpointDown, match=words) as caught:
        ask(asked, question())
    assert KEY not in str(caught.value)


def test_an_endpoint_that_answered_once_is_waited_for_with_full_patience(transport: str) -> None:
    with Loopback(always()) as server:
        known, unknown = (client(server.url, transport, attempts=7) for _ in range(2))
        assert known.complete(question()).text
    for asked, attempts in ((known, 7), (unknown, 3)):
        with pytest.raises(EndpointDown, match=rf"connection refused \({attempts} attempts"):
            asked.complete(question())
        asked.close()


def test_any_answer_shows_that_somebody_is_there(server: Loopback, transport: str) -> None:
    server.script = always(FAULTS["500"])
    asked = client(server.url, transport, attempts=1)
    assert not asked.manners.reached
    with pytest.raises(EndpointDown):
        asked.complete(question())
    assert asked.manners.reached
    asked.close()


@contextlib.contextmanager
def never_accepting() -> Iterator[int]:
    """A port that takes no further connection, as an address behind a firewall does."""
    with socket.socket() as listening, contextlib.ExitStack() as stack:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = int(listening.getsockname()[1])
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves a connection beyond the backlog unanswered")
def test_an_attempts_time_ends_the_wait_for_a_connection_too(transport: str) -> None:
    with never_accepting() as port:
        asked = client(f"http://127.0.0.1:{port}/v1", transport, attempts=1, timeout=0.1)
        with pytest.raises((EndpointDown, DeadlineExceeded)):
            asked.complete(question())
        asked.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves a connection beyond the backlog unanswered")
def test_a_connection_that_does_not_come_about_is_not_waited_for_as_long_as_an_answer(
    transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with never_accepting() as port:
        asked = client(f"http://127.0.0.1:{port}/v1", transport, attempts=1, timeout=9.0)
        package = sys.modules[type(asked).__module__]
        monkeypatch.setattr(package, "CONNECT_SECONDS", 0.1)
        monkeypatch.setattr(package, "WAITING", {"timeout": 0.1}, raising=False)
        with pytest.raises(EndpointDown, match=rf"no connection to 127\.0\.0\.1:{port} within"):
            asked.complete(question())
        asked.close()


def test_a_connection_that_breaks_is_named_by_its_address(server: Loopback, transport: str) -> None:
    server.script = always(FAULTS["reset mid-body"])
    with pytest.raises(EndpointDown, match=rf"the connection to 127\.0\.0\.1:{server.port} broke off: \w+ \("):
        client(server.url, transport, attempts=1).complete(question())


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            ["dns error", "failed to lookup address information: Name or service not known"],
            "no host is called localhost",
        ),
        (["gaierror: [Errno -3] Temporary failure in name resolution"], "no host is called localhost"),
        (["tcp connect error", "Connection refused (os error 61)"], "nothing listens at localhost:8000"),
        (["ConnectTimeout: "], "no connection to localhost:8000 within"),
        (["invalid peer certificate: UnknownIssuer"], "no connection to localhost:8000: invalid peer certificate"),
        ([], "no connection to localhost:8000: no reason was given"),
    ],
)
def test_what_the_system_says_becomes_a_sentence(told: list[str], words: str) -> None:
    failure = unreachable(HERE, told)
    assert words in failure.cause
    assert failure.again
    assert not failure.billed


def test_a_refusal_behind_a_group_of_errors_is_found() -> None:
    behind = ConnectionRefusedError(111, "Connect call failed")
    outer = OSError("All connection attempts failed")
    outer.exceptions = (TimeoutError(), behind)  # type: ignore[attr-defined]
    assert "nothing listens" in unreachable(HERE, [*causes(outer)]).cause


def test_a_proxy_of_the_environment_is_not_taken_for_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{KEY}@127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    address = address_of("http://example.invalid/v1")
    said = unreachable(address, ["Connection refused"]).cause
    assert (
        said == "no connection to example.invalid:80 by way of the proxy that the environment names: Connection refused"
    )
    monkeypatch.setenv("no_proxy", "example.invalid")
    assert not address_of("http://example.invalid/v1").proxied


def test_the_key_is_no_part_of_what_is_said(closed_port: int, transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_NAME, str(closed_port) * 2)
    with pytest.raises(EndpointDown) as caught:
        client(f"http://127.0.0.1:{closed_port}/v1", transport, attempts=1).complete(question())
    assert str(closed_port) * 2 not in str(caught.value)
