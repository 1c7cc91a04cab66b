"""The in-house source: the renderer's pictures as records in shards, resumable, by several processes.

A set is cut into shards before anything is drawn, and a shard is a function of (seed, its index) alone. So workers
need not talk, an interrupted run goes on with the shards that are missing, and any shard can be made again.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import queue
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import reflet
from reflet.data.engine import Engine
from reflet.data.record import Record
from reflet.data.shards import write_shard
from reflet.data.wishes import wish_of, wished_spec
from reflet.render.assets import Library
from reflet.render.caption import captions
from reflet.render.draw import Drawing, draw
from reflet.render.families.landscape_items import LANDMARKS
from reflet.render.furnishing import FURNISHINGS
from reflet.render.grammar import FAMILY_WEIGHTS, build_scene, sample_spec
from reflet.render.scene import Array, Scene, SceneSpec, Staging
from reflet.render.streams import stream
from reflet.render.visible import scene_graph
from reflet.runtime.errors import UserError

DEPTH_RANGE = 10_000.0  # depth.png stores round(65534 * log1p(d) / log1p(DEPTH_RANGE)), 65535 = nothing was hit


@dataclass(frozen=True)
class RenderJob:
    """What a rendered set is made of; written to `set.json`, and a folder holds one set only."""

    count: int
    seed: int = 0
    size: int = 256
    quality: float = 1.0
    num_views: int = 2
    shard_size: int = 128
    assets: str | None = None
    families: tuple[str, ...] | None = None  # "NAME" or "NAME=SHARE"
    staging: Staging = "free"
    things: tuple[str, ...] | None = None  # the only ones that scenes of objects wish for
    wishes: tuple[dict[str, Any], ...] | None = None  # of a hole list (holes.read_holes), in place of the mix

    def num_shards(self) -> int:
        return -(-self.count // self.shard_size)


@dataclass(frozen=True)
class Progress:
    """One picture done. `seconds` are CPU-seconds by stage."""

    shard: int
    family: str
    seconds: dict[str, float]


def encode_depth(depth: Array) -> bytes:
    """(S, S) distances with inf for nothing -> 16-bit PNG at half size, logarithmic."""
    small = depth[::2, ::2]
    code = np.where(np.isfinite(small), np.log1p(np.minimum(small, DEPTH_RANGE)) / np.log1p(DEPTH_RANGE) * 65534, 65535)
    return bytes(cv2.imencode(".png", np.round(code).astype(np.uint16))[1])


def decode_depth(content: bytes) -> Array:
    """The inverse of encode_depth: (S/2, S/2) float32."""
    code = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED).astype(np.float32)
    return np.where(code == 65535, np.float32(np.inf), np.expm1(code / 65534 * np.log1p(DEPTH_RANGE))).astype(
        np.float32
    )


def encode_picture(picture: Array) -> bytes:
    """(S, S, 3) uint8 RGB -> JPEG, quality 95 without chroma subsampling: about a quarter of PNG, invisible loss."""
    options = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    return bytes(cv2.imencode(".jpg", picture[..., ::-1], options)[1])


def phrases_of(scene: Scene, library: Library) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """What scene_graph needs to know of the things that occur: the catalogue's, the rooms' and the landscapes' own."""
    items = {**FURNISHINGS, **LANDMARKS, **library.items}
    names = sorted({o.name for o in scene.objects} & set(items))
    return {n: (items[n].phrase, items[n].plural, items[n].synonyms) for n in names}


def record_of(scene: Scene, view: int, drawing: Drawing, *, key: str, library: Library, seed: int) -> Record:
    """One view of a scene as a record, with its graph, captions, mask and depth."""
    rng = stream(seed, "captions", view)
    graph = scene_graph(scene, view=view, mask=drawing.mask, depth=drawing.depth, phrases=phrases_of(scene, library))
    credits = library.attributions(sorted({o.name for o in scene.objects}))
    return Record.create(
        key,
        image=encode_picture(drawing.picture),
        image_ending="jpg",
        captions=tuple(captions(graph, rng)),
        source=f"reflet-render {reflet.__version__} seed {seed} view {view}",
        license="CC-BY-4.0" if any("CC-BY" in c for c in credits) else "CC0-1.0",
        author="Reflet renderer",
        meta={"graph": graph, **({"attributions": credits} if credits else {})},
        annotations={
            "mask.png": bytes(cv2.imencode(".png", drawing.mask)[1]),
            "depth.png": encode_depth(drawing.depth),
        },
    )


def shares_of(families: Sequence[str]) -> dict[str, float]:
    """Names of families, some with the share that they shall have ("tabletop=0.5"), as weights.

    Raises:
        ValueError: an unknown family, or a share that is no positive number.
    """
    shares: dict[str, float] = {}
    for text in families:
        name, _, share = text.partition("=")
        if name not in FAMILY_WEIGHTS:
            raise ValueError(f"there is no scene family {name!r}: choose among {', '.join(FAMILY_WEIGHTS)}")
        shares[name] = float(share) if share else FAMILY_WEIGHTS[name]
        if not 0 < shares[name] < float("inf"):
            raise ValueError(f"the share in {text!r} must be a positive number")
    return shares


