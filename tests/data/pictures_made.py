"""Pictures for the tests of data: smooth grounds with shapes on them, different for each number, and their files."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def painted(number: int, *, width: int = 160, height: int = 128) -> NDArray[np.uint8]:
    """A ground of soft colours with a dozen shapes."""
    rng = np.random.default_rng([7, number])
    ground = rng.integers(30, 226, (3, 4, 3)).astype(np.uint8)
    picture = cv2.resize(ground, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        color = rng.integers(0, 256, 3).tolist()
        x, y = int(rng.integers(width)), int(rng.integers(height))
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), int(rng.integers(5, 30)), color, -1, cv2.LINE_AA)
        else:
            w, h = rng.integers(6, 60, 2).tolist()
            cv2.rectangle(picture, (x, y), (x + w, y + h), color, -1)
    return picture


def encoded(pixels: NDArray[Any], kind: str = "JPEG", **options: Any) -> bytes:
    """The file of a picture."""
    out = BytesIO()
    Image.fromarray(pixels).save(out, kind, **({"quality": 92} | options if kind != "PNG" else options))
    return out.getvalue()


def write_tar(path: Path, members: list[tuple[str, bytes]]) -> Path:
    """A tar of named contents; a name that begins with "link:" becomes a link."""
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name.removeprefix("link:"))
            if name.startswith("link:"):
                info.type, info.linkname = tarfile.SYMTYPE, content.decode()
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, BytesIO(content))
    return path
