"""Light, texture and perspective, on pictures whose truth is drawn by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from reflet.evaluate.light import (
    azimuth_error,
    has_highlight,
    luminance,
    mirror_likeness,
    shading_side,
    shadow_side,
    sides_agree,
)
from reflet.evaluate.perspective import horizon_tilt, segments, vanishing
from reflet.evaluate.texture import PATCH, mean_spectra, patches_inside, spectra_by_word, spectrum, spectrum_distances

Mask = NDArray[np.bool_]


def lit_ball(side: int, *, shadow: int, highlight: bool = False) -> tuple[NDArray[np.uint8], Mask]:
    """A ball on grey, brighter on one side (-1 left, 1 right), with a shadow that falls to `shadow`."""
    rows, columns = np.mgrid[0:128, 0:128].astype(np.float64)
    picture = np.full((128, 128, 3), 170.0)
    cv2.ellipse(picture, (64 + 30 * shadow, 86), (26, 6), 0, 0, 360, (70, 70, 70), -1)
    mask = (rows - 64) ** 2 + (columns - 64) ** 2 < 24**2
    shade = np.clip(110 + 60 * side * (columns - 64) / 24, 10, 240)
    picture[mask] = np.stack([shade, shade * 0.4, shade * 0.4], axis=-1)[mask]
    if highlight:
        picture[((rows - 54) ** 2 + (columns - 64 - 10 * side) ** 2) < 9] = 255
    return np.clip(picture, 0, 255).astype(np.uint8), mask


def test_luminance_is_the_standard_one() -> None:
    pixels = np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0], [188, 188, 188]]], np.uint8)
    np.testing.assert_allclose(luminance(pixels)[0], [1.0, 0.0, 0.2126, 0.5029], atol=1e-3)


@pytest.mark.parametrize("side", [-1, 1])
def test_shading_and_shadow_say_where_the_light_is(side: int) -> None:
    picture, mask = lit_ball(side, shadow=-side)
    light = luminance(picture)
    shading, shadow = shading_side(light, mask), shadow_side(light, mask)
    assert np.sign(shading.value) == np.sign(shadow.value) == side
    assert sides_agree(shading, shadow) is True
    wrong, mask = lit_ball(side, shadow=side)
    assert sides_agree(shading_side(luminance(wrong), mask), shadow_side(luminance(wrong), mask)) is False


def test_flat_things_say_nothing() -> None:
    picture, mask = lit_ball(0, shadow=0)
    light = luminance(picture)
    assert sides_agree(shading_side(light, mask), shadow_side(light, mask)) is None
    assert shading_side(light, np.zeros_like(mask)).weight == 0.0


def test_a_highlight_is_small_and_much_brighter() -> None:
    for highlight in (True, False):
        picture, mask = lit_ball(1, shadow=-1, highlight=highlight)
        assert has_highlight(luminance(picture), mask) is highlight


def test_mirrors_show_things_upside_down() -> None:
    rng = np.random.default_rng(0)
    thing = cv2.GaussianBlur(rng.uniform(0, 255, (40, 40, 3)), (0, 0), 2.5)
    thing = np.clip((thing - 127) * 3 + 127, 0, 255)
    mask = np.zeros((128, 128), bool)
    mask[30:70, 40:80] = True
    plain = np.full((128, 128, 3), 120.0) + rng.normal(0, 8, (128, 128, 3))
    plain[30:70, 40:80] = thing
    mirrored = plain.copy()
    mirrored[70:110, 40:80] = 0.6 * thing[::-1] + 40
    found = [mirror_likeness(np.clip(p, 0, 255).astype(np.uint8), mask) for p in (plain, mirrored)]
    assert found[0] < 0.4
    assert found[1] > 0.9


def test_azimuths_are_round() -> None:
    assert azimuth_error(170, -170) == pytest.approx(20)
    assert azimuth_error(-90, 90) == pytest.approx(180)


def grain(number: int, *, width: float, seed: int) -> list[NDArray[np.uint8]]:
    """Textures of one grain."""
    rng = np.random.default_rng(seed)
    made = [cv2.GaussianBlur(rng.normal(0, 1, (64, 64)), (0, 0), width) for _ in range(number)]
    made = [np.clip(128 + 30 * m / m.std(), 0, 255) for m in made]
    return [np.repeat(m[..., None], 3, axis=2).astype(np.uint8) for m in made]


def test_textures_of_one_grain_are_near_and_coarser_ones_further() -> None:
    mask = np.ones((64, 64), bool)

    def means(width: float, seed: int) -> dict[str, NDArray[np.float64]]:
        return mean_spectra(spectra_by_word((p, [("wood", mask)]) for p in grain(10, width=width, seed=seed)))

    distances = [spectrum_distances(means(1.0, 0), means(w, 1))["wood"] for w in (1.0, 1.4, 2.5)]
    assert distances[0] < 0.3
    assert distances[0] < distances[1] < distances[2]
    assert spectrum_distances(means(1.0, 0), {"stone": means(1.0, 0)["wood"]}) == {}
    few = spectra_by_word((p, [("wood", mask)]) for p in grain(1, width=1.0, seed=0))
    assert mean_spectra(few) == {}


def test_shading_and_exposure_are_no_texture() -> None:
    patch = np.random.default_rng(0).uniform(0.4, 0.6, (PATCH, PATCH))
    ramp = np.linspace(0, 0.3, PATCH)[None, :]
    np.testing.assert_allclose(spectrum(patch * 1.7), spectrum(patch), atol=1e-2)
    base = spectrum(patch - patch.mean() + 0.65)
    np.testing.assert_allclose(spectrum(patch - patch.mean() + 0.5 + ramp), base, atol=0.15)
    assert patches_inside(np.zeros((64, 64), bool)) == []
    assert len(patches_inside(np.ones((64, 64), bool))) == 4


def room(*, faulty: bool) -> NDArray[np.uint8]:
    """Edges that run to one point; or each to a point of its own."""
    rng = np.random.default_rng(0)
    picture = np.full((256, 256, 3), 200, np.uint8)
    for k in range(16):
        angle = 2 * np.pi * (k + 0.3) / 16
        target = (128, 110) if not faulty else tuple(rng.integers(20, 236, 2).tolist())
        start = (int(128 + 125 * np.cos(angle)), int(128 + 120 * np.sin(angle)))
        end = tuple(round(a + 0.55 * (b - a)) for a, b in zip(start, target, strict=True))
        cv2.line(picture, start, end, (40, 40, 40), 3, cv2.LINE_AA)
    return picture


def test_edges_run_to_one_point_or_not() -> None:
    good, bad = (vanishing(segments(room(faulty=f))) for f in (False, True))
    assert good is not None
    assert bad is not None
    assert good.share > 0.7
    assert np.hypot(good.point[0] - 128, good.point[1] - 110) < 8
    assert bad.share < 0.5
    assert vanishing(np.zeros((0, 4))) is None


@pytest.mark.parametrize("tilt", [0.0, 6.0])
def test_horizons_are_level_or_tilted(tilt: float) -> None:
    picture = np.full((256, 256, 3), 220, np.uint8)
    rise = np.tan(np.radians(tilt)) * 256
    cv2.fillPoly(picture, [np.array([[0, 140], [256, round(140 + rise)], [256, 256], [0, 256]])], (40, 60, 90))
    found = horizon_tilt(picture)
    assert found is not None
    assert found == pytest.approx(tilt, abs=0.6)
    assert horizon_tilt(np.full((256, 256, 3), 90, np.uint8)) is None
