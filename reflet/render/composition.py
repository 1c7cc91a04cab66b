"""From what is asked to bodies that stand well and a camera that sees them: arrange, frame, check, try again.

The loop is rejection sampling against what the picture must show: nothing collides, nothing that is counted hides
another, everything is in frame, and every relation asked for is plain from the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from reflet.render.arrangements import ARRANGEMENTS, centered, clear, deepened, facing, related
from reflet.render.cameras import (
    Reach,
    Shot,
    frame,
    in_frame,
    lowered,
    project,
    sample_shot,
    share_over,
    visible_shares,
)
from reflet.render.cast import (
    SMALL,
    Items,
    Scale,
    bodies_of,
    carrying_scale,
    looks_for,
    sample_name,
    scale_for,
    typical_radius,
)
from reflet.render.catalogue.item import CatalogueItem
from reflet.render.dropping import drop_inside
from reflet.render.placement import Placed, PlacementError, fitted_inside, put_inside, stack_on
from reflet.render.scene import Array, Camera, MaterialLook, RelationSpec, SceneSpec, SubjectSpec, SurfaceKind
from reflet.render.staging import NUM_SHAPES, plain_layout, plain_shot, settled

MOST_VISIBLE = 0.74  # share of a silhouette that others must leave visible at the first tries ...
LEAST_VISIBLE = 0.45  # ... and at the last
_SIDE, _DEPTH = 0.17, 0.15  # margins for left/right (share of the width) and front/behind (relative distance)

_DEEP = ("cluster", "circle", "grid", "scattered")  # layouts in which things stand behind others
PILED = ("stack", "bowl")  # layouts in which things carry one another, besides those of ARRANGEMENTS


@dataclass(frozen=True)
class Composition:
    """Bodies with the camera of the first view. `subject_ids[i]` are the object ids of subject i."""

    placed: list[Placed]
    camera: Camera
    shot: Shot
    arrangement: str
    subject_ids: tuple[tuple[int, ...], ...]
    scale: Scale

    @property
    def points(self) -> Array:
        """(N, 3) outermost points of everything."""
        return np.concatenate([p.points for p in self.placed])

    @property
    def unit(self) -> float:
        """World size of one tabletop unit, by which a stage scales its surroundings."""
        heights = [p.height / p.item.height for p in self.placed]
        return float(np.median(heights)) if self.scale.real else self.scale.unit


@dataclass(frozen=True)
class _Cast:
    """Bodies by subject, before they stand anywhere."""

    bodies: list[list[Placed]]
    relations: tuple[RelationSpec, ...]


def compose(
    spec: SceneSpec, rng: Generator, items: Items, *, arrangement: str | None, reach: Reach, outdoors: bool = False
) -> Composition:
    """Arrange and frame what `spec` asks for, as seen along +y within `reach`.

    Raises:
        PlacementError: no way was found in a few dozen tries, or the wish cannot be met; the message says which.
    """
    failure: PlacementError | None = None
    for _ in range(4):
        cast, scale, layout = _cast(spec, rng, items, arrangement, outdoors)
        chance = settled(rng, "arrangement", spec.staging)
        for attempt in range(9):
            try:
                found = _try(spec, chance, cast, layout=layout, reach=reach, patience=attempt / 8)
            except PlacementError as error:
                failure = error
                continue
            ids = tuple(tuple(b.object_id for b in group) for group in cast.bodies)
            return Composition(found[0], found[1], found[2], layout, ids, scale)
    raise PlacementError(f"could not place {_words(spec)}: {failure}") from failure


def _words(spec: SceneSpec) -> str:
    things = ", ".join(
        " ".join(str(w) for w in (s.count, s.color, s.material, s.name or "anything") if w) for s in spec.subjects
    )
    relations = ", ".join(f"{r.first} {r.relation} {r.second}" for r in spec.relations)
    return f"[{things or 'anything'}]" + (f" with [{relations}]" if relations else "")


# ---------------------------------------------------------------------------------------------- who
def _cast(
    spec: SceneSpec, rng: Generator, items: Items, arrangement: str | None, outdoors: bool
) -> tuple[_Cast, Scale, str]:
    subjects = spec.subjects or (SubjectSpec(count=1),)
    relations = spec.relations
    if arrangement == "bowl" and not relations:
        subjects, relations = _bowl(subjects, rng, items)
    elif arrangement == "stack" and not relations:
        subjects, relations = _tower(subjects, rng, items)
    subjects = _named_for_relations(subjects, relations, rng, items)
    chosen = looks_for(subjects, items, rng)
    scale = scale_for([item for item, _ in chosen], outdoors=outdoors)
    bodies, next_id = [], 1
    variants = NUM_SHAPES[spec.staging]
    shapes: dict[str, tuple[float, int]] = {}
    sizes = _fitting(chosen, subjects, relations)
    if scale.real and any(size != 1 for size in sizes):
        scale = SMALL
    for (item, look), subject, factor in zip(chosen, subjects, sizes, strict=True):
        height, variant = scale.height(item, rng) * factor, int(rng.integers(variants))
        if arrangement == "stack":  # two of a kind have one shape and size, so that they lie flush
            height, variant = shapes.setdefault(item.name, (height, variant))
        bodies.append(bodies_of(item, look, subject.count, rng, first_id=next_id, height=height, variant=variant))
        next_id += subject.count
    if spec.staging != "free" and arrangement is None and not relations:
        arrangement = plain_layout(next_id - 1)
    return _Cast(bodies, relations), scale, _layout(arrangement, bodies, relations, rng)


def _bowl(
    subjects: Sequence[SubjectSpec], rng: Generator, items: Items
) -> tuple[tuple[SubjectSpec, ...], tuple[RelationSpec, ...]]:
    """Fruit and a bowl to hold it: the vessel becomes the last subject, everything else lies inside."""
    name = "bowl" if "bowl" in items else sample_name(items, rng, tag="container")
    things = tuple(s for s in subjects if s.name is None or s.name != name)
    vessel = next((s for s in subjects if s.name == name), SubjectSpec(name=name))
    fruit = sample_name(items, rng, tag="fruit") if any("fruit" in i.tags for i in items.values()) else "apple"
    things = tuple(replace(s, name=fruit, count=max(s.count, 3)) if s.name is None else s for s in things)
    things = things or (SubjectSpec(name=fruit, count=int(rng.integers(3, 6))),)
    return (*things, vessel), tuple(RelationSpec(i, "inside", len(things)) for i in range(len(things)))


def _tower(
    subjects: Sequence[SubjectSpec], rng: Generator, items: Items
) -> tuple[tuple[SubjectSpec, ...], tuple[RelationSpec, ...]]:
    """One on another, the last subject at the bottom; a group of one kind is split into its members."""
    single = tuple(replace(s, count=1) for s in subjects for _ in range(s.count))
    if len(single) == 1:
        single = (*single, SubjectSpec())
    return single, tuple(RelationSpec(i, "on", i + 1) for i in range(len(single) - 1))


def _named_for_relations(
    subjects: Sequence[SubjectSpec], relations: Sequence[RelationSpec], rng: Generator, items: Items
) -> tuple[SubjectSpec, ...]:
    """Subjects without a name get one that can be carried, or carry, as a relation demands."""
    named = list(subjects)
    for relation in relations:
        if relation.relation not in {"on", "inside"}:
            continue
        first, second = named[relation.first], named[relation.second]
        if first.name is not None and second.name is not None:
            continue
        names = sorted(items)
        for _ in range(200):
            top = first.name or names[int(rng.integers(len(names)))]
            below = second.name or names[int(rng.integers(len(names)))]
            if (
                top != below
                and top in items
                and below in items
                and carrying_scale(items[below], items[top], relation.relation)
            ):
                named[relation.first], named[relation.second] = replace(first, name=top), replace(second, name=below)
                break
    return tuple(named)


def _fitting(
    chosen: Sequence[tuple[CatalogueItem, MaterialLook]],
    subjects: Sequence[SubjectSpec],
    relations: Sequence[RelationSpec],
) -> list[float]:
    """What to multiply each subject's height with so that what carries it has room."""
    sizes = [1.0] * len(chosen)
    for relation in reversed(relations):  # carriers first: towers list their bottom last
        if relation.relation not in {"on", "inside"}:
            continue
        rider, carrier = chosen[relation.first][0], chosen[relation.second][0]
        held = sum(subjects[r.first].count for r in relations if r.second == relation.second)
        if relation.relation == "inside" and held > 1 and carrier.inside is not None:
            # Several things lie in a heap: each under half as wide as the mouth, the vessel up to twice its size.
            mouth = typical_radius(carrier) * carrier.height * (0.42 if held <= 4 else 0.36)
            wanted = typical_radius(rider) * rider.height
            sizes[relation.second] = max(sizes[relation.second], float(np.clip(wanted / mouth, 1.0, 2.0)))
            sizes[relation.first] = min(1.0, sizes[relation.second] * mouth / wanted)
            continue
        scale = carrying_scale(carrier, rider, relation.relation)
        if scale is None:
            raise PlacementError(f"a {rider.name} cannot be {relation.relation} a {carrier.name}")
        sizes[relation.first] = scale * sizes[relation.second]
    return sizes


