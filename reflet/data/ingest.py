"""Pictures of others -> records with their rights, in shards: incremental, interruptible, by several processes.

A source's items are cut into slices in their order; each slice becomes one shard, made by one worker and taken in by
one hand, in order. So the same sources give the same shards, however many workers there are, on whichever engine, and
whether or not the run was interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from reflet.data.engine import Engine
from reflet.data.fields import Description, describe_fields
from reflet.data.ingest_store import IngestStore, Known, Outcome, open_store, shard_name
from reflet.data.licences import UnknownLicenceError, spdx
from reflet.data.normalise import BadPictureError, Limits, Normalised, normalise
from reflet.data.record import Record
from reflet.data.shards import read_shard, write_shard
from reflet.data.sources import BadItemError, Item, Source

SLICE = 128
NOT_STATED = "not stated"


@dataclass(frozen=True)
class IngestSettings:
    """What to assume where a source says nothing; what it says of a picture always counts before these.

    `license` is an SPDX expression for every picture that states none, "" for none. `license_column` names the field
    that holds the licence, where it is not called `license`.
    """

    license: str = ""
    license_column: str = ""
    author: str = ""
    source: str = ""
    contract: str = ""
    caption: str = ""
    language: str = "en"
    limits: Limits = field(default_factory=Limits)

    def digest(self) -> str:
        """Of what decides whether a picture is taken."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Slice:
    """One worker's task: some items of a source, to be written to `staged`."""

    source: Source
    items: tuple[Item, ...]
    settings: IngestSettings
    staged: Path


@dataclass(frozen=True)
class SliceDone:
    """What became of each item; the shard is staged when any was taken."""

    task: Slice
    outcomes: tuple[Outcome, ...]


@dataclass
class Summary:
    """Numbers of one run. `known` were taken, doubled or refused before, and left alone."""

    taken: int = 0
    double: int = 0
    quarantined: int = 0
    refused: int = 0
    known: int = 0

    def total(self) -> int:
        """All that were looked at in this run."""
        return self.taken + self.double + self.quarantined + self.refused


def ingest(
    sources: list[Source],
    out: Path,
    *,
    settings: IngestSettings,
    engine: Engine,
    report: Callable[[Summary], None] | None = None,
) -> Summary:
    """Takes in everything of `sources` that the set in `out` does not hold yet, and lists what was left out.

    `report` is called after every slice. Raises UserError for what stops the whole run (no space, a locked set); the
    set is consistent then, and the next run goes on.
    """
    summary = Summary()
    with open_store(out) as store:
        tasks = (task for source in sources for task in _slices(store, source, settings, summary))
        for done in engine.map(ingest_slice, tasks):
            _take_in(store, done, summary)
            if report:
                report(summary)
        store.write_left_out()
    return summary


def _slices(store: IngestStore, source: Source, settings: IngestSettings, summary: Summary) -> Iterator[Slice]:
    """Slices of what is not known yet."""
    digest = settings.digest()

    def unknown() -> Iterator[Item]:
        for item in map(_sayable, source.items()):
            strict = f"{item.fingerprint}|{item.context}|{digest}"
            if store.is_known(text_of(source.identity), item.name, item.fingerprint, strict):
                summary.known += 1
            else:
                yield item

    items = unknown()
    number = 0
    mark = hashlib.sha256(text_of(source.identity).encode()).hexdigest()[:12]
    while taken := tuple(islice(items, SLICE)):
        yield Slice(source, taken, settings, store.folder / f".unit-{mark}-{number:06d}.tar")
        number += 1


def _sayable(item: Item) -> Item:
    """An item whose name can be written down; one whose name is no UTF-8 is refused under an escaped name."""
    name = text_of(item.name)
    return item if name == item.name else replace(item, name=name, problem="its name is no UTF-8 text: rename it")


def text_of(name: str) -> str:
    """A name from the file system, with bytes that are no UTF-8 as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def ingest_slice(task: Slice) -> SliceDone:
    """A worker's part: reads, judges and normalises the items, and writes those taken to the staged shard."""
    outcomes: list[Outcome] = []
    digest = task.settings.digest()

    def records() -> Iterator[Record]:
        taken: dict[str, str] = {}
        for item, content, fields in _readable(task):
            strict = f"{item.fingerprint}|{item.context}|{digest}"
            if isinstance(content, BadItemError):
                outcomes.append(Outcome(item.name, strict, "refused", str(content)))
                continue
            sha256 = hashlib.sha256(content).hexdigest()
            if sha256 in taken:
                told = f"the same file as {taken[sha256]}"
                outcomes.append(Outcome(item.name, item.fingerprint, "double", told, sha256))
                continue
            made = make_record(
                item, content, fields, settings=task.settings, label=text_of(task.source.label), sha256=sha256
            )
            if isinstance(made, Record):
                taken[sha256] = item.name
                outcomes.append(Outcome(item.name, item.fingerprint, "taken", "", sha256, made.key, made.license))
                yield made
            else:
                outcomes.append(replace(made, fingerprint=strict))

    if not write_shard(task.staged, records()):
        task.staged.unlink()
    return SliceDone(task, tuple(outcomes))


