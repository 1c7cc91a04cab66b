"""Layouts of water: open sea, beaches, rocky coasts, lakes, rivers, islands."""

from __future__ import annotations

import numpy as np

from reflet.render.families import landscape_ground as paint
from reflet.render.families.landscape_landmarks import landmark, place_at, spec_subjects  # noqa: F401
from reflet.render.families.landscape_stage import (
    BEHIND,
    FAR,
    HALF_ANGLE,
    Land,
    Outlook,
    choose_outlook,
    from_zero,
    pick,
    rolling,
)
from reflet.render.scene import Array
from reflet.render.terrain import Height, Relief
from reflet.render.terrain_maps import noise_tile, sample, smoothstep
from reflet.render.trees import SPECIES
from reflet.render.vegetation import linear, plant_bushes, plant_grass, plant_rocks
from reflet.render.water import Sea, breakers, water_colors, water_parts, water_points, water_rings


def add_water(
    land: Land, sea: Sea, *, far: float = 30_000.0, size: tuple[int, int] = (150, 190), ice: bool = False
) -> None:
    """Lay a water surface at `land.water_level`, coloured by the depth of the ground where ground is laid."""
    level = float(land.water_level or 0.0)
    rings = water_rings(eye_height=float(land.eye[2] - level), near=0.8, far=far, count=size[0], behind=BEHIND)
    points, crest = water_points(
        land.rng, sea, origin=(0.0, -BEHIND), level=level, half_angle=HALF_ANGLE, columns=size[1], rings=rings
    )
    x, y = points[..., 0], points[..., 1]
    noise = 0.6 * sample(noise_tile(2, 2.0), x, y, period=60.0) + 0.6 * sample(noise_tile(6, 1.6), x, y, period=11.0)
    depth = None
    if hasattr(land, "ground"):
        depth = level - land.ground.height_at(x, y)
        inside = np.hypot(x, y + BEHIND) <= land.ground.distances[-1, 0]
        depth = np.where(inside, depth, 50.0)
        points[..., 2] += breakers(sea, depth, noise)[0]
    colors = water_colors(sea, crest, depth=depth, noise=noise)
    land.parts.extend(water_parts(points, colors, sea, rings=rings))


def _sea_floor(land: Land) -> None:
    """A ground far below, for layouts without land, so that places still have a height."""

    def deep(x: Array, y: Array) -> Array:
        return np.full(np.shape(x), -30.0)

    land.size = (8, 8)
    land.lay_ground(deep, far=FAR)


def open_sea(land: Land) -> None:
    """Nothing but waves and sky; calm, breezy or stormy; sometimes a boat."""
    rng = land.rng
    state = pick(rng, ("calm", "breezy", "rough"), (3, 4, 2.5))
    eye = {"calm": rng.uniform(1.5, 6), "breezy": rng.uniform(2, 9), "rough": rng.uniform(4, 9)}[state]
    land.water_level = 0.0
    land.eye = np.array([0.0, 0.0, float(eye)])
    _sea_floor(land)
    body = pick(rng, ("ocean", "tropical", "northern"), (4, 2, 3))
    waves = {"calm": (0.16, 7.0, 0.0), "breezy": (0.75, 20.0, 0.35), "rough": (2.6, 46.0, 0.8)}[state]
    add_water(
        land,
        Sea(wave_height=waves[0] * rng.uniform(0.8, 1.25), wave_length=waves[1], wind=rng.uniform(0, 6.283),
            foam=waves[2], body=body, choppy=0.9),
        size=(200, 180),
    )  # fmt: skip
    if rng.random() < 0.6 and not land.spec.subjects:
        landmark(land, ("sailboat", "rowing boat", "sailing ship", "tugboat"), near=14.0, far=50.0, z=0.0)
    land.environment = "sea"
    land.place = {
        "calm": "on a calm sea",
        "breezy": "on the open sea with waves",
        "rough": "on a rough sea with big waves",
    }[state]
    land.tilt = float(rng.uniform(-0.16, 0.0))
    land.facts["waves"] = state


