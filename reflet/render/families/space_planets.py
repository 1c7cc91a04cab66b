"""Planets: spheres whose pictures are made from baked noise on the sphere, rings, and asteroids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator
from scipy import ndimage

from reflet.render.bake import baked
from reflet.render.foliage import sphere_points, unit
from reflet.render.scene import Array, Mesh, Surface, SurfaceKind, Texture
from reflet.render.terrain_maps import noise_tile, smoothstep
from reflet.render.vegetation import linear

ROWS, COLUMNS = 256, 512
_NUM_MAPS = 6


@dataclass(frozen=True)
class PlanetKind:
    """What a caption calls it, the colour word it may carry, and whether rings or small size suit it."""

    name: str
    color: str | None
    style: str
    palette: tuple[tuple[float, float, float], ...]


# fmt: off
PLANETS: dict[str, PlanetKind] = {
    "earth": PlanetKind("planet", "blue", "ocean",
        ((.04, .14, .36), (.13, .30, .12), (.55, .46, .28), (.95, .96, .97))),
    "teal": PlanetKind("planet", "teal", "ocean",
        ((.02, .32, .36), (.30, .20, .34), (.52, .40, .46), (.90, .95, .95))),
    "moon": PlanetKind("moon", "grey", "craters", ((.22, .22, .23), (.46, .45, .44), (.66, .65, .63))),
    "rock": PlanetKind("planet", "brown", "craters", ((.20, .14, .10), (.42, .31, .23), (.62, .50, .40))),
    "mars": PlanetKind("planet", "red", "desert",
        ((.34, .12, .07), (.66, .29, .15), (.80, .48, .30), (.93, .92, .92))),
    "sand": PlanetKind("planet", "yellow", "desert",
        ((.55, .40, .18), (.80, .64, .32), (.90, .80, .55), (.90, .85, .75))),
    "ice": PlanetKind("planet", "light blue", "ice", ((.42, .60, .74), (.74, .86, .93), (.95, .97, .98))),
    "lava": PlanetKind("lava planet", None, "lava", ((.05, .04, .045), (.13, .10, .10), (.20, .16, .15))),
    "amber": PlanetKind("gas giant", "orange", "bands",
        ((.50, .29, .17), (.84, .66, .46), (.94, .86, .72), (.66, .40, .24), (.90, .76, .58))),
    "cream": PlanetKind("gas giant", "beige", "bands",
        ((.72, .60, .42), (.92, .84, .66), (.82, .72, .52), (.95, .90, .78))),
    "azure": PlanetKind("gas giant", "blue", "bands",
        ((.10, .22, .62), (.20, .42, .80), (.40, .62, .90), (.14, .30, .70))),
    "violet": PlanetKind("gas giant", "purple", "bands",
        ((.28, .14, .46), (.52, .32, .66), (.74, .54, .78), (.40, .20, .54))),
    "rose": PlanetKind("gas giant", "pink", "bands",
        ((.70, .36, .46), (.92, .66, .70), (.96, .82, .80), (.80, .48, .58))),
    "jade": PlanetKind("gas giant", "green", "bands",
        ((.12, .38, .26), (.32, .60, .40), (.60, .80, .58), (.20, .48, .36))),
}
# fmt: on


# ---------------------------------------------------------------------------------------------- maps on the sphere
def _bake() -> dict[str, Array]:
    rng = np.random.default_rng(811)
    v = (np.arange(ROWS) + 0.5) / ROWS * np.pi
    u = (np.arange(COLUMNS) + 0.5) / COLUMNS * 2 * np.pi
    p = np.stack([np.sin(v)[:, None] * np.cos(u), np.sin(v)[:, None] * np.sin(u), np.cos(v)[:, None] * np.ones_like(u)])
    noise = []
    for _ in range(_NUM_MAPS):
        total = np.zeros((ROWS, COLUMNS))
        volume = rng.standard_normal((24, 24, 24))
        for octave in range(6):
            at = p * (1.35 * 2**octave) + rng.uniform(0, 24, (3, 1, 1))
            total += 0.56**octave * ndimage.map_coordinates(volume, at, order=3, mode="grid-wrap", prefilter=False)
        noise.append((total - total.mean()) / total.std())
    craters = [_craters(rng, p) for _ in range(3)]
    return {"noise": np.array(noise, np.float32), "craters": np.array(craters, np.float32)}


def _craters(rng: Generator, p: Array) -> Array:
    """(ROWS, COLUMNS) heights: bowls with raised rims, many small and few large."""
    height = np.zeros(p.shape[1:])
    centers = sphere_points(rng, 420)[rng.permutation(420)]
    for center, radius in zip(centers, np.minimum(0.018 + 0.012 * rng.pareto(1.5, 420), 0.24), strict=True):
        moved = unit(center + rng.normal(0, 0.08, 3))
        d = np.arccos(np.clip(np.tensordot(moved, p, 1), -1, 1)) / radius
        near = d < 2.2
        q = d[near]
        height[near] += np.where(q < 1, q * q * 1.15 - 1, 0.15 * np.exp(-(((q - 1) / 0.35) ** 2))) * min(
            radius * 4, 0.6
        )
    return height


@cache
def _maps() -> dict[str, Array]:
    return baked("planet-maps-1", _bake)


def _noise(rng: Generator) -> Array:
    tile = _maps()["noise"][int(rng.integers(_NUM_MAPS))]
    tile = np.roll(tile, int(rng.integers(COLUMNS)), axis=1)
    return tile[::-1] if rng.random() < 0.5 else tile


def _ramp(t: Array, colors: Array) -> Array:
    """(..., 3) colours (K, 3) interpolated at t in 0..1."""
    x = np.clip(t, 0, 1) * (len(colors) - 1)
    i = np.minimum(x.astype(int), len(colors) - 2)
    f = (x - i)[..., None].astype(np.float32)
    return colors[i] * (1 - f) + colors[i + 1] * f


def _closer(tile: Array, rng: Generator, size: int) -> Array:
    """A map at `size` times its resolution, with grain of its own at the new scales."""
    if size == 1:
        return tile
    big = cv2.resize(np.pad(tile, ((0, 0), (0, 4)), mode="wrap"), None, fx=size, fy=size, interpolation=cv2.INTER_CUBIC)
    grain = np.tile(noise_tile(int(rng.integers(8)), 2.4), (2, 3))[: ROWS * size, : COLUMNS * size]
    return big[:, : COLUMNS * size] + 0.28 * grain


def planet_texture(rng: Generator, kind: PlanetKind, *, size: int = 1) -> Texture:
    """Albedo and relief (or glow) of a planet over longitude and latitude, row 0 at uv v = 0; `size` times 256 rows."""
    colors = np.array([linear(c) for c in kind.palette], np.float32)
    colors = np.clip(colors * (1 + rng.normal(0, 0.06, colors.shape)), 0.002, 0.95).astype(np.float32)
    a, b = (_closer(_noise(rng), rng, size) for _ in range(2))
    rows, columns = a.shape
    latitude = np.linspace(-1, 1, rows, dtype=np.float32)[:, None] * np.ones((1, columns), np.float32)
    name = f"planet {kind.style}"
    if kind.style == "bands":
        number = rng.uniform(3.5, 7)
        sway = 0.010 * a + 0.010 * b * (1 - np.abs(latitude))
        t = 0.5 + 0.5 * np.sin((latitude + sway) * number * np.pi + 1.3 * np.sin(latitude * 5 + rng.uniform(0, 6)))
        t = t + 0.16 * np.sin((latitude + 0.6 * sway) * 4.3 * number * np.pi)
        picture = _ramp(0.85 * t + 0.07 * b + 0.08, colors)
        y, x = rng.uniform(0.25, 0.75), rng.uniform(0, 1)
        v, u = np.mgrid[0:rows, 0:columns] / [[[rows]], [[columns]]]
        spot = np.exp(-((((v - y) / 0.05) ** 2 + (((u - x + 0.5) % 1 - 0.5) / 0.05) ** 2) ** 1.5))
        return Texture(name, _blend(picture, colors[0] * 0.8, spot * (rng.random() < 0.6)))
    if kind.style == "ocean":
        level = rng.uniform(-0.2, 0.5)
        land = smoothstep(level, level + 0.08, a)
        picture = _blend(colors[0] * (1 + 0.25 * b[..., None]), _ramp(0.5 + 0.35 * b, colors[1:3]), land)
        picture = _blend(picture, colors[3], smoothstep(0.80, 0.9, np.abs(latitude) + 0.05 * b))
        clouds = smoothstep(
            0.25, 1.5, _closer(_noise(rng), rng, size) + 0.5 * np.roll(b, 90, 1) - 0.2 * np.abs(np.sin(latitude * 5))
        )
        rough = np.clip(0.35 + 0.6 * np.maximum(land, clouds), 0, 1).astype(np.float32)
        return Texture(name, _blend(picture, np.float32(0.88), 0.92 * clouds), roughness=rough)
    if kind.style == "craters":
        relief = _maps()["craters"][int(rng.integers(3))]
        relief = _closer(np.roll(relief, int(rng.integers(COLUMNS)), axis=1), rng, 1)
        relief = relief if size == 1 else cv2.resize(relief, (columns, rows), interpolation=cv2.INTER_CUBIC)
        seas = smoothstep(0.2, 1.1, a)
        picture = _ramp(0.62 - 0.5 * seas + 0.14 * b + 0.35 * relief, colors)
        return Texture(name, picture, height=_unit_range(relief + 0.04 * b))
    if kind.style == "lava":
        crack = np.exp(-((a / 0.09) ** 2)) + 0.6 * np.exp(-((b / 0.05) ** 2))
        glow = smoothstep(0.25, 1.0, crack * (0.7 + 0.3 * np.roll(b, 40, 1)))[..., None]
        heat = _ramp(glow[..., 0], np.array([[0, 0, 0], [0.9, 0.10, 0.01], [1.6, 0.55, 0.10]], np.float32))
        return Texture(
            name, _ramp(0.5 + 0.25 * a, colors), height=_unit_range(np.abs(a)), emission=heat * np.float32(1.6)
        )
    picture = _ramp(0.42 + 0.24 * a + 0.08 * b, colors[:3])
    if kind.style == "ice":
        picture = _blend(picture, colors[0] * 0.6, 0.7 * np.exp(-((b / 0.07) ** 2)))
    else:
        picture = _blend(picture, colors[-1], smoothstep(0.84, 0.93, np.abs(latitude) + 0.03 * b))
    return Texture(name, picture, height=_unit_range(a + 0.3 * b))


def _blend(a: Array, b: Array, t: Array) -> Array:
    t = np.asarray(t, np.float32)[..., None]
    return (a * (1 - t) + b * t).astype(np.float32)


def _unit_range(x: Array) -> Array:
    low, high = np.percentile(x, 0.5), np.percentile(x, 99.5)
    return np.clip((x - low) / (high - low), 0, 1).astype(np.float32)


# ---------------------------------------------------------------------------------------------- meshes
def globe(radius: float, center: Array, turn: Array, *, rows: int = 40) -> Mesh:
    """A sphere with longitude and latitude as uv, turned by a rotation matrix (3, 3)."""
    v, u = np.meshgrid(np.linspace(0, 1, rows + 1), np.linspace(0, 1, 2 * rows + 1), indexing="ij")
    theta, phi = v * np.pi, u * 2 * np.pi
    n = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), -np.cos(theta)], -1).reshape(-1, 3)
    k = 2 * rows + 1
    i = (np.arange(rows)[:, None] * k + np.arange(2 * rows)).ravel()
    faces = np.concatenate([np.stack([i, i + 1, i + k + 1], 1), np.stack([i, i + k + 1, i + k], 1)])
    normals = n @ turn.T
    return Mesh(
        vertices=(normals * radius + center).astype(np.float32),
        faces=faces.astype(np.int32),
        uvs=np.stack([u, v], -1).reshape(-1, 2).astype(np.float32),
        normals=normals.astype(np.float32),
    )


def planet_surface(rng: Generator, kind: PlanetKind, radius: float, *, size: int = 1) -> Surface:
    """What the globe is made of."""
    relief = {"craters": 0.07, "desert": 0.03, "ice": 0.02, "lava": 0.03}.get(kind.style, 0.0)
    return Surface(
        kind=SurfaceKind.OPAQUE if kind.style in ("ocean", "ice") else SurfaceKind.DIFFUSE,
        base_color=(1.0, 1.0, 1.0),
        roughness=0.5,
        texture=planet_texture(rng, kind, size=size),
        bump=relief * radius,
    )


def rings(rng: Generator, radius: float, center: Array, turn: Array, tone: Array) -> Mesh:
    """Flat bands with gaps round a planet of `radius`, coloured around `tone` (3,) linear."""
    edges = [1.28]
    while edges[-1] < rng.uniform(2.0, 2.4):
        edges.append(edges[-1] + rng.uniform(0.03, 0.13))
    k = 97
    a = np.linspace(0, 2 * np.pi, k)
    circle = np.stack([np.cos(a), np.sin(a), 0 * a], 1)
    vertices, faces, colors = [], [], []
    for inner, outer in pairwise(edges):
        if rng.random() < 0.16:
            continue
        start = len(vertices) * k
        gap = rng.uniform(0.0, 0.012)
        vertices += [circle * inner, circle * (outer - gap)]
        i = start + np.arange(k - 1)
        faces.append(np.concatenate([np.stack([i, i + k, i + k + 1], 1), np.stack([i, i + k + 1, i + 1], 1)]))
        shade = tone * rng.uniform(0.35, 1.15)
        colors.append(np.tile(np.clip(shade, 0.01, 0.9), (2 * k, 1)))
    flat = np.concatenate(vertices)
    return Mesh(
        vertices=(flat @ turn.T * radius + center).astype(np.float32),
        faces=np.concatenate(faces).astype(np.int32),
        normals=np.tile(turn[:, 2], (len(flat), 1)).astype(np.float32),
        colors=np.concatenate(colors).astype(np.float32),
    )


def turned(rng: Generator, *, tilt: float) -> Array:
    """(3, 3) rotation: axis leaning towards the viewer and sideways by about `tilt`, day at random."""
    x, y, z = rng.normal(0, tilt) + 0.3, rng.normal(0, tilt), rng.uniform(0, 2 * np.pi)
    cx, sx, cy, sy, cz, sz = np.cos(x), np.sin(x), np.cos(y), np.sin(y), np.cos(z), np.sin(z)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_x @ about_y @ about_z
