"""Jobs: accepted means on disk, claimed means under a lease, done means done once.

A worker that dies loses its lease, and the job goes back to the queue; a worker that was only slow finds, when it
wants to write its result, that the lease is not its own any more, and writes nothing. Job, charge, pictures and audit
row are one transaction: whatever moment the power fails, the ledger knows a picture or it does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from reflet.store import audit
from reflet.store.database import Database, new_id
from reflet.store.owners import is_gone
from reflet.store.tables import charges, holds, jobs, pictures

ACTIVE = ("queued", "running")
INTERACTIVE, BATCH = 0, 10  # priorities
DAY = 86_400
RETRY_SECONDS = 3600.0  # for so long a job that failed or was cancelled can be made again
EVERYBODY = "*"  # in place of a key, when the whole queue is held
PATIENCE, LONGEST_REST = 4, 20.0  # attempts after which a job rests before the next, and for how many seconds at most


class Refused(Exception):
    """A limit stands against this job. `reason`: "queue", "concurrency" or "pixel_steps"."""

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


class IdempotencyConflict(Exception):
    """The idempotency key was used before, with another request."""


@dataclass(frozen=True)
class NewJob:
    """What is to be accepted. `payload` is JSON and belongs to the service."""

    key_id: str
    model: str
    payload: dict[str, Any]
    num_pictures: int
    pixel_steps: float
    request_hash: str
    priority: int = INTERACTIVE
    idempotency_key: str | None = None
    end_user: str | None = None
    batch_id: str | None = None
    custom_id: str | None = None


@dataclass(frozen=True)
class Ceiling:
    """What may be there before a further job is refused; None is no limit."""

    queue: int | None = None  # active interactive jobs of all keys
    concurrency: int | None = None  # active jobs of this key
    pixel_steps: float | None = None  # of this key, since midnight UTC


@dataclass(frozen=True)
class NewPicture:
    """A finished picture whose bytes are a blob already."""

    number: int
    blob: str
    media_type: str
    width: int
    height: int
    seed: int
    sha256: str
    num_bytes: int
    expires_at: float | None
    words: str = ""  # what a search finds it by (store/folding.py)
    id: str = field(default_factory=lambda: new_id("pic"))


@dataclass(frozen=True)
class Taker:
    """A worker with a free place: a job is accepted under its lease, and `take` is called with the job's row as soon as
    everybody can see it, while the disk still works."""

    owner: str
    take: Callable[[Row[Any]], None]


class JobStore:
    def __init__(self, database: Database, *, lease_seconds: float = 60.0, max_attempts: int = 50) -> None:
        self.database, self.lease_seconds, self.max_attempts = database, lease_seconds, max_attempts

    # ------------------------------------------------------------------------------------------------- in at the front
    def accept(self, job: NewJob, *, ceiling: Ceiling | None = None, taker: Taker | None = None) -> tuple[str, bool]:
        """(job id, whether it is new). It is on disk when this returns. Where nothing waits before it, a `taker` has it
        at once, without another transaction.

        Raises Refused, IdempotencyConflict and StorageFull.
        """
        row = None
        try:
            with self.database.begin(lasting=taker is None) as connection:
                known = self._known(connection, job)
                if known is None:
                    idle = self._check(connection, job, ceiling or Ceiling())
                    lease = taker.owner if taker is not None and idle else None
                    row = _insert(connection, job, lease=lease, seconds=self.lease_seconds)
        except IntegrityError:  # two requests with one idempotency key at the same moment
            with self.database.begin() as connection:
                known = self._known(connection, job)
            if known is None:
                raise
            return known, False
        if taker is not None:
            if row is not None and row.lease_owner is not None:
                taker.take(row)
            self.database.sync()
        return (str(known), False) if row is None else (str(row.id), True)

    def accept_many(
        self, connection: Connection, new: Sequence[NewJob], *, pixel_steps: float | None = None
    ) -> list[str]:
        """Jobs of a batch, in the caller's transaction; only the key's `pixel_steps` a day limit them, all together.
        Raises Refused."""
        if new and pixel_steps is not None:
            self.database.take_turns(connection, new[0].key_id)
            self._check_pixel_steps(connection, new[0].key_id, sum(job.pixel_steps for job in new), pixel_steps)
        return [str(_insert(connection, job).id) for job in new]

    def _known(self, connection: Connection, job: NewJob) -> str | None:
        if job.idempotency_key is None:
            return None
        same = and_(jobs.c.key_id == job.key_id, jobs.c.idempotency_key == job.idempotency_key)
        row = connection.execute(select(jobs.c.id, jobs.c.request_hash).where(same)).first()
        if row is not None and row.request_hash != job.request_hash:
            raise IdempotencyConflict
        return None if row is None else str(row.id)

    def _check(self, connection: Connection, job: NewJob, ceiling: Ceiling) -> bool:
        """Whether nothing waits or holds before this job. Raises Refused."""
        self.database.take_turns(connection, job.key_id)  # or two at once would both see the last free place
        everybody, own, waiting, held = map(int, connection.execute(_STANDING, {"key_id": job.key_id}).one())
        if ceiling.queue is not None and everybody >= ceiling.queue:
            raise Refused("queue", retry_after=2.0)
        if ceiling.concurrency is not None and own >= ceiling.concurrency:
            raise Refused("concurrency", retry_after=1.0)
        if ceiling.pixel_steps is not None:
            self._check_pixel_steps(connection, job.key_id, job.pixel_steps, ceiling.pixel_steps)
        return not (waiting or held)

    def _check_pixel_steps(self, connection: Connection, key_id: str, wanted: float, most: float) -> None:
        midnight = time.time() // DAY * DAY
        if self._spent(connection, key_id, midnight) + wanted > most:
            raise Refused("pixel_steps", retry_after=midnight + DAY - time.time())

    def _spent(self, connection: Connection, key_id: str, since: float) -> float:
        done = select(func.sum(charges.c.pixel_steps)).where(charges.c.key_id == key_id, charges.c.created_at >= since)
        open_ = select(func.sum(jobs.c.pixel_steps)).where(jobs.c.key_id == key_id, jobs.c.status.in_(ACTIVE))
        return float(connection.execute(done).scalar() or 0) + float(connection.execute(open_).scalar() or 0)

    # ------------------------------------------------------------------------------------------------------ out to work
    def claim(self, owner: str, *, limit: int, models: Sequence[str]) -> list[Row[Any]]:
        """Up to `limit` jobs of these models, now under `owner`'s lease: interactive ones before batches, and within
        each the keys in turn, each key's oldest first. Two that claim at once get different jobs."""
        now = time.time()
        with self.database.begin(lasting=False) as connection:  # without a claim a job is only queued
            # Twice as many as wanted: others may hold some of them at this moment.
            asked = {"now": now, "models": list(models), "most": 2 * limit}
            names = list(connection.execute(_WAITING, asked).scalars())
            if not names:
                return []
            mine = set(names)  # on SQLite nobody else is in here
            if not self.database.is_sqlite:
                free = select(jobs.c.id).where(jobs.c.id.in_(names), jobs.c.status == "queued")
                mine = set(connection.execute(free.with_for_update(skip_locked=True)).scalars())
            taken = [name for name in names if name in mine][:limit]
            lease = {"lease_owner": owner, "lease_until": now + self.lease_seconds}
            change = update(jobs).where(jobs.c.id.in_(taken))
            change = change.values(status="running", attempts=jobs.c.attempts + 1, **lease)
            rows = {row.id: row for row in connection.execute(change.returning(*jobs.c))}
        return [rows[name] for name in taken]

    def renew(self, owner: str, ids: Sequence[str]) -> list[str]:
        """Prolongs the leases; returns jobs that are to be cancelled or are not the owner's any more."""
        mine = jobs.c.id.in_(list(ids)) & (jobs.c.lease_owner == owner) & (jobs.c.status == "running")
        with self.database.begin(lasting=False) as connection:
            connection.execute(update(jobs).where(mine).values(lease_until=time.time() + self.lease_seconds))
            kept = connection.execute(select(jobs.c.id).where(mine, jobs.c.cancel_wanted.is_(False))).scalars()
            return sorted(set(ids) - set(kept))

    def unwanted(self, owner: str) -> list[str]:
        """The owner's jobs that somebody, perhaps in another process, has cancelled."""
        mine = (jobs.c.status == "running") & (jobs.c.lease_owner == owner) & jobs.c.cancel_wanted.is_(True)
        with self.database.read() as connection:
            return list(connection.execute(select(jobs.c.id).where(mine)).scalars())

    def release(self, owner: str, ids: Sequence[str], *, delay: float = 0.0, counts: bool = False) -> None:
        """Back to the queue, unharmed; a release does not count as an attempt unless it `counts`."""
        mine = jobs.c.id.in_(list(ids)) & (jobs.c.lease_owner == owner) & (jobs.c.status == "running")
        attempts = jobs.c.attempts if counts else jobs.c.attempts - 1
        back = {"status": "queued", "lease_owner": None, "lease_until": None, "not_before": time.time() + delay}
        with self.database.begin() as connection:
            connection.execute(update(jobs).where(mine).values(attempts=attempts, **back))

    def recover(self) -> list[str]:
        """Takes jobs back whose lease has run out, or whose process on this host is gone; gives up on those that were
        tried too often. Returns the ids of jobs that failed so."""
        now, given_up = time.time(), []
        c = jobs.c
        held = select(c.id, c.lease_owner, c.lease_until, c.attempts, c.cancel_wanted).where(c.status == "running")
        with self.database.begin() as connection:
            for row in connection.execute(held.order_by(c.id)).all():
                if row.lease_until >= now and not is_gone(row.lease_owner):
                    continue
                # Since it was read, it may have been finished, prolonged, or taken back by another.
                still = (c.id == row.id) & (c.status == "running") & (c.lease_owner == row.lease_owner)
                still &= c.lease_until <= row.lease_until
                if row.cancel_wanted:
                    connection.execute(update(jobs).where(still).values(**_cancelled()))
                elif row.attempts >= self.max_attempts:
                    message = "the job failed each time it was tried"
                    error = {"status": 500, "code": "attempts_exhausted", "message": message}
                    given_up += [row.id] if self._fail(connection, row.id, error, where=still) else []
                else:
                    # A job that takes its process down must not do so in a tight circle; one that was only there when
                    # somebody pulled the plug loses a little time.
                    rest = min(LONGEST_REST, 0.1 * 2.0 ** (row.attempts - PATIENCE)) if row.attempts > PATIENCE else 0.0
                    back = {"status": "queued", "not_before": now + rest, "lease_owner": None, "lease_until": None}
                    connection.execute(update(jobs).where(still).values(**back))
        return given_up

    # ------------------------------------------------------------------------------------------------- out at the back
    def finish(self, owner: str, job: Row[Any], made: Sequence[NewPicture], *, cost: dict[str, Any]) -> bool:
        """Job, pictures, charge and audit row in one transaction. False when the lease is not the owner's any more, or
        the job was cancelled: then nothing was written, and the blobs may be deleted."""
        mine = (jobs.c.id == job.id) & (jobs.c.lease_owner == owner) & (jobs.c.status == "running")
        now = time.time()
        with self.database.begin() as connection:
            done = update(jobs).where(mine, jobs.c.cancel_wanted.is_(False))
            free = {"lease_owner": None, "lease_until": None}
            if connection.execute(done.values(status="done", finished_at=now, cost=cost, **free)).rowcount != 1:
                return False
            for picture in made:
                of = {"job_id": job.id, "key_id": job.key_id, "end_user": job.end_user, "created_at": now}
                connection.execute(insert(pictures), {**vars(picture), **of})
            charge = {"key_id": job.key_id, "num_pictures": len(made), "pixel_steps": job.pixel_steps}
            charge |= {"seconds": cost["seconds"], "joules": cost.get("joules"), "method": cost.get("method")}
            connection.execute(insert(charges), {"job_id": job.id, "created_at": now, **charge})
            detail = {"pictures": [p.sha256 for p in made], "model": job.model}
            audit.append(self.database, connection, actor=job.key_id, action="made", subject=job.id, detail=detail)
        return True

    def fail(self, owner: str, job_id: str, error: dict[str, Any]) -> bool:
        """The job ends with an error (`status`, `code`, `message`). False when the lease is not the owner's."""
        mine = (jobs.c.id == job_id) & (jobs.c.lease_owner == owner) & (jobs.c.status == "running")
        with self.database.begin() as connection:
            return self._fail(connection, job_id, error, where=mine)

    def _fail(self, connection: Connection, job_id: str, error: dict[str, Any], *, where: Any) -> bool:
        end = {"status": "failed", "finished_at": time.time(), "error": error}
        failed = update(jobs).where(where).values(lease_owner=None, lease_until=None, **end)
        if connection.execute(failed).rowcount != 1:
            return False
        detail = {"code": error["code"]}
        audit.append(self.database, connection, actor="service", action="failed", subject=job_id, detail=detail)
        return True

    def cancel(self, job_id: str) -> str | None:
        """A queued job is cancelled, of a running one it is wanted; returns the state then, None for no such job."""
        with self.database.begin() as connection:
            return self._cancel(connection, job_id)

    def _cancel(self, connection: Connection, job_id: str) -> str | None:
        this = jobs.c.id == job_id
        connection.execute(update(jobs).where(this, jobs.c.status == "queued").values(**_cancelled()))
        connection.execute(update(jobs).where(this, jobs.c.status == "running").values(cancel_wanted=True))
        return connection.execute(select(jobs.c.status).where(this)).scalar()

    def cancelled(self, owner: str, job_id: str) -> None:
        """The worker has let go of a job whose cancelling was wanted."""
        mine = (jobs.c.id == job_id) & (jobs.c.lease_owner == owner) & (jobs.c.status == "running")
        with self.database.begin() as connection:
            connection.execute(update(jobs).where(mine).values(**_cancelled()))

    def charge(self, key_id: str, *, pixel_steps: float, cost: dict[str, Any]) -> None:
        """For device time that no job stands for: a draft."""
        values = {"key_id": key_id, "num_pictures": 0, "pixel_steps": pixel_steps, "created_at": time.time()}
        values |= {"seconds": cost["seconds"], "joules": cost.get("joules"), "method": cost.get("method")}
        with self.database.begin() as connection:
            connection.execute(insert(charges).values(job_id=new_id("draft"), **values))

    def note(self, *, actor: str, action: str, subject: str, detail: dict[str, Any]) -> None:
        """An audit row of its own."""
        with self.database.begin() as connection:
            audit.append(self.database, connection, actor=actor, action=action, subject=subject, detail=detail)

    # ------------------------------------------------------------------------------------------------------- looking in
    def get(self, job_id: str) -> Row[Any] | None:
        with self.database.read() as connection:
            return connection.execute(select(jobs).where(jobs.c.id == job_id)).first()

    def forget_user(self, key_id: str, end_user: str) -> list[str]:
        """The words of one end user go from all jobs that have made nothing; open ones are cancelled: their ids."""
        mine = (jobs.c.key_id == key_id) & (jobs.c.end_user == end_user)
        with self.database.begin() as connection:
            active = select(jobs.c.id).where(mine, jobs.c.status.in_(ACTIVE))
            found = list(connection.execute(active).scalars())
            for name in found:
                self._cancel(connection, name)
            connection.execute(update(jobs).where(mine, jobs.c.status != "done").values(payload={}))
        return found

    def forget_words(self, *, older_than: float = RETRY_SECONDS) -> int:
        """The words go from jobs that came to nothing, once it is too late to make them again. How many there were."""
        over = jobs.c.status.in_(("failed", "cancelled")) & (jobs.c.finished_at < time.time() - older_than)
        known = cast(jobs.c.payload, Text) != "{}"
        with self.database.begin() as connection:
            return connection.execute(update(jobs).where(over, known).values(payload={})).rowcount

    def counts(self) -> dict[str, int]:
        """Jobs by status."""
        with self.database.read() as connection:
            query = select(jobs.c.status, func.count()).where(or_(*(jobs.c.status == s for s in ACTIVE)))
            found = {status: number for status, number in connection.execute(query.group_by(jobs.c.status))}
        return {status: found.get(status, 0) for status in ACTIVE}

    def spent_today(self, key_id: str) -> float:
        """Pixel-steps of a key since midnight UTC, those of open jobs included."""
        with self.database.read() as connection:
            return self._spent(connection, key_id, time.time() // DAY * DAY)


def _cancelled() -> dict[str, Any]:
    """What a job is that was cancelled."""
    return {"status": "cancelled", "finished_at": time.time(), "lease_owner": None, "lease_until": None}


def free_to_go() -> Any:
    """The condition that a job is not held back, neither with its key's others nor with everybody's."""
    held = select(holds.c.key_id)
    return jobs.c.key_id.not_in(held) & ~exists().where(holds.c.key_id == EVERYBODY)


def _waiting() -> Any:
    """Ids of the next `most` jobs of `models` that may begin at `now`, in the order in which they are claimed."""
    mine = jobs.c.model.in_(bindparam("models", expanding=True))
    ready = (jobs.c.status == "queued") & (jobs.c.not_before <= bindparam("now")) & mine & free_to_go()
    turn = func.row_number().over(partition_by=(jobs.c.priority, jobs.c.key_id), order_by=jobs.c.created_at)
    wish = select(jobs.c.id, jobs.c.priority, jobs.c.created_at, turn.label("turn")).where(ready).subquery()
    order = (wish.c.priority, wish.c.turn, wish.c.created_at)
    return select(wish.c.id).order_by(*order).limit(bindparam("most", type_=Integer))


def _standing() -> Any:
    """(active interactive jobs, those of `key_id`, those that wait, holds on this key or on everybody)."""
    mine = jobs.c.key_id == bindparam("key_id")
    numbers = (func.count(), func.count().filter(mine), func.count().filter(jobs.c.status == "queued"))
    held = select(func.count()).select_from(holds).where(holds.c.key_id.in_((bindparam("key_id"), EVERYBODY)))
    active = jobs.c.status.in_(ACTIVE) & (jobs.c.priority == INTERACTIVE)
    return select(*numbers, held.scalar_subquery()).select_from(jobs).where(active)


# Built once: they take as long to write down as to answer.
_WAITING, _STANDING = _waiting(), _standing()


def _insert(connection: Connection, job: NewJob, *, lease: str | None = None, seconds: float = 0.0) -> Row[Any]:
    """The new job: in the queue, or running under a `lease`."""
    now = time.time()
    state: dict[str, Any] = {"status": "queued", "attempts": 0, "lease_owner": None, "lease_until": None}
    if lease is not None:
        state = {"status": "running", "attempts": 1, "lease_owner": lease, "lease_until": now + seconds}
    state |= {"id": new_id("job"), "cancel_wanted": False, "created_at": now, "not_before": now}
    return connection.execute(insert(jobs).returning(*jobs.c), {**vars(job), **state}).one()
