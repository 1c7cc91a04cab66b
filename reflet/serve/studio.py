"""The studio's files: one page, its script, style, fonts and icon, as `make studio-build` made them into static/.

They are public, like any page that asks for a key: what they show comes through the interface. Files are read and
compressed once. Names under /studio/ hold a hash of their content, so a browser keeps them for good.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from reflet.runtime.errors import UserError
from reflet.serve.errors import not_found

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
COMPRESSED = (".html", ".js", ".css", ".svg", ".txt")
FOREVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    content: bytes
    compressed: bytes | None
    media_type: str


@cache
def files() -> dict[str, File]:
    """Every file of the build by its path, e.g. "studio/index-abc.js". Raises UserError where nothing was built."""
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in MEDIA_TYPES:
            content = path.read_bytes()
            # No time in it: the same file gives the same bytes.
            small = gzip.compress(content, mtime=0) if path.suffix in COMPRESSED else None
            found[path.relative_to(STATIC).as_posix()] = File(content, small, MEDIA_TYPES[path.suffix])
    if "index.html" not in found:
        raise UserError(f"the studio is not built ({STATIC} holds no index.html): run `make studio-build`")
    return found


def _send(request: Request, name: str, *, cache_control: str) -> Response:
    file = files().get(name)
    if file is None:
        raise not_found("file")
    headers = {"cache-control": cache_control, "vary": "accept-encoding"}
    if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(file.compressed, media_type=file.media_type, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


@router.get("/")
def page(request: Request) -> Response:
    """The page."""
    return _send(request, "index.html", cache_control="no-cache")


@router.get("/studio-icon.svg")
def icon(request: Request) -> Response:
    """The icon."""
    return _send(request, "studio-icon.svg", cache_control="no-cache")


@router.get("/studio/{name}")
def asset(request: Request, name: str) -> Response:
    """Script, style and fonts."""
    return _send(request, f"studio/{name}", cache_control=FOREVER)
