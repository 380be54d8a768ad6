"""What a model's settings may hold. What was found is never repeated in an error, since it may be a key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

RESERVED = frozenset({"messages", "model", "stream", "n"})
"""Fields of a request that are the client's own."""
LENGTHS = frozenset({"max_tokens", "max_completion_tokens"})
SECRET_NAMES = frozenset(
    {
        *("apikey", "xapikey", "token", "accesstoken", "authtoken", "apitoken", "bearertoken", "refreshtoken"),
        *("authorization", "proxyauthorization", "bearer", "secret", "apisecret", "clientsecret", "secretkey"),
        *("accesskey", "privatekey", "password", "passwd", "credentials"),
    }
)
"""Names of fields that hold keys, in small letters and without dashes and underscores."""
SECRET_TEXT = re.compile(r"\s*(bearer|basic)\s+\S{8,}|\s*sk-[\w-]{16,}", re.IGNORECASE)
"""How a text begins that is a key."""
SECRET_WITHIN = re.compile(
    SECRET_TEXT.pattern + r"|(key|token|secret|password|passwd)[\"']?\s*[=:]\s*\S{6,}"  # api_key=..., "token": ...
    r"|--?[\w-]*(key|token|secret|password)\s+\S{6,}"  # --api-key ...
    r"|://[^/\s@]+:[^/\s@]+@"  # a name and a password in an address
    r"|(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{20,}",  # one long word of letters and digits
    re.IGNORECASE,
)
"""Where in a text something stands that may be a key. It finds too much rather than too little."""
PROPERTIES = "properties"
"""In a JSON schema, the table whose names are the schema's business."""
SHORTEST_ATTEMPT, LONGEST_ATTEMPT = 0.001, 86_400.0
"""Seconds."""
EXAMPLE = "'http://localhost:8000/v1'"
OPERATIONS = ("/chat/completions", "/completions", "/responses", "/embeddings")


def address(url: str) -> str:
    """The address of an endpoint, without the last slash.

    Raises:
        ValueError: it is no http address, goes on where the client's own path begins, or holds a name, a
            password or a query, where keys hide.

    >>> address("http://localhost:8000/v1/")
    'http://localhost:8000/v1'
    """
    parts = _parts(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"expected 'http://' or 'https://' before the host: write for example {EXAMPLE}")
    if not parts.hostname or re.search(r"[\s\\]", url):
        raise ValueError(f"expected a host after 'http://', and no blanks: write for example {EXAMPLE}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "expected an address without name, password, query and fragment: write only scheme, host, port and path, "
            f"for example {EXAMPLE}; the key belongs in an environment variable, see api_key_env"
        )
    trimmed = url.rstrip("/")
    for operation in OPERATIONS:
        if trimmed.endswith(operation):
            raise ValueError(
                f"expected the address without {operation}, which the client adds itself where it is due: "
                f"write for example {EXAMPLE}"
            )
    return trimmed


def _parts(url: str) -> SplitResult:
    problem = f"expected an address such as {EXAMPLE}"
    try:
        parts = urlsplit(url)
        problem = f"expected a port from 1 to 65535 after the host: write for example {EXAMPLE}"
        sound = parts.port is None or parts.port > 0
    except ValueError:
        sound = False
    if not sound or parts.netloc.endswith(":"):
        raise ValueError(problem) from None
    return parts


def attempt_seconds(seconds: float) -> float:
    """How long an attempt may take.

    Raises:
        ValueError: it is no time that can be kept, such as infinity or a microsecond.
    """
    if not SHORTEST_ATTEMPT <= seconds <= LONGEST_ATTEMPT:
        raise ValueError(f"expected seconds from {SHORTEST_ATTEMPT:g} to {LONGEST_ATTEMPT:,.0f}, which is a day")
    return seconds


def variable_name(name: str) -> str:
    """The name of an environment variable, or "".

    Raises:
        ValueError: it is none, perhaps the key itself.
    """
    if name and not (name.replace("_", "a").isalnum() and name.isascii() and name == name.upper()):
        raise ValueError("expected the NAME of an environment variable in capitals, never the key itself")
    return name


def extra_fields(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fields to add to a request.

    Raises:
        ValueError: one is the client's own, bounds the answer, seems to hold a key, or is no JSON.
    """
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("expected JSON data: texts, numbers, lists, tables") from None
    for name in fields:
        if name in RESERVED:
            raise ValueError(f"expected no field {name!r}: it is the client's own")
        if name in LENGTHS:
            raise ValueError(
                f"expected no field {name!r} here: write max_tokens among the settings, where it is counted"
            )
    for path in _secrets(fields, ""):
        raise ValueError(f"expected no key at {path!r}: it belongs in an environment variable, see api_key_env")
    return fields


def _secrets(value: Any, path: str) -> Iterator[str]:
    """Where in JSON data a key seems to stand, as "headers.authorization" or "list.0"."""
    if isinstance(value, Mapping):
        free = path.rpartition(".")[2] == PROPERTIES
        for name, below in value.items():
            place = f"{path}.{name}" if path else str(name)
            if not free and re.sub(r"[-_ ]", "", str(name)).lower() in SECRET_NAMES:
                yield place
            else:
                yield from _secrets(below, place)
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            yield from _secrets(below, f"{path}.{index}")
    elif isinstance(value, str) and SECRET_TEXT.match(value):
        yield path
