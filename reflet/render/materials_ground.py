"""What things stand on and in front of: the surfaces of vocabulary.GROUNDS, and walls, each with its phrase."""

from __future__ import annotations

from dataclasses import dataclass, replace

from numpy.random import Generator

from reflet.render.materials_body import WHITE, accent_of, linear, shade_of, textured
from reflet.render.scene import RGB, Surface, SurfaceKind
from reflet.render.textures import RECIPES, takes_colors
from reflet.render.vocabulary import COLORS, GROUNDS


@dataclass(frozen=True, eq=False)
class GroundChoice:
    """`word` of vocabulary.GROUNDS (or of WALLS); `phrase` ready for a preposition: "a wooden table", "green grass".

    `surface` is for a plane whose uv is its position in world units. `color`: the colour word it shows, if one is said.
    """

    word: str
    phrase: str
    surface: Surface
    color: str | None = None


@dataclass(frozen=True)
class _Style:
    """One way a ground looks: phrase, texture, and sheen. `{color}` in the phrase is filled with a sampled colour."""

    phrase: str
    texture: str
    roughness: float | None = None
    coat: float = 0.0
    kind: SurfaceKind = SurfaceKind.OPAQUE
    colors: tuple[str, ...] = ()
    size: float = 1.0  # the tile is this much larger than its span


_SOFT = (
    "red",
    "blue",
    "green",
    "beige",
    "grey",
    "brown",
    "navy blue",
    "dark green",
    "purple",
    "light blue",
    "teal",
    "pink",
    "orange",
    "white",
)
_CLOTHS = tuple(
    _Style(
        f"a {p}tablecloth",
        f"{t}fabric",
        0.95,
        colors=("white", "red", "blue", "beige", "green", "yellow", "pink", "navy blue", "light blue", "grey"),
        size=s,
    )
    for p, t, s in (
        ("{color} ", "", 2.0),
        ("{color} striped ", "striped ", 1.0),
        ("{color} checked ", "checked ", 1.0),
        ("{color} polka-dot ", "polka-dot ", 1.0),
    )
)

STYLES: dict[str, tuple[_Style, ...]] = {
    "wooden table": (
        _Style("a wooden table", "planks", coat=0.35),
        _Style("a wooden table", "planks"),
        _Style("a wooden table", "wood", coat=0.3, size=2.5),
    ),
    "wooden floor": (_Style("a wooden floor", "planks", coat=0.3), _Style("wooden floorboards", "planks", 0.5)),
    "marble": (_Style("a marble surface", "marble", 0.06), _Style("polished marble", "marble", 0.03)),
    "tiles": (
        _Style("a tiled floor", "tiles"),
        _Style("a chequered tile floor", "chequered tiles"),
        _Style("tiles", "tiles"),
    ),
    "tablecloth": _CLOTHS,
    "concrete": (_Style("a concrete floor", "concrete", 0.55), _Style("concrete", "concrete", 0.85)),
    "granite": (_Style("a granite worktop", "granite", 0.12), _Style("polished granite", "granite", 0.06)),
    "shelf": (
        _Style("a wooden shelf", "wood", 0.45, size=2.0),
        _Style("a white shelf", "plaster", 0.45, colors=("white",)),
    ),
    "carpet": (_Style("a {color} carpet", "carpet", kind=SurfaceKind.DIFFUSE, colors=_SOFT),),
    "grass": (
        _Style("green grass", "grass", kind=SurfaceKind.DIFFUSE),
        _Style("grass", "grass", kind=SurfaceKind.DIFFUSE),
        _Style("a lawn", "grass", kind=SurfaceKind.DIFFUSE),
    ),
    "sand": (
        _Style("sand", "sand", kind=SurfaceKind.DIFFUSE),
        _Style("rippled sand", "sand", kind=SurfaceKind.DIFFUSE),
    ),
    "snow": (_Style("snow", "snow", 0.7), _Style("white snow", "snow", 0.7)),
    "cobblestones": (_Style("cobblestones", "cobblestones"), _Style("a cobbled street", "cobblestones")),
    "pebbles": (_Style("pebbles", "pebbles"), _Style("gravel", "gravel")),
    "asphalt": (_Style("asphalt", "asphalt"), _Style("a tarmac road", "asphalt")),
    "soil": (
        _Style("bare soil", "soil", kind=SurfaceKind.DIFFUSE),
        _Style("dark earth", "soil", kind=SurfaceKind.DIFFUSE),
    ),
    "fallen leaves": (_Style("fallen leaves", "leaves"), _Style("a carpet of autumn leaves", "leaves")),
    "rock": (_Style("bare rock", "rock"), _Style("a rock", "rock")),
    "terrazzo": (_Style("a terrazzo floor", "terrazzo", 0.12),),
    "leather": (
        _Style("a {color} leather surface", "leather", colors=("brown", "brown", "black", "red", "dark green")),
    ),
}


