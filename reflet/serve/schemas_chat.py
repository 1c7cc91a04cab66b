"""Chat as it is asked for and answered: OpenAI's fields, and `assistant` beside them (docs/chat.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from reflet.generate.talk_tools import ToolName
from reflet.serve.schemas import Name, Strict

MAX_MESSAGES = 400
MAX_TOOLS = 64
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{1,64}$")]
Said = Annotated[str, StringConstraints(max_length=32_000)]
Stop = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Lenient(BaseModel):
    """Parts of a talk that clients send back as they got them: what is more than we know is kept out, not refused."""

    model_config = ConfigDict(extra="ignore")


class FunctionCall(Lenient):
    name: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    arguments: Annotated[str, StringConstraints(max_length=100_000)] = ""


class ToolCall(Lenient):
    id: Annotated[str, StringConstraints(max_length=200)]
    type: Literal["function"] = "function"
    function: FunctionCall


class ImageAddress(Lenient):
    url: Annotated[str, StringConstraints(max_length=20_971_520)]


class Part(Lenient):
    type: Literal["text", "image_url", "refusal"]
    text: Said | None = None
    refusal: Said | None = None
    image_url: ImageAddress | None = None

    @model_validator(mode="after")
    def whole(self) -> Part:
        """Each kind has its own content."""
        if (self.text, self.image_url, self.refusal)[("text", "image_url", "refusal").index(self.type)] is None:
            raise ValueError(f"a part of type {self.type} needs {self.type}")
        return self


class ChatMessage(Lenient):
    """`tool_call_id` belongs to the role tool, `tool_calls` to the assistant."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Said | Annotated[list[Part], Field(max_length=64)] | None = None
    name: Annotated[str, StringConstraints(max_length=64)] | None = None
    tool_calls: Annotated[list[ToolCall], Field(max_length=64)] | None = None
    tool_call_id: Annotated[str, StringConstraints(max_length=200)] | None = None

    @field_validator("content", mode="after")
    @classmethod
    def storable(cls, value: Any) -> Any:
        """As in Strict: NUL and lone surrogates are no text."""
        texts = [value] if isinstance(value, str) else [p.text or "" for p in value or ()]
        if any("\x00" in text or any("\ud800" <= c <= "\udfff" for c in text) for text in texts):
            raise ValueError("the text holds characters that are none (NUL or half a surrogate pair)")
        return value

    @model_validator(mode="after")
    def whole(self) -> ChatMessage:
        """What each role needs."""
        if self.role == "tool" and self.tool_call_id is None:
            raise ValueError("a message of the role tool needs tool_call_id")
        if self.content is None and not (self.role == "assistant" and self.tool_calls):
            raise ValueError(f"a message of the role {self.role} needs content")
        return self


class Function(Strict):
    name: Identifier
    description: Annotated[str, StringConstraints(max_length=8_000)] | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ChatTool(Strict):
    type: Literal["function"]
    function: Function


class NamedFunction(Strict):
    name: Identifier


class NamedTool(Strict):
    type: Literal["function"]
    function: NamedFunction


class StreamOptions(Strict):
    include_usage: bool | None = False
    include_obfuscation: bool | None = False


class TextFormat(Strict):
    """Other formats are refused: a brain here is not held to a caller's schema outside of tools."""

    type: Literal["text"]


class AssistantOptions(Strict):
    """Ours: the service carries out its own tools and goes on talking. `tools`: which (null: all). `rewrite`: the
    brain's captions are used, otherwise the person's own words. `previews`: looks on the way, in a stream."""

    tools: list[ToolName] | None = None
    rewrite: bool = True
    image_model: Name | None = None
    previews: Annotated[int, Field(ge=0, le=20)] = 0


class ChatRequest(Strict):
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    model: Name | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=8)] | None = 1
    max_tokens: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=100_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Literal[1] | None = None
    presence_penalty: Literal[0] | None = None
    frequency_penalty: Literal[0] | None = None
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    logprobs: bool | None = False
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    tools: Annotated[list[ChatTool], Field(max_length=MAX_TOOLS)] | None = None
    tool_choice: Literal["auto", "none", "required"] | NamedTool | None = None
    parallel_tool_calls: bool | None = None
    response_format: TextFormat | None = None
    store: Literal[False] | None = None
    user: Annotated[str, StringConstraints(max_length=512)] | None = None
    metadata: dict[str, str] | None = None
    # Ours.
    assistant: AssistantOptions | None = None

    @field_validator("top_p", "presence_penalty", "frequency_penalty", mode="before")
    @classmethod
    def whole_number(cls, value: Any) -> Any:
        """Clients write 1.0 and 0.0."""
        return int(value) if isinstance(value, float) and value == int(value) else value


class TopToken(BaseModel):
    token: str
    logprob: float
    bytes: list[int]


class TokenLogprob(TopToken):
    top_logprobs: list[TopToken]


class Logprobs(BaseModel):
    content: list[TokenLogprob]
    refusal: None = None


class AnswerMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str | None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None


class ChatChoice(BaseModel):
    index: int
    message: AnswerMessage
    logprobs: Logprobs | None
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter"]


class ChatUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Carried(BaseModel):
    """A call that was carried out here. `pictures`: each with id, number in the talk, signed links and settings."""

    id: str
    name: str
    arguments: dict[str, Any]
    result: dict[str, Any]
    pictures: list[dict[str, Any]]
    more: dict[str, Any]


class AssistantAnswer(BaseModel):
    """`messages`: what this answer adds to the talk, to be sent back with the next question. `cost`: of the brain."""

    messages: list[dict[str, Any]]
    calls: list[Carried]
    cost: dict[str, Any]


class ChatResponse(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage
    assistant: AssistantAnswer | None = None
