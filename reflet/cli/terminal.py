"""Pictures in a terminal: whole where it can show them (kitty's and iTerm's ways), else as half blocks of colour."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Mapping
from io import BytesIO
from typing import Literal

from PIL import Image
from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style

CHUNK = 4096  # bytes of base64 in one escape sequence of kitty's
Way = Literal["kitty", "iterm", "blocks", "none"]


def way_to_show(environment: Mapping[str, str] = os.environ, *, terminal: bool | None = None) -> Way:
    """What this terminal can do, by what it says of itself; "none" where the output is no terminal."""
    if not (sys.stdout.isatty() if terminal is None else terminal):
        return "none"
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "TMUX" in environment or term.startswith("screen"):
        return "blocks"  # it would swallow the others
    if "kitty" in term or "KITTY_WINDOW_ID" in environment or program in ("ghostty", "WezTerm"):
        return "kitty"
    return "iterm" if program in ("iTerm.app", "vscode", "mintty") else "blocks"


def escape(content: bytes, way: Way) -> str:
    """The escape sequence that shows a PNG's bytes; empty for the other ways."""
    data = base64.b64encode(content).decode()
    if way == "iterm":
        return f"\x1b]1337;File=inline=1;size={len(content)}:{data}\x07\n"
    if way != "kitty":
        return ""
    pieces = [data[k : k + CHUNK] for k in range(0, len(data), CHUNK)]
    out = []
    for k, piece in enumerate(pieces):
        first, more = "a=T,f=100," if k == 0 else "", int(k < len(pieces) - 1)
        out.append(f"\x1b_G{first}m={more};{piece}\x1b\\")
    return "".join(out) + "\n"


def blocks(content: bytes, *, columns: int) -> Segments:
    """A picture as rows of half blocks: two pixels a character, the upper as its colour, the lower behind it."""
    with Image.open(BytesIO(content)) as opened:
        rows = max(1, round(columns * opened.height / opened.width / 2))
        small = opened.convert("RGB").resize((columns, 2 * rows), Image.Resampling.LANCZOS)
    pixels = small.tobytes()

    def color(x: int, y: int) -> Color:
        at = 3 * (y * columns + x)
        return Color.from_rgb(*pixels[at : at + 3])

    cells: list[Segment] = []
    for y in range(0, 2 * rows, 2):
        cells += [Segment("▀", Style(color=color(x, y), bgcolor=color(x, y + 1))) for x in range(columns)]
        cells.append(Segment.line())
    return Segments(cells)
