"""An arena as a folder: the record, and the pictures, sounds or answers by the hash of their content.

arena.sqlite          the record (arena.log)
arena.json            what it compares; without it, pictures
pictures/ab/ab12....  each picture, sound or answer once, as it was made
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflet.arena.display import read_pixels
from reflet.arena.log import ArenaLog, PictureRow, Status
from reflet.arena.media import MediumName, medium_of
from reflet.arena.prompts import Prompt
from reflet.runtime.errors import UserError


@dataclass(frozen=True)
class Contestant:
    """Who takes part. `digest` says what made the pictures (weights, settings); `draw(prompt, number)` makes picture,
    sound or answer `number` of a prompt: the file's bytes, and facts such as seed, sampler, steps, bundle."""

    name: str
    digest: str
    settings: dict[str, Any]
    draw: Callable[[Prompt, int], tuple[bytes, dict[str, Any]]]
    status: Status = "active"


class ArenaFolder:
    """Opens the arena at `root`, or begins one of `medium` there when `create` is set. Raises UserError, also when the
    arena compares something else than `medium`."""

    def __init__(self, root: Path, *, create: bool = False, medium: MediumName | None = None) -> None:
        there = (root / "arena.sqlite").is_file()
        if not create and not there:
            raise UserError(f"there is no arena in {root}: make one with `reflet arena run --out {root}`")
        self.root, told = root, root / "arena.json"
        if not there and medium not in (None, "picture"):
            root.mkdir(parents=True, exist_ok=True)
            told.write_text(json.dumps({"medium": medium}) + "\n", encoding="utf-8")
        try:
            known = json.loads(told.read_text(encoding="utf-8"))["medium"] if told.exists() else "picture"
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{told} does not say what this arena compares ({error!r}): mend it") from error
        if medium not in (None, known):
            raise UserError(f"the arena in {root} compares {known}s: give another folder for {medium}s")
        self.medium = medium_of(known)
        self.log = ArenaLog(root / "arena.sqlite")

    def path(self, sha256: str) -> Path:
        """Where the picture with this hash lies."""
        return self.root / "pictures" / sha256[:2] / sha256

    def keep(self, content: bytes) -> str:
        """Stores a picture whole or not at all; returns its hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{sha256}.{os.getpid()}.tmp")
            temporary.write_bytes(content)
            temporary.replace(path)
        return sha256

    def pixels(self, sha256: str) -> NDArray[np.uint8]:
        """A picture as (H, W, 3) RGB. Raises UserError where sounds or answers are compared."""
        if self.medium.name != "picture":
            raise UserError(f"the arena in {self.root} compares {self.medium.name}s: this needs pictures")
        return read_pixels(self.content(sha256))

    def content(self, sha256: str) -> bytes:
        """What a contestant made, as it was made."""
        return self.path(sha256).read_bytes()

    def fill(
        self, contestants: list[Contestant], prompts: list[Prompt], *, n: int, report: Callable[[int, int], None]
    ) -> int:
        """Has every contestant draw `n` pictures of every prompt, those already there left out; returns how many were
        drawn. A picture is looked up by what it follows from: contestant, digest, prompt, number."""
        self.log.add_prompts(prompts)
        for c in contestants:
            self.log.add_contestant(c.name, digest=c.digest, settings=c.settings, status=c.status)
        known, drawn, done = {p.id for p in self.log.pictures()}, 0, 0
        total = len(contestants) * len(prompts) * n
        for c in contestants:
            for prompt in prompts:
                for number in range(n):
                    identity = picture_id(c, prompt, number)
                    if identity not in known:
                        content, facts = c.draw(prompt, number)
                        facts = facts | self.medium.measured(content)
                        row = PictureRow(identity, c.name, prompt.id, number, self.keep(content), facts)
                        self.log.add_picture(row)
                        drawn += 1
                    done += 1
                    report(done, total)
        return drawn


def picture_id(contestant: Contestant, prompt: Prompt, number: int) -> str:
    """The name of a picture before it is drawn."""
    parts = "\n".join((contestant.name, contestant.digest, prompt.text, str(number)))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
