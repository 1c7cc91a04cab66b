"""Landscapes: mountains, deserts, seas, lakes, forests, meadows, fields, snow. One function a layout.

`spec.layout` is one of LAYOUTS; else `spec.environment` chooses among the layouts of that environment. The first
view is the composed one; the others look from a few steps away, at another time of day unless a light is asked for.
`spec.subjects` stand in the foreground at their real size. `spec.fields`: none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from reflet.render.families import landscape_coast as coast
from reflet.render.families import landscape_growth as growth
from reflet.render.families import landscape_highland as highland
from reflet.render.families import landscape_shore as shore
from reflet.render.families.landscape_items import LANDMARKS
from reflet.render.families.landscape_stage import HALF_ANGLE, Land, pick
from reflet.render.light import make_light
from reflet.render.scene import Camera, Light, Scene, SceneSpec, View
from reflet.render.staging import NUM_LANDS, settled


@dataclass(frozen=True)
class Layout:
    """How often a layout comes, what builds it, and its environment in the vocabulary."""

    build: Callable[[Land], None]
    environment: str
    weight: float = 1.0


CATALOGUE: dict[str, Layout] = {
    "mountains": Layout(highland.mountains, "mountains", 1.6),
    "alpine meadow": Layout(highland.alpine_meadow, "mountains", 1.3),
    "sand dunes": Layout(highland.dunes, "desert", 1.1),
    "canyon": Layout(highland.canyon, "canyon", 1.0),
    "rolling hills": Layout(highland.hills, "hills", 1.2),
    "winter": Layout(highland.winter, "snowy landscape", 1.3),
    "open sea": Layout(shore.open_sea, "sea", 1.2),
    "beach": Layout(shore.beach, "beach", 1.6),
    "lake": Layout(shore.lake, "lake", 1.6),
    "river": Layout(coast.river, "river", 1.3),
    "islands": Layout(coast.islands, "islands", 1.1),
    "cliffs": Layout(coast.cliffs, "sea", 1.1),
    "forest": Layout(growth.forest, "forest", 1.5),
    "forest edge": Layout(growth.forest_edge, "forest", 1.2),
    "flower meadow": Layout(growth.meadow, "meadow", 1.3),
    "lone tree": Layout(growth.lone_tree, "meadow", 1.0),
    "cherry blossom": Layout(growth.blossom, "garden", 0.9),
    "field": Layout(growth.field, "field", 1.2),
    "savanna": Layout(growth.savanna, "field", 0.5),
}
LAYOUTS: tuple[str, ...] = tuple(CATALOGUE)

LIGHTS = {
    "midday": 0.8, "daylight": 2.2, "morning": 1.6, "golden hour": 2.2, "sunset": 1.8, "twilight": 0.8, "overcast": 1.0,
    "storm": 0.5, "night": 0.35, "moonlight": 0.6,
}  # fmt: skip
# Azimuth of the sun for a camera that looks along azimuth 0; "behind" shines towards the camera.
_SIDES = {"left": -np.pi / 2, "right": np.pi / 2, "front": np.pi, "behind": 0.0}


def build(spec: SceneSpec, rng: Generator, library: object) -> Scene:
    """A landscape scene with `spec.num_views` views. Raises ValueError for an unknown layout or subject."""
    name = _choose_layout(spec, rng)
    chance = settled(rng, f"land {name}", spec.staging, futures=NUM_LANDS)
    land = Land(rng=chance, spec=spec, items={**LANDMARKS, **getattr(library, "items", {})})
    CATALOGUE[name].build(land)
    return Scene(
        family="landscape",
        layout=name,
        parts=land.parts,
        objects=land.objects,
        views=make_views(land, rng),
        place=land.place,
        environment=land.environment,
        surface=None,
        details=tuple(land.details),
        facts=dict(land.facts),
    )


def _choose_layout(spec: SceneSpec, rng: Generator) -> str:
    if spec.layout is not None:
        if spec.layout not in CATALOGUE:
            raise ValueError(f"unknown landscape {spec.layout!r}; use one of {', '.join(LAYOUTS)}")
        return spec.layout
    fitting = [n for n in LAYOUTS if spec.environment in (None, CATALOGUE[n].environment)]
    if not fitting:
        raise ValueError(f"no landscape shows {spec.environment!r}; leave the environment open")
    return pick(rng, fitting, [CATALOGUE[n].weight for n in fitting])


# ---------------------------------------------------------------------------------------------- views
def make_views(land: Land, rng: Generator) -> list[View]:
    """The composed view, then others from nearby in other light, which `rng` chooses."""
    spec = land.spec
    views, used = [], set()
    for index in range(max(1, spec.num_views)):
        camera, heading = _camera(land, index)
        word = spec.light
        if word is None:
            left = {k: w for k, w in LIGHTS.items() if k not in used}
            word = pick(rng, list(left), list(left.values()))
            used.add(word)
        light = _light(land, rng, word, heading, first=index == 0)
        views.append(View(camera, light, spec.style or "photograph", samples=land.samples, max_depth=4))
    return views


def _light(land: Land, rng: Generator, word: str, heading: float, *, first: bool) -> Light:
    spec = land.spec
    side = spec.sun_side if first else None
    if side is None:
        toward = {"sunset": 0.5, "golden hour": 0.22, "twilight": 0.5, "moonlight": 0.45, "morning": 0.12}.get(
            word, 0.0
        )
        side = "behind" if rng.random() < toward else pick(rng, ("left", "right", "front"), (0.42, 0.42, 0.16))
    azimuth = heading + _SIDES[side] + float(np.clip(rng.normal(0, 0.5), -1, 1)) * 0.42
    weather = (spec.weather or _weather(land, rng, word)) if first else None
    light = make_light(rng, kind=word, weather=weather, sun_azimuth=azimuth)
    words = light.words
    shining = light.sun_azimuth is not None and (light.sun_elevation or 0.0) < np.radians(58)
    if side in ("left", "right") and shining:
        words = (*words, f"light from the {side}")
    elif side == "behind" and shining and word != "twilight":
        words = (*words, "backlit")
    thin = land.weather_reach if light.weather in ("fog", "mist", "snowfall", "rain") else 1.0
    return replace(light, words=words, haze=light.haze * thin)


def _weather(land: Land, rng: Generator, word: str) -> str | None:
    """Weather that suits a light, now and then."""
    chance = {"overcast": 0.45, "morning": 0.3, "storm": 0.35, "daylight": 0.08, "twilight": 0.08}.get(word, 0.0)
    if rng.random() >= chance:
        return None
    if word == "overcast":
        options = ("snowfall", "snowfall", "mist") if land.snowy else ("fog", "mist", "rain")
        return pick(rng, options)
    return "mist" if word != "storm" else "snowfall" if land.snowy else "rain"


def _camera(land: Land, index: int) -> tuple[Camera, float]:
    """Camera `index` and the azimuth it looks along; all stand over ground and keep the ground's edges out of sight."""
    rng = land.rng
    fov = float(rng.uniform(*land.fov))
    aside, above = land.roam
    eye = land.eye.copy()
    heading = 0.0
    if index:
        heading = float(rng.uniform(-0.13, 0.13))
        step = np.array([rng.uniform(-aside, aside), rng.uniform(-0.5, 0.5) * aside, rng.uniform(-0.3, 1.0) * above])
        eye = eye + step
    floor = float(land.ground.height_at(eye[:1], eye[1:2])[0])
    if land.water_level is not None:
        floor = max(floor, land.water_level)
    eye[2] = max(eye[2], floor + 0.9)
    limit = 2 * (HALF_ANGLE - abs(heading) - 0.03)
    fov = min(fov, float(np.degrees(limit)))
    tilt = land.tilt if land.tilt is not None else _tilt(land, heading, np.radians(fov))
    tilt = float(np.clip(tilt + rng.normal(0, 0.012), -0.35, 0.25))
    target = eye + np.array([np.sin(heading) * np.cos(tilt), np.cos(heading) * np.cos(tilt), np.sin(tilt)]) * 100.0
    words = ("wide shot",) if fov > 58 else ()
    return Camera(tuple(map(float, eye)), tuple(map(float, target)), fov, words=words), heading


def _tilt(land: Land, heading: float, fov: float) -> float:
    """Where to look so that the skyline crosses the picture at a share of its height that leaves ground and sky."""
    seen = np.abs(land.ground.azimuths - heading) < fov / 2
    skyline = land.skyline[seen]
    top, middle = float(np.percentile(skyline, 96)), float(np.median(skyline))
    wanted = land.rng.uniform(0.04, 0.20)  # of the picture's height, above its middle
    tilt = middle - wanted * fov
    return float(max(tilt, top - 0.42 * fov))
