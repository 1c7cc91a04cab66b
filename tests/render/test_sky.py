"""Skies: physical order of brightness and colour, maps that carry the right light, sharp backgrounds."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render import studio
from reflet.render.atmosphere import SUN_IRRADIANCE, sky_radiance, sun_transmittance
from reflet.render.bake import baked
from reflet.render.clouds import CloudLight, PuffLayer, StreakLayer, puffs
from reflet.render.scene import Array, Sky
from reflet.render.sky import DaySky, GreySky, NightSky, Source, direction, environment_map, map_directions
from reflet.render.stars import Firmament

NOON, LOW, SET, DUSK = (float(np.radians(e)) for e in (60, 8, 1.0, -6))


def day(elevation: float, *, cloudy: bool = False) -> DaySky:
    puff = PuffLayer(cover=0.4, offset=(0.3, 0.7)) if cloudy else None
    return DaySky(0.5, elevation, puff=puff, streak=StreakLayer(0.5) if cloudy else None)


def skies() -> dict[str, Sky]:
    rng = np.random.default_rng(1)
    stars = Firmament(seed=4, band=(0.8, 0.3, 0.3))
    return {
        "noon": day(NOON),
        "clouds": day(NOON, cloudy=True),
        "sunset": day(SET, cloudy=True),
        "twilight": DaySky(0.5, DUSK, stars=stars),
        "overcast": GreySky(0.5, NOON),
        "storm": GreySky(0.5, NOON, gloom=1.0),
        "moonlight": NightSky(0.5, 0.5, stars=stars, puff=PuffLayer(cover=0.3)),
        "night": NightSky(0.5, 0.5, moonlight=0.0, stars=stars, town=0.5),
        "softbox": studio.softbox(rng, key_azimuth=1.0),
        "window": studio.window(rng, key_azimuth=1.0),
        "candles": studio.candles(rng, key_azimuth=1.0),
        "neon": studio.neon(rng, key_azimuth=1.0)[0],
    }


def irradiance(environment: Array) -> Array:
    """(3,) light on the horizontal ground, by summing an environment map."""
    height, width = environment.shape[:2]
    polar = (np.arange(height) + 0.5) / height * np.pi
    weight = np.maximum(np.cos(polar), 0) * np.sin(polar) * (np.pi / height) * (2 * np.pi / width)
    return (environment.sum(1) * weight[:, None]).sum(0)


@pytest.mark.parametrize("name", sorted(skies()))
@pytest.mark.parametrize("background", [False, True])
def test_radiance_is_finite_and_not_negative(name: str, background: bool) -> None:
    radiance = skies()[name].radiance(map_directions(48, 96), background=background)
    assert radiance.shape == (48 * 96, 3)
    assert np.isfinite(radiance).all()
    assert radiance.min() >= 0
    assert radiance.max() > 0


def test_map_directions_follow_the_worlds_azimuth() -> None:
    d = map_directions(64, 128).reshape(64, 128, 3)
    assert d[0, 0] @ direction(0.0, np.pi / 2) > 0.99
    assert d[32, 0] @ direction(0.0, 0.0) > 0.99
    assert d[32, 32] @ direction(np.pi / 2, 0.0) > 0.99  # a quarter turn from +y is +x


def test_air_is_brighter_towards_the_sun_and_at_the_horizon() -> None:
    toward = direction(0.5, LOW + 0.1)[None]
    away = direction(0.5 + np.pi, LOW + 0.1)[None]
    both = sky_radiance(np.concatenate([toward, away]), sun_azimuth=0.5, sun_elevation=LOW)
    assert both[0].mean() > 1.5 * both[1].mean()
    column = sky_radiance(np.stack([direction(2.5, e) for e in (1.4, 0.05)]), sun_azimuth=0.5, sun_elevation=NOON)
    assert column[1].mean() > column[0].mean()


def test_zenith_is_blue_by_day_and_the_low_sun_red() -> None:
    zenith = sky_radiance(np.array([[0.0, 0.0, 1.0]]), sun_azimuth=0.0, sun_elevation=NOON)[0]
    assert zenith[2] > 1.5 * zenith[1] > 1.5 * zenith[0]
    high, low = sun_transmittance(NOON), sun_transmittance(SET)
    assert low[0] / low[2] > 5 * high[0] / high[2]
    assert 0.6 < high[1] < 1.0


def test_light_falls_from_noon_to_sunset_to_twilight_to_night() -> None:
    levels = [irradiance(environment_map(s)).mean() for s in (day(NOON), day(LOW), day(DUSK), skies()["night"])]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 200 * levels[-1]


def test_irradiance_at_noon_is_near_that_of_the_sun_above_the_air() -> None:
    level = float(irradiance(environment_map(day(NOON))).mean())
    assert 0.6 * SUN_IRRADIANCE * np.sin(NOON) < level < 1.3 * SUN_IRRADIANCE * np.sin(NOON)


@pytest.mark.parametrize("elevation", [0.02, 0.5, 1.2])
def test_a_source_keeps_its_irradiance_on_the_map(elevation: float) -> None:
    source = Source(direction(1.3, elevation), np.array([3.0, 2.0, 1.0]))
    lobe = source.lobe(map_directions(256, 512)).reshape(256, 512, 3)
    polar = (np.arange(256) + 0.5) / 256 * np.pi
    total = (lobe.sum(1) * (np.sin(polar) * (np.pi / 256) * (2 * np.pi / 512))[:, None]).sum(0)
    np.testing.assert_allclose(total, source.irradiance, rtol=0.03)


def test_map_agrees_with_radiance_away_from_the_sun() -> None:
    sky = day(NOON, cloudy=True)
    coarse = environment_map(sky).reshape(-1, 3)
    exact = sky.radiance(map_directions(256, 512))
    assert np.median(np.abs(coarse - exact)) < 0.02 * np.median(exact)


def test_twilight_is_orange_at_the_sun_and_blue_above() -> None:
    looks = DaySky(0.5, DUSK).radiance(np.stack([direction(0.5, 0.03), direction(0.5, 1.5)]).astype(np.float32))
    assert looks[0, 0] > 2 * looks[0, 2]
    assert looks[1, 2] > looks[1, 0]


def test_the_discs_of_sun_and_moon_are_only_in_the_background() -> None:
    moon = NightSky(0.5, 0.5, phase=0.1)
    at, beside = direction(0.5, 0.5)[None].astype(np.float32), direction(0.6, 0.5)[None].astype(np.float32)
    assert moon.radiance(at, background=True).mean() > 5 * moon.radiance(beside, background=True).mean()
    sun = day(LOW)
    at = direction(0.5, LOW)[None].astype(np.float32)
    assert sun.radiance(at, background=True).max() > 20 * sun.soft(at).max()


def test_clouds_cover_about_what_they_are_asked_to() -> None:
    up = np.array([[0.0, 0.02, 1.0], [0.05, 0.0, 1.0]], np.float32)
    light = CloudLight(np.full(3, 10.0), np.full(3, 0.5), direction(0, 1.0), np.full(3, 0.5))
    places = np.random.default_rng(0).random((300, 2))

    def share(cover: float) -> float:
        """Of places that lie under a cloud."""
        layers = [PuffLayer(cover=cover, offset=(float(x), float(y))) for x, y in places]
        return float(np.mean([puffs(layer, up, light)[1][0] > 0.3 for layer in layers]))

    assert share(0.15) == pytest.approx(0.15, abs=0.09)
    assert share(0.60) == pytest.approx(0.60, abs=0.12)


def test_stars_stay_where_their_seed_puts_them() -> None:
    d = map_directions(128, 256)[: 40 * 256]
    one, same, other = (
        NightSky(0, 0.5, moonlight=0.0, stars=Firmament(seed=s)).radiance(d, background=True) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.02
    assert (one.max(1) > 3 * np.median(one)).mean() < 0.2  # points, not a veil


def test_neon_paints_two_sides_in_two_colours() -> None:
    sky, names = studio.neon(np.random.default_rng(0), key_azimuth=0.0)
    assert names[0] != names[1]
    side = sky.radiance(np.stack([direction(a, 0.4) for a in (0.0, 2.8)]).astype(np.float32))
    share = side / side.sum(1, keepdims=True)
    assert np.abs(share[0] - share[1]).max() > 0.2


def test_baking_happens_once_and_survives_a_damaged_file(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("REFLET_HOME", str(folder))
    calls = []

    def make() -> dict[str, Array]:
        calls.append(1)
        return {"x": np.arange(3)}

    baked("test-bake-once", make)
    baked("test-bake-once", make)
    assert len(calls) == 1
    (folder / "cache" / "test-bake-damaged.npz").write_bytes(b"PK broken")
    np.testing.assert_array_equal(baked("test-bake-damaged", make)["x"], [0, 1, 2])
    with np.load(folder / "cache" / "test-bake-damaged.npz") as file:
        np.testing.assert_array_equal(file["x"], [0, 1, 2])
