"""/v1/audio: speech as OpenAI's clients ask for it, and the voices there are.

Sound leaves while it is spoken, a sentence at a time: one thread computes, one sentence of one request after another,
so nobody waits longer than for the sentences of others, and pictures lose no more than the share of one thread. Nothing
of a text is kept or logged. A request that wants a signed manifest (`manifest`) gets its file whole.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import DBAPIError

from reflet.generate.manner import style_of
from reflet.generate.sound import MEDIA_TYPES, Encoder, SoundFormat
from reflet.runtime.energy import WATTS_A_CORE
from reflet.runtime.errors import UserError
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.errors import ApiError, as_api_error, error_body
from reflet.serve.safety import judge
from reflet.serve.schemas_speech import SpeechRequest, VoiceInfo, VoiceList
from reflet.serve.service import Service, service_of
from reflet.store.database import StorageFull
from reflet.store.jobs import Refused

router = guarded("audio", tags=["audio"])
Asking = Annotated[Caller, Depends(caller_with("audio"))]
Serving = Annotated[Service, Depends(service_of)]
log = logging.getLogger("reflet.speech")

MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15")  # other names of our voice
# OpenAI's voices, so that programs made for them work: each is one of ours, in turn.
FOREIGN = "alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar".split()  # noqa: SIM905
MAX_INPUT = 4096  # characters, as OpenAI has it
PIXEL_STEPS = 1000.0  # that a character counts as: about the same time of the device
AT_ONCE = 4  # open requests of one key
T = TypeVar("T")


@dataclass
class Desk:
    """The voice of a service: opened when it is first needed, and the one thread that computes. `name`: a bundle's
    name or folder; None: nobody speaks here."""

    name: str | None
    executor: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="speech", initializer=_one_thread)
    )
    _voice: Any = None
    _open: Counter[str] = field(default_factory=Counter)

    async def voice(self) -> Any:
        """The voice. Raises ApiError 404 where there is none."""
        if self.name is None:
            message = "nobody speaks here: start the service with --voice"
            raise ApiError(404, message, code="model_not_found", param="model")
        return self._voice or await self.run(self._load)

    def _load(self) -> Any:
        if self._voice is None:
            self._voice = import_module("reflet.generate.speech").load(self.name)
        return self._voice

    async def run(self, work: Callable[[], T]) -> T:
        """On the thread that speaks. All that computes belongs there: another thread would have a team of its own, and
        that of the pictures would wait for it asleep."""
        return await asyncio.get_running_loop().run_in_executor(self.executor, work)

    @contextmanager
    def seat(self, key_id: str, *, admitted: bool = False) -> Iterator[None]:
        """A key's place among those who are spoken for. Raises ApiError 429 for one too many, unless it was admitted
        before."""
        if not admitted and self._open[key_id] >= AT_ONCE:
            message = f"{AT_ONCE} texts of this key are being spoken: wait for one to end"
            raise ApiError(429, message, code="slow_down", headers={"Retry-After": "1"})
        self._open[key_id] += 1
        try:
            yield
        finally:
            self._open[key_id] -= 1


def _one_thread() -> None:
    """Pictures keep the other cores."""
    import_module("torch").set_num_threads(1)


def desk_of(request: Request) -> Desk:
    """The desk of the application that a request came to."""
    return request.app.state.speech


Speaking = Annotated[Desk, Depends(desk_of)]


@router.get("/v1/audio/voices", response_model=VoiceList)
async def voices(desk: Speaking) -> VoiceList:
    """Who speaks here."""
    voice = await desk.voice()
    speakers = voice.bundle.config.speakers
    info = [
        VoiceInfo(
            id=s.name,
            name=s.name.capitalize(),
            description=s.description,
            aliases=[name for i, name in enumerate(FOREIGN) if i % len(speakers) == number],
        )
        for number, s in enumerate(speakers)
    ]
    return VoiceList(
        data=info,
        model=voice.bundle.config.name,
        styles=list(voice.styles),
        formats=list(MEDIA_TYPES),
        sample_rate=voice.sample_rate,
    )


AUDIO: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The sound, in pieces while it is spoken; or server-sent events (`stream_format: sse`).",
        "content": {kind: {} for kind in (*MEDIA_TYPES.values(), "text/event-stream")},
    }
}


@router.post("/v1/audio/speech", response_class=Response, responses=AUDIO)
async def speech(body: SpeechRequest, request: Request, service: Serving, caller: Asking, desk: Speaking) -> Any:
    """A text, spoken. Lines that begin with a voice's name ("Ada: ...") are said by that voice."""
    voice = await desk.voice()
    with desk.seat(caller.id):  # while it is looked at; from then on the answer holds it
        job = await desk.run(lambda: _checked(service, caller, voice, body))
        job.first = await desk.run(job.next)
    headers = {"x-reflet-voice": job.voice_name, "x-reflet-style": job.style, "x-reflet-seed": str(job.seed)}
    spoken = Spoken(service, caller, desk, job)
    if body.manifest:
        with spoken:
            content = await desk.run(job.whole)
        return Response(content, media_type=MEDIA_TYPES[job.kind], headers=headers)
    if body.stream_format == "sse":
        return StreamingResponse(_events(spoken), media_type="text/event-stream", headers=headers)
    return StreamingResponse(_pieces(spoken), media_type=MEDIA_TYPES[job.kind], headers=headers)


