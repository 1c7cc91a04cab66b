"""/v1/pictures and /v1/folders: what a key has made, found again, put in order, and deleted for good."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import Response as Bytes
from sqlalchemy import Row

from reflet.serve.asking import user_hash
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.errors import ANSWERS, ApiError, not_found
from reflet.serve.links import is_open, link
from reflet.serve.payload import Payload
from reflet.serve.schemas import (
    Blend,
    Changed,
    Deleted,
    Folder,
    FolderList,
    PictureChange,
    PictureCost,
    PictureInfo,
    PictureList,
    PicturesChange,
    PicturesDelete,
)
from reflet.serve.service import Service, service_of
from reflet.serve.thumbnails import thumbnail
from reflet.store.pictures import Choice, Place
from reflet.store.tables import pictures

router = guarded("read", tags=["gallery"])
Reading = Annotated[Caller, Depends(caller_with("read"))]
Serving = Annotated[Service, Depends(service_of)]
ID = re.compile(r"[a-z]{3,5}_[0-9a-f]{24}")
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {f: {} for f in ("image/png", "image/jpeg", "image/webp")}, "description": "The picture."}
}
SMALL: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/webp": {}}, "description": "At most 256 pixels a side."}
}
KEPT = {"Cache-Control": "private, max-age=3600, immutable"}  # a picture never changes under its id


@router.get("/v1/pictures", response_model=PictureList)
def list_pictures(
    request: Request,
    service: Serving,
    caller: Reading,
    *,
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
    q: Annotated[str | None, Query(max_length=200, description="words that the prompt holds")] = None,
    favourite: bool | None = None,
    folder: Annotated[str | None, Query(max_length=120)] = None,
    model: Annotated[str | None, Query(max_length=200)] = None,
    before: Annotated[float | None, Query(ge=0, le=1e12, allow_inf_nan=False)] = None,
) -> PictureList:
    """The key's pictures with their settings, newest first; `total` counts all that fit. The pages hang together
    whatever comes or goes in between."""
    wanted = None if q is None else q.replace("\x00", "")
    choice = Choice(caller.id, wanted, favourite, folder or None, model or None, before)
    rows = service.pictures.list(choice, limit=limit + 1, after=None if after is None else _place(after))
    has_more = len(rows) > limit
    return PictureList(
        data=[_info(service, request, r) for r in rows[:limit]],
        has_more=has_more,
        next=_cursor(rows[limit - 1]) if has_more else None,
        total=service.pictures.count(choice),
    )


@router.delete("/v1/pictures", response_model=Deleted)
def forget_user(
    service: Serving, caller: Reading, user: Annotated[str, Query(min_length=1, max_length=512)]
) -> Deleted:
    """Deletes all pictures that were made for one `user` of this key, and the words they were made from; what is still
    being made for them is cancelled."""
    end_user = user_hash(user) or ""
    for job_id in service.jobs.forget_user(caller.id, end_user):
        if service.worker is not None:
            service.worker.cancel(job_id)
    count = service.pictures.forget_user(caller.id, end_user)
    return Deleted(id="user", object="image.picture.deleted", deleted=count > 0, count=count)


@router.patch("/v1/pictures", response_model=Changed)
def change_pictures(body: PicturesChange, service: Serving, caller: Reading) -> Changed:
    """Makes pictures favourites, or puts them into a folder; those that are not yours are passed over."""
    return Changed(count=service.pictures.change(caller.id, body.ids, **_values(body)))


@router.post("/v1/pictures/delete", response_model=Deleted)
def delete_pictures(body: PicturesDelete, service: Serving, caller: Reading) -> Deleted:
    """Deletes pictures for good, as DELETE does one; those that are not yours are passed over."""
    mine = (pictures.c.key_id == caller.id) & pictures.c.id.in_(body.ids)
    count = service.pictures.delete(mine, actor=caller.id)
    return Deleted(id="pictures", object="image.picture.deleted", deleted=count > 0, count=count)


@router.get("/v1/pictures/{picture_id}", response_model=PictureInfo)
def get_picture(picture_id: str, request: Request, service: Serving, caller: Reading) -> PictureInfo:
    """What is known of a picture, and a link to it."""
    return _info(service, request, _picture(service, caller, picture_id))


@router.patch("/v1/pictures/{picture_id}", response_model=PictureInfo)
def change_picture(
    picture_id: str, body: PictureChange, request: Request, service: Serving, caller: Reading
) -> PictureInfo:
    """Makes it a favourite, or puts it into a folder (null: out of it)."""
    row = _picture(service, caller, picture_id)
    service.pictures.change(caller.id, [row.id], **_values(body))
    return _info(service, request, _picture(service, caller, picture_id))


@router.get("/v1/pictures/{picture_id}/content", response_class=Bytes, responses=PICTURE)
def get_content(picture_id: str, service: Serving, caller: Reading) -> Response:
    """The file."""
    return _file(service, _picture(service, caller, picture_id))


@router.get("/v1/pictures/{picture_id}/thumbnail", response_class=Bytes, responses=SMALL)
def get_thumbnail(picture_id: str, service: Serving, caller: Reading) -> Response:
    """A small WebP to look at; the credentials are in the file itself."""
    return _small(service, _picture(service, caller, picture_id))


@router.delete("/v1/pictures/{picture_id}", response_model=Deleted)
def delete_picture(picture_id: str, service: Serving, caller: Reading) -> Deleted:
    """Deletes a picture: its bytes, its row, and, with a job's last picture, the words it was made from."""
    row = _picture(service, caller, picture_id)
    service.pictures.delete(pictures.c.id == row.id, actor=caller.id)
    return Deleted(id=row.id, object="image.picture.deleted", deleted=True)


