"""Plans of towns, each a function that builds one around the first camera: city streets and squares.

The camera of every plan stands near the origin and looks along +y. Right-hand traffic: x > 0 drives away from it.
"""

from __future__ import annotations

import numpy as np

from reflet.render import materials
from reflet.render.families.street_fittings import (
    bench,
    cafe,
    flower_pots,
    fountain,
    put_car,
    street_arch,
    street_lamps,
    traffic,
    traffic_light,
)
from reflet.render.families.street_town import KERB, Town, display, glowing, matt
from reflet.render.masonry import moved, slab, slabs
from reflet.render.shapes import cylinder, lathe, transform

CITY_MIXES = (
    ("apartments", "apartments", "brick block"),
    ("brick block",),
    ("modern", "apartments"),
    ("office", "modern", "brick block"),
    ("apartments",),
    ("office",),
)
TREE_KINDS = ("tree", "tree", "autumn tree", "cherry tree", "birch", "bare tree", "palm")


def road_surfaces(town: Town):
    """Asphalt, paving, kerb stone and road paint."""
    rng = town.rng
    asphalt = materials.ground(rng, "asphalt").surface
    paving = materials.ground(rng, str(rng.choice(["concrete", "concrete", "granite", "cobblestones"]))).surface
    if paving.roughness < 0.5:
        paving = matt(display((0.55, 0.53, 0.50)))
    return asphalt, paving, matt(display((0.62, 0.61, 0.58))), matt(display((0.86, 0.86, 0.83)), roughness=0.6)


def _mix(town: Town) -> tuple[str, ...]:
    return CITY_MIXES[int(town.rng.integers(len(CITY_MIXES)))]


def street_tree(town: Town) -> str:
    kind = str(TREE_KINDS[int(town.rng.integers(len(TREE_KINDS)))])
    if town.facts.get("snow"):
        kind = "bare tree"
    return kind


def _horizon(town: Town, *, near: float = 240.0) -> None:
    """A few far towers, so that streets do not end in nothing."""
    rng = town.rng
    n = 9
    xs = (np.arange(n) - n / 2 + rng.uniform(0, 1, n)) * 34
    town.towers([(float(x), near + float(rng.uniform(0, 80))) for x in xs], [float(h) for h in rng.uniform(18, 60, n)])


# ---------------------------------------------------------------------------------------------- streets
def avenue(town: Town) -> None:
    """A straight street between two rows of houses."""
    rng = town.rng
    asphalt, paving, kerb, paint = road_surfaces(town)
    half = float(rng.choice([4.2, 5.6, 7.2]))
    walk = float(rng.uniform(2.6, 4.2))
    length = 190.0
    front = half + walk
    town.plain(matt(display((0.34, 0.34, 0.33))))
    town.road(-half, half, -30, length + 40, asphalt)
    mix = _mix(town)
    for side in (-1, 1):
        x0, x1 = sorted((side * half, side * front))
        town.pavement(x0, x1, -30, length + 40, paving, kerb=kerb)
        start, yaw = ((-front, -14.0), np.pi / 2) if side < 0 else ((front, length), -np.pi / 2)
        town.row(start, yaw, length + 14, mix, gap=0.1)
    town.dashes(0.0, -12, 150, paint)
    parked = half > 5
    for side in (-1, 1):
        town.stripe(side * (half - 0.35) - 0.06, side * (half - 0.35) + 0.06, -20, 160, paint)
        if parked:
            town.dashes(side * (half - 2.2), -12, 110, paint, length=1.0, pause=4.6)
    if rng.random() < 0.4:
        town.crosswalk(-half, half, 9.0, 12.0, paint)
        town.details.append("with a zebra crossing")
    town.stand = (half + 1.0, front - 0.8, KERB)
    _line_street(town, half, walk, length=90.0)
    lane = 1.75 if half < 6.5 else 2.4
    town.facts["cars"] = traffic(
        town, half=half, y0=7, y1=80, driving=int(rng.integers(1, 4)), parked=4 if parked else 0, lane=lane
    )
    _horizon(town)


def _line_street(town: Town, half: float, walk: float, *, length: float, start: float = 4.0) -> None:
    """Lamps on both sides and, where the walk is wide, trees between them."""
    rng = town.rng
    step = float(rng.uniform(16, 22))
    offset = start + float(rng.uniform(0, 8))
    spots = []
    for side in (-1, 1):
        x = side * (half + 0.55)
        spots += [(x, float(y), float(np.pi / 2 * -side)) for y in np.arange(offset, length, step)]
    street_lamps(town, spots, old=bool(rng.random() < 0.3))
    if walk > 2.9 and rng.random() < 0.65:
        kind = street_tree(town)
        feet = [
            (side * (half + 0.9), float(y))
            for side in (-1, 1)
            for y in np.arange(offset + step / 2, length + 30, step * 0.5)
            if abs(((y - offset) / step) % 1.0 - 0.0) > 0.2
        ]
        town.trees(kind, feet, height=(5.5, 8.5))
        town.details.append(f"with {plural_trees(kind)} along the street")


