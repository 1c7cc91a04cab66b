"""Does the picture hold what the prompt says? (GenEval's question, https://arxiv.org/abs/2310.11513, for our grammar.)

A reading (reader.py) of each picture is held against the prompt. The same reader reads real renders of the same
prompts: how often they pass is the ceiling, and how often they pass for another prompt of the same skill is the floor.
The ceiling is the test's sensitivity and the floor its false alarms, so a rate is corrected with both (Rogan-Gladen).

Shapes: P prompts of a skill, K pictures of each.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from reflet.evaluate.check_prompts import SKILLS, CheckPrompt, Wanted
from reflet.evaluate.estimates import Counted, Estimate, corrected_rate, mean_rate
from reflet.evaluate.reading import Reading, Seen, relation

# Lights that a person would call by one word in a picture are not told apart either.
ALIKE: tuple[frozenset[str], ...] = (
    frozenset({"daylight", "midday", "morning"}),
    frozenset({"sunset", "golden hour"}),
    frozenset({"night", "moonlight"}),
)


def passes(prompt: CheckPrompt, reading: Reading) -> bool:
    """Whether a picture that reads so shows what the prompt's skill asks for."""
    if prompt.skill == "environment":
        return reading.environment == prompt.environment
    if prompt.skill == "style":
        return reading.style == prompt.style
    if prompt.skill == "lighting":
        return reading.side == prompt.side if prompt.side else same_light(reading.light, prompt.light or "")
    if prompt.skill == "counting":
        (wanted,) = prompt.things
        return reading.counts()[wanted.name] == wanted.count
    if prompt.skill == "position":
        first, second = prompt.things
        return any(
            _stands(a, b, prompt.relation) for a in reading.named(first.name) for b in reading.named(second.name)
        )
    return all(_shown(wanted, reading, prompt.skill) for wanted in prompt.things)


def same_light(a: str, b: str) -> bool:
    """Whether two kinds of light are one to the eye."""
    return a == b or any(a in group and b in group for group in ALIKE)


def _shown(wanted: Wanted, reading: Reading, skill: str) -> bool:
    found = reading.named(wanted.name)
    if skill in ("colour", "binding"):
        found = [t for t in found if t.color == wanted.color]
    if skill == "material":
        found = [t for t in found if t.material == wanted.material]
    return bool(found)


def _stands(a: Seen, b: Seen, wanted: str | None) -> bool:
    return relation(a, b) == ("above" if wanted == "on" else wanted)


@dataclass(frozen=True)
class SkillScore:
    """`raw`: share of pictures that pass; `corrected` for the reader's errors; `ceiling`, `floor` as measured."""

    raw: Estimate
    corrected: Estimate | None
    ceiling: Counted
    floor: Counted

    def share_of_ceiling(self) -> float:
        """The raw rate over the ceiling: 1 for a model whose pictures pass as often as real ones."""
        return self.raw.value / self.ceiling.rate if self.ceiling.hits else float("nan")

    def to_json(self) -> dict[str, object]:
        return {
            "raw": asdict(self.raw),
            "corrected": None if self.corrected is None else asdict(self.corrected),
            "ceiling": self.ceiling.rate,
            "floor": self.floor.rate,
            "share_of_ceiling": self.share_of_ceiling(),
        }


def calibrate(prompts: list[CheckPrompt], readings: list[list[Reading]]) -> dict[str, tuple[Counted, Counted]]:
    """Skill -> (ceiling, floor), from readings of real renders of each prompt.

    The floor holds each picture against the next prompt of its skill that asks for something else.
    """
    out: dict[str, tuple[Counted, Counted]] = {}
    for skill in SKILLS:
        rows = [i for i, p in enumerate(prompts) if p.skill == skill and readings[i]]
        if not rows:
            continue
        right = [passes(prompts[i], reading) for i in rows for reading in readings[i]]
        wrong: list[bool] = []
        for place, i in enumerate(rows):
            others = (prompts[rows[(place + step) % len(rows)]] for step in range(1, len(rows)))
            other = next((p for p in others if asks_otherwise(p, prompts[i])), None)
            if other is not None:
                wrong += [passes(other, reading) for reading in readings[i]]
        if wrong:
            out[skill] = (Counted(sum(right), len(right)), Counted(sum(wrong), len(wrong)))
    return out


def asks_otherwise(a: CheckPrompt, b: CheckPrompt) -> bool:
    """Whether a picture of one prompt should fail the other, of the same skill."""
    if a.skill == "environment":
        return a.environment != b.environment
    if a.skill == "style":
        return a.style != b.style
    if a.skill == "lighting":
        return ((a.side is None) == (b.side is None) and a.side != b.side) or bool(
            a.light and b.light and not same_light(a.light, b.light)
        )
    return {w.name for w in a.things}.isdisjoint({w.name for w in b.things})


def score_skills(
    prompts: list[CheckPrompt], hits_PK: NDArray[np.bool_], calibration: dict[str, tuple[Counted, Counted]]
) -> dict[str, SkillScore]:
    """Skill -> its score, from whether each picture passes (see `check`)."""
    out: dict[str, SkillScore] = {}
    for skill in SKILLS:
        rows = [i for i, p in enumerate(prompts) if p.skill == skill]
        if not rows or skill not in calibration:
            continue
        ceiling, floor = calibration[skill]
        specificity = Counted(floor.total - floor.hits, floor.total)
        knows = ceiling.rate > floor.rate
        out[skill] = SkillScore(
            raw=mean_rate(hits_PK[rows]),
            corrected=corrected_rate(hits_PK[rows], sensitivity=ceiling, specificity=specificity) if knows else None,
            ceiling=ceiling,
            floor=floor,
        )
    return out


def check(prompts: list[CheckPrompt], readings: list[list[Reading]]) -> NDArray[np.bool_]:
    """(P, K) whether each picture passes. Raises ValueError unless every prompt has as many pictures."""
    if len(prompts) != len(readings) or len({len(group) for group in readings}) != 1:
        raise ValueError("every prompt needs the same number of pictures")
    return np.array([[passes(p, r) for r in group] for p, group in zip(prompts, readings, strict=True)])
