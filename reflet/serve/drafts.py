"""/v1/drafts: a rough picture at once, while its prompt is still being written. Nothing of it is kept.

A draft goes past the queue and the store straight to the engine: few steps, so it is soon done and overtakes what runs.
It has the seed, and so the composition, of the picture it announces. It is marked in its pixels and says in its XMP
that a model made it, but it is not signed: there is no row behind it. Its cost is charged like any other.

Whoever hangs up has it cancelled within a step: a page that types on leaves no work behind.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.exc import DBAPIError
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from reflet.generate.encode import encode_picture
from reflet.generate.stepwise import Artist, Pixels
from reflet.serve.answers import hung_up
from reflet.serve.asking import build, find_artist
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.engine import Ticket
from reflet.serve.errors import ApiError
from reflet.serve.finishing import told
from reflet.serve.images import parsed
from reflet.serve.payload import Payload
from reflet.serve.schemas import Cost, Name, Size, Strict, Style, Text, Wishes
from reflet.serve.service import Service, service_of
from reflet.store.database import StorageFull
from reflet.store.jobs import Refused

router = guarded("images", tags=["images"])
Asking = Annotated[Caller, Depends(caller_with("images"))]
Serving = Annotated[Service, Depends(service_of)]
log = logging.getLogger("reflet.drafts")
STEPS = 4  # docs/studio.md shows what that looks like
JPEG_QUALITY = 85
AT_ONCE = 4  # open drafts of one key


class DraftRequest(Strict):
    """As a generation, less what a sketch has no use for."""

    prompt: Text
    model: Name | None = None
    size: Size | None = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**53 - 16)] | None = None
    negative_prompt: Annotated[str, StringConstraints(max_length=32_000)] | None = None
    guidance_scale: Annotated[float, Field(ge=0, le=30, allow_inf_nan=False)] | None = None
    style: Style | None = None


class Draft(BaseModel):
    """A JPEG, the seed that it was made with, and what it cost."""

    created: int
    b64_json: str
    output_format: Literal["jpeg"] = "jpeg"
    size: str
    seed: int
    model: str
    cost: Cost


@dataclass
class Made:
    """How a draft ended: with pixels, with an error, or with neither (cancelled)."""

    ticket: Ticket
    content: bytes | None
    error: Exception | None


class Open:
    """What is under way at once, by key: drafts, or talks."""

    def __init__(self, *, what: str = "drafts", at_once: int = AT_ONCE) -> None:
        self._what, self._at_once = what, at_once
        self._counts: Counter[str] = Counter()

    def enter(self, key_id: str) -> None:
        """Raises ApiError 429."""
        if self._counts[key_id] >= self._at_once:
            message = f"{self._at_once} {self._what} of this key are open: wait for one, or hang up"
            raise ApiError(429, message, code="slow_down", headers={"Retry-After": "1"})
        self._counts[key_id] += 1

    def leave(self, key_id: str) -> None:
        """One less."""
        self._counts[key_id] -= 1
        if self._counts[key_id] <= 0:
            del self._counts[key_id]


@router.post("/v1/drafts", response_model=Draft)
async def draft(body: DraftRequest, request: Request, service: Serving, caller: Asking) -> Any:
    """A rough picture at once; nothing is kept."""
    began = time.time()
    wishes = parsed(Wishes, body.model_dump(exclude={"prompt"}) | {"num_inference_steps": STEPS})
    artist, payload = await run_in_threadpool(_checked, service, caller, wishes, body.prompt)
    opened: Open = request.app.state.drafts
    opened.enter(caller.id)
    try:
        made = await _make(service, request, artist, payload, caller)
    finally:
        opened.leave(caller.id)
    if made is None:
        return Response(status_code=204)  # nobody is there to read it
    if made.content is None:
        error = told(made.error or RuntimeError("cancelled"))
        raise ApiError(error["status"], error["message"], code=error["code"])
    cost = _cost(made.ticket, began)
    answer = Draft(
        created=int(began),
        b64_json=base64.b64encode(made.content).decode(),
        size=f"{payload.width}x{payload.height}",
        seed=int(payload.request["seed"]),
        model=artist.card.name,
        cost=cost,
    )
    return JSONResponse(answer.model_dump(), background=BackgroundTask(_charge, service, caller, payload, cost))


def _checked(service: Service, caller: Caller, wishes: Wishes, prompt: str) -> tuple[Artist, Payload]:
    """What can be wrong is found before the device is asked."""
    if service.draining or service.worker is None:
        message = "no drafts here: the service is going down, or its pictures are made elsewhere"
        raise ApiError(503, message, code="draining", headers={"Retry-After": "5"})
    artist = find_artist(service, wishes.model, edits=False)
    if artist.card.remote:
        message = "this model works elsewhere and makes no drafts: ask for a picture"
        raise ApiError(400, message, code="unsupported_model", param="model")
    ceiling = caller.limits.pixel_steps_per_day
    if ceiling is not None and service.jobs.spent_today(caller.id) >= ceiling:
        raise Refused("pixel_steps", retry_after=3600.0)
    return build(service, caller, wishes, prompt, source=None)


async def _make(service: Service, request: Request, artist: Artist, payload: Payload, caller: Caller) -> Made | None:
    """The draft, or None when the client has gone."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[Made] = loop.create_future()

    def done(ticket: Ticket, pixels: Pixels | None, error: Exception | None) -> None:
        content = None
        try:
            content = None if pixels is None else _encoded(service, artist, ticket, pixels)
        except Exception as broken:
            error = broken
        made = Made(ticket, content, error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: ready.done() or ready.set_result(made))

    worker = service.worker
    if worker is None:
        return None
    engine = worker.engines[artist.card.name]
    wanted = payload.request_for(0)
    ticket = Ticket(artist=artist, request=wanted, on_done=done, owner=caller.id, weight=caller.limits.weight)
    gone = asyncio.create_task(hung_up(request))
    engine.submit(ticket)
    try:
        await asyncio.wait({ready, gone}, return_when=asyncio.FIRST_COMPLETED)
        return ready.result() if ready.done() else None
    finally:
        if not ready.done():
            engine.cancel(ticket)
        gone.cancel()


def _encoded(service: Service, artist: Artist, ticket: Ticket, pixels: Pixels) -> bytes:
    provenance, card = service.settings.provenance, artist.card
    if provenance is not None:
        pixels = provenance.mark(pixels, card, edited=False)
    return encode_picture(
        pixels,
        ticket.request,
        bundle_name=card.name,
        bundle_digest=card.digest,
        picture_format="jpeg",
        quality=JPEG_QUALITY,
        xmp=None if provenance is None else provenance.packet(card, edited=False),
    )


def _cost(ticket: Ticket, began: float) -> Cost:
    total = max(0.0, time.time() - began)
    return Cost(
        seconds=round(ticket.seconds, 6),
        queued_seconds=0.0,
        total_seconds=round(total, 6),
        steps=0 if ticket.row is None else ticket.row.step,
        evaluations=ticket.evaluations,
        joules=round(ticket.joules, 3),
        method="estimate" if ticket.method not in ("nvml", "rapl") else ticket.method,  # type: ignore[arg-type]
    )


def _charge(service: Service, caller: Caller, payload: Payload, cost: Cost) -> None:
    """After the answer: the picture must not wait for the disk."""
    side = int(payload.request["size"])
    try:
        service.jobs.charge(caller.id, pixel_steps=float(side * side * cost.steps), cost=cost.model_dump())
    except (StorageFull, DBAPIError) as error:
        log.warning("a draft was not charged", extra={"error": type(error).__name__})
