"""One model, measured: pictures of every check prompt, read, compared with real ones, and costed.

Any model with a `generate(prompt, n=, seed=)` can be measured. Everything is measured at the instruments' size: larger
pictures are averaged down to it first, as the real ones were drawn at it.

Shapes: P prompts, K pictures of each, S pixels a side, F features.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from reflet.core.vendi import typical_distance, vendi_score
from reflet.data.pictures import PictureSet
from reflet.evaluate.check_prompts import SKILLS, CheckPrompt, digest
from reflet.evaluate.cost import Cost, measure_cost
from reflet.evaluate.distribution import coverage, frechet_distance, kernel_distance
from reflet.evaluate.diversity import prompt_vendi, standardisation_index
from reflet.evaluate.estimates import Estimate
from reflet.evaluate.features import features_of
from reflet.evaluate.inside import measures_inside, spectra_inside
from reflet.evaluate.instruments import Instruments
from reflet.evaluate.memorise import Memorisation, memorisation
from reflet.evaluate.reading import read
from reflet.evaluate.scene_check import SkillScore, check, score_skills
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically


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
    """All numbers of one model. `inside`: measured inside pictures, `real_inside` the same of real renders. `pictures`
    (P, K, S, S, 3) stay beside the numbers for the report."""

    name: str
    digest: str
    prompts_digest: str
    instruments_digest: str
    skills: dict[str, SkillScore]
    measures: dict[str, float | dict[str, float]]
    inside: dict[str, Estimate]
    cost: Cost
    real_inside: dict[str, float] = field(default_factory=dict)
    memorisation: Memorisation | None = None
    closest: list[tuple[NDArray[np.uint8], NDArray[np.uint8], float]] = field(default_factory=list)
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
            "inside": {k: asdict(e) for k, e in self.inside.items()},
            "memorisation": None if self.memorisation is None else self.memorisation.to_json(),
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

    `report(done, of)` follows the pictures. Raises UserError when the instruments were calibrated on other prompts.
    """
    whole = digest(prompts)
    if instruments.calibration.prompts_digest != whole:
        raise UserError("these instruments were calibrated on other prompts: make them again (reflet instruments)")
    rows = chosen_rows(prompts, number=plan.prompts)
    mine = [prompts[i] for i in rows]
    groups: list[NDArray[np.uint8]] = []
    for done, row in enumerate(rows):
        groups.append(_pictures(artist, prompts[row], plan, cache / artist.digest[:16]))
        if report is not None:
            report(done + 1, len(rows))
    whole_pictures = np.stack(groups)  # (P, K, S, S, 3)
    pictures = np.stack([at_size(group, size=instruments.reader.config.size) for group in groups])
    readings = [read(instruments.reader, group) for group in pictures]
    hits = check(mine, readings)
    made = torch.stack([features_of(instruments.encoder, group) for group in pictures])  # (P, K, F)
    return Evaluation(
        name=artist.name,
        digest=artist.digest,
        prompts_digest=whole,
        instruments_digest=instruments.digest,
        skills=score_skills(mine, hits, instruments.calibration.skills),
        measures=distances(made, instruments, rows)
        | {"textures": spectra_inside(pictures, readings, instruments.calibration.spectra)},
        inside=measures_inside(mine, pictures, readings),
        cost=measure_cost(
            lambda seed: artist.generate(mine[0].text, n=1, seed=seed),
            device=artist.device,
            num_pictures=plan.cost_pictures,
        ),
        real_inside=instruments.calibration.consistency,
        prompts=mine,
        hits=hits,
        pictures=whole_pictures,
    )


def at_size(pictures_KSS3: NDArray[np.uint8], *, size: int) -> NDArray[np.uint8]:
    """Square pictures at the side `size`: pixels are averaged. Raises UserError for smaller ones: what they lack cannot
    be measured."""
    side = pictures_KSS3.shape[1]
    if side < size:
        raise UserError(f"pictures of {side} px cannot be measured by instruments that look at {size} px")
    if side == size:
        return pictures_KSS3
    return np.stack([cv2.resize(p, (size, size), interpolation=cv2.INTER_AREA) for p in pictures_KSS3])


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


def look_for_copies(evaluation: Evaluation, instruments: Instruments, training: PictureSet, *, cache: Path) -> None:
    """Adds to an evaluation whether its pictures repeat those of the training set, and the closest pairs."""
    made = evaluation.pictures.reshape(-1, *evaluation.pictures.shape[2:])
    made = at_size(made, size=instruments.encoder.config.size)
    found = memorisation(made, training, instruments.encoder, cache=cache)
    evaluation.memorisation = found
    evaluation.closest = [(made[i], training.gather(np.array([j]))[0], ratio) for i, j, ratio in found.pairs]


def save_numbers(evaluation: Evaluation, path: Path) -> None:
    """The JSON of an evaluation; it appears whole."""
    text = json.dumps(evaluation.to_json(), ensure_ascii=False, indent=1)
    write_atomically(path, lambda f: f.write(text.encode()))
