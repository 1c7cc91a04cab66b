"""The store on SQLite and, where its binaries are, on PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, update

from reflet.runtime.errors import UserError
from reflet.store import audit
from reflet.store.batches import BatchStore
from reflet.store.blobs import Blobs
from reflet.store.database import Database, StorageFull
from reflet.store.jobs import BATCH, Ceiling, IdempotencyConflict, JobStore, NewJob, NewPicture, Refused
from reflet.store.keys import KeyStore
from reflet.store.owners import owner_name
from reflet.store.pictures import PictureStore
from reflet.store.tables import audit as audit_table
from reflet.store.tables import charges, jobs, pictures

COST = {"seconds": 1.5, "joules": 3.0, "method": "estimate", "steps": 20}
ME = owner_name("me")


def new(key: str = "a", **more: object) -> NewJob:
    values = {"key_id": key, "model": "m", "payload": {"x": 1}, "num_pictures": 1, "pixel_steps": 100.0}
    return NewJob(**{**values, "request_hash": "h", **more})


def done_picture(blob: str, number: int = 0) -> NewPicture:
    return NewPicture(number, blob, "image/png", 8, 8, 7, "0" * 64, 3, None)


@pytest.fixture
def store(database: Database) -> JobStore:
    return JobStore(database, lease_seconds=30, max_attempts=3)


def test_accepted_claimed_done_once(store: JobStore, database: Database) -> None:
    name, fresh = store.accept(new())
    assert fresh and store.get(name).status == "queued"
    [row] = store.claim(ME, limit=5, models=["m"])
    assert row.id == name and row.payload == {"x": 1} and store.claim(ME, limit=5, models=["m"]) == []
    assert store.finish(ME, row, [done_picture("a" * 32)], cost=COST)
    assert not store.finish(ME, row, [done_picture("b" * 32)], cost=COST), "a second end writes nothing"
    with database.read() as connection:
        assert len(list(connection.execute(select(charges)))) == 1
        assert [p.blob for p in connection.execute(select(pictures))] == ["a" * 32]
    assert audit.verify(database) == (1, None)


def test_two_that_claim_at_once_get_different_jobs(store: JobStore) -> None:
    names = {store.accept(new(key=f"k{i % 3}"))[0] for i in range(60)}
    got: list[str] = []

    def take(nonce: str) -> None:
        while rows := store.claim(owner_name(nonce), limit=3, models=["m"]):
            got.extend(r.id for r in rows)

    threads = [threading.Thread(target=take, args=(str(i),)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 60 and set(got) == names


def test_claims_go_round_the_keys_and_batches_come_last(store: JobStore) -> None:
    for key in ("batch", "a", "a", "a", "b"):
        store.accept(new(key=key, priority=BATCH if key == "batch" else 0))
    order = [r.key_id for r in store.claim(ME, limit=9, models=["m"])]
    assert order == ["a", "b", "a", "a", "batch"]
    assert store.claim(ME, limit=9, models=["other"]) == []


def test_a_lease_that_ran_out_is_given_to_another(store: JobStore, database: Database) -> None:
    name, _ = store.accept(new())
    [mine] = store.claim("elsewhere:1:x", limit=1, models=["m"])
    assert store.recover() == [] and store.get(name).status == "running"
    with database.begin() as connection:
        connection.execute(update(jobs).values(lease_until=time.time() - 1))
    store.recover()
    [other] = store.claim("elsewhere:2:y", limit=1, models=["m"])
    assert not store.finish("elsewhere:1:x", mine, [], cost=COST), "who was slow writes nothing"
    assert store.renew("elsewhere:1:x", [name]) == [name]
    assert store.finish("elsewhere:2:y", other, [], cost=COST) and store.get(name).attempts == 2


def test_a_dead_process_of_this_host_loses_its_leases_at_once(store: JobStore) -> None:
    name, _ = store.accept(new())
    host = ME.partition(":")[0]
    store.claim(f"{host}:{2**22 + 1}:gone", limit=1, models=["m"])
    store.recover()
    assert store.get(name).status == "queued"
    store.claim(ME, limit=1, models=["m"])
    store.recover()
    assert store.get(name).status == "running", "our own lease holds"


def test_a_job_that_kills_its_workers_is_given_up(store: JobStore, database: Database) -> None:
    name, _ = store.accept(new())
    for _ in range(3):
        assert store.claim("elsewhere:1:x", limit=1, models=["m"])
        with database.begin() as connection:
            connection.execute(update(jobs).values(lease_until=time.time() - 1))
        given_up = store.recover()
    assert given_up == [name]
    assert store.get(name).error["code"] == "attempts_exhausted"


def test_a_job_that_was_there_at_many_crashes_rests_between_them(database: Database) -> None:
    """Ten times the plug is pulled: the job is not lost, only later."""
    store = JobStore(database)
    name, _ = store.accept(new())
    for attempt in range(1, 11):
        assert store.claim("elsewhere:1:x", limit=1, models=["m"])
        with database.begin() as connection:
            connection.execute(update(jobs).values(lease_until=time.time() - 1))
        before = time.time()
        store.recover()
        after, again = time.time(), store.get(name).not_before
        assert (before + 0.1 <= again <= after + 20) if attempt > 4 else (before <= again <= after)
        with database.begin() as connection:
            connection.execute(update(jobs).values(not_before=0.0))
    assert store.get(name).status == "queued" and store.get(name).attempts == 10


def test_release_does_not_count_as_an_attempt(store: JobStore) -> None:
    name, _ = store.accept(new())
    for _ in range(5):
        store.claim(ME, limit=1, models=["m"])
        store.release(ME, [name])
    assert store.get(name).attempts == 0 and store.get(name).status == "queued"


def test_idempotency(store: JobStore) -> None:
    first = store.accept(new(idempotency_key="once"))
    assert store.accept(new(idempotency_key="once")) == (first[0], False)
    assert store.accept(new(key="b", idempotency_key="once"))[1]
    with pytest.raises(IdempotencyConflict):
        store.accept(new(idempotency_key="once", request_hash="other"))
    got: list[tuple[str, bool]] = []
    threads = [threading.Thread(target=lambda: got.append(store.accept(new(idempotency_key="race")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({name for name, _ in got}) == 1 and sum(fresh for _, fresh in got) == 1


def test_ceilings(store: JobStore) -> None:
    store.accept(new(), ceiling=Ceiling(queue=2, concurrency=1))
    for ceiling, reason in (
        (Ceiling(concurrency=1), "concurrency"),
        (Ceiling(queue=1), "queue"),
        (Ceiling(pixel_steps=150.0), "pixel_steps"),
    ):
        with pytest.raises(Refused) as caught:
            store.accept(new(), ceiling=ceiling)
        assert caught.value.reason == reason and caught.value.retry_after > 0
    store.accept(new(key="b"), ceiling=Ceiling(queue=2, concurrency=1, pixel_steps=100.0))
    assert store.spent_today("a") == 100.0


def test_cancelling(store: JobStore) -> None:
    waiting, _ = store.accept(new())
    assert store.cancel(waiting) == "cancelled" and store.cancel("job_none") is None
    running, _ = store.accept(new())
    [row] = store.claim(ME, limit=1, models=["m"])
    assert store.cancel(running) == "running" and store.renew(ME, [running]) == [running]
    assert not store.finish(ME, row, [done_picture("a" * 32)], cost=COST)
    store.cancelled(ME, running)
    assert store.get(running).status == "cancelled"


def test_a_changed_row_of_the_trail_shows(store: JobStore, database: Database) -> None:
    for k in range(4):
        store.note(actor="me", action="did", subject=str(k), detail={"é": k})
    assert audit.verify(database) == (4, None)
    rows, newest = audit.head(database)
    assert rows == 4 and len(newest) == 64
    with database.begin() as connection:
        connection.execute(update(audit_table).where(audit_table.c.number == 2).values(detail={"é": 99}))
    assert audit.verify(database) == (1, 2)


def test_a_batch_stays_within_the_keys_day(store: JobStore, database: Database) -> None:
    """All its jobs together, or none."""
    lines = [new(pixel_steps=40.0), new(pixel_steps=40.0)]
    with pytest.raises(Refused) as caught, database.begin() as connection:
        store.accept_many(connection, lines, pixel_steps=79.0)
    assert caught.value.reason == "pixel_steps" and store.counts()["queued"] == 0
    with database.begin() as connection:
        assert len(store.accept_many(connection, lines, pixel_steps=80.0)) == 2


def test_many_at_once_stay_within_a_keys_limit(store: JobStore) -> None:
    """Whoever asks at the same moment does not see the same free place."""

    def one(_: int) -> bool:
        try:
            return store.accept(new(), ceiling=Ceiling(concurrency=3))[1]
        except Refused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(24))) == 3


def test_words_do_not_outlive_what_came_to_nothing(store: JobStore) -> None:
    failed, unwanted, waiting = (store.accept(new())[0] for _ in range(3))
    store.claim(ME, limit=2, models=["m"])
    assert store.cancel(unwanted) == "running" and store.unwanted(ME) == [unwanted] and store.unwanted("other") == []
    store.fail(ME, failed, {"status": 500, "code": "internal_error", "message": "no"})
    store.cancelled(ME, unwanted)
    store.cancel(waiting)
    ended = (failed, unwanted, waiting)
    assert store.forget_words() == 0 and all(store.get(name).payload for name in ended)  # they may be made again
    assert store.forget_words(older_than=-1.0) == 3 and store.forget_words(older_than=-1.0) == 0
    assert [store.get(name).payload for name in ended] == [{}, {}, {}]


def test_an_end_user_s_words_go_at_once(store: JobStore) -> None:
    running, waiting, other = (store.accept(new(end_user=user))[0] for user in ("anna", "anna", "ben"))
    assert [row.id for row in store.claim(ME, limit=1, models=["m"])] == [running]
    assert set(store.forget_user("a", "anna")) == {running, waiting}
    assert [store.get(name).payload for name in (running, waiting)] == [{}, {}]
    assert store.get(waiting).status == "cancelled" and store.unwanted(ME) == [running]
    assert store.get(other).payload and store.get(other).status == "queued"


def test_deletion_takes_bytes_rows_and_words(store: JobStore, database: Database, tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path / "blobs"))
    kept = PictureStore(database, blobs)
    store.accept(new(end_user="u"))
    [row] = store.claim(ME, limit=1, models=["m"])
    names = [blobs.put(b"123"), blobs.put(b"456")]
    store.finish(ME, row, [done_picture(n, k) for k, n in enumerate(names)], cost=COST)
    first, second = kept.of_job(row.id)
    assert kept.delete(pictures.c.id == first.id, actor="a") == 1
    assert store.get(row.id).payload == {"x": 1}
    assert kept.forget_user("b", "u") == 0 and kept.forget_user("a", "u") == 1
    assert store.get(row.id).payload == {} and kept.get(second.id) is None
    for name in names:
        with pytest.raises(FileNotFoundError):
            blobs.get(name)
    assert audit.verify(database) == (3, None)


def test_what_is_over_goes_and_orphans_are_swept(store: JobStore, database: Database, tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path / "blobs"))
    kept = PictureStore(database, blobs)
    store.accept(new())
    [row] = store.claim(ME, limit=1, models=["m"])
    old = NewPicture(**{**vars(done_picture(blobs.put(b"1"))), "expires_at": time.time() - 1})
    stays = NewPicture(**{**vars(done_picture(blobs.put(b"2"), 1)), "expires_at": time.time() + 60})
    store.finish(ME, row, [old, stays], cost=COST)
    assert kept.expire() == 1 and [p.number for p in kept.of_job(row.id)] == [1]
    orphan = blobs.put(b"nobody's")
    assert kept.sweep() == 0, "it may be a picture whose row is about to be written"
    for path in (tmp_path / "blobs").rglob("*"):
        if path.is_file():
            past = time.time() - 7200
            os.utime(path, (past, past))
    assert kept.sweep() == 1
    assert blobs.get(stays.blob) == b"2"
    with pytest.raises(FileNotFoundError):
        blobs.get(orphan)


def test_keys_are_kept_as_hashes(database: Database) -> None:
    store = KeyStore(database)
    assert not store.any_valid()
    name, secret = store.create("me", scopes=("images",), days=1, limits={"concurrency": 2})
    found = store.find(secret)
    assert found is not None and (found.id, found.scopes, found.limits) == (name, ("images",), {"concurrency": 2.0})
    assert store.find(secret + "x") is None and store.find("") is None and store.find("é\udc80") is None
    assert store.any_valid() and secret not in str([tuple(r) for r in store.list()])
    store.revoke(name)
    assert store.find(secret) is None and not store.any_valid()
    _, over = store.create("late", days=-1)
    assert store.find(over) is None
    for wrong in ({"scopes": ("everything",)}, {"limits": {"speed": 1.0}}, {"limits": {"weight": 0.0}}):
        with pytest.raises(UserError):
            store.create("x", **wrong)
    with pytest.raises(UserError):
        store.revoke("key_none")


def test_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from reflet.store.tables import metadata

    database.upgrade()  # a second time changes nothing
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_sqlite_is_set_up_to_survive(tmp_path: Path) -> None:
    made = Database.in_folder(tmp_path / "new")
    made.upgrade()
    with made.read() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    made.close()
    assert sqlite3.connect(tmp_path / "new" / "reflet.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_wrong_urls_are_said_in_one_sentence(tmp_path: Path) -> None:
    for url in ("mysql://x/y", "nonsense", "postgresql://127.0.0.1:1/none"):
        with pytest.raises(UserError):
            Database(url).upgrade()
    with pytest.raises(UserError):
        Blobs("nowhere://x")


def test_a_full_database_says_so_and_recovers(tmp_path: Path) -> None:
    made = Database.in_folder(tmp_path)
    made.upgrade()
    store = JobStore(made)
    with made.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0

    def set_limit(number: int) -> None:
        made.engine.dispose()
        from sqlalchemy import event

        @event.listens_for(made.engine, "connect")
        def limit(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count={number}").close()

    set_limit(pages + 4)
    with pytest.raises(StorageFull):
        for _ in range(100):
            store.accept(new(payload={"x": "y" * 4000}))
    set_limit(100_000)
    accepted, _ = store.accept(new(payload={"x": "y" * 4000}))
    assert store.get(accepted).status == "queued"
    made.close()


def test_a_batch_is_settled_once_whoever_asks(store: JobStore, database: Database, tmp_path: Path) -> None:
    """Six ask at the same moment: one result, and no file that belongs to none."""
    kept = BatchStore(database, Blobs(str(tmp_path / "blobs")), store)
    about = {"key_id": "a", "endpoint": "/e", "input_file_id": "f", "note": None}
    batch = kept.create([new(custom_id="1"), new(custom_id="2")], errors=[], **about)
    for row in store.claim(ME, limit=2, models=["m"]):
        store.finish(ME, row, [], cost=COST)
    with ThreadPoolExecutor(6) as pool:
        settled = list(pool.map(lambda _: kept.settle(batch, tell=lambda job: {"id": job.custom_id}), range(6)))
    assert {b.status for b in settled} == {"completed"} and len({b.output_file_id for b in settled}) == 1
    assert [f.id for f in kept.list_files("a")] == [settled[0].output_file_id]
    assert len([p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]) == 1
