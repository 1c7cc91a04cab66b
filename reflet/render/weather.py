"""What weather adds to a picture: haze with depth, rain and snow in the air, wet ground."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator

from reflet.render.scene import Array, Light, Part, Sky, Surface, SurfaceKind, Texture
from reflet.render.sky import direction


def haze_color(sky: Sky, light: Light, directions: Array) -> Array:
    """(H, W, 3) unit view directions -> (H, W, 3) radiance of thick haze there.

    `light.haze_color` is the mean; round the compass it follows the brightness of the sky's horizon, so that haze
    glows towards a low sun.
    """
    azimuth = np.linspace(0, 2 * np.pi, 33)
    ring = np.stack([direction(a, 0.06) for a in azimuth]).astype(np.float32)
    around = np.asarray(getattr(sky, "soft", sky.radiance)(ring), np.float64)
    around = around / np.maximum(around.mean(0), 1e-9)
    around = np.clip(0.5 + 0.5 * around, 0.5, 2.5) * np.array(light.haze_color)
    at = np.arctan2(directions[..., 0], directions[..., 1])
    at = (np.mod(at, 2 * np.pi) * np.float32(32 / (2 * np.pi))).astype(np.float32)
    table = around.astype(np.float32)[None]
    return cv2.remap(table, at, np.zeros_like(at), cv2.INTER_LINEAR)


def haze_share(light: Light, *, eye_height: float, directions: Array, distance: Array) -> Array:
    """(H, W) share of the light that haze replaces on the way to `distance` (inf = the sky).

    With `haze_height` the density falls as exp(-z / haze_height) and the integral is closed; without it haze is
    the same everywhere, and fog that hides the ground also hides the sky. Clear air is left out before the sky,
    which has its own.
    """
    up = directions[..., 2]
    density = np.where(np.isinf(distance), np.float32(max(light.haze - 1 / 2500, 0)), np.float32(light.haze))
    if light.haze_height is None:
        depth = density * np.minimum(distance, np.float32(1e6))
    else:
        scale = np.float32(light.haze_height)
        start = np.exp(-np.float32(max(eye_height, 0.0)) / scale)
        rise = np.minimum(distance, np.float32(1e6)) * up / scale
        rise = np.where(np.abs(rise) < 1e-3, np.float32(1e-3), rise)
        rise = np.maximum(rise, -20)
        run = (1 - np.exp(-rise)) / rise
        depth = density * start * np.minimum(distance, np.float32(1e6)) * run
    return 1 - np.exp(-np.clip(depth, 0, 40))


# ---------------------------------------------------------------------------------------------- in the air
def with_rain(picture: Array, *, rng: Generator) -> Array:
    """Streaks over a display picture (S, S, 3) 0..1: many thin far ones, few long near ones."""
    size = picture.shape[0]
    unit = size / 256
    slant = float(rng.normal(0, 0.14))
    drawn = np.zeros((size, size), np.uint8)
    for count, length, strength, thick in ((260, 9, 0.16, 1), (110, 17, 0.22, 1), (22, 34, 0.20, 2)):
        starts = rng.uniform(-0.1, 1.05, (count, 2)) * size
        lengths = length * unit * rng.uniform(0.6, 1.5, count)
        shades = strength * rng.uniform(0.35, 1.0, count)
        ends = starts + np.stack([lengths * slant, lengths], 1)
        for start, end, shade in zip((starts * 16).astype(int), (ends * 16).astype(int), shades.tolist(), strict=True):
            cv2.line(
                drawn, start.tolist(), end.tolist(), shade * 255, max(1, round(thick * unit * 0.5)), cv2.LINE_AA, 4
            )
    layer = cv2.GaussianBlur(drawn, (0, 0), 0.55 * unit).astype(np.float32) / 255
    bright = cv2.GaussianBlur(picture, (0, 0), 14 * unit)
    streak = np.minimum(0.25 + 1.15 * bright, 1)
    return picture + layer[..., None] * np.maximum(streak - picture, -0.1)


def with_snow(picture: Array, *, rng: Generator, distance: Array) -> Array:
    """Flakes over a display picture: small far ones hidden by near things, big soft near ones."""
    size = picture.shape[0]
    unit = size / 256
    out = picture
    level = float(np.clip(np.percentile(picture, 90) * 1.25, 0.35, 1.0))
    near_things = np.clip(np.nan_to_num(distance, posinf=1e6) / 12.0, 0.25, 1).astype(np.float32)
    for count, radius, blur, strength in (
        (520, 0.55, 0.4, 0.75),
        (150, 0.95, 0.6, 0.85),
        (34, 1.8, 1.1, 0.8),
        (6, 4.2, 2.6, 0.55),
    ):
        drawn = np.zeros((size, size), np.uint8)
        number = int(count * rng.uniform(0.5, 1.3))
        centres = (rng.uniform(0, size, (number, 2)) * 16).astype(int)
        radii = np.maximum(radius * unit * rng.uniform(0.6, 1.4, number) * 16, 4).astype(int)
        shades = rng.uniform(0.5, 1.0, number) * strength
        for centre, r, shade in zip(centres.tolist(), radii.tolist(), shades.tolist(), strict=True):
            cv2.circle(drawn, centre, r, shade * 255, -1, cv2.LINE_AA, 4)
        layer = cv2.GaussianBlur(drawn, (0, 0), blur * unit).astype(np.float32) / 255
        if radius < 0.7:
            layer *= near_things
        out = out + layer[..., None] * (np.float32(level) - out) * (out < level)
    return out


# ---------------------------------------------------------------------------------------------- on the ground
def wet_parts(parts: list[Part]) -> list[Part]:
    """The parts as rain leaves them: level surroundings darker and glossy, with puddles where their relief is low."""
    return [replace_surface(part) if _is_ground(part) else part for part in parts]


def replace_surface(part: Part) -> Part:
    return Part(part.mesh, wet_surface(part.surface), part.object_id)


def _is_ground(part: Part) -> bool:
    if part.object_id != 0 or part.surface.kind not in (SurfaceKind.OPAQUE, SurfaceKind.DIFFUSE):
        return False
    if max(part.surface.emission) > 0 or part.surface.metallic > 0.5:
        return False
    vertices, faces = part.mesh.vertices, part.mesh.faces
    normals = np.cross(vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]])
    area = np.linalg.norm(normals, axis=1)
    return float(normals[:, 2].sum()) > 0.9 * float(area.sum())


_wet_textures: dict[int, tuple[Texture, Texture]] = {}


def wet_surface(surface: Surface) -> Surface:
    """Darker (water fills the pores: Jensen et al., "Rendering of wet materials", 1999), smooth in the hollows."""
    color = tuple(c * 0.72 for c in surface.base_color)
    texture = surface.texture
    if texture is not None and texture.height is not None:
        texture = _wet_texture(texture)
    return replace(
        surface,
        kind=SurfaceKind.OPAQUE,
        base_color=(color[0], color[1], color[2]),
        roughness=min(surface.roughness, 0.22),
        coat=max(surface.coat, 0.35),
        bump=surface.bump * 0.5,
        texture=texture,
    )


def _wet_texture(texture: Texture) -> Texture:
    known = _wet_textures.get(id(texture))
    if known is not None and known[0] is texture:
        return known[1]
    assert texture.height is not None
    height = np.asarray(texture.height, np.float32)
    low = cv2.GaussianBlur(height, (0, 0), max(2.0, height.shape[0] / 40), borderType=cv2.BORDER_REFLECT)
    rank = (low - low.min()) / max(float(low.max() - low.min()), 1e-6)
    puddle = np.clip((0.5 - rank) * 4, 0, 1)
    roughness = (0.06 * puddle + 0.36 * (1 - puddle)).astype(np.float32)
    albedo = np.asarray(texture.albedo, np.float32) * (1 - 0.3 * puddle[..., None])
    wet = replace(texture, name=f"{texture.name} wet", roughness=roughness, albedo=albedo.astype(np.float32))
    _wet_textures[id(texture)] = (texture, wet)
    return wet
