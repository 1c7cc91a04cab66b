"""Houses from the street: walls with real window openings, shops, balconies, cornices, and their roofs.

A building is drawn in its own frame (front in the plane y = 0 seen from -y, from x = 0 to its width, body behind) as
meshes by slot: "wall", "trim", "glass", "warm" and "cool" (lit panes), "blind", "frame", "shutter", "roof",
"metal", "awning", "sign", "goods", "shop back", "door". `Palette` gives each slot its surface.
One window costs about 24 triangles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.random import Generator

from reflet.render.building_fronts import add_front
from reflet.render.building_roofs import add_roof
from reflet.render.building_style import Detail, Elevation, Ground, Roof, Storeys, Style
from reflet.render.masonry import Frame, panel, quads
from reflet.render.scene import Mesh


@dataclass(frozen=True)
class Plot:
    """Where a building stands: its frame, its width and depth, which sides are seen, how finely it is drawn."""

    frame: Frame
    width: float
    depth: float
    sides: tuple[Literal["left", "right"], ...] = ()
    detail: Detail = "near"
    floors: int | None = None


def raise_building(plot: Plot, style: Style, rng: Generator) -> tuple[dict[str, Mesh], float]:
    """The meshes of a building by slot, placed in the world, and its height to the eaves.

    Windows are lit at random; whether they shine is the light's business (their surfaces are lamps).
    """
    elevation = Elevation()
    floors = plot.floors or int(rng.integers(style.floors[0], style.floors[1] + 1))
    floor = float(rng.uniform(*style.floor))
    ground: Ground = style.ground[int(rng.integers(len(style.ground)))]
    first = floor if ground in ("same", "door") else max(floor, 3.4) + 0.4
    storeys = Storeys(first, floor, floors, ground)
    top = storeys.top
    style = replace(
        style,
        surround=float(rng.random() < style.surround),
        shutters=float(rng.random() < style.shutters),
        bands=float(rng.random() < style.bands),
    )
    add_front(elevation, style, storeys, rng, width=plot.width, detail=plot.detail)
    for side in ("left", "right"):
        facade = Elevation()
        if side in plot.sides:
            plain = replace(storeys, ground="same")
            add_front(facade, style, plain, rng, width=plot.depth, detail=plot.detail)
        else:
            facade.add("wall", panel((0, 0, 0), (plot.depth, 0, 0), (0, 0, top)))
        frame = Frame((0, plot.depth, 0), -np.pi / 2) if side == "left" else Frame((plot.width, 0, 0), np.pi / 2)
        for slot, meshes in facade.pieces.items():
            elevation.add(slot, *(frame.place(mesh) for mesh in meshes))
    elevation.add("wall", panel((plot.width, plot.depth, 0), (-plot.width, 0, 0), (0, 0, top)))
    roof: Roof = style.roof[int(rng.integers(len(style.roof)))]
    add_roof(elevation, roof, rng, width=plot.width, depth=plot.depth, top=top, detail=plot.detail)
    return {slot: plot.frame.place(mesh) for slot, mesh in elevation.merged().items()}, top


def tower_box(width: float, depth: float, height: float, *, span: float) -> Mesh:
    """A far building as a box of four textured sides; `span` metres of wall for one tile, cut at whole floors."""
    u, v, r = width / span, height / span, depth / span
    corners = np.array(
        [
            [[0, 0, 0], [width, 0, 0], [width, 0, height], [0, 0, height]],
            [[width, 0, 0], [width, depth, 0], [width, depth, height], [width, 0, height]],
            [[width, depth, 0], [0, depth, 0], [0, depth, height], [width, depth, height]],
            [[0, depth, 0], [0, 0, 0], [0, 0, height], [0, depth, height]],
        ]
    )
    corners[2] = [[width, depth, 0], [0, depth, 0], [0, depth, height], [width, depth, height]]
    uvs = np.array([[[0, 0], [a, 0], [a, v], [0, v]] for a in (u, r, u, r)])
    return quads(corners, uvs=uvs)


def lid(width: float, depth: float, height: float) -> Mesh:
    """The flat top of a far building."""
    return panel((0, 0, height), (width, 0, 0), (0, depth, 0))
