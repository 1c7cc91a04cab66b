"""Waiting for a job, and telling what came of it: as one JSON answer, or as a stream with looks on the way.

Who waits is told by events of this process; a job that another process makes is looked up in the database, less and
less often. A client that hangs up has its job cancelled, within a step, unless it came with an Idempotency-Key: then
the picture is kept for when it asks again.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from reflet.serve.errors import ApiError, as_api_error, error_body
from reflet.serve.events import Event, Made
from reflet.serve.links import link
from reflet.serve.payload import Payload
from reflet.serve.schemas import Cost, Datum, ImagesResponse, JobStatus, Tokens, Usage
from reflet.serve.service import Service

ENDED = ("done", "failed", "cancelled")
FIRST_LOOK, LAST_LOOK = 0.05, 1.0  # seconds between looks into the database for a job that is made elsewhere
AT_ONCE = 1 << 20  # bytes of pictures that are written into an answer without another thread
HUNG_UP = 499  # never sent: nobody is there
CELL = 16  # pixels a side of what counts as one image token


@dataclass(frozen=True)
class Wanted:
    """How the caller wants to be answered."""

    job_id: str
    url: bool
    keep: bool  # the job goes on when the client hangs up
    kind: Literal["image_generation", "image_edit"] = "image_generation"
    follows: bool = False  # looks on only: waits as long as it takes, through pauses as well
    content: bool = True  # the pictures themselves are in the answer


async def wait(service: Service, request: Request, wanted: Wanted) -> ImagesResponse:
    """The answer of a job. Raises ApiError for what went wrong."""
    made = None
    async for event in looks(service, request, wanted):
        made = event.made
    return await _result(service, request, wanted, made)


async def looks(service: Service, request: Request, wanted: Wanted) -> AsyncIterator[Event]:
    """The job's previews as they come, and its end where that is told here; ends when the job has. Raises ApiError when
    the wait is over before."""
    with service.events.follow(wanted.job_id) as queue:
        gone = asyncio.create_task(hung_up(request))
        try:
            async for event in _until_end(service, wanted, queue, gone):
                yield event
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone


async def hung_up(request: Request) -> None:
    """Returns when the client has closed its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _until_end(
    service: Service, wanted: Wanted, queue: asyncio.Queue[Event], gone: asyncio.Task[None]
) -> AsyncIterator[Event]:
    """The job's previews as they come, and its end where that is told here; ends when the job has. Raises ApiError when
    the wait is over before."""
    job_id = wanted.job_id
    deadline = math.inf if wanted.follows else time.monotonic() + service.settings.request_seconds
    pause = 0.0  # what is not here any more may have ended before anybody listened
    while True:
        here = service.worker is not None and job_id in service.worker.running
        news = asyncio.create_task(queue.get())
        try:
            await asyncio.wait({news, gone}, timeout=LAST_LOOK if here else pause, return_when=asyncio.FIRST_COMPLETED)
            event = news.result() if news.done() else None
        finally:
            news.cancel()
        if gone.done():
            raise ApiError(HUNG_UP, "the client hung up", code="client_closed")
        if event is not None:
            yield event
            if event.kind == "end":
                return
            continue
        pause = min(LAST_LOOK, max(FIRST_LOOK, pause * 1.5))
        row = await run_in_threadpool(service.jobs.get, job_id)
        if row is None or row.status in ENDED:
            return
        if service.draining and row.status == "queued":
            message = f"the service is going down; job {job_id} is made after the next start"
            raise ApiError(503, message, code="draining", headers={"Retry-After": "5"})
        if row.status == "queued" and not wanted.follows and await run_in_threadpool(_stands_still, service, row):
            message = f"the queue is paused; job {job_id} is made when it goes on"
            raise ApiError(503, message, code="paused", headers={"Retry-After": "10"})
        if time.monotonic() > deadline:
            message = (
                f"the picture takes longer than {service.settings.request_seconds:g} s: ask later for job {job_id}"
            )
            raise ApiError(503, message, code="still_running", headers={"Retry-After": "10"})


