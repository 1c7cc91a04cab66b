"""Waiting for the disk together: who comes while a sync runs waits for the next one, and shares it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# Without times and the like, where the system can: a log that is written over needs nothing else.
_sync_bytes: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


def sync_file(path: str | Path, *, sync: Callable[[int], None] = os.fsync) -> None:
    """Returns once a file's bytes, or a folder's names, are on disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        sync(handle)
    finally:
        os.close(handle)


class Flush:
    """Calling it returns once everything that was written to the file before the call is on disk. From any thread.

    Group commit: however many threads wait, at most two syncs lie between a call and its return.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._change = threading.Condition()
        self._begun = self._done = 0
        self._runs = False

    def __call__(self) -> None:
        """Raises OSError when the disk fails; then nothing is known of what was written."""
        with self._change:
            mine = self._begun + 1  # the one that runs, if any, may have begun before our bytes were there
            while self._runs and self._done < mine:
                self._change.wait()
            if self._done >= mine:
                return
            self._begun = max(self._begun, mine)
            self._runs, number = True, self._begun
        try:
            with suppress(FileNotFoundError):  # no log (yet): SQLite does without
                sync_file(self.path, sync=_sync_bytes)
        except BaseException:
            number = 0
            raise
        finally:
            with self._change:
                self._runs, self._done = False, max(self._done, number)
                self._change.notify_all()
