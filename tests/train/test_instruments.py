"""From sets of reserved seeds to instruments that load: the whole path, tiny."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from reflet.data.record import Record
from reflet.data.shards import write_shard
from reflet.evaluate.check_prompts import SKILLS
from reflet.evaluate.features import MetricEncoderConfig
from reflet.evaluate.instruments import load_instruments
from reflet.runtime.errors import UserError
from reflet.train.features import MaskedTaskConfig
from reflet.train.instruments import InstrumentRecipe, InstrumentRun, words_of
from reflet.train.reader import ReaderTaskConfig
from reflet.train.trainer import TrainConfig
from tests.toys import toy

RECIPE = InstrumentRecipe(
    widths=(8, 8, 16),
    blocks=(1, 1, 1),
    size=64,
    encoder=MetricEncoderConfig(width=32, depth=1, num_heads=2, decoder_width=32, decoder_depth=1),
    reader_task=ReaderTaskConfig(batch_size=8),
    reader_train=TrainConfig(num_steps=6, preview_steps=6, log_steps=3),
    encoder_task=MaskedTaskConfig(batch_size=8),
    encoder_train=TrainConfig(num_steps=6, preview_steps=6, log_steps=3),
    num_reference=60,
    num_prompts=1,
    quality=0.05,
)


def toy_set(folder: Path, *, seed: int, first: int) -> None:
    """200 toys as a rendered set of that seed."""
    folder.mkdir(parents=True)

    def record(number: int) -> Record:
        picture, mask, graph = toy(number)
        content = BytesIO()
        Image.fromarray(picture).save(content, "PNG")
        return Record.create(
            f"{number:09d}",
            image=content.getvalue(),
            image_ending="png",
            captions=("a toy",),
            source="toys",
            license="CC0-1.0",
            author="the tests",
            meta={"graph": graph},
            annotations={"mask.png": mask},
        )

    write_shard(folder / "shard-000000.tar", (record(first + n) for n in range(200)))
    (folder / "set.json").write_text(json.dumps({"seed": seed, "count": 200}))


@pytest.mark.slow
def test_instruments_from_sets_to_a_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    toy_set(data / "reader", seed=1_000_000, first=0)
    toy_set(data / "encoder", seed=1_000_300, first=10_000)
    run = InstrumentRun(RECIPE, data, tmp_path / "run", device="cpu")
    run.train_reader()
    run.train_encoder()
    with pytest.raises(KeyboardInterrupt):
        run.draw_prompts(lambda done, of: (_ for _ in ()).throw(KeyboardInterrupt) if done == 3 else None)
    assert len(list((data / "prompts").glob("[0-9]*.npy"))) == 3
    run.draw_prompts()
    run.pack(tmp_path / "instruments", card="# Instruments\n")
    found = load_instruments(str(tmp_path / "instruments"))
    assert found.real.shape == (60, 32)
    assert found.real_prompts.shape == (len(SKILLS), 2, 32)
    assert found.reader.config.names == ("", "cube", "sphere")
    assert 0.0 <= found.calibration.reader["environment"] <= 1.0


def test_an_instrument_learns_from_its_own_seeds_alone(tmp_path: Path) -> None:
    toy_set(tmp_path / "data" / "reader", seed=3, first=0)
    with pytest.raises(UserError, match="was made with seed 3"):
        InstrumentRun(RECIPE, tmp_path / "data", tmp_path / "run", device="cpu").train_reader()


def test_rare_names_are_not_read() -> None:
    graphs = [toy(n)[2] for n in range(60)]
    graphs[0]["objects"][0]["name"] = "teapot"
    words = words_of(graphs)
    assert words["names"] == ["", "cube", "sphere"]
    assert words["colors"] == ["", "blue", "green", "red"]
    assert words["materials"] == [""]
