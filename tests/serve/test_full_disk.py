"""The disk is full: 507, the service stays up, nothing is half-written, and it goes on by itself."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from reflet.store import audit
from tests.serve.conftest import live

ONE_STEP = {"prompt": "x", "num_inference_steps": 1}


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 8 MiB in `folder`; skips where this user may not mount one."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here: that needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, *, leave: int) -> Path:
    """A file that takes all but `leave` bytes, while others write there as well."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as handle:
        with suppress(OSError):  # not asked for first: what was free may be taken by then
            while True:
                handle.write(bytes(4096))
        handle.truncate(handle.tell() - leave)
    return filler


@pytest.mark.parametrize("place", ["pictures", "database and pictures"])
@pytest.mark.parametrize("leave", [3 << 20, 4096, 0])
def test_a_full_disk_is_507_and_passes(tmp_path: Path, place: str, leave: int) -> None:
    """`leave`: what is still free: less than the reserve, one page, nothing (then not even a job can be written)."""
    with small_disk(tmp_path / "disk") as disk:
        elsewhere = ServeSettings(data=tmp_path / "data", blobs_url=str(disk / "blobs"))
        settings = ServeSettings(data=disk) if place != "pictures" else elsewhere
        with live(replace(settings, require_keys=True), StandIn(each=0.001)) as running:
            secret = running.service.keys.create("k")[1]
            with running.http(secret) as http:
                first = http.post("/v1/images/generations", json=ONE_STEP)
                assert first.status_code == 200
                filler = fill(disk, leave=leave)
                for _ in range(5):
                    full = http.post("/v1/images/generations", json=ONE_STEP)
                    assert full.status_code == 507 and full.json()["error"]["code"] == "storage_full"
                    assert "retry-after" in full.headers
                for path in ("/healthz", "/readyz", "/v1/models", "/v1/pictures", f"/v1/jobs/{first.json()['job']}"):
                    assert http.get(path).status_code == 200, path
                filler.unlink()
                deadline, answer = time.monotonic() + 20, full
                while answer.status_code == 507 and time.monotonic() < deadline:
                    answer = http.post("/v1/images/generations", json=ONE_STEP)
                assert answer.status_code == 200
                assert running.service.jobs.counts() == {"queued": 0, "running": 0}
            assert audit.verify(running.service.database)[1] is None
            kept = [p for p in (disk / "blobs").rglob("*") if p.is_file()]
            assert len(kept) == 2, "of what failed nothing is left"


def test_the_disk_fills_while_pictures_are_made(tmp_path: Path) -> None:
    """All on one volume: jobs that are under way end with 507, those after it are made."""
    with small_disk(tmp_path / "disk") as disk, live(ServeSettings(data=disk), StandIn(each=0.02)) as running:
        body = {"prompt": "x", "num_inference_steps": 20}
        answers: list[httpx.Response] = []

        def ask() -> None:
            with running.http() as http:
                answers.append(http.post("/v1/images/generations", json=body))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        while running.service.jobs.counts()["running"] < 4:
            time.sleep(0.01)
        filler = fill(disk, leave=0)
        for thread in threads:
            thread.join()
        assert [a.status_code for a in answers] == [507] * 4
        filler.unlink()
        ask()
        assert answers[-1].status_code == 200


def test_a_limit_of_files_is_told_like_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a disk to fill: too little room, by what the store asks to keep free."""
    with live(ServeSettings(data=tmp_path), StandIn(each=0.02)) as running, running.http() as http:
        body = {"prompt": "x", "num_inference_steps": 20}
        answers: list[httpx.Response] = []
        thread = threading.Thread(target=lambda: answers.append(http.post("/v1/images/generations", json=body)))
        thread.start()
        while running.service.jobs.counts()["running"] < 1:
            time.sleep(0.01)
        with monkeypatch.context() as patch:
            patch.setattr(running.service.blobs, "reserve", 1 << 60)
            thread.join()
            assert http.post("/v1/images/generations", json=body).status_code == 507
        assert answers[0].status_code == 507
        assert http.post("/v1/images/generations", json=body).status_code == 200
        assert running.service.jobs.counts() == {"queued": 0, "running": 0}
