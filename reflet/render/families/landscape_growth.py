"""Layouts of growing things: forests, groves, meadows, fields, gardens of blossom, savanna."""

from __future__ import annotations

import numpy as np

from reflet.render.families import landscape_ground as paint
from reflet.render.families.landscape_highland import meadow_plants
from reflet.render.families.landscape_landmarks import landmark, spec_subjects
from reflet.render.families.landscape_stage import Land, from_zero, pick, rolling, thinned
from reflet.render.scene import Array
from reflet.render.terrain_maps import smoothstep
from reflet.render.trees import SPECIES
from reflet.render.vegetation import (
    FLOWERS,
    linear,
    plant_bushes,
    plant_flowers,
    plant_grass,
    plant_rocks,
    plant_trees,
    trunks,
)

_FOREST = {
    # kind: species, floor, texture, bark, phrase
    "fir": ("spruce", "needles", "leaves", (0.30, 0.23, 0.18), "in a fir forest"),
    "pine": ("pine", "moss", "leaves", (0.48, 0.31, 0.21), "in a pine forest"),
    "green": ("tree", "grass", "grass", (0.29, 0.24, 0.19), "in a green forest"),
    "autumn": ("autumn tree", "leaves", "leaves", (0.27, 0.22, 0.18), "in an autumn forest"),
    "birch": ("birch", "grass", "grass", (0.84, 0.83, 0.79), "in a birch forest"),
    "golden birch": ("golden birch", "leaves", "leaves", (0.84, 0.83, 0.79), "in an autumn birch forest"),
    "winter": ("snowy spruce", "snow", "snow", (0.30, 0.25, 0.21), "in a snowy forest"),
}


def forest(land: Land) -> None:
    """Among the trunks of a forest; sometimes on a path."""
    rng = land.rng
    kind = pick(rng, list(_FOREST), (2.5, 2, 2.5, 2.5, 1.5, 1, 1))
    species, floor, cover, bark, phrase = _FOREST[kind]
    ground = rolling(rng, height=rng.uniform(0.6, 2.2), length=rng.uniform(14, 30))
    path = rng.random() < 0.5
    bend, phase = rng.uniform(1.0, 3.5), rng.uniform(0, 6.283)

    def track(y: Array) -> Array:
        return bend * (np.sin(y / 13.0 + phase) - np.sin(phase))

    land.size = (110, 150)
    land.lay_ground(from_zero(ground), far=260.0, eye_height=float(rng.uniform(1.3, 1.9)))
    colors = paint.forest_floor(land, floor)
    if path:
        p = land.ground.points
        on = smoothstep(1.3, 0.6, np.abs(p[..., 0] - track(p[..., 1])) + 0.12 * land.noise(9.0, variant=2))
        tone = (0.82, 0.84, 0.88) if kind == "winter" else (0.50, 0.41, 0.30)
        colors = paint.blend(colors, linear(tone) * paint.grain(land, 0.15), on)
        land.details.append("with a path")
    land.paint_ground(colors, surface=paint.covered(land, cover))
    spec_subjects(land, near=4.5, far=9.0)

    def free(p: Array, up: Array) -> Array:
        return np.abs(p[:, 0] - track(p[:, 1])) > (1.9 if path else 0.6)

    near = thinned(land.spots(70, near=3.6, far=24.0, where=free, even=True, spread=0.8), 2.6)
    middle = thinned(land.spots(170, near=24.0, far=75.0, where=free, even=True, spread=0.8), 2.4)
    tall = float(np.mean(SPECIES[species].height)) * 1.25
    land.add(trunks(rng, near, height=tall, radius=0.20 if "birch" not in species else 0.11, color=bark))
    if species not in ("spruce", "snowy spruce"):
        crowns = near[np.hypot(near[:, 0], near[:, 1]) > 9.0]
        land.grow(plant_trees(rng, species, crowns, eye=land.eye, budget=24_000, heights=np.full(len(crowns), tall)))
    land.grow(
        plant_trees(
            rng, species, middle, eye=land.eye, budget=26_000, heights=rng.uniform(0.75, 1.1, len(middle)) * tall
        )
    )
    land.trees(species, 260, near=75.0, far=230.0, budget=9_000, spread=0.8, apart=3.0)
    _undergrowth(land, kind, free)
    land.environment = "forest"
    land.place = phrase
    land.tilt = float(rng.uniform(0.0, 0.09))
    land.fov = (52.0, 66.0)
    land.roam = (0.5, 0.3)
    land.weather_reach = 0.5
    land.samples = 4


