"""Finds from nature: stones, crystals, shells."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.growth import ORNAMENT, studded
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    creased,
    displace,
    flat_shaded,
    icosphere,
    lathe,
    lattice_faces,
    lumps,
    merge,
    scattered,
    sphere,
    spline,
    transform,
)


@standing
def _rock(rng: Generator) -> list[BuiltPart]:
    ball = icosphere(1.0, subdivisions=4)
    points = ball.vertices
    for _ in range(14):  # shear faces off
        out = rng.normal(size=3)
        out /= np.linalg.norm(out)
        over = np.maximum(points @ out - rng.uniform(0.68, 0.9), 0)
        points = points - 0.92 * over[:, None] * out
    points = points * (rng.uniform(0.9, 1.15), rng.uniform(0.8, 1.0), rng.uniform(0.75, 1.0))
    stone = displace(
        Mesh(points, ball.faces, ball.uvs),
        lumps(points, rng, frequency=3, amplitude=0.03) + lumps(points, rng, frequency=11, amplitude=0.01),
    )
    low = float(np.quantile(stone.vertices[:, 2], 0.16))
    flat = Mesh(
        np.stack([*stone.vertices[:, :2].T, np.maximum(stone.vertices[:, 2], low)], axis=1), stone.faces, stone.uvs
    )
    return [BuiltPart(creased(flat, 38))]


@standing
def _crystal(rng: Generator) -> list[BuiltPart]:
    shards = []
    for k in range(int(rng.integers(4, 8))):
        sides, tall = 6, (1.0 if k == 0 else rng.uniform(0.4, 0.8))
        radius = 0.17 if k == 0 else rng.uniform(0.08, 0.13)
        shard = lathe(
            [(0, -0.1), (radius * 0.86, -0.1), (radius, tall * 0.72), (radius * 0.12, tall), (0, tall)],
            segments=sides,
            crease=5,
            tolerance=0,
        )
        a = k * 2.4 + rng.uniform(-0.3, 0.3)
        lean = 0.0 if k == 0 else rng.uniform(0.25, 0.65)
        out = 0.0 if k == 0 else rng.uniform(0.06, 0.13)
        shards.append(
            transform(
                flat_shaded(shard),
                rotate=(rng.normal(0, 0.05), lean, a),
                translate=(out * np.cos(a), out * np.sin(a), 0.06),
            )
        )
    base = icosphere((0.34, 0.3, 0.13), center=(0, 0, 0.02), subdivisions=3)
    base = displace(base, lumps(base.vertices, rng, frequency=9, amplitude=0.02))
    base = Mesh(np.maximum(base.vertices, [-9, -9, -0.06]), base.faces, base.uvs)
    high = [Mesh(np.maximum(s.vertices, [-9, -9, -0.06]), s.faces, s.uvs, s.normals) for s in shards]
    return [BuiltPart(merge(*high)), BuiltPart(creased(base, 30), "stone")]


@standing
def _seashell(rng: Generator) -> list[BuiltPart]:
    if rng.random() < 0.5:  # scallop: ribbed fan
        n, m = 61, 14
        angle = np.linspace(-1.15, 1.15, n)
        q = np.linspace(0.02, 1, m)
        rib = 0.05 * np.abs(np.sin(angle * 11))
        radius = q[:, None] * (0.9 - 0.25 * angle[None] ** 2 * 0.5 + 0.35 * rib[None])
        x, y = radius * np.sin(angle), -radius * np.cos(angle)
        z = (
            0.34 * np.sin(np.pi * (0.12 + 0.8 * (1 - q)) ** 1.0)[:, None] * np.cos(angle * 1.1)[None]
            + (0.05 + rib)[None] * q[:, None] * np.cos(angle * 1.2)[None]
        )
        outer = np.stack([x, y, z], axis=2).reshape(-1, 3)
        i = np.arange(n * m).reshape(m, n)
        a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
        faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
        shell = merge(Mesh(outer, faces, outer[:, :2]), Mesh(outer - [0, 0, 0.03], faces[:, ::-1], outer[:, :2]))
        if (np.cross(outer[faces[:, 1]] - outer[faces[:, 0]], outer[faces[:, 2]] - outer[faces[:, 0]])[:, 2]).sum() < 0:
            shell = Mesh(shell.vertices, shell.faces[:, ::-1], shell.uvs)
        ears = transform(sphere((0.22, 0.07, 0.05), segments=18, rings=8), translate=(0, -0.02, 0.03))
        return [BuiltPart(merge(creased(Mesh(shell.vertices, shell.faces, shell.uvs), 70), ears))]
    rows, count = 44, 37  # a spire: whorls wind around a cone
    z, angle = np.linspace(0, 1, rows), np.linspace(0, 2 * np.pi, count)
    phase = (rng.uniform(4.5, 6.0) * (1 - (1 - z[:, None]) ** 1.6) - angle[None] / (2 * np.pi)) % 1.0
    girth = 0.34 * (1 - z) ** 0.9 * np.minimum(1, 0.45 + 4.5 * z) + 0.004
    radius = girth[:, None] * (0.74 + 0.26 * np.sqrt(np.sin(np.pi * phase)))
    radius[:, -1] = radius[:, 0]
    points = np.stack(
        [radius * np.cos(angle), radius * np.sin(angle), np.broadcast_to(z[:, None], radius.shape)], axis=2
    )
    points = np.concatenate([np.zeros((1, count, 3)), points])
    points[1:, -1] = points[1:, 0]
    faces = lattice_faces(rows + 1, count, drop_first=True)
    spire = creased(Mesh(points.reshape(-1, 3), faces, points.reshape(-1, 3)[:, [0, 2]] * 2), 75)
    mouth = transform(
        sphere((0.1, 0.05, 0.19), segments=22, rings=12), rotate=(0.0, 0.25, 0), translate=(0.06, -0.24, 0.14)
    )
    lie = {"rotate": (0.0, 1.8, 0.5)}
    return [BuiltPart(transform(spire, **lie)), BuiltPart(transform(mouth, **lie), "pink")]


@standing
def _starfish(rng: Generator) -> list[BuiltPart]:
    arms = []
    turn = np.linspace(0, 2 * np.pi, 121)[:-1]
    q = np.linspace(0, 1, 8)
    fold = np.abs(np.cos(turn * 2.5))
    radius = 0.2 + 0.36 * fold ** rng.uniform(2.4, 3.4)
    x = q[:, None] * radius * np.cos(turn)
    y = q[:, None] * radius * np.sin(turn)
    ridge = 0.11 * (1 - (q[:, None]) ** 1.6) * (1 - 0.45 * (1 - fold) * np.minimum(1, 3 * q[:, None])) + 0.03 * np.sqrt(
        np.maximum(1 - q[:, None] ** 4, 0)
    )
    top = np.stack([x, y, ridge + 0 * x], axis=2)
    closed = np.concatenate([top, top[:, :1]], axis=1)
    i = np.arange(8 * 121).reshape(8, 121)
    a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
    vertices = closed.reshape(-1, 3)
    area = np.linalg.norm(
        np.cross(vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]), axis=1
    )
    faces = faces[area > 1e-12]
    skin = merge(Mesh(vertices, faces, vertices[:, :2]), Mesh(vertices * [1, 1, 0], faces[:, ::-1], vertices[:, :2]))
    arms.append(creased(Mesh(skin.vertices, skin.faces, skin.uvs), 60))
    spots = []
    for k in range(5):
        for u in np.linspace(0.12, 0.85, 8):
            a0 = k * 2 * np.pi / 5
            spots.append(
                (u * 0.56 * np.cos(a0), u * 0.56 * np.sin(a0), 0.11 * (1 - u**1.6) + 0.03 * np.sqrt(1 - u**4) - 0.002)
            )
    beads = scattered(
        sphere(0.016, segments=8, rings=5), np.array(spots), np.broadcast_to(np.eye(3), (len(spots), 3, 3))
    )
    return [BuiltPart(merge(*arms)), BuiltPart(beads, "cream")]


@standing
def _pinecone(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0.06, 0), (0.26, 0.16), (0.29, 0.36), (0.2, 0.66), (0.03, 0.9)], 6)
    k = np.arange(90)
    along = 0.04 + 0.94 * (k / 90)
    scale = sphere((0.075, 0.062, 0.022), segments=8, rings=5)
    scale = transform(scale, rotate=(0, -0.75, 0), translate=(0.035, 0, 0.02))
    scales = studded(scale, profile, along, k * 2.39996, scale=np.interp(along, [0, 0.3, 1], [0.75, 1.15, 0.5]))
    core = lathe(np.concatenate([[[0, 0]], profile * [0.9, 1], [[0, 0.9]]]), segments=18)
    lie = {"rotate": (0, 1.35, 0.5)}
    return [BuiltPart(transform(core, **lie), "bark"), BuiltPart(transform(scales, **lie), "brown")]


_FIND = frozenset({"natural"})


_PLANT = frozenset({"plant", "natural"})

ITEMS = (
    CatalogueItem(
        "rock",
        "rocks",
        _rock,
        0.6,
        0.5,
        tags=_FIND,
        materials=("stone", "granite", "marble", "concrete"),
        synonyms=("boulder", "stone"),
    ),
    CatalogueItem(
        "crystal",
        "crystals",
        _crystal,
        0.8,
        0.15,
        tags=_FIND,
        natural="gem",
        colors=("purple", "pink", "light blue", "green", "white", "turquoise", "yellow", "red"),
    ),
    CatalogueItem(
        "seashell",
        "seashells",
        _seashell,
        0.36,
        0.05,
        tags=_FIND,
        natural="shell",
        colors=("white", "beige", "pink", "orange", "brown"),
        ornamental=ORNAMENT,
        synonyms=("shell",),
    ),
    CatalogueItem(
        "starfish",
        "starfish",
        _starfish,
        0.17,
        0.03,
        tags=_FIND,
        natural="rind",
        colors=("orange", "red", "yellow", "purple", "beige"),
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "pine cone",
        "pine cones",
        _pinecone,
        0.5,
        0.06,
        tags=_FIND,
        natural="rind",
        colors=(),
        phrase="{name}",
        synonyms=("pinecone",),
    ),
)
