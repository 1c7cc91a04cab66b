"""Replicas on Ray Serve: each answers requests, runs an engine of its own, and takes jobs from one PostgreSQL.

What Ray does: it starts the replicas on its machines, spreads requests over them, replaces what has died, and gives all
of them one address. No job is in its hands: the replica that a request reached writes it down before anything else;
whichever has room takes it with SKIP LOCKED, under a lease; when a replica is killed, the others make its pictures.
`@serve.batch` is not used: it waits for a window and runs each batch to its longest member, the engine does neither.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import secrets
import signal
import sys
import threading
from dataclasses import dataclass, replace
from typing import Any

from starlette.types import ASGIApp

from reflet.runtime.errors import UserError
from reflet.serve import log
from reflet.serve.app import asgi
from reflet.serve.run import Address, Load, check_address
from reflet.serve.service import open_service
from reflet.serve.settings import ServeSettings

NAME = "reflet"


@dataclass(frozen=True)
class Replicas:
    """How many there are, and what each takes of its machine (in Ray's units)."""

    number: int = 2
    num_cpus: float = 1.0
    num_gpus: float = 0.0
    max_requests: int = 512  # that one replica answers at a time, those that wait for a picture included


class Replica:
    """What Ray starts: the service that `reflet serve` runs, opened here and drained at the end."""

    def __init__(self, settings: ServeSettings, load: Load, level: str) -> None:
        log.set_up(level=level)
        self.service = open_service(settings, load())

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """Ray asks for the application once the replica stands."""
        return asgi(self.service)

    def check_health(self) -> None:
        """Raises, and Ray replaces the replica, when its worker's thread is gone."""
        if self.service.worker is not None and not self.service.worker.alive:
            raise RuntimeError("the worker's thread is gone")

    async def __del__(self) -> None:
        """Running jobs finish in time, or go back to the queue for the other replicas."""
        if hasattr(self, "service"):
            await asyncio.to_thread(self.service.close)


def application(settings: ServeSettings, load: Load, replicas: Replicas, *, level: str = "info") -> Any:
    """The Ray Serve application. `load` must be picklable; each replica calls it once. Raises UserError for what
    replicas cannot share."""
    from ray import serve

    if not (settings.database_url or "").startswith("postgres"):
        raise UserError("replicas need one PostgreSQL: give --database-url postgresql://USER:PASSWORD@HOST/NAME")
    deployment = serve.deployment(
        name=NAME,
        num_replicas=replicas.number,
        max_ongoing_requests=replicas.max_requests,
        ray_actor_options={"num_cpus": replicas.num_cpus, "num_gpus": replicas.num_gpus},
        graceful_shutdown_timeout_s=settings.drain_seconds + 5,
        health_check_period_s=2,
    )
    return deployment(serve.ingress()(Replica)).bind(settings, load, level)


def run(settings: ServeSettings, load: Load, *, address: Address, replicas: Replicas, level: str = "info") -> None:
    """Serves until SIGTERM or SIGINT, then drains all replicas and returns. Raises UserError."""
    connect(replicas)
    import ray
    from ray import serve
    from ray.serve.config import HTTPOptions

    try:
        settings = replace(settings, data=settings.data.resolve(), require_keys=check_address(settings, address))
        app = application(settings, load, replicas, level=level)
        options = HTTPOptions(
            host=address.host, port=address.port, ssl_certfile=address.tls_certificate, ssl_keyfile=address.tls_key
        )
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        serve.start(proxy_location="EveryNode", http_options=options)
        serve.run(app, name=NAME, route_prefix="/")
        scheme = "https" if address.tls_certificate else "http"
        sys.stdout.write(f"Reflet serves {replicas.number} replicas at {scheme}://{address.host}:{address.port}/v1\n")
        sys.stdout.flush()
        stop.wait()
    finally:
        serve.shutdown()  # also of what was only half started
        ray.shutdown()


def connect(replicas: Replicas) -> None:
    """To the cluster that RAY_ADDRESS names, else to a local one that is started now and ends with this process.

    Whoever reaches a Ray without authentication runs code on its machines: a local one gets a token that nobody else
    knows, another must have one. Raises UserError.
    """
    address = os.environ.get("RAY_ADDRESS")
    if address and os.environ.get("RAY_AUTH_MODE") != "token":
        raise UserError(
            f"the Ray cluster at {address} would run anybody's code: start it with RAY_AUTH_MODE=token, set the same "
            "here, and run again"
        )
    if not address:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S", "60")  # 5 s are too few on a busy machine
    try:
        import ray
        from ray import serve  # noqa: F401  the extra brings both
    except ImportError as error:
        raise UserError("replicas need an extra: pip install 'reflet[cluster]'") from error
    cpus = math.ceil(replicas.number * replicas.num_cpus)
    local: dict[str, Any] = {} if address else {"num_cpus": max(1, cpus), "include_dashboard": False}
    try:
        ray.init(logging_level=logging.ERROR, log_to_driver=False, **local)
    except ConnectionError as error:
        raise UserError(f"the Ray cluster at {address} does not answer: check RAY_ADDRESS and that it runs") from error
