"""From the pairs of `reflet arena export --format dpo` to what preference training learns from.

A picture is drawn again from the facts that the arena kept (seed, sampler, steps, guidance, bundle): its latents and
its sketch are then what the flow itself made, and its noise is the one it came from. So only pictures of the bundle
that learns are taken; those of other models would have to be encoded, and have no sketch.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reflet.generate.image import ImageGenerator
from reflet.generate.request import ImageRequest
from reflet.runtime.errors import UserError
from reflet.train.prefer import Pairs


@dataclass(frozen=True)
class Drawn:
    """`data` (C, h, w), latents then sketch, as the bundle drew them from `noise` (C, h, w)."""

    data: NDArray[np.float32]
    noise: NDArray[np.float32]


def read_pairs(
    path: Path, artist: ImageGenerator, *, report: Callable[[int, int], None] | None = None
) -> tuple[Pairs, int]:
    """The pairs both of whose pictures this bundle drew, and how many others there were.

    Prompts are padded to the longest. Raises UserError for a file that is none, or without any such pair.
    """
    rows = _rows(path)
    digest = artist.bundle.digest
    mine = [r for r in rows if all(r[side].get("bundle_sha256") == digest for side in ("chosen", "rejected"))]
    if not mine:
        raise UserError(f"{path} holds no pair of which this bundle drew both pictures: let it draw in an arena first")
    drawn: dict[str, Drawn] = {}
    sides: dict[str, list[Drawn]] = {"chosen": [], "rejected": []}
    for done, row in enumerate(mine, start=1):
        for side, found in sides.items():
            request = request_of(row["prompt"], row[side])
            if request.to_json() not in drawn:
                drawn[request.to_json()] = draw_again(request, artist)
            found.append(drawn[request.to_json()])
        if report is not None:
            report(done, len(mine))
    tokens = [artist.bundle.tokenizer.encode(r["prompt"]) for r in mine]
    ids = np.full((len(mine), max(map(len, tokens))), artist.bundle.config.text.pad_id, np.int64)
    for k, some in enumerate(tokens):
        ids[k, : len(some)] = some
    chosen, rejected = (np.stack([d.data for d in found]) for found in sides.values())
    noise = np.stack([np.stack([d.noise for d in found]) for found in sides.values()], axis=1)
    return Pairs(chosen, rejected, ids, noise), len(rows) - len(mine)


def request_of(prompt: str, facts: dict[str, Any]) -> ImageRequest:
    """The request that made a picture, from the facts of its side. Raises UserError when some are missing."""
    try:
        low, high = facts["guidance_interval"]
        return ImageRequest(
            prompt=prompt,
            negative_prompt=facts["negative"],
            size=facts["size"],
            seed=facts["seed"],
            num_steps=facts["steps"],
            guidance_scale=facts["guidance"],
            guidance_interval=(low, high),
            sampler=facts["sampler"],
            eta=facts["eta"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"a picture of {prompt!r} does not say how it was made ({error}): export the votes again"
        ) from error


@torch.inference_mode()
def draw_again(request: ImageRequest, artist: ImageGenerator) -> Drawn:
    """The latents and the sketch of a picture, and its noise."""
    with torch.autocast(artist.device.type, dtype=torch.bfloat16, enabled=artist.precision == "bfloat16"):
        data = artist.walk(request)[0].float().cpu().numpy()
    return Drawn(data, artist.noise(request, data.shape).numpy())


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not all(isinstance(r["prompt"], str) and r["chosen"] and r["rejected"] for r in rows):
            raise ValueError("a row without prompt, chosen and rejected")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} holds no pairs ({error}): write them with `reflet arena export --format dpo`"
        ) from error
    return rows
