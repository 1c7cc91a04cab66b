"""How well the reader reads: against scene graphs of renders that it has not seen, with confusion matrices."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reflet.evaluate.estimates import Counted
from reflet.evaluate.reader import ReaderConfig
from reflet.evaluate.reading import Reading, Seen

MATCH_OVERLAP = 0.3  # of boxes (intersection over union): below it a thing was not found
BIG_ENOUGH = 0.004  # share of the picture from which a thing must be found; smaller ones may be


@dataclass(frozen=True)
class TrueThing:
    """A thing of the scene graph, in the reader's terms."""

    name: str
    color: str
    material: str
    box: tuple[float, float, float, float]
    area: float
    clipped: bool


@dataclass(frozen=True)
class Truth:
    """A scene graph, in the reader's terms. `azimuth`, `elevation` are None where light has no one direction."""

    things: tuple[TrueThing, ...]
    environment: str
    light: str
    style: str
    side: str
    azimuth: float | None
    elevation: float | None


def truth_of(graph: dict[str, Any], config: ReaderConfig) -> Truth:
    """What the reader should read of a picture with that graph."""
    light = graph["light"]
    return Truth(
        things=tuple(
            TrueThing(
                name=o["name"],
                color=o["color"] or "",
                material=o["material"] or "",
                box=tuple(o["box"]),
                area=o["area"],
                clipped=o["clipped"],
            )
            for o in graph["objects"]
            if o["visible"] and o["role"] != "scenery" and o["name"] in config.names
        ),
        environment=graph["environment"],
        light=light["kind"],
        style=graph["style"],
        side=light["side"] or "",
        azimuth=light["azimuth"],
        elevation=light["elevation"],
    )


@dataclass
class Confusion:
    """Counts of (true word, word read)."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, true: str, seen: str) -> None:
        self.pairs[true, seen] += 1

    @property
    def accuracy(self) -> float:
        """The share that was read right; NaN before anything was."""
        total = sum(self.pairs.values())
        return sum(n for (a, b), n in self.pairs.items() if a == b) / total if total else float("nan")

    def sensitivity(self, word: str) -> Counted:
        """How often the word is read where it is true."""
        there = {seen: n for (true, seen), n in self.pairs.items() if true == word}
        return Counted(there.get(word, 0), sum(there.values()))

    def specificity(self, word: str) -> Counted:
        """How often another word is read where it is not true."""
        elsewhere = {(true, seen): n for (true, seen), n in self.pairs.items() if true != word}
        wrong = sum(n for (_, seen), n in elsewhere.items() if seen == word)
        return Counted(sum(elsewhere.values()) - wrong, sum(elsewhere.values()))

    def worst(self, number: int = 10) -> list[tuple[str, str, int]]:
        """The most frequent mistakes: (true, read, how often)."""
        wrong = [(a, b, n) for (a, b), n in self.pairs.items() if a != b]
        return sorted(wrong, key=lambda e: -e[2])[:number]

    def to_json(self) -> dict[str, dict[str, int]]:
        """{true: {read: count}}."""
        out: dict[str, dict[str, int]] = defaultdict(dict)
        for (true, seen), number in sorted(self.pairs.items()):
            out[true][seen] = number
        return dict(out)


@dataclass
class ReaderScores:
    """Confusions by what is read; `found`: of things big enough; `count`: of a name's number in a picture, 1 to 6;
    `angles`: degrees between true and read direction of the light."""

    confusions: dict[str, Confusion] = field(default_factory=lambda: defaultdict(Confusion))
    found: Counter[bool] = field(default_factory=Counter)
    invented: int = 0
    angles: list[float] = field(default_factory=list)

    def headline(self) -> dict[str, float]:
        """The numbers of the reader's card: accuracies, and the median angle."""
        out = {name: confusion.accuracy for name, confusion in sorted(self.confusions.items())}
        total = sum(self.found.values())
        out["found"] = self.found[True] / total if total else float("nan")
        out["light_degrees"] = float(np.median(self.angles)) if self.angles else float("nan")
        return out


def score_reader(readings: list[Reading], truths: list[Truth]) -> ReaderScores:
    """Compares what was read with what is true, picture by picture."""
    scores = ReaderScores()
    for reading, truth in zip(readings, truths, strict=True):
        for key in ("environment", "light", "style", "side"):
            scores.confusions[key].add(getattr(truth, key), getattr(reading, key))
        if truth.azimuth is not None and truth.elevation is not None:
            scores.angles.append(angle_between((truth.azimuth, truth.elevation), (reading.azimuth, reading.elevation)))
        _score_things(scores, reading, truth)
    return scores


def _score_things(scores: ReaderScores, reading: Reading, truth: Truth) -> None:
    free = list(reading.things)
    for thing in sorted(truth.things, key=lambda t: -t.area):
        best = max(free, key=lambda s: overlap(s.box, thing.box), default=None)
        matched = best is not None and overlap(best.box, thing.box) >= MATCH_OVERLAP
        if thing.area >= BIG_ENOUGH:
            scores.found[matched] += 1
        if best is None or not matched:
            continue
        free.remove(best)
        for key in ("name", "color", "material"):
            scores.confusions[key].add(getattr(thing, key), getattr(best, key))
    scores.invented += len(free)
    # Counting is asked only where a person could count: all of a name whole, and big enough.
    for name, number in Counter(t.name for t in truth.things).items():
        clear = all(t.area >= BIG_ENOUGH and not t.clipped for t in truth.things if t.name == name)
        if clear and number <= 6:
            scores.confusions["count"].add(str(number), str(reading.counts()[name]))


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    inner = width * height
    return inner / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner)


def angle_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Degrees between two directions, each (azimuth, elevation) in degrees."""
    vectors = []
    for azimuth, elevation in np.radians([a, b]):
        vectors.append([np.sin(azimuth) * np.cos(elevation), np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])
    return float(np.degrees(np.arccos(np.clip(np.dot(*vectors), -1.0, 1.0))))


def best_match(reading: Reading, name: str) -> Seen | None:
    """The surest thing of that name, if any was read."""
    return next(iter(reading.named(name)), None)
