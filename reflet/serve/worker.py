"""The worker: takes jobs from the store, has the engine make them, writes what came of them.

It holds a lease on each job it has taken and prolongs it; a job whose worker is gone is taken by another. What it
writes is one transaction, and only while the lease is its own.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import Row as TableRow

from reflet.generate.edit_input import edit_from
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Artist, Edit, Pixels
from reflet.runtime.errors import UserError
from reflet.serve.engine import Engine, Ticket
from reflet.serve.events import Event, Events, Made
from reflet.serve.finishing import finished, preview_steps, told
from reflet.serve.metrics import Metrics, step_class
from reflet.serve.payload import Payload
from reflet.serve.settings import ServeSettings
from reflet.serve.tracing import Tracing
from reflet.store.blobs import Blobs
from reflet.store.database import StorageFull
from reflet.store.folding import search_words
from reflet.store.jobs import JobStore, NewPicture, Taker
from reflet.store.owners import owner_name

log = logging.getLogger("reflet.worker")
POLL_SECONDS = 0.5  # what other processes accepted or cancelled is seen after at most so long
RECOVER_SECONDS = 5.0
CLAIMED_AT_ONCE = 8
REST_SECONDS = 5.0  # how long a job waits whose beginning failed for a reason that may pass


@dataclass(eq=False)
class Running:
    """A job under our lease. `unwanted`: it was cancelled, perhaps before its tickets were there."""

    row: TableRow[Any]
    payload: Payload = field(default_factory=Payload.empty)
    parent: bytes | None = None
    unwanted: bool = False
    tickets: list[Ticket] = field(default_factory=list)
    made: dict[int, NewPicture] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)  # seconds of what follows the decoding
    error: Exception | None = None
    left: int = 0
    claimed: float = field(default_factory=time.time)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """What runs inside is counted as this part of the job's time."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.parts[part] = self.parts.get(part, 0.0) + time.perf_counter() - start


