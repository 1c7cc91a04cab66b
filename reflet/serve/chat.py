"""/v1/chat/completions: a talk in OpenAI's shape, at once or as a stream; with `assistant`, the service's own tools."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from reflet.generate.talk import Arguments, Brain, Call, End, Likelihood, Words, text_of
from reflet.generate.talk_tools import TOOLS
from reflet.serve.answers import HUNG_UP, hung_up
from reflet.serve.assistant import Began, Carried, Piece, Question, Refused, Seen, Talk
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.drafts import Open
from reflet.serve.errors import ApiError, ErrorBody, as_api_error, error_body
from reflet.serve.explaining import language_of
from reflet.serve.hands import Hands, Manner
from reflet.serve.images import STREAM
from reflet.serve.schemas_chat import ChatRequest, ChatResponse, NamedTool
from reflet.serve.service import Service, service_of
from reflet.store.database import StorageFull

router = guarded("chat", tags=["chat"])
Asking = Annotated[Caller, Depends(caller_with("chat"))]
Serving = Annotated[Service, Depends(service_of)]
BOTH: dict[int | str, dict[str, Any]] = {
    200: {"content": STREAM, "description": "The answer, or the stream of it."},
    502: {"model": ErrorBody, "description": "The brain works elsewhere and does not answer."},
}
OTHERS = re.compile(r"(?:chat)?gpt-(?!image)|o\d")  # names that clients have built in
AT_ONCE = 8  # open talks of one key
log = logging.getLogger("reflet.chat")
T = TypeVar("T")


@router.post("/v1/chat/completions", response_model=ChatResponse, responses=BOTH)
async def completions(body: ChatRequest, request: Request, service: Serving, caller: Asking) -> Any:
    """The answer to the last message of a talk: words, or calls of tools."""
    brain = find_brain(service, body.model)
    choice = _checked(body)
    options = body.assistant
    said = next((text_of(m) for m in reversed(_plain(body)) if m["role"] == "user"), "")
    manner = None
    if options is not None:
        manner = Manner(options.rewrite, options.image_model, options.previews if body.stream else 0, language_of(said))
    talks = [
        Talk(
            service,
            caller,
            Question(
                brain=brain,
                messages=_plain(body),
                tools=offered(body),
                tool_choice=choice,
                seed=None if body.seed is None else body.seed + number,
                temperature=body.temperature or 0.0,
                max_tokens=body.max_completion_tokens or body.max_tokens,
                stop=[body.stop] if isinstance(body.stop, str) else body.stop or (),
                top_logprobs=max(1, body.top_logprobs or 0) if body.logprobs else 0,
            ),
            None if manner is None else Hands(request, service, caller, manner),
        )
        for number in range(body.n or 1)
    ]
    answers = Answers(body, brain.name, talks)
    open_talks: Open = request.app.state.talks
    open_talks.enter(caller.id)
    if body.stream:
        events = _events(answers, request, service, caller, open_talks)
        return StreamingResponse(events, media_type="text/event-stream")
    try:
        async with aclosing(while_there(request, answers.pieces())) as pieces:
            async for number, piece in pieces:
                answers.take(number, piece)
    except ApiError as error:
        if error.status != HUNG_UP:
            raise
        return Response(status_code=204)  # nobody is there to read it
    finally:
        open_talks.leave(caller.id)
        await run_in_threadpool(charge, service, caller, talks)
    return Response(json.dumps(answers.whole(), ensure_ascii=False), media_type="application/json")


def find_brain(service: Service, name: str | None) -> Brain:
    """The brain, by its own name or one that clients have built in. Raises ApiError 404, or 503 when draining."""
    if service.draining:
        headers = {"Retry-After": "5"}
        raise ApiError(503, "the service is going down: try again", code="draining", headers=headers)
    brain = service.brain
    if brain is None:
        message = "nothing talks here: the operator starts it with --brain"
        raise ApiError(404, message, code="model_not_found", param="model")
    if name is None or name == brain.name or OTHERS.match(name):
        return brain
    raise ApiError(404, f"there is no such model: choose {brain.name}", code="model_not_found", param="model")


def _checked(body: ChatRequest) -> str:
    """`tool_choice` as the brain takes it. Raises ApiError for wishes that do not go together."""
    if body.stream_options is not None and not body.stream:
        raise ApiError(400, "stream_options needs stream: true", code="invalid_value", param="stream_options")
    if body.top_logprobs and not body.logprobs:
        raise ApiError(400, "top_logprobs needs logprobs: true", code="invalid_value", param="top_logprobs")
    if body.assistant is not None:
        if body.tools:
            message = "with assistant the tools are the service's own: leave tools out"
            raise ApiError(400, message, code="invalid_value", param="tools")
        if (body.n or 1) > 1:
            raise ApiError(400, "with assistant there is one answer: leave n out", code="invalid_value", param="n")
    names = {tool["function"]["name"] for tool in offered(body)}
    choice = body.tool_choice.function.name if isinstance(body.tool_choice, NamedTool) else body.tool_choice or "auto"
    if choice == "required" and not names:
        raise ApiError(400, "tool_choice required needs tools", code="invalid_value", param="tool_choice")
    if isinstance(body.tool_choice, NamedTool) and choice not in names:
        raise ApiError(400, "tool_choice names no tool of this request", code="invalid_value", param="tool_choice")
    return choice


def offered(body: ChatRequest) -> list[dict[str, Any]]:
    """The tools that the brain may call."""
    if body.assistant is None:
        return [tool.model_dump(exclude_none=True) for tool in body.tools or ()]
    wanted = body.assistant.tools
    return [tool for tool in TOOLS if wanted is None or tool["function"]["name"] in wanted]


def _plain(body: ChatRequest) -> list[dict[str, Any]]:
    """The messages as brains take them: developers are the system."""
    plain = [message.model_dump(exclude_none=True) for message in body.messages]
    return [{**m, "role": "system"} if m["role"] == "developer" else m for m in plain]


async def while_there(request: Request, source: AsyncIterator[T]) -> AsyncIterator[T]:
    """The items of `source` for as long as the client listens. Raises ApiError HUNG_UP when it has gone."""
    gone = asyncio.create_task(hung_up(request))
    try:
        while True:
            item = asyncio.ensure_future(anext(source))
            try:
                await asyncio.wait({item, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not item.done():
                    item.cancel()
            if gone.done():
                raise ApiError(HUNG_UP, "the client hung up", code="client_closed")
            try:
                yield item.result()
            except StopAsyncIteration:
                return
    finally:
        gone.cancel()


@dataclass
class Answers:
    """The answers to one request, as they come and whole."""

    body: ChatRequest
    model: str
    talks: list[Talk]
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))
    choices: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __post_init__(self) -> None:
        for number in range(len(self.talks)):
            message = {"role": "assistant", "content": None, "refusal": None}
            logprobs = {"content": [], "refusal": None} if self.body.logprobs else None
            self.choices.append({"index": number, "message": message, "logprobs": logprobs, "finish_reason": "stop"})

    async def pieces(self) -> AsyncIterator[tuple[int, Piece]]:
        """The pieces of all answers, each with its number; one answer after the other."""
        for number, talk in enumerate(self.talks):
            async with aclosing(talk.answer()) as answer:
                async for piece in answer:
                    yield number, piece

    def take(self, number: int, piece: Piece) -> list[dict[str, Any]]:
        """Puts a piece into the whole; the chunks that tell of it."""
        choice = self.choices[number]
        message = choice["message"]
        calls = message.setdefault("tool_calls", []) if isinstance(piece, Call | Arguments) else []
        match piece:
            case Words(text, likelihoods):
                message["content"] = (message["content"] or "") + text
                told = None
                if choice["logprobs"] is not None:
                    most = self.body.top_logprobs or 0
                    told = {"content": [_logprob(one, most) for one in likelihoods], "refusal": None}
                    choice["logprobs"]["content"] += told["content"]
                return [self._chunk(number, {"content": text}, logprobs=told)]
            case Call(index, name):
                call = {"id": f"call_{secrets.token_hex(12)}", "type": "function"}
                calls.append({**call, "function": {"name": name, "arguments": ""}})
                told = {"index": index, **call, "function": {"name": name, "arguments": ""}}
                return [self._chunk(number, {"tool_calls": [told]})]
            case Arguments(index, text):
                calls[index]["function"]["arguments"] += text
                return [self._chunk(number, {"tool_calls": [{"index": index, "function": {"arguments": text}}]})]
            case Refused(text):
                message["refusal"], choice["finish_reason"] = text, "content_filter"
                return [self._chunk(number, {"refusal": text}), self._end(number)]
            case End(reason, prompt, completion):
                choice["finish_reason"] = reason
                if message["content"] is None and "tool_calls" not in message:
                    message["content"] = ""
                self.prompt_tokens, self.completion_tokens = (
                    self.prompt_tokens + prompt,
                    self.completion_tokens + completion,
                )
                return [self._end(number)]
        return [self._own(piece)]

    def first(self, number: int) -> dict[str, Any]:
        return self._chunk(number, {"role": "assistant", "content": "", "refusal": None})

    def whole(self) -> dict[str, Any]:
        """The answer that is no stream."""
        common = {"id": self.id, "object": "chat.completion", "created": self.created, "model": self.model}
        told = {**common, "choices": self.choices, "usage": self.usage}
        if self.body.assistant is not None:
            told["assistant"] = {**self._summary(), "calls": self.calls}
        return told

    @property
    def usage(self) -> dict[str, int]:
        total = self.prompt_tokens + self.completion_tokens
        counted = {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}
        return {**counted, "total_tokens": total}

    def last(self) -> dict[str, Any] | None:
        """The chunk with the usage, where it was asked for."""
        wanted = self.body.stream_options is not None and self.body.stream_options.include_usage
        return {**self._head(), "choices": [], "usage": self.usage} if wanted else None

    def _head(self) -> dict[str, Any]:
        return {"id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model}

    def _chunk(self, number: int, delta: dict[str, Any], *, logprobs: Any = None, **more: Any) -> dict[str, Any]:
        choice = {"index": number, "delta": delta, "logprobs": logprobs, "finish_reason": None}
        return {**self._head(), "choices": [choice], **more}

    def _end(self, number: int) -> dict[str, Any]:
        chunk = self._chunk(number, {})
        chunk["choices"][0]["finish_reason"] = self.choices[number]["finish_reason"]
        if self.body.assistant is not None:
            chunk["assistant"] = {"type": "messages", **self._summary()}
        return chunk

    def _summary(self) -> dict[str, Any]:
        return {"messages": self.talks[0].added, "cost": self.talks[0].cost}

    def _own(self, piece: Piece) -> dict[str, Any]:
        """What only our own clients know: a call that begins, a look, a result; beside an empty delta."""
        told: dict[str, Any]
        match piece:
            case Began(call_id, name, arguments):
                told = {"type": "call", "id": call_id, "name": name, "arguments": arguments}
            case Seen(call_id, look):
                content = base64.b64encode(look.content).decode()
                told = {"type": "look", "id": call_id, "number": look.number, "b64_json": content}
            case Carried(call, done):
                kept = {"id": call.id, "name": call.name, "arguments": call.arguments}
                kept |= {"result": done.result, "pictures": done.pictures, "more": done.more}
                self.calls.append(kept)
                told = {"type": "result", **kept}
            case _:
                raise TypeError(f"a talk has no {type(piece).__name__}")
        return self._chunk(0, {}, assistant=told)


async def _events(
    answers: Answers, request: Request, service: Service, caller: Caller, open_talks: Open
) -> AsyncIterator[str]:
    begun: set[int] = set()
    try:
        async with aclosing(while_there(request, answers.pieces())) as pieces:
            async for number, piece in pieces:
                if number not in begun:
                    begun.add(number)
                    yield _event(answers.first(number))
                for chunk in answers.take(number, piece):
                    yield _event(chunk)
        last = answers.last()
        if last is not None:
            yield _event(last)
        yield "data: [DONE]\n\n"
    except Exception as error:
        if not (isinstance(error, ApiError) and error.status == HUNG_UP):
            yield _event(error_body(as_api_error(error)))
    finally:
        open_talks.leave(caller.id)
        # Nothing may be awaited in a generator that is being closed: another thread does it.
        asyncio.get_running_loop().run_in_executor(None, charge, service, caller, answers.talks)


def _event(chunk: dict[str, Any]) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _logprob(one: Likelihood, most: int) -> dict[str, Any]:
    def told(token: str, logprob: float) -> dict[str, Any]:
        return {"token": token, "logprob": logprob, "bytes": list(token.encode("utf-8", "surrogatepass"))}

    return {**told(one.token, one.logprob), "top_logprobs": [told(*other) for other in one.top[:most]]}


def charge(service: Service, caller: Caller, talks: list[Talk]) -> None:
    """The brain's time on this device, as usage shows it; the words themselves are kept nowhere."""
    seconds = sum(t.seconds for t in talks)
    if seconds <= 0:
        return
    cost = {"seconds": seconds, "joules": sum(t.joules for t in talks), "method": talks[0].method}
    try:
        service.jobs.charge(caller.id, pixel_steps=0.0, cost=cost)
    except (StorageFull, DBAPIError) as error:
        log.warning("a talk was not charged", extra={"error": type(error).__name__})
