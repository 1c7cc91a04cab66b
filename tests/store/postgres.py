"""A PostgreSQL server of one's own for a test or a bench: in a folder, on a port of loopback, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy


def find_binaries() -> Path | None:
    """The folder of initdb and postgres: Debian keeps it off the PATH."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None)


class Postgres:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql://reflet@127.0.0.1:{self.port}"
        self._numbers = itertools.count()

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[Postgres]:
        """PostgreSQL refuses to run as root: there it runs as `postgres` (or `nobody`), in a folder of its own."""
        with tempfile.TemporaryDirectory(prefix="pg") as folder, cls._run_in(Path(folder)) as server:
            yield server

    @classmethod
    @contextmanager
    def _run_in(cls, folder: Path) -> Iterator[Postgres]:
        binaries = find_binaries()
        assert binaries is not None
        server, data = cls(folder), folder / "data"
        user, prepare = None, {}
        if os.geteuid() == 0:
            names = {p.pw_name for p in pwd.getpwall()}
            user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(folder, user)
            prepare = {"user": user}
        environment = {**os.environ, "LC_ALL": "C", "HOME": str(folder)}
        initdb = [binaries / "initdb", "-D", data, "-U", "reflet", "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run(initdb, check=True, capture_output=True, env=environment, **prepare)
        options = ["-D", data, "-p", str(server.port), "-h", "127.0.0.1", "-k", folder, "-c", "max_connections=60"]
        options += ["-c", "fsync=off", "-c", "full_page_writes=off"]  # the folder does not outlive the tests
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(
                [binaries / "postgres", *options], stdout=log, stderr=log, env=environment, **prepare
            )
        try:
            server.wait()
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # "immediate": what would it write down, for whom?
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    break
            except OSError:
                time.sleep(0.05)
        self._run("SELECT 1")

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return f"{self.url}/{name}"

    def _run(self, statement: str) -> None:
        url = f"{self.url}/postgres".replace("postgresql://", "postgresql+pg8000://")
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
        for attempt in range(40):
            try:
                with engine.connect() as connection:
                    connection.exec_driver_sql(statement)
                return
            except sqlalchemy.exc.DBAPIError:
                if attempt == 39:
                    raise
                time.sleep(0.1)