def _strand(land: Land, kind: str, *, turn: float, side: float) -> Height:
    """A shore whose sea lies towards azimuth `turn`: wet sand, dry sand, dunes, hills inland."""
    rng = land.rng
    c, s = np.cos(turn), np.sin(turn)
    bump = rolling(rng, height=0.5, length=25.0)
    curve = rng.uniform(150, 420)
    bend = rng.uniform(-0.5, 0.5)
    offset = rng.uniform(5.0, 16.0)
    high = {"palms": 2.5, "rocks": 5.0, "dunes": 7.0, "plain": 3.0}[kind]
    hills = Relief("hills", int(rng.integers(4)), 2600.0, 0.3, (rng.uniform(0, 2600), rng.uniform(0, 2600)))

    def height(x: Array, y: Array) -> Array:
        out = s * x + c * y  # metres towards the sea
        along = c * x - s * y
        q = offset - out + bend * 12.0 * np.sin(along / curve * 2.0) - (along / 900.0) ** 2 * 40.0 * side * bend
        q = q + 3.0 * sample(noise_tile(3, 3.8), x, y, period=420.0, order=3)
        strand = np.where(q < 0, 0.085 * q, 0.065 * q)
        dune = high * smoothstep(14.0, 70.0, q) * (1 + 0.35 * bump(x * 0.5, y * 0.5) / 0.5)
        inland = smoothstep(120.0, 900.0, q) * np.clip(hills(x, y) - 30.0, 0, None) * 0.6
        relief = 0.06 * bump(x * 3, y * 3) * smoothstep(4.0, 16.0, q)
        return np.maximum(strand, -14.0) * (1 - 0.8 * smoothstep(8, 60, q)) + dune + inland + relief

    return height


def beach(land: Land) -> None:
    """A strand that runs into the picture: palms, rocks or dunes on the land side."""
    rng = land.rng
    kind = pick(rng, ("palms", "rocks", "dunes", "plain"), (5, 2.5, 2, 1.2))
    side = float(rng.choice([-1.0, 1.0]))
    ahead = rng.random() < 0.25
    turn = side * (
        rng.uniform(0.0, 0.3) if ahead else rng.uniform(0.9, 1.42)
    )  # azimuth at which the sea lies, off the view
    land.water_level = 0.0
    height = _strand(land, kind, turn=turn, side=side)
    land.size = (120, 180)
    land.lay_ground(height, far=4_000.0, eye_height=float(rng.uniform(1.5, 4.5)))
    tone = pick(rng, ("pale", "golden", "white", "grey"), (4, 3, 2, 1))
    colors = paint.sand(land, tone, ripples=0.3)
    z = land.ground.heights
    wet = smoothstep(0.42, 0.06, z + 0.05 * land.noise(60.0, variant=4, beta=3.0))
    colors = colors * (1 - 0.5 * wet)[..., None]
    grown = smoothstep(1.9, 3.4, z + 0.4 * land.noise(30.0, variant=6)) * (0.35 if kind == "dunes" else 0.9)
    colors = paint.blend(
        colors, paint.grass(land, "summer"), grown * smoothstep(0, 1, land.noise(40.0, variant=2) + 0.9)
    )
    land.paint_ground(colors, surface=paint.covered(land, "sand"))
    body = pick(rng, ("tropical", "ocean", "northern"), {"palms": (6, 1, 0)}.get(kind, (2, 4, 2)))
    height_ = rng.uniform(0.12, 0.3)
    sea = Sea(
        wave_height=height_,
        wave_length=rng.uniform(10, 18),
        wind=turn + np.pi,
        body=body,
        foam=0.0,
        surf=rng.uniform(0.6, 1.0),
    )
    add_water(land, sea, size=(130, 160))
    spec_subjects(land, near=6.0, far=14.0)
    _beach_things(land, kind)
    land.environment = "beach"
    land.place = "on a sandy beach by the sea"
    land.details.append(
        {"palms": "with palm trees", "rocks": "with rocks", "dunes": "with grassy dunes", "plain": "with gentle waves"}[
            kind
        ]
    )
    land.tilt = float(rng.uniform(-0.14, -0.03))


