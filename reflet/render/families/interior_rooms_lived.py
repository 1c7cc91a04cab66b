"""Living rooms, bedrooms, studies and dining rooms, each furnished in the order of importance."""

from __future__ import annotations

import numpy as np

from reflet.render.families.interior_arranging import Arranger
from reflet.render.families.interior_pieces import (
    bring,
    chance,
    fill,
    hang_above,
    hang_lamp,
    hang_pictures,
    lay_rug,
    put_on,
    stand_somewhere,
    wall_order,
)
from reflet.render.families.interior_plan import WallName


def _middle(a: Arranger, wall: WallName) -> float:
    """Where along a wall the main piece goes: near the middle of the back wall, farther back on a side wall."""
    return float(a.site.rng.uniform(0.35, 0.65) if wall == "back" else a.site.rng.uniform(0.6, 0.95))


def living_room(a: Arranger) -> None:
    rng = a.site.rng
    walls = wall_order(a)
    if a.room.plan.view == "corner":
        walls = sorted(walls, key=lambda n: n == "right")
    seat = bring(a, "sofa")
    sofa = None
    wall: WallName = "back"
    if seat is not None:
        order: list[WallName] = ["back", *[w for w in walls if w != "back"]] if chance(a, 0.6) else walls
        for wall in order:
            sofa = a.against(seat, wall, at=_middle(a, wall), before_windows=True)
            if sofa is not None:
                break
    table = None
    if sofa is not None:
        table_body = (
            bring(a, "coffee table") if chance(a, 0.75) else bring(a, "round table", "coffee table", height=0.44)
        )
        table = a.before(table_body, sofa, distance=float(rng.uniform(0.35, 0.5))) if table_body else None
        anchor = table or sofa
        if chance(a, 0.75):
            wide, deep = (2.6, 1.9) if sofa.yaw == 0 else (1.9, 2.6)
            lay_rug(a, anchor.position[0], anchor.position[1], wide, deep)
        lamp = bring(a, "floor lamp")
        if lamp is not None and chance(a, 0.6):
            a.beside(lamp, sofa, side=int(rng.choice([-1, 1])), distance=0.1)
        if table is not None and (armchair := bring(a, "armchair")) is not None and chance(a, 0.7):
            side = int(rng.choice([-1, 1]))
            across = np.array([np.cos(sofa.yaw), np.sin(sofa.yaw)]) * side
            reach = table.at(0, 0, yaw=0).half_width + armchair.half_depth + 0.3
            x, y = np.array(table.position[:2]) + across * reach
            a.at(armchair, float(x), float(y), yaw=sofa.yaw - side * np.pi / 2 + float(rng.normal(0, 0.12)))
        hang_above(a, wall, sofa)
    if chance(a, 0.3):
        hearth = bring(a, "fireplace")
        stood = stand_somewhere(a, hearth, [w for w in walls if not a.wall(w).windows] or walls, at=0.5)
        put_on(a, stood, "vase", "candle", "mantel clock", spot=(-0.7, 0.0))
        put_on(a, stood, "vase", "candle", "potted plant", spot=(0.7, 0.0))
    elif chance(a, 0.8):
        board = bring(a, "sideboard" if chance(a, 0.5) else "bookcase", "sideboard")
        stood = stand_somewhere(a, board, walls)
        put_on(a, stood, "vase", "table lamp", spot=(-0.7, 0.0), main=True)
        put_on(a, stood, "book", "bowl", "candle", spot=(0.4, 0.0))
    plant = bring(a, "potted plant", "potted palm", height=float(rng.uniform(0.8, 1.3)))
    if plant is not None and chance(a, 0.8):
        a.corner(plant)
    put_on(a, table, "bowl", "vase", "potted plant", "teapot", spot=(float(rng.uniform(-0.5, 0.5)), 0.0), main=True)
    put_on(a, table, "book", "mug", "candle")
    fill(a)
    hang_pictures(a, int(rng.integers(0, 3)) + 1, ["back", "left", "right"])


def bedroom(a: Arranger) -> None:
    rng = a.site.rng
    walls = wall_order(a, windows_last=bool(rng.random() < 0.7))
    bed_body = bring(a, "bed")
    bed = None
    wall: WallName = "back"
    if bed_body is not None:
        order: list[WallName] = ["back", *[w for w in walls if w != "back"]] if chance(a, 0.6) else walls
        for wall in order:
            bed = a.against(bed_body, wall, at=_middle(a, wall), away=0.02)
            if bed is not None:
                break
    if bed is not None:
        stand = bring(a, "nightstand", main=True)
        for side in (-1, 1):
            if stand is None:
                break
            body = stand if side == -1 else a.site.again(stand)
            stood = a.beside(body, bed, side=side, distance=0.08)
            put_on(a, stood, "table lamp", spot=(-0.1 * side, 0.1), main=True)
            put_on(a, stood, "book", "mug", "mantel clock", "vase")
        hang_above(a, wall, bed)
        if chance(a, 0.75):
            front = np.array([np.sin(bed.yaw), -np.cos(bed.yaw)]) * 0.9
            lay_rug(a, bed.position[0] + float(front[0]), bed.position[1] + float(front[1]), 2.4, 1.8)
    closet = bring(a, "wardrobe" if chance(a, 0.55) else "chest of drawers", "cabinet")
    chest = stand_somewhere(a, closet, [*(w for w in walls if w != wall), wall])
    if chest is not None and chest.height < 1.2:
        put_on(a, chest, "vase", "potted plant", "book", spot=(-0.5, 0))
    if chance(a, 0.45):
        seat = bring(a, "armchair", "chair")
        if seat is not None:
            a.corner(seat)
    plant = bring(a, "potted plant", height=float(rng.uniform(0.6, 1.1)))
    if plant is not None and chance(a, 0.6):
        a.corner(plant)
    fill(a)
    hang_pictures(a, int(rng.integers(0, 3)) + 1, ["back", "left", "right"])


