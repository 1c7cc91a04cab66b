"""Drawn styles: ink with hatching, graphite, flat cartoon colours, printed comics."""

from __future__ import annotations

import cv2
import numpy as np

from reflet.render.scene import Array
from reflet.render.style_canvas import Canvas, along_flow, displaced, drawn_lines, grey_of, kuwahara, smoothstep, vivid


def ink(canvas: Canvas) -> Array:
    """Pen and ink: contours, black masses where it is darkest, three layers of hatching between."""
    unit, rng = canvas.unit, canvas.rng
    wobble = 1.1 * unit * canvas.noise("stain")
    grey = _levelled(kuwahara(canvas.color, max(2, round(3 * unit))))
    contour = 1 - np.maximum(drawn_lines(grey, sigma=0.8 * unit), 0.95 * _thick(canvas.outlines, 1.0 * unit))
    contour = np.minimum(contour, smoothstep(0.05, 0.11, cv2.GaussianBlur(grey, (0, 0), unit)))
    slope = float(rng.uniform(0.4, 0.95))
    paper = np.ones_like(grey)
    for threshold, angle, pitch in ((0.66, slope, 5.0), (0.40, slope + 1.5, 5.0), (0.20, slope + 0.75, 3.6)):
        lines = _hatch(canvas.size, angle=angle, pitch=pitch * unit, wobble=wobble)
        width = 0.29 * np.clip((threshold - grey) / threshold, 0, 1) ** 0.6  # a pen presses harder in the dark
        paper = np.minimum(paper, smoothstep(-0.09, 0.09, lines - width) * (width > 0) + (width <= 0))
    page = 0.965 + 0.012 * canvas.noise("pulp")
    strokes = displaced(np.minimum(contour, paper), 0.5 * wobble, 0.4 * wobble)
    blot = 1 - (1 - strokes) * (0.93 + 0.05 * canvas.noise("pulp"))
    dark = np.array(
        ((0.05, 0.05, 0.07), (0.16, 0.09, 0.05), (0.06, 0.08, 0.20))[int(rng.choice(3, p=[0.7, 0.18, 0.12]))],
        np.float32,
    )
    white = np.array([1.0, 0.985, 0.945], np.float32) * page[..., None]
    return dark + blot[..., None] * (white - dark)


def pencil(canvas: Canvas) -> Array:
    """Graphite on toothed paper: shading in slanting strokes, darker and crossed in the shadows, searched contours."""
    unit, rng = canvas.unit, canvas.rng
    grey = _levelled(canvas.color)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.8 * unit)
    tooth = canvas.noise("pulp")
    darkness = np.clip(1.0 - soft, 0, 1) ** 1.3 * np.float32(0.88)
    layer = np.zeros_like(grey)
    lean = float(rng.uniform(0.6, 1.0))
    for angle, start, gain in ((lean, 0.06, 0.75), (lean + 0.35, 0.40, 0.6), (lean + 1.35, 0.62, 0.6)):
        u, v = np.full_like(grey, np.cos(angle)), np.full_like(grey, -np.sin(angle))
        strokes = along_flow(canvas.noise("grain"), (u, v), length=9 * unit, steps=4)
        strokes = 0.5 + 0.85 * strokes / max(float(strokes.std()), 1e-3) * 0.5
        layer += gain * np.clip(darkness - start, 0, 1) * np.clip(strokes + 0.25, 0, 1.25)
    layer += 0.34 * darkness * smoothstep(-1.2, 1.2, tooth + 1.5 * (darkness - 0.4))
    line = drawn_lines(grey, sigma=0.8 * unit)
    edge = _thick(canvas.outlines, 0.8 * unit)
    shift = 1.3 * unit * canvas.noise("stain")
    contour = np.maximum(displaced(edge, shift, 0.6 * shift), 0.6 * displaced(edge, -1.1 * shift, shift))
    graphite = np.clip(layer + 0.5 * line + 0.55 * contour * (0.75 + 0.25 * tooth), 0, 0.9)
    page = 0.955 + 0.014 * tooth
    tint = np.array([1.0, 0.992, 0.97], np.float32)
    return (page * (1 - graphite) + 0.12 * graphite)[..., None] * tint


