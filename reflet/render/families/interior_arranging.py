"""How furniture finds its place in a room: with its back to a wall, around a table, in a corner, on a wall.

Every try is checked against the walls, the windows, the doors and what already stands; a thing that does not fit is
left out, so that rooms are never stuffed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from reflet.render.families.interior_finish import Finish, art_texture, lacquer, paint
from reflet.render.families.interior_plan import Room, Wall, WallName
from reflet.render.masonry import joined, moved, panel, quads, slab, slabs
from reflet.render.placement import Placed, gap, inside_outline
from reflet.render.scene import RGB, Array, MaterialLook, Mesh, SubjectSpec, Surface, SurfaceKind
from reflet.render.shapes import cylinder, lathe
from reflet.render.site import Site, rectangle


@dataclass
class Arranger:
    """Places things in one room. `span` limits y to a zone of the room (open plans have two)."""

    site: Site
    room: Room
    finish: Finish
    span: tuple[float, float]
    hung: list[tuple[WallName, float, float, float, float]]  # wall, start, end, low, high of things on walls
    scheme: tuple[str, ...] = ("white", "grey", "blue")  # colours that the furniture keeps to
    wishes: list[SubjectSpec] = field(default_factory=list)  # things asked for by name, taken when they are brought

    def take_wish(self, name: str) -> SubjectSpec | None:
        """The next wish for a thing of this name, which is then granted."""
        for index, wish in enumerate(self.wishes):
            if wish.name == name:
                return self.wishes.pop(index)
        return None

    def wall(self, name: WallName) -> Wall:
        return self.room.walls[name]

    # ------------------------------------------------------------------------------------------ standing
    def fits(self, placed: Placed, *, clearance: float = 0.03) -> bool:
        """Inside the zone, under the roof, clear of everything."""
        w = self.room.width / 2
        outline = np.array([[-w, self.span[0]], [w, self.span[0]], [w, self.span[1]], [-w, self.span[1]]])
        if not inside_outline(placed.footprint, outline, slack=0.001):
            return False
        left = placed.position[0] - placed.half_width
        if placed.position[2] + placed.height > self.room.headroom(left) - 0.02:
            return False
        return self.site.free(placed.footprint, clearance=clearance)

    def against(
        self,
        placed: Placed,
        wall: WallName,
        *,
        at: float | None = None,
        away: float = 0.03,
        tries: int = 12,
        before_windows: bool = False,
    ) -> Placed | None:
        """Back to a wall, `at` 0..1 along its free length (on side walls 1 is the far end), else anywhere.

        Nothing stands before a window that it would hide, unless `before_windows` lets it hide the lower third.
        """
        side = self.wall(wall)
        flat = placed.at(0.0, 0.0, 0.0, yaw=0.0)
        half_w, half_d = flat.half_width, flat.half_depth
        low, high = self.stretch(wall)
        if high - low < 2 * half_w:
            return None
        fractions = [at] if at is not None else []
        draws = self.site.rng.uniform(0, 1, tries)
        fractions += [float(f) for f in (draws if wall == "back" else np.sqrt(draws))]
        for fraction in fractions:
            share = 1 - fraction if wall == "right" else fraction
            along = low + half_w + (high - low - 2 * half_w) * share
            hidden = [
                w
                for w in side.windows
                if w.sill < placed.height and w.start - 0.1 < along + half_w and along - half_w < w.end + 0.1
            ]
            if hidden and not (before_windows and all(placed.height < w.sill + 0.4 * w.height for w in hidden)):
                continue
            gap_ = max(away, 0.24) if hidden else away
            x, y, _ = side.frame.point(along, half_d + gap_)
            there = placed.at(x, y, 0.0, yaw=side.frame.yaw)
            if self.fits(there):
                return self.site.stand(there)
        return None

    def stretch(self, wall: WallName) -> tuple[float, float]:
        """The stretch of a wall that lies in the zone, in the wall's own metres."""
        side = self.wall(wall)
        if wall in ("back", "front"):
            return 0.02, side.length - 0.02
        if wall == "left":
            return max(self.span[0], 0.02), min(self.span[1], side.length) - 0.02
        return max(side.length - self.span[1], 0.02), side.length - max(self.span[0], 0.02)

    def at(self, placed: Placed, x: float, y: float, *, yaw: float = 0.0, clearance: float = 0.02) -> Placed | None:
        """At a spot, if it fits."""
        there = placed.at(x, y, 0.0, yaw=yaw)
        return self.site.stand(there) if self.fits(there, clearance=clearance) else None

    def before(
        self, placed: Placed, anchor: Placed, *, distance: float, shift: float = 0.0, turned: bool = False
    ) -> Placed | None:
        """In front of `anchor`, `distance` between their boxes; `turned` makes it face the anchor."""
        front = np.array([np.sin(anchor.yaw), -np.cos(anchor.yaw)])
        side = np.array([np.cos(anchor.yaw), np.sin(anchor.yaw)])
        depth = anchor.at(0, 0, yaw=0.0).half_depth + placed.at(0, 0, yaw=0.0).half_depth + distance
        x, y = np.array(anchor.position[:2]) + front * depth + side * shift
        return self.at(placed, float(x), float(y), yaw=anchor.yaw + (np.pi if turned else 0.0))

    def beside(
        self, placed: Placed, anchor: Placed, *, side: int, distance: float = 0.06, back: float = 0.0
    ) -> Placed | None:
        """At the anchor's right (+1) or left (-1) seen from its back, their backs in line give or take `back`."""
        across = np.array([np.cos(anchor.yaw), np.sin(anchor.yaw)])
        front = np.array([np.sin(anchor.yaw), -np.cos(anchor.yaw)])
        a, b = anchor.at(0, 0, yaw=0.0), placed.at(0, 0, yaw=0.0)
        offset = across * side * (a.half_width + b.half_width + distance) - front * (a.half_depth - b.half_depth - back)
        x, y = np.array(anchor.position[:2]) + offset
        return self.at(placed, float(x), float(y), yaw=anchor.yaw)

    def corner(self, placed: Placed, *, prefer: tuple[WallName, ...] = ("left", "right")) -> Placed | None:
        """In a far corner of the zone, else in a near one."""
        reach_x = self.room.width / 2 - placed.radius - 0.06
        for y in (self.span[1] - placed.radius - 0.06, self.span[0] + (self.span[1] - self.span[0]) * 0.55):
            for side in prefer:
                x = reach_x if side == "right" else -reach_x
                stood = self.at(placed, x, y, yaw=float(self.site.rng.uniform(-0.4, 0.4)))
                if stood is not None:
                    return stood
        return None

    def around(self, chair: Placed, table: Placed, *, ends: bool, pull: float = 0.0, seats: int = 2) -> list[Placed]:
        """Chairs at the long sides of a table (and its ends), facing it, pushed a little under its top."""
        flat, seat = table.at(0, 0, yaw=0.0), chair.at(0, 0, yaw=0.0)
        tuck = min(0.18, seat.half_depth * 0.6) - pull
        spots = []
        for k in range(seats):
            u = ((k + 0.5) / seats * 2 - 1) * flat.half_width * 0.86
            spots += [
                (u, -(flat.half_depth + seat.half_depth - tuck), np.pi),
                (u, flat.half_depth + seat.half_depth - tuck, 0.0),
            ]
        if ends:
            reach = flat.half_width + seat.half_depth - tuck
            spots += [(-reach, 0.0, np.pi / 2), (reach, 0.0, -np.pi / 2)]
        c, s = np.cos(table.yaw), np.sin(table.yaw)
        chairs: list[Placed] = []
        for u, v, yaw in spots:
            body = chair if not chairs else self.site.again(chair)
            x, y = table.position[0] + c * u - s * v, table.position[1] + s * u + c * v
            wobble = float(self.site.rng.normal(0, 0.04))
            there = body.at(float(x), float(y), 0.0, yaw=float(yaw + table.yaw + wobble))
            if self._clear_but(there, table):
                chairs.append(self.site.stand(there))
        return chairs

    def _clear_but(self, placed: Placed, allowed: Placed) -> bool:
        """Fits, when its overlap with `allowed` (a table above its seat) does not count."""
        others = [f for f in (*self.site.occupied, *self.site.kept) if f is not allowed.footprint]
        w = self.room.width / 2
        outline = np.array([[-w, self.span[0]], [w, self.span[0]], [w, self.span[1]], [-w, self.span[1]]])
        return inside_outline(placed.footprint, outline) and all(
            gap(placed.footprint, other) > 0.02 for other in others
        )

    # ------------------------------------------------------------------------------------------ lying and hanging
    def rug(
        self,
        center: tuple[float, float],
        size: tuple[float, float],
        surface: Surface,
        look: MaterialLook,
        *,
        round_: bool = False,
    ) -> None:
        """A flat rug, 8 mm thick, cut to the room; furniture may stand on it."""
        (x, y), (width, depth) = center, size
        w = self.room.width / 2 - 0.15
        x0, x1 = max(x - width / 2, -w), min(x + width / 2, w)
        y0, y1 = max(y - depth / 2, 0.1), min(y + depth / 2, self.room.depth - 0.12)
        if x1 - x0 < 0.6 or y1 - y0 < 0.6:
            return
        if round_:
            radius = min(x1 - x0, y1 - y0) / 2
            mesh = cylinder(radius, 0.008, base=((x0 + x1) / 2, (y0 + y1) / 2, 0.0), segments=40)
            uvs = (np.asarray(mesh.vertices)[:, :2] - [x0, y0]) / (2 * radius)
            mesh = Mesh(mesh.vertices, mesh.faces, uvs, mesh.normals)
        else:
            mesh = slab((x1 - x0, y1 - y0, 0.008), ((x0 + x1) / 2, (y0 + y1) / 2, 0.004))
            uvs = (np.asarray(mesh.vertices)[:, :2] - [x0, y0]) / [x1 - x0, y1 - y0]
            mesh = Mesh(mesh.vertices, mesh.faces, uvs)
        self.site.hang("rug", look, [(mesh, surface)])

    def free_on_wall(self, wall: WallName, start: float, end: float, low: float, high: float) -> bool:
        """Whether a rectangle of a wall has no window, door, tall furniture or other hanging thing."""
        side = self.wall(wall)
        if start < 0.1 or end > side.length - 0.1 or high > side.height - 0.1:
            return False
        if (
            wall == "back"
            and self.room.alcove
            and start < self.room.alcove.end + 0.1
            and end > self.room.alcove.start - 0.1
        ):
            return False
        if any(
            start < o.end + 0.25 and end > o.start - 0.25 and high > o.sill and low < o.head + 0.1
            for o in (*side.windows, *side.doors)
        ):
            return False
        if any(
            w == wall and start < e + 0.08 and end > s - 0.08 and high > lo - 0.05 and low < hi + 0.05
            for w, s, e, lo, hi in self.hung
        ):
            return False
        a, b = side.frame.point(start, 0.0), side.frame.point(end, 0.15)
        strip = rectangle(min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1]))
        if (
            self.room.slope is not None
            and wall in ("back", "front")
            and high > self.room.headroom(min(a[0], b[0])) - 0.05
        ):
            return False
        return not any(
            p.height > low - 0.04 and gap(strip, p.footprint) < 0 for p in self.site.placed if p.support == 0
        )

    def picture(
        self, wall: WallName, *, width: float, height: float, along: float, center: float = 1.55, role: str = "subject"
    ) -> bool:
        """A framed painting, if that stretch of wall is free."""
        start, low = along - width / 2, center - height / 2
        if not self.free_on_wall(wall, start, start + width, low, low + height):
            return False
        rng, frame = self.site.rng, self.wall(wall).frame
        edge = float(rng.choice([0.025, 0.04, 0.06]))
        color: RGB = [(0.02, 0.02, 0.02), (0.22, 0.11, 0.05), (0.75, 0.74, 0.70), (0.55, 0.38, 0.12)][
            int(rng.integers(4))
        ]
        bars = slabs(
            np.array([[edge, 0.035, height], [edge, 0.035, height], [width, 0.035, edge], [width, 0.035, edge]]),
            np.array([[start + edge / 2, -0.02, center], [start + width - edge / 2, -0.02, center],
                      [along, -0.02, low + edge / 2], [along, -0.02, low + height - edge / 2]]),
        )  # fmt: skip
        mount = panel((start, -0.012, low), (width, 0, 0), (0, 0, height))
        border = 0.0 if rng.random() < 0.5 else min(width, height) * 0.12
        inner = quads(
            _upright(
                start + edge + border,
                start + width - edge - border,
                low + edge + border,
                low + height - edge - border,
                -0.016,
            ),
            uvs=np.array([[[0, 0], [1, 0], [1, 1], [0, 1]]], float),
        )
        art = Surface(kind=SurfaceKind.OPAQUE, base_color=(1, 1, 1), roughness=0.6, texture=art_texture(rng))
        pieces = [(bars, lacquer(color)), (mount, paint((0.82, 0.80, 0.76))), (inner, art)]
        self.site.hang(
            "painting",
            MaterialLook(),
            [(frame.place(mesh), surface) for mesh, surface in pieces],
            role=role,
            yaw=frame.yaw,
        )
        self.hung.append((wall, start, start + width, low, low + height))
        return True

    def mirror(
        self,
        wall: WallName,
        *,
        width: float,
        height: float,
        along: float,
        center: float,
        silver: Surface,
        frame_color: RGB,
    ) -> bool:
        """A framed mirror, if that stretch of wall is free."""
        start, low = along - width / 2, center - height / 2
        if not self.free_on_wall(wall, start, start + width, low, low + height):
            return False
        frame = self.wall(wall).frame
        back = slab((width, 0.03, height), (along, -0.015, center))
        glass = quads(_upright(start + 0.03, start + width - 0.03, low + 0.03, low + height - 0.03, -0.032))
        pieces = [(frame.place(back), lacquer(frame_color)), (frame.place(glass), silver)]
        self.site.hang("mirror", MaterialLook(), pieces, yaw=frame.yaw)
        self.hung.append((wall, start, start + width, low, low + height))
        return True

    def pendant(
        self,
        x: float,
        y: float,
        *,
        drop: float,
        radius: float,
        color: RGB,
        glow: Surface,
        name: str = "ceiling lamp",
        role: str = "subject",
    ) -> None:
        """A lamp hanging `drop` below the ceiling at (x, y): cord, shade, and a glowing disc in it."""
        top = self.room.headroom(x)
        low = top - drop
        cord = cylinder(0.008, drop - 0.1, base=(x, y, low + 0.1), segments=6)
        form = int(self.site.rng.integers(3))
        forms = (
            [(1, 0), (0.25, 0.8)],
            [(1, 0), (1, 0.7)],
            [(1, 0), (0.9, 0.35), (0.6, 0.62), (0.02, 0.75)],
        )
        profile = [(r * radius, z * radius) for r, z in forms[form]]
        shade = lathe(np.array(profile), segments=28)
        lining = lathe(np.array([(r * 0.97, z) for r, z in profile[::-1]]), segments=28)
        disc = lathe(np.array([(0.0, 0.02), (radius * 0.8, 0.02)]), segments=20)

        def move(mesh: Mesh) -> Mesh:
            return moved(mesh, translate=(x, y, low))

        shell = Surface(kind=SurfaceKind.OPAQUE, base_color=color, roughness=0.4)
        self.site.hang(
            name,
            MaterialLook(),
            [(cord, lacquer((0.02, 0.02, 0.02))), (joined(move(shade), move(lining)), shell), (move(disc), glow)],
            role=role,
        )


def _upright(x0: float, x1: float, z0: float, z1: float, y: float) -> Array:
    return np.array([[[x0, y, z0], [x1, y, z0], [x1, y, z1], [x0, y, z1]]])


def furniture(placed: Placed) -> Placed:
    """The same thing, to be left out of captions' lists of subjects."""
    return replace(placed, role="furniture")
