"""Verify: where a picture comes from, in words, for each way in which it can stand."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.studio.conftest import QUICK, Studio, axe, needs_axe, visiting


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio that signs what it makes."""
    found = Studio(tmp_path_factory.mktemp("signing"), (QUICK,), options=()).start()
    yield found
    found.kill()


@pytest.fixture(scope="module")
def signed(signing: Studio) -> tuple[str, bytes]:
    """The id and the file of a picture that was made there."""
    body = {"prompt": "a signed boat", "num_inference_steps": 2, "size": "256x256", "model": "dall-e-3"}
    made = signing.post("/v1/images/generations", **body)["data"][0]["id"]
    return made, httpx.get(f"{signing.url}/v1/pictures/{made}/content", timeout=60).content


def examined(page: Any, content: bytes, tmp_path: Path) -> str:
    """The verdict on a file."""
    file = tmp_path / "picture.png"
    file.write_bytes(content)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    page.get_by_role("button", name="Examine another one").wait_for()
    return page.get_by_role("heading", level=1).inner_text()


def test_what_is_said_of_a_signed_a_changed_and_a_strangers_picture(
    browser: Any, signing: Studio, signed: tuple[str, bytes], tmp_path: Path
) -> None:
    content = signed[1]
    at = content.rindex(b"IDAT") - 100
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    stranger = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(stranger, "PNG")
    with visiting(browser, signing) as visitor:
        page = visitor.visit("#/verify")
        assert examined(page, content, tmp_path) == "Made by Reflet, and unchanged since"
        assert page.get_by_text("the model stand-in made it").is_visible()
        assert page.get_by_text("It is declared as made by a trained model.").is_visible()
        for file, verdict in (
            (changed, "Changed after it was signed"),
            (stranger.getvalue(), "Not from Reflet, as far as can be seen"),
        ):
            page.get_by_role("button", name="Examine another one").click()
            assert examined(page, file, tmp_path) == verdict
        assert page.get_by_text("That does not prove that no model made it").is_visible()


def test_a_picture_of_the_gallery_by_its_address(browser: Any, signing: Studio, signed: tuple[str, bytes]) -> None:
    with visiting(browser, signing, locale="fr-FR") as visitor:
        page = visitor.visit(f"#/verify?picture={signed[0]}")
        page.get_by_role("heading", name="Faite par Reflet, et intacte depuis").wait_for()
        assert page.get_by_role("img", name="L’image examinée").is_visible()


def test_no_picture_is_said_in_words(browser: Any, signing: Studio, tmp_path: Path) -> None:
    file = tmp_path / "notes.png"
    file.write_text("these are words")
    with visiting(browser, signing, allowed=("400",)) as visitor:
        page = visitor.visit("#/verify")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a file").click()
        chooser.value.set_files(file)
        page.get_by_text("no PNG, JPEG or WebP, and no WAV").wait_for()


@needs_axe
@pytest.mark.parametrize("look", [(t, w) for t in ("light", "dark") for w in (360, 1280)], ids=str)
def test_axe_finds_nothing(
    browser: Any, signing: Studio, signed: tuple[str, bytes], look: tuple[str, int], tmp_path: Path
) -> None:
    size = {"width": look[1], "height": 800}
    with visiting(browser, signing, color_scheme=look[0], viewport=size) as visitor:
        page = visitor.visit("#/verify")
        assert axe(page) == []
        examined(page, signed[1], tmp_path)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
