"""Enlarging in the studio: from the desk and the gallery, in both languages, and not where there is no upscaler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from reflet.generate.upscale import UpscalerBundle, save_upscaler
from reflet.models.upscaler import Upscaler, UpscalerConfig
from tests.studio.conftest import QUICK, Studio, axe, needs_axe, visiting
from tests.studio.test_edit_screen import made, opened


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with an upscaler of a few weights."""
    torch.manual_seed(0)
    config, folder = UpscalerConfig(width=4, depth=1), tmp_path_factory.mktemp("large")
    fresh = UpscalerBundle.of("tiny-upscaler", config, Upscaler(config).state_dict())
    save_upscaler(folder / "upscaler", fresh, card="# tiny-upscaler\n")
    options = ("--no-provenance", "--upscaler", str(folder / "upscaler"))
    studio = Studio(folder / "data", (QUICK,), options=options).start()
    yield studio
    studio.kill()


def test_a_file_is_enlarged_on_the_desk(browser: Any, large: Studio, tmp_path: Path) -> None:
    with visiting(browser, large) as visitor:
        page = opened(visitor, tmp_path)
        place = page.get_by_role("region", name="Enlarge")
        place.get_by_role("button", name="4 times 256 × 256 pixels").click()
        page.get_by_role("button", name="Result 1").wait_for()
        assert (made(large)["width"], made(large)["kind"], made(large)["factor"]) == (256, "upscale", 4)
        page.get_by_role("button", name="Go on with this one").click()
        place.get_by_role("button", name="2 times 512 × 512 pixels").click()  # now from the service's own picture
        page.get_by_role("button", name="Result 1").wait_for()
        assert (made(large)["width"], made(large)["parent"] is not None) == (512, True)


def test_a_picture_of_the_gallery_is_enlarged_and_keeps_its_words(browser: Any, large: Studio) -> None:
    large.post("/v1/images/generations", prompt="une barque bleue", num_inference_steps=2)
    name = made(large)["id"]
    with visiting(browser, large, locale="fr-FR") as visitor:
        page = visitor.visit(f"#/gallery?picture={name}")
        page.get_by_role("button", name="Agrandir 2 fois").click()
        page.get_by_text("128 × 128").wait_for()
        shown = page.get_by_role("dialog")
        assert shown.get_by_role("heading", name="une barque bleue").is_visible()
        assert shown.get_by_text("2 fois", exact=True).is_visible()
        assert made(large)["parent"] == name
        # What an upscaler made is asked of a model that reads words.
        shown.get_by_role("link", name="Tout reprendre").click()
        page.get_by_role("button", name="Créer", exact=True).wait_for()
        assert "upscaler" not in page.content()


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Any, large: Studio, tmp_path: Path, width: int) -> None:
    with visiting(browser, large, viewport={"width": width, "height": 800}) as visitor:
        page = opened(visitor, tmp_path)
        page.get_by_role("region", name="Enlarge").wait_for()
        assert axe(page) == []


def test_without_an_upscaler_nothing_is_offered(browser: Any, tmp_path: Path) -> None:
    plain = Studio(tmp_path / "data", (QUICK,), options=("--no-provenance", "--upscaler", "none")).start()
    try:
        with visiting(browser, plain) as visitor:
            page = opened(visitor, tmp_path)
            page.get_by_role("button", name="Make it").wait_for()
            assert page.get_by_role("region", name="Enlarge").count() == 0
    finally:
        plain.kill()
