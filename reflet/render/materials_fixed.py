"""Surfaces that a thing has whatever its look: the slots of catalogue.item.FIXED_SLOTS and NATURAL_KINDS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from numpy.random import Generator

from reflet.render.materials_body import WHITE, linear, shade_of, textured
from reflet.render.scene import RGB, Surface, SurfaceKind
from reflet.render.vocabulary import COLORS, srgb_to_linear

_ACCENTS = (
    "red",
    "orange",
    "yellow",
    "green",
    "turquoise",
    "light blue",
    "blue",
    "purple",
    "magenta",
    "pink",
    "white",
    "black",
)


def _display(r: float, g: float, b: float) -> RGB:
    return srgb_to_linear((r, g, b))


def _plain(
    rng: Generator,
    color: RGB | str,
    *,
    roughness: float = 0.35,
    metallic: float = 0.0,
    coat: float = 0.0,
    subsurface: float = 0.0,
    amount: float = 0.05,
    kind: SurfaceKind = SurfaceKind.OPAQUE,
) -> Surface:
    base = linear(color) if isinstance(color, str) else color
    return Surface(
        kind=kind, base_color=shade_of(base, rng, amount=amount), roughness=roughness, metallic=metallic, coat=coat,
        subsurface=subsurface,
    )  # fmt: skip


def _grained(rng: Generator, name: str, *, color: RGB | None = None, amount: float = 0.06, **how: float) -> Surface:
    """A texture of the shelf, coloured or tinted; `how`: roughness, uv_scale, bump, coat, variant."""
    return textured(
        name, rng, color=None if color is None else shade_of(color, rng, amount=amount),
        roughness=how.get("roughness"), uv_scale=how.get("uv_scale", 1.0), bump=how.get("bump", 0.0),
        coat=how.get("coat", 0.0), variant=int(how["variant"]) if "variant" in how else None,
    )  # fmt: skip


def _wood(rng: Generator, *, variants: tuple[int, ...]) -> Surface:
    """Varnished wood of certain kinds: variants of the texture, in the order of texture_natural.WOODS."""
    return textured(
        "wood", rng, variant=variants[int(rng.integers(len(variants)))], roughness=0.4, bump=0.002, coat=0.25
    )


def _accent(rng: Generator) -> Surface:
    return _plain(rng, _ACCENTS[int(rng.integers(len(_ACCENTS)))], roughness=0.3)


def _lamp(rng: Generator, color: RGB, radiance: float, *, shown: RGB = (0.8, 0.78, 0.74)) -> Surface:
    r, g, b = (c * radiance for c in color)
    return Surface(base_color=shown, roughness=0.4, emission=(r, g, b), lamp=True)


def _glow(rng: Generator) -> Surface:
    hue: RGB = ((0.1, 0.9, 1.0), (1.0, 0.15, 0.1), (0.2, 1.0, 0.25), (1.0, 0.6, 0.1), (0.8, 0.2, 1.0))[
        int(rng.integers(5))
    ]
    return _lamp(rng, hue, 3.0, shown=hue)


def _flame(rng: Generator) -> Surface:
    level = float(rng.uniform(14, 22))
    return Surface(kind=SurfaceKind.DIFFUSE, base_color=(0.5, 0.3, 0.1), emission=(level, 0.55 * level, 0.16 * level))


def _water(rng: Generator) -> Surface:
    return Surface(base_color=(0.02, 0.05, 0.055), roughness=0.03, ior=1.33)


_WARM: RGB = (1.0, 0.78, 0.50)
_STEEL: RGB = (0.56, 0.57, 0.58)

FIXED: dict[str, Callable[[Generator], Surface]] = {
    "accent": _accent,
    **{word: partial(_plain, color=word) for word in ("black", "white", "red", "orange", "yellow", "green", "blue")},
    "grey": partial(_plain, color="grey", roughness=0.6),
    "pink": partial(_plain, color="pink", roughness=0.6, subsurface=0.1),
    "cream": partial(_plain, color=_display(0.93, 0.88, 0.74), roughness=0.5, subsurface=0.2),
    "brown": partial(_plain, color=_display(0.36, 0.25, 0.15), roughness=0.8),
    "leaf": partial(_plain, color=_display(0.23, 0.47, 0.13), roughness=0.4, subsurface=0.35, amount=0.15),
    "dark green": partial(_plain, color=_display(0.10, 0.28, 0.11), roughness=0.4, subsurface=0.15, amount=0.1),
    "bark": partial(_grained, name="bark", bump=0.02),
    "soil": partial(_grained, name="soil", uv_scale=1.5, bump=0.03),
    "straw": partial(_grained, name="wicker", color=_display(0.78, 0.64, 0.40), uv_scale=1.5, bump=0.02),
    "dark wood": partial(_wood, variants=(2, 4)),
    "light wood": partial(_wood, variants=(0, 1, 5)),
    "paper": partial(_plain, color=_display(0.93, 0.90, 0.82), roughness=0.9),
    "cloth": partial(_grained, name="fabric", color=_display(0.90, 0.87, 0.80), uv_scale=3.0, bump=0.002),
    "dough": partial(
        _grained, name="mottled", color=_display(0.84, 0.60, 0.32), roughness=0.65, uv_scale=1.5, variant=1
    ),
    "crust": partial(
        _grained, name="mottled", color=_display(0.72, 0.44, 0.20), roughness=0.8, uv_scale=2.0, bump=0.004, variant=3
    ),
    "chocolate": partial(_plain, color=_display(0.28, 0.15, 0.09), roughness=0.35),
    "cheese": partial(_plain, color=_display(0.95, 0.74, 0.24), roughness=0.4, subsurface=0.25),
    "rice": partial(_grained, name="plaster", color=_display(0.93, 0.92, 0.88), roughness=0.4, uv_scale=2.0, bump=0.03),
    "skin": partial(_plain, color=_display(0.86, 0.64, 0.52), roughness=0.5, subsurface=0.25, amount=0.15),
    "snow": partial(_plain, color=_display(0.94, 0.95, 0.97), roughness=0.7, subsurface=0.3, amount=0.01),
    "sand": partial(_grained, name="sand", uv_scale=1.0, bump=0.02),
    "water": _water,
    "stone": partial(_grained, name="rock", uv_scale=0.8, bump=0.02),
    "brick": partial(_grained, name="brick", uv_scale=1.2, bump=0.012),
    "plaster": partial(_grained, name="plaster", color=_display(0.90, 0.87, 0.80), bump=0.004),
    "roof": partial(_grained, name="roof tiles", uv_scale=1.5, bump=0.03),
    "steel": partial(_plain, color=_STEEL, roughness=0.3, metallic=1.0, amount=0.03),
    "iron": partial(_plain, color=(0.06, 0.06, 0.065), roughness=0.55, metallic=0.6),
    "chrome": partial(_plain, color=(0.62, 0.64, 0.66), roughness=0.05, metallic=1.0, amount=0.02),
    "brass": partial(_plain, color=(0.86, 0.62, 0.27), roughness=0.22, metallic=1.0, amount=0.03),
    "gold": partial(_plain, color=(1.0, 0.72, 0.27), roughness=0.1, metallic=1.0, amount=0.02),
    "tyre": partial(_plain, color=(0.012, 0.012, 0.013), roughness=0.75),
    "dark glass": partial(_plain, color=(0.012, 0.014, 0.016), roughness=0.03, coat=1.0),
    "clear glass": lambda rng: Surface(kind=SurfaceKind.THIN_GLASS, base_color=(0.97, 0.985, 0.98), roughness=0.0),
    "mirror": partial(_plain, color=(0.93, 0.94, 0.94), roughness=0.02, metallic=1.0, amount=0.01),
    "flame": _flame,
    "bulb": partial(_lamp, color=_WARM, radiance=14.0),
    "shade": partial(_lamp, color=(1.0, 0.74, 0.46), radiance=2.2, shown=(0.82, 0.74, 0.60)),
    "glow": _glow,
    "headlight": partial(_lamp, color=(1.0, 0.93, 0.80), radiance=12.0, shown=(0.85, 0.86, 0.87)),
    "tail light": partial(_lamp, color=(1.0, 0.04, 0.02), radiance=4.0, shown=(0.45, 0.01, 0.01)),
    "window light": partial(_lamp, color=(1.0, 0.72, 0.38), radiance=2.0, shown=(0.025, 0.03, 0.035)),
}


_ADOPTED: dict[str, Surface] = {}


def adopt_surface(slot: str, surface: Surface) -> None:
    """Make a surface that came with a mesh from a file known under a slot of its own, for `fixed_surface`."""
    _ADOPTED[slot] = surface


def fixed_surface(slot: str, rng: Generator, *, color: str | None = None) -> Surface:
    """The surface of a fixed slot; `color`, a word, repaints it where it is plainly coloured.

    Raises ValueError for a slot that catalogue.item.FIXED_SLOTS does not have.
    """
    if slot in _ADOPTED:
        return _ADOPTED[slot]
    if slot not in FIXED:
        raise ValueError(f"no surface is known for the slot {slot!r}; there are: {', '.join(FIXED)}")
    made = FIXED[slot](rng)
    if color is not None and made.texture is None:
        made = replace(made, base_color=shade_of(linear(color), rng))
    return made


# ---------------------------------------------------------------------------------------------------- natural kinds
_USUAL: dict[str, str] = {
    "fruit": "red",
    "citrus": "orange",
    "rind": "orange",
    "waxy": "green",
    "petal": "pink",
    "bread": "brown",
    "icing": "pink",
    "cream": "white",
    "cheese": "yellow",
    "egg": "beige",
    "cap": "brown",
    "foliage": "green",
    "fur": "brown",
    "shell": "beige",
    "wing": "orange",
    "scales": "grey",
    "rock": "grey",
    "gem": "purple",
    "snow": "white",
}


def _toward(color: RGB, other: RGB, weight: float) -> RGB:
    r, g, b = (c * (1 - weight) + o * weight for c, o in zip(color, other, strict=True))
    return r, g, b


def _skin(rng: Generator, color: RGB, *, subsurface: float = 0.1, browned: bool = False, **how: float) -> Surface:
    """One colour with pale freckles, or with browned patches."""
    variant = 2 * int(rng.integers(2)) + int(browned)
    made = _grained(rng, "mottled", color=color, amount=0.03, variant=variant, **how)
    return replace(made, subsurface=subsurface)


def _rock(rng: Generator, color: RGB) -> Surface:
    """The rock texture, tinted towards a colour: its own mean colour is divided out."""
    made = textured("rock", rng, roughness=0.9, uv_scale=0.8, bump=0.03)
    assert made.texture is not None
    mean = made.texture.albedo[::8, ::8].reshape(-1, 3).mean(0)
    r, g, b = (min(c / float(m), 4.0) for c, m in zip(color, mean, strict=True))
    return replace(made, base_color=(r, g, b))


NATURAL: dict[str, Callable[[Generator, RGB], Surface]] = {
    "fruit": lambda rng, c: _skin(rng, c, roughness=0.28, coat=0.35, uv_scale=1.0),
    "citrus": lambda rng, c: _skin(rng, c, roughness=0.42, uv_scale=1.6, bump=0.004),
    "rind": lambda rng, c: _skin(rng, c, roughness=0.45, uv_scale=0.7),
    "waxy": lambda rng, c: _skin(rng, c, roughness=0.42, uv_scale=1.2, subsurface=0.2),
    "petal": lambda rng, c: _plain(rng, c, roughness=0.6, subsurface=0.5),
    "bread": lambda rng, c: _skin(
        rng, _toward(c, (0.55, 0.28, 0.10), 0.6), browned=True, roughness=0.85, uv_scale=1.2, bump=0.004
    ),
    "icing": lambda rng, c: _plain(rng, c, roughness=0.25, coat=0.6, subsurface=0.15),
    "cream": lambda rng, c: _plain(rng, c, roughness=0.6, subsurface=0.3),
    "cheese": lambda rng, c: _plain(rng, c, roughness=0.4, subsurface=0.25),
    "egg": lambda rng, c: _grained(rng, "speckled", color=c, roughness=0.5, uv_scale=0.8),
    "cap": lambda rng, c: _skin(rng, c, roughness=0.38),
    "foliage": lambda rng, c: replace(
        _grained(rng, "foliage", color=c, roughness=0.8, uv_scale=1.5, bump=0.02), subsurface=0.3
    ),
    "fur": lambda rng, c: _grained(rng, "plush", color=c, roughness=1.0, uv_scale=1.2, bump=0.012),
    "shell": lambda rng, c: _skin(rng, c, browned=True, roughness=0.3, coat=0.5, uv_scale=0.6),
    "wing": lambda rng, c: _skin(rng, c, roughness=0.5, uv_scale=0.7, subsurface=0.4),
    "scales": lambda rng, c: replace(_skin(rng, c, roughness=0.25, coat=0.7, uv_scale=2.0, bump=0.006), metallic=0.25),
    "rock": _rock,
    "gem": lambda rng, c: Surface(
        kind=SurfaceKind.GLASS, base_color=shade_of(_toward(c, WHITE, 0.15), rng), roughness=0.0, ior=1.6
    ),
    "snow": lambda rng, c: _plain(rng, c, roughness=0.7, subsurface=0.3),
}


def natural_surface(kind: str, color: str | None, rng: Generator) -> Surface:
    """The surface of a thing made of itself, in a colour word or in its usual colour.

    Raises ValueError for a kind that catalogue.item.NATURAL_KINDS does not have.
    """
    if kind not in NATURAL:
        raise ValueError(f"no surface is known for the natural kind {kind!r}; there are: {', '.join(NATURAL)}")
    word = _USUAL[kind] if color is None else color
    if word not in COLORS:
        raise ValueError(f"{word!r} is no colour word; vocabulary.COLORS has: {', '.join(COLORS)}")
    return NATURAL[kind](rng, shade_of(linear(word), rng, amount=0.05))
