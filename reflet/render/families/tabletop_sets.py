"""The stages of the tabletop family: a table by a wall, by a window, on a terrace; a shelf, a sweep, a counter.

Every builder gets the generator, the `Setting` of what stands there and the word of the ground, and returns a
`Stage`. Units are tabletop units: 0.12 m.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.masonry import Opening, moved, pierced_wall, slabs
from reflet.render.materials import GroundChoice
from reflet.render.scene import RGB, Mesh, Part
from reflet.render.shapes import cylinder, merge, transform
from reflet.render.stages import Detail, Setting, Stage, board, choose, floor, horizon_point, legs, matt, plain, wall
from reflet.render.vista import VISTAS, vista_parts
from reflet.render.vocabulary import COLORS, srgb_to_linear

FLOOR_LEVEL = -6.2  # a table is 0.75 m high
CEILING_LEVEL = 15.0

_PAINTS = tuple(color for color in COLORS if color not in {"lime green", "magenta"})
_COVERINGS = ("brick", "wood", "wallpaper", "stone", "tiles", "concrete", "marble")
_TOP_PHRASES = {
    "concrete": "a concrete table",
    "tiles": "a tiled table",
    "terrazzo": "a terrazzo table",
    "marble": "a marble table",
    "granite": "a granite table",
    "mirror": "a mirrored table",
}
_OUTSIDE = (
    "garden",
    "meadow",
    "park",
    "hills",
    "mountains",
    "sea",
    "field",
    "forest",
    "snowy landscape",
    "lake",
    "desert",
)
_WOODS: tuple[RGB, ...] = (
    (0.16, 0.075, 0.03),
    (0.38, 0.22, 0.10),
    (0.05, 0.03, 0.02),
    (0.62, 0.60, 0.56),
    (0.03, 0.03, 0.03),
)


def article(phrase: str) -> str:
    return ("an " if phrase[:1] in "aeiou" else "a ") + phrase


def paint(word: str, rng: Generator) -> RGB:
    """The linear colour of a wall said to be `word`: softer than the pure colour."""
    display = np.array(COLORS[word])
    soften = 0.06 if word in {"white", "black"} else 0.22
    display = np.clip((display * (1 - soften) + soften * 0.9) * rng.uniform(0.9, 1.05), 0.03, 0.95)
    return srgb_to_linear((float(display[0]), float(display[1]), float(display[2])))


def free_color(rng: Generator, setting: Setting) -> str:
    """A paint that none of the things has."""
    words = [w for w in _PAINTS if w not in setting.colors] or list(_PAINTS)
    return words[int(rng.integers(len(words)))]


def wall_finish(rng: Generator, setting: Setting, *, painted: float = 0.5) -> GroundChoice:
    """Paint of some colour, or brick, wood, wallpaper, stone, tiles, concrete, marble."""
    if rng.random() < painted:
        color = free_color(rng, setting)
        if rng.random() < 0.6:  # smooth paint
            return GroundChoice("plaster", f"{article(color)} wall", matt(paint(color, rng)), color)
        return materials.wall(rng, unit=setting.texel, color=color)
    return materials.wall(rng, _COVERINGS[int(rng.integers(len(_COVERINGS)))], unit=setting.texel)


def _behind(rng: Generator, setting: Setting, low: float, high: float) -> float:
    """Distance of a wall behind everything, in world units; the quarter nearest `low` is most common."""
    return setting.back + low + (high - low) * float(rng.random()) ** 1.7


def _table(rng: Generator, setting: Setting, word: str, *, back: float) -> tuple[list[Part], str]:
    """A table that carries all the things, its far edge no further than `back`; and the phrase of its top."""
    ground = setting.ground(rng, word)
    phrase = _TOP_PHRASES.get(word, ground.phrase)
    reach = setting.radius
    side = max(setting.right, -setting.left) + rng.uniform(1.0, 2.2) + (rng.random() < 0.6) * rng.uniform(2, 6)
    near = setting.near - rng.uniform(0.5, 1.4) - (rng.random() < 0.65) * rng.uniform(2, 6)
    far = min(back, setting.back + rng.uniform(0.5, 1.2) + (rng.random() < 0.6) * rng.uniform(1, 4))
    top = ground.surface
    wood = plain(_WOODS[int(rng.integers(len(_WOODS)))], roughness=0.4)
    round_top = rng.random() < 0.2 and back > setting.back + reach + 2
    if round_top:
        radius = reach * 1.15 + rng.uniform(0.6, 2.5)
        disc = transform(cylinder(radius, 0.3), translate=(0.0, 0.0, -0.3))
        flat = Mesh(disc.vertices, disc.faces, np.asarray(disc.vertices)[:, :2].copy(), disc.normals)
        stem = slabs(np.array([[0.6, 0.6, -FLOOR_LEVEL - 0.3]]), np.array([[0.0, 0.0, (FLOOR_LEVEL - 0.3) / 2]]))
        return [Part(flat, top), Part(stem, wood)], phrase
    cloth = word == "tablecloth"
    thickness = float(rng.uniform(1.2, 2.2)) if cloth else float(rng.uniform(0.22, 0.45))
    slab = board(-side, side, near, far, thickness=thickness, bevel=0.03)
    support = legs(-side, side, near, far, foot=FLOOR_LEVEL, thickness=0.55, inset=0.5)
    return [Part(slab, top), Part(moved(support, translate=(0, 0, -0.28)), wood)], phrase


def _room_floor(rng: Generator, setting: Setting, *, level: float = FLOOR_LEVEL) -> Part:
    word = choose(rng, {"wooden floor": 3, "carpet": 1, "tiles": 1, "concrete": 1})
    return Part(floor((0, 0), 45, 45, z=level), setting.ground(rng, word).surface)


def wall_table(rng: Generator, setting: Setting, word: str) -> Stage:
    """A table before a wall."""
    distance = _behind(rng, setting, 0.5, 7.0)
    yaw = float(np.clip(rng.normal(0, 0.1), -0.25, 0.25)) if distance > setting.back + 2.5 else 0.0
    finish = wall_finish(rng, setting)
    parts, phrase = _table(rng, setting, word, back=distance)
    parts.append(Part(wall(90, distance, FLOOR_LEVEL, 24, yaw=yaw), finish.surface))
    parts.append(_room_floor(rng, setting))
    return Stage(parts, f"on {phrase}", "table", word, (Detail(f"with {finish.phrase} behind", (0.0, distance, 0.0)),))


def window_table(rng: Generator, setting: Setting, word: str) -> Stage:
    """A table by a window that looks out on something green."""
    distance = _behind(rng, setting, 0.9, 3.5)
    finish = wall_finish(rng, setting, painted=0.75)
    width, height = float(rng.uniform(6, 11)), float(rng.uniform(7, 10))
    sill = -FLOOR_LEVEL + float(rng.uniform(0.1, 1.2))
    start = 30 - width / 2 + float(rng.normal(0, 1.2))
    opening = Opening(start=start, end=start + width, sill=sill, head=sill + height)
    mesh = moved(pierced_wall(60, 24, (opening,), depth=1.4), translate=(-30, distance, FLOOR_LEVEL))
    white = (
        plain((0.75, 0.74, 0.71), roughness=0.35) if rng.random() < 0.7 else plain((0.10, 0.05, 0.02), roughness=0.35)
    )
    bars = moved(_window_bars(rng, opening), translate=(-30, distance + 0.9, FLOOR_LEVEL))
    parts, phrase = _table(rng, setting, word, back=distance)
    parts += [Part(mesh, finish.surface), Part(bars, white), _room_floor(rng, setting)]
    vista = VISTAS[_OUTSIDE[int(rng.integers(len(_OUTSIDE)))]]
    parts += vista_parts(rng, vista, scale=1 / setting.metres, level=FLOOR_LEVEL - rng.uniform(2, 20), near=22)
    middle = (opening.middle - 30, distance, FLOOR_LEVEL + sill + 0.25 * height)
    return Stage(
        parts, f"on {phrase} by a window", "table", word, (Detail(f"with {vista.phrase} outside the window", middle),)
    )


def _window_bars(rng: Generator, opening: Opening) -> Mesh:
    """Frame and glazing bars in the window's plane."""
    columns, rows = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    thick, thin, depth = 0.45, 0.18, 0.5
    sizes, centers = [], []
    for x in np.linspace(opening.start, opening.end, columns + 1):
        edge = x in (opening.start, opening.end)
        sizes.append([thick if edge else thin, depth, opening.height])
        centers.append([x, 0, (opening.sill + opening.head) / 2])
    for z in np.linspace(opening.sill, opening.head, rows + 1):
        edge = z in (opening.sill, opening.head)
        sizes.append([opening.width, depth * 0.98, thick if edge else thin])
        centers.append([opening.middle, 0, z])
    return slabs(np.array(sizes), np.array(centers))


