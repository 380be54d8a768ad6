"""How long is waited before a request is sent again."""

from __future__ import annotations

import email.utils
import math
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from empa_gym.clients.config import ModelConfig
from empa_gym.clients.failures import LONGEST_WAIT, Failure, waiting_time
from empa_gym.clients.retrying import Patience
from empa_gym.errors import EndpointDown

NUMBERS = st.integers(0, 10**400).map(str) | st.floats().map(str)
DATES = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Mon", "Fri", "x"]),
    st.integers(0, 99),
    st.sampled_from(["Jan", "Feb", "Dec"]),
    st.integers(0, 10**6),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from(["GMT", "+9999", "-0000", "", "99999999999999999999"]),
)
HEADER = st.text() | NUMBERS | DATES


@given(HEADER, HEADER)
@example("99999 Dec 1:1 +0100 -99999 0", "")  # the parser takes it for a date of a year that no calendar has
def test_no_header_makes_a_wait_that_is_none(said: str, milliseconds: str) -> None:
    for headers in ({"retry-after": said}, {"retry-after-ms": milliseconds, "retry-after": said}):
        seconds = waiting_time(headers)
        assert math.isfinite(seconds)
        assert 0.0 <= seconds <= LONGEST_WAIT


@pytest.mark.parametrize("said", ["99999999999", "1" + "0" * 20, "1" + "0" * 400, "Fri, 31 Dec 99999 23:59:59 GMT"])
def test_an_absurd_wait_is_a_long_one_and_not_none(said: str) -> None:
    assert waiting_time({"retry-after": said}) == LONGEST_WAIT


@pytest.mark.parametrize("said", ["", "soon", "-5", "Fri, 31 Dez 2099 23:59:59 GMT", "1 2 3", "\u0665"])
def test_what_cannot_be_read_states_no_wait(said: str) -> None:
    assert waiting_time({"retry-after": said}) == 0.0


def test_a_date_is_waited_for_until_it_is_there() -> None:
    wait = waiting_time({"retry-after": email.utils.formatdate(time.time() + 100, usegmt=True)})
    assert 50 < wait <= 100
    assert waiting_time({"retry-after": email.utils.formatdate(0, usegmt=True)}) == 0.0


def test_pauses_of_calls_that_failed_together_spread_between_half_and_the_whole() -> None:
    config, failure = ModelConfig("tiny", pause=4.0), Failure(EndpointDown, "oops", again=True)
    pauses = [Patience(config, 1e9).pause(failure, 0.0) or 0.0 for _ in range(300)]
    assert all(2.0 <= pause <= 4.0 for pause in pauses)
    assert len(set(pauses)) > 290
    assert min(pauses) < 2.5
    assert max(pauses) > 3.5
