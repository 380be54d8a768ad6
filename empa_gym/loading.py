"""The one place that imports by name: optional parts, on demand."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from empa_gym.errors import MissingExtra


def load(module: str, extra: str = "") -> ModuleType:
    """Import a module by name.

    Args:
        module: its dotted name.
        extra: the extra of this package that brings what it needs; "" when there is none.

    Raises:
        MissingExtra: the module, or something that it imports, is not installed; holds the command
            that installs it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        hint = f"; install it with: pip install 'empa-gym[{extra}]'" if extra else ""
        raise MissingExtra(f"{module} needs {error.name!r}, which is not installed{hint}") from error


def load_object(path: str) -> Any:
    """The object that ``"package.module:name"`` names.

    Raises:
        ValueError: the text has another form, or the module has no such name.
        MissingExtra: the module is not there.
    """
    module, colon, name = path.partition(":")
    if not (colon and module and name):
        raise ValueError(f"expected 'package.module:name', got {path!r}")
    loaded = load(module)
    if not hasattr(loaded, name):
        raise ValueError(f"module {module!r} has no {name!r}")
    return getattr(loaded, name)
