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


class Blend(Strict):
    """A picture on the way to another prompt, another seed or both: `amount` 0 is here, 1 is there."""

    prompt: Text | None = None
    seed: Annotated[int, Field(ge=0, lt=2**53 - 16)] | None = None
    amount: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class GenerationRequest(Wishes):
    prompt: Text
    blend: Blend | None = None


class ImageRef(Strict):
    """A picture as a data URL, as an uploaded file, or one that was made here. Addresses elsewhere are not fetched."""

    image_url: Annotated[str, StringConstraints(max_length=20_971_520)] | None = None
    file_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    picture_id: Annotated[str, StringConstraints(max_length=64)] | None = None


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
    joules were obtained (nvml, rapl: counters; estimate: CPU-seconds times an assumed power). `parts`: seconds of what
    comes before and after the steps: prepare, decode, mark, encode, sign, store."""

    seconds: float
    queued_seconds: float
    total_seconds: float
    steps: int
    evaluations: int
    joules: float
    method: Literal["nvml", "rapl", "estimate"]
    parts: dict[str, float] = Field(default_factory=dict)


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


Kind = Literal["generation", "edit", "variation", "upscale"]


class JobStatus(BaseModel):
    """`step`: how far it is, of `num_steps`, when it runs in the process that answers. `position`: 1 for the job that
    is taken next; none once it is taken. The words are gone (empty) once all its pictures were deleted."""

    id: str
    object: Literal["image.job"] = "image.job"
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    model: str
    kind: Kind
    prompt: str
    negative_prompt: str
    style: str | None
    size: str
    seed: int
    num_steps: int
    guidance_scale: float
    num_pictures: int
    step: int | None
    position: int | None
    created_at: int
    finished_at: int | None
    attempts: int
    error: dict[str, Any] | None
    pictures: list[str]
    cost: Cost | None


class JobList(BaseModel):
    object: Literal["list"] = "list"
    data: list[JobStatus]
    has_more: bool


class QueueInfo(BaseModel):
    """`paused`: this key's queued jobs wait; `all_paused`: the operator has stopped the queue. `ahead`: queued and
    running jobs of everybody."""

    object: Literal["queue"] = "queue"
    paused: bool
    all_paused: bool
    queued: int
    running: int
    ahead: int


class QueueChange(Strict):
    paused: bool


class PictureCost(BaseModel):
    """One picture's share of its job's cost."""

    seconds: float
    joules: float
    method: Literal["nvml", "rapl", "estimate"]
    steps: int


class PictureInfo(BaseModel):
    """A picture and all that makes it again. `parent`: the own picture that an edit began with. `url` and
    `thumbnail_url` open without a key, for an hour at least."""

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
    thumbnail_url: str
    model: str
    kind: Kind
    prompt: str
    negative_prompt: str
    style: str | None
    size: str
    quality: str
    num_steps: int
    guidance_scale: float
    sampler: str
    strength: float | None
    factor: int | None
    parent: str | None
    blend: Blend | None
    cost: PictureCost | None
    favourite: bool
    folder: str | None


class PictureList(BaseModel):
    object: Literal["list"] = "list"
    data: list[PictureInfo]
    has_more: bool
    next: str | None
    total: int


FolderName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
PictureId = Annotated[str, StringConstraints(pattern=r"^pic_[0-9a-f]{24}$")]


class PictureChange(Strict):
    """What is not said stays; a folder of null takes the picture out of its folder."""

    favourite: bool | None = None
    folder: FolderName | None = None


class PicturesChange(PictureChange):
    ids: Annotated[list[PictureId], Field(min_length=1, max_length=500)]


class PicturesDelete(Strict):
    ids: Annotated[list[PictureId], Field(min_length=1, max_length=500)]


class Changed(BaseModel):
    object: Literal["image.picture.changed"] = "image.picture.changed"
    count: int


class Folder(BaseModel):
    name: str
    count: int


class FolderList(BaseModel):
    """`total` and `favourites`: pictures in all, and those that are favourites."""

    object: Literal["list"] = "list"
    data: list[Folder]
    total: int
    favourites: int


class Deleted(BaseModel):
    id: str
    object: str
    deleted: bool
    count: int = 1


class ModelDefaults(BaseModel):
    num_steps: int | None
    guidance_scale: float | None


class ModelInfo(BaseModel):
    """What stands below `owned_by` is ours. `guest`: not a bundle of this project; `remote`: works elsewhere.
    `papers`: there is a card to read; `map`: and a map of its training set. `upscales`: how many times
    /v1/images/upscales enlarges pictures here. `talks`: it answers /v1/chat/completions, and makes no pictures;
    `speaks`: and there is a voice to say aloud what it answers."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    sizes: list[str]
    edits: bool
    sha256: str
    guest: bool
    remote: bool
    blends: bool
    defaults: ModelDefaults
    styles: list[str]
    papers: bool
    map: bool
    upscales: list[int]
    talks: bool = False
    speaks: bool = False


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
