"""Galleries and libraries: rooms for things on walls."""

from __future__ import annotations

import numpy as np

from reflet.render.families.interior_arranging import Arranger
from reflet.render.families.interior_pieces import bring, chance, lay_rug, put_on
from reflet.render.families.interior_plan import WallName
from reflet.render.scene import MaterialLook

SCULPTURES = (
    "vase",
    "trophy",
    "torus",
    "torus knot",
    "knot",
    "sphere",
    "cone",
    "star",
    "crystal",
    "bust",
    "horse",
    "bell",
    "crown",
    "chess knight",
    "heart",
    "pyramid",
    "spiral",
    "ring",
    "globe",
    "hourglass",
    "dodecahedron",
    "spring",
)


def gallery(a: Arranger) -> None:
    rng = a.site.rng
    for wall in ("back", "left", "right"):
        length = a.wall(wall).length  # type: ignore[arg-type]
        count = max(1, int(length // float(rng.uniform(1.7, 2.6))))
        size = float(rng.uniform(0.7, 1.25))
        for k in range(count):
            width = min(size * float(rng.uniform(0.8, 1.25)), length / count - 0.35)
            height = min(width * float(rng.choice([0.75, 1.0, 1.3])), 1.5)
            a.picture(wall, width=width, height=height, along=(k + 0.5) * length / count, center=1.6)  # type: ignore[arg-type]
    known = [name for name in SCULPTURES if name in a.site.items]
    pedestal = bring(a, "pedestal", main=False)
    bench = bring(a, "bench")
    if bench is not None and chance(a, 0.7):
        a.at(bench, float(rng.uniform(-0.3, 0.3)), a.room.depth * 0.55, yaw=float(rng.choice([0.0, np.pi / 2])))
    for _ in range(int(rng.integers(1, 4))):
        if pedestal is None or not known:
            break
        x, y = float(rng.uniform(-0.4, 0.4)) * a.room.width, float(rng.uniform(0.5, 0.88)) * a.room.depth
        stood = a.at(a.site.again(pedestal), x, y, clearance=0.5)
        if stood is not None:
            name = known[int(rng.integers(len(known)))]
            art = a.site.thing(name, height=float(rng.uniform(0.35, 0.6)))
            while art.radius > 0.21:
                art = a.site.thing(name, height=art.height * 0.2 / art.radius)
            a.site.set_on(stood, art, spot=(0.0, 0.0))


def library(a: Arranger) -> None:
    """Bookcases along every wall, a reading table with chairs and a lamp in the middle."""
    look: MaterialLook | None = None
    walls: tuple[WallName, ...] = ("left", "right", "back")
    for wall in walls:
        look = _bookcases(a, wall, look)
    table_body = bring(a, "dining table" if chance(a, 0.6) else "round table", "table", height=0.75)
    yaw = np.pi / 2 if a.room.depth > a.room.width else 0.0
    table = a.at(table_body, 0.0, a.room.depth * 0.58, yaw=yaw, clearance=0.4) if table_body is not None else None
    if table is not None:
        lay_rug(a, 0.0, table.position[1], 2.2 if yaw else 3.0, 3.0 if yaw else 2.2)
        if (chair := bring(a, "chair")) is not None:
            a.around(chair, table, ends=False, seats=2)
        put_on(a, table, "table lamp", "globe", spot=(0.0, 0.0), main=True)
        for _ in range(3):
            put_on(a, table, "book", "open book", "mug", "globe", "stack of books")
    for _ in range(2):
        if (seat := bring(a, "armchair")) is not None and chance(a, 0.6):
            a.corner(seat)


def _bookcases(a: Arranger, wall: WallName, look: MaterialLook | None) -> MaterialLook:
    """Bookcases side by side along a wall, two different ones in turn, not before windows and doors."""
    side = a.wall(wall)
    tall = 2.1 if side.windows else min(2.6, max(2.1, side.height * 0.7))
    pair = [a.site.thing("bookcase", look=look, height=tall)]
    pair.append(a.site.thing("bookcase", look=pair[0].look, height=tall))
    flat = pair[0].at(0, 0, yaw=0.0)
    width = 2 * flat.half_width
    count = int((side.length - 0.5) // width)
    start = (side.length - count * width) / 2
    for k in range(count):
        along = start + (k + 0.5) * width
        left, right = along - width / 2, along + width / 2
        if any(o.sill < tall and o.start - 0.05 < right and left < o.end + 0.05 for o in (*side.windows, *side.doors)):
            continue
        x, y, _ = side.frame.point(along, flat.half_depth + 0.01)
        body = pair[k % 2] if k < 2 else a.site.again(pair[k % 2])
        there = body.at(x, y, 0.0, yaw=side.frame.yaw)
        if a.fits(there, clearance=-0.004):
            a.site.stand(there)
    return pair[0].look
