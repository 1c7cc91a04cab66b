"""Pictures: their rows and bytes, how long they stay, and how they go."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, func, or_, select, update

from reflet.store import audit
from reflet.store.blobs import Blobs
from reflet.store.database import Database
from reflet.store.folding import containing, search_words
from reflet.store.tables import files, jobs, pictures

ORPHAN_SECONDS = 3600.0  # a blob that no row names after an hour belongs to a transaction that never was

DELETED_AT_ONCE = 500  # databases take only so many names in one statement

OF_JOB = (jobs.c.payload, jobs.c.model, jobs.c.cost, jobs.c.num_pictures)


@dataclass(frozen=True)
class Place:
    """A picture's place in the order of a list, whether or not it is still there."""

    created_at: float
    number: int
    id: str


@dataclass(frozen=True)
class Choice:
    """Which of a key's pictures; None chooses nothing out. `search`: words that the prompt holds, all of them."""

    key_id: str
    search: str | None = None
    favourite: bool | None = None
    folder: str | None = None
    model: str | None = None
    before: float | None = None

    def conditions(self) -> list[Any]:
        """For pictures joined with their jobs."""
        p = pictures.c
        found: list[Any] = [p.key_id == self.key_id]
        found += [p.words.like(pattern, escape="|") for pattern in containing(self.search or "")]
        if self.favourite is not None:
            found.append(p.favourite.is_(self.favourite))
        if self.folder is not None:
            found.append(p.folder == self.folder)
        if self.model is not None:
            found.append(jobs.c.model == self.model)
        if self.before is not None:
            found.append(p.created_at < self.before)
        return found


