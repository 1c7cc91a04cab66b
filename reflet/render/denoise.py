"""Removes the grain of few samples with Intel Open Image Denoise (Apache-2.0), through pyoidn."""

from __future__ import annotations

import threading
from typing import Any, Literal

import numpy as np
import pyoidn

from reflet.render.scene import Array

Quality = Literal["fast", "balanced", "high"]
_QUALITIES = {
    "fast": pyoidn.OIDN_QUALITY_FAST,
    "balanced": pyoidn.OIDN_QUALITY_BALANCED,
    "high": pyoidn.OIDN_QUALITY_HIGH,
}


class _Denoiser:
    """A device with one filter bound to its own pictures of one size; calls take turns."""

    def __init__(self, shape: tuple[int, int], quality: Quality, threads: int) -> None:
        self.device: Any = pyoidn.Device()
        # Affinity off: several processes would otherwise pin their threads to the same cores.
        self.device.set_bool("setAffinity", False)
        self.device.set_int("numThreads", threads)
        self.device.commit()
        self.filter: Any = pyoidn.Filter(self.device)
        self.images = {name: np.zeros((*shape, 3), np.float32) for name in ("color", "albedo", "normal", "output")}
        for name, image in self.images.items():
            self.filter.set_image(name, image, pyoidn.OIDN_FORMAT_FLOAT3)
        self.filter.set_bool("hdr", True)
        self.filter.set_quality(_QUALITIES[quality])
        self.filter.commit()

    def run(self, color: Array, albedo: Array, normal: Array) -> Array:
        for name, image in (("color", color), ("albedo", albedo), ("normal", normal)):
            self.images[name][...] = image
        self.filter.execute()
        error = self.device.get_error()
        if error is not None:
            raise RuntimeError(f"Open Image Denoise failed: {error}")
        return self.images["output"].copy()


_denoisers: dict[tuple[tuple[int, int], Quality, int], _Denoiser] = {}
_lock = threading.Lock()


def denoise(color: Array, albedo: Array, normal: Array, *, quality: Quality = "balanced", threads: int = 1) -> Array:
    """Linear radiance, albedo in 0..1 and world normals, each (H, W, 3) float32, to clean radiance (H, W, 3).

    The filter is kept between calls: only the first of a size pays for setting it up. Raises ValueError if the
    pictures differ in shape.
    """
    if not color.shape == albedo.shape == normal.shape or color.ndim != 3 or color.shape[2] != 3:
        raise ValueError(
            f"color, albedo and normal must be (H, W, 3), got {color.shape}, {albedo.shape}, {normal.shape}."
        )
    key = (color.shape[:2], quality, threads)
    with _lock:
        if key not in _denoisers:
            _denoisers[key] = _Denoiser(color.shape[:2], quality, threads)
        return _denoisers[key].run(color, albedo, normal)
