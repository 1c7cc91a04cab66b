"""Trees, small plants, rocks and water surfaces."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from reflet.render.trees import NUM_SHAPES, SPECIES, Detail, tree_mesh
from reflet.render.vegetation import (
    FLOWERS,
    SINK,
    choose_detail,
    plant_bushes,
    plant_flowers,
    plant_grass,
    plant_rocks,
    plant_trees,
    trunks,
)
from reflet.render.water import Sea, breakers, water_colors, water_parts, water_points, water_rings

LIMITS = {Detail.HERO: 5400, Detail.NEAR: 2300, Detail.MID: 400, Detail.FAR: 60}


def scattered(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.stack([rng.uniform(-300, 300, n), rng.uniform(15, 900, n), rng.uniform(0, 30, n)], 1)


@pytest.mark.parametrize("species", sorted(SPECIES))
@pytest.mark.parametrize("detail", list(Detail))
def test_trees_are_one_unit_high_light_and_lit_outwards(species, detail):
    mesh = tree_mesh(species, detail, 0)
    assert len(mesh.faces) <= LIMITS[detail]
    assert mesh.vertices[:, 2].max() == pytest.approx(1.0, abs=1e-4) and mesh.vertices[:, 2].min() > -0.1
    assert np.abs(mesh.vertices[:, :2]).max() < 0.95
    assert np.isfinite(mesh.vertices).all() and mesh.faces.max() < len(mesh.vertices)
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-3)
    assert mesh.colors.min() >= 0 and mesh.colors.max() <= 1


def test_shapes_of_a_species_differ_and_repeat():
    first, second = tree_mesh("tree", Detail.NEAR, 0), tree_mesh("tree", Detail.NEAR, 1)
    assert first.vertices.shape != second.vertices.shape or not np.allclose(first.vertices, second.vertices)
    assert np.array_equal(first.vertices, tree_mesh("tree", Detail.NEAR, NUM_SHAPES).vertices)


def test_a_forest_of_1500_trees_stays_within_60k_triangles():
    at = scattered(1500)
    mesh = plant_trees(np.random.default_rng(1), "spruce", at, eye=np.zeros(3), budget=60_000)
    assert mesh is not None and len(mesh.faces) <= 60_000
    near = np.linalg.norm(at, axis=1)
    detail = choose_detail(np.full(1500, 15.0), near, costs=(2700, 1300, 200, 32), budget=60_000)
    assert (detail == Detail.MID).any()
    assert near[detail < Detail.FAR].max() < near[detail == Detail.FAR].max(), "detail goes to what is near"


def test_trees_stand_on_their_ground():
    for species in ("tree", "palm", "birch"):
        at = np.array([[3.0, 40.0, 7.0]])
        mesh = plant_trees(np.random.default_rng(2), species, at, eye=np.zeros(3), heights=np.array([10.0]))
        foot = mesh.vertices[mesh.vertices[:, 2] < 7.0 + 0.4]
        assert len(foot), "the trunk reaches the ground"
        assert -0.5 < mesh.vertices[:, 2].min() - 7.0 <= -SINK + 0.02
        assert np.abs(foot[:, :2].mean(0) - at[0, :2]).max() < 1.0


def test_nothing_is_planted_where_there_is_no_place():
    none, rng = np.zeros((0, 3)), np.random.default_rng(0)
    assert plant_trees(rng, "tree", none, eye=np.zeros(3)) is None
    assert plant_grass(rng, "grass", none, height=0.3) is None
    assert plant_flowers(rng, "poppies", none, height=0.3) is None
    assert plant_bushes(rng, none, height=1.0) is None
    assert plant_rocks(rng, none, size=np.zeros(0), color=(0.5, 0.5, 0.5)) is None
    assert trunks(rng, none, height=10, radius=0.2, color=(0.3, 0.2, 0.1)) is None


@pytest.mark.parametrize("kind", sorted(FLOWERS))
def test_flowers_stand_on_the_ground_at_their_height(kind):
    at = scattered(40)
    mesh = plant_flowers(np.random.default_rng(3), kind, at, height=0.5)
    assert mesh.vertices[:, 2].min() > at[:, 2].min() - 0.2
    assert mesh.vertices[:, 2].max() < at[:, 2].max() + 0.8 and len(mesh.faces) / 40 < 120


@pytest.mark.parametrize("kind", ["grass", "dry grass", "reeds", "wheat"])
def test_grass_tufts_are_light(kind):
    mesh = plant_grass(np.random.default_rng(4), kind, scattered(100), height=0.4)
    assert len(mesh.faces) / 100 < 80


def test_planting_is_repeatable():
    at = scattered(20)
    one, two = (plant_rocks(np.random.default_rng(5), at, size=np.full(20, 0.8), color=(0.5, 0.45, 0.4)) for _ in "ab")
    assert np.array_equal(one.vertices, two.vertices) and np.array_equal(one.colors, two.colors)


def test_sea_waves_have_their_height_and_calm_down_far_away():
    rings = water_rings(eye_height=3.0, near=0.8, far=20_000.0, count=150, behind=6.0)
    assert (np.diff(rings) > 0).all() and rings[0] == pytest.approx(0.8) and rings[-1] == pytest.approx(20_000.0)
    sea = Sea(wave_height=1.0, wave_length=20.0)
    points, crest = water_points(
        np.random.default_rng(0), sea, origin=(0.0, 0.0), level=5.0, half_angle=0.8, columns=120, rings=rings
    )
    near = points[(rings > 5) & (rings < 60)][..., 2] - 5.0
    assert 0.5 < np.percentile(near, 99) - np.percentile(near, 1) < 2.5
    assert np.abs(points[rings > 5000][..., 2] - 5.0).max() < 0.01
    assert crest.shape == points.shape[:2]


@pytest.mark.parametrize("far", [9000.0, 300.0, 40.0])  # a pond ends in the first belt
def test_belts_of_water_join_without_a_gap(far):
    rings = water_rings(eye_height=2.0, near=0.8, far=far, count=60)
    sea = Sea(wave_height=0.5)
    points, crest = water_points(
        np.random.default_rng(0), sea, origin=(0.0, 0.0), level=0.0, half_angle=0.7, columns=20, rings=rings
    )
    parts = water_parts(points, water_colors(sea, crest), sea, rings=rings)
    for inner, outer in pairwise(parts):
        assert np.array_equal(inner.mesh.vertices[-20:], outer.mesh.vertices[:20])
        assert outer.surface.roughness >= inner.surface.roughness
    assert sum(len(p.mesh.faces) for p in parts) == 2 * 59 * 19


def test_shallows_are_brighter_and_surf_foams_at_the_shore():
    depth = np.array([[20.0, 1.2, 0.3, 0.005]])
    flat = np.zeros_like(depth)
    colors = water_colors(Sea(body="tropical", surf=1.0), flat, depth=depth, noise=flat)[0].sum(-1)
    assert colors[0] < colors[1] < colors[3]
    rise, foam = breakers(Sea(surf=0.0), depth, flat)
    assert not rise.any() and not foam.any()
