"""The house rules, held by a test: floors, limits, empty __init__ files."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "reflet"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "base"}


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_floors_hold() -> None:
    """The import contracts of pyproject.toml: layers, siblings, no torch in the renderer."""
    script = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_files_and_functions_stay_short() -> None:
    too_long = []
    for path in sources():
        text = path.read_text()
        if len(text.splitlines()) > MAX_FILE_LINES:
            too_long.append(f"{path.relative_to(ROOT)}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    too_long.append(f"{path.relative_to(ROOT)}: {node.name} has {length} lines")
    assert not too_long, "\n".join(too_long)


def test_init_files_are_empty() -> None:
    assert [p for p in PACKAGE.rglob("__init__.py") if p.parent != PACKAGE and p.read_text().strip()] == []


def test_names_say_what() -> None:
    named = [p for p in PACKAGE.rglob("*") if p.stem in FORBIDDEN_NAMES and p.parent.name != "recipes"]
    assert named == []


def test_public_things_are_documented() -> None:
    """Every public module, class and top-level function of the rooms that others build on."""
    missing = []
    for room in (
        "core",
        "runtime",
        "models",
        "generate",
        "evaluate",
        "train",
        "data",
        "cli",
        "recipes",
        "serve",
        "store",
        "arena",
    ):
        for path in sorted((PACKAGE / room).glob("*.py")):
            tree = ast.parse(path.read_text())
            if path.name != "__init__.py" and ast.get_docstring(tree) is None:
                missing.append(str(path.relative_to(ROOT)))
            for node in tree.body:
                public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
                if public and ast.get_docstring(node) is None and node.name != "forward":
                    missing.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert not missing, "\n".join(missing)
