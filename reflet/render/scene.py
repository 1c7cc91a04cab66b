"""The scene graph: what is in a picture, how it is lit, and from where it is seen.

Two stages. A `SceneSpec` is symbolic: it says what a caption could say ("two red glass spheres on a wooden
table at sunset"), and every field may be left open. A family turns a spec and a random generator into a
`Scene`: meshes with surfaces, and one or more `View`s, each a camera with its light. Rendering a view gives a
picture, an object-id mask and a depth map; captions are written from what the mask shows to be visible.

World: metres-like units, right-handed, z up, ground at z = 0. Azimuth is measured from +y towards +x, so a
direction is (sin az cos el, cos az cos el, sin el). Colours inside a scene are linear RGB in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]
RGB = tuple[float, float, float]
Staging = Literal["free", "plain", "fixed"]  # how much varies that no caption tells, see staging.py


# ---------------------------------------------------------------------------------------------- geometry
@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles. `vertices` (V, 3) float, `faces` (F, 3) int counter-clockwise seen from outside, `uvs` (V, 2).

    `normals` (V, 3) are computed from the faces when absent (vertices shared between faces shade smooth;
    duplicate them for a crisp edge). `colors` (V, 3) linear multiplies the surface's base colour.
    """

    vertices: Array
    faces: Array
    uvs: Array | None = None
    normals: Array | None = None
    colors: Array | None = None


class SurfaceKind(IntEnum):
    """The fixed kinds the tracer knows. The numbers are shared with tracer.cpp."""

    OPAQUE = 0  # diffuse + GGX specular, metallic, optional clear coat
    DIFFUSE = 1  # Lambert only: terrain, leaves, far things; cheapest
    GLASS = 2  # smooth dielectric solid, tinted by base_color per unit thickness
    FROSTED = 3  # rough dielectric
    THIN_GLASS = 4  # a pane or bubble without refraction


@dataclass(frozen=True, eq=False)
class Texture:
    """A tileable picture over uv in 0..1. `albedo` (H, W, 3) float32 linear; `height` (H, W) float32 in 0..1."""

    name: str
    albedo: Array
    height: Array | None = None
    roughness: Array | None = None  # (H, W) float32, multiplies nothing: replaces Surface.roughness where given
    emission: Array | None = None  # (H, W, 3) float32 radiance, e.g. lit windows


@dataclass(frozen=True, eq=False)
class Surface:
    """Physical parameters of one material slot, as the tracer reads them."""

    kind: SurfaceKind = SurfaceKind.OPAQUE
    base_color: RGB = (0.5, 0.5, 0.5)
    roughness: float = 0.5
    metallic: float = 0.0
    coat: float = 0.0  # clear coat weight 0..1 over the base (glazed ceramic, car paint, varnish)
    ior: float = 1.5
    emission: RGB = (0.0, 0.0, 0.0)
    texture: Texture | None = None
    uv_scale: float = 1.0  # multiplies the mesh's uv before the texture is read
    bump: float = 0.0  # height of the texture's relief, in world units per unit of `height`
    subsurface: float = 0.0  # 0..1: how much light bleeds through (wax, jade, milk); cheap wrap lighting
    lamp: bool = False  # emission that a view may switch off by day (street lamps, windows, table lamps)


@dataclass(eq=False)
class Part:
    """A mesh with its surface. `object_id` 0 is the surroundings (ground, walls, sky); objects count from 1."""

    mesh: Mesh
    surface: Surface
    object_id: int = 0


# ---------------------------------------------------------------------------------------------- what it is
@dataclass(frozen=True)
class MaterialLook:
    """What a caption may say of a body: material word ("glass"), colour word ("red") or None, finish or pattern."""

    material: str | None = None
    color: str | None = None
    finish: str | None = None  # "polished", "brushed", "striped", "polka-dot", "frosted", "rusty" ...


@dataclass
class SceneObject:
    """One thing that a caption may name. `id` is its value in the mask."""

    id: int
    name: str  # catalogue name: "mug"
    look: MaterialLook
    position: tuple[float, float, float]  # centre of its base, world
    size: tuple[float, float, float]  # extent of its axis-aligned box, world
    yaw: float = 0.0
    support: int = 0  # id of the object that carries it; 0 = the ground
    support_relation: Literal["on", "in"] = "on"
    role: Literal["subject", "furniture", "scenery"] = "subject"  # scenery is named by the setting, not counted
    tags: tuple[str, ...] = ()


