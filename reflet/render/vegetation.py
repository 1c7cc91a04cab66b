"""Plants over a landscape: forests at falling detail, grass, flowers, reeds, crops, bushes and rocks.

Everything is a light mesh repeated by vectorised transforms into one mesh a kind, with vertex colours and bent
normals (see trees.py). Heights of the ground come from the caller, who reads them off the drawn grid, so that
nothing floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.random import Generator

from reflet.render.foliage import cards, join, limb, lumps, sphere_points, unit
from reflet.render.scene import Array, Mesh
from reflet.render.trees import SPECIES, Detail, tree_mesh
from reflet.render.vocabulary import srgb_to_linear

SINK = 0.03  # metres that plants are sunk into the ground
PIXEL = 0.0039  # radians a pixel of a 256 px picture of 57 degrees sees


def linear(color: Sequence[float]) -> Array:
    """A display colour as a linear RGB array."""
    r, g, b = color
    return np.array(srgb_to_linear((float(r), float(g), float(b))))


def repeat(
    mesh: Mesh,
    rng: Generator,
    at: Array,
    *,
    scale: Array,
    yaw: Array | None = None,
    tint: Array | None = None,
    lean: float = 0.0,
) -> Mesh:
    """Copies of a mesh at (n, 3) places: `scale` (n,) or (n, 3), `yaw` (n,), colours times `tint` (n, 3)."""
    n, count = len(at), len(mesh.vertices)
    yaw = rng.uniform(0, 2 * np.pi, n) if yaw is None else yaw
    c, s = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    scale = np.reshape(scale, (n, 1, -1))
    p = mesh.vertices[None] * scale
    tilt = rng.normal(0, lean, (n, 2)) if lean else np.zeros((n, 2))
    x = p[..., 0] * c - p[..., 1] * s + p[..., 2] * tilt[:, :1] + at[:, 0:1]
    y = p[..., 0] * s + p[..., 1] * c + p[..., 2] * tilt[:, 1:] + at[:, 1:2]
    z = p[..., 2] + at[:, 2:3]
    q = mesh.normals
    normals = np.stack([q[:, 0] * c - q[:, 1] * s, q[:, 0] * s + q[:, 1] * c, np.broadcast_to(q[:, 2], (n, count))], -1)
    colors = np.broadcast_to(mesh.colors, (n, count, 3))
    if tint is not None:
        colors = colors * np.reshape(tint, (n, 1, 3))
    faces = mesh.faces[None] + count * np.arange(n)[:, None, None]
    return Mesh(
        vertices=np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32),
        faces=faces.reshape(-1, 3).astype(np.int32),
        normals=normals.reshape(-1, 3).astype(np.float32),
        colors=np.clip(colors.reshape(-1, 3), 0, 1).astype(np.float32),
    )


# ---------------------------------------------------------------------------------------------- forests
def choose_detail(height: Array, distance: Array, *, costs: Sequence[int], budget: int) -> Array:
    """(n,) Detail of trees of these heights (metres) seen from these distances, within `budget` triangles in all.

    `costs`: triangles of a tree at each Detail. The largest in the picture come first. Where even the lightest
    trees exceed the budget, all are light.
    """
    pixels = height / np.maximum(distance, 1.0) / PIXEL
    detail = np.full(len(pixels), int(Detail.FAR))
    left = budget - costs[Detail.FAR] * len(pixels)
    order = np.argsort(-pixels, kind="stable")
    for level, above, share in ((Detail.MID, 13.0, 0.45), (Detail.NEAR, 46.0, 0.75), (Detail.HERO, 115.0, 1.0)):
        extra = costs[level] - costs[level + 1]
        wanted = order[(pixels[order] > above) & (detail[order] == level + 1)]
        take = wanted[: max(0, int(left * share / extra))]
        detail[take] = int(level)
        left -= extra * len(take)
    return detail


def plant_trees(
    rng: Generator, species: str, at: Array, *, eye: Array, budget: int = 60_000, heights: Array | None = None
) -> Mesh | None:
    """A stand of one species with its feet at (n, 3) ground points; None where there is no place."""
    n = len(at)
    if n == 0:
        return None
    low, high = SPECIES[species].height
    heights = rng.uniform(low, high, n) if heights is None else heights
    distance = np.linalg.norm(at - eye, axis=1)
    costs = [len(tree_mesh(species, level, 0).faces) for level in Detail]
    detail = choose_detail(heights, distance, costs=costs, budget=budget)
    shape = rng.integers(0, 4, n)
    tint = (1 + rng.normal(0, 0.08, (n, 1))) * (1 + rng.normal(0, 0.04, (n, 3)))
    wide = rng.uniform(0.88, 1.14, n)
    scale = np.stack([heights * wide, heights * wide, heights], 1)
    foot = at - np.array([0, 0, SINK])
    pieces = []
    for level in Detail:
        for k in range(4):
            chosen = (detail == level) & (shape == k)
            if chosen.any():
                mesh = tree_mesh(species, level, k)
                pieces.append(repeat(mesh, rng, foot[chosen], scale=scale[chosen], tint=tint[chosen], lean=0.015))
    return join(pieces)


# ---------------------------------------------------------------------------------------------- small plants
def _tuft(rng: Generator, blades: int, color: Array, *, spread: float, curve: float, width: float) -> Mesh:
    """Blades from one root, one unit high, dark at the foot."""
    az = rng.uniform(0, 6.283, blades)
    out = np.stack([np.cos(az), np.sin(az), 0 * az], 1)
    side = np.stack([-np.sin(az), np.cos(az), 0 * az], 1) * width
    root = out * rng.uniform(0, spread, (blades, 1))
    tall = rng.uniform(0.55, 1.0, (blades, 1))
    tip = root + out * (curve * tall * rng.uniform(0.4, 1.4, (blades, 1))) + np.array([0, 0, 1.0]) * tall
    v = np.stack([root - side, root + side, tip], 1)
    shade = np.array([0.5, 0.5, 1.15])[None, :, None] * rng.uniform(0.75, 1.25, (blades, 1, 1))
    normals = unit(np.array([0, 0, 1.0]) + 0.45 * out)
    return Mesh(
        v.reshape(-1, 3), np.arange(3 * blades).reshape(-1, 3), normals=np.repeat(normals, 3, 0),
        colors=(color * shade).reshape(-1, 3),
    )  # fmt: skip


@cache
def grass_mesh(kind: str, shape: int) -> Mesh:
    """One tuft, a unit high: "grass", "dry grass", "reeds" or "wheat"."""
    rng = np.random.default_rng([401, sorted(_GRASSES).index(kind), shape])
    color, blades, spread, curve, width = _GRASSES[kind]
    tuft = _tuft(rng, blades, linear(color), spread=spread, curve=curve, width=width)
    if kind == "wheat":
        tips = tuft.vertices.reshape(-1, 3, 3)[:, 2] * [1, 1, 0.93]
        out = unit(tips * [1, 1, 0] + [0, 0, 0.6])
        gold = np.tile(linear((0.86, 0.68, 0.32)), (len(tips), 1))
        ears = cards(rng, tips, out, np.full(len(tips), 0.075), gold, droop=-2)
        return join([tuft, ears])
    if kind == "reeds":
        k = max(2, blades // 3)
        tips = tuft.vertices.reshape(-1, 3, 3)[:k, 2]
        heads = lumps(
            rng, tips * [1, 1, 0.92], np.array([[0.016, 0.016, 0.075]] * k), np.array([linear((0.36, 0.22, 0.12))] * k)
        )
        return join([tuft, heads])
    return tuft


_GRASSES = {
    "grass": ((0.36, 0.50, 0.15), 7, 0.16, 0.45, 0.045),
    "dry grass": ((0.70, 0.61, 0.35), 8, 0.14, 0.5, 0.035),
    "reeds": ((0.45, 0.50, 0.22), 9, 0.16, 0.12, 0.018),
    "wheat": ((0.80, 0.64, 0.30), 6, 0.14, 0.14, 0.015),
}


def plant_grass(rng: Generator, kind: str, at: Array, *, height: float, tint: Array | None = None) -> Mesh | None:
    """Tufts at (n, 3) ground points, about `height` metres tall; `tint` (n, 3) multiplies the species' green."""
    if len(at) == 0:
        return None
    shape = rng.integers(0, 3, len(at))
    pieces = []
    for k in range(3):
        chosen = shape == k
        if chosen.any():
            tall = height * rng.uniform(0.6, 1.35, int(chosen.sum()))
            pieces.append(
                repeat(
                    grass_mesh(kind, k), rng, at[chosen] - [0, 0, 0.02], scale=tall, lean=0.12,
                    tint=None if tint is None else tint[chosen],
                )
            )  # fmt: skip
    return join(pieces)


