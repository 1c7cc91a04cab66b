"""What a model was trained on: every record by hash with its licence, source and author, under one Merkle root.

A run keeps its ledger in its folder (`enter`, called whenever a set is read for training); a bundle carries it on. The
file is `ledger.xz`: a line that names the format, then, xz-compressed, a JSON header with columns and all hashes raw.

Nothing compresses hashes, so a bundle's ledger holds the first 128 bits of each SHA-256 (`shortened`), and is not much
more than half as large. Another picture for one of them takes 2^128 tries; who makes both pictures needs 2^64. Records
are told apart by these bits everywhere (`known_as`); that a ledger is whole is said by the 256 bits of its root.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import reflet
from reflet.data.merkle import is_included, leaf_hash, proof, root
from reflet.data.policy import Policy
from reflet.data.withdrawn import known_as, withdrawn_records
from reflet.runtime.errors import UserError

LEDGER = "ledger.xz"
MAGIC = {32: b"REFLET-LEDGER-1\n", 16: b"REFLET-LEDGER-2\n"}  # by the bytes of a hash
COLUMNS = ("license", "source", "author", "key", "attribution", "contract", "credits")
CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
SHOWN = 3  # refused records that an error names


@dataclass(frozen=True, order=True)
class Entry:
    """One record. `sha256` is whole or its first 128 bits; `attribution` is its credit line, `contract` the reference
    of a consent, `credits` those of parts in it (assets of a rendered scene), joined by newlines."""

    sha256: str
    license: str
    source: str
    author: str
    key: str = ""
    attribution: str = ""
    contract: str = ""
    credits: str = ""

    @classmethod
    def of(cls, sample: dict[str, Any]) -> Entry:
        """From what data.pictures says of a sample."""
        return cls(
            sha256=sample["sha256"],
            license=sample["license"],
            source=sample["source"],
            author=sample["author"],
            key=sample["key"],
            attribution=sample.get("attribution", ""),
            contract=sample.get("contract", ""),
            credits="\n".join(sample.get("attributions", [])),
        )

    def leaf(self) -> bytes:
        """What the Merkle tree holds of it: JSON with sorted keys, without spaces."""
        return leaf_hash(CANONICAL.encode(vars(self)).encode())


@dataclass(frozen=True)
class Inclusion:
    """The proof that one entry is in a ledger: anyone can check it with `holds`, without the ledger."""

    entry: Entry
    index: int
    number: int
    path: tuple[str, ...]
    root: str

    def holds(self) -> bool:
        """Whether the path leads from the entry to the root."""
        steps = [bytes.fromhex(step) for step in self.path]
        return is_included(self.entry.leaf(), self.index, self.number, steps, bytes.fromhex(self.root))


@dataclass(frozen=True)
class Ledger:
    """Entries in order. `facts`: when it was begun, by which version, under which policy, the `set_digest` of each set
    that was entered, and the bundle that the run began from."""

    entries: tuple[Entry, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry], *, policy: Policy | None = None) -> Ledger:
        """A new ledger; the same entries twice count once."""
        chosen = policy or Policy.load()
        wishes = {name: getattr(chosen, name) for name in ("commercial", "share_alike", "unattributed")}
        digest = hashlib.sha256(chosen.path.read_bytes()).hexdigest()
        facts = {
            "begun": datetime.now(UTC).isoformat(timespec="seconds"),
            "reflet": reflet.__version__,
            "policy": {**wishes, "sha256": digest},
        }
        return cls(tuple(sorted(set(entries))), facts)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def leaves(self) -> list[bytes]:
        """The leaf hashes, in order."""
        return [e.leaf() for e in self.entries]

    @cached_property
    def root(self) -> str:
        """The Merkle root, in hex."""
        return root(self.leaves).hex()

    def joined(self, other: Ledger) -> Ledger:
        """With the other's entries too."""
        return replace(self, entries=tuple(sorted({*self.entries, *other.entries})))

    def shortened(self) -> Ledger:
        """With the first 128 bits of each hash, and so with another root."""
        return replace(self, entries=tuple(sorted({replace(e, sha256=known_as(e.sha256)) for e in self.entries})))

    def prove(self, index: int) -> Inclusion:
        """The proof for entry `index`."""
        path = tuple(step.hex() for step in proof(self.leaves, index))
        return Inclusion(self.entries[index], index, len(self), path, self.root)

    def find(self, record: str) -> list[int]:
        """The entries that a SHA-256, at least eight hex digits of one, or a key names."""
        text = record.lower()
        hexadecimal = 8 <= len(text) <= 64 and all(c in "0123456789abcdef" for c in text)
        by_hash = [i for i, e in enumerate(self.entries) if hexadecimal and e.sha256.startswith(text[: len(e.sha256)])]
        return by_hash or [i for i, e in enumerate(self.entries) if e.key == record]

    def count(self, column: str) -> dict[str, int]:
        """How many entries have each value of a column, the most frequent first."""
        return dict(Counter(getattr(e, column) for e in self.entries).most_common())

    # ------------------------------------------------------------------------------------------ on disk
    def to_bytes(self) -> bytes:
        """The file's content; a function of the ledger alone."""
        columns: dict[str, Any] = {}
        for name in COLUMNS:
            values = [getattr(e, name) for e in self.entries]
            table = list(dict.fromkeys(values))
            if len(table) > len(values) // 2:
                columns[name] = values
            else:
                number = {value: k for k, value in enumerate(table)}
                columns[name] = {"table": table, "index": [number[v] for v in values]}
        header = {"facts": self.facts, "number": len(self), "root": self.root, "columns": columns}
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        hashes = [bytes.fromhex(e.sha256) for e in self.entries]
        sizes = {len(h) for h in hashes} or {32}
        if len(sizes) > 1:
            raise ValueError("whole and shortened hashes do not go into one file: shorten the ledger")
        return MAGIC[sizes.pop()] + lzma.compress(len(text).to_bytes(8, "big") + text + b"".join(hashes), preset=6)

    @classmethod
    def from_bytes(cls, content: bytes) -> Ledger:
        """The inverse of to_bytes. Raises ValueError for anything else; the root is computed anew and compared."""
        width = next((width for width, magic in MAGIC.items() if content.startswith(magic)), None)
        if width is None:
            raise ValueError("it does not begin like a ledger")
        packed = content[len(MAGIC[width]) :]
        unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=2**28)
        limit = 64 * len(packed) + 2**20  # a third of a ledger is hashes: more than that is a bomb
        try:
            body = unpacker.decompress(packed, max_length=limit)
        except lzma.LZMAError as error:
            raise ValueError(f"it cannot be unpacked ({error})") from error
        if not unpacker.eof or unpacker.unused_data:
            raise ValueError("it is cut short, or unpacks to more than any ledger")
        size = int.from_bytes(body[:8], "big")
        try:
            header = json.loads(body[8 : 8 + size])
            number, columns, hashes = int(header["number"]), header["columns"], body[8 + size :]
            if len(hashes) != width * number:
                raise ValueError("its hashes and its number differ")
            values = [hashes[width * i : width * (i + 1)].hex() for i in range(number)]
            rows = zip(values, *(_column(columns[name], number) for name in COLUMNS), strict=True)
            ledger = cls(tuple(Entry(*row) for row in rows), header["facts"])
            expected = header["root"]
        except (KeyError, TypeError, IndexError, RecursionError) as error:
            raise ValueError(f"its header is not understood ({error!r})") from error
        if ledger.root != expected:
            raise ValueError("its entries do not lead to its Merkle root")
        return ledger

    @classmethod
    def load(cls, path: Path) -> Ledger:
        """The ledger in a file, or in a bundle's or run's folder. Raises UserError for a missing or damaged one."""
        file = path / LEDGER if path.is_dir() else path
        try:
            return cls.from_bytes(file.read_bytes())
        except FileNotFoundError as error:
            raise UserError(f"{path} holds no ledger ({LEDGER}): it was made before there were any") from error
        except (OSError, ValueError) as error:
            raise UserError(f"the ledger {file} is damaged: {error}; copy or build it again") from error


