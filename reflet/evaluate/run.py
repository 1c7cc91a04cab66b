"""One model, measured: pictures of every check prompt, read, compared with real ones, and costed.

Any model with a `generate(prompt, n=, seed=)` that returns pictures of the instruments' size can be measured.

Shapes: P prompts, K pictures of each, S pixels a side, F features.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from reflet.data.pictures import write_atomically
from reflet.evaluate.check_prompts import SKILLS, CheckPrompt, digest
from reflet.evaluate.cost import Cost, measure_cost
from reflet.evaluate.distribution import coverage, frechet_distance, kernel_distance
from reflet.evaluate.diversity import prompt_vendi, standardisation_index, typical_distance, vendi_score
from reflet.evaluate.estimates import Estimate, mean_rate
from reflet.evaluate.features import features_of
from reflet.evaluate.instruments import Instruments
from reflet.evaluate.light import (
    SIDE_AZIMUTHS,
    azimuth_error,
    has_highlight,
    luminance,
    shading_side,
    shadow_side,
    sides_agree,
)
from reflet.evaluate.perspective import segments, vanishing
from reflet.evaluate.reading import Reading, read
from reflet.evaluate.scene_check import SkillScore, check, score_skills

SHINY = ("gold", "silver", "copper", "bronze", "chrome", "steel", "glass")


class Artist(Protocol):
    """What can be measured. `generate` returns `n` pictures (S, S, 3) uint8, of the seeds seed, seed + 1, ..."""

    name: str
    digest: str
    device: torch.device

    def generate(self, prompt: str, *, n: int, seed: int) -> list[NDArray[np.uint8]]: ...


@dataclass(frozen=True)
class Plan:
    """How much is measured: `prompts` of each skill are taken from the fixed list, evenly, `seeds` pictures of each."""

    prompts: int = 100
    seeds: int = 4
    cost_pictures: int = 5


@dataclass
class Evaluation:
    """All numbers of one model. `pictures` (P, K, S, S, 3) stay beside them for the report."""

    name: str
    digest: str
    prompts_digest: str
    instruments_digest: str
    skills: dict[str, SkillScore]
    measures: dict[str, float | dict[str, float]]
    light: dict[str, Estimate]
    cost: Cost
    prompts: list[CheckPrompt] = field(default_factory=list)
    hits: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), bool))
    pictures: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0, 1, 1, 3), np.uint8))

    def to_json(self) -> dict[str, Any]:
        """Everything but the pictures."""
        return {
            "name": self.name,
            "digest": self.digest,
            "prompts_digest": self.prompts_digest,
            "instruments_digest": self.instruments_digest,
            "skills": {k: s.to_json() for k, s in self.skills.items()},
            "measures": self.measures,
            "light": {k: asdict(e) for k, e in self.light.items()},
            "cost": asdict(self.cost),
            "hits": {p.text: row.tolist() for p, row in zip(self.prompts, self.hits, strict=True)},
        }


def chosen_rows(prompts: Sequence[CheckPrompt], *, number: int) -> list[int]:
    """Rows of `number` prompts of each skill, evenly spread over those there are."""
    rows: list[int] = []
    for skill in SKILLS:
        mine = [i for i, p in enumerate(prompts) if p.skill == skill]
        count = min(number, len(mine))
        rows += [mine[(k * len(mine)) // count] for k in range(count)]
    return rows


def evaluate(
    artist: Artist,
    instruments: Instruments,
    prompts: list[CheckPrompt],
    plan: Plan,
    *,
    cache: Path,
    report: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Measures an artist. Pictures are kept in `cache` as they are made, so an interrupted evaluation goes on.

    `report(done, of)` follows the pictures. Raises ValueError when the instruments were calibrated on other prompts.
    """
    whole = digest(prompts)
    if instruments.calibration.prompts_digest != whole:
        raise ValueError("these instruments were calibrated on other prompts: make them again (reflet instruments)")
    rows = chosen_rows(prompts, number=plan.prompts)
    mine = [prompts[i] for i in rows]
    groups: list[NDArray[np.uint8]] = []
    for done, row in enumerate(rows):
        groups.append(_pictures(artist, prompts[row], plan, cache / artist.digest[:16]))
        if report is not None:
            report(done + 1, len(rows))
    pictures = np.stack(groups)  # (P, K, S, S, 3)
    readings = [read(instruments.reader, group) for group in pictures]
    hits = check(mine, readings)
    made = torch.stack([features_of(instruments.encoder, group) for group in pictures])  # (P, K, F)
    return Evaluation(
        name=artist.name,
        digest=artist.digest,
        prompts_digest=whole,
        instruments_digest=instruments.digest,
        skills=score_skills(mine, hits, instruments.calibration.skills),
        measures=distances(made, instruments, rows),
        light=light_measures(mine, pictures, readings),
        cost=measure_cost(
            lambda seed: artist.generate(mine[0].text, n=1, seed=seed),
            device=artist.device,
            num_pictures=plan.cost_pictures,
        ),
        prompts=mine,
        hits=hits,
        pictures=pictures,
    )


