"""Rooms: everything stands where it should, nothing collides, the camera could be there, the spec is honoured."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from reflet.render.assets import Library
from reflet.render.families.interior import LAYOUTS, PLANS_OF, build
from reflet.render.placement import Footprint, gap
from reflet.render.scene import Array, Scene, SceneObject, SceneSpec, SubjectSpec
from reflet.render.site import outline_footprint

MAX_TRIANGLES = 70_000
COMBINATIONS = [(room, plan) for room in LAYOUTS for plan in PLANS_OF[room]]
# A chair's seat slides under its table: their footprints may overlap by this much, metres.
TUCK = 0.3
TABLES, SEATS = {"table", "round table", "dining table", "desk"}, {"chair", "stool", "office chair", "bar stool"}


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def make(library: Library, room: str, plan: str | None, seed: int, **more) -> Scene:
    fields = {} if plan is None else {"plan": plan}
    fields |= more.pop("fields", {})
    spec = SceneSpec("interior", layout=room, fields=fields, **more)
    return build(spec, np.random.default_rng(seed), library)


def vertices_of(scene: Scene, thing: SceneObject) -> Array:
    return np.concatenate([part.mesh.vertices for part in scene.parts if part.object_id == thing.id])


def on_floor(scene: Scene) -> list[SceneObject]:
    """Things whose weight the floor carries; rugs lie under them, pictures and lamps hang."""
    flat = {"rug", "painting", "mirror", "ceiling lamp"}
    return [o for o in scene.objects if o.support == 0 and o.name not in flat]


def check_room(scene: Scene) -> None:
    width, depth, height = scene.facts["size"]
    names = {o.id: o.name for o in scene.objects}
    assert len(names) == len(scene.objects), "object ids must differ"
    assert {part.object_id for part in scene.parts} == {0, *names}
    assert sum(len(part.mesh.faces) for part in scene.parts) <= MAX_TRIANGLES
    feet: dict[int, Footprint] = {}
    for thing in on_floor(scene):
        body = vertices_of(scene, thing)
        assert np.isfinite(body).all()
        assert abs(body[:, 2].min()) < 2e-3, f"the {thing.name} floats or is sunken"
        assert body[:, 2].max() < height
        assert (
            np.abs(body[:, 0]).max() < width / 2 + 0.01 and -0.01 < body[:, 1].min() <= body[:, 1].max() < depth + 0.01
        )
        feet[thing.id] = outline_footprint(body[:, :2])
    for a, b in itertools.combinations(feet, 2):
        pair = {names[a], names[b]}
        allowed = TUCK if pair & TABLES and pair & SEATS else 0.006
        assert gap(feet[a], feet[b]) > -allowed, f"{names[a]} and {names[b]} collide"
    check_supports(scene)
    check_cameras(scene)


def check_supports(scene: Scene) -> None:
    by_id = {o.id: o for o in scene.objects}
    for thing in scene.objects:
        if thing.support == 0:
            continue
        carrier, body = by_id[thing.support], vertices_of(scene, thing)
        top = vertices_of(scene, carrier)
        assert abs(body[:, 2].min() - thing.position[2]) < 2e-3
        assert 0 < thing.position[2] <= top[:, 2].max() + 2e-3
        # Something of the carrier lies right under the thing, at its height.
        level = top[np.abs(top[:, 2] - thing.position[2]) < 0.02]
        assert len(level), f"the {thing.name} stands on no surface of the {carrier.name}"
        low, high = level[:, :2].min(0) - 0.02, level[:, :2].max(0) + 0.02
        assert (low <= thing.position[:2]).all() and (thing.position[:2] <= high).all()


def check_cameras(scene: Scene) -> None:
    width, depth, height = scene.facts["size"]
    for view in scene.views:
        x, y, z = view.camera.eye
        assert abs(x) < width / 2 and 0 < y < depth and 1.2 <= z <= 1.7 and z < height
        assert 55 <= view.camera.fov <= 85
        pitch = view.camera.target[2] - z
        assert abs(pitch) < 0.2 * np.hypot(view.camera.target[0] - x, view.camera.target[1] - y)
        for thing in on_floor(scene):
            body = vertices_of(scene, thing)
            inside = (body.min(0) < (x, y, z)).all() and ((x, y, z) < body.max(0)).all()
            assert not inside, f"the camera is inside the {thing.name}"


@pytest.mark.parametrize(("room", "plan"), COMBINATIONS)
def test_every_room_in_every_plan(library: Library, room: str, plan: str) -> None:
    check_room(make(library, room, plan, seed=len(room) + len(plan)))


@pytest.mark.slow
@pytest.mark.parametrize(("room", "plan"), COMBINATIONS)
def test_every_room_in_every_plan_with_more_seeds(library: Library, room: str, plan: str) -> None:
    for seed in (101, 102, 103):
        check_room(make(library, room, plan, seed=seed, num_views=3))


def test_same_seed_same_room(library: Library) -> None:
    one, other = (make(library, "living room", None, seed=5, num_views=2) for _ in range(2))
    assert one.objects == other.objects and one.place == other.place and one.details == other.details
    assert [v.camera for v in one.views] == [v.camera for v in other.views]
    for a, b in zip(one.parts, other.parts, strict=True):
        assert np.array_equal(a.mesh.vertices, b.mesh.vertices) and a.surface.base_color == b.surface.base_color


def test_rooms_have_their_main_furniture(library: Library) -> None:
    wanted = {"living room": "sofa", "bedroom": "bed", "study": "desk", "kitchen": "stove", "bathroom": "bathtub",
              "gallery": "painting", "library": "bookcase"}  # fmt: skip
    for room, name in wanted.items():
        plan = "narrow" if room == "bathroom" else "corner" if "corner" in PLANS_OF[room] else None
        found = [o.name for seed in range(4) for o in make(library, room, plan, seed=seed).objects]
        assert found.count(name) >= 3, f"{room}: {name} only {found.count(name)} times in four rooms"


def test_wishes_are_granted(library: Library) -> None:
    asked = (
        SubjectSpec("sofa", color="red", material="fabric"),
        SubjectSpec("teapot", color="blue", material="ceramic"),
    )
    scene = make(
        library, "living room", "window left", seed=3, subjects=asked, fields={"wall_color": "green"}, ground="marble"
    )
    looks = {(o.name, o.look.color, o.look.material) for o in scene.objects}
    assert ("sofa", "red", "fabric") in looks and ("teapot", "blue", "ceramic") in looks
    assert scene.place == "in a living room with green walls and a marble floor" and scene.surface == "marble"


def test_light_follows_the_windows(library: Library) -> None:
    for seed in range(4):
        scene = make(library, "gallery", "no window", seed=seed)
        assert scene.views[0].light.kind == "lamplight" and scene.views[0].light.lamps == 1.0
    day = make(library, "bedroom", "window back", seed=0, light="daylight").views[0].light
    azimuth = (day.sun_azimuth or 0.0 + np.pi) % (2 * np.pi)
    assert day.lamps == 0.0 and min(azimuth, 2 * np.pi - azimuth) < 1.0, "the sun stands before the window"


def test_views_differ(library: Library) -> None:
    scene = make(library, "living room", "corner", seed=8, num_views=3)
    eyes = np.array([view.camera.eye for view in scene.views])
    distances = np.linalg.norm(eyes[:, None] - eyes[None], axis=-1)[np.triu_indices(3, 1)]
    assert len(scene.views) == 3 and (distances > 0.1).all()


def test_unknown_words_are_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="unknown room"):
        make(library, "stable", None, seed=0)
    with pytest.raises(ValueError, match="unknown plan"):
        make(library, "kitchen", "labyrinth", seed=0)
