"""One answer on its way: which token comes next, and what of it is told to whoever asked.

An answer begins as words or as a call; which of the two is the model's choice where both are allowed. Words are free;
a call follows its grammar (talk_grammar.py), and what the grammar leaves no choice about is read at once instead of
being asked of the model byte by byte.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from reflet.data.talk_tokens import CALL, END, SIGNS, TalkTokenizer
from reflet.generate.talk import Arguments, Call, Delta, End, Likelihood, Words
from reflet.generate.talk_grammar import Grammar
from reflet.models.language_steps import Memory

MAX_CALL = 200  # tokens of a call, after which it is led to its end by the shortest way


@dataclass(frozen=True)
class Wish:
    """How an answer is asked for. `may`: what it may begin as. `call_margin`: by how much the logit that begins a call
    must be above that of the likeliest word, where it may be either."""

    may: Literal["words", "call", "either"]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    top_logprobs: int = 0
    call_margin: float = 0.0


@dataclass(eq=False)
class Answer:
    """`pending` are the tokens that the model reads next; `ids` those that it has read. `grammar` is None where no tool
    is offered. `lead` is by how much the call was ahead of the likeliest word, once that has been decided."""

    wish: Wish
    tokenizer: TalkTokenizer
    grammar: Grammar | None
    pending: list[int]
    memory: Memory | None
    ids: list[int] = field(default_factory=list)
    prompt_tokens: int = 0
    done: bool = False
    lead: float | None = None
    _kind: Literal["open", "words", "call"] = "open"
    _state: int = 0
    _count: int = 0
    _text: str = ""
    _told: int = 0
    _named: bool = False

    def __post_init__(self) -> None:
        self.prompt_tokens = self.prompt_tokens or len(self.pending)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._draws = torch.Generator().manual_seed(self.wish.seed)
        self._begin: list[Delta] = []
        if self.wish.may == "call":
            self._kind = "call"
            self.pending = [*self.pending, CALL]
            self._force(self._begin)

    # ------------------------------------------------------------------------------------------ one step
    def take(self, logits_V: Tensor) -> list[Delta]:
        """Chooses the next token from the logits after all that was pending; what can be told of it."""
        self.ids += self.pending
        self.pending = []
        out, self._begin = self._begin, []
        token = self._choose(logits_V)
        self._count += 1
        if self._kind == "open":
            self._kind = "call" if token == CALL else "words"
        if token == END:
            return [*out, *self._finish("stop")]
        self.pending = [token]
        if self._kind == "words":
            self._speak(token, logits_V, out)
        else:
            if token != CALL and self.grammar is not None:
                self._state = self.grammar.moves(self._state)[token]
                self._tell_call(self.tokenizer.bytes_of[token], out)
            self._force(out)
        if not self.done and self._kind == "words" and self._count >= self.wish.max_tokens:
            out += self._finish("length")
        return out

    def _allowed(self) -> np.ndarray:
        size = self.tokenizer.vocab_size
        if self._kind == "call" and self.grammar is not None:
            whole = self.grammar.whole(self._state)
            long = self._count >= min(self.wish.max_tokens, MAX_CALL)
            allowed = (self.grammar.closing if long else self.grammar.mask)(self._state).copy()
            allowed[END] = whole
            return allowed
        allowed = np.ones(size, bool)
        allowed[: len(SIGNS)] = False
        allowed[END] = self._count > 0
        allowed[CALL] = self._kind == "open" and self.wish.may == "either" and self.grammar is not None
        return allowed

    def _choose(self, logits_V: Tensor) -> int:
        allowed = torch.from_numpy(self._allowed())
        masked = logits_V.masked_fill(~allowed, -torch.inf)
        if allowed[CALL]:
            self.lead = float(masked[CALL] - masked[len(SIGNS) :].max())
            masked[CALL] -= self.wish.call_margin
        # What is called is not left to chance; words are, as far as it was asked for.
        if self.wish.temperature <= 0 or self._kind != "words":
            return int(masked.argmax())
        shares = torch.softmax(masked / self.wish.temperature, dim=-1)
        return int(torch.multinomial(shares, 1, generator=self._draws))

    # ------------------------------------------------------------------------------------------ calls
    def _force(self, out: list[Delta]) -> None:
        """Takes what the grammar leaves no choice about; ends the call where nothing else is left."""
        grammar = self.grammar
        assert grammar is not None
        # Without its last token: that one might have been a longer one, with what comes next, when the model learned.
        for token in self.tokenizer.encode(grammar.forced(self._state).decode())[:-1]:
            text = self.tokenizer.bytes_of[token]
            for value in text:
                self._state = grammar.step(self._state, value)
            self.pending.append(token)
            self._count += 1
            self._tell_call(text, out)
        if grammar.whole(self._state) and not grammar.moves(self._state):
            out += self._finish("stop")

    def _tell_call(self, text: bytes, out: list[Delta]) -> None:
        self._text += self._decoder.decode(text)
        if not self._named:
            name, brace, rest = self._text.partition("{")
            if not brace:
                return
            self._named = True
            out += [Call(0, name), Arguments(0, "{" + rest)]
            self._told = len(self._text)
            return
        if len(self._text) > self._told:
            out.append(Arguments(0, self._text[self._told :]))
            self._told = len(self._text)

    # ------------------------------------------------------------------------------------------ words
    def _speak(self, token: int, logits_V: Tensor, out: list[Delta]) -> None:
        piece = self._decoder.decode(self.tokenizer.bytes_of[token])
        first = not self._text
        self._text += piece.removeprefix(" ") if first else piece
        found = min((self._text.find(s) for s in self.wish.stop if s in self._text), default=-1)
        if found >= 0:
            self._text = self._text[:found]
            out += self._finish("stop")
            return
        held = max((len(s) for s in self.wish.stop), default=1) - 1
        end = max(self._told, len(self._text) - held)
        likelihoods = self._likelihoods(token, piece, logits_V) if self.wish.top_logprobs >= 0 else ()
        out.append(Words(self._text[self._told : end], likelihoods))
        self._told = end

    def _likelihoods(self, token: int, piece: str, logits_V: Tensor) -> tuple[Likelihood, ...]:
        logs = torch.log_softmax(logits_V, dim=-1)
        best = torch.topk(logs, self.wish.top_logprobs) if self.wish.top_logprobs else None
        others = () if best is None else zip(best.indices.tolist(), best.values.tolist(), strict=True)
        top = tuple((self.tokenizer.decode([i]), value) for i, value in others)
        return (Likelihood(piece, float(logs[token]), top),)

    # ------------------------------------------------------------------------------------------ the end
    def _finish(self, why: Literal["stop", "length"]) -> list[Delta]:
        self.done = True
        if self._kind == "call":
            return [End("tool_calls", self.prompt_tokens, self._count)]
        rest = self._text[self._told :]
        self._told = len(self._text)
        return [*([Words(rest)] if rest else []), End(why, self.prompt_tokens, self._count)]


def spoken(text: str, tokenizer: TalkTokenizer, *, prompt_tokens: int) -> Sequence[Delta]:
    """A text that is known word for word, as an answer."""
    return [Words(text), End("stop", prompt_tokens, len(tokenizer.words(text)) + 1)]
