"""`reflet batch`."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from reflet.cli.generate import plan_paths, progress_bar, with_lora, write_picture
from reflet.generate.image import ImageGenerator, load
from reflet.generate.orders import Line, Order, read_orders
from reflet.generate.provenance import installed_signer
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

MANIFEST = "manifest.jsonl"
SHOWN = 5  # bad lines that the last word names


def batch(
    file: Annotated[Path, tyro.conf.Positional],
    *,
    out: Path,
    seed: int = 0,
    bundle: str = "image",
    lora: Path | None = None,
    device: str | None = None,
    threads: int | None = None,
    provenance: bool = True,
    watermark: bool = True,
) -> None:
    """Make the pictures of a CSV or JSONL file: prompt, and perhaps negative, n, seed, size, aspect, steps, guidance,
    name.

    Each picture appears whole, and then a line in manifest.jsonl that says what it is. Stopped in any way, run it
    again: what is there stays, what is missing or whose line has changed is made. A bad line is told by its number and
    the rest goes on.

    Args:
        file: A CSV with a header that has `prompt`, or one JSON object a line.
        out: The folder for the pictures and manifest.jsonl.
        seed: For lines without one: seed + the line's number.
        bundle: A bundle's name or folder.
        lora: A file of adapters that `reflet train lora` made for this bundle.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
        provenance: Sign the pictures and mark their pixels as machine-made.
        watermark: Mark the pixels invisibly (only with provenance).
    """
    set_threads(threads)
    lines = _named_once(read_orders(file))
    if provenance:
        installed_signer()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to {out} ({error.strerror}): choose another --out") from error
    work = Work(load(with_lora(bundle, lora), device=device), out, Manifest.open(out), seed, provenance, watermark)
    made, bad = 0, []
    with progress_bar() as bar:
        for line in bar.track(lines, description="lines"):
            try:
                made += work.do(line)
            except UserError as error:
                bad.append(line.number)
                sys.stderr.write(f"reflet: line {line.number}: {error}\n")
    sys.stdout.write(f"{out}: {made} pictures made, {work.kept} were there\n")
    if bad:
        named = ", ".join(map(str, bad[:SHOWN])) + (" ..." if len(bad) > SHOWN else "")
        raise UserError(f"{len(bad)} of {len(lines)} lines could not be made (line {named}): mend them and run again")


def _named_once(lines: Iterator[Line]) -> list[Line]:
    """Two lines that would write the same file: the second is bad."""
    seen: dict[str, int] = {}
    out = []
    for line in lines:
        name = "" if line.order is None else line.order.name.casefold()
        first = seen.setdefault(name, line.number) if name else line.number
        out.append(line if first == line.number else Line(line.number, wrong=f"line {first} has the same name"))
    return out


@dataclass
class Manifest:
    """What is there: one JSON line a picture, appended when the picture is on the disk."""

    path: Path
    known: dict[str, dict[str, Any]]  # by file name

    @classmethod
    def open(cls, folder: Path) -> Manifest:
        """What an earlier run wrote; a line that a kill cut short is dropped."""
        path, known = folder / MANIFEST, {}
        for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                entry = json.loads(text)
                known[entry["file"]] = entry
            except (ValueError, KeyError, TypeError):
                continue
        whole = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in known.values())
        write_atomically(path, lambda f: f.write(whole.encode()))
        return cls(path, known)

    def holds(self, path: Path, identity: str) -> bool:
        """Whether this very picture is there."""
        return path.exists() and self.known.get(path.name, {}).get("order") == identity

    def add(self, entry: dict[str, Any]) -> None:
        """Appends; it is on the disk when this returns."""
        self.known[entry["file"]] = entry
        with open(self.path, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(entry, ensure_ascii=False) + "\n")
            handle.flush()
            os.fsync(handle.fileno())


@dataclass
class Work:
    """Makes the pictures of one line after the other."""

    artist: ImageGenerator
    out: Path
    manifest: Manifest
    seed: int
    provenance: bool
    watermark: bool
    kept: int = 0

    def do(self, line: Line) -> int:
        """How many pictures were made. Raises UserError for a line that cannot be."""
        order = line.order
        if order is None:
            raise UserError(line.wrong)
        first = self.seed + line.number if order.seed is None else order.seed
        identity = order.identity(self.artist.bundle.digest, str(first), f"{self.provenance}{self.watermark}")
        paths = self._paths(order, line.number)
        request = self.artist.request(
            order.prompt,
            negative_prompt=order.negative,
            size=order.size,
            aspect=order.aspect,
            seed=first,
            num_steps=order.steps,
            guidance_scale=order.guidance,
        )
        request.check(frames=self.artist.bundle.config.frames)
        made = 0
        for k, path in enumerate(paths):
            if self.manifest.holds(path, identity):
                self.kept += 1
                continue
            [picture] = self.artist.answer(request.alone(k))
            content = picture.png(provenance=self.provenance, watermark=self.watermark)
            write_picture(path, content)
            facts = {"file": path.name, "line": line.number, "prompt": order.prompt, "seed": picture.request.seed}
            self.manifest.add({**facts, "sha256": hashlib.sha256(content).hexdigest(), "order": identity})
            made += 1
        return made

    def _paths(self, order: Order, number: int) -> list[Path]:
        name = order.name or plan_paths(self.out, order.prompt, 0, number=1)[0].stem.rpartition("-")[0]
        stem = name if order.name else f"{number:06d}-{name[:40].strip('-')}"
        return [self.out / (f"{stem}.png" if order.n == 1 else f"{stem}-{k + 1}.png") for k in range(order.n)]
