"""Old photographs: black and white film, and a faded colour print."""

from __future__ import annotations

import cv2
import numpy as np

from reflet.render.scene import Array
from reflet.render.style_canvas import Canvas, vivid
from reflet.render.tone import vignette

_FILTERS = ((0.30, 0.59, 0.11), (0.52, 0.40, 0.08), (0.66, 0.28, 0.06), (0.22, 0.66, 0.12))  # none, yellow, red, green


def black_and_white(canvas: Canvas) -> Array:
    """Panchromatic film behind a colour filter, printed on hard paper, with grain."""
    rng = canvas.rng
    weights = np.array(_FILTERS[int(rng.integers(len(_FILTERS)))], np.float32)
    grey = canvas.color @ weights
    low, high = (float(v) for v in np.percentile(grey, (0.7, 99.3)))
    full = np.clip((grey - low) / max(high - low, 0.25), 0, 1)
    grey = 0.35 * grey + 0.65 * full
    hard = float(rng.uniform(0.25, 0.75)) * float(np.clip(grey.mean() * 2.5, 0, 1))  # nights are hard enough
    grey = grey * (1 - hard) + hard * (grey * grey * (3 - 2 * grey))
    grain = canvas.noise("grain") * (0.010 + 0.03 * rng.random() * (1 - np.abs(2 * grey - 1)))
    grey = (grey + grain)[..., None] * vignette(canvas.size, amount=float(rng.uniform(0.05, 0.35)))
    tint = np.array([1.0, 1.0, 1.0] if rng.random() < 0.7 else [1.02, 1.0, 0.955], np.float32)
    return grey * tint


def vintage(canvas: Canvas) -> Array:
    """A print of the seventies: lifted blacks, yellowed whites, shifted dyes, soft, grainy, sometimes fogged."""
    rng, size = canvas.rng, canvas.size
    soft = cv2.GaussianBlur(canvas.color, (0, 0), 0.55 * canvas.unit)
    x = vivid(soft, saturation=float(rng.uniform(0.55, 0.8)))
    x = 0.5 + 0.86 * (x - 0.5)
    warm = float(rng.uniform(0.7, 1.2))
    shadows = np.array([0.10, 0.045, 0.075], np.float32) * warm
    whites = np.array([0.99, 0.93, 0.76], np.float32)
    x = shadows + x * (whites - shadows)
    x[..., 2] = 0.08 + 0.84 * x[..., 2]
    x = x * np.array([1.04, 0.985, 0.94], np.float32)
    if rng.random() < 0.45:  # light that leaked into the camera from one side
        at = np.linspace(0, 1, size, dtype=np.float32)
        leak = np.exp(-at / float(rng.uniform(0.08, 0.22)))
        leak = leak if rng.random() < 0.5 else leak[::-1]
        leak = np.broadcast_to(leak[None], (size, size)) * (0.75 + 0.12 * canvas.noise("stain"))
        x = 1 - (1 - x) * (1 - float(rng.uniform(0.3, 0.6)) * leak[..., None] * np.array([1.0, 0.42, 0.12], np.float32))
    x = x * vignette(size, amount=float(rng.uniform(0.25, 0.5)))
    return x + np.float32(0.017) * canvas.noise("grain")[..., None]
