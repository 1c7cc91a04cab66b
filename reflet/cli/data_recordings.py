"""`reflet data recordings`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import tyro


def recordings_command(
    src: Annotated[Path, tyro.conf.Positional],
    *,
    out: Path,
    voice: str,
    consent: str,
    license: str = "LicenseRef-Contract",
    author: str = "",
) -> None:
    """Take a speaker's own recordings in, with transcripts, consent and times of phones, for `reflet train voice`.

    SRC is a folder in LJSpeech's layout (metadata.csv, wavs/), or sounds (WAV, FLAC, Ogg) with a .txt of the same name
    beside each. Recordings whose words do not fit are left out, with the reason. Needs the extra `speech-judges`.

    Args:
        src: The folder of recordings.
        out: The folder of shards; it may hold a set of `reflet data speech` already.
        voice: The name the voice will be asked for by, in small letters.
        consent: Where the speaker's consent to this use is kept: a reference, an address, a number. Required.
        license: The recordings' licence, by its SPDX identifier.
        author: The speaker, for the credits (default: the voice's name).
    """
    # Imported here: the other commands of `reflet data` do not need soundfile, and cli.data imports this module.
    from reflet.cli.data import bar
    from reflet.data.recordings import Rights, take_in
    from reflet.generate.pronounce import english

    rights = Rights(voice, consent, license=license, author=author)
    with bar("aligning") as report:
        taken = take_in(src, out, rights, pronounce=english(), report=report)
    for name, reason in taken.left_out.items():
        sys.stdout.write(f"left out: {name}: {reason}\n")
    sys.stdout.write(f"{out}: {taken.records} records of {voice}\n")
