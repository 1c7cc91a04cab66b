"""One database for everything that must not be lost: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import errno
import getpass
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, insert, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError

from reflet.runtime.errors import UserError
from reflet.store.flush import Flush
from reflet.store.tables import settings

BUSY_MILLISECONDS = 15_000
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StorageFull(Exception):
    """There is no room for what should be written. Nothing of it was; the service goes on and answers 507."""


class Database:
    """`begin()` gives a connection in a transaction that commits as a whole or not at all.

    SQLite runs in WAL. After a commit, when the next writer has its turn already, the log is synced, by one sync for
    all who wait at that moment: so what was committed survives the loss of power. Every transaction takes the write
    lock at once: two writers wait for each other instead of failing halfway.
    """

    def __init__(self, url: str) -> None:
        if url.startswith(("postgresql://", "postgres://")):
            url = "postgresql+pg8000://" + url.partition("://")[2]
        try:
            self.engine = _create(url)
        except (ArgumentError, NoSuchModuleError) as error:
            raise UserError(
                "the database URL is not understood: use sqlite:///PATH or postgresql://HOST/NAME"
            ) from error
        except ModuleNotFoundError as error:
            raise UserError("PostgreSQL needs an extra: pip install 'reflet[postgres]'") from error
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # Threads of one process take turns here, without SQLite's sleeps between two tries.
        self._turn = threading.Lock() if self.is_sqlite else nullcontext()
        path = self.engine.url.database
        self._flush = Flush(Path(f"{path}-wal")) if self.is_sqlite and path else None

    @classmethod
    def in_folder(cls, folder: Path) -> Database:
        """A SQLite file in `folder`, which is made when missing, readable by its owner alone."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(f"sqlite:///{folder / 'reflet.sqlite3'}")

    def upgrade(self) -> None:
        """Brings the schema to the newest version. Raises UserError when the database cannot be reached."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.engine.connect() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
        except DBAPIError as error:
            if _is_full(error):
                raise UserError("the disk is full: free some space, then start again") from error
            raise UserError(f"the database cannot be used ({error.orig}): check its URL and that it runs") from error

    @contextmanager
    def begin(self, *, lasting: bool = True) -> Iterator[Connection]:
        """A transaction. One that is not `lasting` does not wait for the disk: a loss of power may undo it as a whole,
        as long as no `sync` and no lasting one has followed; a crash of the process does not. Raises StorageFull where
        the disk, and nothing else, is the reason that it failed, and OSError when it cannot be synced."""
        try:
            with self._turn, self.engine.connect() as connection, connection.begin():
                if not (lasting or self.is_sqlite):
                    connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
                yield connection
        except DBAPIError as error:
            if _is_full(error):
                raise StorageFull("the database has no room left") from error
            raise
        if lasting and self._flush is not None:
            self._flush()

    def sync(self) -> None:
        """Returns once all transactions that have ended are on disk. Raises OSError when the disk fails."""
        if self._flush is not None:
            self._flush()
        elif not self.is_sqlite:
            with self.begin() as connection:
                connection.execute(text("SELECT pg_current_xact_id()"))  # a commit with a number is one that waits

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that only reads: it waits for no writer."""
        with self.engine.connect() as connection:
            yield connection.execution_options(reading=True)

    def now_and_lock_audit(self, connection: Connection) -> float:
        """The time, once this transaction is the only one that may append to the audit trail."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7235101)"))
        return time.time()

    def take_turns(self, connection: Connection, name: str) -> None:
        """Until this transaction ends no other one that names the same goes on from here. On SQLite all take turns."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7235102, hashtext(:name))"), {"name": name})

    def shared(self, name: str) -> str:
        """A secret that all processes on this database share, made at first use: 32 random bytes in hexadecimal."""
        with self.begin() as connection:
            found = connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar()
        if found is not None:
            return str(found)
        try:
            with self.begin() as connection:
                connection.execute(insert(settings).values(name=name, value=secrets.token_hex(32)))
        except IntegrityError:
            pass  # another process was quicker
        return self.shared(name)

    def alive(self) -> bool:
        """Whether it answers."""
        try:
            with self.read() as connection:
                connection.execute(select(1))
        except DBAPIError:
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()


def new_id(kind: str) -> str:
    """`job_` and 24 random hexadecimal digits, say."""
    return f"{kind}_{secrets.token_hex(12)}"


def _create(url: str) -> Engine:
    if not url.startswith("sqlite"):
        address = make_url(url)
        if address.username is None:
            address = address.set(username=getpass.getuser())
        return create_engine(address, pool_size=8, max_overflow=8, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        logs = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal"
        pace = "NORMAL" if logs else "FULL"  # a file system without shared memory has no log that we could sync
        for pragma in (f"synchronous={pace}", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _is_full(error: DBAPIError) -> bool:
    said = str(error.orig).lower()
    full = "disk is full" in said or "no space left" in said or "disk i/o error" in said or "53100" in said
    return isinstance(error, OperationalError | DBAPIError) and full


def as_full(error: OSError) -> Exception:
    """A full disk as StorageFull, any other error as itself."""
    return StorageFull(os.strerror(error.errno)) if error.errno in FULL else error
