"""How far a set of generated pictures is from a set of real ones, as sets.

Shapes: N real and M generated pictures, F features, H and W pixels. Features come from an encoder that is named by its
hash beside every number (features.py): a Frechet distance of ours is never an FID.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

NUM_NEIGHBOURS = 5
PATCH, PATCHES_A_PICTURE, NUM_DIRECTIONS = 7, 64, 256


class _AsGiven(nn.Module):
    """Features pass through: torchmetrics wants an extractor, and ours has been at work already."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features_BF: Tensor) -> Tensor:
        return features_BF


def frechet_distance(real_NF: Tensor, made_MF: Tensor) -> float:
    """Between Gaussians fitted to both sets (Heusel et al. 2017), by torchmetrics.

    Biased upwards for small sets: compare only distances of sets of the same size. Raises ValueError for fewer pictures
    than features: the covariance would not be known.
    """
    from torchmetrics.image.fid import FrechetInceptionDistance  # seconds to import: only who asks waits

    number = min(len(real_NF), len(made_MF))
    if number <= real_NF.shape[1]:
        raise ValueError(f"{number} pictures do not fix a covariance of {real_NF.shape[1]} features: take more")
    metric = FrechetInceptionDistance(feature=_AsGiven(real_NF.shape[1]))
    metric.set_dtype(torch.float64)
    metric.update(real_NF.double(), real=True)
    metric.update(made_MF.double(), real=False)
    return float(metric.compute())


def kernel_distance(real_NF: Tensor, made_MF: Tensor, *, subset_size: int = 1000, subsets: int = 20) -> float:
    """The unbiased squared maximum mean discrepancy, cubic kernel (KID's, Binkowski et al. 2018), by torchmetrics.

    About 0, also slightly below, for sets of the same kind, whatever their size.
    """
    from torchmetrics.image.kid import KernelInceptionDistance

    size = min(subset_size, len(real_NF), len(made_MF))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that features are kept in memory
        metric = KernelInceptionDistance(feature=_AsGiven(real_NF.shape[1]), subsets=subsets, subset_size=size)
    metric.update(real_NF.double(), real=True)
    metric.update(made_MF.double(), real=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # the subsets are drawn by torch's global generator
        mean, _ = metric.compute()
    return float(mean)


@dataclass(frozen=True)
class Coverage:
    """Precision and recall (Kynkaanniemi et al. 2019), density and coverage (Naeem et al. 2020), each about 1 at best.

    Precision, density: generated pictures look like real ones. Recall, coverage: every kind of real one is generated.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def coverage(real_NF: Tensor, made_MF: Tensor, *, num_neighbours: int = NUM_NEIGHBOURS) -> Coverage:
    """All four, with balls that reach to the k-th neighbour. Raises ValueError for fewer than k + 1 pictures."""
    if min(len(real_NF), len(made_MF)) <= num_neighbours:
        raise ValueError(f"at least {num_neighbours + 1} pictures of each kind are needed")
    real_radius_N, made_radius_M = (_kth_distance(x, num_neighbours) for x in (real_NF, made_MF))
    between_NM = torch.cdist(real_NF.double(), made_MF.double())
    in_real_NM = between_NM <= real_radius_N[:, None]
    in_made_NM = between_NM <= made_radius_M[None, :]
    return Coverage(
        precision=float(in_real_NM.any(dim=0).double().mean()),
        recall=float(in_made_NM.any(dim=1).double().mean()),
        density=float(in_real_NM.double().sum(dim=0).mean() / num_neighbours),
        coverage=float((between_NM.min(dim=1).values <= real_radius_N).double().mean()),
    )


def _kth_distance(x_NF: Tensor, k: int) -> Tensor:
    distances_NN = torch.cdist(x_NF.double(), x_NF.double())
    return distances_NN.kthvalue(k + 1, dim=1).values  # the first neighbour is the picture itself


def sliced_wasserstein(
    real_NHWC: NDArray[np.uint8], made_MHWC: NDArray[np.uint8], *, seed: int = 0
) -> dict[int, float]:
    """Distances of 7 x 7 patches at each level of a Laplacian pyramid, no encoder involved (Karras et al. 2018,
    https://arxiv.org/abs/1710.10196, section 5): side of the level -> distance, times 1000.

    Large sides compare textures, the smallest colours and composition. Needs as many real pictures as generated ones;
    of the longer list the first are taken. Raises ValueError for pictures of different sizes.
    """
    if real_NHWC.shape[1:] != made_MHWC.shape[1:]:
        raise ValueError(f"pictures of {real_NHWC.shape[1:]} against {made_MHWC.shape[1:]}: use one size")
    number = min(len(real_NHWC), len(made_MHWC))
    generator = torch.Generator().manual_seed(seed)
    real, made = (_patches(x[:number], generator=generator) for x in (real_NHWC, made_MHWC))
    out: dict[int, float] = {}
    for side in real:
        directions = torch.randn(real[side].shape[1], NUM_DIRECTIONS, generator=generator)
        directions = directions / directions.norm(dim=0)
        # Each side's patches are normed together: else the more colourful set would look nearer than it is.
        mean, std = real[side].mean(dim=0), real[side].std(dim=0).clamp(min=1e-6)
        # numpy's sort, vectorised, takes a sixth of torch's on a CPU.
        a, b = (np.sort(((x[side] - mean) / std @ directions).numpy(), axis=0) for x in (real, made))
        out[side] = float(np.abs(a - b).mean() * 1000)
    return out


def _patches(pictures_NHWC: NDArray[np.uint8], *, generator: torch.Generator) -> dict[int, Tensor]:
    """Side of a level -> its patches (N x PATCHES_A_PICTURE, 3 x PATCH x PATCH), down to a side of 16."""
    found: dict[int, list[Tensor]] = {}
    for start in range(0, len(pictures_NHWC), 64):
        level = torch.from_numpy(pictures_NHWC[start : start + 64]).permute(0, 3, 1, 2).float() / 127.5 - 1
        while level.shape[2] >= 16:
            smaller = F.avg_pool2d(level, 2)
            last = level.shape[2] < 32
            detail = level if last else level - F.interpolate(smaller, scale_factor=2, mode="bilinear")
            found.setdefault(level.shape[2], []).append(_some_patches(detail, generator=generator))
            level = smaller
    return {side: torch.cat(parts) for side, parts in found.items()}


def _some_patches(level_NCHW: Tensor, *, generator: torch.Generator) -> Tensor:
    windows = level_NCHW.unfold(2, PATCH, 1).unfold(3, PATCH, 1)  # (N, C, h, w, PATCH, PATCH)
    rows = torch.randint(windows.shape[2], (len(windows), PATCHES_A_PICTURE), generator=generator)
    columns = torch.randint(windows.shape[3], (len(windows), PATCHES_A_PICTURE), generator=generator)
    which = torch.arange(len(windows))[:, None].expand_as(rows)
    return windows[which, :, rows, columns].flatten(0, 1).flatten(1)
