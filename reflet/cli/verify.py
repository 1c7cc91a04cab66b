"""`reflet verify`."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import Annotated

import tyro

from reflet.generate.verify_sound import examine_file
from reflet.runtime.errors import UserError


def verify(
    files: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    quick: bool = False,
    json: bool = False,
) -> None:
    """Say in words what is known of pictures and sounds: signed, edited, stripped, tampered or foreign.

    Reads the signed manifest, the IPTC field or the tags, and the mark in pixels or sound, which outlives both. Exit
    code 0 whatever is found; 2 when a file cannot be examined.

    Args:
        files: PNG, JPEG or WebP; WAV, FLAC, MP3 or Ogg Opus.
        quick: Look for the mark only at the scales at which pictures usually come.
        json: Print one JSON object a file instead of words.
    """
    if not files:
        raise UserError("no file is named: give one or more pictures or sounds")
    failed: list[UserError] = []
    for file in files:
        try:
            verdict = examine_file(file, thorough=not quick)
        except UserError as error:
            failed.append(error)
            continue
        if json:
            sys.stdout.write(json_text.dumps({"file": str(file), **verdict.to_json()}, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(f"{file}: {verdict.standing}. {verdict.words}\n")
    if failed:
        raise UserError("; ".join(str(e) for e in failed))
