"""Plans of rooms: proportions, where the windows are, how one looks in. A plan becomes a `Room` of measured walls.

The room runs from the wall behind the camera ("front", y = 0) to the "back" wall (y = depth), x from -width/2 to
width/2. Every wall is drawn in its own frame (masonry.Frame), so furniture along any wall uses the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.random import Generator

from reflet.render.masonry import Frame, Opening

WallName = Literal["left", "back", "right", "front"]
WindowStyle = Literal["single", "pair", "wide", "tall row", "panorama", "french", "high", "alcove"]
ViewStyle = Literal["frontal", "corner", "along"]
Feature = Literal["none", "alcove", "attic", "skylight", "open plan"]

WALLS: tuple[WallName, ...] = ("left", "back", "right", "front")
ROOMS = ("living room", "bedroom", "study", "dining room", "kitchen", "bathroom", "gallery", "library")


@dataclass(frozen=True)
class Plan:
    """A way to lay out a room. Sizes are (low, high) in metres; `windows` maps a wall to styles to choose from."""

    name: str
    width: tuple[float, float]
    depth: tuple[float, float]
    height: tuple[float, float]
    windows: Mapping[WallName, tuple[WindowStyle, ...]]
    view: ViewStyle
    feature: Feature = "none"


PLANS: dict[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan("window left", (3.7, 4.7), (4.1, 5.0), (2.6, 3.0), {"left": ("pair", "wide", "french")}, "frontal"),
        Plan("window right", (3.7, 4.7), (4.1, 5.0), (2.6, 3.0), {"right": ("pair", "wide", "french")}, "frontal"),
        Plan("window back", (3.8, 4.9), (4.1, 4.9), (2.6, 3.0), {"back": ("pair", "wide", "french")}, "frontal"),
        Plan("corner", (4.0, 5.0), (4.2, 5.1), (2.6, 3.1), {"left": ("pair", "wide"), "back": ("single",)}, "corner"),
        Plan("along", (3.6, 4.4), (5.8, 6.8), (2.7, 3.3), {"left": ("tall row",)}, "along"),
        Plan("panorama", (4.4, 5.6), (4.3, 5.2), (2.7, 3.2), {"back": ("panorama",)}, "frontal"),
        Plan("alcove", (4.2, 5.0), (4.1, 4.8), (2.6, 3.0), {"left": ("single",)}, "frontal", "alcove"),
        Plan("attic", (4.4, 5.2), (4.3, 5.2), (2.7, 3.1), {"back": ("single",)}, "frontal", "attic"),
        Plan("skylight", (4.0, 5.0), (4.3, 5.2), (2.7, 3.1), {}, "corner", "skylight"),
        Plan("open plan", (4.8, 5.8), (7.4, 8.4), (2.7, 3.1), {"left": ("tall row",), "back": ("french", "wide")},
             "frontal", "open plan"),
        Plan("tall hall", (5.0, 6.2), (6.2, 7.6), (3.8, 4.6), {"left": ("high",), "right": ("high",)}, "along"),
        Plan("narrow", (2.9, 3.5), (4.8, 5.8), (2.5, 2.9), {"back": ("single", "pair")}, "frontal"),
        Plan("no window", (3.8, 4.8), (4.2, 5.0), (2.6, 3.1), {}, "corner"),
    )
}  # fmt: skip

PLANS_OF: dict[str, tuple[str, ...]] = {
    "living room": ("window left", "window right", "window back", "corner", "panorama", "alcove", "open plan",
                    "attic", "skylight"),
    "bedroom": ("window left", "window right", "window back", "corner", "panorama", "attic", "alcove"),
    "study": ("window left", "window right", "window back", "corner", "attic", "along", "skylight", "no window"),
    "dining room": ("window left", "window right", "window back", "corner", "panorama", "along", "open plan"),
    "kitchen": ("window left", "window right", "corner", "open plan", "skylight", "narrow"),
    "bathroom": ("narrow", "window left", "window right", "skylight", "attic"),
    "gallery": ("skylight", "along", "tall hall", "corner", "no window"),
    "library": ("tall hall", "along", "window back", "no window", "corner"),
}  # fmt: skip


@dataclass(frozen=True)
class Wall:
    """One wall of a room with its holes, in its own metres."""

    name: WallName
    frame: Frame
    length: float
    height: float
    windows: tuple[Opening, ...] = ()
    doors: tuple[Opening, ...] = ()

    @property
    def sill(self) -> float:
        """Height below which furniture may stand in front of the windows."""
        return min((window.sill for window in self.windows), default=float("inf"))


@dataclass(frozen=True)
class Room:
    """The empty room. `slope` is (knee height, run) of an attic's roof over the left wall; sizes in metres."""

    kind: str
    plan: Plan
    width: float
    depth: float
    height: float
    walls: Mapping[WallName, Wall]
    skylights: tuple[Opening, ...] = ()  # in the ceiling's or the slope's own frame
    slope: tuple[float, float] | None = None
    alcove: Opening | None = None  # in the back wall
    alcove_depth: float = 0.0
    facts: dict[str, object] = field(default_factory=dict)

    def headroom(self, x: float) -> float:
        """Height of the ceiling above the floor at x."""
        if self.slope is None:
            return self.height
        knee, run = self.slope
        return float(min(self.height, knee + (self.height - knee) * max(x + self.width / 2, 0.0) / run))


def _between(rng: Generator, span: tuple[float, float]) -> float:
    return float(rng.uniform(*span))