def plural_trees(kind: str) -> str:
    return {
        "tree": "trees",
        "autumn tree": "autumn trees",
        "cherry tree": "blossoming cherry trees",
        "birch": "birch trees",
        "bare tree": "bare trees",
        "palm": "palm trees",
        "cypress": "cypress trees",
        "poplar": "poplar trees",
    }.get(kind, kind + "s")


def crossing(town: Town) -> None:
    """A crossing of two streets with zebra stripes and traffic lights; the corner houses show two sides."""
    rng = town.rng
    asphalt, paving, kerb, paint = road_surfaces(town)
    half = float(rng.choice([4.6, 6.0]))
    walk = float(rng.uniform(3.0, 4.0))
    front = half + walk
    middle = float(rng.uniform(17, 22))  # of the cross street
    other = float(rng.choice([4.6, 6.0]))
    town.plain(matt(display((0.34, 0.34, 0.33))))
    town.road(-half, half, -40, 200, asphalt)
    town.road(-120, -half, middle - other, middle + other, asphalt)
    town.road(half, 120, middle - other, middle + other, asphalt)
    near_edge, far_edge = middle - other - walk, middle + other + walk
    town.stand = (half + 1.0, front - 0.8, KERB)
    mix = _mix(town)
    for side in (-1, 1):
        x0, x1 = sorted((side * half, side * 120.0))
        for y0, y1 in ((-40.0, middle - other), (middle + other, 200.0)):
            a0, a1 = sorted((side * half, side * front))
            town.pavement(a0, a1, y0, y1, paving, kerb=kerb)
        b0, b1 = (front, x1) if side > 0 else (x0, -front)
        town.pavement(b0, b1, near_edge, middle - other, paving, kerb=kerb)
        town.pavement(b0, b1, middle + other, far_edge, paving, kerb=kerb)
        # Along the street, before and behind the crossing; the last and first houses are the corners.
        if side < 0:
            town.row((-front, -30.0), np.pi / 2, near_edge + 30, mix, ends=True)
            town.row((-front, far_edge), np.pi / 2, 130.0, mix, ends=True)
        else:
            town.row((front, near_edge), -np.pi / 2, near_edge + 30, mix, ends=True)
            town.row((front, far_edge + 130.0), -np.pi / 2, 130.0, mix, ends=True)
        _cross_rows(town, side, front, edges=(near_edge, far_edge), mix=mix)
    town.crosswalk(-half, half, middle - other - 3.6, middle - other - 0.8, paint)
    town.crosswalk(-half, half, middle + other + 0.8, middle + other + 3.6, paint)
    for side in (-1, 1):
        x0, x1 = sorted((side * (half + 0.8), side * (half + 3.4)))
        town.crosswalk(x0, x1, middle - other, middle + other, paint, across=True)
    town.stripe(0.0, half, middle - other - 4.6, middle - other - 4.2, paint)
    town.dashes(0.0, -20, middle - other - 5, paint)
    town.dashes(0.0, middle + other + 5, 120, paint)
    state = str(rng.choice(["red", "amber", "green"], p=(0.45, 0.1, 0.45)))
    traffic_light(town, half + 0.5, middle - other - 4.0, 0.0, state)
    traffic_light(town, -half - 0.5, middle + other + 4.0, np.pi, state)
    if rng.random() < 0.6:
        traffic_light(town, -half - 0.5, middle - other - 4.0, 0.0, state)
    town.details += (
        ["with a zebra crossing", f"with a {state} traffic light"] if state != "amber" else ["with a zebra crossing"]
    )
    street_lamps(
        town,
        [
            (s * (half + 0.6), float(y), float(-s * np.pi / 2))
            for s in (-1, 1)
            for y in (4.0, far_edge + 6, far_edge + 26)
        ],
        old=False,
    )
    town.facts["cars"] = traffic(town, half=half, y0=far_edge + 2, y1=90, driving=3, parked=3 if half > 5 else 0)
    town.facts["cars"] = int(town.facts["cars"]) + _crossing_cars(town, middle, half)  # type: ignore[call-overload]
    _horizon(town)


def _cross_rows(town: Town, side: int, front: float, *, edges: tuple[float, float], mix: tuple[str, ...]) -> None:
    """Houses along the cross street beyond the corner houses (which are 12 m deep)."""
    near_edge, far_edge = edges
    start = front + 12.5
    if side > 0:
        town.row((start, far_edge), 0.0, 60.0, mix, floors=(4, 6))
        town.row((start + 60.0, near_edge), np.pi, 60.0, mix, floors=(4, 6))
    else:
        town.row((-start - 60.0, far_edge), 0.0, 60.0, mix, floors=(4, 6))
        town.row((-start, near_edge), np.pi, 60.0, mix, floors=(4, 6))


