"""Skies: clear and cloudy days, grey covers and storms, nights. Each implements `scene.Sky`.

A sky is a soft part, smooth enough for a coarse environment map, plus `sources`: the sun or moon as narrow lobes
of known irradiance. `environment_map` puts both on the tracer's grid; `radiance(..., background=True)` is what the
camera sees per pixel: sharp clouds, discs and stars.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, runtime_checkable

import cv2
import numpy as np

from reflet.render.atmosphere import SUN_IRRADIANCE, sky_radiance, sun_transmittance
from reflet.render.clouds import CloudLight, PuffLayer, StreakLayer, cover_relief, puffs, streaks
from reflet.render.scene import RGB, Array, Sky
from reflet.render.stars import Firmament, firmament, moon_disc, pixel_angle

SUN_RADIUS = 0.0065  # radians; a little larger than life, as a photograph's halation makes it
_LUMA = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Source:
    """A small far light: `direction` (3,) towards it, `irradiance` (3,) on a surface facing it, angular `width`."""

    direction: Array
    irradiance: Array
    width: float = 0.0075

    def lobe(self, directions: Array) -> Array:
        """(N, 3) radiance: a von Mises-Fisher lobe whose integral over the sphere is `irradiance`."""
        sharpness = 1 / self.width**2
        cosine = directions @ self.direction.astype(np.float32)
        out = np.zeros((len(directions), 3), np.float32)
        near = np.flatnonzero(cosine > 1 - 12 * self.width**2)
        value = sharpness / (2 * np.pi) * np.exp(sharpness * (cosine[near].astype(np.float64) - 1))
        out[near] = (value[:, None] * self.irradiance).astype(np.float32)
        return out


@runtime_checkable
class SoftSky(Protocol):
    """A sky that can be mapped coarsely: `soft` without the lobes of its `sources`."""

    sources: tuple[Source, ...]

    def soft(self, directions: Array) -> Array: ...


def direction(azimuth: float, elevation: float) -> Array:
    """Unit vector (3,) of an azimuth from +y towards +x and an elevation, both in radians."""
    return np.array(
        [np.sin(azimuth) * np.cos(elevation), np.cos(azimuth) * np.cos(elevation), np.sin(elevation)], np.float64
    )


@lru_cache(maxsize=4)
def map_directions(height: int, width: int) -> Array:
    """(height * width, 3) float32 directions of an environment map's pixels: rows from the zenith down, columns
    by azimuth, pixel centres."""
    polar = (np.arange(height) + 0.5) / height * np.pi
    azimuth = (np.arange(width) + 0.5) / width * 2 * np.pi
    p, a = np.meshgrid(polar, azimuth, indexing="ij")
    d = np.stack([np.sin(p) * np.sin(a), np.sin(p) * np.cos(a), np.cos(p)], -1).reshape(-1, 3).astype(np.float32)
    d.setflags(write=False)
    return d


def environment_map(sky: Sky, *, height: int = 256, width: int = 512) -> Array:
    """(height, width, 3) float32 radiance of `sky` for the tracer. Non-negative and finite."""
    if isinstance(sky, SoftSky):
        coarse = sky.soft(map_directions(height // 2, width // 2)).reshape(height // 2, width // 2, 3)
        out = _doubled(np.asarray(coarse, np.float32)).reshape(-1, 3)
        for source in sky.sources:
            out += source.lobe(map_directions(height, width))
    else:
        out = np.asarray(sky.radiance(map_directions(height, width)), np.float32)
    out = np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0)
    return np.ascontiguousarray(np.maximum(out, 0).reshape(height, width, 3))


def _doubled(image: Array) -> Array:
    """Twice as fine, wrapping around the azimuth."""
    wide = np.pad(image, ((0, 0), (1, 1), (0, 0)), mode="wrap")
    return cv2.resize(wide, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)[:, 2:-2]


# ---------------------------------------------------------------------------------------------- day
@dataclass(frozen=True, eq=False)
class DaySky:
    """Clear air with the sun, puffs and streaks of cloud, from full day to deep twilight.

    `sun_elevation` in radians, from -12 degrees up. `ground` is the albedo seen below the horizon.
    """

    sun_azimuth: float
    sun_elevation: float
    haze: float = 0.2
    puff: PuffLayer | None = None
    streak: StreakLayer | None = None
    stars: Firmament | None = None
    ground: RGB = (0.26, 0.25, 0.22)
    sources: tuple[Source, ...] = field(init=False)
    gain: float = field(init=False)  # twilight is lifted: eyes and lamps know no range of 1 : 10,000

    def __post_init__(self) -> None:
        elevation = np.degrees(self.sun_elevation)
        gain = 1.0 if elevation > 4 else float(np.clip(10 ** (0.17 * (4 - elevation)), 1, 40))
        object.__setattr__(self, "gain", gain)
        through = sun_transmittance(self.sun_elevation, haze=self.haze) * SUN_IRRADIANCE * min(gain, 2.0)
        lights = ()
        if elevation > -0.8:
            lights = (Source(direction(self.sun_azimuth, max(self.sun_elevation, 0.003)), through),)
        object.__setattr__(self, "sources", lights)

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        """See `scene.Sky`."""
        if not background:
            out = self.soft(directions)
            for source in self.sources:
                out += source.lobe(directions)
            return out
        return self._render(np.asarray(directions, np.float32), sharp=True)

    def soft(self, directions: Array) -> Array:
        """(N, 3) -> (N, 3) radiance without the sun itself."""
        return self._render(np.asarray(directions, np.float32), sharp=False)

    def sun_cover(self) -> float:
        """How much cloud stands before the sun, 0..1."""
        if not self.sources or self.puff is None:
            return 0.0
        offsets = np.array([[0, 0, 0], [0.01, 0, 0.01], [-0.01, 0, 0.01], [0, 0.012, -0.004], [0, -0.012, 0.012]])
        d = self.sources[0].direction + offsets
        d = (d / np.linalg.norm(d, axis=1, keepdims=True)).astype(np.float32)
        d[:, 2] = np.maximum(d[:, 2], 0.01)
        return float(puffs(self.puff, d, self._cloud_light())[1].max())

    def _air(self, d: Array) -> Array:
        out = sky_radiance(d, sun_azimuth=self.sun_azimuth, sun_elevation=self.sun_elevation, haze=self.haze)
        if self.sun_elevation < 0:  # the blue hour: air off the ground track of the sun is bluer than the model's
            t = np.float32(np.clip(-self.sun_elevation / np.radians(5), 0, 1))
            toward = direction(self.sun_azimuth, 0.0).astype(np.float32)
            away = 1 - np.exp(-np.maximum(d[:, 2:3], 0) * 7) * np.clip(0.75 + 0.6 * (d @ toward), 0.15, 1)[:, None]
            out *= 1 + t * away * np.array([-0.42, 0.02, 0.06], np.float32)
        elif self.sun_elevation < np.radians(14):  # a low sun leaves the horizon rosy rather than green
            t = np.float32(1 - self.sun_elevation / np.radians(14)) * np.exp(-np.maximum(d[:, 2:3], 0) * 4)
            out *= 1 + t * np.array([0.07, -0.07, 0.05], np.float32)
        return out * np.float32(self.gain)

    def _cloud_light(self) -> CloudLight:
        toward = direction(self.sun_azimuth, self.sun_elevation)
        altitude = 8.0 if self.puff is None else self.puff.base + 1.0
        sun = sun_transmittance(self.sun_elevation, haze=self.haze, altitude=altitude) * SUN_IRRADIANCE
        sun = sun * min(self.gain, 3.0)
        sample = map_directions(8, 16)[:64]
        ambient = self._air(sample).mean(0)
        bounce = np.array(self.ground) / np.pi * (sun * max(float(toward[2]), 0) + np.pi * ambient)
        return CloudLight(sun=sun, ambient=ambient, direction=toward, bounce=bounce)

    def _render(self, d: Array, *, sharp: bool) -> Array:
        out = self._air(d)
        above = np.flatnonzero(d[:, 2] > 0.002)
        seen = np.ones(len(d), np.float32)  # what clouds leave of the sun's disc and the stars
        if (self.puff or self.streak) and len(above):
            light = self._cloud_light()
            out[above], seen[above] = self._clouded(d[above], out[above], light, pixel=pixel_angle(d) if sharp else 0.0)
        if sharp and self.stars is not None:
            fade = seen * np.clip(d[:, 2] * 5, 0, 1)
            out += firmament(self.stars, d) * fade[:, None]
        if sharp:
            for source in self.sources:
                out += _disc(d, source, seen)
        return self._grounded(d, out)

    def _clouded(self, d: Array, air: Array, light: CloudLight, *, pixel: float) -> tuple[Array, Array]:
        seen = np.ones(len(d), np.float32)
        if self.streak is not None:
            color, cover = streaks(self.streak, d, light)
            cover = cover * np.clip(d[:, 2] * 8, 0, 1)
            fade = np.clip(d[:, 2] * 8, 0, 1)[:, None]
            air = air * (1 - cover[:, None]) + color * fade
            seen = seen * (1 - cover)
        if self.puff is not None:
            color, cover, distance = puffs(self.puff, d, light, pixel=pixel)
            kept = np.exp(-distance / np.float32(80 - 45 * self.haze))[:, None]  # far clouds drown in air
            air = air * (1 - cover[:, None] * kept) + color * kept
            seen = seen * (1 - cover)
        return air, seen

    def _grounded(self, d: Array, out: Array) -> Array:
        below = np.flatnonzero(d[:, 2] < 0)
        if not len(below):
            return out
        down = light_from_above(self)
        ground = (np.array(self.ground) / np.pi * down).astype(np.float32)
        t = np.clip(-d[below, 2] / np.float32(0.12), 0, 1)[:, None]
        t = t * t * (3 - 2 * t)
        out[below] = out[below] * (1 - t) + ground * t
        return out


def light_from_above(sky: DaySky) -> Array:
    """(3,) irradiance of the horizontal ground, clouds left aside."""
    sample = map_directions(8, 16)[:64]
    weight = (sample[:, 2] * np.sqrt(1 - sample[:, 2] ** 2))[:, None]
    soft = np.pi * (sky._air(sample) * weight).sum(0) / weight.sum()
    return soft + sum((s.irradiance * max(float(s.direction[2]), 0) for s in sky.sources), np.zeros(3))


def _disc(d: Array, source: Source, seen: Array) -> Array:
    """The sun as the camera sees it: a bright disc with a soft edge, and a narrow aureole."""
    cosine = np.clip(d @ source.direction.astype(np.float32), -1, 1)
    angle = np.sqrt(np.maximum(2 * (1 - cosine), 0))
    disc = np.clip((SUN_RADIUS * 1.5 - angle) / (SUN_RADIUS * 0.9), 0, 1)
    color = source.irradiance / max(float(source.irradiance @ _LUMA), 1e-6)
    color = (0.35 + 0.65 * color) * min(float(source.irradiance @ _LUMA), 12.0)
    glow = 0.10 * np.exp(-angle / 0.035) + 0.02 * np.exp(-angle / 0.14)
    value = (disc * 22 * (d[:, 2] > -0.004) + glow) * seen
    return value[:, None] * color.astype(np.float32)


# ---------------------------------------------------------------------------------------------- grey
@dataclass(frozen=True, eq=False)
class GreySky:
    """An unbroken cover, after the CIE overcast sky (three times brighter overhead than at the horizon).

    `gloom` 0 is a bright grey day, 1 a black thunderstorm with a pale gap at the horizon under `gap_azimuth`.
    """

    sun_azimuth: float
    sun_elevation: float
    gloom: float = 0.0
    gap_azimuth: float = 0.0
    offset: tuple[float, float] = (0.0, 0.0)
    tile: float = 14.0
    warmth: float = 0.0
    sources: tuple[Source, ...] = field(init=False, default=())

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        """See `scene.Sky`."""
        del background  # the cover has no detail too fine for the map
        return self.soft(directions)

    def soft(self, directions: Array) -> Array:
        """(N, 3) -> (N, 3) radiance."""
        d = np.asarray(directions, np.float32)
        up = np.clip(d[:, 2], 0, 1)
        level = SUN_IRRADIANCE * 0.26 * max(np.sin(self.sun_elevation), 0.12) / np.pi * 1.3 * (1 - 0.72 * self.gloom)
        out = np.full(len(d), level, np.float32)
        above = d[:, 2] > 0.004
        contrast = 0.35 + 0.85 * self.gloom
        relief = cover_relief(d[above], offset=self.offset, tile=self.tile, contrast=contrast)
        out *= (1 + 1.4 * up) / 1.9 * (1 - 0.45 * self.gloom * up)
        out[above] *= np.clip(relief, 0.18, 2.2)
        toward = direction(self.sun_azimuth, self.sun_elevation).astype(np.float32)
        out *= 1 + 0.35 * (1 - self.gloom) * np.exp((d @ toward - 1) * 4)
        tint = np.array([0.97, 1.0, 1.04]) * (1 - self.gloom) + np.array([0.78, 0.95, 1.16]) * self.gloom
        tint = tint * (1 - self.warmth) + self.warmth * np.array([1.18, 1.0, 0.80])
        color = out[:, None] * tint.astype(np.float32)
        if self.gloom > 0.3:
            facing = d[:, 0] * np.float32(np.sin(self.gap_azimuth)) + d[:, 1] * np.float32(np.cos(self.gap_azimuth))
            gap = np.exp(-((np.abs(d[:, 2]) / 0.09) ** 2)) * (0.45 + 0.55 * np.clip(facing, -0.6, 1))
            color += (gap * np.float32(level * 1.1))[:, None] * np.array([1.06, 1.0, 0.86], np.float32)
        t = np.clip(-d[:, 2:3] * 8, 0, 1)
        return color * (1 - t) + t * np.array([0.24, 0.24, 0.22], np.float32) * np.float32(level * 1.1)


# ---------------------------------------------------------------------------------------------- night
@dataclass(frozen=True, eq=False)
class NightSky:
    """Moonlight or starlight. `moonlight` is the irradiance of the moon's light; lamps are some 20 times brighter.

    `phase` in radians, 0 = full; `town` 0..1 is the glow of lamps on the horizon.
    """

    moon_azimuth: float
    moon_elevation: float
    moonlight: float = 0.45
    phase: float = 0.3
    stars: Firmament | None = None
    puff: PuffLayer | None = None
    town: float = 0.0
    moon_radius: float = 0.016
    sources: tuple[Source, ...] = field(init=False)

    def __post_init__(self) -> None:
        tint = np.array([0.72, 0.88, 1.12])
        toward = direction(self.moon_azimuth, self.moon_elevation)
        lights = (Source(toward, tint * self.moonlight, width=0.012),) if self.moonlight > 0 else ()
        object.__setattr__(self, "sources", lights)

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        """See `scene.Sky`."""
        if background:
            return self._render(np.asarray(directions, np.float32), sharp=True)
        out = self.soft(directions)
        for source in self.sources:
            out += source.lobe(directions)
        return out

    def soft(self, directions: Array) -> Array:
        """(N, 3) -> (N, 3) radiance without the moon itself."""
        return self._render(np.asarray(directions, np.float32), sharp=False)

    def _render(self, d: Array, *, sharp: bool) -> Array:
        up = np.clip(d[:, 2], 0, 1)
        base = 0.013 + 0.035 * self.moonlight
        low = np.exp(-up * 5)[:, None]
        out = np.float32(base) * (
            (1 - low) * np.array([0.20, 0.42, 1.0], np.float32) + low * np.array([0.46, 0.74, 1.18], np.float32)
        )
        glow = np.exp(-up * 8)[:, None] * np.float32(0.05 * self.town)
        out += glow * np.array([1.0, 0.66, 0.36], np.float32)
        toward = direction(self.moon_azimuth, self.moon_elevation)
        cosine = d @ toward.astype(np.float32)
        tint = np.array([0.80, 0.92, 1.08], np.float32)
        halo = 0.05 * np.exp((cosine - 1) * 40) + 0.30 * np.exp((cosine - 1) * 600)
        out += (halo * np.float32(self.moonlight))[:, None] * tint
        seen = np.ones(len(d), np.float32)
        above = np.flatnonzero(d[:, 2] > 0.002)
        veil = np.zeros_like(out)
        if self.puff is not None and len(above):
            light = CloudLight(
                sun=tint.astype(np.float64) * self.moonlight * 0.55,
                ambient=np.array([0.4, 0.6, 1.0]) * base * 0.8,
                direction=toward,
                bounce=np.array([1.0, 0.7, 0.4]) * 0.02 * self.town,
            )
            color, cover, distance = puffs(self.puff, d[above], light, pixel=pixel_angle(d) if sharp else 0.0)
            kept = np.exp(-distance / np.float32(60))
            veil[above], seen[above] = color * kept[:, None], 1 - cover * kept
        if sharp and self.stars is not None:
            out += firmament(self.stars, d) * np.clip(d[:, 2] * 6, 0, 1)[:, None]
        if sharp and self.moonlight > 0:
            face, disc = moon_disc(d, toward, radius=self.moon_radius, phase=self.phase)
            out = (
                out * (1 - 0.6 * disc[:, None] * (face > 0.3)[:, None])
                + (face * np.float32(0.9 + 2.0 * self.moonlight))[:, None] * tint
            )
        out = out * seen[:, None] + veil
        t = np.clip(-d[:, 2:3] * 8, 0, 1)
        return out * (1 - t) + t * np.array([0.10, 0.12, 0.15], np.float32) * np.float32(base + 0.1 * self.moonlight)
