"""What is loaded by name and cannot be says what to write, what is missing, or what broke."""

from __future__ import annotations

from pathlib import Path

import pytest

from empa_gym.agents.casting import cast_from
from empa_gym.errors import MissingExtra
from empa_gym.loading import load, load_object, make_object


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which modules are found."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", ["math", "math:", ":sqrt", ":", "", "a b:c", "math:sq rt", "../x:y", "a:b:c", "math."])
def test_a_text_of_another_form_says_the_form_and_an_example(path: str) -> None:
    with pytest.raises(ValueError, match=r"expected 'package\.module:Name', for example 'my_policies:Listener', got"):
        load_object(path)


@pytest.mark.parametrize("module", ["no_such_module_here", "no_such_module_here.below", "json.no_such_module_here"])
def test_a_module_that_is_not_there_is_told_from_one_whose_own_import_fails(modules: Path, module: str) -> None:
    with pytest.raises(MissingExtra, match=r"there is no module '[\w.]+' here") as caught:
        load(module)
    assert "but it imports" not in str(caught.value)


def test_a_module_whose_own_import_fails_names_both(modules: Path) -> None:
    (modules / "needs_other_module.py").write_text("import no_such_module_here.deep\n")
    said = r"module 'needs_other_module' is there, but it imports 'no_such_module_here', which is not installed"
    with pytest.raises(MissingExtra, match=said):
        load_object("needs_other_module:Listener")
    with pytest.raises(MissingExtra, match=r"is not installed; install it with: pip install 'empa-gym\[fast\]'"):
        load("needs_other_module", extra="fast")


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("has_bad_syntax", "def reply(:\n", "SyntaxError: "),
        ("has_no_key", "{}['mood']\n", "KeyError: 'mood'"),
        ("has_no_name", "from math import squirt\n", "ImportError: cannot import name 'squirt'"),
        ("is_a_script", "import sys\nsys.exit(2)\n", "SystemExit: 2"),
        ("is_deep", "def f():\n    f()\nf()\n", "RecursionError: "),
    ],
)
def test_a_module_that_breaks_when_it_is_imported_says_how(modules: Path, name: str, source: str, said: str) -> None:
    (modules / f"{name}.py").write_text(source)
    with pytest.raises(ValueError, match=f"module {name!r} broke while it was imported") as caught:
        load_object(f"{name}:Listener")
    assert said in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_name_that_a_module_does_not_have_lists_what_it_has(modules: Path) -> None:
    (modules / "has_two.py").write_text("class Listener:\n    pass\n\ndef talk():\n    pass\n\n_hidden = talk\n")
    with pytest.raises(ValueError, match=r"module 'has_two' has no 'Listner'; it has Listener, talk$"):
        load_object("has_two:Listner")


def test_a_class_is_made_and_one_that_cannot_be_says_why(modules: Path) -> None:
    (modules / "has_makers.py").write_text(
        "class Plain:\n    pass\n\nclass Needs:\n    def __init__(self, model):\n        pass\n\n"
        "class Bug:\n    def __init__(self):\n        {}['key']\n\nclass Holder:\n    class Inner:\n        pass\n"
    )
    assert type(make_object("has_makers:Plain")).__name__ == "Plain"
    assert type(make_object("has_makers:Holder.Inner")).__name__ == "Inner"
    assert make_object("math:sqrt")(4) == 2
    with pytest.raises(ValueError, match=r"'has_makers:Needs' cannot be made without arguments: TypeError: .*model"):
        make_object("has_makers:Needs")
    with pytest.raises(ValueError, match="'has_makers:Bug' cannot be made without arguments: KeyError: 'key'"):
        cast_from({"judge": "has_makers:Bug"})
