"""Marks, reserved combinations and plans decide what is drawn, wherever a set is learned from."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.data.pictures import scenes_of
from reflet.data.selection import Selection, marked_rows


def rows(*numbers: int, size: int = 800) -> np.ndarray:
    out = np.zeros(size, bool)
    out[list(numbers)] = True
    return out


def test_marked_pictures_are_nowhere_and_reserved_ones_held_out_only() -> None:
    plain_train, plain_held = Selection().split(800)
    a, b = int(plain_held[0]), int(plain_held[1])
    found = Selection(marked=rows(3, a), reserved=rows(5, b))
    train, held = found.split(800)
    assert set(train) == set(plain_train) - {3, 5}
    assert set(held) == set(plain_held) - {a}


def test_mirror_images_share_their_picture_s_fate() -> None:
    train, held = Selection(copies=2, marked=rows(3), weights=np.where(rows(7), 0.0, 1.0)).split(1600)
    assert not {3, 803, 7, 807} & set(train) and {4, 804} <= set(train)
    assert held.max() < 800


@pytest.mark.parametrize("views", [1, 2, 3, 5])
def test_views_of_a_scene_stay_together(views: int) -> None:
    """Three views a scene do not fill blocks of four: none held out may have a sibling that is learned."""
    scenes = scenes_of([{"graph": {"seed": n // views}} for n in range(800)])
    train, held = Selection(scenes=scenes).split(800)
    assert not set(scenes[train]) & set(scenes[held])
    assert sorted([*train, *held]) == list(range(800))
    assert 0.02 <= len(held) / 800 <= 0.05
    assert scenes_of([{}, {"graph": {"seed": 7}}, {"graph": {"seed": 7}}, {"graph": {}}]).tolist() == [1, 2, 2, 3]


def test_a_plan_is_drawn_by_its_weights() -> None:
    weights = np.where(np.arange(800) < 400, 3.0, 1.0)
    selection = Selection(copies=2, weights=weights)
    train, _ = selection.split(1600)
    order = selection.order(train, number=1600, batch_size=100, seed=1)
    drawn = np.concatenate([train[order.indices(step)] for step in range(len(train) // 100)])
    assert np.mean(drawn % 800 < 400) == pytest.approx(0.75, abs=0.02)
    assert np.mean(drawn < 800) == pytest.approx(0.5, abs=0.03)


def test_samples_say_that_they_are_marked() -> None:
    assert marked_rows([{"key": "a"}, {"key": "b", "marked": True}]).tolist() == [False, True]
