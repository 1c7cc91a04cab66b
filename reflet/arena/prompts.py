"""The prompts of battles: a pool of our own by category, files of others', and who may train on which.

A file holds one prompt a line; a line `# category: NAME` names what follows; other lines with # in front are left out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import reflet.data
from reflet.runtime.errors import UserError

POOL = Path(__file__).parent / "pool.txt"
POOLS = {  # by what is compared
    "picture": POOL,
    "sound": Path(reflet.data.__file__).parent / "everyday.txt",
    "talk": Path(__file__).parent / "talk_pool.txt",
}
CATEGORIES = (
    "light", "reflection", "texture", "composition", "counting", "style", "food", "nature", "architecture", "text",
)  # fmt: skip
HELD_OUT_SHARE = 0.3


@dataclass(frozen=True)
class Prompt:
    """One prompt. `pool`: from a fixed pool, so that it counts for the public board; free prompts are kept apart."""

    text: str
    category: str = "other"
    pool: bool = True

    @property
    def id(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def split(self) -> Literal["train", "held_out"]:
        """Whether votes on it may train: decided by a hash, so that nobody chooses."""
        share = int(hashlib.sha256(f"prompt/{self.text}".encode()).hexdigest()[:8], 16) / 2**32
        return "held_out" if share < HELD_OUT_SHARE else "train"


def read_prompts(path: Path = POOL) -> list[Prompt]:
    """The prompts of a file, in its order, each once. Raises UserError when there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read as text: give a file with one prompt a line") from error
    found: dict[str, Prompt] = {}
    category = "other"
    for line in (raw.strip() for raw in lines):
        if line.lower().startswith("# category:"):
            category = line.split(":", 1)[1].strip() or "other"
        elif line and not line.startswith("#"):
            found.setdefault(line, Prompt(line, category))
    if not found:
        raise UserError(f"{path} holds no prompt: write one a line")
    return list(found.values())
