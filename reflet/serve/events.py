"""News of jobs, from the threads that make pictures to the requests that wait for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row

from reflet.store.jobs import NewPicture


@dataclass(frozen=True)
class Made:
    """A job that was done in this process: its row as it began, what it cost, its pictures and their bytes."""

    row: Row[Any]
    cost: dict[str, Any]
    pictures: tuple[tuple[NewPicture, bytes], ...]


@dataclass(frozen=True)
class Event:
    """`preview`: JPEG bytes of the first picture, `number` from 0. `end`: what was `made`, or the job's row tells."""

    kind: Literal["preview", "end"]
    number: int = 0
    content: bytes = b""
    made: Made | None = None


class Events:
    """In one process. Between processes the database is the only news: who waits looks there now and then."""

    def __init__(self) -> None:
        self._queues: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Event]]]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def follow(self, job_id: str) -> Iterator[asyncio.Queue[Event]]:
        """A queue of the job's events from now on; call it on the event loop."""
        entry = (asyncio.get_running_loop(), asyncio.Queue[Event]())
        with self._lock:
            self._queues.setdefault(job_id, []).append(entry)
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._queues[job_id].remove(entry)
                if not self._queues[job_id]:
                    del self._queues[job_id]

    def tell(self, job_id: str, event: Event) -> None:
        """From any thread."""
        with self._lock:
            for loop, queue in self._queues.get(job_id, ()):
                if not loop.is_closed():
                    loop.call_soon_threadsafe(queue.put_nowait, event)