def _stands_still(service: Service, row: Row[Any]) -> bool:
    return service.queue.stands_still(row.key_id)


def cancel(service: Service, job_id: str) -> str | None:
    """Cancels a job wherever it is; its state then. If it runs here it is stopped before that is written down."""
    if service.worker is not None:
        service.worker.cancel(job_id)
    state = service.jobs.cancel(job_id)
    if service.worker is not None and state == "running":  # it may have been taken just now
        service.worker.cancel(job_id)
    return state


async def _result(service: Service, request: Request, wanted: Wanted, made: Made | None) -> ImagesResponse:
    """`result` of what was made here, or of what the database knows; on another thread where that takes long."""
    if made is not None and sum(len(content) for _, content in made.pictures) <= AT_ONCE:
        return answer_of(service, request, wanted, made)
    if made is not None:
        return await run_in_threadpool(answer_of, service, request, wanted, made)
    return await run_in_threadpool(result, service, request, wanted)


def result(service: Service, request: Request | None, wanted: Wanted) -> ImagesResponse:
    """A done job as OpenAI answers. Raises ApiError for one that failed, was cancelled or could not be written."""
    row = service.jobs.get(wanted.job_id)
    if row is None or row.status == "cancelled":
        raise ApiError(409, "the job was cancelled", code="cancelled")
    if row.status == "failed":
        raise job_error(row)
    if row.status != "done":  # its end could not be written: only a full disk does that
        raise ApiError(507, "there is no room to store the picture; try again later", code="storage_full")
    if not row.payload:
        raise ApiError(404, "the pictures of this job were deleted", code="picture_not_found")
    read = service.blobs.get if wanted.content and not wanted.url else lambda _: b""
    pictures = tuple((picture, read(picture.blob)) for picture in service.pictures.of_job(row.id))
    return answer_of(service, request, wanted, Made(row, row.cost, pictures))


def answer_of(service: Service, request: Request | None, wanted: Wanted, made: Made) -> ImagesResponse:
    """What was made as OpenAI answers."""
    row, payload = made.row, Payload.from_json(made.row.payload)
    data = []
    for picture, content in made.pictures:
        address = link(service, request, picture.id) if wanted.url and request is not None else None
        shown = base64.b64encode(content).decode("ascii") if wanted.content and not wanted.url else None
        data.append(Datum(b64_json=shown, url=address, seed=int(picture.seed), id=picture.id))
    return ImagesResponse(
        created=int(row.created_at),
        data=data,
        background="opaque",
        output_format=payload.picture_format,
        size=f"{payload.width}x{payload.height}",
        quality=payload.quality,
        usage=usage(payload),
        model=row.model,
        job=row.id,
        cost=Cost(**made.cost),
    )


