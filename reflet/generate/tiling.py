"""How a picture is cut to be enlarged, and how large it may become. No torch."""

from __future__ import annotations

from itertools import pairwise

from reflet.runtime.errors import UserError

FACTOR = 2  # of one pass
FACTORS = {2: 1, 4: 2}  # how many times larger -> how many passes
TILE = 128  # pixels a side of a tile, before it is enlarged and without its surroundings
MAX_SIDE = 4096  # of a result

Box = tuple[int, int, int, int]  # top, left, bottom, right


def check_factor(width: int, height: int, *, factor: int) -> None:
    """Raises UserError for a factor that is not offered, or a result that would be too large."""
    if factor not in FACTORS:
        raise UserError(f"the factor is {factor}: choose 2 or 4")
    if max(width, height) * factor > MAX_SIDE:
        raise UserError(
            f"{width} x {height} pixels {factor} times larger have a side of more than {MAX_SIDE}: choose a smaller "
            "factor or a smaller picture"
        )


def tiles(height: int, width: int, *, tile: int = TILE) -> list[Box]:
    """Boxes of about equal size, none larger than `tile`, that cover height x width without overlap."""
    rows, columns = (_cuts(side, tile) for side in (height, width))
    return [(top, left, bottom, right) for top, bottom in pairwise(rows) for left, right in pairwise(columns)]


def num_tiles(height: int, width: int, *, factor: int, tile: int = TILE) -> int:
    """Of all passes together."""
    sides = (FACTOR**k for k in range(FACTORS[factor]))
    return sum(len(tiles(height * s, width * s, tile=tile)) for s in sides)


def _cuts(side: int, tile: int) -> list[int]:
    number = -(-side // tile)
    return [side * k // number for k in range(number + 1)]
