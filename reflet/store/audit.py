"""The audit trail: rows are only added, and each carries the hash of the one before, so that a change shows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from reflet.store.database import Database
from reflet.store.tables import audit

FIRST = "0" * 64


def append(
    database: Database, connection: Connection, *, actor: str, action: str, subject: str, detail: dict[str, Any]
) -> None:
    """Adds a row in the caller's transaction: it is there if and only if what it tells of is."""
    at = database.now_and_lock_audit(connection)
    newest = select(audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    previous = connection.execute(newest).scalar() or FIRST
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail, "previous": previous}
    connection.execute(insert(audit), {**row, "hash": _hash(row)})


def verify(database: Database) -> tuple[int, int | None]:
    """(number of rows, the first row that does not fit its hash or its predecessor; None when all do)."""
    previous, count = FIRST, 0
    with database.read() as connection:
        for row in connection.execute(select(audit).order_by(audit.c.number)).mappings():
            told = {name: row[name] for name in ("at", "actor", "action", "subject", "detail", "previous")}
            if row["previous"] != previous or row["hash"] != _hash(told):
                return count, row["number"]
            previous, count = row["hash"], count + 1
    return count, None


def entries(
    database: Database, *, limit: int, before: int | None = None, action: str | None = None, since: float | None = None
) -> list[Row[Any]]:
    """Rows of the trail, newest first: those before a row's number, of one kind of action, since a time."""
    query = select(audit).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.number < before)
    if action is not None:
        query = query.where(audit.c.action == action)
    if since is not None:
        query = query.where(audit.c.at >= since)
    with database.read() as connection:
        return list(connection.execute(query))


def head(database: Database) -> tuple[int, str]:
    """(rows, newest hash): kept elsewhere, it also proves that no rows were cut off at the end."""
    with database.read() as connection:
        count = connection.execute(select(func.count()).select_from(audit)).scalar() or 0
        newest = connection.execute(select(audit.c.hash).order_by(audit.c.number.desc()).limit(1)).scalar()
    return count, newest or FIRST


def _hash(row: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
