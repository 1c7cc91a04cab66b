"""A service on a socket, from start to a clean end: `reflet serve` calls `run`."""

from __future__ import annotations

import ipaddress
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from types import FrameType

import uvicorn

from reflet.generate.stepwise import Artist
from reflet.runtime.errors import UserError
from reflet.serve import log
from reflet.serve.app import asgi
from reflet.serve.service import Service, open_database, open_service
from reflet.serve.settings import ServeSettings
from reflet.store.keys import KeyStore

logger = logging.getLogger("reflet.run")
Load = Callable[[], Mapping[str, Artist]]


@dataclass(frozen=True)
class Address:
    """Where to listen. `unsafe` lets a public address do without TLS (a proxy in front does it)."""

    host: str = "127.0.0.1"
    port: int = 8000
    tls_certificate: str | None = None
    tls_key: str | None = None
    unsafe: bool = False

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return False


class Server(uvicorn.Server):
    """Tells the service of the signal first, so that nothing new begins while the rest ends."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.service.drain()
        super().handle_exit(sig, frame)


def check_address(settings: ServeSettings, address: Address) -> bool:
    """Whether keys are required. Raises UserError for a public address that nobody guards."""
    database = open_database(settings)
    try:
        has_keys = KeyStore(database).any_valid()
    finally:
        database.close()
    if address.is_loopback:
        return settings.require_keys or has_keys
    if not has_keys:
        raise UserError(
            f"{address.host} can be reached from other machines and there is no key: make one with "
            "`reflet keys create NAME`, or listen on 127.0.0.1"
        )
    if address.tls_certificate is None and not address.unsafe:
        raise UserError(
            f"keys would cross the network to {address.host} in clear: give --tls-certificate and --tls-key, or say "
            "--behind-proxy when a proxy in front does TLS"
        )
    return True


def run(
    settings: ServeSettings,
    load: Load,
    *,
    address: Address,
    num_workers: int = 1,
    level: str = "info",
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serves until SIGTERM or SIGINT, then drains and returns. `load` makes the artists; it is called once in each
    process, so it must be a function that can be pickled when there are several. `ready` is told the address, instead
    of the standard output. Raises UserError."""
    log.set_up(level=level)
    settings = replace(settings, require_keys=check_address(settings, address))
    config_options = {"ssl_certfile": address.tls_certificate, "ssl_keyfile": address.tls_key}
    service = open_service(settings, load())
    others = _start_workers(settings, load, number=num_workers - 1, level=level)
    config = uvicorn.Config(
        asgi(service),
        host=address.host,
        port=address.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
        **{k: v for k, v in config_options.items() if v},
    )
    try:
        try:
            socket = config.bind_socket()
        except SystemExit as error:
            raise UserError(f"port {address.port} on {address.host} is taken: choose another --port") from error
        socket.listen(2048)  # from the moment that the address is told, who connects is heard
        scheme = "https" if address.tls_certificate else "http"
        place = f"{scheme}://{address.host}:{socket.getsockname()[1]}"
        _tell(service, place) if ready is None else ready(place)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)  # the server raises the signal again when it is done: we are not
        Server(config, service).run(sockets=[socket])
    finally:
        for process in others:
            process.terminate()
        service.close()
        for process in others:
            process.join(settings.drain_seconds + 5)
            if process.is_alive():
                process.kill()
        logger.info("stopped")


@contextmanager
def serving(settings: ServeSettings, load: Load) -> Iterator[str]:
    """A service of one's own on a free port of this machine, on a thread, for as long as the block lasts; its address.
    Raises UserError."""
    log.set_up(level="error")
    service = open_service(settings, load())
    config = uvicorn.Config(asgi(service), port=0, lifespan="off", log_config=None, access_log=False)
    server, socket = uvicorn.Server(config), config.bind_socket()
    socket.listen(64)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        service.close()


def _tell(service: Service, place: str) -> None:
    sys.stdout.write(f"Reflet serves {', '.join(service.artists)} at {place}/v1\n")
    if not service.settings.require_keys:
        sys.stdout.write("Without keys: only this machine may ask.\n")
    sys.stdout.flush()


def _start_workers(
    settings: ServeSettings, load: Load, *, number: int, level: str
) -> list[multiprocessing.context.SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=work, args=(settings, load), kwargs={"level": level, "parent": os.getpid()})
        for _ in range(number)
    ]
    for process in processes:
        process.start()
    return processes


def work(settings: ServeSettings, load: Load, *, level: str = "info", parent: int | None = None) -> None:
    """Makes the pictures of jobs that other processes accept, until SIGTERM, or until `parent` is gone."""
    log.set_up(level=level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    service = open_service(replace(settings, brain=None), load())
    while not stop.wait(1.0):
        if parent is not None and os.getppid() != parent:
            break
    service.close()
