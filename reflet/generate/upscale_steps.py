"""An upscaler behind the contract of stepwise.py: a step is a tile, so others' pictures go on between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Card, Edit, Pixels, Row
from reflet.generate.tiling import FACTORS, check_factor
from reflet.generate.upscale import UPSCALER, Enlargement, Enlarger, enlarger
from reflet.runtime.errors import UserError


class SteppedUpscaler:
    """An Enlarger as an artist whose every request begins with a picture; `edit.factor` says how much larger."""

    def __init__(self, enlarger: Enlarger) -> None:
        self.enlarger = enlarger
        bundle = enlarger.bundle
        self.card = Card(name=bundle.name, digest=bundle.digest, frames=(), upscales=tuple(FACTORS), folder=bundle.path)

    def check(self, request: ImageRequest, *, edit: Edit | None = None) -> None:
        """Raises UserError: no picture, a factor that is not offered, a result that would be too large."""
        if edit is None or edit.factor is None:
            raise UserError("an upscaler needs a picture and a factor of 2 or 4")
        height, width = edit.picture.shape[:2]
        check_factor(width, height, factor=edit.factor)

    def prepare(self, request: ImageRequest, *, edit: Edit | None = None) -> Row:
        """A row with no tile done. Raises UserError."""
        self.check(request, edit=edit)
        edit = cast("Edit", edit)
        work = self.enlarger.begin(edit.picture, factor=edit.factor or 1)
        key = (self.card.digest, "upscale", self.enlarger.precision)
        return Row(request=request, key=key, num_steps=work.num_tiles, state=work)

    def step(self, rows: Sequence[Row]) -> None:
        """One tile of each row."""
        for row in rows:
            self.enlarger.advance(cast("Enlargement", row.state))

    def schedule(self, rows: Sequence[Row], output: None) -> None:
        """Counts it."""
        for row in rows:
            row.step += 1

    def decode(self, row: Row, *, rough: bool = False) -> Pixels:
        """The result; `rough`: as far as it is, what is missing is black."""
        return cast("Enlargement", row.state).out


def open_upscaler(name: str = UPSCALER) -> SteppedUpscaler:
    """The artist of an upscaler's bundle. Raises UserError."""
    return SteppedUpscaler(enlarger(name))
