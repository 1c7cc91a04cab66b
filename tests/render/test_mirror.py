import copy
import re

import numpy as np
import pytest

from reflet.data.rendered import RenderJob, phrases_of, sample_scene
from reflet.render.assets import Library
from reflet.render.caption import captions
from reflet.render.draw import draw
from reflet.render.mirror import mirrored
from reflet.render.visible import scene_graph


@pytest.mark.parametrize(("family", "index"), [("tabletop", 0), ("interior", 3)])
def test_says_what_the_flipped_picture_shows(family, index):
    library = Library(None)
    job = RenderJob(count=2, seed=4, size=64, quality=0.2, num_views=1, families=(family,))
    _, scene, seed = sample_scene(job, index, library=library)
    drawing = draw(scene, size=64, quality=0.2, seed=seed)[0]
    phrases = phrases_of(scene, library)
    graph = scene_graph(scene, view=0, mask=drawing.mask, depth=drawing.depth, phrases=phrases)
    flipped = scene_graph(scene, view=0, mask=drawing.mask[:, ::-1], depth=drawing.depth[:, ::-1], phrases=phrases)
    turned = mirrored(graph)
    assert any(r["relation"] in ("left", "right") for r in graph["relations"])
    assert turned["relations"] == flipped["relations"]
    assert [o["box"] for o in turned["objects"]] == [o["box"] for o in flipped["objects"]]


def test_twice_is_the_same():
    graph = _graph()
    before = copy.deepcopy(graph)
    assert mirrored(mirrored(graph)) == graph == before


def test_captions_change_sides():
    first = " ".join(captions(_graph(), np.random.default_rng(0), number=10))
    second = " ".join(captions(mirrored(_graph()), np.random.default_rng(0), number=10))
    assert "light from the left" in first.lower()
    assert "light from the right" in second.lower()
    assert first != second
    swap = {"left": "right", "right": "left"}
    assert re.sub(r"\b(left|right)\b", lambda found: swap[found[0]], first) == second


def _graph():
    def item(number, name, box, x):
        return {
            "id": number, "name": name, "phrase": "{look} {name}", "plural": name + "s", "synonyms": [],
            "material": None, "color": "red", "finish": None, "role": "subject", "position": [x, 0.0, 0.0],
            "size": [1.0, 1.0, 1.0], "yaw": 0.5 * x, "support": 0, "support_relation": "on", "area": 0.1, "box": box,
            "depth": 3.0, "clipped": False, "visible": True,
        }  # fmt: skip

    return {
        "family": "tabletop", "layout": "wall table+row", "environment": "table", "place": "on a wooden table",
        "surface": "wooden table", "details": [], "style": "photograph",
        "light": {"kind": "daylight", "weather": None, "side": "left", "azimuth": -80.0, "elevation": 30.0,
                  "words": ["light from the left"], "wet": False},
        "camera": {"words": [], "fov": 36.0, "eye": [0.5, -3.0, 1.0], "heading": -10.0, "pitch": -11.0,
                   "aperture": 0.0},
        "objects": [item(1, "cube", [0.125, 0.25, 0.375, 0.5], -1.0),
                    item(2, "sphere", [0.625, 0.25, 0.875, 0.5], 1.0)],
        "relations": [{"first": 1, "relation": "left", "second": 2}],
        "facts": {"stage": "wall table", "arrangement": "row", "subjects": [[1], [2]]}, "seed": 1, "view": 0,
    }  # fmt: skip
