"""Manners of building, and the sheet on which a building's meshes are gathered slot by slot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from reflet.render.masonry import joined
from reflet.render.scene import Mesh

Roof = Literal["flat", "pitched", "mansard", "gable", "stepped"]
Detail = Literal["near", "mid", "far"]  # near: frames, blinds, balconies; far: panes flush with the wall
Ground = Literal["shop", "arcade", "door", "same"]


@dataclass(frozen=True)
class Style:
    """The manner of a building. Pairs are (low, high), metres or shares of a bay and a floor."""

    name: str
    walls: tuple[str, ...]  # words of the palette's walls
    bay: tuple[float, float]
    floor: tuple[float, float]
    window: tuple[float, float]  # width as a share of the bay, height as a share of the floor
    floors: tuple[int, int]
    roof: tuple[Roof, ...]
    ground: tuple[Ground, ...]
    width: tuple[float, float]
    surround: float = 0.0  # chance of raised lintels and sills
    shutters: float = 0.0
    balconies: float = 0.0
    bands: float = 0.0  # chance of a string course at every floor
    panes: tuple[int, int] = (2, 2)
    recess: float = 0.16


STYLES: dict[str, Style] = {
    s.name: s
    for s in (
        Style(
            "apartments",
            ("plaster", "stone", "plaster"),
            (2.4, 3.0),
            (3.1, 3.5),
            (0.44, 0.60),
            (4, 6),
            ("mansard", "flat", "mansard"),
            ("shop", "shop", "door"),
            (11, 18),
            surround=0.8,
            balconies=0.6,
            bands=0.6,
        ),
        Style(
            "brick block",
            ("brick", "brick", "brick"),
            (2.5, 3.2),
            (3.2, 3.7),
            (0.46, 0.55),
            (4, 7),
            ("flat",),
            ("shop", "shop", "door"),
            (10, 18),
            surround=0.7,
            bands=0.3,
            panes=(2, 3),
        ),
        Style(
            "modern",
            ("concrete", "plaster"),
            (3.0, 4.2),
            (3.0, 3.4),
            (0.82, 0.56),
            (5, 9),
            ("flat",),
            ("shop", "arcade", "door"),
            (14, 24),
            balconies=0.35,
            panes=(3, 1),
            recess=0.1,
        ),
        Style(
            "office",
            ("metal", "concrete"),
            (1.8, 2.6),
            (3.6, 4.0),
            (0.92, 0.80),
            (8, 16),
            ("flat",),
            ("arcade", "shop"),
            (16, 28),
            panes=(1, 1),
            recess=0.05,
        ),
        Style(
            "old house",
            ("plaster", "plaster", "plaster", "stone"),
            (2.1, 2.8),
            (2.7, 3.1),
            (0.38, 0.48),
            (2, 4),
            ("pitched", "pitched", "gable"),
            ("shop", "door", "door"),
            (6, 10),
            surround=0.4,
            shutters=0.65,
        ),
        Style(
            "canal house",
            ("brick", "brick", "plaster"),
            (1.7, 2.2),
            (3.0, 3.5),
            (0.52, 0.60),
            (3, 4),
            ("gable", "stepped", "flat"),
            ("door", "same"),
            (5, 8),
            surround=0.8,
            panes=(2, 3),
        ),
        Style(
            "cottage",
            ("plaster", "stone", "brick"),
            (2.6, 3.4),
            (2.6, 2.9),
            (0.38, 0.44),
            (1, 2),
            ("pitched",),
            ("door",),
            (8, 12),
            shutters=0.5,
            surround=0.3,
            panes=(2, 2),
        ),
    )
}


@dataclass(frozen=True)
class Storeys:
    """The floors of a house: metres up to the first upper floor, height of each of the others, and their number."""

    first: float
    height: float
    count: int
    ground: Ground

    @property
    def top(self) -> float:
        return self.first + self.height * (self.count - 1)


@dataclass
class Elevation:
    """Meshes of a building by slot, in its own frame."""

    pieces: dict[str, list[Mesh]] = field(default_factory=dict)

    def add(self, slot: str, *meshes: Mesh) -> None:
        self.pieces.setdefault(slot, []).extend(meshes)

    def merged(self) -> dict[str, Mesh]:
        return {slot: joined(*meshes) for slot, meshes in self.pieces.items()}
