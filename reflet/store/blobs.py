"""Bytes by name: a folder, or any place that fsspec can write to (s3://bucket/path with the extra `s3`)."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import fsspec

from reflet.runtime.errors import UserError
from reflet.store.database import StorageFull, as_full
from reflet.store.flush import sync_file

NAME = re.compile(r"[0-9a-f]{32}")
_syncing = ThreadPoolExecutor(4, thread_name_prefix="sync")


class Blobs:
    """`put` returns a fresh name once the bytes are there for good; names are random and say nothing.

    `reserve`: bytes that must stay free in a folder; below that `put` and `check_room` raise StorageFull, so that the
    database on the same disk can still write that a job has failed.
    """

    def __init__(self, url: str, *, reserve: int = 4 << 20) -> None:
        try:
            self.fs, self.root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise UserError(f"blobs cannot be kept at {url}: {error}") from error
        self.is_local = "file" in (self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,))
        self.reserve = reserve
        self._ready: set[str] = set()  # folders that are there for good
        self.fs.makedirs(self.root, exist_ok=True)

    def check_room(self, num_bytes: int = 0) -> None:
        """Raises StorageFull when a folder has no room for so many bytes more."""
        if self.is_local and shutil.disk_usage(self.root).free < self.reserve + num_bytes:
            raise StorageFull("the disk for pictures is full")

    def put(self, content: bytes) -> str:
        """The name under which the bytes are now kept. Raises StorageFull, and then nothing is left behind."""
        self.check_room(len(content))
        name = secrets.token_hex(16)
        path = self._path(name)
        try:
            if self.is_local:
                self._put_locally(path, content)
            else:
                self._put_elsewhere(path, content)
        except OSError as error:
            raise as_full(error) from error
        return name

    def _put_elsewhere(self, path: str, content: bytes) -> None:
        try:
            self.fs.pipe_file(path, content)
        except FileNotFoundError:  # a store with folders; a bucket has none to make, and each look costs a request
            self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            self.fs.pipe_file(path, content)

    def _put_locally(self, path: str, content: bytes) -> None:
        # Nobody knows the name before `put` returns, so half a file is only ever something for the sweep.
        folder = path.rpartition("/")[0]
        # It may be new, made by us or at this moment by another, or cleared away by an operator.
        if folder not in self._ready or not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            sync_file(self.root)
            self._ready.add(folder)
        try:
            with open(path, "xb") as handle:
                handle.write(content)
                handle.flush()
                names = _syncing.submit(sync_file, folder)  # beside the bytes: a disk takes both as soon as one
                os.fsync(handle.fileno())
            names.result()
        except BaseException:
            with suppress(OSError):
                os.unlink(path)
            raise

    def get(self, name: str) -> bytes:
        """Raises FileNotFoundError."""
        return self.fs.cat_file(self._path(name))

    def delete(self, name: str) -> None:
        """Gone, or was not there."""
        with suppress(FileNotFoundError):
            self.fs.rm_file(self._path(name))

    def names(self, *, older_than: float) -> list[str]:
        """Names of blobs that are older than so many seconds."""
        before = time.time() - older_than
        found: list[str] = []
        self.fs.invalidate_cache()  # some stores remember listings
        for path, about in self.fs.find(self.root, detail=True).items():
            made = about.get("mtime") or about.get("LastModified") or about.get("created") or 0.0
            seconds = made if isinstance(made, int | float) else made.timestamp()
            name = path.rpartition("/")[2]
            if seconds < before and NAME.fullmatch(name):
                found.append(name)
        return found

    def _path(self, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no blob's name")
        return f"{self.root}/{name[:2]}/{name}"
