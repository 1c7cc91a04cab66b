"""`reflet upscale`."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import tyro

from reflet.cli.generate import KINDS, progress_bar, write_picture
from reflet.generate.edit_input import edit_from
from reflet.generate.encode import png_text
from reflet.generate.provenance import encode, installed_signer, seal
from reflet.generate.request import ImageRequest
from reflet.generate.upscale import UPSCALER, enlarger
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError


def upscale(
    file: Annotated[Path, tyro.conf.Positional],
    *,
    factor: Literal[2, 4] = 2,
    out: Path | None = None,
    bundle: str = UPSCALER,
    device: str | None = None,
    threads: int | None = None,
    provenance: bool = True,
    watermark: bool = True,
) -> None:
    """Enlarge a picture two or four times with the learned upscaler; at most 4,096 pixels a side come out.

    The result is signed as an edit of the picture, whose own manifest travels on inside.

    Args:
        file: A PNG, JPEG or WebP.
        factor: 2 or 4.
        out: A folder, or a file that ends in .png, .jpg or .webp (default: beside the picture, its name with -2x or
            -4x).
        bundle: An upscaler's name or folder.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
        provenance: Sign the picture and mark its pixels as machine-made.
        watermark: Mark the pixels invisibly (only with provenance).
    """
    set_threads(threads)
    content = read_file(file)
    edit = edit_from(content, masked=False)
    if provenance:
        installed_signer()  # a key that cannot be used is said before any work
    worker = enlarger(bundle, device=device)
    target = _target(file, out, factor=factor)
    if target.parent != Path():
        target.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with progress_bar() as bar:
        task = bar.add_task("tiles", total=None)
        pixels = worker.enlarge(
            edit.picture, factor=factor, progress=lambda done, of: bar.update(task, completed=done, total=of)
        )
    spent = time.perf_counter() - start
    facts = {"factor": factor, "parent_sha256": hashlib.sha256(content).hexdigest()}
    text = png_text(
        ImageRequest(prompt=""), bundle_name=worker.bundle.name, bundle_digest=worker.bundle.digest, edit=facts
    )
    kind = KINDS.get(target.suffix.lower(), "png")
    claim = worker.bundle.claim(factor=factor)
    sealed = (
        seal(pixels, claim, kind=kind, text=text, parent=content, watermark=watermark)
        if provenance
        else encode(pixels, kind, text=text)
    )
    write_picture(target, sealed)
    sys.stdout.write(f"{target}  ({pixels.shape[1]} x {pixels.shape[0]}, {spent:.2f} s)\n")


def _target(file: Path, out: Path | None, *, factor: int) -> Path:
    name = f"{file.stem}-{factor}x.png"
    if out is None:
        return file.with_name(name)
    return out if out.suffix.lower() in {".png", *KINDS} else out / name


def read_file(path: Path) -> bytes:
    """A file's bytes. Raises UserError for one that is not there."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): give a PNG, JPEG or WebP file") from error
