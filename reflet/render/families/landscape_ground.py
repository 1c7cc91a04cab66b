"""Colours of the ground: rock, scree, grass, snow, sand and soil by slope, height and noise. All linear RGB.

Every function returns (D, A, 3) for a Land whose ground is laid. Cells are about two pixels wide at any distance, so
noise of a few periods gives texture from the foreground to the ridges.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from reflet.render.families.landscape_stage import Land
from reflet.render.scene import Array, Surface, SurfaceKind, Texture
from reflet.render.terrain_maps import smoothstep
from reflet.render.textures import NEUTRAL, RECIPES, texture
from reflet.render.vegetation import linear

GREENS = {
    "alpine": ((0.29, 0.35, 0.17), (0.43, 0.44, 0.24)),
    "lush": ((0.25, 0.36, 0.15), (0.38, 0.46, 0.21)),
    "summer": ((0.33, 0.40, 0.18), (0.53, 0.52, 0.30)),
    "dry": ((0.48, 0.44, 0.26), (0.68, 0.60, 0.40)),
    "moor": ((0.31, 0.32, 0.19), (0.43, 0.37, 0.27)),
    "spring": ((0.33, 0.45, 0.19), (0.47, 0.55, 0.25)),
}
ROCKS = {
    "grey": ((0.36, 0.35, 0.34), (0.50, 0.48, 0.46)),
    "brown": ((0.36, 0.30, 0.25), (0.52, 0.45, 0.38)),
    "blue": ((0.30, 0.32, 0.36), (0.46, 0.48, 0.52)),
    "red": ((0.52, 0.30, 0.20), (0.66, 0.43, 0.30)),
}
STRATA = (
    (0.56, 0.27, 0.16), (0.74, 0.42, 0.24), (0.84, 0.60, 0.40), (0.62, 0.31, 0.19), (0.80, 0.50, 0.30),
    (0.50, 0.24, 0.16), (0.78, 0.55, 0.38),
)  # fmt: skip
SANDS = {
    "golden": (0.84, 0.66, 0.42),
    "pale": (0.90, 0.82, 0.66),
    "orange": (0.82, 0.52, 0.28),
    "red": (0.72, 0.38, 0.21),
    "white": (0.93, 0.91, 0.86),
    "grey": (0.58, 0.54, 0.48),
}


@cache
def _detail(name: str, variant: int) -> Texture:
    """A texture reduced to its variation around `NEUTRAL`, to multiply vertex colours."""
    full = texture(name, variant)
    mean = full.albedo.mean(axis=(0, 1))
    light = (full.albedo / mean).mean(axis=2, keepdims=True)
    detail = 0.35 * full.albedo / mean + 0.65 * light
    contrast = 0.5 if name == "sand" else 1.0
    albedo = np.clip(NEUTRAL * (1 + contrast * (detail - 1)), 0, 1).astype(np.float32)
    return Texture(name=f"{name} detail {variant}", albedo=albedo, height=full.height)


def covered(land: Land, name: str) -> Surface:
    """The surface of ground seen from near: vertex colours times the grain of a texture ("grass", "sand", ...)."""
    recipe = RECIPES[name]
    tidy = 0.45 if name == "sand" else 1.0  # ripples that repeat are seen far over a beach
    return Surface(
        kind=SurfaceKind.DIFFUSE,
        base_color=(1 / NEUTRAL, 1 / NEUTRAL, 1 / NEUTRAL),
        texture=_detail(name, int(land.rng.integers(recipe.variants))),
        uv_scale=1 / recipe.span,
        bump=recipe.relief * tidy,
    )


def blend(a: Array, b: Array, t: Array) -> Array:
    """a where t is 0, b where t is 1; t (D, A), colours (3,) or (D, A, 3)."""
    return a * (1 - t[..., None]) + b * t[..., None]


def grain(land: Land, amount: float = 0.16) -> Array:
    """(D, A, 1) brightness noise at all scales, mean one."""
    n = (
        0.5 * land.noise(7.0, variant=1, beta=1.4)
        + 0.5 * land.noise(60.0, variant=2)
        + 0.35 * land.noise(900.0, variant=3)
    )
    white = land.noise(0.9, variant=0, beta=0.6)
    return np.clip(1 + amount * n + 0.25 * amount * white, 0.35, 1.8)[..., None]


def grass(land: Land, tone: str) -> Array:
    """Meadow: two greens in patches, grain of tufts, dry spots."""
    a, b = (linear(c) for c in GREENS[tone])
    patches = smoothstep(-1.2, 1.4, land.noise(220.0, variant=4) + 0.5 * land.noise(18.0, variant=5))
    colors = blend(a, b, patches)
    streak = smoothstep(1.0, 2.4, land.noise(45.0, variant=6))
    colors = blend(colors, linear((0.58, 0.53, 0.33)), 0.35 * streak)
    return colors * grain(land, 0.22)


def rock(land: Land, tone: str) -> Array:
    """Bare rock with darker clefts and some layering."""
    a, b = (linear(c) for c in ROCKS[tone])
    z = land.ground.heights
    layers = np.sin(z / 9.0 + 1.5 * land.noise(700.0, variant=3)) * 0.25
    t = smoothstep(-1.4, 1.4, land.noise(300.0, variant=7, beta=1.8) + layers)
    return blend(a, b, t) * grain(land, 0.20)


def snow_cover(land: Land, line: float, *, soft: float, steep: tuple[float, float] = (0.50, 0.72)) -> Array:
    """(D, A) share of snow: above `line` metres, not on walls, in gullies first."""
    upright = land.normals[..., 2]
    wander = land.noise(500.0, variant=3) * 0.30 + land.noise(90.0, variant=2, beta=1.8) * 0.22
    high = smoothstep(line - soft, line + soft, land.ground.heights + wander * soft * 2.2)
    hold = smoothstep(*steep, upright + 0.05 * land.noise(120.0, variant=1, beta=1.6))
    top = smoothstep(line + 2.5 * soft, line + 5.0 * soft, land.ground.heights)
    return high * np.clip(hold + 0.45 * top, 0, 1)


SNOW = np.array([0.80, 0.84, 0.90])


def mountain(land: Land, *, tree_line: float, snow_line: float, soft: float, green: str, stone: str) -> Array:
    """Alpine ground: grass, dark woods on gentle slopes below the tree line, scree, rock, snow."""
    z, upright = land.ground.heights, land.normals[..., 2]
    colors = rock(land, stone)
    wander = land.noise(650.0, variant=3) * soft * 0.7
    gentle = smoothstep(0.52, 0.86, upright + 0.04 * land.noise(900.0, variant=2))
    low = smoothstep(tree_line + 1.6 * soft, tree_line + 0.2 * soft, z + wander)
    colors = blend(colors, grass(land, green), gentle * low)
    away = np.hypot(land.ground.points[..., 0], land.ground.points[..., 1])
    woods = smoothstep(-0.15, 0.35, land.noise(900.0, variant=8) + 0.35 * land.noise(80.0, variant=9, beta=1.5))
    woods *= smoothstep(tree_line + 0.5 * soft, tree_line - 0.4 * soft, z + wander) * smoothstep(0.5, 0.66, upright)
    woods *= smoothstep(420.0, 900.0, away)
    dark = linear((0.16, 0.23, 0.13)) * (1 + 0.28 * land.noise(60.0, variant=1, beta=1.0))[..., None]
    colors = blend(colors, np.clip(dark, 0.005, 1), 0.92 * woods)
    return blend(colors, SNOW * grain(land, 0.03), snow_cover(land, snow_line, soft=soft))


def sand(land: Land, tone: str, *, ripples: float = 1.0) -> Array:
    """Sand with faint wind ripples near the eye."""
    p = land.ground.points
    base = linear(SANDS[tone])
    away = np.hypot(p[..., 0], p[..., 1])
    phase = p[..., 0] * 3.1 + p[..., 1] * 17.0 + 2.6 * land.noise(16.0, variant=4, beta=3.0)
    ripple = np.sin(phase) * smoothstep(26.0, 7.0, away) * ripples
    patches = land.noise(160.0, variant=5)
    return base * (1 + 0.07 * ripple + 0.05 * patches)[..., None] * grain(land, 0.06)


def strata(land: Land, tone: str) -> Array:
    """Canyon walls in bands of red, cream and rust; pale dust and scrub on the flats."""
    z, upright = land.ground.heights, land.normals[..., 2]
    bands = np.array([linear(c) for c in STRATA])
    at = z / 11.0 + 0.25 * land.noise(900.0, variant=3) + 0.06 * land.noise(90.0, variant=2)
    at = np.mod(at, len(bands))
    low = np.floor(at).astype(int) % len(bands)
    mix = smoothstep(0.55, 0.95, at - np.floor(at))
    colors = blend(bands[low], bands[(low + 1) % len(bands)], mix)
    fine = 1 + 0.12 * np.sin(z * 1.9 + 2 * land.noise(300.0, variant=6))
    colors = colors * fine[..., None]
    flat = smoothstep(0.80, 0.94, upright)
    dust = linear(SANDS[tone]) * 0.9
    scrub = smoothstep(0.7, 1.5, land.noise(120.0, variant=7, beta=1.6))
    floor = blend(dust, linear((0.42, 0.42, 0.25)), 0.7 * scrub)
    return blend(colors, floor, flat) * grain(land, 0.13)


def snowfield(land: Land) -> Array:
    """Fresh snow: bluish in hollows, a little soil where it is steep."""
    upright = land.normals[..., 2]
    hollow = smoothstep(-1.5, 1.5, land.noise(90.0, variant=4, beta=2.8))
    colors = blend(np.array([0.74, 0.79, 0.88]), np.array([0.86, 0.88, 0.91]), hollow) * grain(land, 0.025)
    bare = smoothstep(0.62, 0.45, upright + 0.05 * land.noise(60.0, variant=2))
    return blend(colors, rock(land, "grey"), bare)


def forest_floor(land: Land, tone: str) -> Array:
    """Moss, needles or fallen leaves between trunks."""
    pairs = {
        "needles": ((0.30, 0.21, 0.13), (0.24, 0.29, 0.12)),
        "moss": ((0.20, 0.30, 0.10), (0.32, 0.28, 0.16)),
        "leaves": ((0.62, 0.33, 0.11), (0.44, 0.24, 0.10)),
        "grass": ((0.24, 0.36, 0.12), (0.36, 0.40, 0.17)),
        "snow": ((0.88, 0.90, 0.93), (0.80, 0.84, 0.90)),
    }
    a, b = (linear(c) for c in pairs[tone])
    t = smoothstep(-0.8, 0.8, land.noise(24.0, variant=4) + 0.7 * land.noise(3.0, variant=5, beta=1.4))
    return blend(a, b, t) * grain(land, 0.05 if tone == "snow" else 0.3)
