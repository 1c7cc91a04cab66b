"""Painters of natural textures: wood, stone, ground and what grows on it. Each takes a generator, returns Layers."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.texture_noise import (
    SIZE,
    Array,
    Color,
    Layers,
    blur,
    bytes_of,
    cavity,
    cells,
    coordinates,
    fill_wrapped,
    floats_of,
    jittered,
    mix,
    nth,
    pick,
    ramp,
    smoothstep,
    spectral,
    strokes,
    warp,
    waves,
)

WOODS = {
    "oak": (0.66, 0.48, 0.30),
    "pine": (0.82, 0.64, 0.42),
    "walnut": (0.38, 0.25, 0.16),
    "cherry": (0.57, 0.31, 0.19),
    "teak": (0.52, 0.34, 0.19),
    "beech": (0.79, 0.60, 0.43),
    "weathered": (0.52, 0.47, 0.41),
    "mahogany": (0.40, 0.17, 0.11),
}


def grain(rng: Generator, *, rings: int, wander: float) -> tuple[Array, Array]:
    """Growth rings of a flat-sawn board along x and its pores: two fields 0..1 (dark latewood and dark pores = 1)."""
    _, y = coordinates()
    bend = spectral(rng, slope=4.0, stretch=(3.0, 1.0)) - 0.5
    ripple = spectral(rng, slope=2.4, stretch=(8.0, 1.0), low=2) - 0.5
    phase = np.mod(rings * y + wander * bend + 0.5 * ripple, 1.0)
    ring = smoothstep(0.15, 0.9, phase) * (1.0 - smoothstep(0.9, 1.0, phase))
    fibre = spectral(rng, slope=1.1, stretch=(30.0, 1.0))
    pores = smoothstep(0.72, 0.95, spectral(rng, slope=0.6, stretch=(14.0, 1.0), low=6))
    return np.clip(0.75 * ring + 0.5 * (fibre - 0.35), 0, 1), pores * (0.4 + 0.6 * ring)


def wood_color(base: Array, dark: Array, pores: Array) -> Array:
    """Display colour of wood from its rings and pores."""
    base = np.asarray(base, np.float32)
    late = base * (0.66, 0.58, 0.50)
    return mix(mix(base * 1.07, late, dark), late * 0.62, 0.75 * pores)


def wood(rng: Generator, variant: int) -> Layers:
    """One wide board, for bodies made of wood."""
    dark, pores = grain(rng, rings=int(rng.integers(7, 12)), wander=rng.uniform(3, 7))
    color = wood_color(jittered(rng, WOODS[nth(list(WOODS)[:6], variant)]), dark, pores)
    tone = 0.94 + 0.12 * spectral(rng, slope=3)
    return Layers(0.75 - 0.25 * dark - 0.5 * pores, color=color * tone[..., None])


def planks(rng: Generator, variant: int) -> Layers:
    """Boards side by side along x: a table top, or a floor with staggered joints."""
    x, y = coordinates()
    rows = int(pick(rng, (5, 6, 7)))
    joints = bool(rng.random() < 0.6)
    row = np.floor(y * rows).astype(np.int32)
    dark, pores = grain(rng, rings=3 * rows, wander=rng.uniform(4, 8))
    offset, start = rng.random(rows, dtype=np.float32), rng.random(rows, dtype=np.float32)
    along = x + start[row]
    shift_y = rng.random(rows, dtype=np.float32)[row]
    dark, pores = warp(dark, offset[row], shift_y), warp(pores, offset[row], shift_y)
    color = wood_color(jittered(rng, WOODS[nth(list(WOODS), variant)]), dark, pores)
    color = color * (1 + 0.24 * (rng.random(rows, dtype=np.float32) - 0.5))[row][..., None]
    edge = np.abs(y * rows - np.round(y * rows)) / rows
    if joints:
        edge = np.minimum(edge, np.abs(along - np.round(along)))
    gap = smoothstep(0.0008, 0.0034, np.broadcast_to(edge, (SIZE, SIZE)))
    color = color * (0.28 + 0.72 * gap)[..., None]
    height = (0.85 - 0.1 * dark - 0.2 * pores) * gap
    return Layers(height, color=color, roughness=np.clip(0.36 + 0.2 * dark + 0.4 * (1 - gap), 0, 1))


def marble(rng: Generator, variant: int) -> Layers:
    base, cloud, vein = nth((
        ((0.93, 0.92, 0.90), (0.83, 0.83, 0.84), (0.50, 0.50, 0.53)),
        ((0.95, 0.93, 0.89), (0.88, 0.83, 0.75), (0.66, 0.50, 0.30)),
        ((0.09, 0.09, 0.10), (0.15, 0.15, 0.16), (0.85, 0.82, 0.76)),
        ((0.16, 0.31, 0.24), (0.24, 0.40, 0.31), (0.80, 0.88, 0.80)),
        ((0.80, 0.60, 0.52), (0.87, 0.72, 0.64), (0.55, 0.32, 0.27)),
        ((0.90, 0.90, 0.90), (0.76, 0.77, 0.79), (0.36, 0.37, 0.40)),
    ), variant)  # fmt: skip
    push_x, push_y = spectral(rng, slope=2.8) - 0.5, spectral(rng, slope=2.8) - 0.5
    veins = np.zeros((SIZE, SIZE), np.float32)
    for slope, width, weight in ((4.6, 0.012, 1.0), (4.0, 0.008, 0.7), (3.6, 0.005, 0.5)):
        field = warp(spectral(rng, slope=slope), 0.22 * push_x, 0.22 * push_y)
        presence = smoothstep(0.35, 0.7, spectral(rng, slope=3.2))
        line = np.exp(-((np.abs(field - 0.5) / width) ** 1.3)) + 0.35 * np.exp(-np.abs(field - 0.5) / (5 * width))
        veins = np.maximum(veins, weight * presence * np.clip(line, 0, 1))
    clouds = smoothstep(0.3, 0.75, warp(spectral(rng, slope=3.2), 0.1 * push_y, 0.1 * push_x))
    color = mix(mix(base, cloud, clouds), vein, veins) * (0.97 + 0.06 * spectral(rng, slope=1))[..., None]
    return Layers(np.full((SIZE, SIZE), 0.5, np.float32), color=color)


def granite(rng: Generator, variant: int) -> Layers:
    tones = nth((
        ((0.20, 0.19, 0.20), (0.52, 0.50, 0.49), (0.70, 0.67, 0.65), (0.86, 0.84, 0.82)),
        ((0.08, 0.08, 0.09), (0.17, 0.17, 0.18), (0.26, 0.26, 0.28), (0.62, 0.62, 0.64)),
        ((0.18, 0.15, 0.15), (0.58, 0.36, 0.30), (0.72, 0.50, 0.43), (0.84, 0.76, 0.72)),
        ((0.16, 0.15, 0.13), (0.50, 0.43, 0.33), (0.70, 0.62, 0.50), (0.85, 0.80, 0.70)),
    ), variant)  # fmt: skip
    coarse, fine = cells(rng, 64), cells(rng, 120)
    color = ramp(np.clip(coarse.random(rng) * 0.65 + 0.35 * fine.random(rng), 0, 1), tones, (0.12, 0.4, 0.62, 0.9))
    color = mix(color, tones[0], 0.85 * (fine.random(rng) > 0.87).astype(np.float32))
    color *= (0.9 + 0.2 * spectral(rng, slope=2.0))[..., None]
    return Layers(np.full((SIZE, SIZE), 0.5, np.float32), color=blur(color, 0.6))


def rock(rng: Generator, variant: int) -> Layers:
    """A weathered rock face or boulder: layered bumps, cracks, lichen."""
    base = jittered(rng, nth(((0.47, 0.44, 0.41), (0.55, 0.47, 0.38), (0.40, 0.41, 0.43), (0.50, 0.40, 0.34)), variant))
    big = spectral(rng, slope=2.8, stretch=(1.0, 0.6))
    split = cells(rng, 5, rows=7, bend=waves(rng, 1.6, slope=2.8))
    cracks = 1 - smoothstep(0.0, 0.07, split.edge)
    fine = spectral(rng, slope=1.5)
    height = np.clip(0.5 * big + 0.25 * split.random(rng) + 0.3 * fine - 0.35 * cracks, 0, 1)
    color = base * (0.70 + 0.35 * big + 0.35 * fine)[..., None] * cavity(height, 9, 1.3)[..., None]
    color = mix(color, np.asarray((0.30, 0.24, 0.17)), 0.35 * smoothstep(0.55, 0.8, spectral(rng, slope=2.6)))
    lichen = smoothstep(0.70, 0.80, spectral(rng, slope=2.0)) * rng.uniform(0.0, 0.7)
    return Layers(height, color=mix(color, (0.56, 0.57, 0.44), lichen))


def sand(rng: Generator, variant: int) -> Layers:
    _, y = coordinates()
    bend = spectral(rng, slope=4.6) - 0.5
    phase = np.mod(int(rng.integers(10, 17)) * y + 7 * bend + 1.3 * (spectral(rng, slope=3.2) - 0.5), 1.0)
    ripple = np.where(phase < 0.68, smoothstep(0, 0.68, phase), 1 - smoothstep(0.68, 1.0, phase)).astype(np.float32)
    ripple = blur(ripple, 2.0) * smoothstep(0.2, 0.55, spectral(rng, slope=3.6))
    grains = rng.random((SIZE, SIZE), dtype=np.float32)
    base = jittered(
        rng, nth(((0.80, 0.67, 0.48), (0.87, 0.77, 0.59), (0.74, 0.56, 0.38), (0.90, 0.85, 0.75)), variant), 0.03
    )
    color = base * (0.86 + 0.14 * ripple + 0.20 * (grains - 0.5) + 0.10 * bend)[..., None]
    return Layers(np.clip(0.75 * ripple + 0.12 * grains + 0.1, 0, 1), color=color)


def snow(rng: Generator, _: int) -> Layers:
    soft, crust = spectral(rng, slope=3.2), spectral(rng, slope=1.2)
    height = np.clip(0.75 * soft + 0.25 * crust, 0, 1)
    shade = 0.93 + 0.05 * soft + 0.03 * (crust - 0.5)
    return Layers(height, color=mix((0.88, 0.92, 0.98), (0.97, 0.97, 0.97), height) * shade[..., None])


def soil(rng: Generator, variant: int) -> Layers:
    clods = cells(rng, 26, bend=waves(rng, 2, slope=2))
    lump = np.sqrt(np.clip(1 - clods.first, 0, 1)) * (0.4 + 0.6 * clods.random(rng))
    fine = spectral(rng, slope=1.2)
    height = np.clip(0.45 * lump + 0.35 * spectral(rng, slope=2.4) + 0.3 * fine, 0, 1)
    base = jittered(rng, nth(((0.33, 0.23, 0.16), (0.42, 0.31, 0.22), (0.25, 0.18, 0.13), (0.46, 0.28, 0.18)), variant))
    color = base * (0.45 + 0.9 * height)[..., None] * cavity(height, 4, 1.5)[..., None]
    specks = smoothstep(0.86, 0.95, spectral(rng, slope=0.7))
    return Layers(height, color=mix(color, (0.55, 0.50, 0.43), 0.7 * specks))


def grass(rng: Generator, variant: int) -> Layers:
    """A lawn seen from above, about a metre of it: thousands of blades, the upper ones brighter."""
    dark, mid, light, dry = nth((
        ((0.06, 0.13, 0.03), (0.20, 0.37, 0.09), (0.42, 0.58, 0.20), (0.62, 0.60, 0.34)),
        ((0.05, 0.12, 0.04), (0.15, 0.33, 0.10), (0.32, 0.52, 0.20), (0.50, 0.55, 0.30)),
        ((0.09, 0.14, 0.03), (0.30, 0.40, 0.11), (0.54, 0.60, 0.25), (0.70, 0.62, 0.38)),
    ), variant)  # fmt: skip
    paint = bytes_of(np.full((SIZE, SIZE, 3), dark, np.float32) * (0.7 + 0.6 * spectral(rng, slope=1.5))[..., None])
    relief = np.zeros((SIZE, SIZE), np.uint8)
    count = 5200
    level = np.linspace(0, 1, count)
    tint = ramp(np.clip(level * 0.75 + rng.normal(0, 0.16, count), 0, 1), (dark, mid, mid, light))
    tint = np.where(rng.random((count, 1)) < 0.06, np.asarray(dry) * (0.5 + 0.5 * level[:, None]), tint)
    blades = strokes(rng, count, length=46, width=3.4, curl=0.7)
    fill_wrapped((paint, relief), blades, (tint, 0.15 + 0.85 * level))
    color, height = floats_of(paint), floats_of(relief)
    patches = spectral(rng, slope=3.4)
    color *= (0.86 + 0.28 * patches)[..., None] * np.clip(cavity(height, 5, 0.5), 0.5, 1.15)[..., None]
    return Layers(height, color=color)


def moss(rng: Generator, _: int) -> Layers:
    tufts = cells(rng, 40, bend=waves(rng, 2, slope=2))
    fine = spectral(rng, slope=0.9)
    height = np.clip(0.5 * (1 - tufts.first) + 0.35 * fine + 0.25 * spectral(rng, slope=2.8), 0, 1)
    color = ramp(
        smoothstep(0.15, 0.95, height), ((0.06, 0.09, 0.02), (0.20, 0.28, 0.06), (0.38, 0.46, 0.12), (0.55, 0.60, 0.25))
    )
    return Layers(height, color=color * jittered(rng, (1.0, 1.0, 1.0)).clip(0.85, 1.0))


LEAF_COLORS = {
    "autumn": ((0.62, 0.30, 0.08), (0.74, 0.50, 0.14), (0.55, 0.18, 0.07), (0.42, 0.26, 0.12), (0.70, 0.38, 0.10)),
    "brown": ((0.40, 0.26, 0.14), (0.50, 0.34, 0.19), (0.33, 0.22, 0.13), (0.58, 0.42, 0.25), (0.46, 0.28, 0.14)),
    "golden": ((0.80, 0.60, 0.15), (0.72, 0.50, 0.12), (0.85, 0.68, 0.26), (0.60, 0.40, 0.14), (0.68, 0.30, 0.10)),
}


def leaves(rng: Generator, variant: int) -> Layers:
    """Fallen leaves over soil, each with a shadow below and a midrib."""
    under = soil(rng, variant)
    assert under.color is not None
    paint, relief = bytes_of(under.color * 0.7), np.zeros((SIZE, SIZE), np.uint8)
    palette = np.asarray(LEAF_COLORS[nth(list(LEAF_COLORS), variant)])
    count, points = 620, 14
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    ragged = 1 + 0.16 * np.cos(5 * t)[None, :] * rng.random((count, 1)) + rng.normal(0, 0.05, (count, points))
    shape = np.stack([np.cos(t) * ragged, np.sin(t) * np.abs(np.sin(t)) ** 0.25 * 0.55 * ragged], -1)
    angle, size = rng.random(count) * 2 * np.pi, rng.uniform(17, 32, count)
    turn = np.stack([np.stack([np.cos(angle), -np.sin(angle)], -1), np.stack([np.sin(angle), np.cos(angle)], -1)], 1)
    centre = rng.random((count, 1, 2)) * SIZE
    outline = np.einsum("nij,npj->npi", turn, shape * size[:, None, None]) + centre
    rib = (
        np.einsum("nij,pj->npi", turn, np.array([(-1.0, -0.03), (1.1, 0.0), (-1.0, 0.03)])) * size[:, None, None]
        + centre
    )
    tint = palette[rng.integers(0, len(palette), count)] * rng.uniform(0.7, 1.15, (count, 1))
    level = np.linspace(0.3, 1, count)
    for i in range(count):
        one = slice(i, i + 1)
        fill_wrapped((paint,), outline[one] + (2.5, 3.0), (tint[one] * 0.28,))
        fill_wrapped((paint, relief), outline[one], (tint[one], level[one]))
        fill_wrapped((paint,), rib[one], (tint[one] * 1.25,))
    color, height = floats_of(paint), floats_of(relief)
    color *= (0.85 + 0.3 * spectral(rng, slope=1.6))[..., None] * np.clip(cavity(height, 6, 0.5), 0.55, 1.1)[..., None]
    return Layers(blur(height, 1.2), color=color)


def domes(rng: Generator, count: int, *, size: tuple[float, float], corner: float) -> tuple[Array, Array, Array]:
    """Loose stones piled at random: height 0..1, the number of the stone seen (or -1), and its own dome 0..1.

    Each is a superellipse of `size` pixels (half axes, the rest of the way down a power law) with exponent `corner`.
    """
    height = np.zeros((SIZE, SIZE), np.float32)
    number = np.full((SIZE, SIZE), -1, np.int32)
    shape = np.zeros((SIZE, SIZE), np.float32)
    half = np.sort(size[0] + (size[1] - size[0]) * rng.random(count) ** 2)[::-1]  # the small ones fill the gaps
    order = np.argsort(rng.random(count) + 0.5 * np.arange(count) / count)
    for i in order:
        x, y = rng.random(2) * SIZE
        angle, aspect, rise = rng.random() * np.pi, rng.uniform(0.62, 0.95), rng.uniform(0.5, 1.0)
        reach = int(half[i]) + 2
        columns, rows = np.arange(int(x) - reach, int(x) + reach + 1), np.arange(int(y) - reach, int(y) + reach + 1)
        dx, dy = (columns - x)[None, :] / half[i], (rows - y)[:, None] / half[i]
        u, v = np.cos(angle) * dx + np.sin(angle) * dy, (np.cos(angle) * dy - np.sin(angle) * dx) / aspect
        dome = np.sqrt(np.clip(1 - np.abs(u) ** corner - np.abs(v) ** corner, 0, 1)).astype(np.float32)
        place = np.ix_(rows % SIZE, columns % SIZE)
        top = dome * np.float32(0.25 + 0.75 * rise * half[i] / size[1]) * (dome > 0)
        above = top > height[place]
        for field, value in ((height, top), (shape, dome), (number, np.full_like(top, i))):
            field[place] = np.where(above, value, field[place])
    return height, number, shape


def stones(
    rng: Generator, count: int, *, size: tuple[float, float], corner: float, palette: tuple[Color, ...]
) -> Layers:
    """Stones of a palette, darker towards their edges and where they lie deep."""
    height, number, dome = domes(rng, count, size=size, corner=corner)
    tint = np.asarray(palette, np.float32)[rng.integers(0, len(palette), count)] * rng.uniform(0.72, 1.12, (count, 1))
    speckle = (0.86 + 0.28 * spectral(rng, slope=1.2)) * (0.9 + 0.2 * spectral(rng, slope=0.6))
    color = tint[number] * (speckle * (0.35 + 0.65 * dome**0.7))[..., None]
    ground = np.asarray(palette[0]) * 0.22 * speckle[..., None]
    color = np.where((number < 0)[..., None], ground, color) * np.clip(cavity(height, 7, 0.9), 0.3, 1.1)[..., None]
    return Layers(height, color=color.astype(np.float32))


def pebbles(rng: Generator, variant: int) -> Layers:
    palette = nth((
        ((0.62, 0.60, 0.57), (0.45, 0.44, 0.44), (0.74, 0.68, 0.60), (0.55, 0.46, 0.38), (0.82, 0.80, 0.77)),
        ((0.36, 0.37, 0.40), (0.50, 0.51, 0.53), (0.62, 0.62, 0.62), (0.28, 0.29, 0.32), (0.70, 0.68, 0.64)),
        ((0.70, 0.58, 0.44), (0.60, 0.45, 0.33), (0.80, 0.72, 0.60), (0.48, 0.38, 0.30), (0.66, 0.62, 0.56)),
    ), variant)  # fmt: skip
    return stones(rng, 1500, size=(7, 30), corner=2.3, palette=palette)


def gravel(rng: Generator, _: int) -> Layers:
    tone = rng.uniform(0.45, 0.6)
    warm = np.asarray((1.0, 0.96, 0.90)) * tone
    palette = tuple(
        (float(c[0]), float(c[1]), float(c[2])) for c in (warm * 0.7, warm, warm * 1.3, warm * (1.1, 1.0, 0.9))
    )
    return stones(rng, 4200, size=(4, 11), corner=2.8, palette=palette)


def bark(rng: Generator, variant: int) -> Layers:
    """Furrowed bark, grain along y."""
    plates = cells(rng, 13, rows=4, bend=waves(rng, 4.0, slope=3.8))
    ridge = smoothstep(0.02, 0.5, plates.edge)
    fibre = spectral(rng, slope=1.3, stretch=(1.0, 9.0))
    height = np.clip(0.65 * ridge + 0.25 * fibre + 0.15 * spectral(rng, slope=2) - 0.05, 0, 1)
    base = jittered(rng, nth(((0.40, 0.31, 0.24), (0.47, 0.42, 0.37), (0.33, 0.25, 0.19), (0.52, 0.38, 0.28)), variant))
    color = base * (0.38 + 0.75 * height + 0.25 * (fibre - 0.5))[..., None] * cavity(height, 6, 0.8)[..., None]
    return Layers(height, color=color)


def cork(rng: Generator, _: int) -> Layers:
    grains = cells(rng, 52, bend=waves(rng, 2, slope=2))
    value = grains.random(rng)
    color = ramp(
        value, ((0.40, 0.26, 0.15), (0.66, 0.47, 0.29), (0.74, 0.55, 0.36), (0.82, 0.65, 0.45)), (0, 0.12, 0.6, 1)
    )
    pits = smoothstep(0.80, 0.90, spectral(rng, slope=1.2))
    color = color * (0.9 + 0.2 * spectral(rng, slope=1))[..., None] * (1 - 0.55 * pits)[..., None]
    return Layers(np.clip(0.6 + 0.25 * value - 0.5 * pits, 0, 1), color=color)


def jade(rng: Generator, variant: int) -> Layers:
    cloud = warp(spectral(rng, slope=3.0), 0.2 * (spectral(rng, slope=3) - 0.5), 0.2 * (spectral(rng, slope=3) - 0.5))
    deep, light = nth((((0.12, 0.40, 0.26), (0.42, 0.68, 0.48)), ((0.18, 0.45, 0.30), (0.58, 0.76, 0.60))), variant)
    color = mix(deep, light, smoothstep(0.2, 0.8, cloud))
    return Layers(np.full((SIZE, SIZE), 0.5, np.float32), color=color)


def ripples(rng: Generator, _: int) -> Layers:
    """Small crossing waves on water; the colour is the surface's."""
    height = 0.5 * spectral(rng, slope=4.0, stretch=(1.0, 2.0), low=2, high=24) + 0.5 * spectral(
        rng, slope=3.4, low=3, high=40
    )
    return Layers(height, shade=np.ones_like(height))


