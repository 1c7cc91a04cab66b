"""Shapes are closed, face outwards, and have the volume that geometry says."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render.polygons import area, inset, oriented, regular, rounded_rectangle, star, triangulate
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    both_sides,
    box,
    capsule,
    cone,
    creased,
    cylinder,
    displace,
    ellipsoid,
    extrude,
    flat_shaded,
    front,
    grid,
    icosphere,
    lathe,
    limb,
    loft,
    lumps,
    merge,
    mirrored,
    polyhedron,
    rounded,
    scattered,
    sculpt,
    signed_volume,
    sphere,
    spline,
    torus,
    transform,
    tube,
    vertex_normals,
    vessel,
    welded,
)

CIRCLE = np.linspace(0, 2 * np.pi, 64, endpoint=False)
RING = np.stack([np.cos(CIRCLE), np.sin(CIRCLE), 0 * CIRCLE], axis=1)
CLOSED = {
    "sphere": lambda: sphere(0.7),
    "icosphere": lambda: icosphere(0.7, subdivisions=2),
    "box": lambda: box((1, 2, 3)),
    "bevelled box": lambda: box((1, 2, 3), bevel=0.2, steps=2),
    "cylinder": lambda: cylinder(0.5, 1.0, bevel=0.1),
    "cone": lambda: cone(0.5, 1.0),
    "torus": lambda: torus(1.0, 0.25),
    "capsule": lambda: capsule(0.2, (0, 0, 0), (1, 1, 1)),
    "open tube": lambda: tube([(0, 0, 0), (0, 0, 1), (1, 0, 1)], 0.1),
    "flat-ended tube": lambda: tube([(0, 0, 0), (0, 0, 1)], 0.1, ends="flat"),
    "closed tube": lambda: tube(RING, 0.2, closed=True),
    "lobed lathe": lambda: lathe(
        spline([(0, 0), (0.5, 0), (0.6, 0.5), (0, 0.9)]), lobes=8, lobe_depth=0.2, segments=80
    ),
    "vessel": lambda: lathe(vessel(spline([(0.2, 0), (0.4, 0.15), (0.56, 0.48)]), 0.03)),
    "star plate": lambda: extrude(star(5, 0.5, 0.2), 0.2, bevel=0.03),
    "loft": lambda: loft(np.stack([RING * s + [0, 0, z] for s, z in ((1, 0), (0.5, 1), (0.8, 2))])),
    "backward loft": lambda: loft(np.stack([RING[::-1] * s + [0, 0, z] for s, z in ((1, 0), (0.8, 2))])),
    "hull": lambda: polyhedron(np.random.default_rng(0).normal(size=(30, 3))),
    "sculpture": lambda: sculpt([ellipsoid((0, 0, 0.4), (0.4, 0.6, 0.4)), ellipsoid((0, -0.5, 0.9), 0.3)], floor=0.05),
    "mirrored": lambda: transform(box((1, 1, 1), bevel=0.1), scale=(-1, 1, 2)),
    "displaced": lambda: displace(sphere(1.0), np.full(len(sphere(1.0).vertices), 0.1)),
    "flat shaded": lambda: flat_shaded(icosphere(subdivisions=1)),
    "scattered": lambda: scattered(
        sphere(0.3), np.array([[0, 0, 0], [2.0, 0, 0]]), np.stack([np.eye(3), 2 * np.eye(3)])
    ),
}


def is_closed(mesh: Mesh) -> bool:
    """Whether every edge is passed once each way, vertices at one position taken as one."""
    index, count = welded(mesh.vertices)
    faces = index[mesh.faces]
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    edges = faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    return np.array_equal(np.sort(edges @ [count, 1]), np.sort(edges @ [1, count]))


@pytest.mark.parametrize("name", CLOSED)
def test_solids_are_closed_and_face_outwards(name: str) -> None:
    mesh = CLOSED[name]()
    assert is_closed(mesh)
    assert signed_volume(mesh) > 0
    assert mesh.normals is not None and mesh.uvs is not None
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)
    assert mesh.uvs.shape == (len(mesh.vertices), 2) and np.isfinite(mesh.uvs).all()
    corners = mesh.vertices[mesh.faces]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    agree = np.einsum("ij,ij->i", facing, mesh.normals[mesh.faces].mean(axis=1))
    assert (agree >= -1e-9).mean() > 0.995


def test_volumes_match_the_formulas() -> None:
    assert signed_volume(sphere(1.0, segments=96, rings=48)) == pytest.approx(4 / 3 * np.pi, rel=4e-3)
    assert signed_volume(box((1, 2, 3))) == pytest.approx(6)
    assert signed_volume(cylinder(0.5, 2.0, segments=96)) == pytest.approx(np.pi / 2, rel=2e-3)
    assert signed_volume(cone(0.5, 3.0, segments=96)) == pytest.approx(np.pi / 4, rel=2e-3)
    assert signed_volume(torus(1.0, 0.25, segments=96, sides=48)) == pytest.approx(2 * np.pi**2 / 16, rel=1e-2)
    assert signed_volume(extrude(regular(6, 1.0), 0.5)) == pytest.approx(1.5 * 3**0.5 / 2)
    ball = sculpt([ellipsoid((0, 0, 0), (0.5, 0.7, 0.9))], cells=30)
    assert signed_volume(ball) == pytest.approx(4 / 3 * np.pi * 0.315, rel=2e-2)
    rounded_corner = 8 - signed_volume(box((2, 2, 2), bevel=0.5, steps=8))
    exact = 12 * (1 - np.pi / 4) * 0.25 * 1 + (8 - 4 / 3 * np.pi) * 0.125
    assert rounded_corner == pytest.approx(exact, rel=3e-2)


def test_sphere_normals_are_exact_and_survive_scaling() -> None:
    ball = transform(sphere(1.0), scale=(1, 2, 3), rotate=(0.3, 0.2, 0.1))
    back = transform(sphere(1.0), scale=(1, 2, 3))
    gradient = back.vertices / np.array([1, 4, 9])
    gradient /= np.linalg.norm(gradient, axis=1, keepdims=True)
    assert np.allclose(back.normals, gradient, atol=1e-9)
    assert np.allclose(np.linalg.norm(ball.normals, axis=1), 1)


def test_vertex_normals_weigh_by_area() -> None:
    mesh = icosphere(1.0, subdivisions=3)
    assert np.einsum("ij,ij->i", vertex_normals(mesh.vertices, mesh.faces), mesh.vertices).min() > 0.99


def test_creased_splits_sharp_edges_and_keeps_smooth_ones() -> None:
    index, count = welded(box((1, 1, 1)).vertices)
    assert (count, len(index)) == (8, 24)
    shared = Mesh(np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float), _cube_faces())
    sharp, smooth = creased(shared, 40), creased(shared, 180)
    assert len(sharp.vertices) == 24
    assert len(smooth.vertices) == 8
    assert np.allclose(np.sort(np.abs(sharp.normals), axis=1), [0, 0, 1])


def _cube_faces() -> np.ndarray:
    quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    return np.array([t for a, b, c, d in quads for t in ([a, b, c], [a, c, d])])


def test_merge_fills_in_what_is_missing() -> None:
    bare = Mesh(np.eye(3), np.array([[0, 1, 2]]))
    painted = Mesh(np.eye(3) + 1, np.array([[0, 1, 2]]), None, None, np.full((3, 3), 0.5))
    both = merge(bare, painted)
    assert both.faces.max() == 5
    assert np.allclose(both.normals, 1 / 3**0.5)
    assert np.allclose(both.colors[:3], 1) and np.allclose(both.colors[3:], 0.5)
    with pytest.raises(ValueError, match="at least one"):
        merge()
    assert signed_volume(both_sides(transform(box((1, 1, 1)), translate=(2, 0, 0)))) == pytest.approx(2)


def test_transform_refuses_to_flatten() -> None:
    with pytest.raises(ValueError, match="flattens"):
        transform(sphere(), scale=(1, 0, 1))


def test_a_grid_faces_up() -> None:
    hill = grid(np.random.default_rng(0).normal(size=(5, 7)) * 0.1, width=2, depth=1)
    assert (hill.normals[:, 2] > 0).all()
    assert np.ptp(hill.vertices[:, 0]) == pytest.approx(2)


def test_splines_pass_their_points_and_keep_corners() -> None:
    points = np.array([(0, 0), (1, 0.5), (2, 0), (2, 0), (3, 1)], dtype=float)
    curve = spline(points, 5)
    for point in points:
        assert np.linalg.norm(curve - point, axis=1).min() < 1e-12
    corner = rounded([(0, 0), (1, 0), (1, 1)], 0.2)
    assert np.linalg.norm(corner - [1, 0], axis=1).min() > 0.05


def test_a_vessel_has_walls_of_the_thickness_asked_for() -> None:
    profile = vessel([(0.4, 0), (0.5, 0.5), (0.5, 1.0)], 0.05, floor=0.1)
    inside = profile[profile[:, 0] < 0.449]
    assert profile[-1] == pytest.approx([0, 0.1])
    assert inside[:, 1].max() < 1.05
    with pytest.raises(ValueError, match="no room"):
        vessel([(0.02, 0), (0.02, 0.1)], 0.05)


def test_sculpting_blends_and_finds_its_front() -> None:
    apart = [ellipsoid((-0.4, 0, 0), 0.3, blend=0.001), ellipsoid((0.4, 0, 0), 0.3, blend=0.001)]
    joined = [*apart, limb((-0.4, 0, 0), (0.4, 0, 0), 0.1, blend=0.1)]
    assert signed_volume(sculpt(joined)) > signed_volume(sculpt(apart)) * 1.02
    assert front(apart, 0.4, 0.0) == pytest.approx([0.4, -0.3, 0], abs=2e-3)
    with pytest.raises(ValueError, match="no surface"):
        front(apart, 0.0, 0.9)
    pair = mirrored(ellipsoid((0.5, 0, 0), 0.2))
    probe = np.array([[0.5, 0.1, 0], [-0.5, 0.1, 0]])
    assert pair[0].distance(probe) == pytest.approx(pair[1].distance(probe * [-1, 1, 1]))
    with pytest.raises(ValueError, match="nothing is left"):
        sculpt([ellipsoid((0, 0, 0), 0.3), ellipsoid((0, 0, 0), 0.9, carve=True)])


@pytest.mark.parametrize("polygon", [star(5, 1, 0.4), regular(7, 1.0), rounded_rectangle(2, 1, 0.2), star(9, 1, 0.9)])
def test_triangles_cover_the_polygon_once(polygon: np.ndarray) -> None:
    outline = oriented(polygon[::-1])
    triangles = outline[triangulate(outline)]
    areas = [area(t) for t in triangles]
    assert min(areas) >= 0
    assert sum(areas) == pytest.approx(area(outline))
    assert 0 < area(inset(outline, 0.02)) < area(outline)


def test_lumps_depend_on_the_generator_only() -> None:
    points = np.random.default_rng(1).normal(size=(50, 3))
    first, again = (lumps(points, np.random.default_rng(5), frequency=3, amplitude=0.1) for _ in range(2))
    assert np.array_equal(first, again)
    assert 0.03 < first.std() < 0.3
