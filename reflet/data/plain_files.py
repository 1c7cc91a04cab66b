"""Does a file hold a picture's pixels and nothing else? Read from its chunks, without decoding."""

from __future__ import annotations

import struct

_PNG_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD"}
_WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X"}
# Start of image, frame and scan headers, tables, restart intervals, and the headers of JFIF and Adobe.
_JPEG_SEGMENTS = {0xE0, 0xEE, 0xDB, 0xC4, 0xDD, 0xC0, 0xC1, 0xC2}


def is_plain(content: bytes, kind: str) -> bool:
    """Whether an 8-bit JPEG, PNG or WebP carries no metadata, no preview, no animation and nothing behind its end."""
    try:
        if kind == "PNG":
            return _plain_png(content)
        if kind == "JPEG":
            return _plain_jpeg(content)
        return kind == "WEBP" and _plain_webp(content)
    except (struct.error, IndexError):
        return False


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height that a PNG's header states; None for other files."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return struct.unpack(">II", content[16:24])


def _plain_png(content: bytes) -> bool:
    at = 8
    while at < len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        if name not in _PNG_CHUNKS or (name == b"IHDR" and content[at + 16] != 8):
            return False
        at += 12 + length
        if name == b"IEND":
            return at == len(content)
    return False


def _plain_webp(content: bytes) -> bool:
    if struct.unpack("<I", content[4:8])[0] + 8 != len(content):
        return False
    at = 12
    while at < len(content):
        name, length = struct.unpack("<4sI", content[at : at + 8])
        if name not in _WEBP_CHUNKS:
            return False
        at += 8 + length + length % 2
    return True


def _plain_jpeg(content: bytes) -> bool:
    at = 2
    while True:
        mark, code, length = struct.unpack(">BBH", content[at : at + 4])
        if mark != 0xFF:
            return False
        if code == 0xDA:
            return content.endswith(b"\xff\xd9") and content.count(b"\xff\xd9", at) == 1
        if code not in _JPEG_SEGMENTS or (code == 0xE0 and length > 16):
            return False
        at += 2 + length
