"""Gallery: every picture with its settings, found again, made again, compared, kept in order, deleted for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from reflet.generate.request import ImageRequest
from reflet.serve.schemas import Cost
from reflet.serve.service import Service, open_service
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from reflet.store.jobs import NewJob, NewPicture
from tests.studio.conftest import Studio, Visitor, running, visiting

COST = Cost(seconds=1.0, queued_seconds=0.0, total_seconds=1.0, steps=20, evaluations=20, joules=1.0, method="estimate")
PROMPTS = ("a blue boat", "a green boat", "a red house", "three yellow cubes")


@pytest.fixture
def filled(studio: Studio) -> Studio:
    """A few pictures and no others."""
    studio.clear()
    for k, prompt in enumerate(PROMPTS):
        studio.post("/v1/images/generations", prompt=prompt, seed=10 * k, num_inference_steps=5 + k, style="ink")
    return studio


@pytest.fixture
def gallery(browser: Any, filled: Studio) -> Iterator[Visitor]:
    with visiting(browser, filled) as found:
        found.visit("#/gallery")
        found.page.get_by_role("link", name=PROMPTS[-1]).wait_for()
        yield found


def wall(page: Any) -> list[str]:
    """The prompts of the pictures that are shown, in order."""
    items = page.get_by_role("list", name="Pictures").get_by_role("listitem")
    return [item.get_by_role("link").get_attribute("aria-label") for item in items.all()]


def test_search_favourites_and_folders(gallery: Visitor) -> None:
    page, studio = gallery.page, gallery.studio
    assert wall(page) == list(reversed(PROMPTS))
    page.get_by_role("searchbox", name="Search the prompts").fill("boat")
    page.get_by_text("2 pictures").wait_for()
    assert wall(page) == ["a green boat", "a blue boat"]
    page.reload()  # the question is in the address
    page.get_by_text("2 pictures").wait_for()
    page.get_by_role("searchbox").fill("")
    page.get_by_text("4 pictures").wait_for()

    page.get_by_role("link", name="a red house").click()
    page.get_by_role("dialog").get_by_role("button", name="Favourite").click()
    page.get_by_role("button", name="Favourite", pressed=True).wait_for()
    page.get_by_role("button", name="Folder").click()
    page.get_by_role("textbox", name="Name of the folder").fill("Houses")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Houses").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Favourites").click()
    page.get_by_text("1 picture", exact=True).wait_for()
    assert wall(page) == ["a red house"]
    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_role("combobox", name="Folder").select_option("Houses")
    page.get_by_text("1 picture", exact=True).wait_for()
    [found] = studio.get("/v1/pictures?folder=Houses")["data"]
    assert found["favourite"] and found["prompt"] == "a red house"


def test_a_picture_is_made_again_in_five_ways(gallery: Visitor) -> None:
    page, studio = gallery.page, gallery.studio
    [source] = studio.get("/v1/pictures?q=green")["data"]
    expected = {
        "Use prompt": ("a green boat", "", ""),
        "Use seed": ("", "10", ""),
        "Use all": ("a green boat", "10", "6"),
        "Remix": ("a green boat", "", "6"),
    }
    for action, (prompt, seed, steps) in expected.items():
        page.evaluate("localStorage.clear()")
        page.goto("about:blank")
        gallery.watch.wrong.clear()
        gallery.visit(f"#/gallery?picture={source['id']}")
        page.get_by_role("dialog").get_by_role("link", name=action).click()
        field = page.get_by_role("textbox", name="Prompt")
        field.wait_for()
        page.get_by_role("button", name="Options").click()
        page.wait_for_function("(w) => document.querySelector('textarea').value === w", arg=prompt)
        assert page.get_by_role("spinbutton", name="Seed").input_value() == seed, action
        assert page.get_by_role("spinbutton", name="Steps").input_value() == steps, action
    gallery.visit(f"#/gallery?picture={source['id']}")
    page.get_by_role("button", name="Variations").click()
    page.get_by_text("8 pictures").wait_for()
    varied = [p for p in studio.get("/v1/pictures")["data"] if p["parent"] == source["id"]]
    assert len(varied) == 4 and len({p["seed"] for p in varied}) == 4


def test_download_is_the_file_and_delete_is_for_good(gallery: Visitor) -> None:
    page, studio = gallery.page, gallery.studio
    [source] = studio.get("/v1/pictures?q=cubes")["data"]
    page.get_by_role("link", name="three yellow cubes").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "three-yellow-cubes-30.png"
    assert hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest() == source["sha256"]
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_role("dialog", name="Delete for good?").get_by_role("button", name="Delete for good").click()
    page.get_by_text("3 pictures").wait_for()
    assert wall(page) == list(reversed(PROMPTS[:3]))
    assert studio.get("/v1/pictures?q=cubes")["total"] == 0
    # and several at once
    page.get_by_role("button", name="Select").click()
    for name in ("a blue boat", "a red house"):
        page.get_by_role("button", name=name).click()
    page.get_by_text("2 selected").wait_for()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    page.get_by_text("1 picture", exact=True).wait_for()
    assert studio.get("/v1/pictures")["total"] == 1


def test_compare_two_with_a_slider(gallery: Visitor) -> None:
    page = gallery.page
    page.get_by_role("button", name="Select").click()
    assert page.get_by_role("button", name="Compare").is_disabled()
    for name in PROMPTS[:2]:
        page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Compare").click()
    slider = page.get_by_role("slider", name="Where the pictures meet")
    slider.wait_for()
    over = page.get_by_role("dialog").get_by_role("img").nth(1)
    before = over.evaluate("(i) => getComputedStyle(i).clipPath")
    for _ in range(20):
        slider.press("ArrowRight")
    assert slider.input_value() == "70"
    assert over.evaluate("(i) => getComputedStyle(i).clipPath") != before
    page.keyboard.press("Escape")
    slider.wait_for(state="detached")


def test_the_wall_is_walked_with_keys(gallery: Visitor) -> None:
    page, studio = gallery.page, gallery.studio
    page.get_by_role("link", name="three yellow cubes").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("f")
    page.wait_for_function(
        "async () => (await (await fetch('/v1/pictures?favourite=true')).json()).data[0]?.prompt === 'a red house'"
    )
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="a red house").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_role("dialog", name="a green boat").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")  # it gives the focus back as it goes
    page.wait_for_timeout(200)
    page.get_by_role("link", name="a green boat").focus()
    page.keyboard.press("Delete")
    page.get_by_role("dialog", name="Delete for good?").get_by_role("button", name="Delete for good").click()
    page.get_by_text("3 pictures").wait_for()
    assert studio.get("/v1/pictures?q=green")["total"] == 0


def test_the_queue_is_seen_paused_cancelled_and_tried_again(browser: Any, slow: Studio) -> None:
    studio = slow
    with visiting(browser, studio) as visitor:
        page = visitor.visit("#/gallery")
        page.get_by_text("Nothing here yet.").wait_for()
        ids = [ask_later(studio, f"queued boat {k}", steps=100) for k in range(2)]
        queue = page.get_by_role("region", name="Queue")
        queue.get_by_role("progressbar").first.wait_for()
        queue.get_by_text("queued boat 1").wait_for()
        queue.get_by_role("button", name="Cancel: queued boat 1").click()
        queue.get_by_role("button", name="Try again: queued boat 1").wait_for()
        assert studio.get(f"/v1/jobs/{ids[1]}")["status"] == "cancelled"
        queue.get_by_role("button", name="Pause").click()
        queue.get_by_text("Paused: what waits is not begun").wait_for()
        ask_later(studio, "a held boat", steps=5)
        queue.get_by_text("Number 1 in the queue").wait_for()
        page.get_by_role("link", name="queued boat 0").wait_for()  # what runs ends
        assert studio.get("/v1/pictures")["total"] == 1
        queue.get_by_role("button", name="Go on").click()
        page.get_by_role("link", name="a held boat").wait_for()
        queue.get_by_role("button", name="Try again: queued boat 1").click()
        page.get_by_role("link", name="queued boat 1").wait_for()
        assert studio.get("/v1/pictures")["total"] == 3


def ask_later(studio: Studio, prompt: str, *, steps: int) -> str:
    body = {"prompt": prompt, "num_inference_steps": steps}
    answer = httpx.post(
        f"{studio.url}/v1/images/generations", json=body, headers={"Prefer": "respond-async"}, timeout=60
    )
    return str(answer.json()["id"])


def fill(data: Path, number: int) -> None:
    """So many pictures in the store, as a worker writes them; they share one file."""
    service: Service = open_service(ServeSettings(data=data, work=False), {"stand-in": StandIn()})
    try:
        content = small_picture()
        blob = service.blobs.put(content)
        digest = hashlib.sha256(content).hexdigest()
        for start in range(0, number, 500):
            request = asdict(ImageRequest(f"wall {start}", size=64, seed=start))
            payload = {"request": request, "n": 500, "width": 64, "height": 64}
            job = NewJob("local", "stand-in", payload, num_pictures=500, pixel_steps=1.0, request_hash=str(start))
            service.jobs.accept(job)
            [row] = service.jobs.claim("filler", limit=1, models=["stand-in"])
            made = [
                NewPicture(k, blob, "image/png", 64, 64, start + k, digest, len(content), None)
                for k in range(min(500, number - start))
            ]
            assert service.jobs.finish("filler", row, made, cost=COST.model_dump())
    finally:
        service.close()


def small_picture() -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def test_five_thousand_pictures(browser: Any, tmp_path: Path) -> None:
    """Only what is in sight is in the page, wherever one scrolls; docs/studio.md has the times."""
    fill(tmp_path, 5000)
    with running(tmp_path) as studio, visiting(browser, studio) as visitor:
        page = visitor.visit("#/gallery")
        page.get_by_text("5,000 pictures").wait_for()
        items = page.get_by_role("list", name="Pictures").get_by_role("listitem")
        items.first.wait_for()
        for place in (0.1, 0.5, 1.0):
            page.evaluate("(p) => scrollTo(0, p * document.documentElement.scrollHeight)", place)
            page.wait_for_timeout(100)
            assert items.count() < 120
        items.get_by_role("link", name="wall 0", exact=True).last.wait_for()
        assert items.last.get_attribute("aria-posinset") == "5000"
