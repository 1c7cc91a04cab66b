"""A brain answers a talk: with words, or with a call of a tool. The contract between it and whoever serves it.

Messages and tools are in OpenAI's shape (chat completions). What a tool gave back comes as a message of role "tool"
whose content is JSON: `pictures` (a list of {"id": ...}, in the order shown) where it made or found some, `error` where
it failed, and `say` where the answer is known word for word (settings, rights, costs): our own brain then repeats it
instead of putting numbers in its own words. Pictures of a talk are numbered from 1 in the order of the messages.

No torch here: a service that only hands talks on does not need it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Message = Mapping[str, Any]
Tool = Mapping[str, Any]
# "auto": words or a call; "none": words; "required": some call; a tool's name: a call of it.
ToolChoice = str


@dataclass(frozen=True)
class Likelihood:
    """One token of the answer: its text, its log probability, and the likeliest others at its place."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Words:
    """A piece of the answer's text."""

    text: str
    likelihoods: tuple[Likelihood, ...] = ()


@dataclass(frozen=True)
class Call:
    """A call begins. Its arguments follow piece by piece; together they are one JSON object that fits the schema."""

    index: int
    name: str


@dataclass(frozen=True)
class Arguments:
    """A piece of the JSON of call `index`."""

    index: int
    text: str


@dataclass(frozen=True)
class End:
    """The last of an answer. "length": it was cut at `max_tokens`."""

    finish_reason: Literal["stop", "length", "tool_calls"]
    prompt_tokens: int
    completion_tokens: int


Delta = Words | Call | Arguments | End


class Brain(Protocol):
    """What answers. Methods may be called from several threads."""

    @property
    def name(self) -> str: ...

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        *,
        tool_choice: ToolChoice = "auto",
        seed: int | None = None,
        temperature: float = 0.0,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        top_logprobs: int = 0,
    ) -> Iterator[Delta]:
        """The answer to the last message, piece by piece; `End` comes last. Raises UserError for a talk that cannot be
        answered: no message, an unknown role, a tool_choice that is no tool, too long."""
        ...


def text_of(message: Message) -> str:
    """The words of a message, whether its content is a text or a list of parts."""
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    return " ".join(str(p.get("text", "")) for p in content if p.get("type") in ("text", "input_text")).strip()


def num_pictures(message: Message) -> int:
    """How many pictures a message shows: the image parts of a user's, the `pictures` of a tool's result."""
    content = message.get("content")
    if message.get("role") == "tool":
        return len(result_of(message).get("pictures", ()))
    if content is None or isinstance(content, str):
        return 0
    return sum(p.get("type") in ("image_url", "input_image") for p in content)


def result_of(message: Message) -> dict[str, Any]:
    """A tool's result as an object; {"say": text} where its content is no JSON object."""
    text = text_of(message)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"say": text}
