"""Speech as files: WAV, FLAC, MP3, Ogg Opus or bare PCM, whole or piece by piece while it is still being spoken.

WAV and PCM are written here; the others by libsndfile (https://libsndfile.github.io/libsndfile/), through `soundfile`
of the extra "speech". Files say what they are: a comment "synthetic speech" with the model and the voice. A stream's
head cannot be mended at its end: a streamed WAV tells an endless length and a streamed FLAC none, as readers expect.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

import reflet
from reflet.runtime.errors import UserError

Samples = NDArray[np.float32]
SoundFormat = Literal["mp3", "opus", "flac", "wav", "pcm"]
FORMATS: tuple[SoundFormat, ...] = get_args(SoundFormat)
PCM_RATE = 24_000  # what OpenAI's clients expect of bare samples
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
ENDINGS: dict[str, SoundFormat] = {
    ".mp3": "mp3", ".opus": "opus", ".ogg": "opus", ".flac": "flac", ".wav": "wav", ".pcm": "pcm",
}  # fmt: skip
_LIBRARY = {"mp3": ("MP3", "MPEG_LAYER_III"), "opus": ("OGG", "OPUS"), "flac": ("FLAC", "PCM_16")}
COMMENT = "synthetic speech"
ENDLESS = 0xFFFFFFFF
FLAC_LENGTH = (1 << 36) - 1  # the bits of a FLAC's head that tell how many samples there are; 0: not known


@dataclass(frozen=True)
class Tags:
    """What a file says of itself: who speaks, of which model, and whether the sound carries the inaudible mark."""

    model: str
    voice: str = ""
    marked: bool = True

    @property
    def comment(self) -> str:
        """One line that anybody understands."""
        voice = f", voice {self.voice}" if self.voice else ""
        mark = "; the sound carries an inaudible mark" if self.marked else ""
        return f"{COMMENT}, made by the model {self.model} of Reflet{voice}{mark}"


class Encoder:
    """Samples in, bytes out, as they come; `end` gives the rest. One file, one encoder.

    Raises UserError where the format needs a library that is not installed.
    """

    def __init__(self, kind: SoundFormat, rate: int, tags: Tags, *, streamed: bool = True) -> None:
        self.kind, self.rate, self.streamed = kind, rate, streamed
        self._sink = io.BytesIO()
        self._sent = 0
        self._raw: list[bytes] = []
        self._head = wav_head(rate, tags, num_bytes=None) if kind == "wav" else b""
        self._tags = tags
        self._file: Any = None
        if kind in _LIBRARY:
            container, coding = _LIBRARY[kind]
            # One bit rate throughout: readers tell a stream's length by it, and the mark survives it (docs/voice.md).
            rates = {"compression_level": _mp3_level(rate), "bitrate_mode": "CONSTANT"} if kind == "mp3" else {}
            self._file = _soundfile().SoundFile(
                self._sink, "w", samplerate=rate, channels=1, format=container, subtype=coding, **rates
            )
            self._file.comment, self._file.software = tags.comment, f"Reflet {reflet.__version__}"
            self._file.title = COMMENT
            # libsndfile's MP3 writer puts an empty frame first, and fills it with the length at the end: a stream has
            # no use for it.
        self._skip = kind == "mp3" and streamed

    def write(self, samples: Samples) -> bytes:
        """The bytes that are ready, perhaps none yet."""
        if self._file is None:
            samples = samples if self.kind == "wav" else resampled(samples, self.rate, PCM_RATE)
            out, self._head = self._head + pcm16(samples), b""
            return self._out(out)
        self._file.write(samples)
        return self._take()

    def end(self) -> bytes:
        """What is left; of a file that is not streamed, all of it, with its true length."""
        if self._file is not None:
            self._file.close()
            return self._take() if self.streamed else self._sink.getvalue()
        if self.streamed:
            return self._head
        body = b"".join(self._raw)
        return body if self.kind == "pcm" else wav_head(self.rate, self._tags, num_bytes=len(body)) + body

    def _out(self, content: bytes) -> bytes:
        if self.streamed:
            return content
        self._raw.append(content.removeprefix(wav_head(self.rate, self._tags, num_bytes=None)))
        return b""

    def _take(self) -> bytes:
        if not self.streamed:
            return b""
        whole = self._sink.getvalue()
        if self._skip and self._sent == 0:
            first = _id3_length(whole)
            second = whole.find(whole[first : first + 2], first + 4)
            if second < 0:
                return b""
            self._sent, self._skip = len(whole), False
            return whole[:first] + whole[second:]
        fresh, self._sent = whole[self._sent :], len(whole)
        return fresh


def _mp3_level(rate: int) -> float:
    """libsndfile's compression level for 64 kbit/s: 0 is the most that MPEG allows at this rate, 1 the least."""
    most, least = (320, 32) if rate >= 32_000 else (160, 8)
    return (most - 64) / (most - least)


