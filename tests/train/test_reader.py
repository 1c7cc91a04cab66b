"""The reader learns to read a world of discs and squares; its targets say what mask and graph say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from reflet.data.pictures import PictureSet
from reflet.evaluate.reader import Reader
from reflet.train.optimizer import OptimizerConfig
from reflet.train.reader import IGNORE, ReaderTask, ReaderTaskConfig, decode_mask, reader_targets
from reflet.train.trainer import TrainConfig, Trainer
from tests.toys import CONFIG, toy


@pytest.fixture(scope="module")
def world() -> tuple[PictureSet, list[bytes]]:
    made = [toy(n) for n in range(1200)]
    return PictureSet([np.stack([m[0] for m in made])], [{"graph": m[2]} for m in made]), [m[1] for m in made]


def test_targets_say_what_mask_and_graph_say() -> None:
    _, mask, graph = toy(3)
    found = reader_targets(graph, decode_mask(mask), CONFIG)
    ids = decode_mask(mask)[2::4, 2::4]
    for thing in graph["objects"]:
        where = ids == thing["id"]
        rows, columns = np.nonzero(where)
        assert (found.words_3hw[0][where] == CONFIG.names.index(thing["name"])).all()
        assert (found.words_3hw[1][where] == CONFIG.colors.index(thing["color"])).all()
        np.testing.assert_allclose(columns + found.offsets_2hw[0][where], columns.mean(), atol=1e-4)
        np.testing.assert_allclose(rows + found.offsets_2hw[1][where], rows.mean(), atol=1e-4)
    assert int((found.centre_hw == 1.0).sum()) == len(graph["objects"])
    assert found.weights_hw.sum() == pytest.approx(1.0, abs=1e-5)
    assert found.direction_4 == pytest.approx(
        [np.sign(graph["light"]["azimuth"]) * np.cos(np.radians(20)), 0.0, np.sin(np.radians(20)), 1.0], abs=1e-6
    )


def test_what_the_reader_does_not_know_is_not_asked() -> None:
    _, mask, graph = toy(3)
    graph["objects"][0]["name"], graph["light"]["azimuth"] = "teapot", None
    found = reader_targets(graph, decode_mask(mask), CONFIG)
    where = decode_mask(mask)[2::4, 2::4] == 1
    assert (found.words_3hw[:, where] == IGNORE).all()
    assert not found.weights_hw[where].any()
    assert not found.direction_4.any()


@pytest.mark.slow
def test_a_reader_learns_to_read(world: tuple[PictureSet, list[bytes]], tmp_path: Path) -> None:
    torch.manual_seed(0)
    task = ReaderTask(Reader(CONFIG), *world, ReaderTaskConfig(batch_size=24))
    config = TrainConfig(
        num_steps=240, preview_steps=240, log_steps=60, optimizer=OptimizerConfig(muon_lr=6e-3, adam_lr=6e-3)
    )
    Trainer(task, config, tmp_path).run()
    numbers = task.preview(task.model, tmp_path, 240)
    assert numbers["found"] > 0.9
    assert numbers["name"] > 0.9
    assert numbers["color"] > 0.95
    assert numbers["count"] > 0.85
    assert numbers["environment"] > 0.95
    assert numbers["side"] > 0.9
    assert numbers["light_degrees"] < 20


def test_masks_belong_to_pictures(world: tuple[PictureSet, list[bytes]]) -> None:
    with pytest.raises(ValueError, match="masks for"):
        ReaderTask(Reader(replace(CONFIG)), world[0], world[1][:5], ReaderTaskConfig())
