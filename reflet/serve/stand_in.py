"""A device that only costs time: to measure a server and its scheduler, to try an installation, and to test.

Its pictures are one colour that depends on the seed alone, so that who got whose picture can be checked.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from reflet.generate.aspect import frame_of, frames_of
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Card, Edit, Pixels, Row
from reflet.runtime.errors import UserError


class StandIn:
    """A step of B rows sleeps `fixed + each * B` seconds. Pictures are `size` pixels a side, or have as many in another
    shape."""

    def __init__(self, *, fixed: float = 0.0, each: float = 0.0, size: int = 64, name: str = "stand-in") -> None:
        self.fixed, self.each, self.unit = fixed, each, max(1, size // 8)
        self.card = Card(
            name=name,
            digest=hashlib.sha256(name.encode()).hexdigest(),
            frames=frames_of((size,), unit=self.unit),
            edits=True,
            blends=True,
            defaults={"size": size, "num_steps": 20, "guidance_scale": 1.0},
        )
        self.rows_stepped = 0

    def check(self, request: ImageRequest, *, edit: Edit | None = None) -> None:
        """Raises UserError for what ImageRequest.check refuses, and for the word "unreadable" (to test errors)."""
        if "unreadable" in request.prompt:
            raise UserError("the prompt is unreadable: choose other words")
        if request.prompt.strip() or edit is None:
            request.check(frames=self.card.frames)

    def prepare(self, request: ImageRequest, *, edit: Edit | None = None) -> Row:
        return Row(request=request, key=(self.card.digest, request.size, request.aspect), num_steps=request.num_steps)

    def step(self, rows: Sequence[Row]) -> Any:
        """Sleeps. A prompt with the word "broken" raises, as a device might (to test errors)."""
        if any("broken" in row.request.prompt for row in rows):
            raise RuntimeError("the device failed")
        time.sleep(self.fixed + self.each * len(rows))
        self.rows_stepped += len(rows)
        return None

    def schedule(self, rows: Sequence[Row], output: Any) -> None:
        for row in rows:
            row.step += 1

    def decode(self, row: Row, *, rough: bool = False) -> Pixels:
        color, asked = np.array(color_of(row.request.seed), float), row.request
        frame = frame_of(16 if rough else asked.size, asked.aspect, unit=2 if rough else self.unit)
        if asked.blend_seed is not None:
            color += asked.blend * (np.array(color_of(asked.blend_seed), float) - color)
        return np.full((frame.height, frame.width, 3), color.round(), np.uint8)


def color_of(seed: int) -> tuple[int, int, int]:
    """The colour of a seed's picture."""
    digest = hashlib.sha256(str(seed).encode()).digest()
    return digest[0], digest[1], digest[2]


def parse_stand_in(text: str) -> StandIn | None:
    """`stand-in` or `stand-in:FIXED+EACH` (milliseconds) as a stand-in; None for any other name. Raises UserError."""
    if text.partition(":")[0] != "stand-in":
        return None
    fixed, _, each = text.partition(":")[2].partition("+")
    try:
        return StandIn(fixed=float(fixed or 0) / 1000, each=float(each or 0) / 1000)
    except ValueError as error:
        raise UserError(f"{text!r} is no stand-in: write stand-in:FIXED+EACH in milliseconds, e.g. 20+4") from error
