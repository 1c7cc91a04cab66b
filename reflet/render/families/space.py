"""Space: planets with rings and moons, nebulae and stars, orbits, and views from a planet's surface.

`spec.layout` is one of LAYOUTS. Space has its own light, so `spec.light` and `spec.weather` do not apply;
`spec.sun_side` does. `spec.subjects` stand on the ground of a surface layout, which is chosen when there are any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from reflet.render.draw import view_directions
from reflet.render.families.landscape_items import LANDMARKS
from reflet.render.families.landscape_landmarks import landmark, spec_subjects
from reflet.render.families.landscape_stage import GROWN, Land, from_zero, pick, rolling
from reflet.render.families.space_planets import PLANETS, PlanetKind, globe, planet_surface, rings, turned
from reflet.render.families.space_sky import HUES, SpaceSky
from reflet.render.foliage import unit
from reflet.render.scene import (
    RGB,
    Array,
    Camera,
    Light,
    MaterialLook,
    Part,
    Scene,
    SceneObject,
    SceneSpec,
    Surface,
    SurfaceKind,
    View,
)
from reflet.render.stars import Firmament
from reflet.render.terrain_maps import smoothstep
from reflet.render.tone import EXPOSURES, exposure_factor
from reflet.render.vegetation import linear, plant_rocks, rock_mesh

_EXPOSURE = 1.7  # display white over radiance
_SIDES = {"left": -1.35, "right": 1.35, "front": np.pi - 0.5, "behind": 0.35}


@dataclass
class Cosmos:
    """A scene of space under construction. The camera is at the origin and looks along +y."""

    rng: Generator
    spec: SceneSpec
    items: dict
    parts: list[Part] = field(default_factory=list)
    objects: list[SceneObject] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    place: str = "in space"
    nebula: float = 0.5  # chance
    fov: float = 40.0
    eye: Array = field(default_factory=lambda: np.zeros(3))
    tilt: float = 0.0
    low: bool = False  # a world fills the lower picture: the sun stands above it
    land: Land | None = None
    air: tuple[RGB, RGB] | None = None
    haze: float = 0.0

    def planet(
        self, kind: PlanetKind, *, radius: float, center: Array, ringed: bool = False, role: str = "subject"
    ) -> None:
        """Hang up a planet, with rings if asked."""
        rng = self.rng
        number = 1 + max((o.id for o in self.objects), default=0)
        turn = turned(rng, tilt=0.32)
        rows = 56 if radius / np.linalg.norm(center) > 0.15 else 30
        self.parts.append(
            Part(
                globe(radius, center, turn, rows=rows),
                planet_surface(rng, kind, radius, size=3 if radius > 10 and self.land is None else 1),
                number,
            )
        )
        reach = radius
        if ringed:
            tone = linear(kind.palette[min(1, len(kind.palette) - 1)]) * 0.6 + 0.25
            surface = Surface(kind=SurfaceKind.DIFFUSE, base_color=(1.0, 1.0, 1.0), subsurface=0.6)
            self.parts.append(Part(rings(rng, radius, center, turn, tone), surface, number))
            reach = radius * 2.2
        name = f"ringed {kind.name}" if ringed else kind.name
        x, y, z = (float(c) for c in center)
        self.objects.append(
            SceneObject(
                number,
                name,
                MaterialLook(color=kind.color),
                (x, y, z - radius),
                (2 * reach, 2 * reach, 2 * radius),
                role=role,
            )  # type: ignore[arg-type]
        )


def _kind(rng: Generator, *, small: bool = False) -> PlanetKind:
    names = list(PLANETS)
    if small:
        names = ["moon", "rock", "ice", "mars", "sand", "lava", "earth"]
    return PLANETS[names[int(rng.integers(len(names)))]]


# ---------------------------------------------------------------------------------------------- layouts
def planet(c: Cosmos) -> None:
    """One large planet, often with rings."""
    rng = c.rng
    ringed = rng.random() < 0.4
    kind = _kind(rng)
    radius = rng.uniform(1.7, 3.4) * (0.62 if ringed else 1.0)
    c.planet(kind, radius=radius, center=np.array([rng.normal(0, 0.7), 11.0, rng.normal(0, 0.5)]), ringed=ringed)


def planet_and_moons(c: Cosmos) -> None:
    """A planet with one to three moons."""
    rng = c.rng
    radius = rng.uniform(1.5, 2.3)
    side = float(rng.choice([-1, 1]))
    c.planet(
        _kind(rng),
        radius=radius,
        center=np.array([side * rng.uniform(0.3, 1.1), 11.0, rng.normal(0, 0.4)]),
        ringed=rng.random() < 0.25,
    )
    number = int(rng.integers(1, 4))
    for k in range(number):
        angle = k * 2.2 + rng.uniform(-0.5, 0.5) + (np.pi if side > 0 else 0)
        reach = rng.uniform(2.9, 3.4)
        at = np.array([reach * np.cos(angle), 10.5 + rng.uniform(-1, 3), 0.8 * reach * np.sin(angle)])
        c.planet(PLANETS["moon"], radius=rng.uniform(0.25, 0.6), center=at)


def planets(c: Cosmos) -> None:
    """Three to five worlds at different distances."""
    rng = c.rng
    slots = rng.permutation([(-2.4, 1.4), (2.2, 1.5), (-2.2, -1.6), (2.4, -1.4), (0.1, 0.0)])
    for k in range(int(rng.integers(3, 6))):
        x, z = slots[k] + rng.normal(0, 0.25, 2)
        far = rng.uniform(0.9, 1.7)
        c.planet(
            _kind(rng), radius=rng.uniform(0.5, 1.15), center=np.array([x, 11.0, z]) * far, ringed=rng.random() < 0.25
        )


def orbit(c: Cosmos) -> None:
    """Low over a world whose curved edge fills the lower picture; a moon or another planet rises behind."""
    rng = c.rng
    kind = PLANETS[pick(rng, ("earth", "earth", "mars", "teal", "ice", "amber", "moon"))]
    c.planet(kind, radius=20.0, center=np.array([rng.normal(0, 3), 21.5, -17.6 + rng.uniform(-1.0, 0.6)]))
    if rng.random() < 0.8:
        other = PLANETS["moon"] if rng.random() < 0.6 else _kind(rng)
        c.planet(other, radius=rng.uniform(1.0, 2.6), center=np.array([rng.uniform(-8, 8), 40.0, rng.uniform(9, 14)]))
    c.place = "in orbit above a planet"
    c.low = True
    c.fov = 55.0


def nebula(c: Cosmos) -> None:
    """Coloured gas and stars, and a small planet before it."""
    rng = c.rng
    c.nebula = 1.0
    at = np.array([rng.uniform(-2.2, 2.2), 11.0, rng.uniform(-1.8, 1.8)])
    c.planet(_kind(rng), radius=rng.uniform(0.25, 1.0), center=at, ringed=rng.random() < 0.4)
    c.place = "in deep space"


def asteroids(c: Cosmos) -> None:
    """A field of tumbling rocks, a planet behind."""
    rng = c.rng
    c.planet(
        _kind(rng),
        radius=rng.uniform(2.0, 4.0),
        center=np.array([rng.uniform(-4, 4), 26.0, rng.uniform(-3, 3)]),
        ringed=rng.random() < 0.3,
    )
    count = 60
    y = rng.uniform(4.5, 24.0, count)
    at = np.stack([rng.uniform(-0.42, 0.42, count) * y, y, rng.uniform(-0.40, 0.40, count) * y], 1)
    size = 0.05 + 0.13 * rng.pareto(2.2, count)
    color = linear(pick(rng, ((0.42, 0.39, 0.36), (0.50, 0.40, 0.32))))
    for k in range(6):
        some = slice(k, None, 6)
        turn = turned(rng, tilt=1.0)
        mesh = rock_mesh(k, True)
        for p, s in zip(at[some], np.minimum(size[some], 0.8), strict=True):
            moved = type(mesh)(
                (mesh.vertices @ turn.T * s + p).astype(np.float32),
                mesh.faces,
                normals=mesh.normals @ turn.T,
                colors=mesh.colors * color,
            )
            c.parts.append(Part(moved, GROWN))
    c.details.append("with asteroids")


_WORLDS = {"moon": "the moon", "mars": "a red planet", "ice": "an icy planet", "alien": "an alien planet"}
_SOILS = {
    "moon": ((0.36, 0.36, 0.37), (0.52, 0.51, 0.50)),
    "mars": ((0.55, 0.28, 0.16), (0.72, 0.42, 0.26)),
    "ice": ((0.62, 0.72, 0.80), (0.80, 0.85, 0.89)),
    "alien": ((0.30, 0.20, 0.34), (0.46, 0.30, 0.40)),
}
# Colour of the zenith and of the horizon.
_AIRS: dict[str, tuple[tuple[RGB, RGB], ...]] = {
    "mars": (((0.20, 0.13, 0.10), (0.52, 0.34, 0.22)),),
    "alien": (((0.05, 0.10, 0.16), (0.30, 0.36, 0.40)), ((0.14, 0.06, 0.18), (0.48, 0.24, 0.34))),
}


def surface(c: Cosmos) -> None:
    """On the ground of an airless or alien world, a planet in its sky; often a rocket, a robot, an astronaut."""
    rng = c.rng
    world = pick(rng, ("moon", "mars", "ice", "alien"), (4, 3, 1.5, 2))
    land = Land(rng=rng, spec=c.spec, items=c.items)
    base = rolling(rng, height=rng.uniform(2, 9), length=rng.uniform(40, 120))
    pits = [(rng.uniform(-60, 60), rng.uniform(12, 160), rng.uniform(3, 22)) for _ in range(16)]

    def height(x: Array, y: Array) -> Array:
        z = base(x, y)
        for px, py, r in pits:
            q = np.hypot(x - px, y - py) / r
            z = z + r * 0.16 * np.where(q < 1, q * q * 1.2 - 1, 0.2 * np.exp(-(((q - 1) / 0.4) ** 2)))
        return z

    land.size = (150, 190)
    land.lay_ground(from_zero(height), far=900.0, eye_height=float(rng.uniform(1.5, 3.0)))
    tones = _SOILS[world]
    t = smoothstep(-1.2, 1.2, land.noise(40.0, variant=3) + 0.5 * land.noise(5.0, variant=5, beta=1.4))[..., None]
    colors = linear(tones[0]) * (1 - t) + linear(tones[1]) * t
    land.paint_ground(colors * (1 + 0.10 * land.noise(2.5, variant=6, beta=1.0))[..., None])
    spec_subjects(land, near=5.0, far=11.0)
    if rng.random() < 0.75:
        landmark(
            land,
            ("rocket", "robot", "astronaut", "rover", "satellite", "spaceship", "ufo", "telescope"),
            near=5.0,
            far=14.0,
            flat=0.85,
            spread=0.25,
        )
    at = land.spots(110, near=3.0, far=140.0)
    land.add(plant_rocks(rng, at, size=0.08 + 0.10 * rng.pareto(1.7, len(at)).clip(0, 12), color=tones[0]))
    c.parts, c.objects, c.land, c.eye = land.parts, land.objects, land, land.eye
    c.fov, c.tilt = 56.0, float(rng.uniform(0.02, 0.10))
    other = _kind(rng, small=world != "moon") if world != "moon" or rng.random() < 0.35 else PLANETS["earth"]
    if world in ("mars", "alien") and rng.random() < 0.7:
        c.air, c.haze = pick(rng, _AIRS[world]), 1 / 2600
    at3 = np.array([rng.uniform(-0.34, 0.34), 1.0, rng.uniform(0.24, 0.42)]) * 2400.0
    c.planet(other, radius=rng.uniform(140, 480), center=at3, ringed=rng.random() < 0.3)
    c.place = f"on the surface of {_WORLDS[world]}"


CATALOGUE: dict[str, tuple[Callable[[Cosmos], None], float]] = {
    "planet": (planet, 2.0),
    "planet and moons": (planet_and_moons, 1.4),
    "planets": (planets, 1.0),
    "orbit": (orbit, 1.2),
    "nebula": (nebula, 1.0),
    "asteroids": (asteroids, 0.8),
    "planet surface": (surface, 2.0),
}
LAYOUTS: tuple[str, ...] = tuple(CATALOGUE)


def build(spec: SceneSpec, rng: Generator, library: object) -> Scene:
    """A scene of space with `spec.num_views` views. Raises ValueError for an unknown layout or subject."""
    name = spec.layout
    if name is None:
        weights = [w for _, w in CATALOGUE.values()]
        name = "planet surface" if spec.subjects else pick(rng, LAYOUTS, weights)
    if name not in CATALOGUE:
        raise ValueError(f"unknown space scene {name!r}; use one of {', '.join(LAYOUTS)}")
    c = Cosmos(rng=rng, spec=spec, items={**LANDMARKS, **getattr(library, "items", {})})
    CATALOGUE[name][0](c)
    return Scene(
        family="space",
        layout=name,
        parts=c.parts,
        objects=c.objects,
        views=[_view(c, index) for index in range(max(1, spec.num_views))],
        place=c.place,
        environment="space",
        details=tuple(c.details),
    )


def _view(c: Cosmos, index: int) -> View:
    """View `index`: the composed camera, then others a little aside under another sun and another gas."""
    rng = c.rng
    side = (c.spec.sun_side if index == 0 else None) or pick(
        rng, ("left", "right", "front", "behind"), (4, 4, 2.5, 0.8)
    )
    azimuth, elevation = _SIDES[side] + rng.uniform(-0.25, 0.25), rng.uniform(-0.2, 0.5)
    if c.land is not None:
        elevation = rng.uniform(0.15, 0.6)
    elif c.low:
        elevation = rng.uniform(0.4, 0.9)
    sun = (
        float(np.sin(azimuth) * np.cos(elevation)),
        float(np.cos(azimuth) * np.cos(elevation)),
        float(np.sin(elevation)),
    )
    hues = (
        tuple(rng.permutation(list(HUES))[: int(rng.integers(2, 4))])
        if rng.random() < c.nebula and c.air is None
        else ()
    )
    sky = SpaceSky(
        sun=sun,
        stars=Firmament(
            seed=int(rng.integers(1 << 30)),
            density=float(rng.uniform(0.35, 0.8)),
            brightness=float(rng.uniform(0.5, 0.9)),
        ),
        nebula=tuple(HUES[h] for h in hues),
        nebula_seed=tuple(rng.random(3)),
        air=c.air,
        ambient=0.03 if c.land is not None else 0.025,
    )
    words = ("stars",) if c.air is None else ()
    if hues:
        words += (f"a {hues[0]} and {hues[1]} nebula",)
    if side in ("left", "right"):
        words += (f"light from the {side}",)
    elif side == "behind":
        words += ("backlit",)
    camera = _camera(c, index)
    horizon = (0.0, 0.0, 0.0) if c.air is None else c.air[1]
    light = Light(
        sky=sky, kind="environment map", sun_azimuth=azimuth, sun_elevation=elevation, words=words, haze=c.haze,
        haze_color=horizon, exposure=_stops(c, camera, sky) if c.land is None else -0.8,
    )  # fmt: skip
    return View(camera, light, c.spec.style or "photograph", samples=6, max_depth=3)


def _stops(c: Cosmos, camera: Camera, sky: SpaceSky) -> float:
    """Stops that bring automatic exposure, which a black sky misleads, to a fixed one: sunlit ground is bright.

    The picture is estimated in small: spheres lit by the sun before the sky.
    """
    directions = view_directions(camera, 96).reshape(-1, 3)
    picture = sky.radiance(directions, background=True)
    nearest = np.full(len(directions), np.inf)
    for o in c.objects:
        radius = o.size[2] / 2
        center = np.array(o.position) + np.array([0, 0, radius]) - np.array(camera.eye)
        along = directions @ center
        inside = radius**2 - (center @ center - along**2)
        distance = np.where((inside > 0) & (along > 0), along - np.sqrt(np.maximum(inside, 0)), np.inf)
        hit = distance < nearest
        normal = (directions[hit] * distance[hit, None] - center) / radius
        light = 0.45 * (np.maximum(normal @ np.array(sky.sun), 0) * 3.2 / np.pi + sky.ambient)
        picture[hit] = light[:, None]
        nearest = np.minimum(nearest, distance)
    automatic = exposure_factor(picture.reshape(96, 96, 3), EXPOSURES["environment map"])
    return float(np.log2(_EXPOSURE / automatic))


def _camera(c: Cosmos, index: int) -> Camera:
    rng = c.rng
    eye, heading, tilt = c.eye.copy(), 0.0, c.tilt
    fov = c.fov * float(rng.uniform(0.92, 1.08))
    if index:
        heading = float(rng.uniform(-0.07, 0.07))
        reach = 0.8 if c.land is None else 1.2
        eye = eye + rng.uniform(-reach, reach, 3) * [1.0, 0.4, 0.4]
        tilt += float(rng.uniform(-0.03, 0.03))
        fov *= float(rng.uniform(0.9, 1.12))
    if c.land is not None:
        floor = float(c.land.ground.height_at(eye[:1], eye[1:2])[0])
        eye[2] = max(eye[2], floor + 0.9)
    forward = unit(np.array([np.sin(heading), np.cos(heading), np.tan(tilt)]))
    return Camera(tuple(map(float, eye)), tuple(map(float, eye + forward * 10.0)), fov)
