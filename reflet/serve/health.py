"""/healthz, /readyz, /metrics, and /v1/provenance/verify."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from reflet.generate.edit_input import FORMATS, read_picture
from reflet.generate.encode import BUNDLE_KEY, EDIT_KEY, REQUEST_KEY
from reflet.serve import forms
from reflet.serve.auth import guarded
from reflet.serve.errors import ANSWERS, ApiError
from reflet.serve.service import Service, service_of

open_router = APIRouter(tags=["health"], responses={503: ANSWERS[503]})
metrics_router = guarded("metrics", tags=["health"])
router = guarded("read", tags=["provenance"])
Serving = Annotated[Service, Depends(service_of)]
TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}, "description": "Prometheus' format."}}
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": forms.FILE},
                    "required": ["file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


class Health(BaseModel):
    status: str


class Provenance(BaseModel):
    """`claims`: what the file says of itself. `signed`: whether a signature says so too."""

    signed: bool
    claims: dict[str, Any]


@open_router.get("/healthz", response_model=Health)
def healthz() -> Health:
    """The process runs."""
    return Health(status="ok")


@open_router.get("/readyz", response_model=Health)
def readyz(service: Serving) -> Health:
    """It takes work: not going down, and the database answers."""
    if service.draining:
        raise ApiError(503, "the service is going down", code="draining")
    if not service.database.alive():
        raise ApiError(503, "the database does not answer", code="database_unavailable")
    if service.worker is not None and not service.worker.alive:
        raise ApiError(503, "nothing is made here any more: start the service again", code="worker_gone")
    return Health(status="ready")


@metrics_router.get("/metrics", response_class=Response, responses=TEXT)
def metrics(service: Serving) -> Response:
    """Figures for Prometheus (scope `metrics`)."""
    for status, number in service.jobs.counts().items():
        service.metrics.queue.labels(status).set(number)
    return Response(service.metrics.text(), media_type="text/plain; version=0.0.4")


@router.post("/v1/provenance/verify", response_model=Provenance, openapi_extra=UPLOAD)
async def verify(request: Request, service: Serving) -> Provenance:
    """What is known of a picture's origin."""
    _, files = await forms.read(request, files=("file",))
    if not files.get("file"):
        raise ApiError(400, "send the picture as `file`", code="missing_required_parameter", param="file")
    provenance = service.settings.provenance
    found = await run_in_threadpool(claims if provenance is None else provenance.verify, files["file"][0])
    return Provenance(signed=bool(found.get("signed", False)), claims=found)


def claims(content: bytes) -> dict[str, Any]:
    """What our PNGs carry as text: a claim, not a proof. Raises UserError when it is no picture."""
    read_picture(content)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            text = {k: v for k, v in image.info.items() if isinstance(v, str) and len(v) < 20_000}
    except (OSError, UnidentifiedImageError):
        return {}
    found: dict[str, Any] = {}
    for key in (REQUEST_KEY, BUNDLE_KEY, EDIT_KEY):
        try:
            found[key.partition(":")[2]] = json.loads(text[key])
        except (KeyError, ValueError):
            continue
    return found