def _readable(task: Slice) -> Iterator[tuple[Item, bytes | BadItemError, dict[str, Any]]]:
    """Items in their order, those with a problem included."""
    good = task.source.read([i for i in task.items if not i.problem])
    for item in task.items:
        yield (item, BadItemError(item.problem), {}) if item.problem else next(good)


def make_record(
    item: Item, content: bytes, fields: dict[str, Any], *, settings: IngestSettings, label: str, sha256: str
) -> Record | Outcome:
    """The record of one picture, or what is against it."""
    told = describe_fields(fields, language=settings.language, license_column=settings.license_column)
    stated = told.license or settings.license
    if not stated:
        reason = "no licence is stated: give it in the source, or for all with --license"
        return Outcome(item.name, "", "quarantined", reason, sha256)
    try:
        licence = spdx(stated)
    except UnknownLicenceError as error:
        return Outcome(item.name, "", "quarantined", str(error), sha256)
    captions = told.captions or ((settings.caption,) if settings.caption else ())
    if not captions:
        reason = "it has no caption: write one beside it, or one for all with --caption"
        return Outcome(item.name, "", "refused", reason, sha256)
    try:
        picture = normalise(content, name=item.name, limits=settings.limits)
    except BadPictureError as error:
        return Outcome(item.name, "", "refused", str(error), sha256)
    told = replace(told, captions=captions, license=licence)
    return _record(item, picture, told, settings=settings, label=label, sha256=sha256)


def _record(
    item: Item, picture: Normalised, told: Description, *, settings: IngestSettings, label: str, sha256: str
) -> Record:
    source = told.source or settings.source or f"{label}/{item.name}"
    author = told.author or picture.author or settings.author or NOT_STATED
    credit = told.attribution or picture.rights or f"{author}, {source}, {told.license}"
    origin = {
        "name": item.name,
        "sha256": sha256,
        "format": picture.original_format,
        "size": list(picture.original_size),
        "changes": list(picture.changes),
    }
    meta: dict[str, Any] = {"ingest": origin}
    if told.tags:
        meta["tags"] = list(told.tags)
    if told.extras:
        meta["given"] = told.extras
    return Record.create(
        sha256[:20],  # of the file as it came: the same file has the same key in every set
        image=picture.content,
        image_ending=picture.ending,
        captions=told.captions,
        source=source,
        license=told.license,
        author=author,
        meta=meta,
        attribution=credit,
        contract=told.contract or settings.contract,
        date=told.date or picture.date,
        languages=told.languages,
    )


def _take_in(store: IngestStore, done: SliceDone, summary: Summary) -> None:
    """The shard under its name, then the transaction. What another slice or run has taken already is left out."""
    source = text_of(done.task.source.identity)
    outcomes, kept = [], set()
    for outcome in done.outcomes:
        known = store.taken(outcome.sha256) if outcome.status == "taken" else None
        settled = outcome if known is None else _again(outcome, known, source)
        outcomes.append(settled)
        if outcome.status == "taken" and known is None:
            kept.add(outcome.key)
        word = "known" if settled.status == "taken" and known else settled.status
        setattr(summary, word, getattr(summary, word) + 1)
    staged, number = done.task.staged, None
    if kept:
        if len(kept) < sum(o.status == "taken" for o in done.outcomes):
            write_shard(staged, (r for r in list(read_shard(staged)) if r.key in kept))
        number = store.next_number()
        os.replace(staged, store.folder / shard_name(number))
    else:
        staged.unlink(missing_ok=True)
    store.commit(source, outcomes, number=number, records=len(kept))


def _again(outcome: Outcome, known: Known, source: str) -> Outcome:
    """A file whose bytes the set holds: the same item with other words beside it, or another item."""
    if (known.source, known.name) == (source, outcome.name):
        changed = "what is said of it has changed since it was taken: its record stays as it was"
        return replace(outcome, key=known.key, license=known.license, reason=changed)
    reason = f"the same file as {known.name}, record {known.key}"
    if known.license != outcome.license:
        reason += f", which was taken under {known.license}, not {outcome.license}"
    return replace(outcome, status="double", reason=reason, key="")
