"""Who asks: a dependency of every route, never a look at the path. What is not allowed is refused.

A router is made by `guarded(scope)`; the few open routes are listed in OPEN, and a test compares the list with the
application. Keys come as `Authorization: Bearer KEY` or `api-key: KEY`.

Where no keys are required (only ever on a loopback address) the caller is whoever sits at this machine; then requests
that a foreign web page has a browser send are refused by their Host and Origin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.concurrency import run_in_threadpool

from reflet.serve.errors import ANSWERS, ApiError
from reflet.serve.service import Service, service_of
from reflet.serve.settings import Limits
from reflet.store.keys import SCOPES, Key

STUDIO = ("/", "/studio-icon.svg", "/studio/{name}")
OPEN = ("/healthz", "/readyz", "/openapi.json", "/v1/pictures/{picture_id}/link", *STUDIO)
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
LOCAL = Key("local", "this machine", SCOPES)

bearer = HTTPBearer(auto_error=False, scheme_name="key")
header = APIKeyHeader(name="api-key", auto_error=False, scheme_name="api-key")


@dataclass(frozen=True)
class Caller:
    """A key that may do what it asks, and its limits."""

    id: str
    limits: Limits
    name: str = ""
    scopes: tuple[str, ...] = ()


@cache
def caller_with(scope: str) -> Callable[..., Caller]:
    """A dependency that lets in who has `scope`."""

    async def caller(
        request: Request,
        response: Response,
        token: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
        plain: Annotated[str | None, Security(header)],
        service: Annotated[Service, Depends(service_of)],
    ) -> Caller:
        secret = token.credentials if token is not None else plain
        known = await run_in_threadpool(service.keys.find, secret) if secret else None
        key = _allowed(service, request, secret, known)
        request.state.key_id = key.id
        if scope not in key.scopes:
            raise ApiError(403, f"this key has no scope {scope!r}", code="insufficient_scope")
        limits = service.settings.limits.of(key.limits)
        headers = service.buckets.take(key.id, limits.requests_per_minute)
        response.headers.update(headers)
        return Caller(key.id, limits, key.name, key.scopes)

    return caller


def _allowed(service: Service, request: Request, secret: str | None, key: Key | None) -> Key:
    """`key` is what `secret` opens. Raises ApiError."""
    if key is not None:
        return key
    if service.settings.require_keys:
        service.metrics.refused.labels("key").inc()
        if secret:
            raise ApiError(401, "the key is not known, expired or revoked", code="invalid_api_key", headers=CHALLENGE)
        message = "a key is needed: send the header 'Authorization: Bearer KEY'"
        raise ApiError(401, message, code="missing_api_key", headers=CHALLENGE)
    # Clients that cannot do without a key send any; here it opens nothing that is not open.
    origin = request.headers.get("origin")
    names = [request.headers.get("host", "")] + ([] if origin is None else [urlsplit(origin).netloc])
    if not all(_host(name) in LOOPBACK for name in names):
        raise ApiError(403, "without keys only this machine may ask, by the name localhost", code="foreign_origin")
    return LOCAL


CHALLENGE = {"WWW-Authenticate": "Bearer"}


def _host(netloc: str) -> str:
    return netloc.rpartition(":")[0] if netloc.rpartition(":")[2].isdigit() else netloc


def guarded(scope: str, **options: Any) -> APIRouter:
    """A router whose every route needs `scope`."""
    return APIRouter(dependencies=[Depends(caller_with(scope))], responses=ANSWERS, **options)
