"""The truth of a picture's parts: read from mask, depth and graph, turned with the picture, the same for ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from reflet.data.record import Record
from reflet.data.rendered import encode_depth
from reflet.data.semantics import SKY, UNKNOWN, SemanticMaps, load_semantics
from reflet.data.shards import write_shard


def png(picture: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])


def graph(name: str = "mug", color: str | None = "red") -> dict[str, Any]:
    thing = {"id": 1, "name": name, "color": color, "material": "steel"}
    return {"family": "tabletop", "surface": None, "environment": "beach", "objects": [thing]}


def record(key: str, described: dict[str, Any], *, annotated: bool = True) -> Record:
    """64 px: sky above row 16, a thing 3 m away in the left quarter below it, ground 30 m away elsewhere."""
    mask, depth = np.zeros((64, 64), np.uint8), np.full((64, 64), 30.0, np.float32)
    depth[:16] = np.inf
    mask[16:, :16], depth[16:, :16] = 1, 3.0
    return Record.create(
        key,
        image=png(np.zeros((64, 64, 3), np.uint8)),
        image_ending="png",
        captions=("a mug",),
        source="test",
        license="CC0-1.0",
        author="the tests",
        meta={"graph": described},
        annotations={"mask.png": png(mask), "depth.png": encode_depth(depth)} if annotated else {},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    records = [record("000", graph()), record("001", graph("vase", None)), record("002", {}, annotated=False)]
    write_shard(tmp_path / "set" / "shard-000000.tar", records)
    return tmp_path


def maps(folder: Path) -> SemanticMaps:
    return load_semantics(folder / "set", [graph(), graph("vase", None), {}], folder / "classes.json", grid=4)


def test_cells_say_what_is_there(folder: Path) -> None:
    found = maps(folder)
    words = json.loads((folder / "classes.json").read_text())
    names, looks, distances = found.labels[0]
    assert found.sizes == (len(words["name"]), len(words["look"]), SKY + 1)
    assert [words["name"][i] for i in names[0]] == ["sky"] * 4
    assert [words["name"][i] for i in names[2]] == ["mug", *["place: beach"] * 3]
    assert [words["look"][i] for i in looks[2]] == ["red", "plain", "plain", "plain"]
    assert [words["look"][i] for i in found.labels[1, 1, 2]] == ["steel", "plain", "plain", "plain"]
    assert (distances[0] == SKY).all()
    # Classes of distance are octaves from 5 cm: 3 m is 5.9 octaves away, 30 m 9.2.
    assert distances[2].tolist() == [5, 9, 9, 9]


def test_a_picture_without_truth_is_unknown(folder: Path) -> None:
    assert (maps(folder).labels[2] == UNKNOWN).all()


def test_mirror_images_are_turned(folder: Path) -> None:
    found = maps(folder)
    plain, turned = found.gather(np.array([0, 3]))
    assert not np.array_equal(plain, turned)
    np.testing.assert_array_equal(plain, turned[:, :, ::-1])
    np.testing.assert_array_equal(found.labels[0], plain)


def test_classes_keep_their_numbers_when_the_set_grows(folder: Path) -> None:
    first = maps(folder)
    write_shard(folder / "set" / "shard-000001.tar", [record(f"{i:03d}", graph("anvil", "blue")) for i in range(3, 9)])
    graphs = [graph(), graph("vase", None), {}, *[graph("anvil", "blue")] * 6]
    grown = load_semantics(folder / "set", graphs, folder / "classes.json", grid=4)
    assert grown.sizes == first.sizes
    np.testing.assert_array_equal(grown.labels[:3], first.labels)
    assert grown.labels[3, 0, 2, 0] == UNKNOWN  # an anvil was in no picture when the classes were fixed
    assert grown.labels[3, 2, 2, 0] == 5
