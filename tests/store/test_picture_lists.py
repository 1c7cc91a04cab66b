"""Pictures found again, on both databases: pages, search, folders, thumbnails; the held queue; usage by day."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text, update

from reflet.store import database as database_module
from reflet.store.blobs import Blobs
from reflet.store.database import Database
from reflet.store.folding import containing, search_words
from reflet.store.jobs import DAY, EVERYBODY, JobStore, NewJob, NewPicture
from reflet.store.pictures import Choice, PictureStore, Place
from reflet.store.queue import QueueStore
from reflet.store.tables import charges, jobs, pictures
from reflet.store.usage import used

COST = {"seconds": 2.0, "joules": 3.0, "method": "estimate"}


def new(key: str = "key_a", *, n: int = 1) -> NewJob:
    return NewJob(key, "m", {"request": {"prompt": "x"}}, n, 100.0 * n, "hash")


def make(database: Database, blobs: Blobs, *, prompt: str, key: str = "key_a", n: int = 1) -> list[str]:
    """A job that was done, with `n` pictures; their ids."""
    store = JobStore(database)
    name, _ = store.accept(new(key, n=n))
    [row] = [r for r in store.claim("w:1:x", limit=8, models=["m"]) if r.id == name]
    made = [
        NewPicture(k, blobs.put(b"png"), "image/png", 8, 8, k, f"{name}{k}", 3, None, words=search_words(prompt))
        for k in range(n)
    ]
    assert store.finish("w:1:x", row, made, cost=COST)
    return [p.id for p in PictureStore(database, blobs).of_job(name)]


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "blobs"))


def test_pages_hang_together_when_pictures_come_and_go(database: Database, blobs: Blobs) -> None:
    store = PictureStore(database, blobs)
    ids = [name for k in range(5) for name in make(database, blobs, prompt=f"number {k}", n=3)]
    make(database, blobs, prompt="another's", key="key_b")
    mine, seen, after = Choice("key_a"), [], None
    while page := store.list(mine, limit=4, after=after):
        seen += [row.id for row in page]
        last = page[-1]
        after = Place(last.created_at, last.number, last.id)
        if len(seen) == 4:  # the last one seen goes, and a new one comes
            store.delete(pictures.c.id == last.id, actor="key_a")
            make(database, blobs, prompt="late")
    assert sorted(seen) == sorted(ids), "each once, though four share a moment"
    assert store.count(mine) == 15
    assert [row.number for row in store.list(mine, limit=4)][1:] == [2, 1, 0]


def test_search_knows_no_case_and_no_accents_and_takes_signs_as_they_are(database: Database, blobs: Blobs) -> None:
    store = PictureStore(database, blobs)
    make(database, blobs, prompt="Une ÉPÉE d'acier, 100% _vraie_")
    make(database, blobs, prompt="a red sphere on a table")
    for search, number in (("epee", 1), ("ACIER épée", 1), ("sphere red", 1), ("sphere blue", 0), ("%", 1), ("_v", 1),
                           ("a_red", 0), ("|", 0), ("", 2)):  # fmt: skip
        assert store.count(Choice("key_a", search)) == number, search
    assert containing("5|%_") == ["%5|||%|_%"]


def test_favourites_and_folders_belong_to_a_key(database: Database, blobs: Blobs) -> None:
    store = PictureStore(database, blobs)
    [a, b], [other] = make(database, blobs, prompt="x", n=2), make(database, blobs, prompt="x", key="key_b")
    assert store.change("key_a", [a, b, other], folder="Été") == 2
    assert store.change("key_a", [a], favourite=True) == 1
    assert store.folders("key_a") == [("Été", 2)] and store.folders("key_b") == []
    assert [r.id for r in store.list(Choice("key_a", favourite=True), limit=9)] == [a]
    assert [r.id for r in store.list(Choice("key_a", folder="Été", favourite=False), limit=9)] == [b]
    assert store.change("key_a", [b], folder=None) == 1 and store.folders("key_a") == [("Été", 1)]


def test_a_thumbnail_is_kept_once_and_goes_with_its_picture(database: Database, blobs: Blobs) -> None:
    store = PictureStore(database, blobs)
    [name] = make(database, blobs, prompt="x")
    store.keep_thumbnail(name, b"first")
    store.keep_thumbnail(name, b"second")
    kept = store.get(name)
    assert kept is not None and blobs.get(kept.thumbnail) == b"first"
    assert len(blobs.names(older_than=-1)) == 2, "the second was not left behind"
    with database.begin() as connection:
        connection.execute(update(pictures).values(created_at=time.time() - 9e6))
    assert store.sweep() == 0, "it is known"
    store.delete(pictures.c.id == name, actor="key_a")
    assert blobs.names(older_than=-1) == []


def test_what_is_held_is_not_claimed(database: Database) -> None:
    store, queue = JobStore(database), QueueStore(database)
    for key in ("key_a", "key_a", "key_b"):
        store.accept(new(key))
    order = sorted(queue.positions().items(), key=lambda pair: pair[1])
    keys = [store.get(name).key_id for name, _ in order]
    assert [place for _, place in order] == [1, 2, 3] and sorted(keys[:2]) == ["key_a", "key_b"], "they take turns"
    queue.hold("key_a", actor="key_a")
    queue.hold("key_a", actor="key_a")
    assert queue.stands_still("key_a") and not queue.stands_still("key_b")
    assert [r.key_id for r in store.claim("w:1:x", limit=9, models=["m"])] == ["key_b"]
    queue.hold(EVERYBODY, actor="key_admin")
    queue.let_go("key_a", actor="key_a")
    assert queue.stands_still("key_a") and store.claim("w:1:x", limit=9, models=["m"]) == []
    queue.let_go(EVERYBODY, actor="key_admin")
    assert len(store.claim("w:1:x", limit=9, models=["m"])) == 2
    assert queue.counts("key_a") == {"queued": 0, "running": 2} and queue.counts()["running"] == 3
    assert len(queue.list(key_id="key_a", statuses=("running",), limit=9)) == 2


def test_usage_is_summed_by_day_and_key(database: Database, blobs: Blobs) -> None:
    for key in ("key_a", "key_a", "key_b"):
        make(database, blobs, prompt="x", key=key, n=2)
    with database.begin() as connection:
        old = {"key_id": "key_a", "num_pictures": 1, "pixel_steps": 5.0, "seconds": 1.0, "joules": None}
        midnight = time.time() // DAY * DAY
        for k, at in enumerate((midnight - 1, midnight - 40 * DAY)):
            connection.execute(insert(charges).values(**old, job_id=f"job_{k}", method=None, created_at=at))
    rows = used(database, days=2)
    told = [(r.day - midnight, r.key_id, r.jobs, r.pictures, r.pixel_steps, r.joules) for r in rows]
    assert told == [
        (-DAY, "key_a", 1, 1, 5.0, 0.0),
        (0, "key_a", 2, 4, 400.0, 6.0),
        (0, "key_b", 1, 2, 200.0, 3.0),
    ]
    assert [r.key_id for r in used(database, days=1, key_id="key_b")] == ["key_b"]


def test_a_database_of_the_first_version_is_brought_along(tmp_path: Path) -> None:
    """What was there before can be searched, and nothing of it is lost."""
    made = Database.in_folder(tmp_path)
    config = Config()
    config.set_main_option("script_location", str(Path(database_module.__file__).parent / "migrations"))
    with made.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    with made.begin() as connection:
        job = {"id": "job_1", "key_id": "key_a", "model": "m", "payload": {"request": {"prompt": "Une Épée"}}}
        job |= {
            "num_pictures": 1,
            "pixel_steps": 1.0,
            "priority": 0,
            "status": "done",
            "attempts": 1,
            "not_before": 1.0,
        }
        connection.execute(
            insert(jobs), {**job, "cancel_wanted": False, "created_at": 1.0, "not_before": 1.0, "request_hash": "h"}
        )
        connection.execute(
            text(
                "INSERT INTO pictures (id, job_id, number, key_id, blob, media_type, width, height, seed, sha256, "
                "num_bytes, created_at) VALUES ('pic_1', 'job_1', 0, 'key_a', 'b', 'image/png', 8, 8, 1, 's', 3, 1.0)"
            )
        )
    made.upgrade()
    found = PictureStore(made, Blobs(str(tmp_path / "blobs"))).list(Choice("key_a", "epee"), limit=9)
    assert [(row.id, row.favourite, row.folder) for row in found] == [("pic_1", False, None)]
    with made.begin() as connection:
        connection.execute(update(jobs).values(status="done"))
    made.close()
