"""The engine of a Ray cluster: ``pip install 'empa-gym[ray]'``. See ``docs/engines.md``.

Workers are actors that each run an event loop. Where a limit must be counted, a named actor holds the governor.
"""

from __future__ import annotations

import queue
import threading
import uuid
import weakref
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple

import ray
from ray import cloudpickle
from ray.exceptions import RayActorError, RayError

from empa_gym.clients.limits import UNBOUNDED, Limits
from empa_gym.errors import WorkerDied
from empa_gym.rollout.engines.base import OnBroken, Records, Work
from empa_gym.rollout.engines.crew import Died, Ended, Failed, News, Ready
from empa_gym.rollout.engines.handout import Task
from empa_gym.rollout.engines.lending import divided
from empa_gym.rollout.engines.pipe import Begin, Record, Trouble
from empa_gym.rollout.engines.player import client_of, governor_of
from empa_gym.rollout.engines.ray_actors import GovernorActor, RayWorker
from empa_gym.rollout.engines.sending import pack_error, pack_work
from empa_gym.rollout.engines.serving import Serving, records_of
from empa_gym.rollout.jobs import Job

NAMESPACE = "empa-gym"
"""Where actors with a name are found, by every driver of a cluster."""
MOST_ASKING = 100_000
"""Calls that the governor's actor holds at once; each is one request of a worker that waits for its turn."""
WITHOUT_MODELS = 2
"""Jobs in a worker's hand where no model is waited for: one that it plays, and one that lies ready."""
NO_SETTINGS: Mapping[str, Any] = {}


class RayEngine:
    """Plays on a Ray cluster: the one that is connected, else the one that ``init`` says, else one on this machine.

    Args:
        workers: how many actors; None for one on each CPU of the cluster.
        init: arguments of ``ray.init``, for example ``{"address": "auto"}``, used when Ray is not connected yet.
        actor: options of a worker's actor, for example ``{"num_cpus": 0.5, "resources": {"near_vllm": 1}}``.
        governor: the name of the actor that holds the limits; engines that give the same name share the limits of
            the first one. "" for one of its own.

    Raises:
        ValueError: no worker.
    """

    def __init__(
        self,
        workers: int | None = None,
        init: Mapping[str, Any] = NO_SETTINGS,
        actor: Mapping[str, Any] = NO_SETTINGS,
        governor: str = "",
    ) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be at least 1, got {workers}")
        self.workers = workers
        self._init, self._options = init, {"num_cpus": 1, **actor}
        self._governor_name = governor
        self._governor: tuple[Limits, Any] | None = None
        self._resting: list[Worker] = []
        self._connected_here = False
        self._over = threading.Event()
        self._serving: weakref.WeakSet[Serving] = weakref.WeakSet()
        self._finalizer = weakref.finalize(self, end_all, self._resting)
        self._finalizer.atexit = False  # the cluster ends the actors of a driver that is gone

    def play(self, jobs: Iterable[Job], work: Work, on_broken: OnBroken | None = None) -> Records:
        """The record of each job, in the order in which dialogues end; see :class:`~.base.Engine`.

        A worker that dies is replaced, on another node if need be, and what it was playing is played again. A
        dialogue that no worker survives is recorded as unfinished, with :class:`~empa_gym.errors.WorkerDied`.

        Raises:
            ValueError: a part of the work does not pickle.
            WorkerDied: a worker could not begin.
        """
        packed = pack_work(work, cloudpickle.dumps)
        asks = client_of(work, governor_of(work, None)) is not None
        self._connect()
        workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        share = divided(work.limits, workers)
        begin = Begin(packed, on_broken is not None, share)
        governor = self._governor_of(work.limits or UNBOUNDED) if asks and share is None else None
        crew = RayCrew(self._options, self._resting, begin, governor)
        hand = work.at_once if asks else WITHOUT_MODELS
        serving = Serving(crew, jobs, workers, hand=hand, playing=hand)
        self._serving.add(serving)
        return Records(records_of(serving, work, on_broken), serving.stop)

    def close(self) -> None:
        """End the workers, whatever they are doing, and the governor; and the cluster, if this engine began it."""
        for serving in tuple(self._serving):
            serving.stop()
        end_all(self._resting)
        self._governor = None
        if self._connected_here:
            self._connected_here = False
            ray.shutdown()
            self._over.set()

    def _connect(self) -> None:
        if not ray.is_initialized():
            self._over = _connected({"include_dashboard": False, "namespace": NAMESPACE, **self._init})
            self._connected_here = True

    def _governor_of(self, limits: Limits) -> Any:
        """The handle of the governor of all workers; the one before, which counts on, where the limits are the same."""
        if self._governor is None or self._governor[0] != limits:
            actor = ray.remote(GovernorActor).options(
                name=self._governor_name or f"governor-{uuid.uuid4().hex[:8]}",
                namespace=NAMESPACE,
                get_if_exists=True,
                num_cpus=0,
                max_concurrency=MOST_ASKING,
            )
            self._governor = limits, actor.remote(limits)
        return self._governor[1]


