"""Links to pictures that open without a key, for an hour: signed, and not to be guessed."""

from __future__ import annotations

import hashlib
import hmac
import time

from fastapi import Request

from reflet.serve.service import Service

LINK_SECONDS = 3600
ROUND_SECONDS = 1800  # links of one half hour are alike, so that a browser asks for each picture once


def sign(secret: bytes, picture_id: str, expires: int) -> str:
    """The signature that opens a picture until then."""
    return hmac.new(secret, f"{picture_id}:{expires}".encode(), hashlib.sha256).hexdigest()


def is_open(secret: bytes, picture_id: str, expires: int, signature: str) -> bool:
    """Whether a link is ours and not over."""
    good = hmac.compare_digest(sign(secret, picture_id, expires).encode(), signature.encode("utf-8", "replace"))
    return good and expires >= time.time()


def link(service: Service, request: Request, picture_id: str, *, thumbnail: bool = False) -> str:
    """An address of the picture, good for an hour at least."""
    expires = (int(time.time()) // ROUND_SECONDS + 1) * ROUND_SECONDS + LINK_SECONDS
    signature = sign(service.link_secret, picture_id, expires)
    base = str(request.base_url).rstrip("/")
    small = "&thumbnail=true" if thumbnail else ""
    return f"{base}/v1/pictures/{picture_id}/link?expires={expires}&signature={signature}{small}"
