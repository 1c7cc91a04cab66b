"""Furniture that rooms need and the catalogue of display things lacks: kitchens, baths, wardrobes, pedestals, lamps.

Same convention as the catalogue: base at z = 0, height 1, centred, front towards -y, and sizes that are true for
every seed, so that what stands on a top stands exactly. Lengths below are metres before `standing` scales them.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.masonry import slabs, tinted
from reflet.render.scene import Mesh
from reflet.render.shapes import box, cylinder, lathe, merge, sphere, transform, tube

FURNITURE = frozenset({"furniture"})
WOODEN = ("wood",)
PAINTED = ("wood", "wood", "painted metal")
UPRIGHT = (np.pi / 2, 0.0, 0.0)


def _solid(size: tuple[float, float, float], center: tuple[float, float, float], bevel: float = 0.0) -> Mesh:
    return box(size, center=center, bevel=bevel)


def _legs(x: float, y: float, height: float, thickness: float) -> list[Mesh]:
    return [_solid((thickness, thickness, height), (sx * x, sy * y, height / 2)) for sx in (-1, 1) for sy in (-1, 1)]


def _fronts(width: float, depth: float, low: float, high: float, *, columns: int, rows: int) -> tuple[Mesh, Mesh]:
    """Doors or drawers over a cabinet's front, 1.5 cm proud, and their handles."""
    w, h = width / columns, (high - low) / rows
    cells = [((c + 0.5) * w - width / 2, low + (r + 0.5) * h) for c in range(columns) for r in range(rows)]
    doors = [_solid((w - 0.02, 0.02, h - 0.02), (x, -depth / 2 - 0.01, z)) for x, z in cells]
    if rows > 1:
        pulls = [_solid((min(0.14, w * 0.4), 0.02, 0.018), (x, -depth / 2 - 0.035, z)) for x, z in cells]
    else:
        side = [1 if c % 2 == 0 else -1 for c in range(columns)]
        pulls = [
            _solid((0.018, 0.02, min(0.16, h * 0.3)), (x + s * (w / 2 - 0.06), -depth / 2 - 0.035, z))
            for (x, z), s in zip(cells, side, strict=True)
        ]
    return merge(*doors), merge(*pulls)


# ---------------------------------------------------------------------------------------------- tables and chests
@standing
def _coffee_table(rng: Generator) -> list[BuiltPart]:
    top = _solid((1.1, 0.6, 0.04), (0, 0, 0.40), 0.012)
    if rng.random() < 0.5:
        shelf = [_solid((0.98, 0.48, 0.025), (0, 0, 0.14))]
        return [BuiltPart(merge(top, *_legs(0.48, 0.24, 0.40, 0.05), *shelf))]
    frame = [_solid((0.03, 0.5, 0.03), (s * 0.44, 0, 0.015)) for s in (-1, 1)]
    return [BuiltPart(top), BuiltPart(merge(*_legs(0.44, 0.235, 0.40, 0.03), *frame), "iron")]


@standing
def _dining_table(rng: Generator) -> list[BuiltPart]:
    top = _solid((1.8, 0.9, 0.045), (0, 0, 0.7275), 0.015)
    if rng.random() < 0.6:
        apron = [_solid((1.6, 0.03, 0.09), (0, s * 0.37, 0.66)) for s in (-1, 1)]
        return [BuiltPart(merge(top, *_legs(0.8, 0.37, 0.71, 0.075), *apron))]
    trestles = [_solid((0.08, 0.6, 0.7), (s * 0.6, 0, 0.35), 0.02) for s in (-1, 1)]
    return [BuiltPart(merge(top, *trestles, _solid((1.2, 0.05, 0.1), (0, 0, 0.25))))]


@standing
def _nightstand(rng: Generator) -> list[BuiltPart]:
    rows = int(rng.integers(1, 3))
    doors, pulls = _fronts(0.44, 0.4, 0.14, 0.47, columns=1, rows=rows + 1)
    body = _solid((0.46, 0.4, 0.38), (0, 0, 0.31), 0.01)
    return [BuiltPart(merge(body, doors, *_legs(0.19, 0.16, 0.14, 0.04))), BuiltPart(pulls, "brass")]


