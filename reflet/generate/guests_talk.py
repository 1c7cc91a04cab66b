"""A larger brain: any server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama, a service elsewhere,
another Reflet) answers talks in the place of our own model, with the same tools.

What it must know to use them (how pictures are numbered, that it must not invent) goes before the talk; it sees no
pictures, but reads which ones are there. Addresses are the operator's alone: no request can name one.
"""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from reflet.generate.talk import Arguments, Call, Delta, End, Likelihood, Message, Tool, ToolChoice, Words, num_pictures
from reflet.generate.talk_tools import TOOL_NAMES
from reflet.runtime.errors import UserError

KEY = "REFLET_BRAIN_KEY"
TIMEOUT_SECONDS = 120.0
MODES = ("auto", "none", "required")
BRIEFING = (
    "You are Reflet, an assistant that makes pictures and speech with its tools and talks about them. Answer in the "
    "user's language, briefly. Call a tool whenever the user wants a picture, a change, a variation, a larger "
    'picture, speech, a search, an explanation or a battle. Pictures of this talk are numbered from 1; "it" is the '
    'last one. Captions for `prompt` are English, concrete, and keep every count, colour and place. For "edit" write '
    "the whole caption as it is after the change. Where a tool's result has `say`, repeat it word for word. You cannot "
    "see pictures: tell only what their records say. Never make up settings, rights, costs or addresses."
)


class Unavailable(RuntimeError):
    """The other side does not answer, or not as it should: the operator's matter, not the caller's."""


@dataclass(frozen=True)
class Place:
    """Where the other side is, and how its model is called there."""

    base_url: str
    model: str
    key: str | None = None


class RemoteBrain:
    """A Brain by HTTP. `reply` streams; whoever stops listening closes the line, so the other side stops too."""

    remote = True

    def __init__(self, place: Place) -> None:
        httpx = import_module("httpx")
        self.place = place
        headers = {} if place.key is None else {"Authorization": f"Bearer {place.key}"}
        self.http = httpx.Client(base_url=place.base_url, headers=headers, timeout=TIMEOUT_SECONDS)
        weakref.finalize(self, self.http.close)
        self.failures: tuple[type[Exception], ...] = (httpx.HTTPError,)

    @property
    def name(self) -> str:
        return self.place.model

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
        """As Brain.reply. Raises UserError with the other side's words when it refuses the talk; Unavailable when it
        does not answer, or not as it should."""
        body: dict[str, Any] = {"model": self.place.model, "messages": _told(messages, tools), "stream": True}
        body |= {"temperature": temperature, "stream_options": {"include_usage": True}}
        if tools:
            body |= {"tools": list(tools), "tool_choice": _choice(tool_choice)}
        extras = {"seed": seed, "max_tokens": max_tokens, "stop": list(stop) or None}
        body |= {name: value for name, value in extras.items() if value is not None}
        if top_logprobs:
            body |= {"logprobs": True, "top_logprobs": top_logprobs}
        try:
            with self.http.stream("POST", "/chat/completions", json=body) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise self._refusal(answer.status_code, answer.text)
                yield from _deltas(_events(answer.iter_lines()))
        except self.failures as error:
            raise Unavailable(f"{self._host} does not answer") from error

    @property
    def _host(self) -> str:
        return urlsplit(self.place.base_url).hostname or "the other side"

    def _refusal(self, status: int, text: str) -> Exception:
        """400, 413 and 422 are about the talk; anything else is the operator's matter, and is not shown to callers."""
        if status not in (400, 413, 422):
            return Unavailable(f"{self._host} answered {status}")
        reason = "no reason given"
        with suppress(ValueError, KeyError, TypeError):
            reason = str(json.loads(text)["error"]["message"])[:300]
        return UserError(f"{self._host} refused: {reason}")


def open_remote_brain(address: str) -> RemoteBrain:
    """`URL#MODEL`, or `URL` for the first model that the server lists. The key is in REFLET_BRAIN_KEY. Raises
    UserError when the address is none or nobody answers there."""
    url, _, model = address.partition("#")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"--brain {address} is not understood: write https://HOST/v1#MODEL")
    brain = RemoteBrain(Place(url.rstrip("/"), model, os.environ.get(KEY)))
    if model:
        return brain
    try:
        listed = brain.http.get("/models")
        first = str(listed.json()["data"][0]["id"]) if listed.status_code == 200 else ""
    except (*brain.failures, ValueError, LookupError, TypeError):
        first = ""
    if not first:
        raise UserError(f"{url} lists no model: check the address and {KEY}, or name a model: {url}#MODEL")
    return RemoteBrain(Place(url.rstrip("/"), first, os.environ.get(KEY)))


def _told(messages: Sequence[Message], tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """The talk as the other side is sent it: the briefing first where our tools are offered; for pictures, their
    numbers."""
    ours = any(tool.get("function", {}).get("name") in TOOL_NAMES for tool in tools)
    told: list[dict[str, Any]] = [{"role": "system", "content": BRIEFING}] if ours else []
    shown = 0
    for message in messages:
        told.append(_without_pictures(message, first=shown + 1))
        shown += num_pictures(message)
    return told


def _without_pictures(message: Message, *, first: int) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return dict(message)
    words, number = [], first
    for part in content:
        if part.get("type") in ("image_url", "input_image"):
            words.append(f"[picture {number}]")
            number += 1
        else:
            words.append(str(part.get("text", "")))
    return {**message, "content": "\n".join(words)}


def _choice(tool_choice: ToolChoice) -> Any:
    return tool_choice if tool_choice in MODES else {"type": "function", "function": {"name": tool_choice}}


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The JSON of server-sent events until [DONE]. Raises Unavailable for an error in the stream."""
    for line in lines:
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        try:
            event = json.loads(data)
        except ValueError as error:
            raise Unavailable("the other side's stream is not JSON") from error
        if "error" in event:
            raise Unavailable("the other side broke off with an error")
        yield event


def _deltas(events: Iterator[Mapping[str, Any]]) -> Iterator[Delta]:
    """Raises Unavailable when the stream ends without having said why."""
    reason, usage = None, {}
    begun: dict[int, tuple[int, str | None]] = {}  # their index -> (ours, the call's id)
    count = 0
    for event in events:
        usage = event.get("usage") or usage
        for choice in event.get("choices") or ():
            delta = choice.get("delta") or {}
            if delta.get("content") or delta.get("refusal"):
                yield Words(delta.get("content") or delta["refusal"], _likelihoods(choice))
            for call in delta.get("tool_calls") or ():
                theirs, name, function = call.get("index") or 0, call.get("id"), call.get("function") or {}
                # Some servers give every call the index 0: then a new id begins a new call.
                if function.get("name") and (theirs not in begun or name not in (None, begun[theirs][1])):
                    begun[theirs] = (count, name)
                    count += 1
                    yield Call(begun[theirs][0], function["name"])
                if function.get("arguments") and theirs in begun:
                    yield Arguments(begun[theirs][0], function["arguments"])
            reason = choice.get("finish_reason") or reason
    if reason is None:
        raise Unavailable("the other side broke off in the middle")
    kind = "tool_calls" if begun else "length" if reason == "length" else "stop"
    yield End(kind, int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))


def _likelihoods(choice: Mapping[str, Any]) -> tuple[Likelihood, ...]:
    found = (choice.get("logprobs") or {}).get("content") or ()
    return tuple(
        Likelihood(t["token"], t["logprob"], tuple((o["token"], o["logprob"]) for o in t.get("top_logprobs") or ()))
        for t in found
    )
