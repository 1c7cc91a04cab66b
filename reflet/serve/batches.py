"""/v1/files and /v1/batches, as far as images need them: a file of requests, done when nobody else waits."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from reflet.runtime.errors import UserError
from reflet.serve import forms
from reflet.serve.answers import Wanted, cancel, result
from reflet.serve.asking import build, new_job
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.errors import ApiError, as_api_error, error_body, not_found
from reflet.serve.schemas import Deleted, GenerationRequest, Strict
from reflet.serve.service import Service, service_of
from reflet.store.jobs import BATCH, NewJob

router = guarded("batches", tags=["batches"])
Asking = Annotated[Caller, Depends(caller_with("batches"))]
Serving = Annotated[Service, Depends(service_of)]
Limit = Annotated[int, Query(ge=1, le=100)]
MAX_LINES = 10_000
ENDPOINT = "/v1/images/generations"
FILE_ID = re.compile(r"file_[0-9a-f]{24}")
BATCH_ID = re.compile(r"batch_[0-9a-f]{24}")
PURPOSES = ("batch", "vision", "user_data")
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": forms.FILE, "purpose": {"type": "string", "enum": list(PURPOSES)}},
                    "required": ["file", "purpose"],
                    "additionalProperties": False,
                }
            }
        },
    }
}
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file."}
}
Short = Annotated[str, StringConstraints(max_length=512)]


class FileObject(BaseModel):
    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: Literal["processed"] = "processed"


class FileList(BaseModel):
    object: Literal["list"] = "list"
    data: list[FileObject]
    has_more: bool = False


class NewBatch(Strict):
    input_file_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    endpoint: Literal["/v1/images/generations"]
    completion_window: Literal["24h"]
    metadata: Annotated[dict[Short, Short], Field(max_length=16)] | None = None


class Counts(BaseModel):
    total: int
    completed: int
    failed: int


class BatchObject(BaseModel):
    id: str
    object: Literal["batch"] = "batch"
    endpoint: str
    errors: dict[str, Any] | None
    input_file_id: str
    completion_window: Literal["24h"] = "24h"
    status: Literal["failed", "in_progress", "completed", "cancelling", "cancelled"]
    output_file_id: str | None
    error_file_id: str | None
    created_at: int
    completed_at: int | None
    request_counts: Counts
    metadata: dict[str, str] | None


class BatchList(BaseModel):
    object: Literal["list"] = "list"
    data: list[BatchObject]
    has_more: bool


@router.post("/v1/files", response_model=FileObject, openapi_extra=UPLOAD)
async def upload(request: Request, service: Serving, caller: Asking) -> FileObject:
    """Keeps a file for a batch (`batch`) or a picture for edits (`vision`, `user_data`)."""
    values, found = await forms.read(request, files=("file",))
    if not found.get("file"):
        raise ApiError(400, "send the file as `file`", code="missing_required_parameter", param="file")
    unknown = next((name for name in values if name not in ("purpose", "expires_after")), None)
    if unknown is not None or values.get("purpose") not in PURPOSES:
        param = "purpose" if unknown is None else unknown.encode("ascii", "backslashreplace").decode()[:60]
        raise ApiError(400, f"purpose is one of {', '.join(PURPOSES)}", code="invalid_value", param=param)
    purpose = str(values["purpose"])
    content = found["file"][0]
    row = await run_in_threadpool(
        service.batches.add_file, content, key_id=caller.id, filename=f"{purpose}.bin", purpose=purpose
    )
    return _file(row)


@router.get("/v1/files", response_model=FileList)
def list_files(service: Serving, caller: Asking) -> FileList:
    """The key's files, newest first."""
    return FileList(data=[_file(row) for row in service.batches.list_files(caller.id)])


@router.get("/v1/files/{file_id}", response_model=FileObject)
def get_file(file_id: str, service: Serving, caller: Asking) -> FileObject:
    """What is known of a file."""
    return _file(_find_file(service, caller, file_id))


@router.get("/v1/files/{file_id}/content", response_class=Response, responses=BYTES)
def get_file_content(file_id: str, service: Serving, caller: Asking) -> Response:
    """The file."""
    row = _find_file(service, caller, file_id)
    headers = {"Content-Disposition": f'attachment; filename="{row.id}"'}
    return Response(service.blobs.get(row.blob), media_type="application/octet-stream", headers=headers)


@router.delete("/v1/files/{file_id}", response_model=Deleted)
def delete_file(file_id: str, service: Serving, caller: Asking) -> Deleted:
    """Deletes a file."""
    row = _find_file(service, caller, file_id)
    service.batches.delete_file(row)
    return Deleted(id=row.id, object="file", deleted=True)


@router.post("/v1/batches", response_model=BatchObject)
def create_batch(body: NewBatch, service: Serving, caller: Asking) -> BatchObject:
    """Queues every line of a file behind all that somebody waits for. A line that is wrong fails the whole batch, with
    its number, before anything is queued."""
    row = _find_file(service, caller, body.input_file_id)
    new, errors = _read_lines(service, caller, service.blobs.get(row.blob))
    batch = service.batches.create(
        new,
        key_id=caller.id,
        endpoint=ENDPOINT,
        input_file_id=row.id,
        errors=errors,
        note=body.metadata,
        pixel_steps=caller.limits.pixel_steps_per_day,
    )
    if service.worker is not None:
        service.worker.poke()
    return _batch(service, batch)


