"""The queue as its owners see it: which jobs there are, how far ahead of them others stand, and what is held."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from reflet.store import audit
from reflet.store.database import Database
from reflet.store.jobs import ACTIVE, EVERYBODY, INTERACTIVE
from reflet.store.tables import holds, jobs


class QueueStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def list(
        self, *, key_id: str | None, statuses: Sequence[str], limit: int, before: float | None = None
    ) -> list[Row[Any]]:
        """Interactive jobs in these states, of one key or (None) of all, newest first."""
        query = select(jobs).where(jobs.c.status.in_(list(statuses)), jobs.c.priority == INTERACTIVE)
        if key_id is not None:
            query = query.where(jobs.c.key_id == key_id)
        if before is not None:
            query = query.where(jobs.c.created_at < before)
        with self.database.read() as connection:
            return list(connection.execute(query.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)))

    def positions(self) -> dict[str, int]:
        """For each queued interactive job: how many are taken before it, from 1; the keys take turns (JobStore.claim),
        so a key's second job stands behind every other key's first."""
        turn = func.row_number().over(partition_by=jobs.c.key_id, order_by=jobs.c.created_at)
        wish = (
            select(jobs.c.id, jobs.c.created_at, turn.label("turn"))
            .where(jobs.c.status == "queued", jobs.c.priority == INTERACTIVE)
            .subquery()
        )
        query = select(wish.c.id).order_by(wish.c.turn, wish.c.created_at)
        with self.database.read() as connection:
            return {name: k + 1 for k, name in enumerate(connection.execute(query).scalars())}

    def counts(self, key_id: str | None = None) -> dict[str, int]:
        """Active jobs by status, of one key or (None) of all."""
        query = select(jobs.c.status, func.count()).where(jobs.c.status.in_(ACTIVE)).group_by(jobs.c.status)
        if key_id is not None:
            query = query.where(jobs.c.key_id == key_id)
        with self.database.read() as connection:
            found = {status: number for status, number in connection.execute(query)}
        return {status: found.get(status, 0) for status in ACTIVE}

    def held(self, key_id: str) -> bool:
        """Whether this key's queued jobs (EVERYBODY: all queued jobs) wait until they are let go."""
        with self.database.read() as connection:
            return connection.execute(select(holds.c.since).where(holds.c.key_id == key_id)).first() is not None

    def stands_still(self, key_id: str) -> bool:
        """Whether a queued job of this key is held back, alone or with everybody's."""
        return self.held(key_id) or self.held(EVERYBODY)

    def hold(self, key_id: str, *, actor: str) -> None:
        """From now on no queued job of this key (EVERYBODY: no queued job) is begun; running ones end."""
        try:
            with self.database.begin() as connection:
                connection.execute(insert(holds).values(key_id=key_id, since=time.time()))
                audit.append(self.database, connection, actor=actor, action="queue_paused", subject=key_id, detail={})
        except IntegrityError:
            pass  # it was held already

    def let_go(self, key_id: str, *, actor: str) -> None:
        """The queue goes on."""
        with self.database.begin() as connection:
            if connection.execute(delete(holds).where(holds.c.key_id == key_id)).rowcount:
                audit.append(self.database, connection, actor=actor, action="queue_resumed", subject=key_id, detail={})
