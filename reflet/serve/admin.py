"""/v1/admin: keys and limits, everybody's queue, usage and energy, the audit trail, what moderation refused.

All of it needs the scope `admin`, which no key has unless it was asked for. Whoever sits at a machine without keys is
its operator. Other people's prompts and pictures are not shown here.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from typing import Annotated, Any

from fastapi import Depends, Query
from sqlalchemy import Row

from reflet.serve.admin_schemas import (
    AdminJob,
    AdminQueue,
    AuditCheck,
    AuditList,
    AuditRow,
    KeyChange,
    KeyInfo,
    KeyList,
    NewKey,
    Refusal,
    Refusals,
    Usage,
    UsedRow,
)
from reflet.serve.answers import ENDED, cancel
from reflet.serve.auth import LOCAL, Caller, caller_with, guarded
from reflet.serve.errors import not_found
from reflet.serve.gallery import ID
from reflet.serve.schemas import QueueChange
from reflet.serve.service import Service, service_of
from reflet.store import audit
from reflet.store.jobs import ACTIVE, DAY, EVERYBODY
from reflet.store.keys import DEFAULT_SCOPES
from reflet.store.usage import used

router = guarded("admin", tags=["admin"])
Operating = Annotated[Caller, Depends(caller_with("admin"))]
Serving = Annotated[Service, Depends(service_of)]
MOST_REFUSALS = 1000


@router.get("/v1/admin/keys", response_model=KeyList)
def list_keys(service: Serving) -> KeyList:
    """All keys, the newest first; never the keys themselves."""
    rows = [_key(service, row) for row in reversed(service.keys.list())]
    return KeyList(data=rows, limits=vars(service.settings.limits), required=service.settings.require_keys)


@router.post("/v1/admin/keys", response_model=KeyInfo, status_code=201)
def create_key(body: NewKey, service: Serving, caller: Operating) -> KeyInfo:
    """A new key; it is in this answer and nowhere else."""
    scopes = DEFAULT_SCOPES if body.scopes is None else tuple(dict.fromkeys(body.scopes))
    name, secret = service.keys.create(
        body.name, scopes=scopes, days=body.days, limits=body.limits.said(), actor=caller.id
    )
    return _key(service, _row(service, name)).model_copy(update={"key": secret})


@router.patch("/v1/admin/keys/{key_id}", response_model=KeyInfo)
def change_key(key_id: str, body: KeyChange, service: Serving, caller: Operating) -> KeyInfo:
    """Another name, other scopes, other limits: from the key's next request on."""
    row = _row(service, key_id)
    values: dict[str, Any] = {}
    if body.name is not None:
        values["name"] = body.name
    if body.scopes is not None:
        values["scopes"] = list(dict.fromkeys(body.scopes))
    if body.limits is not None:
        values["limits"] = body.limits.said()
    if values:
        service.keys.change(row.id, actor=caller.id, **values)
    return _key(service, _row(service, key_id))


@router.delete("/v1/admin/keys/{key_id}", response_model=KeyInfo)
def revoke_key(key_id: str, service: Serving, caller: Operating) -> KeyInfo:
    """The key opens nothing any more; what it made stays."""
    row = _row(service, key_id)
    if row.revoked_at is None:
        service.keys.revoke(row.id, actor=caller.id)
    return _key(service, _row(service, key_id))