def mottled(rng: Generator, variant: int) -> Layers:
    """What varies the one colour of skins and crusts: pale freckles (even variants), or browned patches (odd ones)."""
    patch = smoothstep(0.30, 0.85, 0.7 * spectral(rng, slope=2.8) + 0.3 * spectral(rng, slope=1.2))
    dimples = smoothstep(0.05, 0.6, cells(rng, 40).first)
    if variant % 2:
        color = mix((0.97, 0.96, 0.94), (0.62, 0.47, 0.34), patch * (0.6 + 0.4 * spectral(rng, slope=1)))
    else:
        freckles = smoothstep(0.86, 0.93, spectral(rng, slope=1.0, high=60))
        color = mix(mix((0.93, 0.90, 0.86), (0.97, 0.97, 0.92), patch), (1.0, 1.0, 0.90), freckles)
    return Layers(dimples, color=color)


def speckled(rng: Generator, _: int) -> Layers:
    """Fine dark flecks, as on stoneware and eggs, over the surface's colour."""
    flecks = smoothstep(0.80, 0.86, spectral(rng, slope=0.8, high=60)) * smoothstep(0.25, 0.5, spectral(rng, slope=2))
    return Layers(
        np.full((SIZE, SIZE), 0.5, np.float32), color=mix((0.95, 0.95, 0.94), (0.30, 0.22, 0.16), 0.85 * flecks)
    )


def foliage(rng: Generator, _: int) -> Layers:
    """A mass of small leaves, light over dark, over the surface's green."""
    paint, relief = bytes_of(np.full((SIZE, SIZE), 0.22, np.float32)), np.zeros((SIZE, SIZE), np.uint8)
    count = 2600
    level = np.linspace(0.2, 1.0, count)
    leaf = strokes(rng, count, length=30, width=15, curl=0.3, points=6)
    fill_wrapped((paint, relief), leaf, (0.30 + 0.62 * level * rng.uniform(0.7, 1.0, count), level))
    height = floats_of(relief)
    return Layers(height, shade=floats_of(paint) * np.clip(cavity(height, 5, 0.5), 0.5, 1.1))
