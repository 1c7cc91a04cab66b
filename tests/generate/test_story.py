"""A text becomes a page or a film: every paragraph drawn and told, nothing fetched, words where they are heard."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import pytest

from reflet.cli.main import run
from reflet.generate.sound import decode_sound
from reflet.generate.sound_mark import find_sound_mark
from reflet.generate.story import paragraphs_of
from reflet.generate.verify_sound import examine
from reflet.generate.voice_bundle import save_voice
from reflet.runtime.errors import UserError
from tests.tiny_models import tiny_bundle
from tests.tiny_voice import tiny_voice

TEXT = """A red boat left at 7:30. It was <late> & dark.

[picture: a blue cube on a table]
Ben: I see a cube! Is it blue?
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("story")
    tiny_bundle(folder / "pictures")
    save_voice(folder / "voice", tiny_voice(), card="# v\n")
    return folder


def tell(folder: Path, out: Path, *more: str) -> None:
    bundles = ["--bundle", str(folder / "pictures"), "--voice-bundle", str(folder / "voice")]
    run(["story", TEXT, "--out", str(out), *bundles, "--steps", "2", "--seed", "5", "--threads", "1", *more])


def test_what_is_said_and_what_is_drawn() -> None:
    first, second = paragraphs_of(TEXT, style="a painting of")
    assert first.prompt == "a painting of A red boat left at 7:30." and "picture" not in second.text
    assert second.prompt == "a painting of a blue cube on a table"
    for text, says in (("\n\n ...", "no story"), ("One.\n\n" * 61, "61 paragraphs")):
        with pytest.raises(UserError, match=says):
            paragraphs_of(text)


def test_one_page_with_everything_inside(told: Path) -> None:
    tell(told, told / "s.html")
    page = (told / "s.html").read_text()
    assert "http://" not in page and "https://" not in page and "@" not in re.sub(r"base64,\S+|@media", "", page)
    pictures = [base64.b64decode(p) for p in re.findall(r"data:image/jpeg;base64,([^\"]+)", page)]
    assert [examine(p, thorough=False).standing for p in pictures] == ["signed", "signed"]
    [sound] = [base64.b64decode(p) for p in re.findall(r"data:audio/mpeg;base64,([^\"]+)", page)]
    samples, rate, comment = decode_sound(sound)
    assert examine(sound).standing == "signed" and "synthetic speech" in comment
    assert find_sound_mark(samples, rate).present
    assert "&lt;" in page and "<late" not in page and "&amp;" in page
    times = [(float(a), float(b)) for a, b in re.findall(r'data-s="([\d.]+)" data-e="([\d.]+)"', page)]
    assert times == sorted(times) and times[-1][1] <= len(samples) / rate
    starts = json.loads(re.findall(r"starts = (\[.*?\])", page)[0])
    assert starts[0] == 0.0 and 1.0 < starts[1] < times[-1][0]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="FFmpeg is not here: apt-get install ffmpeg")
def test_a_film_is_as_long_as_its_sound(told: Path) -> None:
    av = pytest.importorskip("av")
    tell(told, told / "s.webm")
    with av.open(str(told / "s.webm")) as film:
        kinds = {s.type for s in film.streams}
        seconds = film.duration / 1e6
        comment = {k.lower(): v for k, v in film.metadata.items()}["comment"]
    assert kinds == {"video", "audio"} and seconds > 2 and "synthetic speech" in comment


def test_refusals(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="ending"):
        tell(told, told / "s.avi")
    with pytest.raises(UserError, match="no voice 'zoe'"):
        tell(told, told / "t.html", "--voice", "zoe")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match="needs FFmpeg"):
        tell(told, told / "t.mp4")
    assert not (told / "t.html").exists() and not (told / "t.mp4").exists()
