"""What went wrong with an attempt, as data: which error it becomes, and whether to try again.

Endpoints agree on status codes more than on anything else; where one code has several meanings (400), the
error's code and then its words decide.
"""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from datetime import MAXYEAR
from typing import Any, NamedTuple

from empa_gym.clients.encoding import json_from
from empa_gym.errors import (
    AuthenticationFailed,
    BadRequest,
    ContentFiltered,
    ContextTooLong,
    DeadlineExceeded,
    EndpointDown,
    ModelError,
    ModelNotFound,
    RateLimited,
)


class Answer(NamedTuple):
    """What an endpoint sent: its status, headers with names in lower case, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Failure(NamedTuple):
    """Why an attempt gave no answer.

    Attributes:
        kind: the error that it becomes when it is final.
        cause: one sentence.
        again: whether another attempt may succeed.
        wait: seconds that the endpoint asks to wait before it; 0.0 when it says nothing.
        throttled: whether the endpoint has too much to do, so that fewer calls at once would help.
        reshape: whether the endpoint may dislike how the answer's shape was asked for.
        billed: whether it may have worked on the answer, and count it.
        unreachable: whether no connection could be had.
    """

    kind: type[ModelError]
    cause: str
    again: bool = False
    wait: float = 0.0
    throttled: bool = False
    reshape: bool = False
    billed: bool = False
    unreachable: bool = False


LONGEST_CAUSE = 300
"""Characters of an endpoint's message that are kept."""
LONGEST_WAIT = 1e9
"""Seconds, thirty years: what is taken for any longer wait that an endpoint asks for."""
TRY_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
"""Timeout, conflict, too early, too many, and a server's or a proxy's trouble; 529 is "overloaded" with some."""
MOVED = frozenset({301, 302, 303, 307, 308})
OVERLOADED = frozenset({429, 503, 529})
TOO_LONG = re.compile(
    r"context.?(length|window|size)|maximum context|too many (input )?tokens|prompt is too long|reduce the length"
    r"|longer than the (model|maximum)|max_model_len|exceed\w* .{0,40}tokens",
    re.IGNORECASE,
)
FILTERED = re.compile(r"content.?(filter|management|policy)|moderation|flagged|safety (system|filter)", re.IGNORECASE)
SPENT = re.compile(r"insufficient_quota|credit balance|out of credits?|no credits? left", re.IGNORECASE)


def timed_out(seconds: float) -> Failure:
    """The failure of an attempt that got no whole answer in its time."""
    return Failure(DeadlineExceeded, f"no whole answer within {seconds:.3g} s", again=True, billed=True)


def too_long_to_wait(asked: float, left: float) -> str:
    """The cause of a call that ends before the endpoint wants to be asked again.

    >>> too_long_to_wait(3600.0, 119.6)
    'the endpoint asked to wait 3,600 s, more than the 120 s that this call may still take'
    """
    return f"the endpoint asked to wait {_seconds(asked)}, more than the {_seconds(left)} that this call may still take"


def _seconds(value: float) -> str:
    return f"{max(0.0, value):,.0f} s" if value >= 9.5 else f"{max(0.0, value):.2g} s"


def refused(answer: Answer) -> Failure:
    """The failure that an error status stands for."""
    code, message = _error_of(answer.body)
    if answer.status in MOVED:
        where = one_line(answer.headers.get("location", "").partition("?")[0])
        advice = f"the endpoint is elsewhere{': ' if where else ''}{where}; write its address in base_url"
        return Failure(ModelNotFound, f"HTTP {answer.status}: {advice}")
    return failure_of_status(answer.status, code, message, waiting_time(answer.headers))


def failure_of_status(status: int, code: str, message: str, wait: float = 0.0) -> Failure:
    """The failure that a status, an error code and a message stand for."""
    said = f"{code} {message}"
    cause = f"HTTP {status}{': ' if message else ''}{message}"
    if status == 402 or (status == 429 and not wait and SPENT.search(said)):
        return Failure(RateLimited, f"{cause} (the quota is spent)")
    if status in TRY_AGAIN:
        kind = RateLimited if status == 429 else EndpointDown
        return Failure(kind, cause, again=True, wait=wait, throttled=status in OVERLOADED, billed=False)
    if status in (400, 403, 413, 422):
        if TOO_LONG.search(said) or status == 413:
            return Failure(ContextTooLong, cause)
        if FILTERED.search(said):
            return Failure(ContentFiltered, cause)
    if status in (401, 403):
        return Failure(AuthenticationFailed, cause)
    if status == 404:
        return Failure(ModelNotFound, cause)
    final: type[ModelError] = EndpointDown if status >= 500 else BadRequest
    return Failure(final, cause, reshape=status in (400, 422, 501))


def _error_of(body: bytes) -> tuple[str, str]:
    """Code and message of an error's body, whatever form it has."""
    try:
        data: Any = json_from(body)
    except (ValueError, RecursionError):
        shown = body.lstrip()[:1] != b"<" and b"\0" not in body  # neither a page nor bytes, or two to a letter
        return "", one_line(body[:LONGEST_CAUSE].decode("utf-8", "replace")) if shown else ""
    return error_fields(data)


def error_fields(data: Any) -> tuple[str, str]:
    """Code and message of an error in any of the forms in use; "" for what is not there."""
    error = data.get("error", data) if isinstance(data, dict) else data
    if not isinstance(error, dict):
        return "", one_line(str(error))
    message = error.get("message") or error.get("detail") or error.get("msg") or ""
    code = error.get("code") or error.get("type") or ""
    return one_line(str(code)), one_line(message if isinstance(message, str) else json.dumps(message))


def one_line(text: str) -> str:
    """A text in one line of printable characters, cut to a sentence's length."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * LONGEST_CAUSE])
    return " ".join(kept.split())[:LONGEST_CAUSE]


def waiting_time(headers: Mapping[str, str]) -> float:
    """Seconds that the endpoint asks to wait: Retry-After as seconds or as a date, or retry-after-ms; 0.0 for none.

    What cannot be read asks for nothing; what is absurdly long asks for :data:`LONGEST_WAIT`.

    >>> waiting_time({"retry-after": "2.5"}), waiting_time({"retry-after-ms": "40"}), waiting_time({})
    (2.5, 0.04, 0.0)
    """
    milliseconds, said = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    if seconds := _number(milliseconds) / 1000 or _number(said):
        return seconds
    return _until(said)


def _number(text: str) -> float:
    """A positive number, at most LONGEST_WAIT; 0.0 for what is none."""
    return min(float(text), LONGEST_WAIT) if re.fullmatch(r"\s*[0-9]+(\.[0-9]*)?\s*", text) else 0.0


def _until(text: str) -> float:
    """Seconds until a date, at most LONGEST_WAIT; 0.0 for one that is past, and for what is none."""
    try:
        date = email.utils.parsedate_tz(text)
        if date is None:
            return 0.0
        if date[0] > MAXYEAR:
            return LONGEST_WAIT
        seconds = email.utils.mktime_tz(date) - time.time()
    except (ValueError, IndexError, OverflowError):  # the parser takes some texts that are no dates
        return 0.0
    return min(max(0.0, seconds), LONGEST_WAIT)