def window_openings(style: WindowStyle, length: float, height: float, rng: Generator) -> tuple[Opening, ...]:
    """The holes of one wall. Windows keep 0.35 m from the wall's ends."""
    head = min(height - 0.25, float(rng.uniform(2.15, 2.4)))
    sill = float(rng.uniform(0.75, 0.95))
    middle = length / 2 + float(rng.uniform(-0.06, 0.06)) * length
    if style == "single":
        half = min(float(rng.uniform(0.7, 0.95)), length / 2 - 0.4)
        return (Opening(middle - half, middle + half, sill, head),)
    if style == "wide":
        half = min(float(rng.uniform(1.2, 1.6)), length / 2 - 0.4)
        return (Opening(length / 2 - half, length / 2 + half, sill - 0.2, head),)
    if style == "french":
        half = min(float(rng.uniform(0.9, 1.3)), length / 2 - 0.5)
        return (Opening(middle - half, middle + half, 0.02, head),)
    if style == "panorama":
        return (Opening(0.3, length - 0.3, float(rng.choice([0.02, 0.35])), height - 0.2),)
    if style == "alcove":
        return (Opening(0.25, length - 0.25, 0.55, head - 0.1),)
    if style == "high":
        count = max(2, int(length // 2.0))
        return _row(count, length, 1.1, height - 1.9, height - 0.45)
    if style == "tall row":
        count = max(2, int(length // 1.9))
        return _row(count, length, 1.15, float(rng.uniform(0.3, 0.6)), height - 0.4)
    return _row(2, length, min(1.25, length / 2 - 0.6), sill, head)


def _row(count: int, length: float, width: float, sill: float, head: float) -> tuple[Opening, ...]:
    centers = (np.arange(count) + 0.5) * length / count
    return tuple(Opening(float(c) - width / 2, float(c) + width / 2, sill, head) for c in centers)


def _door(wall_length: float, windows: tuple[Opening, ...], rng: Generator) -> tuple[Opening, ...]:
    """A door near one end of a wall without windows."""
    if windows:
        return ()
    start = float(rng.uniform(0.5, 0.9))
    if rng.random() < 0.5:
        start = wall_length - start - 0.9
    return (Opening(start, start + 0.9, 0.0, 2.05),)


def make_room(kind: str, plan: Plan, rng: Generator) -> Room:
    """Draw the sizes, the windows and the door of a room."""
    width, depth, height = (_between(rng, span) for span in (plan.width, plan.depth, plan.height))
    if kind == "gallery" and plan.name != "tall hall":
        width, depth, height = width + 1.0, depth + 1.2, height + 0.7
    if kind == "bathroom":
        width, depth = min(width, 3.6), min(depth, 4.2)
    slope = (float(rng.uniform(0.9, 1.25)), width * float(rng.uniform(0.36, 0.46))) if plan.feature == "attic" else None
    mirrored = plan.name in ("corner", "along") and rng.random() < 0.5
    alcove, alcove_depth = None, 0.0
    if plan.feature == "alcove":
        half = float(rng.uniform(0.95, 1.25))
        middle = width * float(rng.choice([0.36, 0.5, 0.64]))
        alcove = Opening(middle - half, middle + half, 0.0, 2.25)
        alcove_depth = float(rng.uniform(0.8, 1.1))
    frames: dict[WallName, tuple[Frame, float]] = {
        "left": (Frame((-width / 2, 0.0, 0.0), np.pi / 2), depth),
        "back": (Frame((-width / 2, depth, 0.0), 0.0), width),
        "right": (Frame((width / 2, depth, 0.0), -np.pi / 2), depth),
        "front": (Frame((width / 2, 0.0, 0.0), np.pi), width),
    }
    walls: dict[WallName, Wall] = {}
    has_door = False
    for name in WALLS:
        frame, length = frames[name]
        source = {"left": "right", "right": "left"}.get(name, name) if mirrored else name
        styles = plan.windows.get(source, ())  # type: ignore[call-overload]
        tall = slope[0] if slope is not None and name == "left" else height
        windows = window_openings(str(rng.choice(styles)), length, tall, rng) if styles else ()  # type: ignore[arg-type]
        if kind == "bathroom":
            windows = tuple(Opening(w.start, w.end, max(w.sill, 1.15), w.head) for w in windows)
        if kind == "kitchen":
            windows = tuple(Opening(w.start, w.end, max(w.sill, 1.05), w.head) for w in windows)
        wants_door = name in ("left", "right", "back") and not (name == "back" and alcove) and tall > 2.2
        doors = _door(length, windows, rng) if wants_door and not has_door and rng.random() < 0.45 else ()
        has_door = has_door or bool(doors)
        walls[name] = Wall(name, frame, length, tall, windows, doors)
    return Room(
        kind=kind, plan=plan, width=width, depth=depth, height=height, walls=walls,
        skylights=_skylights(plan, rng, size=(width, depth, height), slope=slope), slope=slope,
        alcove=alcove, alcove_depth=alcove_depth,
    )  # fmt: skip


def _skylights(
    plan: Plan, rng: Generator, *, size: tuple[float, float, float], slope: tuple[float, float] | None
) -> tuple[Opening, ...]:
    """Openings in the slope of an attic, or one in the ceiling."""
    width, depth, height = size
    if plan.feature == "attic" and slope is not None:
        rise = float(np.hypot(slope[1], height - slope[0]))
        count = 2 if depth > 5.2 else 1
        centers = depth * (np.arange(count) + 1.0) / (count + 0.6)
        half = float(rng.uniform(0.5, 0.65))
        return tuple(Opening(float(c) - half, float(c) + half, rise * 0.22, rise * 0.80) for c in centers)
    if plan.feature == "skylight":
        half_x, half_y = width * float(rng.uniform(0.2, 0.28)), depth * float(rng.uniform(0.2, 0.27))
        middle = depth * 0.45  # measured from the back wall towards the camera
        return (Opening(width / 2 - half_x, width / 2 + half_x, middle - half_y, middle + half_y),)
    return ()
