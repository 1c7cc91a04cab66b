"""`reflet speak`: files that say what they are, dialogues, pauses, refusals; `reflet verify` of sounds."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from reflet.cli.main import run
from reflet.generate.manner import style_of
from reflet.generate.reading import Manner, lines_of, read_aloud
from reflet.generate.sound import Encoder, SoundFormat, Tags, decode_sound, encode_sound, resampled, sound_kind
from reflet.generate.speech import Voice, joined, load
from reflet.generate.voice_bundle import save_voice
from reflet.runtime.errors import UserError
from tests.tiny_voice import tiny_voice

TEXT = "Ada: Hello, Ben! It is 5:30.\nBen: Is it? Then we must go at once.\n\nIt was late."


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voice") / "v"
    save_voice(folder, tiny_voice(), card="# v\n")
    return folder


@pytest.fixture(scope="module")
def voice(bundle: Path) -> Voice:
    return load(str(bundle))


def speak(bundle: Path, *arguments: str) -> None:
    run(["speak", *arguments, "--bundle", str(bundle), "--threads", "1", "--seed", "3"])


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "opus"])
def test_a_file_says_what_it_is(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    out = tmp_path / "new" / f"x.{ending}"
    speak(bundle, TEXT, "--out", str(out))
    samples, rate, comment = decode_sound(out.read_bytes())
    assert rate == 16_000 and samples.std() > 0 and "synthetic speech" in comment
    capsys.readouterr()
    run(["verify", str(out)])
    said = capsys.readouterr().out
    assert "Synthetic speech" in said
    assert (": signed." in said) == (ending != "opus"), said
    out.write_bytes(encode_sound(samples, rate, "wav", Tags("other")))
    run(["verify", str(out)])
    assert ": stripped." in capsys.readouterr().out


def test_from_a_file_and_the_standard_input(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.txt").write_text(TEXT, encoding="utf-8")
    speak(
        bundle, "--file", str(tmp_path / "t.txt"), "--out", str(tmp_path / "a.wav"), "--words", str(tmp_path / "w.json")
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO(TEXT))
    speak(bundle, "--out", str(tmp_path / "b.wav"))
    a, b = (decode_sound((tmp_path / name).read_bytes())[0] for name in ("a.wav", "b.wav"))
    np.testing.assert_array_equal(a, b)
    words = json.loads((tmp_path / "w.json").read_text())
    assert [w["text"] for w in words[:6]] == ["Hello", "Ben", "It", "is", "5:30", "5:30"]
    assert {w["voice"] for w in words[:6]} == {"ada"} and words[-1]["voice"] == "ben"
    assert words[-1]["end"] <= len(a) / 16_000
    speak(bundle, "--voices")
    assert "ada" in capsys.readouterr().out


def test_lines_voices_and_pauses(voice: Voice) -> None:
    lines = lines_of(TEXT, voice="ben", voices=voice.voices)
    assert [(line.voice, line.pause > 0) for line in lines] == [
        ("ada", False), ("ada", False), ("ben", True), ("ben", False), ("ben", True),
    ]  # fmt: skip
    parts = list(read_aloud(voice, lines, Manner(seed=1)))
    alone = [next(iter(voice.stream(line.phones, voice=line.voice, seed=1 + i))) for i, line in enumerate(lines)]
    silence = sum(round(line.pause * 16_000) for line in lines)
    assert sum(len(p.samples) for p in parts) == sum(len(s.samples) for s in alone) + silence
    for part, speech in zip(parts, alone, strict=True):
        assert part.words[0].start == pytest.approx(part.start + speech.words[0].start)
        assert TEXT[part.words[0].first_char].isalnum()
    assert joined(alone).seconds > 1


def test_streams_are_the_file_and_other_rates_the_same_sound(voice: Voice) -> None:
    """What comes piece by piece decodes to what was put in."""
    rng = np.random.default_rng(0)
    tone = (0.3 * np.sin(np.arange(24_000) * 0.1) * (1 + 0.1 * rng.random(24_000))).astype(np.float32)
    kinds: tuple[SoundFormat, ...] = ("wav", "flac", "mp3", "opus")
    for kind in kinds:
        encoder = Encoder(kind, 16_000, Tags("m"))
        content = b"".join([*(encoder.write(tone[i : i + 5000]) for i in range(0, 24_000, 5000)), encoder.end()])
        assert sound_kind(content) == kind
        samples, rate, _ = decode_sound(content)
        assert rate == 16_000 and abs(len(samples) - 24_000) < 2000, kind
        assert abs(float(samples[4000:20_000].std()) - float(tone[4000:20_000].std())) < 0.02, kind
    back = resampled(resampled(tone, 16_000, 44_100), 44_100, 16_000)
    np.testing.assert_allclose(back[200:-200], tone[200:-200], atol=1e-3)
    for hostile in (b"", b"RIFF....WAVE", b"ID3" + b"\xff" * 100, b"fLaC" + bytes(50), b"OggS" + bytes(9)):
        with pytest.raises(UserError):
            decode_sound(hostile)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Hi.", "--out", "x.aac"], "ending"),
        (["Hi.", "--voice", "zoe"], "choose one of ada, ben"),
        (["Hi.", "--style", "sad"], "choose one of plain"),
        (["Hi.", "--speed", "9"], "0.25 to 4"),
        (["\U0001f600"], "nothing to say"),
        (["привет"], "another script"),
        (["word " * 200_001], "characters"),
        (["Hi.", "--file", "t.txt"], "one of the two"),
        (["--file", "missing.txt"], "cannot be read"),
    ],
)
def test_refusals(bundle: Path, arguments: list[str], says: str, tmp_path: Path) -> None:
    where = [] if "--out" in arguments else ["--out", str(tmp_path / "x.wav")]
    with pytest.raises(UserError, match=says):
        speak(bundle, *arguments, *where)
    assert list(tmp_path.iterdir()) == []


def test_words_about_the_manner() -> None:
    asked = {
        "Speak slowly and calmly.": "calm",
        "like a storyteller": "story",
        "Be excited!": "lively",
        "hurry": "brisk",
    }
    asked |= {"": "plain", "with a French accent": "plain", "Not too fast.": "plain"}
    assert {words: style_of(words) for words in asked} == asked
