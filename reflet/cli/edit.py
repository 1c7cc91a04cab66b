"""`reflet edit`."""

from __future__ import annotations

import hashlib
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro

from reflet.cli.generate import plan_paths, progress_bar, with_lora, write_picture
from reflet.cli.upscale import read_file
from reflet.generate.aspect import nearest
from reflet.generate.edit_input import edit_from
from reflet.generate.encode import png_text
from reflet.generate.image import load
from reflet.generate.image_steps import SteppedBundle
from reflet.generate.outpaint import Margins, extended
from reflet.generate.provenance import Claim, encode, installed_signer, seal
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Edit, Pixels
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError

VARIED = 0.7  # of the way from noise is walked anew for a variation


def edit(
    picture: Annotated[Path, tyro.conf.Positional],
    prompt: Annotated[str, tyro.conf.Positional] = "",
    *,
    strength: float | None = None,
    mask: Path | None = None,
    grow: tuple[int, int, int, int] | None = None,
    out: Path = Path("out"),
    n: int = 1,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    negative: str = "",
    bundle: str = "image",
    lora: Path | None = None,
    device: str | None = None,
    threads: int | None = None,
    provenance: bool = True,
    watermark: bool = True,
) -> None:
    """Begin from a picture: all of it a little anew, a part of it, the room around it, or variations of it.

    With --mask only what the mask leaves transparent is made anew, with --grow only the room that the frame gains:
    what is kept stays exactly as it is. Without a prompt come variations.

    Args:
        picture: A PNG, JPEG or WebP; the transparent pixels of a PNG are its mask, where no other is given.
        prompt: What shall be seen. Empty: variations.
        strength: Above 0 to 1: how much is made anew (default: 0.6; 1 under a mask; 0.7 for variations).
        mask: A PNG of the same size whose transparent pixels are made anew.
        grow: Pixels beyond the picture: left, top, right, bottom.
        out: A folder, or a file that ends in .png.
        n: How many pictures; they take the seeds seed, seed + 1, ...
        seed: Same seed, same picture. Random when not given.
        steps: Sampling steps (default: the bundle's).
        guidance: Guidance scale (default: the bundle's).
        negative: What the picture should not be like.
        bundle: A bundle's name or folder.
        lora: A file of adapters that `reflet train lora` made for this bundle.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
        provenance: Sign the picture and mark its pixels as machine-made.
        watermark: Mark the pixels invisibly (only with provenance).
    """
    set_threads(threads)
    content = read_file(picture)
    begun = _begun(content, prompt, strength=strength, mask=mask, grow=grow)
    if provenance:
        installed_signer()
    artist = SteppedBundle(load(with_lora(bundle, lora), device=device))
    wishes = {"num_steps": steps, "guidance_scale": guidance, "negative_prompt": negative}
    first = secrets.randbelow(2**31) if seed is None else seed
    request = artist.artist.request(prompt, n=n, seed=first, **wishes, **_shape(artist, begun))
    artist.check(request, edit=begun)
    paths = plan_paths(out, prompt or picture.stem, first, number=n)
    for k, path in enumerate(paths):
        asked = request.alone(k)
        pixels = _walk(artist, asked, begun)
        write_picture(path, _sealed(pixels, asked, begun, content, artist, provenance=provenance, watermark=watermark))
        sys.stdout.write(f"{path}  (seed {asked.seed})\n")


def _shape(artist: SteppedBundle, begun: Edit) -> dict[str, Any]:
    """The wishes for the shape nearest to the picture's."""
    frame = nearest(artist.card.frames, *reversed(begun.picture.shape[:2]))
    return {"size": frame.size, "aspect": frame.aspect}


def _sealed(
    pixels: Pixels,
    asked: ImageRequest,
    begun: Edit,
    content: bytes,
    artist: SteppedBundle,
    *,
    provenance: bool,
    watermark: bool,
) -> bytes:
    """A PNG that says what it came from."""
    name, digest = artist.card.name, artist.card.digest
    facts = {"prompt": asked.prompt, "seed": asked.seed, "strength": begun.strength}
    facts["parent_sha256"] = hashlib.sha256(content).hexdigest()
    text = png_text(asked, bundle_name=name, bundle_digest=digest, edit=facts)
    if not provenance:
        return encode(pixels, text=text)
    materials = artist.artist.materials_digest
    claim = Claim(name, digest, materials, edited=True, composite=begun.mask is not None)
    return seal(pixels, claim, text=text, parent=content, watermark=watermark)


def _begun(
    content: bytes,
    prompt: str,
    *,
    strength: float | None,
    mask: Path | None,
    grow: tuple[int, int, int, int] | None,
) -> Edit:
    """What the walk begins with. Raises UserError."""
    if grow is not None:
        if mask is not None or strength is not None:
            raise UserError(
                "--grow makes its own mask: leave --mask and --strength out, or edit the grown picture next"
            )
        if not prompt.strip():
            raise UserError("say what the new room shall show: reflet edit PICTURE PROMPT --grow 64 0 64 0")
        plain = edit_from(content, masked=False)
        return extended(plain.picture, Margins(*grow))
    if not prompt.strip() and mask is None:
        return edit_from(content, strength=VARIED if strength is None else strength, masked=False)
    return edit_from(content, mask=None if mask is None else read_file(mask), strength=strength)


def _walk(artist: SteppedBundle, request: ImageRequest, begun: Edit) -> Pixels:
    """One picture, from its noise to its pixels."""
    row = artist.prepare(request, edit=begun)
    with progress_bar() as bar:
        task = bar.add_task("sampling", total=row.num_steps)
        while row.left > 0:
            artist.schedule([row], artist.step([row]))
            bar.update(task, completed=row.step)
    return np.asarray(artist.decode(row))
