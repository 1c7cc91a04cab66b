"""Records that were withdrawn, by whoever holds the rights or for another reason. Training refuses them from then on.

`$REFLET_HOME/withdrawn.jsonl` holds one line a record. An organisation shares the file, or puts its own in place.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from reflet.runtime.errors import UserError
from reflet.runtime.home import home

DIGITS = 32  # hex digits of a record's hash that are looked at


def withdrawn_file() -> Path:
    """Where the list lies."""
    return home() / "withdrawn.jsonl"


def known_as(sha256: str) -> str:
    """The hex digits that tell records apart: the first 128 bits, which every ledger holds."""
    return sha256[:DIGITS]


def withdrawn_records() -> dict[str, str]:
    """The first 128 bits of a SHA-256 (`known_as`) -> when and why. Raises UserError, naming the line, when the list is
    damaged: guessing could train on what must not be trained on."""
    path = withdrawn_file()
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            digest, told = row["sha256"], f"{row['at']}: {row['reason']}" if row["reason"] else row["at"]
            if len(bytes.fromhex(digest)) not in (DIGITS // 2, 32):
                raise ValueError("no SHA-256")
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"line {number} of {path} is not a withdrawn record ({error}): mend or remove it"
            ) from error
        found[known_as(digest)] = told
    return found


def withdraw(sha256: str, *, reason: str = "") -> bool:
    """Adds a record (64 hex digits, or the 32 of a bundle's ledger) to the list; False when it was there. Raises
    UserError when that fails."""
    if known_as(sha256) in withdrawn_records():
        return False
    path = withdrawn_file()
    row = {"sha256": sha256, "at": datetime.now(UTC).isoformat(timespec="seconds"), "reason": reason}
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(old + json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror}): the record is not withdrawn yet") from error
    finally:
        temporary.unlink(missing_ok=True)
    return True
