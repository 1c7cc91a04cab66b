"""A set's map: `map.json` says what lies where, `map.webp` shows it. Bundles carry both, the studio draws from them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

if TYPE_CHECKING:
    from reflet.data.diversity import Composition, Sampled
    from reflet.data.diversity_map import Layout
    from reflet.data.sampling_plan import Plan

MAP, MAP_PICTURE = "map.json", "map.webp"
CELL = 64  # pixels of a square in map.webp: the largest sample becomes 3,840 x 2,432
SHOWN = ("subject", "environment", "light", "palette", "style", "composition", "source", "licence")
UNKNOWN_AUTHOR = "not stated"


def categories(composition: Composition, sampled: Sampled) -> dict[str, str]:
    """What a record of the sample shows, by the facets of the map."""
    facets = {name: composition.facets[name] for name in SHOWN}
    return {name: f.names[int(f.codes[sampled.number])][:60] for name, f in facets.items()}


def author_of(sampled: Sampled) -> str:
    """The author, or nothing where none is stated."""
    return "" if sampled.author == UNKNOWN_AUTHOR else sampled.author[:80]


def write_map(folder: Path, composition: Composition, plan: Plan, layout: Layout, *, name: str) -> None:
    """Writes both files. `map.json` names the picture's SHA-256, so that halves of two maps are never taken for one.

    It holds `name`, `records` (how many the set has; the map shows the sample), `across` and `down` (squares), `cell`
    (pixels of a square), `sha256`, `facets` (categories by facet, most frequent first) and `points`: square, key,
    words, rights, weight in the plan, and the number of its category in each facet.
    """
    told = [categories(composition, s) for s in composition.sample]
    counts = {facet: Counter(t[facet] for t in told) for facet in SHOWN}
    names = {facet: sorted(count, key=lambda n: (-count[n], n)) for facet, count in counts.items()}
    numbers = {facet: {n: k for k, n in enumerate(found)} for facet, found in names.items()}
    points = [
        {
            "x": x,
            "y": y,
            "key": sampled.key,
            "caption": sampled.caption[:200],
            "license": sampled.license,
            "author": author_of(sampled),
            "weight": round(float(plan.weights[sampled.number]), 3),
            "facets": [numbers[facet][categories_of[facet]] for facet in SHOWN],
        }
        for sampled, categories_of, (x, y) in zip(composition.sample, told, layout.spots.tolist(), strict=True)
    ]
    picture = _picture(composition, layout)
    body: dict[str, Any] = {
        "name": name,
        "records": len(composition),
        "across": layout.across,
        "down": layout.down,
        "cell": CELL,
        "sha256": hashlib.sha256(picture).hexdigest(),
        "facets": names,
        "points": points,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    write_atomically(folder / MAP_PICTURE, lambda f: f.write(picture))
    write_atomically(folder / MAP, lambda f: f.write(text.encode()))


def map_files(folder: Path) -> dict[str, bytes]:
    """Name -> content of the map that lies in a set's folder. Raises UserError where none does."""
    try:
        return {name: (folder / name).read_bytes() for name in (MAP, MAP_PICTURE)}
    except FileNotFoundError as error:
        raise UserError(f"{folder} holds no map: make one with `reflet data diversity {folder}`") from error


def _picture(composition: Composition, layout: Layout) -> bytes:
    """All thumbnails in their squares, a pixel of room around each; nothing (transparent) elsewhere."""
    sheet = Image.new("RGBA", (layout.across * CELL, layout.down * CELL))
    for sampled, (x, y) in zip(composition.sample, layout.spots.tolist(), strict=True):
        picture = Image.open(BytesIO(sampled.thumbnail)).convert("RGB")
        picture.thumbnail((CELL - 2, CELL - 2), Image.Resampling.LANCZOS)
        corner = (x * CELL + (CELL - picture.width) // 2, y * CELL + (CELL - picture.height) // 2)
        sheet.paste(picture, corner)
    out = BytesIO()
    sheet.save(out, "WEBP", quality=78, method=4)
    return out.getvalue()