FLOWERS: dict[str, tuple[tuple[float, float, float], str]] = {
    "poppies": ((0.85, 0.10, 0.06), "red poppies"),
    "daisies": ((0.96, 0.95, 0.90), "white daisies"),
    "buttercups": ((0.97, 0.82, 0.10), "yellow flowers"),
    "cornflowers": ((0.25, 0.35, 0.86), "blue flowers"),
    "lavender": ((0.55, 0.38, 0.78), "purple lavender"),
    "tulips": ((0.90, 0.16, 0.22), "tulips"),
    "pink flowers": ((0.93, 0.48, 0.66), "pink flowers"),
    "sunflowers": ((0.98, 0.74, 0.08), "sunflowers"),
}


@cache
def flower_mesh(kind: str, shape: int) -> Mesh:
    """A small clump of flowers a unit high: stems, and heads of petals that face up and outwards."""
    rng = np.random.default_rng([433, sorted(FLOWERS).index(kind), shape])
    color, green = linear(FLOWERS[kind][0]), linear((0.28, 0.44, 0.14))
    if kind == "lavender":
        stems = _tuft(rng, 9, green, spread=0.14, curve=0.35, width=0.02)
        top = stems.vertices.reshape(-1, 3, 3)[:, 2]
        t = rng.uniform(0.62, 1.0, (36, 1))
        at = top[rng.integers(0, 9, 36)] * t
        spikes = cards(
            rng,
            at,
            unit(at * [1, 1, 0] + [0, 0, 0.4]),
            rng.uniform(0.04, 0.08, 36),
            color * rng.uniform(0.7, 1.3, (36, 1)),
        )
        return join([stems, spikes])
    heads = 1 if kind == "sunflowers" else 3
    stems = _tuft(rng, heads, green, spread=0.22, curve=0.12, width=0.03)
    leaves = _tuft(rng, 4, green, spread=0.2, curve=0.5, width=0.05)
    leaves = Mesh(leaves.vertices * [1, 1, 0.6], leaves.faces, normals=leaves.normals, colors=leaves.colors)
    pieces = [stems, leaves]
    for top in stems.vertices.reshape(-1, 3, 3)[:, 2]:
        size = {"sunflowers": 0.16, "tulips": 0.09}.get(kind, 0.13)
        face = unit(np.array([rng.normal(0, 0.5), rng.normal(0, 0.5) - (1.2 if kind == "sunflowers" else 0.3), 1.0]))
        u = unit(np.cross(face, [1.0, 0.2, 0.0]))
        w = np.cross(face, u)
        a = np.arange(7) * (6.283 / 7)
        rim = top + size * (np.cos(a)[:, None] * u + np.sin(a)[:, None] * w) * rng.uniform(0.75, 1.15, (7, 1))
        cup = 0.9 if kind in ("tulips", "poppies") else 0.15
        rim = rim + face * size * cup
        v = np.concatenate([top[None], rim])
        f = np.stack([np.zeros(7, int), 1 + np.arange(7), 1 + (np.arange(7) + 1) % 7], 1)
        c = np.concatenate(
            [color[None] * (0.5 if kind != "sunflowers" else 0.1), color * rng.uniform(0.8, 1.15, (7, 1))]
        )
        pieces.append(Mesh(v, f, normals=np.tile(unit(face + np.array([0, 0, 0.4])), (8, 1)), colors=c))
        if kind in ("daisies", "sunflowers"):
            eye = linear((0.90, 0.65, 0.08) if kind == "daisies" else (0.22, 0.13, 0.06))
            pieces.append(lumps(rng, top[None] + face * size * 0.2, np.array([size * 0.42]), eye[None], wobble=0.1))
    return join(pieces)


