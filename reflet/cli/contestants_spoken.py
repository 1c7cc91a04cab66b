"""Who takes part where sounds or answers are compared: voices, and what answers talks.

ben=bundles/reflet-voice@voice=ben@style=lively@speed=1.1@steps=2     a voice bundle, with settings
bundles/reflet-talk@temperature=0.7      http://localhost:11434/v1#MODEL      stand-in
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from reflet.arena.folder import Contestant
from reflet.arena.log import Status
from reflet.arena.prompts import Prompt
from reflet.generate import speech
from reflet.generate.places import find_bundle
from reflet.generate.sound import Tags, encode_sound
from reflet.generate.speech import Speech
from reflet.generate.talk import Arguments, Brain, Call, Words
from reflet.generate.talk_tools import TOOLS
from reflet.runtime.checkpoint import MANIFEST
from reflet.runtime.errors import UserError
from reflet.runtime.seed import stream_seed
from reflet.serve.brains import load_brain

VOICE_SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "voice": ("voice", str),
    "style": ("style", str),
    "speed": ("speed", float),
    "pitch": ("pitch", float),
    "liveliness": ("liveliness", float),
    "steps": ("num_steps", int),
}
TALK_SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "temperature": ("temperature", float),
    "tokens": ("max_tokens", int),
}


class Speaker(Protocol):
    """What a voice is to an arena."""

    voices: tuple[str, ...]

    def speak(self, what: str, **wishes: Any) -> Speech: ...


def seed_of(prompt: Prompt, number: int) -> int:
    """The seed of what is made for the `number`th time of a prompt, the same for every contestant."""
    return stream_seed("arena", prompt.text, number) % 2**31


def voice_of(
    name: str, path: str, wishes: dict[str, Any], loaded: dict[str, Speaker], status: Status = "active"
) -> Contestant:
    """A voice of a bundle. Its sounds carry no mark, which would tell whose they are. Raises UserError."""
    where = find_bundle(path)
    voice = loaded.get(str(where)) or speech.load(str(where))
    loaded[str(where)] = voice
    wishes = {"voice": voice.voices[0], **wishes}
    voice.speak("A test.", **wishes)  # a wrong wish is refused before anything is made
    bundle = hashlib.sha256((where / MANIFEST).read_bytes()).hexdigest()

    def draw(prompt: Prompt, number: int) -> tuple[bytes, dict[str, Any]]:
        seed = seed_of(prompt, number)
        said = voice.speak(prompt.text, seed=seed, **wishes)
        tags = Tags(model=said.bundle_name, voice=wishes["voice"], marked=False)
        content = encode_sound(said.samples, said.sample_rate, "wav", tags)
        return content, {"seed": seed, **wishes, "bundle": said.bundle_name, "bundle_sha256": said.bundle_digest}

    return Contestant(name, _digest(bundle, wishes), {"bundle": where.name, **wishes}, draw, status)


def talker_of(
    name: str, address: str, wishes: dict[str, Any], loaded: dict[str, Brain], status: Status = "active"
) -> Contestant:
    """What answers talks, with the tools of ours offered. Raises UserError."""
    brain = loaded.get(address) or load_brain(address)
    if brain is None:
        raise UserError(
            f"{address!r} answers no talks: give a talk bundle, an address (http://HOST/v1#MODEL), stand-in"
        )
    loaded[address] = brain
    what = address
    with suppress(UserError):  # an address, or rules: what answers there is known by that alone
        what = hashlib.sha256((find_bundle(address) / MANIFEST).read_bytes()).hexdigest()

    def draw(prompt: Prompt, number: int) -> tuple[bytes, dict[str, Any]]:
        seed = seed_of(prompt, number)
        message = {"role": "user", "content": prompt.text}
        answer = told(list(brain.reply([message], TOOLS, seed=seed, **wishes)))
        return answer.encode(), {"seed": seed, **wishes, "model": brain.name}

    return Contestant(name, _digest(what, wishes), {"talks": brain.name, **wishes}, draw, status)


def told(deltas: Sequence[Any]) -> str:
    """An answer as text: its words, then a line for each tool that it calls, with what it is to do."""
    words = "".join(d.text for d in deltas if isinstance(d, Words)).strip()
    calls = {d.index: d.name for d in deltas if isinstance(d, Call)}
    lines = []
    for index, name in sorted(calls.items()):
        arguments = "".join(d.text for d in deltas if isinstance(d, Arguments) and d.index == index)
        try:
            body = json.loads(arguments or "{}")
        except ValueError:
            body = arguments
        if isinstance(body, dict):
            body = ", ".join(f"{k}: {v}" for k, v in body.items())
        lines.append(f"→ {name} ({body})")
    return "\n".join(filter(None, [words, *lines])) or "(no answer)"


def _digest(what: str, wishes: dict[str, Any]) -> str:
    return hashlib.sha256(f"{what}\n{json.dumps(wishes, sort_keys=True)}".encode()).hexdigest()
