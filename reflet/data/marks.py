"""Which records of a set are marked, and why. Nothing is ever deleted: who reads a set asks here what to pass over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path, PurePath

from reflet.data.record import Record
from reflet.data.shards import list_shards, read_shard
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

MARKS, DECISIONS = "marks.jsonl", "decisions.json"


@dataclass(frozen=True)
class Mark:
    """One marked record. `filters` maps a filter's name to its reason; `of` is the key of the one that it copies."""

    shard: str
    key: str
    sha256: str
    filters: dict[str, str]
    of: str = ""

    def line(self) -> str:
        """As it stands in marks.jsonl."""
        body = {"shard": self.shard, "key": self.key, "sha256": self.sha256, "filters": self.filters}
        return json.dumps(body | ({"of": self.of} if self.of else {}), ensure_ascii=False) + "\n"


def read_marks(folder: Path) -> Iterator[Mark]:
    """The marks of a set, in the order of its shards; none where it was never curated."""
    path = folder / MARKS
    if not path.exists():
        return
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            yield Mark(**json.loads(line))


def kept_records(folder: Path) -> Iterator[Record]:
    """The records of a set that are not marked, in order."""
    marked = MarkedKeys(folder)
    for shard in list_shards(folder):
        passed = marked.of(shard.relative_to(folder).as_posix())
        yield from (r for r in read_shard(shard) if r.key not in passed)


class MarkedKeys:
    """The marked keys of one shard after another, in the order of `list_shards`: memory holds one shard's at a time.

    Not by hash: of two equal files one is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._groups = groupby(read_marks(folder), key=lambda m: m.shard)
        self._next: tuple[str, set[str]] | None = None
        self._advance()

    def _advance(self) -> None:
        group = next(self._groups, None)
        self._next = (group[0], {m.key for m in group[1]}) if group else None

    def of(self, shard: str) -> set[str]:
        """Those of a shard; shards must be asked for in order."""
        while self._next and PurePath(self._next[0]) < PurePath(shard):
            self._advance()
        return self._next[1] if self._next and self._next[0] == shard else set()


@dataclass
class Decisions:
    """What a person has decided, whatever the filters say: keys to keep, and keys to drop."""

    keep: set[str] = field(default_factory=set)
    drop: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path) -> Decisions:
        """Those of a set. Raises UserError for a file that is damaged."""
        path = folder / DECISIONS
        if not path.exists():
            return cls()
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            return cls(set(body["keep"]), set(body["drop"]))
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path} is damaged ({error}): mend it, or delete it to forget the decisions") from error

    def change(self, *, keep: tuple[str, ...] = (), drop: tuple[str, ...] = ()) -> None:
        """The newest word counts."""
        self.keep = (self.keep | set(keep)) - set(drop)
        self.drop = (self.drop | set(drop)) - set(keep)

    def write(self, folder: Path) -> None:
        """Kept beside the shards."""
        text = json.dumps({"keep": sorted(self.keep), "drop": sorted(self.drop)}, indent=1)
        write_atomically(folder / DECISIONS, lambda f: f.write(text.encode()))
