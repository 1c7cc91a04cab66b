"""Reflet: an image model of one's own, from pictures with known rights to a text-to-image model that people use."""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"


def load(name: str = "image", *, device: str | None = None) -> Any:
    """The generator of a bundle: `reflet.load("image").generate("a red glass sphere on a wooden table")`, or
    `reflet.load("voice").speak("Good morning.")`; a bundle's folder does as well as a name.

    Imported when called, so that `import reflet` costs nothing.
    """
    kind = import_module("reflet.generate.bundle").bundle_kind(name)
    module = {"image": "reflet.generate.image", "voice": "reflet.generate.speech"}[kind]
    return import_module(module).load(name, device=device)