def _undergrowth(land: Land, kind: str, free) -> None:
    rng = land.rng
    if kind == "winter":
        return
    at = land.spots(45, near=5.0, far=60.0, where=free, patch=6.0, spread=0.8)
    tint = {"autumn": (2.0, 1.0, 0.6), "golden birch": (2.1, 1.4, 0.6)}.get(kind, (1.0, 1.0, 1.0))
    land.grow(plant_bushes(rng, at, height=0.8, tint=tint))
    at = land.spots(500, near=2.2, far=26.0, where=free, patch=3.0, spread=0.8)
    land.grow(plant_grass(rng, "grass", at, height=0.28))
    at = land.spots(16, near=3.5, far=40.0, where=free, spread=0.8)
    land.add(plant_rocks(rng, at, size=rng.gamma(1.5, 0.16, len(at)) + 0.12, color=(0.40, 0.40, 0.36)))


def forest_edge(land: Land) -> None:
    """A clearing before a wall of trees."""
    rng = land.rng
    species = pick(
        rng, ("spruce", "pine", "tree", "autumn tree", "birch", "golden birch", "poplar"), (3, 1.5, 2, 3, 2, 1.5, 1)
    )
    ground = rolling(rng, height=rng.uniform(1.0, 4.0), length=rng.uniform(40, 90))
    edge = rng.uniform(32, 70)
    slope = rng.uniform(-0.5, 0.5)
    rise = rng.uniform(0.0, 0.09)

    def height(x: Array, y: Array) -> Array:
        return ground(x, y) + rise * np.clip(y - 0.6 * edge, 0, 400)

    land.size = (120, 170)
    land.lay_ground(from_zero(height), far=900.0, eye_height=float(rng.uniform(1.5, 3.5)))
    autumn = species in ("autumn tree", "golden birch")
    tone = pick(rng, ("summer", "dry")) if autumn else pick(rng, ("lush", "summer", "spring"))
    land.paint_ground(paint.grass(land, tone), surface=paint.covered(land, "grass"))
    spec_subjects(land, near=6.0, far=14.0)
    if rng.random() < 0.45:
        landmark(land, ("log cabin", "cottage", "tent", "park bench", "well", "signpost"), near=12.0, far=26.0)

    def behind(p: Array, up: Array) -> Array:
        return p[:, 1] > edge + slope * p[:, 0]

    land.trees(species, 420, near=edge * 0.8, far=edge * 3.2, budget=46_000, where=behind, apart=3.0, spread=0.75)
    second = pick(rng, ("spruce", "tree")) if rng.random() < 0.5 else species
    land.trees(second, 30, near=edge * 0.8, far=edge * 2.0, budget=9_000, where=behind, apart=6.0, spread=0.75)
    at = land.spots(60, near=edge * 0.75, far=edge * 1.3, where=behind, spread=0.75)
    land.grow(plant_bushes(rng, at, height=1.2, tint=(1.5, 1.1, 0.8) if autumn else (1, 1, 1)))
    flowers = pick(rng, list(FLOWERS)[:5]) if rng.random() < 0.4 and not autumn else None
    meadow_plants(land, grass="dry grass" if tone == "dry" else "grass", flowers=flowers)
    land.environment = "forest"
    land.samples = 4
    land.place = f"at the edge of a forest of {SPECIES[species].plural}"