def _laid(style: _Style, rng: Generator, *, unit: float) -> tuple[Surface, str | None]:
    """The texture at its true size on a plane whose uv counts units of `unit` metres."""
    recipe = RECIPES[style.texture]
    word, colors, color = None, (), _tint(rng)
    if style.colors:
        word = style.colors[int(rng.integers(len(style.colors)))]
        color = shade_of(linear(word), rng)
    if word is not None and takes_colors(style.texture):
        color, colors = WHITE, (linear(word), linear(accent_of(word)))
    tile = recipe.span * style.size * float(rng.uniform(0.85, 1.2)) / unit  # world units that one tile covers
    laid = textured(
        style.texture, rng, color=color, colors=colors, roughness=style.roughness, coat=style.coat, kind=style.kind,
        uv_scale=1 / tile, bump=recipe.relief / recipe.span * tile,
    )  # fmt: skip
    return laid, word


def _tint(rng: Generator) -> RGB:
    """A slight lightening and warming of a texture, so that no two grounds are the same."""
    r, g, b = (rng.uniform(0.85, 1.08) * (1 + rng.normal(0, 0.015, 3))).tolist()
    return min(r, 1.1), min(g, 1.1), min(b, 1.1)


def _mirror(rng: Generator) -> GroundChoice:
    return GroundChoice("mirror", "a mirror", Surface(base_color=(0.92, 0.93, 0.93), roughness=0.03, metallic=1.0))


def _water(rng: Generator, unit: float) -> GroundChoice:
    """A dark, gently rippled mirror: what is below shallow water hardly shows at a slant."""
    floor: RGB = ((0.010, 0.030, 0.034), (0.022, 0.030, 0.022), (0.045, 0.040, 0.028))[int(rng.integers(3))]
    recipe = RECIPES["ripples"]
    ripples = textured("ripples", rng, color=floor, uv_scale=unit / recipe.span, bump=0.3 * recipe.relief / unit)
    return GroundChoice("shallow water", "shallow water", replace(ripples, ior=1.33))


def _backdrop(rng: Generator) -> GroundChoice:
    word = tuple(COLORS)[int(rng.integers(len(COLORS)))]
    article = "an" if word[0] in "aeiou" else "a"
    matt = Surface(base_color=shade_of(linear(word), rng), roughness=0.7 if rng.random() < 0.7 else 0.25)
    return GroundChoice("plain backdrop", f"{article} {word} backdrop", matt, word)


def ground(rng: Generator, word: str | None = None, *, unit: float = 1.0) -> GroundChoice:
    """The surface for a word of vocabulary.GROUNDS, or for one of them at random.

    `unit`: metres in one world unit, for the size of boards, tiles and blades. Use 1 where the world is in metres and
    about 0.25 on tabletops, where an apple is half a unit high.

    Raises ValueError for a word that vocabulary.GROUNDS does not have.
    """
    word = GROUNDS[int(rng.integers(len(GROUNDS)))] if word is None else word
    if word not in GROUNDS:
        raise ValueError(f"{word!r} is no ground; vocabulary.GROUNDS has: {', '.join(GROUNDS)}")
    if word == "mirror":
        return _mirror(rng)
    if word == "shallow water":
        return _water(rng, unit)
    if word == "plain backdrop":
        return _backdrop(rng)
    style = STYLES[word][int(rng.integers(len(STYLES[word])))]
    laid, color = _laid(style, rng, unit=unit)
    phrase = style.phrase.replace("{color}", color or "")
    return GroundChoice(word, phrase.replace("a orange", "an orange"), laid, color)


# --------------------------------------------------------------------------------------------------------- walls
_WALLS: dict[str, tuple[_Style, ...]] = {
    "brick": (_Style("a brick wall", "brick"),),
    "wallpaper": (_Style("patterned wallpaper", "wallpaper"), _Style("a papered wall", "wallpaper")),
    "wood": (
        _Style("a wood-panelled wall", "planks", 0.5, size=1.6),
        _Style("wooden panelling", "planks", 0.4, size=1.6),
    ),
    "concrete": (_Style("a concrete wall", "concrete", size=2.0),),
    "tiles": (_Style("a tiled wall", "wall tiles"),),
    "stone": (_Style("a stone wall", "masonry"),),
    "marble": (_Style("a marble wall", "marble", 0.1, size=1.8),),
    "plaster": (_Style("a {color} wall", "plaster", colors=tuple(COLORS)),),
}
WALLS = tuple(_WALLS)


def wall(rng: Generator, word: str | None = None, *, unit: float = 1.0, color: str | None = None) -> GroundChoice:
    """A wall of a word of WALLS, or of any of them; uv along the wall and up it, in world units of `unit` metres.

    `color` asks for painted plaster in that colour. Raises ValueError for an unknown word.
    """
    if color is not None:
        word = "plaster"
    if word is None:
        word = "plaster" if rng.random() < 0.5 else WALLS[int(rng.integers(len(WALLS)))]
    if word not in _WALLS:
        raise ValueError(f"{word!r} is no wall; there are: {', '.join(WALLS)}")
    style = _WALLS[word][int(rng.integers(len(_WALLS[word])))]
    if color is not None:
        style = replace(style, colors=(color,))
    laid, named = _laid(style, rng, unit=unit)
    article = "an" if (named or "")[:1] in tuple("aeiou") else "a"
    return GroundChoice(word, style.phrase.replace("a {color}", f"{article} {named}"), laid, named)
