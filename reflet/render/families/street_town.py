"""The making of a town: a palette of surfaces, rows of buildings, pavements, roads with markings, trees and water."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.building_style import STYLES, Detail, Style
from reflet.render.buildings import Plot, lid, raise_building, tower_box
from reflet.render.masonry import Frame, moved, panel, quads, slab
from reflet.render.scene import RGB, Mesh, Part, Surface, SurfaceKind
from reflet.render.site import Site
from reflet.render.textures import RECIPES, texture
from reflet.render.vegetation import plant_bushes, plant_flowers, plant_trees
from reflet.render.vocabulary import COLORS, srgb_to_linear

KERB = 0.14
NEAR, MID = 46.0, 100.0  # metres within which buildings are drawn finely, and with recessed windows
PLASTERS = (
    (0.86, 0.79, 0.64),
    (0.90, 0.86, 0.78),
    (0.80, 0.60, 0.46),
    (0.85, 0.66, 0.58),
    (0.72, 0.76, 0.70),
    (0.66, 0.74, 0.80),
    (0.93, 0.83, 0.55),
    (0.78, 0.50, 0.40),
    (0.84, 0.84, 0.82),
)
NEONS: tuple[RGB, ...] = (
    (1.0, 0.10, 0.45),
    (0.06, 0.75, 1.0),
    (0.5, 0.1, 1.0),
    (0.1, 1.0, 0.35),
    (1.0, 0.28, 0.05),
    (1.0, 0.75, 0.1),
)


def display(color: Sequence[float]) -> RGB:
    """Display colour to linear."""
    return srgb_to_linear((float(color[0]), float(color[1]), float(color[2])))


def matt(color: RGB, *, roughness: float = 0.8) -> Surface:
    return Surface(SurfaceKind.OPAQUE, color, roughness)


def glowing(base: RGB, emission: RGB, level: float, *, roughness: float = 0.08) -> Surface:
    """A lamp: `base` by day."""
    r, g, b = emission
    return Surface(SurfaceKind.OPAQUE, base, roughness, emission=(r * level, g * level, b * level), lamp=True)


@dataclass
class Palette:
    """The few surfaces of a town. `walls` maps a word of Style.walls to variants; `slots` the other slots."""

    walls: dict[str, list[Surface]]
    slots: dict[str, Surface]

    def surface(self, slot: str, wall: Surface) -> Surface:
        return wall if slot == "wall" else self.slots[slot]


def make_palette(rng: Generator, *, neon: bool, colorful: bool = False) -> Palette:
    """Draw a palette: three plasters, two bricks, stone, concrete, metal; trim, glass, roofs, signs, awnings."""
    tints = [PLASTERS[int(i)] for i in rng.choice(len(PLASTERS), 4, replace=False)]
    if colorful:
        bright = ("red", "yellow", "light blue", "pink", "orange", "green", "turquoise")
        tints = [
            tuple(0.65 * c + 0.30 for c in COLORS[bright[int(i)]]) for i in rng.choice(len(bright), 4, replace=False)
        ]
    plaster = [textured_plaster(rng, display(t)) for t in tints]
    trim = display([(0.90, 0.88, 0.83), (0.80, 0.76, 0.68), (0.94, 0.93, 0.90)][int(rng.integers(3))])
    hues = [
        display(COLORS[c])
        for c in rng.choice(
            ["red", "dark green", "navy blue", "orange", "teal", "purple", "black", "yellow"], 4, replace=False
        )
    ]
    slots = {
        "trim": matt(trim),
        "glass": Surface(SurfaceKind.OPAQUE, (0.022, 0.028, 0.034), 0.04, coat=0.6),
        "warm": glowing((0.022, 0.028, 0.034), (1.0, 0.66, 0.32), 1.2),
        "cool": glowing((0.022, 0.028, 0.034), (0.72, 0.86, 1.0), 0.9),
        "shop light": glowing((0.05, 0.05, 0.05), (1.0, 0.84, 0.60), 1.9),
        "shop ceiling": glowing((0.7, 0.66, 0.58), (1.0, 0.84, 0.60), 6.0),
        "shop back": glowing((0.50, 0.42, 0.33), (1.0, 0.84, 0.60), 1.2, roughness=0.8),
        **{f"goods {k}": matt(hues[(k + 1) % 4], roughness=0.5) for k in range(4)},
        "blind": matt(display((0.86, 0.83, 0.76))),
        "frame": matt(
            display([(0.92, 0.91, 0.88), (0.20, 0.17, 0.15), (0.30, 0.22, 0.16)][int(rng.integers(3))]), roughness=0.5
        ),
        "shutter": matt(
            display(
                [(0.16, 0.33, 0.28), (0.25, 0.36, 0.48), (0.48, 0.26, 0.20), (0.42, 0.40, 0.36)][int(rng.integers(4))]
            ),
            roughness=0.6,
        ),
        "roof": materials.fixed_surface("roof", rng) if rng.random() < 0.6 else matt(display((0.30, 0.31, 0.34))),
        "flat roof": matt(display((0.42, 0.41, 0.40))),
        "chimney": materials.fixed_surface("brick", rng),
        "metal": matt((0.025, 0.025, 0.027), roughness=0.45),
        "door": matt(
            display(
                [(0.30, 0.16, 0.10), (0.12, 0.25, 0.22), (0.14, 0.18, 0.32), (0.45, 0.10, 0.08)][int(rng.integers(4))]
            ),
            roughness=0.35,
        ),
        **{f"awning {k}": matt(hues[k]) for k in range(3)},
        **{f"sign {k}": sign(rng, hues[k], neon=neon) for k in range(4)},
    }
    walls = {
        "plaster": plaster,
        "brick": [materials.wall(rng, "brick").surface for _ in range(2)],
        "stone": [textured_plaster(rng, display((0.74, 0.69, 0.60)))],
        "concrete": [materials.wall(rng, "concrete").surface],
        "metal": [Surface(SurfaceKind.OPAQUE, display((0.55, 0.58, 0.62)), 0.35, metallic=0.7)],
    }
    return Palette(walls, slots)


def textured_plaster(rng: Generator, color: RGB) -> Surface:
    return materials.textured("plaster", rng, color=color, uv_scale=1 / RECIPES["plaster"].span)


def sign(rng: Generator, color: RGB, *, neon: bool) -> Surface:
    """A shop sign: a painted board, softly lit in the evening, or a bright tube colour."""
    if neon:
        return glowing((0.05, 0.05, 0.05), NEONS[int(rng.integers(len(NEONS)))], 5.0, roughness=0.4)
    r, g, b = color
    return glowing(color, (0.2 + r, 0.2 + g, 0.2 + b), 0.5, roughness=0.5)


@dataclass
class Town:
    """A street under construction. `eye` is where the first camera will be; details are spent near it."""

    site: Site
    palette: Palette
    eye: tuple[float, float, float]
    details: list[str] = field(default_factory=list)
    roads: list[tuple[float, float, float, float]] = field(default_factory=list)  # x0, x1, y0, y1 of carriageways
    facts: dict[str, object] = field(default_factory=dict)
    surface: str = "asphalt"  # word of vocabulary.GROUNDS underfoot
    stand: tuple[float, float, float] | None = None  # |x| from, to and height of where things asked for may stand
    coarse: bool = False  # nothing is near: seen from the air

    @property
    def rng(self) -> Generator:
        return self.site.rng

    def distance(self, x: float, y: float) -> float:
        return float(np.hypot(x - self.eye[0], y - self.eye[1]))

    def detail(self, distance: float) -> Detail:
        if self.coarse:
            return "mid" if distance < MID else "far"
        return "near" if distance < NEAR else "mid" if distance < MID else "far"

    # ------------------------------------------------------------------------------------------ buildings
    def building(self, plot: Plot, style: Style) -> float:
        """Raise one building; returns its height."""
        meshes, top = raise_building(plot, style, self.rng)
        words = self.palette.walls[style.walls[int(self.rng.integers(len(style.walls)))]]
        wall = words[int(self.rng.integers(len(words)))]
        for slot, mesh in meshes.items():
            self.site.build(self.palette.surface(slot, wall), mesh)
        return top

    def row(
        self,
        start: tuple[float, float],
        yaw: float,
        length: float,
        styles: Sequence[str],
        *,
        depth: float = 12.0,
        gap: float = 0.0,
        floors: tuple[int, int] | None = None,
        ends: bool = False,
    ) -> None:
        """Buildings side by side from `start` along the direction that `yaw` gives (their fronts face to its right).

        `gap`: chance of a passage between two. `ends`: the first and last show windows at their outer sides.
        """
        along, done = np.array([np.cos(yaw), np.sin(yaw)]), 0.0
        while done < length - 3.0:
            style = STYLES[styles[int(self.rng.integers(len(styles)))]]
            width = min(float(self.rng.uniform(*style.width)), length - done)
            if length - done - width < 4.0:
                width = length - done
            x, y = np.array(start) + along * done
            middle = np.array(start) + along * (done + width / 2)
            sides: tuple[str, ...] = ()
            if ends and done == 0.0:
                sides = ("left",)
            if ends and done + width >= length - 3.0:
                sides = (*sides, "right")
            count = None if floors is None else int(self.rng.integers(floors[0], floors[1] + 1))
            detail = self.detail(self.distance(*middle))
            self.building(Plot(Frame((float(x), float(y), 0.0), yaw), width, depth, sides, detail, count), style)  # type: ignore[arg-type]
            done += width
            if gap and self.rng.random() < gap:
                done += float(self.rng.uniform(1.5, 4.0))

    def towers(
        self, centers: Sequence[tuple[float, float]], heights: Sequence[float], *, width: tuple[float, float] = (18, 34)
    ) -> None:
        """Far buildings: textured boxes whose windows shine at night."""
        span = RECIPES["facade"].span
        for (x, y), height in zip(centers, heights, strict=True):
            w, d = self.rng.uniform(*width, 2)
            face = texture("facade", int(self.rng.integers(12)))
            surface = self._facades.setdefault(
                id(face), Surface(SurfaceKind.OPAQUE, (1, 1, 1), 0.5, texture=face, lamp=True, uv_scale=1.0)
            )
            floors = max(3, round(height / (span / 6)))
            tall = floors * span / 6
            yaw = 0.0 if self.rng.random() < 0.7 else float(self.rng.uniform(-0.4, 0.4))
            place = (float(x) - w / 2, float(y), 0.0)
            self.site.build(surface, moved(tower_box(w, d, tall, span=span), yaw=yaw, translate=place))
            self.site.build(self.palette.slots["flat roof"], moved(lid(w, d, tall), yaw=yaw, translate=place))
            if self.rng.random() < 0.35:
                top = slab((w * 0.5, d * 0.5, tall * 0.08), (w / 2, d / 2, tall * 1.04))
                self.site.build(self.palette.slots["metal"], moved(top, yaw=yaw, translate=place))

    def __post_init__(self) -> None:
        self._facades: dict[int, Surface] = {}

    # ------------------------------------------------------------------------------------------ ground
    def plain(self, surface: Surface, *, size: float = 700.0, level: float = -0.02) -> None:
        """The ground under everything, to the horizon."""
        self.site.build(surface, panel((-size, -size, level), (2 * size, 0, 0), (0, 2 * size, 0)))

    def road(self, x0: float, x1: float, y0: float, y1: float, surface: Surface) -> None:
        """A carriageway at z = 0."""
        self.site.build(surface, panel((x0, y0, 0.0), (x1 - x0, 0, 0), (0, y1 - y0, 0)))
        self.roads.append((round(x0, 3), round(x1, 3), round(y0, 3), round(y1, 3)))

    def pavement(
        self, x0: float, x1: float, y0: float, y1: float, surface: Surface, *, kerb: Surface | None = None
    ) -> None:
        """A raised walk with kerb stones along its edges."""
        self.site.build(surface, panel((x0, y0, KERB), (x1 - x0, 0, 0), (0, y1 - y0, 0)))
        wide = 0.16
        for x in (x0 + wide / 2, x1 - wide / 2):
            stones = slab((wide, y1 - y0, KERB + 0.02), (x, (y0 + y1) / 2, KERB / 2 + 0.01))
            self.site.build(kerb or self.palette.slots["flat roof"], stones)
        for y in (y0 + wide / 2, y1 - wide / 2):
            stones = slab((x1 - x0, wide, KERB + 0.02), ((x0 + x1) / 2, y, KERB / 2 + 0.01))
            self.site.build(kerb or self.palette.slots["flat roof"], stones)

    def stripe(self, x0: float, x1: float, y0: float, y1: float, paint: Surface, *, z: float = 0.012) -> None:
        self.site.build(paint, quads(np.array([[[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]]])))

    def dashes(
        self, x: float, y0: float, y1: float, paint: Surface, *, length: float = 3.0, pause: float = 4.5
    ) -> None:
        """A broken line along y."""
        starts = np.arange(y0, y1 - length, length + pause)
        if len(starts):
            z, w = 0.012, 0.075
            corners = np.stack(
                [
                    np.stack([np.full(len(starts), x + s), starts + d, np.full(len(starts), z)], -1)
                    for s, d in ((-w, 0), (w, 0), (w, length), (-w, length))
                ],
                1,
            )
            self.site.build(paint, quads(corners))

    def crosswalk(self, x0: float, x1: float, y0: float, y1: float, paint: Surface, *, across: bool = False) -> None:
        """Zebra stripes filling a rectangle; bars run along y, or along x when `across`."""
        if across:
            for y in np.arange(y0, y1 - 0.5, 1.0):
                self.stripe(x0, x1, float(y), float(y) + 0.5, paint)
            return
        for x in np.arange(x0 + 0.25, x1 - 0.5, 1.0):
            self.stripe(float(x), float(x) + 0.5, y0, y1, paint)

    # ------------------------------------------------------------------------------------------ plants
    def trees(
        self,
        species: str,
        feet: Sequence[tuple[float, float]],
        *,
        level: float = KERB,
        budget: int = 22_000,
        height: tuple[float, float] | None = None,
        seed_name: str = "tree",
    ) -> None:
        """A few trees; their trunks keep other things away."""
        if not feet:
            return
        at = np.array([[x, y, level] for x, y in feet])
        heights = None if height is None else self.rng.uniform(*height, len(at))
        mesh = plant_trees(self.rng, species, at, eye=np.array(self.eye), budget=budget, heights=heights)
        if mesh is not None:
            self.leafy(mesh)

    def leafy(self, mesh: Mesh | None) -> None:
        """Add vegetation, which brings its own colours and normals."""
        if mesh is not None:
            self.site.parts.append(Part(mesh, Surface(SurfaceKind.DIFFUSE, (1.0, 1.0, 1.0), 0.9, subsurface=0.25)))

    def bushes(self, feet: Sequence[tuple[float, float]], height: float, *, level: float = 0.0) -> None:
        if feet:
            self.leafy(plant_bushes(self.rng, np.array([[x, y, level] for x, y in feet]), height=height))

    def flowers(self, kind: str, feet: Sequence[tuple[float, float]], height: float, *, level: float = 0.0) -> None:
        if feet:
            self.leafy(plant_flowers(self.rng, kind, np.array([[x, y, level] for x, y in feet]), height=height))
