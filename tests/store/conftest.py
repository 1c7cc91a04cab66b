"""Databases to test with: SQLite in a folder; PostgreSQL, its own server on a socket in a folder, where it is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reflet.store.database import Database
from tests.store.postgres import Postgres, find_binaries


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if find_binaries() is None:
        pytest.skip("PostgreSQL's server binaries are not here: apt-get install postgresql")
    with Postgres.start() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database.in_folder(tmp_path / "db")
    else:
        made = Database(request.getfixturevalue("postgres").new_database())
    made.upgrade()
    yield made
    made.close()
