"""Pictures as they are shown: the same size for all, no metadata, and as many bytes whatever they show.

A PNG without compression is as long as its width and height say. So neither the length of an answer nor the time to
send it tells a blurred picture, which would compress well, from a sharp one.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from reflet.runtime.errors import UserError

SIZE = 512


def read_pixels(content: bytes) -> NDArray[np.uint8]:
    """Decodes a picture to (H, W, 3) RGB; transparency becomes white. Raises UserError for bytes that are none."""
    try:
        with Image.open(BytesIO(content)) as image:
            if image.mode in ("RGBA", "LA", "P"):
                layered = image.convert("RGBA")
                white = Image.new("RGBA", layered.size, "white")
                image = Image.alpha_composite(white, layered)  # noqa: PLW2901
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UserError(f"a contestant's picture cannot be read ({error}): make it again") from error


def shown(pixels: NDArray[np.uint8], *, size: int = SIZE) -> bytes:
    """PNG bytes (size x size). The picture fits inside; what is left over is neutral grey."""
    image = Image.fromarray(pixels)
    scale = size / max(image.size)
    sides = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    fitted = image.resize(sides, Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (size, size), (119, 119, 119))
    canvas.paste(fitted, ((size - fitted.width) // 2, (size - fitted.height) // 2))
    out = BytesIO()
    canvas.save(out, "PNG", compress_level=0)
    return out.getvalue()


def spoiled(pixels: NDArray[np.uint8], *, seed: int) -> NDArray[np.uint8]:
    """The same picture made plainly worse, for canary battles: coarse blocks under heavy noise."""
    small = Image.fromarray(pixels).resize((10, 10), Image.Resampling.BOX)
    coarse = np.asarray(small.resize((pixels.shape[1], pixels.shape[0]), Image.Resampling.NEAREST)).astype(np.float64)
    noise = np.random.default_rng(seed).normal(0.0, 70.0, pixels.shape)
    return np.clip(0.5 * coarse + 64.0 + noise, 0, 255).astype(np.uint8)
