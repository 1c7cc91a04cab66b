"""Create: the picture follows the typing, Enter makes four, nothing that was asked for is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reflet.serve.stand_in import color_of
from tests.studio.conftest import QUICK, Studio, Visitor, running, visiting

DRAFT = re.compile("^Draft: ")
AWAY = ("Failed to load resource", "net::ERR")  # what a browser says of a service that is gone
# Looks at every picture that is ever put on the page, in order.
RECORD = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const draft = [...document.images].find((i) => i.alt.startsWith("Draft: "));
    if (draft && window.seen.at(-1) !== draft.alt) window.seen.push(draft.alt);
  }).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ["alt"]});
}"""


def prompt_field(page: Any) -> Any:
    return page.get_by_role("textbox", name="Prompt")


def pixel(image: Any) -> tuple[int, ...]:
    """The colour in the middle of a picture of the page."""
    code = """async (img) => {
      await img.decode();
      const c = new OffscreenCanvas(1, 1).getContext("2d");
      c.drawImage(img, 0, 0, 1, 1);
      return [...c.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    }"""
    return tuple(image.evaluate(code))


def close_to(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(abs(x - y) <= 12 for x, y in zip(a, b, strict=True))


def test_the_picture_follows_the_typing(visitor: Visitor) -> None:
    page = visitor.visit()
    page.evaluate(RECORD)
    text = "a red glass sphere on a table"
    prompt_field(page).press_sequentially(text, delay=40)
    page.get_by_role("img", name=f"Draft: {text}", exact=True).wait_for()
    drafts = [alt.removeprefix("Draft: ") for alt in page.evaluate("window.seen")]
    assert all(text.startswith(d) for d in drafts)
    assert [len(d) for d in drafts] == sorted(len(d) for d in drafts), "an older draft came after a newer one"
    assert page.get_by_text(re.compile(r"s · ≈ .* J$")).count() == 1
    # nothing is kept of drafts
    assert all(p["prompt"] not in drafts for p in visitor.studio.get("/v1/pictures?limit=500")["data"])
    prompt_field(page).fill("")
    page.get_by_text("Begin to write, and the picture follows.").wait_for()


def test_enter_makes_four_and_the_first_is_the_draft(browser: Any, slow: Studio) -> None:
    studio = slow
    with visiting(browser, studio) as visitor:
        page = visitor.visit()
        prompt_field(page).fill("four boats")
        page.get_by_role("img", name="Draft: four boats").wait_for()
        color = pixel(page.get_by_role("img", name=DRAFT))
        prompt_field(page).press("Enter")
        page.get_by_role("img", name="On its way: four boats").first.wait_for()
        page.get_by_role("link", name="Picture: four boats").nth(3).wait_for()
        made = studio.get("/v1/pictures")["data"]
        seeds = sorted(p["seed"] for p in made)
        assert len(made) == 4 and seeds == list(range(seeds[0], seeds[0] + 4))
        colors = [pixel(image) for image in page.get_by_role("img", name="Picture: four boats").all()]
        assert close_to(colors[0], color) and close_to(color, color_of(seeds[0]))
        assert [close_to(c, color_of(s)) for c, s in zip(colors, seeds, strict=True)] == [True] * 4
        region = page.get_by_role("region", name="Together")
        assert region.get_by_text(re.compile(r"s · ≈ .* J$")).count() == 5  # each, and all together
        # another round has other seeds; the first one moves down
        prompt_field(page).press("Enter")
        page.get_by_role("heading", name="Earlier rounds").wait_for()
        page.get_by_role("link", name="Picture: four boats").nth(7).wait_for()
        assert len({p["seed"] for p in studio.get("/v1/pictures")["data"]}) == 8


def test_options_reach_the_picture_and_outlive_a_reload(visitor: Visitor) -> None:
    page = visitor.visit()
    prompt_field(page).fill("with options")
    page.get_by_role("button", name="Options").click()
    page.get_by_role("combobox", name="Style").select_option("watercolour")
    page.get_by_role("spinbutton", name="Seed").fill("77")
    page.get_by_role("spinbutton", name="Steps").fill("6")
    page.get_by_role("spinbutton", name="Guidance").fill("1.5")
    page.get_by_role("textbox", name="Leave out").fill("rain")
    page.get_by_role("radio", name="1").check()
    page.reload()
    assert prompt_field(page).input_value() == "with options"
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Picture: with options").wait_for()
    [made] = [p for p in visitor.studio.get("/v1/pictures?q=options")["data"]]
    asked = {k: made[k] for k in ("style", "seed", "num_steps", "guidance_scale", "negative_prompt")}
    expected = {"style": "watercolour", "seed": 77, "num_steps": 6, "guidance_scale": 1.5, "negative_prompt": "rain"}
    assert asked == expected
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Back to the model’s own").click()
    assert page.get_by_role("spinbutton", name="Seed").input_value() == ""


def test_pictures_are_shown_in_their_own_shape(visitor: Visitor) -> None:
    """The draft and what is made of it, wide and tall, each whole."""
    page = visitor.visit()
    for size in ("88x48", "48x72"):
        width, height = map(int, size.split("x"))
        page.get_by_role("button", name="Options").click()
        page.get_by_role("radio", name=f"{width} × {height}").check(force=True)
        text = f"a ball, {size}"
        prompt_field(page).fill(text)
        draft = page.get_by_role("img", name=f"Draft: {text}", exact=True)
        draft.wait_for()
        box = draft.bounding_box()
        assert abs(box["width"] / box["height"] - width / height) < 0.02
        prompt_field(page).press("Enter")
        made = page.get_by_role("link", name=f"Picture: {text}").get_by_role("img")
        made.nth(3).wait_for()
        for k in range(4):
            box = made.nth(k).bounding_box()
            assert abs(box["width"] / box["height"] - width / height) < 0.02
            assert made.nth(k).evaluate("i => [i.naturalWidth, i.naturalHeight]") == [width, height]


def test_ideas_history_and_surprise(visitor: Visitor) -> None:
    page = visitor.visit()
    page.get_by_role("button", name="Ideas").click()
    ideas = page.get_by_role("region", name="Ideas").get_by_role("listitem")
    ideas.first.wait_for()
    first = ideas.first.inner_text()
    page.get_by_role("button", name="Other ideas").click()
    page.get_by_role("button", name=first, exact=True).wait_for(state="detached")
    second = ideas.first.inner_text()
    ideas.first.get_by_role("button").click()
    assert prompt_field(page).input_value() == second
    page.get_by_role("button", name="Surprise me").click()
    page.wait_for_function("(old) => document.querySelector('textarea').value !== old", arg=second)
    prompt_field(page).fill("a prompt to remember")
    prompt_field(page).press("Enter")
    prompt_field(page).fill("")
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="a prompt to remember", exact=True).click()
    assert prompt_field(page).input_value() == "a prompt to remember"