def terrace(rng: Generator, setting: Setting, word: str) -> Stage:
    """A table in the open, a landscape and the sky behind it."""
    vista = VISTAS[_OUTSIDE[int(rng.integers(len(_OUTSIDE)))]]
    parts, phrase = _table(rng, setting, word, back=setting.back + 9)
    drop = 0.0 if vista.num_trees > 20 and not vista.water else float(rng.uniform(0, 60))
    level = FLOOR_LEVEL - 0.3 - drop
    if drop:
        paving = materials.ground(
            rng, choose(rng, {"tiles": 2, "concrete": 1, "wooden floor": 2, "cobblestones": 1}), unit=setting.texel
        )
        deck = board(-40, 40, -60, setting.back + 14, thickness=1.0)
        parts.append(Part(moved(deck, translate=(0, 0, FLOOR_LEVEL)), paving.surface))
        if rng.random() < 0.45:
            parts.append(_railing(rng, setting.back + 13))
    parts += vista_parts(rng, vista, scale=1 / setting.metres, level=level, near=10)
    where = (
        "in a garden" if vista.environment == "garden" else "in a park" if vista.environment == "park" else "outdoors"
    )
    far = Detail(f"with {vista.phrase} in the background", horizon_point(setting))
    details = () if vista.environment in {"garden", "park"} else (far,)
    return Stage(parts, f"on {phrase} {where}", vista.environment, word, details)


