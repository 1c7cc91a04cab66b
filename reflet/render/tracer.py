"""The path tracer as Python sees it: parts become flat arrays, a camera and a sky become pictures.

`tracer.cpp` holds the physics. It is compiled at first use with the machine's own C++ compiler and kept under
`home()/cache`. A `Tracer` builds its hierarchy once; tracing it again with another camera, sky, lamp level or
seed costs only the rays.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reflet.render.scene import Array, Camera, Part, Surface
from reflet.render.shapes_basic import vertex_normals
from reflet.render.tracer_build import library
from reflet.render.tracer_texture import PackedTexture, TextureRecord, packed


class _Material(ctypes.Structure):  # Material in tracer_scene.h
    _fields_ = [
        ("kind", ctypes.c_int32),
        ("texture", ctypes.c_int32),
        ("base", ctypes.c_float * 3),
        ("emission", ctypes.c_float * 3),
        *(
            (name, ctypes.c_float)
            for name in ("roughness", "metallic", "coat", "ior", "uv_scale", "bump", "subsurface")
        ),
        *((name, ctypes.c_int32) for name in ("lamp", "object_id", "part")),
        ("extent", ctypes.c_float),
    ]


class _Geometry(ctypes.Structure):  # Geometry in tracer_scene.h
    _fields_ = [
        *(
            (name, ctypes.c_void_p)
            for name in ("vertices", "normals", "uvs", "colors", "faces", "face_material", "materials", "textures")
        ),
        *((name, ctypes.c_int32) for name in ("num_vertices", "num_faces", "num_materials", "num_textures")),
    ]


class _Settings(ctypes.Structure):  # Settings in tracer.cpp
    _fields_ = [
        *((name, ctypes.c_float * 3) for name in ("eye", "forward", "right", "up")),
        *((name, ctypes.c_float) for name in ("aperture", "focus_distance", "lamps", "clamp")),
        *((name, ctypes.c_int32) for name in ("size", "samples", "max_depth", "hide_environment", "threads")),
        ("seed", ctypes.c_uint32),
        ("environment", ctypes.c_void_p),
        ("environment_height", ctypes.c_int32),
        ("environment_width", ctypes.c_int32),
    ]


class _Output(ctypes.Structure):  # Output in tracer.cpp
    _fields_ = [(name, ctypes.c_void_p) for name in ("color", "albedo", "normal", "depth", "alpha", "object_id")]


@dataclass(frozen=True, eq=False)
class Buffers:
    """What one trace gives, all of S x S pixels, row 0 at the top. Colours are linear radiance, float32."""

    color: Array  # (S, S, 3); black where the environment is hidden
    albedo: Array  # (S, S, 3) in 0..1, of the first surface that is no mirror or clear glass
    normal: Array  # (S, S, 3) of that surface, world axes; shorter than 1 where samples differ
    depth: Array  # (S, S) distance from the eye at the pixel's centre, infinite where nothing is met
    alpha: Array  # (S, S) share of the pixel that is covered
    object_id: Array  # (S, S) int32 at the pixel's centre; clear glass counts as itself, nothing as 0


@dataclass(frozen=True, eq=False)
class Geometry:
    """Parts merged into the flat arrays that the tracer reads; V vertices, F faces, M materials."""

    vertices: Array  # (V, 3) float32
    normals: Array  # (V, 3) float32
    uvs: Array  # (V, 2) float32
    colors: Array | None  # (V, 3) float32
    faces: Array  # (F, 3) int32
    face_material: Array  # (F,) int32
    materials: ctypes.Array[_Material]
    textures: tuple[PackedTexture, ...]

    @staticmethod
    def from_parts(parts: Sequence[Part], *, skipped_levels: int = 0) -> Geometry:
        """Merges the parts' meshes; textures are stored once each, whichever surfaces share them, without their
        `skipped_levels` finest levels.

        Raises ValueError if a mesh's arrays disagree or a face names a vertex that does not exist.
        """
        for index, part in enumerate(parts):
            _check(part, index)
        solid = [part for part in parts if len(part.mesh.faces) > 0]
        first = np.cumsum([0, *(len(part.mesh.vertices) for part in solid)])
        counts = [len(part.mesh.faces) for part in solid]
        table: dict[int, PackedTexture] = {}
        materials = (_Material * max(len(solid), 1))()
        for index, part in enumerate(solid):
            texture = part.surface.texture
            if texture is not None:
                table.setdefault(id(texture), packed(texture, skipped=skipped_levels))
            slot = -1 if texture is None else list(table).index(id(texture))
            _fill(materials[index], part, index=index, texture=slot)
        colored = any(part.mesh.colors is not None for part in solid)
        return Geometry(
            vertices=_joined([part.mesh.vertices for part in solid], 3),
            normals=_joined([_normals(part) for part in solid], 3),
            uvs=_joined([_or_constant(part.mesh.uvs, part, (0.0, 0.0)) for part in solid], 2),
            colors=_joined([_or_constant(part.mesh.colors, part, (1.0, 1.0, 1.0)) for part in solid], 3)
            if colored
            else None,
            faces=np.concatenate(
                [
                    np.asarray(part.mesh.faces, np.int32) + np.int32(start)
                    for part, start in zip(solid, first, strict=False)
                ]
                or [np.zeros((0, 3), np.int32)]
            ),
            face_material=np.repeat(np.arange(len(solid), dtype=np.int32), counts),
            materials=materials,
            textures=tuple(table.values()),
        )


def _check(part: Part, index: int) -> None:
    mesh = part.mesh
    num_vertices = len(mesh.vertices)
    faces = np.asarray(mesh.faces)
    if len(faces) and (faces.ndim != 2 or faces.shape[1] != 3):
        raise ValueError(f"part {index}: faces must be (F, 3), got {faces.shape}; split polygons into triangles.")
    if len(faces) and (faces.min() < 0 or faces.max() >= num_vertices):
        raise ValueError(f"part {index}: faces name vertices up to {faces.max()}, but there are {num_vertices}.")
    for name, width in (("uvs", 2), ("normals", 3), ("colors", 3)):
        values = getattr(mesh, name)
        if values is not None and np.shape(values) != (num_vertices, width):
            raise ValueError(f"part {index}: {name} must be ({num_vertices}, {width}), got {np.shape(values)}.")


def _joined(arrays: list[Array], width: int) -> Array:
    empty = np.zeros((0, width), np.float32)
    return np.ascontiguousarray(np.concatenate([empty, *arrays]), np.float32)


def _normals(part: Part) -> Array:
    if part.mesh.normals is not None:
        return part.mesh.normals
    with np.errstate(invalid="ignore"):  # corners that are not finite only spoil faces that the tracer leaves out
        return vertex_normals(np.asarray(part.mesh.vertices, float), np.asarray(part.mesh.faces))


def _or_constant(values: Array | None, part: Part, constant: tuple[float, ...]) -> Array:
    if values is not None:
        return values
    return np.broadcast_to(np.asarray(constant, np.float32), (len(part.mesh.vertices), len(constant)))


def _fill(material: _Material, part: Part, *, index: int, texture: int) -> None:
    surface: Surface = part.surface
    material.kind = int(surface.kind)
    material.texture = texture
    material.base[:] = surface.base_color
    material.emission[:] = surface.emission
    for name in ("roughness", "metallic", "coat", "ior", "uv_scale", "bump", "subsurface"):
        setattr(material, name, float(getattr(surface, name)))
    material.lamp = int(surface.lamp)
    material.object_id = part.object_id
    material.part = index
    extent = float(np.ptp(np.asarray(part.mesh.vertices), axis=0).mean())
    material.extent = extent if 1e-6 < extent < np.inf else 1.0


class Tracer:
    """A geometry with its ray-tracing hierarchy, ready to be seen from many cameras under many skies.

    Raises RenderError if the tracer cannot be compiled on this machine.
    """

    def __init__(self, geometry: Geometry) -> None:
        self._library = library()
        self._geometry = geometry  # the scene below points into its arrays
        self._records = (TextureRecord * max(len(geometry.textures), 1))(*(t.record for t in geometry.textures))
        flat = _Geometry(
            geometry.vertices.ctypes.data,
            geometry.normals.ctypes.data,
            geometry.uvs.ctypes.data,
            None if geometry.colors is None else geometry.colors.ctypes.data,
            geometry.faces.ctypes.data,
            geometry.face_material.ctypes.data,
            ctypes.addressof(geometry.materials),
            ctypes.addressof(self._records),
            len(geometry.vertices),
            len(geometry.faces),
            len(geometry.materials),
            len(geometry.textures),
        )
        self._scene = self._library.reflet_scene_new(ctypes.byref(flat))

    def __del__(self) -> None:
        if getattr(self, "_scene", None):
            self._library.reflet_scene_free(self._scene)

    def trace(
        self,
        camera: Camera,
        environment: Array,
        *,
        size: int,
        samples: int,
        max_depth: int,
        seed: int,
        lamps: float = 1.0,
        threads: int = 1,
        hide_environment: bool = False,
        clamp: float = 20.0,
    ) -> Buffers:
        """Path traces `samples` paths a pixel. The same arguments give the same bits, whatever `threads`.

        environment (H, W, 3): radiance from infinity, rows from the zenith down, columns by azimuth from +y towards
        +x, sampled at texel centres. `max_depth` counts rough bounces; mirrors of glass come on top.
        `lamps` scales emission of surfaces marked `lamp`. `hide_environment` leaves it out of what the camera
        sees directly, so that a sharper sky can be put behind by `alpha`. `clamp` limits what one
        indirect path may add, in units of the picture's bright end; 0 leaves rare bright specks in and is unbiased.
        """
        sky = np.ascontiguousarray(environment, np.float32)
        if sky.ndim != 3 or sky.shape[2] != 3 or sky.size == 0 or sky.shape[1] > 4096:
            raise ValueError(f"the environment must be (H, W, 3) with W at most 4096, got {sky.shape}.")
        if size < 1 or samples < 1 or max_depth < 1 or threads < 1:
            raise ValueError(
                f"size, samples, max_depth, threads must be 1 or more, got {size}, {samples}, {max_depth}, {threads}."
            )
        shape = (size, size)
        buffers = Buffers(
            *(np.empty((*shape, 3), np.float32) for _ in range(3)),
            depth=np.empty(shape, np.float32),
            alpha=np.empty(shape, np.float32),
            object_id=np.empty(shape, np.int32),
        )
        settings = _settings(camera)
        settings.size, settings.samples, settings.max_depth, settings.threads = size, samples, max_depth, threads
        settings.seed, settings.lamps, settings.clamp = seed & 0xFFFFFFFF, lamps, clamp
        settings.hide_environment = int(hide_environment)
        settings.environment = sky.ctypes.data
        settings.environment_height, settings.environment_width = sky.shape[:2]
        names = ("color", "albedo", "normal", "depth", "alpha", "object_id")
        out = _Output(*(getattr(buffers, name).ctypes.data for name in names))
        self._library.reflet_trace(self._scene, ctypes.byref(settings), ctypes.byref(out))
        return buffers


def camera_axes(camera: Camera) -> tuple[Array, Array, Array]:
    """Forward, right and up, unit vectors (3,). Up leans to +z, or to +y for a camera that looks straight down."""
    forward = np.subtract(camera.target, camera.eye).astype(float)
    length = np.linalg.norm(forward)
    if not length > 0:
        raise ValueError("the camera's target must differ from its eye.")
    forward /= length
    pole = np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.9999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(forward, pole)
    right /= np.linalg.norm(right)
    return forward, right, np.cross(right, forward)


def _settings(camera: Camera) -> _Settings:
    settings = _Settings()
    forward, right, up = camera_axes(camera)
    half_width = np.tan(np.radians(camera.fov) / 2)
    settings.eye[:] = camera.eye
    settings.forward[:], settings.right[:], settings.up[:] = forward, right * half_width, up * half_width
    settings.aperture, settings.focus_distance = camera.aperture, camera.focus_distance
    return settings
