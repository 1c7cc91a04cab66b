"""Galleries and libraries: rooms for things on walls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reflet.render.families.interior_arranging import Arranger
from reflet.render.families.interior_pieces import bring, chance, lay_rug, put_on

SCULPTURES = ("vase", "trophy", "torus", "torus knot", "knot", "sphere", "cone", "star", "crystal", "bust", "horse", "bell",
              "crown", "chess knight", "heart", "pyramid", "spiral", "ring", "globe", "hourglass", "dodecahedron", "spring")  # fmt: skip


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
    rng = a.site.rng
    look = None
    for wall in ("left", "right", "back"):
        side = a.wall(wall)  # type: ignore[arg-type]
        first = a.site.thing("bookcase", look=look)
        look = first.look
        flat = first.at(0, 0, yaw=0.0)
        tall = min(2.6, max(2.1, side.height * 0.7)) if not side.windows else 2.1
        scale = tall / flat.height
        width = 2 * flat.half_width * scale
        count = int((side.length - 0.5) // width)
        start = (side.length - count * width) / 2
        for k in range(count):
            body = first if k == 0 else a.site.again(first)
            if k % 3 == 1:
                body = a.site.thing("bookcase", look=look, height=tall)
            along = start + (k + 0.5) * width
            body = a.site.thing("bookcase", look=look, height=tall) if k == 0 else body
            if any(
                o.sill < tall and o.start - 0.05 < along + width / 2 and along - width / 2 < o.end + 0.05
                for o in (*side.windows, *side.doors)
            ):
                continue
            body = replace(body, height=tall)
            x, y, _ = side.frame.point(along, flat.half_depth * scale + 0.01)
            there = body.at(x, y, 0.0, yaw=side.frame.yaw)
            if a.fits(there, clearance=-0.01):
                a.site.stand(there)
    table_body = bring(a, "dining table" if chance(a, 0.6) else "round table", "table", height=0.75)
    yaw = np.pi / 2 if a.room.depth > a.room.width else 0.0
    table = a.at(table_body, 0.0, a.room.depth * 0.58, yaw=yaw, clearance=0.4) if table_body is not None else None
    if table is not None:
        lay_rug(a, 0.0, table.position[1], 2.2 if yaw else 3.0, 3.0 if yaw else 2.2)
        if (chair := bring(a, "chair")) is not None:
            a.around(chair, table, ends=False, seats=2)
        put_on(a, table, "table lamp", "globe", spot=(0.0, 0.0), main=True)
        for _ in range(3):
            put_on(a, table, "book", "open book", "mug", "globe")
    if (seat := bring(a, "armchair")) is not None and chance(a, 0.6):
        a.corner(seat)
