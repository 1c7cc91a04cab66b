"""CIEDE2000 against the pairs its authors published (Sharma, Wu and Dalal 2005, table 1), and colour words."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.evaluate.colors import ciede2000, color_word, lab_of
from reflet.render.vocabulary import COLORS

PAIRS = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 3.1571, -77.2803), (50.0, 0.0, -82.7485), 2.8615),
    ((50.0, 2.8361, -74.0200), (50.0, 0.0, -82.7485), 3.4412),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (61.0, -5.0, 29.0), 22.8977),
    ((50.0, 2.5, 0.0), (56.0, -27.0, -3.0), 31.9030),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "expected"), PAIRS)
def test_published_pairs(first: tuple[float, ...], second: tuple[float, ...], expected: float) -> None:
    assert float(ciede2000(np.array(first), np.array(second))) == pytest.approx(expected, abs=1e-4)
    assert float(ciede2000(np.array(second), np.array(first))) == pytest.approx(expected, abs=1e-4)


def test_lab_of_known_colours() -> None:
    np.testing.assert_allclose(lab_of(np.array([1.0, 1.0, 1.0])), [100, 0, 0], atol=0.01)
    np.testing.assert_allclose(lab_of(np.array([1.0, 0.0, 0.0])), [53.24, 80.09, 67.20], atol=0.02)
    np.testing.assert_allclose(lab_of(np.array([0.0, 0.0, 1.0])), [32.30, 79.19, -107.86], atol=0.02)


@pytest.mark.parametrize("word", list(COLORS))
def test_a_shaded_thing_with_a_highlight_keeps_its_word(word: str) -> None:
    shade = np.linspace(0.45, 1.0, 40)[None, :, None]
    picture = np.zeros((40, 40, 3))
    picture[:] = np.array(COLORS[word]) * shade
    picture[5:9, 30:34] = 1.0
    found = color_word((np.clip(picture, 0, 1) * 255).astype(np.uint8), np.ones((40, 40), bool))
    alike = {"white": {"white", "grey", "beige"}, "navy blue": {"navy blue", "black"}, "orange": {"orange", "brown"}}
    assert found in alike.get(word, {word})


def test_too_few_pixels_have_no_colour() -> None:
    assert color_word(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), bool)) == ""
