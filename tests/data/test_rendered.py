"""Rendered sets: the same seed the same shards, resumable, each sample complete."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reflet.cli.main import run
from reflet.cli.render import render
from reflet.data.rendered import (
    RenderJob,
    decode_depth,
    encode_depth,
    open_set,
    render_set,
    sample_scene,
    shares_of,
)
from reflet.data.shards import list_shards, read_shard
from reflet.render.assets import Library
from reflet.render.grammar import FAMILY_WEIGHTS, build_scene, sample_spec
from reflet.render.scene import SceneSpec, Staging, SubjectSpec
from reflet.render.staging import NUM_LANDS, NUM_ROOMS, NUM_TOWNS
from reflet.render.streams import stream
from reflet.runtime.errors import UserError

JOB = RenderJob(count=6, seed=5, size=64, quality=0.34, num_views=2, shard_size=4, families=("tabletop", "abstract"))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rendered")
    render_set(JOB, out, workers=1, report=lambda _: None)
    return out


def sums(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in list_shards(folder)}


def test_every_sample_is_complete(rendered: Path) -> None:
    records = [r for shard in list_shards(rendered) for r in read_shard(shard)]
    assert len(records) == JOB.count
    for record in records:
        record.verify()
        assert np.asarray(Image.open(BytesIO(record.image))).shape == (64, 64, 3)
        assert len(record.captions) >= 6 and not any("{" in c for c in record.captions)
        assert record.license == "CC0-1.0"
        mask = np.asarray(Image.open(BytesIO(record.annotations["mask.png"])))
        seen = {o["id"] for o in record.meta["graph"]["objects"] if o["visible"]}
        assert seen <= set(np.unique(mask).tolist())
        depth = decode_depth(record.annotations["depth.png"])
        assert depth.shape == (32, 32) and (depth > 0).all()


def test_the_same_seed_gives_the_same_bytes_and_a_lost_shard_comes_back(rendered: Path, tmp_path: Path) -> None:
    before = sums(rendered)
    lost = list_shards(rendered)[1]
    lost.unlink()
    assert open_set(JOB, rendered) == [1]
    render_set(JOB, rendered, workers=1, report=lambda _: None)
    assert sums(rendered) == before


def test_another_set_is_not_mixed_in(rendered: Path) -> None:
    with pytest.raises(UserError, match="seed"):
        open_set(replace(JOB, seed=6), rendered)


def test_a_set_can_be_prolonged(rendered: Path, tmp_path: Path) -> None:
    manifest = json.loads((rendered / "set.json").read_text())
    (tmp_path / "set.json").write_text(json.dumps(manifest))
    for shard in list_shards(rendered):
        (tmp_path / shard.name).write_bytes(shard.read_bytes())
    assert open_set(replace(JOB, count=10), tmp_path) == [1, 2]  # the last shard was not full


def test_depth_survives_its_coding() -> None:
    depth = np.geomspace(0.05, 9000, 64 * 64).reshape(64, 64).astype(np.float32)
    depth[0, 0] = np.inf
    back = decode_depth(encode_depth(depth))
    assert np.isinf(back[0, 0])
    assert np.allclose(back[1:], depth[::2, ::2][1:], rtol=2e-3)


@pytest.mark.slow
def test_the_command_with_two_processes(rendered: Path, tmp_path: Path) -> None:
    """`reflet render` with workers gives the bytes of one process."""
    out = tmp_path / "set"
    options = ["--size", "64", "--seed", "5", "--quality", "0.34", "--families", "tabletop", "abstract"]
    run(["render", "--count", "6", "--out", str(out), "--workers", "2", *options])
    ours = [r for shard in list_shards(out) for r in read_shard(shard)]
    theirs = [r for shard in list_shards(rendered) for r in read_shard(shard)]
    assert [r.sha256 for r in ours] == [r.sha256 for r in theirs]
    assert (out / "contact.png").exists()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_workers_end_with_whoever_asked_for_them(tmp_path: Path) -> None:
    command = "from reflet.cli.main import main; main()"
    wishes = [
        "render",
        "--count",
        "512",
        "--size",
        "32",
        "--quality",
        "0.1",
        "--workers",
        "2",
        "--families",
        "abstract",
        "--out",
    ]
    main = subprocess.Popen([sys.executable, "-c", command, *wishes, str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        _wait(lambda: len(list(tmp_path.glob(".shard-*.tmp"))) == 2, seconds=120)
        workers = Path(f"/proc/{main.pid}/task/{main.pid}/children").read_text().split()
        assert len(workers) >= 2
    finally:
        main.kill()
        main.wait()
    _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), seconds=60)


def _wait(happened: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def test_a_wish_and_its_scene_are_drawn_apart() -> None:
    """Of all rooms that a set asks for, no kind rules: with one stream for both, each was a dining room."""
    job, library = RenderJob(count=10_000, seed=5), Library(None)
    rooms: list[str] = []
    for index in range(1000):
        seed = int(np.random.SeedSequence([job.seed, index]).generate_state(1)[0])
        if sample_spec(stream(seed, "wish"), library=library).family == "interior":
            rooms.append(sample_scene(job, index, library=library)[1].environment)
        if len(rooms) == 24:
            break
    counted = Counter(rooms)
    assert len(counted) >= 4
    assert max(counted.values()) <= 12


def test_streams_of_one_seed_are_apart() -> None:
    draws = {
        name: np.array([stream(seed, *name).random() for seed in range(400)])
        for name in (("wish",), ("scene", 0), ("scene", 1), ("captions", 0))
    }
    names = list(draws)
    correlations = [np.corrcoef(draws[a], draws[b])[0, 1] for i, a in enumerate(names) for b in names[i + 1 :]]
    assert np.abs(correlations).max() < 0.2
    assert all(abs(float(d.mean()) - 0.5) < 0.06 for d in draws.values())


def test_shares_of_families_are_read_or_refused() -> None:
    assert shares_of(("tabletop=0.5", "street")) == {"tabletop": 0.5, "street": FAMILY_WEIGHTS["street"]}
    with pytest.raises(ValueError, match="no scene family 'cellar'"):
        shares_of(("cellar=1",))
    for wrong in ("tabletop=0", "tabletop=-1", "tabletop=inf", "tabletop=much"):
        with pytest.raises(ValueError):
            shares_of((wrong,))


def test_unknown_things_are_refused_with_what_is_near(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'teepot'; did you mean teapot"):
        render(out=tmp_path / "set", count=1, things=("teepot",))
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("staging", ["plain", "fixed"])
def test_staged_things_stand_alike_whatever_the_seed(staging: Staging) -> None:
    """A fixed thing has one turn; a plain one has two."""
    library = Library()
    found = set()
    for k in range(12):
        spec = SceneSpec("tabletop", subjects=(SubjectSpec("teapot"),), layout="backdrop+portrait", staging=staging)
        scene = build_scene(spec, seed=k, library=library)
        found.add(round(scene.objects[0].yaw, 3))
    assert len(found) == (1 if staging == "fixed" else 2)


@pytest.mark.parametrize(
    ("family", "layout", "futures"),
    [("interior", "bathroom", NUM_ROOMS), ("street", "canal", NUM_TOWNS), ("landscape", "open sea", NUM_LANDS)],
)
def test_staged_surroundings_have_a_few_plans_under_any_light(
    family: str, layout: str, futures: dict[Staging, int]
) -> None:
    library, cameras, lights = Library(), set(), set()
    for k in range(8):
        scene = build_scene(SceneSpec(family, layout=layout, staging="fixed"), seed=k, library=library)
        view = scene.views[0]
        cameras.add(tuple(round(v, 3) for v in view.camera.eye))
        lights.add((view.light.kind, view.light.sun_azimuth))
    assert 1 < len(cameras) <= futures["fixed"] and len(lights) > futures["fixed"]