def sample_scene(job: RenderJob, scene_index: int, *, library: Library) -> tuple[SceneSpec, Scene, int]:
    """The scene with this number in the set; the seed identifies it anywhere."""
    seed = int(np.random.SeedSequence([job.seed, scene_index]).generate_state(1)[0])
    rng = stream(seed, "wish")
    if job.wishes:
        wished = wished_spec(wish_of(job.wishes, scene_index * job.num_views), rng, library=library)
        spec = replace(wished, num_views=job.num_views)
    else:
        families = shares_of(job.families) if job.families else None
        wished = sample_spec(rng, library=library, families=families, staging=job.staging, things=job.things)
        spec = replace(wished, num_views=job.num_views)
    return spec, build_scene(spec, seed=seed, library=library), seed


def draw_scene(job: RenderJob, scene_index: int, *, library: Library) -> Iterator[tuple[Record, Progress]]:
    """The records of one scene. Key: nine digits of the picture's number."""
    start = time.process_time()
    _, scene, seed = sample_scene(job, scene_index, library=library)
    built = time.process_time() - start
    drawings = draw(scene, size=job.size, quality=job.quality, seed=seed)
    for view, drawing in enumerate(drawings):
        start = time.process_time()
        key = f"{scene_index * job.num_views + view:09d}"
        record = record_of(scene, view, drawing, key=key, library=library, seed=seed)
        seconds = {"scene": built / len(drawings), **drawing.timings, "describe": time.process_time() - start}
        yield record, Progress(shard=0, family=scene.family, seconds=seconds)


def draw_shard(job: RenderJob, shard: int, out: Path, report: Callable[[Progress], None]) -> int:
    """Draws and writes one shard. A scene that cannot be drawn is noted in failures.jsonl and left out."""
    library = Library(Path(job.assets) if job.assets else None)
    first, last = shard * job.shard_size, min((shard + 1) * job.shard_size, job.count)

    def records() -> Iterator[Record]:
        for scene_index in range(first // job.num_views, -(-last // job.num_views)):
            try:
                for record, progress in draw_scene(job, scene_index, library=library):
                    if first <= int(record.key) < last:
                        yield record
                        report(Progress(shard=shard, family=progress.family, seconds=progress.seconds))
            except (UserError, MemoryError, OSError):
                raise
            except Exception:  # one odd scene must not cost a night's run; it is counted and kept for repair
                with open(out / "failures.jsonl", "a", encoding="utf-8") as log:
                    log.write(
                        json.dumps({"scene": scene_index, "seed": job.seed, "error": traceback.format_exc()}) + "\n"
                    )

    return write_shard(out / f"shard-{shard:06d}.tar", records())


_reports: Any = None
_parent = 0


def _start_worker(reports: Any) -> None:
    global _reports, _parent
    _reports, _parent = reports, os.getppid()
    cv2.setNumThreads(1)


def _draw_shard_in_worker(job: RenderJob, shard: int, out: Path) -> int:
    def report(progress: Progress) -> None:
        if os.getppid() != _parent:  # whoever asked for this was killed: do not draw on for nobody
            os._exit(1)
        _reports.put(progress)

    return draw_shard(job, shard, out, report)


def open_set(job: RenderJob, out: Path) -> list[int]:
    """Prepares `out` and returns the shards still to draw. Raises UserError when it holds another set."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = json.loads(json.dumps(asdict(job)))
    manifest = out / "set.json"
    if manifest.exists():
        found = json.loads(manifest.read_text())
        differing = [k for k in wanted if k != "count" and found.get(k) != wanted[k]]
        if differing:
            raise UserError(f"{out} holds a set made with other {', '.join(differing)}: choose another --out")
        if found["count"] % job.shard_size and found["count"] < job.count:
            (out / f"shard-{found['count'] // job.shard_size:06d}.tar").unlink(missing_ok=True)
    temporary = out / ".set.json.tmp"
    temporary.write_text(json.dumps(wanted, indent=1))
    temporary.replace(manifest)
    for stale in out.glob(".shard-*.tmp"):
        stale.unlink()
    return [i for i in range(job.num_shards()) if not (out / f"shard-{i:06d}.tar").exists()]


def render_set_on(job: RenderJob, out: Path, *, engine: Engine, report: Callable[[int], None]) -> None:
    """Draws every missing shard on an engine; `report` is given the number of pictures of each shard done."""
    tasks = ((job, shard, out.resolve()) for shard in open_set(job, out))
    for drawn in engine.map(_draw_for_engine, tasks):
        report(drawn)


def _draw_for_engine(task: tuple[RenderJob, int, Path]) -> int:
    job, shard, out = task
    cv2.setNumThreads(1)
    return draw_shard(job, shard, out, lambda _: None)


def render_set(job: RenderJob, out: Path, *, workers: int, report: Callable[[Progress], None]) -> None:
    """Draws every missing shard with `workers` processes, calling `report` for each picture done."""
    missing = open_set(job, out)
    if workers <= 1:
        for shard in missing:
            draw_shard(job, shard, out, report)
        return
    context = multiprocessing.get_context("spawn")
    reports = context.Queue()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(reports,)) as pool:
        futures = [pool.submit(_draw_shard_in_worker, job, shard, out) for shard in missing]
        try:
            while not all(f.done() for f in futures) or not reports.empty():
                with contextlib.suppress(queue.Empty):
                    report(reports.get(timeout=0.5))
                failed = next((f for f in futures if f.done() and f.exception()), None)
                if failed is not None:
                    failed.result()
        except BaseException:
            for f in futures:
                f.cancel()
            for process in list((pool._processes or {}).values()):
                process.terminate()
            raise
