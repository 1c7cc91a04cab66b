"""Where pictures come from: what a source is, and which one a path means.

A source lists its items cheaply, without reading pictures, and reads any of them later, in another process perhaps.
Nothing of a source is ever unpacked to disk, followed through a link, or read from outside its folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from reflet.runtime.errors import UserError

MAX_SIDECAR = 1_000_000  # bytes of a text or JSON beside a picture


class BadItemError(ValueError):
    """One item that cannot be read; the message says why in words."""


@dataclass(frozen=True)
class Item:
    """One picture of a source.

    `fingerprint` changes when the picture or what lies beside it does, `context` when a table about many does. `place`
    is for the source alone. `problem` says why an item is refused before it is read.
    """

    name: str
    fingerprint: str
    context: str = ""
    place: tuple[Any, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


class Source(Protocol):
    """A folder, an archive or a table. Small and picklable."""

    @property
    def identity(self) -> str:
        """Which source this is, for good: what was taken from it is remembered under this name."""
        ...

    @property
    def label(self) -> str:
        """How records name it where they state no source of their own."""
        ...

    def items(self) -> Iterator[Item]:
        """All items, in an order that depends on their names and places alone."""
        ...

    def read(self, items: Sequence[Item]) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
        """Picture bytes and fields of some items, one after another."""
        ...


def open_sources(path: Path) -> list[Source]:
    """The sources a path means: a folder is its archives and tables of pictures, and then its loose pictures.

    Raises UserError where there is nothing to read.
    """
    from reflet.data import source_arrow, source_folder, source_table, source_tar

    if not path.exists():
        raise UserError(f"there is nothing at {path}: give a folder, a .tar, or a .csv, .jsonl or .parquet manifest")
    readers = {
        ".tar": source_tar.TarSource,
        ".csv": source_table.TableSource,
        ".tsv": source_table.TableSource,
        ".jsonl": source_table.TableSource,
        ".parquet": source_arrow.ParquetSource,
    }
    if path.is_file():
        if path.suffix.lower() not in readers:
            raise UserError(f"{path} is no source that is known: give a folder or one of {', '.join(readers)}")
        return [readers[path.suffix.lower()](path)]
    if source_arrow.is_dataset(path):
        return [source_arrow.DatasetSource(folder) for folder in source_arrow.dataset_folders(path)]
    inner = (p for p in path.rglob("*") if p.suffix.lower() in (".tar", ".parquet") and not p.name.startswith("."))
    archives = sorted(p for p in inner if p.is_file() and not p.is_symlink())
    return [*(readers[p.suffix.lower()](p) for p in archives), source_folder.FolderSource(path)]


def inside(root: Path, name: str) -> Path:
    """`name` below `root`. Raises BadItemError for a name that leads out of it, or through a link."""
    if not name or "\0" in name:
        raise BadItemError("it has no name")
    part = Path(name)
    if part.is_absolute() or ".." in part.parts:
        raise BadItemError("its path leads out of the folder")
    at = root
    for piece in part.parts:
        at = at / piece
        if at.is_symlink():
            raise BadItemError("it is a link, and links are not followed")
    return at


def stamp(path: Path) -> str:
    """Size and time of a file, as a fingerprint; "" where there is none."""
    try:
        status = path.stat(follow_symlinks=False)
    except OSError:
        return ""
    return f"{status.st_size}-{status.st_mtime_ns}"
