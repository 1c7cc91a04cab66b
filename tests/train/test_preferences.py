"""Votes become what preference training learns from: pictures drawn again, bit for bit, from what the arena kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from reflet.arena.exchange import write_preferences
from reflet.arena.folder import ArenaFolder
from reflet.arena.log import Battle, Vote
from reflet.arena.prompts import Prompt
from reflet.cli.contestants import bundle_of
from reflet.generate.image import ImageGenerator, load, to_pixels
from reflet.runtime.device import Ranks
from reflet.runtime.errors import UserError
from reflet.runtime.seed import noise_like_shape
from reflet.train.prefer import PreferTask, PreferTaskConfig
from reflet.train.preferences import read_pairs
from tests.tiny_models import tiny_bundle

TRAINING = [p for p in (Prompt(f"a red sphere{'!' * k}") for k in range(12)) if p.split == "train"][:3]
VOTER = "voter-0"  # of the training split


@pytest.fixture(scope="module")
def artist(tmp_path_factory: pytest.TempPathFactory) -> ImageGenerator:
    root = tmp_path_factory.mktemp("bundles")
    tiny_bundle(root / "tiny")
    return load(str(root / "tiny"), device="cpu")


@pytest.fixture(scope="module")
def exported(artist: ImageGenerator, tmp_path_factory: pytest.TempPathFactory) -> tuple[ArenaFolder, Path]:
    """An arena of one bundle in 2 and in 3 steps; a voter chose the left each time."""
    root = tmp_path_factory.mktemp("arena")
    folder = ArenaFolder(root / "arena", create=True)
    settings = ({"num_steps": 2}, {"num_steps": 3, "sampler": "ddim"})
    contestants = [bundle_of(str(k), artist, wishes) for k, wishes in enumerate(settings)]
    folder.fill(contestants, TRAINING, n=1, report=lambda done, of: None)
    folder.log.meet_voter(VOTER, salt="s")
    for prompt in TRAINING:
        a, b = (p.id for p in folder.log.pictures() if p.prompt == prompt.id)
        folder.log.open_battle(Battle(f"b{prompt.id}", prompt.id, a, b, VOTER))
        folder.log.cast(Vote(f"b{prompt.id}", VOTER, "model_a", dwell=2.0))
    write_preferences(folder, root / "votes")
    return folder, root / "votes" / "train-pairs.jsonl"


def test_pictures_are_drawn_again_as_they_were(artist: ImageGenerator, exported: tuple[ArenaFolder, Path]) -> None:
    folder, path = exported
    pairs, others = read_pairs(path, artist)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(pairs.chosen) == len(rows) == 3 and others == 0
    channels = artist.bundle.config.flow.latent_channels
    hashes = {p.id: p.sha256 for p in folder.log.pictures()}
    for k, row in enumerate(rows):
        for side, data in (("chosen", pairs.chosen[k]), ("rejected", pairs.rejected[k])):
            with torch.inference_mode():
                again = to_pixels(artist.bundle.autoencoder.decode(torch.from_numpy(data[None, :channels])))[0]
            kept = folder.pixels(hashes[row[side]["picture"]]).astype(int)
            assert np.abs(again - kept).mean() < 1.0  # decoded in another precision
        assert pairs.noise is not None
        noise = noise_like_shape(pairs.chosen.shape[1:], "image", row["chosen"]["seed"]).numpy()
        assert np.array_equal(pairs.noise[k, 0], noise)
    lengths = [len(artist.bundle.tokenizer.encode(r["prompt"])) for r in rows]
    assert pairs.ids.shape == (3, max(lengths))
    assert all((pairs.ids[k, n:] == artist.bundle.config.text.pad_id).all() for k, n in enumerate(lengths))


def test_a_loaded_bundle_learns_from_them(exported: tuple[ArenaFolder, Path], artist: ImageGenerator) -> None:
    assert artist.bundle.path is not None
    own = load(str(artist.bundle.path), device="cpu")
    task = PreferTask(own.bundle, read_pairs(exported[1], own)[0], PreferTaskConfig(batch_size=3))
    task.loss(task.batch(0, Ranks())).total.backward()
    moved = [p.grad is not None and bool(p.grad.abs().sum() > 0) for p in task.model.parameters()]
    assert any(moved) and all(p.grad is None for p in task.reference.parameters())


def test_others_pictures_are_counted_and_nonsense_refused(
    exported: tuple[ArenaFolder, Path], artist: ImageGenerator, tmp_path: Path
) -> None:
    rows = [json.loads(line) for line in exported[1].read_text().splitlines()]
    rows[0]["rejected"]["bundle_sha256"] = "another"
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    pairs, others = read_pairs(path, artist)
    assert (len(pairs.chosen), others) == (2, 1)
    path.write_text(json.dumps(rows[0]))
    with pytest.raises(UserError, match="no pair of which"):
        read_pairs(path, artist)
    del rows[1]["chosen"]["eta"]
    path.write_text(json.dumps(rows[1]))
    with pytest.raises(UserError, match="how it was made"):
        read_pairs(path, artist)
    for content in ("no json", '{"prompt": 1}', "[]"):
        path.write_text(content)
        with pytest.raises(UserError, match="holds no pairs"):
            read_pairs(path, artist)
