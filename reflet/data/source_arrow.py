"""Tables that may hold the pictures themselves: Parquet files, and folders that Hugging Face `datasets` saves."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reflet.data.sources import BadItemError, Item, inside, stamp
from reflet.runtime.errors import UserError

_PICTURE_COLUMNS = ("image", "jpg", "png", "webp", "picture", "img", "bytes", "file", "file_name", "path", "image_path")
BATCH = 64


@dataclass(frozen=True)
class ParquetSource:
    """A Parquet file whose column `image` (or `jpg`, `picture`, ...) holds bytes, {bytes, path}, or a path."""

    path: Path

    @property
    def identity(self) -> str:
        return f"parquet {self.path.resolve()}"

    @property
    def label(self) -> str:
        return self.path.name

    def items(self) -> Iterator[Item]:
        """Row by row; the pictures are not read. A broken file is one refused item."""
        version = stamp(self.path)
        try:
            file = pq.ParquetFile(self.path)
            groups = [file.metadata.row_group(g).num_rows for g in range(file.metadata.num_row_groups)]
            _picture_column(file.schema_arrow.names, self.path)
        except (pa.ArrowException, OSError) as error:
            yield Item(self.path.name, version, problem=f"the table cannot be read: {error}"[:200])
            return
        number = 0
        for group, rows in enumerate(groups):
            for row in range(rows):
                yield Item(f"row {number}", f"{version}-{number}", place=(group, row))
                number += 1

    def read(self, items: Sequence[Item]) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
        """Streams the row groups that are asked for, a few rows at a time."""
        with pq.ParquetFile(self.path) as file:
            for group in sorted({i.place[0] for i in items}):
                wanted = {i.place[1]: i for i in items if i.place[0] == group}
                try:
                    yield from _wanted_rows(
                        file.iter_batches(BATCH, row_groups=[group], use_threads=False), wanted, self.path.parent
                    )
                except (pa.ArrowException, OSError) as error:
                    for item in wanted.values():
                        yield item, BadItemError(f"the table is damaged here: {error}"[:200]), {}


@dataclass(frozen=True)
class DatasetSource:
    """A folder written by `Dataset.save_to_disk` of Hugging Face's `datasets`: Arrow streams beside a state.json."""

    folder: Path

    @property
    def identity(self) -> str:
        return f"dataset {self.folder.resolve()}"

    @property
    def label(self) -> str:
        return self.folder.resolve().name

    def _files(self) -> list[Path]:
        state = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        return [inside(self.folder, f["filename"]) for f in state["_data_files"]]

    def items(self) -> Iterator[Item]:
        """Row by row, file by file."""
        number = 0
        try:
            files = self._files()
        except (OSError, ValueError, KeyError, TypeError) as error:
            yield Item("state.json", "state", problem=f"the folder's state cannot be read: {error}"[:200])
            return
        for index, path in enumerate(files):
            version = stamp(path)
            try:
                for batch, rows in enumerate(_batches(path)):
                    _picture_column(rows.schema.names, path)
                    for row in range(rows.num_rows):
                        yield Item(f"row {number}", f"{version}-{number}", place=(index, batch, row))
                        number += 1
            except (pa.ArrowException, OSError) as error:
                yield Item(path.name, version, problem=f"the table cannot be read on: {error}"[:200])

    def read(self, items: Sequence[Item]) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
        """Batches are mapped from disk, not copied; those of other items are passed over."""
        for index, path in enumerate(self._files()):
            mine = [i for i in items if i.place[0] == index]
            if not mine:
                continue
            for number, batch in enumerate(_batches(path)):
                wanted = {i.place[2]: i for i in mine if i.place[1] == number}
                yield from _wanted_rows([batch], wanted, self.folder)


def is_dataset(folder: Path) -> bool:
    """Whether `datasets` has saved this folder."""
    return (folder / "state.json").is_file() or (folder / "dataset_dict.json").is_file()


def dataset_folders(folder: Path) -> list[Path]:
    """The folder itself, or its splits. Raises UserError for a list of splits that cannot be read."""
    names = folder / "dataset_dict.json"
    if not names.is_file():
        return [folder]
    try:
        return [inside(folder, split) for split in json.loads(names.read_text(encoding="utf-8"))["splits"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{names} does not name the splits ({error}): save the data set again") from error


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(path)) as mapped, pa.ipc.open_stream(mapped) as reader:
        yield from reader


def _picture_column(names: Sequence[str], path: Path) -> str:
    """Raises UserError where no column can hold the pictures."""
    lowered = {n.lower(): n for n in names}
    found = next((lowered[c] for c in _PICTURE_COLUMNS if c in lowered), None)
    if found is None:
        raise UserError(f"{path} holds no pictures: it needs a column {' or '.join(_PICTURE_COLUMNS)}")
    return found


def _wanted_rows(
    batches: Iterator[pa.RecordBatch] | list[pa.RecordBatch], wanted: dict[int, Item], root: Path
) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
    start = 0
    for batch in batches:
        column = _picture_column(batch.schema.names, root) if batch.num_rows else ""
        for row in range(batch.num_rows):
            item = wanted.get(start + row)
            if item is None:
                continue
            values = batch.slice(row, 1).to_pylist()[0]
            picture = values.pop(column)
            fields = {k: _plain(v) for k, v in values.items()}
            try:
                yield item, _picture(picture, root), fields
            except BadItemError as error:
                yield item, error, {}
        start += batch.num_rows


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value


def _picture(value: Any, root: Path) -> bytes:
    """Bytes, {bytes, path}, or a path below the table's folder."""
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise BadItemError("the row holds no picture")
    path = inside(root, value)
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadItemError(f"{value[:100]} cannot be read: {error.strerror}") from None