def _crossing_cars(town: Town, middle: float, half: float) -> int:
    """Cars in the cross street; keeping right, those that head to +x use its nearer half."""
    count = 0
    for _ in range(int(town.rng.integers(0, 3))):
        east = town.rng.random() < 0.5
        x = float(town.rng.uniform(half + 6, 34)) * (1 if town.rng.random() < 0.5 else -1)
        count += put_car(town, x, middle - 1.9 if east else middle + 1.9, np.pi / 2 if east else -np.pi / 2)
    return count


def alley(town: Town) -> None:
    """A narrow lane of an old town, cobbled, perhaps under arches, with lanterns and flower pots."""
    rng = town.rng
    half = float(rng.uniform(1.7, 2.6))
    length = 60.0
    cobbles = materials.ground(rng, "cobblestones").surface
    town.surface, town.stand = "cobblestones", (0.3, half - 0.7, 0.0)
    town.plain(cobbles, level=0.0)
    bend = float(rng.uniform(-2.2, 2.2))  # the far half shifts sideways, so the lane ends in a house
    mix = ("old house",)
    for side in (-1, 1):
        start, yaw = ((-half, -10.0), np.pi / 2) if side < 0 else ((half, 26.0), -np.pi / 2)
        town.row(start, yaw, 36.0, mix, depth=9.0)
        shift = bend
        start = (-half + shift, 26.0) if side < 0 else (half + shift, length)
        town.row(start, yaw, length - 26.0, mix, depth=9.0)
    if rng.random() < 0.6:
        town.row((-9.0, length + 2.0), 0.0, 18.0, ("old house",), depth=9.0)
    arches = int(rng.integers(0, 3))
    wall = town.palette.walls["plaster"][0] if rng.random() < 0.5 else town.palette.walls["stone"][0]
    for k in range(arches):
        street_arch(
            town, half, 9.0 + 11.0 * k + float(rng.uniform(0, 3)), height=float(rng.uniform(3.6, 4.4)), surface=wall
        )
    if arches:
        town.details.append("with an arch over the lane" if arches == 1 else "with arches over the lane")
    _wall_lanterns(town, half)
    pots = [
        (float(s * (half - 0.42)), float(y)) for s in (-1, 1) for y in rng.uniform(3.5, 24, int(rng.integers(1, 5)))
    ]
    flower_pots(town, pots)
    if pots:
        town.details.append("with flower pots along the walls")


def _wall_lanterns(town: Town, half: float) -> None:
    glow = glowing((0.7, 0.68, 0.6), (1.0, 0.66, 0.32), 26.0)
    for k, y in enumerate(np.arange(4.0, 25.0, 6.5)):
        side = -1 if k % 2 else 1
        x = side * (half - 0.45)
        town.site.build(
            town.palette.slots["metal"],
            slab((0.5, 0.04, 0.04), (side * (half - 0.25), float(y), 3.55)),
            slabs(np.array([[0.3, 0.3, 0.05], [0.34, 0.34, 0.06]]), np.array([[x, y, 3.05], [x, y, 3.46]])),
        )
        town.site.build(glow, slab((0.22, 0.22, 0.36), (x, float(y), 3.25)))


# ---------------------------------------------------------------------------------------------- squares
def square(town: Town) -> None:
    """A paved square with a fountain, surrounded by old houses."""
    rng = town.rng
    size = float(rng.uniform(19, 27))  # half side
    center = size * 0.72
    word = str(rng.choice(["cobblestones", "cobblestones", "concrete"]))
    town.plain(materials.ground(rng, word).surface, level=0.0)
    town.surface, town.stand = word, (0.5, 6.0, 0.0)
    mix = (("old house",), ("apartments",), ("old house", "apartments"), ("canal house",))[int(rng.integers(4))]
    back, floors = center + size, (3, 4)
    town.row((-size, center - size), np.pi / 2, 2 * size, mix, floors=floors)
    town.row((-size, back), 0.0, 2 * size, mix, floors=floors, gap=0.15)
    town.row((size, back), -np.pi / 2, 2 * size, mix, floors=floors)
    radius = float(rng.uniform(2.6, 4.0))
    fountain(town, float(rng.uniform(-1.5, 1.5)), center, radius)
    spots = [(sx * size * 0.55, center + sy * size * 0.5, 0.0) for sx in (-1, 1) for sy in (-1, 1)]
    street_lamps(town, spots, old=True, level=0.0)
    if rng.random() < 0.75:
        kind = street_tree(town)
        feet = [(s * size * 0.72, float(center + v)) for s in (-1, 1) for v in np.linspace(-size * 0.35, size * 0.6, 4)]
        town.trees(kind, feet, level=0.0, height=(5, 8))
        town.details.append(f"with {plural_trees(kind)}")
    for angle in (0.8, 2.3, 4.0, 5.5):
        x, y = np.array([np.sin(angle), -np.cos(angle)]) * (radius + 3.2) + [0, center]
        bench(town, float(x), float(y), float(angle + np.pi), level=0.0)
    if rng.random() < 0.7:
        color = str(rng.choice(["red", "white", "green", "orange", "blue", "beige", "yellow"]))
        side = float(rng.choice([-1, 1]))
        for k in range(int(rng.integers(2, 4))):
            cafe(town, side * (size - 3.4), center - 6 + 4.2 * k, color=color)
        town.details.append(f"with a café under {color} parasols")
    if rng.random() < 0.5:
        church_tower(town, back + 16, float(rng.uniform(-10, 10)))
        town.details.append("with a church tower behind")


