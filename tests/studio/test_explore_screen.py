"""Explore: what one thing changes while all others stay; the walk between two seeds; the model's papers."""

from __future__ import annotations

import json
import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from reflet.render.wording import STYLE_PREFIXES
from tests.studio.conftest import ROOT, Studio, Visitor, axe, needs_axe, running, visiting

BUNDLE = ROOT / "bundles" / "reflet-nano"


def explored(visitor: Visitor, view: str, prompt: str, *, seed: int | None = None) -> Any:
    page = visitor.visit(f"#/explore?view={view}" if view != "seeds" else "#/explore")
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    if seed is not None:
        page.get_by_role("spinbutton", name="Seed").fill(str(seed))
    page.get_by_role("button", name="Make them").click()
    return page


def ready(page: Any, number: int) -> None:
    page.get_by_text(re.compile(rf"^{number} of {number} · The pictures are kept")).wait_for(timeout=120_000)


def test_nine_seeds_of_one_prompt_in_a_folder(visitor: Visitor) -> None:
    page = explored(visitor, "seeds", "nine seeds of a boat", seed=40)
    ready(page, 9)
    found = visitor.studio.get("/v1/pictures?q=nine+seeds&limit=20")["data"]
    assert sorted(p["seed"] for p in found) == list(range(40, 49))
    assert {p["folder"] for p in found} == {"Explorations"}
    link = page.get_by_role("link", name="Seed 40: open in the gallery")
    first = next(p["id"] for p in found if p["seed"] == 40)
    assert link.get_attribute("href") == f"#/gallery?picture={first}"


def test_every_style_with_one_seed(visitor: Visitor) -> None:
    page = explored(visitor, "styles", "styles of a house", seed=3)
    ready(page, len(STYLE_PREFIXES) + 1)
    found = visitor.studio.get("/v1/pictures?q=styles&limit=30")["data"]
    assert {p["style"] for p in found} == {None, *STYLE_PREFIXES} and {p["seed"] for p in found} == {3}


def test_steps_against_time(visitor: Visitor) -> None:
    page = explored(visitor, "steps", "steps of a tree", seed=5)
    ready(page, 5)
    found = visitor.studio.get("/v1/pictures?q=steps+tree&limit=30")["data"]
    assert sorted(p["num_steps"] for p in found) == [4, 5, 10, 20, 40]
    rows = page.get_by_role("table", name="Seconds for each number of steps").get_by_role("row")
    assert rows.count() == 5 and re.search(r"\d s", rows.first.inner_text())


def test_a_walk_between_two_seeds_can_be_pulled(visitor: Visitor) -> None:
    page = visitor.visit("#/explore?view=walk")
    page.get_by_role("textbox", name="From").fill("a walk")
    page.get_by_role("textbox", name="To").fill("")
    assert page.get_by_role("button", name="Make them").is_disabled(), "both ends are the same"
    page.get_by_role("spinbutton", name="Seed at the start").fill("1")
    page.get_by_role("spinbutton", name="Seed at the end").fill("2")
    page.get_by_role("button", name="Make them").click()
    ready(page, 9)
    found = visitor.studio.get("/v1/pictures?q=a+walk&limit=20")["data"]
    assert sorted(p["blend"]["amount"] for p in found) == [k / 8 for k in range(9)]
    assert {(p["seed"], p["blend"]["seed"]) for p in found} == {(1, 2)}
    slider = page.get_by_role("slider", name="How far on the way")
    slider.fill("50")
    assert page.get_by_role("img", name="50 % of the way").is_visible()
    slider.press("End")
    page.get_by_role("img", name="100 % of the way").wait_for()
    page.get_by_role("button", name="Walk by itself").click()
    page.get_by_role("img", name=re.compile(r"^9\d % of the way")).wait_for()
    page.get_by_role("button", name="Stop walking").click()


def test_what_is_under_way_can_be_stopped(browser: Any, slow: Studio) -> None:
    with visiting(browser, slow) as visitor:
        page = explored(visitor, "seeds", "stopped seeds")
        page.get_by_role("progressbar", name=re.compile("Seed")).first.wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("button", name="Make them").wait_for()
        page.get_by_text("not made").first.wait_for()
    for _ in range(200):
        if not slow.get("/v1/jobs?open=true")["data"]:
            break
    assert slow.get("/v1/jobs?open=true")["data"] == []


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A bundle with everything that one may bring."""
    copy = tmp_path_factory.mktemp("bundles") / "reflet-nano"
    shutil.copytree(BUNDLE, copy)
    (copy / "report.json").write_text('{"figures": {"kid": 1.25}}')
    shutil.copy(ROOT / "docs" / "sheet.jpg", copy / "sheet.jpg")
    (copy / "manifest.json").write_text(_with(copy, "report.json", "sheet.jpg"))
    with running(tmp_path_factory.mktemp("data"), str(copy)) as found:
        yield found


def _with(folder: Path, *names: str) -> str:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"] |= {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}
    return json.dumps(manifest)


def _pictures(materials: dict[str, Any]) -> int:
    """All that was learned from, by this bundle's training and by those that it began from."""
    parts = [materials.get("sketches"), materials.get("start", {}).get("materials")]
    return materials["num_pictures"] + sum(_pictures(part) for part in parts if part)


def test_the_models_card_data_and_report(browser: Any, papers: Studio) -> None:
    with visiting(browser, papers) as visitor:
        page = visitor.visit("#/explore?view=model")
        page.get_by_role("heading", name=re.compile("^reflet-nano")).wait_for()
        number = _pictures(json.loads((BUNDLE / "materials.json").read_text()))
        assert page.get_by_role("definition").filter(has_text=f"{number:,}").first.is_visible()
        assert page.get_by_role("table").first.get_by_role("columnheader", name="FLOP").is_visible()
        assert page.get_by_role("img", name="sheet.jpg").is_visible()
        page.get_by_text("Evaluation", exact=True).click()
        assert page.get_by_text("1.25").is_visible()


@needs_axe
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Any, studio: Studio, theme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    with visiting(browser, studio, color_scheme=theme, viewport=size) as visitor:
        for view in ("seeds", "walk", "model", "map"):
            page = visitor.visit(f"#/explore?view={view}")
            page.wait_for_timeout(300)
            assert axe(page) == [], view
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        page = explored(visitor, "steps", "axe looks")
        ready(page, 5)
        assert axe(page) == []