def _layout(
    arrangement: str | None, bodies: Sequence[Sequence[Placed]], relations: Sequence[RelationSpec], rng: Generator
) -> str:
    if relations:
        return arrangement if arrangement in PILED else "relation"
    count = sum(len(group) for group in bodies)
    if count == 1:
        return "portrait"
    if arrangement is not None and arrangement not in {"portrait", *PILED}:
        return arrangement
    names = ["row", "cluster", "scattered", "diagonal", "arc", "circle", "grid"]
    weights = np.array([0.26, 0.34, 0.16, 0.06, 0.06, 0.06 * (count > 2), 0.06 * (count > 3)])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


# ---------------------------------------------------------------------------------------------- one try
def _try(
    spec: SceneSpec, rng: Generator, cast: _Cast, *, layout: str, reach: Reach, patience: float
) -> tuple[list[Placed], Camera, Shot]:
    if patience > 0.3:  # seeing everything matters more than seeing the horizon
        reach = replace(reach, horizon=False)
    bodies = [[facing(b, rng) for b in group] for group in cast.bodies]
    if layout == "circle" and rng.random() < 0.5:
        bodies = [[b.at(0, 0, yaw=bodies[0][0].yaw) for b in group] for group in bodies]
    placed = centered(_arranged(bodies, cast.relations, layout, rng, 1.0 + 0.9 * patience))
    if layout in _DEEP:
        placed = deepened(placed, 1.0 + 1.1 * patience)
    if not clear([b for b in placed]) and layout != "heap":
        raise PlacementError("things would collide")
    shot = _shot(spec, rng, cast, placed, layout=layout, reach=reach, patience=patience)
    camera = frame(np.concatenate([b.points for b in placed]), shot, reach=reach)
    if shot.words[:1] != ("close-up",) and not all(in_frame(camera, b.points, margin=0.015) for b in placed):
        raise PlacementError("not everything is in frame")
    _check_visible(camera, placed, MOST_VISIBLE + (LEAST_VISIBLE - MOST_VISIBLE) * patience, layout)
    for relation in cast.relations:
        _check_relation(camera, placed, cast, relation)
    return placed, camera, shot


