"""What the operator asks for and is told (scope `admin`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from reflet.serve.schemas import Strict

KeyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Scope = Literal["images", "audio", "chat", "read", "moderations", "batches", "metrics", "admin"]
Number = Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False)]


class KeyLimits(Strict):
    """A key's own limits; null: those of everybody."""

    requests_per_minute: Number | None = None
    concurrency: Number | None = None
    pixel_steps_per_day: Number | None = None
    weight: Number | None = None

    def said(self) -> dict[str, float]:
        """As they are kept."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class NewKey(Strict):
    """`days`: until it expires (never, when it is left out)."""

    name: KeyName
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=8)] | None = None
    days: Annotated[float, Field(gt=0, le=36_500, allow_inf_nan=False)] | None = None
    limits: KeyLimits = KeyLimits()


class KeyChange(Strict):
    """What is not said stays; `limits` are replaced as a whole."""

    name: KeyName | None = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=8)] | None = None
    limits: KeyLimits | None = None


class KeyInfo(BaseModel):
    """`key`: the key itself, in the answer that makes it and never again."""

    object: Literal["key"] = "key"
    id: str
    name: str
    scopes: list[str]
    limits: dict[str, float]
    state: Literal["valid", "expired", "revoked"]
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    pixel_steps_today: float
    key: str | None = None


class KeyList(BaseModel):
    """`limits`: everybody's, where a key has none of its own. `required`: keys are asked for now."""

    object: Literal["list"] = "list"
    data: list[KeyInfo]
    limits: dict[str, float | None]
    required: bool


class AdminJob(BaseModel):
    """A job without its words, which are its owner's."""

    id: str
    key_id: str
    key_name: str
    model: str
    status: str
    num_pictures: int
    pixel_steps: float
    attempts: int
    position: int | None
    created_at: float
    finished_at: float | None
    error_code: str | None


class AdminQueue(BaseModel):
    """`running_here`: pictures in the engine of the process that answers."""

    object: Literal["list"] = "list"
    paused: bool
    queued: int
    running: int
    running_here: int
    max_queue: int
    data: list[AdminJob]


class UsedRow(BaseModel):
    """One key on one day (UTC). `method`: how the joules were obtained."""

    day: str
    key_id: str
    key_name: str
    jobs: int
    pictures: int
    pixel_steps: float
    seconds: float
    joules: float
    method: str | None


class Usage(BaseModel):
    """`free_bytes`: of the disk with the pictures, where they are in a folder."""

    object: Literal["list"] = "list"
    days: int
    data: list[UsedRow]
    free_bytes: int | None
    uptime_seconds: float


class AuditRow(BaseModel):
    number: int
    at: float
    actor: str
    actor_name: str
    action: str
    subject: str
    detail: dict[str, Any]
    hash: str


class AuditList(BaseModel):
    object: Literal["list"] = "list"
    data: list[AuditRow]
    has_more: bool


class AuditCheck(BaseModel):
    """`intact`: every row fits its hash and the row before. `head`: the newest hash; kept elsewhere, it also shows
    whether rows were cut off at the end."""

    object: Literal["audit.check"] = "audit.check"
    intact: bool
    broken_at: int | None
    rows: int
    head: str


class Refusal(BaseModel):
    """A prompt that was refused: never its words, only their hash."""

    at: float
    key_id: str
    key_name: str
    categories: list[str]
    prompt_sha256: str


class Refusals(BaseModel):
    object: Literal["list"] = "list"
    active: bool
    days: int
    by_category: dict[str, int]
    data: list[Refusal]
