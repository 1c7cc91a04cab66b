"""The clear sky: light scattered in air, after Hillaire, "A Scalable and Production Ready Sky and Atmosphere
Rendering Technique" (2020).

Baked once: for each elevation of the sun, how much light the air sends towards a viewer on the ground from each
direction, by single scattering of Rayleigh and Mie particles, absorption of ozone, and an isotropic estimate of
all further bounces (sections 5.3 and 5.5 there). The Mie part is kept without its phase function, which is
applied when the sky is evaluated: so the glow around the sun stays sharp in a coarse table.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from reflet.render.bake import baked
from reflet.render.scene import Array

SUN_IRRADIANCE = 20.0  # of the sun above the air, per colour channel; the scale of everything outdoors
MIE_ASYMMETRY = 0.78

_GROUND, _TOP = 6360.0, 6460.0  # km
_RAYLEIGH = np.array([5.802e-3, 13.558e-3, 33.1e-3])  # scattering per km at sea level, red, green, blue
_MIE_SCATTER, _MIE_ABSORB = 3.996e-3, 0.44e-3
_OZONE = np.array([0.650e-3, 1.881e-3, 0.085e-3])  # absorption per km at 25 km
_GROUND_ALBEDO = 0.25
_VIEWER = 0.3  # km above the sea

HAZE_LEVELS = (0.7, 5.0)  # amount of aerosol in the two baked skies; between them the tables are mixed
# fmt: off
_ELEVATIONS = np.array([-12, -10, -8, -7, -6, -5, -4, -3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15,
                        18, 22, 26, 30, 36, 42, 50, 60, 70, 80, 90], float)
# fmt: on
_VIEW_ROWS, _AZIMUTH_COLUMNS = 72, 24


def sky_radiance(directions: Array, *, sun_azimuth: float, sun_elevation: float, haze: float = 0.0) -> Array:
    """Radiance of clear air, without the sun's disc: (N, 3) unit directions -> (N, 3) float32.

    `sun_elevation` in radians, -12..90 degrees; `haze` 0 (mountain air) to 1 (milky). Directions below the horizon
    get the horizon's value.
    """
    table = _tables(round(np.degrees(sun_elevation), 3), round(haze, 3))
    d = np.asarray(directions, np.float32)
    up = np.clip(d[:, 2], 0.0, 1.0)
    row = np.sqrt(np.arcsin(up) * np.float32(2 / np.pi)) * np.float32(_VIEW_ROWS - 1)
    across = _cos_azimuth(d, sun_azimuth)
    column = np.arccos(across) * np.float32((_AZIMUTH_COLUMNS - 1) / np.pi)
    both = gather(table, column, row)  # (N, 6): Rayleigh and multiple scattering, then Mie without its phase
    cos_sun = up * np.float32(np.sin(sun_elevation))
    cos_sun += np.sqrt(1 - up * up) * across * np.float32(np.cos(sun_elevation))
    phase = _mie_phase(cos_sun).astype(np.float32)
    return both[:, :3] + both[:, 3:] * phase[:, None]


def sun_transmittance(sun_elevation: float, *, haze: float = 0.0, altitude: float = _VIEWER) -> Array:
    """The share (3,) of sunlight that reaches `altitude` km when the sun stands at `sun_elevation` radians."""
    arrays = _baked()
    weight = float(np.clip(haze, 0, 1))
    out = np.zeros(3)
    for level, share in ((0, 1 - weight), (1, weight)):
        lookup = arrays[f"transmittance{level}"]
        out += share * _look_up(lookup, np.array([altitude]), np.array([np.sin(sun_elevation)]))[0]
    return out


def gather(image: Array, x: Array, y: Array, *, wrap: bool = False) -> Array:
    """Bilinear reading of `image` (H, W, C) at N positions, as cv2.remap does but for any number of points."""
    n, columns = x.size, 1024
    rows = max(1, -(-n // columns))
    grid = np.empty((2, rows * columns), np.float32)
    grid[0, :n], grid[1, :n], grid[:, n:] = x, y, 0
    mode = cv2.BORDER_WRAP if wrap else cv2.BORDER_REPLICATE
    grid = grid.reshape(2, rows, columns)
    channels = image.shape[2:]
    if channels and channels[0] > 4:  # remap takes at most four channels
        parts = [
            cv2.remap(np.ascontiguousarray(image[..., i : i + 3]), grid[0], grid[1], cv2.INTER_LINEAR, borderMode=mode)
            for i in range(0, channels[0], 3)
        ]
        out = np.concatenate(parts, axis=-1)
    else:
        out = cv2.remap(image, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=mode)
    return out.reshape((rows * columns, *channels))[:n]


def _cos_azimuth(d: Array, sun_azimuth: float) -> Array:
    flat = np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-6)
    return np.clip(
        (d[:, 0] * np.float32(np.sin(sun_azimuth)) + d[:, 1] * np.float32(np.cos(sun_azimuth))) / flat, -1, 1
    )


@lru_cache(maxsize=8)
def _tables(sun_degrees: float, haze: float) -> Array:
    arrays = _baked()
    position = float(np.interp(sun_degrees, _ELEVATIONS, np.arange(len(_ELEVATIONS))))
    low = min(int(position), len(_ELEVATIONS) - 2)
    t, weight = position - low, float(np.clip(haze, 0, 1))
    table = 0.0
    for level, share in ((0, 1 - weight), (1, weight)):
        sky = arrays[f"sky{level}"]
        table = table + share * (sky[low] * (1 - t) + sky[low + 1] * t)
    return np.ascontiguousarray(table, np.float32)


def _baked() -> dict[str, Array]:
    return baked("atmosphere-1", _bake)


# ---------------------------------------------------------------------------------------------- baking
def _bake() -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for level, aerosol in enumerate(HAZE_LEVELS):
        transmittance = _bake_transmittance(aerosol)
        bounce = _bake_multiple_scattering(aerosol, transmittance)
        arrays[f"transmittance{level}"] = transmittance.astype(np.float32)
        arrays[f"sky{level}"] = _bake_sky(aerosol, transmittance, bounce)
    return arrays


def _densities(height: Array, aerosol: float) -> tuple[Array, Array, Array]:
    """Rayleigh (.., 3) and Mie (.., 1) scattering and total extinction (.., 3), per km, at `height` km."""
    height = np.maximum(height, 0.0)[..., None]
    rayleigh = _RAYLEIGH * np.exp(-height / 8.0)
    particles = aerosol * np.exp(-height / 1.2)
    ozone = _OZONE * np.maximum(0.0, 1.0 - np.abs(height - 25.0) / 15.0)
    return rayleigh, _MIE_SCATTER * particles, rayleigh + (_MIE_SCATTER + _MIE_ABSORB) * particles + ozone


def _distance_to(radius: float, r: Array, cosine: Array) -> Array:
    return -r * cosine + np.sqrt(np.maximum(r * r * (cosine * cosine - 1) + radius * radius, 0.0))


_HEIGHT_ROWS, _COSINE_COLUMNS = 48, 257


def _bake_transmittance(aerosol: float, steps: int = 60) -> Array:
    """(rows of height, columns of cosine, 3): what is left of light from outside along a ray. The planet blocks."""
    height = 100.0 * np.linspace(0, 1, _HEIGHT_ROWS)[:, None] ** 2
    edge = np.linspace(-1, 1, _COSINE_COLUMNS)[None, :]
    cosine = np.sign(edge) * edge**2  # finer near the horizon
    r = _GROUND + height
    length = _distance_to(_TOP, r, cosine)
    depth = 0.0
    for i in range(steps):
        a, b = (i / steps) ** 1.7, ((i + 1) / steps) ** 1.7
        t = length * (a + b) / 2
        h = np.sqrt(r * r + t * t + 2 * r * t * cosine) - _GROUND
        depth = depth + _densities(h, aerosol)[2] * (length * (b - a))[..., None]
    return np.exp(-depth)


def _look_up(table: Array, height: Array, cosine: Array) -> Array:
    row = np.sqrt(np.clip(height, 0, 100) / 100.0) * (_HEIGHT_ROWS - 1)
    edge = np.sign(cosine) * np.sqrt(np.abs(cosine))
    column = (edge + 1) / 2 * (_COSINE_COLUMNS - 1)
    flat = gather(np.asarray(table, np.float32), np.ravel(column), np.ravel(row))
    return flat.reshape((*np.shape(height), 3))


def _mie_phase(cosine: Array) -> Array:
    """Cornette and Shanks (1992), per steradian."""
    g = MIE_ASYMMETRY
    top = 3 / (8 * np.pi) * (1 - g * g) * (1 + cosine * cosine)
    return top / ((2 + g * g) * np.maximum(1 + g * g - 2 * g * cosine, 1e-4) ** 1.5)


def _bake_multiple_scattering(aerosol: float, transmittance: Array, steps: int = 20) -> Array:
    """(32 heights, 32 sun cosines, 3): light of all orders above the first, per unit of sunlight (eq. 10 there)."""
    height = 0.02 + 99.0 * np.linspace(0, 1, 32)[:, None, None] ** 2
    sun = np.linspace(-1, 1, 32)[None, :, None]
    k = np.arange(64) + 0.5
    polar, turn = np.arccos(1 - 2 * k / 64), np.pi * (1 + 5**0.5) * k
    cosine = np.cos(polar)[None, None, :]
    toward_sun = np.sin(polar) * np.cos(turn)
    r = _GROUND + height
    length = np.broadcast_to(_distance_to(_TOP, r, cosine), (32, 32, 64)).copy()
    below = r * r * (cosine * cosine - 1) + _GROUND**2
    hits = np.broadcast_to((cosine < 0) & (below > 0), length.shape)
    length[hits] = np.broadcast_to(-r * cosine - np.sqrt(np.maximum(below, 0)), length.shape)[hits]
    through, second, factor = np.ones((32, 32, 64, 3)), 0.0, 0.0
    cos_between = sun * cosine + np.sqrt(1 - sun * sun) * toward_sun[None, None, :]
    for i in range(steps):
        t = length * (i + 0.5) / steps
        radius = np.sqrt(r * r + t * t + 2 * r * t * cosine)
        rayleigh, mie, extinction = _densities(radius - _GROUND, aerosol)
        scatter = rayleigh + mie
        sun_here = (r * sun + t * cos_between) / radius
        step = np.exp(-extinction * (length / steps)[..., None])
        share = through * scatter * (1 - step) / np.maximum(extinction, 1e-9)
        second = second + share * _look_up(transmittance, radius - _GROUND, sun_here) / (4 * np.pi)
        factor = factor + share
        through = through * step
    end = np.sqrt(r * r + length * length + 2 * r * length * cosine)
    sun_end = np.maximum((r * sun + length * cos_between) / end, 0)
    ground = (
        through * _look_up(transmittance, np.zeros_like(sun_end), sun_end) * sun_end[..., None] * _GROUND_ALBEDO / np.pi
    )
    second = np.asarray(second) + ground * hits[..., None]
    return second.mean(2) / np.maximum(1 - np.asarray(factor).mean(2), 1e-3)


def _bake_sky(aerosol: float, transmittance: Array, bounce: Array, steps: int = 36) -> Array:
    """(sun elevations, view rows, azimuth columns, 6) float32, for sunlight of SUN_IRRADIANCE."""
    sun_elevation = np.radians(_ELEVATIONS)[:, None, None]
    view = (np.linspace(0, 1, _VIEW_ROWS) ** 2 * np.pi / 2)[None, :, None]
    azimuth = np.linspace(0, np.pi, _AZIMUTH_COLUMNS)[None, None, :]
    cosine = np.broadcast_to(np.sin(view), np.broadcast_shapes(sun_elevation.shape, view.shape, azimuth.shape))
    between = np.sin(view) * np.sin(sun_elevation) + np.cos(view) * np.cos(sun_elevation) * np.cos(azimuth)
    r = _GROUND + _VIEWER
    length = _distance_to(_TOP, np.array(r), cosine)
    rayleigh_phase = (3 / (16 * np.pi) * (1 + between * between))[..., None]
    through, smooth, hazy = np.ones((*cosine.shape, 3)), 0.0, 0.0
    bounce = bounce.astype(np.float32)
    for i in range(steps):
        a, b = (i / steps) ** 2, ((i + 1) / steps) ** 2
        t = length * (a + b) / 2
        radius = np.sqrt(r * r + t * t + 2 * r * t * cosine)
        height = radius - _GROUND
        rayleigh, mie, extinction = _densities(height, aerosol)
        sun_here = (r * np.sin(sun_elevation) + t * between) / radius
        lit = _look_up(transmittance, height, sun_here)
        row = np.sqrt(np.clip((height - 0.02) / 99.0, 0, 1)) * 31
        again = gather(bounce, np.ravel((sun_here + 1) / 2 * 31), np.ravel(row)).reshape(lit.shape)
        step = np.exp(-extinction * (length * (b - a))[..., None])
        share = through * (1 - step) / np.maximum(extinction, 1e-12)
        smooth = smooth + share * (rayleigh * rayleigh_phase * lit + (rayleigh + mie) * again)
        hazy = hazy + share * mie * lit
        through = through * step
    return (SUN_IRRADIANCE * np.concatenate([smooth, hazy], -1)).astype(np.float32)
