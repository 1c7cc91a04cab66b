"""Things on shelves and tables: lights, clocks, books, boxes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.food import flame
from reflet.render.catalogue.item import METALS, NOBLE_METALS, BuiltPart, CatalogueItem, Rest, standing
from reflet.render.catalogue.vessels import handle
from reflet.render.polygons import regular, rounded_rectangle
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    cylinder,
    extrude,
    lathe,
    loft,
    merge,
    rounded,
    scattered,
    sphere,
    spline,
    torus,
    transform,
    tube,
    vessel,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


def _wick(z: float) -> list[BuiltPart]:
    return [
        BuiltPart(tube([(0, 0, z - 0.02), (0.003, 0, z + 0.035)], 0.008, sides=6), "black"),
        BuiltPart(transform(flame(0.17), translate=(0.003, 0, z + 0.025)), "flame"),
    ]


@standing
def _candle(rng: Generator) -> list[BuiltPart]:
    radius, tall = rng.uniform(0.15, 0.24), rng.uniform(0.68, 0.85)
    profile = rounded(
        [(0, 0), (radius, 0), (radius, tall), (radius * 0.86, tall), (radius * 0.4, tall - 0.03), (0, tall - 0.035)],
        [0, 0.015, 0.02, 0.02, 0.05, 0],
    )
    return [BuiltPart(lathe(profile, segments=36)), *_wick(tall - 0.035)]


@standing
def _candlestick(rng: Generator) -> list[BuiltPart]:
    base, tall = rng.uniform(0.22, 0.27), 0.6
    profile = spline(
        [
            (base, 0),
            (base + 0.01, 0.02),
            (base * 0.6, 0.06),
            (0.05, 0.12),
            (0.045, 0.2),
            (0.075, 0.27),
            (0.04, 0.34),
            (0.036, 0.46),
            (0.07, 0.53),
            (0.12, 0.56),
            (0.13, tall),
        ],
        4,
    )
    stick = lathe(np.concatenate([[[0, 0]], profile, [[0.115, tall], [0.1, 0.575], [0, 0.575]]]), segments=36)
    wax = cylinder(0.055, rng.uniform(0.35, 0.5), base=(0, 0, 0.57), bevel=0.012, segments=24)
    return [BuiltPart(stick), BuiltPart(wax, "cream"), *_wick(float(wax.vertices[:, 2].max()))]


@standing
def _lantern(rng: Generator) -> list[BuiltPart]:
    sides = int(rng.choice([4, 6]))
    turn = np.pi / sides
    wide = rng.uniform(0.24, 0.28)

    def ring(radius: float, z: float) -> np.ndarray:
        return np.column_stack([regular(sides, radius, turn=turn), np.full(sides, z)])

    base = loft(np.stack([ring(wide * 1.15, 0), ring(wide * 1.15, 0.05), ring(wide, 0.07), ring(wide, 0.1)]))
    roof = loft(
        np.stack(
            [
                ring(wide * 1.22, 0.62),
                ring(wide * 1.22, 0.65),
                ring(wide * 0.5, 0.8),
                ring(wide * 0.4, 0.86),
                ring(wide * 0.16, 0.9),
            ]
        )
    )
    posts = [tube([(*p, 0.08), (*p, 0.64)], 0.018, sides=8) for p in regular(sides, wide * 0.96, turn=turn)]
    loop = transform(torus(0.08, 0.014, segments=28, sides=8), rotate=UPRIGHT, translate=(0, 0, 0.97))
    panes = loft(np.stack([ring(wide * 0.93, 0.1), ring(wide * 0.93, 0.62)]), caps=False)
    wax = cylinder(0.085, 0.2, base=(0, 0, 0.1), bevel=0.01, segments=24)
    return [
        BuiltPart(merge(base, roof, loop, *posts)),
        BuiltPart(panes, "clear glass"),
        BuiltPart(wax, "cream"),
        BuiltPart(transform(flame(0.16), translate=(0, 0, 0.31)), "flame"),
    ]


def _shade(low: float, high: float, z: float, tall: float) -> Mesh:
    return lathe(
        rounded([(low, z), (low + 0.012, z), (high + 0.012, z + tall), (high, z + tall), (low, z)], 0.0), segments=40
    )


@standing
def _table_lamp(rng: Generator) -> list[BuiltPart]:
    belly = rng.uniform(0.11, 0.2)
    styles = [
        [(0.2, 0), (0.21, 0.025), (0.07, 0.06), (belly, 0.24), (0.05, 0.47), (0.035, 0.56)],
        [(0.13, 0), (0.15, 0.02), (belly + 0.04, 0.2), (belly, 0.36), (0.06, 0.47), (0.035, 0.56)],
        [(0.2, 0), (0.21, 0.03), (0.05, 0.045), (0.03, 0.1), (0.03, 0.3), (0.03, 0.56)],
    ]
    foot = np.concatenate([[[0, 0]], spline(styles[rng.integers(3)], 5), [[0.02, 0.66], [0, 0.66]]])
    low, high = rng.uniform(0.3, 0.36), rng.uniform(0.16, 0.26)
    bulb = sphere(0.06, center=(0, 0, 0.7), segments=16, rings=10)
    return [
        BuiltPart(lathe(foot, segments=40)),
        BuiltPart(_shade(low, high, 0.56, 0.4), "shade"),
        BuiltPart(bulb, "bulb"),
    ]


@standing
def _desk_lamp(rng: Generator) -> list[BuiltPart]:
    elbow = np.array([rng.uniform(0.24, 0.3), 0, 0.52])
    top = np.array([-0.12, 0, rng.uniform(0.92, 1.0)])
    arms = [tube([(0, 0, 0.04), tuple(elbow)], 0.02, sides=9), tube([tuple(elbow), tuple(top)], 0.02, sides=9)]
    knots = [
        transform(cylinder(0.042, 0.07, base=(0, 0, -0.035), bevel=0.01, segments=18), rotate=UPRIGHT, translate=p)
        for p in (elbow, top)
    ]
    base = cylinder(0.2, 0.045, bevel=0.015, segments=36)
    hood = lathe(
        vessel(np.array([(0.05, 0.0), (0.07, 0.02), (0.1, 0.06), (0.16, 0.2), (0.165, 0.22)]), 0.01), segments=32
    )
    aim = {"rotate": (0, -2.45, 0), "translate": top + [-0.0, 0, 0.0]}
    bulb = transform(sphere(0.055, center=(0, 0, 0.15), segments=16, rings=10), **aim)
    return [BuiltPart(merge(base, *arms, *knots, transform(hood, **aim))), BuiltPart(bulb, "bulb")]


@standing
def _light_bulb(rng: Generator) -> list[BuiltPart]:
    glass = lathe(
        spline([(0.13, 0.27), (0.14, 0.34), (0.25, 0.53), (0.31, 0.72), (0.22, 0.93), (0, 1.0)], 6), segments=36
    )
    t = np.linspace(0, 1, 60)
    thread = tube(np.stack([0.14 * np.cos(25 * t), 0.14 * np.sin(25 * t), 0.07 + 0.17 * t], axis=1), 0.016, sides=6)
    cap = lathe([(0, 0), (0.05, 0), (0.07, 0.03), (0.135, 0.06), (0.135, 0.27), (0, 0.28)], segments=28)
    wire = tube(
        spline(
            [
                (-0.05, 0, 0.28),
                (-0.09, 0, 0.6),
                (-0.04, 0, 0.64),
                (0, 0, 0.58),
                (0.04, 0, 0.64),
                (0.09, 0, 0.6),
                (0.05, 0, 0.28),
            ],
            4,
        ),
        0.01,
        sides=6,
    )
    lie = {"rotate": (0, 1.2, 0)}
    parts = [(glass, "main"), (merge(cap, thread), "steel"), (wire, "brass")]
    return [BuiltPart(transform(mesh, **lie), slot) for mesh, slot in parts]


def _dial(radius: float, depth: float, rng: Generator) -> list[BuiltPart]:
    """Face, hour marks and hands of a clock in the xz plane, facing -y, centred on the origin."""
    face = transform(cylinder(radius, depth, segments=44), rotate=UPRIGHT)
    marks = []
    for hour in range(12):
        a = hour * np.pi / 6
        long = 0.16 if hour % 3 == 0 else 0.09
        mark = box((0.035 * radius / 0.4, 0.012, long * radius), center=(0, -depth - 0.004, radius * (0.9 - long / 2)))
        marks.append(transform(mark, rotate=(0, a, 0)))
    hour, minute = rng.uniform(0, 2 * np.pi), int(rng.integers(12)) * np.pi / 6
    for angle, length, wide in ((hour, 0.5, 0.07), (minute, 0.78, 0.05)):
        hand = box(
            (wide * radius, 0.012, length * radius), center=(0, -depth - 0.015, length * radius / 2 - 0.06 * radius)
        )
        marks.append(transform(hand, rotate=(0, angle, 0)))
    marks.append(transform(cylinder(0.06 * radius, 0.03, segments=14), rotate=UPRIGHT, translate=(0, -depth, 0)))
    return [BuiltPart(face, "white"), BuiltPart(merge(*marks), "black")]


def _moved(parts: list[BuiltPart], **how) -> list[BuiltPart]:  # noqa: ANN003
    return [BuiltPart(transform(part.mesh, **how), part.slot) for part in parts]


@standing
def _alarm_clock(rng: Generator) -> list[BuiltPart]:
    ring = rounded(
        [(0.0, 0.14), (0.39, 0.14), (0.42, 0.1), (0.42, -0.14), (0.37, -0.16), (0.37, -0.1), (0, -0.1)], 0.02, steps=2
    )
    case = transform(lathe(ring[::-1] * [1, 1], segments=48), rotate=(-np.pi / 2, 0, 0), translate=(0, 0, 0.5))
    case = transform(
        lathe(
            np.array(
                [
                    (0, -0.14),
                    (0.4, -0.14),
                    (0.43, -0.11),
                    (0.43, 0.12),
                    (0.4, 0.15),
                    (0.37, 0.15),
                    (0.37, 0.1),
                    (0, 0.1),
                ]
            ),
            segments=48,
        ),
        rotate=UPRIGHT,
        translate=(0, 0, 0.5),
    )
    feet = [tube([(s * 0.2, 0, 0.2), (s * 0.32, 0, 0.025)], [0.03, 0.025], sides=10) for s in (-1, 1)]
    bells = [
        transform(
            lathe(spline([(0, 0.0), (0.16, 0.0), (0.15, 0.06), (0.09, 0.12), (0, 0.14)], 4), segments=26),
            rotate=(0, s * 0.6, 0),
            translate=(s * 0.24, 0, 0.88),
        )
        for s in (-1, 1)
    ]
    arch = tube(
        spline([(-0.22, 0, 1.0), (-0.16, 0, 1.12), (0, 0, 1.17), (0.16, 0, 1.12), (0.22, 0, 1.0)], 4), 0.016, sides=8
    )
    hammer = merge(
        tube([(0, 0, 0.9), (0, 0, 1.04)], 0.014, sides=8), sphere(0.04, center=(0, 0, 1.04), segments=14, rings=9)
    )
    dial = _moved(_dial(0.37, 0.11, rng), translate=(0, 0, 0.5))
    return [BuiltPart(merge(case, *feet, *bells)), BuiltPart(merge(arch, hammer), "steel"), *dial]


@standing
def _wall_clock(rng: Generator) -> list[BuiltPart]:
    square = rng.random() < 0.35
    dial = _moved(_dial(0.4, 0.05, rng), translate=(0, 0, 0.56))
    if square:
        outline = rounded_rectangle(1.0, 1.0, 0.12)
        case = transform(extrude(outline, 0.2, bevel=0.03), rotate=UPRIGHT, translate=(0, 0.17, 0.56))
    else:
        case = transform(
            lathe(
                rounded([(0, -0.17), (0.5, -0.17), (0.5, 0.06), (0.42, 0.06), (0.4, 0.02), (0, 0.02)], 0.025),
                segments=52,
            ),
            rotate=UPRIGHT,
            translate=(0, 0, 0.56),
        )
    foot = box((0.5, 0.26, 0.07), center=(0, 0.06, 0.035), bevel=0.02)
    return [BuiltPart(merge(case, foot)), *dial]


@standing
def _hourglass(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.22, 0.26)
    glass = spline(
        [
            (wide - 0.02, 0.08),
            (wide, 0.14),
            (wide * 0.92, 0.28),
            (0.035, 0.5),
            (wide * 0.92, 0.72),
            (wide, 0.86),
            (wide - 0.02, 0.92),
        ],
        7,
    )
    full = rng.uniform(0.15, 0.8)
    pile = lathe(
        [(0, 0.085), (wide - 0.03, 0.085), (wide - 0.03, 0.1 + 0.08 * full), (0, 0.14 + 0.22 * full)], segments=30
    )
    level = 0.55 + 0.3 * (1 - full)
    upper = glass[(glass[:, 1] > 0.5) & (glass[:, 1] < level)] - [0.02, 0]
    heap = lathe(np.concatenate([[[0, 0.5]], upper, [[0, level - 0.04]]]), segments=30)
    plates = [cylinder(wide + 0.07, 0.08, base=(0, 0, z), bevel=0.02, segments=40) for z in (0, 0.92)]
    posts = [
        tube(
            [
                (0.9 * (wide + 0.05) * np.cos(a), 0.9 * (wide + 0.05) * np.sin(a), 0.05),
                (0.9 * (wide + 0.05) * np.cos(a), 0.9 * (wide + 0.05) * np.sin(a), 0.95),
            ],
            0.02,
            sides=9,
        )
        for a in np.arange(3) * 2.094 + 0.6
    ]
    return [
        BuiltPart(merge(*plates, *posts)),
        BuiltPart(lathe(glass, segments=36), "clear glass"),
        BuiltPart(merge(pile, heap), "sand"),
    ]


def _volume(width: float, depth: float, thick: float) -> tuple[Mesh, Mesh]:
    """Cover and pages of a book lying flat, spine towards -x, centred in x and y."""
    board = 0.022
    cover = merge(*[box((width, depth, board), center=(0, 0, z), bevel=0.007) for z in (board / 2, thick - board / 2)])
    t = np.linspace(np.pi / 2, 3 * np.pi / 2, 9)
    spine = np.concatenate(
        [
            np.stack([0.04 * np.cos(t), (thick / 2) * np.sin(t)], axis=1),
            np.stack([0.02 * np.cos(t[::-1]), (thick / 2 - board) * np.sin(t[::-1])], axis=1),
        ]
    )
    back = transform(
        extrude(spine, depth - 0.004), rotate=UPRIGHT, translate=(-width / 2 + 0.005, depth / 2 - 0.002, thick / 2)
    )
    pages = box((width - 0.05, depth - 0.06, thick - 2 * board + 0.004), center=(-0.005, 0, thick / 2))
    return merge(cover, back), pages


@standing
def _book(rng: Generator) -> list[BuiltPart]:
    cover, pages = _volume(rng.uniform(0.72, 0.85), rng.uniform(1.0, 1.15), rng.uniform(0.16, 0.22))
    turn = {"rotate": (0, 0, np.pi / 2 * rng.integers(4))}
    return [BuiltPart(transform(cover, **turn)), BuiltPart(transform(pages, **turn), "paper")]


@standing
def _book_stack(rng: Generator) -> list[BuiltPart]:
    parts, z = [], 0.0
    slots = ["main", *rng.permutation(["blue", "red", "green", "dark wood", "cream", "accent"])[:3], "main"]
    for k in range(int(rng.integers(3, 6))):
        thick = rng.uniform(0.12, 0.24)
        cover, pages = _volume(rng.uniform(0.74, 0.9), rng.uniform(1.02, 1.2), thick)
        how = {
            "rotate": (0, 0, rng.normal(0, 0.16) + np.pi * rng.integers(2) + np.pi / 2),
            "translate": (*rng.normal(0, 0.02, 2), z),
        }
        parts += [BuiltPart(transform(cover, **how), str(slots[k])), BuiltPart(transform(pages, **how), "paper")]
        z += thick
    return parts


@standing
def _open_book(rng: Generator) -> list[BuiltPart]:
    x = np.linspace(0, 0.8, 16)
    curve = 0.11 * np.sin(np.pi * np.clip(x / 0.8, 0, 1) ** 0.55) + 0.045
    outline = np.concatenate([np.stack([x, curve], axis=1), [[0.81, 0.03]], [[0.0, 0.025]]])
    page = transform(extrude(outline, 1.1, bevel=0.004), rotate=UPRIGHT, translate=(0, 0.55, 0))
    board = box((0.86, 1.18, 0.024), center=(0.425, 0, 0.012), bevel=0.007)
    lines = []
    for k in range(12):
        y = 0.42 - 0.075 * k
        long = 0.64 if k % 5 != 4 else 0.4
        for u in (0.09,):
            xs = np.linspace(u, u + long, 9)
            zs = np.interp(xs, x, curve) + 0.003
            strip = np.stack([np.stack([xs, np.full(9, y + d), zs], axis=1) for d in (-0.011, 0.011)])
            faces = np.concatenate(
                [
                    np.stack([np.arange(8), np.arange(1, 9), np.arange(10, 18)], axis=1),
                    np.stack([np.arange(8), np.arange(10, 18), np.arange(9, 17)], axis=1),
                ]
            )
            lines.append(Mesh(strip.reshape(-1, 3), faces, None, None))
    both = [merge(m, transform(m, scale=(-1, 1, 1))) for m in (page, board, merge(*lines))]
    return [BuiltPart(both[1]), BuiltPart(both[0], "paper"), BuiltPart(both[2], "grey")]


@standing
def _box(rng: Generator) -> list[BuiltPart]:
    w, d, h = rng.uniform(0.8, 1.1), rng.uniform(0.7, 0.9), rng.uniform(0.55, 0.7)
    body = box((w, d, h - 0.14), center=(0, 0, (h - 0.14) / 2), bevel=0.012)
    lid = box((w + 0.035, d + 0.035, 0.16), center=(0, 0, h - 0.08), bevel=0.014)
    return [BuiltPart(merge(body, lid))]


@standing
def _gift(rng: Generator) -> list[BuiltPart]:
    w, h = rng.uniform(0.72, 0.9), rng.uniform(0.5, 0.75)
    body = box((w, w, h), center=(0, 0, h / 2), bevel=0.012)
    ribbon = [
        box((w + 0.016, 0.12, h + 0.012), center=(0, 0, h / 2), bevel=0.004),
        box((0.12, w + 0.016, h + 0.012), center=(0, 0, h / 2), bevel=0.004),
    ]
    t = np.linspace(0, 2 * np.pi, 22)
    loops = []
    for a in (0.4, 0.4 + np.pi):
        path = np.stack([0.17 - 0.17 * np.cos(t), 0.0 * t, 0.1 * np.sin(t) + 0.03], axis=1)
        loops.append(
            transform(
                tube(path, 0.05, sides=8, flatten=0.2, up=(0, 0, 1)), rotate=(0, -0.35, a), translate=(0, 0, h + 0.03)
            )
        )
    tails = [
        transform(
            tube(spline([(0, 0, 0.04), (0.15, 0, 0.05), (0.3, 0, 0.02)], 4), 0.05, sides=8, flatten=0.2, up=(0, 0, 1)),
            rotate=(0, 0, a),
            translate=(0, 0, h),
        )
        for a in (1.5, 2.3)
    ]
    knot = sphere((0.055, 0.055, 0.05), center=(0, 0, h + 0.05), segments=14, rings=9)
    return [BuiltPart(body), BuiltPart(merge(*ribbon, *loops, *tails, knot), "accent")]


@standing
def _basket(rng: Generator) -> list[BuiltPart]:
    low, high, tall = rng.uniform(0.33, 0.38), rng.uniform(0.43, 0.48), rng.uniform(0.38, 0.46)
    wall = lathe(vessel([(low, 0), (low + 0.5 * (high - low), tall / 2), (high, tall)], 0.03), segments=48)
    rows = 7
    weave = []
    around = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    for k in range(rows):
        z = (k + 0.5) / rows * tall
        radius = low + (high - low) * z / tall + 0.006 + 0.014 * np.sin(18 * around + np.pi * (k % 2))
        weave.append(
            tube(
                np.stack([radius * np.cos(around), radius * np.sin(around), np.full(72, z)], axis=1),
                0.026,
                sides=5,
                closed=True,
            )
        )
    rim = transform(torus(high - 0.01, 0.032, segments=44, sides=10), translate=(0, 0, tall))
    t = np.linspace(0, np.pi, 24)
    bow = tube(np.stack([(high - 0.01) * np.cos(t), 0 * t, tall + 0.5 * np.sin(t)], axis=1), 0.026, sides=9)
    return [BuiltPart(merge(wall, *weave, rim, bow))]


@standing
def _bell(rng: Generator) -> list[BuiltPart]:
    lip = rng.uniform(0.4, 0.46)
    outer = spline(
        [(lip, 0.02), (lip * 0.84, 0.1), (lip * 0.66, 0.32), (lip * 0.58, 0.52), (lip * 0.36, 0.66), (0, 0.7)], 5
    )
    inner = spline([(0, 0.66), (lip * 0.5, 0.5), (lip * 0.76, 0.12), (lip - 0.02, 0.0)], 4)
    shell = lathe(np.concatenate([inner[::1], [[lip, 0.0]], outer]), segments=44)
    knob = spline([(0.05, 0.68), (0.04, 0.75), (0.06, 0.9), (0.075, 1.0), (0.05, 1.07), (0, 1.09)], 4)
    clapper = merge(
        tube([(0, 0, 0.66), (0, 0, 0.1)], 0.018, sides=8), sphere(0.07, center=(0, 0, 0.08), segments=16, rings=10)
    )
    return [
        BuiltPart(merge(shell, clapper)),
        BuiltPart(lathe(np.concatenate([[[0, 0.68]], knob]), segments=24), "dark wood"),
    ]


@standing
def _trophy(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.27, 0.33)
    outer = spline(
        [
            (0.16, 0.2),
            (0.17, 0.22),
            (0.06, 0.28),
            (0.045, 0.38),
            (0.08, 0.44),
            (wide * 0.8, 0.58),
            (wide, 0.78),
            (wide * 1.06, 1.0),
        ],
        5,
    )
    inner = spline([(wide * 1.06 - 0.02, 1.0), (wide * 0.9, 0.76), (0, 0.55)], 4)
    cup = lathe(np.concatenate([[[0, 0.2]], outer, inner]), segments=44)
    ears = [transform(handle((wide, 0.92), (wide * 0.9, 0.62), 0.2, 0.024), rotate=(0, 0, turn)) for turn in (0, np.pi)]
    base = merge(
        box((0.42, 0.42, 0.14), center=(0, 0, 0.07), bevel=0.012),
        box((0.36, 0.36, 0.07), center=(0, 0, 0.17), bevel=0.01),
    )
    return [BuiltPart(merge(cup, *ears)), BuiltPart(base, "dark wood")]


@standing
def _crown(rng: Generator) -> list[BuiltPart]:
    points = int(rng.integers(5, 9))
    around = np.linspace(0, 2 * np.pi, points * 12, endpoint=False)
    phase = (around * points / (2 * np.pi)) % 1
    peak = 0.24 + 0.34 * np.abs(2 * phase - 1) ** 1.3
    rings = []
    for radius, z in (
        (0.42, 0 * peak),
        (0.43, 0.12 + 0 * peak),
        (0.47, peak),
        (0.45, peak),
        (0.41, 0.12 + 0 * peak),
        (0.4, 0 * peak),
    ):
        rings.append(np.stack([radius * np.cos(around), radius * np.sin(around), z], axis=1))
    band = loft(np.stack([*rings, rings[0]]), caps=False, crease=50)
    trim = [transform(torus(0.423, 0.022, segments=56, sides=8), translate=(0, 0, z)) for z in (0.022, 0.15)]
    tips = np.arange(points) * 2 * np.pi / points
    balls = np.stack([0.46 * np.cos(tips), 0.46 * np.sin(tips), np.full(points, 0.6)], axis=1)
    stones = np.stack(
        [0.43 * np.cos(tips + np.pi / points), 0.43 * np.sin(tips + np.pi / points), np.full(points, 0.087)], axis=1
    )
    upright = np.broadcast_to(np.eye(3), (points, 3, 3))
    return [
        BuiltPart(merge(band, *trim, scattered(sphere(0.042, segments=14, rings=9), balls, upright))),
        BuiltPart(scattered(sphere((0.038, 0.038, 0.045), segments=12, rings=8), stones, upright), "accent"),
    ]


@standing
def _picture_frame(rng: Generator) -> list[BuiltPart]:
    w, h = (0.8, 1.0) if rng.random() < 0.6 else (1.2, 1.0)
    edge = 0.09
    bars = [box((w, 0.06, edge), center=(0, 0, z), bevel=0.015) for z in (edge / 2, h - edge / 2)]
    bars += [box((edge, 0.06, h), center=(x, 0, h / 2), bevel=0.015) for x in (-(w - edge) / 2, (w - edge) / 2)]
    mat = box((w - 0.1, 0.03, h - 0.1), center=(0, 0.005, h / 2))
    sky = box((w - 0.36, 0.004, 0.5 * (h - 0.36)), center=(0, -0.014, h / 2 + 0.25 * (h - 0.36)))
    land = box((w - 0.36, 0.004, 0.5 * (h - 0.36)), center=(0, -0.014, h / 2 - 0.25 * (h - 0.36)))
    x = np.linspace(-(w - 0.36) / 2, (w - 0.36) / 2, 24)
    hill = np.concatenate(
        [np.stack([x, 0.1 + 0.06 * np.sin(7 * x + rng.uniform(0, 6))], axis=1), [[x[-1], -0.02], [x[0], -0.02]]]
    )
    hills = transform(extrude(hill, 0.004), rotate=UPRIGHT, translate=(0, -0.015, h / 2))
    sun = transform(
        cylinder(0.07, 0.004, segments=24), rotate=UPRIGHT, translate=(0.12, -0.016, h / 2 + 0.22 * (h - 0.2))
    )
    leg = transform(box((0.12, 0.02, 0.62), center=(0, 0, -0.31)), rotate=(0.35, 0, 0), translate=(0, 0.03, 0.62 * h))
    lean = {"rotate": (-0.2, 0, 0)}
    parts = [
        (merge(*bars), "main"),
        (mat, "paper"),
        (sky, "blue"),
        (land, "green"),
        (hills, "leaf"),
        (sun, "yellow"),
        (leg, "black"),
    ]
    return [BuiltPart(transform(mesh, **lean), slot) for mesh, slot in parts]


@standing
def _globe(rng: Generator) -> list[BuiltPart]:
    ball = sphere(0.36, center=(0, 0, 0), segments=40, rings=24)
    field = np.zeros(len(ball.vertices))
    direction = rng.normal(size=(3, 9))
    field = (np.sin(ball.vertices @ direction * 4.2 + rng.uniform(0, 6.28, 9)) * 0.5).sum(axis=1)
    ice = np.abs(ball.vertices[:, 2]) > 0.325
    color = np.where((field > 0.35)[:, None], [0.2, 0.42, 0.1], [0.04, 0.16, 0.5])
    ball = Mesh(ball.vertices, ball.faces, ball.uvs, ball.normals, np.where(ice[:, None], 0.9, color))
    tilt = {"rotate": (0, 0.41, 0), "translate": (0, 0, 0.62)}
    t = np.linspace(-np.pi / 2, np.pi / 2, 24)
    meridian = tube(np.stack([0.41 * np.cos(t), 0 * t, 0.41 * np.sin(t)], axis=1), 0.02, sides=8)
    pins = [cylinder(0.02, 0.08, base=(0, 0, z), segments=10) for z in (0.34, -0.42)]
    foot = spline([(0.26, 0), (0.27, 0.02), (0.2, 0.05), (0.05, 0.08), (0.035, 0.16), (0.035, 0.24)], 4)
    base = lathe(np.concatenate([[[0, 0]], foot, [[0, 0.24]]]), segments=36)
    return [
        BuiltPart(transform(ball, **tilt), "white"),
        BuiltPart(merge(transform(merge(meridian, *pins), **tilt), base)),
    ]


_DECOR = frozenset({"decor"})


def _thing(
    name: str,
    plural: str,
    build: Callable[[Generator], list[BuiltPart]],
    height: float,
    real_height: float,
    materials: tuple[str, ...],
    **options,
) -> CatalogueItem:  # noqa: ANN003
    return CatalogueItem(
        name=name,
        plural=plural,
        build=build,
        height=height,
        real_height=real_height,
        materials=materials,
        **({"tags": _DECOR} | options),
    )


_LIGHT = frozenset({"decor", "light"})
_FLAT = frozenset({"decor", "stackable"})
ITEMS = (
    _thing("candle", "candles", _candle, 0.85, 0.15, ("wax",), tags=_LIGHT),
    _thing(
        "candlestick",
        "candlesticks",
        _candlestick,
        1.1,
        0.3,
        (*METALS, "wood", "ceramic", "marble", "glass"),
        tags=_LIGHT,
    ),
    _thing("lantern", "lanterns", _lantern, 1.0, 0.35, (*METALS, "wood"), tags=_LIGHT),
    _thing(
        "table lamp",
        "table lamps",
        _table_lamp,
        1.15,
        0.5,
        (*METALS, "ceramic", "wood", "marble", "glass"),
        tags=_LIGHT,
        synonyms=("lamp",),
    ),
    _thing("desk lamp", "desk lamps", _desk_lamp, 1.1, 0.5, (*METALS, "plastic"), tags=_LIGHT, turn=2.0),
    _thing("light bulb", "light bulbs", _light_bulb, 0.42, 0.06, ("glass", "frosted glass")),
    _thing(
        "alarm clock", "alarm clocks", _alarm_clock, 0.85, 0.15, (*METALS, "plastic"), turn=0.7, synonyms=("clock",)
    ),
    _thing(
        "mantel clock",
        "mantel clocks",
        _wall_clock,
        0.85,
        0.25,
        (*METALS, "plastic", "wood", "marble"),
        turn=0.7,
        synonyms=("clock",),
    ),
    _thing("hourglass", "hourglasses", _hourglass, 0.9, 0.2, ("wood", *METALS, "plastic"), synonyms=("sand timer",)),
    _thing(
        "book",
        "books",
        _book,
        0.16,
        0.035,
        ("leather", "fabric", "paper"),
        phrase="{look} book",
        tags=_FLAT,
        rests=(Rest("top", 1, 1.5, 1.5),),
    ),
    _thing(
        "stack of books",
        "stacks of books",
        _book_stack,
        0.62,
        0.15,
        ("leather", "fabric", "paper"),
        phrase="{name}",
        tags=_FLAT,
        rests=(Rest("top", 1, 0.3, 0.3),),
    ),
    _thing("open book", "open books", _open_book, 0.14, 0.04, ("leather", "fabric"), phrase="{name}"),
    _thing(
        "box",
        "boxes",
        _box,
        0.6,
        0.25,
        ("paper", "wood", "plastic", "leather", "painted metal"),
        tags=_FLAT,
        rests=(Rest("top", 1, 0.5, 0.44),),
    ),
    _thing("gift box", "gift boxes", _gift, 0.8, 0.25, ("paper", "plastic", "fabric"), synonyms=("present", "gift")),
    _thing(
        "basket",
        "baskets",
        _basket,
        0.85,
        0.35,
        ("wood", "plastic", "paper"),
        tags=frozenset({"container"}),
        rests=(Rest("inside", 0.06, 0.2, 0.2),),
    ),
    _thing("bell", "bells", _bell, 0.75, 0.15, METALS),
    _thing("trophy", "trophies", _trophy, 0.95, 0.3, NOBLE_METALS, synonyms=("cup",), turn=0.9),
    _thing("crown", "crowns", _crown, 0.5, 0.12, NOBLE_METALS),
    _thing("picture frame", "picture frames", _picture_frame, 0.85, 0.25, ("wood", *METALS, "plastic"), turn=0.7),
    _thing("globe", "globes", _globe, 1.0, 0.35, ("wood", *METALS, "plastic"), phrase="globe on a {look} stand"),
)
