"""Pictures in other media: the photograph as a watercolour, an ink drawing, pixel art ...

Each style is a function of a `Canvas`: the colours together with depth, normals and object ids, so that lines fall
on true silhouettes and creases rather than on textures.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.scene import Array
from reflet.render.style_canvas import Canvas
from reflet.render.style_film import black_and_white, vintage
from reflet.render.style_line import comic, ink, pencil, toon
from reflet.render.style_mosaic import low_poly, pixel_art, stained_glass
from reflet.render.style_paint import impressionist, oil, watercolour

STYLE_FUNCTIONS: dict[str, Callable[[Canvas], Array]] = {
    "watercolour": watercolour,
    "ink": ink,
    "oil painting": oil,
    "pixel art": pixel_art,
    "toon": toon,
    "pencil": pencil,
    "low-poly": low_poly,
    "black and white": black_and_white,
    "vintage": vintage,
    "impressionist": impressionist,
    "stained glass": stained_glass,
    "comic": comic,
}


def apply_style(style: str, picture: Array, *, depth: Array, normal: Array, mask: Array, rng: Generator) -> Array:
    """Redraw a picture in `style`, a word of vocabulary.STYLES; "photograph" returns it as it is.

    picture: (S, S, 3) uint8 sRGB. depth: (S, S) distance, inf = sky. normal: (S, S, 3). mask: (S, S) object ids.
    Returns (S, S, 3) uint8. Raises `ValueError` for an unknown style.
    """
    if style == "photograph":
        return picture
    if style not in STYLE_FUNCTIONS:
        raise ValueError(f"unknown style {style!r}; use one of photograph, {', '.join(STYLE_FUNCTIONS)}")
    canvas = Canvas.of(picture, depth=depth, normal=normal, mask=mask, rng=rng)
    drawn = STYLE_FUNCTIONS[style](canvas)
    return (np.clip(drawn, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
