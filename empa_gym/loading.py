"""The one place that imports by name: optional parts, and what a user names as "package.module:Name"."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from empa_gym.errors import MissingExtra

FORM = "expected 'package.module:Name', for example 'my_policies:Listener'"


def load(module: str, extra: str = "") -> ModuleType:
    """Import a module by name.

    Args:
        module: its dotted name.
        extra: the extra of this package that brings what it needs; "" when there is none.

    Raises:
        MissingExtra: the module, or something that it imports, is not installed; says which of the two,
            and the command that installs it where that is known.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        hint = f"; install it with: pip install 'empa-gym[{extra}]'" if extra else ""
        raise MissingExtra(f"{_absent(module, error.name or str(error))}{hint}") from error


def _absent(module: str, absent: str) -> str:
    if module == absent or module.startswith(f"{absent}."):
        return f"there is no module {absent!r} here: it is not installed and not in the folder where this was started"
    return f"module {module!r} is there, but it imports {absent!r}, which is not installed"


def load_object(path: str) -> Any:
    """The object that ``"package.module:Name"`` names.

    Raises:
        ValueError: the text has another form, the module breaks when it is imported, or it has no such
            name; says which.
        MissingExtra: the module, or something that it imports, is not there.
    """
    module, _, name = path.partition(":")
    if not (module and name) or not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ValueError(f"{FORM}, got {path!r}")
    found: Any = _import(module)
    for part in name.split("."):
        if not hasattr(found, part):
            raise ValueError(f"module {module!r} has no {name!r}{_names_of(found)}")
        found = getattr(found, part)
    return found


def make_object(path: str) -> Any:
    """The object that ``"package.module:Name"`` names; a class is called without arguments first.

    Raises:
        ValueError: as :func:`load_object`, or the class cannot be made so.
        MissingExtra: the module, or something that it imports, is not there.
    """
    found = load_object(path)
    if not isinstance(found, type):
        return found
    try:
        return found()
    except Exception as error:  # a class of a user's may raise anything
        raise ValueError(f"{path!r} cannot be made without arguments: {_told(error)}") from error


def _import(module: str) -> ModuleType:
    try:
        return load(module)
    except MissingExtra:
        raise
    except (Exception, SystemExit) as error:  # a module of a user's may raise anything, or be a script
        raise ValueError(f"module {module!r} broke while it was imported: {_told(error)}") from error


def _told(error: BaseException) -> str:
    """Type and message of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())


def _names_of(found: object) -> str:
    """The classes and functions that an object offers, in words; "" for none."""
    names = [name for name in vars(found) if callable(getattr(found, name)) and not name.startswith("_")]
    return f"; it has {', '.join(names[:10])}" if names and isinstance(found, ModuleType) else ""
