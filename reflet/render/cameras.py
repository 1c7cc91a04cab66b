"""Cameras that see their subjects: framing by projection, shots in the photographer's words, and who hides whom.

The first camera of an object scene looks along +y (azimuth 0), so left and right of the picture are -x and +x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator

from reflet.render.placement import Placed
from reflet.render.scene import Array, Camera
from reflet.render.vocabulary import CAMERAS

_RASTER = 96  # pixels a side of the visibility test
_FILM = 36.0  # millimetres: width of the frame that focal lengths refer to


@dataclass(frozen=True)
class Shot:
    """How a camera stands to its subjects. Angles in radians, `fov` in degrees.

    `fill`: share of the frame that the subjects' box takes along its larger side. `offset`: where the box's centre
    lies, in half frames from the middle. `blur`: diameter of an infinitely far point's blur, in frame widths.
    """

    elevation: float
    fov: float
    fill: float
    azimuth: float = 0.0
    offset: tuple[float, float] = (0.0, 0.0)
    blur: float = 0.0
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reach:
    """Where a camera may stand around a stage: limits of elevation and azimuth, radians."""

    lowest: float = np.radians(4.0)
    highest: float = np.radians(80.0)
    around: float = np.pi  # azimuth to either side of 0
    clearance: float = 0.05  # least height of the eye above the ground
    horizon: bool = False  # the horizon must be well inside the picture


def fov_of_focal_length(millimetres: float) -> float:
    """Horizontal angle in degrees of a lens on 36 mm film."""
    return float(np.degrees(2 * np.arctan(_FILM / 2 / millimetres)))


def axes(camera: Camera) -> Array:
    """(3, 3): the camera's right, up and forward directions as rows."""
    x, y, z = (t - e for t, e in zip(camera.target, camera.eye, strict=True))
    level, whole = max(float(np.hypot(x, y)), 1e-9), float(np.sqrt(x * x + y * y + z * z))
    fx, fy, fz = x / whole, y / whole, z / whole
    rx, ry = y / level, -x / level  # forward x up, level
    return np.array([[rx, ry, 0.0], [ry * fz, -rx * fz, rx * fy - ry * fx], [fx, fy, fz]])


def project(camera: Camera, points: Array) -> tuple[Array, Array]:
    """(N, 3) world -> (N, 2) picture (x to the right, y up, -1..1 inside the frame) and (N,) depth along the axis."""
    local = (points - np.asarray(camera.eye)) @ axes(camera).T
    depth = np.maximum(local[:, 2], 1e-6)
    return local[:, :2] / depth[:, None] / np.tan(np.radians(camera.fov) / 2), local[:, 2]


def frame(points: Array, shot: Shot, *, reach: Reach | None = None) -> Camera:
    """The camera that sees `points` (N, 3) as `shot` says, found by a few steps of projecting and correcting."""
    reach = reach or Reach()
    e, a = shot.elevation, shot.azimuth
    back = -np.array([np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), -np.sin(e)])
    low, high = points.min(axis=0), points.max(axis=0)
    target = (low + high) / 2
    half = float(np.linalg.norm(high - low)) / 2
    tangent = float(np.tan(np.radians(shot.fov) / 2))
    distance = half / tangent / shot.fill + half
    camera = Camera(eye=(0, 0, 0), target=(0, 1, 0), fov=shot.fov, words=shot.words)
    for _ in range(7):
        eye = target + back * distance
        camera.eye, camera.target = _tuple(eye), _tuple(target)
        flat, depth = project(camera, points)
        lower, upper = flat.min(axis=0), flat.max(axis=0)
        share = float((upper - lower).max()) / 2
        distance = max(distance * (0.15 + 0.85 * share / shot.fill), half * 1.02 + 1e-3)
        middle = (lower + upper) / 2 - np.asarray(shot.offset)
        shift = middle * tangent * float(np.median(depth))
        right, up, _ = axes(camera)
        target = target + right * shift[0] + up * shift[1]
    eye = target + back * distance
    eye[2] = max(eye[2], reach.clearance)
    camera.eye, camera.target = _tuple(eye), _tuple(target)
    center = (low + high) / 2
    camera.focus_distance = float(max((center - eye) @ axes(camera)[2], 1e-3))
    camera.aperture = _aperture(camera, points, shot.blur)
    camera.words = tuple(word for word in shot.words if _holds(word, camera))
    return camera


