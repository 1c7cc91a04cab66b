"""What an arena compares: pictures, sounds, or answers of a talk. All that is blind, fair and counted is the same.

A medium reads what a contestant made, measures what may sway a vote besides its worth, and shows two of them so that
nothing but themselves can tell their makers.
"""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO
from typing import Any, Literal, Protocol

import numpy as np
from PIL import Image

from reflet.arena import sounds, texts
from reflet.arena.display import read_pixels, shown, spoiled
from reflet.runtime.errors import UserError

MediumName = Literal["picture", "sound", "talk"]
THUMBNAIL = 288  # pixels a side on a board


class Medium(Protocol):
    """`spoiled` is the place (0 left, 1 right) of the side that a check spoils; `seed` says how."""

    name: MediumName
    content_type: str

    def measured(self, content: bytes) -> dict[str, float]:
        """What may sway a vote besides the worth. Raises UserError for what is none of this medium."""
        ...

    def shown(self, left: bytes, right: bytes, *, spoiled: int | None = None, seed: int = 0) -> tuple[bytes, bytes]:
        """Both as a voter gets them: equally long, without anything that came along with them."""
        ...

    def html(self, content: bytes, *, label: str) -> str:
        """One of them on a board."""
        ...

    def seconds(self, facts: dict[str, Any]) -> float:
        """How long it takes to take one in, at the least."""
        ...


class Pictures:
    """PNG, JPEG, WebP."""

    name: MediumName = "picture"
    content_type = "image/png"

    def measured(self, content: bytes) -> dict[str, float]:
        """Height, width, sharpness (mean absolute Laplacian of the brightness, in 0..1), brightness (mean, 0..1)."""
        pixels = read_pixels(content)
        grey = pixels.astype(np.float64) @ [0.2126, 0.7152, 0.0722] / 255.0
        laplacian = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
        return {
            "height": float(pixels.shape[0]),
            "width": float(pixels.shape[1]),
            "sharpness": float(np.abs(laplacian).mean()) if laplacian.size else 0.0,
            "brightness": float(grey.mean()),
        }

    def shown(self, left: bytes, right: bytes, *, spoiled: int | None = None, seed: int = 0) -> tuple[bytes, bytes]:
        first, second = (self._shown(content, spoiled == k, seed) for k, content in enumerate((left, right)))
        return first, second

    def _shown(self, content: bytes, worse: bool, seed: int) -> bytes:
        pixels = read_pixels(content)
        return shown(spoiled(pixels, seed=seed) if worse else pixels)

    def html(self, content: bytes, *, label: str) -> str:
        image = Image.fromarray(read_pixels(content))
        image.thumbnail((THUMBNAIL * 2, THUMBNAIL * 2))
        out = BytesIO()
        image.save(out, "JPEG", quality=85)
        source = f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
        return f"<img width='{THUMBNAIL}' height='{THUMBNAIL}' alt='{escape(label)}' src='{source}'>"

    def seconds(self, facts: dict[str, Any]) -> float:
        return 0.0


class Sounds:
    """WAV, FLAC, Ogg, MP3: speech above all. Shown at one rate, in one loudness, padded to one length."""

    name: MediumName = "sound"
    content_type = "audio/wav"

    def measured(self, content: bytes) -> dict[str, float]:
        return sounds.measured(sounds.read(content))

    def shown(self, left: bytes, right: bytes, *, spoiled: int | None = None, seed: int = 0) -> tuple[bytes, bytes]:
        pair = [sounds.read(content) for content in (left, right)]
        if spoiled is not None:
            pair[spoiled] = sounds.spoiled(pair[spoiled], seed=seed)
        return sounds.alike(pair[0], pair[1])

    def html(self, content: bytes, *, label: str) -> str:
        source = f"data:audio/wav;base64,{base64.b64encode(sounds.alike(sounds.read(content))[0]).decode()}"
        return f"<audio controls preload='none' aria-label='{escape(label)}' src='{source}'></audio>"

    def seconds(self, facts: dict[str, Any]) -> float:
        return float(facts.get("seconds", 0.0))


class Talks:
    """Answers to a message, as plain text; a tool that was called is a line of it."""

    name: MediumName = "talk"
    content_type = "text/plain; charset=utf-8"

    def measured(self, content: bytes) -> dict[str, float]:
        return texts.measured(texts.read(content))

    def shown(self, left: bytes, right: bytes, *, spoiled: int | None = None, seed: int = 0) -> tuple[bytes, bytes]:
        pair = [texts.read(content) for content in (left, right)]
        if spoiled is not None:
            pair[spoiled] = texts.spoiled(pair[spoiled], seed=seed)
        return texts.alike(pair[0], pair[1])

    def html(self, content: bytes, *, label: str) -> str:
        return f"<blockquote aria-label='{escape(label)}'>{escape(texts.read(content))}</blockquote>"

    def seconds(self, facts: dict[str, Any]) -> float:
        return 0.0


MEDIA: dict[str, Medium] = {m.name: m for m in (Pictures(), Sounds(), Talks())}


def medium_of(name: str) -> Medium:
    """Raises UserError for a medium that there is not."""
    if name not in MEDIA:
        raise UserError(f"an arena compares {', '.join(MEDIA)}, not {name!r}")
    return MEDIA[name]