@router.get("/v1/batches", response_model=BatchList)
def list_batches(
    service: Serving,
    caller: Asking,
    limit: Limit = 20,
    after: Annotated[str | None, Query(pattern=r"^batch_[0-9a-f]{24}$")] = None,
) -> BatchList:
    """The key's batches, newest first."""
    rows = service.batches.list(caller.id, limit=limit + 1, after=after)
    return BatchList(data=[_batch(service, _settled(service, r)) for r in rows[:limit]], has_more=len(rows) > limit)


@router.get("/v1/batches/{batch_id}", response_model=BatchObject)
def get_batch(batch_id: str, service: Serving, caller: Asking) -> BatchObject:
    """How a batch stands."""
    return _batch(service, _settled(service, _find_batch(service, caller, batch_id)))


@router.post("/v1/batches/{batch_id}/cancel", response_model=BatchObject)
def cancel_batch(batch_id: str, service: Serving, caller: Asking) -> BatchObject:
    """Begins no further line; lines that were done stay done."""
    row = _find_batch(service, caller, batch_id)
    for job_id in service.batches.cancel(row):
        cancel(service, job_id)
    return _batch(service, _settled(service, _find_batch(service, caller, batch_id)))


def _read_lines(service: Service, caller: Caller, content: bytes) -> tuple[list[NewJob], list[dict[str, Any]]]:
    new: list[NewJob] = []
    errors: list[dict[str, Any]] = []
    seen: set[str] = set()
    lines = [line for line in content.splitlines() if line.strip()]
    if not lines or len(lines) > MAX_LINES:
        message = f"a batch has 1 to {MAX_LINES} lines, this one {len(lines)}"
        return [], [{"code": "invalid_lines", "message": message, "line": None, "param": None}]
    for number, line in enumerate(lines, start=1):
        try:
            new.append(_read_line(service, caller, line, seen))
        except Exception as error:
            told = as_api_error(_plain(error))
            errors.append({"code": told.code, "message": told.message, "line": number, "param": told.param})
            if len(errors) == 20:
                break
    return new, errors


def _read_line(service: Service, caller: Caller, line: bytes, seen: set[str]) -> NewJob:
    values = json.loads(line)
    custom_id = values["custom_id"]
    if not isinstance(custom_id, str) or not 0 < len(custom_id) <= 255 or custom_id in seen or "\x00" in custom_id:
        raise UserError("custom_id must be a text of 1 to 255 characters that no other line has")
    custom_id.encode()
    seen.add(custom_id)
    if values.get("url", ENDPOINT) != ENDPOINT or values.get("method", "POST") != "POST":
        raise UserError(f"method and url must be POST {ENDPOINT}")
    body = GenerationRequest.model_validate(values["body"])
    if body.stream:
        raise UserError("a batch is not streamed: leave stream out")
    artist, payload = build(service, caller, body, body.prompt, source=None)
    job = new_job(artist, payload, caller, user=body.user)
    return NewJob(**{**vars(job), "priority": BATCH, "custom_id": custom_id})


def _plain(error: Exception) -> Exception:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return UserError(f"body.{'.'.join(str(p) for p in first['loc'])}: {first['msg']}"[:300])
    if isinstance(error, ValueError | KeyError | TypeError | AttributeError | RecursionError):
        return UserError("the line must be a JSON object with custom_id, method, url and body")
    return error


def _settled(service: Service, row: Row[Any]) -> Row[Any]:
    return service.batches.settle(row, tell=lambda job: _line(service, job))


def _line(service: Service, job: Row[Any]) -> dict[str, Any]:
    """A job as a line of the output file."""
    try:
        made = result(service, None, Wanted(job.id, url=False, keep=True))
        response: dict[str, Any] = {"status_code": 200, "request_id": job.id, "body": made.model_dump()}
        return {"id": job.id, "custom_id": job.custom_id, "response": response, "error": None}
    except Exception as error:
        told = as_api_error(error)
        response = {"status_code": told.status, "request_id": job.id, "body": error_body(told)}
        return {"id": job.id, "custom_id": job.custom_id, "response": response, "error": None}


def _find_file(service: Service, caller: Caller, file_id: str) -> Row[Any]:
    row = service.batches.file(file_id, key_id=caller.id) if FILE_ID.fullmatch(file_id) else None
    if row is None:
        raise not_found("file")
    return row


def _find_batch(service: Service, caller: Caller, batch_id: str) -> Row[Any]:
    row = service.batches.get(batch_id, key_id=caller.id) if BATCH_ID.fullmatch(batch_id) else None
    if row is None:
        raise not_found("batch")
    return row


def _file(row: Row[Any]) -> FileObject:
    return FileObject(
        id=row.id, bytes=row.num_bytes, created_at=int(row.created_at), filename=row.filename, purpose=row.purpose
    )


def _batch(service: Service, row: Row[Any]) -> BatchObject:
    counts = service.batches.counts(row.id)
    failed = counts.get("failed", 0) + counts.get("cancelled", 0)
    return BatchObject(
        id=row.id,
        endpoint=row.endpoint,
        errors=None if row.errors is None else {"object": "list", "data": row.errors},
        input_file_id=row.input_file_id,
        status=row.status,
        output_file_id=row.output_file_id,
        error_file_id=row.error_file_id,
        created_at=int(row.created_at),
        completed_at=None if row.finished_at is None else int(row.finished_at),
        request_counts=Counts(total=row.num_lines, completed=counts.get("done", 0), failed=failed),
        metadata=row.note,
    )
