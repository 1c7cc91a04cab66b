"""What a run was trained on, read off its sets."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from reflet.data.pictures import PictureSet
from reflet.runtime.errors import UserError


def graphs_of(pictures: PictureSet) -> list[dict[str, Any]]:
    """The scene graph of every picture; empty where it has none."""
    return [s.get("graph", {}) for s in pictures.samples]


def size_of_set(folder: Path) -> int:
    """Pixels a side of a rendered set. Raises UserError for a folder that holds none, or several sizes."""
    sizes = {json.loads(path.read_text()).get("size") for path in folder.rglob("set.json")}
    if len(sizes) != 1:
        raise UserError(f"{folder} must hold one set of `reflet render`, or several of one size: found {sorted(sizes)}")
    return sizes.pop()


def bill_of_materials(pictures: PictureSet) -> dict[str, Any]:
    """What a bundle was trained on: numbers by licence and author, attributions, and one hash over all pictures."""
    digest = hashlib.sha256()
    for s in pictures.samples:
        digest.update(bytes.fromhex(s["sha256"]))
    return {
        "num_pictures": len(pictures),
        "pictures_sha256": digest.hexdigest(),
        "licenses": dict(Counter(s["license"] for s in pictures.samples)),
        "authors": dict(Counter(s["author"] for s in pictures.samples)),
        "attributions": sorted({a for s in pictures.samples for a in s.get("attributions", [])}),
    }