def plant_flowers(rng: Generator, kind: str, at: Array, *, height: float) -> Mesh | None:
    """Flower clumps at (n, 3) ground points."""
    if len(at) == 0:
        return None
    shape = rng.integers(0, 3, len(at))
    pieces = []
    for k in range(3):
        chosen = shape == k
        if chosen.any():
            n = int(chosen.sum())
            tint = 1 + rng.normal(0, 0.08, (n, 3))
            yaw = rng.normal(0, 0.5, n)
            tall = height * rng.uniform(0.65, 1.25, n)
            pieces.append(repeat(flower_mesh(kind, k), rng, at[chosen] - [0, 0, 0.02], scale=tall, tint=tint, yaw=yaw))
    return join(pieces)


@cache
def bush_mesh(shape: int) -> Mesh:
    """A rounded bush a unit high and about one and a half wide, of neutral green."""
    rng = np.random.default_rng([457, shape])
    n = 6
    az = np.arange(n) * 6.283 / n + rng.uniform(0, 0.6, n)
    centers = np.stack([0.42 * np.cos(az), 0.42 * np.sin(az), rng.uniform(0.3, 0.5, n)], 1)
    centers = np.concatenate([centers, [[0, 0, 0.62]]])
    green = linear((0.27, 0.40, 0.14))
    cores = lumps(rng, centers, np.full(n + 1, 0.26), green[None] * 0.35 * np.ones((n + 1, 1)))
    owner = np.arange(150) % (n + 1)
    out = sphere_points(rng, 150)[rng.permutation(150)]
    at = centers[owner] + out * rng.uniform(0.22, 0.38, (150, 1))
    at[:, 2] = np.maximum(at[:, 2], 0.03)
    light = (0.6 + 0.5 * np.clip(at[:, 2:], 0, 1)) * rng.uniform(0.8, 1.2, (150, 1))
    leaves = cards(rng, at, unit(out + np.array([0, 0, 0.3])), rng.uniform(0.06, 0.13, 150), green * light)
    return join([cores, leaves])


