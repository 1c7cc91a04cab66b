"""The night sky: stars, a band like the Milky Way, the moon's disc. Radiance for picture backgrounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reflet.render.clouds import streak_noise
from reflet.render.scene import Array

_CELLS = 60  # cells along one edge of a cube face; each holds at most one star


@dataclass(frozen=True)
class Firmament:
    """Stars fixed by `seed`; `density` 0..1; `band` is the pole (3,) of the Milky Way's plane or None."""

    seed: int
    density: float = 0.4
    brightness: float = 0.5
    band: tuple[float, float, float] | None = None


def firmament(stars: Firmament, directions: Array) -> Array:
    """(N, 3) unit directions, in the order of a picture's pixels -> (N, 3) radiance of stars and band.

    The order matters only for the size of a star's spot, which is taken from the distance of neighbours, so that
    a star is a little wider than a pixel at any field of view.
    """
    pixel = pixel_angle(directions)
    glow = np.zeros(len(directions), np.float32)
    if stars.band is not None:
        glow = _band(np.asarray(stars.band, np.float32), directions)
    spots = _spots(stars, directions, pixel, glow)
    tint = np.array([0.80, 0.88, 1.05], np.float32)
    return spots + (np.float32(0.035 * stars.brightness) * glow)[:, None] * tint


def moon_disc(directions: Array, toward: Array, *, radius: float, phase: float) -> tuple[Array, Array]:
    """(N,) brightness 0..1 of the moon's lit face with its dark seas, and (N,) coverage of its whole disc.

    `phase` in radians: 0 is full, pi/2 a half moon, towards pi a crescent. `radius` in radians.
    """
    side = np.cross(toward, [0.0, 0.0, 1.0])
    side = side / max(float(np.linalg.norm(side)), 1e-6)
    up = np.cross(side, toward)
    x = (directions @ side.astype(np.float32)) / np.float32(radius)
    y = (directions @ up.astype(np.float32)) / np.float32(radius)
    facing = directions @ toward.astype(np.float32) > 0
    distance = np.hypot(x, y)
    edge = np.float32(pixel_angle(directions) / radius)
    disc = np.clip((1 - distance) / np.maximum(edge, 0.02) + 0.5, 0, 1) * facing
    z = np.sqrt(np.maximum(1 - np.minimum(distance, 1) ** 2, 0))
    sun = np.array([np.sin(phase) * 0.96, np.sin(phase) * 0.28, np.cos(phase)], np.float32)
    lit = np.clip((x * sun[0] + y * sun[1] + z * sun[2]) * 3.0, 0, 1)
    seas = streak_noise(0.5 + 0.07 * x, 0.31 + 0.07 * y)
    face = 1 - 0.42 * np.clip((seas - 0.5) * 3.0, 0, 1)
    return np.where(disc > 0, lit * face * disc, 0).astype(np.float32), disc.astype(np.float32)


def pixel_angle(directions: Array) -> float:
    """Angle in radians between neighbours of (N, 3) directions that come in the order of a picture's pixels."""
    if len(directions) < 2:
        return 0.003
    steps = np.linalg.norm(np.diff(directions[:4096], axis=0), axis=1)
    return float(np.clip(np.median(steps), 2e-4, 0.02))


def _band(pole: Array, directions: Array) -> Array:
    pole = pole / np.linalg.norm(pole)
    along = np.cross(pole, [0.3, 0.2, 0.93])
    along /= np.linalg.norm(along)
    height = directions @ pole
    angle = np.arctan2(directions @ np.cross(pole, along).astype(np.float32), directions @ along.astype(np.float32))
    u, v = angle * np.float32(0.55 / np.pi), height * np.float32(0.45)
    wisps = streak_noise(u + 0.13, v + 0.5)
    dust = streak_noise(1.3 * v + 0.7, 1.6 * u)
    wide = np.exp(-((height / 0.20) ** 2)) * (0.35 + 0.9 * wisps)
    lane = np.exp(-(((height - 0.05 * (dust - 0.5)) / 0.05) ** 2)) * np.clip(dust * 1.8 - 0.5, 0, 0.9)
    return (wide * (1 - lane) * (0.7 + 0.3 * np.cos(angle))).astype(np.float32)


def _spots(stars: Firmament, directions: Array, pixel: float, glow: Array) -> Array:
    """One possible star a cell of a cube's faces, hashed, kept off the cell's border so that one look suffices."""
    size = np.abs(directions)
    face = np.argmax(size, axis=1)
    rows = np.arange(len(directions))
    main = directions[rows, face]
    a, b = directions[rows, (face + 1) % 3] / np.abs(main), directions[rows, (face + 2) % 3] / np.abs(main)
    u, v = (a + 1) * np.float32(_CELLS / 2), (b + 1) * np.float32(_CELLS / 2)
    cu, cv = np.floor(u), np.floor(v)
    key = (face * 2 + (main > 0)).astype(np.uint64) * np.uint64(1 << 40)
    key += cu.astype(np.uint64) * np.uint64(1 << 20) + cv.astype(np.uint64) + np.uint64(stars.seed)
    bits = _mixed(key)
    chance, size_draw, x, y, hue = (
        ((bits >> np.uint64(s)) & np.uint64(4095)).astype(np.float32) / 4096 for s in (0, 12, 24, 36, 48)
    )
    present = chance < stars.density * (0.45 + 1.1 * glow)
    radius = np.float32(0.5 * pixel * _CELLS / 2)
    margin = min(0.45, 2.2 * float(radius))
    du, dv = u - cu - (margin + x * (1 - 2 * margin)), v - cv - (margin + y * (1 - 2 * margin))
    magnitude = 0.02 + 1.1 * size_draw**12 + 0.16 * size_draw**3
    spot = present * magnitude * np.exp(-(du * du + dv * dv) / (2 * radius * radius)) * np.float32(stars.brightness)
    tint = np.stack([1.12 - 0.3 * hue, np.full_like(hue, 0.95), 0.72 + 0.5 * hue], -1)
    return (spot[:, None] * tint).astype(np.float32)


def _mixed(x: Array) -> Array:
    """SplitMix64's finaliser: neighbouring integers to unrelated bits."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
