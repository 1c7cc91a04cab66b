"""/v1/responses: the same talks in OpenAI's newer shape. Words are messages, calls are items, and a tool of the type
`image_generation` has the service draw by itself; each picture is an item of its own, and leads back to the picture
when it is sent with the next question. Nothing is stored.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from reflet.generate.talk import Arguments, Call, End, Words, text_of
from reflet.generate.talk_tools import TOOLS
from reflet.serve.answers import HUNG_UP
from reflet.serve.assistant import Carried, Piece, Question, Refused, Seen, Talk
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.chat import BOTH, charge, find_brain, while_there
from reflet.serve.drafts import Open
from reflet.serve.errors import ApiError, as_api_error, error_body
from reflet.serve.explaining import language_of
from reflet.serve.hands import Hands, Manner
from reflet.serve.schemas_responses import (
    ChosenTool,
    FunctionTool,
    InputItem,
    PictureTool,
    ResponseBody,
    ResponsesRequest,
)
from reflet.serve.service import Service, service_of

router = guarded("chat", tags=["chat"])
Asking = Annotated[Caller, Depends(caller_with("chat"))]
Serving = Annotated[Service, Depends(service_of)]
DRAWING = ("generate", "edit", "vary", "upscale")


@router.post("/v1/responses", response_model=ResponseBody, responses=BOTH)
async def responses(body: ResponsesRequest, request: Request, service: Serving, caller: Asking) -> Any:
    """The answer to an input: messages, calls, pictures."""
    brain = find_brain(service, body.model)
    messages = list(_messages(body))
    own = next((tool for tool in body.tools or () if isinstance(tool, PictureTool)), None)
    hands = None
    if own is not None:
        said = next((text_of(m) for m in reversed(messages) if m["role"] == "user"), "")
        previews = (own.partial_images or 0) if body.stream else 0
        hands = Hands(request, service, caller, Manner(previews=previews, language=language_of(said)))
    question = Question(
        brain=brain,
        messages=messages,
        tools=_offered(body, own=own is not None),
        tool_choice=body.tool_choice.name if isinstance(body.tool_choice, ChosenTool) else body.tool_choice or "auto",
        temperature=body.temperature or 0.0,
        max_tokens=body.max_output_tokens,
    )
    answer = Answer(body, service, Talk(service, caller, question, hands), brain.name)
    open_talks: Open = request.app.state.talks
    open_talks.enter(caller.id)
    if body.stream:
        return StreamingResponse(_events(answer, request, caller, open_talks), media_type="text/event-stream")
    try:
        async with aclosing(while_there(request, answer.talk.answer())) as pieces:
            async for piece in pieces:
                await answer.take(piece)
    except ApiError as error:
        if error.status != HUNG_UP:
            raise
        return Response(status_code=204)  # nobody is there to read it
    finally:
        open_talks.leave(caller.id)
        await run_in_threadpool(charge, service, caller, [answer.talk])
    return Response(json.dumps(answer.whole(), ensure_ascii=False), media_type="application/json")


def _offered(body: ResponsesRequest, *, own: bool) -> list[dict[str, Any]]:
    """Tools as brains take them. Raises ApiError."""
    named = [tool for tool in body.tools or () if isinstance(tool, FunctionTool)]
    if own and named:
        message = "image_generation comes alone: leave the functions out, or carry them out yourself"
        raise ApiError(400, message, code="invalid_value", param="tools")
    if own:
        offered = [tool for tool in TOOLS if tool["function"]["name"] in DRAWING]
    else:
        offered = [{"type": "function", "function": t.model_dump(exclude_none=True, exclude={"type"})} for t in named]
    names = {tool["function"]["name"] for tool in offered}
    chosen = body.tool_choice
    if (chosen == "required" and not names) or (isinstance(chosen, ChosenTool) and chosen.name not in names):
        raise ApiError(400, "tool_choice needs a tool that is offered", code="invalid_value", param="tool_choice")
    return offered


def _messages(body: ResponsesRequest) -> Iterator[dict[str, Any]]:
    """The input as messages of a talk."""
    if body.instructions:
        yield {"role": "system", "content": body.instructions}
    if isinstance(body.input, str):
        yield {"role": "user", "content": body.input}
        return
    for item in body.input:
        yield from _message(item)


def _message(item: InputItem) -> Iterator[dict[str, Any]]:
    if item.type == "function_call":
        yield _called(item.call_id or "", item.name or "", item.arguments or "")
    elif item.type == "function_call_output":
        yield {"role": "tool", "tool_call_id": item.call_id, "content": item.output}
    elif item.type == "image_generation_call":
        prompt, name = item.revised_prompt or "", (item.id or "").replace("ig_", "pic_", 1)
        yield _called(item.id or "", "generate", json.dumps({"prompt": prompt}))
        content = json.dumps({"pictures": [{"id": name, "prompt": prompt}]})
        yield {"role": "tool", "tool_call_id": item.id, "content": content}
    else:
        role = "system" if item.role == "developer" else item.role
        content: Any = item.content
        if isinstance(content, list):
            content = [
                {"type": "image_url", "image_url": {"url": p.image_url}}
                if p.type == "input_image"
                else {"type": "text", "text": p.text or p.refusal or ""}
                for p in content
            ]
        yield {"role": role, "content": content}


def _called(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


@dataclass
class Answer:
    """The output as it grows. `take` gives the events of a piece."""

    body: ResponsesRequest
    service: Service
    talk: Talk
    model: str
    id: str = field(default_factory=lambda: f"resp_{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))
    output: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] | None = None
    status: str = "in_progress"
    _calls: dict[int, int] = field(default_factory=dict)  # index of a call -> its place in the output
    _number: int = 0

    def event(self, kind: str, **values: Any) -> str:
        """A server-sent event with its number."""
        told = {"type": kind, "sequence_number": self._number, **values}
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"

    async def take(self, piece: Piece) -> list[str]:
        """Puts a piece into the output. A picture's bytes are read from the store."""
        match piece:
            case Words(text):
                return self._words(text, "output_text")
            case Refused(text):
                return [*self._words(text, "refusal"), *self._end(0, 0)]
            case Call(index, name):
                item = {"type": "function_call", "id": f"fc_{secrets.token_hex(12)}", "status": "in_progress"}
                item |= {"call_id": f"call_{secrets.token_hex(12)}", "name": name, "arguments": ""}
                begun = self._close()
                self._calls[index] = len(self.output)
                return [*begun, self._add(item)]
            case Arguments(index, text):
                place = self._calls[index]
                self.output[place]["arguments"] += text
                about = {"item_id": self.output[place]["id"], "output_index": place}
                return [self.event("response.function_call_arguments.delta", delta=text, **about)]
            case Seen(_, look):
                about = {"item_id": f"ig_{secrets.token_hex(12)}", "output_index": len(self.output)}
                about |= {"partial_image_index": look.number, "partial_image_b64": _text(look.content)}
                return [self.event("response.image_generation_call.partial_image", **about)]
            case Carried(_, done):
                return await run_in_threadpool(self._pictures, done.pictures)
            case End(reason, prompt, completion):
                self.status = "incomplete" if reason == "length" else "completed"
                return self._end(prompt, completion)
        return []

    def _words(self, text: str, kind: str) -> list[str]:
        out: list[str] = []
        name = "text" if kind == "output_text" else "refusal"
        if not self.output or self.output[-1]["type"] != "message" or self.output[-1]["status"] == "completed":
            item = {"type": "message", "id": f"msg_{secrets.token_hex(12)}", "status": "in_progress"}
            out += [*self._close(), self._add({**item, "role": "assistant", "content": []})]
        item, place = self.output[-1], len(self.output) - 1
        about = {"item_id": item["id"], "output_index": place, "content_index": 0}
        if not item["content"]:
            item["content"].append({"type": kind, name: ""} | ({"annotations": []} if name == "text" else {}))
            out.append(self.event("response.content_part.added", part=dict(item["content"][0]), **about))
        item["content"][0][name] += text
        more = {"logprobs": []} if name == "text" else {}
        return [*out, self.event(f"response.{kind}.delta", delta=text, **about, **more)]

    def _pictures(self, pictures: list[dict[str, Any]]) -> list[str]:
        out = self._close()
        for picture in pictures:
            row = self.service.pictures.get(picture["id"])
            content = "" if row is None else _text(self.service.blobs.get(row.blob))
            item = {"type": "image_generation_call", "id": picture["id"].replace("pic_", "ig_", 1)}
            about = {"item_id": item["id"], "output_index": len(self.output)}
            out.append(self._add({**item, "status": "in_progress", "result": None}))
            told = {"status": "completed", "result": content, "revised_prompt": picture["prompt"]}
            self.output[-1] |= {**told, "seed": picture["seed"], "number": picture["number"]}
            out += [self.event("response.image_generation_call.completed", **about), *self._done(len(self.output) - 1)]
        return out

    def _add(self, item: dict[str, Any]) -> str:
        self.output.append(item)
        told = json.loads(json.dumps(item))
        return self.event("response.output_item.added", item=told, output_index=len(self.output) - 1)

    def _close(self) -> list[str]:
        """Ends the item that is still open."""
        if not self.output or self.output[-1]["status"] == "completed":
            return []
        place = len(self.output) - 1
        item, about = self.output[place], {"item_id": self.output[place]["id"], "output_index": place}
        item["status"] = "completed"
        out: list[str] = []
        if item["type"] == "function_call":
            told = {"arguments": item["arguments"], "name": item["name"]}
            out.append(self.event("response.function_call_arguments.done", **told, **about))
        elif item["type"] == "message":
            [part] = item["content"]
            about["content_index"] = 0
            if part["type"] == "output_text":
                out.append(self.event("response.output_text.done", text=part["text"], logprobs=[], **about))
            else:
                out.append(self.event("response.refusal.done", refusal=part["refusal"], **about))
            out.append(self.event("response.content_part.done", part=part, **about))
        return [*out, *self._done(place)]

    def _done(self, place: int) -> list[str]:
        return [self.event("response.output_item.done", item=self.output[place], output_index=place)]

    def _end(self, prompt: int, completion: int) -> list[str]:
        out = self._close()
        if self.status == "in_progress":
            self.status = "completed"
        counted = {"input_tokens": prompt, "output_tokens": completion, "total_tokens": prompt + completion}
        details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
        self.usage = {**counted, **details}
        return [*out, self.event(f"response.{self.status}", response=self.whole())]

    def whole(self) -> dict[str, Any]:
        """The response as it stands."""
        body = self.body
        asked = body.model_dump(mode="json", exclude_none=True)
        return ResponseBody(
            id=self.id,
            created_at=self.created,
            status=self.status,  # type: ignore[arg-type]
            model=self.model,
            output=self.output,
            incomplete_details={"reason": "max_output_tokens"} if self.status == "incomplete" else None,
            instructions=body.instructions,
            metadata=body.metadata or {},
            temperature=body.temperature or 0.0,
            tool_choice=asked.get("tool_choice", "auto"),
            tools=asked.get("tools", []),
            usage=self.usage,  # type: ignore[arg-type]
        ).model_dump()


async def _events(answer: Answer, request: Request, caller: Caller, open_talks: Open) -> AsyncIterator[str]:
    try:
        yield answer.event("response.created", response=answer.whole())
        yield answer.event("response.in_progress", response=answer.whole())
        async with aclosing(while_there(request, answer.talk.answer())) as pieces:
            async for piece in pieces:
                for event in await answer.take(piece):
                    yield event
    except Exception as error:
        if not (isinstance(error, ApiError) and error.status == HUNG_UP):
            told = error_body(as_api_error(error))["error"]
            yield answer.event("error", message=told["message"], code=told["code"], param=told["param"], error=told)
    finally:
        open_talks.leave(caller.id)
        # Nothing may be awaited in a generator that is being closed: another thread does it.
        asyncio.get_running_loop().run_in_executor(None, charge, answer.service, caller, [answer.talk])


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
