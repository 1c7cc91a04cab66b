"""What surrounds every request: an id, a limit on the body while it arrives, headers, one line in the log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reflet.serve.errors import ApiError, answer
from reflet.serve.metrics import Metrics
from reflet.serve.settings import ServeSettings

log = logging.getLogger("reflet.access")
REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


class BodyTooLarge(HTTPException):
    """More arrived than is allowed. An HTTPException, because the framework lets those through while it reads."""

    def __init__(self) -> None:
        super().__init__(413)


class Surroundings:
    """Pure ASGI: streams pass through untouched, and a client that hangs up is seen by the route."""

    def __init__(self, app: ASGIApp, *, settings: ServeSettings, metrics: Metrics) -> None:
        self.app, self.settings, self.metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {k: v for k, v in scope["headers"]}
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if REQUEST_ID.fullmatch(given) else f"req_{secrets.token_hex(12)}"
        scope.setdefault("state", {})["request_id"] = request_id
        start, status, counted = time.perf_counter(), 0, 0
        limit = self._limit(headers.get(b"content-type", b""))

        async def counting() -> Message:
            nonlocal counted
            message = await receive()
            counted += len(message.get("body", b""))
            if counted > limit:
                raise BodyTooLarge
            return message

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                have = {k.lower() for k, _ in message["headers"]}
                extra = {**HEADERS, "x-request-id": request_id, "cache-control": "no-store"}
                new = [(k.encode(), v.encode()) for k, v in extra.items() if k.encode() not in have]
                message = {**message, "headers": [*message["headers"], *new]}
            await send(message)

        try:
            length = headers.get(b"content-length", b"0")
            if length.isdigit() and int(length) > limit:
                raise BodyTooLarge
            await self.app(scope, counting, dressed)
        except BodyTooLarge:
            if not status:
                message = f"the body is larger than {limit} bytes"
                await answer(ApiError(413, message, code="request_too_large"))(scope, counting, dressed)
        finally:
            self._note(scope, status, time.perf_counter() - start, request_id)

    def _limit(self, content_type: bytes) -> int:
        form = content_type.lower().startswith((b"multipart/", b"application/octet-stream", b"image/"))
        return self.settings.max_form if form else self.settings.max_json

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        # The route's pattern, never the path itself: names and tokens stay out of figures and logs.
        route: Any = scope.get("route")
        path = getattr(route, "path", "none")
        self.metrics.requests.labels(path, str(status)).inc()
        self.metrics.request_seconds.labels(path).observe(seconds)
        caller = scope.get("state", {}).get("key_id", "-")
        fields = {"request": request_id, "method": scope["method"], "route": path, "status": status, "key": caller}
        log.info("answered", extra={**fields, "milliseconds": round(seconds * 1000, 1)})
