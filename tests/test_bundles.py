"""What ships in `bundles/` is whole, small enough, says what it was trained on, and draws."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

import reflet
from reflet.cli.main import run
from reflet.data.ledger import LEDGER, Ledger
from reflet.evaluate.speech_measures import mean_pitch
from reflet.generate.upscale import Enlarger, load_upscaler

BUNDLES = sorted(p.parent for p in (Path(__file__).resolve().parents[1] / "bundles").glob("*/manifest.json"))
PAINTERS = [b for b in BUNDLES if "flow" in json.loads((b / "config.json").read_text())]
UPSCALERS = [b for b in BUNDLES if "upscaler" in json.loads((b / "config.json").read_text())]
LIMIT = 25 * 2**20  # bytes


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda p: p.name)
def test_a_bundle_is_small_and_says_what_it_is(bundle: Path) -> None:
    assert sum(p.stat().st_size for p in bundle.rglob("*") if p.is_file()) <= LIMIT
    materials = json.loads((bundle / "materials.json").read_text())
    number = materials["num_pictures" if "num_pictures" in materials else "num_records"]
    assert number == sum(materials["licenses"].values())
    card = (bundle / "card.md").read_text()
    for heading in ("Data", "Compute", "Losses", "Limits"):
        assert f"## {heading}" in card, heading


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda p: p.name)
def test_a_ledger_that_ships_is_complete(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every record with licence and source; one root in the ledger and the bill of materials; no more than 48 bytes a
    record, of which its hash, which nothing compresses, is 32. What a bundle inherits from one without a ledger is said
    in its card."""
    if not (bundle / LEDGER).exists():
        pytest.skip(f"{bundle.name} was packed before bundles carried ledgers")
    run(["ledger", "verify", str(bundle)])
    if "Not listed" in capsys.readouterr().out:
        assert "not listed record by record" in (bundle / "card.md").read_text()
    ledger, materials = Ledger.load(bundle), json.loads((bundle / "materials.json").read_text())
    assert len(ledger) >= materials["num_pictures" if "num_pictures" in materials else "num_records"]
    assert (bundle / LEDGER).stat().st_size <= 48 * len(ledger)
    assert ledger.prove(len(ledger) // 2).holds()


def test_the_voice_that_ships_says_what_it_is_told() -> None:
    """Each voice has its own pitch, near its source's; a text becomes words with times; a pace is kept; it is small."""
    bundle = next(b for b in BUNDLES if b.name == "reflet-voice")
    assert sum(p.stat().st_size for p in bundle.iterdir()) <= 12 * 2**20
    torch.set_num_threads(1)
    voice = reflet.load(str(bundle))
    text = "The weather is very nice today."
    for speaker in voice.bundle.config.speakers:
        plain = voice.speak(text, voice=speaker.name)
        assert [w.text for w in plain.words] == text.lower().strip(".").split()
        heard = mean_pitch(plain.samples, sample_rate=16_000, near=speaker.pitch_hz)
        assert heard == pytest.approx(speaker.pitch_hz, rel=0.15), speaker.name
        slow = voice.speak(text, voice=speaker.name, speed=0.8)
        assert plain.seconds / slow.seconds == pytest.approx(0.8, rel=0.1)


@pytest.mark.parametrize("bundle", PAINTERS, ids=lambda p: p.name)
def test_a_bundle_draws_what_colour_it_is_told(bundle: Path) -> None:
    """Coarse on purpose: asked for a thing in red and in blue, the pictures differ that way."""
    torch.set_num_threads(1)
    artist = reflet.load(str(bundle))
    means = {}
    for color in ("red", "blue"):
        pictures = artist.generate(f"a {color} plastic cube on a white table", n=3, seed=0, num_steps=10)
        assert all(p.pixels.std() > 15 for p in pictures)
        means[color] = np.mean([p.pixels.reshape(-1, 3).mean(axis=0) for p in pictures], axis=0)
    red, blue = (float(means[c][0] - means[c][2]) for c in ("red", "blue"))
    assert red > blue + 5


def scene() -> Image.Image:
    """Edges and a slow gradient, drawn large and made smaller: 96 x 96."""
    image = Image.linear_gradient("L").resize((768, 768)).convert("RGB")
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 140, 520, 560), fill=(200, 40, 30))
    pen.polygon(((420, 700), (560, 300), (720, 680)), fill=(30, 90, 200))
    pen.line((40, 60, 700, 120), fill=(250, 250, 240), width=20)
    return image.resize((96, 96), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("bundle", UPSCALERS, ids=lambda p: p.name)
def test_an_upscaler_beats_what_needs_no_training(bundle: Path) -> None:
    """On a picture that it never saw, of a kind that it never saw."""
    torch.set_num_threads(1)
    whole = np.asarray(scene(), float)
    small = scene().resize((48, 48), Image.Resampling.BICUBIC)
    made = Enlarger(load_upscaler(str(bundle))).enlarge(np.asarray(small), factor=2)
    plain = np.asarray(small.resize((96, 96), Image.Resampling.LANCZOS), float)
    errors = [float(((p - whole) ** 2).mean()) for p in (made, plain)]
    assert errors[0] < errors[1]
