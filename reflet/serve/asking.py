"""From what a caller wishes to a job in the queue: model, size, quality, words, and whether it may be."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from reflet.generate.aspect import Frame, nearest
from reflet.generate.edit_input import edit_from
from reflet.generate.request import MAX_PROMPT_CHARACTERS, ImageRequest
from reflet.generate.stepwise import Artist, Edit, request_for
from reflet.generate.tiling import TILE, num_tiles
from reflet.generate.weighing import weighed
from reflet.render.wording import STYLE_PREFIXES
from reflet.runtime.errors import UserError
from reflet.serve.auth import Caller
from reflet.serve.errors import ApiError
from reflet.serve.payload import Payload
from reflet.serve.safety import judge
from reflet.serve.schemas import GenerationRequest, Wishes
from reflet.serve.service import Service
from reflet.store.database import StorageFull
from reflet.store.jobs import ACTIVE, Ceiling, IdempotencyConflict, NewJob, Refused

QUALITY = {"low": 0.5, "medium": 1.0, "auto": 1.0, "standard": 1.0, "high": 1.5, "hd": 1.5}  # of the default steps
ECHOED = {"auto": "medium", "standard": "medium", "hd": "high"}
MAX_SIDE, MAX_SIDES = 2048, 8  # of an answer that is enlarged for a client with fixed sizes
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class Source:
    """What an edit, a variation or an enlargement (`factor`) begins with: the files' bytes."""

    picture: bytes
    mask: bytes | None = None
    strength: float | None = None
    masked: bool = True
    factor: int | None = None


def find_artist(service: Service, name: str | None, *, edits: bool) -> Artist:
    """The artist of a model's name. Raises ApiError 404, or 400 where it makes no edits."""
    artist = service.artist(name)
    if artist is None:
        known = ", ".join(service.artists)
        message = f"there is no such model: choose {known}"
        raise ApiError(404, message, code="model_not_found", param="model")
    if edits and not artist.card.edits:
        raise ApiError(400, "this model makes no edits: choose another", code="unsupported_model", param="model")
    return artist


def pick_size(
    service: Service, artist: Artist, wishes: Wishes, *, source: Edit | None
) -> tuple[Frame, tuple[int, int]]:
    """(the frame that the artist makes, (width, height) of the answer).

    A size the model makes is made. Another one is refused when the model was asked for by its own name; a client that
    asked for a model by an alias knows nothing of this one's sizes, so its answer is made in the nearest shape,
    enlarged and cut to what it wants. A picture made from another has the shape nearest to that one's, unless a size is
    named; under a mask the answer has the size of the picture. Raises ApiError.
    """
    frames = artist.card.frames
    wanted = wishes.size or "auto"
    if source is not None and source.mask is not None:
        height, width = source.mask.shape
        return nearest(frames, width, height), (width, height)
    if wanted == "auto":
        frame = frames[0] if source is None else nearest(frames, *reversed(source.picture.shape[:2]))
        return frame, (frame.width, frame.height)
    width, height = (int(part) for part in wanted.split("x"))
    made = next((f for f in frames if (f.width, f.height) == (width, height)), None)
    if made is not None:
        return made, (width, height)
    foreign = wishes.model is not None and wishes.model in service.settings.aliases
    if not foreign:
        known = ", ".join(f"{f.width}x{f.height}" for f in frames)
        raise ApiError(400, f"this model makes {known}, not {wanted}", code="invalid_size", param="size")
    sides_fit = max(width, height) <= MAX_SIDE and min(width, height) >= 64
    if not sides_fit or max(width, height) > MAX_SIDES * min(width, height):
        raise ApiError(400, f"sides go from 64 to {MAX_SIDE}, at most 8 to 1", code="invalid_size", param="size")
    return nearest(frames, width, height), (width, height)


def words(wishes: Wishes, prompt: str) -> str:
    """The prompt with the style's words before it."""
    style = wishes.style
    return prompt if style in (None, "vivid", "natural") else f"{STYLE_PREFIXES[style][0]} {prompt}"


def moderate(service: Service, caller: Caller, text: str, *, level: str) -> None:
    """Raises ApiError 400 for what is not made; the trail keeps category and hash, not the words."""
    if not service.settings.moderate:
        return
    refused = judge(text).refuses(level)
    if refused:
        service.metrics.refused.labels("moderation").inc()
        detail = {"categories": list(refused), "prompt_sha256": hashlib.sha256(text.encode()).hexdigest()}
        service.jobs.note(actor=caller.id, action="refused", subject="prompt", detail=detail)
        message = f"the safety system refused the prompt: safety_violations=[{', '.join(refused)}]"
        raise ApiError(400, message, code="moderation_blocked", kind="image_generation_user_error", param="prompt")


