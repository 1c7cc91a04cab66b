"""What may be asked and what is answered: OpenAI's fields, and ours beside them (docs/api.md has the table)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from reflet.render.wording import STYLE_PREFIXES

MAX_PARTIALS = 20  # OpenAI allows 3
Quality = Literal["auto", "low", "medium", "high", "standard", "hd"]
OutputFormat = Literal["png", "jpeg", "webp"]
Size = Annotated[str, StringConstraints(pattern=r"^(auto|[1-9][0-9]{1,3}x[1-9][0-9]{1,3})$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=32_000)]
Style = Annotated[str, Field(json_schema_extra={"enum": ["vivid", "natural", *STYLE_PREFIXES]})]


class Strict(BaseModel):
    """No field that we do not know: what would be ignored is refused, with its name."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def storable(cls, value: Any) -> Any:
        """NUL and lone surrogates can be neither stored nor sent back."""
        if isinstance(value, str) and ("\x00" in value or any("\ud800" <= c <= "\udfff" for c in value)):
            raise ValueError("the text holds characters that are none (NUL or half a surrogate pair)")
        return value


class Wishes(Strict):
    """What generations and edits share."""

    model: Name | None = None
    n: Annotated[int, Field(ge=1, le=10)] | None = 1
    size: Size | None = "auto"
    quality: Quality | None = "auto"
    background: Literal["auto", "opaque", "transparent"] | None = "auto"
    output_format: OutputFormat | None = "png"
    output_compression: Annotated[int, Field(ge=0, le=100)] | None = 100
    moderation: Literal["auto", "low"] | None = "auto"
    stream: bool | None = False
    partial_images: Annotated[int, Field(ge=0, le=MAX_PARTIALS)] | None = 0
    response_format: Literal["url", "b64_json"] | None = None
    user: Annotated[str, StringConstraints(max_length=512)] | None = None
    # Ours.
    seed: Annotated[int, Field(ge=0, lt=2**53 - 16)] | None = None
    negative_prompt: Annotated[str, StringConstraints(max_length=32_000)] | None = None
    num_inference_steps: Annotated[int, Field(ge=1, le=200)] | None = None
    guidance_scale: Annotated[float, Field(ge=0, le=30, allow_inf_nan=False)] | None = None
    style: Style | None = None

    @field_validator("style")
    @classmethod
    def known_style(cls, value: str | None) -> str | None:
        """OpenAI's two styles change nothing here; ours begin the prompt."""
        if value is not None and value not in ("vivid", "natural", *STYLE_PREFIXES):
            raise ValueError(f"choose vivid, natural, {', '.join(STYLE_PREFIXES)}")
        return value


class GenerationRequest(Wishes):
    prompt: Text


class ImageRef(Strict):
    """A picture as a data URL, or as an uploaded file. Addresses elsewhere are not fetched."""

    image_url: Annotated[str, StringConstraints(max_length=20_971_520)] | None = None
    file_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class EditRequest(Wishes):
    """The JSON body of edits; the form has `image`, `image[]` and `mask` as files in place of `images` and `mask`."""

    prompt: Text
    images: Annotated[list[ImageRef], Field(min_length=1, max_length=16)]
    mask: ImageRef | None = None
    input_fidelity: Literal["high", "low"] | None = None
    strength: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None


class EditFields(Wishes):
    """The fields of an edits form, without its files."""

    prompt: Text
    input_fidelity: Literal["high", "low"] | None = None
    strength: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None


class VariationFields(Strict):
    """The fields of a variations form, without its file."""

    model: Name | None = None
    n: Annotated[int, Field(ge=1, le=10)] | None = 1
    response_format: Literal["url", "b64_json"] | None = None
    size: Size | None = "auto"
    user: Annotated[str, StringConstraints(max_length=512)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**53 - 16)] | None = None
    num_inference_steps: Annotated[int, Field(ge=1, le=200)] | None = None
    strength: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None


class MaiWishes(Strict):
    """What Microsoft's newer models know: the ratio is left to the model (here a square), and the web is searched (here
    it never is: asking for it is refused)."""

    auto_aspect_ratio: bool | None = False
    web_grounding: Literal[False] | None = False


class MaiEdit(EditFields, MaiWishes):
    """The fields of Microsoft's edits form, without its file."""


class MaiGeneration(MaiWishes):
    """Microsoft's shape: model, prompt, width and height, no more."""

    model: Name
    prompt: Text
    width: Annotated[int, Field(ge=768, le=1365)] = 1024
    height: Annotated[int, Field(ge=768, le=1365)] = 1024


class Tokens(BaseModel):
    text_tokens: int
    image_tokens: int


class Usage(BaseModel):
    """`image_tokens` of the output: its latents, one for 16 x 16 pixels of what the model made."""

    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_tokens_details: Tokens
    output_tokens_details: Tokens


class Cost(BaseModel):
    """What the pictures of one answer cost. `seconds`: of the device, this job's share of each batch. `method`: how the
    joules were obtained (nvml, rapl: counters; estimate: CPU-seconds times an assumed power)."""

    seconds: float
    queued_seconds: float
    total_seconds: float
    steps: int
    evaluations: int
    joules: float
    method: Literal["nvml", "rapl", "estimate"]


class Datum(BaseModel):
    """`seed` makes this picture again; `id` finds it under /v1/pictures."""

    b64_json: str | None = None
    url: str | None = None
    seed: int
    id: str


class ImagesResponse(BaseModel):
    created: int
    data: list[Datum]
    background: Literal["opaque"]
    output_format: OutputFormat
    size: str
    quality: str
    usage: Usage
    model: str
    job: str
    cost: Cost


class JobStatus(BaseModel):
    id: str
    object: Literal["image.job"] = "image.job"
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    model: str
    created_at: int
    finished_at: int | None
    attempts: int
    error: dict[str, Any] | None
    pictures: list[str]
    cost: Cost | None


class PictureInfo(BaseModel):
    id: str
    object: Literal["image.picture"] = "image.picture"
    job: str
    created_at: int
    expires_at: int | None
    width: int
    height: int
    seed: int
    media_type: str
    num_bytes: int
    sha256: str
    url: str


class PictureList(BaseModel):
    object: Literal["list"] = "list"
    data: list[PictureInfo]
    has_more: bool


class Deleted(BaseModel):
    id: str
    object: str
    deleted: bool
    count: int = 1


class ModelInfo(BaseModel):
    """`sizes`, `edits` and `sha256` are ours."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    sizes: list[str]
    edits: bool
    sha256: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelInfo]


class ModerationRequest(Strict):
    input: Text | Annotated[list[Any], Field(min_length=1, max_length=64)]
    model: Name | None = None


class ModerationResult(BaseModel):
    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]


class ModerationResponse(BaseModel):
    id: str
    model: str
    results: list[ModerationResult]
