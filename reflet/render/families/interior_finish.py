"""What a room is finished with: paint, wall and floor coverings, trim, and the pictures on its walls.

Colours of walls are a step lighter than the vocabulary's pure ones, as paint is, but keep their hue so that "blue
walls" is true. Every finish names itself in words that a caption can use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.families.interior_plan import WALLS, Room, WallName
from reflet.render.scene import RGB, Array, Surface, SurfaceKind, Texture
from reflet.render.vocabulary import COLORS, srgb_to_linear

# Paints by how often people choose them.
WALL_COLORS = ("white",) * 4 + ("beige",) * 3 + ("light blue",) * 2 + ("grey",) * 2 + ("yellow",) * 2 + (
    "pink", "green", "teal", "turquoise", "orange", "dark green", "navy blue", "red", "purple", "blue", "brown",
)  # fmt: skip
FLOORS: dict[str, tuple[str, ...]] = {
    "living room": ("wooden floor", "wooden floor", "wooden floor", "carpet", "concrete", "tiles"),
    "bedroom": ("wooden floor", "wooden floor", "carpet"),
    "study": ("wooden floor", "wooden floor", "carpet"),
    "dining room": ("wooden floor", "wooden floor", "tiles", "marble", "terrazzo"),
    "kitchen": ("tiles", "tiles", "wooden floor", "concrete", "terrazzo"),
    "bathroom": ("tiles", "tiles", "marble", "terrazzo"),
    "gallery": ("wooden floor", "concrete", "concrete", "marble", "terrazzo"),
    "library": ("wooden floor", "wooden floor", "carpet", "marble"),
}
FLOOR_PHRASES = {
    "wooden floor": "a wooden floor", "carpet": "a carpet", "concrete": "a concrete floor", "tiles": "a tiled floor",
    "marble": "a marble floor", "terrazzo": "a terrazzo floor",
}  # fmt: skip
ACCENTS: dict[str, tuple[str, ...]] = {
    "living room": ("brick", "wood", "wallpaper", "stone"), "bedroom": ("wallpaper", "wood", "brick"),
    "study": ("brick", "wood", "wallpaper"), "dining room": ("wallpaper", "brick", "wood"),
    "kitchen": ("tiles", "brick"), "bathroom": ("tiles", "tiles", "marble"), "gallery": ("concrete", "brick"),
    "library": ("wood", "wallpaper"),
}  # fmt: skip
ACCENT_PHRASES = {
    "brick": "a brick wall", "wood": "a wood-panelled wall", "wallpaper": "a wallpapered wall",
    "stone": "a stone wall", "tiles": "a tiled wall", "marble": "a marble wall", "concrete": "a concrete wall",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Finish:
    """The surfaces of one room. `accent` covers `accent_walls` only; words are for captions."""

    wall: Surface
    accent: Surface
    accent_walls: tuple[WallName, ...]
    floor: Surface
    ceiling: Surface
    trim: Surface
    frame: Surface
    door: Surface
    beam: Surface
    metal: Surface
    cushion: Surface
    wall_color: str
    floor_word: str
    accent_word: str | None
    pane_width: float
    pane_rows: int

    @property
    def walls_word(self) -> str:
        """What one sees most walls to be: their paint, or what covers them all."""
        all_round = self.accent_word is not None and len(self.accent_walls) > 1
        return {"tiles": "tiled"}.get(str(self.accent_word), str(self.accent_word)) if all_round else self.wall_color

    @property
    def exposure(self) -> float:
        """Stops to add for what the walls take away: a photographer opens up in a dark room, a little."""
        r, g, b = self.wall.base_color
        return float(np.clip(0.28 * np.log2(0.45 / max(0.2126 * r + 0.7152 * g + 0.0722 * b, 0.02)), -0.15, 0.4))


def paint(color: RGB) -> Surface:
    """Matt emulsion."""
    return Surface(kind=SurfaceKind.DIFFUSE, base_color=color, roughness=0.9)


def lacquer(color: RGB, *, roughness: float = 0.35) -> Surface:
    """Painted wood: frames, doors, cabinets."""
    return Surface(kind=SurfaceKind.OPAQUE, base_color=color, roughness=roughness)


def linear(word: str) -> RGB:
    """Linear colour of a vocabulary word."""
    return srgb_to_linear(COLORS[word])


def paint_color(word: str, rng: Generator) -> RGB:
    """The colour of a wall said to be `word`: a little lighter and softer than the pure colour."""
    display = np.array(COLORS[word])
    lighter = {
        "white": 0.0,
        "beige": 0.25,
        "black": 0.05,
        "light blue": 0.3,
        "grey": 0.25,
        "brown": 0.2,
        "navy blue": 0.15,
        "dark green": 0.15,
    }.get(word, 0.42)
    display = display * (1 - lighter) + lighter * np.array([0.95, 0.94, 0.92])
    display = np.clip(display * rng.uniform(0.94, 1.02), 0.02, 0.885)
    return srgb_to_linear((float(display[0]), float(display[1]), float(display[2])))


def choose_finish(
    room: Room, rng: Generator, *, wall_color: str | None = None, floor: str | None = None, accent: str | None = None
) -> Finish:
    """Sample the finishes of a room; those given are kept."""
    kind, wished = room.kind, wall_color is not None
    if wall_color is None:
        wall_color = "white" if kind == "gallery" and rng.random() < 0.75 else str(rng.choice(WALL_COLORS))
    if floor is None:
        floor = str(rng.choice(FLOORS[kind]))
    share = 0.65 if kind in ("bathroom", "kitchen") else 0.28
    if accent is None and rng.random() < share:
        accent = str(rng.choice(ACCENTS[kind]))
    all_round = accent is not None and kind == "bathroom" and rng.random() < 0.6 and not wished
    wall = paint(paint_color(wall_color, rng))
    frame_color: RGB = [(0.80, 0.80, 0.78), (0.80, 0.80, 0.78), (0.02, 0.02, 0.022), (0.24, 0.13, 0.06)][
        int(rng.integers(4))
    ]
    trim: RGB = (0.78, 0.77, 0.74) if rng.random() < 0.75 else (0.22, 0.12, 0.06)
    door: RGB = [(0.78, 0.77, 0.74), (0.30, 0.17, 0.08), linear("teal"), linear("grey")][int(rng.integers(4))]
    return Finish(
        wall=wall,
        accent=wall if accent is None else covering(accent, rng),
        accent_walls=() if accent is None else WALLS if all_round else ("back",),
        floor=materials.ground(rng, floor).surface,
        ceiling=replace(
            paint((0.74, 0.73, 0.71)), emission=(0.05, 0.05, 0.048)
        ),  # fills a little, which calms the noise
        trim=lacquer(trim, roughness=0.4),
        frame=lacquer(frame_color),
        door=lacquer(door, roughness=0.4),
        beam=materials.fixed_surface("dark wood", rng),
        metal=materials.fixed_surface("steel", rng),
        cushion=paint(paint_color(str(rng.choice(list(COLORS))), rng)),
        wall_color=wall_color,
        floor_word=floor,
        accent_word=accent,
        pane_width=float(rng.choice([0.45, 0.8, 1.2])),
        pane_rows=int(rng.integers(1, 4)),
    )


def covering(word: str, rng: Generator) -> Surface:
    """The surface of an accent wall: brick, wood panels, wallpaper, stone, tiles, marble, concrete."""
    return materials.wall(rng, word).surface


def place_phrase(room: Room, finish: Finish) -> str:
    """ "in a living room with blue walls and a wooden floor" """
    article = "an" if room.plan.name == "attic" or room.kind[0] in "aeiou" else "a"
    name = f"attic {room.kind}" if room.plan.name == "attic" else room.kind
    return f"in {article} {name} with {finish.walls_word} walls and {FLOOR_PHRASES[finish.floor_word]}"


# ---------------------------------------------------------------------------------------------- pictures
def art_texture(rng: Generator, *, size: int = 96) -> Texture:
    """A small abstract painting: fields of colour, circles, stripes, a horizon, or strokes. Not tileable."""
    palette = _palette(rng)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    style = int(rng.integers(6))
    if style == 0:
        image = _fields(rng, x, y, palette)
    elif style == 1:
        image = _circles(rng, x, y, palette)
    elif style == 2:
        image = palette[(np.floor((x + rng.uniform(-1, 1) * y) * int(rng.integers(4, 12))) % len(palette)).astype(int)]
    elif style == 3:
        image = _horizon(rng, x, y, palette)
    elif style == 4:
        image = _blots(rng, x, y, palette)
    else:
        image = _triangles(rng, x, y, palette)
    image = np.clip(image * (1 + 0.05 * rng.standard_normal((size, size, 1))), 0, 1)
    return Texture(name="painting", albedo=np.ascontiguousarray(image[::-1] ** 2.2, np.float32))


def _palette(rng: Generator) -> Array:
    names = list(COLORS)
    picked = [names[int(i)] for i in rng.choice(len(names), 5, replace=False)]
    ground = [0.93, 0.90, 0.84] if rng.random() < 0.6 else [0.10, 0.11, 0.14]
    return np.array([ground, *(COLORS[name] for name in picked)], np.float32)


def _fields(rng: Generator, x: Array, y: Array, palette: Array) -> Array:
    xs, ys = np.sort(rng.uniform(0.1, 0.9, 3)), np.sort(rng.uniform(0.1, 0.9, 3))
    cell = np.searchsorted(xs, x.ravel()).reshape(x.shape) * 4 + np.searchsorted(ys, y.ravel()).reshape(x.shape)
    image = palette[rng.integers(0, len(palette), 16)[cell]]
    lines = np.min([np.abs(x - v) for v in xs] + [np.abs(y - v) for v in ys], axis=0) < 0.014
    image[lines] = 0.04
    return image


def _circles(rng: Generator, x: Array, y: Array, palette: Array) -> Array:
    image = np.broadcast_to(palette[0], (*x.shape, 3)).copy()
    for _ in range(int(rng.integers(2, 8))):
        cx, cy, radius = rng.random(), rng.random(), rng.uniform(0.07, 0.34)
        image[np.hypot(x - cx, y - cy) < radius] = palette[int(rng.integers(1, len(palette)))]
    return image


def _horizon(rng: Generator, x: Array, y: Array, palette: Array) -> Array:
    image = palette[1] * (1 - y[..., None]) + palette[0] * y[..., None]
    for k in range(3):
        edge = 0.4 + 0.18 * k + 0.06 * np.sin(x * rng.uniform(4, 12) + rng.uniform(0, 6)) + 0.03 * np.sin(x * 23 + k)
        image[y > edge] = palette[2 + k] * (0.6 + 0.15 * k)
    sun = np.hypot(x - rng.uniform(0.2, 0.8), y - 0.25) < rng.uniform(0.05, 0.12)
    image[sun & (y < 0.4)] = [0.97, 0.86, 0.55]
    return image


def _blots(rng: Generator, x: Array, y: Array, palette: Array) -> Array:
    waves = rng.normal(0, 4.5, (2, 9))
    field = np.sin(x[..., None] * waves[0] + y[..., None] * waves[1] + rng.uniform(0, 6, 9)).sum(-1) / 3
    band = np.clip(((field + 2) * 1.5).astype(int), 0, len(palette) - 1)
    return palette[rng.permutation(len(palette))[band]]


def _triangles(rng: Generator, x: Array, y: Array, palette: Array) -> Array:
    image = np.broadcast_to(palette[0], (*x.shape, 3)).copy()
    for _ in range(9):
        corners = rng.uniform(-0.2, 1.2, (3, 2))
        inside = np.ones(x.shape, bool)
        (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[0]
        area = ax * by - ay * bx
        for k in range(3):
            a, b = corners[k], corners[(k + 1) % 3]
            inside &= ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) * np.sign(area) > 0
        image[inside] = palette[int(rng.integers(1, len(palette)))]
    return image
