"""Textures as the tracer reads them: eight-bit, with mip levels, packed once however many scenes use them."""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass

import cv2
import numpy as np

from reflet.render.scene import Array, Texture

MAX_LEVELS = 14


class TextureRecord(ctypes.Structure):  # Texture in tracer_scene.h
    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("color", "relief", "emission")),
        ("emission_scale", ctypes.c_float),
        *((name, ctypes.c_int32) for name in ("width", "height", "num_levels", "has_roughness")),
        ("level_offset", ctypes.c_int32 * MAX_LEVELS),
    ]


@dataclass(frozen=True, eq=False)
class PackedTexture:
    """A `TextureRecord` and the arrays that it points into, each all levels in a row."""

    record: TextureRecord
    color: Array  # (N, 4) uint8: square roots of albedo, and roughness
    relief: Array | None  # (N,) uint16
    emission: Array | None  # (N, 4) uint8: square roots of radiance over emission_scale, and nothing


_cache: weakref.WeakKeyDictionary[Texture, PackedTexture] = weakref.WeakKeyDictionary()


def packed(texture: Texture) -> PackedTexture:
    """The texture in the tracer's form, made at the first call for each `Texture` object."""
    if texture not in _cache:
        _cache[texture] = _pack(texture)
    return _cache[texture]


def _levels(image: Array) -> list[Array]:
    """The picture and its averages at half, a quarter ... of the size, down to one texel."""
    levels = [np.ascontiguousarray(image, np.float32)]
    while max(levels[-1].shape[:2]) > 1 and len(levels) < MAX_LEVELS:
        height, width = (max(n // 2, 1) for n in levels[-1].shape[:2])
        small = cv2.resize(levels[-1], (width, height), interpolation=cv2.INTER_AREA)
        levels.append(small.reshape(height, width, *image.shape[2:]))
    return levels


def _flat(levels: list[Array], *, scale: float, dtype: type) -> Array:
    rows = [level.reshape(-1, *level.shape[2:]) for level in levels]
    return np.round(np.clip(np.concatenate(rows), 0, 1) * scale).astype(dtype)


def _pack(texture: Texture) -> PackedTexture:
    height, width = texture.albedo.shape[:2]
    for name in ("height", "roughness", "emission"):
        values = getattr(texture, name)
        if values is not None and values.shape[:2] != (height, width):
            raise ValueError(f"texture {texture.name!r}: {name} is {values.shape[:2]} but albedo {(height, width)}.")
    roughness = np.ones((height, width), np.float32) if texture.roughness is None else texture.roughness
    levels = _levels(np.dstack([texture.albedo, roughness]))
    for level in levels:
        level[..., :3] = np.sqrt(np.maximum(level[..., :3], 0))
    color = _flat(levels, scale=255, dtype=np.uint8)
    relief = None if texture.height is None else _flat(_levels(texture.height), scale=65535, dtype=np.uint16)
    emission, brightest = None, 0.0
    if texture.emission is not None and float(np.max(texture.emission)) > 0:
        brightest = float(np.max(texture.emission))
        padded = np.dstack([texture.emission, np.zeros((height, width), np.float32)])
        emission = _flat([np.sqrt(np.maximum(e, 0) / brightest) for e in _levels(padded)], scale=255, dtype=np.uint8)
    record = TextureRecord(
        color.ctypes.data,
        None if relief is None else relief.ctypes.data,
        None if emission is None else emission.ctypes.data,
        brightest,
        width,
        height,
        len(levels),
        int(texture.roughness is not None),
    )
    record.level_offset[: len(levels)] = [0, *np.cumsum([level.shape[0] * level.shape[1] for level in levels])[:-1]]
    return PackedTexture(record=record, color=color, relief=relief, emission=emission)
