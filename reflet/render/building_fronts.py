"""House fronts: walls around real window openings, doors, shops with awnings, balconies. One window: 24 triangles."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.building_style import Detail, Elevation, Storeys, Style
from reflet.render.masonry import panel, quads, slab, slabs
from reflet.render.scene import Array


def add_front(e: Elevation, style: Style, storeys: Storeys, rng: Generator, *, width: float, detail: Detail) -> None:
    """One side of a house, its windows in bays and rows, its ground floor a shop, a door or more windows."""
    first, floor, floors, ground = storeys.first, storeys.height, storeys.count, storeys.ground
    bays = max(1, round(width / rng.uniform(*style.bay)))
    bay = width / bays
    w, h = style.window[0] * bay, style.window[1] * floor
    columns = (np.arange(bays) + 0.5) * bay
    rows = first + np.arange(floors - 1) * floor + (floor - h) * (0.62 if h / floor < 0.7 else 0.5)
    if ground in ("same", "door"):
        rows = np.concatenate([[(floor - h) * 0.62], rows])
    low = 0.0 if ground in ("same", "door") else first
    _wall_around(e, columns, rows, width=width, low=low, high=storeys.top, window=(w, h))
    x, z = (grid.ravel() for grid in np.meshgrid(columns, rows))
    if ground == "door":
        door = int(rng.integers(bays))
        keep = ~((np.arange(len(x)) == door) & (z < first))
        _door(e, columns[door], w, float(rows[0]) + h, style.recess)
        x, z = x[keep], z[keep]
    windows(e, x, z, style, rng, size=(w, h), detail=detail)
    if ground in ("shop", "arcade"):
        _shop(e, width, first, rng, detail=detail, awnings=ground == "shop")
    if style.bands:
        levels = first + np.arange(floors - 1) * floor
        count = len(levels)
        e.add(
            "trim",
            slabs(
                np.tile([width, 0.12, 0.16], (count, 1)),
                np.stack([np.full(count, width / 2), np.full(count, -0.06), levels], -1),
            ),
        )
    if detail == "near" and style.balconies and floors > 2:
        _balconies(e, style, columns, rows[1:], rng, window=w, bay=bay)


def _wall_around(
    e: Elevation, columns: Array, rows: Array, *, width: float, low: float, high: float, window: tuple[float, float]
) -> None:
    """The wall as full strips between rows of windows and piers between windows."""
    w, h = window
    edges = np.concatenate([[low], *([z, z + h] for z in rows), [high]])
    strips = [(0.0, width, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    sides = np.concatenate([[0.0], *([x - w / 2, x + w / 2] for x in columns), [width]])
    piers = [(a, b, z, z + h) for z in rows for a, b in zip(sides[::2], sides[1::2], strict=True)]
    cells = np.array(strips + piers)
    x0, x1, z0, z1 = cells.T
    zero = np.zeros(len(cells))
    corners = np.stack([np.stack(c, -1) for c in ((x0, zero, z0), (x1, zero, z0), (x1, zero, z1), (x0, zero, z1))], 1)
    e.add("wall", quads(corners, uvs=corners[..., [0, 2]]))


def windows(
    e: Elevation, x: Array, z: Array, style: Style, rng: Generator, *, size: tuple[float, float], detail: Detail
) -> None:
    """Windows of one size with their middles at `x` and sills at `z` (N,): reveals, panes, bars, sills, shutters."""
    w, h = size
    count = len(x)
    if count == 0:
        return
    d = style.recess if detail != "far" else -0.01

    def rectangle(x0: Array, x1: Array, z0: Array, z1: Array, y: Array) -> Array:
        corners = [np.stack(corner, -1) for corner in ((x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1))]
        return np.stack(corners, 1)

    a, b, s, t = x - w / 2, x + w / 2, z, z + h
    zero, deep = np.zeros(count), np.full(count, d)

    def at(px: Array, py: Array, pz: Array) -> Array:
        return np.stack([px, py, pz], -1)

    jambs = [
        np.stack([at(a, zero, s), at(a, deep, s), at(a, deep, t), at(a, zero, t)], 1),
        np.stack([at(b, deep, s), at(b, zero, s), at(b, zero, t), at(b, deep, t)], 1),
        np.stack([at(a, zero, s), at(b, zero, s), at(b, deep, s), at(a, deep, s)], 1),
        np.stack([at(a, deep, t), at(b, deep, t), at(b, zero, t), at(a, zero, t)], 1),
    ]
    if detail != "far":
        e.add("wall", quads(np.concatenate(jambs)))
    lit = np.where(rng.random(count) < rng.uniform(0.25, 0.6), np.where(rng.random(count) < 0.8, 1, 2), 0)
    panes = rectangle(a, b, s, t, deep)
    for state, slot in enumerate(("glass", "warm", "cool")):
        if (lit == state).any():
            e.add(slot, quads(panes[lit == state]))
    if detail != "near":
        return
    blind = rng.random(count) < 0.35
    if blind.any():
        drop = h * rng.uniform(0.15, 0.8, count)
        e.add("blind", quads(rectangle(a, b, t - drop, t, deep - 0.015)[blind]))
    bar = 0.05
    frames = [
        rectangle(a + w * k / style.panes[0] - bar / 2, a + w * k / style.panes[0] + bar / 2, s, t, deep - 0.03)
        for k in range(style.panes[0] + 1)
    ]
    frames += [
        rectangle(a, b, s + h * k / style.panes[1] - bar / 2, s + h * k / style.panes[1] + bar / 2, deep - 0.03)
        for k in range(style.panes[1] + 1)
    ]
    e.add("frame", quads(np.concatenate(frames)))
    if style.surround:
        sills = slabs(np.tile([w + 0.3, 0.16, 0.08], (count, 1)), at(x, zero - 0.05, s - 0.04))
        lintels = slabs(np.tile([w + 0.26, 0.08, 0.2], (count, 1)), at(x, zero - 0.03, t + 0.1))
        e.add("trim", sills, lintels)
    if style.shutters:
        wide = w * 0.48
        both = np.concatenate(
            [at(a - wide / 2 - 0.02, zero - 0.03, (s + t) / 2), at(b + wide / 2 + 0.02, zero - 0.03, (s + t) / 2)]
        )
        e.add("shutter", slabs(np.tile([wide, 0.05, h], (2 * count, 1)), both))


def _door(e: Elevation, x: float, w: float, head: float, recess: float) -> None:
    """A door in place of a window: its bay's wall below the sill is covered by the leaf and a step."""
    w = max(w, 0.95)
    e.add("door", slab((w, 0.06, head), (x, -0.02, head / 2)))
    e.add(
        "trim",
        slabs(
            np.array([[0.12, 0.12, head + 0.14], [0.12, 0.12, head + 0.14], [w + 0.36, 0.16, 0.16]]),
            np.array(
                [
                    [x - w / 2 - 0.06, -0.05, head / 2 + 0.07],
                    [x + w / 2 + 0.06, -0.05, head / 2 + 0.07],
                    [x, -0.07, head + 0.1],
                ]
            ),
        ),
    )
    e.add("trim", slab((w + 0.4, 0.5, 0.14), (x, -0.25, 0.07)))
    e.add(
        "glass",
        quads(
            np.array(
                [
                    [
                        [x - w * 0.3, -0.055, head * 0.62],
                        [x + w * 0.3, -0.055, head * 0.62],
                        [x + w * 0.3, -0.055, head * 0.92],
                        [x - w * 0.3, -0.055, head * 0.92],
                    ]
                ]
            )
        ),
    )


