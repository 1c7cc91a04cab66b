"""A small arena of plain pictures, whose makers are told apart by how many discs they draw well."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

from reflet.arena.folder import ArenaFolder, Contestant
from reflet.arena.prompts import Prompt

NAMES = ("amber", "birch", "cedar", "delta")
PROMPTS = [Prompt(f"a disc, number {k}", ("light", "food", "nature")[k % 3]) for k in range(8)]


def draw_toy(name: str, prompt: Prompt, number: int) -> tuple[bytes, dict[str, object]]:
    """A disc, blurred more the later the name comes; the PNG says who made it, and has its maker's own size."""
    blur = 2.5 * NAMES.index(name)
    seed = int(hashlib.sha256(f"{prompt.text}/{number}".encode()).hexdigest()[:8], 16)
    rng = np.random.default_rng(seed)
    side = 96 + 16 * NAMES.index(name)
    image = Image.new("RGB", (side, side), tuple(int(c) for c in rng.integers(40, 90, 3)))
    x, y = rng.integers(20, side - 40, 2).tolist()
    color = tuple(int(c) for c in rng.integers(150, 255, 3))
    ImageDraw.Draw(image).ellipse((x, y, x + 24, y + 24), fill=color)
    info = PngInfo()
    info.add_text("Software", name)
    out = BytesIO()
    image.filter(ImageFilter.GaussianBlur(blur)).save(out, "PNG", pnginfo=info)
    return out.getvalue(), {"seed": seed, "noise": "toy", "sampler": "toy", "steps": 1 + NAMES.index(name)}


def toy_contestant(name: str) -> Contestant:
    return Contestant(name, f"digest of {name}", {"name": name}, lambda prompt, number: draw_toy(name, prompt, number))


def toy_arena(root: Path, *, n: int = 2, names: tuple[str, ...] = NAMES) -> ArenaFolder:
    folder = ArenaFolder(root, create=True)
    folder.fill([toy_contestant(name) for name in names], PROMPTS, n=n, report=lambda done, of: None)
    return folder
