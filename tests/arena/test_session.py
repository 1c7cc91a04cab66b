"""The arena as people use it: real pictures of five contestants, a browser, blind in every byte, a kill in between."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from scipy.stats import kruskal

from reflet.arena.display import read_pixels, shown
from reflet.arena.folder import ArenaFolder
from reflet.arena.log import ArenaLog
from reflet.cli.main import run
from reflet.generate.image import load
from reflet.generate.watermark import find, mark, payload_of
from reflet.runtime.errors import UserError
from tests.arena.served import ROOT, served
from tests.tiny_models import tiny_bundle, tiny_pipeline

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]

STEPS = (1, 4, 32)
WEIGHTS = "bundles/reflet-nano/weights.safetensors"
NUM_BATTLES = 24
KEYS = ("ArrowLeft", "ArrowRight", "ArrowDown", "ArrowUp")
WINNERS = ("model_a", "model_b", "tie", "both_bad")


def shipped_before(target: Path) -> bool:
    """Lays down the bundle that shipped before today's weights did, as it was last; False where the history does not
    reach so far, or where this Reflet can no longer read it."""
    git = ["git", "-C", str(ROOT)]
    last = subprocess.run(
        [*git, "log", "-1", "--format=%H", "--", WEIGHTS], capture_output=True, text=True, check=False
    )
    before = f"{last.stdout.strip()}^"
    packed = subprocess.run([*git, "archive", before, str(Path(WEIGHTS).parent)], capture_output=True, check=False)
    if packed.returncode:
        return False
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive, TemporaryDirectory() as folder:
        archive.extractall(folder, filter="data")
        shutil.move(Path(folder) / Path(WEIGHTS).parent, target)
    try:
        return bool(load(str(target)).bundle.digest)
    except UserError:
        shutil.rmtree(target)
        return False


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> ArenaFolder:
    """Pictures of the shipped bundle in 1, 4 and 32 steps, of the one that shipped before it (in a clone without its
    history, of random weights), and of a guest, by the command line."""
    for module in ("diffusers", "transformers"):
        pytest.importorskip(module, reason="the extra reflet[diffusers] is not installed")
    root = tmp_path_factory.mktemp("session")
    if not shipped_before(root / "before"):
        tiny_bundle(root / "before", name="reflet-before")
    tiny_pipeline(root / "pipeline")
    (root / "prompts.txt").write_text("# category: light\na red sphere\na lake at sunset\n# category: food\na pear\n")
    nano = ROOT / "bundles" / "reflet-nano"
    contestants = [f"nano{s}={nano}@steps={s}" for s in STEPS]
    contestants += [f"older={root / 'before'}@steps=4", f"guest=diffusers:{root / 'pipeline'}@steps=2"]
    run(["arena", "run", "--contestants", ",".join(contestants), "--prompts", str(root / "prompts.txt"),
         "--out", str(root / "arena"), "--threads", "1"])  # fmt: skip
    return ArenaFolder(root / "arena")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as p:
        opened = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def tell_tales(folder: ArenaFolder) -> set[str]:
    """Words that would tell a maker: names, weights, settings, files and hashes of pictures."""
    out: set[str] = set()
    for picture in folder.log.pictures():
        facts = picture.facts
        out |= {picture.contestant, picture.id, picture.sha256, str(facts["bundle"]), str(facts["bundle_sha256"])}
        out |= {str(facts["seed"]), "Reflet 0", "C2PA", "diffusers", "reflet-nano", "bundle", "sampler"}
    return out


class Traffic:
    """Every answer of the page, with what it said, while nobody had voted on its battle."""

    def __init__(self, page: Any) -> None:
        self.answers: list[Any] = []
        page.on("response", self._keep)

    def _keep(self, answer: Any) -> None:
        self.answers.append(answer)

    def taken(self) -> list[Any]:
        out, self.answers[:] = list(self.answers), []
        return out


def wait_for(page: Any, state: str) -> None:
    page.locator(f"body[data-state={state}]").wait_for(timeout=90_000)


def look_for_leaks(page: Any, answers: list[Any], tales: set[str]) -> list[tuple[Any, ...]]:
    """Raises where anything tells; returns what each picture's answer looked like from outside."""
    told = page.content() + str(
        page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.title])")
    )
    told += " ".join(page.evaluate("performance.getEntriesByType('resource').map(e => e.name)"))
    told += str([(c["name"], c["value"]) for c in page.context.cookies()])
    pictures = []
    for answer in answers:
        body, headers = answer.body(), answer.all_headers()
        path = urlsplit(answer.url).path
        told += answer.url + str(headers)
        if path.startswith("/p/"):
            plain = tuple(sorted((k, v) for k, v in headers.items() if k != "date"))
            pictures.append((len(path), len(body), answer.request.sizes()["responseBodySize"], answer.status, plain))
        assert not [t for t in tales if t.encode() in body and not path.endswith((".js", ".css"))]
    assert not [t for t in tales if t in told]
    return pictures