class PictureStore:
    def __init__(self, database: Database, blobs: Blobs) -> None:
        self.database, self.blobs = database, blobs

    def of_job(self, job_id: str) -> list[Row[Any]]:
        """A job's pictures in order."""
        query = select(pictures).where(pictures.c.job_id == job_id).order_by(pictures.c.number)
        with self.database.read() as connection:
            return list(connection.execute(query))

    def ids_of(self, job_ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the pictures of many jobs, each job's in order."""
        query = select(pictures.c.job_id, pictures.c.id).where(pictures.c.job_id.in_(list(job_ids)))
        found: dict[str, list[str]] = {name: [] for name in job_ids}
        with self.database.read() as connection:
            for job, name in map(tuple, connection.execute(query.order_by(pictures.c.number))):
                found[job].append(name)
        return found

    def get(self, picture_id: str) -> Row[Any] | None:
        with self.database.read() as connection:
            return connection.execute(select(pictures).where(pictures.c.id == picture_id)).first()

    def list(self, choice: Choice, *, limit: int, after: Place | None = None) -> list[Row[Any]]:
        """Pictures with what their jobs know of them, newest first and of one job the last first; after a place."""
        p = pictures.c
        query = select(pictures, *OF_JOB).join(jobs, jobs.c.id == p.job_id).where(*choice.conditions())
        if after is not None:
            query = query.where(
                or_(
                    p.created_at < after.created_at,
                    and_(p.created_at == after.created_at, p.number < after.number),
                    and_(p.created_at == after.created_at, p.number == after.number, p.id < after.id),
                )
            )
        query = query.order_by(p.created_at.desc(), p.number.desc(), p.id.desc()).limit(limit)
        with self.database.read() as connection:
            return list(connection.execute(query))

    def count(self, choice: Choice) -> int:
        """How many pictures fit."""
        query = select(func.count()).select_from(pictures.join(jobs, jobs.c.id == pictures.c.job_id))
        with self.database.read() as connection:
            return connection.execute(query.where(*choice.conditions())).scalar() or 0

    def shown(self, picture_id: str) -> Row[Any] | None:
        """One picture with what its job knows of it."""
        query = select(pictures, *OF_JOB).join(jobs, jobs.c.id == pictures.c.job_id)
        with self.database.read() as connection:
            return connection.execute(query.where(pictures.c.id == picture_id)).first()

    def by_content(self, key_id: str, sha256: str) -> str | None:
        """The id of a key's own picture with these bytes."""
        query = select(pictures.c.id).where(pictures.c.key_id == key_id, pictures.c.sha256 == sha256).limit(1)
        with self.database.read() as connection:
            return connection.execute(query).scalar()

    def folders(self, key_id: str) -> list[tuple[str, int]]:
        """A key's folders by name, with the number of pictures in each: a folder is where some are."""
        p = pictures.c
        query = select(p.folder, func.count()).where(p.key_id == key_id, p.folder.is_not(None))
        with self.database.read() as connection:
            found = [(row[0], row[1]) for row in connection.execute(query.group_by(p.folder))]
        return sorted(found, key=lambda pair: search_words(pair[0]))

    def change(self, key_id: str, ids: Sequence[str], **values: Any) -> int:
        """Sets `favourite` or `folder` of a key's own pictures; how many there were."""
        mine = (pictures.c.key_id == key_id) & pictures.c.id.in_(list(ids))
        with self.database.begin() as connection:
            return connection.execute(update(pictures).where(mine).values(**values)).rowcount

    def keep_thumbnail(self, picture_id: str, content: bytes) -> None:
        """Keeps a thumbnail for the next who asks; of two at the same moment the first stays. Raises StorageFull."""
        name = self.blobs.put(content)
        this = (pictures.c.id == picture_id) & pictures.c.thumbnail.is_(None)
        with self.database.begin() as connection:
            kept = connection.execute(update(pictures).where(this).values(thumbnail=name)).rowcount == 1
        if not kept:
            self.blobs.delete(name)

    def delete(self, where: Any, *, actor: str, action: str = "deleted") -> int:
        """Deletes the pictures that fit: rows and audit first, then the bytes; and the words of jobs that have none
        left. So many at a time, each in a transaction of its own. Returns how many went."""
        total = 0
        while gone := self._delete_some(where, actor=actor, action=action):
            total += gone
        return total

    def _delete_some(self, where: Any, *, actor: str, action: str) -> int:
        some = select(pictures.c.id).where(where).order_by(pictures.c.id).limit(DELETED_AT_ONCE)
        with self.database.begin() as connection:
            # Of two that delete at the same moment only one gets each row back.
            removal = delete(pictures).where(pictures.c.id.in_(some)).returning(*pictures.c)
            gone = list(connection.execute(removal))
            if not gone:
                return 0
            touched = {p.job_id for p in gone}
            rest = set(connection.execute(select(pictures.c.job_id).where(pictures.c.job_id.in_(touched))).scalars())
            connection.execute(update(jobs).where(jobs.c.id.in_(touched - rest)).values(payload={}))
            for picture in gone:
                detail = {"sha256": picture.sha256}
                audit.append(self.database, connection, actor=actor, action=action, subject=picture.id, detail=detail)
        for picture in gone:
            for name in (picture.blob, picture.thumbnail):
                if name is not None:
                    self.blobs.delete(name)
        return len(gone)

    def forget_user(self, key_id: str, end_user: str) -> int:
        """Deletes all pictures of one end user (the SHA-256 of the `user` a key named)."""
        mine = (pictures.c.key_id == key_id) & (pictures.c.end_user == end_user)
        return self.delete(mine, actor=key_id)

    def expire(self) -> int:
        """Deletes what has stayed as long as it should."""
        over = pictures.c.expires_at.is_not(None) & (pictures.c.expires_at < time.time())
        return self.delete(over, actor="service", action="expired")

    def sweep(self) -> int:
        """Deletes blobs that nothing names: left by a crash between the bytes and the row. What is younger than a job
        that runs may be its own: the first of its pictures are there long before its row says so."""
        with self.database.read() as connection:
            oldest = select(func.min(jobs.c.created_at)).where(jobs.c.status == "running")
            since = connection.execute(oldest).scalar()
        names = self.blobs.names(older_than=max(ORPHAN_SECONDS, 0.0 if since is None else time.time() - since))
        with self.database.read() as connection:
            known = set(connection.execute(select(pictures.c.blob)).scalars())
            known |= set(connection.execute(select(pictures.c.thumbnail)).scalars())
            known |= set(connection.execute(select(files.c.blob)).scalars())
            active = select(jobs.c.payload).where(jobs.c.status.in_(("queued", "running")))
            for payload in connection.execute(active).scalars():
                known |= set(payload.get("blobs", ()))
        orphans = [name for name in names if name not in known]
        for name in orphans:
            self.blobs.delete(name)
        return len(orphans)
