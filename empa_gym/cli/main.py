"""The entry point: reads the arguments, runs one command, and turns errors into one sentence."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from empa_gym import __version__
from empa_gym.cli import doctor, replay, run, scenarios, score, show, train
from empa_gym.cli.terminal import BAD_INPUT, INTERRUPTED, complain, sentence, survive_encoding
from empa_gym.errors import EmpaError

COMMANDS = (run, score, replay, scenarios, show, doctor, train)


class Parser(argparse.ArgumentParser):
    """A parser that complains in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is, and exit with code 2."""
        complain(f"{message}; see {self.prog} --help")
        raise SystemExit(BAD_INPUT)


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command; each puts its function into ``command``."""
    parser = Parser(
        prog="empa-gym",
        description="Empathic dialogues as an environment: run policies, score and replay records, read transcripts.",
        epilog="A first look: empa-gym run",
    )
    parser.add_argument("--version", action="version", version=f"empa-gym {__version__}")
    parser.add_argument("--traceback", action="store_true", help="show where an error came from")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments; None: those of the process.

    Returns:
        The exit code: 0; 1 when a check came out badly (a model that does not answer) or the reader of a pipe
        went away; 2 for bad input; 3 when dialogues of a run broke off on an error in a policy's or a role's
        code; 4 when no dialogue of some policy is scored; 5 when a run could keep no more; 130 after Ctrl-C.
    """
    survive_encoding()
    args = build_parser().parse_args(argv)
    try:
        code = int(args.command(args))
        sys.stdout.flush()
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more when it exits; that must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (EmpaError, ValueError, OSError) as error:
        if args.traceback:
            raise
        complain(sentence(error))
        return BAD_INPUT
    return code
