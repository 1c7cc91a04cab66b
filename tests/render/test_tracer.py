"""The path tracer against closed forms: furnaces, form factors, geometry, and the same bits every time."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from reflet.render.scene import Array, Camera, Mesh, Part, Surface, SurfaceKind, Texture
from reflet.render.shapes import plane, sphere
from reflet.render.tracer import Buffers, Geometry, Tracer
from reflet.render.tracer_build import RenderError, build, compiler

FRONT = Camera(eye=(0, -4, 0), target=(0, 0, 0), fov=30)
DOWN = Camera(eye=(0, 0, 5), target=(0, 0, 0), fov=30)
WHITE_SKY = np.ones((8, 16, 3), np.float32)
DARK_SKY = np.zeros((8, 16, 3), np.float32)


def trace(parts: list[Part], camera: Camera, sky: Array = WHITE_SKY, **options: object) -> Buffers:
    settings: dict[str, object] = {"size": 24, "samples": 16, "max_depth": 8, "seed": 3, "clamp": 0.0, **options}
    return Tracer(Geometry.from_parts(parts)).trace(camera, sky, **settings)  # type: ignore[arg-type]


def ball(
    surface: Surface, *, object_id: int = 1, radius: float = 1.0, center: tuple[float, float, float] = (0, 0, 0)
) -> Part:
    return Part(sphere(radius, center=center, segments=48, rings=24), surface, object_id)


def direction_sky(width: int = 256) -> Array:
    """A sky whose red, green and blue are 1 + the x, y and z of the direction."""
    polar, azimuth = np.meshgrid(
        (np.arange(width // 2) + 0.5) / (width // 2) * np.pi,
        (np.arange(width) + 0.5) / width * 2 * np.pi,
        indexing="ij",
    )
    x, y, z = np.sin(azimuth) * np.sin(polar), np.cos(azimuth) * np.sin(polar), np.cos(polar)
    return (1 + np.stack([x, y, z], axis=-1)).astype(np.float32)


@pytest.mark.parametrize(
    "surface",
    [
        Surface(kind=SurfaceKind.DIFFUSE, base_color=(1, 1, 1)),
        *(Surface(base_color=(1, 1, 1), roughness=r) for r in (0.05, 0.3, 0.6, 1.0)),
        *(Surface(base_color=(1, 1, 1), roughness=r, metallic=1.0) for r in (0.1, 0.5, 1.0)),
        Surface(base_color=(1, 1, 1), roughness=0.5, coat=1.0),
        Surface(base_color=(1, 1, 1), roughness=0.3, metallic=1.0, coat=0.7),
        Surface(kind=SurfaceKind.GLASS, base_color=(1, 1, 1)),
        Surface(kind=SurfaceKind.THIN_GLASS, base_color=(1, 1, 1)),
    ],
    ids=lambda s: f"{s.kind.name}-{s.roughness}-{s.metallic}-{s.coat}",
)
def test_a_white_body_vanishes_in_a_white_furnace(surface: Surface) -> None:
    seen = trace([ball(surface)], FRONT, samples=64)
    inside = seen.alpha == 1
    assert inside.sum() > 200
    assert seen.color[inside].mean() == pytest.approx(1, abs=0.02)


def test_a_grey_plane_under_a_constant_sky_reflects_its_albedo() -> None:
    ground = Part(plane(1000, 1000), Surface(kind=SurfaceKind.DIFFUSE, base_color=(0.2, 0.5, 0.8)))
    seen = trace([ground], DOWN, 3 * WHITE_SKY, samples=64)
    np.testing.assert_allclose(seen.color.mean(axis=(0, 1)), [0.6, 1.5, 2.4], rtol=0.005)


def test_a_sphere_light_has_its_form_factor() -> None:
    """A ball of radiance L and radius R, h above a plane: irradiance pi L (R / h)^2 below it."""
    radius, height, albedo, radiance = 0.5, 2.0, 0.6, 7.0
    light = ball(Surface(emission=(radiance,) * 3), radius=radius, center=(0, 0, height))
    ground = Part(plane(20, 20), Surface(kind=SurfaceKind.DIFFUSE, base_color=(albedo,) * 3))
    under = Camera(eye=(1, 0, 1), target=(0, 0, 0), fov=1)
    seen = trace([light, ground], under, DARK_SKY, samples=256)
    assert seen.color.mean() == pytest.approx(albedo * radiance * (radius / height) ** 2, rel=0.015)


def test_light_and_shadow_fall_on_the_right_side() -> None:
    """A sky bright only low in the +x: the ball is lit there, and that is where a camera looking +x sees it."""
    sky = DARK_SKY.repeat(8, axis=0).repeat(8, axis=1)
    sky[24:30, 14:19] = 50  # azimuth of column 16 of 128 is an eighth of a turn: towards (+x, +y)
    seen = trace([ball(Surface(kind=SurfaceKind.DIFFUSE))], dataclasses.replace(FRONT, eye=(0, -4, 0)), sky)
    left, right = seen.color[:, :12].mean(), seen.color[:, 12:].mean()
    assert right > 3 * left
    looking = trace([], Camera(eye=(0, 0, 0), target=(1, 1, 0.45), fov=5), sky)
    assert looking.color.mean() == pytest.approx(50, rel=0.01)


def test_the_environment_is_seen_where_it_is() -> None:
    seen = trace([], Camera(eye=(0, 0, 0), target=(0.3, 1, 0.2), fov=40), direction_sky(), samples=4)
    rows = seen.color - 1
    np.testing.assert_allclose(rows[12:13, 12].mean(axis=0), np.array([0.3, 1, 0.2]) / np.sqrt(1.13), atol=0.02)
    assert rows[12, -1, 0] > rows[12, 0, 0]  # +x is to the right of a camera that looks to +y
    assert rows[0, 12, 2] > rows[-1, 12, 2]


def test_glass_without_refraction_is_invisible() -> None:
    ground = Part(plane(8, 8, center=(0, 0, -1)), Surface(kind=SurfaceKind.DIFFUSE, base_color=(0.5, 0.5, 0.5)))
    clear = ball(Surface(kind=SurfaceKind.GLASS, base_color=(1, 1, 1), ior=1.0))
    above = Camera(eye=(0, -4, 2), target=(0, 0, -0.5), fov=40)
    without = trace([ground], above, direction_sky(), samples=64)
    within = trace([ground, clear], above, direction_sky(), samples=64)
    np.testing.assert_allclose(within.color.mean(axis=(0, 1)), without.color.mean(axis=(0, 1)), rtol=0.01)
    assert within.object_id.max() == 1  # yet it counts as an object


def test_tinted_glass_stands_on_a_table_and_tints_its_shadow() -> None:
    table = Part(plane(8, 8, center=(0, 0, -1)), Surface(kind=SurfaceKind.DIFFUSE, base_color=(0.8, 0.8, 0.8)))
    red = ball(Surface(kind=SurfaceKind.GLASS, base_color=(0.9, 0.1, 0.1)))
    sun = DARK_SKY.repeat(4, axis=0).repeat(4, axis=1)
    sun[0:2] = 20  # light from the zenith
    seen = trace([table, red], Camera(eye=(0, -3, 6), target=(0, 0, -1), fov=40), sun + 0.1)
    below = seen.color[seen.object_id == 1].mean(axis=0)
    assert below[0] > 2 * below[1] > 0


def test_depth_is_the_distance_to_the_surface_and_ids_are_exact() -> None:
    parts = [ball(Surface(), object_id=7), Part(plane(100, 100, center=(0, 0, -1)), Surface(), 0)]
    seen = trace(parts, FRONT, size=33, samples=1)
    assert seen.depth[16, 16] == pytest.approx(3, abs=0.01)
    assert seen.object_id[16, 16] == 7
    seen = trace(parts, dataclasses.replace(FRONT, fov=60), size=33, samples=1)
    down = np.array([0, 1, -(31.5 / 33 * 2 - 1) * np.tan(np.radians(30))])  # through the centre of row 31
    assert seen.depth[31, 16] == pytest.approx(np.linalg.norm(down) / -down[2], rel=1e-4)
    assert seen.object_id[31, 16] == 0
    assert np.isinf(seen.depth[0, 0]) and seen.object_id[0, 0] == 0 and seen.alpha[0, 0] == 0


def test_the_lens_blurs_the_picture_but_not_the_mask() -> None:
    camera = dataclasses.replace(FRONT, aperture=0.3, focus_distance=1.0)
    sharp, soft = (trace([ball(Surface())], c, hide_environment=True) for c in (FRONT, camera))
    np.testing.assert_array_equal(sharp.object_id, soft.object_id)
    np.testing.assert_array_equal(sharp.depth, soft.depth)
    assert ((soft.alpha > 0.05) & (soft.alpha < 0.95)).sum() > 2 * ((sharp.alpha > 0.05) & (sharp.alpha < 0.95)).sum()


def test_a_hidden_environment_lights_but_is_not_seen() -> None:
    seen = trace([ball(Surface())], FRONT, hide_environment=True)
    assert (seen.color[seen.alpha == 0] == 0).all()
    assert (seen.color[seen.alpha == 1] > 0.2).all()


def still_life() -> list[Part]:
    return [
        Part(plane(20, 20, center=(0, 0, -1)), Surface(base_color=(0.5, 0.4, 0.3), roughness=0.4)),
        ball(Surface(kind=SurfaceKind.GLASS, base_color=(0.8, 0.9, 1)), center=(-0.6, 0, 0), radius=0.5),
        ball(Surface(kind=SurfaceKind.FROSTED, roughness=0.3), center=(0.5, 0.8, 0), radius=0.5, object_id=2),
        ball(Surface(subsurface=0.8, base_color=(0.8, 0.5, 0.3)), center=(0.5, -0.7, -0.5), radius=0.4, object_id=3),
        ball(Surface(emission=(5, 4, 3), lamp=True), center=(0, 0, 1), radius=0.2, object_id=4),
    ]


def test_threads_and_repetition_change_no_bit_and_the_seed_does() -> None:
    tracer = Tracer(Geometry.from_parts(still_life()))
    options = {"size": 32, "samples": 3, "max_depth": 5}
    first, again, parallel, other = (
        tracer.trace(FRONT, direction_sky(32), seed=seed, threads=threads, **options)
        for seed, threads in ((5, 1), (5, 1), (5, 3), (6, 1))
    )
    for name in ("color", "albedo", "normal", "depth", "alpha", "object_id"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        np.testing.assert_array_equal(getattr(first, name), getattr(parallel, name))
    assert (first.color != other.color).any()
    assert np.isfinite(first.color).all() and (first.color >= 0).all()
    np.testing.assert_array_equal(first.object_id, other.object_id)


def test_lamps_can_be_switched_off_without_a_new_tracer() -> None:
    tracer = Tracer(Geometry.from_parts(still_life()))
    options = {"size": 16, "samples": 8, "max_depth": 4, "seed": 1}
    lit, dim, off = (tracer.trace(FRONT, DARK_SKY, lamps=lamps, clamp=0, **options).color for lamps in (2.0, 1.0, 0.0))
    assert lit.mean() == pytest.approx(2 * dim.mean(), rel=1e-3)
    assert (off == 0).all()


def test_clamping_only_ever_darkens_and_little() -> None:
    tracer = Tracer(Geometry.from_parts(still_life()))
    options = {"size": 32, "samples": 16, "max_depth": 5, "seed": 1}
    free, clamped = (tracer.trace(FRONT, direction_sky(32), clamp=c, **options).color for c in (0.0, 10.0))
    assert (clamped <= free * (1 + 1e-5)).all()
    assert clamped.mean() > 0.97 * free.mean()


def checked(height: Array | None = None, emission: Array | None = None) -> Texture:
    squares = (np.indices((64, 64)).sum(axis=0) // 8 % 2).astype(np.float32)
    albedo = np.repeat(squares[..., None], 3, axis=2) * np.array([0.8, 0.4, 0.2], np.float32)
    return Texture("checked", albedo, height=height, emission=emission)


def test_textures_far_away_average_to_their_mean() -> None:
    texture = checked()
    ground = Part(plane(4000, 4000), Surface(kind=SurfaceKind.DIFFUSE, base_color=(1, 1, 1), texture=texture))
    seen = trace([ground], Camera(eye=(0, 0, 30), target=(0, 60, 0), fov=30), samples=16)
    np.testing.assert_allclose(seen.albedo.mean(axis=(0, 1)), texture.albedo.mean(axis=(0, 1)), rtol=0.02)
    assert seen.albedo[..., 0].std() < 0.05  # no shimmer


def test_textures_are_stored_once_and_shine() -> None:
    glow = np.zeros((64, 64, 3), np.float32)
    glow[:32] = 2.0  # the half with v < 0.5
    texture = checked(emission=glow)
    one = Mesh(
        np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float),
        np.array([[0, 1, 2], [0, 2, 3]]),
        np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float),
    )
    surface = Surface(kind=SurfaceKind.DIFFUSE, base_color=(0, 0, 0), texture=texture)
    geometry = Geometry.from_parts([Part(one, surface), Part(one, dataclasses.replace(surface, uv_scale=2.0))])
    assert len(geometry.textures) == 1
    seen = trace([Part(one, surface)], Camera(eye=(0, 0, 5), target=(0, 0, 0), fov=20), DARK_SKY)
    assert seen.color[20].mean() == pytest.approx(2, rel=0.02)  # low v is at the bottom (+y is up)
    assert seen.color[3].mean() == 0


def test_relief_turns_the_normal() -> None:
    slope = np.repeat(np.linspace(0, 1, 64, endpoint=False, dtype=np.float32)[None], 64, axis=0)  # rises with u
    ground = plane(4, 4, center=(0, 0, 0))
    flat = Mesh(ground.vertices, ground.faces, np.asarray(ground.vertices)[:, :2] * 0.1 + 0.5)
    surface = Surface(kind=SurfaceKind.DIFFUSE, texture=checked(height=slope), bump=5.0)
    seen = trace([Part(flat, surface)], DOWN, size=8)
    expected = np.array([-0.5, 0, 1]) / np.sqrt(1.25)  # height 5 u over x = 10 u
    np.testing.assert_allclose(seen.normal[4, 4], expected, atol=0.02)


def test_vertex_colors_multiply_the_base_color() -> None:
    mesh = dataclasses.replace(plane(100, 100), colors=np.tile([0.5, 1.0, 0.25], (4, 1)))
    seen = trace([Part(mesh, Surface(kind=SurfaceKind.DIFFUSE, base_color=(0.8, 0.5, 0.4)))], DOWN)
    np.testing.assert_allclose(seen.albedo[5, 5], [0.4, 0.5, 0.1], rtol=1e-5)


def test_light_bleeds_through_translucent_bodies_only() -> None:
    sun = DARK_SKY.repeat(4, axis=0).repeat(4, axis=1)
    sun[14:18, 0:2] = sun[14:18, -2:] = 30  # from behind
    wax, clay = (trace([ball(Surface(base_color=(0.9, 0.9, 0.9), subsurface=s))], FRONT, sun) for s in (1.0, 0.0))
    middle = np.s_[8:16, 8:16]
    assert wax.color[middle].mean() > 5 * clay.color[middle].mean()
    assert wax.color[wax.alpha == 1].max() < 30


def test_nothing_and_broken_triangles_do_no_harm() -> None:
    empty = trace([], FRONT)
    np.testing.assert_allclose(empty.color, 1, rtol=2e-3)
    broken = Mesh(
        np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [np.nan, 0, 0], [0, 1, 1], [np.inf, 0, 1]], float),
        np.array([[0, 1, 2], [0, 0, 0], [0, 1, 3], [1, 4, 5]]),
    )
    nothing = Part(Mesh(np.zeros((0, 3)), np.zeros((0, 3), int)), Surface())
    glowing = Part(broken, Surface(emission=(1, 1, 1)), 1)
    seen = trace([nothing, glowing, ball(Surface(), object_id=2)], FRONT)
    assert np.isfinite(seen.color).all()
    assert set(np.unique(seen.object_id)) == {0, 2}


def test_a_tall_stack_of_equal_triangles_builds() -> None:
    mesh = sphere(1.0, segments=8, rings=4)
    copies = [Part(mesh, Surface(), 1)] * 300
    seen = trace(copies, FRONT, samples=1)
    assert seen.object_id[12, 12] == 1


@pytest.mark.parametrize(
    ("mesh", "message"),
    [
        (Mesh(np.zeros((3, 3)), np.array([[0, 1, 3]])), "name vertices"),
        (Mesh(np.zeros((4, 3)), np.array([[0, 1, 2, 3]])), "triangles"),
        (Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]]), uvs=np.zeros((2, 2))), "uvs"),
    ],
)
def test_meshes_that_contradict_themselves_are_refused(mesh: Mesh, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Geometry.from_parts([Part(mesh, Surface())])


def test_without_a_compiler_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(RenderError, match="install g\\+\\+ or clang"):
        compiler()


def test_a_compiler_that_fails_is_named(tmp_path) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'x.cpp:1: error: no such thing' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(RenderError, match="no such thing"):
        build(tmp_path / "cache", str(broken))
    assert list((tmp_path / "cache").iterdir()) == []  # nothing half-made stays behind
