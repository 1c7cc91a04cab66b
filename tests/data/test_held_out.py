"""What training never sees: the same combinations for ever, found in scene graphs, and reserved seeds refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reflet.data.held_out import (
    ONE_IN,
    RESERVED_SEEDS,
    combinations_of,
    holds_reserved,
    is_reserved,
    refuse_reserved,
)
from reflet.data.pictures import split_held_out
from reflet.runtime.errors import UserError

NAMES = [f"thing {i}" for i in range(60)]


def graph(*things: tuple[str, str | None, str | None], visible: bool = True) -> dict[str, Any]:
    look = [{"name": n, "color": c, "material": m, "visible": visible, "role": "subject"} for n, c, m in things]
    return {"objects": look}


def test_the_choice_is_fixed() -> None:
    """Bundles are trained without these: another hash would make every published score mean something else."""
    assert [i for i in range(400) if is_reserved("color", f"thing {i}", "red")] == RESERVED_RED
    assert is_reserved("pair", "mug", "vase") == is_reserved("pair", "vase", "mug")


RESERVED_RED = [158, 320, 322, 355, 357]


def test_about_one_in_forty() -> None:
    chosen = [is_reserved("pair", a, b) for a in NAMES for b in NAMES if a < b]
    assert 0.5 / ONE_IN < np.mean(chosen) < 1.6 / ONE_IN


def test_combinations_of_a_graph() -> None:
    found = set(combinations_of(graph(("mug", "red", "glass"), ("mug", "red", "glass"), ("egg", None, "gold"))))
    assert found == {
        ("color", ("mug", "red")),
        ("material", ("mug", "glass")),
        ("material", ("egg", "gold")),
        ("count", ("mug", 2)),
        ("pair", ("egg", "mug")),
    }
    assert not set(combinations_of(graph(("mug", "red", "glass"), visible=False)))
    assert not set(combinations_of({}))
    crowd = graph(*[(name, None, None) for name in NAMES[:5]])
    assert not set(combinations_of(crowd))


def test_pictures_that_hold_one_are_not_learned() -> None:
    color = next(c for c in (f"colour {i}" for i in range(999)) if is_reserved("color", "mug", c))
    graphs = [graph(("mug", "no such colour", None)), graph(("mug", color, None)), {}] * 400
    excluded = holds_reserved(graphs)
    assert excluded.tolist() == [False, True, False] * 400
    train, held = split_held_out(2400, copies=2, excluded=excluded)
    plain, same = split_held_out(2400, copies=2)
    np.testing.assert_array_equal(held, same)
    assert set(train) == {i for i in plain if not excluded[i % 1200]}


def test_a_reserved_set_is_refused(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", RESERVED_SEEDS[7])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "set.json").write_text(json.dumps({"seed": seed}))
    refuse_reserved(tmp_path / "a")
    with pytest.raises(UserError, match="seed 1000007, kept for evaluation"):
        refuse_reserved(tmp_path)
