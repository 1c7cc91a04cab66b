"""Houses from the street: walls with real window openings, shops, balconies, cornices, and their roofs.

A building is drawn in its own frame (front in the plane y = 0 seen from -y, from x = 0 to its width, body behind) as
meshes by slot: "wall", "trim", "glass", "warm" and "cool" (lit panes), "blind", "frame", "shutter", "roof", "metal",
"awning", "sign", "door". `Palette` gives each slot its surface. One window costs about 24 triangles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.random import Generator

from reflet.render.masonry import Frame, panel, prism, quads, slab, slabs
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import merge

Roof = Literal["flat", "pitched", "mansard", "gable", "stepped"]
Ground = Literal["shop", "arcade", "door", "same"]


@dataclass(frozen=True)
class Style:
    """The manner of a building. Pairs are (low, high), metres or shares of a bay and a floor."""

    name: str
    walls: tuple[str, ...]  # words of the palette's walls
    bay: tuple[float, float]
    floor: tuple[float, float]
    window: tuple[float, float]  # width as a share of the bay, height as a share of the floor
    floors: tuple[int, int]
    roof: tuple[Roof, ...]
    ground: tuple[Ground, ...]
    width: tuple[float, float]
    surround: float = 0.0  # chance of raised lintels and sills
    shutters: float = 0.0
    balconies: float = 0.0
    bands: float = 0.0  # chance of a string course at every floor
    panes: tuple[int, int] = (2, 2)
    recess: float = 0.16


STYLES: dict[str, Style] = {
    s.name: s
    for s in (
        Style("apartments", ("plaster", "stone", "plaster"), (2.4, 3.0), (3.1, 3.5), (0.44, 0.60), (4, 6), ("mansard", "flat", "mansard"),
              ("shop", "shop", "door"), (11, 18), surround=0.8, balconies=0.6, bands=0.6),
        Style("brick block", ("brick", "brick", "brick"), (2.5, 3.2), (3.2, 3.7), (0.46, 0.55), (4, 7), ("flat",), ("shop", "shop", "door"), (10, 18),
              surround=0.7, bands=0.3, panes=(2, 3)),
        Style("modern", ("concrete", "plaster"), (3.0, 4.2), (3.0, 3.4), (0.82, 0.56), (5, 9), ("flat",), ("shop", "arcade", "door"), (14, 24),
              balconies=0.35, panes=(3, 1), recess=0.1),
        Style("office", ("metal", "concrete"), (1.8, 2.6), (3.6, 4.0), (0.92, 0.80), (8, 16), ("flat",), ("arcade", "shop"), (16, 28), panes=(1, 1), recess=0.05),
        Style("old house", ("plaster", "plaster", "plaster", "stone"), (2.1, 2.8), (2.7, 3.1), (0.38, 0.48), (2, 4), ("pitched", "pitched", "gable"),
              ("shop", "door", "door"), (6, 10), surround=0.4, shutters=0.65),
        Style("canal house", ("brick", "brick", "plaster"), (1.7, 2.2), (3.0, 3.5), (0.52, 0.60), (3, 4), ("gable", "stepped", "flat"), ("door", "same"),
              (5, 8), surround=0.8, panes=(2, 3)),
        Style("cottage", ("plaster", "stone", "brick"), (2.6, 3.4), (2.6, 2.9), (0.38, 0.44), (1, 2), ("pitched",), ("door",), (8, 12), shutters=0.5,
              surround=0.3, panes=(2, 2)),
    )
}  # fmt: skip


@dataclass
class Elevation:
    """Meshes of a building by slot, in its own frame."""

    pieces: dict[str, list[Mesh]] = field(default_factory=dict)

    def add(self, slot: str, *meshes: Mesh) -> None:
        self.pieces.setdefault(slot, []).extend(meshes)

    def merged(self) -> dict[str, Mesh]:
        return {slot: merge(*meshes) for slot, meshes in self.pieces.items()}


@dataclass(frozen=True)
class Plot:
    """Where a building stands: its frame, its width and depth, which sides are seen, how near it is."""

    frame: Frame
    width: float
    depth: float
    sides: tuple[Literal["left", "right"], ...] = ()
    near: bool = True  # near ones get window frames, blinds, balconies
    floors: int | None = None


def raise_building(plot: Plot, style: Style, rng: Generator) -> tuple[dict[str, Mesh], float]:
    """The meshes of a building by slot, placed in the world, and its height to the eaves.

    Windows are lit at random; whether they shine is the light's business (their surfaces are lamps).
    """
    elevation = Elevation()
    floors = plot.floors or int(rng.integers(style.floors[0], style.floors[1] + 1))
    floor = float(rng.uniform(*style.floor))
    ground: Ground = style.ground[int(rng.integers(len(style.ground)))]
    first = floor if ground in ("same", "door") else max(floor, 3.4) + 0.4
    top = first + floor * (floors - 1)
    style = replace(
        style,
        surround=float(rng.random() < style.surround),
        shutters=float(rng.random() < style.shutters),
        bands=float(rng.random() < style.bands),
    )
    _front(elevation, style, plot.width, first, floor, floors, ground, rng, near=plot.near)
    for side in ("left", "right"):
        facade = Elevation()
        if side in plot.sides:
            _front(facade, style, plot.depth, first, floor, floors, "same", rng, near=plot.near)
        else:
            facade.add("wall", panel((0, 0, 0), (plot.depth, 0, 0), (0, 0, top)))
        frame = Frame((0, plot.depth, 0), -np.pi / 2) if side == "left" else Frame((plot.width, 0, 0), np.pi / 2)
        for slot, meshes in facade.pieces.items():
            elevation.add(slot, *(frame.place(mesh) for mesh in meshes))
    elevation.add("wall", panel((plot.width, plot.depth, 0), (-plot.width, 0, 0), (0, 0, top)))
    roof: Roof = style.roof[int(rng.integers(len(style.roof)))]
    add_roof(elevation, roof, plot.width, plot.depth, top, rng, near=plot.near)
    return {slot: plot.frame.place(mesh) for slot, mesh in elevation.merged().items()}, top


# ---------------------------------------------------------------------------------------------- fronts
def _front(
    e: Elevation, style: Style, width: float, first: float, floor: float, floors: int, ground: Ground, rng: Generator, *, near: bool
) -> None:
    bays = max(1, round(width / rng.uniform(*style.bay)))
    bay = width / bays
    w, h = style.window[0] * bay, style.window[1] * floor
    columns = (np.arange(bays) + 0.5) * bay
    rows = first + np.arange(floors - 1) * floor + (floor - h) * (0.62 if h / floor < 0.7 else 0.5)
    if ground in ("same", "door"):
        rows = np.concatenate([[(floor - h) * 0.62], rows])
    _wall_around(e, width, 0.0 if ground in ("same", "door") else first, first + floor * (floors - 1), columns, rows, w, h)
    x, z = (grid.ravel() for grid in np.meshgrid(columns, rows))
    if ground == "door":
        door = int(rng.integers(bays))
        keep = ~((np.arange(len(x)) == door) & (z < first))
        _door(e, columns[door], w, float(rows[0]) + h, style.recess)
        x, z = x[keep], z[keep]
    windows(e, x, z, w, h, style, rng, near=near)
    if ground in ("shop", "arcade"):
        _shop(e, width, first, rng, near=near, awnings=ground == "shop")
    if style.bands:
        levels = first + np.arange(floors - 1) * floor
        count = len(levels)
        e.add("trim", slabs(np.tile([width, 0.12, 0.16], (count, 1)), np.stack([np.full(count, width / 2), np.full(count, -0.06), levels], -1)))
    if near and style.balconies and floors > 2:
        _balconies(e, style, columns, rows[1:], w, bay, rng)


def _wall_around(e: Elevation, width: float, low: float, high: float, columns: Array, rows: Array, w: float, h: float) -> None:
    """The wall as full strips between rows of windows and piers between windows."""
    edges = np.concatenate([[low], *([z, z + h] for z in rows), [high]])
    strips = [(0.0, width, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    sides = np.concatenate([[0.0], *([x - w / 2, x + w / 2] for x in columns), [width]])
    piers = [(a, b, z, z + h) for z in rows for a, b in zip(sides[::2], sides[1::2], strict=True)]
    cells = np.array(strips + piers)
    x0, x1, z0, z1 = cells.T
    zero = np.zeros(len(cells))
    corners = np.stack([np.stack(c, -1) for c in ((x0, zero, z0), (x1, zero, z0), (x1, zero, z1), (x0, zero, z1))], 1)
    e.add("wall", quads(corners, uvs=corners[..., [0, 2]]))


def windows(e: Elevation, x: Array, z: Array, w: float, h: float, style: Style, rng: Generator, *, near: bool) -> None:
    """Windows of one size with their middles at `x` and sills at `z` (N,): reveals, panes, bars, sills, shutters."""
    count = len(x)
    if count == 0:
        return
    d = style.recess
    rectangle = lambda x0, x1, z0, z1, y: np.stack(  # noqa: E731
        [np.stack([x0, y, z0], -1), np.stack([x1, y, z0], -1), np.stack([x1, y, z1], -1), np.stack([x0, y, z1], -1)], 1
    )
    a, b, s, t = x - w / 2, x + w / 2, z, z + h
    zero, deep = np.zeros(count), np.full(count, d)
    at = lambda px, py, pz: np.stack([px, py, pz], -1)  # noqa: E731
    jambs = [
        np.stack([at(a, zero, s), at(a, deep, s), at(a, deep, t), at(a, zero, t)], 1),
        np.stack([at(b, deep, s), at(b, zero, s), at(b, zero, t), at(b, deep, t)], 1),
        np.stack([at(a, zero, s), at(b, zero, s), at(b, deep, s), at(a, deep, s)], 1),
        np.stack([at(a, deep, t), at(b, deep, t), at(b, zero, t), at(a, zero, t)], 1),
    ]
    e.add("wall", quads(np.concatenate(jambs)))
    lit = np.where(rng.random(count) < rng.uniform(0.25, 0.6), np.where(rng.random(count) < 0.8, 1, 2), 0)
    panes = rectangle(a, b, s, t, deep)
    for state, slot in enumerate(("glass", "warm", "cool")):
        if (lit == state).any():
            e.add(slot, quads(panes[lit == state]))
    if not near:
        return
    blind = rng.random(count) < 0.35
    if blind.any():
        drop = h * rng.uniform(0.15, 0.8, count)
        e.add("blind", quads(rectangle(a, b, t - drop, t, deep - 0.015)[blind]))
    bar = 0.05
    frames = [rectangle(a + w * k / style.panes[0] - bar / 2, a + w * k / style.panes[0] + bar / 2, s, t, deep - 0.03) for k in range(style.panes[0] + 1)]
    frames += [rectangle(a, b, s + h * k / style.panes[1] - bar / 2, s + h * k / style.panes[1] + bar / 2, deep - 0.03) for k in range(style.panes[1] + 1)]
    e.add("frame", quads(np.concatenate(frames)))
    if style.surround:
        sills = slabs(np.tile([w + 0.3, 0.16, 0.08], (count, 1)), at(x, zero - 0.05, s - 0.04))
        lintels = slabs(np.tile([w + 0.26, 0.08, 0.2], (count, 1)), at(x, zero - 0.03, t + 0.1))
        e.add("trim", sills, lintels)
    if style.shutters:
        wide = w * 0.48
        both = np.concatenate([at(a - wide / 2 - 0.02, zero - 0.03, (s + t) / 2), at(b + wide / 2 + 0.02, zero - 0.03, (s + t) / 2)])
        e.add("shutter", slabs(np.tile([wide, 0.05, h], (2 * count, 1)), both))


def _door(e: Elevation, x: float, w: float, head: float, recess: float) -> None:
    """A door in place of a window: its bay's wall below the sill is covered by the leaf and a step."""
    w = max(w, 0.95)
    e.add("door", slab((w, 0.06, head), (x, -0.02, head / 2)))
    e.add("trim", slabs(np.array([[0.12, 0.12, head + 0.14], [0.12, 0.12, head + 0.14], [w + 0.36, 0.16, 0.16]]),
                        np.array([[x - w / 2 - 0.06, -0.05, head / 2 + 0.07], [x + w / 2 + 0.06, -0.05, head / 2 + 0.07], [x, -0.07, head + 0.1]])))  # fmt: skip
    e.add("trim", slab((w + 0.4, 0.5, 0.14), (x, -0.25, 0.07)))
    e.add("glass", quads(np.array([[[x - w * 0.3, -0.055, head * 0.62], [x + w * 0.3, -0.055, head * 0.62], [x + w * 0.3, -0.055, head * 0.92], [x - w * 0.3, -0.055, head * 0.92]]])))


