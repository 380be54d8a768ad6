"""``empa-gym scenarios distill``: a model turns a user's own transcripts into scenarios without identifying detail."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from empa_gym.agents.casting import LLM
from empa_gym.cli.annotate import JUDGE, judge_model, write_text
from empa_gym.cli.folders import make_parent, write_json
from empa_gym.cli.models import replayed, tape_path
from empa_gym.cli.players import plain_data
from empa_gym.cli.sources import some_path
from empa_gym.cli.tables import plain_table
from empa_gym.cli.terminal import complain, console, counted, print_rows, shown, waiting
from empa_gym.clients.addressed import Addressed
from empa_gym.clients.background import run_in_background
from empa_gym.clients.base import ChatClient
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.governor import Governor
from empa_gym.clients.wiring import limits_from, open_client
from empa_gym.drive import arun
from empa_gym.errors import BudgetExceeded, ModelError, RecordError
from empa_gym.loading import load
from empa_gym.pipeline import Detail, Distiller, Scrubbed, Transcript, read_transcripts, scrub
from empa_gym.pipeline.details import Detector
from empa_gym.pipeline.distilling import unrated_json
from empa_gym.prompts.templates import LANGUAGES
from empa_gym.scenarios import Scenario

UNFINISHED = 1
"""Exit code when some transcript became no scenario; what the others became is written."""
SUMMARY = "distilled.summary"
"""The file beside the scenarios that says what became of the transcripts; it has another ending than theirs."""
AT_ONCE = 8
ANSWER_TOKENS = 8_192
"""Tokens that are asked for where a model's settings name none: about three times a scenario."""


class Fate(str, Enum):
    """What became of a transcript."""

    WRITTEN = "written"
    PRESENT = "there already"
    TWICE = "the same as another"
    UNREADABLE = "not readable"
    UNANSWERED = "no usable answer"
    OVER_BUDGET = "a ceiling was reached"


FAILED = (Fate.UNREADABLE, Fate.UNANSWERED, Fate.OVER_BUDGET)


class Distilled(NamedTuple):
    """One transcript and what became of it.

    Attributes:
        place: where the transcript stands; for the terminal alone, since a file's name may hold somebody's name.
        scenario: its id, "" for a transcript that cannot be read.
        counts: details that were replaced, by kind.
        cause: why there is no scenario; never with words of the transcript.
    """

    place: str
    fate: Fate
    scenario: str = ""
    counts: Counter[Detail] = Counter()  # noqa: RUF012 - never changed
    cause: str = ""


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = (
        "Identifying detail is replaced first: only what is left is sent to the model and kept on a tape. What the "
        "model writes is searched for it again. The transcripts are not stored. Ratings are added by annotate. "
        f"Exit code {UNFINISHED}: some transcript became no scenario."
    )
    parser = actions.add_parser("distill", help="make scenarios from your own transcripts", description=about)
    option = parser.add_argument
    files = "chat messages as JSON lines (.jsonl), or text in which each message begins with its speaker"
    option("files", type=some_path, nargs="+", metavar="TRANSCRIPTS", help=files)
    option("--out", type=some_path, required=True, metavar="FOLDER", help="write the scenarios there")
    option("--cast", default=LLM, help="a cast's file or JSON; its judge writes (default: what the environment names)")
    option("--language", choices=LANGUAGES, default="en", help="of transcripts and scenarios (default: en)")
    option("--tape", type=tape_path, metavar="FILE", help="keep every answer there; what it holds is not asked again")
    option("--ceilings", default="{}", metavar="JSON", help='bounds such as {"calls": 20, "cost": 0.5}')
    option("--at-once", type=int, default=AT_ONCE, metavar="N", help=f"asked at once (default: {AT_ONCE})")
    option("--json", action="store_true", help="print what became of each transcript as JSON")
    parser.set_defaults(command=distill)


def distill(args: argparse.Namespace) -> int:
    """Read, scrub, ask, check and write; then tell what became of each transcript."""
    if args.at_once < 1:
        raise ValueError(f"--at-once must be at least 1, got {args.at_once}")
    detect: Detector = load("empa_gym.pipeline.pii", "pii").detect
    read = [one for file in args.files for one in read_transcripts(file)]
    make_parent(args.out)
    client = open_distiller_client(judge_model(args.cast), args.tape, plain_data(args.ceilings))
    work = Work(Distiller(detect, args.language), client, args.out)
    scrubbed, fates = scrubbed_once(read, detect, args.language)
    with waiting(f"{counted(len(scrubbed), 'transcript')} are distilled"):
        fates += run_in_background(work.all_of(scrubbed, args.at_once))
    write_json(args.out / SUMMARY, summary_data(fates))
    if args.json:
        print_rows([{"place": one.place, **row_of(one)} for one in fates])
    else:
        report(console(), fates, args.out, client)
    failed = [one for one in fates if one.fate in FAILED]
    for one in failed:
        complain(f"{one.place}: {one.fate.value}: {one.cause}")
    return UNFINISHED if failed else 0


