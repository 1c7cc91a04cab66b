"""The path tracer against Mitsuba 3: four small scenes with matched materials agree in brightness to 3 %."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from reflet.render.scene import Array, Camera, Part, Surface, SurfaceKind
from reflet.render.shapes import box, grid, plane, sphere, transform
from reflet.render.tracer import Geometry, Tracer

# Mitsuba's `plastic` conserves energy, as our opaque surface does. Its `roughplastic` loses a third of the light at
# alpha 0.36 in a white furnace, and its `principled` makes up to 5 % of light, because it does not take from the
# diffuse base what its gloss reflects. So opaque surfaces are compared polished; rough gloss has our own furnace test.
POLISHED = 0.05
SIZE = 40
DEPTH = 24
Setup = tuple[list[Part], Camera, Array]


@pytest.fixture(scope="module")
def mi() -> Any:
    mitsuba = pytest.importorskip("mitsuba")
    mitsuba.set_variant("scalar_rgb")
    return mitsuba


def sky(*, sun: float = 0.0, width: int = 128) -> Array:
    """A blue gradient over a brown ground, with a small bright sun high on the left behind the camera."""
    polar = np.broadcast_to(
        ((np.arange(width // 2) + 0.5) / (width // 2) * np.pi)[:, None, None], (width // 2, width, 1)
    )
    up = np.clip(np.cos(polar), 0, 1)
    picture = np.where(polar > np.pi / 2, [0.2, 0.17, 0.13], [0.5, 0.7, 1.0] * (1.3 - up))
    picture[18:20, 88:90] += np.array([1.0, 0.9, 0.7]) * sun
    return picture.astype(np.float32)


def diffuse(r: float, g: float, b: float, **more: Any) -> Surface:
    return Surface(kind=SurfaceKind.DIFFUSE, base_color=(r, g, b), **more)


def tabletop() -> Setup:
    looks = [
        Surface(base_color=(0.8, 0.1, 0.05), roughness=POLISHED),
        Surface(base_color=(0.9, 0.9, 0.85), roughness=POLISHED),
        Surface(base_color=(0.9, 0.7, 0.3), roughness=0.35, metallic=1.0),
        diffuse(0.2, 0.5, 0.3),
    ]
    balls = [
        Part(sphere(0.5, center=(1.1 * i - 1.6, 0.3 * (i % 2), 0.5), segments=48, rings=24), look, i + 1)
        for i, look in enumerate(looks)
    ]
    table = Part(plane(12, 12), Surface(base_color=(0.5, 0.35, 0.2), roughness=POLISHED))
    return [table, *balls], Camera(eye=(0, -4.5, 2.4), target=(0, 0, 0.4), fov=40), sky(sun=500)


def room() -> Setup:
    """White walls, a window that lets the sky in, a lamp under the ceiling, and a block of wood."""
    wall = Surface(base_color=(0.8, 0.78, 0.75), roughness=POLISHED)

    def slab(size: tuple[float, float, float], center: tuple[float, float, float], surface: Surface = wall) -> Part:
        return Part(transform(box(size), translate=center), surface)

    parts = [
        slab((4, 4, 0.1), (0, 0, -0.05), Surface(base_color=(0.4, 0.28, 0.18), roughness=POLISHED)),
        slab((4, 4, 0.1), (0, 0, 2.65)),
        slab((4, 0.1, 2.8), (0, 2.05, 1.3)),
        slab((4, 0.1, 2.8), (0, -2.05, 1.3)),
        slab((0.1, 4, 2.8), (2.05, 0, 1.3), Surface(base_color=(0.7, 0.25, 0.2), roughness=POLISHED)),
        slab((0.1, 4, 1.0), (-2.05, 0, 0.4)),
        slab((0.1, 4, 0.6), (-2.05, 0, 2.4)),
        slab((0.6, 0.6, 0.8), (0.6, 0.6, 0.4), diffuse(0.6, 0.4, 0.2)),
        Part(
            transform(plane(0.6, 0.6), rotate=(np.pi, 0, 0), translate=(0, 0, 2.55)),
            diffuse(0, 0, 0, emission=(6, 5, 4)),
        ),
    ]
    return parts, Camera(eye=(-0.5, -1.8, 1.4), target=(0.2, 2, 1.1), fov=70), sky() * 3


def street() -> Setup:
    asphalt = Surface(base_color=(0.12, 0.12, 0.13), roughness=POLISHED)
    parts = [Part(plane(40, 40), asphalt)]
    for side in (-1, 1):
        for i in range(4):
            height = 3.0 + (i * 7 % 4)
            house = transform(box((3, 2.8, height)), translate=(side * 3.2, 3.0 * i, height / 2))
            parts.append(Part(house, diffuse(0.6 - 0.1 * i, 0.45, 0.35 + 0.05 * i)))
    sign = transform(plane(0.8, 0.8), rotate=(np.pi / 2, 0, 0), translate=(0, 5, 2))
    parts.append(Part(sign, diffuse(0, 0, 0, emission=(3, 12, 6))))
    return parts, Camera(eye=(0.3, -5, 1.6), target=(0, 5, 1.8), fov=60), sky(sun=300)


def heightfield() -> Setup:
    x, y = np.meshgrid(np.linspace(-1, 1, 80), np.linspace(-1, 1, 80))
    heights = 0.24 * np.sin(7 * x) * np.cos(5 * y) + 0.1 * np.sin(19 * x + 13 * y)
    ground = grid(heights, width=4, depth=4)
    return [Part(ground, diffuse(0.45, 0.5, 0.3))], Camera(eye=(0, -3, 1.6), target=(0, 0, 0), fov=50), sky(sun=400)


def bsdf(surface: Surface) -> dict[str, Any]:
    color = {"type": "rgb", "value": list(surface.base_color)}
    if surface.kind == SurfaceKind.DIFFUSE:
        return {"type": "diffuse", "reflectance": color}
    if surface.metallic == 1:
        return {"type": "principled", "base_color": color, "roughness": surface.roughness, "metallic": 1.0}
    assert surface.roughness == POLISHED
    return {"type": "plastic", "diffuse_reflectance": color, "int_ior": surface.ior, "ext_ior": 1.0}


def for_mitsuba(environment: Array, *, height: int = 512) -> Array:
    """Our sky, given at texel centres, as Mitsuba reads one: end rows at the poles, column 0 at u = 0."""
    rows = np.linspace(0, len(environment), height) - 0.5
    columns = np.arange(2 * height) / (2 * height) * environment.shape[1] - 0.5
    x, y = np.meshgrid(columns, rows)
    return cv2.remap(
        np.pad(environment, ((1, 1), (0, 0), (0, 0)), mode="edge"),
        x.astype(np.float32),
        (y + 1).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )


def mitsuba_picture(mi: Any, setup: Setup, folder: Path, *, samples: int) -> Array:
    parts, camera, environment = setup
    world: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": DEPTH + 1, "rr_depth": 6},
        "sky": {
            "type": "envmap",
            "bitmap": mi.Bitmap(for_mitsuba(environment)),
            "to_world": mi.ScalarTransform4f().rotate([1, 0, 0], 90),
        },
        "sensor": {
            "type": "perspective",
            "fov": camera.fov,
            "to_world": mi.ScalarTransform4f().look_at(origin=camera.eye, target=camera.target, up=[0, 0, 1]),
            "film": {"type": "hdrfilm", "width": SIZE, "height": SIZE, "rfilter": {"type": "box"}},
            "sampler": {"type": "independent", "sample_count": samples},
        },
    }
    geometry = Geometry.from_parts(parts)
    for index, part in enumerate(parts):
        faces = geometry.faces[geometry.face_material == index]
        used, local = np.unique(faces, return_inverse=True)
        mesh = mi.Mesh(f"part{index}", len(used), len(faces), has_vertex_normals=True)
        values = mi.traverse(mesh)
        values["vertex_positions"] = geometry.vertices[used].ravel()
        values["vertex_normals"] = geometry.normals[used].ravel()
        values["faces"] = local.astype(np.uint32).ravel()
        values.update()
        path = folder / f"part{index}.ply"
        mesh.write_ply(str(path))
        shape = {"type": "ply", "filename": str(path), "bsdf": bsdf(part.surface)}
        if max(part.surface.emission) > 0:
            light = {"type": "rgb", "value": list(part.surface.emission)}
            shape["emitter"] = {"type": "area", "radiance": light}
        world[f"part{index}"] = shape
    return np.array(mi.render(mi.load_dict(world), spp=samples, seed=1))


@pytest.mark.oracle
@pytest.mark.slow
@pytest.mark.parametrize("make", [tabletop, room, street, heightfield])
def test_converged_brightness_agrees_with_mitsuba(mi: Any, tmp_path: Path, make: Callable[[], Setup]) -> None:
    setup = make()
    parts, camera, environment = setup
    tracer = Tracer(Geometry.from_parts(parts))
    ours = tracer.trace(camera, environment, size=SIZE, samples=256, max_depth=DEPTH, seed=1, clamp=0).color
    theirs = mitsuba_picture(mi, setup, tmp_path, samples=256)
    ratio = ours.mean(axis=(0, 1)) / theirs.mean(axis=(0, 1))
    np.testing.assert_allclose(ratio, 1, atol=0.03)
    # And place by place, in blocks of 8 x 8 pixels, which are noisier.
    blocks = [np.reshape(p, (SIZE // 8, 8, SIZE // 8, 8, 3)).mean(axis=(1, 3)) for p in (ours, theirs)]
    np.testing.assert_allclose(blocks[0], blocks[1], atol=0.2 * theirs.mean())
