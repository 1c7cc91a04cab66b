"""`reflet speak`."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from reflet.cli.generate import write_picture
from reflet.generate.pronounce import read_english
from reflet.generate.reading import Manner, Part, lines_of, read_aloud
from reflet.generate.sound import ENDINGS, SoundFormat, encode_sound
from reflet.generate.sound_trust import Sealing
from reflet.generate.speech import STYLES, Voice, load
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError


def speak(
    text: Annotated[str, tyro.conf.Positional] = "",
    *,
    file: Path | None = None,
    out: Path = Path("out/speech.wav"),
    voice: str = "",
    style: str = "plain",
    speed: float = 1.0,
    pitch: float = 1.0,
    seed: int | None = None,
    steps: int | None = None,
    words: Path | None = None,
    voices: bool = False,
    bundle: str = "voice",
    threads: int | None = None,
    provenance: bool = True,
) -> None:
    """Say a text aloud, into a file.

    Lines that begin with a voice's name ("Ada: Hello.") are said by that voice: a dialogue. The file says in its tags
    that it is synthetic speech, carries an inaudible mark and, as WAV, FLAC or MP3, a signed manifest; `reflet verify`
    reads them.

    Args:
        text: What is said. Without it and without --file, the text comes from the standard input.
        file: A text file to read instead; - is the standard input.
        out: Where to write; the ending decides the format: .wav, .flac, .mp3, .opus, .ogg or .pcm (24 kHz, 16 bits).
        voice: Who speaks (default: the bundle's first voice).
        style: plain, calm, lively, story or brisk.
        speed: 0.25 to 4; 2 is twice as fast.
        pitch: 0.75 to 1.33, a ratio to the voice's own.
        seed: Same seed, same sound. Random when not given.
        steps: Sampling steps (default: the bundle's).
        words: A JSON file to write with the time of each word and its place in the text.
        voices: Only list the voices and styles.
        bundle: A voice bundle's name or folder.
        threads: CPU threads (default: all cores).
        provenance: Mark and sign the sound.
    """
    kind = _kind(out)
    set_threads(threads)
    speaker = load(bundle)
    if voices:
        _list(speaker)
        return
    said, name = text_of(text, file), voice.lower() or speaker.voices[0]
    speaker.wish(voice=name)
    lines = lines_of(said, voice=name, voices=speaker.voices, pronounce=speaker.pronouncer or read_english)
    manner = Manner(style, speed, pitch, secrets.randbelow(2**31) if seed is None else seed, steps)
    sealing = Sealing(speaker.bundle, name, sign_files=provenance, watermark=provenance)
    start = time.perf_counter()
    parts = list(read_aloud(speaker, lines, manner, mark=sealing.marker(speaker.sample_rate)))
    samples = np.concatenate([part.samples for part in parts])
    spent = time.perf_counter() - start
    content = sealing.sign(encode_sound(samples, speaker.sample_rate, kind, sealing.tags))
    write_file(out, content)
    if words is not None:
        write_file(words, _times(said, parts))
    length = len(samples) / speaker.sample_rate
    sys.stdout.write(f"{out}  (seed {manner.seed})\n{length:.1f} s of speech in {spent:.2f} s\n")


def _list(speaker: Voice) -> None:
    for one in speaker.bundle.config.speakers:
        sys.stdout.write(f"{one.name:<12}{one.description}\n")
    sys.stdout.write(f"styles: {', '.join(STYLES)}\n")


def _times(said: str, parts: Sequence[Part]) -> bytes:
    times = [
        {"text": said[w.first_char : w.last_char], "first": w.first_char, "last": w.last_char, "start": w.start}
        | {"end": w.end, "voice": part.voice}
        for part in parts
        for w in part.words
    ]
    return json.dumps(times, indent=1, ensure_ascii=False).encode()


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole, and the folders that lead to it. Raises UserError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent} ({error.strerror}): choose another --out") from error
    write_picture(path, content)


def _kind(out: Path) -> SoundFormat:
    kind = ENDINGS.get(out.suffix.lower())
    if kind is None:
        raise UserError(f"{out} has no ending that is known: use {', '.join(ENDINGS)}")
    return kind


def text_of(text: str, file: Path | None) -> str:
    """What is to be said: the words themselves, a file, or the standard input. Raises UserError."""
    if text and file is not None:
        raise UserError("there is a text and a --file: give one of the two")
    if text:
        return text
    if file is None and sys.stdin.isatty():
        raise UserError('there is nothing to say: give a text, e.g. reflet speak "Good morning.", or --file')
    try:
        return sys.stdin.read() if file is None or str(file) == "-" else file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{file or 'the standard input'} is no UTF-8 text: save it as UTF-8") from error
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}): name a text file") from error
