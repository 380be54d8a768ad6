"""The reward maths can be taken along: it loads numpy and nothing else, here and copied out of the package."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "numba", "openai", "matplotlib")
LOADED = """
import json, sys
import empa_gym.mapo
print(json.dumps(sorted(name for name in sys.modules)))
"""
ALONE = '''
"""Nothing but numpy and the standard library can be imported here; runs the doctests of a folder."""
import doctest, importlib, json, pathlib, sys


class Blocker:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in ("numpy", "empa_gym") or top.startswith("__"):
            return None
        raise ModuleNotFoundError(f"No module named {name!r}: only numpy is installed", name=name)


sys.meta_path.insert(0, Blocker())
folder = pathlib.Path(sys.argv[1]) / "empa_gym"
sys.path[:] = [str(folder.parent), *sys.path[1:]]
found = {}
for path in sorted((folder / "mapo").glob("*.py")):
    name = f"empa_gym.mapo.{path.stem}".removesuffix(".__init__")
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        found[path.stem] = missing.name
        continue
    assert pathlib.Path(module.__file__).is_relative_to(folder), module.__file__
    result = doctest.testmod(module)
    found[path.stem] = [result.attempted, result.failed]
print(json.dumps(found))
'''


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_importing_the_reward_maths_loads_no_torch_numba_openai_or_matplotlib() -> None:
    loaded = json.loads(run("-c", LOADED))
    assert [name for name in loaded if name.partition(".")[0] in HEAVY] == []
    assert "empa_gym.mapo.advantages" in loaded


def test_the_folder_beside_errors_in_an_empty_package_runs_its_doctests_with_numpy_alone(tmp_path: Path) -> None:
    package = tmp_path / "empa_gym"
    shutil.copytree(ROOT / "empa_gym" / "mapo", package / "mapo", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "empa_gym" / "errors.py", package)
    (package / "__init__.py").touch()
    script = tmp_path / "alone.py"
    script.write_text(ALONE, encoding="utf-8")
    found = json.loads(run("-I", str(script), str(tmp_path)))
    missing = {name: result for name, result in found.items() if isinstance(result, str)}
    assert missing == {name: name.partition("_")[0] for name in found if name.startswith(("torch", "numba"))}
    ran = {name: result for name, result in found.items() if name not in missing}
    assert [name for name, result in ran.items() if not isinstance(result, list) or result[1]] == []
    assert sum(result[0] for result in ran.values()) >= 10
    assert {"__init__", "advantages", "batch", "returns"} <= set(ran)


def test_the_blocker_refuses_what_is_installed_here(tmp_path: Path) -> None:
    """The check above can fail: a file that imports more than numpy is found out."""
    package = tmp_path / "empa_gym" / "mapo"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package.parent / "__init__.py").touch()
    (package / "greedy.py").write_text("import gymnasium\n", encoding="utf-8")
    script = tmp_path / "alone.py"
    script.write_text(ALONE, encoding="utf-8")
    assert json.loads(run("-I", str(script), str(tmp_path)))["greedy"] == "gymnasium"
