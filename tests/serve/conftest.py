"""A real service on a real socket, with a device that only costs time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from openai import OpenAI

from reflet.generate.stepwise import Artist
from reflet.serve.app import asgi
from reflet.serve.service import Service, open_service
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from tests.store.postgres import Postgres, find_binaries

STEP_SECONDS = 0.002


@dataclass
class Live:
    """A service that listens."""

    service: Service
    url: str

    def client(self, key: str = "none") -> OpenAI:
        return OpenAI(
            base_url=f"{self.url}/v1", api_key=key, max_retries=0, timeout=20, http_client=httpx.Client(verify=False)
        )

    def http(self, key: str | None = None) -> httpx.Client:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20, verify=False)


@contextmanager
def live(settings: ServeSettings, *artists: Artist) -> Iterator[Live]:
    """A service in this process, on a port of its own."""
    made = artists or (StandIn(fixed=STEP_SECONDS),)
    service = open_service(settings, {a.card.name: a for a in made})
    config = uvicorn.Config(asgi(service), port=0, lifespan="off", log_config=None, access_log=False, ws="none")
    server, socket = uvicorn.Server(config), config.bind_socket()
    socket.listen(2048)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        yield Live(service, f"http://127.0.0.1:{socket.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()
        service.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One service that many tests may use; nobody changes its settings."""
    aliases = {"gpt-image-1": "", "dall-e-3": "", "MAI-Image-1": ""}
    with live(ServeSettings(data=tmp_path_factory.mktemp("serve"), aliases=aliases)) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> ServeSettings:
    return replace(ServeSettings(data=tmp_path), drain_seconds=5.0)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if find_binaries() is None:
        pytest.skip("PostgreSQL's server binaries are not here: apt-get install postgresql")
    with Postgres.start() as server:
        yield server
