"""The bare room: floor, walls with their windows and doors, ceiling, skirting, curtains, and what lies outside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from reflet.render.families.interior_finish import Finish, paint
from reflet.render.families.interior_plan import Room, Wall
from reflet.render.masonry import Frame, Opening, joined, panel, pierced_wall, quads, reveals, slab, slabs
from reflet.render.scene import Array, Mesh, Surface
from reflet.render.shapes import icosphere
from reflet.render.site import Site, rectangle

REVEAL = 0.22  # thickness of the walls, metres
SKIRTING = 0.09


def build_shell(site: Site, room: Room, finish: Finish) -> None:
    """Add everything that does not move, and keep the floor before the doors free."""
    _floor_and_ceiling(site, room, finish)
    for name in ("left", "back", "right", "front"):
        _wall(site, room, room.walls[name], finish)  # type: ignore[index]
    if room.slope is not None:
        _attic(site, room, finish)
    if room.alcove is not None:
        _alcove(site, room, finish)


# ---------------------------------------------------------------------------------------------- floor and ceiling
def _laid(
    mesh: Mesh, origin: Sequence[float], x_axis: Sequence[float], y_axis: Sequence[float], z_axis: Sequence[float]
) -> Mesh:
    """A mesh drawn in a wall's own plane, on any plane: its axes mapped to the three given directions."""
    basis = np.array([x_axis, y_axis, z_axis], np.float64)
    return Mesh(np.asarray(mesh.vertices) @ basis + np.asarray(origin), mesh.faces, mesh.uvs, None, mesh.colors)


def _floor_and_ceiling(site: Site, room: Room, finish: Finish) -> None:
    w, d, h = room.width, room.depth, room.height
    site.build(finish.floor, panel((-w / 2, 0, 0), (w, 0, 0), (0, d, 0)))
    if room.slope is None:
        ceiling = pierced_wall(w, d, room.skylights, depth=0.35)
        axes = ((1, 0, 0), (0, 0, 1), (0, -1, 0))
        site.build(finish.ceiling, _laid(ceiling, (-w / 2, d, h), *axes))
        for window in room.skylights:
            site.build(finish.frame, _laid(window_bars(window, columns=3, rows=1, at=0.3), (-w / 2, d, h), *axes))
        return
    start = -w / 2 + room.slope[1]
    site.build(finish.ceiling, panel((start, d, h), (w / 2 - start, 0, 0), (0, -d, 0)))


def _attic(site: Site, room: Room, finish: Finish) -> None:
    assert room.slope is not None
    knee, run = room.slope
    rise = np.array([run, 0.0, room.height - knee])
    length = float(np.linalg.norm(rise))
    up = rise / length
    axes = ((0, 1, 0), (-up[2], 0, up[0]), tuple(up))
    origin = (-room.width / 2, 0, knee)
    site.build(finish.ceiling, _laid(pierced_wall(room.depth, length, room.skylights, depth=0.2), origin, *axes))
    for window in room.skylights:
        site.build(finish.frame, _laid(window_bars(window, columns=1, rows=1, at=0.12), origin, *axes))
    beams = np.array([[0.09, 0.12, length]])
    spots = np.array([[y, -0.06, length / 2] for y in np.linspace(0.15, room.depth - 0.15, 4) if not any(
        s.start - 0.1 < y < s.end + 0.1 for s in room.skylights)]).reshape(-1, 3)  # fmt: skip
    if len(spots):
        site.build(finish.beam, _laid(slabs(np.repeat(beams, len(spots), 0), spots), origin, *axes))


# ---------------------------------------------------------------------------------------------- walls
def _wall(site: Site, room: Room, wall: Wall, finish: Finish) -> None:
    surface = finish.accent if wall.name in finish.accent_walls else finish.wall
    holes: tuple[Opening, ...] = wall.windows
    if wall.name == "back" and room.alcove is not None:
        holes = (*holes, room.alcove)
    plain = pierced_wall(wall.length, wall.height, holes, depth=0.0)
    site.build(surface, wall.frame.place(plain))
    for window in wall.windows:
        site.build(finish.ceiling, wall.frame.place(reveals(window, REVEAL)))
        _window(site, wall.frame, window, finish)
    for door in wall.doors:
        _door(site, wall.frame, door, finish)
    _skirting(site, room, wall, finish)


def window_bars(window: Opening, *, columns: int, rows: int, at: float, bar: float = 0.055) -> Mesh:
    """Frame and glazing bars of a window, `at` metres behind the wall's face."""
    a, b, s, h = window.start, window.end, window.sill, window.head
    sizes, centers = [], []
    for x in np.linspace(a, b, columns + 1):
        edge = bar / 2 * (x <= a) - bar / 2 * (x >= b)
        sizes.append((bar, bar, h - s))
        centers.append((x + edge, at, (s + h) / 2))
    for z in np.linspace(s, h, rows + 1):
        edge = bar / 2 * (z <= s) - bar / 2 * (z >= h)
        sizes.append((b - a, bar * 0.9, bar))
        centers.append(((a + b) / 2, at, z + edge))
    return slabs(np.array(sizes), np.array(centers))


