"""Drawing a small scene: repeatable, with true masks and depth, fog that veils, exposure within limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reflet.render import tone, weather
from reflet.render.draw import Drawing, draw, view_directions
from reflet.render.light import make_light
from reflet.render.scene import Array, Camera, Light, Part, Scene, Surface, SurfaceKind, View
from reflet.render.shapes import plane, sphere
from reflet.render.sky import GreySky
from reflet.render.vocabulary import LIGHTS

SIZE = 48
CAMERA = Camera(eye=(0.0, -6.0, 1.6), target=(0.0, 0.0, 0.8), fov=45)


def scene(*lights: Light, style: str = "photograph") -> Scene:
    """A red ball (1) to the left of a glass ball (2) on a wide grey ground, a far white ball (3) behind them."""
    parts = [
        Part(plane(400, 400), Surface(base_color=(0.35, 0.34, 0.32), roughness=0.8)),
        Part(sphere(0.8, center=(-1.0, 0.0, 0.8)), Surface(base_color=(0.6, 0.05, 0.04)), 1),
        Part(sphere(0.7, center=(1.0, 0.0, 0.7)), Surface(SurfaceKind.GLASS, (0.95, 0.98, 0.97)), 2),
        Part(sphere(9.0, center=(0.0, 80.0, 9.0)), Surface(SurfaceKind.DIFFUSE, (0.7, 0.7, 0.7)), 3),
    ]
    views = [View(CAMERA, light, style=style, samples=2, max_depth=3) for light in lights]
    return Scene("tabletop", "test", parts, [], views, "on a table", "table")


def made(kind: str, seed: int = 2, **wishes: str) -> Light:
    return make_light(np.random.default_rng(seed), kind=kind, weather=wishes.get("weather"), camera_azimuth=0.0)


def drawn(*lights: Light, **more: int) -> list[Drawing]:
    return draw(scene(*lights), size=SIZE, seed=more.get("seed", 0))


def test_the_same_seed_draws_the_same_picture() -> None:
    one, two, other = drawn(made("daylight"))[0], drawn(made("daylight"))[0], drawn(made("daylight"), seed=1)[0]
    np.testing.assert_array_equal(one.picture, two.picture)
    np.testing.assert_array_equal(one.mask, two.mask)
    assert (one.picture != other.picture).any()


def test_masks_and_depth_say_what_is_where() -> None:
    d = drawn(made("daylight"))[0]
    assert d.picture.shape == (SIZE, SIZE, 3) and d.picture.dtype == np.uint8
    assert d.mask.dtype == np.uint8 and set(np.unique(d.mask)) == {0, 1, 2, 3}
    columns = {i: np.nonzero(d.mask == i)[1].mean() for i in (1, 2)}
    assert columns[1] < SIZE / 2 < columns[2]
    assert np.isinf(d.depth[0, 0]) and d.mask[0, 0] == 0
    assert 4.5 < np.median(d.depth[d.mask == 1]) < 6.2
    assert np.median(d.depth[d.mask == 3]) > 60
    red = d.picture[d.mask == 1].mean(0)
    assert red[0] > 1.5 * red[2]
    assert {"geometry", "sky", "trace", "denoise", "post", "style"} <= set(d.timings)


@pytest.mark.parametrize("kind", LIGHTS)
def test_every_light_is_exposed_within_limits(kind: str) -> None:
    picture = drawn(made(kind))[0].picture
    mean = float(picture.mean())
    low, high = (22, 150) if kind in ("night", "moonlight", "candlelight", "low-key", "twilight", "neon") else (55, 215)
    assert low < mean < high
    assert (picture.min(-1) >= 254).mean() < 0.25  # not burnt out
    assert np.percentile(picture, 99) > 60  # not drowned


def test_nights_stay_darker_than_days() -> None:
    day, night = drawn(made("daylight"), made("night"))
    assert night.picture.mean() < 0.65 * day.picture.mean()


def test_fog_veils_what_is_far() -> None:
    clear = Light(GreySky(0.0, 0.7), "overcast")
    color = (0.5, 0.52, 0.55)
    foggy = replace(clear, haze=1 / 25, haze_color=color, weather="fog")
    plain, veiled = drawn(clear, foggy)
    far, near = plain.mask == 3, plain.mask == 1

    def spread(d: Drawing, where: Array) -> float:
        return float(np.ptp(d.photograph[where].astype(float).mean(0)))

    assert veiled.photograph[far].std() < 0.5 * plain.photograph[far].std()
    assert spread(veiled, near) > 25  # the near ball is still red
    fog_pixels, far_pixels = veiled.photograph[:4].mean((0, 1)), veiled.photograph[far].mean(0)
    assert np.abs(fog_pixels - far_pixels).max() < 25


def test_haze_share_follows_beer_and_lambert() -> None:
    light = Light(GreySky(0.0, 0.7), "overcast", haze=0.1)
    level = np.zeros((1, 1, 3), np.float32)
    level[..., 1] = 1
    distance = np.full((1, 1), 10.0, np.float32)
    share = weather.haze_share(light, eye_height=1.0, directions=level, distance=distance)
    assert share[0, 0] == pytest.approx(1 - np.exp(-1), rel=1e-3)
    up = np.zeros((1, 1, 3), np.float32)
    up[..., 2] = 1
    ground_fog = replace(light, haze_height=2.0)
    column = weather.haze_share(ground_fog, eye_height=0.0, directions=up, distance=np.full((1, 1), 1e5, np.float32))
    assert column[0, 0] == pytest.approx(1 - np.exp(-0.2), rel=1e-2)  # density x scale height


def test_rain_wets_the_ground_and_snow_fills_the_air() -> None:
    parts = scene(made("overcast")).parts
    wet = weather.wet_parts(parts)
    assert wet[0].surface.roughness < 0.3 < parts[0].surface.roughness
    assert wet[1] is parts[1]
    grey = np.full((128, 128, 3), 0.4, np.float32)
    rng = np.random.default_rng(0)
    for change in (
        weather.with_rain(grey, rng=rng),
        weather.with_snow(grey, rng=rng, distance=np.full((128, 128), np.inf)),
    ):
        touched = (np.abs(change - grey).max(-1) > 0.02).mean()
        assert 0.01 < touched < 0.6
        assert change.max() <= 1.001


def test_a_plain_backdrop_replaces_the_sky() -> None:
    light = replace(made("studio softbox"), background=(0.05, 0.3, 0.05))
    d = drawn(light)[0]
    sky = d.picture[np.isinf(d.depth)].astype(float).mean(0)
    assert sky[1] > 1.4 * sky[0] and sky[1] > 1.4 * sky[2]


def test_directions_match_the_tracers_camera() -> None:
    d = view_directions(CAMERA, 65)
    forward = np.subtract(CAMERA.target, CAMERA.eye)
    np.testing.assert_allclose(d[32, 32], forward / np.linalg.norm(forward), atol=1e-6)
    assert d[32, 64, 0] > 0 > d[32, 0, 0]
    assert d[0, 32, 2] > d[64, 32, 2]


def test_the_film_curve_rises_and_keeps_grey_grey() -> None:
    ramp = np.repeat(np.geomspace(1e-4, 50, 200, dtype=np.float32)[:, None], 3, 1)
    out = tone.film_curve(ramp)
    assert (np.diff(out[:, 0]) >= -1e-6).all()
    assert out[0, 0] < 0.001 and out[-1, 0] > 0.98
    np.testing.assert_allclose(out[:, 0], out[:, 2], atol=1e-5)
    assert 0.1 < tone.film_curve(np.full((1, 3), 0.18, np.float32))[0, 0] < 0.25


def test_white_balance_keeps_luminance() -> None:
    warm = np.broadcast_to(np.array([1.0, 0.7, 0.4], np.float32), (8, 16, 3))
    gains = tone.white_balance(warm, adapt=1.0)
    balanced = gains * warm[0, 0]
    np.testing.assert_allclose(balanced, balanced[0], rtol=1e-3)
    assert tone.luminance(balanced) == pytest.approx(float(tone.luminance(warm[0, 0])), rel=1e-3)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(scene(), size=SIZE)
    with pytest.raises(ValueError, match="too small"):
        draw(scene(made("daylight")), size=4)
