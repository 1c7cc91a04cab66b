"""C++ of our own, compiled for this machine at first use and kept."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reflet.runtime.errors import UserError

COMPILERS = ("g++", "clang++", "c++")


def find_compiler(needs: str) -> str:
    """Path of the C++ compiler: $CXX if set, else the first of g++, clang++, c++. Raises UserError if there is none;
    `needs` is who needs it."""
    for name in (os.environ.get("CXX"), *COMPILERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise UserError(f"{needs} needs a C++ compiler and none was found; install g++ or clang++, or set CXX to one.")


def _machine() -> str:
    """The processor's name and abilities: -march=native code made on one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.platform()
    return "\n".join(next((line for line in lines if line.startswith(key)), "") for key in ("model name", "flags"))


def build_library(
    source: Path, folder: Path, *, command: str, flags: Sequence[str], headers: Sequence[Path] = (), needs: str
) -> Path:
    """Compiles into `folder` unless this very source was compiled there before. Raises UserError on failure.

    The file appears whole or not at all, so that several processes may build at once.
    """
    digest = hashlib.sha256("\0".join([command, _machine(), *flags]).encode())
    for path in (source, *headers):
        digest.update(path.name.encode() + path.read_bytes())
    target = folder / f"{source.stem}-{digest.hexdigest()[:20]}.so"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        fresh = Path(scratch) / target.name
        result = subprocess.run(
            [command, *flags, str(source), "-o", str(fresh)], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            first = next((line for line in result.stderr.splitlines() if "error" in line), result.stderr[:300])
            raise UserError(f"{needs} could not be compiled with {command}: {first.strip()}")
        os.replace(fresh, target)
    return target
