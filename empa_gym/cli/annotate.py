"""``empa-gym scenarios annotate``: a model rates the initial deficit of a scenario that has no ratings yet."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from empa_gym.agents.casting import LLM, casting_from
from empa_gym.agents.llm.iedr import IEDRRating, LLMIedr, agreement, settled
from empa_gym.agents.llm.sheets import life_of, person_of
from empa_gym.cli.models import tape_path
from empa_gym.cli.players import find_local_modules, plain_data
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
from empa_gym.epm import AXES, origin_distance
from empa_gym.errors import BudgetExceeded, ModelError, ScenarioError
from empa_gym.prompts.templates import LANGUAGES
from empa_gym.scenarios import Scenario, parse_scenario, read_scenario, scenario_to_json

UNRATED = 1
"""Exit code when no more than half of the ratings came; nothing is written."""
JUDGE = "judge"
PLACEHOLDER = {f"{axis.letter}.{number}": 1 for axis in AXES for number in (1, 2, 3)}
"""Stands in for the ratings that a file lacks, so that the rest of it can be checked; the model never sees it."""


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    about = (
        "A model rates how far the person is from balance before anybody has talked with them: nine levels from 0 to "
        "3, each with its reason, from the person's card alone. The median of several ratings is written. "
        f"Exit code {UNRATED}: no more than half of the ratings came, and nothing is written."
    )
    parser = actions.add_parser("annotate", help="let a model rate a scenario without ratings", description=about)
    option = parser.add_argument
    option("file", type=some_path, metavar="FILE", help="a scenario's .json file, without the field ratings")
    option("--cast", default=LLM, help="a cast's file or JSON; its judge rates (default: what the environment names)")
    option("--times", type=int, default=3, metavar="K", help="how often it is rated (default: 3)")
    option("--out", type=some_path, metavar="FILE", help="write there (default: FILE, when it has no ratings)")
    option("--tape", type=tape_path, metavar="FILE", help="keep every answer there; what it holds is not asked again")
    option("--ceilings", default="{}", metavar="JSON", help='bounds such as {"calls": 20, "cost": 0.5}')
    option("--json", action="store_true", help="print ratings and reasons as JSON")
    parser.set_defaults(command=annotate)


class Annotation(NamedTuple):
    """A scenario with its ratings, and how they came about.

    Attributes:
        scenario: with the settled ratings.
        model: who rated.
        ratings: those that came.
        asked: how many were asked for.
        cause: why the first that did not come failed; "" when all came.
    """

    scenario: Scenario
    model: str
    ratings: tuple[IEDRRating, ...]
    asked: int
    cause: str


def annotate(args: argparse.Namespace) -> int:
    """Rate, report, and write the scenario with its ratings."""
    if args.times < 1:
        raise ValueError(f"--times must be at least 1, got {args.times}")
    unrated = read_unrated(args.file, rated_too=args.out is not None)
    target = new_file(args.out) if args.out else args.file
    rater = LLMIedr(known_language(unrated, args.file))
    model = judge_model(args.cast)
    client = open_client({JUDGE: model}, args.tape, Governor(limits_from(plain_data(args.ceilings))))
    assert client is not None  # a model is named
    with waiting(f"{model.model} rates {unrated.id}"):
        answers = run_in_background(rate(rater, unrated, client, args.times))
    ratings = tuple(one for one in answers if isinstance(one, IEDRRating))
    cause = next((str(one) for one in answers if not isinstance(one, IEDRRating)), "")
    if 2 * len(ratings) <= len(answers):
        came = f"{len(ratings)} of {counted(len(answers), 'rating')} came"
        complain(f"{came}, too few to settle on; nothing is written; the first failure: {cause}")
        return UNRATED
    rated = rated_with(unrated, settled(ratings), args.file)
    found = Annotation(rated, model.model, ratings, len(answers), cause)
    write_text(target, scenario_to_json(rated))
    if args.json:
        print_rows([data_of(found, target)])
    else:
        report(console(), found, target)
    return 0


def read_unrated(path: Path, *, rated_too: bool = False) -> Scenario:
    """A scenario whose file has no ratings, with :data:`PLACEHOLDER` in their place.

    Args:
        path: the file.
        rated_too: whether one that has ratings is taken as well.

    Raises:
        ScenarioError: another field is not what it must be, or there are ratings already.
    """
    read = read_scenario(path)
    if isinstance(read, Scenario):
        if rated_too:
            return read
        raise ScenarioError(path, "ratings", "expected none, found nine; to have it rated anew name a file with --out")
    problems = [one for one in read if one.field != "ratings"]
    if problems:
        raise problems[0]
    card = json.loads(path.read_text(encoding="utf-8"))
    if "ratings" in card:
        raise read[0]
    return parse_scenario(json.dumps({**card, "ratings": PLACEHOLDER}), str(path))


def new_file(path: Path) -> Path:
    """The path, at which nothing is yet.

    Raises:
        ValueError: something is there, or its folder is not.
    """
    if path.exists():
        raise ValueError(f"{path} exists already and is never written over; name another file with --out")
    if not path.parent.is_dir():
        raise ValueError(f"--out must lie in a folder that is there, {path.parent} is none")
    return path


def known_language(scenario: Scenario, path: Path) -> str:
    """The scenario's language, in which it is rated.

    Raises:
        ScenarioError: there are no prompts in it.
    """
    if scenario.language not in LANGUAGES:
        problem = f"expected a language that there are prompts in ({', '.join(LANGUAGES)}), found {scenario.language!r}"
        raise ScenarioError(path, "language", problem)
    return scenario.language


def judge_model(given: str) -> ModelConfig:
    """The model of a cast's judge.

    Raises:
        ValueError: there is no such cast, or its judge asks no model.
    """
    find_local_modules()
    models = casting_from(plain_data(given)).models
    if JUDGE not in models:
        raise ValueError(f"expected a cast whose judge is a model, since it rates; the judge of {given} asks none")
    return models[JUDGE]


async def rate(
    rater: LLMIedr, scenario: Scenario, client: ChatClient, times: int
) -> list[IEDRRating | ModelError | BudgetExceeded]:
    """Each rating, or why it failed, in the order in which they were asked for; all are asked for at once."""

    async def once(number: int) -> IEDRRating | ModelError | BudgetExceeded:
        own = Addressed(client, scenario.id, 0, number)
        try:
            return await arun(rater.rate(person_of(scenario), life_of(scenario)), own.acomplete)
        except (ModelError, BudgetExceeded) as failure:
            return failure

    return list(await asyncio.gather(*(once(number) for number in range(times))))


def rated_with(scenario: Scenario, ratings: dict[str, int], path: Path) -> Scenario:
    """The scenario with these ratings.

    Raises:
        ScenarioError: they leave no deficit from which anybody could recover.
    """
    try:
        return dataclasses.replace(scenario, ratings=ratings)
    except ValueError:
        raise ScenarioError(path, "ratings", "the model found no deficit on any axis; nothing is written") from None


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(f"{text}\n", encoding="utf-8")
    os.replace(unfinished, path)


def data_of(found: Annotation, target: Path) -> dict[str, Any]:
    """All that was found, as JSON data."""
    items = [
        {"item": same[0].item, "name": same[0].name, "level": found.scenario.ratings[same[0].item]}
        | {"given": [{"level": one.level, "quote": one.quote, "reasoning": one.reasoning} for one in same]}
        for same in by_item(found.ratings)
    ]
    return {
        "scenario": found.scenario.id,
        "file": str(target),
        "model": found.model,
        "asked": found.asked,
        "rated": len(found.ratings),
        "cause": found.cause,
        "agreement": agreement(found.ratings),
        "deficit": list(found.scenario.deficit),
        "difficulty": found.scenario.difficulty.value,
        "items": items,
    }


def by_item(ratings: Sequence[IEDRRating]) -> list[tuple[Any, ...]]:
    """For each of the nine items what each rating says of it."""
    return list(zip(*(rating.items for rating in ratings), strict=True))


def report(out: Console, found: Annotation, target: Path) -> None:
    """Print the levels with a reason each, how far the ratings agree, and where the scenario was written."""
    table = plain_table(f"Initial deficit of {found.scenario.id}, rated by {found.model}")
    table.add_column("item")
    table.add_column("levels", no_wrap=True)
    table.add_column("settled", justify="right")
    table.add_column("why", overflow="fold")
    for same in by_item(found.ratings):
        level = found.scenario.ratings[same[0].item]
        why = next(one.reasoning for one in same if one.level == level)
        table.add_row(
            f"{same[0].item} {same[0].name}", " ".join(str(one.level) for one in same), str(level), shown(why)
        )
    out.print(table)
    out.print()
    if found.cause:
        out.print(shown(f"{len(found.ratings)} of {found.asked} ratings came; the first failure: {found.cause}"))
    share = agreement(found.ratings)
    if share is not None:
        out.print(f"single levels on which two ratings agree: {100 * share:.0f}%")
    norms = [float(origin_distance(rating.deficit)) for rating in found.ratings]
    spread = f", from {min(norms):.1f} to {max(norms):.1f} in single ratings" if len(norms) > 1 else ""
    deficit = ", ".join(f"{axis.value} {x:g}" for axis, x in zip(AXES, found.scenario.deficit, strict=True))
    norm = float(origin_distance(found.scenario.deficit))
    out.print(f"deficit: {deficit}; length {norm:.1f} ({found.scenario.difficulty.value}){spread}", soft_wrap=True)
    out.print(shown(f"written to {target}"), soft_wrap=True)
