"""Abstract pictures: spirals, waves, rings, towers, fields and clouds of plain bodies in two or three looks.

The bodies are too many to count and are named by the place ("a spiral of red glass spheres"), so they are scenery.
`SceneSpec.layout` is one of `LAYOUTS`; `subjects[k].color` and `.material` set the look of the k-th kind of body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.assets import Library
from reflet.render.cameras import Reach, Shot, fov_of_focal_length, frame
from reflet.render.families.tabletop_sets import curved
from reflet.render.light import make_light
from reflet.render.scene import Array, MaterialLook, Mesh, Part, Scene, SceneObject, SceneSpec, View
from reflet.render.shapes import box, cone, cylinder, icosphere, rotation, torus
from reflet.render.stages import choose, floor

_MATERIALS = ("plastic", "glass", "frosted glass", "gold", "silver", "copper", "chrome", "ceramic", "painted metal",
              "rubber", "wood", "marble", "jade", "wax")  # fmt: skip
_LIGHTS = {
    "studio softbox": 4.0,
    "neon": 2.0,
    "low-key": 1.5,
    "window light": 0.8,
    "sunset": 0.5,
    "environment map": 0.5,
}


@dataclass(frozen=True)
class Swarm:
    """Where bodies of a pattern are: `centers` (N, 3), `sizes` (N,) or (N, 3), turned by `turns` (N, 3) radians.

    `looks` (N,) says which look each has; `solids` are the shapes allowed; `grounded` patterns stand on a floor.
    """

    centers: Array
    sizes: Array
    turns: Array
    looks: Array
    phrase: str
    solids: tuple[str, ...]
    grounded: bool = True
    elevation: tuple[float, float] = (15.0, 50.0)


_PLURALS = {"sphere": "spheres", "cube": "cubes", "cylinder": "cylinders", "cone": "cones", "ring": "rings"}


def _solid(name: str) -> Mesh:
    """A body one unit wide around the origin."""
    if name == "sphere":
        return icosphere(0.5, subdivisions=3)
    if name == "cube":
        return box((1.0, 1.0, 1.0), bevel=0.05)
    if name == "cylinder":
        return cylinder(0.5, 1.0, base=(0, 0, -0.5), bevel=0.04)
    if name == "cone":
        return cone(0.5, 1.0, base=(0, 0, -0.5))
    return torus(0.45, 0.05, segments=56, sides=12)


# ---------------------------------------------------------------------------------------------- patterns
def _spiral(rng: Generator, kinds: int) -> Swarm:
    count = int(rng.integers(22, 46))
    t = np.linspace(0.15, 1, count)
    angle = t * 2 * np.pi * rng.uniform(1.8, 3.2) + rng.uniform(0, 6.28)
    radius = 3.2 * t
    size = (0.16 + 0.5 * t) * rng.uniform(0.75, 0.95)
    centers = np.stack([radius * np.cos(angle), radius * np.sin(angle), size / 2], axis=1)
    turns = np.stack([0 * t, 0 * t, angle], axis=1)
    return Swarm(
        centers,
        size,
        turns,
        np.arange(count) * kinds // count,
        "a spiral",
        ("sphere", "cube", "cone", "cylinder"),
        elevation=(28, 62),
    )


def _waves(rng: Generator, kinds: int) -> Swarm:
    n = int(rng.integers(9, 14))
    x, y = np.meshgrid(np.linspace(-3, 3, n), np.linspace(-3, 3, n))
    kx, ky, phase = rng.uniform(0.5, 1.6), rng.uniform(-1.2, 1.2), rng.uniform(0, 6.28)
    z = np.sin(kx * x + ky * y + phase)
    step = 6 / (n - 1)
    size = np.full(n * n, 0.8 * step)
    level = np.clip(((z + 1) / 2 * kinds).astype(int), 0, kinds - 1).ravel()
    centers = np.stack([x.ravel(), y.ravel(), 0.8 * z.ravel() + 1.3], axis=1)
    return Swarm(
        centers, size, np.zeros((n * n, 3)), level, "a wave", ("sphere", "cube"), grounded=False, elevation=(20, 48)
    )


def _field(rng: Generator, kinds: int) -> Swarm:
    n = int(rng.integers(7, 12))
    x, y = np.meshgrid(np.linspace(-3, 3, n), np.linspace(-3, 3, n))
    step = 6 / (n - 1)
    high = step * rng.lognormal(0.1, 0.6, n * n)
    sizes = np.stack([np.full(n * n, 0.86 * step), np.full(n * n, 0.86 * step), high], axis=1)
    centers = np.stack([x.ravel(), y.ravel(), high / 2], axis=1)
    return Swarm(
        centers,
        sizes,
        np.zeros((n * n, 3)),
        rng.integers(0, kinds, n * n),
        "a field",
        ("cube", "cylinder", "cone"),
        elevation=(28, 60),
    )


def _rings(rng: Generator, kinds: int) -> Swarm:
    count = int(rng.integers(4, 7))
    size = np.linspace(1.2, 5.6, count)
    tilt = rng.uniform(0.15, 0.6)
    turns = np.stack(
        [tilt * np.arange(count) + rng.uniform(0, 3), 0.7 * tilt * np.arange(count), np.zeros(count)], axis=1
    )
    centers = np.tile([0.0, 0.0, 3.1], (count, 1))
    return Swarm(
        centers, size, turns, np.arange(count) % kinds, "concentric", ("ring",), grounded=False, elevation=(5, 30)
    )


def _tower(rng: Generator, kinds: int) -> Swarm:
    count = int(rng.integers(9, 20))
    thick = rng.uniform(0.22, 0.34)
    twist = rng.uniform(0.08, 0.3) * (1 if rng.random() < 0.5 else -1)
    width = 1.9 - rng.uniform(0.0, 1.1) * np.linspace(0, 1, count)
    sizes = np.stack([width, width, np.full(count, thick)], axis=1)
    centers = np.stack([np.zeros(count), np.zeros(count), thick * (np.arange(count) + 0.5)], axis=1)
    turns = np.stack([np.zeros(count), np.zeros(count), twist * np.arange(count)], axis=1)
    return Swarm(
        centers, sizes, turns, np.arange(count) % kinds, "a twisted tower", ("cube", "cylinder"), elevation=(8, 30)
    )


def _cloud(rng: Generator, kinds: int) -> Swarm:
    centers: list[Array] = []
    sizes: list[float] = []
    for _ in range(900):
        if len(sizes) >= 48:
            break
        size = float(rng.uniform(0.35, 1.15))
        at = rng.uniform((-2.8, -2.2, 0.6), (2.8, 2.2, 4.6))
        reach = [0.87 * (size + s) for s in sizes]
        if all(np.linalg.norm(at - c) > r for c, r in zip(centers, reach, strict=True)):
            centers.append(at)
            sizes.append(size)
    count = len(sizes)
    return Swarm(
        np.array(centers),
        np.array(sizes),
        rng.uniform(0, 6.28, (count, 3)),
        rng.integers(0, kinds, count),
        "a cloud",
        ("sphere", "cube", "cone", "cylinder"),
        grounded=False,
        elevation=(0, 25),
    )


def _tunnel(rng: Generator, kinds: int) -> Swarm:
    count = int(rng.integers(9, 15))
    t = np.arange(count)
    centers = np.stack([0.25 * np.sin(0.5 * t), 1.15 * t, 2.6 + 0.2 * np.cos(0.4 * t)], axis=1)
    spin = t * rng.uniform(0.0, 0.2)
    turns = np.stack([np.full(count, np.pi / 2), spin, np.zeros(count)], axis=1)
    return Swarm(
        centers, np.full(count, 4.2), turns, t % kinds, "a tunnel", ("ring",), grounded=False, elevation=(1, 9)
    )


PATTERNS: dict[str, Callable[[Generator, int], Swarm]] = {
    "spiral": _spiral,
    "waves": _waves,
    "field": _field,
    "rings": _rings,
    "tower": _tower,
    "cloud": _cloud,
    "tunnel": _tunnel,
}
LAYOUTS: tuple[str, ...] = tuple(PATTERNS)


# ---------------------------------------------------------------------------------------------- the scene
def build(spec: SceneSpec, rng: Generator, library: Library) -> Scene:
    """An abstract scene. Raises ValueError for a layout that LAYOUTS does not have."""
    del library
    layout = spec.layout or LAYOUTS[int(rng.integers(len(LAYOUTS)))]
    if layout not in PATTERNS:
        raise ValueError(f"the abstract family has no layout {layout!r}; it has: {', '.join(LAYOUTS)}")
    looks = _looks(spec, rng)
    swarm = PATTERNS[layout](rng, len(looks))
    wanted = spec.subjects[0].name if spec.subjects and spec.subjects[0].name in swarm.solids else None
    solid = wanted or swarm.solids[int(rng.integers(len(swarm.solids)))]
    parts, objects = _bodies(swarm, solid, looks, rng)
    points = np.concatenate([p.mesh.vertices[::5] for p in parts])
    views = _views(spec, rng, swarm, points, layout)
    parts += _surroundings(rng, swarm, points)
    words = " and ".join(_words(look) for look in looks)
    return Scene(
        family="abstract",
        layout=layout,
        parts=parts,
        objects=objects,
        views=views,
        place=f"{swarm.phrase} {'of ' if swarm.phrase != 'concentric' else ''}{words} {_PLURALS[solid]}",
        environment="abstract",
        surface="plain backdrop" if swarm.grounded else None,
        details=("abstract art",),
        facts={"pattern": layout, "solid": solid},
    )


def _words(look: MaterialLook) -> str:
    return materials.words(look)


def _looks(spec: SceneSpec, rng: Generator) -> list[MaterialLook]:
    count = len(spec.subjects) or int(rng.choice([1, 2, 3], p=[0.35, 0.45, 0.2]))
    looks: list[MaterialLook] = []
    while len(looks) < count:
        asked = spec.subjects[len(looks)] if spec.subjects else None
        look = materials.sample_look(
            rng, materials=_MATERIALS, color=asked.color if asked else None, material=asked.material if asked else None
        )
        if asked is not None or not any((o.color or o.material) == (look.color or look.material) for o in looks):
            looks.append(look)
    return looks


def _bodies(
    swarm: Swarm, solid: str, looks: list[MaterialLook], rng: Generator
) -> tuple[list[Part], list[SceneObject]]:
    unit = _solid(solid)
    sizes = np.broadcast_to(np.reshape(swarm.sizes, (len(swarm.centers), -1)), (len(swarm.centers), 3))
    parts, objects = [], []
    for k, look in enumerate(looks):
        chosen = np.flatnonzero(swarm.looks == k)
        if not len(chosen):
            continue
        turns = np.stack([rotation(tuple(swarm.turns[i])) for i in chosen])
        vertices = np.einsum("nij,nvj->nvi", turns, unit.vertices[None] * sizes[chosen][:, None])
        vertices = vertices + swarm.centers[chosen][:, None]
        normals = None
        if unit.normals is not None:
            bent = unit.normals[None] / sizes[chosen][:, None]
            bent = np.einsum("nij,nvj->nvi", turns, bent / np.linalg.norm(bent, axis=-1, keepdims=True))
            normals = bent.reshape(-1, 3)
        faces = (unit.faces[None] + np.arange(len(chosen))[:, None, None] * len(unit.vertices)).reshape(-1, 3)
        uvs = None if unit.uvs is None else np.tile(unit.uvs, (len(chosen), 1))
        mesh = Mesh(vertices.reshape(-1, 3), faces, uvs, normals)
        parts.append(Part(mesh, materials.surface(look, rng), k + 1))
        low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
        x, y = (float(v) for v in (low + high)[:2] / 2)
        width, deep, tall = (float(v) for v in high - low)
        objects.append(
            SceneObject(
                k + 1, solid, look, (x, y, float(low[2])), (width, deep, tall), role="scenery", tags=("geometric",)
            )
        )
    return parts, objects


def _surroundings(rng: Generator, swarm: Swarm, points: Array) -> list[Part]:
    """A sweep of paper under what stands; nothing but the light's gradient around what floats."""
    surface = materials.ground(rng, "plain backdrop").surface
    if swarm.grounded:
        start = float(points[:, 1].max()) + rng.uniform(1, 5)
        return [Part(curved(half=60, front=-60, start=start, radius=rng.uniform(2, 6), head=50), surface)]
    return [Part(floor((0, 0), 90, 90, z=-0.8 - rng.uniform(0, 2)), surface)] if rng.random() < 0.35 else []


