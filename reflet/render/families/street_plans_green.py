"""Plans of towns by the water and in the green: canals, skylines, villages, park paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reflet.render import materials
from reflet.render.building_style import STYLES
from reflet.render.buildings import Plot
from reflet.render.families.street_fittings import bench, boat, bridge, fence, put_car, street_lamps
from reflet.render.families.street_plans import church_tower, plural_trees, street_tree
from reflet.render.families.street_town import Town, display, matt
from reflet.render.masonry import Frame, panel, quads, slab
from reflet.render.scene import Mesh, Surface, SurfaceKind
from reflet.render.shapes import vertex_normals
from reflet.render.water import Sea, water_colors, water_parts, water_points, water_rings


def lawn(town: Town, *, rough: bool = False) -> Surface:
    """Grass, or snow in winter."""
    word = "snow" if town.facts.get("snow") else "grass"
    surface = materials.ground(town.rng, word).surface
    return replace(surface, bump=surface.bump * (1.6 if rough else 1.0))


# ---------------------------------------------------------------------------------------------- canal
def canal(town: Town) -> None:
    """Houses along both quays of a canal, boats on it, a bridge over it."""
    rng = town.rng
    half = float(rng.uniform(5.5, 8.5))
    level = -1.3
    quay = float(rng.uniform(4.0, 6.0))
    length = 150.0
    stone = town.palette.walls["brick"][0] if rng.random() < 0.5 else town.palette.walls["stone"][0]
    paving = materials.ground(rng, "cobblestones").surface
    town.surface, town.stand = "cobblestones", (half + 1.6, half + quay - 1.0, 0.0)
    water = Surface(SurfaceKind.OPAQUE, (0.012, 0.026, 0.022), 0.035, ior=1.33)
    town.site.build(water, _rippled(town, half, level, length))
    mix = (("canal house",), ("canal house", "old house"), ("apartments", "canal house"))[int(rng.integers(3))]
    for side in (-1, 1):
        x0, x1 = sorted((side * half, side * (half + quay + 40)))
        town.site.build(paving, panel((x0, -40, 0), (x1 - x0, 0, 0), (0, length + 80, 0)))
        wall = slab((0.5, length + 80, 1.5), (side * (half + 0.25), length / 2, -0.71))
        coping = slab((0.7, length + 80, 0.18), (side * (half + 0.3), length / 2, 0.06))
        town.site.build(stone, wall)
        town.site.build(town.palette.slots["trim"], coping)
        front = half + quay
        start, yaw = ((-front, -14.0), np.pi / 2) if side < 0 else ((front, length), -np.pi / 2)
        town.row(start, yaw, length + 14, mix, depth=11.0, gap=0.04)
    if rng.random() < 0.75:
        kind = street_tree(town)
        feet = [(s * (half + 1.4), float(y)) for s in (-1, 1) for y in np.arange(9, 110, 12.0) + rng.uniform(0, 3)]
        town.trees(kind, feet, level=0.0, height=(5.5, 9))
        town.details.append(f"with {plural_trees(kind)} along the quays")
    street_lamps(
        town, [(s * (half + 0.9), float(y), 0.0) for s in (-1, 1) for y in np.arange(6, 80, 18.0)], old=True, level=0.0
    )
    count = int(rng.integers(1, 6))
    taken: list[tuple[float, float]] = []
    for _ in range(count * 4):
        s, y = float(rng.choice([-1, 1])), float(rng.uniform(8, 60))
        if len(taken) < count and all(t != s or abs(v - y) > 6.5 for t, v in taken):
            taken.append((s, y))
            boat(town, s * (half - 1.1), y, float(rng.choice([0.0, np.pi])), level=level)
    town.facts["boats"] = len(taken)
    if rng.random() < 0.65:
        bridge(town, -half - 0.4, half + 0.4, float(rng.uniform(38, 70)), width=5.0, water=level, surface=stone)
        town.details.append("with a stone bridge over the canal")


def _rippled(town: Town, half: float, level: float, length: float) -> Mesh:
    """A still water strip with small ripples: shading normals only."""
    rng = town.rng
    nx, ny = 24, 260
    x = np.linspace(-half - 0.3, half + 0.3, nx)
    y = np.concatenate([np.linspace(-12, 50, 200), np.linspace(51, length, ny - 200)])
    grid_x, grid_y = np.meshgrid(x, y)
    waves = sum(
        a * np.sin(kx * grid_x + ky * grid_y + p)
        for a, kx, ky, p in zip(
            rng.uniform(0.002, 0.007, 9),
            rng.normal(0, 2.2, 9),
            rng.normal(0, 3.2, 9),
            rng.uniform(0, 6, 9),
            strict=True,
        )
    )
    vertices = np.stack([grid_x, grid_y, level + waves], -1).reshape(-1, 3)
    first = (np.arange(ny - 1)[:, None] * nx + np.arange(nx - 1)[None]).ravel()
    faces = np.concatenate(
        [np.stack([first, first + 1, first + nx + 1], -1), np.stack([first, first + nx + 1, first + nx], -1)]
    )
    return Mesh(vertices, faces, vertices[:, :2].copy(), vertex_normals(vertices, faces))


# ---------------------------------------------------------------------------------------------- skyline
def skyline(town: Town) -> None:
    """A city's towers beyond a wide water."""
    rng = town.rng
    shore = float(rng.uniform(260, 420))
    calm = rng.random() < 0.6
    sea = Sea(
        wave_height=0.08 if calm else 0.3,
        wave_length=5.0 if calm else 10.0,
        wind=float(rng.uniform(0, 6.28)),
        choppy=0.5,
        body="river",
        roughness=0.03,
    )
    rings = water_rings(eye_height=town.eye[2], near=1.5, far=540.0, count=170)
    points, crest = water_points(rng, sea, origin=town.eye[:2], level=0.0, half_angle=0.85, columns=110, rings=rings)
    town.site.parts.extend(water_parts(points, water_colors(sea, crest), sea, rings=rings))
    bank = town.palette.walls["stone"][0]
    town.site.build(
        bank,
        panel((-900, shore, -1.0), (1800, 0, 0), (0, 0, 3.2)),
        panel((-900, shore, 2.2), (1800, 0, 0), (0, 500, 0)),
    )
    n = int(rng.integers(44, 60))
    xs = np.sort(rng.uniform(-330, 330, n))
    peak = rng.uniform(-120, 120, 2)
    swell = np.exp(-(((xs[:, None] - peak) / rng.uniform(50, 110)) ** 2)).max(1)
    ys = shore + rng.uniform(14, 190, n)
    heights = rng.uniform(16, 42, n) + swell * rng.uniform(30, 150, n) * rng.random(n) ** 0.5
    town.towers(list(zip(xs.tolist(), ys.tolist(), strict=True)), heights.tolist(), width=(16, 32))
    feet = [(float(x), shore + 6 + float(rng.uniform(0, 5))) for x in np.arange(-300, 300, 13.0)]
    town.trees(street_tree(town), feet, level=2.2, budget=4000, height=(7, 11))
    if rng.random() < 0.5:
        boat(town, float(rng.uniform(-5, 5)), float(rng.uniform(14, 30)), float(rng.uniform(0, 6.28)), level=-0.03)
        town.facts["boats"] = 1