def build(
    service: Service, caller: Caller, wishes: Wishes, prompt: str, *, source: Source | None
) -> tuple[Artist, Payload]:
    """Everything is looked at here, before anything is accepted. Raises ApiError and UserError."""
    if source is not None and source.factor is not None:
        return build_upscale(service, caller, wishes, source, factor=source.factor)
    artist = find_artist(service, wishes.model, edits=source is not None)
    if wishes.background == "transparent":
        message = "pictures are opaque here: leave background out"
        raise ApiError(400, message, code="unsupported_value", param="background")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        message = f"the prompt has {len(prompt)} characters: keep it below {MAX_PROMPT_CHARACTERS}"
        raise ApiError(400, message, code="string_above_max_length", param="prompt")
    blend = wishes.blend if isinstance(wishes, GenerationRequest) else None
    if blend is not None and not artist.card.blends:
        raise ApiError(400, "this model cannot blend: choose another", code="unsupported_model", param="blend")
    second = "" if blend is None or blend.prompt is None else blend.prompt
    texts = [weighed(text).text for text in (prompt, wishes.negative_prompt or "", second)]  # as they are read
    moderate(service, caller, "\n".join(texts), level=wishes.moderation or "auto")
    edit = None if source is None else begun_with(source)
    frame, (width, height) = pick_size(service, artist, wishes, source=edit)
    quality = wishes.quality or "auto"
    steps = wishes.num_inference_steps
    if steps is None and artist.card.defaults.get("num_steps"):
        steps = max(1, round(artist.card.defaults["num_steps"] * QUALITY[quality]))
    request = request_for(
        artist.card,
        words(wishes, prompt),
        size=frame.size,
        aspect=frame.aspect,
        num_steps=steps,
        seed=secrets.randbelow(2**31) if wishes.seed is None else wishes.seed,
        guidance_scale=wishes.guidance_scale,
        negative_prompt=wishes.negative_prompt,
        blend=None if blend is None else blend.amount,
        blend_prompt=words(wishes, second) if second else None,
        blend_seed=None if blend is None else blend.seed,
    )
    artist.check(request, edit=edit)
    return artist, Payload(
        request=asdict(request),
        n=wishes.n or 1,
        width=width,
        height=height,
        picture_format=wishes.output_format or "png",
        compression=100 if wishes.output_compression is None else wishes.output_compression,
        partials=(wishes.partial_images or 0) if wishes.stream else 0,
        strength=None if edit is None else edit.strength,
        masked=source is None or source.masked,
        weight=caller.limits.weight,
        quality=ECHOED.get(quality, quality),
        input_tokens=count_tokens(request),
        trace="" if service.tracing is None else service.tracing.parent(),
        prompt=prompt,
        blend_prompt=second or None,
        style=None if wishes.style in ("vivid", "natural") else wishes.style,
        kind="generation" if source is None else "edit" if source.masked else "variation",
    )


def build_upscale(
    service: Service, caller: Caller, wishes: Wishes, source: Source, *, factor: int
) -> tuple[Artist, Payload]:
    """The same for a picture that is enlarged: no words, one result, whose size follows from the picture's."""
    artist = service.upscaler
    if artist is None or wishes.model not in (None, artist.card.name):
        known = "there is none here" if artist is None else f"choose {artist.card.name}, or leave model out"
        raise ApiError(404, f"there is no such upscaler: {known}", code="model_not_found", param="model")
    edit = begun_with(source)
    request = ImageRequest(prompt="", size=TILE, num_steps=1, guidance_scale=1.0)
    try:
        artist.check(request, edit=edit)
    except UserError as error:
        raise ApiError(400, str(error), code="invalid_image", param="image") from error
    height, width = edit.picture.shape[:2]
    tiles = num_tiles(height, width, factor=factor)
    return artist, Payload(
        request=asdict(replace(request, num_steps=tiles)),
        n=1,
        width=width * factor,
        height=height * factor,
        picture_format=wishes.output_format or "png",
        compression=100 if wishes.output_compression is None else wishes.output_compression,
        masked=False,
        factor=factor,
        weight=caller.limits.weight,
        trace="" if service.tracing is None else service.tracing.parent(),
        kind="upscale",
    )


def begun_with(source: Source) -> Edit:
    """The files, read. Raises ApiError."""
    try:
        return edit_from(
            source.picture, mask=source.mask, strength=source.strength, masked=source.masked, factor=source.factor
        )
    except UserError as error:
        raise ApiError(400, str(error), code="invalid_image", param="image") from error


def told_of(service: Service, payload: Payload) -> None:
    """An enlarged picture keeps the words of the one that it came from, so that both are found by them."""
    parent = None if payload.parent is None else service.pictures.shown(payload.parent)
    if parent is None or not parent.payload:
        return
    known = Payload.from_json(parent.payload)
    payload.prompt, payload.style = known.asked, known.style
    words = {name: known.request[name] for name in ("prompt", "negative_prompt") if name in known.request}
    payload.request = {**payload.request, **words, "seed": int(parent.seed)}


def count_tokens(request: ImageRequest) -> int:
    """Words and marks, about what a tokenizer makes of them."""
    return len(re.findall(r"\w+|[^\w\s]", f"{request.prompt} {request.negative_prompt}"))