def _shop(e: Elevation, width: float, height: float, rng: Generator, *, near: bool, awnings: bool) -> None:
    """A ground floor of shop windows between piers, with a sign over each and perhaps an awning."""
    count = max(1, round(width / rng.uniform(4.0, 6.0)))
    bay = width / count
    sign = 0.65
    e.add("trim", slab((width, 0.14, 0.22), (width / 2, -0.07, height - 0.11)))
    for k in range(count):
        a, b = k * bay + 0.25, (k + 1) * bay - 0.25
        e.add("wall", quads(np.array([[[k * bay, 0, 0], [a, 0, 0], [a, 0, height], [k * bay, 0, height]], [[b, 0, 0], [(k + 1) * bay, 0, 0], [(k + 1) * bay, 0, height], [b, 0, height]]])))
        head = height - 0.22 - sign
        e.add("door", slab((b - a, 0.12, 0.5), ((a + b) / 2, 0.14, 0.25)))
        glow = "shop light" if rng.random() < 0.75 else "glass"
        e.add(glow, panel((a, 0.2, 0.5), (b - a, 0, 0), (0, 0, head - 0.5)))
        e.add("wall", quads(np.array([[[a, 0, 0], [a, 0.2, 0], [a, 0.2, height], [a, 0, height]], [[b, 0.2, 0], [b, 0, 0], [b, 0, height], [b, 0.2, height]]])))
        e.add(f"sign {int(rng.integers(4))}", slab((b - a + 0.1, 0.16, sign), ((a + b) / 2, -0.02, head + sign / 2)))
        if near:
            posts = np.linspace(a, b, max(2, round((b - a) / 1.4)) + 1)
            e.add("frame", slabs(np.tile([0.07, 0.08, head - 0.5], (len(posts), 1)), np.stack([posts, np.full(len(posts), 0.17), np.full(len(posts), (head + 0.5) / 2)], -1)))
        if awnings and rng.random() < 0.5:
            _awning(e, a - 0.05, b + 0.05, head + 0.1, float(rng.uniform(0.9, 1.5)), int(rng.integers(3)))