def _arranged(
    bodies: Sequence[Sequence[Placed]], relations: Sequence[RelationSpec], layout: str, rng: Generator, spread: float
) -> list[Placed]:
    everything = [b for group in bodies for b in group]
    if not relations:
        if layout not in ARRANGEMENTS:
            raise PlacementError(f"unknown layout {layout!r}; it can be: {', '.join((*ARRANGEMENTS, *PILED))}")
        order = rng.permutation(len(everything)) if layout in {"scattered", "cluster"} else np.arange(len(everything))
        arranged = ARRANGEMENTS[layout]([everything[i] for i in order], rng)
        return sorted(arranged, key=lambda b: b.object_id)
    carried = {r.first for r in relations if r.relation in {"on", "inside"}}
    grounded = [i for i in range(len(bodies)) if i not in carried]
    flat = [b for i in grounded for b in bodies[i]]
    where = {i: sum(len(bodies[j]) for j in grounded if j < i) for i in grounded}
    level = [
        RelationSpec(where[r.first], r.relation, where[r.second])
        for r in relations
        if r.first in where and r.second in where
    ]
    standing = related(flat, rng, level, spread) if level or len(flat) == 1 else ARRANGEMENTS["cluster"](flat, rng)
    found = {b.object_id: b for b in standing}
    pending = [r for r in relations if r.relation in {"on", "inside"}]
    while pending:
        ready = [r for r in pending if bodies[r.second][0].object_id in found]
        if not ready:
            raise PlacementError("the relations run in a circle")
        for relation in ready:
            pending.remove(relation)
            _carry(bodies, relation, found, rng)
    return [found[b.object_id] for b in everything]


def _carry(
    bodies: Sequence[Sequence[Placed]], relation: RelationSpec, found: dict[int, Placed], rng: Generator
) -> None:
    riders, carrier = bodies[relation.first], found[bodies[relation.second][0].object_id]
    if relation.relation == "on":
        if len(riders) > 1:
            raise PlacementError(f"{len(riders)} things do not stand on one another's place")
        found[riders[0].object_id] = stack_on(carrier, riders[0], rng)
        return
    lying = [b for b in found.values() if b.support == carrier.object_id]
    if len(riders) == 1 and not lying:
        found[riders[0].object_id] = put_inside(carrier, fitted_inside(carrier, riders[0]), rng)
        return
    for rider in drop_inside(carrier, [*lying, *riders], rng):
        found[rider.object_id] = rider


