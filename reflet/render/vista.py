"""What lies behind outdoor things: plain ground to the horizon, ridges, a wood's edge, water. Cheap, seen from afar.

Everything is diffuse with vertex colours; distances are in metres and scaled to the stage's world units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.scene import RGB, Array, Mesh, Part, Surface, SurfaceKind
from reflet.render.trees import Detail, tree_mesh

_CARRIER = Surface(kind=SurfaceKind.DIFFUSE, base_color=(1.0, 1.0, 1.0))


@dataclass(frozen=True)
class Vista:
    """A kind of far scenery. Colours are linear; `trees` are species with how many; `water` puts a sea behind."""

    environment: str
    phrase: str
    ground: RGB
    ridges: tuple[RGB, ...] = ()
    ridge_height: float = 20.0  # metres, for the nearest ridge
    species: tuple[str, ...] = ()
    num_trees: int = 0
    water: bool = False
    jagged: float = 1.6  # spectral slope of the ridge line: lower is rougher


def _vistas() -> tuple[Vista, ...]:
    leaf, far_leaf, mist = (0.05, 0.11, 0.03), (0.10, 0.17, 0.13), (0.20, 0.25, 0.26)
    dark, rock, blue = (0.05, 0.09, 0.04), (0.18, 0.19, 0.21), (0.32, 0.36, 0.44)
    lawn, snow = (0.09, 0.20, 0.03), ((0.62, 0.67, 0.74), (0.66, 0.71, 0.80))
    red, pale = (0.48, 0.28, 0.14), (0.50, 0.34, 0.24)
    return (
        Vista("meadow", "a meadow", (0.10, 0.20, 0.035), (leaf, far_leaf), 9, ("tree", "birch"), 26),
        Vista("garden", "a garden", lawn, (leaf,), 5, ("tree", "cherry tree", "spruce"), 34),
        Vista("park", "a park", lawn, (leaf,), 6, ("tree", "birch"), 34),
        Vista("field", "fields", (0.36, 0.28, 0.09), (leaf, far_leaf), 8, ("tree",), 8),
        Vista("forest", "a forest", (0.09, 0.09, 0.035), ((0.02, 0.05, 0.02),), 10, ("spruce", "tree", "pine"), 60),
        Vista("hills", "hills", (0.13, 0.20, 0.05), (leaf, far_leaf, mist), 22, ("tree",), 8),
        Vista("mountains", "mountains", (0.12, 0.17, 0.06), (dark, rock, blue), 42, ("spruce",), 14, jagged=1.9),
        Vista("desert", "a desert", (0.55, 0.36, 0.18), (red, pale), 12),
        Vista("sea", "the sea", (0.05, 0.13, 0.17), ((0.16, 0.21, 0.25),), 6, water=True),
        Vista("beach", "the sea", (0.04, 0.15, 0.19), (), 0, ("palm",), 3, water=True),
        Vista("lake", "a lake", (0.05, 0.10, 0.13), (dark, far_leaf), 16, ("spruce",), 12, water=True),
        Vista("snowy landscape", "snowy hills", (0.82, 0.85, 0.90), snow, 18, ("snowy spruce",), 18),
    )


VISTAS: dict[str, Vista] = {vista.environment: vista for vista in _vistas()}


def _ridge_line(rng: Generator, columns: int, slope: float) -> Array:
    """(columns,) periodic noise in 0..1 with a power-law spectrum."""
    frequency = np.arange(columns // 2 + 1, dtype=float)
    amplitude = np.zeros_like(frequency)
    amplitude[2:] = frequency[2:] ** -slope
    phase = rng.uniform(0, 2 * np.pi, len(frequency))
    line = np.fft.irfft(amplitude * np.exp(1j * phase), columns)
    return (line - line.min()) / max(float(np.ptp(line)), 1e-9)


def _ridge(rng: Generator, *, distance: float, height: float, foot: float, color: RGB, slope: float) -> Mesh:
    """A range of hills all around: three rings that lean away, so that the sun shapes them."""
    columns = 144
    azimuth = np.arange(columns) * (2 * np.pi / columns)
    line = 0.35 + 0.65 * _ridge_line(rng, columns, slope)
    rows = []
    for share, out in ((0.0, 0.0), (0.55, 0.10), (1.0, 0.22)):
        wobble = 1 + 0.035 * (_ridge_line(rng, columns, 1.2) - 0.5)
        r = distance * (1 + out) * wobble
        rows.append(np.stack([r * np.sin(azimuth), r * np.cos(azimuth), foot + share * height * line], axis=1))
    points = np.concatenate(rows)
    i = np.arange(columns)
    j = (i + 1) % columns
    faces = np.concatenate(
        [
            np.concatenate([np.stack([a + i, a + j, b + j], 1), np.stack([a + i, b + j, b + i], 1)])
            for a, b in ((0, columns), (columns, 2 * columns))
        ]
    )
    shade = np.repeat(1 + 0.12 * rng.standard_normal((len(points), 1)), 3, axis=1)
    return Mesh(points, faces, np.zeros((len(points), 2)), None, np.clip(np.array(color) * shade, 0, 1))


def vista_parts(
    rng: Generator, vista: Vista, *, scale: float, level: float, near: float = 18.0, ground: RGB | None = None
) -> list[Part]:
    """The far scenery round the origin, its ground at z = `level`, trees no nearer than `near` metres.

    `scale`: world units in a metre; `ground`: colour of the land, where it shall go on from something near. About
    3,000 triangles.
    """
    parts = []
    far = 900.0 * scale
    flat = np.array([[-far, -far, level], [far, -far, level], [far, far, level], [-far, far, level]])
    quad = Mesh(flat, np.array([[0, 1, 2], [0, 2, 3]]), flat[:, :2].copy())
    if vista.water:
        ripples = materials.ground(rng, "shallow water", unit=1 / (9.0 * scale)).surface
        surface = replace(ripples, base_color=vista.ground, roughness=0.1)
    else:
        surface = Surface(kind=SurfaceKind.DIFFUSE, base_color=ground or vista.ground)
    parts.append(Part(quad, surface))
    for k, color in enumerate(vista.ridges):
        distance = 110.0 * 1.9**k * float(rng.uniform(0.85, 1.25)) * scale
        height = vista.ridge_height * 1.55**k * float(rng.uniform(0.7, 1.3)) * scale
        mesh = _ridge(rng, distance=distance, height=height, foot=level - 0.5 * scale, color=color, slope=vista.jagged)
        parts.append(Part(mesh, _CARRIER))
    if vista.num_trees:
        parts.append(Part(_trees(rng, vista, scale=scale, level=level, near=near), _CARRIER))
    return parts


def _trees(rng: Generator, vista: Vista, *, scale: float, level: float, near: float) -> Mesh:
    vertices, faces, normals, colors = [], [], [], []
    start = 0
    for _ in range(vista.num_trees):
        species = vista.species[int(rng.integers(len(vista.species)))]
        tree = tree_mesh(species, Detail.MID, int(rng.integers(4)))
        height = rng.uniform(6, 13) * scale
        azimuth = rng.normal(0, 1.3)
        distance = near * rng.uniform(1.0, 4.2) * scale
        if vista.water:
            distance = max(distance, 70 * scale)
        turn = rng.uniform(0, 2 * np.pi)
        c, s = np.cos(turn), np.sin(turn)
        spin = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        where = np.array([distance * np.sin(azimuth), distance * np.cos(azimuth), level])
        vertices.append(np.asarray(tree.vertices) @ spin.T * height + where)
        faces.append(np.asarray(tree.faces) + start)
        normals.append(np.asarray(tree.normals) @ spin.T)
        colors.append(np.asarray(tree.colors) * rng.uniform(0.8, 1.2))
        start += len(tree.vertices)
    return Mesh(
        np.concatenate(vertices),
        np.concatenate(faces),
        np.zeros((start, 2)),
        np.concatenate(normals),
        np.clip(np.concatenate(colors), 0, 1),
    )
