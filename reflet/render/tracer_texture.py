"""Textures as the tracer reads them: eight-bit, with mip levels, packed once however many scenes use them."""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass, replace

import cv2
import numpy as np

from reflet.render.scene import Array, Texture

MAX_LEVELS = 14
LEAST = 128  # texels a side that are always kept


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


_cache: weakref.WeakKeyDictionary[Texture, dict[int, PackedTexture]] = weakref.WeakKeyDictionary()


def packed(texture: Texture, *, skipped: int = 0) -> PackedTexture:
    """The texture in the tracer's form, made at the first call for each `Texture` object.

    `skipped` finest levels are left out, down to LEAST texels a side: small pictures hardly read them, and to pack them
    costs more than to trace such a picture.
    """
    known = _cache.setdefault(texture, {})
    while skipped and min(texture.albedo.shape[:2]) >> skipped < LEAST:
        skipped -= 1
    if skipped not in known:
        known[skipped] = _pack(_halved(texture, skipped) if skipped else texture)
    return known[skipped]


def _halved(texture: Texture, times: int) -> Texture:
    _check(texture)
    height, width = (max(n >> times, 1) for n in texture.albedo.shape[:2])

    def half(field: Array | None) -> Array | None:
        if field is None:
            return None
        small = cv2.resize(np.asarray(field, np.float32), (width, height), interpolation=cv2.INTER_AREA)
        return small.reshape(height, width, *field.shape[2:])

    fields = {name: half(getattr(texture, name)) for name in ("albedo", "height", "roughness", "emission")}
    return replace(texture, **fields)


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


def _check(texture: Texture) -> None:
    size = texture.albedo.shape[:2]
    for name in ("height", "roughness", "emission"):
        values = getattr(texture, name)
        if values is not None and values.shape[:2] != size:
            raise ValueError(f"texture {texture.name!r}: {name} is {values.shape[:2]} but albedo {size}.")


def _pack(texture: Texture) -> PackedTexture:
    _check(texture)
    height, width = texture.albedo.shape[:2]
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
