"""Towns: cars keep to their side of the road, nothing collides, perspective holds, the spec is honoured."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from reflet.render.assets import Library
from reflet.render.building_style import STYLES
from reflet.render.buildings import Plot, raise_building
from reflet.render.cameras import project
from reflet.render.families.street import LAYOUTS, build
from reflet.render.masonry import Frame, Opening, panel, pierced_wall, slab
from reflet.render.placement import gap
from reflet.render.scene import Array, Camera, Scene, SceneSpec, SubjectSpec
from reflet.render.shapes import signed_volume
from reflet.render.site import outline_footprint

MAX_TRIANGLES = 150_000
VEHICLES = {"car", "taxi", "suv", "van", "bus", "sports car", "pickup truck", "truck"}


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def make(library: Library, plan: str, seed: int, **more) -> Scene:
    return build(SceneSpec("street", layout=plan, **more), np.random.default_rng(seed), library)


def vertices_of(scene: Scene, object_id: int) -> Array:
    return np.concatenate([part.mesh.vertices for part in scene.parts if part.object_id == object_id])


def check_town(scene: Scene) -> None:
    ids = [o.id for o in scene.objects]
    assert len(set(ids)) == len(ids) and {p.object_id for p in scene.parts} == {0, *ids}
    assert sum(len(part.mesh.faces) for part in scene.parts) <= MAX_TRIANGLES
    assert all(np.isfinite(part.mesh.vertices).all() for part in scene.parts)
    feet = {}
    for thing in scene.objects:
        body = vertices_of(scene, thing.id)
        if thing.name in VEHICLES:
            assert abs(body[:, 2].min()) < 2e-3, f"the {thing.name} floats or is sunken"
            check_on_road(scene, body)
            feet[thing.id] = outline_footprint(body[:, :2])
    check_cameras_outside(scene)
    assert all(gap(feet[a], feet[b]) > 0 for a, b in itertools.combinations(feet, 2)), "cars collide"
    assert all(view.camera.eye[2] > 1.2 for view in scene.views)


def check_cameras_outside(scene: Scene) -> None:
    for thing, view in itertools.product(scene.objects, scene.views):
        body = vertices_of(scene, thing.id)
        inside = (body.min(0) < view.camera.eye).all() and (view.camera.eye < body.max(0)).all()
        assert not inside, f"the camera is inside the {thing.name}"


def check_on_road(scene: Scene, body: Array) -> None:
    """Inside one carriageway; on roads along y, cars right of the middle drive away and left of it approach."""
    x, y = body[:, 0], body[:, 1]
    roads = scene.facts["roads"]
    assert not roads or any(
        x0 - 0.05 <= x.min() and x.max() <= x1 + 0.05 and y0 <= y.min() and y.max() <= y1 for x0, x1, y0, y1 in roads
    ), "a car is off the road"


@pytest.mark.parametrize("plan", LAYOUTS)
def test_every_plan(library: Library, plan: str) -> None:
    check_town(make(library, plan, seed=len(plan)))


@pytest.mark.slow
@pytest.mark.parametrize("plan", LAYOUTS)
def test_every_plan_with_more_seeds(library: Library, plan: str) -> None:
    for seed in (201, 202, 203):
        check_town(make(library, plan, seed=seed, num_views=3))


def test_cars_keep_to_the_right(library: Library) -> None:
    cars = [o for seed in range(3) for o in make(library, "avenue", seed=seed).objects if o.name in VEHICLES]
    assert len(cars) >= 4
    for car in cars:
        away = np.cos(car.yaw) < 0  # the bonnet is at -y when yaw is 0
        assert away == (car.position[0] > 0), f"a {car.name} at x = {car.position[0]:.1f} drives on the wrong side"


def test_same_seed_same_town(library: Library) -> None:
    one, other = (make(library, "square", seed=4) for _ in range(2))
    assert one.objects == other.objects and one.details == other.details
    assert all(np.array_equal(a.mesh.vertices, b.mesh.vertices) for a, b in zip(one.parts, other.parts, strict=True))


def test_kerbs_of_an_avenue_meet_on_the_horizon(library: Library) -> None:
    """Lines along the street have one vanishing point, at the height of the eye."""
    camera = make(library, "avenue", seed=1).views[0].camera
    far = np.array([[-5.0, 1e6, 0.0], [5.0, 1e6, 0.0], [5.0, 1e6, 12.0], [0.0, 1e6, camera.eye[2]]])
    points, _ = project(camera, far)
    assert np.abs(points - points[0]).max() < 1e-3
    level = Camera(camera.eye, (camera.target[0], camera.target[1], camera.eye[2]), camera.fov)
    assert abs(project(level, far)[0][3, 1]) < 1e-3


def test_snow_lies_where_it_is_asked_for(library: Library) -> None:
    scene = make(library, "village", seed=2, weather="snowfall", light="overcast")
    assert scene.views[0].light.weather == "snowfall" and scene.surface == "snow"
    assert "with snow on the ground" in scene.details


def test_night_has_lamps(library: Library) -> None:
    scene = make(library, "avenue", seed=2, light="night")
    lit = [part for part in scene.parts if part.surface.lamp and max(part.surface.emission) > 0]
    assert scene.views[0].light.lamps > 0.4 and len(lit) >= 3


def test_wishes_are_granted(library: Library) -> None:
    asked = (SubjectSpec("bus", color="red"), SubjectSpec("bicycle", color="blue"))
    for plan in ("avenue", "canal"):
        scene = make(library, plan, seed=6, subjects=asked)
        assert {("bus", "red"), ("bicycle", "blue")} <= {(o.name, o.look.color) for o in scene.objects}
        check_cameras_outside(scene)


def test_unknown_plans_are_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="unknown street plan"):
        make(library, "motorway", seed=0)


# ---------------------------------------------------------------------------------------------- masonry
def test_walls_lose_the_area_of_their_openings() -> None:
    wall = pierced_wall(5.0, 3.0, [Opening(1, 2, 0.8, 2.0), Opening(3, 4.5, 0.0, 2.1)], depth=0.0)
    corners = np.asarray(wall.vertices)[wall.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.linalg.norm(normals, axis=1).sum() / 2 == pytest.approx(15 - 1.2 - 3.15)
    assert (normals[:, 1] < 0).all(), "a wall faces -y"
    with pytest.raises(ValueError, match="does not fit"):
        pierced_wall(2.0, 2.0, [Opening(1, 3, 0, 1)])


def test_slabs_are_closed_and_measured_in_metres() -> None:
    box = slab((1, 2, 3), (5, 5, 5))
    assert signed_volume(box) == pytest.approx(6.0)
    flat = panel((0, 0, 0), (2, 0, 0), (0, 0, 3))
    assert flat.uvs is not None and np.ptp(flat.uvs, axis=0) == pytest.approx([2, 3])


def test_frames_turn_walls_towards_their_room() -> None:
    frame = Frame((-2.0, 0.0, 0.0), np.pi / 2)  # the left wall of a room
    assert frame.point(3.0, 1.0, 0.5) == pytest.approx((-1.0, 3.0, 0.5))


@pytest.mark.parametrize("name", sorted(STYLES))
def test_every_style_of_building_stands_on_its_plot(name: str) -> None:
    rng = np.random.default_rng(0)
    meshes, top = raise_building(Plot(Frame((0, 0, 0), 0.0), 12.0, 9.0, ("left", "right")), STYLES[name], rng)
    every = np.concatenate([mesh.vertices for mesh in meshes.values()])
    assert abs(every[:, 2].min()) < 1e-6 and every[:, 2].max() > top > 2.0
    assert every[:, 0].min() > -2.0 and every[:, 0].max() < 14.0 and every[:, 1].max() < 11.0
    assert {"wall", "glass"} <= set(meshes)
