"""What stands in streets besides houses: lamps, traffic lights, benches, fountains, boats, bridges, arches, cars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reflet.render.families.street_town import KERB, Town, display, glowing, matt
from reflet.render.masonry import joined, moved, panel, prism, quads, slab, slabs
from reflet.render.placement import choose_look, gap
from reflet.render.scene import RGB, Array, MaterialLook, Mesh, Surface, SurfaceKind
from reflet.render.shapes import cylinder, lathe, transform, tube
from reflet.render.site import disc
from reflet.render.vocabulary import COLORS

CAR_COLORS = ("red", "white", "black", "grey", "blue", "yellow", "green", "orange", "navy blue", "white", "black")
CAR_NAMES = ("car", "van", "taxi", "bus", "pickup truck", "sports car", "suv")
PARKED = ("car", "car", "suv", "sports car", "van", "pickup truck", "taxi")
LAMP_TINTS: tuple[RGB, ...] = ((1.0, 0.62, 0.28), (1.0, 0.72, 0.42), (0.95, 0.92, 0.85))


# ---------------------------------------------------------------------------------------------- lamps and signals
def street_lamps(town: Town, spots: list[tuple[float, float, float]], *, old: bool, level: float = KERB) -> None:
    """Lamps at (x, y, yaw); modern ones reach along the direction -y turned by yaw, old ones are lanterns."""
    tint = LAMP_TINTS[int(town.rng.integers(len(LAMP_TINTS)))]
    metal = town.palette.slots["metal"]
    glow = glowing((0.75, 0.75, 0.72), tint, 110.0)
    for x, y, yaw in spots:
        if old:
            pole = lathe(np.array([(0.16, 0), (0.16, 0.3), (0.07, 0.6), (0.05, 3.4), (0.12, 3.5)]), segments=10)
            cage = slabs(np.array([[0.42, 0.42, 0.05], [0.46, 0.46, 0.05]]), np.array([[0, 0, 3.52], [0, 0, 4.1]]))
            cap = lathe(np.array([(0.3, 4.1), (0.0, 4.38)]), segments=8)
            lantern = lathe(np.array([(0.0, 3.58), (0.14, 3.58), (0.2, 4.04), (0.0, 4.04)]), segments=8)
            town.site.build(metal, *(moved(m, translate=(x, y, level)) for m in (pole, cage, cap)))
            town.site.build(glow, moved(lantern, translate=(x, y, level)))
        else:
            path = np.array([[0, 0, 0], [0, 0, 5.8], [0, -0.3, 6.5], [0, -1.1, 6.8], [0, -1.6, 6.8]])
            pole = tube(path, np.array([0.09, 0.06, 0.05, 0.045, 0.045]), sides=8)
            head = slab((0.3, 0.75, 0.1), (0, -1.75, 6.8))
            disc_ = panel((0.12, -1.45, 6.745), (0, -0.6, 0), (-0.24, 0, 0))
            town.site.build(metal, moved(joined(pole, head), yaw=yaw, translate=(x, y, level)))
            town.site.build(glow, moved(disc_, yaw=yaw, translate=(x, y, level)))
        town.site.occupied.append(disc(x, y, 0.25))


def traffic_light(town: Town, x: float, y: float, yaw: float, state: str) -> None:
    """A signal on its pole, seen from -y at yaw 0. `state`: "red", "amber" or "green"."""
    pole = cylinder(0.06, 3.6, segments=10)
    case = slab((0.34, 0.26, 0.95), (0, 0, 3.2))
    visors = [slab((0.3, 0.16, 0.03), (0, -0.2, z + 0.13)) for z in (2.92, 3.2, 3.48)]
    pieces = [(moved(joined(pole, case, *visors), yaw=yaw, translate=(x, y, KERB)), town.palette.slots["metal"])]
    for z, name, color in (
        (3.48, "red", (1.0, 0.05, 0.03)),
        (3.2, "amber", (1.0, 0.5, 0.05)),
        (2.92, "green", (0.05, 1.0, 0.45)),
    ):
        eye = transform(cylinder(0.1, 0.03, segments=14), rotate=(np.pi / 2, 0, 0), translate=(0, -0.13, z))
        on = name == state
        r, g, b = (c * (7.0 if on else 0.0) for c in color)
        dark: RGB = (color[0] * 0.08 + 0.01, color[1] * 0.08 + 0.01, color[2] * 0.08 + 0.01)
        lens = Surface(SurfaceKind.OPAQUE, color if on else dark, 0.3, emission=(r, g, b))
        pieces.append((moved(eye, yaw=yaw, translate=(x, y, KERB)), lens))
    town.site.hang("traffic light", MaterialLook(), pieces, yaw=yaw)
    town.site.occupied.append(disc(x, y, 0.2))


# ---------------------------------------------------------------------------------------------- cars
def car_names(town: Town) -> list[str]:
    return [name for name in CAR_NAMES if name in town.site.items]


def put_car(town: Town, x: float, y: float, yaw: float, *, kinds: tuple[str, ...] = ("car",)) -> bool:
    """A car with its bonnet towards -y turned by `yaw`, if nothing is there."""
    names = [name for name in kinds if name in town.site.items] or car_names(town)
    if not names:
        return False
    name = names[int(town.rng.integers(len(names)))]
    color = str(CAR_COLORS[int(town.rng.integers(len(CAR_COLORS)))])
    body = town.site.thing(name, color=color, material="painted metal").at(x, y, 0.0, yaw=yaw)
    if not town.site.free(body.footprint, clearance=0.3):
        return False
    eye = disc(town.eye[0], town.eye[1], 1.6)
    if not _apart(body.footprint, eye):
        return False
    town.site.stand(body)
    return True


def _apart(a, b) -> bool:
    return gap(a, b) > 0


def put_asked(town: Town, name: str, *, color: str | None, material: str | None) -> bool:
    """Something asked for by name: vehicles on the road where there is one, the rest where people walk."""
    if name not in town.site.items or town.stand is None:
        return False
    item, rng = town.site.items[name], town.rng
    body = town.site.thing(name, look=choose_look(item, rng, color=color, material=material))
    driven = name in (*CAR_NAMES, "truck", "tractor") and bool(town.roads)
    for attempt in range(40):
        side = 1.0 if rng.random() < 0.5 else -1.0
        y = float(rng.uniform(5.0, 10.0 + attempt * 0.5))
        if driven:
            there = body.at(side * 1.75, y + 3.0, 0.0, yaw=np.pi if side > 0 else 0.0)
        else:
            low, high, level = town.stand
            there = body.at(
                side * float(rng.uniform(low, high)), y, level, yaw=float(rng.uniform(-item.turn, item.turn))
            )
        if town.site.free(there.footprint, clearance=0.1):
            town.site.stand(there)
            return True
    return False


def traffic(town: Town, *, half: float, y0: float, y1: float, driving: int, parked: int, lane: float = 1.75) -> int:
    """Cars along a road in y: they keep to the right (x > 0 drives away), `parked` of them stand at the kerbs."""
    rng, count = town.rng, 0
    for _ in range(driving):
        side = 1.0 if rng.random() < 0.5 else -1.0
        x, y = side * lane + float(rng.normal(0, 0.12)), y0 + 4 + (y1 - y0 - 4) * float(rng.random()) ** 1.5
        count += put_car(town, x, y, np.pi if side > 0 else 0.0, kinds=("car", "car", "taxi", "suv", "van", "bus"))
    spaces = [(side, y0 + 5.6 * k + float(rng.uniform(0, 1.2))) for k in range(6) for side in (-1.0, 1.0)]
    for side, y in spaces:
        if parked > 0 and rng.random() < 0.5:
            parked -= 1
            count += put_car(town, side * (half - 1.12), y, np.pi if side > 0 else 0.0, kinds=PARKED)
    return count


# ---------------------------------------------------------------------------------------------- squares and parks
def bench(town: Town, x: float, y: float, yaw: float, *, level: float = KERB) -> None:
    """A park bench, its seat towards -y turned by yaw."""
    slats = [slab((1.6, 0.1, 0.03), (0, -0.2 + 0.13 * k, 0.45)) for k in range(4)]
    back = [slab((1.6, 0.03, 0.1), (0, 0.26, 0.6 + 0.14 * k)) for k in range(3)]
    legs = slabs(
        np.array([[0.06, 0.5, 0.43], [0.06, 0.5, 0.43], [0.06, 0.05, 0.95], [0.06, 0.05, 0.95]]),
        np.array([[-0.65, 0, 0.215], [0.65, 0, 0.215], [-0.65, 0.28, 0.475], [0.65, 0.28, 0.475]]),
    )
    wood = matt(display((0.45, 0.28, 0.16)), roughness=0.6)
    place = dict(yaw=yaw, translate=(x, y, level))
    pieces = [(moved(joined(*slats, *back), **place), wood), (moved(legs, **place), town.palette.slots["metal"])]  # type: ignore[arg-type]
    town.site.hang("bench", MaterialLook(material="wood"), pieces, yaw=yaw)
    town.site.occupied.append(disc(x, y, 0.95))


def fountain(town: Town, x: float, y: float, radius: float) -> None:
    """A basin with water, a column with two bowls, and jets falling from them."""
    stone = town.palette.walls["stone"][0]
    rim = [
        (radius, 0),
        (radius, 0.55),
        (radius + 0.12, 0.6),
        (radius + 0.12, 0.72),
        (radius - 0.3, 0.72),
        (radius - 0.3, 0.1),
    ]
    column = [
        (0.6, 0),
        (0.5, 0.6),
        (0.28, 0.8),
        (0.28, 1.5),
        (1.25, 1.8),
        (1.3, 1.9),
        (1.2, 1.9),
        (0.2, 1.72),
        (0.18, 2.5),
        (0.7, 2.7),
        (0.72, 2.78),
        (0.1, 2.7),
        (0.12, 3.1),
        (0, 3.2),
    ]
    water = Surface(SurfaceKind.OPAQUE, (0.02, 0.07, 0.08), 0.04, ior=1.33)
    foam = Surface(SurfaceKind.OPAQUE, (0.75, 0.82, 0.86), 0.2, subsurface=0.4)
    jets = []
    for height, reach, count in ((1.9, 1.25, 14), (2.78, 0.72, 9)):
        for angle in np.arange(count) * 2 * np.pi / count:
            t = np.linspace(0, 1, 6)
            out = reach + 0.35 * t
            path = np.stack(
                [np.cos(angle) * out, np.sin(angle) * out, height - (height - (0.6 if height < 2 else 1.9)) * t**2], -1
            )
            jets.append(tube(path, np.linspace(0.022, 0.035, 6), sides=5))
    jets.append(lathe(np.array([(0.05, 3.1), (0.07, 3.5), (0.0, 3.9)]), segments=8))
    pieces = [
        (lathe(np.array(rim), segments=40), stone),
        (lathe(np.array(column), segments=28), stone),
        (cylinder(radius - 0.28, 0.02, base=(0, 0, 0.58), segments=40), water),
        (joined(*jets), foam),
    ]
    town.site.hang(
        "fountain", MaterialLook(material="stone"), [(moved(m, translate=(x, y, 0.0)), s) for m, s in pieces]
    )
    town.site.occupied.append(disc(x, y, radius + 0.2))


def cafe(town: Town, x: float, y: float, *, color: str, level: float = 0.0) -> None:
    """A round table under a parasol, with chairs of the catalogue if it has any."""
    cloth = matt(display(_shown(color)))
    pole = cylinder(0.03, 2.5, segments=8)
    table = joined(cylinder(0.45, 0.04, base=(0, 0, 0.7), segments=20), cylinder(0.2, 0.03, segments=14))
    shade = lathe(np.array([(1.45, 2.05), (0.0, 2.55)]), segments=8)
    pieces = [(shade, cloth), (joined(pole, table), town.palette.slots["metal"])]
    town.site.hang("parasol", MaterialLook(color=color), [(moved(m, translate=(x, y, level)), s) for m, s in pieces])
    town.site.occupied.append(disc(x, y, 0.5))
    if "chair" not in town.site.items:
        return
    first = None
    for angle in (0.4, 2.5, 4.6):
        body = town.site.thing("chair", role="furniture", material="wood") if first is None else town.site.again(first)
        first = body
        cx, cy = x + 0.85 * np.sin(angle), y - 0.85 * np.cos(angle)
        there = body.at(float(cx), float(cy), level, yaw=float(angle + np.pi))
        if town.site.free(there.footprint):
            town.site.stand(replace(there, role="furniture"))


def _shown(color: str) -> tuple[float, float, float]:
    return COLORS[color]


# ---------------------------------------------------------------------------------------------- water
def boat(town: Town, x: float, y: float, yaw: float, *, level: float) -> None:
    """A small open boat, bow towards -y turned by yaw, floating at `level`."""
    t = np.linspace(0, 1, 11)
    half = 0.85 * np.clip(np.sin(np.pi * (0.12 + 0.8 * t)) ** 0.8, 0, 1) * np.where(t < 0.12, t / 0.12, 1) ** 0.5
    length = 5.2
    ys = (t - 0.5) * length
    sheer = 0.62 + 0.25 * (1 - t) ** 2
    left = np.stack([-half, ys, sheer], -1)
    right = np.stack([half, ys, sheer], -1)
    keel = np.stack([0 * t, ys * 0.94, np.full_like(t, -0.12)], -1)
    hull = [quads(np.stack([a[:-1], b[:-1], b[1:], a[1:]], 1)) for a, b in ((keel, left), (right, keel))]
    floor_ = quads(
        np.stack(
            [
                left[:-1] * [0.85, 1, 0.35],
                right[:-1] * [0.85, 1, 0.35],
                right[1:] * [0.85, 1, 0.35],
                left[1:] * [0.85, 1, 0.35],
            ],
            1,
        )
    )
    stern = quads(np.stack([keel[-1], right[-1], left[-1], keel[-1]])[None])
    seats = slabs(np.array([[1.2, 0.28, 0.05]] * 3), np.array([[0, v, 0.45] for v in (-1.0, 0.2, 1.4)]))
    names = ("red", "blue", "white", "green", "teal", "brown", "yellow")
    color = names[int(town.rng.integers(len(names)))]
    paint = matt(display(_shown(color)), roughness=0.35)
    wood = matt(display((0.50, 0.33, 0.20)), roughness=0.5)
    place = dict(yaw=yaw, translate=(x, y, level))
    pieces = [(moved(joined(*hull, stern), **place), paint), (moved(joined(floor_, seats), **place), wood)]  # type: ignore[arg-type]
    town.site.hang("boat", MaterialLook(color=color), pieces, yaw=yaw)


def bridge(town: Town, x0: float, x1: float, y: float, *, width: float, water: float, surface: Surface) -> None:
    """An arched stone bridge over a canal from x0 to x1, its deck rising a little in the middle."""
    n = 12
    t = np.linspace(0, 1, n + 1)
    xs = x0 + (x1 - x0) * t
    deck = 0.35 + 0.75 * np.sin(np.pi * t)
    arch = water + 0.1 + (deck.max() - 0.55 - water) * np.sqrt(np.clip(1 - (2 * t - 1) ** 2, 0, 1))
    rail = deck + 0.95
    y0, y1 = y - width / 2, y + width / 2

    def row(z: Array, yy: float) -> Array:
        return np.stack([xs, np.full(n + 1, yy), z], -1)

    def strip(a: Array, b: Array) -> Mesh:
        return quads(np.stack([a[:-1], a[1:], b[1:], b[:-1]], 1))

    site = town.site
    site.build(surface, strip(row(arch, y0), row(rail, y0)), strip(row(rail, y1), row(arch, y1)))
    site.build(
        surface,
        strip(row(arch, y1), row(arch, y0)),
        strip(row(rail, y0), row(rail, y0 + 0.3)),
        strip(row(rail, y1 - 0.3), row(rail, y1)),
    )
    site.build(
        surface, strip(row(rail, y0 + 0.3), row(deck, y0 + 0.3)), strip(row(deck, y1 - 0.3), row(rail, y1 - 0.3))
    )
    site.build(town.palette.slots["flat roof"], strip(row(deck, y0 + 0.3), row(deck, y1 - 0.3)))


# ---------------------------------------------------------------------------------------------- old towns, gardens
def street_arch(town: Town, half: float, y: float, *, height: float, surface: Surface) -> None:
    """A round arch across an alley of half-width `half`, with a room or a roof above it."""
    n, thick = 12, 2.2
    angle = np.linspace(np.pi, 0, n + 1)
    xs, zs = half * np.cos(angle), height - half * 0.75 + half * 0.75 * np.sin(angle)
    top = height + 0.9

    def row(z: Array, yy: float) -> Array:
        return np.stack([xs, np.full(n + 1, yy), z], -1)

    def strip(a: Array, b: Array) -> Mesh:
        return quads(np.stack([a[:-1], a[1:], b[1:], b[:-1]], 1))

    crown = np.full(n + 1, top)
    town.site.build(surface, strip(row(zs, y), row(crown, y)), strip(row(zs, y + thick), row(zs, y)))
    roof = prism(np.array([[-half, 0], [half, 0], [half, 0.12], [-half, 0.12]]), thick + 0.3)
    town.site.build(town.palette.slots["roof"], moved(roof, translate=(0, y - 0.15, top)))


def fence(
    town: Town, start: tuple[float, float], end: tuple[float, float], surface: Surface, *, height: float = 0.95
) -> None:
    """A picket fence from one point to another."""
    (x0, y0), (x1, y1) = start, end
    length = float(np.hypot(x1 - x0, y1 - y0))
    if length < 0.5:
        return
    yaw = float(np.arctan2(y1 - y0, x1 - x0))
    n = int(length / 0.22)
    at = (np.arange(n) + 0.5) * length / n
    pickets = slabs(np.tile([0.1, 0.03, height], (n, 1)), np.stack([at, np.zeros(n), np.full(n, height / 2)], -1))
    rails = slabs(
        np.array([[length, 0.05, 0.07]] * 2), np.array([[length / 2, 0.03, 0.25], [length / 2, 0.03, height - 0.2]])
    )
    town.site.build(surface, moved(joined(pickets, rails), yaw=yaw, translate=(x0, y0, 0.0)))


def flower_pots(town: Town, spots: list[tuple[float, float]], *, level: float = 0.0) -> None:
    """Clay pots with bushes or flowers in them."""
    if not spots:
        return
    clay = matt(display((0.68, 0.36, 0.22)))
    pot = lathe(
        np.array(
            [(0, 0), (0.16, 0), (0.24, 0.36), (0.27, 0.36), (0.27, 0.42), (0.22, 0.42), (0.21, 0.36), (0.0, 0.36)]
        ),
        segments=16,
    )
    for x, y in spots:
        town.site.build(clay, moved(pot, translate=(x, y, level)))
        town.site.occupied.append(disc(x, y, 0.3))
    town.bushes([s for i, s in enumerate(spots) if i % 2 == 0], 0.5, level=level + 0.36)
    town.flowers(
        "poppies" if town.rng.random() < 0.5 else "daisies",
        [s for i, s in enumerate(spots) if i % 2 == 1 for _ in range(3)],
        0.45,
        level=level + 0.34,
    )
