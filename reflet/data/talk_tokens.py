"""Talks as tokens: a byte-level vocabulary that keeps capitals, and the signs between the turns of a talk.

    <start> [<tools> generate speak ...] <user> words [<note> notes] <assistant> words <end>
    <user> words <assistant> <call> edit{"picture":"2", ...} <end> <result> pictures 3 4 <assistant> words <end> ...

The tools are listed only where they are not the eight of `reflet.generate.talk_tools`. Digits stand alone. Every
segment of words begins with a space, so that its first word has the same token as elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tokenizers import normalizers, pre_tokenizers

from reflet.data.byte_pairs import BytePairs
from reflet.data.talk_lexicon import notes
from reflet.runtime.errors import UserError

SIGNS = ("<pad>", "<start>", "<end>", "<user>", "<note>", "<assistant>", "<call>", "<result>", "<tools>", "<picture>")
PAD, START, END, USER, NOTE, ASSISTANT, CALL, RESULT, TOOLS, PICTURE = range(len(SIGNS))
DEFAULT_TOOLS = ("generate", "edit", "vary", "upscale", "speak", "find", "explain", "battle")
MAX_RESULT = 160  # characters of a result's words that are read


class TalkTokenizer(BytePairs):
    """Byte-level: any text has tokens, and comes back as it was (after Unicode's NFC)."""

    @classmethod
    def train(cls, texts: Iterable[str], *, vocab_size: int = 2048) -> TalkTokenizer:
        """Learned from `texts`; deterministic for the same texts in order."""
        digits = pre_tokenizers.Digits(individual_digits=True)
        words = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
        normalizer = normalizers.NFC()
        return cls.learned(texts, vocab_size=vocab_size, special=SIGNS, normalizer=normalizer, pre_tokenizer=words)

    def encode(self, text: str) -> list[int]:
        """A text's tokens. What looks like a sign (`<call>`) is spelt out: no user can forge a turn."""
        out: list[int] = []
        for k, part in enumerate(text.split("<")):
            piece = ("<" if k else "") + part
            cut = next((s for s in SIGNS if piece.startswith(s)), None)
            if cut is None:
                out += self.backend.encode(piece, add_special_tokens=False).ids if piece else []
            else:  # the sign's text in two halves is no sign
                out += self.backend.encode("<", add_special_tokens=False).ids
                out += self.backend.encode(piece[1:], add_special_tokens=False).ids
        return out

    def words(self, text: str) -> list[int]:
        """A segment of words, with its space before."""
        return self.encode(" " + text.strip()) if text.strip() else []

    @cached_property
    def bytes_of(self) -> tuple[bytes, ...]:
        """What each token stands for; nothing for signs."""
        table = _byte_table()
        vocab = sorted(self.backend.get_vocab().items(), key=lambda e: e[1])
        return tuple(b"" if i < len(SIGNS) else bytes(table[c] for c in text) for text, i in vocab)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens; signs are left out, bytes that are no text are replaced."""
        return b"".join(self.bytes_of[i] for i in ids).decode("utf-8", errors="replace")


def _byte_table() -> dict[str, int]:
    """GPT-2's printable stand-ins for bytes, back to bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in shown]
    return {chr(b): b for b in shown} | {chr(256 + k): b for k, b in enumerate(hidden)}


@dataclass
class Turns:
    """A talk as tokens; `answers` marks those that the assistant writes, which are what training weighs."""

    ids: list[int] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)

    def add(self, ids: Sequence[int], *, answer: bool = False) -> None:
        self.ids += ids
        self.answers += [answer] * len(ids)


def text_of(message: Mapping[str, Any]) -> str:
    """The words of a message, whether its content is a text or a list of parts."""
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    return " ".join(str(p.get("text", "")) for p in content if p.get("type") in ("text", "input_text")).strip()


def num_pictures(message: Mapping[str, Any]) -> int:
    """How many pictures a message shows: the image parts of a user's, the `pictures` of a tool's result."""
    content = message.get("content")
    if message.get("role") == "tool":
        found = result_of(message).get("pictures", ())
        return len(found) if isinstance(found, (list, tuple)) else 0
    if content is None or isinstance(content, str):
        return 0
    return sum(p.get("type") in ("image_url", "input_image") for p in content)


def result_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """A tool's result as an object; {"say": text} where its content is no JSON object."""
    text = text_of(message)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"say": text}


def result_words(message: Mapping[str, Any], *, first: int) -> str:
    """A result as the model reads it; `first` is the number of its first picture."""
    result = result_of(message)
    if "error" in result:
        return f"error: {str(result['error'])[:MAX_RESULT]}"
    if "pictures" in result:
        number = num_pictures(message)
        return "pictures " + " ".join(str(first + k) for k in range(number)) if number else "no pictures"
    if "say" in result:
        return str(result["say"])[:MAX_RESULT]
    return "done"


def user_tokens(tokenizer: TalkTokenizer, message: Mapping[str, Any], *, first: int) -> list[int]:
    """A user's turn: pictures with their numbers, the words, and the notes on them."""
    out = [USER]
    for k in range(num_pictures(message)):
        out += [PICTURE, *tokenizer.words(str(first + k))]
    text = text_of(message)
    out += tokenizer.words(text)
    found = notes(text)
    return [*out, NOTE, *tokenizer.words(found)] if found else out


def call_tokens(tokenizer: TalkTokenizer, name: str, arguments: str) -> list[int]:
    """A call: its name, then its arguments as compact JSON."""
    return [CALL, *tokenizer.encode(name), *tokenizer.encode(arguments)]


def talk_tokens(
    tokenizer: TalkTokenizer,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[str] = DEFAULT_TOOLS,
    *,
    shown: int = 0,
) -> Turns:
    """A whole talk, or its end: then `shown` pictures were in what is left out. System messages are not read: a model
    this small cannot follow them. Raises UserError for an unknown role.
    """
    turns = Turns()
    turns.add([START])
    if tuple(tools) != DEFAULT_TOOLS:
        turns.add([TOOLS, *tokenizer.words(" ".join(t for t in DEFAULT_TOOLS if t in tools))])
    for message in messages:
        role = message.get("role")
        if role in ("system", "developer"):
            continue
        if role == "user":
            turns.add(user_tokens(tokenizer, message, first=shown + 1))
        elif role == "tool":
            turns.add([RESULT, *tokenizer.words(result_words(message, first=shown + 1))])
        elif role == "assistant":
            turns.add([ASSISTANT])
            turns.add(_answer_tokens(tokenizer, message), answer=True)
        else:
            raise UserError(f"a message has the role {role!r}: use system, user, assistant or tool")
        shown += num_pictures(message)
    return turns


def _answer_tokens(tokenizer: TalkTokenizer, message: Mapping[str, Any]) -> list[int]:
    calls = message.get("tool_calls") or ()
    if not calls:
        return [*tokenizer.words(text_of(message)), END]
    function = calls[0]["function"]
    return [*call_tokens(tokenizer, str(function["name"]), compact(str(function["arguments"]))), END]


def compact(arguments: str) -> str:
    """JSON as our own brain writes it: no spaces, letters as they are. What is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(arguments), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return arguments
