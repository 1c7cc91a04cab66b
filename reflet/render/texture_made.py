"""Painters of what masons and builders make: tiles, brick, plaster, paving, roofs, facades, and metals that age."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.texture_noise import (
    SIZE,
    Array,
    Color,
    Layers,
    cavity,
    cells,
    coordinates,
    grid_distance,
    jittered,
    mix,
    nth,
    pick,
    ramp,
    smoothstep,
    spectral,
    waves,
)

TILE_COLORS = (
    ((0.92, 0.91, 0.88), (0.10, 0.10, 0.12)),
    ((0.74, 0.40, 0.27), (0.90, 0.82, 0.70)),
    ((0.16, 0.38, 0.55), (0.90, 0.92, 0.93)),
    ((0.58, 0.64, 0.60), (0.86, 0.86, 0.82)),
    ((0.86, 0.84, 0.79), (0.76, 0.73, 0.67)),
    ((0.20, 0.42, 0.38), (0.90, 0.88, 0.80)),
)


def tiled(rng: Generator, columns: int, rows: int, mask: Array, *, joint: float, colors: tuple) -> Layers:
    """Glazed tiles on a grid, each of slightly different tone and tilt, with matt grey joints."""
    x, y = coordinates()
    x, y = x * columns, y * rows
    cell = (np.floor(y).astype(int) % rows) * columns + np.floor(x).astype(int) % columns
    face = smoothstep(joint, joint * 2.2, grid_distance(x, y))
    tone = 1 + 0.09 * (rng.random(columns * rows, dtype=np.float32)[cell] - 0.5)
    glaze = 0.97 + 0.06 * spectral(rng, slope=2.2)
    tilt_x, tilt_y = rng.normal(0, 0.05, (2, columns * rows)).astype(np.float32)[:, cell]
    height = face * (0.85 + tilt_x * (np.mod(x, 1) - 0.5) + tilt_y * (np.mod(y, 1) - 0.5))
    color = mix(colors[0], colors[1], mask) * (tone * glaze)[..., None]
    color = mix(np.asarray((0.52, 0.50, 0.47)) * rng.uniform(0.7, 1.3), color, face)
    return Layers(np.clip(height, 0, 1), color=color, roughness=0.75 - 0.63 * face)


def tiles(rng: Generator, variant: int) -> Layers:
    """Plain square tiles, or with inlaid diamonds or a scatter of the second colour."""
    count = int(pick(rng, (4, 5, 6)))
    x, y = coordinates()
    kind = pick(rng, ("plain", "plain", "diamonds", "scatter"))
    mask = np.zeros((SIZE, SIZE), np.float32)
    if kind == "diamonds":
        corner = np.abs(x * count - np.round(x * count)) + np.abs(y * count - np.round(y * count))
        mask = 1 - smoothstep(0.20, 0.22, corner)
    elif kind == "scatter":
        cell = (np.floor(y * count) * count + np.floor(x * count)).astype(int)
        mask = (rng.random(count * count) < 0.25)[cell].astype(np.float32)
    return tiled(rng, count, count, mask, joint=0.014, colors=nth(TILE_COLORS, variant))


def chequered_tiles(rng: Generator, variant: int) -> Layers:
    count = int(pick(rng, (4, 6)))
    x, y = coordinates()
    mask = np.mod(np.floor(x * count) + np.floor(y * count), 2).astype(np.float32)
    return tiled(rng, count, count, mask, joint=0.010, colors=nth(TILE_COLORS, variant))


def wall_tiles(rng: Generator, variant: int) -> Layers:
    """Small white or coloured wall tiles, in a square grid."""
    color = nth(
        ((0.92, 0.92, 0.90), (0.80, 0.88, 0.88), (0.22, 0.45, 0.45), (0.25, 0.38, 0.55), (0.88, 0.82, 0.70)), variant
    )
    zero = np.zeros((SIZE, SIZE), np.float32)
    return tiled(rng, 8, int(pick(rng, (8, 16))), zero, joint=0.022, colors=(color, color))


def brick(rng: Generator, variant: int) -> Layers:
    columns, rows = 6, 18
    x, y = coordinates()
    row = np.floor(y * rows).astype(int) % rows
    along = x * columns + 0.5 * (row % 2)
    cell = row * columns + np.floor(along).astype(int) % columns
    fx, fy = np.mod(along, 1.0), np.mod(y * rows, 1.0)
    rough, fine = spectral(rng, slope=1.6), spectral(rng, slope=1.0)
    edge = np.minimum(np.minimum(fx, 1 - fx) * 3, np.minimum(fy, 1 - fy)) + 0.10 * (rough - 0.5)
    face = smoothstep(0.055, 0.12, edge)
    base = nth(
        ((0.58, 0.26, 0.18), (0.66, 0.38, 0.26), (0.50, 0.22, 0.17), (0.72, 0.58, 0.44), (0.86, 0.84, 0.80)), variant
    )
    tone = (0.70 + 0.55 * rng.random(columns * rows, dtype=np.float32))[cell]
    tint = jittered(rng, base) * tone[..., None] * (0.80 + 0.25 * rough + 0.15 * fine)[..., None]
    mortar = np.asarray((0.66, 0.63, 0.58)) * (0.8 + 0.3 * fine)[..., None]
    height = np.clip(face * (0.75 + 0.2 * rough) + 0.1 * fine, 0, 1)
    return Layers(height, color=mix(mortar, tint, face))


def plaster(rng: Generator, _: int) -> Layers:
    trowel = spectral(rng, slope=2.6, stretch=(1.0, 1.6))
    fine = spectral(rng, slope=1.2)
    height = 0.6 * trowel + 0.4 * fine
    shade = 0.95 + 0.06 * (trowel - 0.5) + 0.04 * (fine - 0.5)
    return Layers(height, shade=shade)


def concrete(rng: Generator, variant: int) -> Layers:
    cloud, fine = spectral(rng, slope=2.6), spectral(rng, slope=1.0)
    pits = smoothstep(0.90, 0.97, spectral(rng, slope=0.9, high=120))
    hair = (1 - smoothstep(0.0, 0.006, np.abs(spectral(rng, slope=3.6) - 0.5))) * smoothstep(
        0.6, 0.7, spectral(rng, slope=3.4)
    )
    base = rng.uniform(0.45, 0.68)
    tone = base * (0.82 + 0.26 * cloud + 0.16 * (fine - 0.5)) * (1 - 0.35 * pits) * (1 - 0.45 * hair)
    color = tone[..., None] * np.asarray((1.0, 0.985, 0.955))
    return Layers(np.clip(0.6 + 0.2 * cloud + 0.2 * fine - 0.5 * pits - 0.4 * hair, 0, 1), color=color)


def asphalt(rng: Generator, _: int) -> Layers:
    stone, fine = cells(rng, 100), spectral(rng, slope=0.8)
    value = stone.random(rng)
    patch = spectral(rng, slope=2.8)
    base = rng.uniform(0.16, 0.27)
    tone = base * (0.65 + 0.5 * value + 0.25 * fine) * (0.85 + 0.3 * patch)
    tone += 0.18 * (value > 0.965)
    height = np.clip(0.6 * value * (1 - stone.first) + 0.4 * fine, 0, 1)
    return Layers(height, color=tone[..., None] * np.asarray((1.0, 0.995, 0.99)))


def setts(
    rng: Generator, columns: int, rows: int, *, palette: tuple, joint: Color, gap: float, boxy: float, wander: float
) -> Layers:
    """Rounded stones laid in rows. `gap`: share of a stone's place that is joint; `boxy`: exponent of its outline."""
    x, y = coordinates()
    bend = waves(rng, wander, slope=3.4)
    gy = y * rows + bend[..., 1]
    row = np.floor(gy).astype(int) % rows
    gx = x * columns + bend[..., 0] + 0.5 * (row % 2) + rng.uniform(-0.15, 0.15, rows)[row]
    cell = row * columns + np.floor(gx).astype(int) % columns
    fx, fy = np.mod(gx, 1.0) - 0.5, np.mod(gy, 1.0) - 0.5
    size = (1 - gap * (1 + 1.2 * rng.random(rows * columns)))[cell]
    outline = ((np.abs(fx) * 2 / size) ** boxy + (np.abs(fy) * 2 / size) ** boxy) ** (1 / boxy)
    rough, fine = spectral(rng, slope=1.8), spectral(rng, slope=1.0)
    face = 1 - smoothstep(0.80, 1.0, outline + 0.12 * (rough - 0.5))
    dome = face * (0.72 + 0.28 * (1 - outline)) * (0.9 + 0.1 * rng.random(rows * columns))[cell]
    tones = np.asarray(palette)
    tint = tones[rng.integers(0, len(tones), rows * columns)][cell]
    tint = (
        tint
        * (0.8 + 0.35 * rng.random(rows * columns))[cell][..., None]
        * (0.72 + 0.3 * rough + 0.25 * fine)[..., None]
    )
    filling = np.asarray(joint) * (0.6 + 0.8 * fine)[..., None]
    height = np.clip(dome + 0.10 * (fine - 0.5) + 0.04, 0, 1)
    return Layers(height, color=mix(filling, tint, face), roughness=np.clip(0.9 - 0.25 * face, 0, 1))


