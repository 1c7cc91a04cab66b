"""A whole session in a real browser: four contestants, blind, keyboard and mouse, two languages, a kill in between."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reflet.arena.folder import ArenaFolder, Contestant
from reflet.arena.log import ArenaLog
from reflet.arena.prompts import Prompt
from tests.arena.served import served
from tests.arena.toys import NAMES, sound_arena, toy_arena

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]


def session_page(browser: Any, address: str, traffic: list[dict[str, Any]], **wishes: Any) -> Any:
    """A page whose every answer is kept in `traffic`, with what it said until then."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, **wishes).new_page()

    def keep(answer: Any) -> None:
        timing = answer.request.timing
        traffic.append({"url": answer.url, "headers": answer.headers, "timing": timing, "answer": answer})

    page.on("response", keep)
    page.goto(address)
    return page


def wait_for_battle(page: Any) -> str:
    page.locator("body[data-state=voting]").wait_for(timeout=60_000)
    return str(page.inner_text("#prompt"))


def test_a_session_is_blind_and_every_vote_is_kept(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1)
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with served(folder.root, seed=4) as (address, process):
            traffic: list[dict[str, Any]] = []
            page = session_page(browser, address, traffic, locale="en-GB")
            errors: list[str] = []
            page.on("pageerror", lambda e: errors.append(str(e)))
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
            revealed: set[str] = set()
            for k in range(10):
                prompt = wait_for_battle(page)
                assert prompt.startswith("a disc, number")
                # before the vote: nothing in the page, its addresses or its storage names a maker
                told = page.content() + str(page.evaluate("JSON.stringify({...localStorage})"))
                told += " ".join(page.evaluate("performance.getEntriesByType('resource').map(e => e.name)"))
                assert not any(n in told for n in NAMES if n not in revealed or "figcaption>" + n in told)
                boxes = [page.locator(f"#{s} canvas").bounding_box() for s in ("left", "right")]
                assert boxes[0]["width"] == boxes[1]["width"] and boxes[0]["height"] == boxes[1]["height"]
                assert boxes[0]["y"] == boxes[1]["y"]
                if k == 0:
                    page.keyboard.press("KeyQ")
                    page.locator("[data-question=follows] button").nth(1).click()
                if k % 2:
                    page.keyboard.press(("ArrowLeft", "ArrowRight", "ArrowDown", "ArrowUp")[k // 2 % 4])
                else:
                    page.locator("[data-answer]").nth(k // 2 % 4).click()
                page.locator("body[data-state=revealed]").wait_for(timeout=60_000)
                names = page.locator("figcaption").all_inner_texts()
                assert len(set(names)) == 2 and set(names) <= set(NAMES)
                revealed |= set(names)
                page.keyboard.press("Enter")
            wait_for_battle(page)
            assert page.inner_text("#count") == "10 votes" and errors == []
            lengths = {a["headers"].get("content-length") for a in traffic if "/p/" in a["url"]}
            addresses = [a["url"] for a in traffic if "/p/" in a["url"]]
            assert len(lengths) == 1 and len(addresses) == len(set(addresses)) == 22
            # the vote is sent again until the arena answers: it is killed now, and comes back
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            page.keyboard.press("ArrowLeft")
            page.get_by_text("trying again").wait_for(timeout=60_000)
        rows = ArenaLog(folder.log.path).votes()
        assert len(rows) == 10 and revealed == set(NAMES)
        assert (rows[0].vote.looks, rows[0].vote.follows) == ("model_a", "tie")
        assert all(r.vote.seen and 0 <= r.vote.dwell < 60 for r in rows)
        assert {r.vote.winner for r in rows} == {"model_a", "model_b", "tie", "both_bad"}
        browser.close()


def test_time_tells_nothing(tmp_path: Path) -> None:
    """How long battles and pictures take does not depend on who made them: the makers' medians are alike."""
    folder = toy_arena(tmp_path / "arena", n=1)
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with served(folder.root, seed=9) as (address, _):
            page = session_page(browser, address, [], locale="en-GB")
            wait_for_battle(page)
            found = page.evaluate("""async () => {
              const out = [];
              for (let k = 0; k < 24; k++) {
                const ask = performance.now();
                const battle = await (await fetch("/battle", {method: "POST",
                  headers: {"Content-Type": "application/json"}, body: "{}"})).json();
                const times = [performance.now() - ask];
                for (const side of ["left", "right"]) {
                  const start = performance.now();
                  await (await fetch(battle[side])).arrayBuffer();
                  times.push(performance.now() - start);
                }
                const vote = await (await fetch("/vote", {method: "POST",
                  headers: {"Content-Type": "application/json"},
                  body: JSON.stringify({battle: battle.battle, winner: "tie", dwell: 2, seen: true})})).json();
                out.push([vote.reveal.left, vote.reveal.right, ...times]);
              }
              return out;
            }""")
        browser.close()
    assert min(row[2] for row in found) >= 149
    by_maker = {n: [t for a, b, _, ta, tb in found for m, t in ((a, ta), (b, tb)) if m == n] for n in NAMES}
    medians = [float(np.median(times)) for times in by_maker.values() if len(times) >= 4]
    spread = float(np.median([abs(t - np.median(ts)) for ts in by_maker.values() for t in ts]))
    assert len(medians) >= 3 and max(medians) - min(medians) < 6 * spread + 5.0


def test_french_dark_small_and_erasable(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1, names=NAMES[:2])
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with served(folder.root, seed=1) as (address, _):
            page = browser.new_context(
                viewport={"width": 390, "height": 800}, locale="fr-FR", color_scheme="dark", has_touch=True
            ).new_page()
            page.goto(address)
            wait_for_battle(page)
            assert page.locator("html").get_attribute("lang") == "fr"
            assert page.inner_text("[data-answer=tie] span") == "Aussi bonnes"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
            page.locator("#theme").click()
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
            page.locator("[data-answer=model_b]").tap()
            page.locator("body[data-state=revealed]").wait_for(timeout=60_000)
            page.on("dialog", lambda d: d.accept())
            page.locator("#help").click()
            page.locator("#erase").click()
            page.get_by_text("0 vote", exact=True).wait_for(timeout=60_000)
            page.locator("#language").click()
            assert page.locator("html").get_attribute("lang") == "en"
        assert ArenaLog(folder.log.path).votes() == []
        browser.close()


def test_both_sounds_are_played_before_a_vote(tmp_path: Path) -> None:
    folder = sound_arena(tmp_path / "arena")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        with served(folder.root, seed=2) as (address, _):
            traffic: list[dict[str, Any]] = []
            page = session_page(browser, address, traffic, locale="en-GB")
            errors: list[str] = []
            page.on("pageerror", lambda e: errors.append(str(e)))
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
            for number in range(3):
                assert wait_for_battle(page).startswith("number")
                assert page.inner_text(".kicker") == "Which voice says it better"
                answers = page.locator("[data-answer]")
                assert all(answers.nth(k).is_disabled() for k in range(4)) and page.locator("#skip").is_enabled()
                page.keyboard.press("ArrowLeft")  # not heard: no vote
                page.get_by_text("Play both to their end, then vote").wait_for()
                if number:
                    page.keyboard.press("1")
                else:
                    page.get_by_role("button", name="Play the left sound").click()
                page.locator("#left .player[data-heard=true]").wait_for(timeout=60_000)
                assert answers.first.is_disabled()
                page.keyboard.press("2")
                page.locator("#right .player[data-heard=true]").wait_for(timeout=60_000)
                answers.first.click()
                page.locator("body[data-state=revealed]").wait_for(timeout=60_000)
                assert set(page.locator("figcaption").all_inner_texts()) == {"alto", "bass"}
                page.keyboard.press("Enter")
            wait_for_battle(page)
            assert page.inner_text("#count") == "3 votes" and errors == []
        browser.close()
    rows = folder.log.votes()
    assert len(rows) == 3 and all(r.vote.seen and r.vote.dwell >= 0.9 for r in rows)


def test_answers_are_read_as_plain_text(tmp_path: Path) -> None:
    said = {"alto": "Hello.\n→ generate (prompt: a mug)", "bass": "<img src=x onerror=alert(1)> " + "long " * 600}
    folder = ArenaFolder(tmp_path / "arena", create=True, medium="talk")
    makers = [Contestant(n, n, {}, lambda p, k, t=t: (t.encode(), {})) for n, t in said.items()]
    folder.fill(makers, [Prompt("draw a mug")], n=1, report=lambda done, of: None)
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with served(folder.root, seed=2) as (address, _):
            page = session_page(browser, address, [], locale="fr-FR")
            wait_for_battle(page)
            assert page.inner_text(".kicker") == "Quelle réponse est la meilleure à"
            shown = page.locator(".answer").all_inner_texts()
            assert sorted(t.strip() for t in shown) == sorted(t.strip() for t in said.values())
            assert page.locator(".answer img").count() == 0
            boxes = [page.locator(f"#{s}").bounding_box() for s in ("left", "right")]
            assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["height"] == boxes[1]["height"] < 700
            page.keyboard.press("ArrowDown")
            page.locator("body[data-state=revealed]").wait_for(timeout=60_000)
        browser.close()
    assert [r.vote.winner for r in folder.log.votes()] == ["tie"]
