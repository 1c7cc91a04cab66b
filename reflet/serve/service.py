"""The parts of a running service, put together; what the routes share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from fastapi import Request

from reflet.generate.stepwise import Artist
from reflet.generate.talk import Brain
from reflet.runtime.errors import UserError
from reflet.serve.events import Events
from reflet.serve.limits import Buckets
from reflet.serve.metrics import Metrics
from reflet.serve.settings import ServeSettings
from reflet.serve.thinking import Thought
from reflet.serve.tracing import Tracing, open_tracing
from reflet.serve.upkeep import Upkeep
from reflet.serve.worker import Worker
from reflet.store.batches import BatchStore
from reflet.store.blobs import Blobs
from reflet.store.database import Database
from reflet.store.jobs import JobStore
from reflet.store.keys import KeyStore
from reflet.store.pictures import PictureStore
from reflet.store.queue import QueueStore

THINKERS = 16  # answers at a time that are not made on the engine's thread


@dataclass
class Service:
    """`draining`: no new work is taken, /readyz says so. `artists` make pictures of words; the `upscaler` does not."""

    settings: ServeSettings
    artists: Mapping[str, Artist]
    upscaler: Artist | None
    database: Database
    jobs: JobStore
    pictures: PictureStore
    queue: QueueStore
    keys: KeyStore
    batches: BatchStore
    blobs: Blobs
    events: Events
    metrics: Metrics
    buckets: Buckets
    worker: Worker | None
    upkeep: Upkeep | None
    tracing: Tracing | None
    link_secret: bytes
    brain: Brain | None = None
    thinkers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THINKERS, "think"))
    started: float = field(default_factory=time.time)
    draining: bool = False

    def artist(self, name: str | None) -> Artist | None:
        """The artist of a model's name or alias; the first one for None, and for an alias of nothing in particular."""
        target = "" if name is None else self.settings.aliases.get(name, name)
        return next(iter(self.artists.values())) if target == "" else self.artists.get(target)

    def makes(self, name: str) -> bool:
        """Whether jobs of this model, named as they name it, can be made here."""
        return name in self.artists or (self.upscaler is not None and self.upscaler.card.name == name)

    def thinker(self, *, local: bool) -> Callable[[Thought], object]:
        """Where an answer's tokens are made: beside the pictures, or on a thread of its own where a brain works
        elsewhere or the pictures are made in another process."""
        if local and self.worker is not None:
            return self.worker.device.think
        return lambda thought: self.thinkers.submit(thought.run)

    def drain(self) -> None:
        """From now on: no new work, jobs that have not begun stay in the queue for the next start."""
        self.draining = True
        if self.worker is not None:
            self.worker.drain()

    def close(self) -> None:
        """Drains: running jobs finish within the time that is set, the others go back to the queue."""
        self.drain()
        if self.worker is not None:
            self.worker.stop(timeout=self.settings.drain_seconds)
        if self.upkeep is not None:
            self.upkeep.stop()
        self.thinkers.shutdown(wait=False, cancel_futures=True)
        if self.tracing is not None:
            self.tracing.close()
        self.database.close()


async def service_of(request: Request) -> Service:
    """The service that a request came to. Async, for the framework runs anything else on another thread."""
    return request.app.state.service


def open_database(settings: ServeSettings) -> Database:
    """The database that the settings name, with the newest schema. Raises UserError."""
    if settings.database_url:
        database = Database(settings.database_url)
    else:
        try:
            database = Database.in_folder(settings.data)
        except OSError as error:
            raise UserError(f"{settings.data} cannot be used for data ({error.strerror}): choose another") from error
    database.upgrade()
    return database


def open_service(settings: ServeSettings, artists: Mapping[str, Artist]) -> Service:
    """Opens (and makes) database and blobs, starts the worker. Raises UserError."""
    database = open_database(settings)
    blobs = Blobs(settings.blobs_url or str(settings.data / "blobs"))
    jobs = JobStore(database, lease_seconds=settings.lease_seconds, max_attempts=settings.max_attempts)
    keys, events, metrics, tracing = KeyStore(database), Events(), Metrics(), open_tracing()
    pictures, worker, upkeep = PictureStore(database, blobs), None, None
    if settings.work:
        worker = Worker(
            artists=artists,
            jobs=jobs,
            blobs=blobs,
            settings=settings,
            events=events,
            metrics=metrics,
            tracing=tracing,
        )
        upkeep = Upkeep(pictures, jobs)
    service = Service(
        settings=settings,
        artists={name: a for name, a in artists.items() if not a.card.upscales},
        upscaler=next((a for a in artists.values() if a.card.upscales), None),
        database=database,
        jobs=jobs,
        pictures=pictures,
        queue=QueueStore(database),
        keys=keys,
        batches=BatchStore(database, blobs, jobs),
        blobs=blobs,
        events=events,
        metrics=metrics,
        buckets=Buckets(),
        worker=worker,
        upkeep=upkeep,
        tracing=tracing,
        link_secret=bytes.fromhex(database.shared("link_secret")),
        brain=None if settings.brain is None else settings.brain(),
    )
    if worker is not None and upkeep is not None:
        worker.start()
        upkeep.start()
    return service
