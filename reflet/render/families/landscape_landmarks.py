"""Things in a landscape that a caption may name: what the spec asks for, and what a layout likes to show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reflet.render.families.landscape_stage import Land
from reflet.render.placement import Placed, choose_look, instantiate
from reflet.render.scene import SubjectSpec

FLYING = ("hot-air balloon",)
AFLOAT = ("rowing boat", "sailboat", "sailing ship", "tugboat")
DRAUGHT = 0.065  # share of a boat's height that is under water


def spec_subjects(land: Land, *, near: float, far: float) -> None:
    """Stand every subject of the spec on the ground, apart from each other, in front of the eye."""
    total = sum(s.count for s in land.spec.subjects)
    if not total:
        return
    lanes = iter(
        land.rng.permutation(np.linspace(-0.26, 0.26, total)) if total > 1 else [land.rng.uniform(-0.15, 0.15)]
    )
    for subject in land.spec.subjects:
        for _ in range(subject.count):
            _stand(land, subject, azimuth=float(next(lanes)), near=near, far=far)


def _stand(land: Land, subject: SubjectSpec, *, azimuth: float, near: float, far: float) -> None:
    if subject.name is None or subject.name not in land.items:
        known = ", ".join(sorted(land.items)[:12])
        raise ValueError(f"a landscape cannot show {subject.name!r}; the catalogue has {known}, ...")
    placed = _body(land, subject.name, color=subject.color, material=subject.material)
    d = max(land.rng.uniform(near, far), 1.6 * placed.height, 3.2 * placed.radius)
    place_at(land, placed, azimuth=azimuth, away=float(d), role="subject")


def _body(
    land: Land, name: str, *, color: str | None = None, material: str | None = None, height: float | None = None
) -> Placed:
    item = land.items[name]
    look = choose_look(item, land.rng, color=color, material=material)
    return instantiate(item, land.rng, object_id=land.next_id(), look=look, height=height or item.real_height)


def place_at(
    land: Land,
    placed: Placed,
    *,
    azimuth: float,
    away: float,
    role: str,
    z: float | None = None,
    yaw: float | None = None,
) -> None:
    """Stand a body at an azimuth and distance from the eye, sunk to the lowest ground under its footprint."""
    x, y = land.eye[0] + away * np.sin(azimuth), land.eye[1] + away * np.cos(azimuth)
    limit = min(0.7, placed.item.turn)
    turn = float(land.rng.uniform(-limit, limit)) - azimuth if yaw is None else yaw
    r = 0.7 * placed.radius
    ring = np.array([[0, 0], [r, 0], [-r, 0], [0, r], [0, -r]])
    low = float(land.ground.height_at(x + ring[:, 0], y + ring[:, 1]).min()) if z is None else z
    placed = placed.at(x, y, low - (0.02 if z is None else 0.0), yaw=turn)
    entry = placed.object
    entry.role = role  # type: ignore[assignment]
    land.parts.extend(placed.parts)
    land.objects.append(entry)
    land.occupied.append((x, y, placed.radius + 0.6))


def landmark(
    land: Land,
    names: Sequence[str],
    *,
    near: float,
    far: float,
    z: float | None = None,
    spread: float = 0.3,
    flat: float = 0.9,
    azimuth: float | None = None,
    yaw: float | None = None,
) -> str | None:
    """Stand one of `names` that the catalogue has, where the ground is visible and flat; None where there is no room.

    With `z` it floats or hangs at that height, at `azimuth` if given. Only when the spec asks for no subjects.
    """  # fmt: skip
    known = [n for n in names if n in land.items]
    if not known or land.spec.subjects:
        return None
    name = known[int(land.rng.integers(len(known)))]
    placed = _body(land, name)
    if far > near:
        near = max(near, 1.8 * placed.height, 2.5 * placed.radius)
    if z is None:
        at = land.spots(
            12,
            near=near,
            far=max(far, near * 1.8),
            spread=spread,
            where=lambda p, up: up > flat,
            tall=placed.height * 0.3,
        )
        if not len(at):
            return None
        dx, dy = at[0, 0] - land.eye[0], at[0, 1] - land.eye[1]
        azimuth, away = float(np.arctan2(dx, dy)), float(np.hypot(dx, dy))
    else:
        azimuth = float(land.rng.uniform(-spread, spread)) if azimuth is None else azimuth
        away = far if far == near else float(land.rng.uniform(near, max(far, near * 1.5)))
    if name in AFLOAT and z is not None:
        z -= DRAUGHT * placed.height
    if name in FLYING:
        z = float(land.eye[2] + away * land.rng.uniform(0.02, 0.3))
    place_at(land, placed, azimuth=azimuth, away=away, role="subject", z=z, yaw=yaw)
    return name
