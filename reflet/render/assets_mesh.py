"""Meshes from an asset folder as catalogue items: found by name, measured by header, parsed when first built."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator

from reflet.render.assets_licence import Licence
from reflet.render.assets_names import Kind, kind_of, plural_of
from reflet.render.assets_picture import to_linear
from reflet.render.catalogue.item import MAIN, BuiltPart, CatalogueItem
from reflet.render.materials_fixed import adopt_surface
from reflet.render.scene import Array, Mesh, Surface, Texture

MAX_TRIANGLES = 12_000
_REFUSED_TRIANGLES = 400_000
_CASTS = (
    "marble",
    "bronze",
    "gold",
    "silver",
    "ceramic",
    "plastic",
    "wood",
    "jade",
    "stone",
    "glass",
    "terracotta",
    "copper",
    "clay",
)
_SHARE = 0.4  # of the bodies of a class that both sources have, how many come from files
# Materials by the beginning of their name that are better than a plain colour, for things with one of these tags.
_NAMED_SLOTS = {
    "window": ("dark glass", ("vehicle",)),
    "lightFront": ("headlight", ("vehicle",)),
    "carTire": ("tyre", ("vehicle",)),
    "lightBack": ("tail light", ("vehicle",)),
    "wheel": ("tyre", ("vehicle",)),
    "window.": ("window light", ("building",)),
}
_CAR_COLORS = ("red", "blue", "white", "black", "grey", "yellow", "green", "orange", "teal", "navy blue")


def asset_items(
    files: Mapping[str, Path], catalogue: Mapping[str, CatalogueItem], licences: Mapping[str, Licence]
) -> dict[str, tuple[CatalogueItem, tuple[str, ...]]]:
    """Class name -> its item and the files behind it. Files of a class that cannot join its procedural item (because
    things may rest on it, or its look would not be true) are left aside.
    """
    groups: dict[str, list[tuple[Kind, str, Path]]] = {}
    for name, path in files.items():
        kind = kind_of(path.stem, colored="materials" in _header(path))
        if kind is not None:
            groups.setdefault(kind.name, []).append((kind, name, path))
    made = {}
    for name, members in groups.items():
        item = _joined(catalogue[name], members, licences) if name in catalogue else _new(members, licences)
        if item is not None:
            made[name] = (item, tuple(file for _, file, _ in members))
    return made


def _joined(
    item: CatalogueItem, members: list[tuple[Kind, str, Path]], licences: Mapping[str, Licence]
) -> CatalogueItem | None:
    """A procedural class whose build sometimes takes a mesh from a file instead."""
    plain = not item.materials and item.colors == ()
    if item.rests or any((kind.style == "own") != plain for kind, _, _ in members):
        return None
    builders = [_builder(path, kind, licences[file]) for kind, file, path in members]

    def build(rng: Generator) -> list[BuiltPart]:
        if rng.random() >= _SHARE:
            return item.build(rng)
        return builders[int(rng.integers(len(builders)))](rng)

    return replace(item, build=build)


def _new(members: list[tuple[Kind, str, Path]], licences: Mapping[str, Licence]) -> CatalogueItem:
    kind = members[0][0]
    builders = [_builder(path, kind, licences[file]) for kind, file, path in members]
    extent = measure(members[0][2])
    longest = float(extent.max())
    display = float(np.clip(0.55 * (kind.size / 0.08) ** 0.4, 0.4, 1.7))  # the longest side on a tabletop
    look: dict[str, Any] = {"materials": (), "colors": ()}
    if kind.style == "painted":
        look = {"materials": ("painted metal" if "vehicle" in kind.tags else "ceramic",), "colors": _CAR_COLORS}
    if kind.style == "cast":
        look = {"materials": _CASTS, "colors": None}

    def build(rng: Generator) -> list[BuiltPart]:
        return builders[int(rng.integers(len(builders)))](rng)

    return CatalogueItem(
        name=kind.name, plural=kind.plural or plural_of(kind.name), build=build, tags=frozenset(kind.tags.split()),
        height=display * float(extent[2]) / longest, real_height=kind.size * float(extent[2]) / longest,
        license=licences[members[0][1]].spdx, **look,
    )  # fmt: skip


def _builder(path: Path, kind: Kind, licence: Licence) -> Callable[[Generator], list[BuiltPart]]:
    # Colours made for unlit materials are display values, whatever the format says.
    display = "unlit" in licence.note and "vehicle" not in kind.tags
    return lambda rng: list(load_parts(path, kind, display=display))


# ---------------------------------------------------------------------------------------------------- measuring
def _header(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        magic, _, _, length, kind = struct.unpack("<4sIIII", file.read(20))
        if magic != b"glTF" or kind != 0x4E4F534A:
            raise ValueError(f"{path} is no binary glTF file; export it as .glb or take it out of the folder")
        return json.loads(file.read(length))


def _placed(node: dict[str, Any]) -> Array:
    """The (4, 4) matrix of a glTF node."""
    if "matrix" in node:
        return np.asarray(node["matrix"], float).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turn = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.asarray(node.get("scale", (1, 1, 1)))
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def measure(path: Path) -> Array:
    """Extent (3,) of a GLB in our axes (z up), from its header alone. Raises ValueError for another kind of file."""
    gltf = _header(path)
    corners: list[Array] = []

    def visit(index: int, above: Array) -> None:
        node = gltf["nodes"][index]
        here = above @ _placed(node)
        if "mesh" in node:
            for primitive in gltf["meshes"][node["mesh"]]["primitives"]:
                accessor = gltf["accessors"][primitive["attributes"]["POSITION"]]
                grid = np.array(np.meshgrid(*zip(accessor["min"], accessor["max"], strict=True))).reshape(3, -1)
                corners.append(here[:3, :3] @ grid + here[:3, 3:])
        for child in node.get("children", ()):
            visit(child, here)

    for root in gltf["scenes"][gltf.get("scene", 0)]["nodes"]:
        visit(root, np.eye(4))
    extent = np.ptp(np.concatenate(corners, 1), axis=1)
    return np.maximum(extent[[0, 2, 1]], 1e-6)


# ------------------------------------------------------------------------------------------------------ parsing
@lru_cache(maxsize=128)
def load_parts(path: Path, kind: Kind, *, display: bool = False) -> tuple[BuiltPart, ...]:
    """The parts of a GLB, standing and one high. Slots are "main", those of windows and tyres, or surfaces adopted
    under the file's name. `display`: its plain colours are display values, not linear ones.

    Raises ValueError for a mesh with more triangles than can be thinned out.
    """
    import trimesh  # slow to import, and needed by asset folders alone

    scene = trimesh.load(str(path), process=False, force="scene")
    meshes = [geometry for geometry in scene.dump(concatenate=False) if len(getattr(geometry, "faces", ())) > 0]
    total = sum(len(mesh.faces) for mesh in meshes)
    if not 0 < total <= _REFUSED_TRIANGLES:
        raise ValueError(f"{path} has {total} triangles; simplify it to at most {MAX_TRIANGLES}")
    parts = _cast(meshes) if kind.style == "cast" else _colored(meshes, path, kind, display=display)
    if total > MAX_TRIANGLES:
        parts = [BuiltPart(thinned(part.mesh, MAX_TRIANGLES / total), part.slot) for part in parts]
    return _standing(parts)


def _standing(parts: list[BuiltPart]) -> tuple[BuiltPart, ...]:
    """Base at z = 0, centred in x and y, height 1: what every build promises."""
    points = np.concatenate([part.mesh.vertices for part in parts])
    low, high = points.min(0), points.max(0)
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    height = max(high[2] - low[2], 1e-9)
    return tuple(
        BuiltPart(replace(part.mesh, vertices=(part.mesh.vertices - origin) / height), part.slot) for part in parts
    )


def _our_axes(points: Array) -> Array:
    """glTF's y up, +z to the front -> z up, -y to the front."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], -1).astype(np.float64)