def _awning(e: Elevation, a: float, b: float, top: float, reach: float, color: int) -> None:
    drop = reach * 0.45
    stripes = max(4, round((b - a) / 0.4))
    edges = np.linspace(a, b, stripes + 1)
    x0, x1 = edges[:-1], edges[1:]
    at = lambda px, py, pz: np.stack([px, np.full(stripes, py), np.full(stripes, pz)], -1)  # noqa: E731
    cloth = np.stack([at(x0, -reach, top - drop), at(x1, -reach, top - drop), at(x1, 0.0, top), at(x0, 0.0, top)], 1)
    valance = np.stack([at(x0, -reach, top - drop - 0.22), at(x1, -reach, top - drop - 0.22), at(x1, -reach, top - drop), at(x0, -reach, top - drop)], 1)
    both = np.concatenate([cloth, valance])
    odd = np.tile(np.arange(stripes) % 2 == 1, 2)
    e.add(f"awning {color}", quads(both[~odd]))
    e.add("blind", quads(both[odd]))


def _balconies(e: Elevation, style: Style, columns: Array, rows: Array, w: float, bay: float, rng: Generator) -> None:
    """Balconies at one column in two, or along a whole floor."""
    if rng.random() < 0.4 and len(rows) > 1:
        row = float(rows[int(rng.integers(len(rows)))])
        _balcony(e, float((columns[0] + columns[-1]) / 2), row, float(columns[-1] - columns[0] + bay * 0.8))
        return
    chosen = columns[int(rng.integers(2)) :: 2]
    for x in chosen:
        for z in rows:
            if rng.random() < style.balconies:
                _balcony(e, float(x), float(z), min(bay * 0.92, w + 0.7))


