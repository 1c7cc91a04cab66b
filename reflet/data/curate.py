"""Curation: the filters over a whole set, copies found among all of it, marks written, and what a report shows."""

from __future__ import annotations

import bisect
import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from reflet.data.duplicates import Copy, CopyFinder, Prints, shape_tinies
from reflet.data.embedding import NUM_FEATURES
from reflet.data.engine import Engine
from reflet.data.filters import NAMES, Row, Thresholds, reasons
from reflet.data.filters_text import TextFilters
from reflet.data.marks import MARKS, Decisions, Mark
from reflet.data.measured_set import SCHEMA, measure_set, read_measures
from reflet.runtime.errors import UserError

SHOWN = 24  # examples of each filter
HISTOGRAMS: dict[str, tuple[float, float]] = {
    "contrast": (0.0, 1.0),
    "detail": (0.0, 1.0),
    "dark": (0.0, 1.0),
    "bright": (0.0, 1.0),
    "writing": (0.0, 0.4),
    "margin": (0.0, 0.4),
    "tiles": (0.0, 1.0),
}
BINS = 40


@dataclass(frozen=True)
class Example:
    """A marked record to be shown. `of` is a thumbnail of the picture it copies."""

    key: str
    name: str
    reason: str
    caption: str
    license: str
    author: str
    thumbnail: bytes
    of: bytes = b""
    of_key: str = ""