def toon(canvas: Canvas) -> Array:
    """Cel shading: flat hues in a few steps of light, even dark outlines."""
    unit = canvas.unit
    smooth = kuwahara(cv2.bilateralFilter(canvas.color, 7, 0.12, 4 * unit), max(2, round(4 * unit)))
    hsv = cv2.cvtColor(np.clip(smooth, 0, 1), cv2.COLOR_RGB2HSV)
    bands = np.float32(4)
    level = hsv[..., 2] * bands
    step = np.floor(level)
    hsv[..., 2] = np.clip((step + smoothstep(0.42, 0.58, level - step)) / bands * 0.92 + 0.09, 0, 1)
    hsv[..., 1] = np.clip(hsv[..., 1] * 1.35 + 0.03 * (hsv[..., 1] > 0.08), 0, 1)
    flat = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    line = np.maximum(
        _thick(canvas.outlines, 1.15 * unit), 0.8 * drawn_lines(grey_of(smooth), sigma=0.9 * unit, low=0.08, high=0.2)
    )
    return flat * (1 - line[..., None]) + line[..., None] * np.array([0.07, 0.05, 0.09], np.float32)


def comic(canvas: Canvas) -> Array:
    """A printed panel: few strong colours, dots of a coarse screen in the half-tones, brushed blacks, a frame."""
    unit, size, rng = canvas.unit, canvas.size, canvas.rng
    smooth = kuwahara(cv2.bilateralFilter(canvas.color, 7, 0.15, 4 * unit), max(3, round(5 * unit)))
    grey = _levelled(smooth)
    hue = vivid(smooth, saturation=1.6, value=1.0)
    peak = np.maximum(hue.max(-1, keepdims=True), 0.05)
    flat = hue / peak * np.clip(0.55 + np.round(peak * 3) / 3 * 0.5, 0, 1)
    pitch, angle = 4.6 * unit, float(rng.uniform(0.5, 0.9))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    u, v = (np.cos(angle) * x + np.sin(angle) * y) / pitch, (np.cos(angle) * y - np.sin(angle) * x) / pitch
    distance = np.hypot(u - np.floor(u) - 0.5, v - np.floor(v) - 0.5)
    radius = 0.62 * np.sqrt(np.clip((0.74 - grey) * 1.25, 0, 1))
    dots = smoothstep(0.10, -0.06, distance - radius)
    print_ = flat * (1 - 0.62 * dots[..., None] * (1 - 0.55 * flat))
    black = drawn_lines(grey, sigma=1.1 * unit, low=0.06, high=0.16)
    black = np.maximum(black, smoothstep(0.09, 0.05, cv2.GaussianBlur(grey, (0, 0), 0.8 * unit)))
    black = np.maximum(black, _thick(canvas.outlines, 1.6 * unit))
    edge = np.minimum(np.minimum(x, size - 1 - x), np.minimum(y, size - 1 - y)) / np.float32(unit)
    frame = smoothstep(8.2, 7.4, edge)
    white = smoothstep(6.4, 5.6, edge)
    paper = np.array([0.975, 0.95, 0.875], np.float32) * (1 + 0.012 * canvas.noise("pulp"))[..., None]
    inked = np.maximum(black, frame)[..., None]
    out = print_ * paper * (1 - inked) + inked * np.array([0.06, 0.05, 0.07], np.float32)
    return out * (1 - white[..., None]) + paper * white[..., None]


def _levelled(color: Array) -> Array:
    """Luma stretched so that a night may be drawn as well as a day; (S, S)."""
    grey = grey_of(color)
    low, middle, high = (float(v) for v in np.percentile(grey[::2, ::2], (2, 50, 98)))
    grey = np.clip((grey - low) / max(high - low, 0.15), 0, 1)
    centre = float(np.clip((middle - low) / max(high - low, 0.15), 0.05, 0.95))
    gamma = float(np.clip(np.log(0.55) / np.log(centre), 0.45, 1.35))
    return grey**gamma


def _thick(edges: Array, width: float) -> Array:
    """Outlines of about `width` pixels with soft rims."""
    return np.clip(cv2.GaussianBlur(edges, (0, 0), max(0.5, 0.6 * width)) * (1.0 + 1.1 * width), 0, 1)


def _hatch(size: int, *, angle: float, pitch: float, wobble: Array) -> Array:
    """(S, S) distance from the nearest of parallel lines, 0 on a line to 0.5 between two."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    phase = (np.sin(angle) * x + np.cos(angle) * y + wobble) / np.float32(pitch)
    return np.abs(phase - np.floor(phase) - np.float32(0.5))
