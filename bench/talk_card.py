"""The card of a talk's bundle, from what was measured: `python bench/talk_card.py RUN FIGURES OUT`.

RUN is the run's folder; FIGURES a file with what bench/talk.py printed, whose last line is its JSON object and whose
lines "asked", "wanted", "got" are real mistakes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from reflet.data.talk_lexicon import known_nouns, unknown_nouns
from reflet.generate.talk_brain import WINDOW

CARD = Path(__file__).with_name("talk_card.md")


def main(run: Path, figures: Path, out: Path) -> None:
    """Writes the card."""
    lines = figures.read_text().splitlines()
    numbers: dict[str, Any] = json.loads(lines[-1])
    log = [json.loads(line) for line in (run / "language" / "metrics.jsonl").read_text().splitlines()]
    last = next(x for x in reversed(log) if "loss" in x)
    preview = next(x for x in reversed(log) if "preview/learned" in x)
    recipe = json.loads((run / "recipe.json").read_text())
    tokens = last["step"] * recipe["task"]["rows"] * recipe["task"]["length"]
    sets = {k: v for k, v in numbers.items() if "phrasings" in k}
    unseen = sets["unseen phrasings, known things"]
    speed, bits = numbers["speed"], numbers["bits_per_byte"]
    out.write_text(
        CARD.read_text().format(
            false=numbers["outside"]["false_calls"],
            queries=numbers["outside"]["queries"],
            window=WINDOW,
            mistakes="\n".join(_mistakes(lines)),
            rows="\n".join(_row(name, v) for name, v in sets.items()),
            kinds="\n".join(
                f"| {k} | {_share(v['tool_right'])} | {_share(v['exact'])} |" for k, v in unseen["kinds"].items()
            ),
            bits_known=bits["learned"][0],
            bits_unseen=bits["reserved"][0],
            whole_known=bits["learned"][1],
            whole_unseen=bits["reserved"][1],
            threads=numbers["threads"],
            speed=round(speed["tokens_per_second"]),
            step=speed["step_ms"],
            floor=speed["floor_ms"],
            first=speed["first_token_ms"],
            joules=round(1000 * speed["joules_per_token"], 1),
            talks=f"{last['step'] * recipe['task']['rows']:,}",
            steps=f"{last['step']:,}",
            parameters=round(numbers["parameters"] / 1e6, 2),
            flop=6 * numbers["parameters"] * tokens,
            millions=round(tokens / 1e6, 1),
            loss_known=round(preview["preview/learned"], 3),
            loss_unseen=round(preview["preview/reserved"], 3),
            loss_step=f"{preview['step']:,}",
            nouns=len(known_nouns()),
            unknown=len(unknown_nouns()),
        )
    )


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _kind(name: str, v: dict[str, Any]) -> str:
    return f"| {name} | {_share(v['tool_right'])} | {_share(v['exact'])} |"


def _row(name: str, v: dict[str, Any]) -> str:
    shares = (v["tool_right"], v["exact"], v["prompt_exact"], v["facts"], v["f1"])
    return f"| {name} | {v['asked']} | " + " | ".join(map(_share, shares)) + " |"


def _mistakes(lines: list[str]) -> list[str]:
    out = []
    for k, line in enumerate(lines):
        if line.startswith("    asked  "):
            asked, wanted, got = (x[11:].strip()[:160] for x in lines[k : k + 3])
            out.append(f"- “{asked}”: wanted `{wanted}`, got `{got}`")
    return out[:8]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
