"""/v1/jobs and /v1/queue: what a key has asked for, how far it is, and stopping, repeating or holding it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Row

from reflet.serve.answers import ENDED, Wanted, cancel, job_status, job_statuses, stream
from reflet.serve.asking import repeat
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.errors import not_found
from reflet.serve.gallery import ID
from reflet.serve.payload import Payload
from reflet.serve.schemas import JobList, JobStatus, QueueChange, QueueInfo
from reflet.serve.service import Service, service_of
from reflet.store.jobs import ACTIVE, EVERYBODY

router = guarded("read", tags=["queue"])
making = guarded("images", tags=["queue"])
Reading = Annotated[Caller, Depends(caller_with("read"))]
Making = Annotated[Caller, Depends(caller_with("images"))]
Serving = Annotated[Service, Depends(service_of)]
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {}}}, "description": "The job's events."}
}


@router.get("/v1/jobs", response_model=JobList)
def list_jobs(
    service: Serving,
    caller: Reading,
    *,
    open: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[float | None, Query(ge=0, le=1e12, allow_inf_nan=False)] = None,
) -> JobList:
    """The key's jobs, newest first, without those of batches; `open`: only those that have not ended."""
    statuses = ACTIVE if open else (*ACTIVE, *ENDED)
    rows = service.queue.list(key_id=caller.id, statuses=statuses, limit=limit + 1, before=before)
    return JobList(data=job_statuses(service, rows[:limit]), has_more=len(rows) > limit)


@router.get("/v1/jobs/{job_id}", response_model=JobStatus)
def get_job(job_id: str, service: Serving, caller: Reading) -> JobStatus:
    """How a job stands."""
    return job_status(service, _job(service, caller, job_id))


@router.get("/v1/jobs/{job_id}/events", response_class=StreamingResponse, responses=EVENTS)
def follow_job(
    job_id: str, request: Request, service: Serving, caller: Reading, content: bool = True
) -> StreamingResponse:
    """Looks on the way from now on (where the request wished for `partial_images`), then each picture, as the streamed
    answer has them; without `content` only their links. Whoever stops listening cancels nothing."""
    row = _job(service, caller, job_id)
    edited = bool(row.payload) and Payload.from_json(row.payload).kind != "generation"
    kind = "image_edit" if edited else "image_generation"
    return stream(service, request, Wanted(row.id, True, True, kind, follows=True, content=content))


@router.delete("/v1/jobs/{job_id}", response_model=JobStatus)
def cancel_job(job_id: str, service: Serving, caller: Reading) -> JobStatus:
    """Cancels a job that has not ended: a running one takes at most one step more."""
    row = _job(service, caller, job_id)
    if row.status not in ENDED:
        cancel(service, row.id)
    return job_status(service, _job(service, caller, job_id))


@making.post("/v1/jobs/{job_id}/retry", response_model=JobStatus, status_code=202)
def retry_job(job_id: str, service: Serving, caller: Making) -> JobStatus:
    """The same again, as a new job; within the same limits as any other."""
    name = repeat(service, caller, _job(service, caller, job_id))
    return job_status(service, _job(service, caller, name))


@router.get("/v1/queue", response_model=QueueInfo)
def get_queue(service: Serving, caller: Reading) -> QueueInfo:
    """How much waits, of this key and of everybody, and whether it is paused."""
    mine, all_ = service.queue.counts(caller.id), service.queue.counts()
    return QueueInfo(
        paused=service.queue.held(caller.id),
        all_paused=service.queue.held(EVERYBODY),
        queued=mine["queued"],
        running=mine["running"],
        ahead=sum(all_.values()),
    )


@making.patch("/v1/queue", response_model=QueueInfo)
def change_queue(body: QueueChange, service: Serving, caller: Making) -> QueueInfo:
    """Pauses this key's queue, or lets it go on: nothing new is begun, what runs ends. It holds over a restart."""
    if body.paused:
        service.queue.hold(caller.id, actor=caller.id)
    else:
        service.queue.let_go(caller.id, actor=caller.id)
        if service.worker is not None:
            service.worker.poke()
    return get_queue(service, caller)


def _job(service: Service, caller: Caller, job_id: str) -> Row[Any]:
    row = service.jobs.get(job_id) if ID.fullmatch(job_id) else None
    if row is None or row.key_id != caller.id:
        raise not_found("job")
    return row