def cobblestones(rng: Generator, variant: int) -> Layers:
    palette = nth((
        ((0.46, 0.45, 0.44), (0.54, 0.51, 0.48), (0.40, 0.40, 0.42)),
        ((0.52, 0.46, 0.40), (0.44, 0.38, 0.34), (0.60, 0.54, 0.47)),
        ((0.36, 0.38, 0.42), (0.44, 0.45, 0.48), (0.30, 0.31, 0.34)),
    ), variant)  # fmt: skip
    return setts(rng, 9, 12, palette=palette, joint=(0.19, 0.17, 0.14), gap=0.08, boxy=4.0, wander=0.5)


def masonry(rng: Generator, variant: int) -> Layers:
    """A wall of roughly hewn stones in mortar."""
    palette = nth((
        ((0.62, 0.57, 0.49), (0.54, 0.49, 0.42), (0.68, 0.62, 0.52), (0.50, 0.47, 0.43)),
        ((0.50, 0.50, 0.50), (0.42, 0.43, 0.45), (0.58, 0.57, 0.55)),
        ((0.66, 0.52, 0.38), (0.58, 0.46, 0.35), (0.72, 0.60, 0.46)),
    ), variant)  # fmt: skip
    return setts(rng, 5, 10, palette=palette, joint=(0.60, 0.57, 0.51), gap=0.035, boxy=7.0, wander=0.35)


