"""What many tests share: a small set of shards of plain coloured shapes, made without the renderer."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from reflet.data.record import Record
from reflet.data.shards import write_shard

COLORS = {"red": (210, 30, 30), "green": (30, 160, 60), "blue": (40, 70, 210), "yellow": (240, 210, 40)}


# A server that ends after its test still says so, into an output that pytest has closed. (pytest's own handler raises
# whatever happens, so a wrong call of a logger fails its test as before.)
logging.raiseExceptions = False
# Tests run beside other work; several threads would wait for one another, and sums would depend on their number.
torch.set_num_threads(1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: else a worker may begin its longest file when the others have nothing left."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """A command that a test runs in its own process takes all cores, and would leave them to all tests after it: teams
    of several workers, each as large as the machine, wait for one another (a test that took 6 seconds beside other
    work took 18 with two threads)."""
    yield
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)


def shape_record(number: int, *, size: int = 64) -> Record:
    """A disc or a square in one of four colours somewhere on grey, with caption and a minimal scene graph."""
    rng = np.random.default_rng(number)
    color, name = sorted(COLORS)[int(rng.integers(4))], ("sphere", "cube")[int(rng.integers(2))]
    image = Image.new("RGB", (size, size), (128, 128, 132))
    x, y = rng.integers(8, size - 28, 2).tolist()
    pen = ImageDraw.Draw(image)
    (pen.ellipse if name == "sphere" else pen.rectangle)((x, y, x + 20, y + 20), fill=COLORS[color])
    content = BytesIO()
    image.save(content, "PNG")
    thing = {"name": name, "color": color, "material": None, "visible": True, "role": "subject"}
    graph = {
        "style": "photograph",
        "light": {"kind": "daylight"},
        "environment": "studio",
        "objects": [thing],
        "relations": [],
    }
    return Record.create(
        f"{number:09d}",
        image=content.getvalue(),
        image_ending="png",
        captions=(f"a {color} {name}", f"{color} {name} on grey"),
        source="test shapes",
        license="CC0-1.0",
        author="the tests",
        meta={"graph": graph},
    )


@pytest.fixture(scope="session", autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures made by tests are signed by a key of the tests' own, never by the one of whoever runs them."""
    folder = tmp_path_factory.mktemp("home") / "keys"
    os.environ["REFLET_KEYS"] = str(folder)
    for name in ("REFLET_CERTIFICATE", "REFLET_KEY", "REFLET_TRUST"):
        os.environ.pop(name, None)
    return folder


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 480 shape records in four shards."""
    folder = tmp_path_factory.mktemp("shapes")
    for shard in range(4):
        write_shard(folder / f"shard-{shard:06d}.tar", (shape_record(shard * 120 + i) for i in range(120)))
    return folder
