"""Pictures from an asset folder: sets of material maps as textures, and high dynamic range panoramas as skies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from reflet.render.scene import Array, Texture


def to_linear(display: Array) -> Array:
    """Display values 0..1 to linear light, elementwise (IEC 61966-2-1)."""
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _read(path: Path, size: int, *, color: bool) -> Array:
    """A picture as (size, size[, 3]) float32 0..1."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR if color else cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError(f"{path} is not a readable picture; replace it or take it out of the folder")
    image = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.ascontiguousarray(image[..., ::-1]) if color else image


def height_from_normals(normals: Array) -> Array:
    """Height field 0..1 whose slopes fit a tangent-space normal map, +y up (Frankot & Chellappa 1988)."""
    n = normals * 2 - 1
    slope_x, slope_y = -n[..., 0] / np.maximum(n[..., 2], 0.1), n[..., 1] / np.maximum(n[..., 2], 0.1)
    wx = 2j * np.pi * np.fft.fftfreq(n.shape[1])[None, :]
    wy = 2j * np.pi * np.fft.fftfreq(n.shape[0])[:, None]
    power = np.abs(wx) ** 2 + np.abs(wy) ** 2
    power[0, 0] = 1
    spectrum = (np.conj(wx) * np.fft.fft2(slope_x) + np.conj(wy) * np.fft.fft2(slope_y)) / power
    spectrum[0, 0] = 0
    height = np.fft.ifft2(spectrum).real
    return ((height - height.min()) / max(float(np.ptp(height)), 1e-9)).astype(np.float32)


def read_texture(folder: Path, name: str, *, size: int = 512) -> Texture:
    """A folder of maps as a texture: albedo, and roughness, displacement or else normal, where they are."""
    files = {
        path.stem.lower(): path for path in sorted(folder.iterdir()) if path.suffix.lower() in (".jpg", ".jpeg", ".png")
    }
    albedo = next(files[key] for key in ("albedo", "color", "basecolor", "diffuse") if key in files)
    height = None
    if "displacement" in files or "height" in files:
        height = _read(files.get("displacement") or files["height"], size, color=False)
    elif "normal" in files:
        height = height_from_normals(_read(files["normal"], size, color=True))
    roughness = _read(files["roughness"], size, color=False) if "roughness" in files else None
    return Texture(name, to_linear(_read(albedo, size, color=True)), height, roughness)


@dataclass(frozen=True, eq=False)
class HdriSky:
    """A panorama as light from infinity; implements scene.Sky.

    `picture` (H, W, 3) linear, up at the top, its left edge and right edge at azimuth `turn` + pi; `light` the same
    halved in size. `sun_azimuth` and `sun_elevation` (radians) of its brightest place, None without a clear one.
    `place`: "outdoor", "indoor", "studio", "night" or "".
    """

    picture: Array
    light: Array
    sun_azimuth: float | None
    sun_elevation: float | None
    place: str = ""
    turn: float = 0.0

    @staticmethod
    def read(path: Path, *, note: str = "") -> HdriSky:
        """From a Radiance .hdr file. Raises ValueError if it cannot be read."""
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 3:
            raise ValueError(f"{path} is not a readable Radiance panorama; replace it or take it out of the folder")
        image = np.ascontiguousarray(np.nan_to_num(image[..., ::-1].astype(np.float32), posinf=6e4).clip(0, 6e4))
        light = cv2.resize(image, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA)
        sun = estimate_sun(light)
        place = note.partition("category ")[2].partition(";")[0].strip()
        return HdriSky(image, light, *(sun or (None, None)), place=place)

    def turned(self, yaw: float) -> HdriSky:
        """The same panorama turned by `yaw` radians of azimuth."""
        sun = None if self.sun_azimuth is None else float(np.mod(self.sun_azimuth + yaw + np.pi, 2 * np.pi) - np.pi)
        return HdriSky(self.picture, self.light, sun, self.sun_elevation, self.place, self.turn + yaw)

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        """(N, 3) unit directions -> (N, 3) linear radiance, bilinear."""
        source = self.picture if background else self.light
        height, width = source.shape[:2]
        azimuth = np.arctan2(directions[:, 0], directions[:, 1]) - self.turn
        x = np.mod(azimuth / (2 * np.pi) + 0.5, 1.0) * width - 0.5
        y = np.arccos(np.clip(directions[:, 2], -1, 1)) / np.pi * height - 0.5
        x0, y0 = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
        fx, fy = (x - x0)[:, None].astype(np.float32), (y - y0)[:, None].astype(np.float32)
        left, right = x0 % width, (x0 + 1) % width
        top, bottom = np.clip(y0, 0, height - 1), np.clip(y0 + 1, 0, height - 1)
        upper = source[top, left] * (1 - fx) + source[top, right] * fx
        lower = source[bottom, left] * (1 - fx) + source[bottom, right] * fx
        return upper * (1 - fy) + lower * fy


def estimate_sun(panorama: Array) -> tuple[float, float] | None:
    """(azimuth, elevation) of the brightest place, if a small part of the picture gives a good part of the light."""
    height, width = panorama.shape[:2]
    elevation = np.pi / 2 - (np.arange(height) + 0.5) / height * np.pi
    azimuth = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    energy = panorama.mean(-1) * np.cos(elevation)[:, None]
    level = np.quantile(panorama.mean(-1), 0.9995)
    bright = energy * (panorama.mean(-1) >= level)
    piercing = panorama.mean(-1).max() > 300 * np.quantile(panorama.mean(-1), 0.9)  # a low sun gives little light
    if bright.sum() < 0.05 * energy.sum() and not piercing:
        return None
    x = (bright * (np.sin(azimuth)[None, :] * np.cos(elevation)[:, None])).sum()
    y = (bright * (np.cos(azimuth)[None, :] * np.cos(elevation)[:, None])).sum()
    z = (bright * np.sin(elevation)[:, None]).sum()
    return float(np.arctan2(x, y)), float(np.arctan2(z, np.hypot(x, y)))
