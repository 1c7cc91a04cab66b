"""Pictures: their rows and bytes, how long they stay, and how they go."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Row, delete, select, update

from reflet.store import audit
from reflet.store.blobs import Blobs
from reflet.store.database import Database
from reflet.store.tables import files, jobs, pictures

ORPHAN_SECONDS = 3600.0  # a blob that no row names after an hour belongs to a transaction that never was


class PictureStore:
    def __init__(self, database: Database, blobs: Blobs) -> None:
        self.database, self.blobs = database, blobs

    def of_job(self, job_id: str) -> list[Row[Any]]:
        """A job's pictures in order."""
        query = select(pictures).where(pictures.c.job_id == job_id).order_by(pictures.c.number)
        with self.database.read() as connection:
            return list(connection.execute(query))

    def get(self, picture_id: str) -> Row[Any] | None:
        with self.database.read() as connection:
            return connection.execute(select(pictures).where(pictures.c.id == picture_id)).first()

    def list(self, key_id: str, *, limit: int, before: float | None = None) -> list[Row[Any]]:
        """A key's pictures, newest first, those made before a time."""
        query = select(pictures).where(pictures.c.key_id == key_id)
        if before is not None:
            query = query.where(pictures.c.created_at < before)
        with self.database.read() as connection:
            return list(connection.execute(query.order_by(pictures.c.created_at.desc()).limit(limit)))

    def delete(self, where: Any, *, actor: str, action: str = "deleted") -> int:
        """Deletes the pictures that fit: rows and audit first, then the bytes; and the words of jobs that have none
        left. Returns how many went."""
        with self.database.begin() as connection:
            gone = list(connection.execute(select(pictures).where(where)))
            if not gone:
                return 0
            connection.execute(delete(pictures).where(pictures.c.id.in_([p.id for p in gone])))
            touched = {p.job_id for p in gone}
            rest = set(connection.execute(select(pictures.c.job_id).where(pictures.c.job_id.in_(touched))).scalars())
            connection.execute(update(jobs).where(jobs.c.id.in_(touched - rest)).values(payload={}))
            for picture in gone:
                detail = {"sha256": picture.sha256}
                audit.append(self.database, connection, actor=actor, action=action, subject=picture.id, detail=detail)
        for picture in gone:
            self.blobs.delete(picture.blob)
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
        """Deletes blobs that nothing names: left by a crash between the bytes and the row."""
        names = self.blobs.names(older_than=ORPHAN_SECONDS)
        with self.database.read() as connection:
            known = set(connection.execute(select(pictures.c.blob)).scalars())
            known |= set(connection.execute(select(files.c.blob)).scalars())
            active = select(jobs.c.payload).where(jobs.c.status.in_(("queued", "running")))
            for payload in connection.execute(active).scalars():
                known |= set(payload.get("blobs", ()))
        orphans = [name for name in names if name not in known]
        for name in orphans:
            self.blobs.delete(name)
        return len(orphans)
