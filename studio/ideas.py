"""Captions of rendered pictures -> reflet/serve/ideas.json: prompts to begin with, and the words that captions use.

`python studio/ideas.py SET ...` reads sets that `reflet render` made. The service ships the result, so that it needs
neither the renderer nor its compiler.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from reflet.data.shards import read_shard
from reflet.render.wording import STYLE_PREFIXES

OUT = Path(__file__).resolve().parents[1] / "reflet" / "serve" / "ideas.json"
WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
A_FAMILY = 130  # ideas of each kind of scene
BEGINNINGS = ("a ", "an ", "two ", "three ", "four ", "five ", "six ")


def main(sets: list[str]) -> None:
    """Reads every shard below the folders, writes the file."""
    words: Counter[str] = Counter()
    ideas: dict[str, dict[str, str]] = defaultdict(dict)
    for shard in sorted(path for folder in sets for path in Path(folder).rglob("shard-*.tar")):
        for record in read_shard(shard, annotations=False):
            about = json.loads(record.describe())
            for caption in about["captions"]:
                words.update(WORD.findall(caption.lower()))
            family = about["meta"]["graph"]["family"]
            scene = str(about["source"]).rpartition(" view")[0]
            best = max(filter(idea, about["captions"]), key=len, default=None)
            if best is not None and best.lower() not in {i.lower() for i in ideas[family].values()}:
                ideas[family].setdefault(scene, best[0].lower() + best[1:].rstrip("."))
    said = {f: sorted(scenes.values())[:: max(1, len(scenes) // A_FAMILY)][:A_FAMILY] for f, scenes in ideas.items()}
    for variants in STYLE_PREFIXES.values():
        words.update(w for v in variants for w in WORD.findall(v))
    known = sorted(word for word, number in words.items() if number > 1)
    OUT.write_text(json.dumps({"words": " ".join(known), "ideas": dict(sorted(said.items()))}, indent=0) + "\n")


def idea(caption: str) -> bool:
    """Whether a person could have written it: a phrase, not a list of tags."""
    lower = caption.lower()
    return 35 <= len(caption) <= 110 and lower.startswith(BEGINNINGS) and ". " not in caption and "(" not in caption


if __name__ == "__main__":
    main(sys.argv[1:])