def _beach_things(land: Land, kind: str) -> None:
    rng = land.rng
    if kind == "palms":
        land.trees("palm", 8, near=13.0, far=45.0, budget=9_000, where=lambda p, up: p[:, 2] > 0.7, apart=3.5)
        land.trees("palm", 60, near=45.0, far=500.0, budget=12_000, where=lambda p, up: p[:, 2] > 1.6)
        at = land.spots(40, near=12.0, far=200.0, where=lambda p, up: p[:, 2] > 2.0)
        land.grow(plant_bushes(rng, at, height=1.3))
    if kind == "rocks":
        level = land.water_level
        land.water_level = None
        at = land.spots(55, near=9.0, far=140.0, where=lambda p, up: (p[:, 2] > -1.0) & (p[:, 2] < 2.4), patch=10.0)
        land.water_level = level
        land.add(
            plant_rocks(
                rng,
                at - [0, 0, 0.1],
                size=rng.gamma(1.4, 0.38, len(at)) + 0.2,
                color=pick(rng, ((0.38, 0.35, 0.32), (0.5, 0.46, 0.4))),
            )
        )
    if kind == "dunes":
        at = land.spots(420, near=4.0, far=120.0, where=lambda p, up: p[:, 2] > 1.4, patch=5.0)
        land.grow(plant_grass(rng, "dry grass", at, height=0.75))
    names = ("rowing boat", "lighthouse", "tent", "beach umbrella", "park bench", "bicycle")
    if rng.random() < 0.5:
        landmark(land, names, near=8.0, far=24.0)


def valley_relief(land: Land, *, alpine: bool) -> Height:
    """Mountains or hills around low ground at the eye."""
    rng = land.rng
    variant = int(rng.integers(4))
    if alpine:
        relief = Relief("alps", variant, rng.uniform(24_000, 38_000), rng.uniform(1.5, 2.0), roughness=6.0)
        outlook = Outlook(peak=rng.uniform(0.16, 0.27), low=True, reach=11_000.0)
    else:
        relief = Relief("hills", variant, rng.uniform(2400, 3600), rng.uniform(0.25, 0.4))
        outlook = Outlook(peak=rng.uniform(0.04, 0.1), start=200.0, reach=3000.0)
    return from_zero(choose_outlook(rng, relief, outlook, eye_height=3.0))


