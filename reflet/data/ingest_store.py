"""What was taken from where: the memory of an ingested set, in one SQLite file beside its shards.

The order of writing makes it safe to be killed at any moment: a shard appears whole under its name, then one
transaction remembers it. A shard that no transaction knows can only be the next one; it is removed, and made again the
same.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import reflet
from reflet.data.shards import read_shard
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

Status = Literal["taken", "double", "quarantined", "refused"]
MEMORY, LEFT_OUT, LOCK = "ingest.sqlite", "left_out.csv", ".lock"

_TABLES = """
CREATE TABLE IF NOT EXISTS seen (
  source TEXT NOT NULL, name TEXT NOT NULL, fingerprint TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
  sha256 TEXT NOT NULL, key TEXT NOT NULL, license TEXT NOT NULL, PRIMARY KEY (source, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_sha256 ON seen (sha256) WHERE status = 'taken';
CREATE INDEX IF NOT EXISTS seen_status ON seen (status);
CREATE TABLE IF NOT EXISTS shards (number INTEGER PRIMARY KEY, records INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one item. `sha256` is of the file as it came; `fingerprint` as to be compared next time."""

    name: str
    fingerprint: str
    status: Status
    reason: str = ""
    sha256: str = ""
    key: str = ""
    license: str = ""


@dataclass(frozen=True)
class Known:
    """A record that the set holds, and the item it came from."""

    source: str
    name: str
    key: str
    license: str


def shard_name(number: int) -> str:
    """The file name of the set's shard with this number."""
    return f"shard-{number:06d}.tar"


class IngestStore:
    """Open it with `open_store`, which holds the set's lock."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder, self._sql = folder, connection

    def next_number(self) -> int:
        """The number of the next shard."""
        return int(self._sql.execute("SELECT COALESCE(MAX(number) + 1, 0) FROM shards").fetchone()[0])

    def is_known(self, source: str, name: str, fingerprint: str, strict: str) -> bool:
        """Whether nothing is to be done about an item: what was taken is looked at by its own `fingerprint`; what was
        not, by `strict`, which holds the settings as well, so that a licence stated later lets it in."""
        row = self._sql.execute(
            "SELECT status, fingerprint FROM seen WHERE source = ? AND name = ?", (source, name)
        ).fetchone()
        return row is not None and row[1] == (fingerprint if row[0] in ("taken", "double") else strict)

    def taken(self, sha256: str) -> Known | None:
        """The record that was made of a file with these bytes."""
        query = "SELECT source, name, key, license FROM seen WHERE sha256 = ? AND status = 'taken' LIMIT 1"
        row = self._sql.execute(query, (sha256,)).fetchone()
        return Known(*row) if row else None

    def commit(self, source: str, outcomes: Sequence[Outcome], *, number: int | None, records: int = 0) -> None:
        """Remembers a slice of a source, and the shard that came of it, together. Raises UserError on a full disk."""
        rows = [(source, o.name, o.fingerprint, o.status, o.reason, o.sha256, o.key, o.license) for o in outcomes]
        try:
            with self._sql:
                self._sql.execute("BEGIN IMMEDIATE")
                # A file that has changed is a new record; what was made of it before stays known by its hash.
                self._sql.executemany(
                    "UPDATE OR REPLACE seen SET name = name || ' (before ' || substr(?, 1, 8) || ')' "
                    "WHERE source = ? AND name = ? AND status = 'taken' AND sha256 != ?",
                    [(o.sha256, source, o.name, o.sha256) for o in outcomes],
                )
                self._sql.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
                if number is not None:
                    self._sql.execute("INSERT INTO shards VALUES (?, ?)", (number, records))
        except sqlite3.OperationalError as error:
            raise UserError(
                f"{self.folder / MEMORY} cannot be written ({error}): free some space and run again"
            ) from error

    def counts(self) -> dict[str, int]:
        """How many items are in each state."""
        return dict(self._sql.execute("SELECT status, COUNT(*) FROM seen GROUP BY status").fetchall())

    def write_left_out(self) -> Path:
        """`left_out.csv`: everything that is not in the set, by name, with the reason."""
        path = self.folder / LEFT_OUT
        query = "SELECT source, name, status, reason, sha256 FROM seen WHERE reason != '' ORDER BY status, source, name"
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            with open(temporary, "w", newline="", encoding="utf-8", errors="backslashreplace") as handle:
                table = csv.writer(handle)
                table.writerow(["source", "name", "status", "reason", "sha256"])
                table.writerows([harmless_cell(c) for c in row] for row in self._sql.execute(query))
            temporary.replace(path)
        except OSError as error:
            raise UserError(f"{path} cannot be written ({error.strerror}): free some space and run again") from error
        return path


def harmless_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""
    text = "".join(c if c.isprintable() else " " for c in text)
    return "'" + text if text.lstrip()[:1] in ("=", "+", "-", "@") else text


@contextlib.contextmanager
def open_store(folder: Path) -> Iterator[IngestStore]:
    """The memory of the set in `folder`, made if it is new, with what an interrupted run left behind tidied up.

    Raises UserError when another process works on the set, or when the folder holds a set of another kind.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made ({error.strerror}): choose another --out") from error
    with open(folder / LOCK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(f"another command works on {folder}: wait until it is done") from error
        _claim(folder)
        existed = (folder / MEMORY).exists()
        connection = sqlite3.connect(folder / MEMORY, isolation_level=None)
        try:
            connection.executescript(_TABLES)
            store = IngestStore(folder, connection)
            for stale in (*folder.glob(".unit-*"), *folder.glob("..unit-*")):
                stale.unlink()
            if not existed:
                _adopt(store)
            (folder / shard_name(store.next_number())).unlink(missing_ok=True)
            yield store
        except sqlite3.OperationalError as error:
            raise UserError(f"{folder / MEMORY} cannot be used ({error}): free some space and run again") from error
        except sqlite3.DatabaseError as error:
            raise UserError(
                f"{folder / MEMORY} is damaged ({error}): delete it, and the next run reads the shards again"
            ) from error
        finally:
            connection.close()


def _claim(folder: Path) -> None:
    """Writes set.json; another kind of set is left alone."""
    path = folder / "set.json"
    if path.exists():
        if json.loads(path.read_text(encoding="utf-8")).get("kind") != "ingested":
            raise UserError(f"{folder} holds a set that was not ingested: choose another --out")
        return
    text = json.dumps({"kind": "ingested", "reflet": reflet.__version__}, indent=1)
    write_atomically(path, lambda f: f.write(text.encode()))


def _adopt(store: IngestStore) -> None:
    """Shards without a memory of them: their records are known by the hashes that they carry."""
    for path in sorted(store.folder.glob("shard-*.tar")):
        outcomes = [
            Outcome(r.key, "adopted", "taken", sha256=r.meta.get("ingest", {}).get("sha256", r.sha256), key=r.key,
                    license=r.license)
            for r in read_shard(path, annotations=False)
        ]  # fmt: skip
        number = int(path.stem.rpartition("-")[2])
        store.commit("shards", outcomes, number=number, records=len(outcomes))