def meadow(land: Land) -> None:
    """Flowers to the knees, trees in the distance."""
    rng = land.rng
    kind = pick(
        rng, ("poppies", "daisies", "buttercups", "cornflowers", "pink flowers", "mixed"), (2, 2, 1.5, 1.5, 1, 2)
    )
    ground = rolling(rng, height=rng.uniform(2, 9), length=rng.uniform(60, 160))
    land.size = (120, 180)
    land.lay_ground(from_zero(ground), far=4_000.0, eye_height=float(rng.uniform(0.9, 2.0)))
    tone = pick(rng, ("lush", "spring", "summer"))
    colors = paint.grass(land, tone)
    petals = linear(FLOWERS["poppies" if kind == "mixed" else kind][0])
    away = np.hypot(land.ground.points[..., 0], land.ground.points[..., 1])
    far_bloom = (
        smoothstep(0.2, 1.6, land.noise(130.0, variant=6, beta=1.8))
        * smoothstep(25, 70, away)
        * smoothstep(600, 200, away)
    )
    land.paint_ground(paint.blend(colors, petals, 0.55 * far_bloom), surface=paint.covered(land, "grass"))
    spec_subjects(land, near=5.0, far=11.0)
    if rng.random() < 0.4:
        landmark(
            land,
            ("windmill", "cottage", "park bench", "barn", "hot-air balloon", "bicycle", "horse"),
            near=16.0,
            far=60.0,
        )
    for one in ("poppies", "daisies", "buttercups", "cornflowers") if kind == "mixed" else (kind,):
        number = 950 if kind != "mixed" else 260
        at = land.spots(number, near=1.6, far=46.0, spread=0.75, patch=9.0 if kind == "mixed" else 5.0)
        land.grow(plant_flowers(rng, one, at, height=0.42))
    at = land.spots(900, near=1.6, far=30.0, spread=0.75)
    land.grow(plant_grass(rng, "grass", at, height=0.36, tint=1 + rng.normal(0, 0.15, (len(at), 1)) * np.ones(3)))
    species = pick(rng, ("tree", "birch", "poplar", "spruce"))
    land.trees(species, 90, near=70.0, far=1200.0, budget=14_000, patch=90.0)
    land.environment = "meadow"
    land.samples = 4
    land.place = "in a meadow of wild flowers" if kind == "mixed" else f"in a meadow of {FLOWERS[kind][1]}"
    land.tilt = float(rng.uniform(-0.1, -0.02))


_LONE = {
    "tree": "a lone green tree",
    "bare tree": "a lone leafless tree",
    "acacia": "a lone acacia tree",
    "autumn tree": "a lone autumn tree",
    "cherry tree": "a blossoming cherry tree",
    "spruce": "a lone fir tree",
}


def lone_tree(land: Land) -> None:
    """One large tree on a grassy rise."""
    rng = land.rng
    species = pick(rng, ("tree", "autumn tree", "cherry tree", "acacia", "bare tree", "spruce"), (4, 3, 2, 1, 1, 1))
    ground = rolling(rng, height=rng.uniform(1, 5), length=rng.uniform(60, 140))
    tall = float(rng.uniform(9, 14))
    away, side = float(tall * rng.uniform(1.5, 2.6)), float(rng.uniform(-0.2, 0.2))
    px, py = away * np.sin(side), away * np.cos(side)
    hill = rng.uniform(0.0, 3.0)

    def height(x: Array, y: Array) -> Array:
        return ground(x, y) + hill * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 18.0**2))

    land.size = (120, 180)
    land.lay_ground(from_zero(height), far=5_000.0, eye_height=float(rng.uniform(1.3, 2.4)))
    tone = {"acacia": "dry", "autumn tree": "summer"}.get(species) or pick(rng, ("lush", "spring", "summer"))
    land.paint_ground(paint.grass(land, tone), surface=paint.covered(land, "grass"))
    at = np.array([[px, py, float(land.ground.height_at(np.array([px]), np.array([py]))[0])]])
    land.grow(plant_trees(rng, species, at, eye=land.eye, budget=12_000, heights=np.array([tall])))
    land.occupied.append((px, py, 2.5))
    spec_subjects(land, near=5.0, far=10.0)
    if rng.random() < 0.4:
        landmark(land, ("park bench", "bicycle", "tent", "horse"), near=8.0, far=away * 0.9, spread=0.25)
    land.trees(pick(rng, ("tree", "poplar")), 40, near=350.0, far=1800.0, budget=3_000, patch=200.0)
    meadow_plants(
        land,
        grass="dry grass" if tone == "dry" else "grass",
        flowers=pick(rng, list(FLOWERS)[:5]) if rng.random() < 0.35 else None,
        count=700,
    )
    land.environment = "meadow"
    land.place = "in a grassy meadow" if tone != "dry" else "in dry grassland"
    land.details.append(f"with {_LONE[species]}")
    land.tilt = float(rng.uniform(0.03, 0.1))


