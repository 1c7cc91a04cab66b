"""Every catalogue item builds well for any seed, and everything it claims is true."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from reflet.render.catalogue.index import CATALOGUE, TOPICS
from reflet.render.catalogue.item import FIXED_SLOTS, MAIN, NATURAL_KINDS, BuiltPart, Rest
from reflet.render.shapes import signed_volume
from reflet.render.vocabulary import COLORS, MATERIALS
from tests.render.test_shapes import is_closed

SEEDS = (0, 1)
MOST_TRIANGLES = 9_500
# Classes whose "main" is one closed body: their orientation can be proven by volume.
SOLID = (
    "sphere", "cube", "cylinder", "cone", "pyramid", "torus", "gem", "knot", "spring", "vase", "mug", "bowl", "bell",
    "wine glass", "apple", "pear", "banana", "egg", "chess pawn", "chess knight", "cat figurine", "elephant figurine",
    "rubber duck", "teddy bear", "die", "rock", "anvil", "croissant", "cushion",
)  # fmt: skip


@cache
def built(name: str, seed: int) -> tuple[BuiltPart, ...]:
    return tuple(CATALOGUE[name].build(np.random.default_rng(seed)))


def vertices(name: str, seed: int) -> np.ndarray:
    return np.concatenate([part.mesh.vertices for part in built(name, seed)])


def heights_under(name: str, seed: int, points: np.ndarray, below: float) -> np.ndarray:
    """Where a ray dropped from z = `below` at each (x, y) first meets the item; -1 where it meets nothing."""
    corners = np.concatenate([part.mesh.vertices[part.mesh.faces] for part in built(name, seed)])
    a, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    det = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    steep = np.abs(det) > 1e-12
    a, ab, ac, det = a[steep], ab[steep], ac[steep], det[steep]
    found = np.full(len(points), -1.0)
    for k, (x, y) in enumerate(points):
        dx, dy = x - a[:, 0], y - a[:, 1]
        u, v = (dx * ac[:, 1] - dy * ac[:, 0]) / det, (ab[:, 0] * dy - ab[:, 1] * dx) / det
        hit = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9)
        z = a[hit, 2] + u[hit] * ab[hit, 2] + v[hit] * ac[hit, 2]
        z = z[z <= below]
        if len(z):
            found[k] = z.max()
    return found


def test_there_are_enough_classes_and_no_name_twice() -> None:
    assert len(CATALOGUE) >= 200
    assert len(CATALOGUE) == sum(len(topic.ITEMS) for topic in TOPICS)


@pytest.mark.parametrize("name", CATALOGUE)
def test_words_are_well_formed(name: str) -> None:
    item = CATALOGUE[name]
    assert name == name.strip() and name == item.name
    assert item.plural and (item.plural != name or name in ("starfish",))
    assert item.phrase.replace("{look}", "").replace("{color}", "").replace("{name}", "").count("{") == 0
    assert any(field in item.phrase for field in ("{look}", "{color}", "{name}")) or name in item.phrase
    assert set(item.materials) <= set(MATERIALS) and set(item.ornamental) <= set(MATERIALS)
    assert len(set(item.materials)) == len(item.materials)
    assert bool(item.materials) != bool(item.natural), "a thing has materials or is made of itself"
    assert item.natural is None or item.natural in NATURAL_KINDS
    assert item.colors is None or set(item.colors) <= set(COLORS)
    assert not set(item.synonyms) & set(CATALOGUE), "a synonym may not be the name of another class"
    assert 0.05 <= item.height <= 1.5 and 0.005 <= item.real_height <= 25
    assert 0.5 <= item.turn <= np.pi


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_item_builds_well_for_every_seed(name: str) -> None:
    for seed in SEEDS:
        parts = built(name, seed)
        assert {part.slot for part in parts} <= set(FIXED_SLOTS) | {MAIN}
        low, high = vertices(name, seed).min(axis=0), vertices(name, seed).max(axis=0)
        assert low[2] == pytest.approx(0, abs=1e-9) and high[2] == pytest.approx(1)
        assert (low + high)[:2] == pytest.approx([0, 0], abs=1e-9)
        assert np.ptp(vertices(name, seed), axis=0).max() < 18
        assert sum(len(part.mesh.faces) for part in parts) <= MOST_TRIANGLES
        for part in parts:
            mesh = part.mesh
            assert np.isfinite(mesh.vertices).all()
            assert mesh.faces.min() >= 0 and mesh.faces.max() < len(mesh.vertices)
            assert mesh.uvs is not None and np.isfinite(mesh.uvs).all() and mesh.uvs.shape == (len(mesh.vertices), 2)
            assert mesh.normals is not None and np.isfinite(mesh.normals).all()
            assert (np.abs(np.linalg.norm(mesh.normals, axis=1) - 1) < 1e-3).mean() > 0.99
            corners = mesh.vertices[mesh.faces]
            facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            assert np.linalg.norm(facing, axis=1).sum() > 0
            agree = np.einsum("ij,ij->i", facing, mesh.normals[mesh.faces].mean(axis=1))
            assert (agree >= -1e-9).mean() > 0.96, f"{part.slot}: faces and normals disagree"


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_has_a_look_shows_it(name: str) -> None:
    item = CATALOGUE[name]
    named = item.colors != () or item.materials
    for seed in SEEDS:
        has_main = any(part.slot == MAIN for part in built(name, seed))
        assert has_main or (not named) or "{look}" not in item.phrase, "the caption would name a colour nobody sees"


@pytest.mark.parametrize("name", list(CATALOGUE)[::4])
def test_the_same_seed_builds_the_same_thing(name: str) -> None:
    again = CATALOGUE[name].build(np.random.default_rng(SEEDS[0]))
    for part, twin in zip(built(name, SEEDS[0]), again, strict=True):
        assert part.slot == twin.slot
        assert np.array_equal(part.mesh.vertices, twin.mesh.vertices)
        assert np.array_equal(part.mesh.faces, twin.mesh.faces)


@pytest.mark.parametrize("name", SOLID)
def test_solid_bodies_are_closed_and_face_outwards(name: str) -> None:
    for seed in SEEDS:
        main = next(part.mesh for part in built(name, seed) if part.slot == MAIN)
        assert is_closed(main)
        assert signed_volume(main) > 0


@pytest.mark.parametrize(("name", "rest"), [(name, rest) for name, item in CATALOGUE.items() for rest in item.rests])
def test_rests_are_where_they_are_said_to_be(name: str, rest: Rest) -> None:
    u, v = (axis.ravel() for axis in np.meshgrid([-0.97, -0.5, 0.01, 0.5, 0.97], [-0.97, -0.5, 0.01, 0.5, 0.97]))
    for seed in range(5):
        center, half = np.array([rest.x, rest.y]), np.array([rest.half_x, rest.half_y])
        points = center + np.stack([u, v], axis=1) * half
        heights = heights_under(
            name, seed, points, rest.z + min(rest.clearance, np.inf if rest.kind != "seat" else 0.1)
        )
        assert heights.max() < rest.z + 0.06, f"{rest.kind} is blocked over part of the rectangle"
        assert (heights > rest.z - 0.06).mean() > 0.8, f"{rest.kind} is missing under part of the rectangle"  # slats


@pytest.mark.parametrize(
    "tag", ["food", "vessel", "toy", "furniture", "vehicle", "plant", "animal", "geometric", "container", "light"]
)
def test_every_common_tag_is_used(tag: str) -> None:
    assert sum(tag in item.tags for item in CATALOGUE.values()) >= 5


def test_stackable_things_have_a_top_and_containers_an_inside() -> None:
    for item in CATALOGUE.values():
        assert ("stackable" not in item.tags) or item.top is not None, item.name
        assert not ({"stackable", "round"} <= item.tags), item.name