def _holds(word: str, camera: Camera) -> bool:
    """Whether a camera word is still true after the stage and the subjects had their say."""
    elevation = float(np.degrees(np.arcsin(np.clip(-axes(camera)[2, 2], -1, 1))))
    blur = camera.aperture / (camera.focus_distance * float(np.tan(np.radians(camera.fov) / 2)))
    return {
        "eye level": 3 < elevation < 20,
        "low angle": elevation < 9,
        "high angle": elevation > 31,
        "top-down": elevation > 66,
        "shallow depth of field": blur > 0.025,
    }.get(word, True)


def _tuple(vector: Array) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in vector)
    return x, y, z


def _aperture(camera: Camera, points: Array, blur: float) -> float:
    """Lens radius for the wished background blur, kept small enough that every subject stays recognisable."""
    if blur <= 0:
        return 0.0
    _, depth = project(camera, points)
    spread = np.abs(depth - camera.focus_distance) / np.maximum(depth, 1e-3)
    blur = min(blur, 0.02 / max(float(spread.max()), 1e-3))
    return blur * camera.focus_distance * float(np.tan(np.radians(camera.fov) / 2))


def in_frame(camera: Camera, points: Array, *, margin: float = 0.02) -> bool:
    """Whether all points fall inside the picture, `margin` (of its width) from the edge."""
    flat, depth = project(camera, points)
    return bool(np.all(depth > 0) and np.all(np.abs(flat) < 1 - 2 * margin))


def visible_shares(camera: Camera, placed: Sequence[Placed]) -> Array:
    """(N,) share of each body's silhouette that the others leave visible, by painting convex hulls far to near."""
    depths, hulls = {}, []
    for body in placed:
        flat, depth = project(camera, body.points)
        depths[body.object_id] = float(np.median(depth))
        pixels = np.round((flat * (0.5, -0.5) + 0.5) * _RASTER * 16).astype(np.int32)
        hulls.append(cv2.convexHull(np.clip(pixels, -(1 << 20), 1 << 20)))
    carriers = {body.object_id: body.support for body in placed}

    def order(i: int) -> tuple[float, int, float]:
        """Far to near by what stands on the ground; then what it carries, level by level."""
        root, level = placed[i].object_id, 0
        while carriers.get(root, 0) in depths:
            root, level = carriers[root], level + 1
        return -depths[root], level, -depths[placed[i].object_id]

    own = np.zeros(len(placed))
    canvas = np.zeros((_RASTER, _RASTER), np.uint8)
    alone = np.zeros_like(canvas)
    for i in sorted(range(len(placed)), key=order):
        cv2.fillConvexPoly(canvas, hulls[i], int(i) + 1, shift=4)
        alone[:] = 0
        cv2.fillConvexPoly(alone, hulls[i], 1, shift=4)
        own[i] = alone.sum()
    left = np.bincount(canvas.ravel(), minlength=len(placed) + 1)[1 : len(placed) + 1]
    return left / np.maximum(own, 1)


def share_over(camera: Camera, body: Placed, carrier: Placed) -> float:
    """Share of a body's outermost points that the vessel around it leaves visible, by Moller and Trumbore's test."""
    eye = np.asarray(camera.eye)
    center = np.add(body.position, (0.0, 0.0, body.height / 2))
    start = (center + 0.94 * (body.points - center))[::3]  # the skin itself touches the vessel
    toward = eye - start
    corners = np.concatenate([part.mesh.vertices[part.mesh.faces] for part in carrier.parts])
    corners = corners[corners[..., 2].max(axis=1) > body.position[2]]
    edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p = np.cross(toward[:, None], edge_b[None])
    determinant = np.einsum("fj,nfj->nf", edge_a, p)
    inverse = 1 / np.where(np.abs(determinant) < 1e-12, 1e-12, determinant)
    offset = start[:, None] - corners[None, :, 0]
    u = np.einsum("nfj,nfj->nf", offset, p) * inverse
    q = np.cross(offset, edge_a[None])
    v = np.einsum("nj,nfj->nf", toward, q) * inverse
    t = np.einsum("fj,nfj->nf", edge_b, q) * inverse
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (t < 1)
    return float(1 - hit.any(axis=1).mean())


# ---------------------------------------------------------------------------------------------- shots
_ELEVATIONS = {  # degrees
    "eye level": (7.0, 17.0),
    "low angle": (2.0, 6.5),
    "high angle": (36.0, 56.0),
    "top-down": (72.0, 86.0),
    "close-up": (8.0, 34.0),
    "wide shot": (9.0, 34.0),
    "shallow depth of field": (7.0, 24.0),
}
_PLAIN = (13.0, 36.0)  # the everyday view, which nobody names


