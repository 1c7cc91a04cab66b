"""The stages of the outdoors family: a ground with its cover around the things, and what lies behind it.

World units are metres. Blades, leaves and pebbles keep clear of the footprints and stay low beside what stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.foliage import cards
from reflet.render.masonry import moved, panel, slabs
from reflet.render.placement import COMPASS
from reflet.render.scene import RGB, Array, Mesh, Part, Surface, SurfaceKind
from reflet.render.shapes import lattice_faces, merge
from reflet.render.stages import Detail, Setting, Stage, StageBuilder, board, choose, floor, horizon_point, plain
from reflet.render.textures import RECIPES, texture
from reflet.render.vegetation import FLOWERS, plant_flowers, plant_grass, plant_rocks
from reflet.render.vista import VISTAS, vista_parts

_CARRIER = Surface(kind=SurfaceKind.DIFFUSE, base_color=(1.0, 1.0, 1.0))


@dataclass(frozen=True)
class Place:
    """A kind of place: vistas behind it, what covers the ground, and whether the ground ends at a shore."""

    vistas: tuple[str, ...]
    cover: str | None = None
    shore: bool = False
    buildings: bool = False


PLACES: dict[str, Place] = {
    "lawn": Place(("meadow", "park", "garden", "hills", "mountains", "meadow"), "grass"),
    "beach": Place(("beach", "sea"), None, shore=True),
    "desert": Place(("desert",), "stones"),
    "snowfield": Place(("snowy landscape",)),
    "woodland": Place(("forest", "park"), "leaves"),
    "shore": Place(("lake", "sea"), "stones", shore=True),
    "shallows": Place(("lake", "sea", "beach")),
    "square": Place(("park",), buildings=True),
    "road": Place(("park",), buildings=True),
    "field": Place(("field", "hills"), "stones"),
    "jetty": Place(("lake", "sea"), shore=True),
    "rocks": Place(("mountains", "sea", "desert"), "stones", shore=True),
}


def _free(points: Array, setting: Setting, margin: float) -> Array:
    """(N,) which (N, 2) ground points lie outside every footprint by `margin`."""
    clear = np.ones(len(points), bool)
    for body in setting.composition.placed:
        beyond = (points @ COMPASS.T - body.footprint.support).max(axis=1)
        clear &= beyond > margin
    return clear


def _strewn(rng: Generator, setting: Setting, count: int, *, reach: float, margin: float) -> Array:
    """(N, 3) ground points, denser towards the things and towards the camera, outside their footprints."""
    radius = reach * np.sqrt(rng.random(count)) ** 1.3
    azimuth = rng.uniform(0, 2 * np.pi, count)
    flat = np.stack([radius * np.cos(azimuth), radius * np.sin(azimuth)], axis=1)
    flat = flat[_free(flat, setting, margin)]
    return np.concatenate([flat, np.zeros((len(flat), 1))], axis=1)


def _cover(rng: Generator, setting: Setting, kind: str | None) -> list[Part]:
    unit = setting.unit
    eye = float(np.hypot(*setting.eye[:2]))
    reach = min(max(setting.radius * 2.2, 0.75 * eye) + 2 * unit, 14.0)
    if kind == "grass":
        height = min(0.2 * unit, 0.09) * float(rng.uniform(0.6, 1.1))
        at = _strewn(rng, setting, 1100, reach=reach, margin=0.3 * height)
        parts = [Part(m, _CARRIER) for m in [plant_grass(rng, "grass", at, height=height)] if m]
        if rng.random() < 0.35:
            names = list(FLOWERS)[:5]
            spots = _strewn(rng, setting, 60, reach=reach * 1.2, margin=1.2 * unit)
            flowers = plant_flowers(rng, names[int(rng.integers(len(names)))], spots, height=min(0.4 * unit, 0.25))
            parts += [Part(flowers, _CARRIER)] if flowers else []
        return parts
    if kind == "leaves":
        return [_leaves(rng, setting, reach)]
    if kind == "stones":
        at = _strewn(rng, setting, int(rng.integers(4, 26)), reach=reach * 1.5, margin=0.25 * unit)
        size = 0.1 * unit * rng.lognormal(0, 0.5, len(at))
        color = tuple(np.clip(np.array([0.42, 0.40, 0.37]) * rng.uniform(0.6, 1.15), 0, 1))
        rocks = plant_rocks(rng, at, size=np.minimum(size, 0.25 * unit), color=color)
        return [Part(rocks, _CARRIER)] if rocks else []
    return []


def _leaves(rng: Generator, setting: Setting, reach: float) -> Part:
    size = min(0.22 * setting.unit, 0.06)
    at = _strewn(rng, setting, 420, reach=reach, margin=size)
    at[:, 2] = 0.35 * size * rng.uniform(0.4, 1.0, len(at))
    palette = np.array(
        [(0.55, 0.16, 0.02), (0.60, 0.30, 0.03), (0.30, 0.09, 0.02), (0.62, 0.42, 0.06), (0.18, 0.08, 0.03)]
    )
    colors = palette[rng.integers(0, len(palette), len(at))] * rng.uniform(0.7, 1.2, (len(at), 1))
    up = np.tile([0.0, 0.0, 2.6], (len(at), 1))
    mesh = cards(rng, at, up, size * rng.uniform(0.6, 1.1, len(at)), colors)
    return Part(mesh, _CARRIER)


def _mean_color(surface: Surface) -> RGB:
    """The colour a textured ground has from afar."""
    base = np.asarray(surface.base_color, float)
    if surface.texture is not None:
        base = base * np.asarray(surface.texture.albedo[::8, ::8], float).reshape(-1, 3).mean(axis=0)
    r, g, b = (float(c) for c in base)
    return r, g, b


def _shore_ground(setting: Setting, edge: float) -> Mesh:
    """Level up to y = `edge`, then sloping down into the water, wavering a little."""
    half = 70.0
    x = np.linspace(-half, half, 57)
    line = edge * (1 + 0.10 * np.sin(x / edge * 0.9 + 1.3) + 0.06 * np.sin(x / edge * 2.3))
    rows = [
        (np.full_like(x, -60.0), 0.0),
        (line, 0.0),
        (line + 0.25 * edge, -0.02 * edge),
        (line + 2.2 * edge, -0.35 * edge),
    ]
    points = np.concatenate([np.stack([x, y, np.full_like(x, z)], axis=1) for y, z in rows])
    faces = lattice_faces(len(rows), len(x))
    return Mesh(points, faces, points[:, :2].copy())


def place_stage(name: str) -> StageBuilder:
    """The builder of one of PLACES."""

    def build(rng: Generator, setting: Setting, word: str) -> Stage:
        place = PLACES[name]
        vista = VISTAS[place.vistas[int(rng.integers(len(place.vistas)))]]
        ground = setting.ground(rng, word)
        far = float(np.hypot(*setting.eye[:2])) + setting.radius
        near = max(18.0, 4 * far)
        if name == "jetty":
            parts = _jetty(rng, setting, ground.surface) + vista_parts(
                rng, vista, scale=1.0, level=-0.6 - 2 * setting.unit, near=near
            )
        elif place.buildings:
            parts, detail = _townscape(rng, setting, ground.surface, far)
            return Stage(parts, f"on {ground.phrase}", "square" if name == "square" else "street", word, (detail,))
        elif place.shore and vista.water:
            edge = setting.back + (0.4 + 2.4 * float(rng.random())) * max(setting.radius, 2 * setting.unit)
            parts = [Part(_shore_ground(setting, max(edge, 0.3)), ground.surface)]
            parts += vista_parts(rng, vista, scale=1.0, level=-0.012 * max(edge, 0.3), near=near)
        else:
            half = 80.0
            parts = [Part(floor((0, 0), half, half, z=0.0, yaw=float(rng.uniform(0, 6.28))), ground.surface)]
            level = -0.02
            if vista.water and word == "shallow water":
                parts = [Part(floor((0, 0), 900.0, 900.0, z=0.0), ground.surface)]
                level = -1.0
            color = None if vista.water else _mean_color(ground.surface)
            parts += vista_parts(rng, vista, scale=1.0, level=level, near=near, ground=color)
        parts += _cover(rng, setting, place.cover)
        loose = word == "shallow water" or ground.phrase in {"snow", "green grass", "grass", "fallen leaves"}
        preposition = "in" if loose and (word == "shallow water" or rng.random() < 0.5) else "on"
        where, details = _where(name, setting, vista.environment, vista.phrase)
        return Stage(parts, f"{preposition} {ground.phrase}{where}", vista.environment, word, details)

    return build


def _where(name: str, setting: Setting, environment: str, phrase: str) -> tuple[str, tuple[Detail, ...]]:
    inside = {
        "garden": " in a garden",
        "park": " in a park",
        "forest": " in a forest",
        "desert": " in the desert",
        "field": " in a field",
    }
    if environment in inside:
        return inside[environment], ()
    if name in {"beach", "shore", "jetty"} and environment in {"beach", "sea", "lake"}:
        return f" by {phrase}", ()
    if environment == "meadow":
        return " in a meadow", ()
    return "", (Detail(f"with {phrase} in the background", horizon_point(setting)),)


def _jetty(rng: Generator, setting: Setting, surface: Surface) -> list[Part]:
    """A landing stage of boards over the water, with posts."""
    unit = setting.unit
    half = max(setting.right, -setting.left) + rng.uniform(0.6, 2.0) * unit
    end = setting.back + rng.uniform(0.8, 5.0) * unit
    deck = board(-half, half, -60.0, end, thickness=0.4 * unit, bevel=0.03 * unit)
    ys = np.arange(end - 0.5 * unit, -20 * unit, -5 * unit)[:12]
    sizes = np.array([[0.5 * unit, 0.5 * unit, 6 * unit]] * (2 * len(ys)))
    centers = np.array([[s * (half + 0.3 * unit), y, -2.2 * unit] for y in ys for s in (-1, 1)])
    return [Part(deck, surface), Part(slabs(sizes, centers), plain((0.16, 0.11, 0.07), roughness=0.8))]


def _townscape(rng: Generator, setting: Setting, ground: Surface, far: float) -> tuple[list[Part], Detail]:
    """Ground to the feet of a row of houses, or a wall close by."""
    parts = [Part(floor((0, 0), 120, 120, z=0.0, yaw=float(rng.normal(0, 0.2))), ground)]
    if setting.top < 1.2 and rng.random() < 0.35:
        wall = materials.wall(rng, choose(rng, {"brick": 3, "stone": 1, "concrete": 1, "plaster": 1}))
        y = setting.back + rng.uniform(1.0, 5.0) * setting.unit + 0.2
        upright = panel((-30, y, 0), (60, 0, 0), (0, 0, 5.5))
        parts.append(Part(upright, wall.surface))
        return parts, Detail(f"with {wall.phrase} behind", (0.0, float(y), 0.0))
    start = setting.back + max(7.0, 1.2 * far) + rng.uniform(0, 8)
    x, fronts = -60.0, []
    while x < 60.0:
        width, height = float(rng.uniform(7, 14)), float(rng.uniform(7, 17))
        deep = float(rng.uniform(-0.8, 0.8))
        fronts.append((x, width, height, start + deep))
        x += width
    for index in range(3):
        meshes = [_house(*f) for f in fronts[index::3]]
        skin = texture("facade", int(rng.integers(12)))
        surface = Surface(
            kind=SurfaceKind.DIFFUSE,
            base_color=_render(rng),
            texture=skin,
            uv_scale=1 / RECIPES["facade"].span,
            lamp=True,
        )
        parts.append(Part(merge(*meshes), surface))
    return parts, Detail("with a row of houses in the background", (0.0, float(start), 0.0))


def _render(rng: Generator) -> RGB:
    tint = rng.uniform(0.75, 1.1) * (1 + rng.normal(0, 0.06, 3))
    r, g, b = (float(c) for c in tint)
    return r, g, b


def _house(x: float, width: float, height: float, y: float) -> Mesh:
    body = slabs(np.array([[width, 10.0, height]]), np.array([[x + width / 2, y + 5.0, height / 2]]))
    return moved(body)
