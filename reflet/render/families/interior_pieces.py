"""The moves that furnish a room: bring a body, stand it somewhere, put things on it, lay a rug, hang pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reflet.render import materials
from reflet.render.families.interior_arranging import Arranger, furniture
from reflet.render.families.interior_finish import linear
from reflet.render.families.interior_plan import WallName
from reflet.render.placement import Placed, choose_look
from reflet.render.scene import MaterialLook, SubjectSpec, Surface, SurfaceKind
from reflet.render.textures import texture
from reflet.render.vocabulary import COLORED

SMALL_HEIGHTS = {"potted plant": 0.34, "cactus": 0.22, "potted cactus": 0.22}  # on tables they are small ones
# What furniture is mostly made of; the rest of the time it is anything the catalogue allows.
USUAL_MATERIALS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "table",
            "round table",
            "dining table",
            "desk",
            "coffee table",
            "nightstand",
            "chest of drawers",
            "wardrobe",
            "sideboard",
            "cabinet",
            "bookshelf",
            "bookcase",
            "stool",
            "washbasin",
        ),
        ("wood",),
    ),
    "chair": ("wood", "wood", "plastic"),
    "sofa": ("fabric", "fabric", "leather"),
    "armchair": ("fabric", "leather"),
    "office chair": ("leather", "fabric"),
    "bed": ("fabric",),
    "kitchen cabinet": ("painted metal", "painted metal", "wood"),
    "fridge": ("steel", "painted metal"),
    "stove": ("steel", "painted metal"),
}
CABINET_COLORS = ("white", "white", "grey", "beige", "navy blue", "dark green", "light blue", "red", "yellow", "teal")


def bring(
    a: Arranger, *names: str, main: bool = True, height: float | None = None, color: str | None = None
) -> Placed | None:
    """A body of the first of `names` that the catalogue has, in the colours of the room's scheme or as wished."""
    for name in names:
        if name in a.site.items:
            wish = a.take_wish(name)
            look = _furniture_look(a, name, color) if wish is None else _wished_look(a, wish)
            body = a.site.thing(name, look=look, height=height)
            return body if main or wish is not None else furniture(body)
    return None


def _wished_look(a: Arranger, wish: SubjectSpec) -> MaterialLook:
    assert wish.name is not None
    return choose_look(a.site.items[wish.name], a.site.rng, color=wish.color, material=wish.material)


def _furniture_look(a: Arranger, name: str, color: str | None) -> MaterialLook | None:
    """Usual material, colour of the scheme, seldom a pattern; None for things that are made of themselves."""
    item, rng = a.site.items[name], a.site.rng
    usual = [material for material in USUAL_MATERIALS.get(name, ()) if material in item.materials]
    if not item.materials:
        return None
    material = usual[int(rng.integers(len(usual)))] if usual and rng.random() < 0.8 else None
    if color is None:
        colors = CABINET_COLORS if name in ("kitchen cabinet", "kitchen sink") else a.scheme
        color = colors[int(rng.integers(len(colors)))] if rng.random() < 0.8 else None
    colored = COLORED if material is None else (material,) if material in COLORED else ()
    takes = any(option in colored for option in item.materials) and (item.colors is None or color in item.colors)
    look = choose_look(item, rng, material=material, color=color if takes else None)
    plain = name in ("bathtub", "toilet", "pedestal") or rng.random() < 0.7
    if "furniture" in item.tags and look.finish is not None and plain:
        look = replace(look, finish=None)
    return look


def put_on(
    a: Arranger, carrier: Placed | None, *names: str, spot: tuple[float, float] | None = None, main: bool = False
) -> Placed | None:
    """One of `names`, chosen at random, on top of a carrier."""
    if carrier is None:
        return None
    known = [name for name in names if name in a.site.items]
    if not known:
        return None
    name = known[int(a.site.rng.integers(len(known)))]
    body = bring(a, name, main=main, height=SMALL_HEIGHTS.get(name, a.site.items[name].real_height))
    return a.site.set_on(carrier, body, spot=spot) if body is not None else None


def chance(a: Arranger, probability: float) -> bool:
    return bool(a.site.rng.random() < probability)


def wall_order(a: Arranger, *, windows_last: bool = True) -> list[WallName]:
    """Left, back and right in random order, those with windows last."""
    names: list[WallName] = [("left", "back", "right")[int(i)] for i in a.site.rng.permutation(3)]  # type: ignore[misc]
    return sorted(names, key=lambda n: bool(a.wall(n).windows)) if windows_last else names


def stand_somewhere(
    a: Arranger, body: Placed | None, walls: list[WallName], *, at: float | None = None
) -> Placed | None:
    """Against the first of the walls where it fits."""
    if body is None:
        return None
    for wall in walls:
        stood = a.against(body, wall, at=at)
        if stood is not None:
            return stood
    return None


