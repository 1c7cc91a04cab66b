"""The mark survives what pictures go through, names its bundle, and is never seen where it is not."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from reflet.generate.watermark import (
    FALSE_POSITIVES,
    PAYLOAD_BITS,
    TILE,
    describe_payload,
    find,
    hashed,
    mark,
    payload_of,
    threshold,
)

Pixels = NDArray[np.uint8]
DIGEST = "5eedc0de" * 8


def picture(number: int, *, size: int = 256) -> Pixels:
    """Smooth shades with edges and grain, about as hard as a photograph: noise with a 1 / f spectrum under discs."""
    rng = np.random.default_rng(number)
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)), axes=(0, 1)) / np.maximum(radius, 1 / size) ** 1.2
    shade = np.fft.irfft2(spectrum, (size, size))
    y, x = np.mgrid[0:size, 0:size]
    out = np.repeat((shade / shade.std() * 35 + 120)[..., None], 3, axis=2)
    for _ in range(6):
        inside = np.hypot(x - rng.integers(size), y - rng.integers(size)) < rng.integers(10, size // 4)
        out[inside] = out[inside] * 0.5 + rng.integers(0, 255, 3) * 0.5
    return np.clip(out + rng.normal(0, 3, out.shape), 0, 255).astype(np.uint8)


def encoded(pixels: Pixels, kind: str, quality: int) -> Pixels:
    out = BytesIO()
    Image.fromarray(pixels).save(out, kind, quality=quality)
    return np.asarray(Image.open(out).convert("RGB"))


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


CHANGES = {
    "nothing": lambda p: p,
    "JPEG 50": lambda p: encoded(p, "JPEG", 50),
    "WebP 80": lambda p: encoded(p, "WEBP", 80),
    "half": lambda p: resized(p, p.shape[0] // 2, p.shape[1] // 2),
    "half and back": lambda p: resized(resized(p, p.shape[0] // 2, p.shape[1] // 2), *p.shape[:2]),
    "brighter": lambda p: np.clip(p * 1.2, 0, 255).astype(np.uint8),
    "darker": lambda p: (p * 0.8).astype(np.uint8),
    "crop to 60 % of the side": lambda p: p[61 : 61 + p.shape[0] * 6 // 10, 87 : 87 + p.shape[1] * 6 // 10],
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_mark_survives(name: str) -> None:
    for number in range(3):
        payload = payload_of(DIGEST, edited=number == 1)
        found = find(CHANGES[name](mark(picture(number), payload)), thorough=False)
        assert found.present, (name, number, found)
        assert found.payload in (payload, None)
        assert name != "nothing" or found.payload == payload


def test_an_unusual_scale_is_searched_for() -> None:
    """A screenshot scaled by three quarters, and cropped so that its size says nothing."""
    marked = mark(picture(3, size=384), payload_of(DIGEST))
    found = find(resized(marked, 288, 288)[5:260, 9:271])
    assert found.present and abs(found.scale - 384 / 288) < 0.01
    assert found.payload == payload_of(DIGEST)


def test_it_is_quiet_and_a_function_of_its_arguments() -> None:
    for number in range(3):
        plain = picture(number)
        marked = mark(plain, payload_of(DIGEST))
        error = np.square(marked.astype(float) - plain).mean()
        assert 10 * math.log10(255**2 / error) >= 38
        assert (mark(plain, payload_of(DIGEST)) == marked).all()
        assert (mark(plain, payload_of("0" * 64)) != marked).any()


def test_odd_sizes_carry_it_too() -> None:
    for height, width in ((200, 333), (128, 128), (513, 256)):
        whole = picture(height, size=max(height, width))[:height, :width]
        assert find(mark(whole, 7), thorough=False).payload == 7


def test_tiny_flat_and_extreme_pictures_are_no_trouble() -> None:
    for pixels in (
        np.zeros((1, 1, 3), np.uint8),
        np.full((64, 64, 3), 255, np.uint8),
        np.zeros((256, 256, 3), np.uint8),
        np.indices((256, 256)).sum(0)[..., None].repeat(3, 2).astype(np.uint8) % 2 * 255,
    ):
        marked = mark(pixels, 5)
        assert marked.shape == pixels.shape
        assert not find(pixels, thorough=False).present


def test_no_mark_is_seen_where_none_is() -> None:
    """Other keys make new detectors of one picture: the scores of 80 of them keep to the bound."""
    plain = [picture(number) for number in range(2)]
    scores = np.array([find(p, key=b"key %d" % k, thorough=False).z for p in plain for k in range(40)])
    for allowed in (0.3, 0.05):
        limit = threshold(6 * TILE * TILE, false_positives=allowed)
        assert (scores >= limit).mean() <= allowed
    assert scores.max() < find(plain[0], thorough=False).threshold
    assert scores.mean() > 3.5  # the maximum of thousands of tries: the scores are of the size the theory says


def test_another_key_finds_nothing() -> None:
    marked = mark(picture(0), payload_of(DIGEST), key=b"an organisation's own")
    assert not find(marked).present
    assert find(marked, key=b"an organisation's own", thorough=False).payload == payload_of(DIGEST)


def test_the_threshold_is_the_bound_inverted() -> None:
    """N exp(-t^2 / 2) = p, and the sum of cosines with uniform angles keeps to the bound."""
    t = threshold(1000, false_positives=FALSE_POSITIVES)
    assert 1000 * math.exp(-t * t / 2) == pytest.approx(FALSE_POSITIVES)
    rng = np.random.default_rng(0)
    weights = rng.random(40)
    z = np.cos(rng.uniform(0, 2 * np.pi, (100_000, 40))) @ weights / math.sqrt((weights**2).sum() / 2)
    for t in (1.0, 2.0, 3.0):
        assert (z >= t).mean() <= math.exp(-t * t / 2)


def test_payloads() -> None:
    assert describe_payload(payload_of(DIGEST)) == ("5eedc0", False)
    assert describe_payload(payload_of(DIGEST, edited=True)) == ("5eedc0", True)
    assert len(hashed("untrained")) == 6
    with pytest.raises(ValueError, match="30 bits"):
        mark(picture(0), 1 << PAYLOAD_BITS)
