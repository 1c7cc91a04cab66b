"""Where bundles are looked for. No torch: who only wants to know whether one is there needs none."""

from __future__ import annotations

import os
from pathlib import Path

from reflet.runtime.errors import UserError
from reflet.runtime.home import home

BUNDLES: dict[str, str] = {"image": "reflet-nano", "voice": "reflet-voice"}  # short name -> folder name


def bundle_places() -> list[Path]:
    """The folders that bundles are looked for in."""
    named = [Path(os.environ["REFLET_BUNDLES"])] if "REFLET_BUNDLES" in os.environ else []
    return [*named, Path(__file__).resolve().parents[2] / "bundles", home() / "bundles"]


def find_bundle(name: str) -> Path:
    """The folder of a bundle: a path, or a name looked up in $REFLET_BUNDLES, the project's bundles/ and
    $REFLET_HOME/bundles. Raises UserError that lists where it looked."""
    if Path(name).is_dir():
        return Path(name)
    folder = BUNDLES.get(name, name)
    for place in bundle_places():
        if (place / folder).is_dir():
            return place / folder
    looked = ", ".join(str(p) for p in bundle_places())
    raise UserError(f"there is no bundle {name!r} (looked in {looked}): give a bundle's folder, or train one")
