"""One shape for all errors, OpenAI's: {"error": {"message", "type", "param", "code"}}."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from reflet.runtime.errors import UserError
from reflet.store.database import StorageFull
from reflet.store.jobs import IdempotencyConflict, Refused

log = logging.getLogger("reflet.api")


class ErrorDetail(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    error: ErrorDetail


class ApiError(Exception):
    """An answer that is no success. The message tells what to do; `code` is for programs."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.kind = kind or KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
        self.headers = dict(headers or {})


KINDS = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    503: "service_unavailable_error",
    507: "service_unavailable_error",
}
PHRASES = {
    404: "there is nothing at this address",
    405: "this address does not take that method",
    413: "the body is too large",
}

# What any route may answer; for the OpenAPI document.
ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": text}
    for status, text in {
        400: "The request is wrong; `param` names the field.",
        401: "No key, or not a valid one.",
        403: "The key has no scope for this.",
        404: "Nothing of that name is yours.",
        405: "The method does not exist here.",
        409: "The idempotency key was used with another request.",
        413: "The body is too large.",
        429: "A limit is reached; see Retry-After.",
        503: "The service is going down, or the wait took too long.",
        507: "No room to store what would be made.",
    }.items()
}


def not_found(what: str) -> ApiError:
    """404 for a thing of that kind."""
    return ApiError(404, f"there is no such {what}, or it is not yours", code=f"{what}_not_found")


def error_body(error: ApiError) -> dict[str, Any]:
    """As JSON; what UTF-8 cannot hold is written as an escape."""
    message = error.message.encode("utf-8", "backslashreplace").decode()
    return {"error": {"message": message, "type": error.kind, "param": error.param, "code": error.code}}


def answer(error: ApiError) -> JSONResponse:
    """The error as a response."""
    return JSONResponse(error_body(error), status_code=error.status, headers=error.headers)


def as_api_error(error: Exception) -> ApiError:
    """Any exception as what the caller is told."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, UserError):
        return ApiError(400, str(error), code="invalid_value")
    if isinstance(error, StorageFull):
        message = "there is no room to store the picture: the operator must free some space; try again later"
        return ApiError(507, message, code="storage_full", headers={"Retry-After": "30"})
    if isinstance(error, IdempotencyConflict):
        message = "this Idempotency-Key came with another request before: use a new one"
        return ApiError(409, message, code="idempotency_conflict")
    if isinstance(error, Refused):
        return _refused(error)
    log.error("unexpected", exc_info=error)
    return ApiError(500, "something went wrong here; the request id tells the operator what", code="internal_error")


def _refused(error: Refused) -> ApiError:
    messages = {
        "queue": ("the queue is full: try again shortly", "server_is_overloaded"),
        "concurrency": ("too many of this key's requests are open: wait for one to end", "slow_down"),
        "pixel_steps": ("this key's pixel-steps for today are used up", "insufficient_quota"),
    }
    message, code = messages[error.reason]
    return ApiError(429, message, code=code, headers={"Retry-After": str(max(1, math.ceil(error.retry_after)))})


def install(app: FastAPI) -> None:
    """Every way in which a request can fail ends in the one shape."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
        param = ".".join(where).encode("ascii", "backslashreplace").decode()[:100] or None
        if first["type"] == "json_invalid":
            return answer(ApiError(400, "the body is not valid JSON", code="invalid_json"))
        if first["type"] == "extra_forbidden":
            return answer(ApiError(400, f"there is no parameter {param!r}", param=param, code="unknown_parameter"))
        if first["type"] == "missing" and where:
            message = f"the parameter {param!r} is required"
            return answer(ApiError(400, message, param=param, code="missing_required_parameter"))
        # The message is pydantic's own words about the rule; the value itself is never echoed.
        said = str(first["msg"]).encode("utf-8", "backslashreplace").decode()[:300]
        return answer(ApiError(400, f"{param or 'the request'}: {said}", param=param, code="invalid_value"))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        message = PHRASES.get(error.status_code, "the request cannot be answered")
        code = "request_too_large" if error.status_code == 413 else None
        return answer(ApiError(error.status_code, message, code=code, headers=error.headers))

    for kind in (ApiError, UserError, StorageFull, IdempotencyConflict, Refused, Exception):

        @app.exception_handler(kind)
        async def other(_: Request, error: Exception) -> JSONResponse:
            return answer(as_api_error(error))
