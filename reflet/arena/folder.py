"""An arena as a folder: the record, and the pictures by the hash of their content.

arena.sqlite          the record (arena.log)
pictures/ab/ab12....  each picture once, as it was made
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from reflet.arena.log import ArenaLog, PictureRow, Status
from reflet.arena.prompts import Prompt
from reflet.runtime.errors import UserError


@dataclass(frozen=True)
class Contestant:
    """Who takes part. `digest` says what made the pictures (weights, settings); `draw(prompt, number)` makes picture
    `number` of a prompt: the file's bytes, and facts such as seed, noise, sampler, steps, guidance, bundle."""

    name: str
    digest: str
    settings: dict[str, Any]
    draw: Callable[[Prompt, int], tuple[bytes, dict[str, Any]]]
    status: Status = "active"


class ArenaFolder:
    """Opens the arena at `root`, or begins one there when `create` is set. Raises UserError."""

    def __init__(self, root: Path, *, create: bool = False) -> None:
        if not create and not (root / "arena.sqlite").is_file():
            raise UserError(f"there is no arena in {root}: make one with `reflet arena run --out {root}`")
        self.root = root
        self.log = ArenaLog(root / "arena.sqlite")

    def path(self, sha256: str) -> Path:
        """Where the picture with this hash lies."""
        return self.root / "pictures" / sha256[:2] / sha256

    def keep(self, content: bytes) -> str:
        """Stores a picture whole or not at all; returns its hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{sha256}.{os.getpid()}.tmp")
            temporary.write_bytes(content)
            temporary.replace(path)
        return sha256

    def pixels(self, sha256: str) -> NDArray[np.uint8]:
        """A picture as (H, W, 3) RGB."""
        return read_pixels(self.path(sha256).read_bytes())

    def fill(
        self, contestants: list[Contestant], prompts: list[Prompt], *, n: int, report: Callable[[int, int], None]
    ) -> int:
        """Has every contestant draw `n` pictures of every prompt, those already there left out; returns how many were
        drawn. A picture is looked up by what it follows from: contestant, digest, prompt, number."""
        self.log.add_prompts(prompts)
        for c in contestants:
            self.log.add_contestant(c.name, digest=c.digest, settings=c.settings, status=c.status)
        known, drawn, done = {p.id for p in self.log.pictures()}, 0, 0
        total = len(contestants) * len(prompts) * n
        for c in contestants:
            for prompt in prompts:
                for number in range(n):
                    identity = picture_id(c, prompt, number)
                    if identity not in known:
                        content, facts = c.draw(prompt, number)
                        facts = facts | measured(read_pixels(content))
                        row = PictureRow(identity, c.name, prompt.id, number, self.keep(content), facts)
                        self.log.add_picture(row)
                        drawn += 1
                    done += 1
                    report(done, total)
        return drawn


def picture_id(contestant: Contestant, prompt: Prompt, number: int) -> str:
    """The name of a picture before it is drawn."""
    parts = "\n".join((contestant.name, contestant.digest, prompt.text, str(number)))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def read_pixels(content: bytes) -> NDArray[np.uint8]:
    """Decodes a picture; transparency becomes white. Raises UserError for bytes that are none."""
    try:
        with Image.open(BytesIO(content)) as image:
            if image.mode in ("RGBA", "LA", "P"):
                layered = image.convert("RGBA")
                white = Image.new("RGBA", layered.size, "white")
                image = Image.alpha_composite(white, layered)  # noqa: PLW2901
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UserError(f"a contestant's picture cannot be read ({error}): make it again") from error


def measured(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """What may sway a vote besides the picture's worth: height, width, sharpness (mean absolute Laplacian of the
    brightness, in 0..1), brightness (mean, 0..1)."""
    grey = pixels.astype(np.float64) @ [0.2126, 0.7152, 0.0722] / 255.0
    laplacian = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return {
        "height": float(pixels.shape[0]),
        "width": float(pixels.shape[1]),
        "sharpness": float(np.abs(laplacian).mean()) if laplacian.size else 0.0,
        "brightness": float(grey.mean()),
    }
