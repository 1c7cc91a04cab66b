"""Captions say only what the picture shows, in many ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reflet.render.caption import captions, groups, noun_phrase, relation_phrases, without_colors
from reflet.render.scene import Camera, Light, MaterialLook, Scene, SceneObject, View
from reflet.render.visible import scene_graph
from reflet.render.vocabulary import LIGHTS, STYLES, WEATHER
from reflet.render.wording import LIGHT_PHRASES, STYLE_PREFIXES, STYLE_TAGS, WEATHER_PHRASES, article


class DarkSky:
    def radiance(self, directions: np.ndarray, *, background: bool = False) -> np.ndarray:
        return np.zeros_like(directions)


def thing(number: int, name: str, color: str | None, material: str | None, **more: Any) -> SceneObject:
    look = MaterialLook(material=material, color=color)
    return SceneObject(id=number, name=name, look=look, position=(0, 0, 0), size=(1, 1, 1), **more)


def graph_of(
    objects: list[SceneObject], boxes: dict[int, tuple[int, int, int, int]], *, style: str = "photograph"
) -> dict:
    """A graph from a mask that holds the given boxes (x0, y0, x1, y1) on 100 x 100 pixels."""
    mask = np.zeros((100, 100), np.uint8)
    depth = np.full((100, 100), np.inf, np.float32)
    for number, (x0, y0, x1, y1) in boxes.items():
        mask[y0:y1, x0:x1] = number
        depth[y0:y1, x0:x1] = 4.0 + number
    light = Light(sky=DarkSky(), kind="sunset", sun_azimuth=np.pi / 2, sun_elevation=0.1)
    view = View(camera=Camera(eye=(0, -5, 1), target=(0, 0, 0)), light=light, style=style)
    scene = Scene(
        family="tabletop",
        layout="row",
        parts=[],
        objects=objects,
        views=[view],
        place="on a wooden table",
        environment="table",
    )
    phrases = {
        "cactus": ("cactus in a {look} pot", "cacti", ()),
        "cube": ("{look} {name}", "cubes", ("box",)),
        "egg": ("{look} {name}", "eggs", ()),
        "pencil": ("{color} {name}", "pencils", ()),
    }
    return scene_graph(scene, view=0, mask=mask, depth=depth, phrases=phrases)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_at_least_six_different_captions_of_varied_length(rng: np.random.Generator) -> None:
    graph = graph_of([thing(1, "cube", "red", "glass")], {1: (30, 30, 60, 60)})
    made = captions(graph, rng)
    assert len(made) == len(set(made)) >= 6
    lengths = [len(c.split()) for c in made]
    assert min(lengths) <= 4 and max(lengths) >= 10
    assert made[0] == "a red glass cube on a wooden table at sunset"


def test_what_is_not_visible_is_not_named(rng: np.random.Generator) -> None:
    objects = [thing(1, "cube", "red", "glass"), thing(2, "egg", "white", None)]
    graph = graph_of(objects, {1: (30, 30, 60, 60), 2: (80, 80, 82, 84)})
    assert all("egg" not in c for c in captions(graph, rng))


def test_a_number_is_said_only_when_all_are_seen(rng: np.random.Generator) -> None:
    objects = [thing(k, "cube", "red", None) for k in (1, 2, 3)]
    boxes = {1: (0, 30, 20, 60), 2: (30, 30, 50, 60), 3: (60, 30, 90, 60)}
    assert noun_phrase(groups(graph_of(objects, boxes))[0], rng, plain=1.0) in ("three red cubes", "3 red cubes")
    del boxes[3]
    assert noun_phrase(groups(graph_of(objects, boxes))[0], rng, plain=1.0) == "some red cubes"


def test_the_attribute_stands_with_its_part(rng: np.random.Generator) -> None:
    graph = graph_of([thing(1, "cactus", "orange", "ceramic")], {1: (30, 30, 60, 60)})
    assert noun_phrase(groups(graph)[0], rng, plain=1.0) == "a cactus in an orange ceramic pot"


def test_a_phrase_may_take_the_colour_alone(rng: np.random.Generator) -> None:
    graph = graph_of([thing(1, "pencil", "blue", None)], {1: (30, 30, 60, 60)})
    assert graph["objects"][0]["phrase"] == "{color} {name}"
    made = captions(graph, rng)
    assert made[0] == "a blue pencil on a wooden table at sunset"
    assert all("{" not in c for c in made)


def test_things_of_one_name_are_told_apart(rng: np.random.Generator) -> None:
    objects = [thing(1, "cube", "red", "wood"), thing(2, "cube", "blue", "wood")]
    made = captions(graph_of(objects, {1: (5, 40, 25, 60), 2: (70, 40, 90, 60)}), rng, number=10)
    assert not any("a wooden cube and a wooden cube" in c for c in made)


def test_a_word_is_not_said_twice(rng: np.random.Generator) -> None:
    graph = graph_of([thing(1, "stone", None, "stone")], {1: (30, 30, 60, 60)})
    assert noun_phrase(groups(graph)[0], rng, plain=1.0) == "a stone"


def test_left_and_right_are_true(rng: np.random.Generator) -> None:
    objects = [thing(1, "cube", "red", None), thing(2, "egg", "white", None)]
    graph = graph_of(objects, {1: (5, 40, 25, 60), 2: (70, 40, 90, 60)})
    relations = {(r["first"], r["relation"], r["second"]) for r in graph["relations"]}
    assert (1, "left", 2) in relations and (1, "right", 2) not in relations
    said = relation_phrases(graph, rng, plain=1.0)
    assert said == ["the red cube is to the left of the white egg"]


def test_nothing_is_said_of_a_doubtful_side() -> None:
    objects = [thing(1, "cube", "red", None), thing(2, "egg", "white", None)]
    graph = graph_of(objects, {1: (40, 20, 60, 40), 2: (45, 60, 65, 80)})
    assert not [r for r in graph["relations"] if r["relation"] in ("left", "right")]


def test_light_from_the_right() -> None:
    graph = graph_of([thing(1, "cube", "red", None)], {1: (30, 30, 60, 60)})
    assert graph["light"]["side"] == "right"  # the sun stands at azimuth +x, the camera looks along +y


def test_drawings_without_colour_name_none(rng: np.random.Generator) -> None:
    graph = graph_of([thing(1, "cube", "red", "glass")], {1: (30, 30, 60, 60)}, style="pencil")
    assert all("red" not in c.split() for c in captions(graph, rng))
    assert without_colors({**graph, "place": "in a room with navy blue walls"})["place"] == "in a room with walls"
    neon = {**graph, "light": {**graph["light"], "kind": "neon"}, "style": "photograph"}
    said = " ".join(captions(neon, np.random.default_rng(3)))
    assert not {str(o["color"]) for o in graph["objects"] if o["color"]} & set(said.split())


def test_same_graph_same_seed_same_captions() -> None:
    graph = graph_of([thing(1, "cube", "red", "glass")], {1: (30, 30, 60, 60)})
    first, second = (captions(graph, np.random.default_rng(7)) for _ in range(2))
    assert first == second


def test_every_word_of_the_vocabulary_can_be_said() -> None:
    assert set(LIGHT_PHRASES) == set(LIGHTS)
    assert set(STYLE_PREFIXES) == set(STYLE_TAGS) == set(STYLES)
    assert set(WEATHER_PHRASES) | {"clear"} == set(WEATHER)


def test_articles() -> None:
    assert [article(w) for w in ("apple", "cube", "hourglass", "unicorn")] == [
        "an apple",
        "a cube",
        "an hourglass",
        "a unicorn",
    ]
