"""Light indoors and in the studio: glowing rectangles in a dim room, as a `scene.Sky`.

The rectangles are seen in chrome and glass as what they are: softboxes with a hot centre, windows with bars, tubes,
flames. The room between them is a vertical gradient, so that a mirror never shows a void.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from reflet.render.scene import RGB, Array
from reflet.render.sky import direction


@dataclass(frozen=True)
class Panel:
    """A rectangle at distance 1: `azimuth` and `elevation` of its centre in radians, half `width` and `height`.

    `falloff` darkens the rim (0..1), `softness` is the width of the edge, `panes` (columns, rows) are divided by
    bars of `bar` of a pane's width, `sky` whitens upwards as a window does.
    """

    azimuth: float
    elevation: float
    width: float
    height: float
    radiance: RGB
    roll: float = 0.0
    falloff: float = 0.35
    softness: float = 0.04
    panes: tuple[int, int] = (1, 1)
    bar: float = 0.0
    sky: float = 0.0

    def light(self, directions: Array) -> Array:
        """(N, 3) radiance."""
        out = np.zeros((len(directions), 3), np.float32)
        toward = direction(self.azimuth, self.elevation)
        cosine = directions @ toward.astype(np.float32)
        reach = 1 / np.sqrt(1 + self.width**2 + self.height**2)
        near = np.flatnonzero(cosine > reach * 0.98)
        if not len(near):
            return out
        right = np.array([np.cos(self.azimuth), -np.sin(self.azimuth), 0.0])
        up = np.cross(right, toward)
        c, s = np.cos(self.roll), np.sin(self.roll)
        across, along = (c * right + s * up) / self.width, (c * up - s * right) / self.height
        place = directions[near] / cosine[near, None]
        x, y = place @ across.astype(np.float32), place @ along.astype(np.float32)
        soft = self.softness / min(self.width, self.height)
        value = _edge(x, soft * self.height) * _edge(y, soft * self.width)
        value *= 1 - self.falloff * np.clip((x * x + y * y) / 1.6, 0, 1)
        if self.bar > 0:
            value *= _bars(x, self.panes[0], self.bar) * _bars(y, self.panes[1], self.bar)
        if self.sky > 0:
            value *= 1 + self.sky * np.clip(y, -1, 1)
        out[near] = value[:, None] * np.array(self.radiance, np.float32)
        return out


@dataclass(frozen=True, eq=False)
class StudioSky:
    """Panels in a room. `top`, `middle`, `bottom` are the room's radiance upwards, level and downwards.

    `backdrop` (light, dark) replaces the room in the picture's background: lightest a little above the horizon, and,
    where `spot_azimuth` tells which way the camera looks, in a pool of light behind the subject.
    """

    panels: tuple[Panel, ...]
    top: RGB
    middle: RGB
    bottom: RGB
    backdrop: tuple[RGB, RGB] | None = None
    spot_azimuth: float | None = None

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        """See `scene.Sky`."""
        d = np.asarray(directions, np.float32)
        if background and self.backdrop is not None:
            light, dark = (np.array(c, np.float32) for c in self.backdrop)
            t = np.exp(-(((d[:, 2:3] - 0.06) / 0.42) ** 2))
            if self.spot_azimuth is not None:
                toward = direction(self.spot_azimuth, 0.05).astype(np.float32)
                t = t * np.exp(-np.maximum(1 - d @ toward, 0) * 7)[:, None]
            return t * light + (1 - t) * dark
        z = d[:, 2:3]
        up = np.clip(z, 0, 1) ** np.float32(0.8)
        down = np.clip(-z * 1.6, 0, 1)
        top, middle, bottom = (np.array(c, np.float32) for c in (self.top, self.middle, self.bottom))
        out = middle * (1 - up) * (1 - down) + top * up + bottom * down
        if not background:
            for panel in self.panels:
                out += panel.light(d)
        return out


def _edge(x: Array, softness: float) -> Array:
    return np.clip((1 - np.abs(x)) / max(softness, 1e-3) + 0.5, 0, 1)


def _bars(x: Array, panes: int, bar: float) -> Array:
    """1 inside the panes, 0 on the bars between them."""
    phase = np.abs(np.mod((x + 1) / 2 * panes, 1) - 0.5) * 2
    return np.clip((1 - bar - phase) / 0.06 + 0.5, 0, 1)


# ---------------------------------------------------------------------------------------------- arrangements
def softbox(rng: Generator, *, key_azimuth: float) -> StudioSky:
    """Three points: a large key, a weaker fill on the other side, a rim light or strip behind, a bright ceiling."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    strength = rng.uniform(7.5, 10.0)
    white = _white(rng, 0.05)
    panels = [
        Panel(
            key_azimuth,
            rng.uniform(0.55, 0.95),
            rng.uniform(0.45, 0.7),
            rng.uniform(0.45, 0.7),
            _times(white, strength),
        ),
        Panel(
            key_azimuth + side * rng.uniform(1.7, 2.3),
            rng.uniform(0.3, 0.6),
            0.6,
            0.7,
            _times(_white(rng, 0.08), strength * rng.uniform(0.15, 0.35)),
        ),
        Panel(
            key_azimuth + side * rng.uniform(2.8, 3.6),
            rng.uniform(0.35, 0.8),
            0.12,
            0.65,
            _times(_white(rng, 0.06), strength * rng.uniform(0.6, 1.1)),
            roll=rng.uniform(-0.3, 0.3),
        ),
    ]
    if rng.random() < 0.6:
        panels.append(Panel(key_azimuth + side, 1.35, 0.55, 0.35, _times(white, strength * rng.uniform(0.25, 0.5))))
    shade = rng.uniform(0.18, 0.55)
    base = _white(rng, 0.06)
    light, dark = _backdrop(rng)
    room = _rgb(0.5 * shade * (np.array(base) + 0.4 + 0.6 * np.array(light)))
    return StudioSky(tuple(panels), _times(room, 0.8), room, _times(room, 0.6), (light, dark))


