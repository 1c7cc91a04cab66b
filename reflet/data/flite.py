"""Flite, a synthesiser of Carnegie Mellon University (Debian: apt-get install flite): text -> sound with exact times.

Its shared libraries are called directly, since its command tells no stress and no punctuation. Three of its voices
(rms, slt, awb) compute a track of pitch and spectrum and filter noise and pulses with it; that track is changed here,
so that pitch and liveliness can be asked of all voices, and filtered again. The fourth (kal16) joins diphones and
takes the two as targets.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflet.data.phones import NUMBER, PAUSES, VOWELS, Phones, PhoneWord
from reflet.runtime.errors import UserError

SAMPLE_RATE = 16_000
Pointer = ctypes.c_void_p


@dataclass(frozen=True)
class Source:
    """One of Flite's voices: the name we give it, its mean pitch in hertz and how far it strays, and the gain that
    makes it as loud as the others."""

    flite: str
    name: str
    description: str
    pitch_hz: float
    spread_hz: float
    gain: float


SOURCES = (
    Source("slt", "ada", "a woman, clear and even", 168.0, 11.5, 0.75),
    Source("rms", "ben", "a man, low and calm", 98.0, 10.2, 1.4),
    Source("awb", "ewan", "a man with a Scottish accent", 121.5, 12.7, 1.15),
    Source("kal16", "kit", "a man, quick and crisp", 95.0, 11.0, 2.1),
)


@dataclass(frozen=True)
class Said:
    """What was said: int16 samples at 16 kHz, the phones, and the sample at which each ends. A phrase's last pause
    is named by the mark that caused it."""

    samples: NDArray[np.int16]
    phones: Phones
    ends: tuple[int, ...]


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


class _Track(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("num_frames", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("times", ctypes.POINTER(ctypes.c_float)),
        ("frames", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
    )


FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "flite_synth_text": (Pointer, (ctypes.c_char_p, Pointer)),
    "utt_relation": (Pointer, (Pointer, ctypes.c_char_p)),
    "utt_wave": (Pointer, (Pointer,)),
    "relation_head": (Pointer, (Pointer,)),
    "item_next": (Pointer, (Pointer,)),
    "item_parent": (Pointer, (Pointer,)),
    "item_as": (Pointer, (Pointer, ctypes.c_char_p)),
    "ffeature_string": (ctypes.c_char_p, (Pointer, ctypes.c_char_p)),
    "item_feat_float": (ctypes.c_float, (Pointer, ctypes.c_char_p)),
    "feat_val": (Pointer, (Pointer, ctypes.c_char_p)),
    "flite_feat_set_float": (None, (Pointer, ctypes.c_char_p, ctypes.c_float)),
    "val_track": (Pointer, (Pointer,)),
    "val_cg_db": (Pointer, (Pointer,)),
    "mlpg": (Pointer, (Pointer, Pointer)),
    "mlsa_resynthesis": (Pointer, (Pointer, Pointer, Pointer, Pointer, ctypes.c_int)),
    "delete_utterance": (None, (Pointer,)),
    "delete_wave": (None, (Pointer,)),
    "delete_track": (None, (Pointer,)),
}
VOICE_FEATURES = 1  # which pointer of cst_voice and of cst_utterance leads to its features
UTTERANCE_FEATURES = 0
# Where an item's syllable, word and token are found from a segment, in Flite's language of paths
STRESS, WORD = b"R:SylStructure.parent.stress", b"R:SylStructure.parent.parent.name"
MARK_BEFORE = b"p.R:SylStructure.parent.parent.R:Token.parent.punc"


class Flite:
    """The library with its voices. Not for several threads at once. Raises UserError where it is not installed."""

    def __init__(self) -> None:
        try:
            for name in ("flite", "flite_usenglish", "flite_cmulex"):
                library = ctypes.CDLL(f"lib{name}.so.1", mode=ctypes.RTLD_GLOBAL)
                self.c = library if name == "flite" else self.c
            registered = {}
            for source in SOURCES:
                voice = ctypes.CDLL(f"libflite_cmu_us_{source.flite}.so.1")
                register = getattr(voice, f"register_cmu_us_{source.flite}")
                register.restype, register.argtypes = Pointer, (ctypes.c_char_p,)
                registered[source.name] = register(None)
        except OSError as error:
            raise UserError(f"Flite is not installed ({error}): apt-get install flite") from error
        self.voices = registered
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(self.c, name)
            function.restype, function.argtypes = result, arguments
        self.c.flite_init()

    def say(self, text: str, *, voice: str, pace: float = 1.0, pitch: float = 1.0, liveliness: float = 1.0) -> Said:
        """The text, in one of `SOURCES`; the three ratios say how. Raises UserError when nothing can be said."""
        source = next(s for s in SOURCES if s.name == voice)
        features = ctypes.cast(self.voices[voice], ctypes.POINTER(Pointer))[VOICE_FEATURES]
        self.c.flite_feat_set_float(features, b"duration_stretch", 1.0 / pace)
        if source.flite == "kal16":
            self.c.flite_feat_set_float(features, b"int_f0_target_mean", source.pitch_hz * pitch)
            self.c.flite_feat_set_float(features, b"int_f0_target_stddev", source.spread_hz * pitch * liveliness)
        utterance = self.c.flite_synth_text(text.encode("ascii", "ignore"), self.voices[voice])
        if not utterance:
            raise UserError(f"Flite says nothing for {text[:40]!r}: leave it out")
        try:
            samples = self._samples(self.c.utt_wave(utterance))
            if source.flite != "kal16" and (pitch, liveliness) != (1.0, 1.0):
                samples = self._at_pitch(utterance, source, pitch=pitch, liveliness=liveliness)
            phones, ends = _phones(list(self._segments(utterance)))
        finally:
            self.c.delete_utterance(utterance)
        loud = (samples.astype(np.float32) * source.gain).clip(-32767, 32767).astype(np.int16)
        edges = [min(round(end * SAMPLE_RATE), len(loud)) for end in ends]
        return Said(loud, phones, tuple(edges))

    def _samples(self, wave: int) -> NDArray[np.int16]:
        content = ctypes.cast(wave, ctypes.POINTER(_Wave)).contents
        if content.sample_rate != SAMPLE_RATE or content.num_samples <= 0:
            raise UserError("Flite made no sound at 16 kHz: leave this text out")
        return np.ctypeslib.as_array(content.samples, (content.num_samples,)).copy()

    def _at_pitch(self, utterance: int, source: Source, *, pitch: float, liveliness: float) -> NDArray[np.int16]:
        features = ctypes.cast(utterance, ctypes.POINTER(Pointer))[UTTERANCE_FEATURES]
        track = self.c.val_track(self.c.feat_val(features, b"param_track"))
        excitation = self.c.feat_val(features, b"str_track")
        database = self.c.val_cg_db(self.c.feat_val(features, b"cg_db"))
        content = ctypes.cast(track, ctypes.POINTER(_Track)).contents
        for number in range(content.num_frames):
            hertz = content.frames[number][0]
            if hertz > 0:
                moved = pitch * (source.pitch_hz + liveliness * (hertz - source.pitch_hz))
                content.frames[number][0] = min(max(moved, 50.0), 500.0)
        smooth = self.c.mlpg(track, database)
        wave = self.c.mlsa_resynthesis(smooth, self.c.val_track(excitation) if excitation else None, database, None, 0)
        samples = self._samples(wave)
        self.c.delete_wave(wave)
        self.c.delete_track(smooth)
        return samples

    def _segments(self, utterance: int) -> Iterator[_Segment]:
        read = self.c.ffeature_string
        item = self.c.relation_head(self.c.utt_relation(utterance, b"Segment"))
        while item:
            syllable = self.c.item_as(item, b"SylStructure")
            for _ in range(2 if syllable else 0):
                syllable = self.c.item_parent(syllable)
            yield _Segment(
                name=read(item, b"name").decode(),
                stress=read(item, STRESS).decode(),
                word=syllable or 0,
                text=read(item, WORD).decode(),
                mark=read(item, MARK_BEFORE).decode(),
                end=self.c.item_feat_float(item, b"end"),
            )
            item = self.c.item_next(item)


@dataclass(frozen=True)
class _Segment:
    """A phone as Flite has it: `word` is the address of its word, 0 for a pause; `mark` what follows the phone before;
    `end` in seconds."""

    name: str
    stress: str
    word: int
    text: str
    mark: str
    end: float


def _phones(segments: list[_Segment]) -> tuple[Phones, list[float]]:
    """The sentence in our symbols; words that Flite cuts ("it's" is "it", "'s") are whole."""
    symbols: list[str] = []
    words: list[PhoneWord] = []
    for number, segment in enumerate(segments):
        if not segment.word:
            symbols.append(pause_of(segment.mark) if number else PAUSES[0])
            continue
        symbols.append(segment.name + segment.stress if segment.name in VOWELS else segment.name)
        if symbols[-1] not in NUMBER:
            raise UserError(f"Flite says {symbols[-1]!r}, which is no phone of ours: leave this text out")
        begun = words and words[-1].last == number
        if begun and (segment.word == segments[number - 1].word or segment.text.startswith("'")):
            text = words[-1].text + (segment.text if segment.word != segments[number - 1].word else "")
            words[-1] = PhoneWord(text, words[-1].first, number + 1)
        else:
            words.append(PhoneWord(segment.text, number, number + 1))
    if not words:
        raise UserError("Flite finds no word to say: leave this text out")
    return Phones(tuple(symbols), tuple(words)), [s.end for s in segments]


def pause_of(marks: str) -> str:
    """The pause symbol for the punctuation after a word: the first mark that has one, else a dash for a bracket; quotes
    are no mark."""
    found = [mark for mark in marks if mark in PAUSES]
    if found:
        return found[0]
    return "-" if set(marks) & set("()[]{}") else PAUSES[0]


@cache
def flite() -> Flite:
    """The library, loaded once a process."""
    return Flite()
