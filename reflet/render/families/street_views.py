"""Cameras and light for towns: where a photographer would stand, and the hours at which towns look well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from reflet.render.families.street_town import Town
from reflet.render.light import make_light
from reflet.render.placement import gap
from reflet.render.scene import Camera, Light, SceneSpec
from reflet.render.site import disc

KINDS = ("daylight", "morning", "golden hour", "sunset", "overcast", "twilight", "night", "midday", "storm")
SHARES = (0.2, 0.12, 0.13, 0.1, 0.12, 0.13, 0.14, 0.04, 0.02)
WEATHERS = {
    "overcast": (("rain", 0.2), ("fog", 0.14), ("snowfall", 0.1), ("mist", 0.08)),
    "night": (("rain", 0.2), ("fog", 0.1), ("snowfall", 0.06)),
    "twilight": (("rain", 0.12), ("fog", 0.08), ("mist", 0.08)),
    "morning": (("mist", 0.2), ("fog", 0.1)),
}


def street_light(rng: Generator, spec: SceneSpec, *, index: int) -> Light:
    """Light of one view; what the spec asks holds for the first."""
    kind = spec.light if index == 0 and spec.light is not None else str(rng.choice(KINDS, p=SHARES))
    weather = spec.weather
    if weather is None and index == 0:
        draw = rng.random()
        for word, share in WEATHERS.get(kind, ()):
            if draw < share:
                weather = word
                break
            draw -= share
    azimuth = None
    if spec.sun_side is not None:
        azimuth = {"left": -np.pi / 2, "right": np.pi / 2, "behind": 0.0, "front": np.pi}[spec.sun_side]
        azimuth = float(azimuth + rng.uniform(-0.4, 0.4))
    light = make_light(rng, kind=kind, weather=weather, sun_azimuth=azimuth, camera_azimuth=0.0)
    if light.lamps > 0.4:
        light = replace(light, exposure=light.exposure + 0.7)
    if kind in ("night", "moonlight", "neon") and weather is None and rng.random() < 0.35:
        light = replace(light, wet=True, words=(*light.words, "wet ground reflecting the lights"))
    return light


def street_cameras(town: Town, plan: str, rng: Generator, count: int) -> list[Camera]:
    """`count` cameras; the first near the origin, others from other sides, heights and angles."""
    return [_free(town, _camera(town, plan, rng, index), rng) for index in range(count)]


def _camera(town: Town, plan: str, rng: Generator, index: int) -> Camera:
    z = town.eye[2] if index == 0 else float(town.eye[2] * rng.uniform(0.9, 1.3))
    fov = float(rng.uniform(54, 74))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    wide = town.roads[0][1] if town.roads else 4.0
    if plan == "avenue":
        x = (float(rng.uniform(-0.3, 0.3)) if rng.random() < 0.5 else flip * float(rng.uniform(1.02, 1.25))) * wide
        z = max(z, 1.7)
        return Camera(
            (x, -3.0 + 10 * index, z),
            (x * 0.15 + float(rng.normal(0, 1.0)), 60.0, z + float(rng.uniform(0.5, 5.0))),
            fov,
        )
    if plan == "crossing":
        x = flip * float(rng.uniform(0.2, 1.2)) * wide
        return Camera(
            (x, float(rng.uniform(-4, 1)), z),
            (-x * float(rng.uniform(0.6, 1.8)), 30.0, z + float(rng.uniform(0.5, 3.5))),
            fov,
        )
    if plan == "alley":
        x = float(rng.uniform(-0.5, 0.5))
        return Camera(
            (x, float(rng.uniform(-2, 1)) + 4 * index, z),
            (-x * 0.5 + float(rng.normal(0, 0.3)), 20.0, z + float(rng.uniform(0.6, 2.4))),
            fov,
        )
    if plan == "square":
        angle = float(rng.uniform(-0.55, 0.55)) if index == 0 else flip * float(rng.uniform(0.6, 1.1))
        middle = 16.5
        eye = (float(np.sin(angle)) * 17.0, middle - float(np.cos(angle)) * 17.0, z)
        return Camera(eye, (float(rng.uniform(-2, 2)), middle + 4, z + float(rng.uniform(1.0, 3.5))), fov)
    if plan == "canal":
        x = float(rng.uniform(-2.5, 2.5)) if rng.random() < 0.5 else flip * 8.0
        x = float(np.clip(x, -4, 4)) if index == 0 and rng.random() < 0.6 else x
        return Camera((x, -2.0 + 8 * index, max(z, 1.2)), (-x * 0.15, 45.0, z + float(rng.uniform(0.0, 2.5))), fov)
    if plan == "skyline":
        yaw = float(rng.uniform(-0.25, 0.25)) if index == 0 else flip * float(rng.uniform(0.1, 0.35))
        return Camera(
            (0, 0, z),
            (float(np.sin(yaw)) * 300, float(np.cos(yaw)) * 300, z + float(rng.uniform(8, 34))),
            float(rng.uniform(36, 54)),
        )
    if plan == "aerial":
        return Camera(
            (float(rng.uniform(-30, 30)), -46.0, z),
            (float(rng.uniform(-25, 25)), float(rng.uniform(50, 90)), float(rng.uniform(0, 8))),
            float(rng.uniform(45, 62)),
        )
    x = float(rng.uniform(-1.0, 1.0))
    return Camera(
        (x, -2.0 + 7 * index, z), (x * 0.3 + float(rng.normal(0, 1.2)), 40.0, z + float(rng.uniform(0.2, 2.0))), fov
    )


def _free(town: Town, camera: Camera, rng: Generator) -> Camera:
    """Step aside while something stands at the eye or close before it."""
    shift = np.subtract(camera.target, camera.eye)[:2]
    ahead = shift / max(float(np.linalg.norm(shift)), 1e-6)
    best = camera
    for attempt in range(14):
        side = np.array([ahead[1], -ahead[0]]) * (0.0 if attempt == 0 else float(rng.uniform(-1.6, 1.6)))
        eye = np.array(camera.eye[:2]) + side
        spots = [
            disc(float(eye[0]), float(eye[1]), 0.7),
            *(disc(float(eye[0] + ahead[0] * d), float(eye[1] + ahead[1] * d), 0.5) for d in (1.2, 2.4, 3.6)),
        ]
        best = replace(camera, eye=(float(eye[0]), float(eye[1]), camera.eye[2]))
        if camera.eye[2] > 12 or all(gap(spot, other) > 0 for spot in spots for other in town.site.occupied):
            return best
    return best
