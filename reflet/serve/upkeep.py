"""What is done now and then and may take its time: pictures whose days are over, words of jobs that came to nothing,
blobs that nothing names.

On a thread of its own: listing a bucket takes long, and who makes pictures must not wait for it.
"""

from __future__ import annotations

import logging
import threading
import time

from reflet.store.jobs import JobStore
from reflet.store.pictures import PictureStore

log = logging.getLogger("reflet.upkeep")
EXPIRE_SECONDS, SWEEP_SECONDS = 60.0, 3600.0


class Upkeep:
    """From `start` to `stop`."""

    def __init__(self, pictures: PictureStore, jobs: JobStore) -> None:
        self._pictures, self._jobs = pictures, jobs
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait for a listing that is under way: nothing is lost when it is cut off."""
        self._stop.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        swept = 0.0
        while not self._stop.is_set():
            try:
                self._pictures.expire()
                self._jobs.forget_words()
                if time.monotonic() - swept > SWEEP_SECONDS or swept == 0.0:
                    swept = time.monotonic()
                    self._pictures.sweep()
            except Exception as error:  # the database or the store is away: there is a next time
                log.warning("upkeep failed", exc_info=error)
            self._stop.wait(EXPIRE_SECONDS)
