"""Files that appear whole."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import pytest

from reflet.runtime.files import write_atomically


def _write(path: Path, byte: int) -> None:
    for _ in range(40):
        write_atomically(path, lambda handle: handle.write(bytes([byte]) * 200_000))


def test_processes_that_write_one_file_do_not_meet(tmp_path: Path) -> None:
    """Ranks of one training fill the same cache."""
    path = tmp_path / "cache.npy"
    writers = [get_context("spawn").Process(target=_write, args=(path, byte)) for byte in (1, 2, 3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    content = path.read_bytes()
    assert len(content) == 200_000
    assert len(set(content)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")

    def fail(handle: object) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_atomically(path, fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
