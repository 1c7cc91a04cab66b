"""Where Reflet keeps what it makes for itself: caches and downloaded bundles."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder named by the environment variable REFLET_HOME, or ~/.local/share/reflet. It may not exist yet."""
    folder = os.environ.get("REFLET_HOME")
    return Path(folder).expanduser() if folder else Path.home() / ".local" / "share" / "reflet"
