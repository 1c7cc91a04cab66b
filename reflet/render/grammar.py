"""The grammar of scenes: how a seed becomes a wish, and a wish a scene.

The mix is made for a model that must count, bind attributes and understand relations: names, colours, materials,
counts and relations are each drawn nearly uniformly, so that no combination is rare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from reflet.render.assets import Library
from reflet.render.cast import (
    Items,
    UnknownObjectError,
    carrying_scale,
    chosen_items,
    possible_colors,
    sample_name,
)
from reflet.render.families import abstract, interior, landscape, outdoors, space, street, tabletop
from reflet.render.placement import PlacementError, choose_look
from reflet.render.scene import RelationSpec, Scene, SceneSpec, Staging, SubjectSpec
from reflet.render.streams import stream
from reflet.render.vocabulary import CAMERAS, STYLES

FAMILIES: dict[str, Callable[[SceneSpec, Generator, Library], Scene]] = {
    "tabletop": tabletop.build,
    "outdoors": outdoors.build,
    "interior": interior.build,
    "street": street.build,
    "landscape": landscape.build,
    "space": space.build,
    "abstract": abstract.build,
}
LAYOUTS: dict[str, tuple[str, ...]] = {
    "tabletop": tabletop.LAYOUTS,
    "outdoors": outdoors.LAYOUTS,
    "interior": interior.LAYOUTS,
    "street": street.LAYOUTS,
    "landscape": landscape.LAYOUTS,
    "space": space.LAYOUTS,
    "abstract": abstract.LAYOUTS,
}
FAMILY_WEIGHTS: dict[str, float] = {
    "tabletop": 0.42,
    "outdoors": 0.18,
    "interior": 0.10,
    "street": 0.08,
    "landscape": 0.13,
    "space": 0.03,
    "abstract": 0.06,
}
PHOTOGRAPH_SHARE = 0.72
_TRIES = 8
_WEATHER = {None: 0.80, "fog": 0.05, "mist": 0.05, "rain": 0.05, "snowfall": 0.05}
_RELATIONS = ("left", "right", "front", "behind", "on", "inside")


# ---------------------------------------------------------------------------------------------- wishes
def sample_spec(
    rng: Generator,
    *,
    library: Library,
    families: Sequence[str] | Mapping[str, float] | None = None,
    staging: Staging = "free",
    things: Sequence[str] | None = None,
) -> SceneSpec:
    """A wish drawn from the mix, or from some `families` of it (names, or names with weights).

    `things` are the only ones that scenes of objects wish for; rooms, streets and landscapes keep what they need.

    Raises:
        ValueError: an unknown family, or no thing at all.
        UnknownObjectError: an unknown thing, with the closest names.
    """
    weights = (
        families if isinstance(families, Mapping) else {f: FAMILY_WEIGHTS.get(f, 0.0) for f in families or FAMILIES}
    )
    unknown = [f for f in weights if f not in FAMILIES]
    if unknown or not weights:
        raise ValueError(f"unknown family {', '.join(unknown) or '(none)'}; there are: {', '.join(FAMILIES)}")
    family = _choose(rng, weights)
    style = "photograph" if rng.random() < PHOTOGRAPH_SHARE else STYLES[1 + int(rng.integers(len(STYLES) - 1))]
    if family in {"tabletop", "outdoors"}:
        items = library.items if things is None else chosen_items(library.items, things)
        spec = _object_spec(rng, family, items, _KINDS if staging == "free" else _PLAIN_KINDS)
    else:
        names = LAYOUTS[family]
        # Rooms and streets weigh their own layouts: living rooms are more than views from the air.
        free = family in {"interior", "street"}
        spec = SceneSpec(family=family, layout=None if free else names[int(rng.integers(len(names)))])
    if family in {"outdoors", "street", "landscape"}:
        spec = replace(spec, weather=_choose(rng, _WEATHER))
    return replace(spec, style=style, staging=staging)


K = TypeVar("K")
_Kind = Callable[[Generator, Items], SceneSpec]


def _choose(rng: Generator, weights: Mapping[K, float]) -> K:
    words = list(weights)
    share = np.array([weights[w] for w in words], dtype=float)
    return words[int(rng.choice(len(words), p=share / share.sum()))]


def _object_spec(rng: Generator, family: str, items: Items, kinds: Mapping[_Kind, float]) -> SceneSpec:
    """One of six kinds of wish, each of which teaches something else."""
    spec = replace(_choose(rng, kinds)(rng, items), family=family)
    camera = CAMERAS[int(rng.integers(len(CAMERAS)))] if rng.random() < 0.1 and not spec.relations else None
    side = None
    if rng.random() < 0.2:
        side = ("left", "right", "front", "behind")[int(rng.integers(4))]
    return replace(spec, camera=camera, sun_side=side)


def _subject(
    rng: Generator, items: Items, *, name: str | None = None, but: Sequence[str] = (), count: int = 1
) -> SubjectSpec:
    """A thing with a colour or a material asked for: whichever it can have, each nearly as often as any other."""
    name = name or sample_name(items, rng, but=but)
    item = items[name]
    colors = possible_colors(item)
    draw = rng.random()
    for _ in range(6):
        color = colors[int(rng.integers(len(colors)))] if colors and draw < 0.6 else None
        material = None
        if item.materials and draw > 0.6:
            material = item.materials[int(rng.integers(len(item.materials)))]
        elif item.ornamental and draw > 0.94:
            material = item.ornamental[int(rng.integers(len(item.ornamental)))]
        try:
            look = choose_look(item, rng, color=color, material=material)
        except ValueError:  # this material does not take that colour
            continue
        return SubjectSpec(name=name, color=look.color, material=look.material, count=count)
    return SubjectSpec(name=name, count=count)


def _portrait(rng: Generator, items: Items) -> SceneSpec:
    return SceneSpec(family="", subjects=(_subject(rng, items),), layout="portrait")


def _group(rng: Generator, items: Items) -> SceneSpec:
    return SceneSpec(family="", subjects=(_subject(rng, items, count=int(rng.integers(2, 7))),))


def _two_groups(rng: Generator, items: Items) -> SceneSpec:
    first = int(rng.integers(1, 5))
    second = int(rng.integers(1 if first > 1 else 2, 7 - first))
    a = _subject(rng, items, count=first)
    b = _subject(rng, items, but=[str(a.name)], count=second)
    return SceneSpec(family="", subjects=(a, b))


def _several(rng: Generator, items: Items, *, count: int | None = None) -> SceneSpec:
    """Two to four single things that differ in colour or material; now and then all of one name."""
    count = int(rng.choice([2, 3, 4], p=[0.45, 0.35, 0.2])) if count is None else count
    same = sample_name(items, rng) if rng.random() < 0.22 else None
    if same is not None and len(possible_colors(items[same])) < count:
        same = None
    subjects: list[SubjectSpec] = []
    for _ in range(60):
        if len(subjects) == count:
            break
        new = _subject(rng, items, name=same, but=[] if same else [str(s.name) for s in subjects])
        if not any(_confusable(new, other) for other in subjects):
            subjects.append(new)
    return SceneSpec(family="", subjects=tuple(subjects))


def _confusable(a: SubjectSpec, b: SubjectSpec) -> bool:
    """Whether two subjects teach nothing about which attribute belongs to which."""
    return (
        (a.color is not None and a.color == b.color)
        or (a.color is None and a.material is not None and a.material == b.material)
        or (a.name == b.name and a.color is None)
    )


def _related(rng: Generator, items: Items) -> SceneSpec:
    relation = _RELATIONS[int(rng.integers(len(_RELATIONS)))]
    if relation in {"on", "inside"}:
        return _carried(rng, items, relation)
    spec = _several(rng, items, count=3) if rng.random() < 0.15 else SceneSpec(family="")
    if len(spec.subjects) == 3:  # a chain
        side = "left" if relation in {"left", "front"} else "right"
        return replace(spec, relations=(RelationSpec(0, side, 1), RelationSpec(1, side, 2)))
    pair = _several(rng, items, count=2)  # one thing alone, where no other is known
    return replace(pair, relations=(RelationSpec(0, relation, 1),) if len(pair.subjects) == 2 else ())


def _carried(rng: Generator, items: Items, relation: str) -> SceneSpec:
    carriers = [n for n in sorted(items) if (items[n].top if relation == "on" else items[n].inside) is not None]
    names = sorted(items)
    for _ in range(100 if carriers else 0):
        below, above = (options[int(rng.integers(len(options)))] for options in (carriers, names))
        if below != above and carrying_scale(items[below], items[above], relation) is not None:
            break
    else:
        return _group(rng, items)  # none of these things carries another
    first = _subject(rng, items, name=above)
    second = _subject(rng, items, name=below)
    kind = RelationSpec(0, "on" if relation == "on" else "inside", 1)
    return SceneSpec(family="", subjects=(first, second), relations=(kind,))


def _piled(rng: Generator, items: Items) -> SceneSpec:
    draw = rng.random()
    if draw < 0.4 and "bowl" in items and any("fruit" in item.tags for item in items.values()):
        fruit = SubjectSpec(name=sample_name(items, rng, tag="fruit"), count=int(rng.integers(3, 6)))
        return SceneSpec(family="", subjects=(fruit, SubjectSpec(name="bowl")), layout="bowl")
    flat = [n for n in sorted(items) if (carrying_scale(items[n], items[n], "on") or 0.0) > 0.75]
    if draw < 0.7 and flat:
        name = flat[int(rng.integers(len(flat)))]
        return SceneSpec(
            family="", subjects=(_subject(rng, items, name=name, count=int(rng.integers(2, 4))),), layout="stack"
        )
    name = "sphere" if rng.random() < 0.5 else "cube"
    if name not in items:
        return _group(rng, items)
    count = int(rng.choice([4, 5])) if name == "sphere" else int(rng.choice([3, 6]))
    return SceneSpec(family="", subjects=(_subject(rng, items, name=name, count=count),), layout="heap")


_KINDS: dict[_Kind, float] = {
    _portrait: 0.24,
    _group: 0.22,
    _two_groups: 0.11,
    _several: 0.19,
    _related: 0.17,
    _piled: 0.07,
}
# Single things first: what stands among others must be known by itself.
_PLAIN_KINDS: dict[_Kind, float] = {
    _portrait: 0.44,
    _group: 0.16,
    _two_groups: 0.06,
    _several: 0.15,
    _related: 0.16,
    _piled: 0.03,
}


# ---------------------------------------------------------------------------------------------- scenes
def build_scene(spec: SceneSpec, *, seed: int, library: Library) -> Scene:
    """The scene of a wish; the same seed gives the same scene. Layouts that fail are tried again with derived seeds.

    Raises:
        ValueError: an unknown family.
        UnknownObjectError: an unknown object, with the closest names.
        PlacementError: the wish cannot be met; the message names the wish and the last reason.
    """
    if spec.family not in FAMILIES:
        raise ValueError(f"unknown family {spec.family!r}; there are: {', '.join(FAMILIES)}")
    failure: ValueError | None = None
    for attempt in range(_TRIES):
        rng = stream(seed, "scene", attempt)
        try:
            scene = FAMILIES[spec.family](spec, rng, library)
        except UnknownObjectError:
            raise
        except ValueError as error:
            failure = error
            continue
        scene.seed = seed
        return scene
    raise PlacementError(f"cannot build {spec} with seed {seed}: {failure}") from failure