def _cast(meshes: list[Any]) -> list[BuiltPart]:
    parts = []
    for mesh in meshes:
        vertices, faces = _our_axes(np.asarray(mesh.vertices)), np.asarray(mesh.faces)
        parts.append(BuiltPart(box_mapped(vertices, faces), MAIN))
    return parts


def box_mapped(vertices: Array, faces: Array) -> Mesh:
    """A mesh without uv gets them by projection along the axis that each triangle faces most; normals stay smooth."""
    normals = np.zeros_like(vertices)
    across = np.cross(vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]])
    for corner in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(faces[:, corner], across[:, axis], len(vertices))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    facing = np.abs(across).argmax(1)
    keys = faces * 3 + facing[:, None]
    used, index = np.unique(keys.ravel(), return_inverse=True)
    source, axis = used // 3, used % 3
    points = vertices[source]
    height = max(float(np.ptp(vertices[:, 2])), 1e-9)
    plane = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    uvs = np.take_along_axis(points, plane, 1) / height
    return Mesh(points, index.reshape(-1, 3), uvs, normals[source])


@dataclass(frozen=True, eq=False)
class _Piece:
    """A mesh of one plain colour (linear), with the name of its material."""

    mesh: Mesh
    color: Array
    material: str


def _colored(meshes: list[Any], path: Path, kind: Kind, *, display: bool) -> list[BuiltPart]:
    """Plain-coloured meshes become one part with vertex colours; textured ones keep a surface each."""
    plain: list[_Piece] = []
    parts: list[BuiltPart] = []
    slots = {prefix: slot for prefix, (slot, tags) in _NAMED_SLOTS.items() if set(tags) & set(kind.tags.split())}
    for number, mesh in enumerate(meshes):
        material = getattr(mesh.visual, "material", None)
        normals = _our_axes(np.asarray(mesh.vertex_normals))
        ours = Mesh(_our_axes(np.asarray(mesh.vertices)), np.asarray(mesh.faces), _uvs(mesh), normals)
        picture, called = getattr(material, "baseColorTexture", None), str(getattr(material, "name", ""))
        named = next((slot for prefix, slot in slots.items() if called.startswith(prefix)), None)
        if picture is not None:
            slot = f"asset:{path.as_posix()}#{number}"
            adopt_surface(slot, _textured_surface(material, picture, path.stem))
            parts.append(BuiltPart(ours, slot))
        elif named is not None:
            parts.append(BuiltPart(ours, named))
        else:
            plain.append(_Piece(ours, _plain_color(material, display=display), called))
    if kind.style == "painted" and plain:
        chosen = _body(plain)
        parts += [BuiltPart(piece.mesh, MAIN) for piece in plain if np.allclose(piece.color, chosen)]
        plain = [piece for piece in plain if not np.allclose(piece.color, chosen)]
    if plain:
        slot = f"asset:{path.as_posix()}#plain"
        adopt_surface(slot, Surface(base_color=(1.0, 1.0, 1.0), roughness=0.5))
        parts.append(BuiltPart(_merged(plain), slot))
    return parts