def test_refusals_are_told_in_words(visitor: Visitor) -> None:
    visitor.watch.allowed = ("400 (Bad Request)", "500 (Internal Server Error)")
    page = visitor.visit()
    prompt_field(page).fill("an unreadable thing")  # a word that the stand-in refuses
    page.get_by_text("the prompt is unreadable: choose other words").wait_for()
    prompt_field(page).fill("a broken thing")
    prompt_field(page).press("Enter")
    page.get_by_role("button", name="Try again").nth(3).wait_for()
    page.get_by_role("log").get_by_text("the picture could not be made").first.wait_for()


def test_cancel_and_try_again(browser: Any, slow: Studio) -> None:
    studio = slow
    with visiting(browser, studio) as visitor:
        page = visitor.visit()
        prompt_field(page).fill("slow boats")
        prompt_field(page).press("Enter")
        page.get_by_role("img", name="On its way: slow boats").first.wait_for()
        page.get_by_role("button", name="Cancel all").click()
        page.get_by_role("button", name="Try again").nth(3).wait_for()
        page.wait_for_function("async () => (await (await fetch('/v1/jobs?open=true')).json()).data.length === 0")
        assert studio.get("/v1/pictures")["total"] == 0
        page.get_by_role("button", name="Try again").first.click()
        page.get_by_role("link", name="Picture: slow boats").wait_for()
        assert studio.get("/v1/pictures")["total"] == 1


@pytest.mark.parametrize("how", ["killed", "reloaded"])
def test_a_picture_under_way_arrives(browser: Any, slow: Studio, how: str) -> None:
    """The service is killed in the middle and started again; or the page is loaded anew."""
    studio = slow
    with visiting(browser, studio, allowed=AWAY) as visitor:
        page = visitor.visit()
        prompt_field(page).fill("a boat that arrives")
        prompt_field(page).press("Enter")
        page.get_by_role("img", name="On its way: a boat that arrives").first.wait_for()
        if how == "killed":
            studio.kill()
            page.get_by_role("alert").filter(has_text="does not answer").wait_for()
            studio.start()
            page.get_by_role("alert").wait_for(state="detached")
        else:
            page.reload()
        page.get_by_role("link", name="Picture: a boat that arrives").nth(3).wait_for(timeout=90_000)
        assert studio.get("/v1/pictures")["total"] == 4, "one for each that was asked, none twice"


def test_the_real_model(browser: Any, tmp_path: Path) -> None:
    """The shipped bundle beside a guest: hints of its own, one-click choice, a draft and a picture."""
    with running(tmp_path, "image", QUICK) as studio, visiting(browser, studio) as visitor:
        name = studio.get("/v1/models")["data"][0]["id"]
        page = visitor.visit()
        assert page.get_by_role("radio", name=name).is_checked()
        prompt_field(page).fill("a red sphere beside a carburettor")
        page.get_by_role("status").get_by_text("“carburettor”").wait_for()
        page.get_by_role("img", name=DRAFT).wait_for(timeout=120_000)
        page.get_by_role("button", name="Options").click()
        page.get_by_role("spinbutton", name="Steps").fill("4")
        page.get_by_role("radio", name="1", exact=True).check()
        prompt_field(page).press("Enter")
        page.get_by_role("link", name="Picture: a red sphere").wait_for(timeout=120_000)
        assert studio.get("/v1/pictures")["data"][0]["model"] == name
        page.get_by_role("radio", name="stand-in").check()
        page.get_by_role("status").get_by_text("“carburettor”").wait_for(state="detached")


def test_the_models_field_is_quiet_with_one(studio: Studio, visitor: Visitor) -> None:
    assert studio.models == (QUICK,)
    page = visitor.visit()
    assert page.get_by_role("group", name="Model").count() == 0
