"""`reflet bundle`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro

from reflet.data.map_file import map_files
from reflet.generate.bundle import load_bundle
from reflet.generate.places import find_bundle
from reflet.generate.talk_bundle import is_talk, load_talk
from reflet.generate.upscale import load_upscaler
from reflet.recipes.index import recipe as find_recipe
from reflet.runtime.config import from_json
from reflet.runtime.errors import UserError
from reflet.train.recipe import ImageRecipe
from reflet.train.stages import ImageRun


def bundle(
    action: Annotated[Literal["pack", "show"], tyro.conf.Positional],
    *,
    path: str = "image",
    run: Path | None = None,
    card: Path | None = None,
    recipe: str | None = None,
    map: Path | None = None,
    distilled: bool = False,
) -> None:
    """Pack a trained run into a bundle, or check a bundle's hashes and show what it is.

    Args:
        action: "pack" makes the bundle `path` from `run`; "show" verifies the bundle `path` and describes it.
        path: The bundle: a name or a folder.
        run: The run's folder, as `reflet train` made it (for pack).
        card: A Markdown file that becomes the bundle's card (for pack).
        map: The set's folder, whose map (of `reflet data diversity`) joins the bundle: it shows small pictures of the
            set to whoever has the bundle (for pack).
        distilled: Pack the flow of the stage distil, which takes few steps (for pack).
        recipe: The recipe's name, where the run's own recipe.json shall not be used (for pack).
    """
    if action == "show" and is_upscaler(path):
        sys.stdout.write(json.dumps(_upscaler_facts(path), indent=1) + "\n")
        return
    if action == "show" and is_talk(path):
        sys.stdout.write(json.dumps(_talk_facts(path), indent=1) + "\n")
        return
    if action == "show":
        found = load_bundle(path)
        number = sum(p.numel() for p in found.modules().parameters())
        facts = {
            "name": found.config.name,
            "path": str(found.path),
            "sha256": found.digest,
            "parameters": number,
            "megabytes": round(sum(f.stat().st_size for f in found.path.iterdir()) / 1e6, 2) if found.path else None,
            "sizes": list(found.config.sizes),
            "sampling": vars(found.config.sampling),
        }
        sys.stdout.write(json.dumps(facts, indent=1, default=list) + "\n")
        return
    if run is None:
        raise UserError("packing needs --run, the folder of the trained run")
    if recipe is not None:
        chosen = find_recipe(recipe)
    elif (run / "recipe.json").exists():
        chosen = from_json(ImageRecipe, json.loads((run / "recipe.json").read_text()))
    else:
        raise UserError(f"{run} holds no recipe.json: it is not a run of `reflet train`")
    text = card.read_text() if card else f"# {chosen.name}\n\nNo card was written for this bundle.\n"
    ImageRun(chosen, Path(), run).pack(
        Path(path), card=text, extra=map_files(map) if map else None, distilled=distilled
    )
    sys.stdout.write(f"{path}\n")


def is_upscaler(name: str) -> bool:
    """Whether a bundle, by name or folder, enlarges pictures."""
    config = find_bundle(name) / "config.json"
    return config.exists() and '"upscaler"' in config.read_text(encoding="utf-8")


def _upscaler_facts(name: str) -> dict[str, object]:
    found = load_upscaler(name)
    return {
        "name": found.name,
        "path": str(found.path),
        "sha256": found.digest,
        "parameters": sum(p.numel() for p in found.model.parameters()),
        "megabytes": round(sum(f.stat().st_size for f in found.path.iterdir()) / 1e6, 2) if found.path else None,
        "upscaler": vars(found.model.config),
    }


def _talk_facts(name: str) -> dict[str, object]:
    found = load_talk(name)
    return {
        "name": found.name,
        "path": str(found.path),
        "sha256": found.digest,
        "parameters": sum(p.numel() for p in found.model.parameters()),
        "megabytes": round(sum(f.stat().st_size for f in found.path.iterdir()) / 1e6, 2) if found.path else None,
        "language": vars(found.model.config),
    }
