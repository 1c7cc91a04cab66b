"""A picture within a larger frame, as an edit that fills the room around it. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from reflet.generate.edit_input import MAX_PIXELS
from reflet.generate.stepwise import Edit, Pixels
from reflet.runtime.errors import UserError

BLUR = 24  # the stretched colours in the new room are blurred by this fraction of the longer side
OVERLAP = 16  # the seam is soft over this fraction of the picture's shorter side, within the picture


@dataclass(frozen=True)
class Margins:
    """Pixels beyond the picture on each side."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


def extended(picture: Pixels, margins: Margins) -> Edit:
    """An edit (H + top + bottom, W + left + right) that makes the new room anew and keeps the picture but for a soft
    seam. The room holds the picture's own stretched colours, so that what is sketched there goes on from them. Raises
    UserError."""
    height, width = picture.shape[:2]
    sides = (margins.left, margins.top, margins.right, margins.bottom)
    if min(sides) < 0 or max(sides) == 0:
        raise UserError("the frame does not grow: say how many pixels on the left, top, right and bottom, one above 0")
    wide, high = width + margins.left + margins.right, height + margins.top + margins.bottom
    if wide * high > MAX_PIXELS or max(wide, high) > 8 * min(wide, high):
        raise UserError(f"the frame would be {wide} x {high}: at most {MAX_PIXELS} pixels, and at most 8 to 1")
    image = Image.fromarray(picture)
    blur = ImageFilter.GaussianBlur(max(wide, high) / BLUR)
    frame = image.resize((wide, high), Image.Resampling.BICUBIC).filter(blur)
    frame.paste(image, (margins.left, margins.top))
    mask = np.ones((high, wide), np.float32)
    overlap = max(1, min(width, height) // OVERLAP)
    columns = _kept(width, overlap, before=margins.left > 0, after=margins.right > 0)
    rows = _kept(height, overlap, before=margins.top > 0, after=margins.bottom > 0)
    inside = (slice(margins.top, margins.top + height), slice(margins.left, margins.left + width))
    mask[inside] = 1.0 - np.minimum(rows[:, None], columns[None, :])
    return Edit(np.asarray(frame), mask, 1.0)


def _kept(length: int, overlap: int, *, before: bool, after: bool) -> np.ndarray:
    """(length,) how much of each row or column is kept: 1 inside, falling to 0 at a side that grows."""
    place = np.arange(length, dtype=np.float32) + 0.5
    kept = np.ones(length, np.float32)
    if before:
        kept = np.minimum(kept, place / overlap)
    if after:
        kept = np.minimum(kept, (length - place) / overlap)
    return kept
