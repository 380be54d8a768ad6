"""What a ChatClient must satisfy, as one call for your own tests."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from collections.abc import Sequence
from typing import Any

from empa_gym.chat import AnswerFormat, ChatReply, ChatRequest, Message, Tool, ToolCall, Usage
from empa_gym.clients.background import run_in_background
from empa_gym.clients.base import ChatClient
from empa_gym.errors import BudgetExceeded, ModelError

SYSTEM = Message("system", "You answer in one short sentence.")
TALK = tuple(Message(role, f"Sentence {n}.") for n in range(20) for role in ("user", "assistant"))
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"level": {"type": "integer", "enum": [0, 1, 2]}},
        "required": ["level"],
        "additionalProperties": False,
    }
)
TOOL = Tool("observe", "Wait for the next message.", '{"type": "object", "properties": {}, "required": []}')
QUESTIONS = {
    "a plain question": ChatRequest("actor", (Message("user", "How are you?"),), 0),
    "a dialogue of 41 messages": ChatRequest("policy", (SYSTEM, *TALK, Message("user", "And now?")), 21),
    "other scripts": ChatRequest(
        "actor", (SYSTEM, Message("user", "\u4f60\u597d, \u00e7a va? \U0001f642\n\t\"'\\")), 1
    ),
    "a JSON schema": ChatRequest(
        "judge", (Message("user", 'Answer with {"level": 1}.'),), 2, answer=AnswerFormat("rating", SCHEMA)
    ),
    "a tool": ChatRequest("director", (Message("user", "Call observe."),), 3, answer=AnswerFormat(tools=(TOOL,))),
}
"""What a client is asked, by name."""
AT_ONCE = 8


def check_client(client: ChatClient, *, secrets: Sequence[str] = ()) -> None:
    """Assert what every client must satisfy, by asking it about twenty short questions.

    It answers with a ChatReply, blocking and on an event loop, alone and eight at once, in another thread,
    after it was closed, after a caller gave up, and after it was pickled; it fails with nothing but
    ModelError, with the role that asked, or BudgetExceeded. At least one answer must come: a client whose
    every call fails shows nothing.

    Args:
        client: to be checked. It is closed in the end.
        secrets: texts that must stand in no repr, error or pickle of it, such as a key.

    Raises:
        AssertionError: a sentence with what was asked, what was expected and what came.

    >>> from empa_gym.clients import ScriptedClient
    >>> check_client(ScriptedClient(lambda request: "I am well."))
    """
    _require(isinstance(client, ChatClient), client, "", "expected complete, acomplete, close and aclose")
    answers = [_blocking(client, name, secrets) for name in QUESTIONS]
    answers += asyncio.run(_on_a_loop(client, secrets))
    _in_a_thread(client, secrets)
    client.close()
    _blocking(client, "a plain question", secrets)
    _check_copy(client, secrets)
    run_in_background(client.aclose())
    _require(any(answers), client, "", "expected at least one answer, but every call failed")
    _require(_free_of(repr(client), secrets), client, "", "expected no secret in its repr, found one")


def _blocking(client: ChatClient, name: str, secrets: Sequence[str]) -> bool:
    """Ask; whether there was an answer."""
    try:
        reply = client.complete(QUESTIONS[name])
    except Exception as error:  # a client is anybody's code and may raise anything
        _check_failure(client, name, error, secrets)
        return False
    _check_reply(client, name, reply)
    return True


async def _on_a_loop(client: ChatClient, secrets: Sequence[str]) -> list[bool]:
    """Ask each question, eight at once, and once more after a caller gave up."""
    answered = [await _awaited(client, name, secrets) for name in QUESTIONS]
    names = [list(QUESTIONS)[number % len(QUESTIONS)] for number in range(AT_ONCE)]
    answered += await asyncio.gather(*(_awaited(client, name, secrets) for name in names))
    given_up = asyncio.create_task(client.acomplete(QUESTIONS["a plain question"]))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    answered.append(await _awaited(client, "a plain question", secrets))
    await client.aclose()
    return answered


async def _awaited(client: ChatClient, name: str, secrets: Sequence[str]) -> bool:
    try:
        reply = await client.acomplete(QUESTIONS[name])
    except Exception as error:  # a client is anybody's code and may raise anything
        _check_failure(client, name, error, secrets)
        return False
    _check_reply(client, name, reply)
    return True


def _in_a_thread(client: ChatClient, secrets: Sequence[str]) -> None:
    """Ask in another thread, whose failed assertion is raised here."""
    found: list[AssertionError] = []

    def ask() -> None:
        try:
            _blocking(client, "a plain question", secrets)
        except AssertionError as wrong:
            found.append(wrong)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    if found:
        raise found[0]


def _check_copy(client: ChatClient, secrets: Sequence[str]) -> None:
    """A pickle of it, as goes to a worker, asks too and holds no secret."""
    try:
        pickled = pickle.dumps(client)
    except Exception as error:  # pickle hands on whatever a class raises
        if "<lambda>" in str(error) or "<locals>" in str(error):
            return  # a script of a test's own, which goes to no worker
        _require(False, client, "", f"expected that it can be pickled, found {type(error).__name__}: {error}")
    _require(_free_of(pickled.decode("latin-1"), secrets), client, "", "expected no secret in its pickle, found one")
    copy = pickle.loads(pickled)
    _blocking(copy, "a plain question", secrets)
    copy.close()


def _check_reply(client: ChatClient, name: str, reply: Any) -> None:
    """A ChatReply whose fields are what they must be."""
    _require(isinstance(reply, ChatReply), client, name, f"expected a ChatReply, got {reply!r:.80}")
    _require(isinstance(reply.text, str), client, name, f"expected a text (str), got {reply.text!r:.80}")
    _require(isinstance(reply.finish, str), client, name, f"expected finish as a str, got {reply.finish!r:.80}")
    _require(isinstance(reply.usage, Usage), client, name, f"expected a Usage, got {reply.usage!r:.80}")
    amounts = list(reply.usage)
    fit = all(isinstance(amount, int | float) and amount >= 0 for amount in amounts)
    _require(fit, client, name, f"expected a usage of numbers that are not negative, got {amounts}")
    calls = isinstance(reply.tool_calls, tuple) and all(isinstance(call, ToolCall) for call in reply.tool_calls)
    _require(calls, client, name, f"expected tool_calls as a tuple of ToolCall, got {reply.tool_calls!r:.80}")
    texts = all(isinstance(call.name, str) and isinstance(call.arguments, str) for call in reply.tool_calls)
    _require(texts, client, name, f"expected name and arguments as texts, got {reply.tool_calls!r:.80}")


def _check_failure(client: ChatClient, name: str, error: Exception, secrets: Sequence[str]) -> None:
    """A ModelError with the role that asked, or a spent budget."""
    known = isinstance(error, (ModelError, BudgetExceeded))
    _require(known, client, name, f"expected a ModelError or BudgetExceeded, got {type(error).__name__}: {error}")
    if isinstance(error, ModelError):
        role = QUESTIONS[name].role
        _require(error.role == role, client, name, f"expected the error's role to be {role!r}, got {error.role!r}")
    _require(_free_of(f"{error} {error!r}", secrets), client, name, "expected no secret in its error, found one")


def _free_of(text: str, secrets: Sequence[str]) -> bool:
    return not any(secret in text for secret in secrets)


def _require(holds: bool, client: object, name: str, problem: str) -> None:
    if not holds:
        raise AssertionError(f"client {type(client).__name__}{f', asked {name}' if name else ''}: {problem}")
