"""Trees as light meshes, one unit high and standing on the origin, in four levels of detail.

A crown is a cloud of clumps: dark cores that stop the light, and leaf cards around them. Every card is shaded with
the outward normal of its clump (bent normals), so that a crown takes light like a volume instead of like confetti;
its brightness also falls towards the inside and the underside of the crown, as the light among leaves does.
Conifers are whorls of drooping, tapering boughs. Colours are vertex colours, linear, around the species' own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.random import Generator

from reflet.render.foliage import cards, join, limb, lumps, piece, sphere_points, unit
from reflet.render.scene import Array, Mesh
from reflet.render.vocabulary import srgb_to_linear

NUM_SHAPES = 4  # different trees of each species and detail


class Detail(IntEnum):
    """How many triangles a tree has: about 4,500, 1,400, 150 and 20."""

    HERO = 0
    NEAR = 1
    MID = 2
    FAR = 3


@dataclass(frozen=True)
class Species:
    """What a caption calls it, how tall it grows (metres), display colours of its leaves and its bark."""

    name: str
    plural: str
    height: tuple[float, float]
    leaves: tuple[tuple[float, float, float], ...]
    bark: tuple[float, float, float]
    build: Callable[[Generator, Species, Detail], Mesh]
    phrase: str = ""  # "autumn trees"; plural where empty


def _leaf_color(rng: Generator, species: Species) -> Array:
    c = np.array(species.leaves[int(rng.integers(len(species.leaves)))])
    c = np.clip(c * (1 + rng.normal(0, 0.05, 3)) * (1 + rng.normal(0, 0.06)), 0.01, 0.98)
    return np.array(srgb_to_linear((float(c[0]), float(c[1]), float(c[2]))))


# ---------------------------------------------------------------------------------------------- broad crowns
@dataclass(frozen=True)
class Crown:
    """Form of a broadleaf crown in units of the tree's height."""

    bottom: float = 0.28
    width: float = 0.36  # half-width
    widest: float = 0.45  # where, as a share of the crown's height
    clumps: int = 15
    clump: float = 0.145
    trunk: float = 0.026  # radius at the base
    stems: int = 1
    droop: float = 0.0
    airy: float = 1.0  # size of the cores: below one, sky shows through


def _clumps(rng: Generator, crown: Crown, count: int) -> Array:
    """(count, 3) clump centres: a shell of the crown's outline, and a few inside."""
    lean = rng.normal(0, 0.035, 2)
    t = (np.arange(count) + rng.uniform(0.2, 0.8, count)) / count
    az = np.arange(count) * 2.399963 + rng.uniform(0, 6.283) + rng.normal(0, 0.3, count)
    profile = np.where(t < crown.widest, (t / crown.widest) ** 0.6, ((1 - t) / (1 - crown.widest)) ** 0.62)
    r = crown.width * profile * rng.uniform(0.45, 1.0, count) * (1 - 0.5 * crown.clump / crown.width)
    low, high = crown.bottom + 0.6 * crown.clump, 1 - 0.8 * crown.clump
    z = low + (high - low) * t + rng.normal(0, 0.02, count)
    return np.stack([r * np.cos(az) + lean[0] * t, r * np.sin(az) + lean[1] * t, z], 1)


