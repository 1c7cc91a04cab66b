"""A text becomes a story: narrated, with a picture for each paragraph, as one page or as a film.

A paragraph's picture shows its first sentence, or what it asks for: "[picture: a red boat at sunset]" is drawn and not
said. The page is one HTML file with everything inside, and asks nobody for anything; the film is made by FFmpeg.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reflet.data.sentences import sentences
from reflet.generate.pronounce import read_english
from reflet.generate.provenance import seal
from reflet.generate.reading import PARAGRAPH_PAUSE, Manner, lines_of, read_aloud
from reflet.generate.sound import MEDIA_TYPES, Samples, Tags, encode_sound
from reflet.generate.sound_trust import Sealing
from reflet.generate.speech import TimedWord, Voice
from reflet.generate.story_page import PAGE
from reflet.runtime.errors import UserError

WISH = re.compile(r"\[picture:\s*([^\]]+)\]", re.I)
MAX_PARAGRAPHS = 60
MAX_PROMPT = 300  # characters of a first sentence that are drawn
AFTER = 0.8  # seconds of silence after the last word
FILMS = {
    ".mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart"],
    ".webm": ["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-b:v", "0", "-crf", "32", "-c:a", "libopus"],
}


@dataclass(frozen=True)
class Paragraph:
    """What is said and what is drawn, before either is made."""

    text: str
    prompt: str


@dataclass(frozen=True)
class Scene:
    """A paragraph that was told: its picture (a sealed JPEG), and its words with their seconds in the whole sound."""

    text: str
    prompt: str
    picture: bytes
    start: float
    words: tuple[TimedWord, ...]


@dataclass(frozen=True)
class Story:
    """Scenes, and the sound of all of them, marked."""

    title: str
    scenes: tuple[Scene, ...]
    samples: Samples
    sample_rate: int
    sealing: Sealing


def paragraphs_of(text: str, *, style: str = "") -> list[Paragraph]:
    """What is said and drawn. Raises UserError for a text that says nothing, or has more than 60 paragraphs."""
    out: list[Paragraph] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        wished = WISH.search(block)
        said = WISH.sub("", block).strip()
        if not any(c.isalnum() for c in said):
            continue
        first = sentences(said)[0]
        prompt = wished[1].strip() if wished else " ".join(said[first.start : first.end].split())[:MAX_PROMPT]
        out.append(Paragraph(said, f"{style} {prompt}".strip()))
    if not out:
        raise UserError("there is no story to tell: give some words, with an empty line between paragraphs")
    if len(out) > MAX_PARAGRAPHS:
        raise UserError(f"the story has {len(out)} paragraphs and {MAX_PARAGRAPHS} is the most: tell it in parts")
    return out


def tell(
    paragraphs: Sequence[Paragraph],
    *,
    draw: Callable[[str, int], Any],
    voice: Voice,
    narrator: str,
    manner: Manner,
    title: str = "",
    provenance: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Story:
    """Speaks and draws, paragraph after paragraph. `draw(prompt, number)` gives a Picture."""
    rate = voice.sample_rate
    sealing = Sealing(voice.bundle, narrator, sign_files=provenance, watermark=provenance)
    marker = sealing.marker(rate)
    sounds: list[Samples] = []
    scenes: list[Scene] = []
    at = 0
    for number, paragraph in enumerate(paragraphs):
        pronounce = voice.pronouncer or read_english
        lines = lines_of(paragraph.text, voice=narrator, voices=voice.voices, pronounce=pronounce)
        begin = at
        words: list[TimedWord] = []
        for part in read_aloud(voice, lines, manner):
            marked = part.samples if marker is None else marker(part.samples, at)
            words += [_later(w, begin / rate) for w in part.words]
            sounds.append(marked)
            at += len(marked)
        rest = AFTER if number + 1 == len(paragraphs) else 2 * PARAGRAPH_PAUSE
        sounds.append(np.zeros(round(rest * rate), np.float32))
        at += len(sounds[-1])
        picture = draw(paragraph.prompt, number)
        content = seal(picture.pixels, picture.claim(), kind="jpeg", watermark=provenance)
        scenes.append(Scene(paragraph.text, paragraph.prompt, content, begin / rate, tuple(words)))
        if progress is not None:
            progress(number + 1, len(paragraphs))
    return Story(title or _title(paragraphs[0].text), tuple(scenes), np.concatenate(sounds), rate, sealing)


def _later(word: TimedWord, seconds: float) -> TimedWord:
    return TimedWord(word.text, word.start + seconds, word.end + seconds, word.first_char, word.last_char)


def _title(text: str) -> str:
    words = text.split()
    return " ".join(words[:8]) + ("…" if len(words) > 8 else "")


def page(story: Story) -> str:
    """The story as one HTML file."""
    try:
        kind = "mp3"
        sound = encode_sound(story.samples, story.sample_rate, "mp3", story.sealing.tags)
    except UserError:  # no libsndfile here
        kind, sound = "wav", encode_sound(story.samples, story.sample_rate, "wav", story.sealing.tags)
    address = f"data:{MEDIA_TYPES[kind]};base64,{base64.b64encode(story.sealing.sign(sound)).decode()}"
    scenes = "\n".join(_section(scene, number) for number, scene in enumerate(story.scenes))
    about = f"Told by {story.sealing.tags.model}; voice and pictures were made by models of Reflet."
    return (
        PAGE.replace("@TITLE@", html.escape(story.title))
        .replace("@ABOUT@", html.escape(about))
        .replace("@SCENES@", scenes)
        .replace("@SOUND@", address)
        .replace("@STARTS@", json.dumps([round(scene.start, 3) for scene in story.scenes]))
    )


def _section(scene: Scene, number: int) -> str:
    said, at = "", 0
    for word in scene.words:
        if word.first_char < at:  # a number is said in several words
            continue
        said += html.escape(scene.text[at : word.first_char])
        spoken = html.escape(scene.text[word.first_char : word.last_char])
        same = [w.end for w in scene.words if w.first_char == word.first_char]
        said += f'<span data-s="{word.start:.2f}" data-e="{max(same):.2f}">{spoken}</span>'
        at = word.last_char
    said += html.escape(scene.text[at:])
    picture = base64.b64encode(scene.picture).decode()
    return (
        f'<section id="s{number}"><img alt="{html.escape(scene.prompt, quote=True)}" '
        f'src="data:image/jpeg;base64,{picture}"><p>{said}</p></section>'
    )


def ffmpeg() -> str:
    """The program that makes films. Raises UserError where it is not there."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise UserError("a film needs FFmpeg, which is not here: apt-get install ffmpeg, or write a page, --out X.html")
    return program


