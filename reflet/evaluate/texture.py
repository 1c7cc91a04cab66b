"""Textures by their spectra: does wood have wood's grain, and water its ripples?

Shapes: S pixels a side of a patch, R rings of frequency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflet.evaluate.light import Mask, luminance

PATCH = 32
RINGS = (1.0, 1.5, 2.5, 3.5, 5.0, 7.0, 9.5, 12.5, 16.0)  # waves a patch, between which power is averaged

Spectrum = NDArray[np.float64]


def patches_inside(mask_HW: Mask, *, share: float = 0.95, limit: int = 6) -> list[tuple[int, int]]:
    """Corners (row, column) of patches that lie in a mask, apart from each other, at most `limit`."""
    found: list[tuple[int, int]] = []
    height, width = mask_HW.shape
    for row in range(0, height - PATCH + 1, PATCH // 2):
        for column in range(0, width - PATCH + 1, PATCH // 2):
            apart = all(abs(row - r) >= PATCH or abs(column - c) >= PATCH for r, c in found)
            if apart and mask_HW[row : row + PATCH, column : column + PATCH].mean() >= share:
                found.append((row, column))
    return found[:limit]


def spectrum(patch_SS: NDArray[np.floating[Any]]) -> Spectrum:
    """(R,) logarithm of the mean power between RINGS, from one wave a patch to half a wave a pixel.

    The patch is freed of its mean and its slope (shading is no texture), divided by its mean (exposure neither) and
    windowed (its edges neither).
    """
    side = patch_SS.shape[0]
    rows, columns = np.mgrid[0:side, 0:side] / side - 0.5
    design = np.stack([np.ones(side * side), rows.ravel(), columns.ravel()], axis=1)
    values = patch_SS.astype(np.float64).ravel()
    flat = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    window = np.outer(np.hanning(side), np.hanning(side))
    power = np.abs(np.fft.fftshift(np.fft.fft2(flat.reshape(side, side) / max(values.mean(), 1e-3) * window))) ** 2
    radius = np.hypot(*(np.mgrid[0:side, 0:side] - side // 2))
    rings = [power[(radius >= low) & (radius < high)].mean() for low, high in pairwise(RINGS)]
    return np.log(np.array(rings) + 1e-6)


def spectra_by_word(
    items: Iterable[tuple[NDArray[np.uint8], Iterable[tuple[str, Mask]]]],
) -> dict[str, list[Spectrum]]:
    """Word -> spectra of patches, from pictures (H, W, 3) with their (material or ground word, mask) regions."""
    out: dict[str, list[Spectrum]] = {}
    for picture, regions in items:
        light = luminance(picture)
        for word, mask in regions:
            for row, column in patches_inside(mask):
                out.setdefault(word, []).append(spectrum(light[row : row + PATCH, column : column + PATCH]))
    return out


def mean_spectra(found: Mapping[str, list[Spectrum]], *, least: int = 8) -> dict[str, Spectrum]:
    """Word -> mean log spectrum (R,), for words with at least `least` patches."""
    return {word: np.mean(spectra, axis=0) for word, spectra in sorted(found.items()) if len(spectra) >= least}


def spectrum_distances(real: Mapping[str, Spectrum], made: Mapping[str, Spectrum]) -> dict[str, float]:
    """Word -> root mean square difference of two mean log spectra, in natural logarithms of power."""
    return {word: float(np.sqrt(np.mean((real[word] - made[word]) ** 2))) for word in sorted(set(real) & set(made))}
