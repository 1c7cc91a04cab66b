"""`reflet serve`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from reflet.runtime.errors import UserError
from reflet.runtime.home import home
from reflet.serve.catalogue import load_models
from reflet.serve.run import Address, run
from reflet.serve.settings import Limits, ServeSettings

ALIASES = ("gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2", "dall-e-2", "dall-e-3", "MAI-Image-1")


def serve(
    *,
    model: tuple[str, ...] = ("image",),
    host: str = "127.0.0.1",
    port: int = 8000,
    data: Path | None = None,
    database_url: str | None = None,
    blobs: str | None = None,
    workers: int = 1,
    threads: int | None = None,
    max_batch: int = 8,
    max_queue: int = 256,
    requests_per_minute: float = 600,
    concurrency: int = 64,
    pixel_steps_per_day: float | None = None,
    keep_days: float | None = None,
    drain_seconds: float = 30,
    alias: tuple[str, ...] = (),
    tls_certificate: Path | None = None,
    tls_key: Path | None = None,
    behind_proxy: bool = False,
    require_keys: bool = False,
    moderation: bool = True,
    log_level: str = "info",
) -> None:
    """Serve pictures behind OpenAI's interface: one process, nothing else needed.

    Without keys only this machine may ask; any other address needs a key first (`reflet keys create NAME`). SIGTERM
    ends it cleanly: running jobs finish, the others wait in the database for the next start.

    Args:
        model: What to serve: bundles by name or folder, diffusers:FOLDER, openai:URL#MODEL, litellm:MODEL, or
            stand-in:FIXED+EACH (a device that only costs that many milliseconds). The first is the default.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        data: Folder for the database and the pictures (default: $REFLET_HOME/serve).
        database_url: postgresql://USER:PASSWORD@HOST/NAME, instead of a SQLite file in the data folder.
        blobs: Where the pictures are kept, e.g. s3://BUCKET/PATH, instead of the data folder.
        workers: Processes that make pictures, each with a model of its own.
        threads: Compute threads of each process (default: all cores, shared among the workers).
        max_batch: Evaluations of the model in one step, at most; how many pay is learned.
        max_queue: Open jobs, of everybody together; further requests are answered 429.
        requests_per_minute: For each key that has no limit of its own.
        concurrency: Open jobs of each key.
        pixel_steps_per_day: Pixels times steps, for each key and day (UTC).
        keep_days: Delete pictures after so many days (default: never).
        drain_seconds: How long running jobs may take to finish at the end.
        alias: NAME=MODEL: a further name for a model. gpt-image-1, dall-e-3 and the like are names of the first.
        tls_certificate: PEM file; with --tls-key.
        tls_key: PEM file.
        behind_proxy: A proxy in front does TLS.
        require_keys: Ask for a key even on a loopback address without any.
        moderation: Refuse prompts that the safety system flags.
        log_level: debug, info, warning or error.
    """
    folder = data or home() / "serve"
    aliases = {name: "" for name in ALIASES}  # "": the first model
    for pair in alias:
        name, _, target = pair.partition("=")
        if not name or not target:
            raise UserError(f"--alias {pair} is not understood: write NAME=MODEL")
        aliases[name] = target
    if workers < 1 or max_batch < 1 or max_queue < 1:
        raise UserError("workers, max-batch and max-queue must be at least 1")
    settings = ServeSettings(
        data=folder,
        database_url=database_url,
        blobs_url=blobs,
        aliases=aliases,
        require_keys=require_keys,
        max_batch=max_batch,
        max_queue=max_queue,
        limits=Limits(requests_per_minute, concurrency, pixel_steps_per_day),
        keep_days=keep_days,
        drain_seconds=drain_seconds,
        moderate=moderation,
    )
    address = Address(
        host,
        port,
        None if tls_certificate is None else str(tls_certificate),
        None if tls_key is None else str(tls_key),
        behind_proxy,
    )
    run(
        settings,
        partial(load_models, model, threads=threads, share=workers),
        address=address,
        num_workers=workers,
        level=log_level,
    )
