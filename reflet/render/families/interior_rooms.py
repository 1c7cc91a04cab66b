"""What stands in each kind of room, in the order of importance: a sofa before its table, a table before its vase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reflet.render.families.interior_arranging import Arranger
from reflet.render.families.interior_pieces import SMALL_HEIGHTS, bring, stand_somewhere, wall_order
from reflet.render.families.interior_rooms_fitted import bathroom, kitchen
from reflet.render.families.interior_rooms_lived import bedroom, dining_room, living_room, study
from reflet.render.families.interior_rooms_public import gallery, library

ROOMS: dict[str, Callable[[Arranger], None]] = {
    "living room": living_room, "bedroom": bedroom, "study": study, "dining room": dining_room, "kitchen": kitchen,
    "bathroom": bathroom, "gallery": gallery, "library": library,
}  # fmt: skip


def furnish(arranger: Arranger) -> None:
    """Furnish the room, or both zones of an open plan; then grant the wishes that are left."""
    room = arranger.room
    if room.plan.feature != "open plan":
        ROOMS[room.kind](arranger)
    else:
        middle = room.depth * 0.52
        near = replace(arranger, span=(0.0, middle - 0.2))
        far = replace(arranger, span=(middle + 0.2, room.depth))
        other = {"living room": "dining room", "dining room": "kitchen", "kitchen": "dining room"}[room.kind]
        ROOMS[room.kind](near)
        ROOMS[other](far)
    _grant(arranger)


def _grant(a: Arranger) -> None:
    """Bring what was asked for and is not there yet: small things onto tops, large ones to the walls."""
    for wish in list(a.wishes):
        if wish.name is None or wish.name not in a.site.items:
            continue
        body = bring(a, wish.name, height=SMALL_HEIGHTS.get(wish.name))
        if body is None:
            continue
        if "furniture" not in body.item.tags and body.height < 0.6:
            carriers = [p for p in a.site.placed if p.item.top is not None and p.support == 0 and 0.3 < p.height < 1.2]
            if any(a.site.set_on(carrier, body) is not None for carrier in carriers):
                continue
        if stand_somewhere(a, body, wall_order(a)) is None:
            a.corner(body)
