"""Layouts of high and dry country: mountains, hills, dunes, canyons, snow."""

from __future__ import annotations

import numpy as np

from reflet.render.families import landscape_ground as paint
from reflet.render.families.landscape_landmarks import landmark, spec_subjects
from reflet.render.families.landscape_stage import Land, Outlook, choose_outlook, distance, from_zero, pick, rolling
from reflet.render.scene import Array
from reflet.render.terrain import Height, Relief
from reflet.render.terrain_maps import smoothstep
from reflet.render.vegetation import FLOWERS, plant_bushes, plant_flowers, plant_grass, plant_rocks


def _relief(land: Land, kind: str, *, period: float, steepness: float, roughness: float = 0.0) -> Relief:
    return Relief(kind, int(land.rng.integers(4)), period, steepness, roughness=roughness)


def foreground(land: Land, relief: Height, near: Height, *, start: float, end: float) -> Height:
    """Gentle ground near the eye that becomes the relief further out."""

    def height(x: Array, y: Array) -> Array:
        t = smoothstep(start, end, distance(x, y))
        return near(x, y) * (1 - 0.7 * t) + relief(x, y) * t

    return from_zero(height)


def meadow_plants(
    land: Land, *, grass: str = "grass", tall: float = 0.35, flowers: str | None = None, count: int = 900
) -> None:
    """Tufts near the eye, and flowers among them."""
    rng = land.rng
    at = land.spots(count, near=2.2, far=34.0, spread=0.75, where=lambda p, up: up > 0.7)
    tint = 1 + rng.normal(0, 0.14, (len(at), 1)) * np.array([[1.0, 0.8, 0.5]])
    land.grow(plant_grass(rng, grass, at, height=tall, tint=tint))
    if flowers is not None:
        at = land.spots(320, near=2.5, far=60.0, spread=0.75, patch=4.0, where=lambda p, up: up > 0.7)
        land.grow(plant_flowers(rng, flowers, at, height=tall * 1.1))
        land.details.append(f"with {FLOWERS[flowers][1]}")


def mountains(land: Land) -> None:
    """High peaks over a valley, seen from a slope; sometimes a panorama from a summit."""
    rng = land.rng
    panorama = rng.random() < 0.45
    snowy = rng.random() < 0.75
    relief = _relief(land, "alps", period=rng.uniform(30_000, 46_000), steepness=rng.uniform(1.4, 1.9), roughness=7.0)
    eye = float(rng.uniform(60, 240)) if panorama else float(rng.uniform(6, 40))
    outlook = Outlook(
        peak=rng.uniform(0.10, 0.18) if panorama else rng.uniform(0.18, 0.30),
        high=panorama,
        clear=600.0,
        reach=13_000.0,
    )
    height = from_zero(choose_outlook(rng, relief, outlook, eye_height=eye))
    land.size = (170, 180)
    land.lay_ground(height, far=26_000.0, eye_height=eye)
    z = land.ground.heights
    top, low = float(np.percentile(z, 99.5)), float(np.percentile(z, 8))
    span = top - low
    line = low + span * (rng.uniform(0.3, 0.55) if snowy else 1.4)
    trees = low + span * rng.uniform(0.1, 0.32)
    land.paint_ground(
        paint.mountain(
            land, tree_line=trees, snow_line=line, soft=span * 0.07, green=pick(rng, ("alpine", "moor", "summer")),
            stone=pick(rng, ("grey", "brown", "blue"), (4, 2, 2)),
        ),
        surface=paint.covered(land, "rock"),
    )  # fmt: skip
    land.trees("spruce", 420, near=90.0, far=1800.0, budget=22_000, patch=220.0, where=lambda p, up: p[:, 2] < trees)
    land.environment = "mountains"
    land.place = "in snow-capped mountains" if snowy else "in rocky mountains"
    land.facts["snow"] = snowy
    land.roam = (6.0, 4.0)