def _wood(rng: Generator, crown: Crown, centers: Array, bark: Array, detail: Detail, *, rings: int = 5) -> list[Mesh]:
    """Trunks and the limbs that reach into the clumps."""
    if detail is Detail.FAR:
        path = np.array([[0, 0, -0.02], [0, 0, crown.bottom + 0.1]])
        return [limb(path, np.array([crown.trunk, crown.trunk * 0.7]) * 1.2, bark, sides=3)]
    sides = {Detail.HERO: 9, Detail.NEAR: 6, Detail.MID: 4}[detail]
    pieces = []
    for stem in range(crown.stems):
        spread = 0.0 if crown.stems == 1 else 0.05
        a = stem * 6.283 / crown.stems + rng.uniform(0, 1)
        foot = np.array([np.cos(a), np.sin(a), 0]) * spread * 0.4
        top = np.array([np.cos(a) * spread * 2 + rng.normal(0, 0.015), np.sin(a) * spread * 2, crown.bottom + 0.22])
        t = np.linspace(0, 1, rings)[:, None]
        path = foot + (top - foot) * t + rng.normal(0, 0.006, (rings, 3)) * (t * (1 - t) * 4)
        path[0, 2] = -0.02
        radii = crown.trunk * (1 - 0.55 * t[:, 0]) / np.sqrt(crown.stems)
        radii[0] *= 1.45
        pieces.append(limb(path, radii, bark, sides=sides, rng=rng))
        if detail <= Detail.NEAR:
            targets = centers[stem :: crown.stems][: 9 if detail is Detail.HERO else 5]
            for c in targets:
                start = path[-2] * 0.6 + path[-1] * 0.4 * rng.uniform(0.6, 1.2)
                middle = (start + c) / 2 + np.array([0, 0, -0.03])
                pieces.append(
                    limb(np.stack([start, middle, c]), crown.trunk * np.array([0.5, 0.34, 0.12]), bark, sides=4)
                )
    return pieces


def _broadleaf(rng: Generator, species: Species, detail: Detail, crown: Crown) -> Mesh:
    count = {Detail.HERO: crown.clumps + 6, Detail.NEAR: crown.clumps, Detail.MID: 6, Detail.FAR: 1}[detail]
    leaves = _leaf_color(rng, species)
    bark = np.array(srgb_to_linear(species.bark))
    if detail is Detail.FAR:
        z = (crown.bottom + 1) / 2
        half = np.array([[crown.width, crown.width, (1 - crown.bottom) / 2]]) * 1.02
        body = lumps(rng, np.array([[0, 0, z]]), half, leaves[None] * 0.72, wobble=0.22)
        return join([body, *_wood(rng, crown, np.zeros((0, 3)), bark, detail)])
    centers = _clumps(rng, crown, count)
    grow = {Detail.HERO: 0.92, Detail.NEAR: 1.0, Detail.MID: 1.5}[detail]
    radii = crown.clump * grow * rng.uniform(0.75, 1.2, count)
    tone = rng.uniform(0.85, 1.15, count)
    heart = np.array([0, 0, (crown.bottom + 1) / 2])
    core_tint = 0.3 if detail is not Detail.MID else 0.5
    cores = lumps(
        rng,
        centers,
        radii * (0.5 if detail < Detail.MID else 0.72) * crown.airy,
        leaves[None] * (core_tint * tone[:, None]),
    )
    number = {Detail.HERO: 2000, Detail.NEAR: 640, Detail.MID: 26}[detail]
    owner = np.arange(number) % count
    out = sphere_points(rng, number)[rng.permutation(number)]
    reach = rng.uniform(0.45, 1.2, number) ** 0.8
    flat = np.array([1.0, 1.0, 0.82])
    at = centers[owner] + out * flat * (radii[owner] * reach)[:, None]
    size = {Detail.HERO: 0.019, Detail.NEAR: 0.031, Detail.MID: 0.11}[detail] * rng.uniform(0.7, 1.35, number)
    outer = np.linalg.norm((at - heart) / [crown.width, crown.width, (1 - crown.bottom) / 2], axis=1)
    light = (0.52 + 0.42 * np.clip(outer, 0, 1.15)) * (0.86 + 0.22 * out[:, 2]) * tone[owner]
    tint = light[:, None] * (1 + rng.normal(0, 0.07, (number, 3))) * rng.uniform(0.85, 1.15, (number, 1))
    normals = unit(out + 0.55 * unit(at - heart))
    foliage = cards(rng, at, normals, size, leaves * tint, droop=crown.droop)
    return join([cores, foliage, *_wood(rng, crown, centers, bark, detail)])


