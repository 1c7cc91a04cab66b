"""`reflet story`."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import tyro

from reflet.cli.generate import progress_bar
from reflet.cli.speak import text_of, write_file
from reflet.generate.image import load as load_pictures
from reflet.generate.reading import Manner
from reflet.generate.speech import Voice
from reflet.generate.speech import load as load_voice
from reflet.generate.story import FILMS, Paragraph, Story, ffmpeg, film, page, paragraphs_of, tell
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError


def story(
    text: Annotated[str, tyro.conf.Positional] = "",
    *,
    file: Path | None = None,
    out: Path = Path("out/story.html"),
    title: str = "",
    voice: str = "",
    style: str = "story",
    speed: float = 1.0,
    look: str = "",
    steps: int | None = None,
    seed: int | None = None,
    bundle: str = "image",
    voice_bundle: str = "voice",
    threads: int | None = None,
    provenance: bool = True,
) -> None:
    """Tell a story: a text is read aloud, with a picture for each paragraph.

    Paragraphs have an empty line between them. A picture shows its paragraph's first sentence, or what the paragraph
    says in brackets: "[picture: a red boat at sunset]".

    Args:
        text: The story. Without it and without --file, it comes from the standard input.
        file: A text file to read instead; - is the standard input.
        out: .html is one page with everything inside; .mp4 and .webm are films, which need FFmpeg.
        title: The heading (default: the first words).
        voice: Who tells it (default: the voice bundle's first voice). Lines like "Ada: ..." are said by Ada.
        style: How it is told: plain, calm, lively, story or brisk.
        speed: 0.25 to 4.
        look: Words that every picture's prompt begins with, e.g. "a watercolour of".
        steps: Sampling steps of the pictures (default: the bundle's).
        seed: Same seed, same story.
        bundle: The image bundle's name or folder.
        voice_bundle: The voice bundle's name or folder.
        threads: CPU threads (default: all cores).
        provenance: Mark and sign sound and pictures.
    """
    ending = _ending(out)
    paragraphs = paragraphs_of(text_of(text, file), style=look)
    set_threads(threads)
    speaker = load_voice(voice_bundle)
    narrator = speaker.wish(voice=voice.lower() or None, style=style, speed=speed).voice
    first = secrets.randbelow(2**31) if seed is None else seed
    start = time.perf_counter()
    manner = Manner(style, speed, seed=first)
    draw = _artist(bundle, seed=first, steps=steps)
    told = _tell(paragraphs, draw, speaker, narrator, manner, title=title, provenance=provenance)
    if ending in FILMS:
        out.parent.mkdir(parents=True, exist_ok=True)
        film(told, out)
    else:
        write_file(out, page(told).encode())
    seconds = len(told.samples) / told.sample_rate
    sys.stdout.write(f"{out}  (seed {first})\n{len(told.scenes)} pictures and {seconds:.1f} s of speech")
    sys.stdout.write(f" in {time.perf_counter() - start:.1f} s\n")


def _ending(out: Path) -> str:
    ending = out.suffix.lower()
    if ending != ".html" and ending not in FILMS:
        raise UserError(f"{out} has no ending that is known: use .html, {', '.join(FILMS)}")
    if ending in FILMS:
        ffmpeg()  # that it is missing is said before any work
    return ending


def _artist(bundle: str, *, seed: int, steps: int | None) -> Callable[[str, int], Any]:
    """Draws a prompt; the pictures of a story take seeds in a row."""
    artist = load_pictures(bundle)
    wishes: dict[str, Any] = {} if steps is None else {"num_steps": steps}
    return lambda prompt, number: artist.generate(prompt, n=1, seed=seed + number, **wishes)[0]


def _tell(
    paragraphs: Sequence[Paragraph],
    draw: Callable[[str, int], Any],
    voice: Voice,
    narrator: str,
    manner: Manner,
    *,
    title: str,
    provenance: bool,
) -> Story:
    with progress_bar() as bar:
        task = bar.add_task("telling", total=len(paragraphs))
        return tell(
            paragraphs,
            draw=draw,
            voice=voice,
            narrator=narrator,
            manner=manner,
            title=title,
            provenance=provenance,
            progress=lambda done, of: bar.update(task, completed=done),
        )
