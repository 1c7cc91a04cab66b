"""What the mark survives, beside other libraries' marks, and how often it is seen where it is not.

`python bench/watermark.py --pictures FOLDER`. The peers are no dependencies of the project: install blind-watermark and
invisible-watermark to have their rows (the latter also needs torch and opencv; without torchvision is fine).
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from numpy.typing import NDArray
from PIL import Image

from reflet.generate.watermark import FALSE_POSITIVES, all_scores, find, mark

Pixels = NDArray[np.uint8]
NUM_BITS, NEEDED_BITS = 32, 29  # of a peer: 29 of 32 bits are right by chance with probability 1.3e-6
LEVELS = (3.0, 4.0, 4.5, 5.0, 5.5)


@dataclass(frozen=True)
class Method:
    """One mark: how it is put in, and whether it is there. Payloads are 30-bit numbers. A peer's detector is told the
    size that the picture was made in, and gets it resized to that; ours is not told."""

    name: str
    put: Callable[[Pixels, int], Pixels]
    seen: Callable[[Pixels, int], tuple[bool, bool]]  # present, and the payload is right
    told_size: bool


def ours() -> Method:
    def seen(pixels: Pixels, payload: int) -> tuple[bool, bool]:
        found = find(pixels, thorough=False)
        return found.present, found.payload == payload

    return Method("reflet", mark, seen, told_size=False)


def bits_of(payload: int) -> list[int]:
    """32 bits from 30, by repeating two."""
    bits = [payload >> k & 1 for k in range(30)]
    return [*bits, *bits[:2]]


def enough(read: Any, payload: int) -> tuple[bool, bool]:
    """Whether so many bits are right that it can be no accident; and whether all are."""
    right = int(sum(round(float(a)) == b for a, b in zip(read, bits_of(payload), strict=True)))
    return right >= NEEDED_BITS, right == NUM_BITS


def blind_watermark() -> Method:
    from blind_watermark import WaterMark, bw_notes  # type: ignore[import-not-found]

    bw_notes.close()

    def put(pixels: Pixels, payload: int) -> Pixels:
        work = WaterMark(password_img=1, password_wm=1)
        work.read_img(img=pixels[..., ::-1].astype(np.float32))
        work.read_wm(np.array(bits_of(payload), bool), mode="bit")
        return np.clip(np.rint(work.embed()), 0, 255).astype(np.uint8)[..., ::-1]

    def seen(pixels: Pixels, payload: int) -> tuple[bool, bool]:
        work = WaterMark(password_img=1, password_wm=1)
        try:
            read = work.extract(embed_img=pixels[..., ::-1].astype(np.float32), wm_shape=NUM_BITS, mode="bit")
        except Exception:  # it cannot read every size
            return False, False
        return enough(np.asarray(read) > 0.5, payload)

    return Method("blind-watermark", put, seen, told_size=True)


def invisible_watermark(method: str) -> Method:
    from imwatermark import WatermarkDecoder, WatermarkEncoder  # type: ignore[import-not-found]

    def put(pixels: Pixels, payload: int) -> Pixels:
        encoder = WatermarkEncoder()
        encoder.set_watermark("bits", bits_of(payload))
        return np.asarray(encoder.encode(np.ascontiguousarray(pixels[..., ::-1]), method))[..., ::-1]

    def seen(pixels: Pixels, payload: int) -> tuple[bool, bool]:
        try:
            read = WatermarkDecoder("bits", NUM_BITS).decode(np.ascontiguousarray(pixels[..., ::-1]), method)
        except Exception:  # it refuses pictures below 256 x 256
            return False, False
        return enough(read, payload)

    return Method(f"invisible-watermark {method}", put, seen, told_size=True)


def encoded(pixels: Pixels, kind: str, quality: int) -> Pixels:
    out = BytesIO()
    Image.fromarray(pixels).save(out, kind, quality=quality)
    return np.asarray(Image.open(out).convert("RGB"))


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def crop(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """A part with `share` of each side, anywhere."""
    height, width = (int(n * share) for n in pixels.shape[:2])
    top, left = (int(rng.integers(0, n - m + 1)) for n, m in zip(pixels.shape[:2], (height, width), strict=True))
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


CHANGES: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "none": lambda p, _: p,
    "JPEG 50": lambda p, _: encoded(p, "JPEG", 50),
    "WebP 80": lambda p, _: encoded(p, "WEBP", 80),
    "half": lambda p, _: resized(p, p.shape[0] // 2, p.shape[1] // 2),
    "bright +20 %": lambda p, _: np.clip(p * 1.2, 0, 255).astype(np.uint8),
    "bright -20 %": lambda p, _: (p * 0.8).astype(np.uint8),
    "crop 60 % side": lambda p, rng: crop(p, 0.6, rng),
    "crop 60 % area": lambda p, rng: crop(p, math.sqrt(0.6), rng),
    "noise 5": lambda p, rng: np.clip(p + rng.normal(0, 5, p.shape), 0, 255).astype(np.uint8),
    "crop 60 % + JPEG 75": lambda p, rng: encoded(crop(p, 0.6, rng), "JPEG", 75),
    "half + JPEG 75": lambda p, _: encoded(resized(p, p.shape[0] // 2, p.shape[1] // 2), "JPEG", 75),
}


def measure(method: Method, pictures: list[Pixels]) -> dict[str, Any]:
    """PSNR, CPU-milliseconds, and for each change the share of pictures whose mark is seen, and read."""
    rng = np.random.default_rng(0)
    psnr, put_ms, seen_ms = [], [], []
    present: dict[str, list[bool]] = {name: [] for name in CHANGES}
    read: dict[str, list[bool]] = {name: [] for name in CHANGES}
    for plain in pictures:
        payload = int(rng.integers(1 << 30))
        start = time.process_time()
        marked = method.put(plain, payload)
        put_ms.append(1e3 * (time.process_time() - start))
        psnr.append(10 * math.log10(255**2 / max(np.square(marked.astype(float) - plain).mean(), 1e-9)))
        for name, change in CHANGES.items():
            changed = change(marked, rng)
            if method.told_size and name.startswith("half"):
                changed = resized(changed, *plain.shape[:2])
            start = time.process_time()
            is_present, is_right = method.seen(changed, payload)
            seen_ms.append(1e3 * (time.process_time() - start))
            present[name].append(is_present)
            read[name].append(is_right)
    return {
        "psnr": round(float(np.mean(psnr)), 2),
        "psnr_lowest": round(float(np.min(psnr)), 2),
        "put_cpu_ms": round(float(np.median(put_ms)), 1),
        "seen_cpu_ms": round(float(np.median(seen_ms)), 1),
        "seen": {name: round(float(np.mean(v)), 4) for name, v in present.items()},
        "read": {name: round(float(np.mean(v)), 4) for name, v in read.items()},
    }


def null_scores(pictures: list[Pixels], *, num_keys: int) -> dict[str, Any]:
    """The detector's score in pictures without the mark, for keys that nobody used: how often it exceeds a level,
    beside the Gaussian tail and the proved bound; and the highest scores, which a search would report."""
    above = dict.fromkeys(LEVELS, 0)
    number, highest = 0, []
    for k in range(num_keys):
        for plain in pictures:
            scores = all_scores(plain, key=b"null %d" % k)
            number += scores.size
            highest.append(float(scores.max()))
            for level in LEVELS:
                above[level] += int((scores >= level).sum())
    limit = find(pictures[0], thorough=False).threshold
    gauss = {level: 0.5 * math.erfc(level / math.sqrt(2)) for level in LEVELS}
    # Where the measured tail is thick enough to be counted, how it compares with the Gaussian's: the extrapolation.
    ratio = max(above[level] / number / gauss[level] for level in LEVELS if above[level] >= 100)
    searched = FALSE_POSITIVES / 2 * math.exp(limit**2 / 2)
    return {
        "scores": number,
        "above": {str(level): above[level] / number for level in LEVELS},
        "gaussian": {str(level): gauss[level] for level in LEVELS},
        "bound": {str(level): math.exp(-(level**2) / 2) for level in LEVELS},
        "highest": round(max(highest), 3),
        "highest_median": round(float(np.median(highest)), 3),
        "threshold": round(limit, 3),
        "false_positives_proved": FALSE_POSITIVES,
        "false_positives_extrapolated": searched * ratio * 0.5 * math.erfc(limit / math.sqrt(2)),
    }


def load_folder(folder: Path, *, size: int, number: int) -> list[Pixels]:
    """Up to `number` pictures of a folder, chosen with a fixed seed: the central square, resampled to `size`."""
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp"))
    chosen = [files[i] for i in np.random.default_rng(0).permutation(len(files))[:number]]
    out = []
    for file in chosen:
        image = Image.open(file).convert("RGB")
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        square = image.crop((left, top, left + side, top + side)).resize((size, size), Image.Resampling.LANCZOS)
        out.append(np.asarray(square))
    return out


def rendered(*, size: int, number: int) -> list[Pixels]:
    """Fresh renders, where no folder is given."""
    from reflet.data.rendered import RenderJob, draw_scene
    from reflet.render.assets import Library

    job, out = RenderJob(count=number, size=size, quality=0.4, num_views=1), []
    for scene in range(number):
        for record, _ in draw_scene(job, scene, library=Library(None)):
            out.append(np.asarray(Image.open(BytesIO(record.image)).convert("RGB")))
    return out


def main(
    *,
    pictures: Path | None = None,
    number: int = 100,
    size: int = 256,
    null_keys: int = 20,
    unmarked: int = 0,
    peers: bool = True,
    json: bool = False,
) -> None:
    """Mark pictures, change them, and look for the marks.

    Args:
        pictures: A folder of pictures, sub-folders included (default: 12 fresh renders).
        number: How many of them, chosen with a fixed seed.
        size: Pixels a side.
        null_keys: Keys for each picture in the measurement of false positives.
        unmarked: Pictures of the folder, as they are, to search thoroughly with the real key.
        peers: Measure other libraries too, where they are installed.
        json: Print the JSON line alone.
    """
    plain = load_folder(pictures, size=size, number=number) if pictures else rendered(size=size, number=12)
    methods = [ours()]
    if peers and importlib.util.find_spec("blind_watermark"):
        methods.append(blind_watermark())
    if peers and importlib.util.find_spec("imwatermark"):
        methods += [invisible_watermark("dwtDct"), invisible_watermark("dwtDctSvd")]
    mark(plain[0], 0)
    find(plain[0], thorough=False)
    result: dict[str, Any] = {"pictures": len(plain), "size": size, "methods": {}}
    for method in methods:
        row = result["methods"][method.name] = measure(method, plain)
        if not json:
            print(
                f"{method.name}: PSNR {row['psnr']} dB (lowest {row['psnr_lowest']}), "
                f"put {row['put_cpu_ms']} ms, looked for {row['seen_cpu_ms']} ms"
            )
            for name in CHANGES:
                print(f"  {name:<22} seen {100 * row['seen'][name]:5.1f} %   read {100 * row['read'][name]:5.1f} %")
    result["null"] = null_scores(plain, num_keys=null_keys)
    if unmarked and pictures:
        found = [find(p) for p in load_folder(pictures, size=size, number=unmarked)]
        result["null"]["unmarked_searched"] = len(found)
        result["null"]["unmarked_seen"] = sum(f.present for f in found)
        result["null"]["unmarked_highest"] = round(max(f.z for f in found), 3)
    if not json:
        print(f"without the mark: {result['null']}")
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
