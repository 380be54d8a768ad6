"""Drivers: they own all input and output, so that a flow is plain logic.

One flow, three drivers, equal results:

    run(flow, complete)            one call after the other
    await arun(flow, acomplete)    asyncio; a tuple of requests is asked at once
    run_batch(flows, complete_many)  rounds over many flows, for engines that take a list
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from empa_gym.chat import ChatReply, ChatRequest, Flow, Reply, Request
from empa_gym.errors import BudgetExceeded, ExtensionError, ModelError

Result = TypeVar("Result")
Complete = Callable[[ChatRequest], ChatReply]
AsyncComplete = Callable[[ChatRequest], Awaitable[ChatReply]]
CompleteMany = Callable[[Sequence[ChatRequest]], Sequence[ChatReply | ModelError | BudgetExceeded]]

Failure = (ModelError, BudgetExceeded)
"""What a driver throws into the flow that asked; every other exception is the driver's caller's."""
THROWN_IN = (*Failure, ExtensionError)
"""The same where a client of somebody's own answers, whose code may break."""


def no_model(request: ChatRequest) -> ChatReply:
    """Answers nothing: the completion of a cast that needs no model.

    Raises:
        ModelError: always, since an offline cast asks nothing.
    """
    raise ModelError("this cast was given no chat model to ask", role=request.role)


def run(flow: Flow[Result], complete: Complete = no_model) -> Result:
    """Run one flow to its end, one call after the other.

    Args:
        flow: what to run.
        complete: answers one request; raises :class:`ModelError` when it cannot.

    Returns:
        What the flow returns.

    Raises:
        ModelError, BudgetExceeded: a call failed and the flow did not catch it.
    """
    try:
        request = _asked(flow, next(flow))
        while True:
            try:
                reply = _answer(request, complete)
            except THROWN_IN as error:
                request = _asked(flow, flow.throw(error))
            else:
                request = _asked(flow, flow.send(reply))
    except StopIteration as stop:
        result: Result = stop.value
        return result


def _asked(flow: Flow[Result], request: object) -> Request:
    """What the flow asks; one that yields anything else is told so where it did."""
    while not isinstance(request, ChatRequest):
        if isinstance(request, tuple) and all(isinstance(one, ChatRequest) for one in request):
            return request
        kind = type(request).__name__
        request = flow.throw(
            TypeError(f"a flow may yield a ChatRequest or a tuple of them, got {kind}: {request!r:.60}")
        )
    return request


def _answered(reply: object) -> ChatReply:
    """The reply, if it is one.

    Raises:
        TypeError: the completion returned something else.
    """
    if not isinstance(reply, ChatReply):
        raise TypeError(f"a completion must return a ChatReply, got {type(reply).__name__}: {reply!r:.60}")
    return reply


def _answer(request: Request, complete: Complete) -> Reply:
    if isinstance(request, ChatRequest):
        return _answered(complete(request))
    return tuple(_answered(complete(one)) for one in request)


async def arun(flow: Flow[Result], acomplete: AsyncComplete) -> Result:
    """Run one flow on the running event loop; see :func:`run`.

    When one of several requests that are asked at once fails, the others are awaited first and the
    first failure in their order is thrown in, so that the result does not depend on timing.
    """
    try:
        request = _asked(flow, next(flow))
        while True:
            try:
                reply = await _aanswer(request, acomplete)
            except THROWN_IN as error:
                request = _asked(flow, flow.throw(error))
            else:
                request = _asked(flow, flow.send(reply))
    except StopIteration as stop:
        result: Result = stop.value
        return result


async def _aanswer(request: Request, acomplete: AsyncComplete) -> Reply:
    if isinstance(request, ChatRequest):
        return _answered(await acomplete(request))
    replies = await asyncio.gather(*(acomplete(one) for one in request), return_exceptions=True)
    for reply in replies:
        if isinstance(reply, BaseException):
            raise reply
    return tuple(map(_answered, replies))


def run_batch(flows: Sequence[Flow[Result]], complete_many: CompleteMany) -> list[Result | ModelError | BudgetExceeded]:
    """Run many flows in rounds: each round collects what all of them ask and answers it in one call.

    Args:
        flows: what to run.
        complete_many: answers a list of requests in order; a failed one is returned as its error.

    Returns:
        In the order of ``flows``: what each returned, or the error that it did not catch. One failing
        flow hurts no other.

    Raises:
        ValueError: ``complete_many`` returned another number of answers than it was asked for.
    """
    results: dict[int, Result | ModelError | BudgetExceeded] = {}
    asked: dict[int, Request] = {}
    for index, flow in enumerate(flows):
        _advance(flow, index, None, asked, results)
    while asked:
        requests = [one for request in asked.values() for one in _each(request)]
        answers = list(complete_many(requests))
        if len(answers) != len(requests):
            raise ValueError(f"expected {len(requests)} answers from complete_many, got {len(answers)}")
        replies = iter(answers)
        round_, asked = asked, {}
        for index, request in round_.items():
            _advance(flows[index], index, _collect(request, [next(replies) for _ in _each(request)]), asked, results)
    return [results[index] for index in range(len(flows))]


def _each(request: Request) -> tuple[ChatRequest, ...]:
    return (request,) if isinstance(request, ChatRequest) else request


def _collect(
    request: Request, answers: list[ChatReply | ModelError | BudgetExceeded]
) -> Reply | ModelError | BudgetExceeded:
    for answer in answers:
        if isinstance(answer, Failure):
            return answer
    replies = tuple(map(_answered, answers))
    return replies[0] if isinstance(request, ChatRequest) else replies


def _advance(
    flow: Flow[Result],
    index: int,
    answer: Reply | ModelError | BudgetExceeded | None,
    asked: dict[int, Request],
    results: dict[int, Result | ModelError | BudgetExceeded],
) -> None:
    try:
        if answer is None:
            asked[index] = _asked(flow, next(flow))
        elif isinstance(answer, Failure):
            asked[index] = _asked(flow, flow.throw(answer))
        else:
            asked[index] = _asked(flow, flow.send(answer))
    except StopIteration as stop:
        results[index] = stop.value
    except Failure as error:
        results[index] = error
