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
    scattered,
    signed_volume,
    sphere,
    transform,
    vertex_normals,
    welded,
)
from reflet.render.shapes_sculpted import Lump, ellipsoid, front, limb, mirrored, sculpt
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
    "Lump", "arc", "bounds", "box", "capsule", "cone", "creased", "cylinder", "disc", "displace", "ellipsoid",
    "extrude", "flat_shaded", "front", "grid", "icosphere", "lathe", "lattice_faces", "limb", "loft", "lumps", "merge",
    "mirrored", "plane", "polyhedron", "rotation", "rounded", "scattered", "sculpt", "signed_volume", "sphere", "spline", "torus",
    "transform", "tube", "vertex_normals", "vessel", "welded",
]  # fmt: skip
