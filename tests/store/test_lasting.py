"""On disk before it is told: who syncs when, and a job that is accepted right into a worker."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from reflet.store import flush
from reflet.store.database import Database
from reflet.store.jobs import EVERYBODY, INTERACTIVE, JobStore, NewJob, Taker
from reflet.store.owners import owner_name
from reflet.store.queue import QueueStore

ME = owner_name("me")


def new(key: str = "a", **more: object) -> NewJob:
    values = {"key_id": key, "model": "m", "payload": {"x": 1}, "num_pictures": 1, "pixel_steps": 100.0}
    return NewJob(**{**values, "request_hash": "h", **more})


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the log held at each sync."""
    seen: list[bytes] = []
    log = tmp_path / "reflet.sqlite3-wal"

    def sync(handle: int) -> None:
        assert os.path.samestat(os.fstat(handle), log.stat())
        seen.append(log.read_bytes())
        os.fsync(handle)

    monkeypatch.setattr(flush, "_sync_bytes", sync)
    return seen


@pytest.fixture
def local(tmp_path: Path) -> Any:
    made = Database.in_folder(tmp_path)
    made.upgrade()
    yield JobStore(made)
    made.close()


def test_what_lasts_is_in_the_log_when_that_is_synced(local: JobStore, synced: list[bytes]) -> None:
    name, _ = local.accept(new())
    assert len(synced) == 1 and name.encode() in synced[0]
    local.claim(ME, limit=1, models=["m"])
    assert len(synced) == 1  # a claim waits for nothing
    local.database.sync()
    assert len(synced) == 2 and ME.encode() in synced[1]


def test_a_job_runs_while_the_disk_still_works_on_its_acceptance(local: JobStore, synced: list[bytes]) -> None:
    taken: list[tuple[str, int]] = []
    name, fresh = local.accept(new(), taker=Taker(ME, lambda row: taken.append((row.id, len(synced)))))
    assert fresh and taken == [(name, 0)] and name.encode() in synced[0]
    row = local.get(name)
    assert (row.status, row.attempts, row.lease_owner) == ("running", 1, ME) and row.lease_until > time.time()
    assert local.claim(ME, limit=1, models=["m"]) == []


def test_many_share_a_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, begun, seen = tmp_path / "log", threading.Event(), []
    path.write_bytes(b"")
    gate = threading.Semaphore(0)

    def sync(handle: int) -> None:
        seen.append(path.read_bytes())
        begun.set()
        assert gate.acquire(timeout=10)

    monkeypatch.setattr(flush, "_sync_bytes", sync)
    wait = flush.Flush(path)

    def write(number: int) -> None:
        with path.open("ab") as log:
            log.write(b"%d." % number)
        wait()
        assert b"%d." % number in b"".join(seen)

    threads = [threading.Thread(target=write, args=(k,)) for k in range(20)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while path.read_bytes().count(b".") < 20:
        time.sleep(0.001)
    gate.release(3)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert seen[0] == b"0." and 2 <= len(seen) <= 3  # the nineteen waited for one, at most two syncs


def test_a_failed_sync_is_told_and_the_next_one_tries_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x")
    wait, fails = flush.Flush(path), [OSError("the disk is gone")]

    def sync(_: int) -> None:
        if fails:
            raise fails.pop()

    monkeypatch.setattr(flush, "_sync_bytes", sync)
    with pytest.raises(OSError, match="gone"):
        wait()
    wait()


def test_nobody_is_overtaken_by_a_job_that_finds_a_free_worker(database: Database) -> None:
    store, queue, taken = JobStore(database), QueueStore(database), []
    taker = Taker(ME, lambda row: taken.append(row.id))
    for key in ("a", EVERYBODY):  # held: it waits as well
        queue.hold(key, actor="operator")
        held, _ = store.accept(new(), taker=taker)
        assert store.get(held).status == "queued" and taken == []
        queue.let_go(key, actor="operator")
    behind, _ = store.accept(new("b"), taker=taker)
    assert store.get(behind).status == "queued" and taken == []
    assert len(store.claim(ME, limit=5, models=["m"])) == 3
    store.accept(new("c", priority=INTERACTIVE + 10))  # a batch is nobody that waits
    name, _ = store.accept(new("b", idempotency_key="once"), taker=taker)
    assert taken == [name] and store.get(name).payload == {"x": 1}
    assert store.accept(new("b", idempotency_key="once"), taker=taker) == (name, False) and taken == [name]
