"""Keys: who may ask for what. 32 random bytes, shown once; only their SHA-256 is kept, and looked up by it alone."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from reflet.runtime.errors import UserError
from reflet.store import audit
from reflet.store.database import Database, StorageFull, new_id
from reflet.store.tables import keys

PREFIX = "rfl_"
DEFAULT_SCOPES = ("images", "audio", "chat", "read", "moderations", "batches", "metrics")
SCOPES = (*DEFAULT_SCOPES, "admin")  # admin sees and changes what belongs to all: it is never given unasked
LIMITS = ("requests_per_minute", "concurrency", "pixel_steps_per_day", "weight")


@dataclass(frozen=True)
class Key:
    """A key that was found valid."""

    id: str
    name: str
    scopes: tuple[str, ...]
    limits: dict[str, float] = field(default_factory=dict)


class KeyStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def create(
        self,
        name: str,
        *,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        days: float | None = None,
        limits: dict[str, float] | None = None,
        actor: str = "operator",
    ) -> tuple[str, str]:
        """(id, the key itself: shown now and never again). Raises UserError for unknown scopes and limits."""
        _check(scopes, limits or {})
        secret, key_id, now = PREFIX + secrets.token_urlsafe(32), new_id("key"), time.time()
        row = {"id": key_id, "name": name[:200], "digest": digest(secret), "scopes": list(scopes)}
        row |= {"limits": limits or {}, "created_at": now, "expires_at": None if days is None else now + days * 86_400}
        with self.database.begin() as connection:
            connection.execute(insert(keys).values(**row))
            detail = {"name": row["name"], "scopes": row["scopes"]}
            audit.append(self.database, connection, actor=actor, action="key_created", subject=key_id, detail=detail)
        return key_id, secret

    def find(self, secret: str) -> Key | None:
        """The key, if it is known, not revoked and not expired. What is looked up is a digest of fixed length."""
        with self.database.read() as connection:
            row = connection.execute(select(keys).where(keys.c.digest == digest(secret))).first()
        if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at < time.time()):
            return None
        if row.last_used_at is None or row.last_used_at < time.time() - 60:
            # A full disk locks nobody out, and nobody waits for it.
            with suppress(StorageFull), self.database.begin(lasting=False) as connection:
                connection.execute(update(keys).where(keys.c.id == row.id).values(last_used_at=time.time()))
        return Key(row.id, row.name, tuple(row.scopes), dict(row.limits))

    def get(self, key_id: str) -> Row[Any] | None:
        with self.database.read() as connection:
            return connection.execute(select(keys).where(keys.c.id == key_id)).first()

    def change(self, key_id: str, *, actor: str, **values: Any) -> None:
        """Other `name`, `scopes` or `limits`. Raises UserError for unknown scopes and limits, and an unknown key."""
        _check(values.get("scopes", ()), values.get("limits", {}))
        with self.database.begin() as connection:
            if connection.execute(update(keys).where(keys.c.id == key_id).values(**values)).rowcount != 1:
                raise UserError(f"there is no key {key_id!r}: `reflet keys list` shows them")
            audit.append(
                self.database, connection, actor=actor, action="key_changed", subject=key_id, detail=dict(values)
            )

    def revoke(self, key_id: str, *, actor: str = "operator") -> None:
        """From now on the key is refused. Raises UserError for an unknown one."""
        with self.database.begin() as connection:
            found = update(keys).where(keys.c.id == key_id).values(revoked_at=time.time())
            if connection.execute(found).rowcount != 1:
                raise UserError(f"there is no key {key_id!r}: `reflet keys list` shows them")
            audit.append(self.database, connection, actor=actor, action="key_revoked", subject=key_id, detail={})

    def list(self) -> list[Row[Any]]:
        with self.database.read() as connection:
            return list(connection.execute(select(keys).order_by(keys.c.created_at)))

    def any_valid(self) -> bool:
        """Whether anybody could get in."""
        valid = keys.c.revoked_at.is_(None) & (keys.c.expires_at.is_(None) | (keys.c.expires_at > time.time()))
        with self.database.read() as connection:
            return bool(connection.execute(select(func.count()).select_from(keys).where(valid)).scalar())


def _check(scopes: Sequence[str], limits: dict[str, float]) -> None:
    for scope in scopes:
        if scope not in SCOPES:
            raise UserError(f"there is no scope {scope!r}: choose among {', '.join(SCOPES)}")
    for limit, value in limits.items():
        if limit not in LIMITS or value <= 0:
            raise UserError(f"{limit}={value} is no limit: choose a number above 0 for {', '.join(LIMITS)}")


def digest(secret: str) -> str:
    """SHA-256: the key is random, so no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
