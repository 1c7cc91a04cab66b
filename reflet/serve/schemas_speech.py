"""What may be asked of /v1/audio, and what is answered: OpenAI's fields, and ours beside them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from reflet.serve.schemas import Strict


class VoiceRef(Strict):
    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class SpeechRequest(Strict):
    """OpenAI's fields, then ours."""

    model: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    input: str
    voice: Annotated[str, StringConstraints(min_length=1, max_length=100)] | VoiceRef
    instructions: Annotated[str, StringConstraints(max_length=4096)] | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = "mp3"
    speed: Annotated[float, Field(ge=0.25, le=4.0, allow_inf_nan=False)] | None = 1.0
    stream_format: Literal["audio", "sse"] | None = "audio"
    # Ours.
    style: Annotated[str, StringConstraints(max_length=40)] | None = None
    pitch: Annotated[float, Field(ge=0.75, le=1.33, allow_inf_nan=False)] | None = 1.0
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    timestamps: bool | None = False
    manifest: bool | None = False


class VoiceInfo(BaseModel):
    """One voice. `aliases`: names of OpenAI's voices that mean this one."""

    id: str
    object: Literal["voice"] = "voice"
    name: str
    description: str
    aliases: list[str]


class VoiceList(BaseModel):
    """The voices of the model that speaks here, and what else it may be asked for."""

    object: Literal["list"] = "list"
    data: list[VoiceInfo]
    model: str
    styles: list[str]
    formats: list[str]
    sample_rate: int
