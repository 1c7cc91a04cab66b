"""The measures of a whole set: one Parquet file a shard, in `measures/`, made once and again when a shard changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reflet.data.engine import Engine
from reflet.data.measures import VERSION, Measured, measure
from reflet.data.shards import list_shards, read_shard
from reflet.runtime.errors import UserError

FOLDER = "measures"
_KINDS = {"str": pa.string(), "int": pa.int64(), "float": pa.float32(), "bytes": pa.binary()}
SCHEMA = pa.schema([
    pa.field(f.name, pa.uint64() if f.name.endswith("hash") else _KINDS[str(f.type)]) for f in fields(Measured)
])  # fmt: skip


def measures_path(folder: Path, shard: Path) -> Path:
    """Where the measures of a set's shard are kept."""
    return folder / FOLDER / shard.relative_to(folder).with_suffix(".parquet")


def measure_set(folder: Path, *, engine: Engine, report: Callable[[int, int], None] | None = None) -> list[Path]:
    """Measures what is not measured yet, and returns the shards in order. `report(shards done, of)` follows it.

    Raises UserError for a folder without shards, a shard that is no readable archive, and a full disk.
    """
    shards = list_shards(folder)
    missing = [s for s in shards if not _is_current(folder, s)]
    done = len(shards) - len(missing)
    for _ in engine.map(measure_shard, ((folder, s) for s in missing)):
        done += 1
        if report:
            report(done, len(shards))
    return shards


def measure_shard(task: tuple[Path, Path]) -> int:
    """A worker's part: (set, shard) -> the number of records measured and written."""
    folder, shard = task
    before = _version(shard)
    rows = [asdict(measure(record)) for record in read_shard(shard, annotations=False)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA).replace_schema_metadata({"shard": before})
    path = measures_path(folder, shard)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        pq.write_table(table, temporary, compression="zstd")
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror or error}): free some space and run again"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return len(rows)


def read_measures(folder: Path, shards: list[Path], columns: list[str]) -> Iterator[tuple[Path, pa.Table]]:
    """Shard by shard, only `columns`: memory holds one shard's at a time."""
    for shard in shards:
        yield shard, pq.read_table(measures_path(folder, shard), columns=columns, use_threads=False, memory_map=True)


def _version(shard: Path) -> str:
    status = shard.stat()
    return f"{VERSION}-{status.st_size}-{status.st_mtime_ns}"


def _is_current(folder: Path, shard: Path) -> bool:
    try:
        found = pq.read_schema(measures_path(folder, shard)).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    return found.get(b"shard", b"").decode() == _version(shard)
