"""Object scenes show what was asked: counts, looks, relations; nothing collides, floats or sinks."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import numpy as np
import pytest

from reflet.render.assets import Library
from reflet.render.cameras import Reach as CameraReach
from reflet.render.cameras import frame, project, sample_shot, visible_shares
from reflet.render.cast import UnknownObjectError
from reflet.render.families import abstract, outdoors, tabletop
from reflet.render.placement import PlacementError
from reflet.render.scene import RelationSpec, Scene, SceneSpec, SubjectSpec

LIBRARY = Library()
FAMILIES = {"tabletop": tabletop, "outdoors": outdoors}


def build(spec: SceneSpec, seed: int) -> Scene:
    return FAMILIES[spec.family].build(spec, np.random.default_rng(seed), LIBRARY)


def vertices_of(scene: Scene, object_id: int) -> np.ndarray:
    return np.concatenate([p.mesh.vertices for p in scene.parts if p.object_id == object_id])


def check_contact(scene: Scene) -> None:
    """Every base lies on what carries it; the ground is at z = 0."""
    for thing in scene.objects:
        low = vertices_of(scene, thing.id)[:, 2].min()
        assert low == pytest.approx(thing.position[2], abs=1e-3)
        if thing.support == 0:
            assert low == pytest.approx(0.0, abs=1e-3), f"{thing.name} floats or sinks in {scene.layout}"
        else:
            assert low > 0.001


def separable(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether a line parts two clouds of ground points (N, 2), by many directions."""
    angles = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    compass = np.stack([np.cos(angles), np.sin(angles)])
    return bool(np.any((a @ compass).max(axis=0) < (b @ compass).min(axis=0)))


def check_apart(scene: Scene) -> None:
    grounded = [o for o in scene.objects if o.support == 0]
    for a, b in combinations(grounded, 2):
        assert separable(vertices_of(scene, a.id)[:, :2], vertices_of(scene, b.id)[:, :2]), (a.name, b.name)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_counts_and_looks_are_those_asked_for(family: str) -> None:
    for count in range(1, 7):
        spec = SceneSpec(family, subjects=(SubjectSpec("cube", color="yellow", material="plastic", count=count),))
        scene = build(spec, count)
        assert len(scene.objects) == count
        assert {(o.name, o.look.color, o.look.material) for o in scene.objects} == {("cube", "yellow", "plastic")}
        assert sorted(o.id for o in scene.objects) == list(range(1, count + 1))
        check_contact(scene)
        check_apart(scene)


def test_attributes_stay_with_their_things() -> None:
    spec = SceneSpec(
        "tabletop",
        subjects=(
            SubjectSpec("apple", color="green", count=2),
            SubjectSpec("mug", "blue", "ceramic"),
            SubjectSpec("egg", count=3),
        ),
    )
    for seed in range(3):
        scene = build(spec, seed)
        said = [(o.name, o.look.color) for o in scene.objects]
        assert said[:3] == [("apple", "green"), ("apple", "green"), ("mug", "blue")]
        assert [n for n, _ in said[3:]] == ["egg"] * 3
        assert scene.objects[2].look.material == "ceramic"
        check_apart(scene)


@pytest.mark.parametrize("relation", ["left", "right", "front", "behind"])
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_relations_are_seen_from_the_camera(family: str, relation: Literal["left", "right", "front", "behind"]) -> None:
    subjects = (SubjectSpec("sphere", color="red"), SubjectSpec("cube", color="blue"))
    for seed in range(3):
        scene = build(SceneSpec(family, subjects=subjects, relations=(RelationSpec(0, relation, 1),)), seed)
        camera = scene.views[0].camera
        (flat_a, deep_a), (flat_b, deep_b) = (project(camera, vertices_of(scene, i)) for i in (1, 2))
        aside, away = flat_a[:, 0].mean() - flat_b[:, 0].mean(), np.median(deep_a) - np.median(deep_b)
        holds = {"left": aside < -0.2, "right": aside > 0.2, "front": away < -0.1, "behind": away > 0.1}
        assert holds[relation]


def test_on_and_inside_carry() -> None:
    on = SceneSpec(
        "tabletop", subjects=(SubjectSpec("apple"), SubjectSpec("book")), relations=(RelationSpec(0, "on", 1),)
    )
    inside = SceneSpec(
        "tabletop", subjects=(SubjectSpec("egg"), SubjectSpec("basket")), relations=(RelationSpec(0, "inside", 1),)
    )
    for spec, relation in ((on, "on"), (inside, "in")):
        for seed in range(3):
            scene = build(spec, seed)
            rider, carrier = scene.objects
            assert (rider.support, rider.support_relation) == (carrier.id, relation)
            check_contact(scene)
    top = build(on, 0)
    assert vertices_of(top, 1)[:, 2].min() == pytest.approx(vertices_of(top, 2)[:, 2].max(), abs=0.02)


@pytest.mark.parametrize("layout", tabletop.LAYOUTS)
def test_every_tabletop_layout_builds(layout: str) -> None:
    check_layout("tabletop", layout)


@pytest.mark.parametrize("layout", outdoors.LAYOUTS)
def test_every_outdoors_layout_builds(layout: str) -> None:
    check_layout("outdoors", layout)