def _railing(rng: Generator, y: float) -> Part:
    bottom, top = FLOOR_LEVEL, FLOOR_LEVEL + 8.0
    posts = np.arange(-36, 36.1, float(rng.choice([1.1, 1.6, 6.0])))
    sizes = [[0.22, 0.22, top - bottom]] * len(posts) + [[72, 0.4, 0.35], [72, 0.25, 0.2]]
    centers = [[x, y, (top + bottom) / 2] for x in posts] + [[0, y, top], [0, y, bottom + 1.0]]
    color: RGB = [(0.7, 0.69, 0.66), (0.03, 0.03, 0.03), (0.22, 0.12, 0.06)][int(rng.integers(3))]
    return Part(slabs(np.array(sizes), np.array(centers)), plain(color))


def shelf(rng: Generator, setting: Setting, word: str) -> Stage:
    """A shelf on a wall, perhaps with another above."""
    depth = setting.back - setting.near
    distance = setting.back + rng.uniform(0.15, 0.6) + 0.1 * depth
    near = setting.near - rng.uniform(0.15, 0.5)
    side = max(setting.right, -setting.left) + rng.uniform(0.6, 5)
    ground = setting.ground(rng, word)
    surface = ground.surface
    thickness = float(rng.uniform(0.2, 0.4))
    parts = [Part(board(-side, side, near, distance, thickness=thickness, bevel=0.03), surface)]
    finish = wall_finish(rng, setting)
    parts.append(Part(wall(80, distance, -14, 20), finish.surface))
    if rng.random() < 0.5:  # brackets
        xs = (-0.7 * side, 0.7 * side)
        sizes = [[0.18, (distance - near) * 0.7, 0.18]] * 2 + [[0.18, 0.18, 1.4]] * 2
        centers = [[x, (distance * 1.3 + near * 0.7) / 2, -thickness - 0.09] for x in xs]
        centers += [[x, distance - 0.09, -thickness - 0.7] for x in xs]
        parts.append(Part(slabs(np.array(sizes), np.array(centers)), plain((0.03, 0.03, 0.03), roughness=0.4)))
    else:  # a bookcase: uprights and a board above
        head = setting.top + rng.uniform(0.7, 1.6)
        sizes = [[0.3, distance - near, 2 * head + 4]] * 2 + [[2 * side, distance - near, thickness]]
        centers = [[s * (side + 0.15), (distance + near) / 2, 0.0] for s in (-1, 1)]
        centers.append([0, (distance + near) / 2, head + thickness / 2])
        parts.append(Part(slabs(np.array(sizes), np.array(centers)), surface))
    return Stage(
        parts, f"on {ground.phrase}", "table", word, (Detail(f"with {finish.phrase} behind", (0.0, distance, 0.0)),)
    )


def sweep(rng: Generator, setting: Setting, word: str) -> Stage:
    """A studio sweep: paper that runs from the table up the wall in one curve."""
    color_word = free_color(rng, setting)
    color = paint(color_word, rng)
    radius = float(rng.uniform(1.5, 5.0))
    start = _behind(rng, setting, 0.6, 3.5)
    mesh = curved(half=50.0, front=-45.0, start=start, radius=radius, head=34.0)
    surface = plain(color, roughness=float(rng.uniform(0.35, 0.8)))
    phrase = f"{article(color_word)} backdrop"
    return Stage([Part(mesh, surface)], f"on {phrase}", "studio", "plain backdrop")