def _column(stored: Any, number: int) -> list[str]:
    values = [stored["table"][k] for k in stored["index"]] if isinstance(stored, dict) else stored
    if len(values) != number or not all(isinstance(v, str) for v in values):
        raise ValueError("a column does not fit")
    return values


def set_digest(samples: Iterable[dict[str, Any]]) -> str:
    """SHA-256 over the pictures' hashes in their order: the `pictures_sha256` of materials.json."""
    return hashlib.sha256(b"".join(bytes.fromhex(s["sha256"]) for s in samples)).hexdigest()


def refuse_forbidden(samples: Iterable[dict[str, Any]], policy: Policy) -> None:
    """Raises UserError when the policy forbids a sample, or it was withdrawn; names the first and counts the rest."""
    gone = withdrawn_records()
    refused: list[str] = []
    known: dict[tuple[str, bool, bool], str | None] = {}
    for sample in samples:
        if known_as(sample["sha256"]) in gone:
            refused.append(f"{sample['key']} ({sample['sha256'][:12]}) was withdrawn")
            continue
        credited = bool(sample["author"] or sample.get("attribution") or sample.get("attributions"))
        kind = (sample["license"], credited, bool(sample.get("contract")))
        if kind not in known:
            known[kind] = policy.refusal(sample)
        if known[kind] is not None:
            refused.append(f"{sample['key']} ({sample['sha256'][:12]}): {known[kind]}")
    if refused:
        more = f" and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
        raise UserError(
            f"{len(refused)} records may not train: {'; '.join(refused[:SHOWN])}{more}; "
            f"take them out of the set, or change the policy ({policy.path})"
        )


def enter(folder: Path, samples: list[dict[str, Any]]) -> Ledger:
    """Enters a set that is about to be trained on into the ledger of the run in `folder`; what any stage read stays.

    Raises UserError before anything is written when the policy forbids a record or one was withdrawn.
    """
    policy = Policy.load()
    refuse_forbidden(samples, policy)
    path = folder / LEDGER
    fresh = Ledger.of((Entry.of(s) for s in samples), policy=policy)
    sets = {set_digest(samples)}
    if path.exists():
        known = Ledger.load(path)
        sets.update(known.facts.get("sets", []))
        facts = {**known.facts, "policy": fresh.facts["policy"], "sets": sorted(sets)}
        fresh = replace(known.joined(fresh), facts=facts)
        if fresh == known:
            return known
    fresh.facts["sets"] = sorted(sets)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(fresh.to_bytes())
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            f"cannot write the ledger {path} ({error.strerror}): free some space or choose a folder"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return fresh
