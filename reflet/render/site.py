"""A place under construction: its parts by surface, the things that stand in it, and the room that is still free.

Families that build places (interiors, streets) gather everything here. Surroundings with the same surface become one
part; things come from the catalogue through placement.instantiate and are refused where they would collide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import CatalogueItem, Rest
from reflet.render.masonry import joined
from reflet.render.placement import (
    DIRECTIONS,
    Footprint,
    Placed,
    choose_look,
    gap,
    inside_outline,
    instantiate,
    rest_outline,
)
from reflet.render.scene import Array, MaterialLook, Mesh, Part, SceneObject, Surface

_ANGLES = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
_COMPASS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)


def outline_footprint(corners: Array) -> Footprint:
    """The footprint of a convex outline (K, 2)."""
    corners = np.asarray(corners, np.float64)
    center = corners.mean(axis=0)
    return Footprint(center=(float(center[0]), float(center[1])), support=(corners @ _COMPASS.T).max(axis=0))


def rectangle(x0: float, x1: float, y0: float, y1: float) -> Footprint:
    """The footprint of an upright rectangle."""
    return outline_footprint(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))


def disc(x: float, y: float, radius: float) -> Footprint:
    """The footprint of a circle."""
    return Footprint(center=(x, y), support=_COMPASS @ np.array([x, y]) + radius)


@dataclass
class Site:
    """Everything built so far. `occupied` holds footprints on the ground, `kept` those that must merely stay free."""

    rng: Generator
    items: Mapping[str, CatalogueItem]
    parts: list[Part] = field(default_factory=list)
    objects: list[SceneObject] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    occupied: list[Footprint] = field(default_factory=list)
    kept: list[Footprint] = field(default_factory=list)
    _meshes: dict[int, tuple[Surface, list[Mesh]]] = field(default_factory=dict)
    _next_id: int = 1

    def build(self, surface: Surface, *meshes: Mesh) -> None:
        """Add surroundings; meshes with the same surface object end up in one part."""
        self._meshes.setdefault(id(surface), (surface, []))[1].extend(meshes)

    def take_id(self) -> int:
        """The next free object id."""
        self._next_id += 1
        return self._next_id - 1

    def thing(
        self,
        name: str,
        *,
        color: str | None = None,
        material: str | None = None,
        look: MaterialLook | None = None,
        height: float | None = None,
        role: str = "subject",
    ) -> Placed:
        """A body of the catalogue at its real height, not yet standing anywhere. `color` is dropped where impossible.

        Raises KeyError for a name that is not in the catalogue.
        """
        item = self.items[name]
        if material is not None and material not in item.materials:
            material = None
        if look is None:
            allowed = item.colors is None or color in item.colors
            look = choose_look(item, self.rng, color=color if allowed else None, material=material)
        placed = instantiate(
            item, self.rng, object_id=self.take_id(), look=look, height=item.real_height if height is None else height
        )
        return replace(placed, role=role)  # type: ignore[arg-type]

    def again(self, placed: Placed) -> Placed:
        """One more of the same body."""
        return placed.named(self.take_id())

    def free(self, footprint: Footprint, *, clearance: float = 0.02) -> bool:
        """Whether nothing stands there and nothing is kept clear there."""
        return all(gap(footprint, other) >= clearance for other in (*self.occupied, *self.kept))

    def stand(self, placed: Placed) -> Placed:
        """Put a thing for good: its parts, its entry, and its footprint if it stands on the ground."""
        self.placed.append(placed)
        self.objects.append(placed.object)
        if placed.support == 0:
            self.occupied.append(placed.footprint)
        return placed

    def hang(
        self,
        name: str,
        look: MaterialLook,
        pieces: Iterable[tuple[Mesh, Surface]],
        *,
        role: str = "subject",
        yaw: float = 0.0,
    ) -> SceneObject:
        """Register a thing that does not stand on the ground (a picture, a rug, a lamp from the ceiling)."""
        object_id = self.take_id()
        parts = [Part(mesh, surface, object_id) for mesh, surface in pieces]
        vertices = np.concatenate([part.mesh.vertices for part in parts])
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        center = (low + high) / 2
        hung = SceneObject(
            id=object_id,
            name=name,
            look=look,
            position=(float(center[0]), float(center[1]), float(low[2])),
            size=tuple(float(s) for s in high - low),  # type: ignore[arg-type]
            yaw=float(yaw),
            role=role,  # type: ignore[arg-type]
        )
        self.parts.extend(parts)
        self.objects.append(hung)
        return hung

    def set_on(
        self, carrier: Placed, placed: Placed, *, rest: Rest | None = None, spot: tuple[float, float] | None = None
    ) -> Placed | None:
        """Stand a small thing on a carrier's rest (default: its top), clear of what already stands there.

        `spot` in -1..1 across the rest, else anywhere that fits in eight tries. None if there is no room.
        """
        rest = rest or carrier.item.top
        if rest is None or placed.height > rest.clearance * carrier.height:
            return None
        outline = rest_outline(carrier, rest)
        center, along, across = outline.mean(0), (outline[1] - outline[0]) / 2, (outline[3] - outline[0]) / 2
        z = carrier.position[2] + rest.z * carrier.height
        neighbours = [
            other.footprint
            for other in self.placed
            if other.support == carrier.object_id and abs(other.position[2] - z) < 0.02
        ]
        for _ in range(8):
            u, v = spot if spot is not None else self.rng.uniform(-0.9, 0.9, 2)
            x, y = center + along * u + across * v
            there = replace(placed.at(float(x), float(y), float(z)), support=carrier.object_id)
            clear = all(gap(there.footprint, other) > 0.01 for other in neighbours)
            if clear and inside_outline(there.footprint, outline, slack=0.01):
                return self.stand(there)
            if spot is not None:
                break
        return None

    def finish(self) -> list[Part]:
        """All parts: surroundings by surface, then things."""
        around = [Part(joined(*meshes), surface) for surface, meshes in self._meshes.values()]
        bodies = [part for placed in self.placed for part in placed.parts]
        return [*around, *self.parts, *bodies]
