"""The metric encoder learns to guess, and its features then tell pictures apart by what they show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from reflet.data.pictures import PictureSet
from reflet.evaluate.distribution import frechet_distance
from reflet.evaluate.features import MetricEncoder, MetricEncoderConfig, features_of
from reflet.train.features import MaskedTask, MaskedTaskConfig
from reflet.train.optimizer import OptimizerConfig
from reflet.train.trainer import TrainConfig, Trainer

CONFIG = MetricEncoderConfig(
    size=32, patch_size=8, width=32, depth=2, num_heads=2, decoder_width=32, decoder_depth=1, visible_share=0.4
)


def pictures(number: int, *, seed: int) -> NDArray[np.uint8]:
    """A coloured disc before a ramp."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:32, 0:32]
    out = np.zeros((number, 32, 32, 3), np.float64)
    for picture in out:
        picture[:] = np.linspace(rng.uniform(20, 120), rng.uniform(120, 235), 32)[:, None, None]
        x, y = rng.uniform(9, 23, 2)
        picture[(rows - y) ** 2 + (columns - x) ** 2 < 49] = rng.uniform(0, 255, 3)
    return np.clip(out, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> MetricEncoder:
    torch.manual_seed(0)
    made = pictures(800, seed=0)
    task = MaskedTask(MetricEncoder(CONFIG), PictureSet([made], [{} for _ in made]), MaskedTaskConfig(batch_size=32))
    folder: Path = tmp_path_factory.mktemp("features")
    before = task.preview(task.model, folder, 0)["held_out_hidden"]
    config = TrainConfig(
        num_steps=200, preview_steps=200, log_steps=50, optimizer=OptimizerConfig(muon_lr=4e-3, adam_lr=2e-3)
    )
    Trainer(task, config, folder).run()
    assert task.preview(task.model, folder, 200)["held_out_hidden"] < 0.35 * before
    return task.encoder


@pytest.mark.slow
def test_damages_move_the_distance_in_order_of_strength(encoder: MetricEncoder) -> None:
    real, other = (features_of(encoder, pictures(400, seed=s)) for s in (1, 2))
    base = frechet_distance(real, other)
    plain = pictures(400, seed=2).astype(int)
    shifted = [np.clip(plain + np.array([s, 0, -s]), 0, 255).astype(np.uint8) for s in (15, 40)]
    found = [frechet_distance(real, features_of(encoder, x)) for x in shifted]
    assert base < found[0] < found[1]
    assert found[1] > 3 * base
    gone = pictures(400, seed=2)
    gone[:] = gone[:, :, :1]  # the left edge, all along: the disc has been deleted
    assert frechet_distance(real, features_of(encoder, gone)) > 3 * base


def test_features_are_of_the_size_the_encoder_knows(encoder: MetricEncoder) -> None:
    assert features_of(encoder, pictures(5, seed=3), batch_size=2).shape == (5, CONFIG.num_features)
    with pytest.raises(ValueError, match="32 x 32"):
        encoder(torch.zeros(1, 3, 64, 64))


def test_the_hash_names_the_weights(encoder: MetricEncoder) -> None:
    torch.manual_seed(0)
    a, b = MetricEncoder(CONFIG), MetricEncoder(CONFIG)
    assert len({encoder.digest(), a.digest(), b.digest()}) == 3
    b.load_state_dict(a.state_dict())
    assert a.digest() == b.digest()
