"""Every shape under one name: plain primitives and operations, turned and swept bodies, blended sculptures."""

from __future__ import annotations

from reflet.render.shapes_basic import (
    bounds,
    box,
    creased,
    disc,
    displace,
    flat_shaded,
    grid,
    icosphere,
    lattice_faces,
    lumps,
    merge,
    plane,
    polyhedron,
    rotation,
    signed_volume,
    sphere,
    transform,
    vertex_normals,
    welded,
)
from reflet.render.shapes_swept import (
    arc,
    capsule,
    cone,
    cylinder,
    extrude,
    lathe,
    loft,
    rounded,
    spline,
    torus,
    tube,
    vessel,
)

__all__ = [
    "arc", "bounds", "box", "capsule", "cone", "creased", "cylinder", "disc", "displace", "extrude", "flat_shaded",
    "grid", "icosphere", "lathe", "lattice_faces", "loft", "lumps", "merge", "plane", "polyhedron", "rotation",
    "rounded", "signed_volume", "sphere", "spline", "torus", "transform", "tube", "vertex_normals", "vessel", "welded",
]  # fmt: skip