@dataclass
class Camera:
    """A thin-lens camera. `fov` is the full horizontal angle in degrees; `aperture` the lens radius, 0 = pinhole."""

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    fov: float = 45.0
    aperture: float = 0.0
    focus_distance: float = 1.0
    words: tuple[str, ...] = ()  # "close-up", "low angle", "shallow depth of field" ...


class Sky(Protocol):
    """Radiance from infinity: the light of the scene and what is seen behind it."""

    def radiance(self, directions: Array, *, background: bool = False) -> Array:
        """(N, 3) unit directions -> (N, 3) linear radiance. `background` is evaluated per pixel, so it may hold
        stars, sharp clouds, the sun's disc or a plain backdrop; without it, what lights the scene."""
        ...


@dataclass
class Light:
    """One state of light, in words and in physics."""

    sky: Sky
    kind: str  # a word of vocabulary.LIGHTS: "sunset", "overcast", "studio softbox", "neon" ...
    sun_azimuth: float | None = None  # radians; None where light has no single direction
    sun_elevation: float | None = None
    weather: str | None = None  # "fog", "rain", "snowfall", "mist" or None
    exposure: float = 0.0  # stops added after automatic exposure
    haze: float = 0.0  # extinction per world unit, for fog and aerial perspective
    haze_color: RGB = (0.7, 0.75, 0.8)
    haze_height: float | None = None  # scale height of ground fog, None = uniform
    lamps: float = 1.0  # multiplies surfaces whose `lamp` is true
    wet: bool = False  # the ground is wet (lower roughness of parts of object 0 that allow it)
    background: RGB | None = None  # a plain studio backdrop instead of the sky, linear
    words: tuple[str, ...] = ()  # "long shadows", "a few clouds", "light from the left" ...


@dataclass
class View:
    """A picture to be taken of a scene."""

    camera: Camera
    light: Light
    style: str = "photograph"
    samples: int = 6  # paths per pixel at the reference budget
    max_depth: int = 6


@dataclass
class Scene:
    """Everything needed to draw and to caption; `views` share the geometry."""

    family: str
    layout: str
    parts: list[Part]
    objects: list[SceneObject]
    views: list[View]
    place: str  # where the things are, as a phrase with its preposition: "on a wooden table", "in a living room"
    environment: str  # one word of vocabulary.ENVIRONMENTS
    surface: str | None = None  # word of vocabulary.GROUNDS the subjects stand on
    details: tuple[str, ...] = ()  # other true phrases: "with a brick wall behind", "with brick walls" ...
    facts: dict[str, Any] = field(default_factory=dict)  # JSON-able extras for the scene graph
    seed: int = 0


# ---------------------------------------------------------------------------------------------- what is asked
@dataclass(frozen=True)
class SubjectSpec:
    """A kind of thing asked for. None leaves a choice to the family."""

    name: str | None = None
    color: str | None = None
    material: str | None = None
    count: int = 1


@dataclass(frozen=True)
class RelationSpec:
    """Subject `first` stands in `relation` to subject `second` (indices into SceneSpec.subjects)."""

    first: int
    relation: Literal["left", "right", "front", "behind", "on", "inside"]
    second: int


@dataclass(frozen=True)
class SceneSpec:
    """What a scene shall show. Fields left None are sampled by the family."""

    family: str
    layout: str | None = None
    subjects: tuple[SubjectSpec, ...] = ()
    relations: tuple[RelationSpec, ...] = ()
    ground: str | None = None
    environment: str | None = None
    light: str | None = None
    weather: str | None = None
    sun_side: Literal["left", "right", "front", "behind"] | None = None
    camera: str | None = None  # a word of vocabulary.CAMERAS
    style: str | None = None
    num_views: int = 1
    staging: Staging = "free"
    fields: dict[str, Any] = field(default_factory=dict)  # family-specific wishes, see each family's docstring
