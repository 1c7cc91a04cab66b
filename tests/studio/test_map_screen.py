"""Explore's map of the training set: walked by keys and pointer, narrowed by words and categories, read as a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image

from reflet.data.map_file import CELL, MAP, MAP_PICTURE
from tests.studio.conftest import QUICK, Studio, axe, needs_axe, visiting

ACROSS, DOWN = 8, 5
HINT = "No picture is chosen yet."


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a map of forty pictures, each of one colour; a corner of the grid is empty."""
    folder = tmp_path_factory.mktemp("set")
    sheet = Image.new("RGBA", (ACROSS * CELL, DOWN * CELL))
    points = []
    for k in range(ACROSS * DOWN - 1):
        x, y = k % ACROSS, k // ACROSS
        sheet.paste((25 * x, 40 * y, 120), (x * CELL + 2, y * CELL + 2, (x + 1) * CELL - 2, (y + 1) * CELL - 2))
        points.append({"x": x, "y": y, "key": f"k{k}", "caption": f"a cup at {x}, {y}", "license": "CC-BY-4.0",
                       "author": ("Ann", "Ben")[k % 2], "weight": 1.25, "facets": [int(k >= 32)]})  # fmt: skip
    sheet.save(folder / MAP_PICTURE, "WEBP")
    told = {"name": "cups", "records": 4000, "across": ACROSS, "down": DOWN, "cell": CELL, "points": points}
    told |= {"sha256": sha256((folder / MAP_PICTURE).read_bytes()).hexdigest(), "facets": {"light": ["day", "night"]}}
    (folder / MAP).write_text(json.dumps(told))
    options = ("--no-provenance", "--map", str(folder))
    found = Studio(tmp_path_factory.mktemp("mapped"), (QUICK,), options=options).start()
    yield found
    found.kill()


def test_the_map_is_walked_narrowed_and_read(browser: Any, mapped: Studio) -> None:
    with visiting(browser, mapped) as visitor:
        page = visitor.visit("#/explore?view=map")
        page.get_by_text("39 of the 4,000 pictures of the training set.").wait_for()
        surface = page.get_by_role("application", name="Map of the training set")
        chosen = page.get_by_role("region", name="The picture chosen")
        assert chosen.get_by_text(HINT).is_visible()
        surface.focus()
        surface.press("ArrowRight")
        chosen.get_by_text("a cup at 3, 2", exact=True).or_(chosen.get_by_text("a cup at 4, 2", exact=True)).wait_for()
        for _ in range(6):
            surface.press("ArrowRight")
        surface.press("ArrowUp")
        chosen.get_by_text("a cup at 7, 1", exact=True).wait_for()
        assert chosen.get_by_text("CC-BY-4.0 · Ben").is_visible() and chosen.get_by_text("1.25").is_visible()
        link = chosen.get_by_role("link", name="Make one like it")
        assert link.get_attribute("href") == "#/create?prompt=a+cup+at+7%2C+1"
        page.get_by_role("combobox", name="Frame by").select_option(label="Light")
        page.get_by_role("button", name="night 7").click()
        surface.press("Escape")
        surface.press("ArrowUp")
        chosen.get_by_text("a cup at 3, 4", exact=True).or_(chosen.get_by_text("a cup at 4, 4", exact=True)).wait_for()
        page.get_by_role("searchbox", name="Words, author or licence").fill("ann")
        page.get_by_text("As a list: 4").click()
        page.get_by_role("button", name="a cup at 6, 4").click()
        chosen.get_by_text("a cup at 6, 4", exact=True).wait_for()


def test_pointers_choose_pull_and_zoom(browser: Any, mapped: Studio) -> None:
    with visiting(browser, mapped) as visitor:
        page = visitor.visit("#/explore?view=map")
        surface = page.get_by_role("application")
        surface.scroll_into_view_if_needed()
        chosen = page.get_by_role("region", name="The picture chosen")
        box = surface.bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.click(middle[0] + 8, middle[1])
        chosen.get_by_text("a cup at 4, 2", exact=True).wait_for()
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 0.9 * box["width"] / ACROSS, middle[1], steps=3)
        page.mouse.up()
        page.mouse.click(middle[0] + 8, middle[1])
        chosen.get_by_text("a cup at 3, 2", exact=True).wait_for()
        page.get_by_role("button", name="Nearer").click()
        page.get_by_role("button", name="Whole map").click()
        page.mouse.click(middle[0] + 8, middle[1])
        chosen.get_by_text("a cup at 4, 2", exact=True).wait_for()


@needs_axe
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_on_the_map(browser: Any, mapped: Studio, theme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    with visiting(browser, mapped, color_scheme=theme, viewport=size) as visitor:
        page = visitor.visit("#/explore?view=map")
        surface = page.get_by_role("application")
        surface.press("ArrowRight")
        page.get_by_role("combobox", name="Frame by").select_option("light")
        page.get_by_role("button", name="day").click()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
