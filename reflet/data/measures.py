"""What is measured of one picture, once, for every later question: is it broken, a copy, blurred, what is it like."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reflet.data.embedding import NUM_FEATURES, TINY, embed, perceptual_hash, tiny
from reflet.data.plain_files import is_plain
from reflet.data.record import Record
from reflet.data.text_regions import find_writing
from reflet.render.vocabulary import COLORS

VERSION = 1  # of these measures: another number makes every set be measured again
SEEN = 256  # pixels of the longer side at which most measures are taken
THUMBNAIL = 96
COLOUR_NAMES = tuple(COLORS)
_FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_LAB = cv2.cvtColor(np.array([list(COLORS.values())], np.float32), cv2.COLOR_RGB2LAB)[0]


@dataclass(frozen=True)
class Measured:
    """One record's measures. Shares and levels are 0 to 1 unless said otherwise.

    `problem` is not empty for a picture that does not decode: everything measured of it is 0 then.
    light: mean luminance. contrast: from the 2nd to the 98th percentile. dark, bright: shares of pixels near black and
    white. warmth: mean of CIELAB's b / 100. detail: how sharp the sharpest sixteenth is, relative to the contrast.
    plain: share covered by the eight commonest colours. fill, centre_x, centre_y, symmetry: of what stands out from the
    border. palette: shares of COLOUR_NAMES, 0 to 255.
    """

    key: str
    sha256: str
    origin_sha256: str
    problem: str = ""
    hidden: str = ""
    width: int = 0
    height: int = 0
    pixels_sha: str = ""
    hash: int = 0
    mirror_hash: int = 0
    light: float = 0.0
    contrast: float = 0.0
    dark: float = 0.0
    bright: float = 0.0
    saturation: float = 0.0
    warmth: float = 0.0
    detail: float = 0.0
    plain: float = 0.0
    busy: float = 0.0
    fill: float = 0.0
    centre_x: float = 0.5
    centre_y: float = 0.5
    symmetry: float = 0.0
    writing: float = 0.0
    margin: float = 0.0
    tiles: float = 0.0
    palette: bytes = bytes(len(COLOUR_NAMES))
    embedding: bytes = bytes(2 * NUM_FEATURES)
    tiny: bytes = bytes(TINY * TINY)
    thumbnail: bytes = b""
    facts: str = "{}"


def measure(record: Record) -> Measured:
    """Measures one record. A picture that is damaged is measured as such, and told in `problem`."""
    facts = json.dumps(facts_of(record), ensure_ascii=False, separators=(",", ":"))
    origin = record.meta.get("ingest", {}).get("sha256", record.sha256)
    known: dict[str, Any] = {"key": record.key, "sha256": record.sha256, "origin_sha256": origin, "facts": facts}
    if hashlib.sha256(record.image).hexdigest() != record.sha256:
        return Measured(**known, problem="its bytes are not those that were recorded")
    try:
        picture = Image.open(BytesIO(record.image), formats=list(set(_FORMATS.values())))
        picture.load()  # before EXIF is asked for: that may load, fail in silence, and leave half a picture
        told = hidden(picture, record)
        pixels = np.asarray(picture.convert("RGB"))
    except Exception as error:  # whatever a decoder says: one broken picture
        return Measured(**known, problem=f"it does not decode: {type(error).__name__}")
    return Measured(**known, hidden=told, **measure_pixels(pixels))


def measure_pixels(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """(H, W, 3) RGB -> the measured fields of Measured."""
    height, width = pixels.shape[:2]
    scale = SEEN / max(height, width)
    seen = pixels if scale >= 1 else cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    full_gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    gray = full_gray if scale >= 1 else cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)
    lab = cv2.cvtColor(cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32) / 255,
                       cv2.COLOR_RGB2LAB)  # fmt: skip
    first, mirrored = perceptual_hash(gray)
    written = find_writing(full_gray)
    low, high = np.percentile(gray, [2, 98])
    small = cv2.resize(seen, (THUMBNAIL * seen.shape[1] // max(seen.shape[:2]) or 1,
                              THUMBNAIL * seen.shape[0] // max(seen.shape[:2]) or 1),
                       interpolation=cv2.INTER_AREA)  # fmt: skip
    thumbnail = BytesIO()
    Image.fromarray(small).save(thumbnail, "WEBP", quality=70, method=1)
    return {
        "width": width,
        "height": height,
        "pixels_sha": hashlib.blake2b(pixels.tobytes(), key=f"{width}x{height}".encode(), digest_size=16).hexdigest(),
        "hash": first,
        "mirror_hash": mirrored,
        "light": float(gray.mean()) / 255,
        "contrast": float(high - low) / 255,
        "dark": float((gray < 20).mean()),
        "bright": float((gray > 240).mean()),
        "saturation": float(np.hypot(lab[..., 1], lab[..., 2]).mean()) / 100,
        "warmth": float(lab[..., 2].mean()) / 100,
        "detail": _detail(gray, float(high - low)),
        "plain": _plain(seen),
        "busy": float((cv2.Canny(gray, 60, 140) > 0).mean()),
        **_composition(lab),
        "writing": written.share,
        "margin": written.margin,
        "tiles": written.tiles,
        "palette": _palette(lab),
        "embedding": embed(pixels).astype(np.float16).tobytes(),
        "tiny": tiny(full_gray).tobytes(),
        "thumbnail": thumbnail.getvalue(),
    }


def _detail(gray: NDArray[np.uint8], contrast: float) -> float:
    """Strength of second differences in the sharpest of 8 x 8 cells, relative to the contrast: a blurred ground behind
    a sharp thing is no fault."""
    edges = np.abs(cv2.Laplacian(gray, cv2.CV_32F))
    cells = cv2.resize(cv2.pow(edges, 2), (8, 8), interpolation=cv2.INTER_AREA)
    return float(np.sqrt(np.percentile(cells, 93))) / max(contrast, 16.0)


def _plain(seen: NDArray[np.uint8]) -> float:
    codes = (seen >> 4).astype(np.int64)
    counts = np.bincount((codes[..., 0] << 8 | codes[..., 1] << 4 | codes[..., 2]).ravel(), minlength=4096)
    return float(np.partition(counts, -8)[-8:].sum() / counts.sum())


def _composition(lab: NDArray[np.float32]) -> dict[str, float]:
    """What stands out from the mean colour of the border: how much, where, how symmetric."""
    border = np.concatenate([lab[:4].reshape(-1, 3), lab[-4:].reshape(-1, 3), lab[:, :4].reshape(-1, 3),
                             lab[:, -4:].reshape(-1, 3)])  # fmt: skip
    distance = np.linalg.norm(lab - np.median(border, axis=0), axis=-1)
    figure = distance > max(12.0, float(np.percentile(np.linalg.norm(border - np.median(border, 0), axis=-1), 75)))
    weight = figure.sum() or 1
    rows, columns = np.nonzero(figure)
    mirrored = float(np.abs(lab[..., 0] - lab[:, ::-1, 0]).mean()) / max(float(lab[..., 0].std()), 2.0)
    return {
        "fill": float(figure.mean()),
        "centre_x": float(columns.sum() / weight + 0.5) / 64 if len(columns) else 0.5,
        "centre_y": float(rows.sum() / weight + 0.5) / 64 if len(rows) else 0.5,
        "symmetry": max(0.0, 1.0 - mirrored),
    }


def _palette(lab: NDArray[np.float32]) -> bytes:
    nearest = ((_LAB**2).sum(axis=1) - 2 * (lab.reshape(-1, 3) @ _LAB.T)).argmin(axis=1)
    shares = np.bincount(nearest, minlength=len(COLOUR_NAMES)) / nearest.size
    return np.round(shares * 255).astype(np.uint8).tobytes()


def hidden(picture: Image.Image, record: Record) -> str:
    """What travels in the file beside its pixels: "a position" for GPS in its EXIF, "metadata" for anything else."""
    try:
        exif = picture.getexif()
        if exif and (34853 in exif and exif.get_ifd(34853)):
            return "a position"
    except Exception:  # damaged EXIF is metadata too
        return "metadata"
    plain = is_plain(record.image, _FORMATS.get(record.image_ending, "")) if picture.info else True
    return "" if plain else "metadata"


def facts_of(record: Record) -> dict[str, Any]:
    """What is said of a record, for filters of words and for counting."""
    graph = record.meta.get("graph", {})
    said: dict[str, Any] = {
        "captions": list(record.captions[:8]),
        "license": record.license,
        "author": record.author,
        "source": record.source,
        "attribution": record.attribution,
        "date": record.date,
        "tags": record.meta.get("tags", []),
        "ending": record.image_ending,
        "name": record.meta.get("ingest", {}).get("name", ""),
    }
    others = [t for texts in record.languages.values() for t in texts if t not in record.captions]
    if others:
        said["others"] = others[:32]
    if graph:
        light = graph.get("light", {})
        names = sorted({o["name"] for o in graph.get("objects", []) if o["visible"] and o["role"] == "subject"})
        said |= {"subjects": names, "environment": graph.get("environment", ""), "style": graph.get("style", ""),
                 "lighting": light.get("kind", ""), "family": graph.get("family", "")}  # fmt: skip
    return {k: v for k, v in said.items() if v}