def rug_surface(a: Arranger) -> tuple[Surface, MaterialLook, bool]:
    """A rug: patterned, or plain in one colour; and whether it is round."""
    rng = a.site.rng
    if rng.random() < 0.6:
        art = texture("rug", int(rng.integers(8)))
        return Surface(SurfaceKind.DIFFUSE, (0.85, 0.85, 0.85), texture=art), MaterialLook(finish="patterned"), False
    carpet = materials.ground(rng, "carpet")
    return replace(carpet.surface, uv_scale=4.0, bump=0.0), MaterialLook(color=carpet.color), bool(rng.random() < 0.4)


def lay_rug(a: Arranger, x: float, y: float, width: float, depth: float) -> None:
    surface, look, round_ = rug_surface(a)
    a.rug((x, y), (width, depth), surface, look, round_=round_ and abs(width - depth) < 1.4)


def hang_pictures(
    a: Arranger, count: int, walls: list[WallName], *, center: float = 1.6, role: str = "subject"
) -> None:
    """Up to `count` paintings where walls are free, larger ones above sofas and beds."""
    rng = a.site.rng
    hung = 0
    for _ in range(count * 6):
        wall = walls[int(rng.integers(len(walls)))]
        width = float(rng.uniform(0.5, 1.2))
        height = width * float(rng.choice([0.72, 1.0, 1.35]))
        low, high = (0.0, a.wall(wall).length) if wall in ("back", "front") else a.stretch(wall)
        along = float(rng.uniform(low + width / 2 + 0.15, max(high - width / 2 - 0.15, low + width / 2 + 0.16)))
        if a.picture(wall, width=width, height=min(height, 1.2), along=along, center=center, role=role):
            hung += 1
        if hung >= count:
            return


def hang_above(a: Arranger, wall: WallName, below: Placed) -> None:
    """One large picture, or three small ones, centred above a piece of furniture."""
    frame = a.wall(wall).frame
    delta = np.array(below.position[:2]) - np.array(frame.origin[:2])
    along = float(delta @ [np.cos(frame.yaw), np.sin(frame.yaw)])
    center = max(1.5, below.height + 0.62)
    if chance(a, 0.55):
        a.picture(
            wall,
            width=float(a.site.rng.uniform(0.9, 1.4)),
            height=float(a.site.rng.uniform(0.6, 0.85)),
            along=along,
            center=center,
        )
        return
    for k in (-1, 0, 1):
        a.picture(wall, width=0.42, height=0.55, along=along + 0.58 * k, center=center)


FILLERS: dict[str, tuple[str, ...]] = {
    "living room": ("bookcase", "sideboard", "armchair", "floor lamp", "potted plant", "chest of drawers", "cabinet"),
    "bedroom": ("chest of drawers", "armchair", "floor lamp", "potted plant", "bookcase", "wardrobe", "desk"),
    "study": ("bookcase", "bookshelf", "cabinet", "armchair", "floor lamp", "potted plant", "globe"),
    "dining room": ("sideboard", "cabinet", "potted plant", "floor lamp", "bookcase"),
}


def fill(a: Arranger) -> None:
    """Some more furniture along the walls of a room that is still bare, with something on its top."""
    names = [name for name in FILLERS.get(a.room.kind, ()) if name in a.site.items]
    standing = {body.item.name for body in a.site.placed}
    area = a.room.width * (a.span[1] - a.span[0])
    wanted = int(a.site.rng.integers(1, 3)) + int(area > 21)
    for index in a.site.rng.permutation(len(names)):
        name = names[int(index)]
        if wanted <= 0:
            return
        if name in standing:
            continue
        tall = float(a.site.rng.uniform(0.7, 1.2)) if name == "potted plant" else None
        stood = stand_somewhere(a, bring(a, name, height=tall), wall_order(a), at=None)
        wanted -= stood is not None
        if stood is not None and stood.height < 1.3:
            put_on(a, stood, "vase", "table lamp", "mantel clock", "globe", "potted plant", spot=(-0.5, 0.0), main=True)
            put_on(a, stood, "book", "stack of books", "bowl", "candle", "picture frame", spot=(0.45, 0.0))


def hang_lamp(a: Arranger, x: float, y: float, *, drop: float) -> None:
    glow = lamp_glow(a)
    colors = ("white", "black", "red", "yellow", "teal", "orange", "beige")
    a.pendant(
        x,
        y,
        drop=drop,
        radius=float(a.site.rng.uniform(0.18, 0.3)),
        color=linear(str(a.site.rng.choice(colors))),
        glow=glow,
    )


def lamp_glow(a: Arranger) -> Surface:
    """The one glowing surface of a room's ceiling lamps, warm white."""
    return Surface(SurfaceKind.DIFFUSE, (0.8, 0.78, 0.7), emission=(22.0, 16.0, 9.5), lamp=True)
