"""Styles that divide the plane: pixel art, low-poly facets, stained glass."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial import Delaunay

from reflet.render.scene import Array
from reflet.render.style_canvas import Canvas, smoothstep, vivid

_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47


def pixel_art(canvas: Canvas) -> Array:
    """A coarse grid and a small palette of its own, ordered dither, darker outlines of the things."""
    rng, size = canvas.rng, canvas.size
    grid = int(rng.choice([48, 64, 64, 80]))
    colors = int(rng.choice([10, 16, 24]))
    small = cv2.resize(canvas.color, (grid, grid), interpolation=cv2.INTER_AREA)
    small = np.clip(small + 0.5 * (small - cv2.GaussianBlur(small, (0, 0), 1.2)), 0, 1)
    small = vivid(np.clip((small - 0.5) * 1.12 + 0.5, 0, 1), saturation=1.25)
    index = ((np.arange(grid) + 0.5) * size / grid).astype(int)
    ids = canvas.mask[np.ix_(index, index)]
    rim = np.zeros((grid, grid), bool)
    rim[:-1] |= (ids[1:] != ids[:-1]) & (ids[:-1] > 0)
    rim[:, :-1] |= (ids[:, 1:] != ids[:, :-1]) & (ids[:, :-1] > 0)
    small[rim] *= 0.55
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    palette = _palette(lab, colors, rng)
    dither = float(rng.choice([0.0, 7.0, 11.0]))
    lab = lab + np.tile(_BAYER, (grid // 4, grid // 4)).reshape(-1, 1) * np.array([dither, 0, 0], np.float32)
    nearest = _squared_distance(lab, palette).argmin(1)
    few = cv2.cvtColor(palette[None].astype(np.float32), cv2.COLOR_LAB2RGB)[0]
    cells = np.minimum(np.arange(size) * grid // size, grid - 1)
    return few[nearest].reshape(grid, grid, 3)[np.ix_(cells, cells)]


def low_poly(canvas: Canvas) -> Array:
    """Facets: a Delaunay triangulation of points crowded along true edges, each triangle in one colour."""
    rng, size, unit = canvas.rng, canvas.size, canvas.unit
    detail = np.abs(cv2.Laplacian(cv2.GaussianBlur(canvas.grey, (0, 0), 1.3 * unit), cv2.CV_32F))
    weight = (
        cv2.GaussianBlur(detail / max(float(detail.max()), 1e-4) + 2.2 * canvas.outlines, (0, 0), 0.6 * unit) + 0.010
    )
    chance = np.cumsum(weight.ravel(), dtype=np.float64)
    picks = np.searchsorted(chance, rng.random(700) * chance[-1])
    on_edges = np.stack([picks % size, picks // size], 1).clip(0, size - 1)
    anywhere = rng.integers(0, size, (110, 2))
    side = np.linspace(0, size - 1, 9)
    rim = [np.stack([side, np.full(9, v)], 1) for v in (0, size - 1)] + [
        np.stack([np.full(9, v), side], 1) for v in (0, size - 1)
    ]
    points = np.unique(np.concatenate([on_edges, anywhere, *rim]).astype(np.int32), axis=0)
    triangles = Delaunay(points).simplices
    corners = points[triangles]
    at = (corners[:, :, None, :] * np.array([[4, 1, 1], [1, 4, 1], [1, 1, 4], [2, 2, 2]]).T[None, :, :, None]).sum(
        1
    ) / 6
    at = at.round().astype(int).clip(0, size - 1)
    soft = cv2.GaussianBlur(canvas.color, (0, 0), 1.0 * unit)
    colors = soft[at[..., 1], at[..., 0]].mean(1)
    edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    tilt = np.sin(np.arctan2((edge_a + edge_b)[:, 1], (edge_a + edge_b)[:, 0]) * 3.0)
    colors = (
        vivid(colors[None].astype(np.float32), saturation=1.2)[0]
        * (1 + 0.045 * tilt + rng.normal(0, 0.018, len(tilt)))[:, None]
    )
    sheet = np.zeros((size, size, 3), np.uint8)
    paint = (np.clip(colors, 0, 1) * 255).astype(int).tolist()
    for polygon, tint in zip(corners, paint, strict=True):
        cv2.fillConvexPoly(sheet, polygon, tint)
    return sheet.astype(np.float32) / 255


def _distance_to(lines: Array, unit: float) -> Array:
    """(S, S) distance to the nearest pixel of `lines`, in units; at most the picture's side, also without any line."""
    far = cv2.distanceTransform(1 - lines, cv2.DIST_L2, 5)
    return np.minimum(far, np.float32(len(lines))) / np.float32(unit)