def church_tower(town: Town, y: float, x: float) -> None:
    """A church tower: a shaft with a clock of no numbers, and a pointed roof."""
    wall = town.palette.walls["stone"][0]
    high = float(town.rng.uniform(24, 34))
    town.site.build(wall, slab((5.5, 5.5, high), (x, y, high / 2)))
    town.site.build(
        town.palette.slots["trim"], slab((6.2, 6.2, 0.5), (x, y, high)), slab((5.9, 5.9, 0.3), (x, y, high * 0.7))
    )
    roof = lathe(np.array([(4.2, 0), (1.2, 4.5), (0.0, 13.0)]), segments=4)
    town.site.build(town.palette.slots["roof"], moved(roof, yaw=np.pi / 4, translate=(x, y, high + 0.2)))
    dial = transform(cylinder(1.4, 0.1, segments=24), rotate=(np.pi / 2, 0, 0), translate=(x, y - 2.78, high - 3.2))
    town.site.build(town.palette.slots["blind"], dial)
    for dx in (-1.1, 1.1):
        town.site.build(town.palette.slots["glass"], slab((1.1, 0.1, 2.4), (x + dx, y - 2.76, high * 0.78 - 2.5)))


def aerial(town: Town) -> None:
    """Blocks of houses seen from above: a grid of streets with courtyards and trees."""
    rng = town.rng
    asphalt, paving, kerb, paint = road_surfaces(town)
    town.plain(matt(display((0.36, 0.36, 0.35))))
    block, street = float(rng.uniform(38, 50)), 14.0
    step = block + street
    mix = (("apartments",), ("apartments", "brick block"), ("old house", "apartments"), ("brick block", "modern"))[
        int(rng.integers(4))
    ]
    floors, town.coarse, kind = (3, 5), True, street_tree(town)
    for i in range(-2, 2):
        for j in range(0, 3):
            x0, y0 = i * step - block / 2, j * step + 6
            town.pavement(x0 - 2.5, x0 + block + 2.5, y0 - 2.5, y0 + block + 2.5, paving, kerb=kerb)
            town.row((x0, y0), 0.0, block, mix, floors=floors)
            town.row((x0 + block, y0 + block), np.pi, block, mix, floors=floors)
            if j < 2:
                town.row((x0, y0 + block - 12), -np.pi / 2, block - 24, mix, floors=floors)
                town.row((x0 + block, y0 + 12), np.pi / 2, block - 24, mix, floors=floors)
            yard = [(x0 + block / 2 + float(v[0]), y0 + block / 2 + float(v[1])) for v in rng.uniform(-6, 6, (2, 2))]
            town.trees(kind, yard, budget=1200, height=(6, 9))
    for i in range(-2, 2):
        x = i * step + step / 2
        town.road(x - 4.4, x + 4.4, -60, 4 * step + 60, asphalt)
        town.dashes(x, -30, 4 * step, paint)
    for j in range(0, 5):
        y = j * step + 6 - street / 2
        town.road(-3 * step, 3 * step, y - 4.4, y + 4.4, asphalt)
    town.facts["cars"] = _grid_cars(town, step)
    spots = [(float(i * 34 + rng.uniform(-4, 4)), 3 * step + 10 + 36.0 * j) for i in range(-7, 8) for j in range(5)]
    spots += [(float(s * (2.1 * step + 24 + 36 * k)), 36.0 * j) for s in (-1, 1) for k in range(3) for j in range(5)]
    town.towers(spots, rng.uniform(11, 26, len(spots)).tolist(), width=(18, 30))


def _grid_cars(town: Town, step: float) -> int:
    count = 0
    for _ in range(6):
        x = (int(town.rng.integers(-2, 2)) + 0.5) * step
        up = town.rng.random() < 0.5
        count += put_car(town, x + (1.9 if up else -1.9), float(town.rng.uniform(20, 2.6 * step)), np.pi if up else 0.0)
    return count
