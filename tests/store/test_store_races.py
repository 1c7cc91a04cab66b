"""Two at the same rows or bytes: who is late takes nothing away, on SQLite and, where it is, on PostgreSQL."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from reflet.store import audit
from reflet.store.blobs import Blobs
from reflet.store.database import Database
from reflet.store.jobs import JobStore
from reflet.store.owners import owner_name
from reflet.store.pictures import PictureStore
from reflet.store.tables import jobs
from tests.store.test_jobs import COST, done_picture, new

ME = owner_name("me")


@pytest.fixture
def store(database: Database) -> JobStore:
    return JobStore(database, lease_seconds=30, max_attempts=3)


def test_a_process_of_another_container_is_not_taken_for_gone(store: JobStore) -> None:
    """Same name of the host, another space of process numbers: its lease has to run out."""
    name, _ = store.accept(new())
    host = ME.partition(":")[0].rpartition("/")[0]
    store.claim(f"{host}/1:{2**22 + 1}:x", limit=1, models=["m"])
    store.recover()
    assert store.get(name).status == "running"


def test_what_is_finished_meanwhile_is_not_taken_back(store: JobStore, database: Database) -> None:
    """The lease runs out while its owner writes the result: who looks for lost jobs has read the row before."""
    name, _ = store.accept(new())
    [row] = store.claim("elsewhere:1:x", limit=1, models=["m"])
    with database.begin() as connection:
        connection.execute(update(jobs).values(lease_until=time.time() - 1))
    other = Database(database.engine.url.render_as_string(hide_password=False))
    looked = threading.Thread(target=JobStore(other, lease_seconds=30, max_attempts=3).recover)
    with database.begin() as connection:
        connection.execute(update(jobs).values(status="done", lease_owner=None, lease_until=None))
        looked.start()
        looked.join(1.0)  # it has read, and waits for the row
        assert looked.is_alive()
    looked.join()
    other.close()
    assert store.get(name).status == "done" and row.id == name


def test_the_sweep_leaves_what_a_running_job_has_made(store: JobStore, database: Database, tmp_path: Path) -> None:
    """A job of many pictures on a slow device: the first of them is there hours before the rows are."""
    blobs = Blobs(str(tmp_path / "blobs"))
    kept = PictureStore(database, blobs)
    first = blobs.put(b"1")
    past = time.time() - 7200
    os.utime(tmp_path / "blobs" / first[:2] / first, (past, past))
    store.accept(new())
    [row] = store.claim(ME, limit=1, models=["m"])
    with database.begin() as connection:
        connection.execute(update(jobs).values(created_at=past - 60))
    assert kept.sweep() == 0 and blobs.get(first) == b"1"
    assert store.finish(ME, row, [done_picture(first)], cost=COST)
    assert kept.sweep() == 0 and blobs.get(first) == b"1"


def test_many_pictures_are_deleted_some_at_a_time(
    store: JobStore, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reflet.store.pictures.DELETED_AT_ONCE", 3)
    kept = PictureStore(database, Blobs(str(tmp_path / "blobs")))
    store.accept(new(end_user="u"))
    [row] = store.claim(ME, limit=1, models=["m"])
    store.finish(ME, row, [done_picture(kept.blobs.put(b"x"), k) for k in range(8)], cost=COST)
    assert kept.forget_user("a", "u") == 8 and kept.of_job(row.id) == []
    assert store.get(row.id).payload == {} and kept.blobs.names(older_than=-1) == []
    assert audit.verify(database) == (9, None)
