"""A brain answers a talk: with words, or with a call of a tool. The contract between it and whoever serves it.

Messages and tools are in OpenAI's shape (chat completions). What a tool gave back comes as a message of role "tool"
whose content is JSON: `pictures` (a list of {"id": ...}, in the order shown) where it made or found some, `error` where
it failed, and `say` where the answer is known word for word (settings, rights, costs): our own brain then repeats it
instead of putting numbers in its own words. Pictures of a talk are numbered from 1 in the order of the messages.

No torch here: a service that only hands talks on does not need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from reflet.data.talk_tokens import num_pictures, result_of, text_of

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


__all__ = [
    "Arguments",
    "Brain",
    "Call",
    "Delta",
    "End",
    "Likelihood",
    "Message",
    "Tool",
    "ToolChoice",
    "Words",
    "num_pictures",
    "result_of",
    "text_of",
]
