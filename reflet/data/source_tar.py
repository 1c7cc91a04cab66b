"""WebDataset tars: members that share a key are one sample. Read in place; nothing is unpacked to disk."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reflet.data.normalise import SUFFIXES
from reflet.data.source_folder import sidecar_fields
from reflet.data.sources import MAX_SIDECAR, BadItemError, Item, stamp

_TEXT = re.compile(r"\.(json|txt|license|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\.txt)")


@dataclass(frozen=True)
class TarSource:
    """An uncompressed tar. Item places are (picture's offset, size, and (ending, offset, size) of each text)."""

    path: Path

    @property
    def identity(self) -> str:
        return f"tar {self.path.resolve()}"

    @property
    def label(self) -> str:
        return self.path.name

    def items(self) -> Iterator[Item]:
        """In the archive's order. What leads out of it, is a link, is cut off or stands twice is refused by name."""
        size, version = self.path.stat().st_size, stamp(self.path)
        group: list[tarfile.TarInfo] = []
        seen: set[str] = set()
        number = 0
        try:
            with tarfile.open(self.path, "r:") as tar:
                for info in tar:
                    tar.members.clear()  # type: ignore[attr-defined]  # else headers of all members would be kept
                    number += 1
                    if info.isdir():
                        continue
                    problem = _problem(info, size)
                    if problem:
                        yield Item(info.name[:200], f"{version}-{info.offset}", problem=problem)
                        continue
                    if group and _key(info.name) != _key(group[0].name):
                        yield from _sample(group, version, seen)
                        group = []
                    group.append(info)
        except (tarfile.TarError, EOFError, OSError, ValueError) as error:
            yield from _sample(group, version, seen)
            told = f"the archive cannot be read on after {number} members: {error}"
            yield Item(f"{self.path.name} (the rest)", f"{version}-rest", problem=told)
            return
        yield from _sample(group, version, seen)
        if not self._has_end():
            told = f"the archive breaks off after {number} members: copy it again"
            yield Item(f"{self.path.name} (the rest)", f"{version}-rest", problem=told)

    def _has_end(self) -> bool:
        """A whole tar ends with zeros; `tarfile` passes over it in silence when one does not."""
        with open(self.path, "rb") as handle:
            handle.seek(max(0, self.path.stat().st_size - 512))
            return not handle.read(512).strip(b"\0")

    def read(self, items: Sequence[Item]) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
        """Straight from the offsets."""
        with open(self.path, "rb") as handle:
            for item in items:
                fields: dict[str, Any] = {}
                try:
                    for ending, offset, size in item.place[2:]:
                        handle.seek(offset)
                        fields |= sidecar_fields(ending, handle.read(size), name=ending)
                    handle.seek(item.place[0])
                    content = handle.read(item.place[1])
                    yield item, content if len(content) == item.place[1] else BadItemError("it is cut off"), fields
                except BadItemError as error:
                    yield item, error, {}


def _key(name: str) -> str:
    folder, slash, base = name.rpartition("/")
    return folder + slash + base.partition(".")[0]


def _problem(info: tarfile.TarInfo, size: int) -> str:
    if info.name.startswith("/") or ".." in Path(info.name).parts or "\0" in info.name:
        return "its path leads out of the archive"
    if info.issym() or info.islnk():
        return "it is a link, and links are not followed"
    if not info.isreg() or info.issparse():
        return "it is no plain file"
    if info.offset_data + info.size > size:
        return "it is cut off: the archive ends before it does"
    return ""


def _sample(group: list[tarfile.TarInfo], version: str, seen: set[str]) -> Iterator[Item]:
    """The item of one key's members; nothing where no member is a picture."""
    pictures, texts = [], []
    for info in group:
        ending = info.name[len(_key(info.name)) :]
        if ending.lower() in SUFFIXES:
            pictures.append(info)
        elif _TEXT.fullmatch(ending) and info.size <= MAX_SIDECAR:
            texts.append((ending, info.offset_data, info.size))
    texts.sort(key=lambda t: t[0] == ".json")  # a JSON's own captions count before a text's
    for k, info in enumerate(pictures):
        print_ = f"{version}-{info.offset}"
        key = _key(info.name)
        if k or key in seen:
            told = "its sample holds two pictures" if k else "the archive holds its key twice"
            yield Item(f"{info.name[:200]} (at {info.offset})", print_, problem=told)
            continue
        seen.add(key)
        yield Item(info.name, print_, place=(info.offset_data, info.size, *texts))
