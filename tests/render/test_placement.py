"""Footprints, stacking, putting inside, dropping: things touch and do not overlap."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render.catalogue.index import CATALOGUE
from reflet.render.dropping import drop_inside
from reflet.render.placement import (
    DIRECTIONS,
    Footprint,
    Placed,
    PlacementError,
    choose_look,
    gap,
    instantiate,
    put_inside,
    stack_on,
    tipped,
)
from reflet.render.scene import MaterialLook, SurfaceKind
from reflet.render.shapes import rotation


def body(name: str, *, object_id: int = 1, height: float = 1.0, seed: int = 0) -> Placed:
    rng = np.random.default_rng(seed)
    item = CATALOGUE[name]
    return instantiate(item, rng, object_id=object_id, look=choose_look(item, rng), height=height)


def circle(x: float, y: float, radius: float) -> Footprint:
    angles = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
    return Footprint((x, y), x * np.cos(angles) + y * np.sin(angles) + radius)


def test_gap_of_circles_is_the_distance_between_their_rims() -> None:
    assert gap(circle(0, 0, 1), circle(3, 0, 0.5)) == pytest.approx(1.5)
    assert gap(circle(0, 0, 1), circle(0, 1, 0.5)) == pytest.approx(-0.5)
    # Between two of the directions tried, at most (1 - cos(pi / 64)) of the centres' distance is lost.
    assert gap(circle(0, 0, 1), circle(3 * np.cos(0.049), 3 * np.sin(0.049), 1)) == pytest.approx(1.0, abs=0.004)


def test_footprint_holds_every_vertex_at_any_pose() -> None:
    placed = body("teapot", height=0.8).at(2.0, -1.0, yaw=0.7)
    angles = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
    flat = np.concatenate([part.mesh.vertices for part in placed.parts])[:, :2]
    reach = (flat @ np.stack([np.cos(angles), np.sin(angles)])).max(axis=0)
    assert np.all(reach <= placed.footprint.support + 0.004)
    assert placed.parts[0].mesh.vertices[:, 2].min() >= -1e-6
    assert max(part.mesh.vertices[:, 2].max() for part in placed.parts) == pytest.approx(0.8, abs=1e-5)


def test_object_tells_where_the_body_is() -> None:
    placed = body("cube", object_id=4, height=0.5).at(1.0, 2.0, 0.25)
    thing = placed.object
    assert (thing.id, thing.name, thing.position) == (4, "cube", (1.0, 2.0, 0.25))
    assert thing.size == pytest.approx((0.5, 0.5, 0.5), rel=0.05)


def test_stacked_thing_stands_on_the_top() -> None:
    rng = np.random.default_rng(1)
    below, above = body("cube", object_id=1, height=1.0), body("apple", object_id=2, height=0.4)
    stacked = stack_on(below, above, rng)
    top = max(part.mesh.vertices[:, 2].max() for part in below.parts)
    assert min(part.mesh.vertices[:, 2].min() for part in stacked.parts) == pytest.approx(top, abs=1e-3)
    assert (stacked.support, stacked.support_relation) == (1, "on")


def test_thing_put_inside_stays_within_the_rim() -> None:
    rng = np.random.default_rng(1)
    basket, egg = body("basket", object_id=1, height=1.0), body("egg", object_id=2, height=0.2)
    inside = put_inside(basket, egg, rng)
    assert np.all(inside.footprint.support <= basket.footprint.support)
    assert 0 < inside.position[2] < 1
    assert inside.support_relation == "in"


def test_what_cannot_carry_says_so() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(PlacementError, match="no flat top"):
        stack_on(body("sphere"), body("apple", object_id=2), rng)
    with pytest.raises(PlacementError, match="not open"):
        put_inside(body("cube"), body("apple", object_id=2), rng)
    with pytest.raises(PlacementError, match="wider than the top"):
        stack_on(body("cube", height=0.2), body("barrel", object_id=2, height=2.0), rng)


def test_dropped_fruit_lies_in_the_bowl_without_sinking() -> None:
    rng = np.random.default_rng(2)
    bowl = body("bowl", object_id=1, height=0.7)
    fruit = [body("orange", object_id=k, height=0.5 * bowl.radius) for k in (2, 3, 4)]
    lying = drop_inside(bowl, fruit, rng)
    centers = np.array([np.add(f.position, (0, 0, f.height / 2)) for f in lying])
    distances = [np.linalg.norm(centers[i] - centers[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert min(distances) > 0.9 * fruit[0].height  # touching balls are one diameter apart
    assert all(f.position[2] > 0.01 and f.support == 1 for f in lying)
    assert all(np.linalg.norm(f.position[:2]) + 0.5 * f.radius < bowl.radius for f in lying)


def test_tipped_body_keeps_its_size_and_stands_on_its_lowest_point() -> None:
    placed = body("cone", height=2.0)
    flat = tipped(placed, rotation((np.pi / 2, 0.0, 0.0)))
    vertices = np.concatenate([part.mesh.vertices for part in flat.parts])
    before = np.concatenate([part.mesh.vertices for part in placed.parts])
    assert vertices[:, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert np.ptp(vertices[:, 1]) == pytest.approx(np.ptp(before[:, 2]), rel=1e-4)


def test_looks_that_an_item_cannot_have_are_refused() -> None:
    rng = np.random.default_rng(0)
    apple = CATALOGUE["apple"]
    with pytest.raises(PlacementError, match="never blue"):
        choose_look(apple, rng, color="blue")
    with pytest.raises(PlacementError, match="cannot be made of"):
        choose_look(apple, rng, material="wool")
    assert choose_look(apple, rng, color="red").color == "red"


def test_glass_is_tinted_alike_at_every_size() -> None:
    rng = np.random.default_rng(0)
    look = MaterialLook("glass", "red")
    small = instantiate(CATALOGUE["sphere"], rng, object_id=1, look=look, height=0.1)
    tint = np.asarray(small.parts[0].surface.base_color) ** 0.1  # through one diameter
    assert small.parts[0].surface.kind == SurfaceKind.GLASS
    assert tint == pytest.approx(np.asarray(small.body[0].surface.base_color), rel=1e-6)
