"""From a word for light to physics: sky, exposure, haze, lamps, wet ground, and further words that are true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from reflet.render import studio
from reflet.render.clouds import PuffLayer, StreakLayer, random_puffs
from reflet.render.scene import RGB, Array, Light, Sky
from reflet.render.sky import DaySky, GreySky, NightSky, direction
from reflet.render.stars import Firmament
from reflet.render.vocabulary import LIGHTS, WEATHER

# Elevation of the sun in degrees under each word.
SUN_ELEVATION: dict[str, tuple[float, float]] = {
    "midday": (48, 74),
    "daylight": (24, 48),
    "morning": (10, 22),
    "golden hour": (4.5, 9),
    "sunset": (0.3, 3.2),
    "twilight": (-6.5, -3.0),
    "overcast": (25, 60),
    "storm": (20, 40),
}
STUDIO_LIGHTS = ("studio softbox", "low-key", "window light", "lamplight", "candlelight", "neon", "environment map")
LAMPS: dict[str, float] = {"twilight": 0.6, "storm": 0.5, "sunset": 0.35, "night": 1.0, "moonlight": 0.7,
                           "lamplight": 1.0, "candlelight": 1.0, "neon": 1.0, "low-key": 1.0}  # fmt: skip


def make_light(
    rng: Generator,
    *,
    kind: str,
    weather: str | None = None,
    sun_azimuth: float | None = None,
    camera_azimuth: float | None = None,
    indoor: bool = False,
    scene_depth: float = 40.0,
) -> Light:
    """One state of light.

    kind: a word of vocabulary.LIGHTS. weather: a word of vocabulary.WEATHER; ignored indoors and in a studio.
    sun_azimuth: where the key light (sun, moon, window, softbox) stands, radians; drawn when None, favouring side
    and back light if `camera_azimuth`, the azimuth the camera looks along, is given. indoor: the scene has walls
    and lamps of its own, so the sky is what shines in from outside. scene_depth: world units to the far things
    that fog and mist should veil.

    `Light.sun_azimuth` always tells where the key light stands; it is None under grey skies.
    Raises `ValueError` for unknown words.
    """
    if kind not in LIGHTS:
        raise ValueError(f"unknown light {kind!r}; use one of {', '.join(LIGHTS)}")
    if weather is not None and weather not in WEATHER:
        raise ValueError(f"unknown weather {weather!r}; use one of {', '.join(WEATHER)}")
    azimuth = _key_azimuth(rng, kind, camera_azimuth) if sun_azimuth is None else float(sun_azimuth)
    if weather == "clear" or indoor or kind in STUDIO_LIGHTS:
        weather = None
    if kind in STUDIO_LIGHTS:
        light = _indoor(rng, kind, azimuth) if indoor else _studio(rng, kind, azimuth, camera_azimuth)
    elif kind in ("night", "moonlight"):
        light = _night(rng, kind, weather, azimuth, scene_depth)
    else:
        light = _day(rng, kind, weather, azimuth, scene_depth)
    return replace(light, lamps=LAMPS.get(kind, 0.0))


def _key_azimuth(rng: Generator, kind: str, camera_azimuth: float | None) -> float:
    if camera_azimuth is None:
        return float(rng.uniform(0, 2 * np.pi))
    side = 1.0 if rng.random() < 0.5 else -1.0
    facing = {"sunset": 0.55, "twilight": 0.6, "golden hour": 0.3, "moonlight": 0.5, "night": 0.4}.get(kind, 0.08)
    if rng.random() < facing:
        return float(camera_azimuth + side * rng.uniform(0.05, 0.45))
    return float(camera_azimuth + side * rng.uniform(0.7, 2.4))


# ---------------------------------------------------------------------------------------------- day
def _day(rng: Generator, kind: str, weather: str | None, azimuth: float, depth: float) -> Light:
    elevation = float(np.radians(rng.uniform(*SUN_ELEVATION[kind])))
    if kind in ("storm", "overcast") or weather in ("rain", "snowfall", "fog"):
        return _grey(rng, kind, weather, azimuth=azimuth, elevation=elevation, depth=depth)
    sky, words = _cloudy(rng, kind, azimuth, elevation, hazy=weather == "mist")
    if 1.5 < np.degrees(elevation) < 14 and weather is None and sky.sun_cover() < 0.2:
        words += ("long shadows",)
    light = Light(sky=sky, kind=kind, sun_azimuth=azimuth, sun_elevation=elevation, weather=weather, words=words)
    visibility = _visibility(rng, weather, depth) or rng.uniform(9_000, 26_000)
    return replace(
        light,
        haze=float(1 / visibility),
        haze_height=_mist_height(rng, depth) if weather == "mist" else 1800.0,
        haze_color=_horizon_color(sky, low=0.05),
        exposure=float(rng.normal(0, 0.12)),
    )


def _visibility(rng: Generator, weather: str | None, depth: float) -> float | None:
    """World units over which weather dims things to 1/e; None where the air is clear."""
    low, high, least = {
        "fog": (0.45, 1.5, 0.0),
        "mist": (1.4, 4.0, 0.0),
        "rain": (6.0, 15.0, 250.0),
        "snowfall": (3.0, 8.0, 120.0),
    }.get(weather or "", (0.0, 0.0, 0.0))
    if high == 0:
        return None
    return max(float(rng.uniform(low, high)) * depth, least)


def _mist_height(rng: Generator, depth: float) -> float:
    return float(rng.uniform(0.2, 0.5) * depth)


def _cloudy(
    rng: Generator, kind: str, azimuth: float, elevation: float, *, hazy: bool
) -> tuple[DaySky, tuple[str, ...]]:
    """A day sky whose sun is not hidden, and words for its clouds."""
    draw = rng.random()
    puff: PuffLayer | None = None
    streak: StreakLayer | None = None
    words: tuple[str, ...] = ("clear sky",)
    if draw > 0.28:
        cover = float(rng.choice([rng.uniform(0.10, 0.22), rng.uniform(0.24, 0.38), rng.uniform(0.40, 0.52)]))
        small = rng.random() < (0.5 if kind in ("sunset", "golden hour", "twilight") else 0.22)
        puff = random_puffs(rng, cover=cover, small=small)
        words = ("a few clouds",) if cover < 0.23 else ("scattered clouds",) if cover < 0.39 else ("a cloudy sky",)
    if rng.random() < (0.55 if kind in ("sunset", "twilight") else 0.35):
        streak = StreakLayer(
            amount=float(rng.uniform(0.3, 0.7)),
            offset=(float(rng.random()), float(rng.random())),
            turn=float(rng.uniform(0, np.pi)),
        )
        words = ("thin high clouds",) if puff is None else words
    haze = float(rng.uniform(0.7, 1.0) if hazy else np.clip(rng.normal(0.36, 0.16), 0.05, 0.75))
    stars = None
    if kind == "twilight" and np.degrees(elevation) < -5:
        stars = Firmament(seed=int(rng.integers(1 << 30)), density=0.15, brightness=0.25)
    sky = DaySky(azimuth, elevation, haze=haze, puff=puff, streak=streak, stars=stars)
    for _ in range(6):  # a picture whose words name the sun's side must have the sun shine
        if puff is None or sky.sun_cover() < 0.2:
            break
        puff = replace(puff, offset=(float(rng.random()), float(rng.random())))
        sky = DaySky(azimuth, elevation, haze=haze, puff=puff, streak=streak, stars=stars)
    return sky, words


def _grey(rng: Generator, kind: str, weather: str | None, *, azimuth: float, elevation: float, depth: float) -> Light:
    gloom = {"rain": rng.uniform(0.25, 0.5), "snowfall": rng.uniform(0.0, 0.12), "fog": 0.0}.get(weather or "", 0.0)
    if kind == "storm":
        gloom = rng.uniform(0.75, 1.0)
    warm = np.degrees(elevation) < 12 and kind != "twilight"
    sky = GreySky(
        azimuth,
        max(elevation, float(np.radians(2.0))),
        gloom=float(gloom),
        gap_azimuth=float(rng.uniform(0, 2 * np.pi)),
        offset=(float(rng.random()), float(rng.random())),
        tile=float(rng.uniform(9, 18)),
        warmth=float(rng.uniform(0.3, 0.7)) if warm else 0.0,
    )
    visibility = _visibility(rng, weather, depth) or rng.uniform(3_000, 9_000)
    return Light(
        sky=sky,
        kind=kind,
        weather=weather,
        haze=float(1 / visibility),
        haze_color=_horizon_color(sky, low=0.12),
        haze_height=None if weather == "fog" else _mist_height(rng, depth) if weather == "mist" else 900.0,
        wet=weather == "rain" or (kind == "storm" and weather is None and rng.random() < 0.4),
        words=("dark clouds",) if kind == "storm" else () if weather == "fog" else ("a grey sky",),
        exposure=float(rng.normal(0, 0.1)),
    )


# ---------------------------------------------------------------------------------------------- night
def _night(rng: Generator, kind: str, weather: str | None, azimuth: float, depth: float) -> Light:
    moonlit = kind == "moonlight"
    cloudy = weather in ("rain", "snowfall", "fog")
    puff = random_puffs(rng, cover=float(rng.uniform(0.12, 0.3))) if rng.random() < 0.4 and not cloudy else None
    if cloudy:
        puff = random_puffs(rng, cover=0.97)
    stars = None
    if not cloudy:
        pole = direction(rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.9))
        band = (float(pole[0]), float(pole[1]), float(pole[2])) if not moonlit and rng.random() < 0.5 else None
        stars = Firmament(
            seed=int(rng.integers(1 << 30)),
            density=float(rng.uniform(0.06, 0.14) if moonlit else rng.uniform(0.14, 0.34)),
            brightness=float(rng.uniform(0.2, 0.35) if moonlit else rng.uniform(0.35, 0.6)),
            band=band,
        )
    elevation = float(rng.uniform(0.16, 0.5) if moonlit else rng.uniform(0.35, 0.9))
    phase = float(rng.choice([0.15, 0.7, 1.9, 2.3]))
    sky = NightSky(
        azimuth,
        elevation,
        moonlight=float(rng.uniform(0.5, 0.75)) if moonlit else 0.10 if not cloudy else 0.0,
        phase=phase,
        stars=stars,
        puff=puff,
        town=float(rng.uniform(0, 0.25) if moonlit else rng.uniform(0, 0.7)),
    )
    words: tuple[str, ...] = () if cloudy else ("stars",)
    if moonlit and not cloudy:
        words += ("a full moon",) if phase < 0.3 else ("a crescent moon",) if phase > 1.8 else ("the moon",)
    visibility = _visibility(rng, weather, depth) or 12_000.0
    return Light(
        sky=sky,
        kind=kind,
        sun_azimuth=azimuth if moonlit else None,
        sun_elevation=elevation if moonlit else None,
        weather=weather,
        haze=float(1 / visibility),
        haze_color=_horizon_color(sky, low=0.05),
        haze_height=None if weather == "fog" else _mist_height(rng, depth) if weather == "mist" else 1200.0,
        wet=weather == "rain",
        words=words,
    )


# ---------------------------------------------------------------------------------------------- indoors
_ARRANGEMENTS: dict[str, Callable[..., studio.StudioSky]] = {
    "studio softbox": studio.softbox,
    "low-key": studio.low_key,
    "window light": studio.window,
    "lamplight": studio.lamp,
    "candlelight": studio.candles,
    "environment map": studio.surroundings,
}


def _studio(rng: Generator, kind: str, azimuth: float, camera_azimuth: float | None) -> Light:
    words: tuple[str, ...] = ()
    if kind == "neon":
        sky, names = studio.neon(rng, key_azimuth=azimuth)
        words = (f"{names[0]} and {names[1]} neon light",)
    else:
        sky = _ARRANGEMENTS[kind](rng, key_azimuth=azimuth)
    if camera_azimuth is not None:
        sky = replace(sky, spot_azimuth=float(camera_azimuth + rng.normal(0, 0.12)))
    return Light(sky=sky, kind=kind, sun_azimuth=azimuth, sun_elevation=0.6, words=words)


def _indoor(rng: Generator, kind: str, azimuth: float) -> Light:
    """Rooms bring their own lamps; the sky only shines in."""
    if kind in ("lamplight", "candlelight", "neon", "low-key"):
        dusk = rng.random() < 0.5 and kind == "lamplight"
        sky: Sky = (
            DaySky(azimuth, float(np.radians(rng.uniform(-7, -5))))
            if dusk
            else NightSky(azimuth, 0.6, moonlight=0.05, town=float(rng.uniform(0.2, 1)))
        )
        return Light(sky=sky, kind=kind)
    elevation = float(np.radians(rng.uniform(18, 34) if kind == "window light" else rng.uniform(30, 55)))
    sky = DaySky(azimuth, elevation, haze=0.3)
    return Light(sky=sky, kind=kind, sun_azimuth=azimuth, sun_elevation=elevation)


def _horizon_color(sky: Sky, *, low: float) -> RGB:
    """Mean radiance of the sky in a ring just above the horizon: the colour that distance takes on."""
    azimuth = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring: Array = np.stack([direction(a, low) for a in azimuth]).astype(np.float32)
    color = np.median(getattr(sky, "soft", sky.radiance)(ring), axis=0)
    return float(color[0]), float(color[1]), float(color[2])
