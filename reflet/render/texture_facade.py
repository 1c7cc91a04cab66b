"""Painter of house fronts: a grid of windows in a wall, with the light of those that are lit at night."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.texture_noise import SIZE, Array, Color, Layers, coordinates, mix, nth, pick, smoothstep, spectral

BAYS = 6  # windows across and floors up in one tile
SPAN = BAYS * 3.2  # metres


def _box(x: Array, y: Array, half_x: float, half_y: float, soft: float = 0.012) -> Array:
    """1 inside a rectangle centred in each bay, in bay units."""
    return smoothstep(-soft, soft, half_x - np.abs(x)) * smoothstep(-soft, soft, half_y - np.abs(y))


def _lit(rng: Generator, pane: Array, cell: Array) -> Array:
    """Emission of the lit windows: warm rooms, a few cool ones, curtains half drawn, brighter at the ceiling."""
    count = BAYS * BAYS
    lit = (rng.random(count) < rng.uniform(0.25, 0.6)).astype(np.float32)
    tints = np.asarray(((1.0, 0.72, 0.40), (1.0, 0.80, 0.55), (0.95, 0.62, 0.30), (0.75, 0.85, 1.0)), np.float32)
    hue = tints[rng.choice(4, count, p=(0.4, 0.3, 0.2, 0.1))]
    level = lit * rng.uniform(0.45, 1.0, count)
    x, y = coordinates()
    fx, fy = np.mod(x * BAYS, 1.0), np.mod(y * BAYS, 1.0)
    drawn = (rng.random(count) < 0.4) * rng.uniform(0.02, 0.14, count)
    curtain = np.where(np.abs(fx - 0.5) > 0.26 - drawn[cell], 0.45, 1.0)
    ceiling = 0.65 + 0.35 * 1 - smoothstep(0.2, 0.8, np.broadcast_to(fy, (SIZE, SIZE)))
    return hue[cell] * (level[cell] * pane * curtain * ceiling)[..., None]


def _wall(rng: Generator, kind: str) -> tuple[Array, Array]:
    """Colour factor and height of the wall between the windows."""
    x, y = coordinates()
    fine, cloud = spectral(rng, slope=1.2), spectral(rng, slope=2.8)
    tone = 0.9 + 0.1 * cloud + 0.06 * (fine - 0.5)
    height = 0.70 + 0.02 * fine
    if kind == "brick":
        rows, columns = BAYS * 12, BAYS * 6
        row = np.floor(y * rows).astype(int)
        along = x * columns + 0.5 * (row % 2)
        joint = np.minimum(np.mod(y * rows, 1.0), np.mod(along, 1.0) * 2) < 0.18
        brick = rng.random(rows * columns, dtype=np.float32)[
            (row * columns + np.floor(along).astype(int)) % (rows * columns)
        ]
        tone = np.where(joint, 1.12, tone * (0.80 + 0.34 * brick))
    elif kind == "panels":
        seam = np.minimum(np.abs(x * BAYS - np.round(x * BAYS)), np.abs(y * BAYS - np.round(y * BAYS)))
        tone = tone * (0.62 + 0.38 * smoothstep(0.0, 0.022, seam))
    elif kind == "stone":
        tone = tone * (0.80 + 0.20 * smoothstep(0.0, 0.05, np.abs(np.mod(y * BAYS * 4, 1.0) - 0.5)))
    streaks = spectral(rng, slope=1.6, stretch=(1.0, 9.0))
    return tone * (0.93 + 0.14 * streaks), np.broadcast_to(height, (SIZE, SIZE))


STYLES: dict[str, tuple[str, tuple[Color, ...]]] = {
    "plaster": (
        "plain",
        ((0.88, 0.80, 0.62), (0.80, 0.62, 0.48), (0.86, 0.84, 0.80), (0.72, 0.78, 0.74), (0.84, 0.70, 0.66)),
    ),
    "brick": ("brick", ((0.56, 0.28, 0.20), (0.62, 0.42, 0.32), (0.45, 0.25, 0.21))),
    "concrete": ("panels", ((0.60, 0.59, 0.57), (0.70, 0.68, 0.64))),
    "stone": ("stone", ((0.74, 0.68, 0.56), (0.64, 0.60, 0.54))),
    "glass": ("panels", ((0.36, 0.40, 0.44), (0.25, 0.27, 0.30))),
}


def facade(rng: Generator, variant: int) -> Layers:
    """A tile of BAYS x BAYS windows, v up; floors begin at whole bays, so cut a wall at multiples of SPAN / BAYS."""
    style = nth(list(STYLES), variant)
    kind, colors = STYLES[style]
    x, y = coordinates()
    fx, fy = np.mod(x * BAYS, 1.0) - 0.5, np.mod(y * BAYS, 1.0) - 0.5
    cell = np.floor(y * BAYS).astype(int) * BAYS + np.floor(x * BAYS).astype(int)
    if style == "glass":
        half_x, half_y, frame = 0.46, rng.uniform(0.36, 0.44), 0.02
    elif style == "concrete":
        half_x, half_y, frame = rng.uniform(0.30, 0.42), rng.uniform(0.22, 0.28), 0.03
    else:
        half_x, half_y, frame = rng.uniform(0.17, 0.25), rng.uniform(0.28, 0.34), 0.035
    opening = _box(fx, fy, half_x, half_y)
    pane = _box(fx, fy, half_x - frame, half_y - frame)
    bar_x = 1 - smoothstep(0.008, 0.018, np.abs(fx)) if style != "glass" else 0 * fx
    bar_y = 1 - smoothstep(0.008, 0.018, np.abs(fy + half_y * 0.35)) if kind in ("plain", "brick", "stone") else 0 * fy
    pane = pane * (1 - np.maximum(bar_x + 0 * fy, bar_y + 0 * fx))
    trim = (
        _box(fx, fy, half_x + 0.05, half_y + 0.05) * (1 - opening)
        if kind in ("plain", "brick", "stone")
        else 0 * opening
    )
    sill = _box(fx, fy - half_y - 0.03, half_x + 0.07, 0.022) if style != "glass" else 0 * opening
    tone, height = _wall(rng, kind)
    wall = np.asarray(pick(rng, colors), np.float32) * tone[..., None]
    light = np.asarray((0.86, 0.84, 0.80))
    color = mix(wall, light * (0.5 if style == "glass" else 1.0), np.clip(0.8 * trim + sill, 0, 1))
    color = color * (1 - 0.55 * _box(fx, fy - half_y - 0.07, half_x + 0.06, 0.035, 0.03) * (1 - sill))[..., None]
    frame_color = nth(((0.90, 0.89, 0.86), (0.18, 0.17, 0.16), (0.36, 0.24, 0.16)), variant)
    color = mix(color, frame_color, opening)
    blinds = (rng.random(BAYS * BAYS) < 0.3)[cell] & (fy < -half_y + 2 * half_y * rng.random(BAYS * BAYS)[cell])
    sky = 0.05 + 0.09 * (1 - smoothstep(-0.4, 0.4, fy + 0 * fx)) + 0.05 * rng.random(BAYS * BAYS)[cell]
    glass = np.where(blinds[..., None], np.asarray((0.62, 0.60, 0.54)), sky[..., None] * np.asarray((0.85, 1.0, 1.15)))
    color = mix(color, glass, pane)
    shadow = _box(fx, fy + half_y - 0.03, half_x - frame, 0.03, 0.03) * pane
    color = color * (1 - 0.5 * shadow)[..., None]
    relief = np.clip(height * (1 - 0.55 * opening) + 0.25 * sill + 0.08 * trim - 0.08 * pane, 0, 1)
    up = slice(None, None, -1)  # painted downwards, read with v upwards
    roughness, emission = np.clip(0.88 - 0.82 * pane, 0, 1), _lit(rng, pane, cell)
    return Layers(relief[up], color=color[up], roughness=roughness[up], emission=emission[up])
