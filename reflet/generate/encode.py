"""Pixels -> a file, with all in its metadata that is needed to make the picture again. No torch."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import reflet
from reflet.generate.request import ImageRequest

REQUEST_KEY, BUNDLE_KEY, EDIT_KEY = "reflet:request", "reflet:bundle", "reflet:edit"
USER_COMMENT, SOFTWARE = 0x9286, 0x0131  # EXIF
SOFTWARE_NAME = f"Reflet {reflet.__version__}"

AVERAGE = 3  # PNG's filter: a byte less the mean of its neighbours to the left and above

PictureFormat = Literal["png", "jpeg", "webp"]


def png_text(
    request: ImageRequest, *, bundle_name: str, bundle_digest: str, edit: dict[str, Any] | None = None
) -> dict[str, str]:
    """The text chunks of a PNG of ours. With `edit` (what is known of a picture that came from another one) that stands
    in place of the request: the request alone would not make it again."""
    asked = {REQUEST_KEY: request.to_json()} if edit is None else {EDIT_KEY: json.dumps(edit)}
    bundle = json.dumps({"name": bundle_name, "sha256": bundle_digest})
    return {"Software": SOFTWARE_NAME, "Description": request.prompt, **asked, BUNDLE_KEY: bundle}


def write_png(pixels: NDArray[np.uint8], *, text: Mapping[str, str], xmp: str | None = None) -> bytes:
    """(H, W, 3) as PNG with text chunks and an XMP packet.

    Marked pictures repeat no strings of bytes: a search for them costs 30 ms at 256 px and makes files 12 % larger. So
    there are runs and Huffman codes only, and one filter for all lines: choosing one a line, as libpng does, saves 7 %
    of the bytes and costs 2.3 ms of the 3.8 (256 px, one core).
    """
    info = PngInfo()
    for name, value in text.items():
        info.add_text(name, value) if value.isascii() else info.add_itxt(name, value)
    if xmp:
        info.add_itxt("XML:com.adobe.xmp", xmp)
    height, width = pixels.shape[:2]
    pack = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    data = pack.compress(_filtered(pixels)) + pack.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    told = [(name, content) for name, content, *_ in info.chunks]
    chunks = ((b"IHDR", head), *told, (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _filtered(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) as PNG's lines (H, 1 + 3 W): the filter's number, then each byte less the mean of its neighbours."""
    height, width = pixels.shape[:2]
    lines, left, up = pixels.reshape(height, 3 * width), *np.zeros((2, height, 3 * width), np.uint8)
    left[:, 3:], up[1:] = lines[:, :-3], lines[:-1]
    out = np.full((height, 1 + 3 * width), AVERAGE, np.uint8)
    np.subtract(lines, (left & up) + ((left ^ up) >> 1), out=out[:, 1:])  # the mean rounded down, without a ninth bit
    return out


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(name)))


def encode_picture(
    pixels: NDArray[np.uint8],
    request: ImageRequest,
    *,
    bundle_name: str,
    bundle_digest: str,
    picture_format: PictureFormat = "png",
    quality: int = 100,
    edit: dict[str, Any] | None = None,
    xmp: str | None = None,
) -> bytes:
    """(H, W, 3) as PNG, JPEG or WebP (`quality` 0 to 100 for the last two; 100 is lossless WebP).

    A PNG holds `png_text` (the request or the edit, and the bundle's name and hash); the others hold the same as JSON
    in their EXIF comment. `xmp` is a packet for any of the three.
    """
    text = png_text(request, bundle_name=bundle_name, bundle_digest=bundle_digest, edit=edit)
    if picture_format == "png":
        return write_png(pixels, text=text, xmp=xmp)
    image, out, exif = Image.fromarray(pixels), BytesIO(), Image.Exif()
    exif[SOFTWARE] = SOFTWARE_NAME
    comment = json.dumps({k: json.loads(v) for k, v in text.items() if k in (REQUEST_KEY, EDIT_KEY, BUNDLE_KEY)})
    exif.get_ifd(0x8769)[USER_COMMENT] = b"ASCII\x00\x00\x00" + comment.encode("ascii")
    if picture_format == "jpeg":
        image.save(out, "JPEG", quality=max(1, min(quality, 100)), exif=exif, xmp=(xmp or "").encode())
    else:
        image.save(out, "WEBP", quality=quality, lossless=quality == 100, exif=exif, xmp=(xmp or "").encode())
    return out.getvalue()
