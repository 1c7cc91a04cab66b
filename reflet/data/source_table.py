"""A manifest: one row a picture, with the picture's path below the manifest's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reflet.data.source_folder import FolderSource, read_rows
from reflet.data.sources import BadItemError, Item, inside, stamp


@dataclass(frozen=True)
class TableSource:
    """A CSV, TSV or JSON-lines file; rows name files by a column `file`, `file_name`, `path` or `image`."""

    path: Path

    @property
    def identity(self) -> str:
        return f"table {self.path.resolve()}"

    @property
    def label(self) -> str:
        return self.path.name

    def items(self) -> Iterator[Item]:
        """In the table's order. A file that is named again is refused the second time."""
        seen: set[int] = set()  # 8 bytes of a hash each: a million rows cost what a few pictures do
        for number, row in enumerate(read_rows(self.path), start=1):
            name = row.pop("__file__")
            if name is None:
                yield Item(f"row {number}", "row", stamp(self.path), problem="the row cannot be read or names no file")
                continue
            digest = int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "big")
            if digest in seen:
                yield Item(f"{name} (row {number})", "twice", stamp(self.path), problem="the table names it twice")
                continue
            seen.add(digest)
            try:
                path = inside(self.path.parent, name)
                yield Item(name, stamp(path), stamp(self.path), (), row, "" if path.is_file() else "there is no file")
            except BadItemError as error:
                yield Item(name, "outside", stamp(self.path), problem=str(error))

    def read(self, items: Sequence[Item]) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
        """As a folder does; fields are the row's."""
        return FolderSource(self.path.parent).read(items)
