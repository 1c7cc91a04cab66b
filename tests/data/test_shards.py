"""Shards: what is written is read, whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reflet.data.pictures import load_pictures, split_held_out
from reflet.data.record import Record
from reflet.data.shards import list_shards, read_shard, write_shard
from reflet.runtime.errors import UserError
from tests.conftest import shape_record


def test_round_trip(tmp_path: Path) -> None:
    records = [shape_record(i) for i in range(3)]
    records[1] = replace(records[1], annotations={"mask.png": b"mask"})
    assert write_shard(tmp_path / "a.tar", records) == 3
    back = list(read_shard(tmp_path / "a.tar"))
    assert back == records
    for record in back:
        record.verify()


def test_same_records_same_bytes(tmp_path: Path) -> None:
    for name in ("a.tar", "b.tar"):
        write_shard(tmp_path / name, [shape_record(1), shape_record(2)])
    first, second = (hashlib.sha256((tmp_path / n).read_bytes()).hexdigest() for n in ("a.tar", "b.tar"))
    assert first == second


def test_an_interrupted_shard_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield shape_record(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shard(tmp_path / "a.tar", broken())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_torn_shard_is_named(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.tar", [shape_record(1)])
    content = (tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(content[: 512 + 100])
    with pytest.raises(UserError, match=r"a\.tar"):
        list(read_shard(tmp_path / "a.tar"))


def test_a_changed_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="damaged"):
        replace(shape_record(1), image=b"other").verify()


def test_a_record_needs_a_licence() -> None:
    with pytest.raises(ValueError, match="licence"):
        Record.create("k", image=b"", image_ending="png", captions=(), source="", license="", author="")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no shards"):
        list_shards(tmp_path)


def test_pictures_are_decoded_once_and_gathered(shapes: Path) -> None:
    pictures = load_pictures(shapes, size=64)
    again = load_pictures(shapes, size=64)
    assert len(pictures) == len(again) == 480
    numbers = np.array([0, 119, 120, 479, 3])
    gathered = pictures.gather(numbers)
    assert gathered.shape == (5, 64, 64, 3)
    assert (gathered[1] == again.gather(numbers[1:2])[0]).all()
    assert pictures.samples[119]["key"] == "000000119"


def test_held_out_pictures_have_no_sibling_in_training() -> None:
    train, held = split_held_out(4000)
    assert len(train) + len(held) == 4000
    assert 0.015 < len(held) / 4000 < 0.025
    assert not set(held // 4) & set(train // 4)
