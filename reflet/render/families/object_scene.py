"""What tabletop and outdoors share: choose a stage, compose the things, build the stage around them, take views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from reflet.render.arrangements import ARRANGEMENTS
from reflet.render.assets import Library
from reflet.render.cameras import Reach, project
from reflet.render.composition import PILED, Composition, compose
from reflet.render.placement import PlacementError
from reflet.render.scene import Camera, Scene, SceneSpec, View
from reflet.render.stages import TABLE_UNIT, Setting, Stage, StageKind, choose
from reflet.render.staging import settled
from reflet.render.views import Wish, has_glass, light_kind, make_views

_OPEN_AIR = ("terrace", "panorama")  # tabletop stages from which one sees the sky
_WINTRY = ("snowfield", "square", "road", "woodland", "lawn", "rocks")
_STEEP = np.radians(55)  # stages seen only from above start beyond


def split_layout(layout: str | None, stages: Mapping[str, StageKind], family: str) -> tuple[str | None, str | None]:
    """ "shelf+row" -> ("shelf", "row"); either may be missing.

    Raises:
        PlacementError: a word that is neither a stage of this family nor an arrangement.
    """
    stage, arrangement = None, None
    for word in (layout or "").split("+"):
        if word in stages:
            stage = word
        elif word in ARRANGEMENTS or word in PILED:
            arrangement = word
        elif word and word != "relation":
            known = ", ".join((*stages, *ARRANGEMENTS, *PILED))
            raise PlacementError(f"the {family} family has no layout {word!r}; it has: {known}")
    return stage, arrangement


def choose_stage(
    rng: Generator, spec: SceneSpec, stages: Mapping[str, StageKind], *, panoramas: bool = False
) -> StageKind:
    """A stage by weight among those that know the light, ground, place and camera asked for, as far as any does."""
    candidates = [s for s in stages.values() if panoramas or s.name != "panorama"]

    def narrowed(found: list[StageKind]) -> list[StageKind]:
        return found or candidates

    if spec.ground is not None:
        candidates = narrowed([s for s in candidates if spec.ground in s.grounds])
    if spec.environment is not None:
        candidates = narrowed([s for s in candidates if s.environment == spec.environment])
    if spec.light is not None:
        candidates = narrowed([s for s in candidates if spec.light in s.lights])
    if spec.weather not in {None, "clear"}:
        candidates = narrowed([s for s in candidates if s.name in _OPEN_AIR or s.environment != "table"])
    if spec.weather == "snowfall":
        candidates = narrowed([s for s in candidates if s.name in _WINTRY])
    if spec.sun_side is not None:
        candidates = narrowed([s for s in candidates if spec.sun_side in s.sides])
    if spec.camera == "top-down":
        candidates = narrowed([s for s in candidates if s.reach.highest > np.radians(72)])
    elif spec.camera == "high angle":
        candidates = narrowed([s for s in candidates if s.reach.highest > np.radians(40) and s.reach.lowest < _STEEP])
    elif (
        spec.camera is not None
        or (spec.layout or "") in {*PILED, "heap"}
        or any(r.relation in {"on", "inside", "front", "behind"} for r in spec.relations)
    ):
        candidates = narrowed([s for s in candidates if s.reach.lowest < _STEEP])
    if "bowl" in (spec.layout or "") or any(r.relation == "inside" for r in spec.relations):
        candidates = narrowed([s for s in candidates if s.reach.highest > np.radians(45)])
    weights = {s.name: s.weight for s in candidates}
    return stages[choose(rng, weights)]


def build_object_scene(
    spec: SceneSpec,
    rng: Generator,
    library: Library,
    *,
    family: str,
    stages: Mapping[str, StageKind],
    outdoors: bool,
) -> Scene:
    """The scene that `spec` asks for on one of `stages`.

    Raises:
        PlacementError: the wish cannot be met.
    """
    stage_name, arrangement = split_layout(spec.layout, stages, family)
    kind = stages[stage_name] if stage_name else choose_stage(rng, spec, stages, panoramas=bool(library.skies))
    word = light_kind(rng, kind, spec)
    open_air = outdoors or kind.name in _OPEN_AIR
    reach = _reach_for(kind.reach, rng, word, open_air, spec)
    composition = compose(spec, rng, library.items, arrangement=arrangement, reach=reach, outdoors=outdoors)
    setting = Setting(composition, unit=composition.unit, metres=1.0 if outdoors else TABLE_UNIT)
    ground = spec.ground if spec.ground is not None else choose(rng, kind.grounds)
    stage = kind.build(settled(rng, "stage", spec.staging), setting, ground)
    wish = Wish(kind, setting.metres, stage.backdrop, sees_sky=open_air, skies=library.skies)
    views = make_views(rng, spec, composition, wish, word=word, glass=has_glass(composition))
    return _scene(family, kind, composition, stage, views)


def _reach_for(reach: Reach, rng: Generator, light: str, open_air: bool, spec: SceneSpec) -> Reach:
    """A sunset is only seen by a camera that looks towards the horizon; by day half the cameras do."""
    if reach.horizon or not open_air or spec.camera in {"top-down", "high angle"}:
        return reach
    into_vessels = "bowl" in (spec.layout or "") or any(r.relation == "inside" for r in spec.relations)
    low_sun = light in {"sunset", "twilight"} and not into_vessels
    towards = spec.staging == "fixed" or rng.random() < 0.5
    return replace(reach, horizon=low_sun or (not into_vessels and towards))


def _seen(camera: Camera, anchor: tuple[float, float, float]) -> bool:
    """Whether a background point lies in the picture with some of the background above it."""
    flat, depth = project(camera, np.array([anchor]))
    return bool(depth[0] > 0 and abs(flat[0, 0]) < 1.25 and -1 < flat[0, 1] < 0.8)


def _scene(family: str, kind: StageKind, composition: Composition, stage: Stage, views: list[View]) -> Scene:
    parts = list(stage.parts)
    for body in composition.placed:
        parts += body.parts
    return Scene(
        family=family,
        layout=f"{kind.name}+{composition.arrangement}",
        parts=parts,
        objects=[body.object for body in composition.placed],
        views=views,
        place=stage.place,
        environment=stage.environment,
        surface=stage.surface,
        details=tuple(d.phrase for d in stage.details if all(_seen(v.camera, d.anchor) for v in views)),
        facts={
            "stage": kind.name,
            "arrangement": composition.arrangement,
            "subjects": [list(ids) for ids in composition.subject_ids],
        },
    )
