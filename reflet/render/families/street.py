"""Streets and towns: avenues, crossings, old-town alleys, squares, canals, villages, skylines, blocks, park paths.

Spec: `layout` is the plan, a word of LAYOUTS. `fields`, all optional: "plan" (the same as layout), "neon" (bool: shop
signs are neon tubes), "colorful" (bool: houses painted in strong colours), "snow" (bool: snow lies), "wet" (bool).
`weather` "snowfall" also lays snow. Subjects that the plan does not bring by itself are put
on the road (vehicles) or where people walk, except in skylines and views from the air.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from reflet.render import materials
from reflet.render.families.street_fittings import put_asked
from reflet.render.families.street_plans import aerial, alley, avenue, crossing, square
from reflet.render.families.street_plans_green import canal, park_path, skyline, village
from reflet.render.families.street_town import Town, make_palette
from reflet.render.families.street_views import street_cameras, street_light
from reflet.render.furnishing import FURNISHINGS
from reflet.render.scene import Part, Scene, SceneSpec, View
from reflet.render.site import Site
from reflet.render.staging import NUM_TOWNS, settled

if TYPE_CHECKING:
    from reflet.render.assets import Library


@dataclass(frozen=True)
class StreetPlan:
    """A plan, the word of vocabulary.ENVIRONMENTS it belongs to, its phrase, and the height of its first eye."""

    build: Callable[[Town], None]
    environment: str
    place: str
    eye: tuple[float, float]  # lowest and highest, metres
    share: float


PLANS: dict[str, StreetPlan] = {
    "avenue": StreetPlan(avenue, "street", "on a city street", (1.55, 3.2), 0.2),
    "crossing": StreetPlan(crossing, "street", "at a street crossing in a city", (1.6, 4.5), 0.13),
    "alley": StreetPlan(alley, "alley", "in a narrow alley of an old town", (1.5, 1.75), 0.13),
    "square": StreetPlan(square, "square", "on a town square", (1.6, 2.6), 0.12),
    "canal": StreetPlan(canal, "canal", "on a canal lined with houses", (1.3, 2.8), 0.12),
    "village": StreetPlan(village, "village", "on a village street with cottages", (1.6, 2.4), 0.12),
    "skyline": StreetPlan(skyline, "skyline", "on the water before a city skyline", (3.0, 9.0), 0.08),
    "aerial": StreetPlan(aerial, "street", "above the blocks of a city", (42.0, 70.0), 0.04),
    "park path": StreetPlan(park_path, "park", "on a path in a park", (1.55, 1.8), 0.06),
}
LAYOUTS: tuple[str, ...] = tuple(PLANS)


def build(spec: SceneSpec, rng: Generator, library: Library) -> Scene:
    """A town with `spec.num_views` views. Raises ValueError for an unknown plan."""
    name = _plan_name(spec, rng)
    plan = PLANS[name]
    chance = settled(rng, f"town {name}", spec.staging, futures=NUM_TOWNS)
    eye_height = float(chance.uniform(*plan.eye)) if chance.random() < 0.7 else plan.eye[0]
    lights = [street_light(rng, spec, index=k) for k in range(spec.num_views)]
    snow = bool(spec.fields.get("snow", spec.weather == "snowfall" or lights[0].weather == "snowfall"))
    neon = bool(spec.fields.get("neon", rng.random() < 0.3))
    colorful = bool(spec.fields.get("colorful", rng.random() < 0.25))
    site = Site(chance, {**library.items, **FURNISHINGS})
    town = Town(site, make_palette(rng, neon=neon, colorful=colorful), (0.0, 0.0, eye_height))
    town.facts["snow"] = snow
    plan.build(town)
    for wish in spec.subjects:
        present = sum(o.name == wish.name and wish.color in (None, o.look.color) for o in site.objects)
        for _ in range(wish.count - present if wish.name else 0):
            put_asked(town, str(wish.name), color=wish.color, material=wish.material)
    parts = site.finish()
    if snow:
        parts = _snowed(parts, rng)
        town.details.append("with snow on the ground")
    cameras = street_cameras(town, name, chance, spec.num_views)
    views = []
    for camera, light in zip(cameras, lights, strict=True):
        lit = replace(light, wet=True) if spec.fields.get("wet") else light
        night = lit.lamps > 0.4
        views.append(
            View(
                camera,
                replace(lit, wet=lit.wet and not snow),
                spec.style or "photograph",
                samples=6 if night else 5,
                max_depth=4 if night else 5,
            )
        )
    details = town.details + (
        ["with colourful houses"] if colorful and name in ("canal", "alley", "square", "village") else []
    )
    facts = {key: value for key, value in town.facts.items() if value is not None}
    return Scene(
        family="street",
        layout=name,
        parts=parts,
        objects=site.objects,
        views=views,
        place=plan.place,
        environment=plan.environment,
        surface="snow" if snow else town.surface,
        details=tuple(details),
        facts={"plan": name, "neon": neon, **facts, "roads": town.roads},
    )


def _plan_name(spec: SceneSpec, rng: Generator) -> str:
    name = spec.fields.get("plan") or spec.layout
    if name is None and spec.environment is not None:
        fitting = [key for key, plan in PLANS.items() if plan.environment == spec.environment]
        name = str(rng.choice(fitting)) if fitting else None
    if name is None:
        shares = np.array([plan.share for plan in PLANS.values()])
        name = str(rng.choice(list(PLANS), p=shares / shares.sum()))
    if name not in PLANS:
        raise ValueError(f"unknown street plan {name!r}; use one of {', '.join(PLANS)}")
    return str(name)


def _snowed(parts: list[Part], rng: Generator) -> list[Part]:
    """Snow on everything of the surroundings that is level or gently sloped; water and lamps stay free."""
    white = materials.ground(rng, "snow").surface
    out = []
    for part in parts:
        mesh = part.mesh
        emissive = max(part.surface.emission) > 0
        smooth_water = part.surface.ior < 1.4
        if part.object_id != 0 or emissive or smooth_water or mesh.colors is not None:
            out.append(part)
            continue
        corners = np.asarray(mesh.vertices)[mesh.faces]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        level = normal[:, 2] > 0.55 * np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
        for chosen, surface in ((~level, part.surface), (level, white)):
            if chosen.any():
                out.append(Part(replace(mesh, faces=np.asarray(mesh.faces)[chosen]), surface, part.object_id))
    return out