def open_distiller_client(model: ModelConfig, tape: Path | None, ceilings: Any) -> ChatClient:
    """The client that the model answers by."""
    if model.max_tokens is None:
        model = dataclasses.replace(model, max_tokens=ANSWER_TOKENS)
    client = open_client({JUDGE: model}, tape, Governor(limits_from(ceilings)))
    assert client is not None  # a model is named
    return client


def scrubbed_once(
    read: Iterable[Transcript | RecordError], detect: Detector, language: str
) -> tuple[list[tuple[str, Scrubbed]], list[Distilled]]:
    """Each transcript with its place and without identifying detail, each once; and what became of the others."""
    kept: dict[str, tuple[str, Scrubbed]] = {}
    fates: list[Distilled] = []
    for one in read:
        if isinstance(one, RecordError):
            place = ": ".join(filter(None, (one.file, one.field)))
            fates.append(Distilled(place, Fate.UNREADABLE, cause=one.problem))
            continue
        scrubbed = scrub(one, detect, language)
        if scrubbed.id in kept:
            fates.append(Distilled(one.place, Fate.TWICE, scrubbed.id))
        else:
            kept[scrubbed.id] = (one.place, scrubbed)
    return list(kept.values()), fates


class Work(NamedTuple):
    """Who distils, whom it asks, and where scenarios are written."""

    distiller: Distiller
    client: ChatClient
    out: Path

    async def all_of(self, scrubbed: Sequence[tuple[str, Scrubbed]], at_once: int) -> list[Distilled]:
        """What became of each, in order; each scenario is written as soon as it is there."""
        turns = asyncio.Semaphore(at_once)

        async def in_turn(work: Awaitable[Distilled]) -> Distilled:
            async with turns:
                return await work

        return list(await asyncio.gather(*(in_turn(self.one(place, text)) for place, text in scrubbed)))

    async def one(self, place: str, scrubbed: Scrubbed) -> Distilled:
        """What became of one; a scenario that was written before is left as it is, since somebody may have rated it."""
        path = self.out / f"{scrubbed.id}.json"
        done = Distilled(place, Fate.WRITTEN, scrubbed.id, Counter(scrubbed.counts))
        if path.exists():
            return done._replace(fate=Fate.PRESENT)
        try:
            scenario = await self.asked(scrubbed)
        except BudgetExceeded as failure:
            return done._replace(fate=Fate.OVER_BUDGET, cause=str(failure))
        except ModelError as failure:
            return done._replace(fate=Fate.UNANSWERED, cause=str(failure))
        write_text(path, unrated_json(scenario))
        return done

    async def asked(self, scrubbed: Scrubbed) -> Scenario:
        """The scenario that the model writes."""
        own = Addressed(self.client, scrubbed.id, 0)
        return await arun(self.distiller.distill(scrubbed), own.acomplete)


def row_of(one: Distilled) -> dict[str, Any]:
    """What became of a transcript, without where it stands."""
    removed = {detail.value: one.counts[detail] for detail in Detail if one.counts[detail]}
    return {"scenario": one.scenario, "fate": one.fate.value, "removed": removed, "cause": one.cause}


def summary_data(fates: Sequence[Distilled]) -> dict[str, Any]:
    """What became of the transcripts, as JSON data; it holds neither names of files nor anything that was replaced."""
    removed: Counter[Detail] = sum((one.counts for one in fates), Counter())
    return {
        "transcripts": len(fates),
        "fates": dict(Counter(one.fate.value for one in fates)),
        "removed": {detail.value: removed[detail] for detail in Detail},
        "rows": [row_of(one) for one in fates],
    }


def report(out: Console, fates: Sequence[Distilled], folder: Path, client: ChatClient) -> None:
    """Print how many became what, what was replaced, and what comes next."""
    counts = Counter(one.fate for one in fates)
    table = plain_table(f"{counted(len(fates), 'transcript')}")
    table.add_column("what became of it")
    table.add_column("transcripts", justify="right")
    for fate in Fate:
        if counts[fate]:
            table.add_row(fate.value, str(counts[fate]))
    out.print(table)
    removed: Counter[Detail] = sum((one.counts for one in fates), Counter())
    told = ", ".join(f"{detail.value} {removed[detail]}" for detail in Detail if removed[detail]) or "nothing"
    out.print(f"replaced before the model was asked: {told}", soft_wrap=True)
    if said := replayed(client):
        out.print(shown(said), soft_wrap=True)
    out.print(shown(f"scenarios in {folder}; read each before you use it, then rate it: "), end="", soft_wrap=True)
    out.print("empa-gym scenarios annotate FILE", soft_wrap=True)