def _connected(settings: Mapping[str, Any]) -> threading.Event:
    """Connect in a thread that stays until the event is set.

    A cluster of this machine ends with the thread that began it, and the one that plays a stream may end before the
    engine is closed.
    """
    over, begun = threading.Event(), Future[None]()

    def connect() -> None:
        try:
            ray.init(**settings)
        except BaseException as error:  # it is raised where the cluster was asked for
            begun.set_exception(error)
            return
        begun.set_result(None)
        over.wait()

    threading.Thread(target=connect, name="empa-gym-ray", daemon=True).start()
    begun.result()
    return over


class Worker(NamedTuple):
    """An actor, and its name in the governor's books."""

    name: str
    actor: Any


def end_all(resting: list[Worker]) -> None:
    """End actors that have nothing to do."""
    while resting:
        worker = resting.pop()
        if ray.is_initialized():
            ray.kill(worker.actor)


class Heard(NamedTuple):
    """What came of a question to a worker; ``begins`` when it was asked to begin."""

    worker: int
    begins: bool
    answer: Any


class RayCrew:
    """The actors that play one work; see :class:`~.crew.Crew`.

    Args:
        options: of each actor.
        resting: actors of earlier works, which are taken first; those of this one come back there.
        begin: the work.
        governor: the handle of the actor that holds the limits; None where each worker has its share.
    """

    def __init__(self, options: Mapping[str, Any], resting: list[Worker], begin: Begin, governor: Any) -> None:
        self._options = {"max_concurrency": MOST_ASKING, "max_restarts": 0, **options}
        self._resting, self._governor = resting, governor
        self._begin = ray.put(begin)
        self._workers: dict[int, Worker] = {}
        self._begun: set[int] = set()
        self._hired = 0
        self._heard: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()

    def hire(self) -> int:
        """See :class:`~.crew.Crew`."""
        self._hired += 1
        if self._resting:
            self._begun.add(self._hired)  # once, so that its death in the meantime ends no run
        worker = self._resting.pop() if self._resting else self._made()
        self._workers[self._hired] = worker
        self._ask(self._hired, worker.actor.begin.remote(self._begin, self._governor), begins=True)
        return self._hired

    def _made(self) -> Worker:
        name = f"worker-{uuid.uuid4().hex[:8]}"
        return Worker(name, ray.remote(RayWorker).options(**self._options).remote(name))

    def give(self, worker: int, task: Task) -> None:
        """See :class:`~.crew.Crew`."""
        self._ask(worker, self._workers[worker].actor.play.remote(task), begins=False)

    def _ask(self, worker: int, question: Any, *, begins: bool) -> None:
        """Have the answer put where news are taken from, when it comes."""

        def answered(future: Any) -> None:
            self._heard.put(Heard(worker, begins, future.exception() or future.result()))

        question.future().add_done_callback(answered)

    def news(self) -> list[News]:
        """See :class:`~.crew.Crew`."""
        heard = [self._heard.get()]
        while not self._heard.empty():
            heard.append(self._heard.get())
        return [news for one in heard if one is not None for news in self._understood(one)]

    def _understood(self, heard: Heard) -> Iterator[News]:
        worker, begins, answer = heard
        if worker not in self._workers:
            return  # the last words of one that was given up
        if isinstance(answer, Record):
            yield Ended(worker, *answer)
        elif isinstance(answer, Trouble):
            yield Failed(worker, answer.error)
        elif isinstance(answer, RayActorError):
            self._dismiss(worker)
            yield Died(worker, f"died: {_first_line(answer)}", worker in self._begun)
        elif isinstance(answer, RayError):
            yield Failed(worker, pack_error(WorkerDied("worker", "", f"cannot work: {answer}")))
        elif begins:
            self._begun.add(worker)
            yield Ready(worker)

    def _dismiss(self, worker: int) -> None:
        """End a worker; what it had borrowed is taken back."""
        gone = self._workers.pop(worker, None)
        if gone is None:
            return
        ray.kill(gone.actor)
        if self._governor is not None:
            self._governor.gone.remote(gone.name)

    def wake(self) -> None:
        """See :class:`~.crew.Crew`."""
        self._heard.put(None)

    def rest(self) -> None:
        """See :class:`~.crew.Crew`."""
        for number in tuple(self._workers):
            if number in self._begun:
                self._resting.append(self._workers.pop(number))
            else:
                self._dismiss(number)

    def end(self) -> None:
        """See :class:`~.crew.Crew`."""
        for number in tuple(self._workers):
            self._dismiss(number)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
