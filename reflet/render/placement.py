"""Putting things: a catalogue item becomes a body with a look, a place to stand and an exact footprint.

A `Placed` keeps the body one unit high and its pose apart, so arranging costs nothing until `parts` is read.
Footprints are convex outlines compared by their support functions: two convex sets are apart exactly when some
direction separates them (separating axis theorem), here tried in `DIRECTIONS` evenly spaced directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.catalogue.item import MAIN, BuiltPart, CatalogueItem, Rest
from reflet.render.scene import Array, MaterialLook, Mesh, Part, SceneObject, Surface, SurfaceKind

DIRECTIONS = 64
OVERHANG = 0.12  # share of a top's half side by which a base may reach over its edge
NUM_VARIANTS = 8  # shapes of each item that scenes draw from
_ANGLES = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
COMPASS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
_OPPOSITE = (np.arange(DIRECTIONS) + DIRECTIONS // 2) % DIRECTIONS


def _probe_directions() -> Array:
    """Directions whose extreme vertices outline a body from anywhere: rings at five elevations, and the poles."""
    rings = []
    for elevation, step in ((0.0, 4), (0.6, 6), (-0.6, 6), (1.15, 12), (-1.15, 12)):
        around = COMPASS[::step] * np.cos(elevation)
        rings.append(np.concatenate([around, np.full((len(around), 1), np.sin(elevation))], axis=1))
    return np.concatenate([*rings, [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]])


_PROBES = _probe_directions()
_COMPASS_3D = np.concatenate([COMPASS, np.zeros((DIRECTIONS, 1))], axis=1)


class PlacementError(ValueError):
    """Things cannot be put as asked: they do not fit, or nothing carries them."""


@dataclass(frozen=True, eq=False)
class Footprint:
    """The convex shadow of a body on its support. `support` (DIRECTIONS,): the farthest reach in each direction."""

    center: tuple[float, float]
    support: Array

    @property
    def radius(self) -> float:
        """Of the circle around `center` that holds the footprint."""
        return float((self.support - COMPASS @ np.asarray(self.center)).max())


def gap(a: Footprint, b: Footprint) -> float:
    """How far apart two footprints are: the widest empty strip between them, negative where they overlap."""
    return float((-a.support - b.support[_OPPOSITE]).max())


def inside_outline(footprint: Footprint, rest: Array, *, slack: float = 0.0) -> bool:
    """Whether a footprint stays within a convex outline (K, 2), give or take `slack`."""
    return bool(np.all(footprint.support <= (rest @ COMPASS.T).max(axis=0) + slack))


@dataclass(frozen=True, eq=False)
class Placed:
    """A body with its pose. `body` is one unit high, standing on the origin; `height` is its height in the world.

    `position` is the centre of its base. `yaw` turns it counter-clockwise seen from above; at 0 its front faces -y.
    `support` is the id of what carries it, 0 for the ground.
    """

    item: CatalogueItem
    look: MaterialLook
    body: tuple[Part, ...]
    object_id: int
    height: float
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw: float = 0.0
    support: int = 0
    support_relation: Literal["on", "in"] = "on"
    role: Literal["subject", "furniture", "scenery"] = "subject"
    _outline: Array = field(default_factory=lambda: np.zeros((0, 2)), repr=False)  # (K, 2) of the unit body from above
    _extremes: Array = field(default_factory=lambda: np.zeros((0, 3)), repr=False)  # (E, 3) outermost vertices

    @property
    def parts(self) -> list[Part]:
        """The meshes in the world."""
        sized = {id(part.surface): _sized(part.surface, self.height) for part in self.body}
        return [Part(_posed(part.mesh, self), sized[id(part.surface)], self.object_id) for part in self.body]

    @cached_property
    def points(self) -> Array:
        """(E, 3) outermost points in the world; their convex hull is the body's, nearly."""
        return self._extremes @ _turn(self.yaw).T * self.height + np.asarray(self.position)

    @cached_property
    def footprint(self) -> Footprint:
        x, y, _ = self.position
        flat = self._outline @ _turn(self.yaw)[:2, :2].T * self.height + (x, y)
        return Footprint(center=(x, y), support=(flat @ COMPASS.T).max(axis=0))

    @property
    def radius(self) -> float:
        """Reach of the footprint from the base's centre, whatever the yaw."""
        return float(np.linalg.norm(self._outline, axis=1).max() * self.height)

    @property
    def half_width(self) -> float:
        """Half the footprint's extent along x."""
        return float((self.footprint.support[0] + self.footprint.support[DIRECTIONS // 2]) / 2)

    @property
    def half_depth(self) -> float:
        """Half the footprint's extent along y."""
        quarter = DIRECTIONS // 4
        return float((self.footprint.support[quarter] + self.footprint.support[3 * quarter]) / 2)

    @property
    def object(self) -> SceneObject:
        size = self.points.max(axis=0) - self.points.min(axis=0)
        x, y, z = (float(p) for p in self.position)
        return SceneObject(
            id=self.object_id,
            name=self.item.name,
            look=self.look,
            position=(x, y, z),
            size=(float(size[0]), float(size[1]), float(self.height)),
            yaw=float(self.yaw),
            support=self.support,
            support_relation=self.support_relation,
            role=self.role,
            tags=tuple(sorted(self.item.tags)),
        )

    def at(self, x: float, y: float, z: float | None = None, *, yaw: float | None = None) -> Placed:
        """The same body elsewhere."""
        height = self.position[2] if z is None else z
        return replace(self, position=(float(x), float(y), float(height)), yaw=self.yaw if yaw is None else float(yaw))

    def shifted(self, dx: float, dy: float, dz: float = 0.0) -> Placed:
        """The same body moved."""
        x, y, z = self.position
        return replace(self, position=(x + dx, y + dy, z + dz))

    def named(self, object_id: int) -> Placed:
        """Another copy of the same body: one object more, sharing meshes and surfaces."""
        return replace(self, object_id=object_id)


def _turn(yaw: float) -> Array:
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _sized(surface: Surface, height: float) -> Surface:
    """A surface meant for a body one unit high, for one of another height: relief and glass tint grow with it."""
    if surface.bump:
        surface = replace(surface, bump=surface.bump * height)
    if surface.kind in {SurfaceKind.GLASS, SurfaceKind.FROSTED}:
        r, g, b = (float(c) ** (1 / max(height, 1e-3)) for c in surface.base_color)
        surface = replace(surface, base_color=(r, g, b))
    return surface


def _posed(mesh: Mesh, placed: Placed) -> Mesh:
    turn = _turn(placed.yaw)
    return Mesh(
        mesh.vertices @ turn.T * placed.height + np.asarray(placed.position),
        mesh.faces,
        mesh.uvs,
        None if mesh.normals is None else mesh.normals @ turn.T,
        mesh.colors,
    )


def choose_look(
    item: CatalogueItem, rng: Generator, *, color: str | None = None, material: str | None = None
) -> MaterialLook:
    """A look the item can have, honouring what is asked.

    Raises:
        PlacementError: the item is never of that colour or material; the message lists what it can be.
    """
    allowed = item.materials + item.ornamental
    if material is not None and material not in allowed:
        raise PlacementError(
            f"a {item.name} cannot be made of {material!r}; it can be: {', '.join(allowed) or 'itself'}"
        )
    if material is not None and material in item.ornamental:
        return materials.sample_look(rng, materials=(material,), color=color, material=material)
    if item.materials:
        return materials.sample_look(rng, materials=item.materials, colors=item.colors, color=color, material=material)
    if color is not None and item.colors is not None and color not in item.colors:
        raise PlacementError(f"a {item.name} is never {color}; it can be: {', '.join(item.colors) or 'only itself'}")
    if color is None and item.colors:
        color = item.colors[int(rng.integers(len(item.colors)))]
    return MaterialLook(color=color)


def _main_surface(item: CatalogueItem, look: MaterialLook, rng: Generator) -> Surface:
    if look.material is None and item.natural is not None:
        return materials.natural_surface(item.natural, look.color, rng)
    return materials.surface(look, rng)


def instantiate(
    item: CatalogueItem,
    rng: Generator,
    *,
    object_id: int,
    look: MaterialLook,
    height: float | None = None,
    position: tuple[float, float, float] = (0.0, 0.0, 0.0),
    yaw: float = 0.0,
    variant: int | None = None,
) -> Placed:
    """One body of `item` with `look`, in shape `variant` or any. `height` defaults to the display height."""
    drawn = int(rng.integers(NUM_VARIANTS))
    mould = _mould(item, drawn if variant is None else variant % NUM_VARIANTS)
    fixed: dict[str, Surface] = {MAIN: _main_surface(item, look, rng)}
    for part in mould.parts:
        if part.slot not in fixed:
            fixed[part.slot] = materials.fixed_surface(part.slot, rng)
    return Placed(
        item=item,
        look=look,
        body=tuple(Part(part.mesh, fixed[part.slot], object_id) for part in mould.parts),
        object_id=object_id,
        height=float(item.height if height is None else height),
        position=position,
        yaw=yaw,
        _outline=mould.outline,
        _extremes=mould.extremes,
    )


@dataclass(frozen=True, eq=False)
class _Mould:
    """One built shape of an item, with its outlines."""

    parts: tuple[BuiltPart, ...]
    outline: Array
    extremes: Array


@lru_cache(maxsize=2048)
def _mould(item: CatalogueItem, variant: int) -> _Mould:
    """A shape of the item. Building takes up to 30 ms, so each process builds every shape once."""
    built = item.build(np.random.default_rng([crc32(item.name.encode()), variant]))
    parts = tuple(BuiltPart(_single(part.mesh), part.slot) for part in built)
    outline, extremes = _outlines([part.mesh.vertices for part in parts])
    return _Mould(parts, outline, extremes)


def _single(mesh: Mesh) -> Mesh:
    """The mesh in single precision, which is what the tracer takes."""
    arrays = (None if a is None else np.asarray(a, np.float32) for a in (mesh.uvs, mesh.normals, mesh.colors))
    return Mesh(np.asarray(mesh.vertices, np.float32), mesh.faces, *arrays)


def _outlines(vertices: Sequence[Array]) -> tuple[Array, Array]:
    """Of all vertices of a unit body: its outermost points (DIRECTIONS, 2) from above, and (E, 3) all around."""
    cloud = np.concatenate(list(vertices)).astype(np.float32)
    reach = np.concatenate([_COMPASS_3D, _PROBES]).astype(np.float32) @ cloud.T
    outermost = cloud[reach.argmax(axis=1)].astype(float)
    return outermost[:DIRECTIONS, :2], outermost[DIRECTIONS:]


def tipped(placed: Placed, rotation: Array) -> Placed:
    """The body turned over by a rotation matrix (3, 3) and set down again on its lowest point, its size kept."""
    turned = [part.mesh.vertices @ rotation.T for part in placed.body]
    low = np.min([v.min(axis=0) for v in turned], axis=0)
    high = np.max([v.max(axis=0) for v in turned], axis=0)
    extent = float(high[2] - low[2])
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    body = tuple(
        Part(
            Mesh(
                (vertices - origin) / extent,
                part.mesh.faces,
                part.mesh.uvs,
                None if part.mesh.normals is None else part.mesh.normals @ rotation.T,
                part.mesh.colors,
            ),
            part.surface,
            part.object_id,
        )
        for vertices, part in zip(turned, placed.body, strict=True)
    )
    outline, extremes = _outlines([part.mesh.vertices for part in body])
    return replace(placed, body=body, height=placed.height * extent, _outline=outline, _extremes=extremes)


# ---------------------------------------------------------------------------------------------- on and in
def rest_outline(carrier: Placed, rest: Rest) -> Array:
    """(4, 2) corners of a carrier's rest in the world."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (rest.half_x, rest.half_y) + (rest.x, rest.y)
    return corners @ _turn(carrier.yaw)[:2, :2].T * carrier.height + np.asarray(carrier.position[:2])


def rest_center(carrier: Placed, rest: Rest) -> tuple[float, float, float]:
    x, y = rest_outline(carrier, rest).mean(axis=0)
    return float(x), float(y), float(carrier.position[2] + rest.z * carrier.height)


def level_points(placed: Placed, *, end: Literal["base", "top"]) -> Array:
    """(N, 2) where the body touches its support, or its top's plane, around the base's centre.

    These are the vertices in the lowest, or highest, fiftieth of the body.
    """
    vertices = np.concatenate([part.mesh.vertices for part in placed.body])
    chosen = vertices[:, 2] < 0.02 if end == "base" else vertices[:, 2] > 0.98
    level = vertices[chosen, :2].astype(float) if chosen.any() else np.zeros((1, 2))
    return level @ _turn(placed.yaw)[:2, :2].T * placed.height


def stack_on(carrier: Placed, placed: Placed, rng: Generator) -> Placed:
    """`placed` standing on the flat top of `carrier`, a little off its centre where there is room.

    Two of a kind lie flush, as books and boxes do. The base may reach over the top's edge by `OVERHANG`.

    Raises:
        PlacementError: the carrier has no flat top, or the top is smaller than what would stand on it.
    """
    rest = carrier.item.top
    if rest is None:
        raise PlacementError(f"a {carrier.item.name} has no flat top; nothing can stand on it")
    half = np.array([rest.half_x, rest.half_y]) * carrier.height
    if placed.item.name == carrier.item.name:
        own = level_points(carrier.at(0.0, 0.0, yaw=0.0), end="top")
        half = np.maximum(half, np.abs(own).max(axis=0))  # a rest is true for every shape; this is this one's top
        placed = placed.at(0.0, 0.0, yaw=carrier.yaw + float(rng.normal(0, 0.05)))
    # In the carrier's own frame, the rest is an upright rectangle.
    base = level_points(placed, end="base") @ _turn(carrier.yaw)[:2, :2]
    room = half - np.abs(base).max(axis=0)
    if np.any(room < -OVERHANG * half):
        raise PlacementError(f"the {placed.item.name} is wider than the top of the {carrier.item.name}")
    slip = np.array([rest.x, rest.y]) * carrier.height + rng.uniform(-0.6, 0.6, 2) * np.maximum(room, 0.0)
    x, y = np.asarray(carrier.position[:2]) + _turn(carrier.yaw)[:2, :2] @ slip
    z = float(carrier.position[2] + rest.z * carrier.height)
    return replace(placed.at(x, y, z), support=carrier.object_id, support_relation="on")


def fitted_inside(carrier: Placed, placed: Placed) -> Placed:
    """`placed`, made as small as the inside of the vessel demands."""
    rest = carrier.item.inside
    if rest is None:
        return placed
    room = min(rest.half_x, rest.half_y) * carrier.height
    return replace(placed, height=placed.height * min(1.0, 0.97 * room / placed.radius))


def put_inside(carrier: Placed, placed: Placed, rng: Generator) -> Placed:
    """`placed` standing on the floor of an open vessel.

    Raises:
        PlacementError: the carrier is not open, or its inside is too narrow.
    """
    rest = carrier.item.inside
    if rest is None:
        raise PlacementError(f"a {carrier.item.name} is not open; nothing can lie inside")
    x, y, z = rest_center(carrier, rest)
    room = min(rest.half_x, rest.half_y) * carrier.height - placed.radius
    if room < 0:
        raise PlacementError(f"the {placed.item.name} is too wide for the inside of the {carrier.item.name}")
    moved = placed.at(x + rng.uniform(-room, room) * 0.5, y + rng.uniform(-room, room) * 0.5, z)
    return replace(moved, support=carrier.object_id, support_relation="in")
