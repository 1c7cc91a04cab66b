"""Who is in the picture: subjects asked for become bodies with distinct looks, the rest is chosen to suit them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import CatalogueItem
from reflet.render.placement import Placed, PlacementError, choose_look, instantiate, level_points
from reflet.render.scene import MaterialLook, SubjectSpec
from reflet.render.vocabulary import COLORED, COLORS

Items = Mapping[str, CatalogueItem]


class UnknownObjectError(PlacementError):
    """A name that the catalogue does not have."""


SMALL_UNIT = 0.12  # metres for one tabletop unit: how large display-height things are outdoors
_SCALE_RATIO = 3.2  # real heights further apart than this are shown at display height instead


@dataclass(frozen=True)
class Scale:
    """How heights become world units: `real` metres, or display height times `unit`."""

    real: bool = False
    unit: float = 1.0

    def height(self, item: CatalogueItem, rng: Generator) -> float:
        """Height of one body, with a few per cent of natural spread."""
        return float((item.real_height if self.real else item.height * self.unit) * rng.uniform(0.9, 1.1))


SMALL = Scale(unit=SMALL_UNIT)


def find_item(items: Items, name: str) -> CatalogueItem:
    """The catalogue's item of that name or synonym.

    Raises:
        PlacementError: no such thing; the message lists the closest names.
    """
    if name in items:
        return items[name]
    for item in items.values():
        if name in item.synonyms or name == item.plural:
            return item
    close = difflib.get_close_matches(name, list(items), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "see Library().items for what there is"
    raise UnknownObjectError(f"no object is called {name!r}; {hint}")


def chosen_items(items: Items, names: Sequence[str]) -> dict[str, CatalogueItem]:
    """Those of the catalogue's items that have these names, synonyms or plurals.

    Raises:
        UnknownObjectError: no such thing; the message lists the closest names.
    """
    found = (find_item(items, name) for name in names)
    return {item.name: item for item in found}


def sample_name(items: Items, rng: Generator, *, but: Sequence[str] = (), tag: str | None = None) -> str:
    """A name at random, every class alike; one of `but` only where there is no other."""
    tagged = [n for n in sorted(items) if tag is None or tag in items[n].tags]
    if not tagged:
        raise PlacementError(f"no object has the tag {tag!r}")
    names = [n for n in tagged if n not in but] or tagged
    return names[int(rng.integers(len(names)))]


def possible_colors(item: CatalogueItem) -> tuple[str, ...]:
    """Colour words that can be asked of an item."""
    if item.colors is not None and not item.colors:
        return ()
    if item.materials and not any(m in COLORED for m in item.materials):
        return ()
    return item.colors if item.colors is not None else tuple(COLORS)


@dataclass(frozen=True)
class _Reach:
    """Of one typical body a unit high: radius of the footprint and of the base, half sides of base and top."""

    radius: float
    base: float
    base_sides: tuple[float, float]
    top_sides: tuple[float, float]


@lru_cache(maxsize=1024)
def _reach(item: CatalogueItem) -> _Reach:
    body = instantiate(item, np.random.default_rng(0), object_id=1, look=MaterialLook(), height=1.0)
    base, top = level_points(body, end="base"), level_points(body, end="top")
    (base_x, base_y), (top_x, top_y) = (np.abs(points).max(axis=0).tolist() for points in (base, top))
    return _Reach(body.radius, float(np.linalg.norm(base, axis=1).max()), (base_x, base_y), (top_x, top_y))


def typical_radius(item: CatalogueItem) -> float:
    """Footprint radius per unit of height."""
    return _reach(item).radius


def carrying_scale(carrier: CatalogueItem, rider: CatalogueItem, relation: str) -> float | None:
    """What to multiply the rider's height with so that it fits on, or inside, the carrier; None where it cannot.

    At most 1; below a third the pair would look absurd.
    """
    rest = carrier.top if relation == "on" else carrier.inside
    if rest is None:
        return None
    reach = _reach(rider)
    if rider.name == carrier.name:  # two of a kind lie flush
        pairs = zip(reach.top_sides, reach.base_sides, strict=True)
        scale = min(1.0, *(top / max(base, 1e-6) for top, base in pairs)) if relation == "on" else 0.0
        return scale if scale > 0.8 else None
    room = min(rest.half_x, rest.half_y) * carrier.height
    need = (reach.base * 1.12 if relation == "on" else reach.radius) * rider.height
    scale = min(1.0, room / max(need, 1e-6))
    if relation == "on" and scale * rider.height * reach.radius > 2.2 * max(room, 1e-6):
        scale = 2.2 * room / (rider.height * reach.radius)  # a wide thing on a narrow foot
    return scale if scale >= 0.34 else None


def looks_for(
    subjects: Sequence[SubjectSpec], items: Items, rng: Generator
) -> list[tuple[CatalogueItem, MaterialLook]]:
    """An item and a look for each subject; what is left open is chosen so that no two subjects look alike.

    Raises:
        PlacementError: an unknown name, or a colour or material the thing cannot have.
    """
    chosen: list[tuple[CatalogueItem, MaterialLook]] = []
    for subject in subjects:
        name = subject.name or sample_name(items, rng, but=[item.name for item, _ in chosen])
        item = find_item(items, name)
        rivals = [other for other_item, other in chosen if other_item.name == item.name]
        look = choose_look(item, rng, color=subject.color, material=subject.material)
        for _ in range(12):
            if not any(_alike(look, r) for r in rivals):
                break
            look = choose_look(item, rng, color=subject.color, material=subject.material)
        chosen.append((item, look))
    return chosen


def _alike(a: MaterialLook, b: MaterialLook) -> bool:
    return a.color == b.color and a.material == b.material


def scale_for(items: Sequence[CatalogueItem], *, outdoors: bool) -> Scale:
    """Real metres outdoors when the things' real sizes go together; display heights otherwise."""
    if not outdoors:
        return Scale()
    real = [item.real_height for item in items]
    return Scale(real=True) if max(real) <= _SCALE_RATIO * min(real) else SMALL


def bodies_of(
    item: CatalogueItem,
    look: MaterialLook,
    count: int,
    rng: Generator,
    *,
    first_id: int,
    height: float,
    variant: int | None = None,
) -> list[Placed]:
    """`count` bodies of one kind. Grown things differ a little; made things come from one mould, shape `variant`."""
    first = instantiate(item, rng, object_id=first_id, look=look, height=height, variant=variant)
    bodies = [first]
    for i in range(1, count):
        if item.natural is not None and i < 3 and look.material is None:
            other = instantiate(item, rng, object_id=first_id + i, look=look, height=height * rng.uniform(0.92, 1.08))
        else:
            mould = bodies[i % len(bodies)] if item.natural is not None else first
            other = replace(mould, object_id=first_id + i)
        bodies.append(other)
    return bodies