def terrazzo(rng: Generator, variant: int) -> Layers:
    base, chips = nth((
        ((0.88, 0.86, 0.83), ((0.62, 0.30, 0.24), (0.30, 0.30, 0.32), (0.80, 0.66, 0.44), (0.48, 0.56, 0.52))),
        ((0.80, 0.80, 0.79), ((0.25, 0.25, 0.27), (0.45, 0.45, 0.46), (0.94, 0.94, 0.92), (0.60, 0.58, 0.55))),
        ((0.86, 0.76, 0.70), ((0.60, 0.25, 0.22), (0.93, 0.88, 0.82), (0.42, 0.34, 0.32), (0.75, 0.52, 0.42))),
        ((0.24, 0.27, 0.28), ((0.80, 0.78, 0.72), (0.50, 0.54, 0.54), (0.66, 0.46, 0.30), (0.36, 0.44, 0.42))),
    ), variant)  # fmt: skip
    color = np.broadcast_to(np.asarray(base, np.float32), (SIZE, SIZE, 3))
    for count, gap, share in ((40, 0.16, 0.45), (18, 0.12, 0.5)):
        cell = cells(rng, count)
        chip = smoothstep(gap, gap + 0.05, cell.edge) * (cell.random(rng) < share)
        tint = np.asarray(chips, np.float32)[(cell.random(rng) * len(chips)).astype(int)]
        color = mix(color, tint * (0.85 + 0.3 * cell.random(rng))[..., None], chip)
    color = color * (0.97 + 0.06 * spectral(rng, slope=1.2))[..., None]
    return Layers(np.full((SIZE, SIZE), 0.5, np.float32), color=color)