@dataclass
class Job:
    """One request being spoken. `seconds`: of the processor."""

    parts: Iterator[Any]
    kind: SoundFormat
    encoder: Encoder
    seal: Callable[[bytes], bytes]
    voice_name: str
    style: str
    seed: int
    num_characters: int
    num_phones: int
    first: Any = None
    num_samples: int = 0
    seconds: float = 0.0
    timestamps: bool = False
    rate: int = 16_000

    def next(self) -> Any:
        """The next sentence, None after the last. The thread's own seconds are what it costs."""
        start = time.thread_time()
        part = next(self.parts, None)
        self.seconds += time.thread_time() - start
        self.num_samples += 0 if part is None else len(part.samples)
        return part

    def whole(self) -> bytes:
        """The rest at once: a file, signed."""
        part = self.first
        while part is not None:
            self.encoder.write(part.samples)
            part = self.next()
        return self.seal(self.encoder.end())

    def usage(self) -> dict[str, int]:
        """Tokens in OpenAI's sense: phones in, pieces of 32 ms out."""
        made = -(-self.num_samples * 1000 // (self.rate * 32))
        return {"input_tokens": self.num_phones, "output_tokens": made, "total_tokens": self.num_phones + made}


def _checked(service: Service, caller: Caller, voice: Any, body: SpeechRequest) -> Job:
    """What can be wrong is found before anything is spoken."""
    if service.draining:
        raise ApiError(503, "the service is going down", code="draining", headers={"Retry-After": "5"})
    if body.model not in (voice.bundle.config.name, *MODELS):
        message = f"there is no such model: choose {voice.bundle.config.name}"
        raise ApiError(404, message, code="model_not_found", param="model")
    if not body.input.strip():
        raise ApiError(400, "the input says nothing: give some words", code="invalid_value", param="input")
    if len(body.input) > MAX_INPUT:
        message = f"the input has {len(body.input)} characters: {MAX_INPUT} is the most"
        raise ApiError(400, message, code="string_above_max_length", param="input")
    if body.response_format == "aac":
        message = "there is no AAC here, for want of a free encoder: ask for mp3, opus, flac, wav or pcm"
        raise ApiError(400, message, code="unsupported_value", param="response_format")
    kind: Any = body.response_format or "mp3"
    if body.manifest and kind not in ("wav", "mp3", "flac"):
        message = f"{kind} carries no manifest: ask for wav, mp3 or flac, or leave manifest out"
        raise ApiError(400, message, code="unsupported_value", param="manifest")
    ceiling = caller.limits.pixel_steps_per_day
    if ceiling is not None and service.jobs.spent_today(caller.id) >= ceiling:
        raise Refused("pixel_steps", retry_after=3600.0)
    _moderate(service, caller, body.input)
    return _job(service, voice, body, kind)


def _job(service: Service, voice: Any, body: SpeechRequest, kind: SoundFormat) -> Job:
    reading, trust = (import_module(f"reflet.generate.{name}") for name in ("reading", "sound_trust"))
    name = _named(voice, body.voice if isinstance(body.voice, str) else body.voice.id)
    style = body.style or style_of(body.instructions)
    seed = secrets.randbelow(2**31) if body.seed is None else body.seed
    manner = reading.Manner(style=style, speed=body.speed or 1.0, pitch=body.pitch or 1.0, seed=seed)
    try:
        lines = reading.lines_of(body.input, voice=name, voices=voice.voices, pronounce=voice.pronouncer)
        trusted = service.settings.provenance is not None
        seal = trust.Sealing(voice.bundle, voice=name, sign_files=trusted, watermark=trusted)
        parts = reading.read_aloud(voice, lines, manner, mark=seal.marker(voice.sample_rate))
        encoder = Encoder(kind, voice.sample_rate, seal.tags, streamed=not body.manifest)
    except UserError as error:
        param = "style" if "style" in str(error) else "input"
        raise ApiError(400, str(error), code="invalid_value", param=param) from error
    return Job(
        parts=parts,
        kind=kind,
        encoder=encoder,
        seal=seal.sign,
        voice_name=name,
        style=style,
        seed=seed,
        num_characters=len(body.input),
        num_phones=sum(len(line.phones.symbols) for line in lines),
        timestamps=bool(body.timestamps),
        rate=voice.sample_rate,
    )


def _named(voice: Any, asked: str) -> str:
    lower = asked.lower()
    if lower in FOREIGN and lower not in voice.voices:
        return voice.voices[FOREIGN.index(lower) % len(voice.voices)]
    found = next((v for v in voice.voices if v.lower() == lower), None)
    if found is None:
        message = f"there is no such voice: choose {', '.join(voice.voices)}"
        raise ApiError(400, message, code="invalid_value", param="voice")
    return found


def _moderate(service: Service, caller: Caller, text: str) -> None:
    """A story may tell of a fight: only what is never made is refused. The trail keeps category and hash."""
    refused = judge(text).refuses("low") if service.settings.moderate else ()
    if refused:
        service.metrics.refused.labels("moderation").inc()
        detail = {"categories": list(refused), "prompt_sha256": hashlib.sha256(text.encode()).hexdigest()}
        service.jobs.note(actor=caller.id, action="refused", subject="speech", detail=detail)
        message = f"the safety system refused the text: safety_violations=[{', '.join(refused)}]"
        raise ApiError(400, message, code="moderation_blocked", param="input")


@dataclass
class Spoken:
    """A request whose sound leaves: a context that gives its seat back and charges what was spoken, also when the
    client hangs up."""

    service: Service
    caller: Caller
    desk: Desk
    job: Job
    _seat: Any = None

    def __enter__(self) -> Spoken:
        self._seat = self.desk.seat(self.caller.id, admitted=True)
        self._seat.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._seat.__exit__(None, None, None)
        # Nothing may be awaited in a generator that is being closed: another thread does it.
        asyncio.get_running_loop().run_in_executor(None, _charge, self.service, self.caller, self.job)

    async def parts(self) -> AsyncIterator[Any]:
        """Sentence after sentence. A client that hangs up ends it: the next one is never begun."""
        part, self.job.first = self.job.first, None
        while part is not None:
            yield part
            part = await self.desk.run(self.job.next)


async def _pieces(spoken: Spoken) -> AsyncIterator[bytes]:
    """The file as it grows."""
    with spoken:
        async for part in spoken.parts():
            if content := spoken.job.encoder.write(part.samples):
                yield content
        if content := spoken.job.encoder.end():
            yield content


async def _events(spoken: Spoken) -> AsyncIterator[str]:
    """OpenAI's events; with `timestamps`, ours between them: when which characters are heard."""
    job = spoken.job
    with spoken:
        try:
            async for part in spoken.parts():
                if job.timestamps:
                    yield _event({"type": "speech.audio.words", "voice": part.voice, "words": _times(part)})
                if content := job.encoder.write(part.samples):
                    yield _delta(content)
            if content := job.encoder.end():
                yield _delta(content)
            yield _event({"type": "speech.audio.done", "usage": job.usage()})
        except Exception as error:
            yield _event({"type": "error", **error_body(as_api_error(error))})


def _times(part: Any) -> list[dict[str, Any]]:
    return [
        {"start": round(w.start, 3), "end": round(w.end, 3), "first": w.first_char, "last": w.last_char}
        for w in part.words
    ]


def _delta(content: bytes) -> str:
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(content).decode()})


def _event(fields: dict[str, Any]) -> str:
    return f"event: {fields['type']}\ndata: {json.dumps(fields)}\n\n"


def _charge(service: Service, caller: Caller, job: Job) -> None:
    """After the answer: what was spoken counts as a draft does, by its characters."""
    cost = {"seconds": round(job.seconds, 6), "joules": round(job.seconds * WATTS_A_CORE, 3), "method": "estimate"}
    try:
        service.jobs.charge(caller.id, pixel_steps=PIXEL_STEPS * job.num_characters, cost=cost)
    except (StorageFull, DBAPIError) as error:
        log.warning("speech was not charged", extra={"error": type(error).__name__})
