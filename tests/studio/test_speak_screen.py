"""Speak: a text is heard while it is made, its words light up, and the file that is saved is signed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reflet.generate.verify_sound import examine
from reflet.generate.voice_bundle import save_voice
from tests.studio.conftest import QUICK, Studio, axe, needs_axe, visiting
from tests.tiny_voice import tiny_voice

TEXT = "Ada: Hello there, it is 7:30!\nBen: So it is. We must go."


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("speaking")
    save_voice(folder / "voice", tiny_voice(), card="# v\n")
    studio = Studio(folder / "data", (QUICK,), options=("--voice", str(folder / "voice"))).start()
    try:
        yield studio
    finally:
        studio.kill()


@pytest.fixture
def page(browser: Any, speaking: Studio) -> Iterator[Any]:
    with visiting(browser, speaking) as visitor:
        page = visitor.visit("#/speak")
        page.get_by_role("option", name="Ada").wait_for(state="attached")
        yield page


def speak(page: Any, text: str = TEXT) -> None:
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Speak", exact=True).click()
    page.get_by_role("region", name="Sound").wait_for()


def listen(page: Any) -> None:
    """Until the end of the sound."""
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play").wait_for()


COUNT = ("One", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WATCH = """() => {
  window.heard = [];
  setInterval(() => {
    const now = document.querySelector('.said .now')?.textContent ?? null;
    if (now !== null && window.heard.at(-1) !== now) window.heard.push(now);
  }, 15);
}"""


def test_words_light_up_while_they_are_heard(page: Any) -> None:
    page.evaluate(WATCH)
    speak(page, TEXT + "\nAda: One, two, three, four, five, six, seven, eight, nine.")
    listen(page)
    seen = page.evaluate("window.heard")
    places = iter(["Hello", "there", "it", "is", "7:30", "So", "it", "is", "We", "must", "go", *COUNT])
    assert len(seen) >= 3  # a busy machine looks seldom
    assert all(word in places for word in seen), seen  # in the order of the text, none twice


def test_the_slider_and_the_keys(page: Any) -> None:
    speak(page)
    listen(page)
    slider = page.get_by_label("Position")
    slider.fill("0.5")
    assert "0.5 s of" in slider.get_attribute("aria-valuetext")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    assert float(slider.input_value()) >= 0.5


def test_what_is_saved_is_signed(page: Any, tmp_path: Path) -> None:
    speak(page)
    listen(page)
    page.get_by_label("Format").select_option("wav")
    with page.expect_download() as wait:
        page.get_by_role("button", name="Download").click()
    wait.value.save_as(tmp_path / "x.wav")
    verdict = examine((tmp_path / "x.wav").read_bytes())
    assert verdict.standing == "signed" and verdict.model == "untrained"


def test_what_cannot_be_said_is_told(browser: Any, speaking: Studio) -> None:
    with visiting(browser, speaking, allowed=("400",)) as visitor:
        page = visitor.visit("#/speak")
        page.get_by_role("option", name="Ada").wait_for(state="attached")
        page.get_by_label("Text").fill("привет")
        page.get_by_role("button", name="Speak", exact=True).click()
        page.get_by_text("letter of another script").wait_for()


@needs_axe
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser: Any, speaking: Studio, width: int) -> None:
    with visiting(browser, speaking, viewport={"width": width, "height": 860}) as visitor:
        page = visitor.visit("#/speak")
        page.get_by_role("option", name="Ada").wait_for(state="attached")
        speak(page)
        listen(page)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_voice(visitor: Any) -> None:
    visitor.watch.allowed = ("404",)
    page = visitor.visit("#/speak")
    page.get_by_role("heading", name="Nobody speaks here").wait_for()