def _window(site: Site, frame: Frame, window: Opening, finish: Finish) -> None:
    columns = max(1, round(window.width / finish.pane_width))
    rows = 2 if finish.pane_rows == 2 and window.height < 2.3 else max(1, min(finish.pane_rows, 3))
    site.build(finish.frame, frame.place(window_bars(window, columns=columns, rows=rows, at=REVEAL * 0.7)))
    if window.sill > 0.3:
        board = slab(
            (window.width + 0.16, 0.14 + REVEAL * 0.5, 0.035), (window.middle, REVEAL * 0.2, window.sill + 0.0)
        )
        site.build(finish.trim, frame.place(board))


def _door(site: Site, frame: Frame, door: Opening, finish: Finish) -> None:
    w, h, mid = door.width, door.head, door.middle
    leaf = slab((w - 0.06, 0.04, h - 0.03), (mid, -0.02, h / 2))
    fields = slabs(
        np.array([[w * 0.62, 0.02, h * 0.36], [w * 0.62, 0.02, h * 0.36]]),
        np.array([[mid, -0.045, h * 0.27], [mid, -0.045, h * 0.72]]),
    )
    casing = slabs(
        np.array([[0.09, 0.06, h + 0.09], [0.09, 0.06, h + 0.09], [w + 0.18, 0.06, 0.09]]),
        np.array([[mid - w / 2, -0.03, h / 2 + 0.045], [mid + w / 2, -0.03, h / 2 + 0.045], [mid, -0.03, h + 0.045]]),
    )
    handle = slabs(
        np.array([[0.12, 0.03, 0.03], [0.03, 0.06, 0.03]]),
        np.array([[mid + w * 0.33, -0.09, 1.02], [mid + w * 0.38, -0.06, 1.02]]),
    )
    site.build(finish.door, frame.place(joined(leaf, fields)))
    site.build(finish.trim, frame.place(casing))
    site.build(finish.metal, frame.place(handle))
    corners = np.array(
        [
            frame.point(door.start, 0.02),
            frame.point(door.end, 0.02),
            frame.point(door.end, 0.75),
            frame.point(door.start, 0.75),
        ]
    )
    site.kept.append(_outline(corners))


def _outline(corners: Array):
    low, high = corners.min(0), corners.max(0)
    return rectangle(low[0], high[0], low[1], high[1])


def _skirting(site: Site, room: Room, wall: Wall, finish: Finish) -> None:
    cuts = [(door.start - 0.05, door.end + 0.05) for door in wall.doors]
    cuts += [(window.start, window.end) for window in wall.windows if window.sill < SKIRTING]
    if wall.name == "back" and room.alcove is not None:
        cuts.append((room.alcove.start, room.alcove.end))
    edges = [0.0, *(v for cut in sorted(cuts) for v in cut), wall.length]
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if b - a > 0.05:
            board = slab((b - a, 0.018, SKIRTING), ((a + b) / 2, -0.009, SKIRTING / 2))
            site.build(finish.trim, wall.frame.place(board))


def _alcove(site: Site, room: Room, finish: Finish) -> None:
    assert room.alcove is not None
    hole, depth = room.alcove, room.alcove_depth
    frame = room.walls["back"].frame
    inner = Frame(frame.point(hole.start, -depth), frame.yaw)
    window = Opening(0.3, hole.width - 0.3, 0.6, hole.head - 0.2)
    sides = quads(
        np.array(
            [
                [
                    [hole.start, 0, 0],
                    [hole.start, depth, 0],
                    [hole.start, depth, hole.head],
                    [hole.start, 0, hole.head],
                ],
                [[hole.end, depth, 0], [hole.end, 0, 0], [hole.end, 0, hole.head], [hole.end, depth, hole.head]],
            ]
        )
    )
    top = quads(
        np.array(
            [
                [
                    [hole.start, depth, hole.head],
                    [hole.end, depth, hole.head],
                    [hole.end, 0, hole.head],
                    [hole.start, 0, hole.head],
                ]
            ]
        )
    )
    foot = frame.point(hole.start)
    site.build(finish.wall, frame.place(sides), inner.place(pierced_wall(hole.width, hole.head, [window], depth=0.0)))
    site.build(finish.ceiling, frame.place(top), inner.place(reveals(window, REVEAL)))
    site.build(finish.floor, panel((foot[0], foot[1], 0), (hole.width, 0, 0), (0, depth, 0)))
    _window(site, inner, window, finish)
    # A cushioned bench under the alcove's window: what alcoves are for.
    bench = slab((hole.width - 0.02, 0.5, 0.42), (hole.width / 2, -0.25, 0.21))
    site.build(finish.trim, inner.place(bench))
    cushion = slab((hole.width - 0.08, 0.46, 0.1), (hole.width / 2, -0.25, 0.47))
    site.build(finish.cushion, inner.place(cushion))