@router.get("/v1/folders", response_model=FolderList)
def list_folders(service: Serving, caller: Reading) -> FolderList:
    """The key's folders with the number of pictures in each; a folder is there as long as a picture is in it."""
    return FolderList(
        data=[Folder(name=name, count=count) for name, count in service.pictures.folders(caller.id)],
        total=service.pictures.count(Choice(caller.id)),
        favourites=service.pictures.count(Choice(caller.id, favourite=True)),
    )


def open_link(
    picture_id: str,
    service: Serving,
    expires: Annotated[int, Query(ge=0, lt=2**53)],
    signature: Annotated[str, Query(min_length=64, max_length=64)],
    thumbnail: bool = False,
) -> Response:
    """The file, for who has a link: the signature stands for the key."""
    if not ID.fullmatch(picture_id) or not is_open(service.link_secret, picture_id, expires, signature):
        raise ApiError(403, "the link is over or not one of ours: ask for a new one", code="link_expired")
    row = service.pictures.get(picture_id)
    if row is None:
        raise not_found("picture")
    return _small(service, row) if thumbnail else _file(service, row)


OPEN_LINK: dict[str, Any] = {"response_class": Bytes, "responses": {**ANSWERS, **PICTURE}, "tags": ["gallery"]}


def _picture(service: Service, caller: Caller, picture_id: str) -> Row[Any]:
    row = service.pictures.shown(picture_id) if ID.fullmatch(picture_id) else None
    if row is None or row.key_id != caller.id:
        raise not_found("picture")
    return row


def _values(body: PictureChange) -> dict[str, Any]:
    """What a change says; nothing said is no change that could be made."""
    said = {name: getattr(body, name) for name in body.model_fields_set - {"ids"}}
    if said.get("favourite", False) is None:
        raise ApiError(400, "favourite is true or false", code="invalid_value", param="favourite")
    if not said:
        raise ApiError(400, "nothing is to be changed: say favourite or folder", code="missing_required_parameter")
    return said


def _cursor(row: Row[Any]) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at!r} {row.number} {row.id}".encode()).decode()


def _place(cursor: str) -> Place:
    try:
        at, number, name = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii").split(" ")
        place = Place(float(at), int(number), name)
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    if not (0 <= place.created_at < 1e12 and 0 <= place.number < 2**31 and ID.fullmatch(place.id)):
        raise _bad_cursor()
    return place


def _bad_cursor() -> ApiError:
    return ApiError(400, "after is not the `next` of a page: begin anew", code="invalid_value", param="after")


def _file(service: Service, row: Row[Any]) -> Response:
    try:
        content = service.blobs.get(row.blob)
    except FileNotFoundError as error:
        raise not_found("picture") from error
    headers = {"Content-Disposition": f'inline; filename="{row.id}.{row.media_type.partition("/")[2]}"', **KEPT}
    return Response(content, media_type=row.media_type, headers=headers)


def _small(service: Service, row: Row[Any]) -> Response:
    return Response(thumbnail(service, row), media_type="image/webp", headers=KEPT)


def _blend(payload: Payload) -> Blend | None:
    amount, seed = payload.request.get("blend", 0.0), payload.request.get("blend_seed")
    if payload.blend_prompt is None and seed is None:
        return None
    return Blend(prompt=payload.blend_prompt, seed=seed, amount=amount)


def _info(service: Service, request: Request, row: Row[Any]) -> PictureInfo:
    payload = Payload.from_json(row.payload) if row.payload else Payload.empty()
    asked = payload.request
    cost = None
    if row.cost is not None:
        share = {name: row.cost[name] / row.num_pictures for name in ("seconds", "joules", "steps")}
        cost = PictureCost(
            seconds=share["seconds"], joules=share["joules"], method=row.cost["method"], steps=round(share["steps"])
        )
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
        thumbnail_url=link(service, request, row.id, thumbnail=True),
        model=row.model,
        kind=payload.kind,
        prompt=payload.asked,
        negative_prompt=asked.get("negative_prompt", ""),
        style=payload.style,
        size=f"{payload.width}x{payload.height}",
        quality=payload.quality,
        num_steps=payload.num_steps,
        guidance_scale=asked.get("guidance_scale", 1.0),
        sampler=asked.get("sampler", ""),
        strength=payload.strength,
        factor=payload.factor,
        parent=payload.parent,
        blend=_blend(payload),
        cost=cost,
        favourite=row.favourite,
        folder=row.folder,
    )