@dataclass
class Curation:
    """What was found; `counts` by filter, a record counts in each that speaks against it."""

    records: int = 0
    marked: int = 0
    kept_by_hand: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    histograms: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class CurateSettings:
    """`without` names filters to leave out."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    texts: TextFilters = field(default_factory=TextFilters)
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = [n for n in self.without if n not in NAMES]
        if unknown:
            raise UserError(f"there is no filter {unknown[0]!r}: choose among {', '.join(NAMES)}")


def curate(
    folder: Path, *, settings: CurateSettings, engine: Engine, report: Callable[[int, int], None] | None = None
) -> Curation:
    """Measures what is new, judges every record, and writes `marks.jsonl`, whole or not at all.

    `report(shards, of)` follows the measuring. The marks are a function of the set, the settings and the decisions.
    """
    shards = measure_set(folder, engine=engine, report=report)
    temporary = folder / f".{MARKS}.tmp"
    try:
        with (
            CopyFinder(folder, near="near-copy" not in settings.without) as copies,
            open(temporary, "w", encoding="utf-8") as handle,
        ):
            run = _Run(folder, settings, copies)
            for shard, table in read_measures(folder, shards, SCHEMA.names):
                for mark in run.judge(shard, table):
                    handle.write(mark.line())
        temporary.replace(folder / MARKS)
    except OSError as error:
        raise UserError(f"the marks cannot be written ({error.strerror}): free some space and run again") from error
    finally:
        temporary.unlink(missing_ok=True)
    return run.finished(shards)


class _Run:
    """One pass over the measures."""

    def __init__(self, folder: Path, settings: CurateSettings, copies: CopyFinder) -> None:
        self.folder, self.settings, self.copies = folder, settings, copies
        self.without = set(settings.without)
        self.decisions = Decisions.read(folder)
        self.found = Curation(histograms={n: np.zeros(BINS, np.int64) for n in HISTOGRAMS})
        self.starts: list[int] = []
        self.serial = 0
        self.shown: dict[str, list[tuple[str, int, Row, str, tuple[int, str]]]] = {n: [] for n in (*NAMES, "by hand")}

    def judge(self, shard: Path, table: pa.Table) -> list[Mark]:
        """The marks of one shard's records."""
        rows = table.to_pylist()
        base = self.found.records
        self.starts.append(base)
        facts = [json.loads(r["facts"]) for r in rows]
        against = [self._against(row, said) for row, said in zip(rows, facts, strict=True)]
        copies = self._copies(rows, against)
        marks = []
        for row, said, why, found in zip(rows, facts, against, copies, strict=True):
            self._count(row, said)
            copy = None if row["key"] in self.decisions.keep else found
            if copy is not None and (told := _copy_reason(copy))[0] not in self.without:
                why[told[0]] = told[1]
            if not why:
                continue
            of, of_key = (copy.of, copy.of_key) if copy is not None else (-1, "")
            marks.append(Mark(shard.relative_to(self.folder).as_posix(), row["key"], row["sha256"], why,
                              of=of_key))  # fmt: skip
            for name, text in why.items():
                self._show(name, row, text, (of, of_key))
        self.found.records += len(rows)
        self.found.marked += len(marks)
        self.found.counts.update(name for m in marks for name in m.filters)
        return marks

    def _against(self, row: Row, facts: dict[str, Any]) -> dict[str, str]:
        if row["key"] in self.decisions.keep:
            self.found.kept_by_hand += 1
            return {}
        if row["key"] in self.decisions.drop:
            return {"by hand": "dropped by decision"}
        s = self.settings
        return reasons(row, facts, thresholds=s.thresholds, texts=s.texts, without=self.without)

    def _copies(self, rows: list[Row], against: list[dict[str, str]]) -> list[Copy | None]:
        """Copies are looked for among what nothing else speaks against, and of what was opted out."""
        if not rows or {"copy", "near-copy"} <= self.without:
            return [None] * len(rows)
        embeddings = np.frombuffer(b"".join(r["embedding"] for r in rows), np.float16).reshape(-1, NUM_FEATURES)
        opted = np.array(["opt-out" in why for why in against])
        usable = np.array([not why for why in against]) | opted
        prints = Prints(
            [r["key"] for r in rows],
            [r["pixels_sha"] for r in rows],
            np.array([r["hash"] for r in rows], np.uint64),
            np.array([r["mirror_hash"] for r in rows], np.uint64),
            embeddings,
            shape_tinies([r["tiny"] for r in rows]),
        )
        return self.copies.add(prints, usable=usable)

    def _count(self, row: Row, facts: dict[str, Any]) -> None:
        self.found.licences[facts.get("license", "?")] += 1
        if row["problem"]:
            return
        for name, (low, high) in HISTOGRAMS.items():
            at = int((row[name] - low) / (high - low) * BINS)
            self.found.histograms[name][min(max(at, 0), BINS - 1)] += 1

    def _show(self, name: str, row: Row, reason: str, of: tuple[int, str]) -> None:
        """Keeps a sample that depends on the records alone, not on how many there are before them."""
        rank = hashlib.sha256(f"{name}/{row['key']}".encode()).hexdigest()
        kept = {n: row[n] for n in ("key", "facts", "thumbnail")}
        heap = self.shown[name]
        self.serial += 1  # of two records with one key neither is larger
        item = (_reversed(rank), self.serial, kept, reason, of)
        if len(heap) < SHOWN:
            heapq.heappush(heap, item)
        elif item[0] > heap[0][0]:
            heapq.heapreplace(heap, item)

    def finished(self, shards: list[Path]) -> Curation:
        """Examples with the thumbnails of what they copy."""
        wanted = sorted({of for heap in self.shown.values() for *_, (of, _) in heap if of >= 0})
        thumbnails = {n: t for n, t in zip(wanted, self._thumbnails(shards, wanted), strict=True)}
        for name, heap in self.shown.items():
            for _, _, row, reason, (of, of_key) in sorted(heap, reverse=True, key=lambda h: h[0]):
                facts = json.loads(row["facts"])
                caption = "" if name == "personal" else (facts.get("captions") or [""])[0]
                self.found.examples.setdefault(name, []).append(
                    Example(row["key"], facts.get("name", ""), reason, caption, facts.get("license", ""),
                            facts.get("author", ""), row["thumbnail"], thumbnails.get(of, b""), of_key)
                )  # fmt: skip
        return self.found

    def _thumbnails(self, shards: list[Path], numbers: list[int]) -> list[bytes]:
        out = []
        for number in numbers:
            at = bisect.bisect_right(self.starts, number) - 1
            _, table = next(read_measures(self.folder, shards[at : at + 1], ["thumbnail"]))
            out.append(table["thumbnail"][number - self.starts[at]].as_py())
        return out


def _reversed(rank: str) -> str:
    return "".join(chr(255 - ord(c)) for c in rank)


def _copy_reason(copy: Copy) -> tuple[str, str]:
    if copy.alignment == 1.0:
        return "copy", f"the same pixels as {copy.of_key}"
    return "near-copy", f"lies on {copy.of_key} (correlation {copy.alignment:.3f}, {copy.bits} bits differ)"