def curved(*, half: float, front: float, start: float, radius: float, head: float) -> Mesh:
    """Level from `front` to `start`, a quarter circle up, then upright to `head`; smooth, 50 triangles."""
    angles = np.linspace(0, np.pi / 2, 12)
    y = np.concatenate([[front], start + radius * np.sin(angles), [start + radius]])
    z = np.concatenate([[0.0], radius * (1 - np.cos(angles)), [head]])
    tilt = np.concatenate([[0.0], angles, [np.pi / 2]])
    count = len(y)
    vertices = np.concatenate([np.stack([np.full(count, s * half), y, z], 1) for s in (-1, 1)])
    normals = np.tile(np.stack([np.zeros(count), -np.sin(tilt), np.cos(tilt)], 1), (2, 1))
    i = np.arange(count - 1)
    faces = np.concatenate([np.stack([i, i + count, i + count + 1], 1), np.stack([i, i + count + 1, i + 1], 1)])
    return Mesh(vertices, faces, vertices[:, :2].copy(), normals)


def flat_lay(rng: Generator, setting: Setting, word: str) -> Stage:
    """One wide surface, seen from above."""
    ground = setting.ground(rng, word)
    mesh = floor((0, 0), 40, 40, z=0.0, yaw=float(rng.uniform(0, 2 * np.pi)))
    return Stage([Part(mesh, ground.surface)], f"on {ground.phrase}", "table", word)


def room_corner(rng: Generator, setting: Setting, word: str) -> Stage:
    """The floor of a room where two walls meet."""
    ground = setting.ground(rng, word)
    finish = wall_finish(rng, setting, painted=0.7)
    yaw = float(rng.uniform(0.55, 1.0)) * (1 if rng.random() < 0.5 else -1)
    corner_y = setting.back + setting.radius * rng.uniform(0.5, 1.0) + rng.uniform(1.0, 4.0)
    long = 40.0
    left, right = wall(long, 0, 0, 24), wall(long, 0, 0, 24)
    meshes = [moved(left, translate=(-long / 2, 0, 0)), moved(right, yaw=-np.pi / 2, translate=(0, -long / 2, 0))]
    turn = np.pi / 4 + yaw * 0.35
    corner = (float(rng.uniform(-1, 1)), float(corner_y), 0.0)
    walls = [moved(m, yaw=turn, translate=corner) for m in meshes]
    skirting = [
        slabs(np.array([[long, 0.12, 0.7]]), np.array([[-long / 2, -0.06, 0.35]])),
        slabs(np.array([[0.12, long, 0.7]]), np.array([[-0.06, -long / 2, 0.35]])),
    ]
    boards = merge(*(moved(m, yaw=turn, translate=corner) for m in skirting))
    parts = [Part(floor((0, 0), 45, 45, z=0.0, yaw=turn), ground.surface)]
    parts += [Part(merge(*walls), finish.surface), Part(boards, plain((0.7, 0.69, 0.66), roughness=0.4))]
    return Stage(parts, f"on {ground.phrase}", "living room", word, (Detail("in the corner of a room", corner),))


def counter(rng: Generator, setting: Setting, word: str) -> Stage:
    """A kitchen counter before tiles, with a cupboard above."""
    ground = setting.ground(rng, word)
    distance = _behind(rng, setting, 0.5, 2.2)
    near = min(setting.near - rng.uniform(0.4, 1.5), distance - 4.6)
    top = board(-40, 40, near, distance, thickness=0.35, bevel=0.04)
    color = paint(choose(rng, {"white": 3, "teal": 1, "navy blue": 1, "dark green": 1, "beige": 1, "grey": 1}), rng)
    front = plain(color, roughness=0.35)
    doors = np.arange(-36, 36, 4.6)
    sizes = [[4.5, 0.25, 5.4]] * len(doors)
    centers = [[x, near + 0.4, -3.2] for x in doors]
    parts = [Part(top, ground.surface), Part(slabs(np.array(sizes), np.array(centers)), front)]
    tiles = materials.wall(rng, "tiles", unit=setting.texel).surface
    parts.append(Part(wall(90, distance, FLOOR_LEVEL, 24), tiles))
    if rng.random() < 0.55:
        bottom = max(5.0, setting.top + 1.6)
        sizes = [[4.5, 2.6, 6.5]] * len(doors)
        parts.append(Part(slabs(np.array(sizes), np.array([[x, distance - 1.3, bottom + 3.25] for x in doors])), front))
    parts.append(_room_floor(rng, setting, level=-7.5))
    return Stage(parts, "on a kitchen counter", "kitchen", word)


def backdrop(rng: Generator, setting: Setting, word: str) -> Stage:
    """A table in a studio: nothing behind but the light's own soft gradient."""
    parts, phrase = _table(rng, setting, word, back=setting.back + 12)
    return Stage(
        parts, f"on {phrase}", "studio", word, (Detail("in front of a plain background", horizon_point(setting)),)
    )


def panorama(rng: Generator, setting: Setting, word: str) -> Stage:
    """A table in a photographed place, which the light's panorama shows."""
    parts, phrase = _table(rng, setting, word, back=setting.back + 6)
    return Stage(parts[:1], f"on {phrase}", "table", word)
