"""Engines: order kept, errors brought home, no worker left behind, and Ray gives the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reflet.data.engine import EmbeddedEngine, open_engine
from reflet.runtime.errors import UserError
from tests.data.pictures_made import encoded, painted, write_tar

ROOT = Path(__file__).resolve().parents[2]


def squared(number: int) -> int:
    if number == 13:
        raise UserError("thirteen is unlucky: choose another")
    time.sleep(0.002 * (number % 3))
    return number * number


def test_results_keep_the_order_and_little_is_under_way() -> None:
    for workers in (1, 2):
        given: list[int] = []

        def numbers(given: list[int] = given) -> object:
            for k in range(12):
                given.append(k)
                yield k

        results = EmbeddedEngine(workers).map(squared, numbers())  # type: ignore[arg-type]
        assert next(results) == 0 and len(given) <= 2 * workers + 1
        assert list(results) == [k * k for k in range(1, 12)]


def test_what_a_worker_raises_is_raised_here() -> None:
    with open_engine("embedded", workers=2) as engine, pytest.raises(UserError, match="unlucky"):
        list(engine.map(squared, [1, 13, 2]))


_ORPHANS = """
import os, time
from reflet.data.engine import EmbeddedEngine
from tests.data.test_engine import pid_of_worker
if __name__ == "__main__":
    for pid in EmbeddedEngine(2).map(pid_of_worker, range(1000)):
        print(pid, flush=True)
"""


def pid_of_worker(number: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def test_workers_end_with_whoever_asked(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_ORPHANS)
    process = subprocess.Popen(
        [sys.executable, str(script)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    workers = {int(process.stdout.readline()) for _ in range(6)}
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 20
    while any(_runs(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(_runs(pid) for pid in workers)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


_BOTH = """
import sys
from pathlib import Path
from reflet.data.curate import CurateSettings, curate
from reflet.data.engine import open_engine
from reflet.data.ingest import IngestSettings, ingest
from reflet.data.rendered import RenderJob, render_set_on
from reflet.data.sources import open_sources

if __name__ == "__main__":
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    job = RenderJob(count=4, seed=9, size=32, quality=0.2, num_views=1, shard_size=2, families=("abstract",))
    for name in ("embedded", "ray"):
        with open_engine(name, workers=2) as engine:
            ingest(open_sources(source), out / name, settings=IngestSettings(), engine=engine)
            curate(out / name, settings=CurateSettings(), engine=engine)
            render_set_on(job, out / f"{name}-rendered", engine=engine, report=print)
"""


@pytest.mark.ray
def test_ray_gives_the_same_hashes(tmp_path: Path) -> None:
    """A local Ray of two workers: ingest, curate and rendering, file by file against processes of our own."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    source = tmp_path / "source"
    source.mkdir()
    for t in range(2):
        members = []
        for k in range(150 * t, 150 * t + 150):
            body = {"caption": f"n {k}", "license": "MIT"}
            members.append((f"s{k:03d}.jpg", encoded(painted(k % 140, width=40, height=40))))
            members.append((f"s{k:03d}.json", json.dumps(body).encode()))
        write_tar(source / f"{t}.tar", members)
    script = tmp_path / "script.py"
    script.write_text(_BOTH)
    environment = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"} | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(script), str(source), str(tmp_path)], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    for kind, number in (("", 4), ("-rendered", 2)):
        first, second = (tmp_path / f"{name}{kind}" for name in ("embedded", "ray"))
        names = sorted(p.name for p in first.glob("*.tar"))
        assert len(names) == number or kind == ""
        assert names == sorted(p.name for p in second.glob("*.tar")) != []
        assert all((first / n).read_bytes() == (second / n).read_bytes() for n in names)
    assert (tmp_path / "embedded" / "marks.jsonl").read_bytes() == (tmp_path / "ray" / "marks.jsonl").read_bytes()


def test_an_open_ray_cluster_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    script = (
        "from reflet.data.engine import RayEngine\n"
        "from reflet.runtime.errors import UserError\n"
        "try:\n    next(RayEngine(1).map(abs, [1]))\n"
        "except UserError as error:\n    print(error)\n"
    )
    environment = {**os.environ, "RAY_ADDRESS": "ray-head:6379", "RAY_AUTH_MODE": "disabled"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert "RAY_AUTH_MODE=token" in done.stdout
