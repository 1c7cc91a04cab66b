"""`reflet serve`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from reflet.runtime.errors import UserError
from reflet.runtime.home import home
from reflet.serve import cluster
from reflet.serve.brains import load_brain
from reflet.serve.catalogue import find_voice, load_models
from reflet.serve.provenance import Credentials
from reflet.serve.run import Address, run
from reflet.serve.set_map import check_map
from reflet.serve.settings import Limits, ServeSettings

ALIASES = ("gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2", "dall-e-2", "dall-e-3", "MAI-Image-1")


@dataclass(frozen=True)
class Options:
    """What can be said on the command line."""

    model: tuple[str, ...] = ("image",)
    """What to serve: bundles by name or folder, diffusers:FOLDER, openai:URL#MODEL, mai:URL#MODEL, litellm:MODEL,
    or stand-in:FIXED+EACH (a device that only costs that many milliseconds). The first is the default."""
    upscaler: str = ""
    """The upscaler's bundle, or "none" (default: reflet-upscaler beside a bundle of ours)."""
    voice: str = ""
    """The voice's bundle, or "none" (default: reflet-voice where it is there)."""
    brain: str = ""
    """What answers talks: a bundle by name or folder, an address that speaks OpenAI's chat completions like
    http://localhost:11434/v1#MODEL (its key in REFLET_BRAIN_KEY), stand-in (rules instead of a model), or "none"
    (default: reflet-talk where it is there)."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = 8000
    """The port; 0 takes a free one."""
    data: Path | None = None
    """Folder for the database and the pictures (default: $REFLET_HOME/serve)."""
    database_url: str | None = None
    """postgresql://USER:PASSWORD@HOST/NAME, instead of a SQLite file in the data folder."""
    blobs: str | None = None
    """Where the pictures are kept, e.g. s3://BUCKET/PATH, instead of the data folder."""
    workers: int = 1
    """Processes that make pictures, each with a model of its own."""
    replicas: int = 0
    """Ray Serve replicas in place of processes of this machine (docs/scaling.md); needs PostgreSQL."""
    threads: int | None = None
    """Compute threads of each process (default: all cores, shared among the workers)."""
    max_batch: int = 8
    """Evaluations of the model in one step, at most; how many pay is learned."""
    max_queue: int = 256
    """Open jobs, of everybody together; further requests are answered 429."""
    requests_per_minute: float = 600
    """For each key that has no limit of its own."""
    concurrency: int = 64
    """Open jobs of each key."""
    pixel_steps_per_day: float | None = None
    """Pixels times steps, for each key and day (UTC)."""
    keep_days: float | None = None
    """Delete pictures after so many days (default: never)."""
    drain_seconds: float = 30
    """How long running jobs may take to finish at the end."""
    alias: tuple[str, ...] = ()
    """NAME=MODEL: a further name for a model. gpt-image-1, dall-e-3 and the like are names of the first."""
    tls_certificate: Path | None = None
    """PEM file; with --tls-key."""
    tls_key: Path | None = None
    """PEM file."""
    behind_proxy: bool = False
    """A proxy in front does TLS."""
    require_keys: bool = False
    """Ask for a key even on a loopback address without any."""
    map: Path | None = None
    """A set's folder with the map that `reflet data diversity` made: what the first model was trained on."""
    provenance: bool = True
    """Sign pictures (C2PA), say that a model made them (IPTC), mark their pixels."""
    moderation: bool = True
    """Refuse prompts that the safety system flags."""
    log_level: str = "info"
    """debug, info, warning or error."""


def serve(options: Annotated[Options, tyro.conf.arg(name="")] = Options()) -> None:
    """Serve pictures behind OpenAI's interface: one process, nothing else needed.

    Without keys only this machine may ask; any other address needs a key first (`reflet keys create NAME`). SIGTERM
    ends it cleanly: running jobs finish, the others wait in the database for the next start.
    """
    o = options
    aliases = dict.fromkeys(ALIASES, "")  # "": the first model
    for pair in o.alias:
        name, _, target = pair.partition("=")
        if not name or not target:
            raise UserError(f"--alias {pair} is not understood: write NAME=MODEL")
        aliases[name] = target
    if o.workers < 1 or o.max_batch < 1 or o.max_queue < 1 or o.replicas < 0:
        raise UserError("workers, max-batch and max-queue must be at least 1, replicas at least 0")
    settings = ServeSettings(
        data=o.data or home() / "serve",
        database_url=o.database_url,
        blobs_url=o.blobs,
        aliases=aliases,
        require_keys=o.require_keys,
        max_batch=o.max_batch,
        max_queue=o.max_queue,
        limits=Limits(o.requests_per_minute, o.concurrency, o.pixel_steps_per_day),
        keep_days=o.keep_days,
        drain_seconds=o.drain_seconds,
        moderate=o.moderation,
        voice=find_voice(o.voice),
        map=check_map(o.map),
        provenance=Credentials() if o.provenance else None,
        brain=partial(load_brain, o.brain),
    )
    certificate, key = (None if path is None else str(path) for path in (o.tls_certificate, o.tls_key))
    address = Address(o.host, o.port, certificate, key, o.behind_proxy)
    load = partial(load_models, o.model, upscaler=o.upscaler, threads=o.threads, share=o.replicas or o.workers)
    if o.replicas:
        cluster.run(settings, load, address=address, replicas=cluster.Replicas(o.replicas), level=o.log_level)
        return
    run(settings, load, address=address, num_workers=o.workers, level=o.log_level)
