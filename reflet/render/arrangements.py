"""Where things stand among themselves: rows, circles, grids, clusters, pairs that obey a relation, heaps.

Every function takes bodies standing anywhere and returns them in the same order at places where no footprints
meet, around the origin, seen by a camera that looks along +y: x runs to the right of the picture and y away from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from reflet.render.placement import Footprint, Placed, PlacementError, gap
from reflet.render.scene import Array, RelationSpec

SEPARATION = 0.02  # least strip between footprints, in units of the smaller body's radius


def facing(body: Placed, rng: Generator) -> Placed:
    """Turned at random, as far as the thing is still recognised."""
    x, y, _ = body.position
    turn = body.item.turn
    return body.at(x, y, yaw=float(rng.uniform(-turn, turn)))


def slide(
    body: Placed, others: Sequence[Placed], *, start: tuple[float, float], direction: Array, margin: float
) -> Placed:
    """The body moved from `start` along `direction` just far enough to stand `margin` clear of the others."""
    moved = body.at(*start)
    travelled = 0.0
    for _ in range(60):
        need = max((margin - gap(moved.footprint, o.footprint) for o in others), default=0.0)
        if need <= 1e-9:
            return moved
        travelled += max(need, 0.01 * body.radius)
        moved = body.at(start[0] + direction[0] * travelled, start[1] + direction[1] * travelled)
    raise PlacementError(f"found no free place for the {body.item.name}")


def clear(bodies: Sequence[Placed]) -> bool:
    """Whether no two footprints of bodies on the ground meet."""
    feet: list[Footprint] = [b.footprint for b in bodies if b.support == 0]
    return all(gap(a, b) > 0 for i, a in enumerate(feet) for b in feet[i + 1 :])


def centered(bodies: Sequence[Placed]) -> list[Placed]:
    """Moved together so that their common box is centred on the origin in x and y."""
    points = np.concatenate([b.points for b in bodies])
    x, y = -(points.min(axis=0) + points.max(axis=0))[:2] / 2
    return [b.shifted(float(x), float(y)) for b in bodies]


def deepened(bodies: Sequence[Placed], factor: float) -> list[Placed]:
    """Moved apart in depth, so that the rear ones show between the front ones."""
    return [b.at(b.position[0], b.position[1] * factor) for b in bodies]


def turned(bodies: Sequence[Placed], angle: float) -> list[Placed]:
    """The whole arrangement turned about the origin."""
    c, s = float(np.cos(angle)), float(np.sin(angle))
    places = [(c * b.position[0] - s * b.position[1], s * b.position[0] + c * b.position[1]) for b in bodies]
    return [b.at(x, y, yaw=b.yaw + angle) for b, (x, y) in zip(bodies, places, strict=True)]


def _spacing(bodies: Sequence[Placed], rng: Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high) * np.mean([b.radius for b in bodies]))


# ---------------------------------------------------------------------------------------------- layouts
def row(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """Side by side, along a line nearly square to the view, evenly spaced."""
    return _line(bodies, rng, float(np.clip(rng.normal(0, 0.16), -0.35, 0.35)))


def diagonal(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """A row that runs into the picture."""
    return _line(bodies, rng, float(rng.choice([-1, 1]) * rng.uniform(0.5, 0.95)))


def _line(bodies: Sequence[Placed], rng: Generator, angle: float) -> list[Placed]:
    step = _spacing(bodies, rng, 0.12, 0.75)
    direction = np.array([np.cos(angle), np.sin(angle)])
    placed: list[Placed] = []
    for body in bodies:
        start = placed[-1].position[:2] if placed else (0.0, 0.0)
        placed.append(slide(body, placed, start=start, direction=direction, margin=step))
    return placed


def arc(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """On a gentle curve, open towards the camera."""
    placed = row(bodies, rng)
    reach = max(1e-6, *(abs(b.position[0]) for b in centered(placed)))
    bend = float(rng.uniform(0.25, 0.55)) * float(rng.choice([1, -1])) * reach
    middle = float(np.mean([b.position[0] for b in placed]))
    bent = [b.shifted(0.0, -bend * ((b.position[0] - middle) / reach) ** 2) for b in placed]
    if not clear(bent):
        raise PlacementError("the arc is too tight")
    return bent


def circle(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """Around a ring, evenly."""
    if len(bodies) < 3:
        raise PlacementError(f"a circle needs 3 things, not {len(bodies)}")
    widest = max(b.radius for b in bodies)
    radius = (widest + _spacing(bodies, rng, 0.08, 0.35)) / np.sin(np.pi / len(bodies))
    angles = rng.uniform(0, 2 * np.pi) + np.arange(len(bodies)) * (2 * np.pi / len(bodies))
    return [b.at(radius * np.cos(a), radius * np.sin(a)) for b, a in zip(bodies, angles, strict=True)]


def grid(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """In rows and columns; the last row is centred when it is short."""
    count = len(bodies)
    columns = int(np.ceil(np.sqrt(count))) if rng.random() < 0.7 else int(np.ceil(count / 2))
    step = 2 * max(b.radius for b in bodies) + _spacing(bodies, rng, 0.15, 0.7)
    placed = []
    for i, body in enumerate(bodies):
        line, column = divmod(i, columns)
        width = min(columns, count - line * columns)
        placed.append(body.at((column - (width - 1) / 2) * step, line * step))
    return turned(placed, float(rng.uniform(-0.6, 0.6)))


def cluster(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """Close together, a little wider than deep, tall things rather at the back."""
    margin = _spacing(bodies, rng, 0.05, 0.4)
    order = rng.permutation(len(bodies))
    placed: dict[int, Placed] = {}
    tallest = max(b.height for b in bodies)
    for i in order:
        tried = []
        for angle in rng.uniform(0, 2 * np.pi, 7):
            direction = np.array([np.cos(angle), np.sin(angle)])
            moved = slide(bodies[i], list(placed.values()), start=(0.0, 0.0), direction=direction, margin=margin)
            x, y, _ = moved.position
            lean = 0.7 * y * (0.5 - bodies[i].height / tallest)  # tall things prefer large y
            tried.append((x * x / 1.7 + y * y + lean * moved.radius, float(angle), moved))
        placed[int(i)] = min(tried, key=lambda t: t[:2])[2]
    return [placed[i] for i in range(len(bodies))]


def scattered(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """Thrown about at random."""
    reach = 1.2 * float(np.sqrt(sum(b.radius**2 for b in bodies)))
    margin = _spacing(bodies, rng, 0.06, 0.2)
    placed: list[Placed] = []
    for body in bodies:
        for attempt in range(60):
            spread = reach * (1 + 0.03 * attempt)
            moved = body.at(*(rng.uniform(-1, 1, 2) * (1.25 * spread, 0.95 * spread)))
            if all(gap(moved.footprint, o.footprint) > margin for o in placed):
                placed.append(moved)
                break
        else:
            raise PlacementError(f"found no free place for the {body.item.name}")
    return placed


def portrait(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """One thing alone."""
    del rng
    if len(bodies) != 1:
        raise PlacementError(f"a portrait shows one thing, not {len(bodies)}")
    return [bodies[0].at(0.0, 0.0)]


# ---------------------------------------------------------------------------------------------- relations
def related(bodies: Sequence[Placed], rng: Generator, relations: Sequence[RelationSpec], spread: float) -> list[Placed]:
    """Bodies on the ground obeying left, right, front, behind; `relations` index `bodies`, `spread` >= 1 parts them.

    Bodies that no relation names stand wherever they fit beside the others.
    """
    placed: dict[int, Placed] = {}
    pending = [r for r in relations if r.relation in _OFFSETS]
    while pending:
        ready = [r for r in pending if r.first in placed or r.second in placed] or pending[:1]
        relation = ready[0]
        pending.remove(relation)
        if relation.first in placed and relation.second in placed:
            continue  # the camera's check decides whether a closed chain holds
        if relation.first in placed:
            anchor, mover, sign = relation.first, relation.second, -1.0
        else:
            anchor, mover, sign = relation.second, relation.first, 1.0
            placed.setdefault(anchor, bodies[anchor].at(0.0, 0.0))
        direction = sign * _OFFSETS[relation.relation]
        placed[mover] = _beside(bodies[mover], placed, anchor, direction=direction, rng=rng, spread=spread)
    for i, body in enumerate(bodies):
        if i not in placed:
            angle = rng.uniform(0, 2 * np.pi)
            direction = np.array([np.cos(angle), 0.7 * np.sin(angle)])
            others = list(placed.values())
            placed[i] = slide(body, others, start=(0.0, 0.0), direction=direction, margin=0.3 * body.radius)
    return [placed[i] for i in range(len(bodies))]


_OFFSETS: dict[str, Array] = {
    "left": np.array([-1.0, 0.0]),
    "right": np.array([1.0, 0.0]),
    "front": np.array([0.0, -1.0]),
    "behind": np.array([0.0, 1.0]),
}


def _beside(
    body: Placed, placed: dict[int, Placed], anchor: int, *, direction: Array, rng: Generator, spread: float
) -> Placed:
    other = placed[anchor]
    reach = body.radius + other.radius
    across = np.array([-direction[1], direction[0]])
    if direction[0]:  # side by side: hardly any depth between them
        start = np.asarray(other.position[:2]) + across * rng.uniform(-0.25, 0.25) * reach
        distance, margin = 0.2 * reach, rng.uniform(0.1, 0.5) * reach * spread
    else:  # one behind the other: aside far enough to be seen
        aside = float(rng.choice([-1, 1]) * rng.uniform(0.25, 0.5) * reach)
        start = np.asarray(other.position[:2]) + across * aside
        distance, margin = rng.uniform(1.0, 1.25) * reach * spread, 0.1 * reach
    x, y = start + direction * distance
    return slide(body, list(placed.values()), start=(float(x), float(y)), direction=direction, margin=margin)


# ---------------------------------------------------------------------------------------------- piles
def is_ball(body: Placed) -> bool:
    """Whether the body is a sphere, give or take two hundredths."""
    reach = np.linalg.norm(body.points - np.add(body.position, (0, 0, body.height / 2)), axis=1)
    return bool(np.all(np.abs(reach / (body.height / 2) - 1) < 0.02))


def heap(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    """Balls heaped three, or four, below and one above, each touching its neighbours; or boxes piled like bricks.

    Raises:
        PlacementError: not 4 or 5 equal balls, nor 3 or 6 equal flat-topped things.
    """
    turn = rng.uniform(0, 2 * np.pi)
    if all(is_ball(b) for b in bodies) and len(bodies) in (4, 5):
        radius = min(b.height for b in bodies) / 2
        base = len(bodies) - 1
        ring = radius / np.sin(np.pi / base)
        angles = turn + np.arange(base) * (2 * np.pi / base)
        rise = np.sqrt(max(4 * radius**2 - ring**2, 0.0))
        places = [(ring * np.cos(a), ring * np.sin(a), 0.0) for a in angles] + [(0.0, 0.0, float(rise))]
        equal = [replace(b, height=2 * radius) for b in bodies]
        placed = [b.at(*p) for b, p in zip(equal, places, strict=True)]
        return [*placed[:-1], replace(placed[-1], support=placed[0].object_id)]
    if all(b.item.top is not None for b in bodies) and len(bodies) in (3, 6):
        return _brickwork(bodies, rng)
    raise PlacementError(f"{len(bodies)} of these things do not make a heap")


def _brickwork(bodies: Sequence[Placed], rng: Generator) -> list[Placed]:
    height = min(b.height for b in bodies)
    straight = [replace(b, height=height).at(0.0, 0.0, yaw=0.0) for b in bodies]
    step = 2 * max(b.half_width for b in straight) * float(rng.uniform(1.02, 1.15))
    top = straight[0].item.top
    if top is None or top.z < 0.98 or step / 2 > 2 * top.half_x * height:
        raise PlacementError(f"a {straight[0].item.name} is not flat enough to pile up")
    lowest = 2 if len(bodies) == 3 else 3
    placed: list[Placed] = []
    for level, width in enumerate(range(lowest, 0, -1)):
        below = len(placed) - width - 1
        for k in range(width):
            body = straight[len(placed)].at((k - (width - 1) / 2) * step, 0.0, level * height * top.z)
            carrier = placed[below + k].object_id if level else 0
            placed.append(replace(body, support=carrier))
    return placed


ARRANGEMENTS: dict[str, Callable[[Sequence[Placed], Generator], list[Placed]]] = {
    "portrait": portrait,
    "row": row,
    "diagonal": diagonal,
    "arc": arc,
    "circle": circle,
    "grid": grid,
    "cluster": cluster,
    "scattered": scattered,
    "heap": heap,
}