def usage(payload: Payload) -> Usage:
    """Tokens in OpenAI's sense (see schemas.Usage)."""
    cells = (int(payload.request["size"]) // CELL) ** 2
    source = cells if payload.picture is not None else 0
    if payload.factor is not None:
        cells = -(-payload.width // CELL) * -(-payload.height // CELL)
        source = cells // payload.factor**2
    return Usage(
        total_tokens=payload.input_tokens + source + cells * payload.n,
        input_tokens=payload.input_tokens + source,
        output_tokens=cells * payload.n,
        input_tokens_details=Tokens(text_tokens=payload.input_tokens, image_tokens=source),
        output_tokens_details=Tokens(text_tokens=0, image_tokens=cells * payload.n),
    )


def job_error(row: Row[Any]) -> ApiError:
    """Why a job failed, as an answer."""
    kind = "image_generation_user_error" if row.error["code"] == "moderation_blocked" else None
    return ApiError(row.error["status"], row.error["message"], code=row.error["code"], kind=kind)


def job_statuses(service: Service, rows: Sequence[Row[Any]]) -> list[JobStatus]:
    """Jobs as /v1/jobs tells them."""
    positions = service.queue.positions() if any(row.status == "queued" for row in rows) else {}
    made = service.pictures.ids_of([row.id for row in rows if row.status == "done"])
    return [_status(service, row, positions=positions, made=made.get(row.id, [])) for row in rows]


def job_status(service: Service, row: Row[Any]) -> JobStatus:
    """A job as /v1/jobs tells it."""
    return job_statuses(service, [row])[0]


def _status(service: Service, row: Row[Any], *, positions: Mapping[str, int], made: list[str]) -> JobStatus:
    payload = Payload.from_json(row.payload) if row.payload else Payload.empty()
    step = service.worker.step_of(row.id) if row.status == "running" and service.worker is not None else None
    return JobStatus(
        id=row.id,
        status=row.status,
        model=row.model,
        kind=payload.kind,
        prompt=payload.asked,
        negative_prompt=payload.request.get("negative_prompt", ""),
        style=payload.style,
        size=f"{payload.width}x{payload.height}",
        seed=payload.request.get("seed", 0),
        num_steps=payload.num_steps,
        guidance_scale=payload.request.get("guidance_scale", 1.0),
        num_pictures=row.num_pictures,
        step=step,
        position=positions.get(row.id),
        created_at=int(row.created_at),
        finished_at=None if row.finished_at is None else int(row.finished_at),
        attempts=row.attempts,
        error=None if row.error is None else error_body(job_error(row))["error"],
        pictures=made,
        cost=None if row.cost is None else Cost(**row.cost),
    )


def stream(service: Service, request: Request, wanted: Wanted) -> StreamingResponse:
    """Server-sent events: previews (JPEG), then one `completed` for each picture; an error comes as {"error": ...}."""
    return StreamingResponse(_events(service, request, wanted), media_type="text/event-stream")


async def _events(service: Service, request: Request, wanted: Wanted) -> AsyncIterator[str]:
    ended, made = False, None
    gone = asyncio.create_task(hung_up(request))
    try:
        row = await run_in_threadpool(service.jobs.get, wanted.job_id)
        about = _about(Payload.from_json(row.payload)) if row is not None and row.payload else {}
        with service.events.follow(wanted.job_id) as queue:
            async for event in _until_end(service, wanted, queue, gone):
                if event.kind == "end":
                    made = event.made
                    continue
                look = base64.b64encode(event.content).decode()
                extra = {"partial_image_index": event.number, "output_format": "jpeg"}
                yield _event(f"{wanted.kind}.partial_image", look, {**about, **extra})
        answer = await _result(service, request, wanted, made)
        ended = True
        about["usage"] = answer.usage.model_dump()
        for datum in answer.data:
            extra = {"seed": datum.seed, "id": datum.id, "job": answer.job, "cost": answer.cost.model_dump()}
            if datum.url is not None:
                extra["url"] = datum.url
            if wanted.follows:
                extra["thumbnail_url"] = link(service, request, datum.id, thumbnail=True)
            yield _event(f"{wanted.kind}.completed", datum.b64_json or "", {**about, **extra})
    except Exception as error:
        if isinstance(error, ApiError) and error.status == HUNG_UP:
            return
        ended = True
        yield f"event: error\ndata: {json.dumps({'type': 'error', **error_body(as_api_error(error))})}\n\n"
    finally:
        gone.cancel()
        if not ended and not wanted.keep:
            # Nothing may be awaited in a generator that is being closed: another thread does it.
            asyncio.get_running_loop().run_in_executor(None, cancel, service, wanted.job_id)


def _about(payload: Payload) -> dict[str, Any]:
    return {
        "created_at": int(time.time()),
        "size": f"{payload.width}x{payload.height}",
        "quality": payload.quality,
        "background": "opaque",
        "output_format": payload.picture_format,
    }


def _event(kind: str, content: str, fields: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, 'b64_json': content, **fields})}\n\n"