def plant_bushes(rng: Generator, at: Array, *, height: float, tint: Sequence[float] = (1, 1, 1)) -> Mesh | None:
    """Bushes at (n, 3) ground points; `tint` multiplies their green."""
    if len(at) == 0:
        return None
    colors = np.asarray(tint) * (1 + rng.normal(0, 0.12, (len(at), 1)))
    scale = height * rng.uniform(0.6, 1.4, len(at))
    foot = at - [0, 0, 0.06 * height]
    kinds = range(min(3, len(at)))
    return join([repeat(bush_mesh(k), rng, foot[k::3], scale=scale[k::3], tint=colors[k::3]) for k in kinds])


@cache
def rock_mesh(shape: int, fine: bool) -> Mesh:
    """A boulder a unit high, faceted, its lower fifth below the ground."""
    rng = np.random.default_rng([479, shape])
    points = sphere_points(rng, 110 if fine else 34)
    for _ in range(11):  # planes cut the ball
        n = unit(rng.normal(size=3))
        d = rng.uniform(0.55, 0.85)
        over = np.maximum(points @ n - d, 0)
        points = points - over[:, None] * n * 0.92
    hull = _hull(points)
    v = points[hull].reshape(-1, 3) * np.array([rng.uniform(0.8, 1.3), rng.uniform(0.7, 1.0), rng.uniform(0.55, 0.8)])
    v = v - [0, 0, v[:, 2].min() + 0.2 * np.ptp(v[:, 2])]
    f = np.arange(len(v)).reshape(-1, 3)
    flat = unit(np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]]))
    normals = unit(np.repeat(flat, 3, 0) + 0.25 * unit(v))
    shade = np.repeat(rng.uniform(0.82, 1.12, (len(f), 1)), 3, 0) * (0.75 + 0.3 * np.clip(v[:, 2:], 0, 1))
    return Mesh(v / v[:, 2].max(), f, normals=normals, colors=shade * np.ones(3))


def _hull(points: Array) -> Array:
    """Faces (F, 3) of the convex hull, outward."""
    from scipy.spatial import ConvexHull

    hull = ConvexHull(points)
    f = hull.simplices.copy()
    n = np.cross(points[f[:, 1]] - points[f[:, 0]], points[f[:, 2]] - points[f[:, 0]])
    flip = np.sum(n * hull.equations[:, :3], axis=1) < 0
    f[flip] = f[flip][:, ::-1]
    return f


def plant_rocks(rng: Generator, at: Array, *, size: Array, color: Sequence[float]) -> Mesh | None:
    """Boulders of (n,) heights at (n, 3) ground points, of a display colour."""
    if len(at) == 0:
        return None
    base = linear(color)
    large = size > 0.5 * np.median(size)
    pieces = []
    for k in range(6):
        for fine in (False, True):
            chosen = (np.arange(len(at)) % 6 == k) & (large == fine)
            if chosen.any():
                n = int(chosen.sum())
                tint = base * (1 + rng.normal(0, 0.10, (n, 1))) * (1 + rng.normal(0, 0.03, (n, 3)))
                pieces.append(repeat(rock_mesh(k, fine), rng, at[chosen], scale=size[chosen], tint=tint, lean=0.1))
    return join(pieces)


def trunks(rng: Generator, at: Array, *, height: float, radius: float, color: Sequence[float]) -> Mesh | None:
    """Bare boles, for the inside of a forest where crowns are above the picture."""
    if len(at) == 0:
        return None
    t = np.linspace(0, 1, 9)[:, None]
    path = np.concatenate([0.012 * np.sin(5 * t), 0.012 * np.cos(4 * t), t], 1)
    radii = radius / height * (1 - 0.5 * t[:, 0] + 0.7 * np.exp(-t[:, 0] * 25))
    bole = limb(path, radii, linear(color), sides=9, rng=rng)
    scale = height * rng.uniform(0.85, 1.15, len(at))
    thick = rng.uniform(0.7, 1.35, len(at))
    return repeat(bole, rng, at - [0, 0, SINK], scale=np.stack([scale * thick, scale * thick, scale], 1), lean=0.025)
