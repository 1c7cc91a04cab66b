"""What stands in each kind of room, in the order of importance: a sofa before its table, a table before its vase."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reflet.render import materials
from reflet.render.families.interior_arranging import Arranger, furniture
from reflet.render.families.interior_finish import linear, paint
from reflet.render.families.interior_plan import WallName
from reflet.render.placement import Placed
from reflet.render.scene import MaterialLook, Surface, SurfaceKind
from reflet.render.site import rectangle
from reflet.render.textures import texture

SMALL_HEIGHTS = {"vase": 0.28, "potted plant": 0.34, "book": 0.05, "bowl": 0.1, "mug": 0.1, "candle": 0.16, "teapot": 0.17,
                 "table lamp": 0.48, "clock": 0.2, "bottle": 0.3, "plate": 0.02, "globe": 0.34, "wine glass": 0.2,
                 "apple": 0.08, "orange": 0.08, "pear": 0.1, "lemon": 0.07, "pot": 0.2, "cactus": 0.25}  # fmt: skip
RUG_COLORS = ("red", "blue", "beige", "grey", "teal", "green", "orange", "navy blue", "pink", "white")


def furnish(arranger: Arranger) -> None:
    """Furnish the room, or both zones of an open plan."""
    room = arranger.room
    if room.plan.feature != "open plan":
        ROOMS[room.kind](arranger)
        return
    middle = room.depth * 0.52
    far = Arranger(arranger.site, room, arranger.finish, (middle + 0.2, room.depth), arranger.hung)
    near = Arranger(arranger.site, room, arranger.finish, (0.0, middle - 0.2), arranger.hung)
    other = {"living room": "dining room", "dining room": "kitchen", "kitchen": "dining room"}[room.kind]
    ROOMS[room.kind](near)
    ROOMS[other](far)


# ---------------------------------------------------------------------------------------------- little helpers
def _body(a: Arranger, *names: str, main: bool = True, height: float | None = None, color: str | None = None, material: str | None = None) -> Placed | None:
    """A body of the first of `names` that the catalogue has."""
    for name in names:
        if name in a.site.items:
            body = a.site.thing(name, height=height, color=color, material=material)
            return body if main else furniture(body)
    return None


def _on(a: Arranger, carrier: Placed | None, *names: str, spot: tuple[float, float] | None = None, main: bool = False) -> Placed | None:
    """One of `names`, chosen at random, on top of a carrier."""
    if carrier is None:
        return None
    known = [name for name in names if name in a.site.items]
    if not known:
        return None
    name = known[int(a.site.rng.integers(len(known)))]
    body = _body(a, name, main=main, height=SMALL_HEIGHTS.get(name, a.site.items[name].real_height))
    return a.site.set_on(carrier, body, spot=spot) if body is not None else None


def _chance(a: Arranger, probability: float) -> bool:
    return bool(a.site.rng.random() < probability)


def _walls(a: Arranger, *, windows_last: bool = True) -> list[WallName]:
    """Left, back and right in random order, those with windows last."""
    names: list[WallName] = [("left", "back", "right")[int(i)] for i in a.site.rng.permutation(3)]  # type: ignore[misc]
    return sorted(names, key=lambda n: bool(a.wall(n).windows)) if windows_last else names


def _somewhere(a: Arranger, body: Placed | None, walls: list[WallName], *, at: float | None = None) -> Placed | None:
    """Against the first of the walls where it fits."""
    if body is None:
        return None
    for wall in walls:
        stood = a.against(body, wall, at=at)
        if stood is not None:
            return stood
    return None


def _rug_surface(a: Arranger) -> tuple[Surface, MaterialLook, bool]:
    """A rug: patterned, or plain in one colour; and whether it is round."""
    rng = a.site.rng
    if rng.random() < 0.6:
        art = texture("rug", int(rng.integers(8)))
        return Surface(SurfaceKind.DIFFUSE, (1, 1, 1), texture=art), MaterialLook(finish="patterned"), False
    color = str(rng.choice(RUG_COLORS))
    return paint(linear(color)), MaterialLook(color=color), bool(rng.random() < 0.4)


def _rug(a: Arranger, x: float, y: float, width: float, depth: float) -> None:
    surface, look, round_ = _rug_surface(a)
    a.rug(x, y, width, depth, surface, look, round_=round_ and abs(width - depth) < 1.4)


def _pictures(a: Arranger, count: int, walls: list[WallName], *, center: float = 1.6, role: str = "subject") -> None:
    """Up to `count` paintings where walls are free, larger ones above sofas and beds."""
    rng = a.site.rng
    hung = 0
    for _ in range(count * 6):
        wall = walls[int(rng.integers(len(walls)))]
        width = float(rng.uniform(0.5, 1.2))
        height = width * float(rng.choice([0.72, 1.0, 1.35]))
        low, high = (0.0, a.wall(wall).length) if wall in ("back", "front") else a._range(wall)
        along = float(rng.uniform(low + width / 2 + 0.15, max(high - width / 2 - 0.15, low + width / 2 + 0.16)))
        if a.picture(wall, width=width, height=min(height, 1.2), along=along, center=center, role=role):
            hung += 1
        if hung >= count:
            return


def _picture_above(a: Arranger, wall: WallName, below: Placed) -> None:
    """One large picture, or three small ones, centred above a piece of furniture."""
    frame = a.wall(wall).frame
    delta = np.array(below.position[:2]) - np.array(frame.origin[:2])
    along = float(delta @ [np.cos(frame.yaw), np.sin(frame.yaw)])
    center = max(1.5, below.height + 0.62)
    if _chance(a, 0.55):
        a.picture(wall, width=float(a.site.rng.uniform(0.9, 1.4)), height=float(a.site.rng.uniform(0.6, 0.85)), along=along, center=center)
        return
    for k in (-1, 0, 1):
        a.picture(wall, width=0.42, height=0.55, along=along + 0.58 * k, center=center)


def _keep_clear(a: Arranger, x0: float, x1: float, y0: float, y1: float) -> None:
    a.site.kept.append(rectangle(x0, x1, y0, y1))


# ---------------------------------------------------------------------------------------------- rooms
def living_room(a: Arranger) -> None:
    rng = a.site.rng
    walls = _walls(a)
    if a.room.plan.view == "corner":
        walls = sorted(walls, key=lambda n: n == "right")
    seat = _body(a, "sofa")
    sofa = None
    wall: WallName = "back"
    if seat is not None:
        order: list[WallName] = ["back", *[w for w in walls if w != "back"]] if _chance(a, 0.6) else walls
        for wall in order:
            sofa = a.against(seat, wall, at=float(rng.uniform(0.35, 0.65)))
            if sofa is not None:
                break
    table = None
    if sofa is not None:
        table_body = _body(a, "coffee table") if _chance(a, 0.75) else _body(a, "round table", "coffee table", height=0.44)
        table = a.before(table_body, sofa, distance=float(rng.uniform(0.35, 0.5))) if table_body else None
        anchor = table or sofa
        if _chance(a, 0.75):
            wide, deep = (2.6, 1.9) if sofa.yaw == 0 else (1.9, 2.6)
            _rug(a, anchor.position[0], anchor.position[1], wide, deep)
        lamp = _body(a, "floor lamp")
        if lamp is not None and _chance(a, 0.6):
            a.beside(lamp, sofa, side=int(rng.choice([-1, 1])), distance=0.1)
        if table is not None and (armchair := _body(a, "armchair")) is not None and _chance(a, 0.7):
            side = int(rng.choice([-1, 1]))
            across = np.array([np.cos(sofa.yaw), np.sin(sofa.yaw)]) * side
            reach = table.at(0, 0, yaw=0).half_width + armchair.half_depth + 0.3
            x, y = np.array(table.position[:2]) + across * reach
            a.at(armchair, float(x), float(y), yaw=sofa.yaw - side * np.pi / 2 + float(rng.normal(0, 0.12)))
        _picture_above(a, wall, sofa)
    if _chance(a, 0.3):
        hearth = _body(a, "fireplace")
        stood = _somewhere(a, hearth, [w for w in walls if not a.wall(w).windows] or walls, at=0.5)
        _on(a, stood, "vase", "candle", "clock", spot=(-0.7, 0.0))
        _on(a, stood, "vase", "candle", "potted plant", spot=(0.7, 0.0))
    elif _chance(a, 0.8):
        board = _body(a, "sideboard" if _chance(a, 0.5) else "bookcase", "sideboard")
        stood = _somewhere(a, board, walls)
        _on(a, stood, "vase", "table lamp", spot=(-0.7, 0.0), main=True)
        _on(a, stood, "book", "bowl", "candle", spot=(0.4, 0.0))
    plant = _body(a, "potted plant", "potted palm", height=float(rng.uniform(0.8, 1.3)))
    if plant is not None and _chance(a, 0.8):
        a.corner(plant)
    _on(a, table, "bowl", "vase", "potted plant", "teapot", spot=(float(rng.uniform(-0.5, 0.5)), 0.0), main=True)
    _on(a, table, "book", "mug", "candle")
    _pictures(a, int(rng.integers(0, 3)), ["back", "left", "right"])


def bedroom(a: Arranger) -> None:
    rng = a.site.rng
    walls = _walls(a, windows_last=bool(rng.random() < 0.7))
    bed_body = _body(a, "bed")
    bed = None
    wall: WallName = "back"
    if bed_body is not None:
        order: list[WallName] = ["back", *[w for w in walls if w != "back"]] if _chance(a, 0.6) else walls
        for wall in order:
            bed = a.against(bed_body, wall, at=float(rng.uniform(0.4, 0.6)), away=0.02)
            if bed is not None:
                break
    if bed is not None:
        stand = _body(a, "nightstand", main=True)
        for side in (-1, 1):
            if stand is None:
                break
            body = stand if side == -1 else a.site.again(stand)
            stood = a.beside(body, bed, side=side, distance=0.08)
            _on(a, stood, "table lamp", spot=(-0.1 * side, 0.1), main=True)
            _on(a, stood, "book", "mug", "clock", "vase")
        _picture_above(a, wall, bed)
        if _chance(a, 0.75):
            front = np.array([np.sin(bed.yaw), -np.cos(bed.yaw)]) * 0.9
            _rug(a, bed.position[0] + float(front[0]), bed.position[1] + float(front[1]), 2.4, 1.8)
    closet = _body(a, "wardrobe" if _chance(a, 0.55) else "chest of drawers", "cabinet")
    chest = _somewhere(a, closet, [w for w in walls if w != wall] + [wall])
    if chest is not None and chest.height < 1.2:
        _on(a, chest, "vase", "potted plant", "book", spot=(-0.5, 0))
    if _chance(a, 0.45):
        seat = _body(a, "armchair", "chair")
        if seat is not None:
            a.corner(seat)
    plant = _body(a, "potted plant", height=float(rng.uniform(0.6, 1.1)))
    if plant is not None and _chance(a, 0.6):
        a.corner(plant)
    _pictures(a, int(rng.integers(0, 3)), ["back", "left", "right"])


def study(a: Arranger) -> None:
    rng = a.site.rng
    walls = _walls(a, windows_last=bool(rng.random() < 0.5))
    desk_body = _body(a, "desk", "table")
    desk = None
    order: list[WallName] = ["back", *[w for w in walls if w != "back"]] if _chance(a, 0.5) else walls
    if desk_body is not None:
        for wall in order:
            desk = a.against(desk_body, wall, at=float(rng.uniform(0.3, 0.7)))
            if desk is not None:
                break
    if desk is not None:
        chair = _body(a, "office chair", "chair")
        if chair is not None:
            a.before(chair, desk, distance=float(rng.uniform(0.03, 0.12)), shift=float(rng.uniform(-0.1, 0.1)), turned=True)
        _on(a, desk, "table lamp", "desk lamp", spot=(float(rng.choice([-0.75, 0.75])), 0.35), main=True)
        _on(a, desk, "laptop", "computer monitor", "typewriter", "open book", "book", spot=(0.0, 0.0), main=True)
        _on(a, desk, "globe", "potted plant", "mug", "stack of books", "book")
        _on(a, desk, "mug", "pencil cup", "book")
    shelf = _body(a, "bookcase", main=True)
    for k in range(int(rng.integers(1, 4))):
        if shelf is not None:
            _somewhere(a, shelf if k == 0 else a.site.again(shelf), walls, at=float(rng.choice([0.0, 1.0])) if k == 0 else None)
    if _chance(a, 0.6):
        seat = _body(a, "armchair")
        if seat is not None and a.corner(seat) is not None and (lamp := _body(a, "floor lamp")) is not None:
            a.corner(lamp)
    if _chance(a, 0.6):
        _rug(a, 0.0, (a.span[0] + a.span[1]) / 2, 2.2, 1.7)
    if (plant := _body(a, "potted plant", height=float(rng.uniform(0.6, 1.1)))) is not None and _chance(a, 0.6):
        a.corner(plant)
    _pictures(a, int(rng.integers(1, 4)), ["back", "left", "right"])


def dining_room(a: Arranger) -> None:
    rng = a.site.rng
    middle = (a.span[0] * 0.4 + a.span[1] * 0.6)
    round_ = _chance(a, 0.3) and "round table" in a.site.items
    table_body = _body(a, "round table", height=0.75) if round_ else _body(a, "dining table", "table")
    yaw = 0.0 if a.room.width > 3.6 and _chance(a, 0.6) else np.pi / 2
    table = a.at(table_body, float(rng.uniform(-0.2, 0.2)), middle, yaw=yaw, clearance=0.5) if table_body is not None else None
    if table is not None:
        wide, deep = (2.9, 2.2) if yaw == 0 else (2.2, 2.9)
        if _chance(a, 0.45):
            _rug(a, table.position[0], table.position[1], wide, deep)
        chair = _body(a, "chair")
        if chair is not None:
            a.around(chair, table, ends=round_ or _chance(a, 0.5), seats=1 if round_ else 2)
        _on(a, table, "vase", "bowl", "potted plant", "candle", spot=(0.0, 0.0), main=True)
        for _ in range(int(rng.integers(0, 4))):
            _on(a, table, "plate", "mug", "wine glass", "bottle", "candle", "teapot", "apple")
        _hanging_lamp(a, table.position[0], table.position[1], drop=max(0.5, a.room.headroom(table.position[0]) - 1.75))
    board = _somewhere(a, _body(a, "sideboard", "cabinet"), _walls(a))
    _on(a, board, "vase", "table lamp", "bowl", spot=(-0.6, 0), main=True)
    _on(a, board, "book", "candle", "bottle", "teapot", spot=(0.3, 0))
    plant = _body(a, "potted plant", height=float(rng.uniform(0.7, 1.2)))
    if plant is not None and _chance(a, 0.7):
        a.corner(plant)
    _pictures(a, int(rng.integers(1, 4)), ["back", "left", "right"])


def _hanging_lamp(a: Arranger, x: float, y: float, *, drop: float) -> None:
    glow = lamp_glow(a)
    colors = ("white", "black", "red", "yellow", "teal", "orange", "beige")
    a.pendant(x, y, drop=drop, radius=float(a.site.rng.uniform(0.18, 0.3)), color=linear(str(a.site.rng.choice(colors))), glow=glow)


def lamp_glow(a: Arranger) -> Surface:
    """The one glowing surface of a room's ceiling lamps, warm white."""
    return Surface(SurfaceKind.DIFFUSE, (0.8, 0.78, 0.7), emission=(22.0, 16.0, 9.5), lamp=True)


