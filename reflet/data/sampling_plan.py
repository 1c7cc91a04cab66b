"""A plan that balances a set: one weight a record, for whoever draws from it.

Rare categories are raised and common ones lowered in six facets at once, by iterative proportional fitting (Deming and
Stephan 1940; the steps of all facets averaged, for their wishes conflict) towards shares between what is and even ones;
no record weighs more than four times or less than a quarter of the mean, so that no rare picture is learned by heart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflet.data.diversity import Composition, unmarked_rows
from reflet.data.facets import BALANCED, NOT_SAID
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

PLAN = "plan.jsonl"
STRENGTH = 0.5  # 0 leaves shares as they are, 1 makes them even
LIMIT = 4.0
TOP = 64  # categories of a facet that are balanced; the rest are left as one
_ROUNDS = 40


@dataclass(frozen=True)
class Plan:
    """`weights` (N,) of mean 1. `worth` is how many equally weighted records teach as much (Kish's effective size)."""

    weights: NDArray[np.float64]
    worth: float


def balance(composition: Composition, *, strength: float = STRENGTH, limit: float = LIMIT) -> Plan:
    """The weights of a set's unmarked records."""
    weights = np.ones(len(composition))
    coarse = [_coarse(composition, name, strength=strength) for name in BALANCED]
    codes, targets = zip(*((c, t) for c, t in coarse if (t[1:] > 0).sum() > 1), strict=True) if coarse else ((), ())
    for _ in range(_ROUNDS):
        change = np.zeros(len(weights))
        for c, target in zip(codes, targets, strict=True):
            current = np.bincount(c, weights, len(target))
            goal = np.where(current > 0, target, 0.0)
            goal[1:] *= current[1:].sum() / max(goal[1:].sum(), 1e-12)
            goal[0] = current[0]  # what nothing is said of keeps its share: it may be anything
            change += np.log(np.divide(goal, current, out=np.ones_like(goal), where=current > 0))[c]
        # All facets at once, each with an equal voice: their wishes cannot all be met, and the last must not win.
        weights = weights * np.exp(change / max(len(codes), 1))
        weights = np.clip(weights / weights.mean(), 1 / limit, limit)
    weights /= weights.mean()
    return Plan(weights, float(weights.sum() ** 2 / (weights**2).sum()))


def _coarse(composition: Composition, name: str, *, strength: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(N,) 0 for what is not said, 1 for the rest beyond the commonest, 2 and on for those; and their wanted shares.

    The rest's is the sum of what its categories would be given one by one: rare things are many.
    """
    facet = composition.facets[name]
    counts = facet.counts()
    number = np.ones(len(facet.names), np.int64)
    common = sorted((k for k, n in enumerate(facet.names) if n != NOT_SAID), key=lambda k: (-counts[k], facet.names[k]))
    for rank, k in enumerate(common[:TOP]):
        number[k] = rank + 2
    if NOT_SAID in facet.names:
        number[facet.names.index(NOT_SAID)] = 0
    return number[facet.codes], np.bincount(number, counts ** (1 - strength))


def write_plan(path: Path, composition: Composition, plan: Plan) -> None:
    """One JSON object a line: shard, key, sha256, weight. Marked records are not in it: their weight is 0."""

    def write(handle: Any) -> None:
        number = 0
        for shard, rows, _ in unmarked_rows(composition.folder, composition.shards, ["key", "sha256", "problem"]):
            place = shard.relative_to(composition.folder).as_posix()
            for row in rows:
                weight = round(float(plan.weights[number]), 4)
                line = {"shard": place, "key": row["key"], "sha256": row["sha256"], "weight": weight}
                handle.write(json.dumps(line).encode() + b"\n")
                number += 1

    write_atomically(path, write)


def read_plan(path: Path, samples: list[dict[str, Any]]) -> NDArray[np.float64]:
    """(N,) the weights of `samples` as load_pictures gives them, 0 for those that the plan does not hold.

    Raises UserError for a file that is no plan, or the plan of another set.
    """
    weights: dict[str, float] = {}
    try:
        with open(path, encoding="utf-8") as handle:
            for line in handle:
                row = json.loads(line)
                weights[row["sha256"]] = float(row["weight"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is no sampling plan ({error}): make one with `reflet data diversity SET`") from error
    found = np.array([weights.pop(s["sha256"], 0.0) for s in samples])  # once: of equal files the first was kept
    if not found.any():
        raise UserError(f"{path} is the plan of another set: none of its records is here")
    return found