def roof(rng: Generator, variant: int) -> Layers:
    """Overlapping clay or slate tiles in rows along u; v runs up the slope."""
    columns, rows = 10, 10
    x, y = coordinates()
    clay = variant % 5 < 3
    row = np.floor(y * rows).astype(int) % rows
    along = x * columns + 0.5 * (row % 2)
    cell = row * columns + np.floor(along).astype(int) % columns
    fx, fy = np.mod(along, 1.0), 1 - np.mod(y * rows, 1.0)
    arch = np.sqrt(np.clip(1 - (2 * fx - 1) ** 2, 0, 1)) if clay else smoothstep(0, 0.06, np.minimum(fx, 1 - fx))
    lap = smoothstep(0.0, 0.10, 1 - fy + 0 * fx)  # the lower edge of a tile casts a line of shadow
    height = np.clip((0.35 + 0.6 * fy) * (0.35 + 0.65 * arch) * (0.4 + 0.6 * lap), 0, 1).astype(np.float32)
    base = nth(
        ((0.62, 0.30, 0.20), (0.70, 0.40, 0.27), (0.52, 0.24, 0.18))
        if clay
        else ((0.28, 0.30, 0.34), (0.34, 0.33, 0.33)),
        variant,
    )
    tone = (0.72 + 0.45 * rng.random(rows * columns))[cell] * (0.30 + 0.70 * lap) * (0.6 + 0.4 * arch)
    tone = tone * (0.82 + 0.36 * spectral(rng, slope=1.8))
    return Layers(height, color=jittered(rng, base) * tone[..., None])


def rust(rng: Generator, _: int) -> Layers:
    """Iron, half eaten: flaking orange rust over dark grey metal."""
    big, fine = spectral(rng, slope=2.2), spectral(rng, slope=1.1)
    cover = smoothstep(0.26, 0.42, big + 0.22 * (fine - 0.5))
    hue = np.clip(0.55 * spectral(rng, slope=1.7) + 0.45 * fine, 0, 1)
    scale = ramp(
        hue, ((0.20, 0.08, 0.04), (0.42, 0.17, 0.07), (0.62, 0.29, 0.10), (0.76, 0.44, 0.18)), (0.1, 0.4, 0.65, 0.95)
    )
    metal = np.asarray((0.34, 0.33, 0.33)) * (0.8 + 0.4 * fine)[..., None]
    height = np.clip(0.35 + 0.35 * cover + 0.4 * (fine - 0.4) * cover, 0, 1)
    color = mix(metal, scale, cover) * cavity(height, 5, 0.7)[..., None]
    return Layers(height, color=color, roughness=0.45 + 0.45 * cover)


def brushed(rng: Generator, _: int) -> Layers:
    """Fine parallel scratches along x; the metal's own colour comes from the surface."""
    streak = spectral(rng, slope=0.5, stretch=(60.0, 1.0))
    long = spectral(rng, slope=1.0, stretch=(120.0, 1.0))
    scratch = np.clip(0.6 * streak + 0.4 * long, 0, 1)
    return Layers(scratch, shade=0.90 + 0.08 * scratch, roughness=0.18 + 0.26 * scratch)
