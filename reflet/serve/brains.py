"""From the words after --brain to a brain. Each kind is imported when it is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from reflet.generate.places import find_bundle
from reflet.generate.talk import Brain
from reflet.runtime.errors import UserError
from reflet.serve.stand_in_brain import StandInBrain

NONE = "none"
OWN = "reflet-talk"  # the project's own bundle


def load_brain(name: str = "") -> Brain | None:
    """A brain by its address: "" the project's own where it is there, "none", `stand-in` (rules instead of a model;
    `stand-in:MS` takes so many milliseconds a token), an address like http://localhost:11434/v1#MODEL, or a bundle's
    name or folder. Raises UserError."""
    if name == NONE:
        return None
    kind, _, rest = name.partition(":")
    if kind == "stand-in":
        try:
            return StandInBrain(each=float(rest or 0) / 1000)
        except ValueError as error:
            raise UserError(f"--brain {name} is not understood: write stand-in:MILLISECONDS") from error
    if kind in ("http", "https"):
        return import_module("reflet.generate.guests_talk").open_remote_brain(name)
    try:
        find_bundle(name or OWN)  # before torch is imported, which who only hands work on does without
        with ThreadPoolExecutor(1) as passing:  # as bundles are loaded (catalogue.py)
            return passing.submit(lambda: import_module("reflet.generate.talk_brain").load_brain(name or OWN)).result()
    except (UserError, ImportError):
        if name:
            raise
        return None