def alpine_meadow(land: Land) -> None:
    """A flowering meadow, fir trees, and peaks behind."""
    rng = land.rng
    relief = _relief(land, "alps", period=rng.uniform(26_000, 40_000), steepness=rng.uniform(1.5, 2.0), roughness=6.0)
    relief = choose_outlook(
        rng, relief, Outlook(peak=rng.uniform(0.17, 0.27), clear=400.0, low=True, reach=11_000.0), eye_height=2.0
    )
    near = rolling(rng, height=rng.uniform(3, 9), length=rng.uniform(60, 150))
    height = foreground(land, from_zero(relief), near, start=220.0, end=1100.0)
    land.size = (170, 200)
    land.lay_ground(height, far=24_000.0, eye_height=float(rng.uniform(1.5, 3.2)))
    z = land.ground.heights
    span = float(np.percentile(z, 99.5))
    snowy = rng.random() < 0.8
    trees = span * rng.uniform(0.22, 0.4)
    land.paint_ground(
        paint.mountain(
            land, tree_line=trees, snow_line=span * (rng.uniform(0.45, 0.65) if snowy else 2.0), soft=span * 0.06,
            green=pick(rng, ("lush", "alpine", "spring")), stone=pick(rng, ("grey", "blue", "brown")),
        ),
        surface=paint.covered(land, "grass"),
    )  # fmt: skip
    spec_subjects(land, near=7.0, far=16.0)
    if rng.random() < 0.5:
        landmark(land, ("cottage", "log cabin", "barn", "church", "hot-air balloon"), near=34.0, far=80.0)
    land.trees("spruce", 300, near=75.0, far=1600.0, budget=22_000, patch=70.0, where=lambda p, up: p[:, 2] < trees)
    if rng.random() < 0.5:
        land.trees("spruce", 4, near=22.0, far=60.0, budget=7_000, aside=0.26, apart=5.0)
    meadow_plants(land, flowers=pick(rng, list(FLOWERS)[:5]) if rng.random() < 0.75 else None)
    land.environment = "mountains"
    land.place = "in an alpine meadow"
    land.details.append("with snow-capped mountains behind" if snowy else "with mountains behind")


def dunes(land: Land) -> None:
    """Sand dunes to the horizon."""
    rng = land.rng
    relief = _relief(land, "dunes", period=rng.uniform(1500, 4200), steepness=rng.uniform(0.5, 0.62))
    eye = float(pick(rng, (rng.uniform(2, 6), rng.uniform(6, 18))))
    outlook = Outlook(peak=rng.uniform(0.07, 0.2), clear=20.0, start=50.0, reach=2500.0)
    relief = choose_outlook(rng, relief, outlook, eye_height=eye)
    land.size = (180, 200)
    land.lay_ground(from_zero(relief), far=7_000.0, eye_height=eye)
    tone = pick(rng, ("golden", "orange", "red", "pale"), (4, 3, 1.5, 2))
    land.paint_ground(paint.sand(land, tone), surface=paint.covered(land, "sand"))
    spec_subjects(land, near=6.0, far=14.0)
    if rng.random() < 0.3:
        at = land.spots(26, near=8.0, far=120.0, patch=12.0)
        land.grow(plant_grass(rng, "dry grass", at, height=0.6))
    if rng.random() < 0.4:
        landmark(land, ("saguaro cactus", "tent", "camel", "suv"), near=12.0, far=30.0)
    land.environment = "desert"
    land.place = "among desert sand dunes"
    land.roam = (4.0, 2.0)


def canyon(land: Land) -> None:
    """A gorge or table mountains of banded red rock."""
    rng = land.rng
    mesas = rng.random() < 0.5
    relief = _relief(land, "canyon", period=rng.uniform(5200, 8200), steepness=rng.uniform(0.9, 1.3), roughness=2.5)
    eye = float(rng.uniform(3, 14)) if mesas else float(rng.uniform(6, 50))
    outlook = Outlook(peak=0.03, clear=200.0, start=500.0, reach=4500.0, high=True)
    if mesas:
        outlook = Outlook(peak=rng.uniform(0.09, 0.2), clear=140.0, start=250.0, reach=4500.0, low=True)
    relief = choose_outlook(rng, relief, outlook, eye_height=eye)
    land.size = (170, 180)
    land.lay_ground(from_zero(relief), far=9_000.0, eye_height=eye)
    land.paint_ground(paint.strata(land, pick(rng, ("orange", "golden", "red"))), surface=paint.covered(land, "rock"))
    spec_subjects(land, near=7.0, far=18.0)
    at = land.spots(80, near=5.0, far=200.0, where=lambda p, up: up > 0.85)
    land.grow(plant_bushes(rng, at, height=0.7, tint=(2.4, 1.8, 1.7)))
    at = land.spots(70, near=5.0, far=160.0, where=lambda p, up: up > 0.75)
    land.add(plant_rocks(rng, at, size=rng.gamma(1.5, 0.35, len(at)) + 0.15, color=(0.64, 0.38, 0.25)))
    if mesas and rng.random() < 0.4:
        landmark(land, ("saguaro cactus",), near=7.0, far=20.0)
    land.environment = "canyon"
    land.place = "among red rock mesas in the desert" if mesas else "in a red rock canyon"
    land.tilt = -0.03 if mesas else float(rng.uniform(-0.14, -0.05))
    land.roam = (4.0, 2.0)


