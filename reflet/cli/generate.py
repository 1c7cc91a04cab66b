"""`reflet generate` and `reflet sheet`."""

from __future__ import annotations

import errno
import itertools
import math
import os
import re
import secrets
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import tyro
from PIL import Image, ImageDraw
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from reflet.generate.image import ImageGenerator, load, read_request
from reflet.generate.provenance import Kind, encode, installed_signer, seal
from reflet.generate.request import ImageRequest
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError

MAX_CELLS = 1024  # of a contact sheet
KINDS: dict[str, Kind] = {".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


def generate(
    prompt: Annotated[str, tyro.conf.Positional] = "",
    *,
    out: Path = Path("out"),
    n: int = 1,
    size: int | None = None,
    aspect: str | None = None,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    negative: str = "",
    sampler: Literal["euler", "heun", "ddim"] | None = None,
    bundle: str = "image",
    lora: Path | None = None,
    like: Path | None = None,
    device: str | None = None,
    threads: int | None = None,
    provenance: bool = True,
    watermark: bool = True,
) -> None:
    """Make pictures from a prompt.

    Each PNG carries its prompt, seed, settings and the bundle's hash, so `--like PICTURE` makes it again, bit for bit
    on the same machine. It also carries a signed manifest and an invisible mark; `reflet verify PICTURE` reads them.

    Args:
        prompt: What the pictures show, e.g. "a red glass sphere on a wooden table at sunset".
        out: A folder, or a file that ends in .png.
        n: How many pictures; they take the seeds seed, seed + 1, ...
        size: Pixels a side, one of those the bundle was trained for (default: its first).
        aspect: 1:1 (default), 3:2, 2:3, 16:9 or 9:16: as many pixels, about, in another shape.
        seed: Same seed, same picture. Random when not given.
        steps: Sampling steps; more is slower and finer.
        guidance: How strictly the prompt is followed; 1 is not at all, 3 is usual.
        negative: What the picture should not be like.
        sampler: euler (one evaluation a step), heun (two, more exact) or ddim (euler with fresh noise).
        bundle: A bundle's name or folder.
        lora: A file of adapters that `reflet train lora` made for this bundle.
        like: A PNG made by Reflet: use its prompt and settings.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
        provenance: Sign the picture and mark its pixels as machine-made.
        watermark: Mark the pixels invisibly (only with provenance).
    """
    set_threads(threads)
    artist = load(with_lora(bundle, lora), device=device)
    request = None if like is None else _request_like(like, artist)
    request = request or artist.request(
        prompt,
        n=n,
        size=size,
        aspect=aspect,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        num_steps=steps,
        guidance_scale=guidance,
        negative_prompt=negative,
        sampler=sampler,
    )
    _answer_into(out, artist, request, provenance=provenance, watermark=watermark)


def _request_like(like: Path, artist: ImageGenerator) -> ImageRequest:
    request, made_with = read_request(like)
    if made_with.get("sha256") != artist.bundle.digest:
        sys.stderr.write(f"reflet: {like} was made with another bundle ({made_with.get('name')}): it will differ\n")
    return request


def _answer_into(
    out: Path, artist: ImageGenerator, request: ImageRequest, *, provenance: bool, watermark: bool
) -> None:
    """Makes the pictures of a request, writes them, and says where they are."""
    request.check(frames=artist.bundle.config.frames)
    if provenance:
        installed_signer()  # a key that cannot be used is said before any work
    paths = plan_paths(out, request.prompt, request.seed, number=request.n)
    start = time.perf_counter()
    with progress_bar() as bar:
        task = bar.add_task("sampling", total=request.num_steps)
        pictures = artist.answer(request, progress=lambda done, of: bar.update(task, completed=done))
    spent = time.perf_counter() - start
    for path, picture in zip(paths, pictures, strict=True):
        write_picture(path, picture.png(provenance=provenance, watermark=watermark))
        sys.stdout.write(f"{path}  (seed {picture.request.seed})\n")
    sys.stdout.write(f"{len(paths)} picture{'s' * (len(paths) > 1)} in {spent:.2f} s\n")


def sheet(
    prompts: Annotated[Path, tyro.conf.Positional] = Path("docs/prompts-64.txt"),
    *,
    out: Path = Path("out/sheet.png"),
    matrix: str = "",
    seeds: int = 1,
    seed: int = 0,
    aspect: str | None = None,
    columns: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    bundle: str = "image",
    labels: bool = True,
    threads: int | None = None,
    provenance: bool = True,
) -> None:
    """Make a contact sheet: one picture for each line of a file, all with the same seed.

    With --matrix "a {red|blue} {cube|sphere}" every combination, the last alternatives side by side; with --seeds 4
    four seeds of each prompt side by side.

    Args:
        prompts: A text file with one prompt a line; empty lines and lines that begin with # are left out.
        out: The PNG, JPEG or WebP to write.
        matrix: A prompt with alternatives in braces, in place of the file.
        seeds: How many pictures of each prompt, with the seeds seed, seed + 1, ...
        seed: The seed of every picture, or the first one.
        aspect: The shape of every picture: 1:1 (default), 3:2, 2:3, 16:9 or 9:16.
        columns: Pictures a row (default: 8; a matrix and a grid of seeds have their own).
        steps: Sampling steps (default: the bundle's).
        guidance: Guidance scale (default: the bundle's).
        bundle: A bundle's name or folder.
        labels: Write each prompt under its picture.
        threads: CPU threads (default: all cores).
        provenance: Sign the sheet and mark its pixels as machine-made.
    """
    set_threads(threads)
    lines, natural = expanded(matrix) if matrix else (prompts_of(prompts), 8)
    if not 1 <= seeds * len(lines) <= MAX_CELLS:
        raise UserError(f"the sheet would have {seeds * len(lines)} pictures: 1 to {MAX_CELLS} fit")
    artist = load(bundle)
    cells = [(line, seed + k) for line in lines for k in range(seeds)]
    with progress_bar() as bar:
        pictures = [
            artist.generate(line, seed=number, aspect=aspect, num_steps=steps, guidance_scale=guidance)[0]
            for line, number in bar.track(cells, description="pictures")
        ]
    said = [line if seeds == 1 else f"{line} [{number}]" for line, number in cells]
    across = columns or (natural if seeds == 1 else seeds)
    image = np.asarray(contact_sheet([p.pixels for p in pictures], said if labels else None, columns=across))
    out.parent.mkdir(parents=True, exist_ok=True)
    kind = KINDS.get(out.suffix.lower(), "png")
    write_picture(out, seal(image, pictures[0].claim(), kind=kind) if provenance else encode(image, kind))
    sys.stdout.write(f"{out}\n")


def prompts_of(path: Path) -> list[str]:
    """One prompt a line; empty lines and lines that begin with # are left out. Raises UserError."""
    if not path.is_file():
        raise UserError(f"there is no file {path}: give a text file with one prompt a line")
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise UserError(f"{path} holds no prompt: write one a line")
    return lines


def expanded(matrix: str) -> tuple[list[str], int]:
    """Every combination of a prompt's alternatives, the last ones changing fastest, and how many those are. Raises
    UserError when there are none, or too many."""
    groups = [found.split("|") for found in re.findall(r"\{([^{}]*)\}", matrix)]
    number = math.prod(len(g) for g in groups)
    if not groups or number > MAX_CELLS:
        raise UserError(
            f"the matrix has {number if groups else 'no'} alternatives: write 2 to {MAX_CELLS} combinations like "
            '"a {red|blue} {cube|sphere}"'
        )
    frame = re.split(r"\{[^{}]*\}", matrix)
    prompts = []
    for chosen in itertools.product(*groups):
        text = frame[0] + "".join(word.strip() + rest for word, rest in zip(chosen, frame[1:], strict=True))
        prompts.append(re.sub(r"\s+", " ", text).strip())
    return prompts, len(groups[-1])


def contact_sheet(pictures: list[np.ndarray], labels: list[str] | None, *, columns: int) -> Image.Image:
    """Pictures (H, W, 3) uint8 in rows, each over its label, which is wrapped and cut to three lines."""
    (high, wide), foot = pictures[0].shape[:2], 44 if labels else 0
    rows = -(-len(pictures) // columns)
    image = Image.new("RGB", (columns * wide, rows * (high + foot)), "white")
    pen = ImageDraw.Draw(image)
    for i, pixels in enumerate(pictures):
        x, y = (i % columns) * wide, (i // columns) * (high + foot)
        image.paste(Image.fromarray(pixels), (x, y))
        if labels:
            words = re.findall(rf".{{1,{max(8, wide // 6)}}}(?:\s|$)", labels[i] + " ")[:3]
            pen.multiline_text((x + 4, y + high + 2), "\n".join(w.strip() for w in words), fill="black")
    return image


def plan_paths(out: Path, prompt: str, seed: int, *, number: int) -> list[Path]:
    """Where the pictures go; the folder is made now, so that a bad path fails before any work."""
    try:
        if out.suffix.lower() == ".png":
            out.parent.mkdir(parents=True, exist_ok=True)
            return [out if number == 1 else out.with_name(f"{out.stem}-{k + 1}{out.suffix}") for k in range(number)]
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to {out} ({error.strerror}): choose another --out") from error
    slug = re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-")[:60] or "picture"
    return [out / f"{slug}-{seed + k}.png" for k in range(number)]


def write_picture(path: Path, content: bytes) -> None:
    """Writes an encoded picture whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UserError(f"the disk is full: free some space, then write {path} again") from error
        raise UserError(f"cannot write {path} ({error.strerror}): choose another --out") from error
    finally:
        temporary.unlink(missing_ok=True)


def with_lora(bundle: str, lora: Path | None) -> str:
    """The name that `load` takes for a bundle with a file of adapters."""
    return bundle if lora is None else f"{bundle}+{lora}"


def progress_bar() -> Progress:
    """The one that goes away when its work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, TimeRemainingColumn(), transient=True)
