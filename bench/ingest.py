"""Ingest, curate, diversity: rates, memory as a set grows, growth of the index of copies, and what of copies is found.

Pictures come from the renderer's fast families, and beyond those by strong changes (parts of two, blended, with other
colours). `--tars DIR` measures the three commands on a folder of WebDataset tars instead, such as licensed photographs.
Commands run in processes of their own, with one worker unless told otherwise: seconds and memory are theirs alone.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from reflet.data.duplicates import HASH_RADIUS, SIGN_RADIUS, BitIndex, CopyFinder, Prints
from reflet.data.embedding import SIGN_BITS, embed, perceptual_hash, tiny
from reflet.data.rendered import RenderJob, draw_scene
from reflet.render.assets import Library

COMMANDS = ("ingest", "curate", "diversity")


def rendered(number: int, *, size: int = 128) -> list[np.ndarray]:
    """The first pictures of the fast families."""
    job = RenderJob(count=number, seed=5, size=size, quality=0.3, num_views=2, families=("space", "abstract"))
    library = Library(None)
    found: list[np.ndarray] = []
    scene = 0
    while len(found) < number:
        for record, _ in draw_scene(job, scene, library=library):
            found.append(cv2.imdecode(np.frombuffer(record.image, np.uint8), cv2.IMREAD_COLOR)[..., ::-1])
        scene += 1
    return found[:number]


def changed(base: list[np.ndarray], number: int, *, size: int = 128) -> np.ndarray:
    """Picture `number` of an endless set made of `base`."""
    rng = np.random.default_rng([11, number])
    parts = []
    for _ in range(2):
        picture = base[int(rng.integers(len(base)))]
        side = int(rng.uniform(0.3, 0.8) * picture.shape[0])
        y, x = rng.integers(0, picture.shape[0] - side, 2)
        part = cv2.resize(picture[y : y + side, x : x + side], (size, size), interpolation=cv2.INTER_CUBIC)
        parts.append(part[..., rng.permutation(3)][:, :: int(rng.choice([-1, 1]))].astype(np.float32))
    slope = np.linspace(-1, 1, size) * rng.uniform(-3, 3)
    share = 1 / (1 + np.exp(-(slope[:, None] + np.linspace(-1, 1, size)[None] * rng.uniform(-3, 3))))
    return np.clip(parts[0] * share[..., None] + parts[1] * (1 - share[..., None]), 0, 255).astype(np.uint8)


def write_tars(folder: Path, base: list[np.ndarray], number: int, *, a_tar: int = 5000) -> None:
    """A source of `number` pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, number, a_tar):
        with tarfile.open(folder / f"{start:07d}.tar", "w") as tar:
            for k in range(start, min(start + a_tar, number)):
                jpeg = cv2.imencode(".jpg", changed(base, k)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
                body = {
                    "caption": f"picture {k} of planets and shapes",
                    "license": "CC0-1.0",
                    "author": f"hand {k % 97}",
                }
                for ending, content in ((".jpg", jpeg), (".json", json.dumps(body).encode())):
                    info = tarfile.TarInfo(f"{k:07d}{ending}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))


# A process's own peak is read by itself: what wait4 tells includes what the bench held when it started it.
CHILD = """
import atexit, re, sys
from pathlib import Path
def tell(path=sys.argv.pop(1)):
    Path(path).write_text(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
atexit.register(tell)
from reflet.cli.main import main
main()
"""


def timed(arguments: list[str], note: Path) -> tuple[float, float, int]:
    """CPU-seconds, wall seconds and peak resident bytes of `reflet ARGUMENTS`; `note` is a file that it may write."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(note), *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"reflet {' '.join(arguments)} failed")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, int(note.read_text()) * 1024


def commands(source: Path, out: Path, *, workers: int) -> dict[str, dict[str, float]]:
    """The three commands on one source, and ingest a second time. With several workers the peak is the commanding
    process's, which is what grows with a set where anything does."""
    end = ["--workers", str(workers)]
    calls = {
        "ingest": ["data", "ingest", str(source), "--out", str(out), *end],
        "ingest again": ["data", "ingest", str(source), "--out", str(out), *end],
        "curate": ["data", "curate", str(out), *end],
        "diversity": ["data", "diversity", str(out), *end],
    }
    found: dict[str, dict[str, float]] = {}
    for name, arguments in calls.items():
        cpu, wall, peak = timed(arguments, out.with_suffix(".peak"))
        found[name] = {"cpu_seconds": round(cpu, 2), "wall_seconds": round(wall, 2), "peak_mb": round(peak / 1e6)}
    return found


def index_growth(sizes: list[int]) -> Iterator[dict[str, float]]:
    """The index of 64-bit hashes and that of 128-bit codes, from empty to N random codes, one in ten near another."""
    for bits, bands, radius in ((64, 3, HASH_RADIUS), (SIGN_BITS, 6, SIGN_RADIUS)):
        for size in sizes:
            rng = np.random.default_rng(size)
            codes = rng.integers(0, 256, (size, bits // 8), dtype=np.uint8)
            near = rng.integers(0, size, size // 10)
            codes[: len(near)] = codes[near]
            codes[np.arange(len(near)), rng.integers(0, bits // 8, len(near))] ^= 1
            index = BitIndex(bits=bits, bands=bands, width=21, radius=radius)
            before, start = _resident(), time.process_time()
            for at in range(0, size, 1 << 16):
                index.add(codes[at : at + (1 << 16)])
            added = time.process_time() - start
            held = _resident() - before
            queries = codes[rng.permutation(size)[:1000]]
            start = time.process_time()
            hits = index.near(queries)
            spent = time.process_time() - start
            yield {
                "bits": bits, "entries": size, "add_us": round(1e6 * added / size, 2), "bytes_each": round(held / size),
                "query_us": round(1e6 * spent / len(queries), 1), "hits": sum(len(h) for h in hits),
            }  # fmt: skip


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def altered(picture: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """What people do to pictures before they give them away again."""
    height, width = picture.shape[:2]

    def cut(share: float) -> np.ndarray:
        h, w = int(height * share), int(width * share)
        y, x = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
        return picture[y : y + h, x : x + w]

    jpeg = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_COLOR)
    text = picture.copy()
    cv2.putText(
        text, "sample", (8, height - 12), cv2.FONT_HERSHEY_SIMPLEX, width / 320, (255, 255, 255), 2, cv2.LINE_AA
    )
    return {
        "JPEG of quality 40": jpeg,
        "half size": cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        "20 % brighter": np.clip(picture.astype(np.float32) * 1.2, 0, 255).astype(np.uint8),
        "mirrored": np.ascontiguousarray(picture[:, ::-1]),
        "a word on it": text,
        "a frame": cv2.copyMakeBorder(picture, 6, 6, 6, 6, cv2.BORDER_CONSTANT, value=(255, 255, 255)),
        "cut to 90 %": cut(0.9),
        "cut to 80 %": cut(0.8),
    }


def copies_found(pictures: list[np.ndarray], folder: Path, *, altered_number: int = 200) -> dict[str, float]:
    """Share of altered pictures that are marked as a copy of their own original; and of originals marked at all."""
    found: dict[str, list[bool]] = {}
    rng = np.random.default_rng(2)
    with CopyFinder(folder) as finder:
        originals = finder.add(_prints(pictures), usable=np.ones(len(pictures), bool))
        kept = [k for k, copy in enumerate(originals) if copy is None]
        for k in [kept[i] for i in rng.permutation(len(kept))[:altered_number]]:
            made = altered(pictures[k], rng)
            for name, copy in zip(made, finder.look(_prints(list(made.values()))), strict=True):
                found.setdefault(name, []).append(copy is not None and copy.of == k)
    shares = {name: round(float(np.mean(hits)), 3) for name, hits in found.items()}
    return {"originals": len(pictures), "originals marked": len(pictures) - len(kept), **shares}


def _prints(pictures: list[np.ndarray]) -> Prints:
    grays = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in pictures]
    hashes = np.array([perceptual_hash(g) for g in grays], np.uint64)
    return Prints(
        [str(k) for k in range(len(pictures))],
        [hashlib.sha256(p.tobytes()).hexdigest()[:32] for p in pictures],
        hashes[:, 0],
        hashes[:, 1],
        np.stack([embed(p) for p in pictures]).astype(np.float16),
        np.stack([tiny(g) for g in grays]),
    )


def read_pictures(tars: Path) -> list[np.ndarray]:
    """All pictures of a folder of tars."""
    found = []
    for path in sorted(tars.glob("*.tar")):
        with tarfile.open(path) as tar:
            for info in tar:
                if info.name.rpartition(".")[2] in ("jpg", "png", "webp"):
                    content = np.frombuffer(tar.extractfile(info).read(), np.uint8)
                    found.append(np.ascontiguousarray(cv2.imdecode(content, cv2.IMREAD_COLOR)[..., ::-1]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--tars", type=Path, help="a folder of WebDataset tars to measure the commands on")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000], help="sets to measure memory on")
    parser.add_argument("--index", type=int, nargs="*", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--workers", type=int, default=1, help="processes of each command")
    parser.add_argument("--parts", nargs="*", default=["commands", "index", "copies"])
    wanted = parser.parse_args()
    result: dict[str, object] = {"sets": {}, "index": [], "copies": {}}
    cv2.setNumThreads(1)

    def say(line: str) -> None:
        if not wanted.json:
            print(line, flush=True)

    base = [] if wanted.tars else rendered(24)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        if "commands" in wanted.parts:
            for size in [0] if wanted.tars else wanted.sizes:
                source = wanted.tars or work / f"source-{size}"
                if not wanted.tars:
                    write_tars(source, base, size)
                found = commands(source, work / f"set-{size}", workers=wanted.workers)
                number = (work / f"set-{size}" / "plan.jsonl").read_bytes().count(b"\n")
                result["sets"][str(size or number)] = found
                say(f"{size or number} pictures: {json.dumps(found)}")
        if "index" in wanted.parts:
            for row in index_growth(wanted.index):
                result["index"].append(row)
                say(json.dumps(row))
        if "copies" in wanted.parts:
            pictures = read_pictures(wanted.tars) if wanted.tars else [changed(base, k) for k in range(1000)]
            result["copies"] = copies_found(pictures, work)
            say(json.dumps(result["copies"]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