def stained_glass(canvas: Canvas) -> Array:
    """Panes of coloured glass cut along the things' outlines, leaded, lit from behind."""
    rng, size, unit = canvas.rng, canvas.size, canvas.unit
    count = int(rng.integers(8, 12))
    grid = np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
    seeds = ((grid + rng.uniform(0.08, 0.92, grid.shape)) / count * size).astype(int).clip(0, size - 1)
    sheet = np.full((size, size), 255, np.uint8)
    sheet[seeds[:, 1], seeds[:, 0]] = 0
    _, cells = cv2.distanceTransformWithLabels(sheet, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    ids = cv2.medianBlur(canvas.mask.astype(np.uint8), 5)
    far = np.isinf(canvas.depth).astype(np.int64)
    panes = (cells.astype(np.int64) * 256 + ids) * 2 + cv2.medianBlur(far.astype(np.uint8), 5)
    _, index = np.unique(panes, return_inverse=True)
    index = index.reshape(size, size)
    number = np.bincount(index.ravel())
    color = np.stack([np.bincount(index.ravel(), canvas.color[..., k].ravel()) / number for k in range(3)], 1)
    color = vivid(color[None].astype(np.float32), saturation=1.9, value=1.0)[0]
    color = np.clip(0.10 + 1.12 * color, 0, 1) * (1 + rng.normal(0, 0.10, (len(color), 1)))
    border = np.zeros((size, size), np.uint8)
    border[:-1] |= index[1:] != index[:-1]
    border[:, :-1] |= index[:, 1:] != index[:, :-1]
    away = _distance_to(border, unit)
    things = np.zeros((size, size), np.uint8)
    things[:-1] |= ids[1:] != ids[:-1]
    things[:, :-1] |= ids[:, 1:] != ids[:, :-1]
    outline = _distance_to(things, unit)
    lead = np.maximum(smoothstep(1.9, 1.0, away), smoothstep(2.9, 2.0, outline))
    ripple = 0.06 * canvas.noise("pulp") + 0.08 * canvas.noise("stain")
    glow = 0.72 + 0.34 * smoothstep(1.0, 7.0, away) + ripple
    glass = np.clip(color[index] * glow[..., None], 0, 1)
    halo = cv2.GaussianBlur(glass, (0, 0), 4 * unit)
    glass = glass * 0.88 + 0.20 * halo
    metal = 0.07 + 0.10 * smoothstep(1.4, 0.0, away) + 0.015 * canvas.noise("grain")
    return glass * (1 - lead[..., None]) + (lead * metal)[..., None] * np.array([0.95, 1.0, 1.05], np.float32)


def _palette(lab: Array, count: int, rng: Generator) -> Array:
    """k-means in Lab from distinct starting colours; (count, 3)."""
    centres = lab[rng.integers(len(lab))][None]
    for _ in range(count - 1):  # farthest first keeps small bright things in the palette
        distance = _squared_distance(lab, centres).min(1)
        centres = np.concatenate([centres, lab[int(distance.argmax())][None]])
    for _ in range(6):
        nearest = _squared_distance(lab, centres).argmin(1)
        number = np.maximum(np.bincount(nearest, minlength=count), 1)
        moved = np.stack([np.bincount(nearest, lab[:, k], minlength=count) / number for k in range(3)], 1)
        used = np.bincount(nearest, minlength=count)[:, None] > 0
        centres = np.where(used, moved, centres).astype(np.float32)
    return centres


def _squared_distance(points: Array, centres: Array) -> Array:
    return (points**2).sum(1, keepdims=True) - 2 * points @ centres.T + (centres**2).sum(1)