def _pictures(artist: Artist, prompt: CheckPrompt, plan: Plan, folder: Path) -> NDArray[np.uint8]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{digest([prompt])[:24]}-{plan.seeds}.npy"
    if not path.exists():
        made = np.stack(artist.generate(prompt.text, n=plan.seeds, seed=0))
        write_atomically(path, lambda f: np.save(f, made))
    return np.load(path)


def distances(made_PKF: torch.Tensor, instruments: Instruments, rows: list[int]) -> dict[str, float | dict[str, float]]:
    """Distances of the set from real pictures, and how diverse it is beside real pictures of the same prompts."""
    real_PKF = instruments.real_prompts[rows]
    number = min(made_PKF.shape[1], real_PKF.shape[1])
    made_NF, real_NF = made_PKF.flatten(0, 1), instruments.real
    scale = typical_distance(real_PKF.flatten(0, 1))
    out: dict[str, float | dict[str, float]] = {
        "kernel_distance": kernel_distance(real_NF, made_NF),
        **asdict(coverage(real_NF[: len(made_NF)], made_NF[: len(real_NF)])),
        "vendi": vendi_score(made_NF, scale=scale),
        "prompt_vendi": prompt_vendi(made_PKF[:, :number], scale=scale),
        "real_prompt_vendi": prompt_vendi(real_PKF[:, :number], scale=scale),
    }
    if number > 1:
        out["standardisation_index"] = standardisation_index(made_PKF[:, :number], real_PKF[:, :number])
    if min(len(made_NF), len(real_NF)) > made_NF.shape[1]:
        size = min(len(made_NF), len(real_NF))
        out["frechet_distance"] = frechet_distance(real_NF[:size], made_NF[:size])
    return out


def light_measures(
    prompts: list[CheckPrompt], pictures_PKSS3: NDArray[np.uint8], readings: list[list[Reading]]
) -> dict[str, Estimate]:
    """Means over prompts, each with its interval: degrees between the light asked for and read; shares of pictures in
    which shading and shadow agree, shiny things have a highlight, and the edges of rooms and streets meet."""
    angles: list[float] = []
    found: dict[str, list[float]] = {}
    for prompt, group, read_group in zip(prompts, pictures_PKSS3, readings, strict=True):
        if prompt.side is not None:
            angles.append(float(np.mean([azimuth_error(r.azimuth, SIDE_AZIMUTHS[prompt.side]) for r in read_group])))
        votes: dict[str, list[bool | float]] = {}
        for picture, reading in zip(group, read_group, strict=True):
            for name, value in _inside(prompt, picture, reading).items():
                votes.setdefault(name, []).append(value)
        for name, values in votes.items():
            found.setdefault(name, []).append(float(np.mean(values)))
    out = {name: mean_rate(np.array(values)[:, None]) for name, values in sorted(found.items())}
    if angles:
        out["light_degrees"] = mean_rate(np.array(angles)[:, None])
    return out


def _inside(prompt: CheckPrompt, picture: NDArray[np.uint8], reading: Reading) -> dict[str, bool | float]:
    light = luminance(picture)
    side = picture.shape[0]
    masks = [np.kron(t.cells, np.ones((side // t.cells.shape[0],) * 2, bool)) for t in reading.things]
    out: dict[str, bool | float] = {}
    if masks and prompt.skill != "environment":
        largest = max(range(len(masks)), key=lambda k: reading.things[k].area)
        others = np.any([m for k, m in enumerate(masks) if k != largest] or [np.zeros_like(masks[0])], axis=0)
        agree = sides_agree(shading_side(light, masks[largest]), shadow_side(light, masks[largest], others_HW=others))
        if agree is not None:
            out["shading_agrees_with_shadow"] = agree
    wanted = {w.name: w.material for w in prompt.things if w.material in SHINY}
    for thing, mask in zip(reading.things, masks, strict=True):
        if thing.name in wanted:
            out["highlight_on_shiny_things"] = has_highlight(light, mask)
    if prompt.family in ("interior", "street"):
        perspective = vanishing(segments(picture))
        if perspective is not None:
            out["edges_that_meet"] = perspective.share
    return out


def save_numbers(evaluation: Evaluation, path: Path) -> None:
    """The JSON of an evaluation; it appears whole."""
    text = json.dumps(evaluation.to_json(), ensure_ascii=False, indent=1)
    write_atomically(path, lambda f: f.write(text.encode()))
