"""Compiles the path tracer for this machine, once, and loads it."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path

from reflet.runtime.errors import UserError
from reflet.runtime.home import home
from reflet.runtime.native import build_library, find_compiler

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
SOURCE = Path(__file__).with_name("tracer.cpp")


class RenderError(UserError):
    """The renderer cannot run on this machine; the message says why."""


def compiler() -> str:
    """Path of the C++ compiler: $CXX if set, else the first of g++, clang++, c++. Raises RenderError if none."""
    try:
        return find_compiler("The renderer")
    except UserError as error:
        raise RenderError(str(error)) from error


def build(folder: Path, command: str) -> Path:
    """Compiles into `folder` unless this very source was compiled there before. Raises RenderError on failure."""
    headers = sorted(SOURCE.parent.glob("tracer_*.h"))
    try:
        return build_library(SOURCE, folder, command=command, flags=FLAGS, headers=headers, needs="The renderer")
    except UserError as error:
        raise RenderError(str(error)) from error


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