def _oak(rng: Generator, species: Species, detail: Detail) -> Mesh:
    crown = Crown(
        bottom=rng.uniform(0.16, 0.3), width=rng.uniform(0.33, 0.47), widest=rng.uniform(0.35, 0.5), clumps=17,
        clump=rng.uniform(0.13, 0.16), trunk=0.03,
    )  # fmt: skip
    return _broadleaf(rng, species, detail, crown)


def _slender(rng: Generator, species: Species, detail: Detail) -> Mesh:
    """Poplar, cypress: a tall flame."""
    crown = Crown(
        bottom=0.08, width=rng.uniform(0.11, 0.15), widest=0.4, clumps=16, clump=0.085, trunk=0.018,
    )  # fmt: skip
    return _broadleaf(rng, species, detail, crown)


def _birch(rng: Generator, species: Species, detail: Detail) -> Mesh:
    crown = Crown(
        bottom=rng.uniform(0.3, 0.42), width=rng.uniform(0.17, 0.23), widest=0.4, clumps=15, clump=0.09, trunk=0.0145,
        droop=0.9, airy=0.75,
    )  # fmt: skip
    tree = _broadleaf(rng, species, detail, crown)
    if detail > Detail.NEAR:
        return tree
    rings = 26
    t = np.linspace(0, 1, rings)
    path = np.stack([0.012 * np.sin(3 * t + rng.uniform(0, 6)), 0.012 * np.cos(4 * t), -0.02 + 0.78 * t], 1)
    trunk = limb(path, 0.0155 * (1 - 0.7 * t), np.ones(3), sides=7)
    dark = rng.random((rings, 8)) < 0.16 + 0.5 * (t[:, None] < 0.05)
    white = np.array(srgb_to_linear((0.86, 0.85, 0.81)))
    colors = np.where(dark[..., None], 0.04, white).reshape(-1, 3)
    return join([tree, Mesh(trunk.vertices, trunk.faces, normals=trunk.normals, colors=colors)])


def _cherry(rng: Generator, species: Species, detail: Detail) -> Mesh:
    crown = Crown(
        bottom=rng.uniform(0.25, 0.34), width=rng.uniform(0.46, 0.58), widest=0.5, clumps=20, clump=0.135, trunk=0.034,
        stems=int(rng.integers(2, 4)), airy=0.8,
    )  # fmt: skip
    return _broadleaf(rng, species, detail, crown)


def _acacia(rng: Generator, species: Species, detail: Detail) -> Mesh:
    """Flat-topped umbrella crown of the savanna."""
    crown = Crown(bottom=0.66, width=0.62, widest=0.6, clumps=16, clump=0.12, trunk=0.03, stems=2, airy=0.8)
    return _broadleaf(rng, species, detail, crown)


def _bare(rng: Generator, species: Species, detail: Detail) -> Mesh:
    """A leafless tree: branches that fork four times."""
    bark = np.array(srgb_to_linear(species.bark))
    depth = {Detail.HERO: 5, Detail.NEAR: 4, Detail.MID: 3, Detail.FAR: 1}[detail]
    pieces = []
    tips = [(np.array([0, 0, -0.02]), unit(np.array([rng.normal(0, 0.05), rng.normal(0, 0.05), 1.0])), 0.34, 0.03)]
    for level in range(depth + 1):
        grown = []
        for start, way, length, radius in tips:
            bend = unit(way + rng.normal(0, 0.18, 3) + [0, 0, 0.12])
            middle = start + way * length * 0.5
            end = middle + bend * length * 0.5
            sides = 6 if level == 0 else 3
            pieces.append(limb(np.stack([start, middle, end]), radius * np.array([1, 0.82, 0.62]), bark, sides=sides))
            for _ in range(3 if level < 2 else 2):
                away = unit(bend + rng.normal(0, 0.52, 3) + [0, 0, 0.1])
                grown.append((end, away, length * rng.uniform(0.58, 0.78), radius * 0.55))
        tips = grown
    tree = join(pieces)
    return Mesh(tree.vertices / tree.vertices[:, 2].max(), tree.faces, normals=tree.normals, colors=tree.colors)


