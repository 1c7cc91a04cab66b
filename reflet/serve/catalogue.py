"""From the words after --model to artists. Each kind is imported when it is asked for."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from reflet.generate.places import find_bundle
from reflet.generate.stepwise import Artist
from reflet.runtime.errors import UserError
from reflet.serve.stand_in import parse_stand_in

GUESTS = {
    "diffusers": ("reflet.generate.guests", "open_diffusers"),
    "openai": ("reflet.generate.guests_remote", "open_remote"),
    "mai": ("reflet.generate.guests_remote", "open_mai"),
    "litellm": ("reflet.generate.guests_remote", "open_litellm"),
}
NONE = "none"


def load_models(
    names: tuple[str, ...], *, upscaler: str = NONE, threads: int | None = None, share: int = 1
) -> dict[str, Artist]:
    """Artists by their own names, in order, and the upscaler last: a bundle's name, "none", or "" for the project's own
    where it is there and a bundle is served anyway (who only hands work on needs no torch). `share`: processes among
    which the cores are divided. Raises UserError."""
    with ThreadPoolExecutor(1) as passing:  # whose team of cores goes with it: runtime.device.compute_alone says why
        return passing.submit(_load_all, names, upscaler=upscaler, threads=threads, share=share).result()


def _load_all(names: tuple[str, ...], *, upscaler: str, threads: int | None, share: int) -> dict[str, Artist]:
    artists: dict[str, Artist] = {}
    for name in names:
        artist = _load(name, threads=threads or max(1, len(os.sched_getaffinity(0)) // share))
        if artist.card.name in artists:
            raise UserError(f"two models are called {artist.card.name!r}: serve one of them")
        artists[artist.card.name] = artist
    if not artists:
        raise UserError("there is no model to serve: name one with --model")
    local = any(a.card.folder is not None for a in artists.values())
    found = _upscaler(upscaler if upscaler or local else NONE)
    return artists if found is None else {**artists, found.card.name: found}


def find_voice(name: str) -> str | None:
    """The folder of the voice that is to speak: of a bundle's name, of the project's own for "" where it is there, or
    None for "none". Raises UserError for a name that is none."""
    if name == NONE:
        return None
    try:
        place = find_bundle(name or "voice")
        if import_module("reflet.generate.bundle").bundle_kind(str(place)) != "voice":
            raise UserError(f"{place} is no voice: name one with --voice, or say --voice none")
        return str(place)
    except (UserError, ImportError):
        if name:
            raise
        return None


def _upscaler(name: str) -> Artist | None:
    if name == NONE:
        return None
    try:
        return import_module("reflet.generate.upscale_steps").open_upscaler(*([name] if name else []))
    except (UserError, ImportError):
        if name:
            raise
        return None


def _load(name: str, *, threads: int) -> Artist:
    stand_in = parse_stand_in(name)
    if stand_in is not None:
        return stand_in
    kind, _, rest = name.partition(":")
    if kind in GUESTS and rest:
        module, opener = GUESTS[kind]
        return getattr(import_module(module), opener)(rest)
    import_module("reflet.runtime.device").set_threads(threads)
    generator = import_module("reflet.generate.image").load(name)
    return import_module("reflet.generate.image_steps").SteppedBundle(generator)
