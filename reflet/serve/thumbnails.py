"""Small pictures for lists: made when they are first asked for, then kept beside the picture."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import Row

from reflet.generate.edit_input import FORMATS
from reflet.serve.errors import not_found
from reflet.serve.service import Service
from reflet.store.database import StorageFull

SIDE = 256
# Not signed, since it is no file to keep; but it still says in its metadata what it is (docs/rights.md).
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"/></rdf:RDF></x:xmpmeta>'
)


def thumbnail(service: Service, row: Row[Any]) -> bytes:
    """WebP of at most SIDE pixels a side. Raises ApiError 404 when the picture's bytes are gone."""
    try:
        if row.thumbnail is not None:
            return service.blobs.get(row.thumbnail)
        content = small(service.blobs.get(row.blob))
    except FileNotFoundError as error:
        raise not_found("picture") from error
    with suppress(StorageFull):  # it can be looked at all the same, and is made again the next time
        service.pictures.keep_thumbnail(row.id, content)
    return content


def small(content: bytes) -> bytes:
    """A picture's file as a small WebP."""
    out = BytesIO()
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG need not be decoded whole
        picture = image.convert("RGB")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    picture.save(out, "WEBP", quality=82, method=2, xmp=XMP.encode())
    return out.getvalue()
