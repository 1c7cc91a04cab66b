"""What a voice promises whatever its weights: lengths, times, seeds, batches, refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reflet
from reflet.data.phones import Phones, PhoneWord
from reflet.generate.speech import Voice, joined
from reflet.generate.voice_bundle import save_voice
from reflet.runtime.errors import UserError
from tests.tiny_voice import tiny_voice

HELLO = Phones(
    ("pau", "hh", "ax0", "l", "ow1", ",", "w", "er1", "l", "d", "."),
    (PhoneWord("Hello", 1, 5, 0, 5), PhoneWord("world", 6, 10, 7, 12)),
)
YES = Phones(("pau", "y", "eh1", "s", "!"), (PhoneWord("Yes", 1, 4, 14, 17),))


@pytest.fixture(scope="module")
def voice() -> Voice:
    return Voice(tiny_voice(), precision="float32", pronouncer=lambda text: [HELLO] if text == "Hello, world." else [])


def test_times_cover_the_sound(voice: Voice) -> None:
    speech = voice.speak(HELLO, voice="ben")
    assert speech.samples.dtype == np.float32 and np.isfinite(speech.samples).all()
    assert [p.symbol for p in speech.phones] == list(HELLO.symbols)
    assert speech.phones[0].start == 0.0
    assert all(a.end == b.start for a, b in zip(speech.phones, speech.phones[1:], strict=False))
    assert speech.phones[-1].end == pytest.approx(speech.seconds)
    assert [(w.text, w.first_char, w.last_char) for w in speech.words] == [("Hello", 0, 5), ("world", 7, 12)]
    assert speech.words[1].start == speech.phones[6].start and speech.words[1].end == speech.phones[9].end


def test_a_batch_says_what_each_alone_says(voice: Voice) -> None:
    """Padding must not be heard: sentences of different lengths together, and one at a time."""
    together = voice.speak([HELLO, YES], seed=3, style="lively")
    apart = list(voice.stream([HELLO, YES], seed=3, style="lively"))
    assert len(apart) == 2
    np.testing.assert_allclose(together.samples, joined(apart).samples, atol=2e-5)
    assert together.words == joined(apart).words
    assert joined(apart, pause=0.5).seconds == pytest.approx(together.seconds + 0.5)


def test_a_wish_decides_the_sound(voice: Voice) -> None:
    def said(**wishes: object) -> np.ndarray:
        return voice.speak(HELLO, **{"seed": 1, **wishes}).samples  # type: ignore[arg-type]

    np.testing.assert_array_equal(said(), said())
    for other in ({"seed": 2}, {"voice": "ben"}, {"pitch": 1.2}, {"num_steps": 2}):
        assert not np.array_equal(said(), said(**other)), other


def test_speed_is_exact_beyond_what_was_learned(voice: Voice) -> None:
    at_most_told = voice.speak(HELLO, speed=1.4).seconds
    assert voice.speak(HELLO, speed=2.8).seconds == pytest.approx(at_most_told / 2, abs=0.017)


def test_a_saved_voice_speaks_the_same(tmp_path: Path, voice: Voice) -> None:
    save_voice(tmp_path / "v", tiny_voice(), card="# v\n")
    again = reflet.load(str(tmp_path / "v"))
    assert again.voices == voice.voices and len(again.bundle.digest) == 64
    a, b = voice.speak(HELLO).samples, again.speak(HELLO).samples
    assert abs(len(a) - len(b)) <= 256  # int8 may move a length by a frame
    assert not np.array_equal(a, 0 * a)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"voice": "zoe"}, "choose one of ada, ben"),
        ({"style": "sad"}, "choose one of plain"),
        ({"speed": 9.0}, "0.25 to 4.0"),
        ({"pitch": float("nan")}, "0.75 to 1.33"),
        ({"num_steps": 100}, "1 to 64"),
    ],
)
def test_refusals_say_what_is_offered(voice: Voice, wishes: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        voice.stream(HELLO, **wishes)  # type: ignore[arg-type]


def test_texts_go_through_the_pronouncer(voice: Voice) -> None:
    np.testing.assert_array_equal(voice.speak("Hello, world.").samples, voice.speak(HELLO).samples)
    with pytest.raises(UserError, match="nothing to say"):
        voice.speak("")
    with pytest.raises(UserError, match="phones only"):
        Voice(tiny_voice()).speak("Hello")


def test_phones_are_checked() -> None:
    with pytest.raises(UserError, match="'qq'"):
        Phones(("qq",))
    with pytest.raises(UserError, match="overlap"):
        replace(HELLO, words=(PhoneWord("a", 3, 5), PhoneWord("b", 4, 6)))
