"""Layouts where relief meets water: rivers in valleys, islands, cliffs."""

from __future__ import annotations

import numpy as np

from reflet.render.families import landscape_ground as paint
from reflet.render.families.landscape_highland import meadow_plants
from reflet.render.families.landscape_landmarks import landmark, spec_subjects
from reflet.render.families.landscape_shore import add_water, valley_relief
from reflet.render.families.landscape_stage import Land, Outlook, choose_outlook, distance, pick, rolling
from reflet.render.scene import Array
from reflet.render.terrain import Relief
from reflet.render.terrain_maps import height_map, noise_tile, sample, smoothstep
from reflet.render.trees import SPECIES
from reflet.render.vegetation import linear, plant_bushes, plant_grass, plant_rocks
from reflet.render.water import Sea


def river(land: Land) -> None:
    """A river winds through a valley; trees on its banks, sometimes a bridge."""
    rng = land.rng
    alpine = rng.random() < 0.5
    wide = rng.uniform(4.0, 16.0)
    swing, wave, phase = rng.uniform(5, 16), rng.uniform(45, 110), rng.uniform(0, 6.283)
    aside = float(rng.choice([-1, 1])) * rng.uniform(0.6, 1.1) * (wide / 2 + 3.0)
    near = rolling(rng, height=1.2, length=35.0)
    base = valley_relief(land, alpine=alpine)

    def course(y: Array) -> Array:
        far = 1 + np.clip(y, 0, 4000) / 260.0
        return aside + swing * far * (np.sin(y / (wave * far) + phase) - np.sin(phase))

    def height(x: Array, y: Array) -> Array:
        bank = np.abs(x - course(y)) - wide / 2 * (1 + 0.25 * np.sin(y / 31.0 + 1.0))
        bed = np.where(bank > 0, 0.22 * np.minimum(bank, 7.0) * (1 - 0.5 * smoothstep(0, 7, bank)), 0.35 * bank)
        meadow = smoothstep(2.0, 12.0, bank) * (0.7 + 0.7 * near(x, y))
        hill = (
            smoothstep(30.0, 260.0 if not alpine else 700.0, bank)
            * np.maximum(base(x, y) + 15.0, 2.0)
            * smoothstep(60, 500, distance(x, y))
        )
        return np.maximum(bed, -2.5) + meadow + hill

    land.water_level = 0.0
    land.samples = 4
    land.size = (130, 160)
    land.lay_ground(height, far=16_000.0, eye_height=float(rng.uniform(2.2, 6.0)))
    snowy = alpine and rng.random() < 0.7
    trees = _valley_colors(land, alpine=alpine, snowy=snowy)
    rapid = rng.random() < 0.4
    sea = Sea(wave_height=0.10 if rapid else 0.03, wave_length=2.2, choppy=0.5, foam=0.25 if rapid else 0.0,
              roughness=0.05, body=pick(rng, ("river", "alpine", "lake")))  # fmt: skip
    add_water(land, sea, far=6_000.0, size=(100, 130))
    spec_subjects(land, near=7.0, far=14.0)
    bridge = rng.random() < 0.4 and _bridge(land, course, wide)
    if not bridge and rng.random() < 0.5:
        landmark(land, ("cottage", "log cabin", "tent", "church", "barn"), near=24.0, far=110.0, flat=0.85)
    species = pick(rng, ("spruce", "tree", "birch", "autumn tree", "poplar"))
    land.trees(
        species,
        300,
        near=48.0,
        far=1500.0,
        budget=22_000,
        where=lambda p, up: (p[:, 2] > 0.7) & (p[:, 2] < trees),
        patch=60.0,
        apart=2.5,
    )
    _banks(land)
    land.environment = "river"
    land.place = "by a river in a valley"
    land.details.append(f"with {SPECIES[species].plural}")
    land.details.append(
        "with snow-capped mountains behind" if snowy else "with mountains behind" if alpine else "with hills behind"
    )