# ---------------------------------------------------------------------------------------------- conifers
def _boughs(rng: Generator, whorls: int, number: int, *, width: float, bottom: float, jag: float) -> tuple[Array, ...]:
    """Drooping boughs: (n, 3) roots and tips, sideways vectors, and the share of height t of each."""
    t = np.repeat((np.arange(whorls) + 0.2) / whorls, number) + rng.normal(0, 0.3 / whorls, whorls * number)
    t = np.clip(t, 0.0, 0.985)
    az = np.tile(np.arange(number) * 6.283 / number, whorls) + np.repeat(rng.uniform(0, 6.283, whorls), number)
    az = az + rng.normal(0, 0.22, len(az))
    reach = width * (1 - t) ** 0.85 * rng.uniform(1 - jag, 1.0, len(az)) + 0.012
    radial = np.stack([np.cos(az), np.sin(az), 0 * az], 1)
    z = bottom + (0.99 - bottom) * t
    droop = reach * (0.42 - 0.25 * t) + 0.01
    root = np.stack([0 * z, 0 * z, z + 0.035], 1) + radial * 0.01
    tip = root + radial * reach[:, None] - np.array([0, 0, 1.0]) * droop[:, None]
    side = np.stack([-radial[:, 1], radial[:, 0], 0 * z], 1)
    return root, tip, side, t, reach


def _bough_mesh(rng: Generator, boughs: tuple[Array, ...], green: Array, *, number: int, snow: float) -> Mesh:
    """Each bough a roof of two slopes, its tip notched; light at the tips and the top, dark inside."""
    root, tip, side, t, reach = boughs
    n = len(t)
    wide = (reach * 2.6 / np.sqrt(number) * rng.uniform(0.7, 1.1, n))[:, None] * 0.62
    middle = root + (tip - root) * 0.62
    ridge = middle + np.array([0, 0, 1.0]) * (0.10 * reach)[:, None]
    fall = np.array([0, 0, 1.0]) * (0.34 * wide)
    left, right = middle + side * wide - fall, middle - side * wide - fall
    v = np.stack([root, right, ridge, left, tip], 1)
    f = np.array([[0, 1, 2], [0, 2, 3], [1, 4, 2], [2, 4, 3]])
    radial = unit((tip - root) * [1, 1, 0])
    up = np.array([0, 0, 1.0])
    soft = unit(radial * 0.8 + up * 0.75)
    normals = np.stack([soft, unit(soft - side * 0.7), unit(soft + up * 0.4), unit(soft + side * 0.7), soft], 1)
    tone = (0.72 + 0.4 * t)[:, None] * rng.uniform(0.8, 1.2, (n, 1))
    shade = np.array([0.28, 0.9, 0.75, 0.9, 1.25])[None, :, None]
    colors = green * tone[:, None] * shade
    if snow > 0:
        covered = np.clip(rng.normal(snow, 0.25, (n, 1)), 0, 1)[:, None] * np.array([0.5, 0.7, 1.0, 0.7, 0.85])[:, None]
        colors = colors * (1 - covered) + 0.86 * covered
    faces = (f + 5 * np.arange(n)[:, None, None]).reshape(-1, 3)
    return piece(v.reshape(-1, 3), faces, normals.reshape(-1, 3), colors.reshape(-1, 3))