class Worker:
    """Runs on a thread of its own from `start` to `stop`; `poke` says that there is a new job."""

    def __init__(
        self,
        *,
        artists: Mapping[str, Artist],
        jobs: JobStore,
        blobs: Blobs,
        settings: ServeSettings,
        events: Events,
        metrics: Metrics,
        tracing: Tracing | None = None,
    ) -> None:
        self.artists, self.jobs, self.blobs = artists, jobs, blobs
        self.settings, self.events, self.metrics, self.tracing = settings, events, metrics, tracing
        self.owner = owner_name(secrets.token_hex(4))
        self.running: dict[str, Running] = {}
        self.device = device = Engine(max_batch=settings.max_batch, on_step=metrics.on_step)
        # Who works elsewhere must not hold up the device here.
        self.engines = {n: Engine(max_batch=16) if a.card.remote else device for n, a in artists.items()}
        self._lock = threading.Lock()
        self._arriving = 0  # pictures of jobs that are being accepted right into the engine
        self._news = threading.Event()
        self._draining = self._stopping = self._full = False  # full: more may wait than there was room for
        self._recovered = self._looked = self._renewed = 0.0
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def poke(self) -> None:
        self._news.set()

    @contextmanager
    def place(self, num_pictures: int) -> Iterator[Taker | None]:
        """Whoever takes a job of so many pictures while it is being accepted; None where there is no room."""
        with self._lock:
            room = self.settings.max_resident - self.resident - self._arriving >= num_pictures
            free = room and self._thread.is_alive() and not (self._draining or self._stopping)
            self._arriving += num_pictures if free else 0
        try:
            yield Taker(self.owner, self._take_at_once) if free else None
        finally:
            with self._lock:
                self._arriving -= num_pictures if free else 0

    @property
    def alive(self) -> bool:
        """Whether it still takes jobs, or has been told to stop."""
        return self._stopping or self._thread.is_alive()

    def cancel(self, job_id: str) -> None:
        """If the job runs here, it takes no further step."""
        with self._lock:
            job = self.running.get(job_id)
            if job is None:
                return
            job.unwanted = True
        for ticket in job.tickets:
            self.engines[job.row.model].cancel(ticket)

    def drain(self) -> None:
        """Takes no more jobs; those it has go on."""
        self._draining = True

    def stop(self, *, timeout: float) -> None:
        """Takes no more jobs, finishes those it has within `timeout` seconds, puts the others back in the queue."""
        self._stopping = True
        self._news.set()
        self._thread.join()
        end = time.monotonic() + timeout
        for engine in set(self.engines.values()):
            engine.close(timeout=max(0.0, end - time.monotonic()))
        with self._lock:
            rest = list(self.running)
        if rest:
            self.jobs.release(self.owner, rest)
            log.info("put back", extra={"jobs": len(rest)})

    def step_of(self, job_id: str) -> int | None:
        """How many steps a job's furthest picture has walked, if the job runs here."""
        with self._lock:
            job = self.running.get(job_id)
        return None if job is None else max((t.row.step for t in job.tickets if t.row is not None), default=0)

    @property
    def resident(self) -> int:
        return sum(job.left for job in list(self.running.values()))

    # -------------------------------------------------------------------------------------- on the worker's own thread
    def _run(self) -> None:
        while not self._stopping:
            self._news.wait(POLL_SECONDS)
            self._news.clear()
            try:
                self._look_after(time.monotonic())
                if not self._draining:
                    self._take()
            except Exception as error:  # a database or a store that is away may come back: this thread must be there
                log.warning("no jobs can be taken", exc_info=error)
                time.sleep(POLL_SECONDS)

    def _look_after(self, now: float) -> None:
        """Jobs that others have lost, leases of our own, and who was cancelled in another process."""
        if now - self._recovered > RECOVER_SECONDS:
            self._recovered = now
            for name in self.jobs.recover():
                self.events.tell(name, Event("end"))
        if self.running and now - self._looked > POLL_SECONDS:
            self._looked = now
            for name in self.jobs.unwanted(self.owner):
                self.cancel(name)
        if self.running and now - self._renewed > self.settings.lease_seconds / 4:
            self._renewed = now
            for name in self.jobs.renew(self.owner, list(self.running)):
                self.cancel(name)

    def _take(self) -> None:
        while not (self._stopping or self._draining):
            self._full = True  # before the look at the room: a job that ends meanwhile says so
            room = self.settings.max_resident - self.resident
            if room <= 0:
                return
            limit = min(room, CLAIMED_AT_ONCE)
            with self._lock:  # whoever cancels a job finds it in the queue or here, never in between
                rows = self.jobs.claim(self.owner, limit=limit, models=list(self.artists))
                taken = [Running(row) for row in rows]
                self.running.update({job.row.id: job for job in taken})
            for job in taken:
                self._begin(job)
            if len(taken) < limit:
                self._full = False
                return

    def _take_at_once(self, row: TableRow[Any]) -> None:
        """On the thread that accepts it. Who cancels the job before it is here is heard by `_look_after`."""
        job = Running(row)
        with self._lock:
            self.running[row.id] = job
        self._begin(job)

    def _begin(self, job: Running) -> None:
        row = job.row
        try:
            payload = Payload.from_json(row.payload)
            job.parent, edit = self._edit(payload)
            tickets = [self._ticket(job, payload, edit, number) for number in range(payload.n)]
        except (UserError, FileNotFoundError, KeyError, TypeError) as error:
            job.error = error
            self._end(job)
            return
        except Exception as error:  # the store is away, say
            log.warning("a job could not begin", exc_info=error, extra={"job": row.id})
            self._put_back(job)
            return
        job.payload, job.left = payload, payload.n
        with self._lock:
            job.tickets = tickets
            for ticket in tickets:
                ticket.cancelled = job.unwanted
        try:
            for ticket in tickets:
                self.engines[row.model].submit(ticket)
        except RuntimeError:  # the engine was closed while the job arrived
            self._put_back(job)

    def _put_back(self, job: Running) -> None:
        with self._lock:
            self.running.pop(job.row.id, None)
        self.jobs.release(self.owner, [job.row.id], delay=REST_SECONDS, counts=True)

    def _ticket(self, job: Running, payload: Payload, edit: Edit | None, number: int) -> Ticket:
        request = payload.request_for(number)
        ticket = Ticket(
            artist=self.artists[job.row.model],
            request=request,
            edit=edit,
            owner=job.row.key_id,
            weight=payload.weight,
            on_done=lambda t, pixels, error: self._done(job, number, t, pixels, error),
        )
        if number == 0 and payload.partials > 0:
            ticket.preview_at = preview_steps(request.num_steps, payload.partials)
            ticket.on_preview = lambda t, pixels: self._preview(job, pixels)
        return ticket

    def _edit(self, payload: Payload) -> tuple[bytes | None, Edit | None]:
        if payload.picture is None:
            return None, None
        parent = self.blobs.get(payload.picture)
        mask = None if payload.mask is None else self.blobs.get(payload.mask)
        return parent, edit_from(
            parent, mask=mask, strength=payload.strength, masked=payload.masked, factor=payload.factor
        )

    # ------------------------------------------------------------------------------------------ on the decoding thread
    def _preview(self, job: Running, pixels: Pixels) -> None:
        out = BytesIO()
        Image.fromarray(pixels).resize((job.payload.width, job.payload.height)).save(out, "JPEG", quality=70)
        number, job.payload.sent = job.payload.sent, job.payload.sent + 1
        self.events.tell(job.row.id, Event("preview", number, out.getvalue()))

    def _done(self, job: Running, number: int, ticket: Ticket, pixels: Pixels | None, error: Exception | None) -> None:
        if pixels is not None and job.error is None:
            try:
                job.made[number] = self._write(job, number, ticket.request, pixels)
            except Exception as broken:
                job.error = broken
        elif error is not None and job.error is None:
            job.error = error
            for other in job.tickets:
                self.engines[job.row.model].cancel(other)
        job.left -= 1
        if job.left == 0:
            self._end(job)

    def _write(self, job: Running, number: int, request: ImageRequest, pixels: Pixels) -> NewPicture:
        card = self.artists[job.row.model].card
        content, (height, width) = finished(
            pixels, request, card=card, payload=job.payload, parent=job.parent, settings=self.settings, timed=job.timed
        )
        with job.timed("store"):
            blob = self.blobs.put(content)
        days = self.settings.keep_days
        job.contents[number] = content
        return NewPicture(
            number=number,
            blob=blob,
            media_type=f"image/{job.payload.picture_format}",
            width=width,
            height=height,
            seed=request.seed,
            sha256=hashlib.sha256(content).hexdigest(),
            num_bytes=len(content),
            expires_at=None if days is None else time.time() + days * 86_400,
            words=search_words(request.prompt),
        )

    def _end(self, job: Running) -> None:
        """Writes how the job ended. When even that fails, the lease will run out and the job is tried again."""
        written, made = False, None
        try:
            made = self._settle(job)
            written = made is not None
        except Exception as error:  # whatever it is: this thread decodes everybody's pictures
            # A connection that broke may have broken after the commit: then the pictures are somebody's.
            written = not isinstance(error, StorageFull)
            log.warning("the end of a job could not be written", exc_info=error, extra={"job": job.row.id})
        with self._lock:
            self.running.pop(job.row.id, None)
        self.events.tell(job.row.id, Event("end", made=made))
        if self._full:
            self._news.set()
        for picture in () if written else job.made.values():
            with suppress(Exception):  # the sweep finds what is left
                self.blobs.delete(picture.blob)

    def _settle(self, job: Running) -> Made | None:
        """What was made, when the pictures now belong to the job."""
        row, model = job.row, job.row.model
        if job.error is not None:
            error = told(job.error)
            if error["status"] == 500:
                log.error("a job failed", exc_info=job.error, extra={"job": row.id})
            self.jobs.fail(self.owner, row.id, error)
            self.metrics.jobs.labels(model, "failed").inc()
            return None
        if len(job.made) < job.payload.n:
            if not self._stopping:  # then `stop` puts it back in the queue
                self.jobs.cancelled(self.owner, row.id)
                self.metrics.jobs.labels(model, "cancelled").inc()
            return None
        cost = self._cost(job)
        if not self.jobs.finish(self.owner, row, [job.made[k] for k in sorted(job.made)], cost=cost):
            self.jobs.cancelled(self.owner, row.id)
            return None
        self.metrics.jobs.labels(model, "done").inc()
        self.metrics.pictures.labels(model).inc(len(job.made))
        self.metrics.joules.labels(cost["method"]).inc(cost["joules"])
        if self.tracing is not None:
            facts = {"model": model, "pictures": len(job.made), **cost}
            times = {"created": row.created_at, "claimed": job.claimed}
            self.tracing.job(job.payload.trace, job_id=row.id, facts=facts, **times)
        self.metrics.job_seconds.labels(step_class(job.payload.num_steps)).observe(time.time() - row.created_at)
        return Made(row, cost, tuple((job.made[k], job.contents[k]) for k in sorted(job.made)))

    def _cost(self, job: Running) -> dict[str, Any]:
        prepare, decode = (sum(getattr(t, f"{part}_seconds") for t in job.tickets) for part in ("prepare", "decode"))
        parts = {"prepare": prepare, "decode": decode, **job.parts}
        return {
            "seconds": round(sum(t.seconds for t in job.tickets), 6),
            "queued_seconds": round(max(0.0, job.claimed - job.row.created_at), 6),
            "total_seconds": round(max(0.0, time.time() - job.row.created_at), 6),
            "steps": sum(t.row.step for t in job.tickets if t.row is not None),
            "evaluations": sum(t.evaluations for t in job.tickets),
            "joules": round(sum(t.joules for t in job.tickets), 3),
            "method": job.tickets[0].method,
            "parts": {name: round(seconds, 6) for name, seconds in parts.items()},
        }