def sample_shot(rng: Generator, *, word: str | None, count: int, reach: Reach) -> Shot:
    """A shot for `count` subjects: `word` of vocabulary.CAMERAS, or None for whatever suits the stage.

    Raises:
        ValueError: an unknown camera word.
    """
    if word is None:
        word = _spontaneous(rng, count, reach)
    elif word not in _ELEVATIONS:
        raise ValueError(f"unknown camera {word!r}; it can be: {', '.join(_ELEVATIONS)}")
    low, high = np.radians(_ELEVATIONS[word] if word else _PLAIN)
    low, high = max(low, reach.lowest), min(high, reach.highest)
    elevation = (
        float(rng.uniform(low, max(high, low))) if low < high else float(np.clip(low, reach.lowest, reach.highest))
    )
    focal = {"close-up": (50, 90), "wide shot": (28, 42), "top-down": (40, 70)}.get(word or "", (32, 85))
    if word == "close-up":
        fill = rng.uniform(0.86, 1.0) if count == 1 else rng.uniform(0.84, 0.92)
    elif word == "wide shot":
        fill = rng.uniform(0.26, 0.36) if count == 1 else rng.uniform(0.34, 0.5)
    else:
        fill = rng.uniform(0.44, 0.75) if count == 1 else rng.uniform(0.58, 0.86)
    words = (word,) if word else ()
    if elevation > np.radians(55):  # stages seen from above only
        words = ("top-down",) if elevation > np.radians(68) else ("high angle",)
    blurred = word in {"shallow depth of field", "close-up"} or rng.random() < 0.3
    blur = rng.uniform(0.045, 0.1) if word == "shallow depth of field" else rng.uniform(0.012, 0.035)
    slack = max(0.9 - fill, 0.0)
    offset = (
        float(np.clip(rng.normal(0, 0.4), -0.8, 0.8)) * slack,
        float(np.clip(rng.normal(-0.2, 0.3), -0.8, 0.6)) * slack,
    )
    fov = fov_of_focal_length(float(rng.uniform(*focal)))
    return Shot(
        elevation=lowered(elevation, fov, reach),
        fov=fov,
        fill=float(fill),
        offset=offset,
        blur=float(blur) if blurred else 0.0,
        words=words,
    )  # fmt: skip


def lowered(elevation: float, fov: float, reach: Reach) -> float:
    """The elevation, or what is left of it where the horizon must stand in the upper part of the picture."""
    if not reach.horizon:
        return elevation
    return min(elevation, float(np.arctan(0.68 * np.tan(np.radians(fov) / 2))))


def _spontaneous(rng: Generator, count: int, reach: Reach) -> str | None:
    """A word that came about by itself; half the pictures have none."""
    words = (None, *CAMERAS)
    weights = np.array([0.50, 0.10, 0.07, 0.08, 0.06, 0.06, 0.04, 0.09])
    if reach.horizon or reach.highest < np.radians(70):
        weights[4] = 0
    if reach.horizon or reach.highest < np.radians(40):
        weights[3] = 0
    if reach.lowest > np.radians(7):
        weights[2] = 0
    if count > 3:
        weights[7] = weights[2] = 0  # rows behind one another would blur or hide
        weights[5] *= 0.3
    return words[int(rng.choice(len(words), p=weights / weights.sum()))]


def orbit(rng: Generator, shot: Shot, *, reach: Reach, index: int) -> Shot:
    """Another shot of the same stage for view `index` >= 1: from another side and height, with another lens."""
    width = min(reach.around, np.radians(75))
    side = 1.0 if index % 2 else -1.0
    azimuth = side * float(rng.uniform(0.35, 1.0)) * width
    low, high = max(reach.lowest, np.radians(10)), min(reach.highest, np.radians(48))
    fill = float(np.clip(shot.fill * rng.uniform(0.85, 1.1), 0.3, 0.84))
    fov = fov_of_focal_length(float(rng.uniform(32, 75)))
    return replace(
        shot,
        azimuth=azimuth,
        elevation=lowered(float(rng.uniform(min(low, high), high)), fov, reach),
        fov=fov,
        fill=fill,
        offset=(0.0, 0.0),
        words=(),
    )  # fmt: skip
