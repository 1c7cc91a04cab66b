"""Strangers' picture files -> what an edit begins with. No torch."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from reflet.generate.stepwise import Edit
from reflet.runtime.errors import UserError

MAX_PIXELS = 16_000_000  # of an uploaded picture: 48 MB decoded
FORMATS = ("PNG", "JPEG", "WEBP")
BROKEN = (
    OSError,
    UnidentifiedImageError,
    ValueError,
    SyntaxError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,  # where warnings are errors
)


def read_picture(content: bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """A PNG, JPEG or WebP of a stranger, decoded: RGB or RGBA, turned upright, without its metadata.

    The size is looked at before anything is decoded. Raises UserError.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise UserError(f"the picture has {width} x {height} pixels: at most {max_pixels} are read")
            if min(width, height) < 8 or max(width, height) > 8 * min(width, height):
                raise UserError(f"the picture is {width} x {height}: sides of 8 or more, at most 8 to 1, are read")
            image.load()
            upright = image.convert("RGBA" if image.has_transparency_data else "RGB")
            turned = _turned(upright, int(image.getexif().get(0x0112, 1)))
    except BROKEN as error:
        raise UserError("the picture cannot be read: give a PNG, JPEG or WebP file that opens elsewhere") from error
    return turned


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    flip = Image.Transpose
    ways = {
        2: flip.FLIP_LEFT_RIGHT,
        3: flip.ROTATE_180,
        4: flip.FLIP_TOP_BOTTOM,
        5: flip.TRANSPOSE,
        6: flip.ROTATE_270,
        7: flip.TRANSVERSE,
        8: flip.ROTATE_90,
    }
    return image.transpose(ways[orientation]) if orientation in ways else image


def edit_from(
    picture: bytes,
    *,
    mask: bytes | None = None,
    strength: float | None = None,
    masked: bool = True,
    factor: int | None = None,
) -> Edit:
    """An Edit from files. The mask's transparent pixels are made anew (OpenAI's rule); without a mask file the
    picture's own transparency is the mask, where it has any. `strength` is 1 under a mask and 0.6 without one unless
    given. Raises UserError."""
    image = read_picture(picture)
    holes = image if mask is None else read_picture(mask)
    if holes.size != image.size:
        raise UserError(f"the mask is {holes.width} x {holes.height} and the picture {image.width} x {image.height}")
    if mask is not None and holes.mode != "RGBA":
        raise UserError("the mask has no transparency: its transparent pixels say what to make anew")
    wanted = None
    if masked and holes.mode == "RGBA":
        alpha = np.asarray(holes.getchannel("A"), np.float32) / 255.0
        wanted = None if alpha.min() >= 1.0 else (1.0 - alpha).astype(np.float32)
        if wanted is None and mask is not None:
            raise UserError("the mask is opaque everywhere: its transparent pixels say what to make anew")
    default = 0.6 if wanted is None else 1.0
    pixels = np.asarray(image.convert("RGB"))
    return Edit(pixels, wanted, default if strength is None else strength, factor)