def _balcony(e: Elevation, x: float, sill: float, width: float) -> None:
    z, reach = sill - 0.35, 0.75
    e.add("trim", slab((width, reach, 0.12), (x, -reach / 2, z)))
    posts = np.arange(x - width / 2 + 0.04, x + width / 2, 0.28)
    bars = slabs(np.tile([0.03, 0.03, 0.9], (len(posts), 1)), np.stack([posts, np.full(len(posts), -reach + 0.03), np.full(len(posts), z + 0.5)], -1))
    rail = slabs(np.array([[width, 0.05, 0.05], [0.05, reach, 0.05], [0.05, reach, 0.05]]),
                 np.array([[x, -reach + 0.03, z + 0.97], [x - width / 2 + 0.03, -reach / 2, z + 0.97], [x + width / 2 - 0.03, -reach / 2, z + 0.97]]))  # fmt: skip
    e.add("metal", bars, rail)


# ---------------------------------------------------------------------------------------------- roofs
def add_roof(e: Elevation, roof: Roof, width: float, depth: float, top: float, rng: Generator, *, near: bool) -> None:
    """The roof of a box of `width` x `depth`, from its eaves at `top`."""
    if roof == "flat":
        e.add("trim", slab((width + 0.1, 0.5, 0.45), (width / 2, 0.02, top - 0.1)))
        e.add("wall", slabs(np.array([[width, 0.25, 0.8], [0.25, depth, 0.8], [0.25, depth, 0.8]]),
                            np.array([[width / 2, 0.13, top + 0.4], [0.13, depth / 2, top + 0.4], [width - 0.13, depth / 2, top + 0.4]])))  # fmt: skip
        e.add("flat roof", panel((0, 0, top), (width, 0, 0), (0, depth, 0)))
        if near and rng.random() < 0.6:
            size = rng.uniform(1.5, 3.0, 3)
            e.add("flat roof", slab(size, (width * float(rng.uniform(0.3, 0.7)), depth * 0.5, top + size[2] / 2)))
    elif roof == "mansard":
        _mansard(e, width, depth, top, rng)
    elif roof == "pitched":
        rise = depth / 2 * float(rng.uniform(0.65, 0.95))
        over = 0.4
        slope = rise / (depth / 2)
        eave = top - over * slope
        ridge = top + rise
        for y0, y1 in ((-over, depth / 2), (depth + over, depth / 2)):
            sign = 1 if y0 < y1 else -1
            start = -over * 0.5 if sign > 0 else width + over * 0.5
            e.add("roof", panel((start, y0, eave), (sign * (width + over), 0, 0), (0, y1 - y0, ridge - eave)))
            e.add("trim", slab((width + over, 0.06, 0.16), (width / 2, y0, eave - 0.06)))
        for x in (0.0, width - 0.02):
            gable = prism(np.array([[0, 0], [depth, 0], [depth / 2, rise]]), 0.02)
            e.add("wall", Frame((x + 0.02, 0, top), np.pi / 2).place(gable))
        _chimneys(e, width, depth * 0.6, ridge, rng)
    else:
        _gable_front(e, roof, width, depth, top, rng)


