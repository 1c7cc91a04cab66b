"""One answer of a talk, from the last message to the last word: brain, call, tool, result, brain again.

With `hands` the calls are carried out here and the talk goes on until there are only words; without them a call is
handed to whoever asked. What is said comes piece by piece, in the order in which it happens.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from reflet.generate.guests_talk import Unavailable
from reflet.generate.talk import Arguments, Brain, Call, Delta, End, Message, Tool, Words, text_of
from reflet.serve.album import Shown, album
from reflet.serve.auth import Caller
from reflet.serve.errors import ApiError
from reflet.serve.hands import Done, Hands, Look
from reflet.serve.safety import judge
from reflet.serve.service import Service
from reflet.serve.thinking import Thought, deltas_of

log = logging.getLogger("reflet.chat")
MAX_ROUNDS = 5  # of calls in one answer; after that there are only words
REFUSAL = {
    "en": "I do not make or talk about that. Ask me for another picture.",
    "fr": "Je ne fais pas cela et n’en parle pas. Demandez-moi une autre image.",
}


@dataclass(frozen=True)
class Question:
    """What a brain is asked."""

    brain: Brain
    messages: Sequence[Message]
    tools: Sequence[Tool] = ()
    tool_choice: str = "auto"
    seed: int | None = None
    temperature: float = 0.0
    max_tokens: int | None = None
    stop: Sequence[str] = ()
    top_logprobs: int = 0


@dataclass(frozen=True)
class Began:
    """A call, whole, about to be carried out."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """A look on the way of call `id`."""

    id: str
    look: Look


@dataclass(frozen=True)
class Carried:
    """What came of a call."""

    call: Began
    done: Done


@dataclass(frozen=True)
class Refused:
    """Instead of an answer: the words were refused."""

    text: str


Piece = Delta | Began | Seen | Carried | Refused


@dataclass
class Talk:
    """An answer under way. `added`: the messages that it adds to the talk."""

    service: Service
    caller: Caller
    question: Question
    hands: Hands | None = None
    added: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    joules: float = 0.0
    method: str = "estimate"

    async def answer(self) -> AsyncIterator[Piece]:
        """Its pieces; `End` (the tokens of all rounds together) or `Refused` comes last. Raises what the brain does."""
        said = _last_words(self.question.messages)
        refusal = self._refusal(said)
        if refusal is not None:
            self.added.append({"role": "assistant", "content": refusal})
            yield Refused(refusal)
            return
        if self.hands is not None:
            self.hands.said = said
            self.hands.answered = _last_words(self.question.messages, role="assistant")
        prompt = completion = 0
        for number in range(MAX_ROUNDS + 1):
            calls: list[tuple[str, list[str]]] = []
            words: list[str] = []
            end = End("stop", 0, 0)
            async with aclosing(self._think(number)) as deltas:
                async for delta in deltas:
                    match delta:
                        case Words(text):
                            words.append(text)
                        case Call(_, name):
                            calls.append((name, []))
                        case Arguments(index, text):
                            calls[index][1].append(text)
                        case End():
                            end = delta
                    if not isinstance(delta, End) and (self.hands is None or isinstance(delta, Words)):
                        yield delta
            prompt, completion = prompt + end.prompt_tokens, completion + end.completion_tokens
            begun = [(f"call_{secrets.token_hex(12)}", name, "".join(pieces)) for name, pieces in calls]
            self.added.append(_assistant("".join(words), begun))
            if self.hands is None or not begun:
                yield End(end.finish_reason, prompt, completion)
                return
            for call in begun:
                async with aclosing(self._carry_out(self.hands, *call)) as steps:
                    async for piece in steps:
                        yield piece

    async def _think(self, number: int) -> AsyncIterator[Delta]:
        """One round of the brain. A forced call is for the first round, and the last has only words."""
        q, limits = self.question, self.caller.limits
        choice = q.tool_choice if number == 0 else "none" if number == MAX_ROUNDS else "auto"
        messages = [*q.messages, *self.added]
        batches = hasattr(q.brain, "begin") and hasattr(q.brain, "step")
        ask: Callable[..., Any] = getattr(q.brain, "begin" if batches else "reply")

        def begin() -> Any:
            return ask(
                messages,
                q.tools,
                tool_choice=choice,
                seed=q.seed,
                temperature=q.temperature,
                max_tokens=q.max_tokens,
                stop=q.stop,
                top_logprobs=q.top_logprobs,
            )

        local = not getattr(q.brain, "remote", False)
        thought = Thought(
            begin, owner=self.caller.id, weight=limits.weight, brain=cast("Any", q.brain) if batches else None
        )
        try:
            async with aclosing(deltas_of(self.service.thinker(local=local), thought)) as deltas:
                async for delta in deltas:
                    yield delta
        except Unavailable as error:
            log.warning("the brain does not answer", extra={"reason": str(error)})
            message = "the brain of this service does not answer: try again later"
            raise ApiError(502, message, code="brain_unavailable") from error
        finally:
            if local:  # what works elsewhere costs this device nothing
                self.seconds, self.joules = self.seconds + thought.seconds, self.joules + thought.joules
                self.method = thought.method

    async def _carry_out(self, hands: Hands, call_id: str, name: str, text: str) -> AsyncIterator[Piece]:
        try:
            arguments = json.loads(text or "{}")
        except ValueError:
            arguments = None  # refused by its schema, in words
        call = Began(call_id, name, arguments if isinstance(arguments, dict) else {})
        yield call
        hands.shown = album([*self.question.messages, *self.added])
        async with aclosing(hands.carry_out(name, arguments)) as steps:
            async for step in steps:
                if isinstance(step, Look):
                    yield Seen(call_id, step)
                    continue
                numbered = _numbered(step, hands.shown)
                content = json.dumps(step.result, ensure_ascii=False)
                self.added.append({"role": "tool", "tool_call_id": call_id, "name": name, "content": content})
                yield Carried(call, numbered)

    def _refusal(self, said: str) -> str | None:
        """Words that no picture would be made of are not talked about either; the trail keeps their category."""
        service = self.service
        if not service.settings.moderate:
            return None
        refused = judge(said).refuses("auto")
        if not refused:
            return None
        service.metrics.refused.labels("moderation").inc()
        detail = {"categories": list(refused), "prompt_sha256": hashlib.sha256(said.encode()).hexdigest()}
        service.jobs.note(actor=self.caller.id, action="refused", subject="talk", detail=detail)
        return REFUSAL["en" if self.hands is None else self.hands.manner.language]

    @property
    def cost(self) -> dict[str, Any]:
        """Of the brain alone; pictures have their own."""
        return {"seconds": round(self.seconds, 6), "joules": round(self.joules, 3), "method": self.method}


def _last_words(messages: Sequence[Message], *, role: str = "user") -> str:
    return next((text_of(m) for m in reversed(messages) if m.get("role") == role and text_of(m)), "")


def _assistant(text: str, calls: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text or None if calls else text}
    if calls:
        message["tool_calls"] = [
            {"id": name, "type": "function", "function": {"name": tool, "arguments": arguments}}
            for name, tool, arguments in calls
        ]
    return message


def _numbered(done: Done, shown: Sequence[Shown]) -> Done:
    """Pictures with the numbers that they have in the talk from now on."""
    first = len(shown) + 1
    return Done(done.result, [{"number": first + k, **p} for k, p in enumerate(done.pictures)], done.more)