def _views(spec: SceneSpec, rng: Generator, swarm: Swarm, points: Array, layout: str) -> list[View]:
    views = []
    reach = Reach(lowest=np.radians(1), highest=np.radians(80))
    low, high = swarm.elevation
    for _ in range(spec.num_views):
        around = 0.15 if layout == "tunnel" else 0.3 if swarm.grounded else np.pi
        azimuth = float(rng.uniform(-around, around))
        shot = Shot(
            elevation=float(np.radians(rng.uniform(low, high))),
            fov=fov_of_focal_length(float(rng.uniform(28, 70))),
            fill=1.3 if layout == "tunnel" else float(rng.uniform(0.78, 0.92 if layout in {"tower", "rings"} else 1.2)),
            azimuth=azimuth,
            blur=float(rng.uniform(0.01, 0.03)) if rng.random() < 0.3 else 0.0,
        )
        camera = frame(points, shot, reach=reach)
        word = spec.light or choose(rng, _LIGHTS)
        sides = {"left": -np.pi / 2, "right": np.pi / 2, "front": np.pi, "behind": 0.0}
        side = spec.sun_side or ("left", "right", "front")[int(rng.integers(3))]
        light = make_light(rng, kind=word, sun_azimuth=azimuth + sides[side] + float(rng.uniform(-0.3, 0.3)))
        views.append(View(camera, light, spec.style or "photograph", max_depth=8))
    return views