def _mansard(e: Elevation, width: float, depth: float, top: float, rng: Generator) -> None:
    rise, back = float(rng.uniform(2.4, 3.0)), 1.0
    e.add("trim", slab((width + 0.1, 0.7, 0.4), (width / 2, -0.05, top)))
    e.add("roof", panel((0, 0, top + 0.2), (width, 0, 0), (0, back, rise)))
    e.add("roof", panel((0, back, top + 0.2 + rise), (width, 0, 0), (0, depth - back, 0.6)))
    for x in (0.0, width - 0.02):
        side = prism(np.array([[0, 0], [depth, 0], [depth, rise + 0.8], [back, rise + 0.2]]), 0.02)
        e.add("wall", Frame((x + 0.02, 0, top), np.pi / 2).place(side))
    count = max(1, int(width // 3.2))
    for x in (np.arange(count) + 0.5) * width / count:
        e.add("trim", slab((1.3, 0.9, 1.8), (float(x), 0.55, top + 1.2)))
        slot = "warm" if rng.random() < 0.35 else "glass"
        e.add(slot, panel((float(x) - 0.45, 0.08, top + 0.55), (0.9, 0, 0), (0, 0, 1.25)))
        e.add("roof", slab((1.5, 1.1, 0.12), (float(x), 0.5, top + 2.14)))
    _chimneys(e, width, depth * 0.7, top + rise + 0.6, rng)


def _gable_front(e: Elevation, roof: Roof, width: float, depth: float, top: float, rng: Generator) -> None:
    """A roof whose ridge runs back from the street behind a triangular or stepped gable."""
    rise = width * float(rng.uniform(0.45, 0.65))
    apex = top + rise
    e.add("wall", _lifted(prism(np.array([[0, 0], [width, 0], [width / 2, rise]]), 0.3), top))
    for side in (0, 1):
        foot, along = (0.0, width / 2) if side == 0 else (width, -width / 2)
        corner, run = ((foot, depth, top), (0, -depth, 0)) if side == 0 else ((foot, 0.0, top), (0, depth, 0))
        e.add("roof", panel(corner, run, (along, 0, apex - top)))
    e.add("wall", panel((width, depth, top - 0.01), (-width, 0, 0), (0, 0, 0.02)))
    if roof == "stepped":
        steps = 4
        for k in range(steps):
            half = width / 2 * (1 - k / steps) + 0.05
            e.add("wall", slab((2 * half, 0.4, rise / steps + 0.25), (width / 2, 0.1, top + rise * (k + 0.5) / steps + 0.12)))
            e.add("trim", slabs(np.tile([width / steps / 2 + 0.1, 0.46, 0.1], (2, 1)), np.array([[width / 2 + s * (half - width / steps / 4), 0.1, top + rise * (k + 1) / steps + 0.25] for s in (-1, 1)])))
    else:
        e.add("trim", slab((0.6, 0.5, 0.4), (width / 2, 0.1, apex)))
    if rise > 2.4:
        e.add("glass", panel((width / 2 - 0.4, -0.12, top + 0.5), (0.8, 0, 0), (0, 0, 1.1)))
        e.add("frame", slab((1.0, 0.1, 1.3), (width / 2, -0.05, top + 1.05)))


def _lifted(mesh: Mesh, z: float) -> Mesh:
    return replace(mesh, vertices=np.asarray(mesh.vertices) + [0, 0, z])


def _chimneys(e: Elevation, width: float, y: float, top: float, rng: Generator) -> None:
    for x in rng.uniform(0.1, 0.9, int(rng.integers(1, 3))) * width:
        e.add("chimney", slab((0.7, 0.55, 2.0), (float(x), y, top - 0.3)))
        e.add("roof", slab((0.82, 0.66, 0.14), (float(x), y, top + 0.7)))


def tower_box(width: float, depth: float, height: float, *, span: float) -> Mesh:
    """A far building as a box of four textured sides; `span` metres of wall for one tile, cut at whole floors."""
    u, v, r = width / span, height / span, depth / span
    corners = np.array(
        [
            [[0, 0, 0], [width, 0, 0], [width, 0, height], [0, 0, height]],
            [[width, 0, 0], [width, depth, 0], [width, depth, height], [width, 0, height]],
            [[width, depth, 0], [0, depth, 0], [0, depth, height], [width, depth, height]],
            [[0, depth, 0], [0, 0, 0], [0, 0, height], [0, depth, height]],
        ]
    )
    corners[2] = [[width, depth, 0], [0, depth, 0], [0, depth, height], [width, depth, height]]
    uvs = np.array([[[0, 0], [a, 0], [a, v], [0, v]] for a in (u, r, u, r)])
    return quads(corners, uvs=uvs)


def lid(width: float, depth: float, height: float) -> Mesh:
    """The flat top of a far building."""
    return panel((0, 0, height), (width, 0, 0), (0, depth, 0))


def merged_slots(buildings: Sequence[dict[str, Mesh]]) -> dict[str, Mesh]:
    """Several buildings' meshes, slot by slot."""
    slots: dict[str, list[Mesh]] = {}
    for building in buildings:
        for slot, mesh in building.items():
            slots.setdefault(slot, []).append(mesh)
    return {slot: merge(*meshes) for slot, meshes in slots.items()}
