"""Hole lists (holes.py) as the renderer reads them: a wish -> the specification of a scene that shows it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from numpy.random import Generator

from reflet.render.assets import Library
from reflet.render.grammar import sample_spec
from reflet.render.scene import SceneSpec, SubjectSpec
from reflet.runtime.errors import UserError


def wish_of(wishes: Sequence[dict[str, Any]], picture: int) -> dict[str, Any]:
    """The wish that picture number `picture` fills: they follow each other, and begin again when all are met."""
    ends = list(accumulate(w["count"] for w in wishes))
    return wishes[bisect_right(ends, picture % ends[-1])]


def wished_spec(wish: dict[str, Any], rng: Generator, *, library: Library) -> SceneSpec:
    """A wish drawn from its family's mix, with what is asked for put in."""
    spec = sample_spec(rng, library=library, families=(wish["family"],))
    if "environment" in wish:
        return replace(spec, environment=wish["environment"], layout=None)
    if "light" in wish:
        return replace(spec, light=wish["light"], weather=None)
    if "style" in wish:
        return replace(spec, style=wish["style"])
    if "color" in wish or "subject" in wish:
        subject = SubjectSpec(name=wish.get("subject"), color=wish.get("color"))
        return SceneSpec(family=spec.family, subjects=(subject,), layout="portrait", style=spec.style)
    return spec


def read_holes(path: Path) -> tuple[dict[str, Any], ...]:
    """The wishes of a file; one that names families and counts alone is as good. Raises UserError for anything else."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        rows = body.get("wishes") or [{"family": f, "count": n} for f, n in body["families"].items()]
        wishes = tuple({**row, "count": int(row["count"]), "family": str(row["family"])} for row in rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} lists no holes ({error}): make one with `reflet data diversity SET`") from error
    if not wishes or any(w["count"] < 1 for w in wishes):
        raise UserError(f"{path} asks for nothing: every wish needs a count of at least 1")
    return wishes
