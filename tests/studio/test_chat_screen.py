"""A talk in the studio: ten turns with a brain that follows rules, behind the interface that larger brains speak."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reflet.serve.brains import load_brain
from reflet.serve.settings import ServeSettings
from tests.serve.conftest import live
from tests.serve.test_openai import png
from tests.studio.conftest import QUICK, Studio, axe, needs_axe, visiting

HEARING = """
window.SpeechRecognition = class {
  start() {
    const heard = (words, isFinal) => Object.assign([{transcript: words}], {isFinal});
    setTimeout(() => this.onresult({results: [heard("draw a ", false)]}), 50);
    setTimeout(() => { this.onresult({results: [heard("draw a green hill", true)]}); this.onend(); }, 100);
  }
  stop() { this.onend(); }
};
"""


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose brain is a second server, found by its address."""
    elsewhere = ServeSettings(data=tmp_path_factory.mktemp("elsewhere"), brain=partial(load_brain, "stand-in"))
    with live(elsewhere) as other:
        os.environ["REFLET_BRAIN_KEY"] = "any"
        options = ("--no-provenance", "--brain", f"{other.url}/v1#stand-in-brain")
        studio = Studio(tmp_path_factory.mktemp("talking"), (QUICK,), options=options).start()
        yield studio
        studio.kill()
        del os.environ["REFLET_BRAIN_KEY"]


def say(page: Any, words: str) -> Any:
    """Says it, waits for the whole answer, and gives back the turn."""
    turns = page.get_by_role("list", name="Talk").locator("> li")
    number = turns.count()
    page.get_by_role("textbox", name="Your message").fill(words)
    page.keyboard.press("Enter")
    turns.nth(number).wait_for()
    page.get_by_role("button", name="Send", exact=True).wait_for()
    return turns.nth(number)


@needs_axe
def test_ten_turns(browser: Any, talking: Studio) -> None:
    """Drawn, changed, varied, explained, found, refused, thanked: and it is all there after a reload."""
    with visiting(browser, talking) as visitor:
        page = visitor.visit("#/chat")
        assert axe(page) == []
        say(page, "Hello").get_by_text("Tell me what to draw").wait_for()
        drawn = say(page, "Draw two pictures of a red sphere on a table")
        for number in (1, 2):
            shown = drawn.get_by_role("img", name=f"Picture {number}: a red sphere on a table")
            assert shown.evaluate("i => i.complete && i.naturalWidth") == 64
        drawn.get_by_text("Drawn as").wait_for()
        night = say(page, "Make the second one night")
        night.get_by_role("img", name="Picture 3: a red sphere on a table at night").wait_for()
        night.get_by_text("same seed").wait_for()
        made = {p["prompt"]: p for p in talking.get("/v1/pictures?limit=10")["data"]}
        assert made["a red sphere on a table at night"]["seed"] == made["a red sphere on a table"]["seed"] + 1
        varied = say(page, "Show me variations of it")
        assert varied.get_by_role("img").count() == 2
        say(page, "What were the settings of the first?").get_by_text("20 steps").wait_for()
        say(page, "Who has the rights of the second?").get_by_text("This is no legal advice").wait_for()
        say(page, "What did it cost?").get_by_text("J of energy").wait_for()
        assert say(page, "Find my red sphere").get_by_role("img").count() == 5
        refused = say(page, "Draw a nude woman")
        refused.get_by_text("I do not make or talk about that").wait_for()
        say(page, "Thank you").get_by_text("You are welcome").wait_for()
        assert axe(page) == []
        page.reload()
        turns = page.get_by_role("list", name="Talk").locator("> li")
        turns.nth(9).wait_for()
        assert turns.count() == 10
        last = say(page, "Now make it snow")  # the brain is told the whole talk again
        last.get_by_text("in the snow", exact=False).first.wait_for()
        page.get_by_role("button", name="New talk").click()
        page.get_by_role("button", name="What can you do?").wait_for()


