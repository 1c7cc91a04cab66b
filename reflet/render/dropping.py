"""Letting things down into a vessel until they touch: two height fields, one looking up, one looking down.

Each body is lowered at some thirty places inside the rim and stays where it comes to lie lowest, as it would after
rolling about. Contact is exact to the raster: a cell of about a hundredth of the vessel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from reflet.render.placement import COMPASS, Placed, PlacementError, rest_center, tipped
from reflet.render.scene import Array
from reflet.render.shapes import rotation

_CELLS = 72
_TRIES = 32


_INNER = np.concatenate([np.full((1, 3), 1 / 3), 0.5 * (1 - np.eye(3)), 0.15 + 0.55 * np.eye(3)])


def _surface_points(placed: Placed) -> Array:
    """(N, 3) points on the body in the world: vertices and seven points on every face."""
    clouds = []
    for part in placed.parts:
        corners = part.mesh.vertices[part.mesh.faces]
        clouds += [part.mesh.vertices, np.einsum("fcx,kc->kfx", corners, _INNER).reshape(-1, 3)]
    return np.concatenate(clouds)


def drop_inside(carrier: Placed, bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """The bodies lying inside the open vessel, each in contact with it or with those below.

    Raises:
        PlacementError: the vessel is not open, or a body would lie outside its rim.
    """
    rest = carrier.item.inside
    if rest is None:
        raise PlacementError(f"a {carrier.item.name} is not open; nothing can lie inside")
    center = np.asarray(rest_center(carrier, rest))
    mouth = float((carrier.footprint.support - COMPASS @ center[:2]).min())
    half = 1.05 * mouth
    origin = center[:2] - half
    cell = 2 * half / _CELLS
    ground = _raster(_surface_points(carrier), origin, cell, top=True)
    middle = _CELLS // 2
    if ground[middle - 2 : middle + 3, middle - 2 : middle + 3].max() > center[2] + 0.3 * carrier.height:
        raise PlacementError(f"something stands in the mouth of the {carrier.item.name}")
    lying = []
    for body in sorted(bodies, key=lambda b: -b.radius):
        turned = tipped(body, rotation(tuple(rng.uniform(-0.5, 0.5, 3)))) if "food" in body.item.tags else body
        lying.append(_drop(turned, carrier, ground, rng, origin=origin, cell=cell))
    order = {b.object_id: b for b in lying}
    return [order[b.object_id] for b in bodies]


def _raster(points: Array, origin: Array, cell: float, *, top: bool) -> Array:
    """(_CELLS, _CELLS) highest (or lowest) point over each cell, -inf (inf) where there is none."""
    field = np.full((_CELLS, _CELLS), -np.inf if top else np.inf)
    index = np.floor((points[:, :2] - origin) / cell).astype(int)
    inside = np.all((index >= 0) & (index < _CELLS), axis=1)
    index, z = index[inside], points[inside, 2]
    order = np.argsort(z if top else -z, kind="stable")  # of several points in a cell, the last one written stays
    field[index[order, 1], index[order, 0]] = z[order]
    return field


def _drop(body: Placed, carrier: Placed, ground: Array, rng: Generator, *, origin: Array, cell: float) -> Placed:
    room = max(0.47 * _CELLS * cell - 0.75 * body.radius, 0.0)
    here = body.at(float(origin[0] + _CELLS * cell / 2), float(origin[1] + _CELLS * cell / 2), 0.0)
    points = _surface_points(here)
    low = _raster(points, origin, cell, top=False)
    high = _raster(points, origin, cell, top=True)
    rows, columns = np.nonzero(np.isfinite(low))
    under, over = low[rows, columns], high[rows, columns]
    best: tuple[float, int, int] | None = None
    for angle, share in rng.random((_TRIES, 2)):
        reach = np.sqrt(share) * room
        dx = round(float(reach * np.cos(2 * np.pi * angle)) / cell)
        dy = round(float(reach * np.sin(2 * np.pi * angle)) / cell)
        r, c = rows + dy, columns + dx
        if r.min() < 0 or c.min() < 0 or r.max() >= _CELLS or c.max() >= _CELLS:
            continue
        z = float(np.max(ground[r, c] - under))
        if best is None or z < best[0]:
            best = (z, dx, dy)
    if best is None or not np.isfinite(best[0]):
        raise PlacementError(f"the {body.item.name} does not fit inside the {carrier.item.name}")
    z, dx, dy = best
    if z > carrier.position[2] + carrier.height + 0.4 * body.height:
        raise PlacementError(f"the {carrier.item.name} is full")
    ground[rows + dy, columns + dx] = np.maximum(ground[rows + dy, columns + dx], over + z)
    x, y = here.position[0] + dx * cell, here.position[1] + dy * cell
    return replace(here.at(x, y, z), support=carrier.object_id, support_relation="in")