def test_a_whole_session_on_real_pictures_is_blind(arena: ArenaFolder, browser: Any) -> None:
    pictures = {p.id: p for p in arena.log.pictures()}
    assert {p.contestant for p in pictures.values()} == {*(f"nano{s}" for s in STEPS), "older", "guest"}
    tales, seen, announced = tell_tales(arena), [], []
    with served(arena.root, seed=11) as (address, _):
        page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
        traffic = Traffic(page)
        page.goto(address)
        for k in range(NUM_BATTLES):
            wait_for(page, "voting")
            seen += look_for_leaks(page, traffic.taken(), tales)
            announced.append(
                page.evaluate("""() => {
              const all = performance.getEntriesByType('resource');
              const last = (part) => all.filter(e => e.name.includes(part)).slice(-2).map(e => e.duration);
              const out = [last('/battle').at(-1), ...last('/p/')];
              performance.clearResourceTimings();
              return out;
            }""")
            )
            if k % 2:
                page.keyboard.press(KEYS[k // 2 % 4])
            else:
                page.locator(f"[data-answer={WINNERS[k // 2 % 4]}]").click()
            wait_for(page, "revealed")
            names = page.locator("figcaption").all_inner_texts()
            rows = arena.log.votes()
            assert names == [rows[-1].model_a, rows[-1].model_b] and len(rows) == k + 1
            traffic.taken()  # the answer to the vote, which tells
            page.evaluate("performance.clearResourceTimings()")
            page.keyboard.press("Enter")
        page.context.close()
    assert len(seen) == 2 * NUM_BATTLES and len(set(seen)) == 1  # from outside all pictures are one
    rows = arena.log.votes()
    assert [r.vote.winner for r in rows] == [WINNERS[k // 2 % 4] for k in range(NUM_BATTLES)]
    assert {r.model_a for r in rows} | {r.model_b for r in rows} == {p.contestant for p in pictures.values()}
    for r in rows:  # every side says how it was made
        for facts, model in ((r.facts_a, r.model_a), (r.facts_b, r.model_b)):
            assert {"seed", "noise", "sampler", "steps", "guidance", "bundle_sha256"} <= set(facts)
            assert facts["steps"] == {"older": 4, "guest": 2}.get(model) or f"nano{facts['steps']}" == model
    assert min(a[0] for a in announced) >= 149
    look_at_times(rows, announced)


def look_at_times(rows: list[Any], announced: list[list[float]]) -> None:
    """Neither how long a battle takes to be announced nor how long a picture takes to come goes with its maker."""
    battles, fetched = defaultdict(list), defaultdict(list)
    for row, (announcing, left, right) in zip(rows, announced, strict=True):
        for model, seconds in ((row.model_a, left), (row.model_b, right)):
            battles[model].append(announcing)
            fetched[model].append(seconds)
    for groups in (battles, fetched):
        assert len(groups) == 5 and min(map(len, groups.values())) >= 3
        if len(np.unique(np.concatenate(list(groups.values())))) > 1:
            assert kruskal(*groups.values()).pvalue > 1e-4


def test_the_older_contestant_shipped_before(arena: ArenaFolder) -> None:
    """Where the history has it."""
    shipped = {p.facts["bundle_sha256"] for p in arena.log.pictures() if p.contestant.startswith("nano")}
    older = {p.facts["bundle_sha256"] for p in arena.log.pictures() if p.contestant == "older"}
    assert len(shipped) == len(older) == 1 and shipped != older
    if not shipped_before(arena.root.parent / "again"):
        pytest.skip("this clone's history has no bundle before today's: one of random weights took its place")
    assert older == {load(str(arena.root.parent / "again")).bundle.digest}


def test_no_mark_in_the_pixels_tells(arena: ArenaFolder) -> None:
    """What Reflet writes into the pixels of its pictures would be found in what is shown; it is not there."""
    picture = next(p for p in arena.log.pictures() if p.contestant == "nano32")
    pixels = arena.pixels(picture.sha256)
    marked = mark(pixels, payload_of(str(picture.facts["bundle_sha256"])))
    assert find(read_pixels(shown(marked))).present and not find(read_pixels(shown(pixels))).present


def test_killed_while_voting_no_vote_is_lost_and_none_doubled(arena: ArenaFolder, browser: Any) -> None:
    """Three times: killed before the vote arrives, at once after it was sent, and after it was answered. The page sends
    again until the arena, started anew at the same address, acknowledges."""
    before = len(arena.log.votes())
    with ExitStack() as stack:
        address, process = stack.enter_context(served(arena.root, seed=21))
        port = int(address.rsplit(":", 1)[1])
        page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
        page.goto(address)
        for k, moment in enumerate(("before", "at once", "after")):
            wait_for(page, "voting")
            shown = battle_count(arena)
            if moment == "before":
                kill(process)
            page.keyboard.press("ArrowLeft")
            if moment == "at once":
                kill(process)
            if moment == "after":
                wait_for(page, "revealed")
                kill(process)
            _, process = stack.enter_context(served(arena.root, seed=22 + k, port=port))
            wait_for(page, "revealed")
            rows = ArenaLog(arena.log.path).votes()
            assert len(rows) == before + k + 1 == len({r.battle.id for r in rows})
            assert rows[-1].vote.winner == "model_a" and battle_count(arena) == shown
            assert page.inner_text("#count") == f"{k + 1} vote{'s' * (k > 0)}"
            page.keyboard.press("Enter")
        wait_for(page, "voting")
        page.context.close()
    assert sum(r["what"] == "vote" for r in arena.log.audit()) == before + 3


def battle_count(folder: ArenaFolder) -> int:
    return int(folder.log.rows("SELECT COUNT(*) AS n FROM battles")[0]["n"])


def kill(process: Any) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
