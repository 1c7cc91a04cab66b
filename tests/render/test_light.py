"""Every word for light makes a light, and the words it adds are true."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render.light import STUDIO_LIGHTS, make_light
from reflet.render.scene import Light
from reflet.render.sky import DaySky, NightSky, direction, map_directions
from reflet.render.tone import EXPOSURES
from reflet.render.vocabulary import LIGHTS, WEATHER

SEEDS = range(12)


def light(kind: str, seed: int = 0, **wishes: object) -> Light:
    return make_light(np.random.default_rng(seed), kind=kind, **wishes)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("indoor", [False, True])
@pytest.mark.parametrize("kind", LIGHTS)
def test_every_word_makes_a_light(kind: str, indoor: bool) -> None:
    made = light(kind, indoor=indoor)
    assert made.kind == kind
    radiance = made.sky.radiance(map_directions(16, 32))
    assert np.isfinite(radiance).all()
    assert radiance.max() > 0
    assert abs(made.exposure) < 1
    assert kind in EXPOSURES


@pytest.mark.parametrize("kind", [k for k in LIGHTS if k not in STUDIO_LIGHTS])
@pytest.mark.parametrize("weather", WEATHER)
def test_every_weather_goes_with_every_outdoor_light(kind: str, weather: str) -> None:
    made = light(kind, weather=weather)
    assert made.weather == (None if weather == "clear" else weather)
    assert made.wet or weather != "rain"
    if weather == "fog":
        assert made.haze > 1 / 100
    if weather == "mist":
        assert made.haze_height is not None


def test_the_same_seed_gives_the_same_light() -> None:
    for kind in LIGHTS:
        one, two = light(kind, 5), light(kind, 5)
        d = map_directions(8, 16)
        np.testing.assert_array_equal(one.sky.radiance(d), two.sky.radiance(d))
        assert (one.words, one.haze, one.exposure) == (two.words, two.haze, two.exposure)


def test_the_key_light_comes_from_where_it_is_asked_to() -> None:
    for kind in ("midday", "sunset", "moonlight", "studio softbox", "window light", "low-key"):
        for azimuth in (0.4, 2.5):
            made = light(kind, 3, sun_azimuth=azimuth)
            assert made.sun_azimuth == pytest.approx(azimuth)
            column = np.linspace(0.02, 1.3, 40)
            front, back = (
                np.concatenate([[direction(turn + shift, e) for e in column] for shift in (-0.1, 0.0, 0.1)])
                for turn in (azimuth, azimuth + np.pi)
            )
            assert made.sky.radiance(front.astype(np.float32)).max() > made.sky.radiance(back.astype(np.float32)).max()


def test_words_for_the_sky_are_true() -> None:
    for seed in SEEDS:
        made = light("daylight", seed)
        assert isinstance(made.sky, DaySky)
        assert ("clear sky" in made.words) == (made.sky.puff is None and made.sky.streak is None)
        assert "long shadows" not in made.words or np.degrees(made.sun_elevation or 0) < 14
        night = light("night", seed)
        assert isinstance(night.sky, NightSky)
        assert ("stars" in night.words) == (night.sky.stars is not None)
        assert "long shadows" not in light("midday", seed).words


def test_the_sun_is_not_hidden_when_shadows_are_promised() -> None:
    for seed in SEEDS:
        made = light("golden hour", seed)
        assert isinstance(made.sky, DaySky)
        assert "long shadows" not in made.words or made.sky.sun_cover() < 0.2


def test_lamps_burn_by_night_and_not_by_day() -> None:
    assert light("midday").lamps == 0
    assert light("night").lamps > 0
    assert light("lamplight", indoor=True).lamps > 0


def test_weather_stays_outdoors() -> None:
    assert light("daylight", weather="rain", indoor=True).weather is None
    assert light("studio softbox", weather="fog").weather is None


def test_fog_reaches_as_far_as_the_scene() -> None:
    near, far = light("overcast", weather="fog", scene_depth=20.0), light("overcast", weather="fog", scene_depth=400.0)
    assert near.haze == pytest.approx(20 * far.haze)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown light 'noon'"):
        light("noon")
    with pytest.raises(ValueError, match="unknown weather 'hail'"):
        light("daylight", weather="hail")