def film(story: Story, out: Path, *, side: int = 768) -> None:
    """The story as MP4 or WebM: each picture for as long as its paragraph is heard. Raises UserError where FFmpeg is
    not there, or fails."""
    program = ffmpeg()
    total = len(story.samples) / story.sample_rate
    edges = [scene.start for scene in story.scenes] + [total]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        lines = []
        for number, scene in enumerate(story.scenes):
            (place / f"{number}.jpg").write_bytes(scene.picture)
            lines += [f"file {number}.jpg", f"duration {edges[number + 1] - edges[number]:.3f}"]
        (place / "list.txt").write_text("\n".join([*lines, lines[-2]]) + "\n")
        tags: Tags = story.sealing.tags
        (place / "sound.wav").write_bytes(encode_sound(story.samples, story.sample_rate, "wav", tags))
        made = place / f"film{out.suffix.lower()}"
        command = [program, "-v", "error", "-f", "concat", "-i", "list.txt", "-i", "sound.wav", "-r", "12", "-vf",
                   f"scale={side}:{side}:flags=lanczos", *FILMS[out.suffix.lower()], "-t", f"{total:.3f}",
                   "-metadata", f"comment={tags.comment}", "-metadata", f"title={story.title}", str(made)]  # fmt: skip
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not made.exists():
            raise UserError(f"FFmpeg could not make {out}: {done.stderr.strip()[-300:] or 'no reason given'}")
        shutil.move(made, out)