def kitchen(a: Arranger) -> None:
    """A run of cabinets along the back wall (or a side), a fridge at its end, a table if there is room."""
    rng = a.site.rng
    wall: WallName = "back"
    side = a.wall(wall)
    low, high = a._range(wall)
    look = None
    cabinet = _body(a, "kitchen cabinet", main=False)
    assert cabinet is not None
    look = cabinet.look
    width = 2 * cabinet.at(0, 0, yaw=0).half_width
    slots = int((high - low) // width)
    fridge_at = 0 if _chance(a, 0.5) else slots - 1
    middle = slots // 2
    stove_at = middle + (1 if fridge_at == 0 else -1) * (1 if slots > 4 else 0)
    sink_at = middle - (1 if fridge_at == 0 else -1)
    start = low + (high - low - slots * width) / 2
    run: list[Placed] = []
    for k in range(slots):
        name = {fridge_at: "fridge", stove_at: "stove", sink_at: "kitchen sink"}.get(k, "kitchen cabinet")
        if name == "kitchen cabinet":
            body = furniture(a.site.thing(name, look=look))
        elif name == "kitchen sink":
            body = furniture(a.site.thing(name, look=look))
        else:
            body = a.site.thing(name)
        flat = body.at(0, 0, yaw=0.0)
        x, y, _ = side.frame.point(start + (k + 0.5) * width, flat.half_depth + 0.01)
        there = body.at(x, y, 0.0, yaw=side.frame.yaw)
        if a.fits(there, clearance=-0.09):
            run.append(a.site.stand(there))
    _upper_cabinets(a, wall, start, width, slots, {fridge_at, stove_at}, look)
    for body in run:
        if body.item.name == "kitchen cabinet" and _chance(a, 0.75):
            _on(a, body, "bowl", "bottle", "teapot", "vase", "mug", "potted plant", "pot", "toaster", "kettle", main=_chance(a, 0.4))
    depth_left = a.span[1] - a.span[0] - 0.7
    if depth_left > 2.6 and a.room.width > 3.4:
        table_body = _body(a, "round table" if _chance(a, 0.4) else "table", "dining table", height=0.75)
        table = a.at(table_body, float(rng.uniform(-0.3, 0.3)), a.span[0] + depth_left * 0.58, clearance=0.5) if table_body else None
        if table is not None:
            if (chair := _body(a, "chair", "stool")) is not None:
                a.around(chair, table, ends=_chance(a, 0.5), seats=1)
            _on(a, table, "bowl", "vase", "potted plant", "teapot", spot=(0, 0), main=True)
            _on(a, table, "mug", "apple", "orange", "plate", "book")
            _hanging_lamp(a, table.position[0], table.position[1], drop=max(0.5, a.room.headroom(table.position[0]) - 1.8))
    if (plant := _body(a, "potted plant", height=float(rng.uniform(0.6, 1.0)))) is not None and _chance(a, 0.4):
        a.corner(plant)


def _upper_cabinets(a: Arranger, wall: WallName, start: float, width: float, slots: int, skip: set[int], look: MaterialLook) -> None:
    """Wall cabinets over the worktop, a hood over the stove, where no window is."""
    from reflet.render.masonry import slab, slabs  # noqa: PLC0415

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
        handles = slabs(np.tile([0.015, 0.02, 0.14], (count, 1)), centers + [width * 0.35, -0.175, -(high - low) * 0.3])
        a.site.build(surface, side.frame.place(bodies))
        a.site.build(a.finish.metal, side.frame.place(handles))
    stove = [p for p in a.site.placed if p.item.name == "stove"]
    if stove:
        along = float((np.array(stove[0].position[:2]) - np.array(side.frame.origin[:2])) @ [np.cos(side.frame.yaw), np.sin(side.frame.yaw)])
        if not any(o.start < along + 0.35 and o.end > along - 0.35 for o in side.windows):
            hood = [slab((0.6, 0.46, 0.12), (along, -0.24, 1.62)), slab((0.26, 0.26, a.room.height - 1.68), (along, -0.14, (a.room.height + 1.68) / 2))]
            a.site.build(a.finish.metal, *(side.frame.place(mesh) for mesh in hood))


def bathroom(a: Arranger) -> None:
    rng = a.site.rng
    walls = _walls(a)
    basin_wall: WallName = walls[0]
    basin = None
    body = _body(a, "washbasin")
    if body is not None:
        for basin_wall in ("back", *walls):
            if (basin := a.against(body, basin_wall, at=float(rng.uniform(0.15, 0.85)))) is not None:
                break
    if basin is not None:
        frame = a.wall(basin_wall).frame
        along = float((np.array(basin.position[:2]) - np.array(frame.origin[:2])) @ [np.cos(frame.yaw), np.sin(frame.yaw)])
        a.mirror(basin_wall, width=0.75, height=0.85, along=along, center=1.62, silver=materials.fixed_surface("mirror", rng), frame_color=(0.03, 0.03, 0.03))
    tub = _body(a, "bathtub")
    if tub is not None:
        for wall in [w for w in ("back", "left", "right") if w != basin_wall] + [basin_wall]:
            if a.against(tub, wall, at=float(rng.choice([0.0, 1.0, 0.5])), away=0.08) is not None:  # type: ignore[arg-type]
                break
    if (toilet := _body(a, "toilet")) is not None:
        _somewhere(a, toilet, walls)
    if (stool := _body(a, "stool", height=0.45)) is not None and _chance(a, 0.4):
        a.corner(stool)
    if (plant := _body(a, "potted plant", height=float(rng.uniform(0.5, 0.9)))) is not None and _chance(a, 0.7):
        a.corner(plant)
    if _chance(a, 0.6):
        _rug(a, float(rng.uniform(-0.3, 0.3)), (a.span[0] + a.span[1]) * 0.55, 1.2, 0.8)


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
    pedestal = _body(a, "pedestal", main=False)
    bench = _body(a, "bench")
    if bench is not None and _chance(a, 0.7):
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
            if any(o.sill < tall and o.start - 0.05 < along + width / 2 and along - width / 2 < o.end + 0.05 for o in (*side.windows, *side.doors)):
                continue
            from dataclasses import replace  # noqa: PLC0415

            body = replace(body, height=tall)
            x, y, _ = side.frame.point(along, flat.half_depth * scale + 0.01)
            there = body.at(x, y, 0.0, yaw=side.frame.yaw)
            if a.fits(there, clearance=-0.01):
                a.site.stand(there)
    table_body = _body(a, "dining table" if _chance(a, 0.6) else "round table", "table", height=0.75)
    yaw = np.pi / 2 if a.room.depth > a.room.width else 0.0
    table = a.at(table_body, 0.0, a.room.depth * 0.58, yaw=yaw, clearance=0.4) if table_body is not None else None
    if table is not None:
        _rug(a, 0.0, table.position[1], 2.2 if yaw else 3.0, 3.0 if yaw else 2.2)
        if (chair := _body(a, "chair")) is not None:
            a.around(chair, table, ends=False, seats=2)
        _on(a, table, "table lamp", "globe", spot=(0.0, 0.0), main=True)
        for _ in range(3):
            _on(a, table, "book", "open book", "mug", "globe")
    if (seat := _body(a, "armchair")) is not None and _chance(a, 0.6):
        a.corner(seat)


ROOMS: dict[str, Callable[[Arranger], None]] = {
    "living room": living_room, "bedroom": bedroom, "study": study, "dining room": dining_room, "kitchen": kitchen,
    "bathroom": bathroom, "gallery": gallery, "library": library,
}  # fmt: skip