def blossom(land: Land) -> None:
    """An avenue or a grove of cherry trees in flower."""
    rng = land.rng
    avenue = rng.random() < 0.55
    ground = rolling(rng, height=rng.uniform(0.3, 1.5), length=60.0)
    land.size = (110, 160)
    land.lay_ground(from_zero(ground), far=900.0, eye_height=float(rng.uniform(1.4, 2.2)))
    p = land.ground.points
    colors = paint.grass(land, pick(rng, ("lush", "spring")))
    petals = smoothstep(0.1, 1.5, land.noise(22.0, variant=6, beta=1.6)) * smoothstep(
        90, 30, np.hypot(p[..., 0], p[..., 1])
    )
    colors = paint.blend(colors, linear((0.95, 0.76, 0.83)), 0.75 * petals)
    if avenue:
        on = smoothstep(1.9, 1.4, np.abs(p[..., 0]) + 0.08 * land.noise(7.0, variant=2))
        colors = paint.blend(colors, linear((0.66, 0.58, 0.48)) * paint.grain(land, 0.12), on)
        rows = np.arange(9.0, 110.0, 7.5)
        x = np.concatenate([np.full(len(rows), -4.6), np.full(len(rows), 4.6)]) + rng.normal(0, 0.25, 2 * len(rows))
        y = np.concatenate([rows, rows]) + rng.normal(0, 0.4, 2 * len(rows))
    land.paint_ground(colors, surface=paint.covered(land, "grass"))
    spec_subjects(land, near=5.0, far=9.0)
    if avenue:
        at = np.stack([x, y, land.ground.height_at(x, y)], 1)
        land.grow(
            plant_trees(rng, "cherry tree", at, eye=land.eye, budget=34_000, heights=rng.uniform(5.5, 7.5, len(at)))
        )
        land.details.append("with a path")
        if rng.random() < 0.5:
            landmark(land, ("park bench", "bicycle"), near=6.0, far=16.0, spread=0.2)
    else:
        land.trees("cherry tree", 26, near=12.0, far=80.0, budget=36_000, apart=6.0)
        if rng.random() < 0.5:
            landmark(land, ("park bench", "bridge", "cottage"), near=8.0, far=20.0)
    land.trees(pick(rng, ("cherry tree", "tree")), 60, near=100.0, far=500.0, budget=6_000, patch=60.0)
    meadow_plants(land, flowers=None, count=500, tall=0.22)
    land.environment = "garden"
    land.samples = 4
    land.place = "in an avenue of blossoming cherry trees" if avenue else "among blossoming cherry trees"
    land.tilt = float(rng.uniform(0.0, 0.06))


_FIELDS = {
    "wheat": "in a golden wheat field",
    "lavender": "in a lavender field",
    "sunflowers": "in a sunflower field",
    "tulips": "in a field of red tulips",
}


