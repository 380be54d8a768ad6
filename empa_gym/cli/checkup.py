"""A few short questions to an endpoint, each asked in one way alone, and what they show."""

from __future__ import annotations

import dataclasses
import json
from statistics import median
from typing import Any, NamedTuple

from empa_gym.chat import PLAIN_TEXT, AnswerFormat, ChatReply, ChatRequest, Message, Tool
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connecting import connect
from empa_gym.clients.governor import Governor
from empa_gym.clients.remote import RemoteClient
from empa_gym.errors import BudgetExceeded, ModelError

WORD = "sparrow"
FORM = (
    '{"type": "object", "properties": {"word": {"type": "string"}, "letters": {"type": "integer"}}, '
    '"required": ["word", "letters"], "additionalProperties": false}'
)
SCHEMA = AnswerFormat("word", FORM)
TOOLS = AnswerFormat(tools=(Tool("note", "Note a word.", FORM), Tool("wait", "Do nothing.", '{"type": "object"}')))
IN_WORDS = f'Answer with this JSON object and nothing else: {{"word": "{WORD}", "letters": {len(WORD)}}}'
PATIENCE = {"attempts": 2, "deadline": 60.0}
"""A check-up should end soon: two attempts, and a minute at most, for each question."""


class Finding(NamedTuple):
    """What was looked for, "yes", "no" or "failed", and more in words."""

    what: str
    result: str
    detail: str = ""


class Checkup(NamedTuple):
    """What is known of one model at one endpoint, and for whom it plays."""

    roles: tuple[str, ...]
    model: ModelConfig
    findings: tuple[Finding, ...]

    @property
    def answers(self) -> bool:
        """Whether it gave any answer."""
        return self.findings[0].result == "yes"

    @property
    def data(self) -> dict[str, Any]:
        """As JSON data."""
        findings = {found.what: {"result": found.result, "detail": found.detail} for found in self.findings}
        return {"model": self.model.model, "base_url": self.model.base_url, "roles": list(self.roles), **findings}


class Examination:
    """Asks one model; each question goes through a client of its own, which knows nothing of the others."""

    def __init__(self, model: ModelConfig, governor: Governor) -> None:
        patient = {name: min(getattr(model, name), value) for name, value in PATIENCE.items()}
        self._model, self._governor = dataclasses.replace(model, **patient), governor
        self._replies: list[ChatReply] = []

    def check_up(self, roles: tuple[str, ...]) -> Checkup:
        """All questions, seven calls; only the first when that one fails."""
        first = self._plain()
        if first.result != "yes":
            return Checkup(roles, self._model, (first,))
        shapes = (self._schema(), self._json_mode(), self._tools())
        return Checkup(roles, self._model, (first, *shapes, self._seed(), self._usage(), self._latency()))

    def _ask(self, question: str, answer: AnswerFormat = PLAIN_TEXT, **changes: Any) -> tuple[ChatReply, RemoteClient]:
        """The reply, and the client as it is after it."""
        client = connect(dataclasses.replace(self._model, **changes), self._governor)
        assert isinstance(client, RemoteClient)
        try:
            reply = client.complete(ChatRequest("doctor", (Message("user", question),), answer=answer))
        finally:
            client.close()
        self._replies.append(reply)
        return reply, client

    def _plain(self) -> Finding:
        try:
            reply, _ = self._ask(f"Answer with one word: {WORD}")
        except (ModelError, BudgetExceeded) as failure:
            return _failed("answers", failure)
        return Finding("answers", "yes", f"it says {reply.text.strip()[:40]!r}, finish {reply.finish!r}")

    def _schema(self) -> Finding:
        try:
            reply, client = self._ask(IN_WORDS, SCHEMA, answers="schema")
        except (ModelError, BudgetExceeded) as failure:
            return _failed("schema", failure)
        return _shaped("schema", client.manners.known()["schema"], _is_form(reply.text))

    def _json_mode(self) -> Finding:
        try:
            reply, client = self._ask(IN_WORDS, SCHEMA, answers="json")
        except (ModelError, BudgetExceeded) as failure:
            return _failed("json mode", failure)
        return _shaped("json mode", client.manners.known()["schema"], _is_form(reply.text), taken="json")

    def _tools(self) -> Finding:
        try:
            reply, client = self._ask(f"Note the word {WORD}; it has {len(WORD)} letters.", TOOLS, answers="auto")
        except (ModelError, BudgetExceeded) as failure:
            return _failed("tools", failure)
        called = [call for call in reply.tool_calls if call.name == "note" and _is_form(call.arguments)]
        return _shaped("tools", client.manners.known()["tools"], bool(called))

    def _seed(self) -> Finding:
        question = "Invent a name for a fishing boat. Answer with the name alone."
        try:
            one, other = (self._ask(question, seeded=True, temperature=1.0)[0] for _ in range(2))
        except (ModelError, BudgetExceeded) as failure:
            return _failed("seed", failure)
        same = one.text == other.text
        return Finding("seed", "yes" if same else "no", "two equal requests, temperature 1, one seed")

    def _usage(self) -> Finding:
        used = [reply.usage for reply in self._replies]
        tokens = [(usage.prompt_tokens, usage.completion_tokens) for usage in used]
        counted = all(prompt and completion for prompt, completion in tokens)
        total = f"{sum(prompt for prompt, _ in tokens)} + {sum(answer for _, answer in tokens)} tokens"
        cost = f", cost {sum(usage.cost for usage in used):.4f}" if self._model.prices else ""
        return Finding("usage", "yes" if counted else "no", f"{len(used)} calls, {total}{cost}")

    def _latency(self) -> Finding:
        seconds = sorted(reply.usage.seconds for reply in self._replies)
        retries = sum(reply.usage.retries for reply in self._replies)
        again = f", {retries} requests sent again" if retries else ""
        return Finding("latency", f"{median(seconds):.2f} s", f"{seconds[0]:.2f} to {seconds[-1]:.2f} s{again}")


def _shaped(what: str, way: str, fits: bool, taken: str = "") -> Finding:
    """Whether a way of asking was taken, and whether the answer has the shape."""
    if way != (taken or what):
        return Finding(what, "no", f"refused; {way or 'nothing'} is used instead")
    return Finding(what, "yes") if fits else Finding(what, "no", "taken, but the answer has another shape")


def _failed(what: str, failure: Exception) -> Finding:
    return Finding(what, "failed", str(failure).removeprefix("doctor: "))


def _is_form(text: str) -> bool:
    """Whether a text is the JSON that was asked for, and nothing else."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and isinstance(data.get("word"), str) and isinstance(data.get("letters"), int)
