"""The command line, ``empa-gym``: run, score, replay, scenarios, show, doctor."""

from empa_gym.cli.main import main

__all__ = ["main"]
