"""From pixels to the file that leaves: checked, fitted, marked, encoded, signed; and errors as jobs keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from PIL import Image

from reflet.generate.encode import encode_picture
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Card, Pixels
from reflet.runtime.errors import UserError
from reflet.serve.payload import Payload
from reflet.serve.settings import ServeSettings
from reflet.store.database import StorageFull


class PictureRefused(Exception):
    """A finished picture that its check forbids."""


def finished(
    pixels: Pixels,
    request: ImageRequest,
    *,
    card: Card,
    payload: Payload,
    parent: bytes | None,
    settings: ServeSettings,
    timed: Callable[[str], AbstractContextManager[None]],
) -> tuple[bytes, tuple[int, int]]:
    """(the file, its pixels' (height, width)). `parent`: what an edit began with; `timed` counts each part's seconds.
    Raises PictureRefused."""
    forbidden = None if settings.check_picture is None else settings.check_picture(pixels)
    if forbidden is not None:
        raise PictureRefused(forbidden)
    pixels = fitted(pixels, width=payload.width, height=payload.height)
    provenance, edited = settings.provenance, parent is not None
    if provenance is not None:
        with timed("mark"):
            pixels = provenance.mark(pixels, card, edited=edited)
    edit = None
    if parent is not None:
        edit = {"prompt": request.prompt, "seed": request.seed, "strength": payload.strength}
        if payload.factor is not None:
            edit["factor"] = payload.factor
        edit["parent_sha256"] = hashlib.sha256(parent).hexdigest()
    with timed("encode"):
        content = encode_picture(
            pixels,
            request,
            bundle_name=card.name,
            bundle_digest=card.digest,
            picture_format=payload.picture_format,
            quality=payload.compression,
            edit=edit,
            xmp=None if provenance is None else provenance.packet(card, edited=edited),
        )
    if provenance is not None:
        with timed("sign"):
            content = provenance.sign(content, card, parent=parent)
    return content, (pixels.shape[0], pixels.shape[1])


def preview_steps(num_steps: int, number: int) -> frozenset[int]:
    """`number` steps spread over the walk, neither its first nor its last where that can be helped."""
    return frozenset(max(1, round((k + 1) * num_steps / (number + 1))) for k in range(number)) - {num_steps}


def fitted(pixels: Pixels, *, width: int, height: int) -> Pixels:
    """Enlarged (or made smaller) until it covers width x height, then cut to it about the middle."""
    if pixels.shape[:2] == (height, width):
        return pixels
    scale = max(width / pixels.shape[1], height / pixels.shape[0])
    wide, high = (max(a, round(b * scale)) for a, b in ((width, pixels.shape[1]), (height, pixels.shape[0])))
    image = Image.fromarray(pixels).resize((wide, high), Image.Resampling.LANCZOS)
    left, top = (wide - width) // 2, (high - height) // 2
    return np.asarray(image.crop((left, top, left + width, top + height)))


def told(error: Exception) -> dict[str, Any]:
    """An error as a job keeps it: status, code, and a message that tells nothing of the inside."""
    if isinstance(error, StorageFull):
        message = "there is no room to store the picture: the operator must free some space; try again later"
        return {"status": 507, "code": "storage_full", "message": message}
    if isinstance(error, PictureRefused):
        message = f"the picture was held back by the safety system: safety_violations=[{error}]"
        return {"status": 400, "code": "moderation_blocked", "message": message}
    if isinstance(error, UserError):
        return {"status": 400, "code": "invalid_value", "message": str(error)}
    return {"status": 500, "code": "internal_error", "message": "the picture could not be made; try again"}