def _id3_length(content: bytes) -> int:
    """Bytes of the ID3v2 tag at the beginning of an MP3, 0 without one."""
    if not content.startswith(b"ID3"):
        return 0
    size = 0
    for seven_bits in content[6:10]:
        size = size << 7 | seven_bits
    return size + 10


def encode_sound(samples: Samples, rate: int, kind: SoundFormat, tags: Tags) -> bytes:
    """A whole file. Raises UserError where the format needs a library that is not installed."""
    encoder = Encoder(kind, rate, tags, streamed=False)
    encoder.write(samples)
    return encoder.end()


def decode_sound(content: bytes) -> tuple[Samples, int, str]:
    """A file's samples, its channels averaged, their rate, and the file's comment. Raises UserError: it is none."""
    library = _soundfile()
    unknown = content.startswith(b"fLaC") and not int.from_bytes(content[18:26], "big") & FLAC_LENGTH
    if unknown:  # a stream: libsndfile reads one that tells a length, and stops where it ends
        told = int.from_bytes(content[18:26], "big") | FLAC_LENGTH >> 6
        content = content[:18] + told.to_bytes(8, "big") + content[26:]
    try:
        with library.SoundFile(io.BytesIO(content)) as file:
            comment, rate = file.comment or "", int(file.samplerate)
            # In one piece where that can be: the library seeks after each, which costs an MP3 some bits of a frame.
            ends = library.LibsndfileError
            parts = list(_blocks(file, ends)) if unknown else [file.read(dtype="float32", always_2d=True)]
    except (library.LibsndfileError, RuntimeError, ValueError) as error:
        raise UserError(f"this is no sound that can be read ({error}): give WAV, FLAC, MP3 or Ogg Opus") from error
    samples = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    return samples.mean(axis=1, dtype=np.float32), rate, comment


def _blocks(file: Any, ends: Any) -> Iterator[Samples]:
    """In small pieces: an error is the end, and takes its piece with it."""
    while True:
        try:
            block = file.read(256, dtype="float32", always_2d=True)
        except ends:
            return
        if not len(block):
            return
        yield block


def sound_kind(content: bytes) -> SoundFormat | None:
    """What an encoded sound is by its first bytes, whatever its name says; None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    if content.startswith(b"fLaC"):
        return "flac"
    if content.startswith(b"OggS"):
        return "opus"
    frame = content[:1] == b"\xff" and len(content) > 1 and content[1] & 0xE6 == 0xE2  # MPEG, layer III
    return "mp3" if frame or content.startswith(b"ID3") else None


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at another rate, by its spectrum: exact for what both rates can hold, save at the very ends."""
    if rate == wanted or not len(samples):
        return samples
    number = round(len(samples) * wanted / rate)
    spectrum = np.fft.rfft(samples)
    size = number // 2 + 1
    kept = np.zeros(size, np.complex128)
    kept[: min(size, len(spectrum))] = spectrum[:size]
    return (np.fft.irfft(kept, number) * (number / len(samples))).astype(np.float32)


def pcm16(samples: Samples) -> bytes:
    """[-1, 1] as 16-bit little-endian integers."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()


def wav_head(rate: int, tags: Tags, *, num_bytes: int | None) -> bytes:
    """A WAV file up to its samples: 16 bits, one channel, the comment as LIST INFO. None: an unknown length."""
    told = b""
    for name, text in (("ICMT", tags.comment), ("ISFT", f"Reflet {reflet.__version__}"), ("INAM", COMMENT)):
        value = text.encode("ascii", "replace") + b"\0"
        told += name.encode() + struct.pack("<I", len(value)) + value + b"\0" * (len(value) % 2)
    info = b"LIST" + struct.pack("<I", len(told) + 4) + b"INFO" + told
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    whole = ENDLESS if num_bytes is None else 4 + len(form) + len(info) + 8 + num_bytes
    data = b"data" + struct.pack("<I", ENDLESS if num_bytes is None else num_bytes)
    return b"RIFF" + struct.pack("<I", whole) + b"WAVE" + form + info + data


def _soundfile() -> Any:
    try:
        return import_module("soundfile")
    except ImportError as error:
        message = "this sound format needs the extra 'speech': pip install 'reflet[speech]', or ask for wav or pcm"
        raise UserError(message) from error
