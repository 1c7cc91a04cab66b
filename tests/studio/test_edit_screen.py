"""Edit: a picture comes in, its mask is drawn by pointer, keys and numbers, its frame grows, it is begun anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.studio.conftest import Studio, Visitor, axe, needs_axe, running, visiting


def png(width: int = 64, height: int = 64, color: str = "orange") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def covered(page: Any) -> int:
    """How many per cent of the picture the mask covers, as the page says it."""
    text = page.get_by_text(re.compile(r"% is made anew")).inner_text()
    return round(float(text.partition(" ")[0]))


def opened(visitor: Visitor, tmp_path: Path, content: bytes | None = None) -> Any:
    """The screen with a picture of 64 x 64 on the desk, chosen as a file."""
    page = visitor.visit("#/edit")
    file = tmp_path / "picture.png"
    file.write_bytes(content or png())
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    page.get_by_role("application").wait_for()
    return page


def made(studio: Studio) -> dict[str, Any]:
    """The newest picture."""
    return studio.get("/v1/pictures?limit=1")["data"][0]


def test_pictures_come_in_by_drop_paste_and_from_the_gallery(visitor: Visitor) -> None:
    page, studio = visitor.visit("#/edit"), visitor.studio
    transfer = page.evaluate_handle(
        """bytes => { const t = new DataTransfer();
        t.items.add(new File([new Uint8Array(bytes)], 'p.png', {type: 'image/png'})); return t; }""",
        list(png(120, 60)),
    )
    page.get_by_role("group", name="Drop a picture here").dispatch_event("drop", {"dataTransfer": transfer})
    page.get_by_role("application").wait_for()
    page.get_by_role("radio", name="Its frame").check()
    page.get_by_text("120 × 60 pixels").wait_for()
    page.get_by_role("button", name="Another picture").click()
    page.get_by_role("heading", name="Edit").wait_for()
    page.evaluate(
        "t => document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: t, bubbles: true}))", transfer
    )
    page.get_by_role("application").wait_for()
    page.get_by_role("button", name="Another picture").click()
    studio.post("/v1/images/generations", prompt="a picture to edit", num_inference_steps=2)
    page.reload()
    page.get_by_role("button", name="Open: a picture to edit").first.click()
    page.get_by_role("application").wait_for()
    assert page.get_by_label("What shall be there?").input_value() == "a picture to edit"
    page.reload()  # the address names the picture
    page.get_by_role("application").wait_for()


def test_a_file_that_is_no_picture_is_refused_in_words(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.visit("#/edit")
    file = tmp_path / "notes.png"
    file.write_text("these are words")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    page.get_by_text("This file is no picture").wait_for()


def test_the_mask_by_pointer(visitor: Visitor, tmp_path: Path) -> None:
    page = opened(visitor, tmp_path)
    assert covered(page) == 0 and page.get_by_role("button", name="Make it").is_disabled()
    box = page.get_by_role("application").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(dx: float, dy: float, *, start: tuple[float, float] = middle) -> None:
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(start[0] + dx / 2, start[1] + dy / 2)
        page.mouse.move(start[0] + dx, start[1] + dy)
        page.mouse.up()

    drag(120, 0)
    painted = covered(page)
    assert 2 <= painted <= 30
    page.get_by_label("Brush size").fill("30")
    assert covered(page) == painted, "another brush changes nothing that is there"
    page.set_viewport_size({"width": 1100, "height": 700})
    assert covered(page) == painted, "nor does another window"
    page.get_by_role("button", name="Zoom in").click()
    assert covered(page) == painted
    page.get_by_role("button", name="Fit").click()
    page.set_viewport_size({"width": 1280, "height": 860})
    page.get_by_role("button", name="Invert").click()
    assert covered(page) in (100 - painted - 1, 100 - painted, 100 - painted + 1)
    page.get_by_role("button", name="Undo").click()
    assert covered(page) == painted
    page.keyboard.press("Control+Shift+Z")
    assert covered(page) >= 100 - painted - 1
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Eraser").click()
    page.get_by_label("Brush size").fill("4")
    drag(60, 0)
    assert 0 < covered(page) < painted
    page.get_by_role("button", name="Clear").click()
    assert covered(page) == 0
    page.get_by_role("button", name="Rectangle").click()
    side = min(box["width"], box["height"]) * 0.3
    drag(side, side)
    assert covered(page) > painted / 2


def test_the_mask_by_keys_alone(visitor: Visitor, tmp_path: Path) -> None:
    page = opened(visitor, tmp_path)
    page.get_by_role("application").focus()
    page.keyboard.press("Space")
    dab = covered(page)
    assert dab > 0
    page.keyboard.press("Enter")  # the brush is down: it draws where the cross goes
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowDown")
    line = covered(page)
    assert line > dab
    page.keyboard.press("r")
    assert page.get_by_role("button", name="Rectangle", pressed=True).is_visible()
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    assert covered(page) > line
    page.keyboard.press("i")
    assert covered(page) < 100 - line


def test_the_mask_by_numbers_and_from_a_file(visitor: Visitor, tmp_path: Path) -> None:
    page = opened(visitor, tmp_path)
    page.get_by_text("By numbers, or from a file").click()
    for name, value in (("Left", "0"), ("Top", "0"), ("Width", "32"), ("Height", "32")):
        page.get_by_role("spinbutton", name=name, exact=True).fill(value)
    page.get_by_role("button", name="Add rectangle").click()
    assert covered(page) == 25
    page.get_by_role("button", name="Clear").click()
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (0, 0, 64, 32))
    mask.save(tmp_path / "mask.png")
    page.get_by_label("Mask from a file").set_input_files(tmp_path / "mask.png")
    page.get_by_text("The mask was read.").wait_for()
    assert covered(page) == 50


def test_the_frame_grows_by_pulling_and_by_keys_and_the_picture_has_its_size(visitor: Visitor, tmp_path: Path) -> None:
    page = opened(visitor, tmp_path)
    page.get_by_role("radio", name="Its frame").check()
    right = page.get_by_role("slider", name="Right side")
    box = right.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    assert int(right.get_attribute("aria-valuenow")) > 0
    right.press("Home")
    right.press("ArrowRight")
    grown = int(right.get_attribute("aria-valuenow"))
    assert grown == round(64 * 0.03)
    page.get_by_role("slider", name="Upper side").press("Shift+ArrowUp")
    page.get_by_role("spinbutton", name="Left side").fill("32")
    page.get_by_role("spinbutton", name="Left side").press("Tab")
    page.get_by_label("What shall be there?").fill("more of the same")
    page.get_by_role("radio", name="1", exact=True).check()
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("region", name="Results").wait_for()
    told = made(visitor.studio)
    assert (told["width"], told["height"], told["kind"]) == (64 + grown + 32, 64 + 7, "edit")


def test_begun_anew_from_a_picture_of_the_gallery_and_gone_on_with(visitor: Visitor) -> None:
    studio = visitor.studio
    source = studio.post("/v1/images/generations", prompt="a source", num_inference_steps=2)["data"][0]["id"]
    page = visitor.visit(f"#/edit?picture={source}")
    page.get_by_role("radio", name="All of it").check()
    page.get_by_label("How far from the picture").fill("0.35")
    page.get_by_label("What shall the picture show?").fill("something else")
    page.get_by_role("button", name="Make it").click()
    results = page.get_by_role("region", name="Results")
    results.wait_for()
    told = made(studio)
    assert (told["parent"], told["strength"], told["prompt"]) == (source, 0.35, "something else")
    assert results.get_by_role("listitem").count() == 3, "before, and two results"
    results.get_by_role("button", name="Before").click()
    results.get_by_role("button", name="Result 2").click()
    second = results.get_by_role("link", name="In the gallery").get_attribute("href").partition("picture=")[2]
    results.get_by_role("button", name="Go on with this one").click()
    page.wait_for_url(re.compile(second))
    results.wait_for(state="hidden")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """With the bundle that ships."""
    with running(tmp_path_factory.mktemp("real"), "image") as found:
        yield found


def test_with_the_real_bundle_only_what_was_painted_changes(browser: Any, real: Studio, tmp_path: Path) -> None:
    gradient = np.linspace(40, 200, 256).astype(np.uint8)
    before = np.stack(np.broadcast_arrays(gradient[:, None], gradient[None, :], np.uint8(90)), axis=-1)
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(before)).save(out, "PNG")
    with visiting(browser, real) as visitor:
        page = opened(visitor, tmp_path, out.getvalue())
        page.get_by_label("Soft border").fill("0")
        page.get_by_text("By numbers, or from a file").click()
        for name, value in (("Left", "64"), ("Top", "64"), ("Width", "128"), ("Height", "128")):
            page.get_by_role("spinbutton", name=name, exact=True).fill(value)
        page.get_by_role("button", name="Add rectangle").click()
        page.get_by_label("What shall be there?").fill("a red glass sphere")
        page.get_by_role("radio", name="1", exact=True).check()
        page.get_by_role("button", name="Make it").click()
        page.get_by_role("region", name="Results").wait_for(timeout=240_000)
    content = httpx.get(f"{real.url}/v1/pictures/{made(real)['id']}/content", timeout=60).content
    after = np.asarray(Image.open(BytesIO(content)).convert("RGB"))
    changed = (after != before).any(axis=-1)
    assert not changed[:64].any() and not changed[192:].any() and not changed[:, :64].any()
    assert not changed[:, 192:].any() and changed[80:176, 80:176].mean() > 0.9


@needs_axe
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Any, studio: Studio, tmp_path: Path, theme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    with visiting(browser, studio, color_scheme=theme, viewport=size) as visitor:
        visitor.visit("#/edit")
        assert axe(visitor.page) == []
        page = opened(visitor, tmp_path)
        for mode in ("A part", "Its frame", "All of it"):
            page.get_by_role("radio", name=mode).check()
            assert axe(page) == [], mode
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


def test_in_french(browser: Any, studio: Studio, tmp_path: Path) -> None:
    with visiting(browser, studio, locale="fr-FR") as visitor:
        page = visitor.visit("#/edit")
        page.get_by_role("heading", name="Retoucher").wait_for()
        assert page.get_by_role("button", name="Choisir un fichier").is_visible()
