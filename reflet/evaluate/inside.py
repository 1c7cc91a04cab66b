"""What is measured inside single pictures, over a set of prompts: light, gloss, mirrors, colours, edges, textures.

Classical measurements, guided by where the reader finds things. Each is made of real renders too (calibration), and
means something only beside those.

Shapes: P prompts, K pictures of each, S pixels a side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from reflet.evaluate.check_prompts import REFLECTING, CheckPrompt
from reflet.evaluate.colors import color_word
from reflet.evaluate.estimates import Estimate, mean_rate
from reflet.evaluate.light import (
    SIDE_AZIMUTHS,
    Mask,
    azimuth_error,
    has_highlight,
    luminance,
    mirror_likeness,
    shading_side,
    shadow_side,
    sides_agree,
)
from reflet.evaluate.perspective import horizon_tilt, segments, vanishing
from reflet.evaluate.reading import Reading
from reflet.evaluate.texture import mean_spectra, spectra_by_word, spectrum_distances

SHINY = ("gold", "silver", "copper", "bronze", "chrome", "steel", "glass")
LEVEL_LAND = ("sea", "beach", "lake", "desert", "meadow")  # environments whose horizon is a level line


def measures_inside(
    prompts: Sequence[CheckPrompt], pictures_PKSS3: Sequence[NDArray[np.uint8]], readings: Sequence[Sequence[Reading]]
) -> dict[str, Estimate]:
    """Means over prompts, each with its interval: degrees between the light asked for and read, and off level; shares
    of pictures in which shading and shadow agree, shiny things have a highlight, the classical colour is the one asked
    for; likeness of mirror images; share of slanted edges that meet in one point."""
    found: dict[str, list[float]] = {}
    for prompt, group, read_group in zip(prompts, pictures_PKSS3, readings, strict=True):
        values: dict[str, list[float]] = {}
        for picture, reading in zip(group, read_group, strict=True):
            for name, value in _measured(prompt, picture, reading):
                values.setdefault(name, []).append(float(value))
        for name, of_prompt in values.items():
            found.setdefault(name, []).append(float(np.mean(of_prompt)))
    return {name: mean_rate(np.array(means)[:, None]) for name, means in sorted(found.items())}


def masks_of(reading: Reading, side: int) -> list[Mask]:
    """The cells of each thing, as a mask (S, S)."""
    return [np.kron(t.cells, np.ones((side // t.cells.shape[0],) * 2, bool)) for t in reading.things]


def _measured(prompt: CheckPrompt, picture: NDArray[np.uint8], reading: Reading) -> Iterator[tuple[str, float]]:
    light, masks = luminance(picture), masks_of(reading, picture.shape[0])
    if prompt.side is not None:
        yield "light, degrees from the side asked for", azimuth_error(reading.azimuth, SIDE_AZIMUTHS[prompt.side])
    if masks and prompt.skill != "environment":
        largest = max(range(len(masks)), key=lambda k: reading.things[k].area)
        others = np.any([m for k, m in enumerate(masks) if k != largest] or [np.zeros_like(masks[0])], axis=0)
        shadow = shadow_side(light, masks[largest], others_HW=others)
        agree = sides_agree(shading_side(light, masks[largest]), shadow)
        if agree is not None:
            yield "shading agrees with shadow", agree
    wanted = {w.name: w for w in prompt.things}
    for thing, mask in zip(reading.things, masks, strict=True):
        if thing.name not in wanted:
            continue
        if wanted[thing.name].material in SHINY:
            yield "highlight on shiny things", has_highlight(light, mask)
        if wanted[thing.name].color and prompt.skill in ("colour", "binding"):
            yield "colour as asked, by CIEDE2000", color_word(picture, mask) == wanted[thing.name].color
        if prompt.ground in REFLECTING:
            yield "likeness of the mirror image", mirror_likeness(picture, mask)
    if prompt.family in ("interior", "street"):
        perspective = vanishing(segments(picture))
        if perspective is not None:
            yield "slanted edges that meet in one point", perspective.share
    if prompt.environment in LEVEL_LAND:
        tilt = horizon_tilt(picture)
        if tilt is not None:
            yield "horizon, degrees off level", tilt


def real_spectra(
    pictures_PKSS3: Sequence[NDArray[np.uint8]], readings: Sequence[Sequence[Reading]]
) -> dict[str, list[float]]:
    """Material -> mean log spectrum of its patches, as the calibration keeps it."""
    found = mean_spectra(spectra_by_word(_regions(pictures_PKSS3, readings)))
    return {word: spectrum.tolist() for word, spectrum in found.items()}


def spectra_inside(
    pictures_PKSS3: Sequence[NDArray[np.uint8]],
    readings: Sequence[Sequence[Reading]],
    real: Mapping[str, Sequence[float]],
) -> dict[str, float]:
    """Material -> distance of its texture's spectrum from that of real pictures."""
    made = mean_spectra(spectra_by_word(_regions(pictures_PKSS3, readings)))
    return spectrum_distances({word: np.array(spectrum) for word, spectrum in real.items()}, made)


def _regions(
    pictures_PKSS3: Sequence[NDArray[np.uint8]], readings: Sequence[Sequence[Reading]]
) -> Iterator[tuple[NDArray[np.uint8], list[tuple[str, Mask]]]]:
    for group, read_group in zip(pictures_PKSS3, readings, strict=True):
        for picture, reading in zip(group, read_group, strict=True):
            masks = masks_of(reading, picture.shape[0])
            yield picture, [(t.material, m) for t, m in zip(reading.things, masks, strict=True) if t.material]