def _spruce(rng: Generator, species: Species, detail: Detail, *, snow: float = 0.0) -> Mesh:
    green, bark = _leaf_color(rng, species), np.array(srgb_to_linear(species.bark))
    whorls, number = {Detail.HERO: (34, 15), Detail.NEAR: (21, 11), Detail.MID: (8, 6), Detail.FAR: (2, 4)}[detail]
    width, bottom = rng.uniform(0.17, 0.24), rng.uniform(0.04, 0.1)
    if detail is Detail.FAR:
        width *= 1.15
    boughs = _boughs(rng, whorls, number, width=width, bottom=bottom, jag=0.42)
    pieces = [_bough_mesh(rng, boughs, green, number=number, snow=snow)]
    if detail <= Detail.NEAR:
        root, tip, _, t, _ = boughs
        k = 320 if detail is Detail.HERO else 160
        pick = rng.integers(0, len(t), k)
        at = root[pick] + (tip - root)[pick] * rng.uniform(0.55, 1.08, (k, 1))
        out = unit((at - [0, 0, 0]) * [1, 1, 0] + [0, 0, 0.08])
        tint = green * rng.uniform(0.7, 1.5, (k, 1)) * (1 - snow) + snow * rng.uniform(0.5, 0.9, (k, 1))
        pieces.append(cards(rng, at, out, rng.uniform(0.012, 0.026, k), tint, droop=0.4))
    if detail <= Detail.MID:
        path = np.array([[0, 0, -0.02], [0, 0, 0.3], [0, 0, 0.96]])
        pieces.append(limb(path, np.array([0.02, 0.013, 0.003]), bark, sides=6 if detail < Detail.MID else 3))
    return join(pieces)


def _snowy_spruce(rng: Generator, species: Species, detail: Detail) -> Mesh:
    return _spruce(rng, species, detail, snow=rng.uniform(0.45, 0.75))


def _pine(rng: Generator, species: Species, detail: Detail) -> Mesh:
    """Scots pine: a long bare orange trunk under flat clouds of needles."""
    crown = Crown(
        bottom=rng.uniform(0.5, 0.62), width=rng.uniform(0.2, 0.27), widest=0.45, clumps=11, clump=0.105, trunk=0.02,
        airy=0.85,
    )  # fmt: skip
    return _broadleaf(rng, species, detail, crown)


# ---------------------------------------------------------------------------------------------- palms
def _palm(rng: Generator, species: Species, detail: Detail) -> Mesh:
    green, bark = _leaf_color(rng, species), np.array(srgb_to_linear(species.bark))
    bend, a = rng.uniform(0.05, 0.28), rng.uniform(0, 6.283)
    m = {Detail.HERO: 16, Detail.NEAR: 10, Detail.MID: 5, Detail.FAR: 3}[detail]
    t = np.linspace(0, 1, m)
    path = np.stack([bend * np.cos(a) * t**1.8, bend * np.sin(a) * t**1.8, 0.80 * t - 0.02], 1)
    radii = 0.024 - 0.010 * t + 0.012 * np.exp(-t * 14) + 0.0015 * (np.arange(m) % 2)
    trunk = limb(path, radii, bark, sides={0: 8, 1: 7, 2: 4, 3: 3}[int(detail)], rng=rng if m > 5 else None)
    fronds, pairs = {Detail.HERO: (20, 22), Detail.NEAR: (16, 14), Detail.MID: (10, 3), Detail.FAR: (6, 1)}[detail]
    s = np.linspace(0.06, 1, pairs + 1)
    pieces = [trunk]
    for k in range(fronds):
        az = k * 2.399963 + rng.normal(0, 0.15)
        lift = rng.uniform(-0.15, 1.15) if k % 3 else rng.uniform(0.9, 1.4)
        length = rng.uniform(0.32, 0.42)
        radial = np.array([np.cos(az), np.sin(az), 0.0])
        x = s * length * np.cos(lift * (1 - s) - 0.5 * s)
        z = length * (np.sin(lift) * s - (0.55 + 0.25 * np.cos(lift)) * s**2)
        rib = path[-1] + radial * x[:, None] + np.array([0, 0, 1.0]) * z[:, None]
        side = np.array([-radial[1], radial[0], 0.0])
        wide = 0.105 * np.sin(np.pi * np.clip(s * 0.92 + 0.08, 0, 1)) ** 0.7 + 0.006
        tone = green * rng.uniform(0.75, 1.25)
        for sign in (-1, 1):
            root, onward = rib[:-1], rib[1:]
            hang = side * (sign * wide[1:, None]) + np.array([0, 0, -0.55]) * wide[1:, None]
            tip = (root + onward) / 2 + hang + (onward - root) * (1.1 if pairs > 3 else 0.3)
            v = np.stack([root, onward, tip] if sign < 0 else [onward, root, tip], 1)
            up = unit(np.array([0, 0, 1.0]) + 0.5 * radial + 0.35 * sign * side)
            shade = tone * np.array([0.6, 0.75, 1.15])[:, None] * np.ones((pairs, 1, 1))
            f = np.arange(3 * pairs).reshape(-1, 3)
            pieces.append(piece(v.reshape(-1, 3), f, np.tile(up, (3 * pairs, 1)), shade.reshape(-1, 3)))
    return join(pieces)


