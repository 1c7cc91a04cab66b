"""A scene becomes pictures: trace, denoise, haze, sky, exposure, film, weather, style; with masks and depth."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.random import Generator

from reflet.render import tone, weather
from reflet.render.denoise import denoise
from reflet.render.scene import Array, Camera, Light, Scene, View
from reflet.render.sky import environment_map
from reflet.render.style import apply_style
from reflet.render.tracer import Geometry, Tracer, camera_axes


@dataclass(frozen=True, eq=False)
class Drawing:
    """One view, S x S pixels.

    picture: (S, S, 3) uint8 sRGB in the view's style. photograph: the same before the style. mask: (S, S) uint8
    object ids, 0 = surroundings. depth: (S, S) float32 distance from the eye, inf = sky. timings: CPU-seconds a
    stage; "geometry" is charged to the first view that needed it.
    """

    picture: Array
    photograph: Array
    mask: Array
    depth: Array
    timings: dict[str, float] = field(default_factory=dict)


# Paths per pixel relative to the view's own number: small bright lights are noisier than a sky.
_SAMPLES: dict[str, float] = {"night": 1.5, "candlelight": 1.5, "lamplight": 1.35, "neon": 1.25, "low-key": 1.2,
                              "twilight": 1.2, "window light": 1.2}  # fmt: skip


def draw(scene: Scene, *, size: int = 256, quality: float = 1.0, seed: int = 0, threads: int = 1) -> list[Drawing]:
    """Draw every view of `scene`, each size x size pixels.

    `quality` multiplies the number of paths per pixel. The same scene, size, quality and seed give the same pictures.
    Raises `ValueError` for a scene without parts or views, and for a size below 16.
    """
    if not scene.parts or not scene.views:
        raise ValueError(f"scene {scene.family}/{scene.layout} has nothing to draw; give it parts and views")
    if size < 16:
        raise ValueError(f"size {size} is too small for a picture; use 16 or more")
    cv2.setNumThreads(threads)
    tracers: dict[bool, Tracer] = {}
    drawings = []
    for index, view in enumerate(scene.views):
        clock = _Clock()
        if view.light.wet not in tracers:
            with clock.stage("geometry"):
                parts = weather.wet_parts(scene.parts) if view.light.wet else scene.parts
                tracers[view.light.wet] = Tracer(Geometry.from_parts(parts))
        job = _Job(view, size=size, quality=quality, seed=[seed, scene.seed, index], threads=threads)
        drawings.append(_draw_view(job, tracers[view.light.wet], clock))
    return drawings


@dataclass(frozen=True)
class _Job:
    view: View
    size: int
    quality: float
    seed: list[int]
    threads: int

    @property
    def samples(self) -> int:
        more = _SAMPLES.get(self.view.light.kind, 1.0)
        return max(1, round(self.view.samples * self.quality * more))


class _Clock:
    """CPU-seconds a stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - start


def _draw_view(job: _Job, tracer: Tracer, clock: _Clock) -> Drawing:
    view, light = job.view, job.view.light
    rng = np.random.default_rng(job.seed)
    with clock.stage("sky"):
        environment = environment_map(light.sky)
    with clock.stage("trace"):
        buffers = tracer.trace(
            view.camera,
            environment,
            size=job.size,
            samples=job.samples,
            max_depth=view.max_depth,
            seed=int(rng.integers(1 << 31)),
            lamps=light.lamps,
            threads=job.threads,
            hide_environment=True,
        )
    with clock.stage("denoise"):
        clean = denoise(buffers.color, buffers.albedo, buffers.normal, threads=job.threads)
    with clock.stage("post"):
        distance = buffers.depth
        radiance = _composed(view, clean, buffers.alpha, distance)
        finished = _developed(radiance, light, environment, rng=rng, distance=distance)
        photograph = tone.to_bytes(finished, rng=rng)
    with clock.stage("style"):
        picture = photograph
        if view.style != "photograph":
            normal, mask = buffers.normal, buffers.object_id
            picture = apply_style(view.style, photograph, depth=distance, normal=normal, mask=mask, rng=rng)
    mask = np.clip(buffers.object_id, 0, 255).astype(np.uint8)
    return Drawing(picture, photograph, mask, distance, timings=clock.seconds)


def view_directions(camera: Camera, size: int) -> Array:
    """(size, size, 3) float32 unit directions through the pixels' centres, rows from the top."""
    forward, right, above = camera_axes(camera)
    at = ((np.arange(size) + 0.5) / size * 2 - 1) * np.tan(np.radians(camera.fov) / 2)
    d = forward + at[None, :, None] * right - at[:, None, None] * above
    return (d / np.linalg.norm(d, axis=-1, keepdims=True)).astype(np.float32)


def _composed(view: View, color: Array, alpha: Array, distance: Array) -> Array:
    """Traced radiance behind haze, over the sky: (S, S, 3) float32."""
    light, size = view.light, color.shape[0]
    directions = view_directions(view.camera, size)
    cover = np.clip(alpha, 0, 1)[..., None].astype(np.float32)
    out = np.maximum(np.nan_to_num(color), 0)
    hazy = light.haze > 0
    if hazy:
        fog = weather.haze_color(light.sky, light, directions)
        near = cv2.erode(np.nan_to_num(distance, posinf=1e9), np.ones((3, 3), np.uint8))
        nearest = np.where(np.isfinite(distance), distance, near)  # rims that cover less than their pixel's centre
        share = weather.haze_share(light, eye_height=view.camera.eye[2], directions=directions, distance=nearest)
        out = out * (1 - share[..., None]) + fog * (share[..., None] * cover)
    if float(cover.min()) > 0.999:
        return out
    behind = _background(light, directions)
    if hazy:
        far = np.full_like(distance, np.inf)
        share = weather.haze_share(light, eye_height=view.camera.eye[2], directions=directions, distance=far)
        behind = behind * (1 - share[..., None]) + fog * share[..., None]
    return out + (1 - cover) * behind


def _background(light: Light, directions: Array) -> Array:
    if light.background is not None:
        return np.broadcast_to(np.array(light.background, np.float32), directions.shape)
    seen = light.sky.radiance(directions.reshape(-1, 3), background=True)
    return np.maximum(np.nan_to_num(np.asarray(seen, np.float32)), 0).reshape(directions.shape)


def _developed(radiance: Array, light: Light, environment: Array, *, rng: Generator, distance: Array) -> Array:
    """Radiance -> sRGB 0..1 (S, S, 3)."""
    exposure = tone.EXPOSURES[light.kind]
    radiance = radiance * tone.white_balance(environment, adapt=exposure.adapt)
    radiance = radiance * np.float32(tone.exposure_factor(radiance, exposure, stops=light.exposure))
    radiance = tone.with_glare(radiance)
    corners = float(rng.uniform(0, 0.22))
    picture = tone.encoded(tone.film_curve(radiance * tone.vignette(radiance.shape[0], amount=corners)))
    if light.weather == "rain":
        picture = weather.with_rain(picture, rng=rng)
    if light.weather == "snowfall":
        picture = weather.with_snow(picture, rng=rng, distance=distance)
    return picture
