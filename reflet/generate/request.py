"""What may be asked of an image bundle, checked before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from reflet.generate.aspect import ASPECTS, Frame
from reflet.runtime.errors import UserError

MAX_PROMPT_CHARACTERS = 2000
MAX_STEPS = 200
MAX_PICTURES = 64


@dataclass(frozen=True)
class ImageRequest:
    """One prompt, `n` pictures. Picture k takes the seed `seed + k`, so any of them can be made again alone.

    `size` is the side of a square with as many pixels, `aspect` the shape (generate/aspect.py).

    `guidance_interval` holds the times (1 = noise, 0 = data) between which guidance works. `eta` is for the sampler
    "ddim": how much of the noise is drawn anew at each step, 0 to 1. `blend`: how far a picture is on the way from its
    prompt and seed (0) to `blend_prompt` and `blend_seed` (1), as far as those are given.
    """

    prompt: str
    negative_prompt: str = ""
    size: int = 256
    aspect: str = "1:1"
    n: int = 1
    seed: int = 0
    num_steps: int = 20
    guidance_scale: float = 3.0
    guidance_interval: tuple[float, float] = (0.0, 1.0)
    sampler: Literal["euler", "heun", "ddim"] = "euler"
    eta: float = 1.0
    blend: float = 0.0
    blend_prompt: str = ""
    blend_seed: int | None = None

    @property
    def second_prompt(self) -> str | None:
        """The prompt that the picture is on the way to, where it is."""
        return self.blend_prompt if self.blend_prompt and self.blend > 0.0 else None

    def alone(self, number: int) -> ImageRequest:
        """The request for picture `number` by itself, with its own seeds."""
        second = None if self.blend_seed is None else self.blend_seed + number
        return replace(self, n=1, seed=self.seed + number, blend_seed=second)

    def check(self, *, frames: Sequence[Frame]) -> None:
        """Raises UserError with the first thing that is wrong; `frames` are those that the artist makes."""
        if not self.prompt.strip():
            raise UserError('the prompt is empty: say what the picture shows, e.g. "a red glass sphere on a table"')
        texts = {"prompt": self.prompt, "negative prompt": self.negative_prompt, "second prompt": self.blend_prompt}
        for name, text in texts.items():
            if len(text) > MAX_PROMPT_CHARACTERS:
                raise UserError(f"the {name} has {len(text)} characters: keep it below {MAX_PROMPT_CHARACTERS}")
        if self.aspect not in ASPECTS:
            raise UserError(f"there is no aspect {self.aspect!r}: choose one of {', '.join(ASPECTS)}")
        aspects = [f.aspect for f in frames if f.size == self.size]
        if not aspects:
            raise UserError(
                f"size {self.size} is not one this bundle makes: choose {_one_of([f.size for f in frames])}"
            )
        if self.aspect not in aspects:
            raise UserError(f"aspect {self.aspect} is not one this bundle makes: choose {_one_of(aspects)}")
        if not 1 <= self.n <= MAX_PICTURES:
            raise UserError(f"n is {self.n}: ask for 1 to {MAX_PICTURES} pictures at once")
        if not 1 <= self.num_steps <= MAX_STEPS:
            raise UserError(f"the number of steps is {self.num_steps}: choose 1 to {MAX_STEPS}")
        for seed in (self.seed, self.blend_seed or 0):
            if not 0 <= seed < 2**53:
                raise UserError(f"the seed is {seed}: choose a whole number from 0 to 2^53 - 1")
        if not 0.0 <= self.blend <= 1.0:
            raise UserError(f"blend is {self.blend}: choose 0 (the first prompt and seed) to 1 (the second)")
        if not 0.0 <= self.guidance_scale <= 30.0:
            raise UserError(f"the guidance scale is {self.guidance_scale}: choose 0 to 30 (1 is no guidance)")
        if not 0.0 <= self.eta <= 1.0:
            raise UserError(f"eta is {self.eta}: choose 0 (no fresh noise) to 1")
        low, high = self.guidance_interval
        if not 0.0 <= low <= high <= 1.0:
            raise UserError(f"the guidance interval is {low}..{high}: choose two times with 0 <= first <= second <= 1")

    def to_json(self) -> str:
        """As text. Squares do not name their aspect: contestants are known by this text, also older ones."""
        said = {name: value for name, value in asdict(self).items() if (name, value) != ("aspect", "1:1")}
        return json.dumps(said, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ImageRequest:
        """The request that to_json wrote (it travels in each picture's metadata)."""
        try:
            values: dict[str, Any] = json.loads(text)
            values["guidance_interval"] = tuple(values["guidance_interval"])
            return cls(**values)
        except (ValueError, TypeError, KeyError) as error:
            raise UserError(
                f"the picture's request cannot be read ({error}): it was made by another version"
            ) from error


def _one_of(values: Sequence[object]) -> str:
    known = list(dict.fromkeys(str(value) for value in values))
    return known[0] if len(known) == 1 else "one of " + ", ".join(known)
