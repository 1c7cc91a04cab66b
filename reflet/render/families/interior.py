"""Rooms: living rooms, bedrooms, studies, dining rooms, kitchens, bathrooms, galleries, libraries.

Spec: `layout` is the room, a word of ROOMS. `fields`, all optional:
    "room"        the same as layout
    "plan"        a name of interior_plan.PLANS: "window left", "corner", "attic", "panorama", "open plan" ...
    "wall_color"  a colour word for the painted walls
    "floor"       a floor covering: "wooden floor", "tiles", "carpet", "marble", "concrete", "terrazzo"
    "accent"      the covering of the back wall: "brick", "wood", "wallpaper", "stone", "tiles", "concrete"
`ground` names the floor too. `subjects` ask for furniture or small things by name; those the room does not bring by
itself are put where there is room, and their colours and materials are honoured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import CatalogueItem
from reflet.render.families.interior_arranging import Arranger
from reflet.render.families.interior_finish import (
    ACCENT_PHRASES,
    FLOOR_PHRASES,
    Finish,
    choose_finish,
    linear,
    place_phrase,
)
from reflet.render.families.interior_pieces import lamp_glow
from reflet.render.families.interior_plan import PLANS, PLANS_OF, ROOMS, Room, make_room
from reflet.render.families.interior_rooms import furnish
from reflet.render.families.interior_shell import build_outside, build_shell, hang_curtains
from reflet.render.families.interior_views import room_cameras, room_light
from reflet.render.furnishing import FURNISHINGS
from reflet.render.scene import Scene, SceneSpec, Surface, SurfaceKind, View
from reflet.render.site import Site
from reflet.render.staging import NUM_ROOMS, settled

if TYPE_CHECKING:
    from reflet.render.assets import Library

LAYOUTS: tuple[str, ...] = ROOMS
CURTAIN_COLORS = ("white", "white", "beige", "grey", "red", "blue", "green", "yellow", "teal", "pink", "navy blue")
SCHEMES = (
    ("white", "grey", "blue"),
    ("beige", "brown", "green"),
    ("white", "beige", "orange"),
    ("grey", "black", "yellow"),
    ("white", "light blue", "navy blue"),
    ("beige", "red", "white"),
    ("teal", "white", "orange"),
    ("pink", "white", "grey"),
    ("dark green", "beige", "brown"),
    ("purple", "grey", "white"),
    ("red", "black", "white"),
    ("turquoise", "yellow", "white"),
)
SHARES = (0.26, 0.19, 0.12, 0.13, 0.11, 0.07, 0.06, 0.06)  # of ROOMS, when the room is left open


def build(spec: SceneSpec, rng: Generator, library: Library) -> Scene:
    """A furnished room with `spec.num_views` views.

    Raises ValueError for an unknown room or plan.
    """
    kind = _room_kind(spec, rng)
    chance = settled(rng, f"room {kind}", spec.staging, futures=NUM_ROOMS)
    plan_name = str(spec.fields.get("plan") or chance.choice(PLANS_OF[kind]))
    if plan_name not in PLANS:
        raise ValueError(f"unknown plan {plan_name!r} for a {kind}; use one of {', '.join(PLANS_OF[kind])}")
    room = make_room(kind, PLANS[plan_name], chance)
    floor = spec.fields.get("floor") or (spec.ground if spec.ground in FLOOR_PHRASES else None)
    finish = choose_finish(
        room, rng, wall_color=spec.fields.get("wall_color"), floor=floor, accent=spec.fields.get("accent")
    )
    items: Mapping[str, CatalogueItem] = {**library.items, **FURNISHINGS}
    site = Site(chance, items)
    build_shell(site, room, finish)
    build_outside(site, room, chance)
    wishes = [replace(wish, count=1) for wish in spec.subjects if wish.name for _ in range(wish.count)]
    scheme = SCHEMES[int(rng.integers(len(SCHEMES)))]
    arranger = Arranger(site, room, finish, (0.0, room.depth), [], scheme, wishes)
    furnish(arranger)
    details = [*_details(room, finish), *_dress(site, room, finish, arranger)]
    _ceiling_lamps(arranger)
    cameras = room_cameras(site, room, chance, spec.num_views)
    views = []
    for index, camera in enumerate(cameras):
        heading = float(np.arctan2(camera.target[0] - camera.eye[0], camera.target[1] - camera.eye[1]))
        light = room_light(room, rng, kind=spec.light if index == 0 else None, sun_side=spec.sun_side, heading=heading)
        light = replace(light, exposure=finish.exposure)
        views.append(View(camera, light, spec.style or "photograph", samples=5, max_depth=5))
    return Scene(
        family="interior",
        layout=kind,
        parts=site.finish(),
        objects=site.objects,
        views=views,
        place=place_phrase(room, finish),
        environment=kind,
        surface=finish.floor_word,
        details=tuple(details),
        facts={
            "room": kind,
            "plan": plan_name,
            "walls": finish.walls_word,
            "floor": finish.floor_word,
            "accent": finish.accent_word,
            "size": [round(room.width, 2), round(room.depth, 2), round(room.height, 2)],
        },
    )


def _room_kind(spec: SceneSpec, rng: Generator) -> str:
    kind = spec.fields.get("room") or spec.layout or (spec.environment if spec.environment in ROOMS else None)
    if kind is None:
        return str(rng.choice(ROOMS, p=SHARES))
    if kind not in ROOMS:
        raise ValueError(f"unknown room {kind!r}; use one of {', '.join(ROOMS)}")
    return str(kind)


def _details(room: Room, finish: Finish) -> list[str]:
    details = []
    if finish.accent_word is not None and len(finish.accent_walls) == 1:
        details.append(f"with {ACCENT_PHRASES[finish.accent_word]} behind")
    if room.plan.name == "panorama":
        details.append("with a panoramic window")
    elif room.skylights:
        details.append("with a skylight" if len(room.skylights) == 1 else "with skylights")
    if room.alcove is not None:
        details.append("with a window seat in an alcove")
    if room.slope is not None:
        details.append("under a sloping roof")
    return details


def _dress(site: Site, room: Room, finish: Finish, arranger: Arranger) -> list[str]:
    """Curtains at the windows of rooms that have them."""
    rng = site.rng
    windows = [wall for wall in room.walls.values() if wall.windows]
    share = {"bathroom": 0.1, "kitchen": 0.2, "gallery": 0.0, "library": 0.3}.get(room.kind, 0.65)
    if not windows or room.plan.name in ("tall hall",) or rng.random() > share:
        return []
    color = str(rng.choice(CURTAIN_COLORS))
    cloth = Surface(SurfaceKind.DIFFUSE, linear(color), 0.9, subsurface=0.3)
    for wall in windows:
        hang_curtains(site, wall, cloth, finish.metal)
    return [f"with {color} curtains"]


def _ceiling_lamps(arranger: Arranger) -> None:
    """One lamp in the middle of the ceiling, two in a long room, unless a lamp hangs there already."""
    site, room = arranger.site, arranger.room
    if any(o.name == "ceiling lamp" for o in site.objects) and room.plan.feature != "open plan":
        return
    spots = [0.55] if room.depth < 6.4 else [0.3, 0.72]
    glow = lamp_glow(arranger)
    x = room.width * 0.12 if room.slope is not None else 0.0
    if room.plan.feature == "skylight":
        x, spots = 0.0, [0.14]
    for fraction in spots:
        arranger.pendant(
            x, room.depth * fraction, drop=min(0.45, room.height - 2.1), radius=0.22, color=linear("white"), glow=glow
        )
