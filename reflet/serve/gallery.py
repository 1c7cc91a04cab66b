"""/v1/jobs and /v1/pictures: what a key has asked for and what came of it; and how it goes away again."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import Response as Bytes
from sqlalchemy import Row

from reflet.serve.answers import ENDED, cancel, job_status
from reflet.serve.asking import user_hash
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.errors import ANSWERS, ApiError, not_found
from reflet.serve.links import is_open, link
from reflet.serve.schemas import Deleted, JobStatus, PictureInfo, PictureList
from reflet.serve.service import Service, service_of
from reflet.store.tables import pictures

router = guarded("read", tags=["gallery"])
Reading = Annotated[Caller, Depends(caller_with("read"))]
Serving = Annotated[Service, Depends(service_of)]
ID = re.compile(r"[a-z]{3,5}_[0-9a-f]{24}")
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {f: {} for f in ("image/png", "image/jpeg", "image/webp")}, "description": "The picture."}
}


@router.get("/v1/jobs/{job_id}", response_model=JobStatus)
def get_job(job_id: str, service: Serving, caller: Reading) -> JobStatus:
    """How a job stands."""
    return job_status(service, _job(service, caller, job_id))


@router.delete("/v1/jobs/{job_id}", response_model=JobStatus)
def cancel_job(job_id: str, service: Serving, caller: Reading) -> JobStatus:
    """Cancels a job that has not ended: a running one takes at most one step more."""
    row = _job(service, caller, job_id)
    if row.status not in ENDED:
        cancel(service, row.id)
    return job_status(service, _job(service, caller, job_id))


@router.get("/v1/pictures", response_model=PictureList)
def list_pictures(
    request: Request,
    service: Serving,
    caller: Reading,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Annotated[float | None, Query(ge=0, le=1e12, allow_inf_nan=False)] = None,
) -> PictureList:
    """The key's pictures, newest first, those made before a time."""
    rows = service.pictures.list(caller.id, limit=limit + 1, before=before)
    return PictureList(data=[_info(service, request, r) for r in rows[:limit]], has_more=len(rows) > limit)


@router.delete("/v1/pictures", response_model=Deleted)
def forget_user(
    service: Serving, caller: Reading, user: Annotated[str, Query(min_length=1, max_length=512)]
) -> Deleted:
    """Deletes all pictures that were made for one `user` of this key, and the words they were made from; what is still
    being made for them is cancelled."""
    end_user = user_hash(user) or ""
    for job_id in service.jobs.active(caller.id, end_user=end_user):
        cancel(service, job_id)
    count = service.pictures.forget_user(caller.id, end_user)
    return Deleted(id="user", object="image.picture.deleted", deleted=count > 0, count=count)


@router.get("/v1/pictures/{picture_id}", response_model=PictureInfo)
def get_picture(picture_id: str, request: Request, service: Serving, caller: Reading) -> PictureInfo:
    """What is known of a picture, and a link to it."""
    return _info(service, request, _picture(service, caller, picture_id))


@router.get("/v1/pictures/{picture_id}/content", response_class=Bytes, responses=PICTURE)
def get_content(picture_id: str, service: Serving, caller: Reading) -> Response:
    """The file."""
    return _file(service, _picture(service, caller, picture_id))


@router.delete("/v1/pictures/{picture_id}", response_model=Deleted)
def delete_picture(picture_id: str, service: Serving, caller: Reading) -> Deleted:
    """Deletes a picture: its bytes, its row, and, with a job's last picture, the words it was made from."""
    row = _picture(service, caller, picture_id)
    service.pictures.delete(pictures.c.id == row.id, actor=caller.id)
    return Deleted(id=row.id, object="image.picture.deleted", deleted=True)


def open_link(
    picture_id: str,
    service: Serving,
    expires: Annotated[int, Query(ge=0, lt=2**53)],
    signature: Annotated[str, Query(min_length=64, max_length=64)],
) -> Response:
    """The file, for who has a link: the signature stands for the key."""
    if not ID.fullmatch(picture_id) or not is_open(service.link_secret, picture_id, expires, signature):
        raise ApiError(403, "the link is over or not one of ours: ask for a new one", code="link_expired")
    row = service.pictures.get(picture_id)
    if row is None:
        raise not_found("picture")
    return _file(service, row)


OPEN_LINK: dict[str, Any] = {"response_class": Bytes, "responses": {**ANSWERS, **PICTURE}, "tags": ["gallery"]}


def _job(service: Service, caller: Caller, job_id: str) -> Row[Any]:
    row = service.jobs.get(job_id) if ID.fullmatch(job_id) else None
    if row is None or row.key_id != caller.id:
        raise not_found("job")
    return row


def _picture(service: Service, caller: Caller, picture_id: str) -> Row[Any]:
    row = service.pictures.get(picture_id) if ID.fullmatch(picture_id) else None
    if row is None or row.key_id != caller.id:
        raise not_found("picture")
    return row


def _file(service: Service, row: Row[Any]) -> Response:
    try:
        content = service.blobs.get(row.blob)
    except FileNotFoundError as error:
        raise not_found("picture") from error
    return Response(content, media_type=row.media_type, headers={"Content-Disposition": f'inline; filename="{row.id}"'})


def _info(service: Service, request: Request, row: Row[Any]) -> PictureInfo:
    return PictureInfo(
        id=row.id,
        job=row.job_id,
        created_at=int(row.created_at),
        expires_at=None if row.expires_at is None else int(row.expires_at),
        width=row.width,
        height=row.height,
        seed=int(row.seed),
        media_type=row.media_type,
        num_bytes=row.num_bytes,
        sha256=row.sha256,
        url=link(service, request, row.id),
    )
