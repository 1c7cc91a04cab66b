"""Landscapes and space: every layout builds, stands on its ground, keeps its budget, and honours its spec."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render.assets import Library
from reflet.render.draw import draw
from reflet.render.families import landscape, space
from reflet.render.families.landscape_items import LANDMARKS
from reflet.render.families.landscape_landmarks import AFLOAT, FLYING
from reflet.render.families.landscape_stage import Land
from reflet.render.placement import choose_look, instantiate
from reflet.render.scene import SceneSpec, SubjectSpec
from reflet.render.vocabulary import ENVIRONMENTS, LIGHTS

LIBRARY = Library()
ALL = [("landscape", name) for name in landscape.LAYOUTS] + [("space", name) for name in space.LAYOUTS]
BUILD = {"landscape": landscape.build, "space": space.build}
FLOATING = {"bridge", *AFLOAT, *FLYING}


def made(family, layout, seed, **wishes):
    return BUILD[family](SceneSpec(family, layout=layout, **wishes), np.random.default_rng([seed, 5]), LIBRARY)


def land_of(layout, seed):
    """The land of a layout, which holds the ground that the scene was planted on."""
    spec = SceneSpec("landscape", layout=layout)
    land = Land(rng=np.random.default_rng([seed, 5]), spec=spec, items={**LANDMARKS, **LIBRARY.items})
    landscape.CATALOGUE[layout].build(land)
    return land


def check(scene, views):
    assert scene.parts and len(scene.views) == views
    assert scene.environment in ENVIRONMENTS and scene.place.split()[0] in {"in", "on", "at", "by", "among"}
    assert sum(len(p.mesh.faces) for p in scene.parts) <= 160_000
    for part in scene.parts:
        mesh = part.mesh
        assert np.isfinite(mesh.vertices).all() and mesh.faces.max() < len(mesh.vertices) and mesh.faces.min() >= 0
        if mesh.colors is not None:
            assert mesh.colors.min() >= 0 and mesh.colors.max() <= 1
    ids = [o.id for o in scene.objects]
    assert ids == list(dict.fromkeys(ids)) and {p.object_id for p in scene.parts} - {0} == set(ids)
    for view in scene.views:
        assert view.light.kind in LIGHTS and np.isfinite(view.camera.eye).all() and 20 < view.camera.fov < 80


@pytest.mark.parametrize(("family", "layout"), ALL)
def test_layout_builds(family, layout):
    check(made(family, layout, 0, num_views=2), views=2)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "layout"), ALL)
def test_layout_builds_for_more_seeds(family, layout):
    for seed in (1, 2, 3):
        check(made(family, layout, seed, num_views=3), views=3)


@pytest.mark.parametrize("layout", ["alpine meadow", "beach", "forest", "river"])
def test_cameras_and_things_stand_on_the_drawn_ground(layout):
    for seed in range(3):
        land = land_of(layout, seed)
        for view in landscape.make_views(land, land.rng):
            eye = np.array(view.camera.eye)
            floor = float(land.ground.height_at(eye[:1], eye[1:2])[0])
            assert eye[2] >= max(floor, land.water_level if land.water_level is not None else -1e9) + 0.85
        for o in land.objects:
            if o.name not in FLOATING:
                ground = float(land.ground.height_at(np.array([o.position[0]]), np.array([o.position[1]]))[0])
                assert ground - 0.8 * max(o.size) <= o.position[2] <= ground + 0.05
        spots = land.spots(200, near=8.0, far=300.0)
        assert np.abs(land.ground.height_at(spots[:, 0], spots[:, 1]) - spots[:, 2]).max() < 0.05


def test_same_seed_same_scene():
    one, two = (made("landscape", "lone tree", 4) for _ in "ab")
    assert all(np.array_equal(a.mesh.vertices, b.mesh.vertices) for a, b in zip(one.parts, two.parts, strict=True))
    assert one.views[0].camera == two.views[0].camera and one.details == two.details
    assert made("landscape", "lone tree", 5).views[0].camera != one.views[0].camera


def test_light_weather_and_side_are_honoured():
    scene = made("landscape", "open sea", 1, light="morning", sun_side="left", num_views=2)
    first = scene.views[0].light
    assert all(v.light.kind == "morning" for v in scene.views)
    assert -np.pi < first.sun_azimuth < -0.9 and "light from the left" in first.words
    foggy = made("landscape", "rolling hills", 1, light="overcast", weather="fog").views[0].light
    assert foggy.weather == "fog"


def test_environment_chooses_a_layout_that_shows_it():
    for environment in ("lake", "canyon", "garden"):
        scene = landscape.build(SceneSpec("landscape", environment=environment), np.random.default_rng(3), LIBRARY)
        assert scene.environment == environment


def test_subjects_stand_in_the_foreground():
    wish = (SubjectSpec("lighthouse", color="red"), SubjectSpec("park bench", count=2))
    scene = made("landscape", "flower meadow", 2, subjects=wish)
    assert [o.name for o in scene.objects] == ["lighthouse", "park bench", "park bench"]
    assert scene.objects[0].look.color == "red" and all(o.position[1] > 3 for o in scene.objects)


def test_unknown_wishes_are_refused():
    with pytest.raises(ValueError, match="unknown landscape"):
        made("landscape", "underwater", 0)
    with pytest.raises(ValueError, match="unknown space scene"):
        made("space", "underwater", 0)
    with pytest.raises(ValueError, match="cannot show"):
        made("landscape", "lone tree", 0, subjects=(SubjectSpec("flying carpet"),))


@pytest.mark.parametrize("name", sorted(LANDMARKS))
def test_landmarks_are_sound_items(name):
    item, rng = LANDMARKS[name], np.random.default_rng(1)
    placed = instantiate(item, rng, object_id=1, look=choose_look(item, rng), height=item.real_height)
    vertices = np.concatenate([p.mesh.vertices for p in placed.parts])
    assert vertices[:, 2].min() == pytest.approx(0, abs=1e-4)
    assert vertices[:, 2].max() == pytest.approx(item.real_height, rel=1e-4)
    assert sum(len(p.mesh.faces) for p in placed.parts) <= 2500


def test_ground_reaches_the_horizon_in_a_picture():
    """Below the skyline no sky shows through, and there is sky above it."""
    scene = made("landscape", "rolling hills", 1, light="daylight", weather="clear")
    depth = draw(scene, size=48, quality=0.34)[0].depth
    sky = np.isinf(depth)
    assert sky[0].any() and not sky[-1].any()
    assert (np.diff(sky.astype(int), axis=0) <= 0).mean() > 0.99
