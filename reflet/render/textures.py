"""The texture shelf: every tileable texture by name and variant, baked once, kept on disk and in memory.

    texture("planks", 2)                                    in its own colours: leave the surface white
    texture("leather", 1)                                   neutral: the surface's base colour / NEUTRAL gives it one
    texture("striped fabric", 0, colors=(red, white))       a pattern in two linear colours

A texture is baked by its painter when it is first asked for, stored under home()/cache/textures/<version>, where the
version is a hash of the painters' source, and read from there by every later process. Files appear by renaming, so
that many workers may bake at once; a file that cannot be read is baked again.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from reflet.render import texture_facade, texture_made, texture_natural, texture_noise, texture_woven
from reflet.render.scene import RGB, Texture
from reflet.render.texture_noise import SIZE, Layers
from reflet.runtime.home import home

Array = NDArray[Any]
LIT = np.float32(2.5)  # radiance of a fully lit window
NEUTRAL = 0.6  # mean albedo of a neutral texture: a surface divides its colour by it


@dataclass(frozen=True)
class Recipe:
    """How a texture is painted and how large it is.

    `span`: metres that one tile covers. `relief`: metres from height 0 to height 1. `roughness`: where the texture
    brings no map of its own. `variants`: how many seeds exist. `size`: pixels a side.
    """

    paint: Callable[[Generator, int], Layers]
    span: float
    relief: float = 0.0
    roughness: float = 0.85
    variants: int = 4
    size: int = SIZE


_natural, _made, _woven = texture_natural, texture_made, texture_woven
RECIPES: dict[str, Recipe] = {
    "wood": Recipe(_natural.wood, 0.5, 0.0004, 0.4, 6),
    "planks": Recipe(_natural.planks, 0.9, 0.003, 0.4, 8),
    "marble": Recipe(_natural.marble, 1.2, 0.0, 0.12, 6),
    "granite": Recipe(_natural.granite, 0.5, 0.0, 0.18),
    "rock": Recipe(_natural.rock, 1.6, 0.10, 0.9),
    "sand": Recipe(_natural.sand, 1.6, 0.05, 0.95),
    "snow": Recipe(_natural.snow, 2.0, 0.10, 0.85, 3),
    "soil": Recipe(_natural.soil, 0.7, 0.03, 0.95),
    "grass": Recipe(_natural.grass, 0.8, 0.04, 0.85),
    "moss": Recipe(_natural.moss, 0.8, 0.03, 0.95, 2),
    "leaves": Recipe(_natural.leaves, 1.2, 0.03, 0.7),
    "pebbles": Recipe(_natural.pebbles, 0.9, 0.03, 0.7),
    "gravel": Recipe(_natural.gravel, 0.9, 0.012, 0.9, 3),
    "bark": Recipe(_natural.bark, 0.6, 0.025, 0.95, 3),
    "cork": Recipe(_natural.cork, 0.25, 0.001, 0.85, 2),
    "jade": Recipe(_natural.jade, 0.3, 0.0, 0.18, 3),
    "tiles": Recipe(_made.tiles, 1.2, 0.003, 0.15, 5),
    "chequered tiles": Recipe(_made.chequered_tiles, 1.4, 0.002, 0.15, 5),
    "wall tiles": Recipe(_made.wall_tiles, 0.9, 0.003, 0.15, 4),
    "brick": Recipe(_made.brick, 1.35, 0.012, 0.9, 5),
    "plaster": Recipe(_made.plaster, 1.5, 0.003, 0.9, 3),
    "concrete": Recipe(_made.concrete, 1.5, 0.002, 0.8),
    "asphalt": Recipe(_made.asphalt, 0.8, 0.006, 0.85, 3),
    "cobblestones": Recipe(_made.cobblestones, 1.2, 0.025, 0.75),
    "masonry": Recipe(_made.masonry, 1.8, 0.03, 0.9, 3),
    "terrazzo": Recipe(_made.terrazzo, 0.7, 0.0, 0.16),
    "roof tiles": Recipe(_made.roof, 2.4, 0.05, 0.85, 5),
    "rust": Recipe(_made.rust, 0.5, 0.002, 0.8),
    "brushed metal": Recipe(_made.brushed, 0.3, 0.0001, 0.3, 2, 256),
    "speckled": Recipe(_natural.speckled, 0.2, 0.0, 0.4, 3, 256),
    "mottled": Recipe(_natural.mottled, 0.15, 0.0004, 0.4, 4, 256),
    "foliage": Recipe(_natural.foliage, 0.6, 0.05, 0.8, 2),
    "ripples": Recipe(_natural.ripples, 1.6, 0.02, 0.03, 3),
    "fabric": Recipe(_woven.fabric, 0.12, 0.0006, 0.95, 3),
    "leather": Recipe(_woven.leather, 0.20, 0.0008, 0.45, 3),
    "knit": Recipe(_woven.knit, 0.16, 0.003, 0.95, 2),
    "carpet": Recipe(_woven.carpet, 0.5, 0.01, 1.0, 3),
    "rug": Recipe(_woven.rug, 2.0, 0.006, 1.0, 8),
    "wallpaper": Recipe(_woven.wallpaper, 0.9, 0.0005, 0.8, 8),
    "paper": Recipe(_woven.paper, 0.3, 0.0001, 0.9, 2),
    "wicker": Recipe(_woven.wicker, 0.3, 0.006, 0.7, 2),
    "plush": Recipe(_woven.plush, 0.25, 0.008, 1.0, 2),
    "facade": Recipe(texture_facade.facade, texture_facade.SPAN, 0.12, 0.85, 12),
    **{f"{p} fabric": Recipe(partial(_woven.fabric, pattern=p), 0.5, 0.001, 0.95, 3, 256) for p in _woven.MASKS},
    **{p: Recipe(partial(_woven.printed, pattern=p), 0.3, 0.0, 0.4, 3, 256) for p in _woven.MASKS},
}
NEUTRALS = frozenset((
    "leather", "knit", "carpet", "paper", "wicker", "plush", "fabric", "plaster", "brushed metal", "ripples", "foliage",
))  # fmt: skip


@cache
def _decode() -> Array:
    """Display bytes -> linear light (IEC 61966-2-1), as a table of 256."""
    v = np.arange(256) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


@cache
def _folder() -> Path:
    """The cache of this version of the painters."""
    sources = (__file__, *(m.__file__ for m in (texture_noise, _natural, _made, _woven, texture_facade)))
    digest = sha256(b"".join(Path(source).read_bytes() for source in sources)).hexdigest()[:16]
    return home() / "cache" / "textures" / digest


def _quantize(field: Array) -> Array:
    return np.clip(field * 255 + 0.5, 0, 255).astype(np.uint8)


def _sized(field: Array, size: int) -> Array:
    if field.shape[0] == size:
        return field
    return cv2.resize(field.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)


def bake(name: str, variant: int) -> dict[str, Array]:
    """Paint one texture: byte arrays color | shade, mask, colors; height; and where it has them roughness, emission."""
    recipe = RECIPES[name]
    layers = recipe.paint(np.random.default_rng([crc32(name.encode()), variant]), variant)
    fields = {key: getattr(layers, key) for key in ("color", "shade", "mask", "height", "roughness", "emission")}
    baked = {key: _quantize(_sized(field, recipe.size)) for key, field in fields.items() if field is not None}
    if layers.mask is not None:
        baked["colors"] = _quantize(np.asarray(layers.colors))
    return baked


def _store(path: Path, baked: dict[str, Array]) -> None:
    """Write under another name, then rename: readers see the whole file or none. A full disk is no error."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **baked)
            os.replace(scratch, path)
        except BaseException:
            os.unlink(scratch)
            raise