def _uvs(mesh: Any) -> Array:
    """(V, 2) as glTF stores them (trimesh turns v over), zeros where there are none."""
    uv = getattr(mesh.visual, "uv", None)
    if uv is None or len(uv) != len(mesh.vertices):
        return np.zeros((len(mesh.vertices), 2))
    return np.stack([uv[:, 0], 1 - uv[:, 1]], -1)


def _plain_color(material: Any, *, display: bool) -> Array:
    factor = getattr(material, "baseColorFactor", None)
    color = np.array((0.6, 0.6, 0.6)) if factor is None else np.asarray(factor[:3], float) / 255
    return to_linear(color) if display else color


def _body(pieces: list[_Piece]) -> Array:
    """The colour of the body: that of a material called paint, or else what covers most, near-black aside."""
    areas: dict[tuple[float, ...], float] = {}
    for piece in pieces:
        v, f = piece.mesh.vertices, piece.mesh.faces
        area = float(np.linalg.norm(np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]]), axis=1).sum())
        weight = 100.0 if piece.material.startswith("paint") else 0.05 if float(piece.color.max()) < 0.03 else 1.0
        key = tuple(piece.color.tolist())
        areas[key] = areas.get(key, 0.0) + area * weight
    return np.array(max(areas, key=lambda key: areas[key]))


def _merged(pieces: list[_Piece]) -> Mesh:
    start = np.cumsum([0] + [len(piece.mesh.vertices) for piece in pieces])
    return Mesh(
        np.concatenate([piece.mesh.vertices for piece in pieces]),
        np.concatenate([piece.mesh.faces + start[i] for i, piece in enumerate(pieces)]),
        np.concatenate([piece.mesh.uvs for piece in pieces]),
        np.concatenate([piece.mesh.normals for piece in pieces]),
        np.concatenate([np.broadcast_to(piece.color, (len(piece.mesh.vertices), 3)) for piece in pieces]),
    )


def _textured_surface(material: Any, picture: Any, name: str) -> Surface:
    """The surface of a glTF material with a picture; roughness from its map's green channel, where there is one."""
    size = 512
    image = np.asarray(picture.convert("RGB"), np.float32) / 255
    albedo = to_linear(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA))
    roughness, metallic = None, float(material.metallicFactor or 0.0)
    if material.metallicRoughnessTexture is not None:
        maps = np.asarray(material.metallicRoughnessTexture.convert("RGB"), np.float32) / 255
        roughness = cv2.resize(np.ascontiguousarray(maps[..., 1]), (size, size), interpolation=cv2.INTER_AREA)
        metallic = float(maps[..., 2].mean()) if material.metallicFactor is None else metallic
    level = 0.6 if material.roughnessFactor is None else float(material.roughnessFactor)
    return Surface(
        base_color=(1.0, 1.0, 1.0), roughness=level, metallic=metallic, texture=Texture(name, albedo, None, roughness)
    )


def thinned(mesh: Mesh, share: float) -> Mesh:
    """About `share` of the triangles, by merging the vertices in cells of a grid (Rossignac & Borrel 1993)."""
    target = max(int(len(mesh.faces) * share), 12)
    extent = max(float(np.ptp(mesh.vertices, axis=0).max()), 1e-9)
    uvs = np.zeros((len(mesh.vertices), 2)) if mesh.uvs is None else mesh.uvs
    cells = 220
    while True:
        grid = np.floor(mesh.vertices / extent * cells)
        keys = np.concatenate([grid, np.floor(uvs * 12)], 1).astype(np.int64)
        _, index, inverse, count = np.unique(keys, axis=0, return_index=True, return_inverse=True, return_counts=True)
        inverse = inverse.ravel()
        faces = inverse[mesh.faces]
        distinct = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
        faces = faces[distinct]
        if len(faces) <= target or cells < 8:
            break
        cells = int(cells * 0.85)

    def mean(values: Array) -> Array:
        return np.stack([np.bincount(inverse, column, len(count)) for column in values.T], -1) / count[:, None]

    colors = None if mesh.colors is None else mesh.colors[index]
    return Mesh(mean(mesh.vertices), faces, mean(uvs), None, colors)
