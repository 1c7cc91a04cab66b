"""Pixels -> a file, with all in its metadata that is needed to make the picture again. No torch."""

from __future__ import annotations

import json
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

PictureFormat = Literal["png", "jpeg", "webp"]


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

    A PNG holds the request and the bundle's name and hash as text chunks; the others hold them as JSON in their EXIF
    comment. A picture that came from another one holds `edit` (what is known of that) in place of the request: the
    request alone would not make it again. `xmp` is a packet for any of the three.
    """
    bundle = json.dumps({"name": bundle_name, "sha256": bundle_digest})
    asked = (EDIT_KEY, json.dumps(edit)) if edit is not None else (REQUEST_KEY, request.to_json())
    image, out = Image.fromarray(pixels), BytesIO()
    if picture_format == "png":
        info = PngInfo()
        info.add_text("Software", f"Reflet {reflet.__version__}")
        info.add_itxt("Description", request.prompt)
        info.add_itxt(*asked)
        info.add_text(BUNDLE_KEY, bundle)
        if xmp is not None:
            info.add_itxt("XML:com.adobe.xmp", xmp)
        image.save(out, "PNG", pnginfo=info)
        return out.getvalue()
    exif = Image.Exif()
    exif[SOFTWARE] = f"Reflet {reflet.__version__}"
    comment = json.dumps({asked[0]: json.loads(asked[1]), BUNDLE_KEY: json.loads(bundle)})
    exif.get_ifd(0x8769)[USER_COMMENT] = b"ASCII\x00\x00\x00" + comment.encode("ascii")
    if picture_format == "jpeg":
        image.save(out, "JPEG", quality=max(1, min(quality, 100)), exif=exif, xmp=(xmp or "").encode())
    else:
        image.save(out, "WEBP", quality=quality, lossless=quality == 100, exif=exif, xmp=(xmp or "").encode())
    return out.getvalue()
