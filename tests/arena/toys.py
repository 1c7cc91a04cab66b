"""Small arenas: of plain pictures, whose makers are told apart by how well they draw a disc, and of two tones."""

from __future__ import annotations

import hashlib
from importlib import import_module
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

from reflet.arena.folder import ArenaFolder, Contestant
from reflet.arena.prompts import Prompt

NAMES = ("amber", "birch", "cedar", "delta")
SAID = [Prompt(f"number {k}") for k in range(4)]
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


def tone(hertz: float, *, seconds: float = 0.4, rate: int = 16_000, gain: float = 0.3, kind: str = "WAV") -> bytes:
    """A tone that swells, as a file that says who made it."""
    soundfile = import_module("soundfile")
    t = np.arange(round(seconds * rate)) / rate
    out = BytesIO()
    with soundfile.SoundFile(out, "w", samplerate=rate, channels=1, format=kind) as file:
        file.comment = "made by alto"
        file.write(gain * np.sin(2 * np.pi * hertz * t) * np.minimum(1, 8 * t))
    return out.getvalue()


def sound_arena(root: Path) -> ArenaFolder:
    folder = ArenaFolder(root, create=True, medium="sound")
    makers = [
        Contestant("alto", "a", {}, lambda p, n: (tone(440, seconds=0.3, gain=0.05), {"seed": n})),
        Contestant("bass", "b", {}, lambda p, n: (tone(110, seconds=0.5, rate=8000, kind="FLAC"), {"seed": n})),
    ]
    folder.fill(makers, SAID, n=1, report=lambda done, of: None)
    return folder
