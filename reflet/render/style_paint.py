"""Painted styles: watercolour, oil, impressionist dabs."""

from __future__ import annotations

import cv2
import numpy as np

from reflet.render.scene import Array
from reflet.render.style_canvas import Canvas, along_flow, displaced, grey_of, kuwahara, smoothstep, vivid


def watercolour(canvas: Canvas) -> Array:
    """Transparent washes on rough paper, after Bousseau et al., "Interactive watercolor rendering with temporal
    coherence and abstraction" (2006): abstraction, wobbling rims, dark pigment at the edges, turbulence, grain."""
    unit, rng, size = canvas.unit, canvas.rng, canvas.size
    stain, flow, pulp = canvas.noise("stain"), canvas.noise("stain"), canvas.noise("pulp")
    wash = kuwahara(kuwahara(canvas.color, max(3, round(6 * unit))), max(2, round(4 * unit)))
    wet = cv2.GaussianBlur(wash, (0, 0), 5 * unit)
    bleed = smoothstep(0.7, 1.7, stain)[..., None] * 0.75
    wash = wash * (1 - bleed) + wet * bleed
    wash = displaced(wash, 1.5 * unit * flow + 0.5 * unit * pulp, 1.5 * unit * stain - 0.5 * unit * pulp)
    lit = np.percentile(grey_of(wash)[::4, ::4], 97)
    wash = vivid(np.clip(wash * min(0.97 / max(float(lit), 0.35), 1.8), 0, 1), saturation=1.22)
    wash = 0.13 + 0.87 * wash ** np.float32(0.76)
    soft = cv2.GaussianBlur(wash, (0, 0), 1.1 * unit)
    rim = np.abs(cv2.Sobel(soft, cv2.CV_32F, 1, 0)).sum(-1) + np.abs(cv2.Sobel(soft, cv2.CV_32F, 0, 1)).sum(-1)
    rim = np.clip(rim * 0.9, 0, 1.1)
    density = 1 + 0.22 * flow + 0.10 * pulp + 0.75 * rim
    wash = wash * (1 - (1 - wash) * (density[..., None] - 1))
    gap = canvas.outlines * smoothstep(-0.3, 0.6, flow)  # a dry gap between two washes, where they did not meet
    gap = np.clip(cv2.GaussianBlur(gap, (0, 0), 0.6 * unit) * 0.9, 0, 0.6)[..., None]
    paper = (np.array([0.985, 0.975, 0.945], np.float32) + 0.014 * pulp[..., None]).astype(np.float32)
    wash = wash * (1 - gap) + paper * gap
    if rng.random() < 0.4:
        line = np.clip(cv2.GaussianBlur(canvas.outlines, (0, 0), 0.6 * unit) * 1.2, 0, 1)
        line = displaced(line, 1.2 * unit * flow, 1.2 * unit * stain)[..., None]
        wash = wash * (1 - 0.55 * line) + 0.55 * line * 0.25
    at = np.arange(size, dtype=np.float32)
    from_edge = np.minimum(at, size - 1 - at) / np.float32(unit)
    border = np.minimum(from_edge[None], from_edge[:, None]) + 5.0 * stain + 1.3 * pulp
    width = float(rng.uniform(3, 13))
    inside = smoothstep(width - 1.2, width + 1.6, border)[..., None]
    dry = smoothstep(width + 4, width, border)[..., None] * inside * 0.16
    return paper * (1 - inside) + (wash * paper * (1 - dry)) * inside


