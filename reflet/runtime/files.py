"""Files that appear whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_atomically(path: Path, write: Callable[[Any], Any]) -> None:
    """`write(handle)` into a file that appears whole; of several processes that write it, the last one stays."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as handle:
            write(handle)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
