"""A voice from a set of shards to a bundle that speaks, and what resuming and padding promise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import reflet
from reflet.data.ledger import Ledger
from reflet.data.phones import Phones
from reflet.data.sounds import LengthBatches, load_sounds
from reflet.recipes.voice import VOICES, voice_tiny
from reflet.runtime.device import Ranks
from reflet.runtime.errors import UserError
from reflet.train.speech import SpeechTask, make_speech, tokens_of
from reflet.train.trainer import load_ema
from reflet.train.vocoder import VocoderTask, make_judge, make_vocoder
from reflet.train.voice_run import STAGES, VoiceRun
from tests.tiny_voice import tone_set


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tones")
    tone_set(folder)
    return folder


def test_a_voice_from_shards_to_speech(tones: Path, tmp_path: Path) -> None:
    """Every stage trains, one that was stopped bit for bit as one that was not; the bundle speaks."""
    whole, halved = (VoiceRun(voice_tiny(), tones, tmp_path / name, device="cpu") for name in ("whole", "halved"))
    for stage in STAGES:
        whole.train(stage)
    halved.train("speech", stop_at=5)
    halved.train("speech")
    for name, value in load_ema(tmp_path / "whole" / "speech").items():
        assert torch.equal(value, load_ema(tmp_path / "halved" / "speech")[name]), name
    assert (tmp_path / "whole" / "judged" / "preview-000012.png").exists()

    whole.pack(tmp_path / "bundle", card="# tones\n")
    assert len(Ledger.load(tmp_path / "bundle")) == 164
    voice = reflet.load(str(tmp_path / "bundle"), device="cpu")
    assert voice.voices == ("w", "x", "y", "z")
    speech = voice.speak(Phones(("pau", "aa1", "iy1", "uw0", ".")), voice="y")
    assert speech.seconds > 0.05 and np.isfinite(speech.samples).all() and len(speech.bundle_digest) == 64


def test_batches_are_what_was_recorded(tones: Path) -> None:
    sounds = load_sounds(tones)
    recipe = voice_tiny()
    task = SpeechTask(make_speech(recipe.speech, seed=0), sounds, recipe.vocoder, recipe.speech_task)
    task.measure()
    batch = task.batch(0, Ranks())
    assert batch.mel_BNM.shape[1] * len(batch.mel_BNM) <= recipe.speech_task.frames
    real_BT = batch.mask_BT
    assert tokens_of(batch.mel_BNM)[real_BT].mean().abs() < 0.2  # normalised
    for row in range(len(real_BT)):
        assert int(batch.ends_BP[row, -1]) == 2 * int(real_BT[row].sum())
    wide = task.loss(replace(batch, phones_BP=torch.nn.functional.pad(batch.phones_BP, (0, 3)),
                             starts_BP=torch.nn.functional.pad(batch.starts_BP, (0, 3)),
                             lengths_BP=torch.nn.functional.pad(batch.lengths_BP, (0, 3)),
                             ends_BP=torch.nn.functional.pad(batch.ends_BP, (0, 3), mode="replicate")))  # fmt: skip
    torch.testing.assert_close(wide.total, task.loss(batch).total)


def test_length_batches_cover_every_pass_and_fit_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(10, 90, 300)
    batches = LengthBatches(lengths, budget=400, seed=1, pool=128)
    seen: list[int] = []
    step = 0
    while len(seen) < 300:
        batch = batches.at(step)
        assert len(batch) * lengths[batch].max() <= 400
        seen += batch.tolist()
        step += 1
    assert sorted(seen) == list(range(300))
    again = LengthBatches(lengths, budget=400, seed=1, pool=128)
    assert np.array_equal(again.at(step + 3), batches.at(step + 3))  # asked directly, or after all before it


def test_each_player_learns_from_its_own_loss_alone(tones: Path) -> None:
    """The vocoder's wish to deceive must not move the judge, nor the judge's verdict the vocoder."""
    recipe = voice_tiny()
    vocoder, judge = make_vocoder(recipe.vocoder, seed=0), make_judge(recipe.judge, seed=0)
    task = VocoderTask(vocoder, load_sounds(tones), recipe.judged_task, judge=judge)
    batch = task.batch(0, Ranks())

    def moved(name: str, module: torch.nn.Module) -> bool:
        task.model.zero_grad()
        task.loss(batch).parts[name].backward()
        return any(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in module.parameters())

    assert moved("deceive", vocoder) and not moved("deceive", judge)
    assert moved("judge", judge) and not moved("judge", vocoder)
    assert moved("match", vocoder) and not moved("match", judge)


def test_recipes_build_and_wrong_sets_are_refused(tones: Path, tmp_path: Path) -> None:
    for make in VOICES.values():
        recipe = make()
        with torch.device("meta"):
            make_speech(recipe.speech, seed=0)
    wrong = replace(voice_tiny(), speech=replace(voice_tiny().speech, num_voices=2))
    with pytest.raises(UserError, match="num-voices 4"):
        VoiceRun(wrong, tones, tmp_path).train("vocoder")