async def accept(
    service: Service,
    caller: Caller,
    wishes: Wishes,
    prompt: str,
    *,
    source: Source | None = None,
    idempotency_key: str | None = None,
) -> tuple[str, bool]:
    """(job id, new?): the job is on disk. Raises ApiError, UserError, Refused, StorageFull, IdempotencyConflict."""
    if service.draining:
        headers = {"Retry-After": "5"}
        raise ApiError(503, "the service is going down: try again", code="draining", headers=headers)
    if idempotency_key is not None and not IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        message = "an Idempotency-Key has 1 to 255 printable ASCII characters, without spaces"
        raise ApiError(400, message, code="invalid_idempotency_key", param="Idempotency-Key")
    return await run_in_threadpool(
        _accept, service, caller, wishes, prompt, source=source, idempotency_key=idempotency_key
    )


def _accept(
    service: Service, caller: Caller, wishes: Wishes, prompt: str, *, source: Source | None, idempotency_key: str | None
) -> tuple[str, bool]:
    artist, payload = build(service, caller, wishes, prompt, source=source)
    service.blobs.check_room()
    if source is not None:
        payload.parent = service.pictures.by_content(caller.id, hashlib.sha256(source.picture).hexdigest())
        payload.picture = service.blobs.put(source.picture)
        payload.mask = None if source.mask is None else service.blobs.put(source.mask)
        if payload.kind == "upscale":
            told_of(service, payload)
    job = new_job(artist, payload, caller, user=wishes.user)
    told = wishes.model_dump(mode="json") | {"prompt": prompt, "files": _hashes(source)}
    request_hash = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    job = NewJob(**{**vars(job), "request_hash": request_hash, "idempotency_key": idempotency_key})
    return _put(service, caller, job, payload)


def _put(service: Service, caller: Caller, job: NewJob, payload: Payload) -> tuple[str, bool]:
    """Into the queue or, where there is room and nobody waits, right into the engine; on disk in either case."""
    concurrency, daily = caller.limits.concurrency, caller.limits.pixel_steps_per_day
    ceiling = Ceiling(service.settings.max_queue, None if concurrency is None else int(concurrency), daily)
    worker = service.worker
    # Who wants looks on the way must listen before the first step.
    here = worker if payload.partials == 0 else None
    try:
        with nullcontext() if here is None else here.place(job.num_pictures) as taker:
            name, fresh = service.jobs.accept(job, ceiling=ceiling, taker=taker)
    except (Refused, IdempotencyConflict, StorageFull):
        drop_blobs(service, payload)
        raise
    if not fresh:
        drop_blobs(service, payload)
    if worker is not None and name not in worker.running:
        worker.poke()
    return name, fresh


def repeat(service: Service, caller: Caller, row: Row[Any]) -> str:
    """The id of a new job that does what an ended one was to do. Raises ApiError 409 when that has not ended, or what
    it was to begin with is gone; and what `accept` raises for limits."""
    if service.draining:
        headers = {"Retry-After": "5"}
        raise ApiError(503, "the service is going down: try again", code="draining", headers=headers)
    if row.status in ACTIVE:
        raise ApiError(409, "the job has not ended: cancel it first", code="not_ended")
    if not row.payload:
        raise ApiError(409, "its pictures were deleted, and its words with them: ask anew", code="source_gone")
    if not service.makes(row.model):
        raise ApiError(409, "its model is not served any more: ask another one", code="model_gone")
    payload = Payload.from_json(row.payload)
    service.blobs.check_room()
    try:
        # Copies, for the old job's own are swept away with it.
        for part in ("picture", "mask"):
            name = getattr(payload, part)
            setattr(payload, part, None if name is None else service.blobs.put(service.blobs.get(name)))
    except FileNotFoundError as error:
        raise ApiError(409, "its picture is gone: send it again", code="source_gone") from error
    again = NewJob(
        key_id=caller.id,
        model=row.model,
        payload=payload.to_json(),
        num_pictures=row.num_pictures,
        pixel_steps=row.pixel_steps,
        request_hash=row.request_hash,
        end_user=row.end_user,
    )
    return _put(service, caller, again, payload)[0]


def new_job(artist: Artist, payload: Payload, caller: Caller, *, user: str | None) -> NewJob:
    """A job for the store. `user` is kept as its hash."""
    side = int(payload.request["size"])
    return NewJob(
        key_id=caller.id,
        model=artist.card.name,
        payload=payload.to_json(),
        num_pictures=payload.n,
        pixel_steps=float(side * side * payload.num_steps * payload.n),
        request_hash="",
        end_user=user_hash(user),
    )


def user_hash(user: str | None) -> str | None:
    """An end user's name as it is kept."""
    return None if not user else hashlib.sha256(user.encode()).hexdigest()


def drop_blobs(service: Service, payload: Payload) -> None:
    """What was put down for a job that is not to be."""
    for name in (payload.picture, payload.mask):
        if name is not None:
            service.blobs.delete(name)


def _hashes(source: Source | None) -> list[Any]:
    if source is None:
        return []
    files = [source.picture] + ([] if source.mask is None else [source.mask])
    factor = [] if source.factor is None else [source.factor]
    return [*(hashlib.sha256(content).hexdigest() for content in files), source.strength, *factor]