def lake(land: Land) -> None:
    """Still water that mirrors mountains or a forest."""
    rng = land.rng
    alpine = rng.random() < 0.65
    reach = rng.uniform(160, 900) if alpine else rng.uniform(90, 420)
    near = rolling(rng, height=1.5, length=30.0)
    base = valley_relief(land, alpine=alpine)
    wide = rng.uniform(0.8, 1.6)
    shift = rng.uniform(-0.3, 0.3) * reach
    jag = rng.uniform(0.12, 0.25)
    bank = float(rng.uniform(3.5, 9.0))  # the near shore, metres from the eye

    def height(x: Array, y: Array) -> Array:
        wob = sample(noise_tile(3, 3.2), x + 51.0, y, period=reach * 3.0, order=3)
        u, v = (x - shift) / (reach * wide), (y - reach - bank * 0.6) / reach
        shore = (np.hypot(u, v) - 1.0 + jag * wob * smoothstep(0.15, 0.9, y / reach)) * reach  # > 0 on land
        shore = np.where(y < bank, np.maximum(shore, (bank - y) * 0.5 + 0.4 * near(x, y)), shore)
        bowl = np.clip(shore * 0.16, -7.0, 5.0) + 0.25 * near(x, y) * smoothstep(0, 10, shore)
        rise = smoothstep(8.0, 0.8 * reach + 250.0, shore)
        return bowl + rise * np.maximum(base(x, y) + (35.0 if alpine else 12.0), 3.0)

    land.water_level = 0.0
    land.size = (125, 170)
    land.lay_ground(height, far=22_000.0, eye_height=float(rng.uniform(1.6, 4.5)))
    span = float(np.percentile(land.ground.heights, 99.5))
    snowy = alpine and rng.random() < 0.75
    if alpine:
        trees = span * rng.uniform(0.25, 0.45)
        colors = paint.mountain(
            land, tree_line=trees, snow_line=span * (rng.uniform(0.45, 0.7) if snowy else 2.0), soft=span * 0.06,
            green=pick(rng, ("alpine", "lush", "moor")), stone=pick(rng, ("grey", "blue", "brown")),
        )  # fmt: skip
    else:
        trees = 1e9
        colors = paint.grass(land, pick(rng, ("lush", "summer", "moor")))
    wet = smoothstep(0.9, 0.0, land.ground.heights)
    stones = linear((0.44, 0.41, 0.37)) * paint.grain(land, 0.35)
    colors = paint.blend(colors, stones * (1 - 0.4 * wet)[..., None], smoothstep(1.3, 0.5, land.ground.heights))
    land.paint_ground(colors, surface=paint.covered(land, pick(rng, ("grass", "pebbles", "gravel"))))
    calm = rng.random() < 0.6
    body = pick(rng, ("alpine", "lake"), (1, 1)) if alpine else "lake"
    add_water(land, Sea(wave_height=0.012 if calm else 0.05, wave_length=2.6, wind=rng.uniform(0, 6.28), choppy=0.3,
                        roughness=0.02 if calm else 0.05, body=body), far=14_000.0, size=(105, 140))  # fmt: skip
    _lake_shore(land, alpine=alpine, trees=trees)
    land.environment = "lake"
    land.place = "by a calm lake" if calm else "by a lake"
    behind = "snow-capped mountains" if snowy else "mountains" if alpine else "a forest"
    land.details.append(f"with {behind} behind")
    land.facts["mirror"] = calm


def _lake_shore(land: Land, *, alpine: bool, trees: float) -> None:
    rng = land.rng
    species = pick(
        rng,
        ("spruce", "pine", "autumn tree", "birch", "golden birch"),
        (6, 2, 1.5, 1, 1) if alpine else (3, 2, 3, 2, 2),
    )
    spec_subjects(land, near=6.0, far=13.0)
    if rng.random() < 0.5:
        landmark(land, ("rowing boat", "sailboat", "swan"), near=11.0, far=34.0, z=0.0)
    elif rng.random() < 0.5:
        landmark(land, ("log cabin", "cottage", "church"), near=30.0, far=200.0, flat=0.8)
    count = land.trees(
        species, 420, near=80.0, far=1700.0, budget=22_000, where=lambda p, up: p[:, 2] < trees, steepest=0.6, apart=3.0
    )
    if rng.random() < 0.55:
        count += land.trees(species, 4, near=13.0, far=45.0, budget=8_000, aside=0.3, apart=4.0)
    if count > 8:
        land.details.append(f"with {SPECIES[species].plural} on its shore")
    at = land.spots(140, near=2.5, far=30.0, where=lambda p, up: p[:, 2] < 1.2)
    land.add(plant_rocks(rng, at - [0, 0, 0.05], size=rng.gamma(1.3, 0.12, len(at)) + 0.06, color=(0.45, 0.43, 0.40)))
    at = land.spots(160, near=2.5, far=26.0, where=lambda p, up: p[:, 2] < 1.5, patch=3.0)
    land.grow(plant_grass(rng, pick(rng, ("reeds", "grass")), at, height=0.8))
