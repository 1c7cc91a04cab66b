"""Cameras and light for rooms: eyes a person could have, windows that let the sun in, lamps for the evening."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from reflet.render.cameras import project
from reflet.render.families.interior_plan import WALLS, Room, WallName
from reflet.render.light import make_light
from reflet.render.placement import gap
from reflet.render.scene import Array, Camera, Light, Sky
from reflet.render.site import Site, disc

OUTWARD: dict[WallName, float] = {"left": -np.pi / 2, "back": 0.0, "right": np.pi / 2, "front": np.pi}
SOFT, SUN_SHARE = 6.0, 0.45
DAY_KINDS = ("daylight", "morning", "overcast", "golden hour", "sunset", "midday")
DAY_SHARES = (0.34, 0.2, 0.2, 0.14, 0.08, 0.04)
LAMP_KINDS = ("twilight", "lamplight", "night")


@dataclass(frozen=True, eq=False)
class WindowSky:
    """A sky as it is outside a room: scaled so that its mean towards the windows is 1, its picture a little dimmer.

    Rooms are exposed for their inside; the dimmer picture keeps the sky's colours from burning out, as a
    photographer's bracketing would.
    """

    sky: Sky
    gain: float
    picture: float

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        return self.sky.radiance(directions, background=background) * (
            self.gain * (self.picture if background else 1.0)
        )


def window_level(sky: Sky, azimuths: list[float]) -> float:
    """Mean radiance of the sky above the horizon before windows that look towards `azimuths`; the sun counts little."""
    turn = np.linspace(-1.1, 1.1, 9)
    az = (np.asarray(azimuths or [0.0, np.pi / 2, np.pi, -np.pi / 2])[:, None, None] + turn[None, :, None]).repeat(5, 2)
    el = np.broadcast_to(np.array([0.03, 0.15, 0.35, 0.6, 0.9]), az.shape)
    directions = np.stack([np.sin(az) * np.cos(el), np.cos(az) * np.cos(el), np.sin(el)], -1).reshape(-1, 3)
    values = np.asarray(sky.radiance(directions.astype(np.float32))).mean(axis=1)
    return float(max(np.mean(np.minimum(values, 4 * np.median(values) + 1e-9)), 1e-6))


def room_light(room: Room, rng: Generator, *, kind: str | None, sun_side: str | None, heading: float) -> Light:
    """Light for one view. Day comes through the windows; without windows, or in the evening, the lamps are on."""
    windows: list[WallName] = [name for name in WALLS if room.walls[name].windows]
    if room.alcove is not None:
        windows.append("back")
    open_to_sky = bool(windows or room.skylights)
    if kind is None:
        evening = not open_to_sky or rng.random() < 0.24
        lamp_shares = (0.3, 0.5, 0.2) if open_to_sky else (0.0, 1.0, 0.0)
        kind = str(rng.choice(LAMP_KINDS, p=lamp_shares) if evening else rng.choice(DAY_KINDS, p=DAY_SHARES))
    facing = [OUTWARD[name] for name in windows]
    if room.slope is not None:
        facing.append(OUTWARD["left"])
    azimuth = (
        float(facing[int(rng.integers(len(facing)))] + rng.uniform(-0.8, 0.8))
        if facing
        else float(rng.uniform(0, 6.28))
    )
    if sun_side is not None:
        azimuth = heading + {"left": -np.pi / 2, "right": np.pi / 2, "behind": 0.0, "front": np.pi}[sun_side]
    light = make_light(rng, kind=kind, sun_azimuth=azimuth, indoor=True)
    level = {
        "twilight": 0.10,
        "sunset": 0.6,
        "night": 0.012,
        "moonlight": 0.02,
        "lamplight": 0.02,
        "candlelight": 0.01,
        "neon": 0.02,
        "low-key": 0.02,
    }.get(kind, 1.0)
    sky = WindowSky(light.sky, level / window_level(light.sky, facing), 0.42 if level == 1.0 else 0.8)
    lamps = 1.0 if not open_to_sky else {"twilight": 0.7, "sunset": 0.12}.get(kind, light.lamps)
    return replace(light, sky=sky, lamps=lamps, haze=0.0, weather=None, exposure=0.0)


# ---------------------------------------------------------------------------------------------- cameras
def room_cameras(site: Site, room: Room, rng: Generator, count: int) -> list[Camera]:
    """`count` different good views: inside, at eye height, not blocked, with many things in sight.

    Candidates are drawn around the plan's kind of view; the best is taken, then the best from elsewhere, and so on.
    """
    styles = [room.plan.view, "corner", "frontal", "corner", "along"]
    cameras: list[Camera] = []
    stage = _boxes(site)
    for index in range(count):
        style = styles[index % len(styles)]
        best: tuple[float, Camera] | None = None
        for attempt in range(24):
            camera = _candidate(room, rng, style if attempt < 16 else "frontal")
            if attempt % 2:
                camera = _turned_to(camera, stage, room)
            score = _score(site, room, camera, stage)
            score -= sum(
                1.5 for other in cameras if np.hypot(other.eye[0] - camera.eye[0], other.eye[1] - camera.eye[1]) < 0.7
            )
            if best is None or score > best[0]:
                best = (score, camera)
        assert best is not None
        cameras.append(best[1])
    return cameras


def _turned_to(camera: Camera, stage: tuple[Array, Array, Array], room: Room) -> Camera:
    """The camera turned towards the middle of the named things, large ones counting more; its height kept."""
    low, size, named = stage
    if not named.any():
        return camera
    weight = np.maximum(size[named].max(axis=1), 0.1)
    x, y, _ = ((low + size / 2)[named] * weight[:, None]).sum(axis=0) / weight.sum()
    y = max(float(y), camera.eye[1] + 0.35 * room.depth)
    return replace(camera, target=(float(x), y, camera.eye[2] - 0.12 * (y - camera.eye[1]) * 0.7))


def _candidate(room: Room, rng: Generator, style: str) -> Camera:
    half, depth = room.width / 2, room.depth
    height = float(rng.uniform(1.25, 1.65))
    fov = float(rng.uniform(60, 76))
    near = float(rng.uniform(0.22, 0.6))
    side = 1.0 if room.slope is not None or rng.random() < 0.5 else -1.0
    if style == "frontal":
        x = float(rng.uniform(-0.22, 0.22)) * room.width + (0.12 * room.width if room.slope else 0.0)
        target = (x * 0.5 + float(rng.uniform(-0.2, 0.2)), depth, height - float(rng.uniform(0.15, 0.5)))
        return Camera((x, near, height), target, fov)
    if style == "corner":
        eye = (side * (half - float(rng.uniform(0.35, 0.7))), near, height)
        return Camera(
            eye,
            (-side * half * float(rng.uniform(0.25, 0.7)), depth * 0.92, height - float(rng.uniform(0.15, 0.45))),
            fov,
        )
    eye = (side * (half - float(rng.uniform(0.5, 0.9))), near, height)
    return Camera(
        eye,
        (side * half * float(rng.uniform(-0.1, 0.35)), depth, height - float(rng.uniform(0.1, 0.4))),
        min(fov, 74.0),
    )


def _score(site: Site, room: Room, camera: Camera, stage: tuple[Array, Array, Array]) -> float:
    """Subjects in sight, less what stands too near before the lens; far below zero for an eye inside something."""
    eye = np.asarray(camera.eye)
    around = disc(eye[0], eye[1], 0.28)
    if room.headroom(eye[0]) < eye[2] + 0.25:
        return -50.0
    if any(gap(around, body.footprint) < 0 for body in site.placed if body.support == 0):
        return -40.0
    low, size, named = stage
    near = _near_share(camera, low, low + size)
    return _in_sight(camera, low[named], size[named]) - 14 * near


def _boxes(site: Site) -> tuple[Array, Array, Array]:
    """Lowest corners (N, 3), sizes (N, 3) of all things that stand up, and which of them captions name (N,)."""
    things = [o for o in site.objects if o.name != "rug"]
    size = np.array([o.size for o in things], float).reshape(-1, 3)
    low = np.array([o.position for o in things], float).reshape(-1, 3) - size * [0.5, 0.5, 0.0]
    return low, size, np.array([o.role == "subject" for o in things], bool)


_CUBE = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)


def _in_sight(camera: Camera, low: Array, size: Array) -> float:
    """How well boxes (N, 3) of named things are framed: large in the picture and whole. Half cut ones cost."""
    corners = low[:, None] + _CUBE * size[:, None]
    flat, depth = project(camera, corners.reshape(-1, 3))
    spots, depth = flat.reshape(-1, 8, 2), depth.reshape(-1, 8)
    a, b = spots.min(axis=1), spots.max(axis=1)
    whole = np.maximum(b - a, 1e-6).prod(axis=1)
    seen = np.maximum(np.minimum(b, 1) - np.maximum(a, -1), 0).prod(axis=1)
    worth = (np.minimum(seen / 4 * 9, 1.0) + 0.15) * (seen / whole) ** 1.5
    worth -= 0.8 * ((seen / whole < 0.55) & (seen / 4 > 0.03))
    behind = depth.min(axis=1) < 0.15
    return float(np.where(behind, -0.8 * (depth.max(axis=1) > 0.15), worth).sum())


def _near_share(camera: Camera, low: Array, high: Array) -> float:
    """Share of the picture that a box covers from closer than 1.1 m (slab test, Kay and Kajiya 1986)."""
    if len(low) == 0:
        return 0.0
    u = np.linspace(-0.9, 0.9, 7)
    k = np.tan(np.radians(camera.fov) / 2)
    forward = np.subtract(camera.target, camera.eye)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    grid_u, grid_v = (g.ravel() for g in np.meshgrid(u, u))
    rays = forward + k * (grid_u[:, None] * right + grid_v[:, None] * up)
    rays = np.where(np.abs(rays) < 1e-9, 1e-9, rays)
    eye = np.asarray(camera.eye)
    a, b = (low - eye) / rays[:, None], (high - eye) / rays[:, None]
    enter, leave = np.minimum(a, b).max(-1), np.maximum(a, b).min(-1)
    hit = (enter <= leave) & (leave > 0) & (enter < 1.1)
    return float(hit.any(axis=1).mean())
