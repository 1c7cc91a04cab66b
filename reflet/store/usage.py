"""What was used: pictures, pixel-steps, seconds and joules, by day and key; from the ledger of charges."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Integer, cast, func, literal_column, select

from reflet.store.database import Database
from reflet.store.jobs import DAY
from reflet.store.tables import charges


@dataclass(frozen=True)
class Used:
    """One key's use on one day (`day`: its midnight UTC, seconds since 1970), by one way of knowing the energy."""

    day: int
    key_id: str
    jobs: int
    pictures: int
    pixel_steps: float
    seconds: float
    joules: float
    method: str | None


def used(database: Database, *, days: int, key_id: str | None = None) -> list[Used]:
    """The last `days` days, today included, oldest first; of one key or (None) of all."""
    number = charges.c.created_at / literal_column(f"{DAY}.0")  # no parameter: it must be the same in GROUP BY
    # SQLite's cast cuts off, PostgreSQL's rounds.
    day = cast(number if database.is_sqlite else func.floor(number), Integer)
    sums = [func.sum(c) for c in (charges.c.num_pictures, charges.c.pixel_steps, charges.c.seconds, charges.c.joules)]
    first = time.time() // DAY * DAY - (days - 1) * DAY
    query = select(day, charges.c.key_id, func.count(), *sums, charges.c.method).where(charges.c.created_at >= first)
    if key_id is not None:
        query = query.where(charges.c.key_id == key_id)
    query = query.group_by(day, charges.c.key_id, charges.c.method).order_by(day, charges.c.key_id)
    with database.read() as connection:
        return [
            Used(int(at) * DAY, key, jobs, int(made), float(steps), float(spent), float(joules or 0), method)
            for at, key, jobs, made, steps, spent, joules, method in map(tuple, connection.execute(query))
        ]