def oil(canvas: Canvas) -> Array:
    """Thick paint dragged along the forms: flattened colours smeared along the flow, lit relief of bristles, canvas."""
    unit, size = canvas.unit, canvas.size
    flow = canvas.flow
    paint = kuwahara(canvas.color, max(3, round(5 * unit)))
    paint = along_flow(paint, flow, length=5 * unit, steps=3)
    paint = kuwahara(paint, max(2, round(3 * unit)))
    bristle = along_flow(canvas.noise("grain"), flow, length=9 * unit, steps=5)
    bristle = bristle / max(float(bristle.std()), 1e-3)
    daub = along_flow(cv2.GaussianBlur(canvas.noise("grain"), (0, 0), 1.7 * unit), flow, length=6 * unit, steps=3)
    daub = daub / max(float(daub.std()), 1e-3)
    paint = vivid(paint, saturation=1.25)
    paint = paint + 0.30 * (paint - cv2.GaussianBlur(paint, (0, 0), 6 * unit))
    shade = cv2.cvtColor(np.clip(paint, 0, 1), cv2.COLOR_RGB2HSV)
    shade[..., 0] = np.mod(shade[..., 0] + 5.0 * daub, 360)  # paints are never quite mixed
    paint = cv2.cvtColor(shade, cv2.COLOR_HSV2RGB) * (1 + 0.025 * bristle + 0.055 * daub)[..., None]
    relief = 0.5 * bristle + 1.1 * daub + 5.0 * grey_of(paint)
    light = cv2.filter2D(relief, -1, np.array([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]], np.float32)) * np.float32(-1 / unit)
    at = np.arange(size, dtype=np.float32) * np.float32(2 * np.pi / (2.6 * unit))
    weave = np.sin(at)[None] * np.sin(at)[:, None]
    shine = np.clip(0.016 * light, -0.08, 0.13) + 0.010 * weave
    return paint + shine[..., None] * (0.5 + 0.6 * paint)


def impressionist(canvas: Canvas) -> Array:
    """Separate dabs of broken colour laid along the flow, coarse ones first, fine ones where there is detail
    (after Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes", 1998)."""
    unit, rng, size = canvas.unit, canvas.rng, canvas.size
    color = vivid(canvas.color, saturation=1.3, value=1.05)
    angle = np.arctan2(canvas.flow[1], canvas.flow[0])
    ground = cv2.GaussianBlur(color, (0, 0), 7 * unit) * np.array([1.0, 0.95, 0.86], np.float32)
    height = np.full((size, size), 0.5, np.float32)
    sheet = (np.dstack([np.clip(ground, 0, 1), height]) * 255).astype(np.uint8)
    detail = cv2.GaussianBlur(
        np.abs(cv2.Laplacian(cv2.GaussianBlur(canvas.grey, (0, 0), 1.2 * unit), cv2.CV_32F)), (0, 0), 2 * unit
    )
    detail = detail / max(float(np.percentile(detail, 90)), 1e-4) + 0.6 * canvas.outlines
    for length, count, need in ((12.0, 700, 0.0), (7.5, 1300, 0.0), (4.6, 1500, 0.4)):
        spots = rng.random((count, 2)) * size
        x, y = spots[:, 0].astype(int), spots[:, 1].astype(int)
        kept = detail[y, x] > need * rng.random(count) * 2
        spots, x, y = spots[kept], x[kept], y[kept]
        blurred = cv2.GaussianBlur(color, (0, 0), 0.28 * length * unit)
        _dab(sheet, spots, blurred[y, x], angle[y, x], length=length * unit, canvas=canvas)
    paint = sheet[..., :3].astype(np.float32) / 255
    relief = cv2.GaussianBlur(sheet[..., 3].astype(np.float32) / 255, (0, 0), 0.5 * unit)
    light = cv2.filter2D(relief, -1, np.array([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]], np.float32))
    bristle = along_flow(canvas.noise("grain"), canvas.flow, length=5 * unit, steps=3)
    return paint * (1 + 0.035 * bristle)[..., None] - 0.05 * light[..., None]


def _dab(sheet: Array, spots: Array, colors: Array, angles: Array, *, length: float, canvas: Canvas) -> None:
    """Strokes as filled convex polygons on an 8-bit sheet whose fourth channel is their height."""
    rng, n = canvas.rng, len(spots)
    turn = angles + rng.normal(0, 0.28, n)
    long, wide = length * rng.uniform(0.7, 1.3, n), length * 0.33 * rng.uniform(0.7, 1.3, n)
    around = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    px, py = np.cos(around)[None] * long[:, None], np.sin(around)[None] * wide[:, None]
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    outline = np.stack([spots[:, :1] + c * px - s * py, spots[:, 1:] + s * px + c * py], -1)
    value = colors * (1 + rng.normal(0, 0.07, (n, 1))) + rng.normal(0, 0.035, (n, 3))
    paint = (np.clip(np.column_stack([value, rng.random(n)]), 0, 1) * 255).astype(int).tolist()
    for polygon, tint in zip((outline * 16).astype(np.int32), paint, strict=True):
        cv2.fillConvexPoly(sheet, polygon, tint, cv2.LINE_AA, 4)
