"""Talks in the shape of OpenAI's responses, as far as words, tools and pictures need it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from reflet.serve.schemas import Name, Strict
from reflet.serve.schemas_chat import MAX_MESSAGES, MAX_TOOLS, Identifier, Lenient, Said, TextFormat

CallId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ResponsePart(Lenient):
    type: Literal["input_text", "output_text", "input_image", "refusal"]
    text: Said | None = None
    refusal: Said | None = None
    image_url: Annotated[str, StringConstraints(max_length=20_971_520)] | None = None

    @model_validator(mode="after")
    def whole(self) -> ResponsePart:
        """Each kind has its own content."""
        own = {"input_image": self.image_url, "refusal": self.refusal}.get(self.type, self.text)
        if own is None:
            raise ValueError(f"a part of type {self.type} is empty")
        return self


class InputItem(Lenient):
    """A message, a call, what came of one, or a picture that was made before, as this service told it."""

    type: Literal["message", "function_call", "function_call_output", "image_generation_call"] = "message"
    id: Annotated[str, StringConstraints(max_length=200)] | None = None
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: Said | Annotated[list[ResponsePart], Field(max_length=64)] | None = None
    call_id: CallId | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    arguments: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    output: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    revised_prompt: Said | None = None

    @model_validator(mode="after")
    def whole(self) -> InputItem:
        """What each kind needs."""
        needs = {
            "message": ("role", "content"),
            "function_call": ("call_id", "name", "arguments"),
            "function_call_output": ("call_id", "output"),
            "image_generation_call": ("id",),
        }[self.type]
        missing = [name for name in needs if getattr(self, name) is None]
        if missing:
            raise ValueError(f"an item of type {self.type} needs {missing[0]}")
        return self


class FunctionTool(Strict):
    type: Literal["function"]
    name: Identifier
    description: Annotated[str, StringConstraints(max_length=8_000)] | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class PictureTool(Strict):
    """The service draws by itself, with its own tools."""

    type: Literal["image_generation"]
    partial_images: Annotated[int, Field(ge=0, le=20)] | None = 0


class ChosenTool(Strict):
    type: Literal["function"]
    name: Identifier


class TextOptions(Strict):
    format: TextFormat | None = None


class ResponsesRequest(Strict):
    input: Said | Annotated[list[InputItem], Field(min_length=1, max_length=MAX_MESSAGES)]
    model: Name | None = None
    instructions: Said | None = None
    stream: bool | None = False
    tools: Annotated[list[FunctionTool | PictureTool], Field(max_length=MAX_TOOLS)] | None = None
    tool_choice: Literal["auto", "none", "required"] | ChosenTool | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1, le=100_000)] | None = None
    parallel_tool_calls: bool | None = None
    store: bool | None = None
    text: TextOptions | None = None
    user: Annotated[str, StringConstraints(max_length=512)] | None = None
    metadata: dict[str, str] | None = None
    previous_response_id: None = None


class ResponseUsage(BaseModel):
    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: dict[str, int]
    output_tokens_details: dict[str, int]


class ResponseBody(BaseModel):
    """Nothing is stored: send the whole input each time."""

    id: str
    object: Literal["response"] = "response"
    created_at: int
    status: Literal["in_progress", "completed", "incomplete"]
    model: str
    output: list[dict[str, Any]]
    error: None = None
    incomplete_details: dict[str, str] | None = None
    instructions: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    parallel_tool_calls: bool = True
    temperature: float = 0.0
    tool_choice: Any = "auto"
    tools: list[dict[str, Any]] = Field(default_factory=list)
    store: Literal[False] = False
    usage: ResponseUsage | None = None
