"""What holds for every screen: no barrier, nothing from outside, small, in two languages, by keyboard, behind a key."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.studio.conftest import ROOT, Studio, Visitor, axe, needs_axe, running, visiting

SCREENS = {
    "create": "What do you see?",
    "gallery": "Gallery",
    "edit": None,
    "explore": None,
    "verify": None,
    "admin": None,
}
STATIC = ROOT / "reflet" / "serve" / "static"
BUDGET = 60_000  # bytes of compressed JavaScript until the first screen can be used


@needs_axe
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_barrier_on_any_screen(browser: Any, studio: Studio, theme: str, width: int) -> None:
    studio.clear()
    studio.post("/v1/images/generations", prompt="a boat for everybody", seed=3)
    viewport = {"width": width, "height": 800}
    with visiting(browser, studio, viewport=viewport, color_scheme=theme) as visitor:
        found = {}
        for screen in SCREENS:
            page = visitor.visit(f"#/{screen}")
            page.wait_for_timeout(200)
            found[screen] = axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{screen} is too wide"
        page = visitor.visit("#/create")
        page.get_by_role("textbox", name="Prompt").fill("a boat")
        page.get_by_role("img", name="Draft: a boat").wait_for()
        page.get_by_role("button", name="Options").click()
        found["create, options"] = axe(page)
        page.get_by_role("button", name="Ideas").click()
        page.get_by_role("region", name="Ideas").get_by_role("listitem").first.wait_for()
        found["create, ideas"] = axe(page)
        page.get_by_role("button", name="Settings").click()
        found["settings"] = axe(page)
        page.get_by_role("button", name="Close", exact=True).click()
        page = visitor.visit("#/gallery")
        page.get_by_role("link", name="a boat for everybody").click()
        page.get_by_role("dialog").get_by_role("img").wait_for()
        found["a picture"] = axe(page)
    assert {k: v for k, v in found.items() if v} == {}


def test_french_dark_and_small(browser: Any, studio: Studio) -> None:
    viewport = {"width": 360, "height": 740}
    with visiting(browser, studio, viewport=viewport, locale="fr-FR", color_scheme="dark") as visitor:
        page = visitor.visit()
        assert page.get_by_role("heading", level=1).inner_text() == "Que voyez-vous ?"
        assert page.evaluate("document.documentElement.lang") == "fr" and page.title() == "Créer · Reflet"
        nav = page.get_by_role("navigation").bounding_box()
        assert nav["y"] + nav["height"] == 740, "on a phone the screens are at the foot"
        dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.get_by_role("button", name="Réglages").click()
        page.get_by_role("radio", name="Clair").check()
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != dark
        page.get_by_role("radio", name="English").check()
        page.get_by_role("button", name="Close", exact=True).click()
        page.reload()
        assert page.get_by_role("heading", level=1).inner_text() == "What do you see?"
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != dark


def test_everything_is_reached_with_keys(visitor: Visitor) -> None:
    page = visitor.visit("#/gallery")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN" and page.url.endswith("#/gallery")
    for name in ("Create", "Gallery", "Edit", "Explore", "Verify", "Admin"):
        link = page.get_by_role("navigation").get_by_role("link", name=name)
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_function("(name) => document.title.startsWith(name)", arg=name)
        assert link.get_attribute("aria-current") == "page"


def test_a_key_is_asked_for_and_kept(browser: Any, tmp_path: Path) -> None:
    """Where the service wants keys the studio asks for one; a wrong one is refused in words."""
    with running(tmp_path) as studio:
        secret = httpx.post(f"{studio.url}/v1/admin/keys", json={"name": "anna"}, timeout=60).raise_for_status().json()
    with running(tmp_path) as studio, visiting(browser, studio, allowed=("401 (Unauthorized)",)) as visitor:
        page = visitor.visit()
        for key in ("wrong", secret["key"]):
            page.get_by_role("dialog").get_by_label("Key").fill(key)
            page.get_by_role("button", name="Continue").click()
            if key == "wrong":
                page.get_by_text("This key is not known, expired or revoked.").wait_for()
        page.get_by_role("textbox", name="Prompt").fill("a boat behind a lock")
        page.get_by_role("img", name="Draft: a boat behind a lock").wait_for()
        page.get_by_role("textbox", name="Prompt").press("Enter")
        page.get_by_role("link", name="Picture: a boat behind a lock").nth(3).wait_for()
        page.reload()
        page.get_by_role("img", name="Draft: a boat behind a lock").wait_for()


def test_the_page_and_its_policy(studio: Studio) -> None:
    page = httpx.get(studio.url)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "style-src 'self'" in policy and "unsafe" not in policy
    assert "<style" not in page.text and "style=" not in page.text and page.headers["cache-control"] == "no-cache"
    for name in re.findall(r'(?:src|href)="/(studio[^"]+)"', page.text):
        answer = httpx.get(f"{studio.url}/{name}")
        assert answer.status_code == 200 and answer.content == (STATIC / name).read_bytes()
        if name.startswith("studio/"):
            assert "immutable" in answer.headers["cache-control"]
    for name in ("studio/../index.html", "studio/%2e%2e/index.html", "studio/nothing.js"):
        assert httpx.get(f"{studio.url}/{name}").status_code == 404


def test_the_first_load_is_small() -> None:
    """Script of the page and all that it imports at once; the other screens come later."""
    page = (STATIC / "index.html").read_text()
    pending, seen = re.findall(r'"/(studio/[^"]+\.js)"', page), set()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            text = (STATIC / name).read_text()
            pending += [f"studio/{n}" for n in re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', text)]
    size = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in seen)
    assert 0 < size <= BUDGET, f"{size} bytes"


@pytest.mark.skipif(
    shutil.which("npm") is None or not (ROOT / "studio" / "node_modules").exists(),
    reason="the build is compared where Node is: cd studio && npm ci --ignore-scripts",
)
def test_the_committed_build_is_that_of_the_source(tmp_path: Path) -> None:
    command = ["npx", "--no-install", "vite", "build", "--outDir", str(tmp_path / "built"), "--logLevel", "error"]
    subprocess.run(command, cwd=ROOT / "studio", check=True, timeout=300)

    def files(folder: Path) -> dict[str, bytes]:
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    fresh, committed = files(tmp_path / "built"), files(STATIC)
    assert fresh.keys() == committed.keys(), "run `make studio-build` and commit what changed"
    assert [name for name in fresh if fresh[name] != committed[name]] == []
