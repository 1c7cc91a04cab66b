"""Recordings of a speaker's own: phones are found where they are, rights are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from reflet.data.flite import Said, flite
from reflet.data.ledger import refuse_forbidden
from reflet.data.phones import Phones
from reflet.data.policy import Policy
from reflet.data.recordings import Aligner, Rights, take_in, takes_of, whole
from reflet.data.shards import read_shard
from reflet.data.sounds import load_sounds
from reflet.runtime.errors import UserError

pytest.importorskip("pocketsphinx")
TEXTS = ("The weather is very nice today, Oliver.", "Please close the door behind you.")


@pytest.fixture(scope="module")
def spoken() -> list[Said]:
    try:
        library = flite()
    except UserError as error:
        pytest.skip(str(error))
    return [library.say(text, voice="ben") for text in TEXTS]


def pronounce(spoken: list[Said], text: str) -> list[Phones]:
    return [spoken[TEXTS.index(text)].phones]


def test_phones_are_found_where_the_synthesiser_put_them(spoken: list[Said]) -> None:
    aligner = Aligner()
    for said in spoken:
        found = aligner.align(said.samples, said.phones)
        assert found.phones.symbols == said.phones.symbols
        away = np.abs(np.subtract(found.ends, said.ends)) / 16_000
        assert np.median(away) < 0.02 and away.max() < 0.2, away


def test_words_that_were_not_said_are_refused(spoken: list[Said]) -> None:
    with pytest.raises(UserError, match="do not fit"):
        Aligner().align(spoken[1].samples[:6000], spoken[0].phones)


def test_a_folder_becomes_records_with_consent(spoken: list[Said], tmp_path: Path) -> None:
    """LJSpeech's layout, at another rate and with two channels; one transcript is wrong, one sound is no sound."""
    (tmp_path / "in" / "wavs").mkdir(parents=True)
    for name, said in zip(("a", "b"), spoken, strict=True):
        louder = resample_poly(said.samples / 32768, 441, 320)[:, None].repeat(2, axis=1)
        soundfile.write(tmp_path / "in" / "wavs" / f"{name}.wav", louder * 0.3, 22_050)
    (tmp_path / "in" / "wavs" / "c.wav").write_bytes(b"no sound")
    lines = (f"a|x|{TEXTS[0]}", f"b|{TEXTS[1]}", f"c|{TEXTS[1]}", "d|no file")
    (tmp_path / "in" / "metadata.csv").write_text("\n".join(lines))
    assert [t.sound.name for t in takes_of(tmp_path / "in")] == ["a.wav", "b.wav", "c.wav"]

    rights = Rights("nora", "consent 7", author="Nora")
    taken = take_in(tmp_path / "in", tmp_path / "out", rights, pronounce=lambda text: pronounce(spoken, text))
    assert taken.records == 2 and list(taken.left_out) == ["c.wav"]
    (shard,) = (tmp_path / "out").glob("*.tar")
    records = list(read_shard(shard))
    assert {r.contract for r in records} == {"consent 7"} and {r.author for r in records} == {"Nora"}
    sounds = load_sounds(tmp_path / "out", run=tmp_path / "run")
    assert sounds.voices == ("nora",) and abs(sounds.sound(0)).max() == pytest.approx(0.8, abs=0.01)
    assert sounds.utterances[1].phones.tolist() == spoken[1].phones.numbers()
    with pytest.raises(UserError, match="contract or consent"):
        refuse_forbidden([{**sounds.samples[0], "contract": ""}], Policy.load())


def test_no_consent_no_voice() -> None:
    with pytest.raises(UserError, match="consent"):
        Rights("nora", " ")
    with pytest.raises(UserError, match="small letters"):
        Rights("Nora", "consent 7")


def test_sentences_in_one_recording_are_one_row(spoken: list[Said]) -> None:
    both = whole([s.phones for s in spoken])
    assert len(both.symbols) == sum(len(s.phones.symbols) for s in spoken) - 1
    assert [w.text for w in both.words] == [w.text for s in spoken for w in s.phones.words]
