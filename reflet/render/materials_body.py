"""What bodies are made of: the physical constants of every word in vocabulary.MATERIALS, and looks to surfaces.

Sources of the constants: metals' normal reflectance, indices and roughness from physicallybased.info and Hoffman's
course notes (SIGGRAPH 2010); glass 1.52, ice 1.31, plastic 1.46, jade 1.62.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator

from reflet.render.scene import RGB, MaterialLook, Surface, SurfaceKind
from reflet.render.textures import NEUTRAL, RECIPES, is_neutral, texture
from reflet.render.vocabulary import COLORED, COLORS, srgb_to_linear

WHITE: RGB = (1.0, 1.0, 1.0)
PATTERNS = ("striped", "checked", "chequered", "polka-dot", "floral")
# What a pattern is printed in, next to the colour that is named: white, except on pale grounds.
ACCENTS = {"white": "blue", "beige": "brown", "light blue": "white", "yellow": "white"}


@dataclass(frozen=True)
class Substance:
    """One material word in numbers. `color` None takes a colour word. `roughness` and `coat` are ranges.

    `texture` is read `uv_scale` times over a unit of the body; `bump` is its relief on a body one unit high.
    `finishes`: words a caption may add, with their odds; the rest stays without.
    """

    color: RGB | None = None
    kind: SurfaceKind = SurfaceKind.OPAQUE
    roughness: tuple[float, float] = (0.4, 0.5)
    metallic: float = 0.0
    coat: tuple[float, float] = (0.0, 0.0)
    ior: float = 1.5
    subsurface: float = 0.0
    texture: str | None = None
    uv_scale: float = 1.0
    bump: float = 0.0
    finishes: dict[str, float] = field(default_factory=dict)


_METAL_FINISHES = {"polished": 0.35, "brushed": 0.3}
_PRINTS = {"striped": 0.10, "polka-dot": 0.08, "checked": 0.06}


def _metal(color: RGB, roughness: tuple[float, float] = (0.10, 0.22)) -> Substance:
    return Substance(color, roughness=roughness, metallic=1.0, finishes=_METAL_FINISHES)


SUBSTANCES: dict[str, Substance] = {
    "plastic": Substance(
        roughness=(0.22, 0.38), ior=1.46, finishes={"glossy": 0.15, "matte": 0.12, "translucent": 0.06, "striped": 0.05}
    ),
    "ceramic": Substance(
        roughness=(0.45, 0.6),
        coat=(0.9, 1.0),
        finishes={"glazed": 0.12, "matte": 0.08, "speckled": 0.08, **_PRINTS, "floral": 0.06},
    ),
    "glass": Substance(kind=SurfaceKind.GLASS, roughness=(0.0, 0.0), ior=1.52),
    "frosted glass": Substance(kind=SurfaceKind.FROSTED, roughness=(0.34, 0.46), ior=1.52),
    "gold": _metal((1.0, 0.72, 0.27)),
    "silver": _metal((0.96, 0.95, 0.92)),
    "copper": _metal((0.95, 0.55, 0.39)),
    "bronze": _metal((0.62, 0.37, 0.17), (0.18, 0.30)),
    "chrome": Substance((0.62, 0.64, 0.66), roughness=(0.02, 0.06), metallic=1.0),
    "steel": _metal((0.56, 0.57, 0.58), (0.20, 0.32)),
    "wood": Substance(WHITE, roughness=(0.42, 0.5), texture="wood", bump=0.003, finishes={"polished": 0.15}),
    "marble": Substance(WHITE, roughness=(0.12, 0.2), texture="marble", uv_scale=0.6, finishes={"polished": 0.2}),
    "granite": Substance(WHITE, roughness=(0.2, 0.3), texture="granite", uv_scale=1.2, finishes={"polished": 0.2}),
    "stone": Substance(WHITE, roughness=(0.85, 0.95), texture="rock", uv_scale=0.7, bump=0.03),
    "concrete": Substance(WHITE, roughness=(0.8, 0.9), texture="concrete", bump=0.006),
    "terracotta": Substance((0.48, 0.16, 0.075), roughness=(0.8, 0.9), texture="plaster", uv_scale=0.8, bump=0.014),
    "fabric": Substance(
        roughness=(0.92, 1.0),
        texture="fabric",
        uv_scale=0.9,
        bump=0.008,
        finishes={"striped": 0.16, "checked": 0.12, "polka-dot": 0.10, "floral": 0.10},
    ),
    "leather": Substance(roughness=(0.4, 0.5), texture="leather", uv_scale=1.0, bump=0.012),
    "rubber": Substance(roughness=(0.65, 0.8), ior=1.52),
    "wax": Substance(roughness=(0.38, 0.5), ior=1.44, subsurface=0.55),
    "jade": Substance(
        WHITE, roughness=(0.12, 0.2), coat=(0.6, 0.9), ior=1.62, subsurface=0.4, texture="jade", uv_scale=0.8
    ),
    "paper": Substance(
        roughness=(0.85, 0.95), texture="paper", uv_scale=0.8, bump=0.004, finishes={**_PRINTS, "floral": 0.05}
    ),
    "ice": Substance((0.90, 0.965, 0.985), kind=SurfaceKind.FROSTED, roughness=(0.10, 0.2), ior=1.31),
    "rusty metal": Substance(WHITE, roughness=(0.8, 0.9), texture="rust", bump=0.008),
    "painted metal": Substance(roughness=(0.35, 0.45), coat=(0.5, 0.9), finishes={"glossy": 0.15, "matte": 0.1}),
    "clay": Substance(roughness=(0.82, 0.95), texture="plaster", uv_scale=0.7, bump=0.02),
    "wool": Substance(roughness=(1.0, 1.0), texture="knit", uv_scale=1.0, bump=0.03, finishes={"striped": 0.12}),
    "cork": Substance(WHITE, roughness=(0.85, 0.95), texture="cork", bump=0.005),
}

_GLASS_COLORS = tuple(c for c in COLORS if c not in ("white", "beige", "black", "grey", "brown"))
_LEATHER_COLORS = ("brown", "brown", "black", "red", "beige", "white", "dark green", "navy blue", "orange")


def linear(word: str) -> RGB:
    """Linear colour of a word of vocabulary.COLORS."""
    if word not in COLORS:
        raise ValueError(f"{word!r} is no colour word; vocabulary.COLORS has: {', '.join(COLORS)}")
    return srgb_to_linear(COLORS[word])


def shade_of(color: RGB, rng: Generator, *, amount: float = 0.06) -> RGB:
    """A colour a little lighter or darker, hardly another hue: the word for it must stay true."""
    varied = np.asarray(color) * (1 + rng.uniform(-amount, amount)) * (1 + rng.uniform(-amount / 4, amount / 4, 3))
    r, g, b = np.clip(varied, 0.0015, 0.95).tolist()
    return r, g, b


def accent_of(color: str) -> str:
    """The second colour word of a pattern on `color`."""
    return ACCENTS.get(color, "white")


def textured(
    name: str,
    rng: Generator,
    *,
    color: RGB | None = None,
    colors: tuple[RGB, ...] = (),
    roughness: float | None = None,
    uv_scale: float = 1.0,
    bump: float = 0.0,
    coat: float = 0.0,
    kind: SurfaceKind = SurfaceKind.OPAQUE,
    variant: int | None = None,
) -> Surface:
    """A surface covered with a texture of the shelf, in a random variant unless one is given.

    `color` (linear) colours a neutral texture or tints another; `colors` are the two of a pattern.
    """
    recipe = RECIPES[name]
    variant = int(rng.integers(recipe.variants)) if variant is None else variant
    base = (0.55, 0.53, 0.50) if color is None and is_neutral(name) else color or WHITE
    scale = 1 / NEUTRAL if is_neutral(name) else 1.0
    skin = texture(name, variant, colors=colors)
    return Surface(
        kind=kind,
        base_color=(base[0] * scale, base[1] * scale, base[2] * scale),
        roughness=recipe.roughness if roughness is None else roughness,
        coat=coat,
        texture=skin,
        uv_scale=uv_scale,
        bump=bump,
        lamp=skin.emission is not None,
    )


def sample_look(
    rng: Generator,
    *,
    materials: tuple[str, ...],
    colors: tuple[str, ...] | None = None,
    color: str | None = None,
    material: str | None = None,
) -> MaterialLook:
    """A look among `materials`, in a colour among `colors` (None = all words, () = never named); what is given is kept.

    Raises ValueError when the material asked for is not among `materials`, or no material takes the colour asked for.
    """
    options = materials if material is None else tuple(m for m in materials if m == material)
    if material is not None and not options:
        raise ValueError(f"this cannot be made of {material!r}; it can be: {', '.join(materials) or 'itself'}")
    if color is not None:
        if color not in COLORS or (colors is not None and color not in colors):
            raise ValueError(f"this is never {color!r}; it can be: {', '.join(COLORS if colors is None else colors)}")
        options = tuple(m for m in options if m in COLORED)
        if materials and not options:
            raise ValueError(f"nothing among {', '.join(materials)} takes the colour {color!r}; it would not be true")
    if not options:
        return MaterialLook(color=_color(None, colors, rng) if color is None else color)
    chosen = options[int(rng.integers(len(options)))]
    if chosen in COLORED and color is None:
        color = _color(chosen, colors, rng)
    return MaterialLook(chosen, color, _finish(chosen, color, rng))


def _color(material: str | None, colors: tuple[str, ...] | None, rng: Generator) -> str | None:
    """A colour word that suits the material; None = unsaid (clear glass, or a thing whose colour is never named)."""
    if material in ("glass", "frosted glass"):
        if rng.random() < 0.3:
            return None
        usual: tuple[str, ...] = _GLASS_COLORS
    else:
        usual = _LEATHER_COLORS if material == "leather" else tuple(COLORS)
    allowed = usual if colors is None else tuple(c for c in usual if c in colors) or colors
    return allowed[int(rng.integers(len(allowed)))] if allowed else None


def _finish(material: str, color: str | None, rng: Generator) -> str | None:
    """A finish word with the odds of the substance; patterns need a colour word."""
    draw = rng.random()
    for finish, odds in SUBSTANCES[material].finishes.items():
        draw -= odds
        if draw < 0:
            unseen = color is None or (finish == "speckled" and sum(linear(color)) < 0.4)
            return None if finish in (*PATTERNS, "speckled") and unseen else finish
    return None


def surface(look: MaterialLook, rng: Generator) -> Surface:
    """What the tracer needs for a look. Bump is for a body about one unit high.

    Without a material word a body is smooth, satin and in its colour; without a colour word where one is possible,
    glass is clear and all else gets a random colour.

    Raises ValueError for words that the vocabulary does not have.
    """
    if look.material is None:
        return Surface(base_color=_body_color(look, rng), roughness=float(rng.uniform(0.35, 0.5)), subsurface=0.1)
    if look.material not in SUBSTANCES:
        raise ValueError(f"{look.material!r} is no material word; there are: {', '.join(SUBSTANCES)}")
    substance = SUBSTANCES[look.material]
    if look.finish in PATTERNS:
        return _patterned(look, substance, rng)
    color = _body_color(look, rng) if substance.color is None else shade_of(substance.color, rng, amount=0.03)
    if substance.color == WHITE:
        color = WHITE
    roughness, coat, kind, scale = (
        rng.uniform(*substance.roughness),
        rng.uniform(*substance.coat),
        substance.kind,
        substance.uv_scale,
    )
    name, bump = substance.texture, substance.bump
    match look.finish:
        case "polished":
            roughness = rng.uniform(0.03, 0.07) if substance.metallic else roughness * 0.6
            coat = coat if substance.metallic else 0.8
        case "glossy" | "glazed":
            roughness, coat = 0.12, 1.0
        case "matte":
            roughness, coat = 0.75, 0.0
        case "translucent":
            kind, roughness = SurfaceKind.FROSTED, rng.uniform(0.2, 0.3)
        case "brushed":
            name, scale, bump = "brushed metal", 1.0, 0.0006
        case "speckled":
            name, bump = "speckled", 0.0
    made = Surface(
        kind=kind, base_color=color, roughness=float(roughness), metallic=substance.metallic, coat=float(coat),
        ior=substance.ior, uv_scale=scale, bump=bump, subsurface=substance.subsurface,
    )  # fmt: skip
    if name is None:
        return made
    skin = textured(name, rng, color=color)
    return replace(made, base_color=skin.base_color, texture=skin.texture)


def _body_color(look: MaterialLook, rng: Generator) -> RGB:
    glass = look.material in ("glass", "frosted glass")
    if look.color is None and glass:
        return (0.97, 0.985, 0.98)
    word = look.color or tuple(COLORS)[int(rng.integers(len(COLORS)))]
    color = shade_of(linear(word), rng)
    if glass:  # light passes twice and more: paint's reflectance as a tint would look black, so it is lifted
        lifted = [max(c, 0.012) ** 0.55 for c in color]
        gain = (0.4 + 0.5 * max(lifted)) / max(lifted)
        r, g, b = (c * gain for c in lifted)
        return r, g, b
    return color


def _patterned(look: MaterialLook, substance: Substance, rng: Generator) -> Surface:
    """The look's colour with a pattern in its accent, woven for textiles and printed on all else."""
    word = look.color or "red"
    first, second = linear(word), linear(accent_of(word))  # exact, so that equal patterns share one texture
    woven = look.material in ("fabric", "wool")
    return textured(
        f"{look.finish} fabric" if woven else str(look.finish),
        rng,
        colors=(first, second),
        roughness=float(rng.uniform(*substance.roughness)),
        coat=float(rng.uniform(*substance.coat)),
        uv_scale=1.0,
        bump=0.002 if woven else 0.0,
    )


_ADJECTIVES = {"wood": "wooden", "wool": "woollen"}


def words(look: MaterialLook) -> str:
    """The adjective phrase: "red glass", "wooden", "brushed steel", "red-and-white striped fabric"; "" if unsaid."""
    parts: list[str] = []
    if look.finish in PATTERNS:
        color = look.color or "red"
        parts += [f"{color}-and-{accent_of(color)} {look.finish}"]
    else:
        parts += [word for word in (look.finish, look.color) if word]
        if look.material == "glass" and look.color is None:
            parts.append("clear")
    if look.material:
        parts.append(_ADJECTIVES.get(look.material, look.material))
    return " ".join(parts)