# ---------------------------------------------------------------------------------------------- village
def village(town: Town) -> None:
    """A lane between cottages with gardens, hedges, fences and trees, hills behind."""
    rng = town.rng
    half = float(rng.uniform(2.0, 2.9))
    grass = lawn(town)
    town.surface, town.stand = "grass", (0.4, half, 0.012)
    town.plain(grass, size=500.0)
    road = materials.ground(rng, str(rng.choice(["asphalt", "cobblestones", "soil", "pebbles"]))).surface
    if town.facts.get("snow"):
        road = replace(materials.ground(rng, "snow").surface, base_color=(0.8, 0.8, 0.82))
    sway = float(rng.uniform(-0.018, 0.018))
    _lane(town, half, sway, road)

    def center(y: float) -> float:
        return sway * max(y - 12.0, 0.0) ** 1.6

    white = matt(display((0.92, 0.91, 0.88))) if rng.random() < 0.6 else matt(display((0.42, 0.30, 0.20)))
    kinds = ["poppies", "daisies", "tulips", "pink flowers", "lavender"]
    for side in (-1, 1):
        y = float(rng.uniform(3, 9))
        while y < 105:
            garden = float(rng.uniform(3.5, 6.5))
            width = float(rng.uniform(8, 11))
            x = center(y + width / 2) + side * (half + garden)
            _cottage(town, side, x, y, width)
            _garden(town, side, (center(y) + side * (half + 0.35), x), (y, width), wood=white, kinds=kinds)
            y += width + float(rng.uniform(3.5, 9))
    kind = street_tree(town)
    feet = [(float(s * rng.uniform(20, 60)), float(rng.uniform(12, 160))) for s in (-1, 1) for _ in range(14)]
    town.trees(kind, feet, level=0.0, budget=16_000)
    town.details.append(f"with {plural_trees(kind)}")
    _hills(town, grass)
    if rng.random() < 0.4:
        put_car(town, center(20) + half * 0.5, 20.0, np.pi)
    if rng.random() < 0.45:
        church_tower(town, 96.0, float(rng.choice([-1, 1])) * 26.0)
        town.details.append("with a church tower behind")


