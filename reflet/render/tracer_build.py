"""Compiles the path tracer for this machine, once, and loads it."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from reflet.runtime.errors import UserError
from reflet.runtime.home import home

# No -ffast-math: it saves little here, and paths rely on comparisons with NaN and infinity being honest.
FLAGS = (
    "-std=c++17",
    "-O3",
    "-march=native",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fvisibility=hidden",
    "-fPIC",
    "-shared",
    "-pthread",
)
COMPILERS = ("g++", "clang++", "c++")
SOURCE = Path(__file__).with_name("tracer.cpp")


class RenderError(UserError):
    """The renderer cannot run on this machine; the message says why."""


def compiler() -> str:
    """Path of the C++ compiler: $CXX if set, else the first of g++, clang++, c++. Raises RenderError if none."""
    for name in (os.environ.get("CXX"), *COMPILERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise RenderError(
        "The renderer needs a C++ compiler and none was found; install g++ or clang++, or set CXX to one."
    )


def _sources() -> list[Path]:
    return [SOURCE, *sorted(SOURCE.parent.glob("tracer_*.h"))]


def _machine() -> str:
    """The processor's name and abilities: -march=native code made on one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.platform()
    return "\n".join(next((line for line in lines if line.startswith(key)), "") for key in ("model name", "flags"))


def build(folder: Path, command: str) -> Path:
    """Compiles into `folder` unless this very source was compiled there before. Raises RenderError on failure.

    The file appears whole or not at all, so that several processes may build at once.
    """
    digest = hashlib.sha256("\0".join([command, _machine(), *FLAGS]).encode())
    for path in _sources():
        digest.update(path.name.encode() + path.read_bytes())
    target = folder / f"tracer-{digest.hexdigest()[:20]}.so"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        fresh = Path(scratch) / target.name
        result = subprocess.run(
            [command, *FLAGS, str(SOURCE), "-o", str(fresh)], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            first = next((line for line in result.stderr.splitlines() if "error" in line), result.stderr[:300])
            raise RenderError(f"The renderer could not be compiled with {command}: {first.strip()}")
        os.replace(fresh, target)
    return target


@functools.cache
def library() -> ctypes.CDLL:
    """The compiled tracer, built if need be. Calls release the interpreter lock. Raises RenderError."""
    loaded = ctypes.CDLL(str(build(home() / "cache" / "tracer", compiler())))
    loaded.reflet_scene_new.restype = ctypes.c_void_p
    loaded.reflet_scene_new.argtypes = [ctypes.c_void_p]
    loaded.reflet_scene_free.restype = None
    loaded.reflet_scene_free.argtypes = [ctypes.c_void_p]
    loaded.reflet_trace.restype = None
    loaded.reflet_trace.argtypes = [ctypes.c_void_p] * 3
    return loaded