def field(land: Land) -> None:
    """Farmland: wheat, lavender or sunflowers in rows, a track, a house, a line of trees."""
    rng = land.rng
    crop = pick(rng, ("wheat", "lavender", "sunflowers", "tulips"), (3, 2, 2, 1.5))
    ground = rolling(rng, height=rng.uniform(1, 7), length=rng.uniform(90, 200))
    track = rng.random() < 0.5
    turn = float(rng.uniform(-0.35, 0.35))
    apart = {"wheat": 0.35, "lavender": 1.5, "sunflowers": 1.1, "tulips": 1.0}[crop]
    tall = {"wheat": 0.85, "lavender": 0.6, "sunflowers": 1.5, "tulips": 0.42}[crop]
    land.size = (130, 180)
    land.lay_ground(
        from_zero(ground), far=5_000.0, eye_height=float(rng.uniform(1.7, 2.6)) + (0.5 if crop == "sunflowers" else 0)
    )
    p = land.ground.points
    across = p[..., 0] * np.cos(turn) - p[..., 1] * np.sin(turn)
    away = np.hypot(p[..., 0], p[..., 1])
    hue = {
        "wheat": (0.80, 0.66, 0.36),
        "lavender": (0.50, 0.37, 0.70),
        "sunflowers": (0.80, 0.64, 0.16),
        "tulips": (0.80, 0.22, 0.24),
    }[crop]
    soil = linear((0.46, 0.35, 0.25) if crop != "wheat" else (0.70, 0.58, 0.36)) * paint.grain(land, 0.25)
    row = 0.5 + 0.5 * np.cos(2 * np.pi * across / apart)
    row = row * smoothstep(160, 60, away) + 0.6 * smoothstep(60, 160, away)
    bloom = smoothstep(7, 24, away)
    planted = paint.blend(linear((0.33, 0.42, 0.18)) * np.ones(3), linear(hue), 0.25 + 0.75 * bloom) * paint.grain(
        land, 0.2
    )
    colors = paint.blend(soil, planted, np.clip(0.15 + row, 0, 1))
    edge = rng.uniform(160, 420)
    colors = paint.blend(colors, paint.grass(land, "summer"), smoothstep(edge - 8, edge + 8, p[..., 1]))
    on = np.zeros_like(across)
    if track:
        on = smoothstep(1.7, 1.3, np.abs(across - 0.4)) * (p[..., 1] < edge)
        wheel = np.clip(np.exp(-((np.abs(across - 0.4) - 0.75) ** 2) / 0.06), 0, 1)
        lane = paint.blend(
            paint.grass(land, "dry"), linear((0.62, 0.50, 0.36)) * paint.grain(land, 0.15), np.clip(wheel * 1.3, 0, 1)
        )
        colors = paint.blend(colors, lane, on)
        land.details.append("with a dirt track")
    land.paint_ground(colors, surface=paint.covered(land, "soil"))
    if rng.random() < 0.65:
        landmark(
            land,
            ("windmill", "barn", "cottage", "tractor", "church", "scarecrow", "hot-air balloon"),
            near=45.0,
            far=min(edge, 140.0),
        )
    spec_subjects(land, near=7.0, far=14.0)
    _crop(land, crop, turn=turn, apart=apart, tall=tall, edge=edge, track=track)
    species = pick(rng, ("poplar", "tree", "cypress", "spruce"))
    land.trees(species, 110, near=edge, far=1600.0, budget=14_000, patch=80.0, where=lambda q, up: q[:, 1] > edge)
    land.environment = "field"
    land.place = _FIELDS[crop]
    land.tilt = float(rng.uniform(-0.09, -0.02))


def _crop(land: Land, crop: str, *, turn: float, apart: float, tall: float, edge: float, track: bool) -> None:
    """Plants in rows, dense near the eye."""
    rng = land.rng
    number = {"wheat": 1500, "lavender": 420, "sunflowers": 420, "tulips": 800}[crop]

    def clear(p: Array, up: Array) -> Array:
        across = p[:, 0] * np.cos(turn) - p[:, 1] * np.sin(turn)
        return (p[:, 1] < edge) & ((np.abs(across - 0.4) > 1.75) | (not track))

    at = land.spots(number, near=2.6 if crop != "sunflowers" else 3.6, far=70.0, spread=0.75, where=clear)
    if crop != "wheat":
        across = at[:, 0] * np.cos(turn) - at[:, 1] * np.sin(turn)
        shift = np.round(across / apart) * apart - across + rng.normal(0, 0.05, len(at))
        at = at + np.stack([shift * np.cos(turn), -shift * np.sin(turn), 0 * shift], 1)
        at[:, 2] = land.ground.height_at(at[:, 0], at[:, 1])
        land.grow(plant_flowers(rng, crop, at, height=tall))
    else:
        land.grow(plant_grass(rng, "wheat", at, height=tall, tint=1 + rng.normal(0, 0.1, (len(at), 1)) * np.ones(3)))


def savanna(land: Land) -> None:
    """Dry grass and flat-topped trees."""
    rng = land.rng
    ground = rolling(rng, height=rng.uniform(1, 5), length=200.0)
    land.size = (120, 180)
    land.lay_ground(from_zero(ground), far=6_000.0, eye_height=float(rng.uniform(1.5, 3.0)))
    land.paint_ground(paint.grass(land, "dry"), surface=paint.covered(land, "grass"))
    spec_subjects(land, near=6.0, far=13.0)
    if rng.random() < 0.4:
        landmark(land, ("suv", "tent", "elephant", "giraffe", "lion", "zebra"), near=10.0, far=26.0)
    land.trees("acacia", 4, near=20.0, far=55.0, budget=9_000, apart=10.0, spread=0.45)
    land.trees("acacia", 70, near=70.0, far=1500.0, budget=14_000, apart=8.0)
    meadow_plants(land, grass="dry grass", tall=0.5, count=1000)
    land.environment = "field"
    land.samples = 4
    land.place = "in a dry savanna with acacia trees"
