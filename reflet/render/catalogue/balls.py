"""Balls, balloons and other round games."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    box,
    cone,
    icosphere,
    lathe,
    lattice_faces,
    merge,
    scattered,
    sphere,
    spline,
    transform,
    tube,
)


@standing
def _die(rng: Generator) -> list[BuiltPart]:
    pips = {
        1: [(0, 0)],
        2: [(-1, -1), (1, 1)],
        3: [(-1, -1), (0, 0), (1, 1)],
        4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
        5: [(-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0)],
        6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
    }
    places, frames = [], []
    faces = {1: (0, 0, 1), 6: (0, 0, -1), 2: (0, -1, 0), 5: (0, 1, 0), 3: (1, 0, 0), 4: (-1, 0, 0)}
    for number, normal in faces.items():
        out = np.array(normal, dtype=float)
        side = np.roll(out, 1)
        up = np.cross(out, side)
        for u, v in pips[number]:
            places.append(0.5 * out + 0.25 * (u * side + v * up))
            frames.append(np.stack([side, up, out], axis=1))
    dots = scattered(sphere((0.088, 0.088, 0.012), segments=14, rings=4), np.array(places), np.array(frames))
    roll = {"rotate": tuple(np.pi / 2 * rng.integers(0, 4, 3))}
    body = box((1, 1, 1), bevel=rng.uniform(0.1, 0.16), steps=3)
    return [BuiltPart(transform(body, **roll)), BuiltPart(transform(dots, **roll), "white")]


@standing
def _spinning_top(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.38, 0.46)
    body = lathe(
        spline(
            [
                (0, 0),
                (0.03, 0.02),
                (0.06, 0.12),
                (wide * 0.7, 0.3),
                (wide, 0.48),
                (wide, 0.48),
                (wide * 0.86, 0.58),
                (0.1, 0.66),
                (0.045, 0.72),
            ],
            5,
        ).tolist()
        + [(0.045, 0.95), (0.06, 0.98), (0.05, 1.02), (0, 1.03)],
        segments=44,
    )
    band = lathe(
        [(wide * 0.94, 0.44), (wide + 0.012, 0.46), (wide + 0.012, 0.5), (wide * 0.94, 0.53)], segments=44, closed=True
    )
    lean = {"rotate": (0, np.arctan2(wide, 0.48), rng.uniform(-0.6, 0.6))}  # it has fallen over
    return [BuiltPart(transform(body, **lean)), BuiltPart(transform(band, **lean), "accent")]


@standing
def _balloon(rng: Generator) -> list[BuiltPart]:
    count = int(rng.choice([1, 1, 3]))
    profile = spline([(0, 0.98), (0.05, 1.0), (0.16, 1.13), (0.33, 1.42), (0.36, 1.66), (0.25, 1.87), (0, 1.95)], 5)
    skin = merge(lathe(profile, segments=32), cone(0.05, 0.07, base=(0, 0, 0.93), segments=14))
    weight = box((0.26, 0.26, 0.18), center=(0, 0, 0.09), bevel=0.02)
    parts: dict[str, list[Mesh]] = {}
    strings = []
    for k, slot in zip(range(count), ("main", "accent", "white"), strict=False):
        x, y, z = ((0, 0, 0), (0.4, 0.12, -0.2), (-0.38, 0.1, -0.32))[k]
        parts.setdefault(slot, []).append(transform(skin, rotate=(0, x * 0.35, 0), translate=(x * 0.7, y, z)))
        strings.append(
            tube(
                spline([(0, 0, 0.15), (x * 0.3 + 0.03, y * 0.4, 0.5), (x * 0.7 + x * 0.35 * 0.95, y, 0.95 + z)], 5),
                0.007,
                sides=5,
            )
        )
    return [
        *[BuiltPart(merge(*meshes), slot) for slot, meshes in parts.items()],
        BuiltPart(merge(*strings), "white"),
        BuiltPart(weight, "accent"),
    ]


def _sliced(mesh: Mesh, slot_of: Array, slots: tuple[str, ...]) -> list[BuiltPart]:
    """Split a mesh by the number given for each face."""
    return [
        BuiltPart(Mesh(mesh.vertices, mesh.faces[slot_of == k], mesh.uvs, mesh.normals), slot)
        for k, slot in enumerate(slots)
    ]


@standing
def _beach_ball(rng: Generator) -> list[BuiltPart]:
    ball = sphere(0.5, segments=48, rings=26)
    middle = ball.vertices[ball.faces].mean(axis=1)
    slice_of = np.floor((np.arctan2(middle[:, 1], middle[:, 0]) / (2 * np.pi) + 0.5) * 6).astype(int) % 6
    polar = np.abs(middle[:, 2]) > 0.495
    number = np.where(polar, 1, slice_of % 2)
    tilt = {"rotate": (rng.uniform(0.4, 0.9), rng.uniform(-0.5, 0.5), 0)}
    return _sliced(transform(ball, **tilt), number, ("main", "white"))


@standing
def _football(rng: Generator) -> list[BuiltPart]:
    corners = icosphere(1.0, subdivisions=0).vertices
    turn = {"rotate": tuple(rng.uniform(0, 6, 3))}
    patches = []
    for center in corners:  # the pentagons of a truncated icosahedron
        near = corners[(corners @ center > 0.4) & (corners @ center < 0.9)]
        side = np.cross(center, near[0])
        near = near[np.argsort(np.arctan2(near @ side, near @ np.cross(center, side)))]
        tips = center + (near - center) * 0.34
        for k in range(5):
            patches.append(_bulging(np.array([center, tips[k - 1], tips[k]]), 4))
    black = merge(*patches)
    if (black.normals * black.vertices).sum() < 0:
        black = Mesh(black.vertices, black.faces[:, ::-1], black.uvs, -black.normals)
    edges = np.array([(i, j) for i in range(12) for j in range(i + 1, 12) if corners[i] @ corners[j] > 0.4])
    seams = []
    for i, j in edges:
        a, b = corners[i], corners[j]
        t = np.linspace(0.33, 0.67, 6)[:, None]
        line = (1 - t) * a + t * b
        seams.append(tube(0.499 * line / np.linalg.norm(line, axis=1, keepdims=True), 0.006, sides=4, ends="open"))
    return [BuiltPart(sphere(0.5, segments=40, rings=24)), BuiltPart(transform(merge(black, *seams), **turn), "black")]


def _bulging(triangle: Array, steps: int) -> Mesh:
    """A flat triangle (3, 3) divided and lifted onto the ball of radius 0.503."""
    rows = [
        np.stack(
            [
                (1 - u) * triangle[0] + u * ((1 - v) * triangle[1] + v * triangle[2])
                for v in np.linspace(0, 1, steps + 1)
            ]
        )
        for u in np.linspace(0, 1, steps + 1)
    ]
    points = np.concatenate(rows)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    faces = lattice_faces(steps + 1, steps + 1, drop_first=True)
    return Mesh(0.503 * unit, faces, None, unit)


@standing
def _basketball(rng: Generator) -> list[BuiltPart]:
    ball = sphere(0.5, segments=44, rings=26)
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([np.cos(t), np.sin(t), 0 * t], axis=1)
    curves = [circle, circle[:, [0, 2, 1]]]
    for s in (-1, 1):
        bend = np.stack([0.86 * np.cos(t), np.sin(t) * 0.9, s * (0.42 + 0.3 * np.cos(2 * t))], axis=1)[:, [2, 1, 0]]
        curves.append(bend / np.linalg.norm(bend, axis=1, keepdims=True))
    lines = merge(*[tube(0.499 * c, 0.009, sides=5, closed=True) for c in curves])
    turn = {"rotate": tuple(rng.uniform(0, 6, 3))}
    return [BuiltPart(ball), BuiltPart(transform(lines, **turn), "black")]


@standing
def _tennis_ball(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    a, b = 0.4, 0.11
    line = np.stack(
        [a * np.cos(t) + b * np.cos(3 * t), a * np.sin(t) - b * np.sin(3 * t), 2 * np.sqrt(a * b) * np.sin(2 * t)],
        axis=1,
    )
    line *= 0.499 / np.linalg.norm(line, axis=1, keepdims=True)
    turn = {"rotate": tuple(rng.uniform(0, 6, 3))}
    return [
        BuiltPart(sphere(0.5, segments=40, rings=24)),
        BuiltPart(transform(tube(line, 0.014, sides=6, closed=True), **turn), "white"),
    ]


_TOY = ("plastic", "wood", "painted metal", "ceramic", "gold", "silver", "chrome")


ITEMS = (
    CatalogueItem(
        "die",
        "dice",
        _die,
        0.5,
        0.016,
        materials=("plastic", "wood", "jade", "glass", "granite"),
        tags=frozenset({"toy", "stackable"}),
        colors=("red", "blue", "green", "black", "purple", "orange", "teal", "magenta", "brown"),
        rests=(Rest("top", 1, 0.3, 0.3),),
    ),
    CatalogueItem("spinning top", "spinning tops", _spinning_top, 0.6, 0.06, materials=_TOY, tags=frozenset({"toy"})),
    CatalogueItem("balloon", "balloons", _balloon, 1.3, 1.2, materials=("rubber", "plastic"), tags=frozenset({"toy"})),
    CatalogueItem(
        "beach ball",
        "beach balls",
        _beach_ball,
        0.8,
        0.4,
        materials=("plastic", "rubber"),
        tags=frozenset({"toy", "round"}),
        colors=(
            "red",
            "blue",
            "green",
            "black",
            "orange",
            "yellow",
            "purple",
            "teal",
            "pink",
            "turquoise",
            "navy blue",
            "magenta",
            "lime green",
            "light blue",
        ),
        phrase="{look} striped beach ball",
    ),
    CatalogueItem(
        "football",
        "footballs",
        _football,
        0.7,
        0.22,
        materials=("leather",),
        tags=frozenset({"toy", "round"}),
        colors=("white", "yellow", "orange"),
        synonyms=("soccer ball",),
    ),
    CatalogueItem(
        "basketball",
        "basketballs",
        _basketball,
        0.72,
        0.24,
        materials=("leather", "rubber"),
        tags=frozenset({"toy", "round"}),
        colors=("orange", "brown"),
        phrase="{name}",
    ),
    CatalogueItem(
        "tennis ball",
        "tennis balls",
        _tennis_ball,
        0.45,
        0.067,
        materials=("wool", "fabric"),
        tags=frozenset({"toy", "round"}),
        colors=("lime green", "yellow"),
        phrase="{name}",
    ),
)
