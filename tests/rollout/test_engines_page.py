"""What docs/engines.md shows runs as it stands, as a script."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_a_script_of_the_page_runs(number: int, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPTS[number] + "    assert list(rollouts.records)\n", encoding="utf-8")
    places = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, str(script)], check=True, timeout=300, env={**os.environ, "PYTHONPATH": places})


def test_the_page_names_every_engine_and_every_limit_that_is_counted() -> None:
    for name in ("asyncio", "processes", "ray", "calls", "tokens", "cost", "requests_per_minute", "tokens_per_minute"):
        assert f"`{name}`" in PAGE
