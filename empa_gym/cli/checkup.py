"""A few short questions to an endpoint, each asked in one way alone, and what they show."""

from __future__ import annotations

import dataclasses
import json
from statistics import median
from typing import Any, NamedTuple

from empa_gym.agents.llm.parsing import without_thinking
from empa_gym.chat import PLAIN_TEXT, AnswerFormat, ChatReply, ChatRequest, Message, Tool
from empa_gym.cli.terminal import counted
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.connecting import connect
from empa_gym.clients.governor import Governor
from empa_gym.clients.remote import RemoteClient
from empa_gym.errors import AuthenticationFailed, BudgetExceeded, ModelError, ModelNotFound

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


WAYS = {"schema": "a JSON schema", "json": "JSON mode", "tools": "tools", "text": "words alone", "": "words alone"}
"""How a shape can be asked for, in words."""
SHOWN = 40
"""Characters of an answer that are shown."""


class Finding(NamedTuple):
    """What was looked for, "yes", "no" or "failed", and what that means in words."""

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
        """Whether it gave any answer with words in it."""
        return self.findings[0].result == "yes"

    @property
    def verdict(self) -> str:
        """What it is good for, as a sentence."""
        first, *others = self.findings
        if not self.answers:
            return "It cannot play" + ("." if first.result == "no" else ": it never answered.")
        if not {"director", "judge"} & set(self.roles):
            return f"It can play the {' and the '.join(self.roles)}; how well is another question."
        if {found.what for found in others if found.result == "yes"} & {"schema", "json mode"}:
            return "It has what every role needs; how well it plays is another question, see --judge."
        return (
            "It keeps to no shape, so a judge or a director has to be asked in words, and again when it cannot be "
            "read; --judge shows how often that fails."
        )

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
        """Six calls, and one more for each way of asking that is refused; only the first when that one fails."""
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
            return _failed("answers", failure, _advice(failure, self._model))
        text = without_thinking(reply.text).strip()
        if not text:
            why = "max_tokens is too small for it" if reply.finish == "length" else f"finish {reply.finish!r}"
            return Finding("answers", "no", f"there is an answer, but no word in it; {why}")
        thinks = ", after thinking in tags, which is left out" if text != reply.text.strip() else ""
        return Finding("answers", "yes", f"it says {text[:SHOWN]!r}{thinks}")

    def _schema(self) -> Finding:
        try:
            reply, client = self._ask(IN_WORDS, SCHEMA, answers="schema")
        except (ModelError, BudgetExceeded) as failure:
            return _failed("schema", failure)
        return _shaped("schema", "schema", client.manners.known()["schema"], reply, _is_form(reply.text))

    def _json_mode(self) -> Finding:
        try:
            reply, client = self._ask(IN_WORDS, SCHEMA, answers="json")
        except (ModelError, BudgetExceeded) as failure:
            return _failed("json mode", failure)
        return _shaped("json mode", "json", client.manners.known()["schema"], reply, _is_form(reply.text))

    def _tools(self) -> Finding:
        try:
            reply, client = self._ask(f"Note the word {WORD}; it has {len(WORD)} letters.", TOOLS, answers="auto")
        except (ModelError, BudgetExceeded) as failure:
            return _failed("tools", failure)
        called = [call for call in reply.tool_calls if call.name == "note" and _is_form(call.arguments)]
        return _shaped("tools", "tools", client.manners.known()["tools"], reply, bool(called))

    def _seed(self) -> Finding:
        question = "Invent a name for a fishing boat. Answer with the name alone."
        try:
            one, other = (self._ask(question, seeded=True, temperature=1.0)[0] for _ in range(2))
        except (ModelError, BudgetExceeded) as failure:
            return _failed("seed", failure)
        same = "two requests with one seed got the same answer (temperature 1)"
        unlike = "two requests with one seed got different answers; only a tape repeats a run"
        return Finding("seed", "yes", same) if one.text == other.text else Finding("seed", "no", unlike)

    def _usage(self) -> Finding:
        used = [reply.usage for reply in self._replies]
        tokens = [(usage.prompt_tokens, usage.completion_tokens) for usage in used]
        if not all(prompt and completion for prompt, completion in tokens):
            return Finding("usage", "no", "it does not count tokens; ceilings on tokens and cost go by an estimate")
        total = f"{sum(prompt for prompt, _ in tokens)} + {sum(answer for _, answer in tokens)} tokens"
        cost = f", cost {sum(usage.cost for usage in used):.4f}" if self._model.prices else ""
        return Finding("usage", "yes", f"it counts tokens: {len(used)} calls, {total}{cost}")

    def _latency(self) -> Finding:
        seconds = sorted(reply.usage.seconds for reply in self._replies)
        retries = sum(reply.usage.retries for reply in self._replies)
        again = f", {counted(retries, 'request')} sent again" if retries else ""
        return Finding("latency", f"{median(seconds):.2f} s", f"from {seconds[0]:.2f} to {seconds[-1]:.2f} s{again}")


def _shaped(what: str, asked: str, taken: str, reply: ChatReply, fits: bool) -> Finding:
    """Whether a way of asking for a shape was taken, and whether the answer has that shape."""
    if taken != asked:
        return Finding(what, "no", f"it refuses {WAYS[asked]}; {WAYS.get(taken, taken)} is used instead")
    if fits:
        return Finding(what, "yes", f"it takes {WAYS[asked]}, and its answer has the shape")
    if reply.finish == "length":
        return Finding(what, "no", f"it takes {WAYS[asked]}, but the answer was cut off: max_tokens is too small")
    return Finding(what, "no", f"it takes {WAYS[asked]}, and answers in another shape")


def _failed(what: str, failure: Exception, advice: str = "") -> Finding:
    return Finding(what, "failed", f"{str(failure).removeprefix('doctor: ')}{advice}")


def _advice(failure: Exception, model: ModelConfig) -> str:
    """What to look at when the first question fails, where the error itself does not say it."""
    if isinstance(failure, ModelNotFound):
        return f"; look at model ({model.model}) and base_url, which often ends in /v1"
    name = model.api_key_env
    if isinstance(failure, AuthenticationFailed) and not name:
        return "; no key was sent: give the name of its environment variable as api_key_env"
    if isinstance(failure, AuthenticationFailed) and name not in str(failure):
        return f"; the key was taken from the environment variable {name}"
    return ""


def _is_form(text: str) -> bool:
    """Whether a text is the JSON that was asked for, and beside thinking nothing else."""
    try:
        data = json.loads(without_thinking(text))
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and isinstance(data.get("word"), str) and isinstance(data.get("letters"), int)
