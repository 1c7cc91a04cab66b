"""How many different things there are among some: the Vendi score of features in which likeness is distance.

Shapes: N things, F features. It stands in the core because a data set's diversity is measured with it as well as a
model's, and neither room sees the other.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor


def typical_distance(features_NF: Tensor) -> float:
    """The median distance of two pictures: the unit in which similarity is measured. Take it from real pictures."""
    distances = torch.pdist(features_NF.double())
    if not len(distances):
        raise ValueError("one picture has no distance to another: take at least two")
    return float(distances.median())


def vendi_score(features_NF: Tensor, *, scale: float) -> float:
    """The effective number of different pictures, 1 to N (Friedman and Dieng 2023, https://arxiv.org/abs/2210.02410).

    The exponential of the entropy of the eigenvalues of a similarity matrix; here exp(-d^2 / (2 (scale / 4)^2)), so
    that two real pictures at the typical distance share next to nothing (e^-8), and a near copy counts as the same.
    Raises ValueError for an empty set or a scale that is not positive.
    """
    if not len(features_NF) or scale <= 0.0:
        raise ValueError(f"{len(features_NF)} pictures at scale {scale}: take at least one, and a positive scale")
    distances = torch.cdist(features_NF.double(), features_NF.double()) / (scale / 4)
    similarity = torch.exp(-distances.square() / 2)
    spectrum = cast("Tensor", torch.linalg.eigvalsh(similarity / len(features_NF)))  # pyright: ignore
    shares = spectrum.clamp(min=0.0)
    shares = shares[shares > 1e-12]
    return float(torch.exp(-(shares * shares.log()).sum()))