def test_a_rewritten_caption_is_taken_back_and_the_talk_goes_on_from_there(browser: Any, talking: Studio) -> None:
    with visiting(browser, talking) as visitor:
        page = visitor.visit("#/chat")
        turn = say(page, "Draw a yellow cone")
        turn.get_by_role("img", name="Picture 1: a yellow cone").wait_for()
        turn.get_by_role("button", name="Use my own words").click()
        turn.get_by_role("img", name="Picture 1: Draw a yellow cone").wait_for()
        first, second = talking.get("/v1/pictures?limit=2")["data"]
        assert (first["prompt"], first["seed"]) == ("Draw a yellow cone", second["seed"])
        told = say(page, "What were the settings of it?")
        told.get_by_text("“Draw a yellow cone”").wait_for()
        turn.get_by_role("button", name="Use the caption again").click()
        turn.get_by_role("img", name="Picture 1: a yellow cone").wait_for()
        page.get_by_role("checkbox", name="Rewrite my words").uncheck()
        plain = say(page, "Draw a small castle")
        plain.get_by_role("img", name="Picture 2: Draw a small castle").wait_for()
        assert plain.get_by_role("button", name="Use my own words").count() == 0


def test_a_picture_of_ones_own_the_microphone_and_numbers(browser: Any, talking: Studio, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(png())
    with visiting(browser, talking) as visitor:
        visitor.page.add_init_script(HEARING)
        page = visitor.visit("#/chat")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Add a picture").click()
        chooser.value.set_files(tmp_path / "mine.png")
        page.get_by_role("img", name="Picture to send").wait_for()
        turn = say(page, "What is in this picture?")
        turn.get_by_role("img", name="Picture 1, from you").wait_for()
        turn.get_by_text("I cannot see pictures yet, and picture 1 was not made here").wait_for()
        page.get_by_role("button", name="Dictate").click()
        field = page.get_by_role("textbox", name="Your message")
        page.wait_for_function("(said) => document.querySelector('#message').value === said", arg="draw a green hill")
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_role("img", name="Picture 2: a green hill").wait_for()
        page.get_by_role("button", name="Speak of picture 2").click()
        assert field.input_value() == "picture 2 "
        page.get_by_role("link", name="Edit picture 2").click()
        page.get_by_role("button", name="Eraser").wait_for()


def test_what_fails_is_said_in_words(browser: Any, talking: Studio) -> None:
    with visiting(browser, talking) as visitor:
        page = visitor.visit("#/chat")
        page.get_by_role("textbox", name="Your message").fill("draw ten pictures of broken glass")
        page.keyboard.press("Enter")
        turn = page.get_by_role("list", name="Talk").locator("> li").first
        turn.get_by_text("That did not work").wait_for()
        assert turn.get_by_text("could not be made").count() == 1


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_in_french(browser: Any, talking: Studio, scheme: str) -> None:
    size = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
    with visiting(browser, talking, locale="fr-FR", color_scheme=scheme, **size) as visitor:
        page = visitor.visit("#/chat")
        page.get_by_role("textbox", name="Votre message").fill("dessine une sphère bleue")
        page.keyboard.press("Enter")
        page.get_by_role("img", name="Image 1 : une sphère bleue").wait_for()
        page.get_by_role("button", name="Envoyer", exact=True).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert axe(page) == []


def test_without_a_brain_it_says_how_to_get_one(browser: Any, tmp_path: Path) -> None:
    studio = Studio(tmp_path, (QUICK,), options=("--no-provenance", "--brain", "none")).start()
    try:
        with visiting(browser, studio) as visitor:
            page = visitor.visit("#/chat")
            page.get_by_role("heading", name="Nothing talks here").wait_for()
            page.get_by_text("--brain http://localhost:11434/v1#MODEL").wait_for()
    finally:
        studio.kill()
