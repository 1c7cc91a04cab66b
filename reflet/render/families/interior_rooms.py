"""What stands in each kind of room, in the order of importance: a sofa before its table, a table before its vase."""

from __future__ import annotations

from collections.abc import Callable

from reflet.render.families.interior_arranging import Arranger
from reflet.render.families.interior_rooms_fitted import bathroom, kitchen
from reflet.render.families.interior_rooms_lived import bedroom, dining_room, living_room, study
from reflet.render.families.interior_rooms_public import gallery, library

ROOMS: dict[str, Callable[[Arranger], None]] = {
    "living room": living_room, "bedroom": bedroom, "study": study, "dining room": dining_room, "kitchen": kitchen,
    "bathroom": bathroom, "gallery": gallery, "library": library,
}  # fmt: skip


def furnish(arranger: Arranger) -> None:
    """Furnish the room, or both zones of an open plan."""
    room = arranger.room
    if room.plan.feature != "open plan":
        ROOMS[room.kind](arranger)
        return
    middle = room.depth * 0.52
    far = Arranger(arranger.site, room, arranger.finish, (middle + 0.2, room.depth), arranger.hung)
    near = Arranger(arranger.site, room, arranger.finish, (0.0, middle - 0.2), arranger.hung)
    other = {"living room": "dining room", "dining room": "kitchen", "kitchen": "dining room"}[room.kind]
    ROOMS[room.kind](near)
    ROOMS[other](far)