def low_key(rng: Generator, *, key_azimuth: float) -> StudioSky:
    """One hard side light in the dark, with a thin rim from behind."""
    warm = _white(rng, 0.10)
    side = 1.0 if rng.random() < 0.5 else -1.0
    panels = (
        Panel(
            key_azimuth,
            rng.uniform(0.35, 0.75),
            rng.uniform(0.16, 0.30),
            rng.uniform(0.25, 0.45),
            _times(warm, rng.uniform(22, 34)),
            falloff=0.2,
        ),
        Panel(
            key_azimuth + side * rng.uniform(2.4, 3.0),
            rng.uniform(0.3, 0.7),
            0.05,
            0.5,
            _times(_white(rng, 0.12), rng.uniform(4, 9)),
        ),
    )
    dark = _times(_white(rng, 0.15), 0.012)
    glow = _times(_white(rng, 0.2), rng.uniform(0.02, 0.07))
    return StudioSky(panels, dark, dark, dark, (glow, dark))


def window(rng: Generator, *, key_azimuth: float) -> StudioSky:
    """Daylight through a barred window at one side of a quiet room."""
    cool = (0.93, 1.0, 1.09) if rng.random() < 0.65 else (1.12, 1.0, 0.84)
    columns, rows = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    strength = rng.uniform(11, 16)
    panels = [
        Panel(
            key_azimuth,
            rng.uniform(0.25, 0.5),
            rng.uniform(0.4, 0.6),
            rng.uniform(0.5, 0.75),
            _times(cool, strength),
            panes=(columns, rows),
            bar=0.12,
            sky=0.35,
            falloff=0.0,
            softness=0.01,
        )
    ]
    if rng.random() < 0.35:
        panels.append(
            Panel(
                key_azimuth + rng.choice([-1, 1]) * 1.25,
                0.35,
                0.35,
                0.6,
                _times(cool, strength * 0.7),
                panes=(columns, rows),
                bar=0.12,
                sky=0.35,
                falloff=0.0,
                softness=0.01,
            )
        )
    wall = rng.uniform(0.12, 0.3)
    paint = _white(rng, 0.12)
    room = _rgb(wall * np.array(paint) * np.array([1.05, 1.0, 0.92]))
    return StudioSky(tuple(panels), _times(room, 1.2), room, _times(room, 0.55), (_times(room, 1.5), _times(room, 0.5)))


def lamp(rng: Generator, *, key_azimuth: float) -> StudioSky:
    """A warm shaded lamp above and to one side, a dim warm room."""
    warm = (1.0, rng.uniform(0.62, 0.72), rng.uniform(0.30, 0.42))
    panels = (
        Panel(
            key_azimuth,
            rng.uniform(0.5, 0.9),
            0.30,
            0.24,
            _times(warm, rng.uniform(20, 28)),
            falloff=0.5,
            softness=0.12,
        ),
        Panel(
            key_azimuth + rng.uniform(1.8, 3.5),
            rng.uniform(0.2, 0.5),
            0.18,
            0.24,
            _times(warm, rng.uniform(1.5, 4)),
            falloff=0.5,
            softness=0.1,
        ),
    )
    room = _times(warm, rng.uniform(0.05, 0.11))
    return StudioSky(panels, _times(room, 1.4), room, _times(room, 0.5), (_times(room, 1.3), _times(room, 0.3)))


