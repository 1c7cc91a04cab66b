"""Licences of asset files: read from LICENSES.csv or a sidecar, and judged."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".glb", ".gltf", ".hdr", ".jpg", ".jpeg", ".png")
# Free to use in pictures of any kind, given credit where it is asked for.
ACCEPTED = (
    "CC0-1.0", "CC-PDDC", "LicenseRef-Public-Domain", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "MIT",
    "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "Unlicense", "0BSD", "Zlib", "OGA-BY-3.0",
)  # fmt: skip


@dataclass(frozen=True)
class Licence:
    """Who made a file and on what terms. `spdx` is an SPDX identifier."""

    file: str
    spdx: str
    author: str = ""
    source: str = ""
    note: str = ""

    def credit(self) -> str:
        """A line of attribution."""
        parts = [self.author or "author unknown", self.source, self.spdx]
        return f"{self.file}: " + "; ".join(part for part in parts if part)


def read_licences(folder: Path) -> tuple[dict[str, Licence], dict[str, str]]:
    """Files offered by a folder with their licences, and those left out with the reason; keys are relative names."""
    stated = _table(folder)
    offered: dict[str, Licence] = {}
    refused: dict[str, str] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        name = path.relative_to(folder).as_posix()
        licence = _sidecar(path, name) or stated.get(name)
        if licence is None or not licence.spdx:
            refused[name] = f"no licence is stated: add a row to LICENSES.csv or a file {path.name}.license"
        elif licence.spdx not in ACCEPTED:
            refused[name] = f"its licence {licence.spdx} does not allow free use of pictures that show it"
        else:
            offered[name] = licence
    return offered, refused


def _table(folder: Path) -> dict[str, Licence]:
    """Rows of LICENSES.csv by file name. Raises ValueError where the columns `file` and `license` are missing."""
    path = folder / "LICENSES.csv"
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames is None or not {"file", "license"} <= set(rows.fieldnames):
            raise ValueError(
                f"{path} needs the columns file and license (also author, source, note); it has {rows.fieldnames}"
            )
        return {
            row["file"]: Licence(
                row["file"],
                (row["license"] or "").strip(),
                row.get("author") or "",
                row.get("source") or "",
                row.get("note") or "",
            )
            for row in rows
        }


def _sidecar(path: Path, name: str) -> Licence | None:
    """NAME.EXT.license beside the file, as the REUSE specification has it: SPDX tags, one a line."""
    sidecar = path.with_name(path.name + ".license")
    if not sidecar.is_file():
        return None
    tags = {}
    for line in sidecar.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        tags[key.strip()] = value.strip()
    return Licence(name, tags.get("SPDX-License-Identifier", ""), tags.get("SPDX-FileCopyrightText", ""))
