"""Every screen, both themes, phone and desk, as docs/studio/*.webp: `python studio/screenshots.py URL` of a studio with
pictures in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import tyro
from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "studio"
SIZES = {"desk": (1280, 860), "phone": (390, 844)}
THEMES = ("light", "dark")
PROMPT = "an autumn forest with tall orange trees"
QUALITY = 80


def draft(page: Any) -> None:
    """A prompt and its draft."""
    page.get_by_role("textbox", name="Prompt").fill(PROMPT)
    page.get_by_role("img", name=f"Draft: {PROMPT}").wait_for()


def four(page: Any) -> None:
    """Four pictures, and the options where there is room."""
    page.get_by_role("textbox", name="Prompt").fill(PROMPT)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("spinbutton", name="Seed").fill("40")
    page.get_by_role("spinbutton", name="Steps").fill("14")
    page.get_by_role("textbox", name="Prompt").press("Enter")
    page.get_by_role("link", name=f"Picture: {PROMPT}").nth(3).wait_for()
    if page.viewport_size["width"] > SIZES["phone"][0]:
        page.get_by_role("button", name="Options").click()


def picture(page: Any) -> None:
    """The newest picture of a kind."""
    page.get_by_role("searchbox").fill("forest")
    page.wait_for_timeout(1500)
    page.get_by_role("list", name="Pictures").get_by_role("link").first.click()
    page.get_by_role("dialog").get_by_role("img").wait_for()


def with_picture(page: Any) -> None:
    """The screen with a picture of the gallery in it."""
    code = "async () => (await (await fetch('/v1/pictures?q=golden%20light')).json()).data.at(-1).id"
    page.evaluate("(id) => { location.hash += `?picture=${id}`; }", page.evaluate(code))


def seeds(page: Any) -> None:
    """Nine seeds of one prompt."""
    page.get_by_role("textbox", name="Prompt").first.fill(PROMPT)
    page.get_by_role("button", name="Make them").click()
    page.wait_for_function("() => document.images.length >= 9 && [...document.images].every((i) => i.complete)")


def training_set(page: Any) -> None:
    """The map, framed by where pictures are set, and one of them chosen."""
    surface = page.get_by_role("application", name="Map of the training set")
    surface.wait_for()
    page.get_by_role("combobox", name="Frame by").select_option(label="Place")
    surface.press("+")
    surface.press("ArrowRight")


def usage(page: Any) -> None:
    """What it cost."""
    page.get_by_role("radio", name="Usage").check()


def nothing(page: Any) -> None:
    """As it opens."""


# name -> (address, what is done there)
SHOTS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "create": ("create", draft),
    "four": ("create", four),
    "gallery": ("gallery", nothing),
    "picture": ("gallery", picture),
    "edit": ("edit", with_picture),
    "explore": ("explore", seeds),
    "map": ("explore?view=map", training_set),
    "verify": ("verify", with_picture),
    "admin": ("admin", usage),
}


def main(url: str, /, *, only: tuple[str, ...] = tuple(SHOTS), settle: int = 2500) -> None:
    """Take the pictures of docs/studio.md.

    Args:
        url: Where a studio runs.
        only: Which screens.
        settle: Milliseconds before each picture is taken.
    """
    chromium = next(p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n)))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for size, (width, height) in SIZES.items():
            for theme in THEMES:
                for name in only:
                    place, act = SHOTS[name]
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB"
                    )
                    page = context.new_page()
                    page.set_default_timeout(240_000)
                    page.goto(f"{url.rstrip('/')}/#/{place}")
                    page.get_by_role("heading", level=1).wait_for()
                    act(page)
                    page.wait_for_timeout(settle)
                    shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
                    shot.save(FOLDER / f"{name}-{size}-{theme}.webp", quality=QUALITY, method=6)
                    context.close()
        browser.close()


if __name__ == "__main__":
    tyro.cli(main)
