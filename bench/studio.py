"""The studio in a browser: its size, how soon it is usable, how soon a draft follows a key, how smoothly a wall moves.

`python bench/studio.py` (needs chromium and playwright). The draft is the shipped model's, on this machine.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import tyro
from PIL import Image
from playwright.sync_api import sync_playwright

from reflet.generate.request import ImageRequest
from reflet.serve.schemas import Cost
from reflet.serve.service import open_service
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from reflet.serve.studio import STATIC
from reflet.store.jobs import NewJob, NewPicture

SCRIPT = "from reflet.cli.main import main; main()"
COST = Cost(seconds=1.0, queued_seconds=0.0, total_seconds=1.0, steps=20, evaluations=20, joules=1.0, method="estimate")
TEXT = "a red glass sphere on a wooden table"
# When the prompt can be written in, and from each key to the picture that it brought, decoded and painted.
WATCH = """() => {
  window.usable = null; window.pressed = null; window.delays = [];
  addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
  let last = null;
  new MutationObserver(() => {
    if (window.usable === null && document.querySelector("textarea")) window.usable = performance.now();
    const draft = [...document.images].find((i) => i.alt.startsWith("Draft: "));
    if (!draft || draft.src === last || window.pressed === null) return;
    last = draft.src;
    const from = window.pressed;
    draft.decode().then(() => requestAnimationFrame(() => window.delays.push(performance.now() - from)));
  }).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["src", "alt"]});
}"""
SCROLL = """async () => {
  const tasks = [];
  new PerformanceObserver((l) => tasks.push(...l.getEntries().map((e) => e.duration))).observe({type: "longtask"});
  const frames = 240;
  for (let k = 0; k <= frames; k++) {
    scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * k / frames);
    await new Promise(requestAnimationFrame);
  }
  await new Promise((r) => setTimeout(r, 300));
  return tasks;
}"""


@contextmanager
def studio(data: Path, model: str, threads: int | None) -> Iterator[str]:
    """The address of a running studio."""
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        "studio",
        "--no-open",
        "--port",
        "0",
        "--data",
        str(data),
        "--model",
        model,
    ]
    command += [] if threads is None else ["--threads", str(threads)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[4].rstrip("/")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def fill(data: Path, number: int, *, each: int = 500) -> None:
    """So many pictures in a store, as a worker writes them; they share one file."""
    service = open_service(ServeSettings(data=data, work=False), {"stand-in": StandIn()})
    out = BytesIO()
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(out, "PNG")
    blob = service.blobs.put(out.getvalue())
    for start in range(0, number, each):
        request = asdict(ImageRequest(f"wall {start}", size=64, seed=start))
        payload = {"request": request, "n": each, "width": 64, "height": 64}
        service.jobs.accept(NewJob("local", "stand-in", payload, each, 1.0, str(start)))
        [row] = service.jobs.claim("filler", limit=1, models=["stand-in"])
        made = [
            NewPicture(k, blob, "image/png", 64, 64, start + k, "0" * 64, len(out.getvalue()), None)
            for k in range(min(each, number - start))
        ]
        service.jobs.finish("filler", row, made, cost=COST.model_dump())
    service.close()


def script_bytes() -> int:
    """Compressed JavaScript of the first load: the page's script and what it imports at once."""
    pending, seen = re.findall(r'"/(studio/[^"]+\.js)"', (STATIC / "index.html").read_text()), set()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            found = re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', (STATIC / name).read_text())
            pending += [f"studio/{n}" for n in found]
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in seen)


def watched(browser: Any, url: str, place: str = "") -> Any:
    """A fresh window that keeps times."""
    page = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB").new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(f"({WATCH})()")
    page.goto(f"{url}{place}")
    return page


def main(
    *, model: str = "image", threads: int | None = None, keys: int = 20, pictures: int = 5000, json_only: bool = False
) -> None:
    """Measure the studio in headless Chromium.

    Args:
        model: Whose drafts are timed.
        threads: Compute threads of the model.
        keys: Key presses timed, one at a time.
        pictures: In the gallery that is scrolled from end to end.
        json_only: Print the JSON line alone.
    """
    chromium = next(p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n)))
    result: dict[str, Any] = {"script_bytes": script_bytes(), "load_average": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with studio(Path(folder) / "drafts", model, threads) as url:
            usable = []
            for _ in range(5):
                page = watched(browser, url)
                page.get_by_role("textbox", name="Prompt").wait_for()
                usable.append(page.evaluate("window.usable"))
                page.close()
            page = watched(browser, url)
            field = page.get_by_role("textbox", name="Prompt")
            field.fill(TEXT)
            page.wait_for_function("() => document.querySelector('[alt^=Draft]') !== null")
            page.evaluate("window.delays.length = 0")
            for k in range(keys):
                field.press("abcdefghij"[k % 10])
                page.wait_for_function("(n) => window.delays.length >= n", arg=k + 1)
            delays = page.evaluate("window.delays")
        result |= {
            "usable_seconds": round(statistics.median(usable) / 1000, 3),
            "draft_milliseconds": round(statistics.median(delays)),
            "draft_fastest": round(min(delays)),
        }
        sys.stderr.write(f"{json.dumps(result)}\n")
        fill(Path(folder) / "wall", pictures)
        with studio(Path(folder) / "wall", "stand-in", None) as url:
            page = watched(browser, url, "/#/gallery")
            page.get_by_role("list", name="Pictures").get_by_role("listitem").first.wait_for()
            tasks = page.evaluate(SCROLL)
        browser.close()
    result |= {
        "longest_task_milliseconds": round(max(tasks, default=0)),
        "tasks_over_100": sum(t > 100 for t in tasks),
    }
    if not json_only:
        for name, value in result.items():
            print(f"{name:28}{value}")
    print(json.dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