@standing
def _sideboard(rng: Generator) -> list[BuiltPart]:
    doors, pulls = _fronts(1.56, 0.42, 0.2, 0.76, columns=int(rng.integers(3, 5)), rows=int(rng.integers(1, 3)))
    body = _solid((1.6, 0.42, 0.6), (0, 0, 0.48), 0.01)
    slot = "brass" if rng.random() < 0.5 else "iron"
    return [BuiltPart(merge(body, doors, *_legs(0.7, 0.16, 0.2, 0.04))), BuiltPart(pulls, slot)]


@standing
def _chest(rng: Generator) -> list[BuiltPart]:
    doors, pulls = _fronts(0.96, 0.46, 0.08, 0.92, columns=int(rng.integers(1, 3)), rows=4)
    return [BuiltPart(merge(_solid((1.0, 0.46, 0.95), (0, 0, 0.475), 0.01), doors)), BuiltPart(pulls, "brass")]


@standing
def _wardrobe(rng: Generator) -> list[BuiltPart]:
    columns = int(rng.integers(2, 4))
    doors, pulls = _fronts(1.36, 0.58, 0.08, 1.96, columns=columns, rows=1)
    cornice = _solid((1.46, 0.62, 0.06), (0, 0, 2.02), 0.015)
    return [BuiltPart(merge(_solid((1.4, 0.58, 1.99), (0, 0, 0.995), 0.01), doors, cornice)), BuiltPart(pulls, "brass")]


@standing
def _bookcase(rng: Generator) -> list[BuiltPart]:
    """A tall open case full of books; each row of books is one run of slabs with vertex colours."""
    width, depth, height, shelves = 1.0, 0.3, 2.1, 6
    sides = [_solid((0.03, depth, height), (s * (width / 2 - 0.015), 0, height / 2)) for s in (-1, 1)]
    levels = np.linspace(0.06, height - 0.02, shelves + 1)
    boards = [_solid((width - 0.06, depth, 0.025), (0, 0, z)) for z in levels]
    back = _solid((width - 0.06, 0.015, height), (0, depth / 2 - 0.0075, height / 2))
    rows = [_book_row(rng, width - 0.08, z + 0.0125, float(levels[1] - levels[0]) - 0.05, depth) for z in levels[:-1]]
    return [BuiltPart(merge(*sides, *boards, back)), BuiltPart(merge(*rows), "paper")]


def _book_row(rng: Generator, width: float, z: float, room: float, depth: float) -> Mesh:
    """Books standing side by side from the left, until three quarters or all of the row is full."""
    thickness = rng.uniform(0.022, 0.055, 60)
    ends = np.cumsum(thickness)
    count = int(np.searchsorted(ends, width * (1.0 if rng.random() < 0.7 else rng.uniform(0.5, 0.9))))
    thickness, starts = thickness[:count], (ends - thickness)[:count] - width / 2
    heights = rng.uniform(0.62, 0.96, count) * room
    deep = rng.uniform(0.6, 0.8, count) * depth
    covers = BOOK_COLORS[rng.integers(0, len(BOOK_COLORS), count)] * rng.uniform(0.7, 1.15, (count, 1))
    sizes = np.stack([thickness * 0.94, deep, heights], -1)
    centers = np.stack([starts + thickness / 2, depth * 0.38 - deep / 2, z + heights / 2], -1)
    return tinted(slabs(sizes, centers), np.clip(covers, 0, 1))


BOOK_COLORS = np.array(
    [
        [0.30, 0.03, 0.03],
        [0.02, 0.08, 0.22],
        [0.03, 0.14, 0.06],
        [0.45, 0.30, 0.12],
        [0.55, 0.50, 0.40],
        [0.10, 0.05, 0.03],
        [0.03, 0.20, 0.24],
        [0.40, 0.13, 0.03],
        [0.16, 0.04, 0.16],
        [0.60, 0.56, 0.50],
    ]
)


# ---------------------------------------------------------------------------------------------- kitchen and bath
@standing
def _counter(rng: Generator) -> list[BuiltPart]:
    """A kitchen base unit, 0.6 m wide."""
    rows = int(rng.integers(1, 4))
    doors, pulls = _fronts(0.6, 0.58, 0.1, 0.86, columns=1, rows=rows)
    body = merge(_solid((0.6, 0.56, 0.76), (0, 0.01, 0.48)), doors)
    plinth = _solid((0.6, 0.5, 0.1), (0, 0.04, 0.05))
    top = _solid((0.6, 0.62, 0.04), (0, -0.01, 0.88))
    return [BuiltPart(body), BuiltPart(pulls, "steel"), BuiltPart(plinth, "black"), BuiltPart(top, "stone")]


