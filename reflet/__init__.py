"""Reflet: an image model of one's own, from pictures with known rights to a text-to-image model that people use."""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"


def load(name: str = "image", *, device: str | None = None) -> Any:
    """The generator of a bundle: `reflet.load("image").generate("a red glass sphere on a wooden table")`.

    Imported when called, so that `import reflet` costs nothing.
    """
    return import_module("reflet.generate.image").load(name, device=device)
