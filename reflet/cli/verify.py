"""`reflet verify`."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import Annotated

import tyro

from reflet.generate.verify import verify_file
from reflet.runtime.errors import UserError


def verify(
    files: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    quick: bool = False,
    json: bool = False,
) -> None:
    """Say in words what is known of pictures: signed, edited, stripped, tampered or foreign.

    Reads the signed manifest, the IPTC field, and the mark in the pixels, which outlives both. Exit code 0 whatever
    is found; 2 when a file cannot be examined.

    Args:
        files: PNG, JPEG or WebP files.
        quick: Look for the mark only at the scales at which pictures usually come.
        json: Print one JSON object a file instead of words.
    """
    if not files:
        raise UserError("no file is named: give one or more pictures")
    failed: list[UserError] = []
    for file in files:
        try:
            verdict = verify_file(file, thorough=not quick)
        except UserError as error:
            failed.append(error)
            continue
        if json:
            sys.stdout.write(json_text.dumps({"file": str(file), **verdict.to_json()}, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(f"{file}: {verdict.standing}. {verdict.words}\n")
    if failed:
        raise UserError("; ".join(str(e) for e in failed))
