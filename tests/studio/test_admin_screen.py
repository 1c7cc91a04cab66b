"""Admin: keys, the queue, usage, the trail, moderation; and who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.studio.conftest import QUICK, Studio, axe, needs_axe, visiting


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio of its own: its keys and its trail are counted."""
    found = Studio(tmp_path_factory.mktemp("office"), (QUICK,)).start()
    found.post("/v1/images/generations", prompt="a cup", n=2, num_inference_steps=2)
    refused = {"prompt": "a pile of naked people"}
    assert httpx.post(f"{found.url}/v1/images/generations", json=refused, timeout=60).status_code == 400
    yield found
    found.kill()


def test_a_key_is_made_shown_once_changed_and_revoked(browser: Any, office: Studio) -> None:
    with visiting(browser, office) as visitor:
        page = visitor.visit("#/admin?view=keys")
        page.get_by_role("button", name="New key").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("textbox", name="Name").fill("Berta")
        dialog.get_by_role("checkbox", name="batches").uncheck()
        dialog.get_by_role("spinbutton", name="Open jobs").fill("3")
        dialog.get_by_role("button", name="Make the key").click()
        secret = page.get_by_text(re.compile("^rfl_")).inner_text()
        answered = httpx.get(f"{office.url}/v1/me", headers={"api-key": secret}, timeout=60).json()
        assert answered["name"] == "Berta" and answered["limits"]["concurrency"] == 3
        assert "admin" not in answered["scopes"] and "batches" not in answered["scopes"]
        page.get_by_role("button", name="I have it").click()
        page.get_by_role("dialog").wait_for(state="hidden")
        assert secret not in page.content()
        page.get_by_role("button", name="Change Berta").click()
        page.get_by_role("dialog").get_by_role("spinbutton", name="Open jobs").fill("5")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Open jobs: 5").wait_for()
        page.get_by_role("button", name="Revoke Berta").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        page.get_by_text("revoked").wait_for()
        gone = httpx.post(f"{office.url}/v1/images/generations", headers={"api-key": secret}, json={}, timeout=60)
        assert gone.status_code in (400, 401)


def test_the_queue_is_paused_seen_and_cleared(browser: Any, office: Studio) -> None:
    with visiting(browser, office) as visitor:
        page = visitor.visit("#/admin")
        page.get_by_role("button", name="Pause the queue").click()
        page.get_by_text("The queue is paused").wait_for()
        body, later = {"prompt": "a hidden prompt"}, {"Prefer": "respond-async"}
        job = httpx.post(f"{office.url}/v1/images/generations", json=body, headers=later, timeout=60).json()["id"]
        page.get_by_role("row", name=re.compile(job)).wait_for()
        assert "a hidden prompt" not in page.content()
        page.get_by_role("button", name=f"Cancel {job}").click()
        page.get_by_text("Nothing waits.").wait_for()
        page.get_by_role("button", name="Let it go on").click()
        page.get_by_role("button", name="Pause the queue").wait_for()
        page.get_by_role("checkbox", name="Ended ones as well").check()
        page.get_by_role("row", name=re.compile(f"cancelled.*{job}")).wait_for()


def test_usage_trail_and_moderation(browser: Any, office: Studio) -> None:
    with visiting(browser, office) as visitor:
        page = visitor.visit("#/admin?view=usage")
        row = page.get_by_role("row", name=re.compile("this machine"))
        row.wait_for()
        assert row.get_by_role("cell").nth(1).inner_text() == "2"
        assert page.get_by_role("img", name=re.compile("Pictures a day: .* 2")).is_visible()
        page.get_by_role("radio", name="Audit trail").check()
        page.get_by_role("combobox", name="Action").select_option("made")
        page.get_by_role("cell", name=re.compile("pictures made")).first.wait_for()
        page.get_by_role("button", name="Check the trail").click()
        page.get_by_text(re.compile(r"All \d+ rows are as they were written")).wait_for()
        page.get_by_role("radio", name="Moderation").check()
        page.get_by_role("cell", name="sexual").wait_for()
        assert "naked" not in page.content()


def test_a_key_without_the_scope_is_told_so(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    locked = Studio(tmp_path_factory.mktemp("locked"), (QUICK,)).start()
    try:
        plain = locked.post("/v1/admin/keys", name="plain")["key"]
        boss = locked.post("/v1/admin/keys", name="boss", scopes=["read", "admin"])["key"]
        locked.kill()
        locked.start()  # now there are keys, and they are asked for
        with visiting(browser, locked, allowed=("401",)) as visitor:
            page = visitor.visit("#/admin")
            for key, text in ((plain, "This key has no scope “admin”"), (boss, "Nothing waits.")):
                page.evaluate("key => localStorage.setItem('reflet.key', JSON.stringify(key))", key)
                page.reload()
                page.get_by_text(text).wait_for()
    finally:
        locked.kill()


@needs_axe
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Any, office: Studio, theme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    with visiting(browser, office, color_scheme=theme, viewport=size) as visitor:
        for view in ("queue", "keys", "usage", "audit", "moderation"):
            page = visitor.visit(f"#/admin?view={view}")
            page.wait_for_timeout(500)
            assert axe(page) == [], view
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        page.goto(f"{office.url}/#/admin?view=keys")
        page.get_by_role("button", name="New key").click()
        page.get_by_role("dialog").wait_for()
        assert axe(page) == []
