"""Painters of textiles and of the two-coloured patterns printed on them. Colours are chosen when they are used."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.texture_noise import (
    SIZE,
    Array,
    Layers,
    bytes_of,
    cells,
    coordinates,
    fill_wrapped,
    floats_of,
    nth,
    pick,
    smoothstep,
    spectral,
    strokes,
    waves,
)

WHITE = (0.93, 0.93, 0.92)


def weave(rng: Generator, threads: int = 56) -> Array:
    """Height 0..1 of a plain weave: warp over weft in a chequer of floats."""
    x, y = coordinates()
    over = (np.floor(x * threads) + np.floor(y * threads)) % 2
    warp_thread = np.abs(np.sin(np.pi * threads * x)) * np.ones_like(y)
    weft_thread = np.abs(np.sin(np.pi * threads * y)) * np.ones_like(x)
    height = np.where(over == 0, warp_thread, weft_thread * 0.85)
    slub = 0.7 * spectral(rng, slope=1.2, stretch=(1, 10)) + 0.7 * spectral(rng, slope=1.2, stretch=(10, 1))
    return np.clip(height * (0.65 + 0.35 * slub), 0, 1).astype(np.float32)


def striped_mask(rng: Generator) -> Array:
    x, y = coordinates()
    count = int(pick(rng, (4, 5, 6)))
    across = (x, y)[int(rng.random() < 0.35)] * count
    width = rng.uniform(0.42, 0.56)
    phase = np.mod(across, 1.0)
    mask = smoothstep(0.0, 0.02, phase) * (1 - smoothstep(width, width + 0.02, phase))
    return np.broadcast_to(mask, (SIZE, SIZE)).astype(np.float32)


def checked_mask(rng: Generator) -> Array:
    """Gingham: where bands of both directions cross, the second colour is full; where one runs, half."""
    x, y = coordinates()
    count = int(pick(rng, (4, 5, 6)))
    bands = [smoothstep(-0.02, 0.02, np.sin(2 * np.pi * count * axis) / 6) for axis in (x, y)]
    return (0.5 * (bands[0] + bands[1])).astype(np.float32)


def chequered_mask(rng: Generator) -> Array:
    x, y = coordinates()
    count = int(pick(rng, (3, 4)))
    return smoothstep(-0.01, 0.01, np.sin(2 * np.pi * count * x) * np.sin(2 * np.pi * count * y) / 4)


def dotted_mask(rng: Generator) -> Array:
    """Polka dots on a staggered lattice."""
    x, y = coordinates()
    count = int(pick(rng, (4, 5, 6)))
    radius = rng.uniform(0.20, 0.27)
    mask = np.zeros((SIZE, SIZE), np.float32)
    for shift in (0.0, 0.5):
        dx, dy = np.mod(x * count + shift, 1) - 0.5, np.mod(y * count + shift, 1) - 0.5
        mask = np.maximum(mask, 1 - smoothstep(radius - 0.02, radius + 0.02, np.hypot(dx, dy)))
    return mask


def floral_mask(rng: Generator) -> Array:
    """Scattered flowers of five to eight petals, with small leaves between."""
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    places = (np.stack(np.meshgrid(np.arange(5), np.arange(5)), -1).reshape(-1, 2) + 0.5) / 5
    places[:, 0] += 0.1 * (np.arange(25) // 5 % 2)
    places = (places + rng.normal(0, 0.022, places.shape)) % 1.0 * SIZE
    for x, y in places:
        petals, size, turn = int(rng.integers(5, 9)), rng.uniform(26, 40), rng.random() * 2 * np.pi
        radius = size * (0.62 + 0.38 * np.abs(np.cos(petals * (t + turn) / 2)) ** 0.7)
        flower = np.stack([x + radius * np.cos(t), y + radius * np.sin(t)], -1)
        heart = np.stack([x + 0.26 * size * np.cos(t), y + 0.26 * size * np.sin(t)], -1)
        a = rng.random() * 2 * np.pi
        leaf = np.stack([np.cos(t) * 18, np.sin(t) * 6 * np.sin(t / 2)], -1) @ (
            (np.cos(a), np.sin(a)),
            (-np.sin(a), np.cos(a)),
        )
        leaf += (x + 50 * np.cos(a), y + 50 * np.sin(a))
        fill_wrapped((canvas,), np.stack([leaf, flower, heart]), (np.array((0.6, 1.0, 0.35)),))
    return floats_of(canvas)


MASKS = {
    "striped": striped_mask,
    "checked": checked_mask,
    "chequered": chequered_mask,
    "polka-dot": dotted_mask,
    "floral": floral_mask,
}


def printed(rng: Generator, _: int, *, pattern: str) -> Layers:
    """A pattern on something smooth: ceramic, paper, a ball."""
    ones = np.ones((SIZE, SIZE), np.float32)
    return Layers(0.5 * ones, shade=ones, mask=MASKS[pattern](rng), colors=((0.80, 0.07, 0.06), WHITE))


def fabric(rng: Generator, _: int, *, pattern: str | None = None) -> Layers:
    cloth = weave(rng)
    shade = (0.66 + 0.30 * cloth) * (0.95 + 0.1 * spectral(rng, slope=2.4))
    mask = MASKS[pattern](rng) if pattern else None
    return Layers(cloth, shade=shade, mask=mask, colors=((0.12, 0.26, 0.55), WHITE))


def knit(rng: Generator, _: int) -> Layers:
    """Stocking stitch: columns of interlocking V shapes."""
    x, y = coordinates()
    columns, rows = 16, 22
    u = np.mod(x * columns, 1.0)
    side = np.abs(u - 0.5) * 2  # 0 in the middle of a column, 1 between columns
    v = np.mod(y * rows + 0.75 * side, 1.0)
    strand = np.sqrt(np.clip(1 - (2 * v - 1) ** 2, 0, 1)) * np.sqrt(np.clip(1 - (2 * side - 1) ** 4, 0, 1))
    fuzz = spectral(rng, slope=0.9)
    height = np.clip(0.85 * strand + 0.25 * (fuzz - 0.5), 0, 1).astype(np.float32)
    shade = (0.38 + 0.52 * height) * (0.9 + 0.2 * fuzz)
    return Layers(height, shade=shade)


def leather(rng: Generator, _: int) -> Layers:
    scale = cells(rng, int(rng.integers(46, 64)), bend=waves(rng, 3, slope=2.6))
    grain = smoothstep(0.0, 0.22, scale.edge)
    wrinkle = 1 - smoothstep(0.0, 0.04, np.abs(spectral(rng, slope=3.2) - 0.5))
    worn = spectral(rng, slope=2.6)
    height = np.clip(0.75 * grain + 0.2 * scale.random(rng) - 0.25 * wrinkle, 0, 1)
    shade = (0.72 + 0.16 * height) * (0.88 + 0.24 * worn)
    return Layers(height, shade=shade)


def carpet(rng: Generator, _: int) -> Layers:
    """Cut pile: dense tufts with footprints of light and dark."""
    tufts = cells(rng, 90, bend=waves(rng, 2, slope=2.0))
    pile = np.clip(1 - tufts.first, 0, 1)
    shade = (0.55 + 0.30 * pile + 0.12 * tufts.random(rng)) * (0.88 + 0.24 * spectral(rng, slope=2.8))
    return Layers(pile, shade=shade)


def rug(rng: Generator, variant: int) -> Layers:
    """One whole oriental rug: border bands and a medallion of stepped lozenges. Best shown once, uv 0..1."""
    x, y = coordinates()
    u, v = np.abs(x - 0.5) * 2, np.abs(y - 0.5) * 2
    knots = 96  # steps of the pattern: it is made of knots
    u, v = np.round(u * knots) / knots, np.round(v * knots) / knots
    edge, lozenge = np.maximum(u, v) * np.ones((SIZE, SIZE)), u + v
    k, m = int(rng.integers(3, 6)), int(rng.integers(5, 9))
    field = 0.5 + 0.5 * np.sign(np.sin(np.pi * k * lozenge) + 0.6 * np.sin(np.pi * m * (u - v)) * np.cos(np.pi * k * u))
    field = np.where(lozenge < 0.45, 1 - field, field)
    along = np.where(u > v, y, x)
    border = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 2 * m * along) * np.sin(2 * np.pi * 9 * edge))
    mask = np.where(edge > 0.96, 0.0, np.where(edge > 0.92, 1.0, np.where(edge > 0.76, border, field)))
    mask = np.where((edge > 0.73) & (edge < 0.76), 1.0, mask).astype(np.float32)
    pile = spectral(rng, slope=0.8)
    accents = np.where((lozenge < 0.22) | ((edge > 0.80) & (edge < 0.88) & (border > 0.5)), 0.55, 0.0)
    colors = nth((
        ((0.55, 0.10, 0.10), (0.88, 0.78, 0.60)), ((0.12, 0.18, 0.38), (0.86, 0.76, 0.58)),
        ((0.14, 0.30, 0.24), (0.85, 0.74, 0.52)), ((0.40, 0.22, 0.14), (0.87, 0.80, 0.68)),
        ((0.30, 0.30, 0.32), (0.82, 0.80, 0.76)),
    ), variant)  # fmt: skip
    shade = (0.62 + 0.5 * (pile - 0.5)) * (1 - 0.35 * accents)
    return Layers(pile, shade=shade.astype(np.float32), mask=mask, colors=colors)


def wallpaper(rng: Generator, variant: int) -> Layers:
    """Tone on tone: stripes, damask-like medallions, flowers or dots."""
    x, y = coordinates()
    kind = nth(("medallion", "striped", "floral", "polka-dot"), variant)
    if kind == "medallion":
        mask = np.zeros((SIZE, SIZE), np.float32)
        for shift in (0.0, 0.5):
            dx, dy = np.mod(x * 4 + shift, 1) - 0.5, np.mod(y * 3 + shift, 1) - 0.5
            radius, angle = np.hypot(dx * 1.25, dy * 0.95), np.arctan2(dy, np.abs(dx))
            leaf = 0.24 + 0.10 * np.cos(6 * angle) + 0.04 * np.cos(10 * angle + 1)
            inner = 0.5 + 0.5 * np.sign(np.sin(42 * radius + 3 * np.cos(4 * angle)))
            mask = np.maximum(mask, (1 - smoothstep(leaf - 0.01, leaf + 0.01, radius)) * (0.45 + 0.55 * inner))
    else:
        mask = MASKS[kind](rng)
    colors = nth((
        ((0.82, 0.78, 0.68), (0.72, 0.66, 0.54)), ((0.62, 0.72, 0.68), (0.76, 0.83, 0.78)),
        ((0.70, 0.42, 0.42), (0.80, 0.56, 0.54)), ((0.28, 0.38, 0.48), (0.40, 0.50, 0.58)),
        ((0.86, 0.82, 0.84), (0.76, 0.62, 0.68)), ((0.30, 0.38, 0.30), (0.56, 0.58, 0.40)),
    ), variant)  # fmt: skip
    paper = spectral(rng, slope=1.4)
    return Layers(0.4 * mask + 0.2 * paper, shade=0.94 + 0.06 * paper, mask=0.9 * mask, colors=colors)


def paper(rng: Generator, _: int) -> Layers:
    fibre = 0.6 * spectral(rng, slope=1.5) + 0.4 * spectral(rng, slope=0.8)
    return Layers(fibre, shade=0.95 + 0.06 * (fibre - 0.5))


def wicker(rng: Generator, _: int) -> Layers:
    """Basket weave of split cane, for straw."""
    x, y = coordinates()
    columns, rows = 10, 20
    over = np.cos(np.pi * columns * x) * np.where(np.floor(y * rows) % 2 == 0, 1.0, -1.0)
    reed = np.sqrt(np.clip(1 - (2 * np.mod(y * rows, 1.0) - 1) ** 2, 0, 1))
    height = np.clip(reed * (0.55 + 0.45 * over), 0, 1).astype(np.float32)
    fibre = spectral(rng, slope=1.2, stretch=(16, 1))
    shade = (0.40 + 0.45 * height) * (0.8 + 0.4 * fibre)
    return Layers(height, shade=shade)


def plush(rng: Generator, _: int) -> Layers:
    """Short soft fur."""
    canvas = bytes_of(np.full((SIZE, SIZE), 0.3, np.float32))
    count = 6500
    blades = strokes(rng, count, length=40, width=2.0, curl=0.35, points=4)
    fill_wrapped((canvas,), blades, (np.linspace(0.35, 1.0, count) * rng.uniform(0.85, 1.0, count),))
    height = floats_of(canvas)
    return Layers(height, shade=0.66 + 0.30 * height)