def _shop(e: Elevation, width: float, height: float, rng: Generator, *, detail: Detail, awnings: bool) -> None:
    """A ground floor of shop windows between piers, with a sign over each and perhaps an awning."""
    count = max(1, round(width / rng.uniform(4.0, 6.0)))
    bay = width / count
    sign = 0.65
    e.add("trim", slab((width, 0.14, 0.22), (width / 2, -0.07, height - 0.11)))
    for k in range(count):
        a, b = k * bay + 0.25, (k + 1) * bay - 0.25
        e.add(
            "wall",
            quads(
                np.array(
                    [
                        [[k * bay, 0, 0], [a, 0, 0], [a, 0, height], [k * bay, 0, height]],
                        [[b, 0, 0], [(k + 1) * bay, 0, 0], [(k + 1) * bay, 0, height], [b, 0, height]],
                    ]
                )
            ),
        )
        head = height - 0.22 - sign
        e.add("door", slab((b - a, 0.12, 0.5), ((a + b) / 2, 0.14, 0.25)))
        if detail == "near" and rng.random() < 0.6:
            _display(e, a, b, head, rng)
        else:
            e.add(
                "shop light" if rng.random() < 0.6 else "glass", panel((a, 0.2, 0.5), (b - a, 0, 0), (0, 0, head - 0.5))
            )
        e.add(
            "wall",
            quads(
                np.array(
                    [
                        [[a, 0, 0], [a, 0.2, 0], [a, 0.2, height], [a, 0, height]],
                        [[b, 0.2, 0], [b, 0, 0], [b, 0, height], [b, 0.2, height]],
                    ]
                )
            ),
        )
        e.add(f"sign {int(rng.integers(4))}", slab((b - a + 0.1, 0.16, sign), ((a + b) / 2, -0.02, head + sign / 2)))
        if detail == "near":
            posts = np.linspace(a, b, max(2, round((b - a) / 1.4)) + 1)
            e.add(
                "frame",
                slabs(
                    np.tile([0.07, 0.08, head - 0.5], (len(posts), 1)),
                    np.stack([posts, np.full(len(posts), 0.17), np.full(len(posts), (head + 0.5) / 2)], -1),
                ),
            )
        if awnings and rng.random() < 0.5:
            _awning(e, rng, start=a - 0.05, end=b + 0.05, top=head + 0.1)


