"""The sky of space: a small hard sun, stars, clouds of glowing gas, or the air of another world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reflet.render.scene import RGB, Array
from reflet.render.stars import Firmament, firmament
from reflet.render.terrain_maps import noise_tile, sample, smoothstep


@dataclass(frozen=True)
class SpaceSky:
    """A small hard sun, stars, and clouds of glowing gas; with `air` (zenith, horizon) the sky of a world.

    `sun` is the unit direction (3,) towards it.
    """

    sun: tuple[float, float, float]
    stars: Firmament
    nebula: tuple[RGB, ...] = ()
    nebula_seed: tuple[float, float, float] = (0.0, 0.0, 0.0)
    air: tuple[RGB, RGB] | None = None
    sun_color: RGB = (1.0, 0.96, 0.90)
    ambient: float = 0.025

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        """(N, 3) unit directions -> (N, 3) linear radiance; see scene.Sky."""
        d = np.asarray(directions, np.float32)
        toward = d @ np.array(self.sun, np.float32)
        color = np.array(self.sun_color, np.float32)
        out = np.full((len(d), 3), np.float32(self.ambient))
        if self.air is not None:
            zenith, horizon = (np.array(c, np.float32) for c in self.air)
            up = np.clip(d[:, 2:], 0, 1) ** 0.6
            out = out + horizon * (1 - up) + zenith * up + 0.25 * color * horizon * np.exp((toward[:, None] - 1) * 9)
        if not background:
            radius = 0.035
            disc = toward > np.cos(radius)
            return out + disc[:, None] * color * np.float32(3.2 / (2 * np.pi * (1 - np.cos(radius))))
        faint = 1.0 if self.air is None else 0.25
        out = out * (0.04 if self.air is None else 1.0)
        out += faint * (firmament(self.stars, d) + self._gas(d))
        glow = (
            smoothstep(np.cos(0.026), np.cos(0.020), toward) * 14
            + 0.9 * np.exp((toward - 1) * 1500)
            + 0.10 * np.exp((toward - 1) * 60)
        )
        return out + glow[:, None] * color

    def _gas(self, d: Array) -> Array:
        if not self.nebula:
            return np.zeros_like(d)
        a, b, c = self.nebula_seed
        u = np.arctan2(d[:, 0], d[:, 1]) / (2 * np.pi) + a
        v = 0.32 * d[:, 2] + b
        wisp = sample(noise_tile(8, 3.2), u, v, period=1.0)
        fine = sample(noise_tile(9, 2.6), u + 0.02 * wisp + c, v + 0.012 * wisp, period=0.5)
        density = smoothstep(-0.3, 2.2, wisp + 0.45 * fine)
        lanes = smoothstep(-1.4, 0.4, sample(noise_tile(10, 2.8), u + 0.3, v, period=0.7))
        out = np.zeros_like(d)
        for k, hue in enumerate(self.nebula):
            where = sample(noise_tile(11 + k, 3.2), u + 0.21 * k, v, period=1.0)
            share = smoothstep(-0.6, 1.4, where) if k else np.float32(0.5)
            out += np.array(hue, np.float32) * (share * density**1.5 * (0.35 + 0.65 * lanes))[:, None]
        return 0.30 * out


HUES: dict[str, RGB] = {
    "blue": (0.10, 0.25, 0.95),
    "purple": (0.50, 0.12, 0.80),
    "pink": (0.95, 0.22, 0.50),
    "red": (0.90, 0.14, 0.08),
    "orange": (1.00, 0.42, 0.10),
    "green": (0.10, 0.70, 0.35),
    "turquoise": (0.08, 0.65, 0.70),
}