@standing
def _sink_unit(rng: Generator) -> list[BuiltPart]:
    doors, pulls = _fronts(0.6, 0.58, 0.1, 0.86, columns=2, rows=1)
    body = merge(_solid((0.6, 0.56, 0.76), (0, 0.01, 0.48)), doors)
    rim = [_solid((0.6, 0.1, 0.04), (0, s, 0.88)) for s in (-0.27, 0.25)]
    rim += [_solid((0.07, 0.42, 0.04), (s * 0.265, -0.01, 0.88)) for s in (-1, 1)]
    basin = _solid((0.46, 0.42, 0.01), (0, -0.01, 0.861))
    arc = np.array([[0, 0.22, 0.9], [0, 0.22, 1.12], [0, 0.17, 1.2], [0, 0.08, 1.2], [0, 0.04, 1.14]])
    tap = tube(arc, 0.014, sides=8)
    return [
        BuiltPart(body),
        BuiltPart(pulls, "steel"),
        BuiltPart(_solid((0.6, 0.5, 0.1), (0, 0.04, 0.05)), "black"),
        BuiltPart(merge(*rim), "stone"),
        BuiltPart(basin, "steel"),
        BuiltPart(tap, "chrome"),
    ]


@standing
def _stove(rng: Generator) -> list[BuiltPart]:
    body = _solid((0.6, 0.6, 0.88), (0, 0, 0.44), 0.008)
    window = _solid((0.42, 0.01, 0.3), (0, -0.303, 0.42))
    handle = _solid((0.44, 0.03, 0.025), (0, -0.33, 0.64))
    knobs = [
        transform(cylinder(0.022, 0.03, segments=12), rotate=UPRIGHT, translate=(x, -0.30, 0.76))
        for x in (-0.2, -0.07, 0.07, 0.2)
    ]
    hob = _solid((0.56, 0.54, 0.02), (0, 0, 0.89))
    rings = [cylinder(0.085, 0.012, base=(x, y, 0.90), segments=16) for x in (-0.14, 0.14) for y in (-0.13, 0.13)]
    return [
        BuiltPart(body),
        BuiltPart(merge(window, hob), "dark glass"),
        BuiltPart(merge(handle, *knobs), "chrome"),
        BuiltPart(merge(*rings), "iron"),
    ]


@standing
def _fridge(rng: Generator) -> list[BuiltPart]:
    body = _solid((0.59, 0.62, 1.8), (0, 0.02, 0.9), 0.02)
    split = float(rng.choice([0.62, 1.25]))
    doors = [
        _solid((0.585, 0.03, b - a - 0.015), (0, -0.3, (a + b) / 2), 0.008) for a, b in ((0.02, split), (split, 1.79))
    ]
    pulls = [_solid((0.025, 0.035, 0.4), (-0.23, -0.335, z), 0.008) for z in (split - 0.26, split + 0.26)]
    return [BuiltPart(merge(body, *doors)), BuiltPart(merge(*pulls), "chrome")]


@standing
def _bathtub(rng: Generator) -> list[BuiltPart]:
    """A free-standing tub: an oval turned profile, stretched."""
    profile = [
        (0, 0),
        (0.66, 0),
        (0.84, 0.3),
        (0.95, 0.56),
        (1.0, 0.6),
        (0.97, 0.61),
        (0.9, 0.57),
        (0.78, 0.28),
        (0.6, 0.14),
        (0, 0.12),
    ]
    tub = transform(lathe(profile, segments=36), scale=(0.85, 0.40, 1.0))
    tap = tube(
        np.array([[0.0, 0.42, 0], [0.0, 0.42, 0.82], [0.0, 0.36, 0.88], [0, 0.24, 0.88], [0, 0.2, 0.82]]),
        0.018,
        sides=8,
    )
    water = transform(cylinder(0.84, 0.01, base=(0, 0, 0.42), segments=28), scale=(0.85, 0.40, 1.0))
    parts = [BuiltPart(tub), BuiltPart(tap, "chrome")]
    return [*parts, BuiltPart(water, "water")] if rng.random() < 0.4 else parts


