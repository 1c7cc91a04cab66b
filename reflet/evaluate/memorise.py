"""Does the model repeat its training pictures?

Shapes: M generated, N training pictures, H held-out ones; V numbers of a picture (pixels or features).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reflet.data.pictures import PictureSet, scenes_of, split_held_out
from reflet.evaluate.features import MetricEncoder, features_of
from reflet.runtime.files import write_atomically

MEMORISED_RATIO = (
    1 / 3
)  # of the first to the second neighbour's distance: criterion of https://arxiv.org/abs/2505.16959
CHUNK = 4096


@dataclass(frozen=True)
class Neighbours:
    """For each generated picture its nearest training picture: index (M,), distance and next distance (M,)."""

    index: NDArray[np.int64]
    distance: NDArray[np.float64]
    next_distance: NDArray[np.float64]

    @property
    def ratio(self) -> NDArray[np.float64]:
        return self.distance / np.maximum(self.next_distance, 1e-12)

    def memorised(self) -> NDArray[np.bool_]:
        """(M,) True where one training picture is far nearer than any other."""
        return self.ratio < MEMORISED_RATIO


def nearest(made_MV: Tensor, train_NV: Tensor, *, copies: int = 1) -> Neighbours:
    """The nearest training pictures, found among all.

    With `copies` = 2 the second half of `train_NV` are mirror images of the first: a picture's own mirror image is no
    second neighbour. Raises ValueError for fewer than two training pictures.
    """
    number = len(train_NV) // copies
    if number < 2:
        raise ValueError(f"{number} training pictures have no second neighbour: at least two are needed")
    best = torch.full((len(made_MV), number), torch.inf)
    for start in range(0, len(train_NV), CHUNK):
        rows = torch.arange(start, min(start + CHUNK, len(train_NV))) % number
        # Not by way of a matrix product: it cannot tell a copy from a near copy.
        apart = torch.cdist(made_MV, train_NV[start : start + CHUNK], compute_mode="donot_use_mm_for_euclid_dist")
        best[:, rows] = torch.minimum(best[:, rows], apart)
    found = best.topk(2, dim=1, largest=False)
    return Neighbours(
        index=found.indices[:, 0].numpy(),
        distance=found.values[:, 0].double().numpy(),
        next_distance=found.values[:, 1].double().numpy(),
    )


@dataclass(frozen=True)
class NearnessTest:
    """Whether generated pictures lie nearer to training than held-out pictures do (one-sided Mann-Whitney).

    `share`: the probability that a generated picture is nearer to the training set than a held-out one is; 0.5 for a
    model that generalises, towards 1 for one that copies.
    """

    share: float
    p_value: float


def nearness_test(made_M: NDArray[np.float64], held_out_H: NDArray[np.float64]) -> NearnessTest:
    """From distances to the nearest training picture, of generated and of held-out pictures."""
    from scipy.stats import mannwhitneyu  # of the extra reflet[evaluate]

    result = mannwhitneyu(held_out_H, made_M, alternative="greater")
    return NearnessTest(share=float(result.statistic) / (len(made_M) * len(held_out_H)), p_value=float(result.pvalue))


def small_pixels(pictures_NHWC: NDArray[np.uint8], *, side: int = 32) -> Tensor:
    """Pictures as (N, 3 side side) numbers in 0..1, each brought to mean 0: what stands where, at that size."""
    x = torch.from_numpy(pictures_NHWC).permute(0, 3, 1, 2).float() / 255
    small = torch.nn.functional.adaptive_avg_pool2d(x, side).flatten(1)
    return small - small.mean(dim=1, keepdim=True)


@dataclass(frozen=True)
class Memorisation:
    """By pixels and by features: the share of generated pictures called memorised, and the test of nearness. `pairs`:
    (row of the generated picture, its nearest training picture, ratio) of the closest, by features."""

    shares: dict[str, float]
    tests: dict[str, NearnessTest]
    pairs: tuple[tuple[int, int, float], ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def memorisation(
    made_MHWC: NDArray[np.uint8], training: PictureSet, encoder: MetricEncoder, *, cache: Path, num_pairs: int = 12
) -> Memorisation:
    """Generated pictures against the whole set that a model was trained on, its held-out part as the yardstick.

    The set's numbers are kept in `cache`.
    """
    train, held_out = split_held_out(len(training), scenes=scenes_of(training.samples))
    shares: dict[str, float] = {}
    tests: dict[str, NearnessTest] = {}
    pairs: list[tuple[int, int, float]] = []
    for name, measure in (("pixels", small_pixels), ("features", lambda x: features_of(encoder, x))):
        known = _numbers_of(training, measure, cache / f"{name}-{encoder.digest()[:16]}-{len(training)}.npy")
        found = nearest(measure(made_MHWC), known[train])
        shares[name] = float(found.memorised().mean())
        tests[name] = nearness_test(found.distance, nearest(known[held_out], known[train]).distance)
        if name == "features":
            order = np.argsort(found.ratio)[:num_pairs]
            pairs = [(int(i), int(train[found.index[i]]), float(found.ratio[i])) for i in order]
    return Memorisation(shares, tests, tuple(pairs))


def _numbers_of(training: PictureSet, measure: Any, path: Path) -> Tensor:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        blocks = [np.arange(i, min(i + 512, len(training))) for i in range(0, len(training), 512)]
        numbers = torch.cat([measure(training.gather(block)) for block in blocks]).numpy()
        write_atomically(path, lambda f: np.save(f, numbers))
    return torch.from_numpy(np.load(path))
