"""Our own brain: a bundle's language model answers talks, alone or many in one batch.

`begin` makes an `Answer` of a talk, `step` moves any number of them on by one pass of the model (`reply` does both for
one). Answers join and leave between steps, and what one says does not depend on the others. What a talk has in common
with one that was answered before is not read again.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reflet.data.talk_tokens import (
    ASSISTANT,
    DEFAULT_TOOLS,
    TalkTokenizer,
    num_pictures,
    result_of,
    talk_tokens,
)
from reflet.generate.talk import Arguments, Delta, Message, Tool, ToolChoice
from reflet.generate.talk_answer import Answer, Wish, spoken
from reflet.generate.talk_bundle import TALK, TalkBundle, load_talk
from reflet.generate.talk_grammar import Grammar
from reflet.generate.talk_tools import TOOLS
from reflet.models.language_steps import LanguageSteps, Memory
from reflet.runtime.errors import UserError

WINDOW = 320  # tokens of a talk that are read: as many as training showed at once
ANSWER_ROOM = 96
MAX_WORDS = 192  # tokens of an answer in words, where nothing else is asked
KEPT = 8  # talks whose memory is kept for their next turn


@dataclass(frozen=True)
class Rewriting:
    """A prompt as the image model knows it best. `style` stands apart; None where none is said."""

    prompt: str
    style: str | None = None


@dataclass(eq=False)
class _Saying(Answer):
    """An answer that is known word for word; the model is not asked."""

    deltas: Sequence[Delta] = ()


class TalkBrain:
    """Implements `generate.talk.Brain` with a bundle of our own."""

    def __init__(self, bundle: TalkBundle) -> None:
        self.bundle = bundle
        self.tokenizer: TalkTokenizer = bundle.tokenizer
        self.steps = LanguageSteps(bundle.model)
        self.window = min(WINDOW, bundle.model.config.max_tokens)
        self._kept: list[tuple[list[int], Memory]] = []
        self._lock = threading.Lock()
        self._grammars = lru_cache(maxsize=16)(self._grammar)

    @property
    def name(self) -> str:
        return self.bundle.name

    # ------------------------------------------------------------------------------------------ one talk
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
        """See `Brain.reply`. Words are drawn at `temperature`; calls are always the likeliest that fits."""
        answer = self.begin(
            messages,
            tools,
            tool_choice=tool_choice,
            seed=seed,
            temperature=temperature,
            max_tokens=max_tokens,
            stop=stop,
            top_logprobs=top_logprobs,
        )
        return self._told(answer)

    def _told(self, answer: Answer) -> Iterator[Delta]:
        while not answer.done:
            yield from self.step([answer])[0]

    def rewrite(self, text: str) -> Rewriting:
        """Free words -> a caption with the same facts, as part of a call of `generate`."""
        deltas = self.reply([{"role": "user", "content": text}], TOOLS, tool_choice="generate")
        arguments = json.loads("".join(d.text for d in deltas if isinstance(d, Arguments)))
        return Rewriting(arguments["prompt"], arguments.get("style"))

    # ------------------------------------------------------------------------------------------ many talks
    def begin(
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
    ) -> Answer:
        """An answer that has not begun; nothing costly is done yet. Raises UserError as `Brain.reply` does."""
        if not messages:
            raise UserError("the talk is empty: send at least one message")
        names = [str(t["function"]["name"]) for t in tools]
        grammar = self._offered(tools, names, tool_choice)
        ids = self._read(messages, names)
        wish = Wish(
            may="words" if grammar is None else "either" if tool_choice == "auto" else "call",
            max_tokens=min(max_tokens or MAX_WORDS, self.steps.config.max_tokens - len(ids) - 1),
            temperature=temperature,
            seed=secrets.randbelow(2**31) if seed is None else seed,
            stop=tuple(s for s in stop if s),
            top_logprobs=top_logprobs,
            call_margin=self.bundle.call_margin,
        )
        told = result_of(messages[-1]).get("say") if messages[-1].get("role") == "tool" else None
        if told and tool_choice in ("auto", "none"):
            deltas = spoken(str(told), self.tokenizer, prompt_tokens=len(ids))
            return _Saying(wish, self.tokenizer, None, [], None, prompt_tokens=len(ids), deltas=deltas)
        return Answer(wish, self.tokenizer, grammar, ids, None)

    def step(self, answers: Sequence[Answer]) -> list[list[Delta]]:
        """One pass of the model for all of them (those that are done are passed over); what each has to tell."""
        out: list[list[Delta]] = [[] for _ in answers]
        rows: list[tuple[int, Answer]] = []
        for k, answer in enumerate(answers):
            if isinstance(answer, _Saying) and not answer.done:
                out[k], answer.done = list(answer.deltas), True
            elif not answer.done:
                rows.append((k, answer))
        if rows:
            with self._lock:
                logits = self.steps.read([(self._memory(a), a.pending) for _, a in rows])
            for (k, answer), row in zip(rows, logits, strict=True):
                out[k] = answer.take(row)
                if answer.done:
                    self._keep(answer)
        return out

    def _memory(self, answer: Answer) -> Memory:
        """The answer's memory; for a new one, that of the talk with which it shares most of its beginning."""
        if answer.memory is None:
            best, common = None, 16  # less is not worth a search
            for entry in self._kept:
                same = _shared(entry[0], answer.pending)
                if same > common:
                    best, common = entry, same
            if best is None:
                answer.memory = self.steps.remember()
            else:
                self._kept.remove(best)
                answer.memory = best[1]
                answer.memory.cut(common, last=answer.pending[common - 1])
                answer.ids, answer.pending = answer.pending[:common], answer.pending[common:]
        return answer.memory

    def _keep(self, answer: Answer) -> None:
        with self._lock:
            if answer.memory is not None:
                self._kept.append((answer.ids, answer.memory))
                answer.memory = None
                del self._kept[:-KEPT]

    # ------------------------------------------------------------------------------------------ what is read
    def _read(self, messages: Sequence[Message], names: Sequence[str]) -> list[int]:
        """The talk's tokens; its oldest rounds are left out when it is too long."""
        known = [n for n in DEFAULT_TOOLS if n in names]
        starts = [k for k, m in enumerate(messages) if m.get("role") == "user"] or [0]
        turns = None
        for start in [0, *starts[1:]]:
            shown = sum(num_pictures(m) for m in messages[:start])
            turns = talk_tokens(self.tokenizer, messages[start:], known, shown=shown)
            if len(turns.ids) <= self.window - ANSWER_ROOM:
                return [*turns.ids, ASSISTANT]
        number = len(turns.ids) if turns else 0
        raise UserError(f"the message has {number} tokens: this brain reads {self.window - ANSWER_ROOM}; shorten it")

    def _offered(self, tools: Sequence[Tool], names: list[str], choice: ToolChoice) -> Grammar | None:
        """The grammar of the calls that are allowed; None for none."""
        if choice == "none" or not tools:
            if choice not in ("auto", "none"):
                raise UserError(f"tool_choice is {choice!r}, but no tool is offered: give some, or leave it out")
            return None
        if choice not in ("auto", "required"):
            if choice not in names:
                raise UserError(f"tool_choice names {choice!r}, which is not offered: choose one of {', '.join(names)}")
            tools = [t for t in tools if t["function"]["name"] == choice]
        chosen = [(str(t["function"]["name"]), t["function"].get("parameters") or {}) for t in tools]
        return self._grammars(json.dumps(chosen))

    def _grammar(self, chosen: str) -> Grammar:
        pairs: list[tuple[str, Mapping[str, Any]]] = [(name, schema) for name, schema in json.loads(chosen)]
        for name, _ in pairs:
            if "{" in name or not name:
                raise UserError(f"a tool is called {name!r}: use letters, digits, - and _")
        grammar = Grammar(pairs, self.tokenizer.bytes_of)
        if grammar.left(0) > ANSWER_ROOM:
            raise UserError(
                f"the shortest call of the tools has {grammar.left(0)} bytes: this brain writes {ANSWER_ROOM}"
            )
        return grammar


def _shared(first: list[int], second: list[int]) -> int:
    """How many tokens two talks have in common at their beginning, short of all of the second."""
    most = min(len(first), len(second) - 1)
    return next((k for k in range(most) if first[k] != second[k]), most)


def load_brain(name: str = TALK) -> TalkBrain:
    """The brain of a bundle. Raises UserError when it is missing or damaged."""
    return TalkBrain(load_talk(name))
