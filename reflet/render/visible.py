"""From a drawn scene to its scene graph: only what the picture shows.

The mask decides what is visible, the depth map what is in front. Everything a caption or a question may say is in
the graph, so captions can be written again later from the graph alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reflet.render.scene import Array, Camera, Scene, SceneObject

Graph = dict[str, Any]

MIN_AREA = 0.0012  # share of the picture below which a thing is not named (the trial's 0.12 %)
SIDE_MARGIN = 0.14  # of the picture's width, between centres, before one says left or right
DEPTH_MARGIN = 0.12  # relative difference of distance before one says in front or behind


def scene_graph(
    scene: Scene, *, view: int, mask: Array, depth: Array, phrases: dict[str, tuple[str, str, tuple[str, ...]]]
) -> Graph:
    """The graph of one view.

    `mask` (S, S) object ids, `depth` (S, S) distances with inf for the sky, `phrases` name -> (phrase with "{look}"
    and "{name}", plural, synonyms) for the catalogue names that occur. The result is JSON-able.
    """
    chosen = scene.views[view]
    objects = [_object(o, mask=mask, depth=depth, phrases=phrases) for o in scene.objects]
    return {
        "family": scene.family,
        "layout": scene.layout,
        "environment": scene.environment,
        "place": scene.place,
        "surface": scene.surface,
        "details": list(scene.details),
        "style": chosen.style,
        "light": _light(scene, view),
        "camera": _camera(chosen.camera),
        "objects": objects,
        "relations": _relations(objects),
        "facts": scene.facts,
        "seed": scene.seed,
        "view": view,
    }


def _object(
    item: SceneObject, *, mask: Array, depth: Array, phrases: dict[str, tuple[str, str, tuple[str, ...]]]
) -> Graph:
    phrase, plural, synonyms = phrases.get(item.name, ("{look} {name}", item.name + "s", ()))
    height, width = mask.shape
    where = mask == item.id
    area = float(where.mean())
    box: list[float] | None = None
    distance: float | None = None
    clipped = False
    if area > 0:
        rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
        box = [columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height]
        box = [round(float(b), 4) for b in box]
        clipped = bool(rows[0] == 0 or columns[0] == 0 or rows[-1] == height - 1 or columns[-1] == width - 1)
        seen = depth[where]
        seen = seen[np.isfinite(seen)]
        distance = round(float(np.median(seen)), 3) if seen.size else None
    return {
        "id": item.id,
        "name": item.name,
        "phrase": phrase,
        "plural": plural,
        "synonyms": list(synonyms),
        "material": item.look.material,
        "color": item.look.color,
        "finish": item.look.finish,
        "role": item.role,
        "position": [round(float(p), 3) for p in item.position],
        "size": [round(float(s), 3) for s in item.size],
        "yaw": round(float(item.yaw), 3),
        "support": item.support,
        "support_relation": item.support_relation,
        "area": round(area, 5),
        "box": box,
        "depth": distance,
        "clipped": clipped,
        "visible": area >= MIN_AREA,
    }


def _relations(objects: list[Graph]) -> list[Graph]:
    """Left/right, front/behind, on/in between visible subjects, each stated only where the margin is clear."""
    seen = [o for o in objects if o["visible"] and o["role"] != "scenery" and o["box"] is not None]
    ids = {o["id"] for o in seen}
    found: list[Graph] = [
        {"first": o["id"], "relation": o["support_relation"], "second": o["support"]}
        for o in seen
        if o["support"] in ids
    ]
    linked = {frozenset((r["first"], r["second"])) for r in found}
    for i, a in enumerate(seen):
        for b in seen[i + 1 :]:
            if frozenset((a["id"], b["id"])) in linked:
                continue
            side = (b["box"][0] + b["box"][2] - a["box"][0] - a["box"][2]) / 2
            if abs(side) > SIDE_MARGIN and not (a["box"][0] < b["box"][0] and a["box"][2] > b["box"][2]):
                found.append({"first": a["id"], "relation": "left" if side > 0 else "right", "second": b["id"]})
            if a["depth"] is None or b["depth"] is None:
                continue
            nearer = (b["depth"] - a["depth"]) / max(min(a["depth"], b["depth"]), 1e-6)
            # Things far apart sideways are not spoken of as one in front of the other.
            if abs(nearer) > DEPTH_MARGIN and abs(side) < 0.3:
                found.append({"first": a["id"], "relation": "front" if nearer > 0 else "behind", "second": b["id"]})
    return found


def _heading(camera: Camera) -> float:
    return math.atan2(camera.target[0] - camera.eye[0], camera.target[1] - camera.eye[1])


def _camera(camera: Camera) -> Graph:
    dx, dy, dz = (t - e for t, e in zip(camera.target, camera.eye, strict=True))
    return {
        "words": list(camera.words),
        "fov": round(float(camera.fov), 2),
        "eye": [round(float(e), 3) for e in camera.eye],
        "heading": round(math.degrees(_heading(camera)), 2),
        "pitch": round(math.degrees(math.atan2(dz, math.hypot(dx, dy))), 2),
        "aperture": round(float(camera.aperture), 5),
    }


def _light(scene: Scene, view: int) -> Graph:
    light, camera = scene.views[view].light, scene.views[view].camera
    side = None
    relative = None
    if light.sun_azimuth is not None:
        turn = (light.sun_azimuth - _heading(camera) + math.pi) % (2 * math.pi) - math.pi
        relative = round(math.degrees(turn), 1)
        high = light.sun_elevation is not None and light.sun_elevation > math.radians(62)
        if not high:
            if abs(relative) < 40:
                side = "behind"  # the light comes from behind the subject: backlit
            elif abs(relative) > 140:
                side = "front"
            elif 50 < abs(relative) < 130:
                side = "right" if relative > 0 else "left"
    elevation = None if light.sun_elevation is None else round(math.degrees(light.sun_elevation), 1)
    return {
        "kind": light.kind,
        "weather": light.weather,
        "side": side,
        "azimuth": relative,
        "elevation": elevation,
        "words": list(light.words),
        "wet": light.wet,
    }
