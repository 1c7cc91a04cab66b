"""/v1/me: who the service takes the caller for."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends
from pydantic import BaseModel

import reflet
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.service import Service, service_of

router = guarded("read", tags=["keys"])


class Ceilings(BaseModel):
    """null is no limit."""

    requests_per_minute: float | None
    concurrency: float | None
    pixel_steps_per_day: float | None
    weight: float


class Me(BaseModel):
    """`pixel_steps_today` counts against `limits.pixel_steps_per_day`."""

    object: Literal["key"] = "key"
    id: str
    name: str
    scopes: list[str]
    limits: Ceilings
    pixel_steps_today: float
    version: str
    keys_required: bool


@router.get("/v1/me", response_model=Me)
def me(service: Annotated[Service, Depends(service_of)], caller: Annotated[Caller, Depends(caller_with("read"))]) -> Me:
    """The key's name, what it may do, and its limits; "local" is this machine, where no keys are asked for."""
    return Me(
        id=caller.id,
        name=caller.name,
        scopes=list(caller.scopes),
        limits=Ceilings(**vars(caller.limits)),
        pixel_steps_today=service.jobs.spent_today(caller.id),
        version=reflet.__version__,
        keys_required=service.settings.require_keys,
    )