# ---------------------------------------------------------------------------------------------- species
_BROWN, _GREY, _RUST = (0.27, 0.21, 0.16), (0.36, 0.33, 0.30), (0.46, 0.29, 0.19)
# fmt: off
SPECIES: dict[str, Species] = {
    s.name: s
    for s in (
        Species("tree", "green trees", (8, 15),
                ((.28, .38, .17), (.34, .43, .19), (.23, .33, .16), (.39, .46, .22)), _BROWN, _oak),
        Species("autumn tree", "autumn trees", (8, 15),
                ((.80, .42, .10), (.86, .62, .14), (.68, .22, .09), (.75, .52, .16), (.60, .30, .12)), _BROWN, _oak),
        Species("birch", "birch trees", (10, 16),
                ((.42, .54, .18), (.52, .60, .22), (.36, .50, .17)), (.80, .79, .75), _birch),
        Species("golden birch", "golden birch trees", (10, 16),
                ((.90, .70, .15), (.86, .60, .12)), (.80, .79, .75), _birch),
        Species("cherry tree", "blossoming cherry trees", (5, 9),
                ((.95, .70, .78), (.97, .84, .88), (.93, .62, .74)), (.24, .18, .16), _cherry),
        Species("spruce", "fir trees", (11, 22),
                ((.16, .25, .16), (.19, .28, .18), (.14, .23, .18), (.21, .29, .16)), _BROWN, _spruce),
        Species("snowy spruce", "snow-covered fir trees", (9, 19),
                ((.12, .24, .15), (.14, .26, .18)), _BROWN, _snowy_spruce),
        Species("pine", "pine trees", (12, 20), ((.20, .34, .17), (.17, .31, .18)), _RUST, _pine),
        Species("cypress", "cypress trees", (9, 16), ((.13, .25, .12), (.16, .29, .13)), _BROWN, _slender),
        Species("poplar", "poplar trees", (12, 20), ((.34, .47, .17), (.28, .42, .15)), _GREY, _slender),
        Species("acacia", "acacia trees", (5, 9), ((.36, .42, .17), (.30, .38, .15)), _BROWN, _acacia),
        Species("bare tree", "bare trees", (7, 13), ((.3, .25, .2),), _BROWN, _bare),
        Species("palm", "palm trees", (6, 11),
                ((.26, .44, .15), (.33, .48, .16), (.22, .40, .16)), (.47, .39, .29), _palm),
    )
}
# fmt: on


@cache
def tree_mesh(species: str, detail: Detail, shape: int) -> Mesh:
    """The tree's mesh: one unit high on the origin, with normals and vertex colours. Shapes repeat after NUM_SHAPES."""
    kind = SPECIES[species]
    rng = np.random.default_rng([307, sorted(SPECIES).index(species), int(detail), shape % NUM_SHAPES])
    tree = kind.build(rng, kind, detail)
    scale = np.float32(1 / tree.vertices[:, 2].max())
    return Mesh(tree.vertices * scale, tree.faces, normals=tree.normals, colors=tree.colors)