def _cottage(town: Town, side: int, x: float, y: float, width: float) -> None:
    yaw = np.pi / 2 if side < 0 else -np.pi / 2
    origin = (x, y, 0.0) if side < 0 else (x, y + width, 0.0)
    detail = town.detail(town.distance(x, y))
    town.building(
        Plot(Frame(origin, yaw), width, float(town.rng.uniform(6, 7.5)), ("left", "right"), detail), STYLES["cottage"]
    )


def _garden(
    town: Town, side: int, across: tuple[float, float], along: tuple[float, float], *, wood: Surface, kinds: list[str]
) -> None:
    """A fence or hedge at the road with a gap for the path, flowers and bushes before the house."""
    (edge, front), (y, width) = across, along
    rng = town.rng
    if rng.random() < 0.5:
        fence(town, (edge, y - 0.5), (edge, y + width * 0.42), wood)
        fence(town, (edge, y + width * 0.58), (edge, y + width + 0.5), wood)
    else:
        ys = np.concatenate(
            [np.arange(y - 0.5, y + width * 0.42, 0.8), np.arange(y + width * 0.58, y + width + 0.5, 0.8)]
        )
        town.bushes([(edge + side * 0.25, float(v)) for v in ys], 0.95)
    low, high = sorted((edge + side * 1.2, front - side * 1.0))
    if high - low > 0.8 and not town.facts.get("snow"):
        spots = np.stack([rng.uniform(low, high, 46), rng.uniform(y + 0.4, y + width - 0.4, 46)], -1)
        away = np.abs(spots[:, 1] - (y + width / 2)) > 1.2
        kind = kinds[int(rng.integers(len(kinds)))]
        town.flowers(kind, [(float(a), float(b)) for a, b in spots[away]], 0.5)
    town.bushes(
        [
            (front - side * 0.7, float(v))
            for v in rng.uniform(y + 0.8, y + width - 0.8, 3)
            if abs(v - y - width / 2) > 1.4
        ],
        0.8,
    )


def _lane(town: Town, half: float, sway: float, surface: Surface) -> None:
    ys = np.concatenate([np.linspace(-15, 12, 4), np.linspace(16, 130, 24)])
    cx = sway * np.maximum(ys - 12.0, 0) ** 1.6
    left, right = (
        np.stack([cx - half, ys, np.full_like(ys, 0.012)], -1),
        np.stack([cx + half, ys, np.full_like(ys, 0.012)], -1),
    )
    strip = np.stack([left[:-1], right[:-1], right[1:], left[1:]], 1)
    town.site.build(surface, quads(strip, uvs=strip[..., :2]))
    town.facts["lane"] = [round(half, 2), round(sway, 4)]


