"""A folder of pictures, each with a text or JSON beside it; or one table for all, as the field writes them."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reflet.data.normalise import SUFFIXES
from reflet.data.sources import MAX_SIDECAR, BadItemError, Item, inside, stamp
from reflet.runtime.errors import UserError

TABLES = ("LICENSES.csv", "metadata.csv", "metadata.jsonl")
_FILE_COLUMNS = ("file", "file_name", "filename", "path", "image_path", "image")
_LANGUAGE_TEXT = re.compile(r"\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.txt")


@dataclass(frozen=True)
class FolderSource:
    """Pictures anywhere below `root`.

    Beside `cat.jpg` may stand `cat.txt` (a caption a line), `cat.fr.txt` (captions in French), `cat.json` (fields) and
    `cat.jpg.license` (REUSE). `LICENSES.csv`, `metadata.csv` or `metadata.jsonl` in `root`, with a column `file` or
    `file_name`, speak of many files at once. What stands nearer to the picture counts.
    """

    root: Path

    @property
    def identity(self) -> str:
        return f"folder {self.root.resolve()}"

    @property
    def label(self) -> str:
        return self.root.resolve().name

    def items(self) -> Iterator[Item]:
        """Folder by folder, in order of names. Links are listed as refused, not followed."""
        tables = _read_tables(self.root)
        context = "/".join(stamp(self.root / name) for name in TABLES)
        for folder, names, files in os.walk(self.root, followlinks=False):
            names.sort()
            names[:] = [n for n in names if not n.startswith(".")]
            beside = set(files)
            for name in sorted(files):
                path = Path(folder) / name
                relative = path.relative_to(self.root).as_posix()
                if path.suffix.lower() not in SUFFIXES or name.startswith("."):
                    continue
                if path.is_symlink():
                    yield Item(relative, "link", problem="it is a link, and links are not followed")
                    continue
                sidecars = _sidecars(name, beside)
                print_ = "/".join(stamp(Path(folder) / n) for n in (name, *sidecars))
                yield Item(relative, print_, context, tuple(sidecars), tables.get(relative, {}))
            for name in [n for n in names if (Path(folder) / n).is_symlink()]:
                linked = (Path(folder) / name).relative_to(self.root).as_posix()
                yield Item(linked, "link", problem="it is a link to a folder, and links are not followed")

    def read(self, items: Sequence[Item]) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
        """Pictures with the fields of table and sidecars."""
        for item in items:
            try:
                path = inside(self.root, item.name)
                fields = {**item.fields, **_sidecar_fields(path, item.place)}
                yield item, path.read_bytes(), fields
            except BadItemError as error:
                yield item, error, {}
            except OSError as error:
                yield item, BadItemError(f"it cannot be read: {error.strerror}"), {}


def _sidecars(name: str, beside: set[str]) -> list[str]:
    stem = name.rpartition(".")[0]
    wanted = [f"{stem}.txt", f"{stem}.json", f"{name}.json", f"{name}.license"]
    found = [n for n in wanted if n in beside]
    return found + sorted(n for n in beside if n.startswith(f"{stem}.") and _LANGUAGE_TEXT.fullmatch(n[len(stem) :]))


def _sidecar_fields(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Texts first, so that a JSON's own captions count before them."""
    fields: dict[str, Any] = {}
    for name in sorted(names, key=lambda n: n.endswith(".json")):
        content = inside(path.parent, name)
        if content.stat().st_size > MAX_SIDECAR:
            raise BadItemError(f"{name} beside it is larger than {MAX_SIDECAR // 1_000_000} MB")
        fields |= sidecar_fields(name[len(path.stem) :], content.read_bytes(), name=name)
    return fields


def sidecar_fields(ending: str, content: bytes, *, name: str) -> dict[str, Any]:
    """What a text, JSON or licence file says; `ending` is the part of its name behind the picture's stem.

    Raises BadItemError for what is no UTF-8, no JSON, or no JSON object.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadItemError(f"{name} beside it is no UTF-8 text") from None
    if ending.endswith(".license"):
        tags = (line.partition(":") for line in text.splitlines())
        return {k.strip(): v.strip() for k, _, v in tags if k.strip().startswith("SPDX-")}
    if ending.endswith(".txt"):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        language = _LANGUAGE_TEXT.fullmatch(ending)
        return {f"caption_{language[1]}" if language else "captions": lines}
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise BadItemError(f"{name} beside it is no JSON") from None
    if not isinstance(fields, dict):
        raise BadItemError(f"{name} beside it holds no JSON object")
    return fields


def _read_tables(root: Path) -> dict[str, dict[str, Any]]:
    """Rows about files, by relative name. Raises UserError for a table without a column of file names."""
    rows: dict[str, dict[str, Any]] = {}
    for name in TABLES:
        path = root / name
        if path.is_file() and not path.is_symlink():
            for row in read_rows(path):
                file = row.get("__file__")
                if file is not None:
                    rows.setdefault(str(file), {}).update({k: v for k, v in row.items() if k != "__file__"})
    return rows


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a CSV, TSV or JSON-lines table; "__file__" is the file's name, None where a row is unreadable.

    Raises UserError where no column can be the file's.
    """
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as handle:
        if path.suffix.lower() == ".jsonl":
            for line in handle:
                row = _json_row(line) if line.strip() else {}
                if row != {}:
                    yield {**row, "__file__": _file_of(row)}
            return
        reader = csv.DictReader(handle, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        columns = [c.strip().lower() for c in reader.fieldnames or [] if c]
        if not set(columns) & set(_FILE_COLUMNS):
            raise UserError(f"{path} names no files: it needs a column {' or '.join(_FILE_COLUMNS)}; it has {columns}")
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield {"__file__": None}
                continue
            plain = {str(k).strip().lower(): v for k, v in row.items() if k is not None and v not in (None, "")}
            yield {**plain, "__file__": _file_of(plain)}


def _json_row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {"__bad__": True}
    return {str(k).strip().lower(): v for k, v in row.items()} if isinstance(row, dict) else {"__bad__": True}


def _file_of(row: dict[str, Any]) -> str | None:
    return next((str(row[c]) for c in _FILE_COLUMNS if isinstance(row.get(c), str) and row[c]), None)
