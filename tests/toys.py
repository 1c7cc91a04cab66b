"""A world of discs and squares with true scene graphs and masks, to try the instruments of the evaluation on."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reflet.evaluate.reader import ReaderConfig

COLORS = {"red": (210, 30, 30), "green": (30, 160, 60), "blue": (40, 70, 210)}
CONFIG = ReaderConfig(
    names=("", "cube", "sphere"),
    colors=("", *COLORS),
    materials=("", "glass"),
    environments=("studio", "beach"),
    lights=("daylight", "night"),
    styles=("photograph",),
    size=64,
    widths=(16, 24, 32),
    blocks=(1, 1, 1),
)


def toy(number: int) -> tuple[NDArray[np.uint8], bytes, dict[str, Any]]:
    """One or two discs or squares on grey or yellow, brighter on the side the light comes from."""
    rng = np.random.default_rng(number)
    environment, side = ("studio", "beach")[int(rng.integers(2))], ("left", "right")[int(rng.integers(2))]
    image = np.full((64, 64, 3), (120, 120, 124) if environment == "studio" else (225, 205, 140), np.float32)
    mask, objects = np.zeros((64, 64), np.uint8), []
    for k in range(int(rng.integers(1, 3))):
        name, color = ("cube", "sphere")[int(rng.integers(2))], sorted(COLORS)[int(rng.integers(3))]
        x, y = int(rng.integers(12, 22)) + 28 * k, int(rng.integers(14, 50))
        where = np.zeros((64, 64), np.uint8)
        if name == "cube":
            cv2.rectangle(where, (x - 8, y - 8), (x + 8, y + 8), 1, -1)
        else:
            cv2.circle(where, (x, y), 9, 1, -1)
        image[where > 0], mask[where > 0] = COLORS[color], k + 1
        share = float(where.mean())
        box = [(x - 9) / 64, (y - 9) / 64, (x + 9) / 64, (y + 9) / 64]
        objects.append(
            {"id": k + 1, "name": name, "color": color, "material": None, "role": "subject", "visible": True}
            | {"area": share, "box": box, "clipped": False, "position": [0.0, 0.0, 0.0], "yaw": 0.0}
        )
    ramp = np.linspace(1.25, 0.75, 64) if side == "left" else np.linspace(0.75, 1.25, 64)
    light = {"kind": "daylight", "side": side, "azimuth": -90.0 if side == "left" else 90.0, "elevation": 20.0}
    graph = {"objects": objects, "environment": environment, "style": "photograph", "light": light}
    graph |= {"camera": {"heading": 0.0, "eye": [0.0, 0.0, 0.0]}, "relations": []}
    picture = np.clip(image * ramp[None, :, None], 0, 255).astype(np.uint8)
    return picture, bytes(cv2.imencode(".png", mask)[1]), graph