def check_layout(family: str, layout: str) -> None:
    subjects = {
        "portrait": (SubjectSpec("mug"),),
        "heap": (SubjectSpec("sphere", count=4),),
        "stack": (SubjectSpec("book", count=3),),
        "bowl": (SubjectSpec("apple", count=3),),
    }.get(layout, (SubjectSpec("cube", count=4),))
    for seed in range(5):
        scene = build(SceneSpec(family, layout=layout, subjects=subjects), seed)
        assert layout in scene.layout.split("+")
        assert sum(len(p.mesh.faces) for p in scene.parts) < 120_000
        check_contact(scene)
        if layout not in {"heap", "stack", "bowl"}:
            check_apart(scene)


@pytest.mark.parametrize("layout", abstract.LAYOUTS)
def test_every_abstract_layout_builds(layout: str) -> None:
    for seed in range(3):
        scene = abstract.build(SceneSpec("abstract", layout=layout, num_views=2), np.random.default_rng(seed), LIBRARY)
        assert len(scene.views) == 2
        assert scene.layout == layout
        assert all(o.role == "scenery" for o in scene.objects)


def test_views_see_everything_from_other_sides() -> None:
    spec = SceneSpec(
        "tabletop", layout="wall table", subjects=(SubjectSpec("cube"), SubjectSpec("sphere")), num_views=3
    )
    scene = build(spec, 3)
    assert len(scene.views) == 3
    assert len({v.camera.eye for v in scene.views}) == 3
    for view in scene.views:
        for thing in scene.objects:
            flat, depth = project(view.camera, vertices_of(scene, thing.id))
            assert np.all(depth > 0)
            assert np.abs(flat).max() < 1.05


def test_light_comes_from_the_side_asked_for() -> None:
    sides: tuple[tuple[Literal["left", "right"], int], ...] = (("left", -1), ("right", 1))
    for side, sign in sides:
        light = build(SceneSpec("outdoors", light="daylight", sun_side=side), 2).views[0].light
        assert light.sun_azimuth is not None
        assert np.sin(light.sun_azimuth) * sign > 0.8
        assert f"light from the {side}" in light.words


def test_same_seed_same_scene() -> None:
    spec = SceneSpec("tabletop", subjects=(SubjectSpec(count=2), SubjectSpec()), num_views=2)
    first, second = build(spec, 9), build(spec, 9)
    assert first.objects == second.objects
    assert (first.layout, first.place, first.details) == (second.layout, second.place, second.details)
    assert [v.camera for v in first.views] == [v.camera for v in second.views]
    assert all(np.array_equal(a.mesh.vertices, b.mesh.vertices) for a, b in zip(first.parts, second.parts, strict=True))


def test_impossible_wishes_say_why() -> None:
    with pytest.raises(UnknownObjectError, match="did you mean apple"):
        build(SceneSpec("tabletop", subjects=(SubjectSpec("aple"),)), 0)
    with pytest.raises(PlacementError, match="has no layout 'moon'"):
        build(SceneSpec("tabletop", layout="moon"), 0)
    wish = SceneSpec(
        "tabletop", subjects=(SubjectSpec("mug"), SubjectSpec("sphere")), relations=(RelationSpec(0, "on", 1),)
    )
    with pytest.raises(PlacementError, match="a mug cannot be on a sphere"):
        build(wish, 0)


def test_framing_fills_the_frame_as_asked() -> None:
    rng = np.random.default_rng(0)
    scene = build(SceneSpec("tabletop", subjects=(SubjectSpec("cube"),)), 1)
    points = vertices_of(scene, 1)
    shot = sample_shot(rng, word="eye level", count=1, reach=CameraReach())
    flat, _ = project(frame(points, shot), points)
    assert np.ptp(flat, axis=0).max() / 2 == pytest.approx(shot.fill, abs=0.03)


def test_camera_words_are_true() -> None:
    for word, low, high in (("high angle", 31, 90), ("top-down", 66, 90), ("low angle", -5, 9), ("eye level", 3, 20)):
        for seed in range(3):
            camera = build(SceneSpec("tabletop", camera=word, subjects=(SubjectSpec("cube"),)), seed).views[0].camera
            down = np.subtract(camera.eye, camera.target)
            elevation = np.degrees(np.arctan2(down[2], np.hypot(down[0], down[1])))
            assert camera.words == (word,)
            assert low < elevation < high


def test_hidden_bodies_are_noticed() -> None:
    from reflet.render.catalogue.index import CATALOGUE
    from reflet.render.placement import choose_look, instantiate

    rng = np.random.default_rng(0)
    cube = CATALOGUE["cube"]
    near, far = (
        instantiate(cube, rng, object_id=k, look=choose_look(cube, rng), height=h, position=(0.0, y, 0.0))
        for k, y, h in ((1, 0.0, 1.0), (2, 2.0, 0.5))
    )
    shot = sample_shot(rng, word="low angle", count=2, reach=CameraReach())
    camera = frame(np.concatenate([near.points, far.points]), shot)
    shares = visible_shares(camera, [near, far])
    assert shares[0] == pytest.approx(1.0, abs=0.05)
    assert shares[1] < 0.2
