"""Height maps, reliefs and polar grids."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render.terrain import PolarGrid, Relief, choose_distances, grid_faces, grid_mesh, polar_grid
from reflet.render.terrain_maps import MAPS, bake_height_map, height_map, noise_tile, sample, spectral_noise

EYE = np.array([0.0, 0.0, 2.0])


def hilly(x, y):
    """Analytic ground: a ridge at 300 m over gentle waves."""
    return 40 * np.exp(-(((y - 300) / 60) ** 2)) + 1.5 * np.sin(x / 17) * np.cos(y / 23)


def small_grid(size=(60, 50)) -> PolarGrid:
    return polar_grid(hilly, EYE, origin=(0.0, -6.0), half_angle=0.8, size=size, near=0.6, far=3000.0)


@pytest.mark.parametrize("kind", sorted(MAPS))
def test_height_maps_are_finite_repeatable_and_normalised(kind):
    tile = bake_height_map(kind, 1, size=64)
    assert tile.shape == (64, 64) and np.isfinite(tile).all() and tile.min() == 0
    assert np.array_equal(tile, bake_height_map(kind, 1, size=64))
    assert not np.array_equal(tile, bake_height_map(kind, 2, size=64))
    dy, dx = (np.roll(tile, -1, a) - tile for a in (0, 1))
    assert np.percentile(np.hypot(dx, dy), 95) * 64 == pytest.approx(1.0, rel=1e-3)


def test_unknown_height_map_is_refused():
    with pytest.raises(KeyError, match="known: alps"):
        height_map("moon cheese", 0)


def test_noise_is_standard_and_tiles():
    noise = spectral_noise(np.random.default_rng(3), 64, beta=2.0)
    assert noise.mean() == pytest.approx(0, abs=1e-5) and noise.std() == pytest.approx(1, rel=1e-4)
    x, y = np.linspace(-40, 90, 50), np.linspace(3, 70, 50)
    for order in (1, 3):
        a = sample(noise_tile(1), x, y, period=30.0, order=order)
        assert np.allclose(a, sample(noise_tile(1), x + 30.0, y - 60.0, period=30.0, order=order), atol=1e-3)


def test_linear_sampling_meets_the_texels():
    tile = noise_tile(2)
    i, j = np.arange(0, 512, 37), np.arange(0, 512, 37)
    assert np.allclose(sample(tile, i / 512.0, j / 512.0, period=1.0), tile[j, i], atol=1e-5)


def test_relief_has_the_slope_it_was_asked_for():
    relief = Relief("hills", 0, 1024.0, 0.4)
    x, y = np.meshgrid(np.arange(0.0, 1024, 8), np.arange(0.0, 1024, 8))
    slope = np.hypot(relief(x + 1, y) - relief(x, y), relief(x, y + 1) - relief(x, y))
    assert np.percentile(slope, 95) == pytest.approx(0.4, rel=0.1)


def test_distances_grow_outwards_and_cover_the_range():
    az = np.linspace(-0.8, 0.8, 40)
    r = choose_distances(hilly, EYE, origin=(0.0, -6.0), azimuths=az, near=0.6, far=3000.0, count=70)
    assert r.shape == (70, 40) and (np.diff(r, axis=0) > 0).all()
    assert np.allclose(r[0], 0.6) and np.allclose(r[-1], 3000.0)


def test_more_rings_where_the_picture_has_rows():
    r = small_grid((100, 30)).distances
    away = r[:, 15]
    ridge = ((away > 200) & (away < 300)).sum()  # the side of the ridge that the eye sees
    back = ((away > 320) & (away < 420)).sum()
    assert ridge > 2 * back


def test_grid_is_one_sheet_without_holes():
    grid = small_grid()
    faces = grid.faces
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    rings, columns = grid.distances.shape
    assert set(uses) == {1, 2} and (uses == 1).sum() == 2 * (rings - 1) + 2 * (columns - 1)
    mesh = grid_mesh(grid, colors=np.full((rings, columns, 3), 0.5))
    a, b, c = (mesh.vertices[faces[:, k]].astype(float) for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).all(), "every face is seen from above"
    assert (mesh.normals[:, 2] > 0).all()


def test_height_at_meets_the_drawn_triangles():
    grid = small_grid()
    weights = np.random.default_rng(1).dirichlet([1, 1, 1], len(grid.faces))
    corners = grid.points.reshape(-1, 3)[grid.faces]
    inside = (corners * weights[..., None]).sum(1)
    assert np.abs(grid.height_at(inside[:, 0], inside[:, 1]) - inside[:, 2]).max() < 0.01


def test_faces_of_a_grid():
    assert grid_faces(2, 2).tolist() == [[0, 1, 3], [0, 3, 2]]


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(MAPS))
def test_full_size_maps_have_relief_at_many_scales(kind):
    tile = height_map(kind, 0)
    assert tile.shape == (1024, 1024) and tile.dtype == np.float32
    assert np.ptp(tile[::256, ::256]) > 0.1 * np.ptp(tile)
