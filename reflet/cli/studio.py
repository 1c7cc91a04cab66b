"""`reflet studio`."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.request
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from reflet.cli.serve import ALIASES
from reflet.runtime.home import home
from reflet.serve import studio as page
from reflet.serve.brains import load_brain
from reflet.serve.catalogue import find_voice, load_models
from reflet.serve.provenance import Credentials
from reflet.serve.run import Address, run
from reflet.serve.set_map import check_map
from reflet.serve.settings import Limits, ServeSettings

PATIENCE_SECONDS = 60.0
ONE_PERSON = Limits(requests_per_minute=6000.0)  # drafts follow the typing


@dataclass(frozen=True)
class Options:
    """What can be said on the command line."""

    model: tuple[str, ...] = ("image",)
    """Models to choose from, as in `reflet serve`; the first is the default."""
    upscaler: str = ""
    """The upscaler's bundle, or "none" (default: reflet-upscaler beside a bundle of ours)."""
    voice: str = ""
    """The voice's bundle, or "none" (default: reflet-voice where it is there)."""
    brain: str = ""
    """What answers talks: a bundle by name or folder, an address that speaks OpenAI's chat completions like
    http://localhost:11434/v1#MODEL (its key in REFLET_BRAIN_KEY), stand-in (rules instead of a model), or "none"
    (default: reflet-talk where it is there)."""
    port: int = 8765
    """The port on this machine; 0 takes a free one."""
    data: Path | None = None
    """Folder for the database and the pictures (default: $REFLET_HOME/studio)."""
    open: bool = True
    """Open the browser."""
    threads: int | None = None
    """Compute threads (default: all cores but one, which the page and its browser need: drafts come sooner so)."""
    keep_days: float | None = None
    """Delete pictures after so many days (default: never)."""
    map: Path | None = None
    """A set's folder with the map that `reflet data diversity` made: what the first model was trained on."""
    provenance: bool = True
    """Sign pictures (C2PA), say that a model made them (IPTC), mark their pixels."""
    moderation: bool = True
    """Refuse prompts that the safety system flags."""
    log_level: str = "warning"
    """debug, info, warning or error."""


def studio(options: Annotated[Options, tyro.conf.arg(name="")] = Options()) -> None:
    """Make pictures in the browser: starts the service with its worker on this machine alone, and opens the page.

    Pictures and what waits are in the data folder: they are there again at the next start.
    """
    o = options
    page.files()
    settings = ServeSettings(
        data=o.data or home() / "studio",
        aliases=dict.fromkeys(ALIASES, ""),
        limits=ONE_PERSON,
        keep_days=o.keep_days,
        drain_seconds=5.0,
        moderate=o.moderation,
        voice=find_voice(o.voice),
        map=check_map(o.map),
        provenance=Credentials() if o.provenance else None,
        brain=partial(load_brain, o.brain),
    )
    run(
        settings,
        partial(load_models, o.model, upscaler=o.upscaler, threads=o.threads or max(1, (os.cpu_count() or 2) - 1)),
        address=Address("127.0.0.1", o.port),
        level=o.log_level,
        ready=partial(_told, browser=o.open),
    )


def _told(address: str, *, browser: bool) -> None:
    """Says where the studio is, and opens it once it answers: the socket listens before the service does."""
    sys.stdout.write(f"The studio is at {address}/  (Ctrl+C ends it)\n")
    sys.stdout.flush()
    if browser:
        threading.Thread(target=_open, args=(address,), daemon=True).start()


def _open(address: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with suppress(OSError, ValueError), urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            if json.load(answer)["status"] == "ready":
                break
        time.sleep(0.2)
    if (
        os.environ.get("BROWSER")
        or sys.platform != "linux"
        or os.environ.get("DISPLAY")
        or os.environ.get("WAYLAND_DISPLAY")
    ):
        webbrowser.open(f"{address}/")
