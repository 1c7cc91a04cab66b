"""What a run was trained on, read off its sets."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reflet.data.held_out import holds_reserved
from reflet.data.pictures import PictureSet, scenes_of
from reflet.data.sampling_plan import read_plan
from reflet.data.selection import Selection, marked_rows
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
    """What a bundle was trained on: numbers by licence and author, attributions, and one hash over all pictures; those
    that are marked are no part of it."""
    learned = [s for s in pictures.samples if not s.get("marked")]
    digest = hashlib.sha256()
    for s in learned:
        digest.update(bytes.fromhex(s["sha256"]))
    return {
        "num_pictures": len(learned),
        "pictures_sha256": digest.hexdigest(),
        "licenses": dict(Counter(s["license"] for s in learned)),
        "authors": dict(Counter(s["author"] for s in learned)),
        "attributions": sorted({a for s in learned for a in s.get("attributions", [])}),
    }


def selection_of(sets: Sequence[PictureSet], *, plan: Path | None, copies: int) -> Selection:
    """What is learned of these sets: not what is marked, and no words with combinations kept for the evaluation. A
    `plan` is one of the first set; the others are drawn evenly. Raises UserError for the plan of another set."""
    weights = None
    if plan is not None:
        own = read_plan(plan, sets[0].samples)
        weights = np.concatenate([own / own.mean(), *(np.ones(len(s)) for s in sets[1:])])
    return Selection(
        copies=copies,
        reserved=np.concatenate([holds_reserved(graphs_of(s)) for s in sets]),
        marked=np.concatenate([marked_rows(s.samples) for s in sets]),
        weights=weights,
        scenes=scenes_of([sample for s in sets for sample in s.samples]),
    )