def _valley_colors(land: Land, *, alpine: bool, snowy: bool) -> float:
    """Paint the ground of a valley; returns the height of the tree line."""
    rng = land.rng
    z = land.ground.heights
    span = float(np.percentile(z, 99.5))
    if alpine:
        trees = span * 0.35
        colors = paint.mountain(
            land, tree_line=trees, snow_line=span * (0.55 if snowy else 2.0), soft=span * 0.06,
            green=pick(rng, ("lush", "alpine", "summer")), stone=pick(rng, ("grey", "brown")),
        )  # fmt: skip
    else:
        trees = 1e9
        colors = paint.grass(land, pick(rng, ("lush", "summer", "spring")))
    stones = linear((0.46, 0.43, 0.38)) * paint.grain(land, 0.35)
    land.paint_ground(paint.blend(colors, stones, smoothstep(0.55, 0.2, z)), surface=paint.covered(land, "grass"))
    return trees


def _bridge(land: Land, course, wide: float) -> bool:
    """A bridge across the river, some way off."""
    y = float(land.rng.uniform(24, 50))
    x = float(course(np.array([y]))[0])
    if abs(np.arctan2(x, y)) > 0.4 or wide > 11 or land.spec.subjects:
        return False
    turn = float(np.arctan2(course(np.array([y + 4.0]))[0] - course(np.array([y - 4.0]))[0], 8.0))
    away, azimuth = float(np.hypot(x, y)), float(np.arctan2(x, y))
    return landmark(land, ("bridge",), near=away, far=away, z=0.15, azimuth=azimuth, yaw=-turn) is not None


def _banks(land: Land) -> None:
    rng = land.rng
    at = land.spots(90, near=3.0, far=60.0, where=lambda p, up: p[:, 2] < 0.9)
    land.add(plant_rocks(rng, at - [0, 0, 0.05], size=rng.gamma(1.3, 0.2, len(at)) + 0.1, color=(0.45, 0.43, 0.40)))
    at = land.spots(260, near=3.0, far=50.0, where=lambda p, up: p[:, 2] < 1.2, patch=4.0)
    land.grow(plant_grass(rng, pick(rng, ("reeds", "grass")), at, height=0.9))
    at = land.spots(36, near=10.0, far=160.0, where=lambda p, up: p[:, 2] > 0.6, patch=20.0)
    land.grow(plant_bushes(rng, at, height=1.3))
    meadow_plants(land, count=400)


def islands(land: Land) -> None:
    """Islands in the sea: green and steep, tropical with palms, or bare northern rock."""
    rng = land.rng
    kind = pick(rng, ("tropical", "green", "rocky"))
    relief = Relief("islands", int(rng.integers(4)), rng.uniform(2600, 5200), rng.uniform(1.3, 1.9), roughness=1.5)
    tile = height_map("islands", relief.variant)
    level = float(np.quantile(tile, rng.uniform(0.68, 0.8))) * relief.steepness * relief.period
    eye = float(pick(rng, (rng.uniform(2.5, 8), rng.uniform(25, 70))))
    outlook = Outlook(
        peak=rng.uniform(0.07, 0.16) if eye < 10 else 0.03, clear=150.0, start=250.0, reach=3500.0, low=True
    )
    relief = choose_outlook(rng, relief, outlook, eye_height=eye)

    def height(x: Array, y: Array) -> Array:
        open_water = smoothstep(420.0, 120.0, distance(x, y + 40.0))
        z = relief(x, y) - level
        z = np.where(z < 0, z * 0.5, z)
        return z * (1 - open_water) - 9.0 * open_water

    land.water_level = 0.0
    land.size = (130, 180)
    land.lay_ground(height, far=7_000.0, eye_height=eye)
    z, upright = land.ground.heights, land.normals[..., 2]
    green = {"tropical": "lush", "green": "summer", "rocky": "moor"}[kind]
    colors = paint.rock(land, pick(rng, ("grey", "brown")))
    grown = smoothstep(0.5, 0.72, upright + 0.06 * land.noise(60.0, variant=2)) * smoothstep(
        3.0, 9.0, z + 1.5 * land.noise(90.0, variant=3)
    )
    colors = paint.blend(
        colors,
        paint.grass(land, green) * (0.75 if kind == "tropical" else 1.0),
        grown * (0.5 if kind == "rocky" else 0.95),
    )
    shore = paint.sand(land, "pale" if kind == "tropical" else "grey", ripples=0.0)
    colors = paint.blend(colors, shore, smoothstep(3.2, 1.4, z + 0.6 * land.noise(60.0, variant=5)) * (upright > 0.7))
    land.paint_ground(colors, surface=paint.covered(land, "rock"))
    body = {"tropical": "tropical", "green": "ocean", "rocky": "northern"}[kind]
    sea = Sea(wave_height=rng.uniform(0.2, 0.6), wave_length=14.0, wind=rng.uniform(0, 6.28), body=body, surf=0.5)
    add_water(land, sea, size=(120, 150))
    if not land.spec.subjects and rng.random() < 0.6:
        landmark(
            land, ("sailboat", "rowing boat", "sailing ship", "tugboat"), near=16.0 + eye, far=60.0 + 2 * eye, z=0.0
        )
    species = {"tropical": "palm", "green": pick(rng, ("tree", "pine")), "rocky": "spruce"}[kind]
    land.trees(
        species,
        420 if kind != "rocky" else 120,
        near=120.0,
        far=2600.0,
        budget=22_000,
        where=lambda p, up: p[:, 2] > 2.0,
        patch=90.0,
    )
    land.environment = "islands"
    land.place = {
        "tropical": "among tropical islands in the sea",
        "green": "among green islands in the sea",
        "rocky": "among rocky islands in the sea",
    }[kind]
    land.roam = (4.0, 2.0)


