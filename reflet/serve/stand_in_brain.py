"""A brain that only follows rules: to try an installation, and to test everything around a brain without one.

It knows the plainest ways to ask, in English and French, and says so when it hears another. What it does is a function
of the talk alone. It is no model, and nothing here measures one.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from reflet.generate.talk import (
    Arguments,
    Call,
    Delta,
    End,
    Likelihood,
    Message,
    Tool,
    ToolChoice,
    Words,
    result_of,
    text_of,
)
from reflet.runtime.errors import UserError

NUMBERS = {"two": 2, "three": 3, "four": 4, "deux": 2, "trois": 3, "quatre": 4}
ORDINALS = {"first": "1", "second": "2", "third": "3", "première": "1", "deuxième": "2", "troisième": "3"}
LIGHTS = {"night": "at night", "evening": "at sunset", "snow": "in the snow", "nuit": "at night", "soir": "at sunset"}
STYLES = {"watercolour": "watercolour", "watercolor": "watercolour", "aquarelle": "watercolour", "ink": "ink"}
ASPECTS = {
    "rights": "rights|licence|license|copyright|allowed|droits?",
    "cost": "costs?|energy|joules|coûté?|énergie",
    "settings": "settings|seed|steps|how was|réglages",
    "content": "what is in|what's in|what do you see|que vois",
}
DRAW = re.compile(
    r"\b(?:draw|paint|make|show|dessine|peins)(?:[- ]?(?:me|moi))?(?: a picture of| pictures of)? (.+)", re.I
)
PIECE = re.compile(r"\S+\s*")
FALLBACK = "I only follow rules here: ask me to draw, change, vary, enlarge, find or explain a picture."


class StandInBrain:
    """`each`: seconds a token takes, to imitate a slow one."""

    name = "stand-in-brain"

    def __init__(self, *, each: float = 0.0) -> None:
        self.each = each

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
        """As Brain.reply; a token is a word with the space after it."""
        if not messages:
            raise UserError("a talk needs a message")
        prompt = sum(len(PIECE.findall(text_of(m))) for m in messages)
        names = {str(tool["function"]["name"]) for tool in tools}
        if tool_choice not in ("auto", "none", "required", *names):
            raise UserError(f"tool_choice {tool_choice!r} is none of the tools")
        last = messages[-1]
        call = None if last["role"] == "tool" or tool_choice == "none" else _call(text_of(last), messages)
        if tool_choice in names and (call is None or call[0] != tool_choice):
            call = tool_choice, {"prompt": text_of(last)}
        if call is not None and call[0] in names:
            yield from self._calling(*call, prompt=prompt)
        else:
            yield from self._saying(_answer(messages), prompt, max_tokens, stop, top_logprobs)

    def _calling(self, name: str, arguments: dict[str, Any], *, prompt: int) -> Iterator[Delta]:
        yield Call(0, name)
        pieces = PIECE.findall(json.dumps(arguments, ensure_ascii=False))
        for piece in pieces:
            time.sleep(self.each)
            yield Arguments(0, piece)
        yield End("tool_calls", prompt, len(pieces) + 1)

    def _saying(self, text: str, prompt: int, max_tokens: int | None, stop: Sequence[str], top: int) -> Iterator[Delta]:
        pieces = PIECE.findall(min((text.partition(s)[0] for s in stop), key=len, default=text))
        told = pieces[:max_tokens]
        for piece in told:
            time.sleep(self.each)
            yield Words(piece, (Likelihood(piece, 0.0, ((piece, 0.0),)[:top]),))
        yield End("length" if len(told) < len(pieces) else "stop", prompt, len(told))


def _call(said: str, messages: Sequence[Message]) -> tuple[str, dict[str, Any]] | None:
    """The tool that a sentence asks for, by the first rule that fits."""
    text = said.strip().rstrip(".!?")
    low = text.lower()
    which = next((n for word, n in ORDINALS.items() if re.search(rf"\b{word}\b", low)), "last")
    changes = "|".join([*LIGHTS, *STYLES])
    rules: tuple[tuple[str, Callable[[], tuple[str, dict[str, Any]]]], ...] = (
        (r"\b(?:battle|duel|compare)\b", lambda: ("battle", {"prompt": _caption(text)})),
        (r"\b(?:larger|enlarge|upscale|bigger|agrandis)\b", lambda: ("upscale", {"picture": which, "factor": 2})),
        (r"\b(?:vary|variations?|others like|variantes?)\b", lambda: ("vary", {"picture": which, "count": 2})),
        (r"^(?:find|search|cherche|trouve)\b", lambda: ("find", {"query": re.sub(r"^\S+ (?:my |mes )?", "", low)})),
        (r"^(?:say|read|speak|dis)\b", lambda: _speak(text)),
        *((rf"\b(?:{words})\b", _explains(which, aspect)) for aspect, words in ASPECTS.items()),
        (rf"\b(?:make it|make the|now|change)\b.*\b(?:{changes})\b", lambda: _edit(low, which, messages)),
        (rf"\b(?:the|le|la) (?:{'|'.join(ORDINALS)})\b", lambda: _edit(low, which, messages)),
        (DRAW.pattern, lambda: _generate(text)),
    )
    return next((make() for pattern, make in rules if re.search(pattern, low)), None)


def _speak(text: str) -> tuple[str, dict[str, Any]]:
    told = text.partition(" ")[2]
    return "speak", {"reply": "last"} if re.fullmatch(r"(?i)(it|that|ça)( aloud)?", told) else {"text": told}


def _explains(which: str, aspect: str) -> Callable[[], tuple[str, dict[str, Any]]]:
    return lambda: ("explain", {"picture": which, "aspect": aspect})


def _caption(text: str) -> str:
    found = DRAW.search(text)
    return text if found is None else found.group(1)


def _generate(text: str) -> tuple[str, dict[str, Any]]:
    prompt = _caption(text)
    count = next((n for word, n in NUMBERS.items() if re.search(rf"\b{word} pictures\b", text.lower())), None)
    prompt = re.sub(r"^\w+ pictures of ", "", prompt)
    return "generate", {"prompt": prompt} if count is None else {"prompt": prompt, "count": count}


def _edit(low: str, which: str, messages: Sequence[Message]) -> tuple[str, dict[str, Any]]:
    """The caption of the picture with the new light in it, and the style apart."""
    captions = [p.get("prompt", "") for m in messages if m["role"] == "tool" for p in result_of(m).get("pictures", ())]
    before = captions[-1 if which == "last" else min(int(which), len(captions)) - 1] if captions else ""
    light = next((phrase for word, phrase in LIGHTS.items() if word in low), "")
    style = next((style for word, style in STYLES.items() if word in low), None)
    kept = re.sub(rf" (?:{'|'.join(LIGHTS.values())})$", "", before) if light else before
    told = {"picture": which, "instruction": low, "prompt": f"{kept} {light}".strip() or low}
    return "edit", told if style is None else {**told, "style": style}


def _answer(messages: Sequence[Message]) -> str:
    last = messages[-1]
    if last["role"] != "tool":
        said = text_of(last).lower()
        greets = re.search(r"^(?:hello|hi|hey|bonjour|salut)\b", said)
        return "Hello! Tell me what to draw." if greets else "You are welcome." if "thank" in said else FALLBACK
    result = result_of(last)
    if "error" in result:
        return f"That did not work: {result['error']}"
    number = len(result.get("pictures", ()))
    return str(result.get("say") or {0: "Done.", 1: "Here it is."}.get(number, f"Here are {number} pictures."))