def study(a: Arranger) -> None:
    rng = a.site.rng
    walls = wall_order(a, windows_last=bool(rng.random() < 0.5))
    desk_body = bring(a, "desk", "table")
    desk = None
    order: list[WallName] = ["back", *[w for w in walls if w != "back"]] if chance(a, 0.5) else walls
    if desk_body is not None:
        for wall in order:
            desk = a.against(desk_body, wall, at=_middle(a, wall), before_windows=True)
            if desk is not None:
                break
    if desk is not None:
        chair = bring(a, "office chair", "chair")
        if chair is not None:
            a.before(
                chair, desk, distance=float(rng.uniform(0.03, 0.12)), shift=float(rng.uniform(-0.1, 0.1)), turned=True
            )
        put_on(a, desk, "table lamp", "desk lamp", spot=(float(rng.choice([-0.75, 0.75])), 0.35), main=True)
        put_on(a, desk, "laptop", "computer monitor", "typewriter", "open book", "book", spot=(0.0, 0.0), main=True)
        put_on(a, desk, "globe", "potted plant", "mug", "stack of books", "book")
        put_on(a, desk, "mug", "pencil cup", "book")
    shelf = bring(a, "bookcase", main=True)
    for k in range(int(rng.integers(1, 4))):
        if shelf is not None:
            stand_somewhere(
                a, shelf if k == 0 else a.site.again(shelf), walls, at=float(rng.choice([0.0, 1.0])) if k == 0 else None
            )
    if chance(a, 0.6):
        seat = bring(a, "armchair")
        if seat is not None and a.corner(seat) is not None and (lamp := bring(a, "floor lamp")) is not None:
            a.corner(lamp)
    if chance(a, 0.6):
        lay_rug(a, 0.0, (a.span[0] + a.span[1]) / 2, 2.2, 1.7)
    if (plant := bring(a, "potted plant", height=float(rng.uniform(0.6, 1.1)))) is not None and chance(a, 0.6):
        a.corner(plant)
    fill(a)
    hang_pictures(a, int(rng.integers(1, 4)) + 1, ["back", "left", "right"])


def dining_room(a: Arranger) -> None:
    rng = a.site.rng
    middle = a.span[0] * 0.4 + a.span[1] * 0.6
    round_ = chance(a, 0.3) and "round table" in a.site.items
    table_body = bring(a, "round table", height=0.75) if round_ else bring(a, "dining table", "table")
    yaw = 0.0 if a.room.width > 3.6 and chance(a, 0.6) else np.pi / 2
    table = (
        a.at(table_body, float(rng.uniform(-0.2, 0.2)), middle, yaw=yaw, clearance=0.5)
        if table_body is not None
        else None
    )
    if table is not None:
        wide, deep = (2.9, 2.2) if yaw == 0 else (2.2, 2.9)
        if chance(a, 0.45):
            lay_rug(a, table.position[0], table.position[1], wide, deep)
        chair = bring(a, "chair")
        if chair is not None:
            a.around(chair, table, ends=round_ or chance(a, 0.5), seats=1 if round_ else 2)
        put_on(a, table, "vase", "bowl", "potted plant", "candle", spot=(0.0, 0.0), main=True)
        for _ in range(int(rng.integers(0, 4))):
            put_on(a, table, "plate", "mug", "wine glass", "bottle", "candle", "teapot", "apple")
        hang_lamp(a, table.position[0], table.position[1], drop=max(0.5, a.room.headroom(table.position[0]) - 1.75))
    board = stand_somewhere(a, bring(a, "sideboard", "cabinet"), wall_order(a))
    put_on(a, board, "vase", "table lamp", "bowl", spot=(-0.6, 0), main=True)
    put_on(a, board, "book", "candle", "bottle", "teapot", spot=(0.3, 0))
    plant = bring(a, "potted plant", height=float(rng.uniform(0.7, 1.2)))
    if plant is not None and chance(a, 0.7):
        a.corner(plant)
    fill(a)
    hang_pictures(a, int(rng.integers(1, 4)) + 1, ["back", "left", "right"])
