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
from reflet.render.denoise import Quality, denoise
from reflet.render.scene import Array, Camera, Light, Scene, View
from reflet.render.sky import environment_map
from reflet.render.style import apply_style
from reflet.render.tracer import Buffers, Geometry, Tracer, camera_axes


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

SMALL = 64  # pixels a side
SKIPPED = 2  # levels of textures that such pictures do without: of 512 texels a side 128 are left


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
                skipped = SKIPPED if size <= SMALL else 0
                tracers[view.light.wet] = Tracer(Geometry.from_parts(parts, skipped_levels=skipped))
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

    @property
    def filter_quality(self) -> Quality:
        """At few paths a picture the lighter network loses 0 to 1.2 dB and saves a tenth of the time."""
        return "balanced" if self.quality >= 1 else "fast"


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
        rows = 256 if job.size > SMALL else 128  # a quarter of the work, and finer than such pictures can show
        environment = environment_map(light.sky, height=rows, width=2 * rows)
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
    distance = buffers.depth
    with clock.stage("post"):
        layers = _composed(view, buffers, environment)
    with clock.stage("denoise"):
        radiance = _denoised(layers, buffers, filter_quality=job.filter_quality, threads=job.threads)
    with clock.stage("post"):
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


@dataclass(frozen=True, eq=False)
class _Layers:
    """Noisy things over the sky, the sky alone, both (S, S, 3) radiance, and (S, S) where any sky is seen."""

    whole: Array
    sky: Array
    open: Array


def _composed(view: View, buffers: Buffers, environment: Array) -> _Layers:
    """What was traced, behind haze, over the sky."""
    light, distance = view.light, buffers.depth
    directions = view_directions(view.camera, len(distance))
    cover = np.clip(buffers.alpha, 0, 1)[..., None].astype(np.float32)
    near = np.maximum(np.nan_to_num(buffers.color), 0)
    wanted = cover[..., 0] < 0.999
    behind = _background(light, directions, wanted, environment) if wanted.any() else np.zeros_like(near)
    if light.haze > 0:
        haze = weather.haze_color(light.sky, light, directions)
        eroded = cv2.erode(np.nan_to_num(distance, posinf=1e9), np.ones((3, 3), np.uint8))
        nearest = np.where(np.isfinite(distance), distance, eroded)  # rims that cover less than their pixel's centre
        height = view.camera.eye[2]
        share = weather.haze_share(light, eye_height=height, directions=directions, distance=nearest)[..., None]
        near = near * (1 - share) + haze * share * cover
        if wanted.any():
            far = np.full_like(distance, np.inf)
            share = weather.haze_share(light, eye_height=height, directions=directions, distance=far)[..., None]
            behind = behind * (1 - share) + haze * share
    return _Layers(near + (1 - cover) * behind, behind, wanted)


def _denoised(layers: _Layers, buffers: Buffers, *, filter_quality: Quality, threads: int) -> Array:
    """The whole without grain. Silhouettes are denoised together with the sky behind them, so that their rims stay
    clean; pure sky is put back sharp, for stars are no grain."""
    # Fireflies are judged by what was hit: before a black sky the whole picture's median would be nothing.
    hit = layers.whole.max(-1)[buffers.alpha > 0.5]
    limit = 30 * float(np.percentile(hit, 75) if hit.size else 1.0) + 1e-3
    clean = denoise(
        np.minimum(layers.whole, limit), buffers.albedo, buffers.normal, quality=filter_quality, threads=threads
    )
    if not layers.open.any():
        return clean
    pure = cv2.erode((buffers.alpha <= 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(pure[..., None], layers.sky, clean)


def _background(light: Light, directions: Array, wanted: Array, environment: Array) -> Array:
    """(S, S, 3) radiance behind everything, computed where `wanted` (S, S)."""
    out = np.zeros_like(directions)
    if light.background is not None:  # a matt backdrop in the scene's own light, a little darker towards the corners
        pool = tone.vignette(len(out), amount=0.3) * np.float32(1.3 * tone.mean_luminance(environment))
        return np.array(light.background, np.float32) * np.broadcast_to(pool, out.shape)
    seen = np.asarray(light.sky.radiance(directions[wanted], background=True), np.float32)
    out[wanted] = np.maximum(np.nan_to_num(seen), 0)
    return out


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