def hills(land: Land) -> None:
    """Green rolling hills with hedges of trees."""
    rng = land.rng
    relief = _relief(land, "hills", period=rng.uniform(2200, 3600), steepness=rng.uniform(0.26, 0.4), roughness=0.8)
    eye = float(rng.uniform(3, 22))
    relief = choose_outlook(
        rng,
        relief,
        Outlook(peak=rng.uniform(0.03, 0.09), clear=120.0, start=150.0, reach=3000.0, high=True),
        eye_height=eye,
    )
    land.size = (150, 190)
    land.lay_ground(from_zero(relief), far=8_000.0, eye_height=eye)
    tone = pick(rng, ("lush", "spring", "summer", "dry"), (3, 2, 2, 1))
    land.paint_ground(paint.grass(land, tone), surface=paint.covered(land, "grass"))
    spec_subjects(land, near=8.0, far=18.0)
    if rng.random() < 0.6:
        landmark(
            land,
            ("windmill", "cottage", "barn", "church", "tractor", "castle", "hot-air balloon", "house"),
            near=40.0,
            far=120.0,
        )
    species = pick(rng, ("tree", "tree", "cypress", "autumn tree", "poplar"))
    land.trees(species, 150, near=70.0, far=1600.0, budget=26_000, patch=70.0)
    if rng.random() < 0.5:
        at = land.spots(90, near=20.0, far=400.0, patch=30.0)
        land.grow(plant_bushes(rng, at, height=1.6))
    meadow_plants(
        land,
        grass="dry grass" if tone == "dry" else "grass",
        flowers=pick(rng, list(FLOWERS)[:4]) if rng.random() < 0.35 else None,
    )
    land.environment = "hills"
    land.place = "among rolling green hills" if tone != "dry" else "among dry rolling hills"


def winter(land: Land) -> None:
    """Snowy country with fir trees, sometimes under mountains."""
    rng = land.rng
    alpine = rng.random() < 0.45
    near = rolling(rng, height=rng.uniform(3, 10), length=rng.uniform(50, 140))
    if alpine:
        relief = _relief(
            land, "alps", period=rng.uniform(24_000, 38_000), steepness=rng.uniform(1.4, 1.9), roughness=5.0
        )
        relief = choose_outlook(
            rng, relief, Outlook(peak=rng.uniform(0.14, 0.24), low=True, reach=11_000.0), eye_height=2.0
        )
        height = foreground(land, from_zero(relief), near, start=200.0, end=1000.0)
    else:
        relief = _relief(land, "hills", period=rng.uniform(2000, 3200), steepness=rng.uniform(0.22, 0.36))
        relief = choose_outlook(
            rng, relief, Outlook(peak=rng.uniform(0.04, 0.1), clear=80.0, start=150.0, reach=2500.0), eye_height=2.0
        )
        height = foreground(land, from_zero(relief), near, start=60.0, end=260.0)
    land.snowy = True
    land.size = (140, 180)
    land.lay_ground(height, far=22_000.0, eye_height=float(rng.uniform(1.6, 4.0)))
    land.paint_ground(paint.snowfield(land), surface=paint.covered(land, "snow"))
    spec_subjects(land, near=6.0, far=14.0)
    if rng.random() < 0.45:
        landmark(land, ("log cabin", "cottage", "snowman", "barn", "church"), near=12.0, far=45.0)
    dense = rng.random() < 0.6
    land.trees("snowy spruce", 420 if dense else 90, near=42.0, far=1000.0, budget=34_000, patch=55.0, apart=3.5)
    if rng.random() < 0.6:
        land.trees("snowy spruce", 5, near=16.0, far=40.0, budget=8_000, aside=0.24, apart=5.0)
    elif not dense:
        land.trees("bare tree", 5, near=16.0, far=90.0, budget=8_000, apart=6.0)
    land.environment = "snowy landscape"
    land.place = "in a snowy landscape with fir trees"
    if alpine:
        land.details.append("with snowy mountains behind")