# ---------------------------------------------------------------------------------------------- curtains
def hang_curtains(site: Site, wall: Wall, surface: Surface, rod: Surface) -> None:
    """A pair of gathered curtains at each window of a wall; they stop above the sill board or near the floor."""
    for window in wall.windows:
        top = min(window.head + 0.18, wall.height - 0.04)
        bottom = 0.03 if window.sill < 1.0 else window.sill - 0.15
        reach = min(window.width * 0.22, 0.45)
        low, high = max(window.start - 0.22, 0.02), min(window.end + 0.22, wall.length - 0.02)
        left = _drape(site.rng, low, low + reach, bottom, top)
        right = _drape(site.rng, high - reach, high, bottom, top)
        site.build(surface, wall.frame.place(joined(left, right)))
        pole = slab((high - low + 0.1, 0.03, 0.03), ((low + high) / 2, -0.1, top + 0.015))
        site.build(rod, wall.frame.place(pole))


def _drape(rng: Generator, start: float, end: float, bottom: float, top: float, *, folds: int = 5) -> Mesh:
    """One gathered cloth: a sine in plan, hung 10 cm before the wall, fuller at its foot."""
    u = np.linspace(0, 1, folds * 6 + 1)
    heights = np.linspace(bottom, top, 4)
    depth = 0.035 * np.sin(u * folds * 2 * np.pi + rng.uniform(0, 6)) * (1 + 0.15 * np.sin(u * 9))
    grid_u, grid_z = np.meshgrid(u, heights)
    spread = 1.0 + 0.05 * (top - grid_z) / max(top - bottom, 0.1)
    middle = (start + end) / 2
    x = np.clip(middle + (start + grid_u * (end - start) - middle) * spread, 0.01, None)
    y = -0.1 - np.broadcast_to(depth, grid_u.shape) * spread
    vertices = np.stack([x, y, grid_z], -1).reshape(-1, 3)
    columns = len(u)
    first = (np.arange(len(heights) - 1)[:, None] * columns + np.arange(columns - 1)[None]).ravel()
    faces = np.concatenate(
        [
            np.stack([first, first + 1, first + columns + 1], -1),
            np.stack([first, first + columns + 1, first + columns], -1),
        ]
    )
    return Mesh(vertices, faces, np.stack([grid_u * 0.6, grid_z], -1).reshape(-1, 2))


# ---------------------------------------------------------------------------------------------- outside
def build_outside(site: Site, room: Room, rng: Generator) -> None:
    """What the windows show below the sky: a lawn with hedges and trees, or the roofs of houses across a street."""
    drop = float(rng.choice([0.4, 3.2, 6.5]))
    lawn = paint((0.045, 0.075, 0.022))
    outer = panel((-150, -150, -drop), (300, 0, 0), (0, 300, 0))
    site.build(lawn, outer)
    count = 26
    angle = (np.arange(count) + rng.uniform(0.1, 0.9, count)) * 2 * np.pi / count
    radius = rng.uniform(16, 45, count)
    size = np.stack([rng.uniform(5, 12, count), rng.uniform(5, 12, count), rng.uniform(1.5, 4.5, count) + drop], -1)
    center = np.stack([np.cos(angle) * radius, room.depth / 2 + np.sin(angle) * radius, size[:, 2] / 2 - drop], -1)
    green = rng.random(count) < 0.65
    houses = ~green
    if green.any():
        site.build(paint((0.025, 0.05, 0.016)), _bushes(rng, center[green] * [1, 1, 0] - [0, 0, drop], size[green]))
    if houses.any():
        site.build(paint((0.20, 0.165, 0.135)), slabs(size[houses], center[houses]))


def _bushes(rng: Generator, feet: Array, sizes: Array) -> Mesh:
    """Rounded masses of foliage: squashed octahedra, subdivided once, jittered."""
    ball = icosphere(subdivisions=2)
    meshes = []
    for foot, size in zip(feet, sizes, strict=True):
        vertices = np.asarray(ball.vertices) * (1 + rng.normal(0, 0.09, (len(ball.vertices), 1)))
        vertices = (
            vertices / np.abs(vertices).max() * [size[0] * 0.35, size[1] * 0.35, size[2] * 0.62]
            + foot
            + [0, 0, size[2] * 0.5]
        )
        meshes.append(Mesh(vertices, ball.faces, ball.uvs))
    return joined(*meshes)
