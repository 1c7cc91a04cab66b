"""Stages: the surroundings in which arranged things stand at z = 0, built to the size of what stands there.

A stage is drawn in tabletop units (an apple is about 0.55 of one) times `Setting.unit`, which is 1 on a table, and
outdoors whatever makes one unit of display height; textures keep their real size through `Setting.metres`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.cameras import Reach
from reflet.render.composition import Composition
from reflet.render.masonry import moved, panel, slabs
from reflet.render.materials import GroundChoice
from reflet.render.scene import RGB, Array, Mesh, Part, Surface, SurfaceKind

TABLE_UNIT = 0.12  # metres that one tabletop unit stands for


@dataclass(frozen=True)
class Setting:
    """What a stage must know of those who stand on it, in world units.

    `left`, `right`, `near`, `back`, `top`: the box around all things. `unit`: world size of a tabletop unit;
    `metres`: metres in a world unit.
    """

    composition: Composition
    unit: float = 1.0
    metres: float = TABLE_UNIT
    left: float = field(init=False)
    right: float = field(init=False)
    near: float = field(init=False)
    back: float = field(init=False)
    top: float = field(init=False)

    def __post_init__(self) -> None:
        points = self.composition.points
        low, high = points.min(axis=0), points.max(axis=0)
        bounds = {"left": low[0], "right": high[0], "near": low[1], "back": high[1], "top": high[2]}
        for name, value in bounds.items():
            object.__setattr__(self, name, float(value))

    @property
    def radius(self) -> float:
        """Reach of the things from the origin."""
        return max(-self.left, self.right, -self.near, self.back)

    @property
    def eye(self) -> Array:
        """(3,) the first camera."""
        return np.asarray(self.composition.camera.eye)

    @property
    def colors(self) -> set[str]:
        """Colour words of the things, which their surroundings had better not have."""
        return {body.look.color for body in self.composition.placed if body.look.color is not None}

    def ground(self, rng: Generator, word: str) -> GroundChoice:
        """A ground of that word that sets off the things on it."""
        chosen = materials.ground(rng, word, unit=self.texel)
        for _ in range(4):
            if chosen.color not in self.colors:
                break
            chosen = materials.ground(rng, word, unit=self.texel)
        return chosen

    @property
    def texel(self) -> float:
        """Metres that textures take a world unit for; on tables a little more than true, so that grain shows."""
        return 1.0 if self.metres == 1.0 else 0.3


@dataclass(frozen=True)
class Detail:
    """A further phrase, true where the world point `anchor` lies in the picture, not too near its upper edge."""

    phrase: str
    anchor: tuple[float, float, float]


@dataclass(frozen=True)
class Stage:
    """Surroundings with the words for them. `backdrop` is a plain studio background, linear."""

    parts: list[Part]
    place: str
    environment: str
    surface: str
    details: tuple[Detail, ...] = ()
    backdrop: RGB | None = None


StageBuilder = Callable[[Generator, Setting, str], Stage]


@dataclass(frozen=True)
class StageKind:
    """A kind of stage: who may see it from where, in what light, on what ground.

    `lights` and `grounds` are words with their weights; `sides` the sides light may come from (walls stop it).
    """

    name: str
    build: StageBuilder
    lights: dict[str, float]
    grounds: dict[str, float]
    reach: Reach = field(default_factory=Reach)
    sides: tuple[str, ...] = ("left", "right", "front", "behind")
    weight: float = 1.0
    environment: str = "table"


def plain(color: RGB, *, roughness: float = 0.6) -> Surface:
    """An even coat of paint."""
    return Surface(kind=SurfaceKind.OPAQUE, base_color=color, roughness=roughness)


def matt(color: RGB) -> Surface:
    """Paint without any shine, cheapest to trace."""
    return Surface(kind=SurfaceKind.DIFFUSE, base_color=color)


def floor(center: Sequence[float], half_x: float, half_y: float, *, z: float, yaw: float = 0.0) -> Mesh:
    """A level rectangle facing up; uvs in world units, turned with it."""
    flat = panel((-half_x, -half_y, 0.0), (2 * half_x, 0, 0), (0, 2 * half_y, 0))
    return moved(flat, yaw=yaw, translate=(center[0], center[1], z))


def wall(along: float, y: float, foot: float, head: float, *, yaw: float = 0.0, x: float = 0.0) -> Mesh:
    """An upright rectangle seen from -y, `along` wide, at distance y; turned about its middle."""
    upright = panel((-along / 2, 0.0, 0.0), (along, 0, 0), (0, 0, head - foot))
    return moved(upright, yaw=yaw, translate=(x, y, foot))


def board(x0: float, x1: float, y0: float, y1: float, *, thickness: float, bevel: float = 0.0) -> Mesh:
    """A slab whose top lies at z = 0; with `bevel` its upper edges catch the light. uvs in world units."""
    if bevel <= 0:
        return slabs(
            np.array([[x1 - x0, y1 - y0, thickness]]), np.array([[(x0 + x1) / 2, (y0 + y1) / 2, -thickness / 2]])
        )
    ring = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * bevel
    top = np.concatenate([ring + inward, np.zeros((4, 1))], axis=1)
    edge = np.concatenate([ring, np.full((4, 1), -bevel)], axis=1)
    foot = np.concatenate([ring, np.full((4, 1), -thickness)], axis=1)
    faces = [top]
    for upper, lower in ((top, edge), (edge, foot)):
        faces += [np.stack([lower[i], lower[(i + 1) % 4], upper[(i + 1) % 4], upper[i]]) for i in range(4)]
    corners = np.stack(faces)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
    flat = np.abs(normals[:, 2]) > 0.1 * np.linalg.norm(normals, axis=1)
    # Level faces take their texture from above; upright ones from the side, along their own edge.
    uvs = np.where(
        flat[:, None, None],
        corners[..., :2],
        np.stack([corners[..., 0] + corners[..., 1], corners[..., 2]], axis=-1),
    )
    count = len(corners)
    triangles = (np.arange(count)[:, None, None] * 4 + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    return Mesh(corners.reshape(-1, 3), triangles, uvs.reshape(-1, 2))


def legs(x0: float, x1: float, y0: float, y1: float, *, foot: float, thickness: float, inset: float) -> Mesh:
    """Four square legs from just under the table top to `foot`, and the apron between them."""
    xs, ys = (x0 + inset, x1 - inset), (y0 + inset, y1 - inset)
    head = -0.12 * thickness
    middle, height = (head + foot) / 2, head - foot
    sizes = [[thickness, thickness, height]] * 4
    centers = [[x, y, middle] for x in xs for y in ys]
    sizes += [[xs[1] - xs[0], thickness * 0.5, thickness * 1.3]] * 2
    centers += [[sum(xs) / 2, y, -thickness] for y in ys]
    sizes += [[thickness * 0.5, ys[1] - ys[0], thickness * 1.3]] * 2
    centers += [[x, sum(ys) / 2, -thickness] for x in xs]
    return slabs(np.array(sizes), np.array(centers))


def horizon_point(setting: Setting) -> tuple[float, float, float]:
    """A point on the horizon straight ahead of the first camera."""
    return 0.0, 1e5, float(setting.eye[2])


def choose(rng: Generator, weights: dict[str, float]) -> str:
    """A key at random by weight."""
    words = list(weights)
    share = np.array([weights[w] for w in words], dtype=float)
    return words[int(rng.choice(len(words), p=share / share.sum()))]
