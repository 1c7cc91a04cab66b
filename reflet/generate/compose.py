"""The picture that was made, put into the mask of the one it came from. No torch: guests elsewhere need it as well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from reflet.generate.stepwise import Edit, Pixels

FEATHER = 128  # the blend at a mask's border is this fraction of the shorter side wide, and lies within the mask


def compose(edit: Edit, pixels: Pixels) -> Pixels:
    """The generated picture (any size) put into the mask of the original, at the original's size; pixels outside the
    mask are the original's own. Without a mask, `pixels` as they are."""
    if edit.mask is None:
        return pixels
    height, width = edit.mask.shape
    made = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS), np.float32)
    soft = feather(edit.mask)[:, :, None]
    mixed = soft * made + (1.0 - soft) * edit.picture.astype(np.float32)
    return np.where(soft > 0, mixed.round().clip(0, 255), edit.picture).astype(np.uint8)


def feather(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mask with a soft border that stays within it; a mask too thin to be softened stays as it is."""
    radius = max(1, min(mask.shape) // FEATHER)
    image = Image.fromarray((mask * 255).round().astype(np.uint8))
    inner = image.filter(ImageFilter.MinFilter(2 * radius + 1))
    soft = np.asarray(inner.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255.0
    if soft.max(initial=0.0) <= 0.0:
        return mask
    return np.where(mask > 0, np.minimum(soft, mask), 0.0).astype(np.float32)
