"""Kitchens and bathrooms: rooms whose furniture is built in."""

from __future__ import annotations

import numpy as np

from reflet.render import materials
from reflet.render.families.interior_arranging import Arranger, furniture
from reflet.render.families.interior_pieces import (
    bring,
    chance,
    hang_lamp,
    lay_rug,
    put_on,
    stand_somewhere,
    wall_order,
)
from reflet.render.families.interior_plan import WallName
from reflet.render.masonry import slab, slabs
from reflet.render.placement import Placed
from reflet.render.scene import MaterialLook


def kitchen(a: Arranger) -> None:
    """A run of cabinets along the back wall with a stove, a sink and a fridge at its end; a table if there is room."""
    rng = a.site.rng
    run = _cabinet_run(a, "back")
    for body in run:
        if body.item.name == "kitchen cabinet" and chance(a, 0.75):
            put_on(a, body, "bowl", "bottle", "teapot", "vase", "mug", "potted plant", "cooking pot", "basket", "jar",
                   main=chance(a, 0.4))  # fmt: skip
    depth_left = a.span[1] - a.span[0] - 0.7
    if depth_left > 2.6 and a.room.width > 3.4:
        table_body = bring(a, "round table" if chance(a, 0.4) else "table", "dining table", height=0.75)
        x, y = float(rng.uniform(-0.3, 0.3)), a.span[0] + depth_left * 0.58
        table = a.at(table_body, x, y, clearance=0.5) if table_body else None
        if table is not None:
            if (chair := bring(a, "chair", "stool")) is not None:
                a.around(chair, table, ends=chance(a, 0.5), seats=1)
            put_on(a, table, "bowl", "vase", "potted plant", "teapot", spot=(0, 0), main=True)
            put_on(a, table, "mug", "apple", "orange", "plate", "book")
            drop = max(0.5, a.room.headroom(table.position[0]) - 1.8)
            hang_lamp(a, table.position[0], table.position[1], drop=drop)
    plant = bring(a, "potted plant", height=float(rng.uniform(0.6, 1.0)))
    if plant is not None and chance(a, 0.4):
        a.corner(plant)


def _cabinet_run(a: Arranger, wall: WallName) -> list[Placed]:
    """Base units side by side over the whole wall; wall cabinets above them."""
    side = a.wall(wall)
    low, high = a.stretch(wall)
    cabinet = bring(a, "kitchen cabinet", main=False)
    assert cabinet is not None, "furnishing.FURNISHINGS always has kitchen cabinets"
    look = cabinet.look
    width = 2 * cabinet.at(0, 0, yaw=0).half_width
    slots = int((high - low) // width)
    left_fridge = chance(a, 0.5)
    fridge_at = 0 if left_fridge else slots - 1
    step = 1 if left_fridge else -1
    stove_at = slots // 2 + (step if slots > 4 else 0)
    special = {slots // 2 - step: "kitchen sink", stove_at: "stove", fridge_at: "fridge"}
    start = low + (high - low - slots * width) / 2
    run: list[Placed] = []
    for k in range(slots):
        name = special.get(k, "kitchen cabinet")
        matching = name in ("kitchen cabinet", "kitchen sink")
        body = furniture(a.site.thing(name, look=look)) if matching else bring(a, name)
        if body is None:
            continue
        x, y, _ = side.frame.point(start + (k + 0.5) * width, body.at(0, 0, yaw=0.0).half_depth + 0.01)
        there = body.at(x, y, 0.0, yaw=side.frame.yaw)
        if a.fits(there, clearance=-0.004):
            run.append(a.site.stand(there))
    _upper_cabinets(a, wall, start=start, width=width, slots=slots, skip={fridge_at, stove_at}, look=look)
    return run


def _upper_cabinets(
    a: Arranger, wall: WallName, *, start: float, width: float, slots: int, skip: set[int], look: MaterialLook
) -> None:
    """Wall cabinets over the worktop, a hood over the stove, where no window is."""
    side = a.wall(wall)
    surface = materials.surface(look, a.site.rng)
    low, high = 1.45, min(2.15, a.room.height - 0.2)
    cells = []
    for k in range(slots):
        x0, x1 = start + k * width, start + (k + 1) * width
        hidden = any(o.start < x1 + 0.05 and o.end > x0 - 0.05 for o in (*side.windows, *side.doors))
        world_x = side.frame.point(x0)[0]
        if k in skip or hidden or a.room.headroom(world_x) < high + 0.1:
            continue
        cells.append((x0 + x1) / 2)
        a.hung.append((wall, x0, x1, low, high))
    if cells:
        count = len(cells)
        centers = np.stack([np.array(cells), np.full(count, -0.17), np.full(count, (low + high) / 2)], -1)
        bodies = slabs(np.tile([width - 0.015, 0.33, high - low], (count, 1)), centers)
        handles = slabs(
            np.tile([0.015, 0.02, 0.14], (count, 1)), centers + np.array([width * 0.35, -0.175, -(high - low) * 0.3])
        )
        a.site.build(surface, side.frame.place(bodies))
        a.site.build(a.finish.metal, side.frame.place(handles))
    stove = [p for p in a.site.placed if p.item.name == "stove"]
    if stove:
        along = float(
            (np.array(stove[0].position[:2]) - np.array(side.frame.origin[:2]))
            @ [np.cos(side.frame.yaw), np.sin(side.frame.yaw)]
        )
        if not any(o.start < along + 0.35 and o.end > along - 0.35 for o in side.windows):
            hood = [
                slab((0.6, 0.46, 0.12), (along, -0.24, 1.62)),
                slab((0.26, 0.26, a.room.height - 1.68), (along, -0.14, (a.room.height + 1.68) / 2)),
            ]
            a.site.build(a.finish.metal, *(side.frame.place(mesh) for mesh in hood))


def bathroom(a: Arranger) -> None:
    rng = a.site.rng
    walls = wall_order(a)
    basin_wall: WallName = walls[0]
    basin = None
    body = bring(a, "washbasin")
    if body is not None:
        for basin_wall in ("back", *walls):
            if (basin := a.against(body, basin_wall, at=float(rng.uniform(0.15, 0.85)))) is not None:
                break
    if basin is not None:
        frame = a.wall(basin_wall).frame
        along = float(
            (np.array(basin.position[:2]) - np.array(frame.origin[:2])) @ [np.cos(frame.yaw), np.sin(frame.yaw)]
        )
        a.mirror(
            basin_wall,
            width=0.75,
            height=0.85,
            along=along,
            center=1.62,
            silver=materials.fixed_surface("mirror", rng),
            frame_color=(0.03, 0.03, 0.03),
        )
    tub = bring(a, "bathtub")
    if tub is not None:
        for wall in [w for w in ("back", "left", "right") if w != basin_wall] + [basin_wall]:
            if a.against(tub, wall, at=float(rng.choice([0.0, 1.0, 0.5])), away=0.08) is not None:  # type: ignore[arg-type]
                break
    if (toilet := bring(a, "toilet")) is not None:
        stand_somewhere(a, toilet, walls)
    if (stool := bring(a, "stool", height=0.45)) is not None and chance(a, 0.4):
        a.corner(stool)
    if (plant := bring(a, "potted plant", height=float(rng.uniform(0.5, 0.9)))) is not None and chance(a, 0.7):
        a.corner(plant)
    if chance(a, 0.6):
        lay_rug(a, float(rng.uniform(-0.3, 0.3)), (a.span[0] + a.span[1]) * 0.55, 1.2, 0.8)
