"""The studio as people meet it: `reflet studio` in a process of its own, and a browser that counts what goes wrong."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "studio" / "node_modules" / "axe-core" / "axe.min.js"
SCRIPT = "from reflet.cli.main import main; main()"
# Pictures are one colour of the seed: who got whose picture can be seen. A step costs so many milliseconds.
QUICK, SLOW = "stand-in:2+1", "stand-in:60+10"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers are slow, and not everywhere."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here: apt-get install chromium"))


@dataclass
class Studio:
    """A running `reflet studio`. It can be killed and started again on the same port with the same data."""

    data: Path
    models: tuple[str, ...] = (QUICK,)
    port: int = 0
    process: subprocess.Popen[str] | None = None
    options: tuple[str, ...] = ("--no-provenance", "--voice", "none")

    def start(self) -> Studio:
        options = ["studio", "--no-open", *self.options, "--data", str(self.data), "--port", str(self.port)]
        command = [sys.executable, "-c", SCRIPT, *options, "--model", *self.models]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "The studio is at" in line, line
        self.port = int(urlsplit(line.split()[4]).port or 0)
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None and self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def clear(self) -> None:
        """Without pictures, and with nothing under way: for the next test."""
        for job in self.get("/v1/jobs?open=true")["data"]:
            httpx.delete(f"{self.url}/v1/jobs/{job['id']}", timeout=60)
        while ids := [p["id"] for p in self.get("/v1/pictures?limit=100")["data"]]:
            self.post("/v1/pictures/delete", ids=ids)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return httpx.post(self.url + path, json=body, timeout=60).raise_for_status().json()

    def get(self, path: str) -> dict[str, Any]:
        return httpx.get(self.url + path, timeout=60).raise_for_status().json()


@contextlib.contextmanager
def running(data: Path, *models: str) -> Iterator[Studio]:
    """A studio of its own."""
    studio = Studio(data, models or (QUICK,)).start()
    try:
        yield studio
    finally:
        studio.kill()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One quick studio that many tests share; each looks for pictures of its own words."""
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture(scope="session")
def slow_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One whose pictures take seconds, for looks on the way, the queue, and what happens in the middle."""
    with running(tmp_path_factory.mktemp("slow"), SLOW) as found:
        yield found


@pytest.fixture
def slow(slow_studio: Studio) -> Studio:
    """The slow one, empty."""
    slow_studio.clear()
    return slow_studio


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One a module: Playwright leaves an event loop running, which another test's Playwright must not meet."""
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@dataclass
class Watch:
    """What must not happen: errors on the console, requests to anybody else. `allowed`: parts of messages that a test
    brings about itself, like a service that is gone."""

    origin: str
    wrong: list[str] = field(default_factory=list)
    allowed: tuple[str, ...] = ()

    def follow(self, page: Any) -> None:
        page.on("pageerror", lambda e: self._note(f"page: {e}"))
        page.on("console", lambda m: self._note(f"console: {m.text}") if m.type in ("error", "warning") else None)
        page.on("request", self._request)

    def _note(self, text: str) -> None:
        if not any(part in text for part in self.allowed):
            self.wrong.append(text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.wrong.append(f"outside: {request.url}")


@dataclass
class Visitor:
    """A browser window on a studio."""

    page: Any
    watch: Watch
    studio: Studio

    def visit(self, place: str = "") -> Any:
        self.page.goto(f"{self.studio.url}/{place}")
        self.page.get_by_role("heading", level=1).wait_for()
        return self.page


@contextlib.contextmanager
def visiting(browser: Any, studio: Studio, *, allowed: tuple[str, ...] = (), **wishes: Any) -> Iterator[Visitor]:
    """A fresh window; at its end nothing wrong may have happened."""
    told = {"viewport": {"width": 1280, "height": 860}, "locale": "en-GB", "reduced_motion": "reduce"} | wishes
    context = browser.new_context(**told)
    context.set_default_timeout(30_000)
    watch = Watch(studio.url, allowed=allowed)
    page = context.new_page()
    watch.follow(page)
    try:
        yield Visitor(page, watch, studio)
        assert watch.wrong == []
    finally:
        context.close()


@pytest.fixture
def visitor(browser: Any, studio: Studio) -> Iterator[Visitor]:
    """A fresh window on the shared studio."""
    with visiting(browser, studio) as found:
        yield found


def axe(page: Any) -> list[str]:
    """What axe finds wrong on the page as it is: rule, and where. Run through the debugger: the page's policy stays."""
    page.evaluate(AXE.read_text())
    page.wait_for_timeout(50)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {n['target']} {n['failureSummary'][:200]}" for v in found["violations"] for n in v["nodes"]]


needs_axe = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: cd studio && npm ci --ignore-scripts")
