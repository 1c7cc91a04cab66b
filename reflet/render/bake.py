"""Bake arrays once and keep them: in memory for this process, on disk for the next one."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from reflet.render.scene import Array
from reflet.runtime.home import home

_baked: dict[str, dict[str, Array]] = {}


def baked(name: str, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    """The arrays that `make()` returns, made at most once.

    `name` identifies content and version ("atmosphere-1"): change it when `make` changes. The file is written
    aside and moved into place, so processes that bake at the same time never read half a file; a file that
    cannot be read is baked again, and a folder that cannot be written only costs the disk copy.
    """
    if name not in _baked:
        path = home() / "cache" / f"{name}.npz"
        found = _read(path)
        if found is None:
            found = make()
            _write(path, found)
        _baked[name] = found
    return _baked[name]


def _read(path: Path) -> dict[str, Array] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _write(path: Path, arrays: dict[str, Array]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        os.replace(aside, path)
    except OSError:
        Path(aside).unlink(missing_ok=True)
