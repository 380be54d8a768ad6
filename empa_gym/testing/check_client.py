"""What a ChatClient must satisfy, as one call for your own tests."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

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
Result = TypeVar("Result")


PATIENCE = 600.0
"""Seconds; as long as a call of this package may last."""


def check_client(client: ChatClient, *, secrets: Sequence[str] = (), patience: float = PATIENCE) -> None:
    """Assert what every client must satisfy, by asking it about twenty short questions.

    It answers with a ChatReply, blocking and on an event loop, alone and eight at once, in another thread,
    after it was closed, after a caller gave up, and after it was pickled; it fails with nothing but
    ModelError, with the role that asked, or BudgetExceeded; a call that is cancelled ends as cancelled. At
    least one answer must hold a word or a call: a client that fails always, or hides each failure in an empty
    answer, shows nothing.

    Args:
        client: to be checked. It is closed in the end.
        secrets: texts that must stand in no repr, error or pickle of it, such as a key.
        patience: seconds after which a call or a close counts as never ending.

    Raises:
        AssertionError: a sentence with what was asked, what was expected and what came.

    >>> from empa_gym.clients import ScriptedClient
    >>> check_client(ScriptedClient(lambda request: "I am well."))
    """
    made = not isinstance(client, type)
    _require(made, client, "", f"expected a client, got the class {getattr(client, '__name__', '')}; make one of it")
    _require(isinstance(client, ChatClient), client, "", "expected complete, acomplete, close and aclose")
    replies = [_in_a_thread(client, secrets, patience)]
    replies += [_blocking(client, name, secrets) for name in QUESTIONS]
    replies += asyncio.run(_on_a_loop(client, secrets, patience))
    _close(client, "close", client.close, patience)
    replies.append(_blocking(client, "a plain question", secrets))
    _check_copy(client, secrets)
    _close(client, "aclose", lambda: run_in_background(client.aclose()), patience)
    came = [reply for reply in replies if reply is not None]
    _require(bool(came), client, "", "expected at least one answer, but every call failed")
    worded = any(reply.text.strip() or reply.tool_calls for reply in came)
    _require(
        worded, client, "", "expected a word or a call in one answer, each was empty; raise a failure, do not hide it"
    )
    _require(_free_of(repr(client), secrets), client, "", "expected no secret in its repr, found one")


def _blocking(client: ChatClient, name: str, secrets: Sequence[str]) -> ChatReply | None:
    """Ask; the answer, None when the call failed as it may."""
    try:
        reply = client.complete(QUESTIONS[name])
    except (Exception, SystemExit) as error:  # a client is anybody's code and may raise anything
        _check_failure(client, name, error, secrets)
        return None
    _check_reply(client, name, reply)
    return reply


async def _on_a_loop(client: ChatClient, secrets: Sequence[str], patience: float) -> list[ChatReply | None]:
    """Ask each question, eight at once, and once more after a caller gave up."""
    names = list(QUESTIONS)
    try:
        replies = [await asyncio.wait_for(_awaited(client, name, secrets), patience) for name in names]
        crowd = [_awaited(client, names[number % len(names)], secrets) for number in range(AT_ONCE)]
        replies += await asyncio.wait_for(asyncio.gather(*crowd), patience)
        await asyncio.wait_for(_cancel(client), patience)
        replies.append(await asyncio.wait_for(_awaited(client, "a plain question", secrets), patience))
    except asyncio.TimeoutError:
        _require(False, client, "", f"expected every call to end within {patience:g} s, one did not")
    await _aclose(client)
    return replies


async def _awaited(client: ChatClient, name: str, secrets: Sequence[str]) -> ChatReply | None:
    try:
        reply = await client.acomplete(QUESTIONS[name])
    except (Exception, SystemExit) as error:  # a client is anybody's code and may raise anything
        _check_failure(client, name, error, secrets)
        return None
    _check_reply(client, name, reply)
    return reply


async def _cancel(client: ChatClient) -> None:
    """A call that is cancelled ends as cancelled: whoever set a deadline waits for that."""
    call = asyncio.ensure_future(client.acomplete(QUESTIONS["a plain question"]))
    await asyncio.sleep(0)
    early = call.done()
    call.cancel()
    (result,) = await asyncio.gather(call, return_exceptions=True)
    swallowed = not early and isinstance(result, ChatReply)
    _require(
        not swallowed, client, "", "expected a call that is cancelled to end as cancelled, it went on and answered"
    )


async def _aclose(client: ChatClient) -> None:
    try:
        await client.aclose()
    except Exception as error:  # a client is anybody's code and may raise anything
        _require(
            False, client, "", f"expected aclose to be awaited in peace, it raised {type(error).__name__}: {error}"
        )


def _in_a_thread(client: ChatClient, secrets: Sequence[str], patience: float) -> ChatReply | None:
    """Ask in another thread, whose failed assertion is raised here."""
    return _within(client, "a call", lambda: _blocking(client, "a plain question", secrets), patience)


def _close(client: ChatClient, name: str, close: Callable[[], object], patience: float) -> None:
    """Give connections and files back, in peace and in time."""

    def closed() -> None:
        try:
            close()
        except Exception as error:  # a client is anybody's code and may raise anything
            _require(False, client, "", f"expected {name} to end in peace, it raised {type(error).__name__}: {error}")

    _within(client, name, closed, patience)


def _within(client: ChatClient, name: str, do: Callable[[], Result], patience: float) -> Result:
    """What a piece of work comes to, done in a thread of its own and waited for so long."""
    results: list[Result] = []
    wrong: list[AssertionError] = []

    def work() -> None:
        try:
            results.append(do())
        except AssertionError as found:
            wrong.append(found)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(patience)
    if wrong:
        raise wrong[0]
    _require(bool(results), client, "", f"expected {name} to end within {patience:g} s, it is still under way")
    return results[0]


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


def _check_failure(client: ChatClient, name: str, error: BaseException, secrets: Sequence[str]) -> None:
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