def _hills(town: Town, surface: Surface) -> None:
    """Low hills that close the view: a ring of smooth height behind the village."""
    rng = town.rng
    az = np.linspace(-1.3, 1.3, 60)
    r = np.array([150.0, 190, 240, 300, 370, 460])
    frequency, phase = rng.uniform(2, 9, (3, 1)), rng.uniform(0, 6, (3, 1))
    shape = np.array([0.5, 0.3, 0.2]) @ np.sin(frequency * az + phase)
    rise = np.array([-0.03, 0.12, 0.4, 0.75, 1.0, 0.9])[:, None] * (14 + 16 * (shape + 0.6))[None].clip(2)
    grid_a, grid_r = np.meshgrid(az, r)
    vertices = np.stack(
        [grid_r * np.sin(grid_a), grid_r * np.cos(grid_a), rise + rng.normal(0, 0.3, rise.shape)], -1
    ).reshape(-1, 3)
    n = len(az)
    first = (np.arange(len(r) - 1)[:, None] * n + np.arange(n - 1)[None]).ravel()
    faces = np.concatenate(
        [np.stack([first, first + n + 1, first + 1], -1), np.stack([first, first + n, first + n + 1], -1)]
    )
    faces = faces[:, ::-1]
    town.site.build(surface, Mesh(vertices, faces, vertices[:, :2].copy(), vertex_normals(vertices, faces)))


# ---------------------------------------------------------------------------------------------- park
def park_path(town: Town) -> None:
    """A path through a park with trees, benches and lamps; houses of the city between the trees."""
    rng = town.rng
    town.plain(lawn(town), size=500.0)
    town.surface, town.stand = "grass", (0.2, 4.0, 0.012)
    half = float(rng.uniform(1.3, 2.0))
    gravel = materials.ground(rng, str(rng.choice(["pebbles", "sand", "asphalt", "concrete"]))).surface
    sway = float(rng.uniform(-0.03, 0.03))
    _lane(town, half, sway, gravel)

    def center(y: float) -> float:
        return sway * max(y - 12.0, 0.0) ** 1.6

    kind = street_tree(town)
    feet = []
    for _ in range(46):
        x, y = float(rng.uniform(-42, 42)), float(rng.uniform(2, 110))
        if abs(x - center(y)) > half + 2.2 and all(np.hypot(x - a, y - b) > 4.5 for a, b in feet):
            feet.append((x, y))
    avenue_of = rng.random() < 0.45
    if avenue_of:
        feet = [(center(y) + s * (half + 2.0), float(y)) for s in (-1, 1) for y in np.arange(5, 90, 7.0)] + [
            f for f in feet if abs(f[0] - center(f[1])) > 9
        ]
    town.trees(kind, feet, level=0.0, budget=42_000)
    town.details.append(f"with {plural_trees(kind)}")
    spots = [(center(y) + s * (half + 0.7), float(y), 0.0) for s, y in ((1, 9.0), (-1, 21.0), (1, 33.0), (-1, 47.0))]
    street_lamps(town, spots, old=True, level=0.0)
    for k, y in enumerate((7.5, 15.0, 24.0)):
        side = -1 if k % 2 else 1
        if rng.random() < 0.8:
            bench(town, center(y) + side * (half + 0.75), y, np.pi / 2 * -side, level=0.0)
    if not town.facts.get("snow"):
        flower = str(rng.choice(["tulips", "daisies", "lavender", "buttercups", "pink flowers"]))
        side = float(rng.choice([-1, 1]))
        bed = np.stack([side * rng.uniform(half + 1.4, half + 4.5, 150), rng.uniform(6, 18, 150)], -1)
        town.flowers(flower, [(float(a), float(b)) for a, b in bed], 0.45)
        town.details.append(
            {
                "tulips": "with a bed of tulips",
                "daisies": "with daisies",
                "lavender": "with purple lavender",
                "buttercups": "with yellow flowers",
                "pink flowers": "with pink flowers",
            }[flower]
        )
    if rng.random() < 0.6:
        n = 11
        town.towers(
            [(float(x), float(rng.uniform(135, 200))) for x in np.linspace(-120, 120, n)],
            [float(h) for h in rng.uniform(14, 55, n)],
        )