@router.get("/v1/admin/queue", response_model=AdminQueue)
def get_queue(service: Serving, open: bool = True, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> AdminQueue:
    """Everybody's jobs, newest first; without `open` those that ended as well."""
    names, counts, positions = _names(service), service.queue.counts(), service.queue.positions()
    statuses = ACTIVE if open else (*ACTIVE, *ENDED)
    rows = service.queue.list(key_id=None, statuses=statuses, limit=limit)
    return AdminQueue(
        paused=service.queue.held(EVERYBODY),
        queued=counts["queued"],
        running=counts["running"],
        running_here=0 if service.worker is None else service.worker.resident,
        max_queue=service.settings.max_queue,
        data=[_job(row, names=names, positions=positions) for row in rows],
    )


@router.patch("/v1/admin/queue", response_model=AdminQueue)
def change_queue(body: QueueChange, service: Serving, caller: Operating) -> AdminQueue:
    """Stops the whole queue, or lets it go on: nothing new is begun, what runs ends. It holds over a restart."""
    if body.paused:
        service.queue.hold(EVERYBODY, actor=caller.id)
    else:
        service.queue.let_go(EVERYBODY, actor=caller.id)
        if service.worker is not None:
            service.worker.poke()
    return get_queue(service, limit=100)


@router.delete("/v1/admin/jobs/{job_id}", response_model=AdminJob)
def cancel_job(job_id: str, service: Serving, caller: Operating) -> AdminJob:
    """Cancels anybody's job."""
    row = service.jobs.get(job_id) if ID.fullmatch(job_id) else None
    if row is None:
        raise not_found("job")
    if row.status not in ENDED:
        cancel(service, row.id)
        service.jobs.note(actor=caller.id, action="job_cancelled", subject=row.id, detail={"key": row.key_id})
    return _job(service.jobs.get(job_id) or row, names=_names(service), positions={})


@router.get("/v1/admin/usage", response_model=Usage)
def get_usage(service: Serving, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Usage:
    """Pictures, pixel-steps, device seconds and joules by day and key, oldest first."""
    names = _names(service)
    rows = [
        UsedRow(
            **{**vars(row), "day": time.strftime("%Y-%m-%d", time.gmtime(row.day))}, key_name=names.get(row.key_id, "")
        )
        for row in used(service.database, days=days)
    ]
    free = shutil.disk_usage(service.blobs.root).free if service.blobs.is_local else None
    return Usage(days=days, data=rows, free_bytes=free, uptime_seconds=time.time() - service.started)


@router.get("/v1/admin/audit", response_model=AuditList)
def list_audit(
    service: Serving,
    *,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    action: Annotated[str | None, Query(max_length=40, pattern="^[a-z_]*$")] = None,
) -> AuditList:
    """The trail, newest first; `before`: the number of the last row of the page before."""
    rows = audit.entries(service.database, limit=limit + 1, before=before, action=action or None)
    names = _names(service)
    told = [
        AuditRow(**{k: v for k, v in row._mapping.items() if k != "previous"}, actor_name=names.get(row.actor, ""))
        for row in rows[:limit]
    ]
    return AuditList(data=told, has_more=len(rows) > limit)


@router.get("/v1/admin/audit/check", response_model=AuditCheck)
def check_audit(service: Serving) -> AuditCheck:
    """Whether no row of the trail was changed; looks at every one."""
    rows, broken = audit.verify(service.database)
    return AuditCheck(intact=broken is None, broken_at=broken, rows=rows, head=audit.head(service.database)[1])


@router.get("/v1/admin/moderation", response_model=Refusals)
def list_refusals(service: Serving, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Refusals:
    """What the safety system refused, newest first (at most the last thousand): when, whom, why; never the words."""
    names = _names(service)
    rows = audit.entries(service.database, limit=MOST_REFUSALS, action="refused", since=time.time() - days * DAY)
    told = [
        Refusal(
            at=row.at,
            key_id=row.actor,
            key_name=names.get(row.actor, ""),
            categories=list(row.detail.get("categories", ())),
            prompt_sha256=str(row.detail.get("prompt_sha256", "")),
        )
        for row in rows
    ]
    counts = Counter(category for refusal in told for category in refusal.categories)
    return Refusals(active=service.settings.moderate, days=days, by_category=dict(counts.most_common()), data=told)


def _row(service: Service, key_id: str) -> Row[Any]:
    row = service.keys.get(key_id) if ID.fullmatch(key_id) else None
    if row is None:
        raise not_found("key")
    return row


def _names(service: Service) -> dict[str, str]:
    return {LOCAL.id: LOCAL.name, **{row.id: row.name for row in service.keys.list()}}


def _key(service: Service, row: Row[Any]) -> KeyInfo:
    over = row.expires_at is not None and row.expires_at < time.time()
    return KeyInfo(
        id=row.id,
        name=row.name,
        scopes=list(row.scopes),
        limits=dict(row.limits),
        state="revoked" if row.revoked_at is not None else "expired" if over else "valid",
        created_at=int(row.created_at),
        expires_at=None if row.expires_at is None else int(row.expires_at),
        last_used_at=None if row.last_used_at is None else int(row.last_used_at),
        pixel_steps_today=service.jobs.spent_today(row.id),
    )


def _job(row: Row[Any], *, names: dict[str, str], positions: dict[str, int]) -> AdminJob:
    return AdminJob(
        id=row.id,
        key_id=row.key_id,
        key_name=names.get(row.key_id, ""),
        model=row.model,
        status=row.status,
        num_pictures=row.num_pictures,
        pixel_steps=row.pixel_steps,
        attempts=row.attempts,
        position=positions.get(row.id),
        created_at=row.created_at,
        finished_at=row.finished_at,
        error_code=None if row.error is None else row.error.get("code"),
    )
