"""From maps to words: maps that are known, and what must be read of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from reflet.evaluate.reader import Reader, ReaderConfig, ReaderOutput
from reflet.evaluate.reader_scores import (
    Confusion,
    TrueThing,
    Truth,
    angle_between,
    overlap,
    score_reader,
)
from reflet.evaluate.reading import Reading, Seen, decode, read, relation

CONFIG = ReaderConfig(
    names=("", "cube", "sphere"),
    colors=("", "red", "blue"),
    materials=("", "glass"),
    environments=("studio", "beach"),
    lights=("daylight", "night"),
    styles=("photograph", "ink"),
    size=64,
    widths=(8, 8, 16),
    blocks=(1, 1, 1),
)


def maps(*things: tuple[int, int, int, int, int, int]) -> ReaderOutput:
    """Sure maps of things (top, left, bottom, right, name, colour), each with its centre."""
    grid = CONFIG.grid
    centre = torch.full((1, grid, grid), -9.0)
    offsets = torch.zeros(1, 2, grid, grid)
    name, color = torch.zeros(1, 3, grid, grid), torch.zeros(1, 3, grid, grid)
    name[:, 0] = 5.0
    rows, columns = torch.meshgrid(torch.arange(grid), torch.arange(grid), indexing="ij")
    for top, left, bottom, right, what, look in things:
        middle = ((top + bottom - 1) / 2, (left + right - 1) / 2)
        centre[0, round(middle[0]), round(middle[1])] = 9.0
        box = (slice(top, bottom), slice(left, right))
        offsets[0, 0][box] = (middle[1] - columns)[box]
        offsets[0, 1][box] = (middle[0] - rows)[box]
        name[0, 0][box], name[0, what][box], color[0, look][box] = 0.0, 9.0, 9.0
    return ReaderOutput(
        centre_Bhw=centre,
        offsets_B2hw=offsets,
        name_BNhw=name,
        color_BChw=color,
        material_BMhw=torch.tensor([[3.0], [0.0]]).expand(2, grid * grid).reshape(1, 2, grid, grid),
        environment=torch.tensor([[0.0, 2.0]]),
        light=torch.tensor([[2.0, 0.0]]),
        style=torch.tensor([[2.0, 0.0]]),
        side=torch.tensor([[0.0, 0.0, 3.0, 0.0, 0.0]]),
        direction_B3=torch.tensor([[1.0, 0.0, 1.0]]) / 2**0.5,
    )


def test_touching_things_of_one_name_are_two() -> None:
    """Two red cubes side by side: their cells touch, their centres tell them apart."""
    (found,) = decode(maps((4, 2, 8, 6, 1, 1), (4, 6, 8, 10, 1, 1), (10, 10, 14, 14, 2, 2)), Reader(CONFIG))
    assert found.counts() == {"cube": 2, "sphere": 1}
    assert [t.color for t in found.named("cube")] == ["red", "red"]
    assert found.named("sphere")[0].color == "blue"
    assert found.named("sphere")[0].material == ""
    assert found.named("sphere")[0].box == (10 / 16, 10 / 16, 14 / 16, 14 / 16)
    assert found.named("sphere")[0].area == 16 / 256
    assert (found.environment, found.light, found.style, found.side) == ("beach", "daylight", "photograph", "right")
    assert (found.azimuth, found.elevation) == (pytest.approx(90.0), pytest.approx(45.0))


def test_an_empty_picture_holds_nothing() -> None:
    assert decode(maps(), Reader(CONFIG))[0].things == ()


def test_a_reader_reads_pictures_of_its_size_only() -> None:
    reader = Reader(CONFIG)
    assert len(read(reader, np.zeros((3, 64, 64, 3), np.uint8), batch_size=2)) == 3
    assert reader.training
    with pytest.raises(ValueError, match="64 x 64"):
        reader(torch.zeros(1, 3, 32, 32))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ("cube",)}, "stands for none"),
        ({"blocks": (1, 1)}, "as many widths"),
        ({"size": 60}, "does not halve"),
    ],
)
def test_impossible_configs_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(CONFIG, **change)  # type: ignore[arg-type]


def seen(left: float, top: float, size: float = 0.2, name: str = "cube") -> Seen:
    box = (left, top, left + size, top + size)
    return Seen(name, "red", "", 1.0, (left + size / 2, top + size / 2), box, size**2, np.ones((1, 1), bool))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (seen(0.1, 0.4), seen(0.7, 0.4), "left"),
        (seen(0.7, 0.45), seen(0.1, 0.4), "right"),
        (seen(0.4, 0.1), seen(0.42, 0.6), "above"),
        (seen(0.4, 0.7), seen(0.42, 0.1), "below"),
        (seen(0.4, 0.4), seen(0.42, 0.41), None),
    ],
)
def test_relations_are_read_from_places(first: Seen, second: Seen, expected: str | None) -> None:
    assert relation(first, second) == expected


def test_scores_of_a_reading_with_known_mistakes() -> None:
    thing = TrueThing("cube", "red", "", (0.1, 0.1, 0.3, 0.3), 0.04, False)
    truth = Truth(
        (thing, replace(thing, box=(0.6, 0.6, 0.8, 0.8), color="blue")), "studio", "night", "ink", "", 0.0, 0.0
    )
    reading = Reading((seen(0.1, 0.1), seen(0.6, 0.2, name="sphere")), "studio", "daylight", "ink", "", 90.0, 0.0)
    scores = score_reader([reading], [truth])
    numbers = scores.headline()
    assert (numbers["environment"], numbers["light"], numbers["style"]) == (1.0, 0.0, 1.0)
    assert numbers["name"] == 1.0  # of the one that was found
    assert (scores.found[True], scores.found[False], scores.invented) == (1, 1, 1)
    assert scores.confusions["count"].pairs == {("2", "1"): 1}
    assert scores.angles == [pytest.approx(90.0)]


def test_sensitivity_and_specificity_are_those_of_the_confusion() -> None:
    confusion = Confusion()
    for true, read_as, number in (("a", "a", 8), ("a", "b", 2), ("b", "b", 9), ("c", "b", 1)):
        for _ in range(number):
            confusion.add(true, read_as)
    assert confusion.accuracy == 17 / 20
    assert (confusion.sensitivity("a").hits, confusion.sensitivity("a").total) == (8, 10)
    assert (confusion.specificity("b").hits, confusion.specificity("b").total) == (8, 11)
    assert confusion.worst(1) == [("a", "b", 2)]
    assert confusion.to_json()["a"] == {"a": 8, "b": 2}


def test_overlap_and_angles() -> None:
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (2, 2, 3, 3)) == 0.0
    assert angle_between((0, 90), (77, 90)) == pytest.approx(0.0, abs=1e-5)
    assert angle_between((0, 0), (180, 0)) == pytest.approx(180.0)
    assert angle_between((0, 0), (0, 45)) == pytest.approx(45.0)
