"""How many different pictures there really are in a set, and how much of a standard look a model has.

Shapes: N pictures, F features, P prompts, K pictures of each prompt.
"""

from __future__ import annotations

import torch
from torch import Tensor

from reflet.core.vendi import typical_distance, vendi_score


def prompt_vendi(features_PKF: Tensor, *, scale: float) -> float:
    """The mean over prompts of the effective number of different pictures among the K of one prompt."""
    return sum(vendi_score(group, scale=scale) for group in features_PKF) / len(features_PKF)


def standardisation_index(made_PKF: Tensor, real_PKF: Tensor) -> float:
    """0 for a model as diverse as real pictures of the same prompts, 1 for one that draws one picture only.

    One minus the mean of two shares, each of entropies (logarithms of Vendi scores), generated over real, at most 1:
    of the whole set, and of the pictures of one prompt. A model that answers every prompt in one and the same way, but
    tells prompts apart, has lost the second half: about 0.5. docs/evaluation.md shows it on known cases.

    `real_PKF` are pictures of the same prompts, in the same order and number. Raises ValueError otherwise.
    """
    if made_PKF.shape[:2] != real_PKF.shape[:2] or made_PKF.shape[1] < 2:
        raise ValueError("the same prompts are needed, with at least two pictures each, generated and real")
    scale = typical_distance(real_PKF.flatten(0, 1))
    shares: list[Tensor] = []
    for score in (_set_entropy, _prompt_entropy):
        real, made = score(real_PKF, scale), score(made_PKF, scale)
        shares.append(torch.tensor(1.0 if real <= 1e-9 else min(1.0, max(0.0, made / real))))
    return float(1.0 - torch.stack(shares).mean())


def _set_entropy(features_PKF: Tensor, scale: float) -> float:
    return float(torch.tensor(vendi_score(features_PKF.flatten(0, 1), scale=scale)).log())


def _prompt_entropy(features_PKF: Tensor, scale: float) -> float:
    scores = torch.tensor([vendi_score(group, scale=scale) for group in features_PKF])
    return float(scores.log().mean())