def _display(e: Elevation, a: float, b: float, head: float, rng: Generator) -> None:
    """An open shop window: a lit niche with goods on two shelves."""
    deep, low = 1.0, 0.5

    def at(x: float, y: float, z: float) -> list[float]:
        return [x, y, z]

    box = [
        [at(a, 0.2, low), at(b, 0.2, low), at(b, deep, low), at(a, deep, low)],
        [at(a, 0.2, low), at(a, deep, low), at(a, deep, head), at(a, 0.2, head)],
        [at(b, deep, low), at(b, 0.2, low), at(b, 0.2, head), at(b, deep, head)],
    ]
    e.add("blind", quads(np.array(box)))
    e.add("shop ceiling", quads(np.array([[at(a, deep, head), at(b, deep, head), at(b, 0.2, head), at(a, 0.2, head)]])))
    e.add("shop back", panel((a, deep, low), (b - a, 0, 0), (0, 0, head - low)))
    for shelf in (low, low + 0.95):
        count = int(rng.integers(3, 8))
        x = a + (np.arange(count) + rng.uniform(0.25, 0.75, count)) * (b - a) / count
        size = np.stack([rng.uniform(0.12, 0.4, count), np.full(count, 0.2), rng.uniform(0.15, 0.65, count)], -1)
        size[:, 0] = np.minimum(size[:, 0], 0.5 * (b - a) / count)
        centers = np.stack([x, np.full(count, 0.62), shelf + size[:, 2] / 2 + 0.02], -1)
        for k in range(3):
            if len(x[k::3]):
                e.add(f"goods {(k + count) % 4}", slabs(size[k::3], centers[k::3]))
        e.add("frame", slab((b - a, 0.35, 0.03), ((a + b) / 2, 0.65, shelf)))


def _awning(e: Elevation, rng: Generator, *, start: float, end: float, top: float) -> None:
    """A sloping striped cloth with a valance."""
    a, b, reach, color = start, end, float(rng.uniform(0.9, 1.5)), int(rng.integers(3))
    drop = reach * 0.45
    stripes = max(4, round((b - a) / 0.4))
    edges = np.linspace(a, b, stripes + 1)
    x0, x1 = edges[:-1], edges[1:]

    def at(px: Array, py: float, pz: float) -> Array:
        return np.stack([px, np.full(stripes, py), np.full(stripes, pz)], -1)

    cloth = np.stack([at(x0, -reach, top - drop), at(x1, -reach, top - drop), at(x1, 0.0, top), at(x0, 0.0, top)], 1)
    valance = np.stack(
        [
            at(x0, -reach, top - drop - 0.22),
            at(x1, -reach, top - drop - 0.22),
            at(x1, -reach, top - drop),
            at(x0, -reach, top - drop),
        ],
        1,
    )
    both = np.concatenate([cloth, valance])
    odd = np.tile(np.arange(stripes) % 2 == 1, 2)
    e.add(f"awning {color}", quads(both[~odd]))
    e.add("blind", quads(both[odd]))


def _balconies(
    e: Elevation, style: Style, columns: Array, rows: Array, rng: Generator, *, window: float, bay: float
) -> None:
    """Balconies at one column in two, or along a whole floor."""
    if rng.random() < 0.4 and len(rows) > 1:
        row = float(rows[int(rng.integers(len(rows)))])
        _balcony(e, float((columns[0] + columns[-1]) / 2), row, float(columns[-1] - columns[0] + bay * 0.8))
        return
    chosen = columns[int(rng.integers(2)) :: 2]
    for x in chosen:
        for z in rows:
            if rng.random() < style.balconies:
                _balcony(e, float(x), float(z), min(bay * 0.92, window + 0.7))


def _balcony(e: Elevation, x: float, sill: float, width: float) -> None:
    z, reach = sill - 0.35, 0.75
    e.add("trim", slab((width, reach, 0.12), (x, -reach / 2, z)))
    posts = np.arange(x - width / 2 + 0.04, x + width / 2, 0.28)
    bars = slabs(
        np.tile([0.03, 0.03, 0.9], (len(posts), 1)),
        np.stack([posts, np.full(len(posts), -reach + 0.03), np.full(len(posts), z + 0.5)], -1),
    )
    rail = slabs(
        np.array([[width, 0.05, 0.05], [0.05, reach, 0.05], [0.05, reach, 0.05]]),
        np.array(
            [
                [x, -reach + 0.03, z + 0.97],
                [x - width / 2 + 0.03, -reach / 2, z + 0.97],
                [x + width / 2 - 0.03, -reach / 2, z + 0.97],
            ]
        ),
    )
    e.add("metal", bars, rail)
