"""The pictures taken of one stage: the composed view first, then others around it in other light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator

from reflet.render.assets_picture import HdriSky
from reflet.render.cameras import Reach, Shot, frame, in_frame, orbit, visible_shares
from reflet.render.composition import Composition
from reflet.render.light import STUDIO_LIGHTS, make_light
from reflet.render.scene import RGB, Camera, Light, SceneSpec, SurfaceKind, View
from reflet.render.stages import StageKind, choose
from reflet.render.vocabulary import LIGHTS

# Azimuth of the key light for a camera that looks along azimuth 0; "behind" shines towards the camera.
_SIDES = {"left": -np.pi / 2, "right": np.pi / 2, "front": np.pi, "behind": 0.0}
_NATURAL = tuple(word for word in LIGHTS if word not in STUDIO_LIGHTS)
# Stops added where things must be told apart in little light.
_LIFT = {"twilight": 0.5, "night": 0.8, "moonlight": 0.6, "low-key": 0.25}
_PANORAMA_WORDS = {"sunset": "sunset", "dawn": "morning", "night": "night", "studio": "studio softbox"}
_SHINING = ("sunset", "twilight", "golden hour")


@dataclass(frozen=True)
class Wish:
    """What the views shall be like. `metres` in a world unit, by which haze is scaled; `sees_sky` whether one sees it;
    `skies` the library's panoramas, for the light "environment map"."""

    kind: StageKind
    metres: float
    backdrop: RGB | None = None
    sees_sky: bool = False
    skies: Mapping[str, HdriSky] = field(default_factory=dict)


def light_kind(rng: Generator, kind: StageKind, spec: SceneSpec) -> str:
    """The word for the light of the first view."""
    return spec.light if spec.light is not None else choose(rng, kind.lights)


def stage_light(rng: Generator, word: str, spec: SceneSpec, wish: Wish, *, azimuth: float, first: bool) -> Light:
    """Light of that word for a camera looking along `azimuth`; the side asked for is kept and named."""
    side = spec.sun_side if first else None
    if side is None:
        sides = list(wish.kind.sides)
        weights = np.array([{"left": 0.34, "right": 0.34, "front": 0.14, "behind": 0.18}[s] for s in sides])
        if wish.sees_sky and word in _SHINING and "behind" in sides:
            weights[sides.index("behind")] += 0.9
        side = sides[int(rng.choice(len(sides), p=weights / weights.sum()))]
    spread = 0.3 if side in {"left", "right"} else 0.4
    if spec.staging == "fixed":
        spread = 0.0
    sun = azimuth + _SIDES[side] + float(np.clip(rng.normal(0, 0.5), -1, 1)) * spread
    weather = spec.weather if first and word in _NATURAL else None
    if word == "environment map" and wish.skies:
        light = _panorama(rng, wish.skies, sun)
    else:
        light = make_light(rng, kind=word, weather=weather, sun_azimuth=sun)
    words = light.words
    shining = light.sun_azimuth is not None and (light.sun_elevation or 0.0) < np.radians(58)
    if side in {"left", "right"} and shining:
        words = (*words, f"light from the {side}")
    elif side == "behind" and shining and word in {*_SHINING, "morning", "daylight"}:
        words = (*words, "backlit")
    exposure = light.exposure + _LIFT.get(word, 0.0)
    height = None if light.haze_height is None else light.haze_height / wish.metres
    return replace(
        light,
        words=words,
        exposure=exposure,
        haze=light.haze * wish.metres,
        haze_height=height,
        background=wish.backdrop or light.background,
    )


def _panorama(rng: Generator, skies: Mapping[str, HdriSky], sun: float) -> Light:
    """One of the library's panoramas, turned so that its brightest place stands at azimuth `sun`."""
    names = sorted(skies)
    name = names[int(rng.integers(len(names)))]
    sky = skies[name]
    sky = sky.turned(sun - sky.sun_azimuth if sky.sun_azimuth is not None else float(rng.uniform(0, 2 * np.pi)))
    kind = next((word for part, word in _PANORAMA_WORDS.items() if part in name), "environment map")
    return Light(sky=sky, kind=kind, sun_azimuth=sky.sun_azimuth, sun_elevation=sky.sun_elevation)


def make_views(
    rng: Generator, spec: SceneSpec, composition: Composition, wish: Wish, *, word: str, glass: bool
) -> list[View]:
    """`spec.num_views` views: the composed camera under `word`, then cameras elsewhere under other lights."""
    style = spec.style or "photograph"
    depth = 9 if glass else 6
    light = stage_light(rng, word, spec, wish, azimuth=0.0, first=True)
    views = [View(composition.camera, light, style, max_depth=depth)]
    others = {k: w for k, w in wish.kind.lights.items() if k != word} or wish.kind.lights
    for index in range(1, spec.num_views):
        if spec.staging != "free":
            camera, azimuth = composition.camera, 0.0
        else:
            camera, azimuth = _other_camera(rng, composition, wish.kind.reach, index)
        # A light that was asked for stays; only its direction and clouds differ.
        kind = spec.light or choose(rng, others)
        light = stage_light(rng, kind, spec, wish, azimuth=azimuth, first=False)
        views.append(View(camera, light, style, max_depth=depth))
    return views


def _other_camera(rng: Generator, composition: Composition, reach: Reach, index: int) -> tuple[Camera, float]:
    """The best of a few cameras elsewhere: everything in frame and as little hidden as can be."""
    tried: list[tuple[float, int, Camera, Shot]] = []
    for k in range(8):
        shot = orbit(rng, composition.shot, reach=reach, index=index + k)
        camera = frame(composition.points, shot, reach=reach)
        seen = float(visible_shares(camera, composition.placed).min()) if len(composition.placed) > 1 else 1.0
        score = seen + (1.0 if in_frame(camera, composition.points) else 0.0)
        tried.append((score, -k, camera, shot))
        if score > 1.7 and k >= 1:
            break
    _, _, camera, shot = max(tried, key=lambda t: t[:2])
    return camera, shot.azimuth


def has_glass(composition: Composition) -> bool:
    """Whether light must pass several surfaces to get through a body."""
    clear = {SurfaceKind.GLASS, SurfaceKind.FROSTED}
    return any(part.surface.kind in clear for body in composition.placed for part in body.body)
