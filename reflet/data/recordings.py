"""A speaker's own recordings with their transcripts -> records of speech with times of phones, by forced alignment.

A folder in LJSpeech's layout (metadata.csv: "name|text" or "name|text|spoken text", sounds in wavs/), or sounds with a
text file of the same name beside each. WAV, FLAC and Ogg, of any rate. Every record names the consent that allows a
voice to be learned from it; without one nothing is taken in.

PocketSphinx (extra `speech-judges`) finds where each phone lies. It is given our front end's phones for each word, so
that what is aligned is what the voice will read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from reflet.data.flite import SAMPLE_RATE, Said
from reflet.data.phones import PAUSES, Phones, PhoneWord
from reflet.data.record import Record
from reflet.data.shards import write_shard
from reflet.data.speech_set import Manner, describe, encode_sound
from reflet.runtime.errors import UserError

ENDINGS = (".wav", ".flac", ".ogg", ".opus")
FRAME = SAMPLE_RATE // 100  # samples of an alignment's frame: 10 ms
LEAST_SECONDS, MOST_SECONDS = 0.4, 20.0
PEAK = 0.8  # recordings are brought to it, so that voices are about equally loud
Pronounce = Callable[[str], Sequence[Phones]]


@dataclass(frozen=True)
class Take:
    """One recording and what is said in it."""

    sound: Path
    text: str


@dataclass(frozen=True)
class Rights:
    """Whose voice it is and what allows it to be learned. Raises UserError without a name or a consent."""

    voice: str
    consent: str
    license: str = "LicenseRef-Contract"
    author: str = ""

    def __post_init__(self) -> None:
        if not self.voice.strip() or not self.voice.islower():
            raise UserError(f"the voice's name {self.voice!r} must be in small letters, as it will be asked for")
        if not self.consent.strip():
            raise UserError("a voice is learned only with its speaker's consent: name where it is kept with --consent")


@dataclass
class Taken:
    """What came of a folder: the number of records, and for each sound that was left out the reason."""

    records: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def takes_of(folder: Path) -> list[Take]:
    """The recordings of a folder, by name. Raises UserError where there are none."""
    metadata = folder / "metadata.csv"
    if metadata.exists():
        found: list[Take] = []
        for line in metadata.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) < 2 or not cells[0]:
                continue
            places = [folder / "wavs" / f"{cells[0]}{e}" for e in ENDINGS] + [folder / cells[0]]
            sound = next((p for p in places if p.is_file()), None)
            if sound is not None:
                found.append(Take(sound, cells[-1]))
    else:
        sounds = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
        texts = [(s, s.with_suffix(".txt")) for s in sounds]
        found = [Take(s, t.read_text(encoding="utf-8").strip()) for s, t in texts if t.is_file()]
    if not found:
        raise UserError(
            f"{folder} holds no recordings with texts: give LJSpeech's layout (metadata.csv, wavs/), "
            f"or sounds ({', '.join(ENDINGS)}) with a .txt of the same name beside each"
        )
    return found


def take_in(
    folder: Path,
    out: Path,
    rights: Rights,
    *,
    pronounce: Pronounce,
    report: Callable[[int, int], None] | None = None,
    shard_size: int = 250,
) -> Taken:
    """Aligns every recording and writes shards named after the voice. Recordings that cannot be aligned are left out,
    with the reason. Raises UserError when nothing is left, or PocketSphinx is not installed."""
    takes, taken, aligner = takes_of(folder), Taken(), Aligner()

    def records(part: Sequence[Take], first: int) -> Iterator[Record]:
        for number, take in enumerate(part, start=first):
            try:
                yield record_of(take, rights, aligner, pronounce=pronounce, key=f"{rights.voice}-{number:06d}")
                taken.records += 1
            except UserError as error:
                taken.left_out[take.sound.name] = str(error)
            if report is not None:
                report(number + 1, len(takes))

    for shard, first in enumerate(range(0, len(takes), shard_size)):
        write_shard(out / f"{rights.voice}-{shard:06d}.tar", records(takes[first : first + shard_size], first))
    if not taken.records:
        name, reason = next(iter(taken.left_out.items()))
        raise UserError(f"none of {len(takes)} recordings could be taken in; {name}: {reason}")
    return taken


def record_of(take: Take, rights: Rights, aligner: Aligner, *, pronounce: Pronounce, key: str) -> Record:
    """One recording as a record. Raises UserError when it cannot be read, said or aligned."""
    samples = read_sound(take.sound)
    seconds = len(samples) / SAMPLE_RATE
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise UserError(f"it lasts {seconds:.1f} s: cut recordings into pieces of {LEAST_SECONDS} to {MOST_SECONDS} s")
    said = aligner.align(samples, whole(pronounce(take.text)))
    return Record.create(
        key,
        image=encode_sound(said.samples),
        image_ending="flac",
        captions=(take.text,),
        source=f"recording {take.sound.name}",
        license=rights.license,
        author=rights.author or rights.voice,
        contract=rights.consent,
        meta={"speech": describe(said, voice=rights.voice, manner=Manner())},
    )


def read_sound(path: Path) -> NDArray[np.int16]:
    """A sound file as one channel at 16 kHz, its peak at 0.8. Raises UserError when it cannot be read."""
    try:
        content, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise UserError(f"{path.name} cannot be read as sound ({error})") from error
    mono = content.mean(axis=1)
    common = gcd(rate, SAMPLE_RATE)
    mono = resample_poly(mono, SAMPLE_RATE // common, rate // common) if rate != SAMPLE_RATE else mono
    loudest = float(np.abs(mono).max(initial=0.0))
    if loudest < 1e-4:
        raise UserError(f"{path.name} is silent")
    return (mono * (PEAK / loudest) * 32767).astype(np.int16)


def whole(sentences: Sequence[Phones]) -> Phones:
    """Several sentences as one row of phones; the pause that begins a later one is the mark before it."""
    symbols: list[str] = []
    words: list[PhoneWord] = []
    for sentence in sentences:
        skip = 1 if symbols and sentence.symbols[0] == PAUSES[0] else 0
        shift = len(symbols) - skip
        words += [PhoneWord(w.text, w.first + shift, w.last + shift, w.start, w.end) for w in sentence.words]
        symbols += sentence.symbols[skip:]
    return Phones(tuple(symbols), tuple(words))


class Aligner:
    """PocketSphinx's forced alignment in two passes: words, then their phones. Raises UserError where it is missing."""

    def __init__(self) -> None:
        try:
            self._sphinx = import_module("pocketsphinx")
        except ModuleNotFoundError as error:
            raise UserError("aligning needs PocketSphinx: pip install 'reflet[speech-judges]'") from error
        self._decoder: Any = self._sphinx.Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
        self._names: dict[tuple[str, ...], str] = {}

    def align(self, samples: NDArray[np.int16], phones: Phones) -> Said:
        """The samples with the sample at which each phone ends. A mark that is not heard has no time; a pause where
        there is no mark becomes "pau". Raises UserError when the words do not fit the sound."""
        decoder = self._decoder
        names = [self._name(phones.symbols[w.first : w.last]) for w in phones.words]
        if not names:
            raise UserError("the text has no word to align")
        try:
            decoder.set_align_text(" ".join(names))
            self._hear(samples)
            decoder.set_alignment()
            self._hear(samples)
            found = [(w.name, w.start, [(p.start, p.duration) for p in w]) for w in decoder.get_alignment()]
        except (RuntimeError, TypeError) as error:
            raise UserError("the words do not fit the sound: check the transcript") from error
        spoken = [entry for entry in found if entry[0] in self._names.values()]
        if [entry[0] for entry in spoken] != names:
            raise UserError("the words do not fit the sound: check the transcript")
        return _said(samples, phones, [places for _, _, places in spoken])

    def _hear(self, samples: NDArray[np.int16]) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(samples.astype("<i2").tobytes(), full_utt=True)
        self._decoder.end_utt()

    def _name(self, symbols: tuple[str, ...]) -> str:
        """The word under which the decoder knows these phones; made up, so that its own dictionary stays out of it."""
        if symbols not in self._names:
            plain = [symbol.rstrip("01").replace("ax", "ah").upper() for symbol in symbols]
            self._names[symbols] = f"reflet-{len(self._names)}"
            self._decoder.add_word(self._names[symbols], " ".join(plain), True)
        return self._names[symbols]


def _said(samples: NDArray[np.int16], phones: Phones, places: list[list[tuple[int, int]]]) -> Said:
    """Words' phones at their places, and between words the pauses that are heard."""
    symbols: list[str] = []
    ends: list[int] = []
    words: list[PhoneWord] = []

    def put(symbol: str, end: int) -> None:
        symbols.append(symbol)
        ends.append(min(max(end, ends[-1] if ends else 0), len(samples)))

    at = 0  # of the phones as they were written
    for word, heard in zip(phones.words, places, strict=True):
        begins = heard[0][0] * FRAME
        marks = phones.symbols[at : word.first]
        silent = begins - (ends[-1] if ends else 0)
        if marks:
            put(marks[0], begins)
        elif silent >= 6 * FRAME:
            put(PAUSES[0], begins)
        first = len(symbols)
        for symbol, (start, duration) in zip(phones.symbols[word.first : word.last], heard, strict=True):
            put(symbol, (start + duration) * FRAME)
        words.append(PhoneWord(word.text, first, len(symbols), word.start, word.end))
        at = word.last
    put(phones.symbols[at] if at < len(phones.symbols) else ".", len(samples))
    return Said(samples, Phones(tuple(symbols), tuple(words)), tuple(ends))
