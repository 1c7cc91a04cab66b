"""`reflet keys`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import tyro

from reflet.runtime.errors import UserError
from reflet.runtime.home import home
from reflet.serve.service import open_database
from reflet.serve.settings import ServeSettings
from reflet.store import audit
from reflet.store.keys import DEFAULT_SCOPES, KeyStore


def keys(
    action: Annotated[Literal["create", "list", "revoke", "audit"], tyro.conf.Positional],
    name: Annotated[str, tyro.conf.Positional] = "",
    *,
    scopes: tuple[str, ...] = DEFAULT_SCOPES,
    days: float | None = None,
    limit: tuple[str, ...] = (),
    data: Path | None = None,
    database_url: str | None = None,
) -> None:
    """Make, list and revoke the keys of a service, or check its audit trail.

    A key is shown once, when it is made; the service keeps only its hash.

    Args:
        action: create NAME, list, revoke ID, or audit (checks that no row of the trail was changed).
        name: A name for the new key, or the id of the one to revoke.
        scopes: What it may do: images, audio, chat, read, moderations, batches, metrics; admin only when it is named.
        days: The key expires after so many days (default: never).
        limit: WHAT=NUMBER: requests_per_minute, concurrency, pixel_steps_per_day or weight, for this key alone.
        data: The service's data folder (default: $REFLET_HOME/serve).
        database_url: The service's database, when it is not in the data folder.
    """
    database = open_database(ServeSettings(data=data or home() / "serve", database_url=database_url))
    store = KeyStore(database)
    try:
        if action == "create":
            _create(store, name, scopes=scopes, days=days, limit=limit)
        elif action == "revoke":
            store.revoke(name)
            sys.stdout.write(f"{name} is revoked\n")
        elif action == "audit":
            _audit(database)
        else:
            for row in store.list():
                ended = row.revoked_at is not None or (row.expires_at or time.time()) < time.time()
                state = "ended" if ended else "valid"
                sys.stdout.write(f"{row.id}  {state}  {','.join(row.scopes)}  {row.name}\n")
    finally:
        database.close()


def _create(store: KeyStore, name: str, *, scopes: tuple[str, ...], days: float | None, limit: tuple[str, ...]) -> None:
    if not name.strip():
        raise UserError("a key needs a name: reflet keys create NAME")
    limits: dict[str, float] = {}
    for pair in limit:
        what, _, number = pair.partition("=")
        try:
            limits[what] = float(number)
        except ValueError as error:
            raise UserError(f"--limit {pair} is not understood: write WHAT=NUMBER") from error
    key_id, secret = store.create(name, scopes=scopes, days=days, limits=limits)
    sys.stdout.write(f"{key_id}\n{secret}\n")
    sys.stderr.write("This is the only time that the key is shown: keep it now.\n")


def _audit(database: object) -> None:
    rows, broken = audit.verify(database)  # type: ignore[arg-type]
    if broken is not None:
        raise UserError(f"row {broken} of the audit trail does not fit the one before it: the trail was changed")
    count, newest = audit.head(database)  # type: ignore[arg-type]
    sys.stdout.write(f"{rows} rows, none changed; the newest hash is {newest} (row {count})\n")
