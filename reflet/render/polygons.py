"""Flat outlines: winding, offset inwards, triangles, and a few standard ones."""

from __future__ import annotations

import numpy as np

from reflet.render.scene import Array


def area(polygon: Array) -> float:
    """Signed area of (N, 2); positive when counter-clockwise."""
    x, y = polygon.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def oriented(polygon: Array) -> Array:
    """The same outline counter-clockwise, without repeated neighbours."""
    polygon = polygon[np.linalg.norm(polygon - np.roll(polygon, 1, axis=0), axis=1) > 1e-9]
    return polygon if area(polygon) > 0 else polygon[::-1]


def inset(polygon: Array, distance: float) -> Array:
    """Every vertex moved inwards along its mitre (limited to 2.5 distances); for small offsets."""
    edge = np.roll(polygon, -1, axis=0) - polygon
    edge /= np.linalg.norm(edge, axis=1, keepdims=True)
    after = np.stack([-edge[:, 1], edge[:, 0]], axis=1)
    before = np.roll(after, 1, axis=0)
    middle = before + after
    length = np.linalg.norm(middle, axis=1, keepdims=True)
    middle = np.where(length > 1e-6, middle / np.maximum(length, 1e-6), after)
    stretch = 1 / np.maximum(np.einsum("ij,ij->i", middle, after), 0.4)
    return polygon + middle * (distance * stretch)[:, None]


def triangulate(polygon: Array) -> Array:
    """Triangles (N - 2, 3) of a simple counter-clockwise polygon, by clipping ears (Meisters 1975)."""
    remaining = list(range(len(polygon)))
    triangles = []
    while len(remaining) > 3:
        ring = np.array(remaining)
        a, b, c = polygon[np.roll(ring, 1)], polygon[ring], polygon[np.roll(ring, -1)]
        turn = _cross(b - a, c - b)
        convex = turn > 1e-14
        reflex = polygon[ring[~convex]]
        sharpness = turn / np.maximum(np.linalg.norm(c - a, axis=1) ** 2, 1e-12)
        for k in np.argsort(np.where(convex, -sharpness, np.inf), kind="stable"):
            if not convex[k] or not _covers_any(a[k], b[k], c[k], reflex):
                break
        triangles.append([ring[k - 1], ring[k], ring[(k + 1) % len(ring)]])
        remaining.pop(int(k))
    triangles.append(remaining)
    return np.array(triangles)


def _cross(a: Array, b: Array) -> Array:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _covers_any(a: Array, b: Array, c: Array, points: Array) -> bool:
    corner = ((points == a) | (points == b) | (points == c)).all(axis=1)
    inside = (_cross(b - a, points - a) >= 0) & (_cross(c - b, points - b) >= 0) & (_cross(a - c, points - c) >= 0)
    return bool((inside & ~corner).any())


def star(points: int, outer: float, inner: float) -> Array:
    """A star polygon (2 * points, 2) with one tip up."""
    angle = np.pi / 2 + np.arange(2 * points) * np.pi / points
    radius = np.where(np.arange(2 * points) % 2, inner, outer)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def regular(sides: int, radius: float, *, turn: float = 0.0) -> Array:
    """A regular polygon (sides, 2)."""
    angle = turn + np.arange(sides) * 2 * np.pi / sides
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def rounded_rectangle(width: float, height: float, radius: float, *, steps: int = 4) -> Array:
    """A rectangle centred on the origin with round corners."""
    radius = min(radius, 0.499 * min(width, height))
    angle = np.linspace(0, np.pi / 2, steps + 1)
    corners = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        turn = angle + k * np.pi / 2
        center = np.array([sx * (width / 2 - radius), sy * (height / 2 - radius)])
        corners.append(center + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1))
    return np.concatenate(corners)
