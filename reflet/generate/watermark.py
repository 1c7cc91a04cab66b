"""An invisible mark in the pixels: it says "Reflet made this, with that bundle" when the metadata is gone.

The mark is a periodic pattern (TILE x TILE pixels) of waves whose phases are drawn from a key. One half of the waves
is for finding it: their correlation with a picture at every shift of the tile shows where the tile begins, whatever
was cropped. The other waves stand in NUM_SYMBOLS groups; each group is moved against the first half by one of 1024
shifts, which is ten bits. Three planes carry waves: brightness at 0.06 to 0.22 cycles a pixel, which JPEG and halving
leave alone, and two differences of colour at 0.03 to 0.13, where pictures themselves hold least.

A detector that looks at phases only has a tail that can be written down. For a picture made without knowledge of the
key, each wave adds cos(angle) with an angle uniform over keys, and E exp(x cos) = I0(x) <= exp(x^2 / 4); so the
normalised sum z of any number of waves, whatever their weights, has P(z >= t) <= exp(-t^2 / 2) (Chernoff), and a
search over N shifts, scales and planes at most N times that. `threshold` inverts this; no picture needs to be Gaussian.

The mark is informed: what the picture itself holds at each wave is known when it is made, so strength goes where it
turns a phase for the least energy (the idea of "dirty paper", Costa 1983; Miller, Doerr and Cox 2004).

Shapes: H, W pixels; K waves of a plane; T = TILE.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

TILE = 128
NUM_SYMBOLS, STEP = 3, 4  # groups that carry ten bits each; pixels between two shifts of a group
SIDE = TILE // STEP
PAYLOAD_BITS = 30
PSNR = 38.3  # dB of a marked picture against the unmarked one; rounding costs 0.05
FALSE_POSITIVES = 1e-6  # of one call of `find`
PUBLIC_KEY = b"reflet watermark 1"  # known to all, so that anyone can detect; an organisation may keep its own
SYNC_SHARE = 0.5  # of the waves
SYMBOL_Z = (
    5.2  # in a picture without the mark a symbol reaches it with probability below 2 x 1024 exp(-5.2^2 / 2) = 0.0028
)

Floats = NDArray[np.float32]
Complex = NDArray[np.complex64]

# Of each plane: RGB that one unit of it adds, how it is read from RGB, band in cycles a pixel, share of the energy,
# radii of the two boxes that whiten it, and the contrast below which a region counts as flat.
_LAYOUT = (
    ((1.0, 1.0, 1.0), (0.299, 0.587, 0.114), (0.06, 0.22), 0.5, (5, 7), 2.0),
    ((0.0, -0.344, 1.772), (-0.1687, -0.3313, 0.5), (0.03, 0.13), 0.25, (10, 12), 1.0),
    ((1.402, -0.714, 0.0), (0.5, -0.4187, -0.0813), (0.03, 0.13), 0.25, (10, 12), 1.0),
)


@dataclass(frozen=True)
class Found:
    """What `find` saw. `z` is the score of the best place, `threshold` the one for FALSE_POSITIVES; `scale` is how many
    pixels of the picture as it was made fit in one of this one. `payload` is None where it could not be read surely.
    """

    present: bool
    z: float
    threshold: float
    scale: float
    payload: int | None


@dataclass(frozen=True)
class _Plane:
    """The waves of one plane: signed frequencies (K,) on the tile, phases (K,), and which group each belongs to."""

    direction: Floats
    weights: Floats
    energy: float
    radii: tuple[int, int]
    flat: float
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    phases: Floats
    groups: list[NDArray[np.int64]]

    def shifted(self, down: int, right: int, at: NDArray[np.int64] | slice = slice(None)) -> Complex:
        """Factors (K,) that move waves down and right."""
        turns = (self.rows[at] * down + self.columns[at] * right) / TILE
        return np.exp(-2j * np.pi * turns).astype(np.complex64)

    def grid(self, values: Complex, at: NDArray[np.int64] | slice = slice(None)) -> Complex:
        """Waves (K,) as the half spectrum (T, T / 2 + 1) of a tile."""
        out = np.zeros((TILE, TILE // 2 + 1), np.complex64)
        out[self.rows[at] % TILE, self.columns[at]] = values
        return out


@lru_cache(maxsize=8)
def _planes(key: bytes) -> tuple[_Plane, ...]:
    rows, columns = np.fft.fftfreq(TILE, 1 / TILE), np.arange(TILE // 2 + 1)
    v, u = np.meshgrid(columns, rows)
    out = []
    for number, (direction, weights, (low, high), energy, radii, flat) in enumerate(_LAYOUT):
        radius = np.hypot(u, v) / TILE
        where = np.flatnonzero(((radius >= low) & (radius <= high) & ((v > 0) | (u > 0))).ravel())
        seed = hashlib.sha256(key + bytes([number])).digest()
        rng = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
        where = where[np.argsort(rng.random(len(where)))]
        first = round(len(where) * SYNC_SHARE)
        groups = [np.arange(first), *np.array_split(np.arange(first, len(where)), NUM_SYMBOLS)]
        toward = np.asarray(direction, np.float32)
        out.append(
            _Plane(
                direction=toward / np.float32(math.sqrt(float((toward**2).mean()))),
                weights=np.asarray(weights, np.float32),
                energy=energy,
                radii=radii,
                flat=flat,
                rows=u.ravel()[where].astype(np.int64),
                columns=v.ravel()[where].astype(np.int64),
                phases=rng.uniform(0, 2 * np.pi, len(where)).astype(np.float32),
                groups=groups,
            )
        )
    return tuple(out)


# ---------------------------------------------------------------------------------------------------- payload
def payload_of(bundle_digest: str, *, edited: bool = False) -> int:
    """The 30 bits of a picture: layout 0 (4 bits), whether it is an edit (1), spare (1), and the first 24 bits of the
    bundle's SHA-256 (hex). The same bundle gives the same payload, so that the same request gives the same pixels."""
    return (int(edited) << 25) | int(hashed(bundle_digest), 16)


