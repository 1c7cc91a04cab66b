"""Fingerprints of pictures without a trained model: a perceptual hash, and an embedding in which likeness is distance.

The hash (the sign of 64 low frequencies of a small grey picture against their median) survives other sizes, qualities
and brightness. The embedding also survives crops and, through its histograms, small shifts: 144 numbers of unit length
that say which colours there are, where, and which way edges run. Both are functions of the pixels alone.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 64  # pixels a side of the picture that the embedding looks at
NUM_FEATURES = 64 + 48 + 32
SIGN_BITS = 128
TINY = 32

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

_LEVELS, _TONES = 4, 4  # of lightness, and of each of the two colour axes
_WEIGHTS = {"colour": 0.60, "layout": 0.64, "edges": 0.48}  # their squares sum to one


def perceptual_hash(gray: Bytes) -> tuple[int, int]:
    """(H, W) -> 64-bit hashes of the picture and of its mirror image.

    The DCT hash of Zauner (2010), as implemented in the ImageHash library, without the mean's own coefficient.
    """
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8]
    mirror = low * np.where(np.arange(8) % 2, -1.0, 1.0)[None, :]  # a mirrored cosine of odd frequency changes its sign
    return _signs(low), _signs(mirror)


def _signs(low: Floats) -> int:
    flat = low.ravel()
    bits = flat > np.median(flat[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def embed(pixels: Bytes) -> Floats:
    """(H, W, 3) RGB -> (NUM_FEATURES,) of unit length."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    parts = {"colour": _colours(lab), "layout": _layout(lab), "edges": _edges(lab[..., 0])}
    return np.concatenate([_WEIGHTS[name] * _unit(values) for name, values in parts.items()]).astype(np.float32)


def _unit(values: Floats) -> Floats:
    return values / max(float(np.linalg.norm(values)), 1e-6)


def _colours(lab: Floats) -> Floats:
    """A histogram in CIELAB, pixels shared among neighbouring cells; square roots, so that products are Hellinger's."""
    # Tones are spread by a square root: most colours are near grey.
    tone = np.sign(lab[..., 1:]) * np.sqrt(np.minimum(np.abs(lab[..., 1:]), 100) / 100) * 0.5 + 0.5
    at = np.concatenate([lab[..., :1] / 100, tone], axis=-1).reshape(-1, 3) * (_LEVELS - 1)
    low = np.clip(np.floor(at), 0, _LEVELS - 2).astype(np.int64)
    share = np.clip(at - low, 0, 1)
    out = np.zeros(_LEVELS * _TONES * _TONES)
    for corner in range(8):
        step = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1])
        weight = np.where(step, share, 1 - share).prod(axis=1)
        cell = low + step
        out += np.bincount((cell[:, 0] * _TONES + cell[:, 1]) * _TONES + cell[:, 2], weight, len(out))
    return np.sqrt(out / len(at)).astype(np.float32)


def _layout(lab: Floats) -> Floats:
    """Mean colours of 4 x 4 cells about mid-grey, so that two plain grounds are not opposite."""
    cells = cv2.resize(lab, (4, 4), interpolation=cv2.INTER_AREA)
    return ((cells - np.float32([50, 0, 0])) / np.float32([50, 40, 40])).ravel()


def _edges(light: Floats) -> Floats:
    """Eight directions of edges in 2 x 2 quarters, by their strength."""
    dx, dy = cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)
    strength, angle = cv2.cartToPolar(dx, dy)
    bins = (angle * (8 / np.pi)).astype(np.int64) % 8  # half a turn: a line has no front
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] // (SIDE // 2)
    out = np.bincount(((rows * 2 + columns) * 8 + bins).ravel(), np.sqrt(strength).ravel(), 32)
    return (out + 40.0).astype(np.float32)  # a floor, so that noise on a plain ground is not a direction


def sign_codes(features_NF: NDArray[np.floating]) -> Bytes:
    """(N, F) -> (N, SIGN_BITS / 8): on which side of fixed random planes each lies.

    Of two unit vectors at an angle, a bit differs with probability angle / 180 degrees (Charikar 2002), so an index of
    bits finds what is near in angle. The planes depend on no set: codes never have to be made again.
    """
    planes = np.random.default_rng(20020519).standard_normal((features_NF.shape[1], SIGN_BITS)).astype(np.float32)
    return np.packbits(features_NF.astype(np.float32) @ planes > 0, axis=1)


def tiny(gray: Bytes) -> Bytes:
    """(H, W) -> (TINY, TINY): what `alignment` compares."""
    return cv2.resize(gray, (TINY, TINY), interpolation=cv2.INTER_AREA)


def alignment(a: Bytes, b: Bytes) -> float:
    """The best correlation of two tiny pictures when either is mirrored, or cut from the other at down to 0.8 of its
    sides: 1 for copies. Flat pictures correlate with nothing: 0."""
    if a.std() < 2 or b.std() < 2:
        return 0.0
    best = 0.0
    for other in (b, np.ascontiguousarray(b[:, ::-1])):
        best = max(best, _correlation(a, other))
        for side in (30, 28, 26):
            for whole, part in ((a, other), (other, a)):
                best = max(best, _correlation(whole, cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA)))
    return best


def _correlation(whole: Bytes, part: Bytes) -> float:
    return float(cv2.matchTemplate(whole, part, cv2.TM_CCOEFF_NORMED).max())


def colour_likeness(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """How alike the colours of two embeddings are, wherever they stand: 0 to 1."""
    return float(np.dot(a[:64].astype(np.float32), b[:64].astype(np.float32))) / _WEIGHTS["colour"] ** 2
