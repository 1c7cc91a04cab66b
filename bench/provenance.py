"""What provenance costs a picture: CPU-milliseconds and bytes, by part. `python bench/provenance.py`

CPU time, because other work may run beside; on an idle machine it is the time that passes (all of it is one thread's).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import tyro
from PIL import Image

from reflet.generate.keys import ROOT
from reflet.generate.provenance import Claim, Signer, encode, seal
from reflet.generate.verify import verify
from reflet.generate.watermark import mark


def median_ms(work: Callable[[], Any], repeats: int) -> float:
    """CPU-milliseconds of one call: the median of `repeats` after two that warm up."""
    times = []
    for k in range(repeats + 2):
        start = time.process_time()
        work()
        if k >= 2:
            times.append(1e3 * (time.process_time() - start))
    return round(float(np.median(times)), 2)


def import_ms(module: str, repeats: int = 5) -> float:
    """CPU-milliseconds that importing adds to a fresh interpreter that has numpy and Pillow."""
    script = f"import time, numpy, PIL.Image; t = time.process_time(); import {module}; print(time.process_time() - t)"
    command = [sys.executable, "-c", script]
    spent = [float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(repeats)]
    return round(1e3 * float(np.median(spent)), 1)


def sample(size: int) -> np.ndarray:
    """Shades and grain, which PNG packs about as badly as a photograph."""
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (size // 16, size // 16, 3), np.uint8))
    smooth = np.asarray(small.resize((size, size), Image.Resampling.BICUBIC), np.float32)
    return np.clip(smooth + rng.normal(0, 3, smooth.shape), 0, 255).astype(np.uint8)


def main(*, size: int = 256, repeats: int = 50, picture: Path | None = None, json: bool = False) -> None:
    """Time marking, encoding, signing and verifying one picture.

    Args:
        size: Pixels a side.
        repeats: Calls each.
        picture: A picture to use (its central square) instead of made-up shades.
        json: Print the JSON line alone.
    """
    pixels = sample(size)
    if picture is not None:
        image = Image.open(picture).convert("RGB")
        side = min(image.size)
        pixels = np.asarray(image.crop((0, 0, side, side)).resize((size, size), Image.Resampling.LANCZOS))
    claim = Claim("bench", "ab" * 32, "cd" * 32)
    edit = Claim("bench", "ab" * 32, "cd" * 32, edited=True, composite=True)
    result: dict[str, Any] = {"size": size, "mark_ms": median_ms(lambda: mark(pixels, claim.payload), repeats)}
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        signer = Signer.load(Path(folder))
        result["first_key_ms"] = round(1e3 * (time.process_time() - start), 1)
        result["load_key_ms"] = median_ms(lambda: Signer.load(Path(folder)), repeats)
        anchors = {"trust": {"trust_anchors": (Path(folder) / "keys" / ROOT).read_text()}}
        marked, parent = mark(pixels, claim.payload), seal(pixels, claim, signer=signer)
        for kind in ("png", "jpeg", "webp"):
            bare, plain = encode(marked, kind), encode(marked, kind, claim=claim)  # type: ignore[arg-type]
            signed = signer.sign(plain, claim)
            with c2pa.Context.from_dict(anchors) as context:
                state = c2pa.Reader(f"image/{kind}", BytesIO(signed), context=context).get_validation_state()
            result[kind] = {
                "encode_ms": median_ms(lambda kind=kind: encode(marked, kind, claim=claim), repeats),  # type: ignore[misc]
                "sign_ms": median_ms(lambda plain=plain: signer.sign(plain, claim), repeats),  # type: ignore[misc]
                "bytes": len(bare),
                "xmp_bytes": len(plain) - len(bare),
                "manifest_bytes": len(signed) - len(plain),
                "c2pa_reader": state,
                "verify_ms": median_ms(lambda s=signed: verify(s, place=Path(folder), thorough=False), repeats),  # type: ignore[misc]
            }
        plain = encode(marked, "png", claim=edit)
        edited = signer.sign(plain, edit, parent=parent)
        result["edit"] = {
            "sign_ms": median_ms(lambda: signer.sign(plain, edit, parent=parent), repeats),
            "manifest_bytes": len(edited) - len(plain),
        }
        result["search_without_mark_ms"] = median_ms(lambda: verify(encode(pixels), place=Path(folder)), 3)
    result["import_ms"] = {m: import_ms(m) for m in ("c2pa", "reflet.generate.keys", "reflet.generate.verify")}
    if not json:
        for name, value in result.items():
            print(f"{name:<24}{value}")
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
