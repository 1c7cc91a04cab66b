"""What an operator decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from reflet.generate.stepwise import Pixels
from reflet.generate.talk import Brain
from reflet.serve.provenance import Provenance

MIB = 1 << 20


class PictureCheck(Protocol):
    """A classifier of finished pictures: the category that forbids one, or None."""

    def __call__(self, pixels: Pixels) -> str | None: ...


@dataclass(frozen=True)
class Limits:
    """For each key, unless the key has limits of its own; None is no limit."""

    requests_per_minute: float | None = 600.0
    concurrency: float | None = 64.0
    pixel_steps_per_day: float | None = None
    weight: float = 1.0  # share of the device beside others

    def of(self, own: Mapping[str, float]) -> Limits:
        """With what a key says of itself."""
        return Limits(**{**vars(self), **own})


@dataclass(frozen=True)
class ServeSettings:
    """Everything `reflet serve` is told, with its defaults."""

    data: Path
    database_url: str | None = None  # None: a SQLite file in `data`
    blobs_url: str | None = None  # None: a folder in `data`
    aliases: Mapping[str, str] = field(default_factory=dict)  # other model name -> an artist's; "": the first
    require_keys: bool = False
    max_batch: int = 8
    max_resident: int = 32  # pictures in the engine; further jobs wait in the database
    max_queue: int = 256  # active jobs; further ones are answered 429
    limits: Limits = field(default_factory=Limits)
    lease_seconds: float = 60.0
    max_attempts: int = 50  # a crash counts for all jobs that ran, so this is no small number
    drain_seconds: float = 30.0
    request_seconds: float = 300.0  # how long a caller is kept waiting for a picture
    keep_days: float | None = None  # pictures are deleted after so long
    max_json: int = 8 * MIB
    max_form: int = 64 * MIB
    moderate: bool = True
    work: bool = True  # False: this process only answers; others make the pictures
    voice: str | None = None  # a voice's bundle, by name or folder; None: nobody speaks
    map: Path | None = None  # a folder with the map of the first model's training set
    provenance: Provenance | None = None  # None: pictures leave as they are
    check_picture: PictureCheck | None = None
    brain: Callable[[], Brain | None] | None = None  # opens what answers talks; it must be possible to pickle it
