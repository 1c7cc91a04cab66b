"""Documents that cannot lie: what they name exists, what they run parses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reflet.cli.main import COMMANDS
from reflet.recipes.index import RECIPES

ROOT = Path(__file__).resolve().parents[1]
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), flags=re.S)


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


def test_make_targets_named_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(), flags=re.M):
        assert re.search(rf"^{target}:", makefile, flags=re.M), target


def test_every_command_and_recipe_is_documented() -> None:
    text = "".join(p.read_text() for p in DOCS)
    missing = [c for c in COMMANDS if f"reflet {c}" not in text]
    missing += [r for r in RECIPES if not re.search(rf"\b{r}\b", text)]
    assert missing == []


@pytest.mark.parametrize("script", sorted((ROOT / "runs").glob("*.sh")), ids=lambda p: p.name)
def test_runs_use_commands_that_exist(script: Path) -> None:
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    named = re.findall(r"^\s*reflet (\w+)", script.read_text(), flags=re.M)
    assert named and set(named) <= set(COMMANDS)


EVERY_HELP = """
import contextlib, io, json, sys
from reflet.cli.main import COMMANDS, main
out = {}
for command in COMMANDS:
    sys.argv = ["reflet", *command.split(), "--help"]
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            main()
    except SystemExit as end:
        out[command] = [end.code, said.getvalue()]
print(json.dumps(out))
"""


def test_every_command_has_help() -> None:
    """One process for all: most of a command's start is imports that they share."""
    done = subprocess.run([sys.executable, "-c", EVERY_HELP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    wrong = {c: said.get(c) for c in COMMANDS if c != "completion" and (said.get(c) or [1])[0] not in (0, None)}
    assert wrong == {}
    assert [c for c in COMMANDS if c != "completion" and "usage: reflet" not in said[c][1]] == []


def test_every_bench_is_documented() -> None:
    text = (ROOT / "docs" / "bench.md").read_text()
    assert [b.name for b in (ROOT / "bench").glob("*.py") if f"bench/{b.name}" not in text] == []


def test_sixty_four_prompts() -> None:
    lines = [line for line in (ROOT / "docs" / "prompts-64.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == len(set(lines)) == 64