def candles(rng: Generator, *, key_azimuth: float) -> StudioSky:
    """A few flames near the table in a dark room."""
    flame = (1.0, 0.50, 0.16)
    panels = [
        Panel(
            key_azimuth + (0.0 if i == 0 else rng.uniform(-0.7, 0.7)),
            rng.uniform(0.18, 0.4),
            0.035,
            0.085,
            _times(flame, rng.uniform(260, 420) / (1 if i == 0 else 2)),
            falloff=0.4,
            softness=0.03,
        )
        for i in range(int(rng.integers(1, 4)))
    ]
    room = _times((1.0, 0.45, 0.18), rng.uniform(0.012, 0.03))
    return StudioSky(tuple(panels), _times(room, 1.3), room, _times(room, 0.5), (_times(room, 1.2), _times(room, 0.25)))


NEON = {
    "magenta": (1.0, 0.06, 0.62),
    "cyan": (0.04, 0.75, 1.0),
    "blue": (0.08, 0.18, 1.0),
    "orange": (1.0, 0.34, 0.04),
    "green": (0.10, 1.0, 0.30),
    "purple": (0.48, 0.08, 1.0),
}
_NEON_PAIRS = (
    ("magenta", "cyan"),
    ("magenta", "blue"),
    ("orange", "blue"),
    ("purple", "green"),
    ("cyan", "purple"),
    ("orange", "magenta"),
)


def neon(rng: Generator, *, key_azimuth: float) -> tuple[StudioSky, tuple[str, str]]:
    """Two colours of tubes from two sides; the colours' names, the key side's first."""
    names = _NEON_PAIRS[int(rng.integers(len(_NEON_PAIRS)))]
    if rng.random() < 0.5:
        names = (names[1], names[0])
    panels = []
    for name, azimuth, strength in ((names[0], key_azimuth, 1.0), (names[1], key_azimuth + rng.uniform(2.2, 3.4), 0.9)):
        color = NEON[name]
        bright = 1 / (0.25 + 0.75 * float(np.dot(color, (0.2126, 0.7152, 0.0722))))
        wash = _times(color, 2.2 * strength * bright)
        tube = _times(tuple(0.15 + 0.85 * c for c in color), 26 * strength * bright)
        panels.append(Panel(azimuth, rng.uniform(0.3, 0.55), 0.5, 0.65, wash, falloff=0.9, softness=0.25))
        for k in range(int(rng.integers(1, 4))):
            roll = rng.choice([0.0, np.pi / 2, rng.uniform(-0.8, 0.8)])
            panels.append(
                Panel(
                    azimuth + 0.17 * k - 0.15,
                    rng.uniform(0.25, 0.75),
                    0.016,
                    rng.uniform(0.35, 0.6),
                    tube,
                    roll=float(roll),
                    falloff=0.0,
                    softness=0.01,
                )
            )
    a, b = NEON[names[0]], NEON[names[1]]
    dark = _rgb(0.016 + 0.02 * (np.array(a) + np.array(b)))
    light = _rgb(0.03 + 0.10 * np.array(b))
    return StudioSky(tuple(panels), _times(dark, 0.7), dark, _times(dark, 0.6), (light, _times(dark, 0.6))), names


def surroundings(rng: Generator, *, key_azimuth: float) -> StudioSky:
    """A plain furnished room in place of a photographed environment: windows, lamps, floor and ceiling."""
    sky = window(rng, key_azimuth=key_azimuth)
    spots = tuple(
        Panel(
            rng.uniform(0, 2 * np.pi),
            rng.uniform(0.7, 1.2),
            0.10,
            0.10,
            _times(_white(rng, 0.1), rng.uniform(5, 12)),
            softness=0.05,
        )
        for _ in range(int(rng.integers(2, 5)))
    )
    return StudioSky(
        sky.panels + spots, _times(sky.top, 2.2), _times(sky.middle, 1.6), _times(sky.bottom, 1.6), sky.backdrop
    )


def _white(rng: Generator, spread: float) -> RGB:
    """White, warmer or cooler by `spread`."""
    t = float(rng.uniform(-spread, spread))
    return (1 + t, 1.0, 1 - t)


def _rgb(color: Array) -> RGB:
    return float(color[0]), float(color[1]), float(color[2])


def _times(color: RGB | tuple[float, ...], factor: float) -> RGB:
    return (float(color[0] * factor), float(color[1] * factor), float(color[2] * factor))


def _backdrop(rng: Generator) -> tuple[RGB, RGB]:
    """Light and dark end of a studio's paper backdrop: mostly greys, sometimes a colour."""
    draw = rng.random()
    if draw < 0.55:
        level = rng.uniform(0.25, 1.1)
        light = _times(_white(rng, 0.06), level)
    else:
        hue = rng.uniform(0, 2 * np.pi)
        color = [0.55 + 0.4 * np.cos(hue - k * 2 * np.pi / 3) for k in range(3)]
        light = _times((color[0], color[1], color[2]), rng.uniform(0.5, 1.0))
    return light, _times(light, float(rng.uniform(0.35, 0.7)))
