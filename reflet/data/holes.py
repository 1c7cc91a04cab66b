"""What a set lacks, as wishes that the renderer can fill.

A hole is a category that is missing or under-represented and that the renderer can show: an environment, a kind of
light, a style, a thing or a colour of its vocabulary. `reflet render --fill holes.json` makes them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from reflet.data.diversity import Composition, shares
from reflet.render.families import interior, landscape, street
from reflet.runtime.files import write_atomically

HOLES = "holes.json"
# A family that can show each environment, and one in which each light and style come out well.
_FAMILY = {"studio": "tabletop", "table": "tabletop", "space": "space", "abstract": "abstract"}
_LIT = {"studio softbox": "tabletop", "low-key": "tabletop", "window light": "interior", "lamplight": "interior",
        "candlelight": "tabletop", "neon": "tabletop"}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """So many pictures of a family, with one thing asked for: `kind` is "environment", "light", "style", "color" or
    "subject", or "" for the family alone."""

    family: str
    count: int
    kind: str = ""
    word: str = ""


def find_holes(composition: Composition, *, budget: int | None = None) -> list[Wish]:
    """Wishes for `budget` pictures in all (default: a tenth of the set), more where more is lacking."""
    budget = budget or max(len(composition) // 10, 16)
    lacking: list[tuple[str, str, str, float]] = []
    for facet, kind in (
        ("environment", "environment"),
        ("lighting", "light"),
        ("style", "style"),
        ("palette", "color"),
    ):
        known = [s for s in shares(facet, composition.facets[facet]) if s.verdict in ("missing", "under")]
        for s in known:
            family = family_of(kind, s.name)
            if family:
                lacking.append((family, kind, s.name, 1.0 - min(s.ratio, 1.0) / 2))
    total = sum(lack for *_, lack in lacking)
    wishes = [Wish(f, max(1, round(budget * lack / total)), kind, word) for f, kind, word, lack in lacking]
    return sorted(wishes, key=lambda w: (-w.count, w.family, w.kind, w.word))


def family_of(kind: str, word: str) -> str:
    """A family of the renderer that can show it, "" for none."""
    if kind == "environment":
        if word in _FAMILY:
            return _FAMILY[word]
        if word in {layout.environment for layout in landscape.CATALOGUE.values()}:
            return "landscape"
        if word in {plan.environment for plan in street.PLANS.values()}:
            return "street"
        return "interior" if word in interior.ROOMS else ""
    if kind == "light":
        return _LIT.get(word, "outdoors")
    return "tabletop"


def write_holes(path: Path, wishes: list[Wish]) -> None:
    """The wishes, and their sums by family."""
    families: dict[str, int] = {}
    for w in wishes:
        families[w.family] = families.get(w.family, 0) + w.count
    rows = [{"family": w.family, "count": w.count, **({w.kind: w.word} if w.kind else {})} for w in wishes]
    text = json.dumps({"families": families, "wishes": rows}, indent=1)
    write_atomically(path, lambda f: f.write(text.encode()))