def hashed(bundle_digest: str) -> str:
    """The six hex digits of a bundle that a mark holds; those of the digest, or of its hash where it is not hex."""
    known = len(bundle_digest) == 64 and all(c in "0123456789abcdef" for c in bundle_digest)
    return (bundle_digest if known else hashlib.sha256(bundle_digest.encode()).hexdigest())[:6]


def describe_payload(payload: int) -> tuple[str, bool]:
    """The first six hex digits of the bundle's SHA-256, and whether the picture is an edit."""
    return f"{payload & 0xFFFFFF:06x}", bool(payload >> 25 & 1)


def _symbols(payload: int) -> list[int]:
    if not 0 <= payload < 1 << PAYLOAD_BITS:
        raise ValueError(f"a payload has {PAYLOAD_BITS} bits, got {payload}")
    return [payload >> 10 * k & 1023 for k in range(NUM_SYMBOLS)]


# ---------------------------------------------------------------------------------------------------- marking
def mark(pixels: NDArray[np.uint8], payload: int, *, key: bytes = PUBLIC_KEY, psnr: float = PSNR) -> NDArray[np.uint8]:
    """(H, W, 3) RGB -> the same picture with the payload in it, at `psnr` dB. A function of its arguments alone.

    Pictures below 128 px a side carry it too, less surely.
    """
    picture = pixels.astype(np.float32)
    planes = _planes(key)
    goal = 255 / 10 ** (psnr / 20)
    mask = _mask(picture @ planes[0].weights)
    targets, hosts, gains = [], [], []
    for plane in planes:
        target = np.exp(1j * plane.phases).astype(np.complex64)
        for group, symbol in zip(plane.groups[1:], _symbols(payload), strict=True):
            target[group] *= plane.shifted(symbol // SIDE * STEP, symbol % SIDE * STEP, group)
        white, level = _whiten(picture @ plane.weights, plane)
        gain = float((mask / level).mean()) * float(plane.direction @ plane.weights) * white.size / math.sqrt(2)
        targets.append(target)
        hosts.append(_waves(white, plane, 1.0) * target.conj())
        gains.append(gain)
    strengths = _allocate(hosts, gains, [p.energy for p in planes], goal)
    change = np.zeros_like(picture)
    for plane, target, strength in zip(planes, targets, strengths, strict=True):
        tile = np.fft.irfft2(plane.grid(target * strength), (TILE, TILE)).astype(np.float32)
        tile *= TILE * TILE / math.sqrt(2)
        change += (_tiled(tile, mask.shape) * mask)[..., None] * plane.direction
    for _ in range(2):  # what is clipped at black and white is made good elsewhere
        kept = np.clip(picture + change, 0, 255) - picture
        change *= goal / max(float(np.sqrt((kept * kept).mean())), goal / 3)
    return np.clip(np.rint(picture + change), 0, 255).astype(np.uint8)


def _allocate(
    hosts: list[Complex], gains: list[float], energies: list[float], goal: float, *, rounds: int = 12
) -> list[Complex]:
    """How strong each wave is made, and how it is turned, with a root mean square of `goal` in all: gradient steps up
    the sum of cos(angle to the target), where half of the picture's own power stays unknown, as a crop would make it.
    """
    sizes = [len(h) for h in hosts]
    host = np.concatenate(hosts)
    gain = np.repeat(np.asarray(gains, np.float32), sizes)
    unknown = np.repeat([0.5 * float((np.abs(h) ** 2).mean()) + 1e-6 for h in hosts], sizes).astype(np.float32)
    shares = [math.sqrt(e / n) for e, n in zip(energies, sizes, strict=True)]
    strength = np.repeat(np.asarray(shares, np.float32), sizes).astype(np.complex64) * np.float32(goal)
    for _ in range(rounds):
        value = host + gain * strength
        power = value.real**2 + value.imag**2 + unknown
        slope = gain * (power - value.real * value) / power**1.5
        length = float(np.sqrt((np.abs(slope) ** 2).sum()))
        strength = strength + slope * np.float32(0.25 * goal / (length + 1e-12))
        strength *= np.float32(goal / float(np.sqrt((np.abs(strength) ** 2).sum())))
    return np.split(strength, np.cumsum(sizes)[:-1])


def _mask(brightness: Floats) -> Floats:
    """(H, W) with mean 1: a little stronger where the picture is busy and the eye sees less."""
    detail = brightness - _box(brightness, 2)
    mask = (np.sqrt(np.maximum(_box(detail * detail, 4), 0)) + 3.0) ** 0.15
    return (mask / mask.mean()).astype(np.float32)


def _tiled(tile: Floats, shape: tuple[int, ...]) -> Floats:
    return np.tile(tile, (-(-shape[0] // TILE), -(-shape[1] // TILE)))[: shape[0], : shape[1]]


def _box(values: Floats, radius: int) -> Floats:
    """(H, W) -> means over squares of 2 radius + 1, edges repeated."""
    side = 2 * radius + 1
    middle = values.mean(dtype=np.float64).astype(np.float32)  # taken away, so that sums stay small enough for float32
    sums = np.pad(values - middle, ((radius + 1, radius), (radius + 1, radius)), mode="edge")
    np.cumsum(sums, axis=0, out=sums)
    rows = sums[side:] - sums[:-side]
    np.cumsum(rows, axis=1, out=rows)
    return (rows[:, side:] - rows[:, :-side]) / np.float32(side * side) + middle


def _whiten(values: Floats, plane: _Plane) -> tuple[Floats, Floats]:
    """(H, W) without what is broad, divided by the local contrast; and that contrast."""
    fine = values - _box(values, plane.radii[0])
    level = np.sqrt(np.maximum(_box(fine * fine, plane.radii[1]), 0)) + plane.flat
    return fine / level, level


def _waves(white: Floats, plane: _Plane, scale: float) -> Complex:
    """(K,) what a whitened plane holds at the plane's waves, when `scale` pixels of the tile fit in one of its own."""
    height, width = white.shape
    top, side = int(np.abs(plane.rows).max()), int(plane.columns.max())
    down = np.outer(np.arange(-top, top + 1), (np.arange(height) + 0.5) * scale - 0.5)
    right = np.outer((np.arange(width) + 0.5) * scale - 0.5, np.arange(side + 1))
    turn = np.complex64(-2j * np.pi / TILE)
    table = np.exp(turn * down.astype(np.float32)) @ (white @ np.exp(turn * right.astype(np.float32)))
    return table[plane.rows + top, plane.columns]


# ---------------------------------------------------------------------------------------------------- finding
def threshold(searched: int, *, false_positives: float) -> float:
    """The score that a picture without the mark reaches at any of `searched` places with at most that probability."""
    return math.sqrt(2 * math.log(searched / false_positives))


def find(pixels: NDArray[np.uint8], *, key: bytes = PUBLIC_KEY, thorough: bool = True) -> Found:
    """Looks for the mark in (H, W, 3) RGB of any size: first at the scales at which pictures usually come, then, when
    `thorough`, at all from 0.45 to 2.2. Of large pictures the middle is searched. No rotation, no mirror, no shear.
    """
    whites = _whitened(_middle(pixels, 1024), key)
    likely = _likely_scales(pixels.shape[0], pixels.shape[1])
    best = max((_score(whites, key, s) for s in likely), key=lambda found: found.z)
    # Half of the allowed false positives go to each search; two sets of planes are tried at T x T shifts.
    first = threshold(len(likely) * 2 * TILE * TILE, false_positives=FALSE_POSITIVES / 2)
    if best.z >= first or not thorough:
        return _read(whites, key, best, first)
    whites = _whitened(_middle(pixels, 512), key)
    second = threshold(len(SCALES) * len(FINER) * 2 * TILE * TILE, false_positives=FALSE_POSITIVES / 2)
    coarse = max((_score(whites, key, s) for s in SCALES), key=lambda found: found.z)
    found = max((_score(whites, key, coarse.scale * f) for f in FINER), key=lambda found: found.z)
    return _read(whites, key, found, second)


SCALES = tuple(float(s) for s in np.geomspace(0.45, 2.2, 320))  # 0.5 % apart
FINER = (0.997, 0.9985, 1.0, 1.0015, 1.003)
SETS = ((0,), (0, 1, 2))  # brightness alone is better after JPEG, all planes together otherwise


def all_scores(pixels: NDArray[np.uint8], *, key: bytes = PUBLIC_KEY, scale: float = 1.0) -> Floats:
    """(2, T, T): the score of every shift at one scale, for both sets of planes; false positives are drawn from it."""
    turned = _turned(_whitened(_middle(pixels, 1024), key), key, scale)
    return np.stack([_correlate(turned, key, chosen, 0) for chosen in SETS])


@dataclass(frozen=True)
class _Place:
    """A best place: score, scale, which planes, and where the tile begins."""

    z: float
    scale: float
    planes: tuple[int, ...]
    down: int
    right: int


def _middle(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    top, left = (max(0, (n - side) // 2) for n in pixels.shape[:2])
    return pixels[top : top + side, left : left + side]


def _whitened(pixels: NDArray[np.uint8], key: bytes) -> list[Floats]:
    picture = pixels.astype(np.float32)
    return [_whiten(picture @ plane.weights, plane)[0] for plane in _planes(key)]


def _likely_scales(height: int, width: int) -> tuple[float, ...]:
    """As it was made, half, double, and scaled to or from the usual sides of what is generated."""
    sides = {side / n for side in (256, 512, 1024) for n in (height, width) if 0.2 <= side / n <= 5}
    return tuple(sorted({1.0, 2.0, 0.5, *sides}))


def _turned(whites: list[Floats], key: bytes, scale: float) -> list[Complex]:
    """(K,) of each plane: unit numbers that would all point one way, were the tile to begin at the corner."""
    out = []
    for white, plane in zip(whites, _planes(key), strict=True):
        values = _waves(white, plane, scale)
        size = np.abs(values)
        unit = np.where(size > 1e-4, values / np.maximum(size, 1e-4), 0)
        out.append((unit * np.exp(-1j * plane.phases)).astype(np.complex64))
    return out


def _correlate(turned: list[Complex], key: bytes, chosen: tuple[int, ...], group: int) -> Floats:
    """(T, T) scores z of one group of waves at every shift."""
    planes = _planes(key)
    spectrum, number = np.zeros((TILE, TILE // 2 + 1), np.complex64), 0
    for k in chosen:
        at = planes[k].groups[group]
        spectrum += planes[k].grid(turned[k][at], at)
        number += int(np.count_nonzero(turned[k][at]))
    scores = np.fft.irfft2(spectrum, (TILE, TILE)) * (TILE * TILE / 2) / math.sqrt(max(number, 1) / 2)
    return scores.astype(np.float32)


def _score(whites: list[Floats], key: bytes, scale: float) -> _Place:
    turned = _turned(whites, key, scale)
    places = []
    for chosen in SETS:
        scores = _correlate(turned, key, chosen, 0)
        down, right = divmod(int(scores.argmax()), TILE)
        places.append(_Place(float(scores[down, right]), scale, chosen, down, right))
    return max(places, key=lambda place: place.z)


def _read(whites: list[Floats], key: bytes, place: _Place, needed: float) -> Found:
    """The payload at a place: of each group, the shift with the highest score, if all are sure."""
    turned = _turned(whites, key, place.scale)
    moved = [t * p.shifted(place.down, place.right).conj() for t, p in zip(turned, _planes(key), strict=True)]
    surest, payload = 0.0, 0
    for chosen in SETS:
        groups = [_correlate(moved, key, chosen, k + 1)[::STEP, ::STEP] for k in range(NUM_SYMBOLS)]
        weakest = min(float(scores.max()) for scores in groups)
        if weakest > surest:
            surest, payload = weakest, sum(int(scores.argmax()) << 10 * k for k, scores in enumerate(groups))
    present = place.z >= needed
    return Found(present, place.z, needed, place.scale, payload if present and surest >= SYMBOL_Z else None)