@standing
def _washbasin(rng: Generator) -> list[BuiltPart]:
    doors, pulls = _fronts(0.86, 0.46, 0.28, 0.76, columns=2, rows=int(rng.integers(1, 3)))
    cabinet = merge(_solid((0.9, 0.46, 0.52), (0, 0, 0.52), 0.008), doors, *_legs(0.4, 0.18, 0.27, 0.05))
    profile = [(0, 0.79), (0.5, 0.79), (0.86, 0.86), (0.98, 0.92), (1.0, 0.93), (0.94, 0.92), (0.7, 0.86), (0, 0.83)]
    bowl = transform(lathe(profile, segments=28), scale=(0.26, 0.19, 1.0), translate=(0, -0.01, 0))
    tap = tube(np.array([[0, 0.19, 0.78], [0, 0.19, 1.0], [0, 0.14, 1.05], [0, 0.05, 1.02]]), 0.014, sides=8)
    return [
        BuiltPart(cabinet),
        BuiltPart(_solid((0.92, 0.48, 0.02), (0, -0.005, 0.785)), "stone"),
        BuiltPart(bowl, "white"),
        BuiltPart(merge(tap), "chrome"),
        BuiltPart(pulls, "chrome"),
    ]


@standing
def _toilet(rng: Generator) -> list[BuiltPart]:
    profile = [(0, 0), (0.72, 0), (0.62, 0.16), (0.8, 0.32), (1.0, 0.4), (1.0, 0.42), (0, 0.42)]
    bowl = transform(lathe(profile, segments=24), scale=(0.19, 0.25, 1.0), translate=(0, -0.1, 0))
    lid = transform(
        cylinder(1.0, 0.03, base=(0, 0, 0.42), segments=24), scale=(0.195, 0.255, 1.0), translate=(0, -0.1, 0)
    )
    tank = _solid((0.4, 0.18, 0.4), (0, 0.26, 0.6), 0.03)
    neck = _solid((0.24, 0.2, 0.4), (0, 0.2, 0.2), 0.02)
    button = cylinder(0.03, 0.015, base=(0, 0.26, 0.8), segments=12)
    return [BuiltPart(merge(bowl, lid, tank, neck)), BuiltPart(button, "chrome")]


# ---------------------------------------------------------------------------------------------- lamps and show
@standing
def _floor_lamp(rng: Generator) -> list[BuiltPart]:
    foot = cylinder(0.15, 0.03, bevel=0.008, segments=24)
    pole = cylinder(0.013, 1.3, base=(0, 0, 0.03), segments=8)
    top = float(rng.uniform(0.12, 0.19))
    shade = lathe([(0.21, 1.22), (top, 1.56)], segments=24)
    inner = lathe([(top - 0.005, 1.56), (0.205, 1.22)], segments=24)
    bulb = sphere(0.05, center=(0, 0, 1.38), segments=12, rings=8)
    return [BuiltPart(merge(foot, pole)), BuiltPart(merge(shade, inner), "shade"), BuiltPart(bulb, "bulb")]


@standing
def _pedestal(rng: Generator) -> list[BuiltPart]:
    return [BuiltPart(_solid((0.42, 0.42, 1.0), (0, 0, 0.5), 0.006))]


@standing
def _bench(rng: Generator) -> list[BuiltPart]:
    seat = _solid((1.5, 0.5, 0.1), (0, 0, 0.42), 0.025)
    legs = [_solid((0.05, 0.46, 0.37), (s * 0.6, 0, 0.185)) for s in (-1, 1)]
    return [BuiltPart(seat), BuiltPart(merge(*legs), "iron")]


