"""The reader learns to read a world of discs and squares; its targets say what mask and graph say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from reflet.data.pictures import PictureSet
from reflet.evaluate.reader import Reader, ReaderConfig
from reflet.train.optimizer import OptimizerConfig
from reflet.train.reader import IGNORE, ReaderTask, ReaderTaskConfig, decode_mask, reader_targets
from reflet.train.trainer import TrainConfig, Trainer

COLORS = {"red": (210, 30, 30), "green": (30, 160, 60), "blue": (40, 70, 210)}
CONFIG = ReaderConfig(
    names=("", "cube", "sphere"),
    colors=("", *COLORS),
    materials=("", "glass"),
    environments=("studio", "beach"),
    lights=("daylight", "night"),
    styles=("photograph",),
    size=64,
    widths=(16, 24, 32),
    blocks=(1, 1, 1),
)


def toy(number: int) -> tuple[NDArray[np.uint8], bytes, dict[str, Any]]:
    """One or two discs or squares on grey or yellow, brighter on the side the light comes from."""
    rng = np.random.default_rng(number)
    environment, side = ("studio", "beach")[int(rng.integers(2))], ("left", "right")[int(rng.integers(2))]
    image = np.full((64, 64, 3), (120, 120, 124) if environment == "studio" else (225, 205, 140), np.float32)
    mask, objects = np.zeros((64, 64), np.uint8), []
    for k in range(int(rng.integers(1, 3))):
        name, color = ("cube", "sphere")[int(rng.integers(2))], sorted(COLORS)[int(rng.integers(3))]
        x, y = int(rng.integers(12, 22)) + 28 * k, int(rng.integers(14, 50))
        where = np.zeros((64, 64), np.uint8)
        if name == "cube":
            cv2.rectangle(where, (x - 8, y - 8), (x + 8, y + 8), 1, -1)
        else:
            cv2.circle(where, (x, y), 9, 1, -1)
        image[where > 0], mask[where > 0] = COLORS[color], k + 1
        share = float(where.mean())
        box = [(x - 9) / 64, (y - 9) / 64, (x + 9) / 64, (y + 9) / 64]
        objects.append(
            {"id": k + 1, "name": name, "color": color, "material": None, "role": "subject", "visible": True}
            | {"area": share, "box": box, "clipped": False, "position": [0.0, 0.0, 0.0], "yaw": 0.0}
        )
    ramp = np.linspace(1.25, 0.75, 64) if side == "left" else np.linspace(0.75, 1.25, 64)
    light = {"kind": "daylight", "side": side, "azimuth": -90.0 if side == "left" else 90.0, "elevation": 20.0}
    graph = {"objects": objects, "environment": environment, "style": "photograph", "light": light}
    graph |= {"camera": {"heading": 0.0, "eye": [0.0, 0.0, 0.0]}, "relations": []}
    picture = np.clip(image * ramp[None, :, None], 0, 255).astype(np.uint8)
    return picture, bytes(cv2.imencode(".png", mask)[1]), graph


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