@lru_cache(maxsize=48)
def _baked(name: str, variant: int) -> dict[str, Array]:
    path = _folder() / f"{name.replace(' ', '_')}-{variant}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        baked = bake(name, variant)
        _store(path, baked)
        return baked


def _albedo(baked: dict[str, Array], colors: tuple[RGB, ...]) -> Array:
    """(H, W, 3) linear albedo; two-coloured textures are put together here."""
    table = _decode()
    if "color" in baked:
        return table[baked["color"]]
    shade = table[baked["shade"]]
    shade = np.minimum(shade * np.float32(NEUTRAL / float(shade.mean())), 1)
    if "mask" not in baked:
        return np.repeat(shade[..., None], 3, -1)
    pair = np.asarray(colors or table[baked["colors"]], np.float32)
    steps = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    mixed = (pair[0] * (1 - steps) + pair[1] * steps) / np.float32(NEUTRAL)
    return np.minimum(mixed[baked["mask"]] * shade[..., None], 1)


@lru_cache(maxsize=56)
def _texture(name: str, variant: int, colors: tuple[RGB, ...]) -> Texture:
    baked = _baked(name, variant)
    scaled = {key: baked[key] * np.float32(1 / 255) for key in ("height", "roughness") if key in baked}
    emission = LIT * _decode()[baked["emission"]] if "emission" in baked else None
    relief = scaled["height"] if RECIPES[name].relief else None
    return Texture(f"{name} {variant}", _albedo(baked, colors), relief, scaled.get("roughness"), emission)


def texture(name: str, variant: int = 0, *, colors: tuple[RGB, ...] = ()) -> Texture:
    """The texture `name`, one of RECIPES; `variant` is taken modulo the number there is.

    `colors`: one or two linear colours for a texture that takes them (`takes_colors`); the second is that of stripes,
    dots or flowers. Repeated calls return the same object.

    Raises ValueError for an unknown name, and for colours given to a texture that brings its own.
    """
    if name not in RECIPES:
        raise ValueError(f"no texture is called {name!r}; there are: {', '.join(sorted(RECIPES))}")
    variant = variant % RECIPES[name].variants
    if colors and not takes_colors(name):
        raise ValueError(f"the texture {name!r} brings its own colours; leave `colors` out")
    pair = tuple((float(r), float(g), float(b)) for r, g, b in (colors * 2)[:2])
    return _texture(name, variant, pair)


def takes_colors(name: str) -> bool:
    """Whether a texture is a pattern in two colours that may be given with it."""
    return name.removesuffix(" fabric") in _woven.MASKS or name in ("rug", "wallpaper")


def is_neutral(name: str) -> bool:
    """Whether a texture is grey around NEUTRAL and leaves its colour to the surface."""
    return name in NEUTRALS


def prepare() -> None:
    """Bake every texture into the cache (about half a minute), so that workers started afterwards only read."""
    for name, recipe in RECIPES.items():
        for variant in range(recipe.variants):
            _baked(name, variant)
