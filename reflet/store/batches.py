"""Files and batches: many requests in one upload, answered in one file, in whatever order the device likes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from reflet.store.blobs import Blobs
from reflet.store.database import Database, new_id
from reflet.store.jobs import JobStore, NewJob
from reflet.store.tables import batches, files, jobs

OPEN = ("in_progress", "cancelling")


class BatchStore:
    def __init__(self, database: Database, blobs: Blobs, job_store: JobStore) -> None:
        self.database, self.blobs, self.jobs = database, blobs, job_store

    # ----------------------------------------------------------------------------------------------------------- files
    def add_file(self, content: bytes, *, key_id: str, filename: str, purpose: str) -> Row[Any]:
        """Keeps a file. Raises StorageFull."""
        blob, name = self.blobs.put(content), new_id("file")
        row = {"id": name, "key_id": key_id, "purpose": purpose, "filename": filename[:255], "blob": blob}
        with self.database.begin() as connection:
            connection.execute(insert(files).values(**row, num_bytes=len(content), created_at=time.time()))
            return connection.execute(select(files).where(files.c.id == name)).one()

    def file(self, file_id: str, *, key_id: str) -> Row[Any] | None:
        """A key's own file."""
        mine = (files.c.id == file_id) & (files.c.key_id == key_id)
        with self.database.read() as connection:
            return connection.execute(select(files).where(mine)).first()

    def list_files(self, key_id: str, *, limit: int = 1000) -> list[Row[Any]]:
        query = select(files).where(files.c.key_id == key_id).order_by(files.c.created_at.desc()).limit(limit)
        with self.database.read() as connection:
            return list(connection.execute(query))

    def delete_file(self, row: Row[Any]) -> None:
        with self.database.begin() as connection:
            connection.execute(delete(files).where(files.c.id == row.id))
        self.blobs.delete(row.blob)

    # --------------------------------------------------------------------------------------------------------- batches
    def create(
        self,
        new: list[NewJob],
        *,
        key_id: str,
        endpoint: str,
        input_file_id: str,
        errors: list[dict[str, Any]],
        note: dict[str, str] | None,
        pixel_steps: float | None = None,
    ) -> Row[Any]:
        """The batch and all its jobs in one transaction; `new` carry their custom ids. With `errors` the batch has
        failed from the start and no job is made. Raises Refused when the jobs are more than the key's `pixel_steps` a
        day allow."""
        name, now = new_id("batch"), time.time()
        row = {"id": name, "key_id": key_id, "endpoint": endpoint, "input_file_id": input_file_id, "note": note}
        row |= {"status": "failed" if errors else "in_progress", "errors": errors or None, "num_lines": len(new)}
        with self.database.begin() as connection:
            connection.execute(insert(batches).values(**row, created_at=now, finished_at=now if errors else None))
            if not errors:
                jobs_of_it = [replace(job, batch_id=name) for job in new]
                self.jobs.accept_many(connection, jobs_of_it, pixel_steps=pixel_steps)
            return connection.execute(select(batches).where(batches.c.id == name)).one()

    def get(self, batch_id: str, *, key_id: str) -> Row[Any] | None:
        mine = (batches.c.id == batch_id) & (batches.c.key_id == key_id)
        with self.database.read() as connection:
            return connection.execute(select(batches).where(mine)).first()

    def list(self, key_id: str, *, limit: int, after: str | None = None) -> list[Row[Any]]:
        """A key's batches, newest first, from the one after `after` on."""
        query = select(batches).where(batches.c.key_id == key_id)
        with self.database.read() as connection:
            if after is not None:
                at = connection.execute(select(batches.c.created_at).where(batches.c.id == after)).scalar()
                query = query.where(batches.c.created_at < at) if at is not None else query
            return list(connection.execute(query.order_by(batches.c.created_at.desc()).limit(limit)))

    def counts(self, batch_id: str) -> dict[str, int]:
        """Its jobs by status."""
        query = select(jobs.c.status, func.count()).where(jobs.c.batch_id == batch_id).group_by(jobs.c.status)
        with self.database.read() as connection:
            return {status: number for status, number in connection.execute(query)}

    def cancel(self, row: Row[Any]) -> list[str]:
        """No job that has not begun is begun any more; ids of those that run and are to be stopped."""
        mine = jobs.c.batch_id == row.id
        end = {"status": "cancelled", "finished_at": time.time(), "payload": {}}
        with self.database.begin() as connection:
            connection.execute(update(jobs).where(mine, jobs.c.status == "queued").values(**end))
            connection.execute(update(jobs).where(mine, jobs.c.status == "running").values(cancel_wanted=True))
            running = list(connection.execute(select(jobs.c.id).where(mine, jobs.c.status == "running")).scalars())
            connection.execute(
                update(batches)
                .where(batches.c.id == row.id, batches.c.status == "in_progress")
                .values(status="cancelling")
            )
        return running

    def settle(self, row: Row[Any], *, tell: Callable[[Row[Any]], dict[str, Any]]) -> Row[Any]:
        """When all its jobs have ended: writes the output file (`tell` makes a job's line) and ends the batch, once."""
        if row.status not in OPEN:
            return row
        counts = self.counts(row.id)
        if counts.get("queued", 0) + counts.get("running", 0):
            return row
        query = select(jobs).where(jobs.c.batch_id == row.id).order_by(jobs.c.created_at, jobs.c.custom_id)
        with self.database.read() as connection:
            every = list(connection.execute(query))
        good = [json.dumps(tell(job)) for job in every if job.status == "done"]
        bad = [json.dumps(tell(job)) for job in every if job.status != "done"]
        values: dict[str, Any] = {"status": "cancelled" if row.status == "cancelling" else "completed"}
        written: list[Row[Any]] = []
        for column, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                content = ("\n".join(lines) + "\n").encode()
                made = self.add_file(
                    content, key_id=row.key_id, filename=f"{row.id}_{column[:-8]}.jsonl", purpose="batch_output"
                )
                values[column] = made.id
                written.append(made)
        with self.database.begin() as connection:
            this = (batches.c.id == row.id) & batches.c.status.in_(OPEN)
            ended = update(batches).where(this).values(**values, finished_at=time.time())
            first = connection.execute(ended).rowcount == 1
            settled = connection.execute(select(batches).where(batches.c.id == row.id)).one()
        for file in () if first else written:  # somebody else asked at the same moment and was quicker
            self.delete_file(file)
        return settled