def _shot(
    spec: SceneSpec,
    rng: Generator,
    cast: _Cast,
    placed: Sequence[Placed],
    *,
    layout: str,
    reach: Reach,
    patience: float,
) -> Shot:
    plain = spec.staging != "free" and spec.camera is None
    shot = (
        plain_shot(len(placed), reach) if plain else sample_shot(rng, word=spec.camera, count=len(placed), reach=reach)
    )
    if spec.camera is not None:
        return shot
    if shot.elevation > np.radians(60) and any(b.height > 1.5 * b.radius * 2 for b in placed):
        shot = replace(
            shot, elevation=max(float(np.radians(57)), reach.lowest), words=("high angle",)
        )  # tall from above is a disc
    kinds = {r.relation for r in cast.relations}
    near = tuple(w for w in shot.words if w in {"close-up", "wide shot"})
    if "inside" in kinds:  # one must see into the vessel
        return _raised(shot, rng, reach, 26 + 30 * patience, 50 + 20 * patience, words=near)
    if kinds & {"front", "behind"}:  # near and far must differ clearly: a near camera, seen a little from above
        nearer = replace(shot, fov=max(shot.fov, float(rng.uniform(46, 62))), fill=max(shot.fill, 0.6))
        return _raised(nearer, rng, reach, 13, 34, words=())
    if "on" in kinds or layout == "heap":
        return replace(
            shot, elevation=float(np.clip(min(shot.elevation, 0.66), reach.lowest, reach.highest)), words=near
        )
    if len(placed) > 2 and layout in _DEEP and shot.elevation < np.radians(20):
        return _raised(shot, rng, reach, 20, 50, words=near)
    return shot


def _raised(shot: Shot, rng: Generator, reach: Reach, low: float, high: float, *, words: tuple[str, ...]) -> Shot:
    """The shot from between `low` and `high` degrees, as far as the stage allows; sharp throughout."""
    wanted = float(np.clip(np.radians(rng.uniform(low, high)), reach.lowest, reach.highest))
    return replace(shot, elevation=lowered(wanted, shot.fov, reach), words=words, blur=0.0)


def _check_visible(camera: Camera, placed: Sequence[Placed], least: float, layout: str) -> None:
    shares = visible_shares(camera, placed)
    carriers = {b.support for b in placed}
    for body, share in zip(placed, shares, strict=True):
        wanted = 0.3 if body.object_id in carriers else 0.28 if layout in {"heap", "bowl"} else least
        if share < wanted:
            raise PlacementError(f"the {body.item.name} would be hidden")
    by_id = {b.object_id: b for b in placed}
    for body in placed:
        carrier = by_id.get(body.support)
        if carrier is None or body.support_relation != "in" or _see_through(carrier):
            continue
        if share_over(camera, body, carrier) < 0.4:
            raise PlacementError(f"the {carrier.item.name} would hide the {body.item.name} inside")


def _see_through(body: Placed) -> bool:
    clear = {SurfaceKind.GLASS, SurfaceKind.THIN_GLASS}
    return any(part.surface.kind in clear for part in body.body)


def _check_relation(camera: Camera, placed: Sequence[Placed], cast: _Cast, relation: RelationSpec) -> None:
    """Whether left, right, front or behind can be read off the picture, by the margins that captions use."""
    if relation.relation in {"on", "inside"}:
        return
    by_id = {b.object_id: b for b in placed}
    for a in cast.bodies[relation.first]:
        for b in cast.bodies[relation.second]:
            (xa, da), (xb, db) = (_seen(camera, by_id[i.object_id]) for i in (a, b))
            side, nearer = (xb - xa) / 2, (db - da) / min(da, db)
            measure = {
                "left": side / _SIDE,
                "right": -side / _SIDE,
                "front": nearer / _DEPTH,
                "behind": -nearer / _DEPTH,
            }
            upright = relation.relation in {"left", "right"} or abs(side) < 0.28
            if measure[relation.relation] < 1 or not upright:
                raise PlacementError(f"{a.item.name} {relation.relation} {b.item.name} would not be plain to see")


def _seen(camera: Camera, body: Placed) -> tuple[float, float]:
    """Centre of the box in the picture (x, -1..1) and distance from the eye."""
    flat, _ = project(camera, body.points)
    distance = np.linalg.norm(body.points - np.asarray(camera.eye), axis=1)
    return float((flat[:, 0].min() + flat[:, 0].max()) / 2), float(np.median(distance))