def cliffs(land: Land) -> None:
    """A steep coast seen from its edge; surf below, often a lighthouse."""
    rng = land.rng
    side = float(rng.choice([-1.0, 1.0]))
    turn = side * rng.uniform(0.95, 1.4)
    c, s = np.cos(turn), np.sin(turn)
    tall = rng.uniform(12, 30)
    top = rolling(rng, height=5.0, length=120.0)
    edge = rng.uniform(7.0, 14.0)
    bays = rng.uniform(18, 34)
    u, v = rng.uniform(0, 4000, 2)
    here = bays * float(sample(noise_tile(3, 3.2), np.array([u]), np.array([v]), period=900.0, order=3)[0])

    def height(x: Array, y: Array) -> Array:
        out = s * x + c * y
        q = edge - out + bays * sample(noise_tile(3, 3.2), x + u, y + v, period=900.0, order=3) - here
        q = q + 2.2 * sample(noise_tile(5, 3.0), x, y, period=200.0, order=3) * smoothstep(10, 40, distance(x, y))
        wall = smoothstep(-9.0, 1.0, q + 1.2 * sample(noise_tile(6, 3.0), x, y, period=160.0, order=3))
        rough = 1.0 + 0.12 * sample(noise_tile(2, 3.6), x, y, period=700.0, order=3)
        foot = np.maximum(0.5 * (q + 9.0), -16.0)
        return np.where(q < -9.0, foot, wall * (tall * rough + top(x, y))) - 0.5

    land.water_level = 0.0
    land.size = (150, 170)
    land.lay_ground(height, far=5_000.0, eye_height=float(rng.uniform(2.0, 6.0)))
    z, upright = land.ground.heights, land.normals[..., 2]
    stone = pick(rng, ("grey", "brown", "blue", "chalk"))
    colors = linear((0.88, 0.86, 0.80)) * paint.grain(land, 0.14) if stone == "chalk" else paint.rock(land, stone)
    wet = smoothstep(3.0, 0.6, z)
    colors = colors * (1 - 0.55 * wet)[..., None]
    grown = smoothstep(0.62, 0.82, upright + 0.04 * land.noise(30.0, variant=2)) * smoothstep(0.35, 0.6, z / tall)
    colors = paint.blend(colors, paint.grass(land, pick(rng, ("moor", "lush", "summer"))), grown)
    land.paint_ground(colors, surface=paint.covered(land, "rock"))
    sea = Sea(
        wave_height=rng.uniform(0.6, 1.4),
        wave_length=24.0,
        wind=turn + np.pi,
        body=pick(rng, ("ocean", "northern")),
        foam=0.25,
        surf=1.0,
    )
    add_water(land, sea, size=(120, 150))
    spec_subjects(land, near=7.0, far=13.0)
    if rng.random() < 0.7:
        landmark(land, ("lighthouse", "lighthouse", "cottage", "castle"), near=50.0, far=190.0, flat=0.8, spread=0.45)
    meadow_plants(land, grass="grass", tall=0.3, count=700)
    at = land.spots(50, near=6.0, far=90.0, where=lambda p, up: up > 0.7)
    land.add(plant_rocks(rng, at, size=rng.gamma(1.3, 0.22, len(at)) + 0.12, color=(0.46, 0.44, 0.41)))
    land.environment = "sea"
    land.place = "on cliffs above the sea"
    land.tilt = float(rng.uniform(-0.16, -0.06))