@standing
def _fireplace(rng: Generator) -> list[BuiltPart]:
    """A mantelpiece against the wall with a fire in it."""
    sides = [_solid((0.28, 0.34, 1.0), (s * 0.56, 0, 0.5), 0.012) for s in (-1, 1)]
    lintel = _solid((1.4, 0.34, 0.26), (0, 0, 0.87), 0.012)
    mantel = _solid((1.6, 0.42, 0.06), (0, -0.02, 1.03), 0.012)
    back = _solid((0.84, 0.04, 0.76), (0, 0.14, 0.38))
    hearth = _solid((0.84, 0.32, 0.03), (0, 0, 0.015))
    logs = [
        transform(
            cylinder(0.045, 0.5, segments=10),
            rotate=(0, np.pi / 2, float(a)),
            translate=(-0.25 * np.cos(a), -0.25 * np.sin(a), z),
        )
        for a, z in ((0.1, 0.075), (-0.15, 0.16), (0.35, 0.075))
    ]
    flames = []
    for _ in range(6):
        x, h = float(rng.uniform(-0.2, 0.2)), float(rng.uniform(0.2, 0.42))
        flames.append(
            transform(
                lathe([(0, 0), (0.055, 0.12 * h), (0.04, 0.5 * h), (0, h)], segments=10),
                translate=(x, float(rng.uniform(-0.05, 0.06)), 0.14),
            )
        )
    return [
        BuiltPart(merge(*sides, lintel, mantel)),
        BuiltPart(merge(back, hearth), "black"),
        BuiltPart(merge(*logs), "bark"),
        BuiltPart(merge(*flames), "flame"),
    ]


def _item(
    name: str,
    build,
    height: float,
    materials: tuple[str, ...],
    *,
    rests: tuple[Rest, ...] = (),
    plural: str | None = None,
    **more,
) -> CatalogueItem:
    return CatalogueItem(
        name=name,
        plural=plural or name + "s",
        build=build,
        height=1.0,
        real_height=height,
        materials=materials,
        tags=more.pop("tags", FURNITURE),
        rests=rests,
        **more,
    )


def _top(height: float, x: float, y: float) -> tuple[Rest, ...]:
    """The flat top of a thing `height` metres high, with half sides in metres."""
    return (Rest("top", 1.0, x / height, y / height),)


FURNISHINGS: dict[str, CatalogueItem] = {
    item.name: item
    for item in (
        _item("coffee table", _coffee_table, 0.42, ("wood", "wood", "marble"), rests=_top(0.42, 0.5, 0.27)),
        _item("dining table", _dining_table, 0.75, ("wood", "wood", "wood", "marble"), rests=_top(0.75, 0.86, 0.41)),
        _item("nightstand", _nightstand, 0.5, PAINTED, rests=_top(0.5, 0.2, 0.17), synonyms=("bedside table",)),
        _item("sideboard", _sideboard, 0.78, PAINTED, rests=_top(0.78, 0.76, 0.18), synonyms=("low cabinet",)),
        _item("chest of drawers", _chest, 0.95, PAINTED, rests=_top(0.95, 0.46, 0.2), plural="chests of drawers"),
        _item("wardrobe", _wardrobe, 2.05, PAINTED, synonyms=("closet",)),
        _item("bookcase", _bookcase, 2.1, WOODEN, synonyms=("bookshelf full of books",)),
        _item("kitchen cabinet", _counter, 0.9, ("wood", "painted metal"), rests=_top(0.9, 0.29, 0.26)),
        _item("kitchen sink", _sink_unit, 1.22, ("wood", "painted metal")),
        _item("stove", _stove, 0.912, ("steel", "painted metal"), synonyms=("oven",)),
        _item("fridge", _fridge, 1.8, ("steel", "painted metal"), synonyms=("refrigerator",)),
        _item(
            "bathtub",
            _bathtub,
            0.90,
            ("ceramic",),
            colors=("white", "white", "black", "pink", "light blue"),
            synonyms=("bath",),
        ),
        _item("washbasin", _washbasin, 1.06, ("wood", "painted metal"), synonyms=("bathroom sink",)),
        _item("toilet", _toilet, 0.815, ("ceramic",), colors=("white",)),
        _item(
            "floor lamp",
            _floor_lamp,
            1.56,
            ("steel", "gold", "painted metal", "wood"),
            tags=frozenset({"furniture", "light"}),
        ),
        _item("pedestal", _pedestal, 1.0, ("plastic",), colors=("white", "white", "black"), rests=_top(1.0, 0.2, 0.2)),
        _item("bench", _bench, 0.47, ("wood", "leather"), plural="benches", rests=_top(0.47, 0.7, 0.22)),
        _item(
            "fireplace",
            _fireplace,
            1.06,
            ("marble", "stone", "plastic", "wood"),
            rests=_top(1.06, 0.7, 0.12),
            colors=("white", "grey", "black"),
            tags=frozenset({"furniture", "light"}),
        ),
    )
}
