"""Metrics as JSON lines: one line a step or event, appended, so a killed run keeps what it wrote."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class MetricsLog:
    """Appends to `path`; other readers (plots, progress bars) read the file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path

    def write(self, values: dict[str, Any]) -> None:
        """One line with the wall-clock time added."""
        with open(self.path, "a", encoding="utf-8") as handle:
            handle.write(json.dumps({"time": round(time.time(), 3), **values}) + "\n")


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """All lines; a last line torn by a kill is left out."""
    rows: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows
