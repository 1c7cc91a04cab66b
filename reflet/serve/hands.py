"""What a talk has done: each tool of generate/talk_tools.py carried out through the service's own jobs.

A picture of a talk is a job like any other: accepted on disk, moderated, charged, signed, in the gallery. A change
("make it night") makes the whole caption anew with the picture's own seed and settings: pictures of one seed share
their composition, so the rest stays (docs/chat.md shows it). A picture that was not made from words alone is edited.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from fastapi import Request
from jsonschema_rs import Draft202012Validator
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from reflet.generate.talk_tools import TOOLS
from reflet.runtime.errors import UserError
from reflet.serve.album import Shown, pick
from reflet.serve.answers import Wanted, cancel, job_error, looks
from reflet.serve.asking import Source, accept
from reflet.serve.auth import Caller
from reflet.serve.errors import ApiError, as_api_error
from reflet.serve.explaining import explain
from reflet.serve.images import Asked
from reflet.serve.links import link
from reflet.serve.payload import Payload
from reflet.serve.schemas import ImageRef, Wishes
from reflet.serve.service import Service
from reflet.store.pictures import Choice

FOUND = 6  # pictures that a search shows
VARIATIONS = 4
VARIED = {"low": 0.5, "medium": 0.7, "high": 0.9}  # strength of an edit: how much is made anew
SPOKEN = 4096  # characters, as /v1/audio/speech takes them
CHANGED = 0.85  # of an edit by words, where the picture did not come from words
SCHEMAS = {tool["function"]["name"]: Draft202012Validator(tool["function"]["parameters"]) for tool in TOOLS}
SCOPES = {"find": "read", "explain": "read", "speak": "chat"}  # of a key; what says it aloud asks for its own


@dataclass(frozen=True)
class Look:
    """A rough JPEG of the first picture on its way."""

    number: int
    content: bytes


@dataclass(frozen=True)
class Done:
    """What came of a call. `result` goes to the brain, and with it into the talk; `pictures` is what a page needs to
    show them; `more` what else it may say of the call."""

    result: dict[str, Any]
    pictures: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


Step = Look | Done


@dataclass(frozen=True)
class Manner:
    """How a talk's tools work. `rewrite`: the brain's captions are used; otherwise the person's own words."""

    rewrite: bool = True
    image_model: str | None = None
    previews: int = 0
    language: Literal["en", "fr"] = "en"


class Hands:
    """Carries out the calls of one answer. `shown`: the pictures of the talk so far; `said`: the last words of the
    person; `answered`: those of the brain before them."""

    def __init__(self, request: Request, service: Service, caller: Caller, manner: Manner) -> None:
        self.request, self.service, self.caller, self.manner = request, service, caller, manner
        self.shown: list[Shown] = []
        self.said = self.answered = ""

    async def carry_out(self, name: str, arguments: Any) -> AsyncIterator[Step]:
        """Looks on the way, then Done; whatever goes wrong is a result with `error`, in words for the person."""
        try:
            self._check(name, arguments)
            tools: dict[str, Callable[[dict[str, Any]], AsyncIterator[Step]]] = {
                "generate": self._generate,
                "edit": self._edit,
                "vary": self._vary,
                "upscale": self._upscale,
                "find": self._find,
                "explain": self._explain,
                "speak": self._speak,
            }
            if name not in tools:
                raise UserError(f"{name} is not possible here")
            async for step in tools[name](arguments):
                yield step
        except Exception as error:  # it belongs to this call: the talk goes on, and says so
            told = as_api_error(error)
            yield Done({"error": told.message}, more={"code": told.code})

    def _check(self, name: str, arguments: Any) -> None:
        if name not in SCHEMAS:
            raise UserError(f"there is no tool {name!r}")
        wrong = next(SCHEMAS[name].iter_errors(arguments), None)
        if wrong is not None:
            where = ".".join(str(part) for part in wrong.instance_path) or "the arguments"
            raise UserError(f"the call of {name} is not understood ({where}): say it in other words")
        scope = SCOPES.get(name, "images")
        if scope not in self.caller.scopes:
            raise ApiError(403, f"this key has no scope {scope!r}", code="insufficient_scope")

    # ------------------------------------------------------------------------------------------------ one for each tool
    async def _generate(self, told: dict[str, Any]) -> AsyncIterator[Step]:
        prompt = told["prompt"] if self.manner.rewrite else self.said or told["prompt"]
        artist, wanted = self.service.artist(self.manner.image_model), told.get("size")
        fits = artist is not None and wanted in {f"{w}x{h}" for w, h in artist.card.sizes}
        wishes = self._wishes(
            n=told.get("count", 1),
            size=wanted if fits else "auto",
            seed=told.get("seed"),
            style=told.get("style") if self.manner.rewrite else None,
            negative_prompt=told.get("without"),
        )
        note = None if fits or wanted is None else f"pictures of {wanted} are not made here: ask for it larger instead"
        async for step in self._make(wishes, prompt, note=note):
            yield step

    async def _edit(self, told: dict[str, Any]) -> AsyncIterator[Step]:
        picture, row = await self._picture(told["picture"])
        payload = _payload(row)
        prompt = told["prompt"] if self.manner.rewrite else f"{payload.asked}, {told['instruction']}".strip(", ")
        if row is None or not _from_words(payload):
            source = Source(await self._content(picture, row), strength=CHANGED)
            wishes = self._wishes(style=told.get("style"))
            async for step in self._make(wishes, prompt, source=source, of=picture):
                yield step
            return
        request = payload.request
        steps = {} if payload.kind == "upscale" else {"guidance_scale": request.get("guidance_scale")}
        if payload.kind != "upscale" and row.model in self.service.artists:
            steps |= {"num_inference_steps": payload.num_steps, "model": row.model}
        wishes = self._wishes(
            seed=int(row.seed),
            style=told.get("style") or payload.style,
            negative_prompt=request.get("negative_prompt") or None,
            **steps,
        )
        async for step in self._make(wishes, prompt, of=picture):
            yield step

    async def _vary(self, told: dict[str, Any]) -> AsyncIterator[Step]:
        picture, row = await self._picture(told["picture"])
        payload = _payload(row)
        strength = VARIED[told.get("strength", "medium")]
        source = Source(await self._content(picture, row), strength=strength, masked=False)
        wishes = self._wishes(n=told.get("count", VARIATIONS), style=payload.style)
        async for step in self._make(wishes, payload.asked, source=source, of=picture):
            yield step

    async def _upscale(self, told: dict[str, Any]) -> AsyncIterator[Step]:
        picture, row = await self._picture(told["picture"])
        source = Source(await self._content(picture, row), masked=False, factor=told.get("factor", 2))
        async for step in self._make(Wishes(), "", source=source, of=picture):
            yield step

    async def _find(self, told: dict[str, Any]) -> AsyncIterator[Step]:
        rows = await run_in_threadpool(self._search, told["query"], told.get("count", FOUND))
        pictures = [self._facts(row, _payload(row)) for row in rows]
        yield Done({"pictures": [_lean(p) for p in pictures], "found": len(pictures)}, pictures)

    async def _explain(self, told: dict[str, Any]) -> AsyncIterator[Step]:
        picture, row = await self._picture(told["picture"])
        content = await self._content(picture, row) if row is None else b""
        say = await run_in_threadpool(
            partial(explain, number=picture.number, aspect=told["aspect"], language=self.manner.language),
            self.service,
            row,
            content,
        )
        yield Done({"say": say, "picture": picture.number})

    async def _speak(self, told: dict[str, Any]) -> AsyncIterator[Step]:
        """What is to be said, and how: whoever shows the talk asks /v1/audio/speech for the sound, as it comes."""
        if getattr(self.service.settings, "voice", None) is None:
            raise UserError("no voice is installed here")
        text = told.get("text") or self.answered
        if not text.strip():
            raise UserError("there is nothing to say yet")
        speech = {"input": text[:SPOKEN]} | {
            name: told[part] for name, part in (("voice", "voice"), ("instructions", "instruction")) if part in told
        }
        yield Done({"spoken": True}, more={"speech": speech})

    # ------------------------------------------------------------------------------------------------------ their parts
    def _wishes(self, **values: Any) -> Wishes:
        previews = self.manner.previews
        base = {"model": self.manner.image_model, "stream": previews > 0, "partial_images": previews}
        return Wishes(**{**base, **{name: value for name, value in values.items() if value is not None}})

    async def _make(
        self,
        wishes: Wishes,
        prompt: str,
        *,
        source: Source | None = None,
        of: Shown | None = None,
        note: str | None = None,
    ) -> AsyncIterator[Step]:
        """One job, followed to its end; cancelled when nobody listens any more."""
        service, ended = self.service, False
        job_id, _ = await accept(service, self.caller, wishes, prompt, source=source)
        try:
            async for event in looks(service, self.request, Wanted(job_id, url=True, keep=False)):
                if event.kind == "preview":
                    yield Look(event.number, event.content)
            ended = True
        finally:
            if not ended:  # nothing may be awaited in a generator that is being closed: another thread does it
                asyncio.get_running_loop().run_in_executor(None, cancel, service, job_id)
        job = await run_in_threadpool(service.jobs.get, job_id)
        if job is None or job.status != "done":
            stopped = ApiError(409, "it was cancelled", code="cancelled")
            raise job_error(job) if job is not None and job.error else stopped
        rows = await run_in_threadpool(service.pictures.of_job, job_id)
        payload = Payload.from_json(job.payload)
        pictures = [self._facts(row, payload, job=job) for row in rows]
        result: dict[str, Any] = {"pictures": [_lean(p) for p in pictures], "asked": self.said[:500]}
        result |= {name: value for name, value in (("of", of and of.number), ("note", note)) if value}
        yield Done(result, pictures, {"cost": job.cost})

    async def _picture(self, reference: str) -> tuple[Shown, Row[Any] | None]:
        """A picture of the talk, and its row where it was made here. Raises UserError and ApiError."""
        picture = pick(self.shown, reference)
        if picture.id is None:
            if picture.address is None:
                raise UserError(f"picture {picture.number} cannot be found any more")
            return picture, None
        row = await run_in_threadpool(self.service.pictures.shown, picture.id)
        if row is None or row.key_id != self.caller.id:
            raise UserError(f"picture {picture.number} is not there any more")
        return picture, row

    async def _content(self, picture: Shown, row: Row[Any] | None) -> bytes:
        ref = ImageRef(picture_id=picture.id) if row is not None else ImageRef(image_url=picture.address)
        return await run_in_threadpool(Asked(self.request, self.service, self.caller, None, None).referred, ref)

    def _search(self, query: str, count: int) -> Sequence[Row[Any]]:
        """Pictures with all the words; where there are none, those with most of them."""
        found = self.service.pictures.list(Choice(self.caller.id, query.replace("\x00", "")), limit=count)
        if found:
            return found
        hits: dict[str, tuple[int, Row[Any]]] = {}
        for word in [w for w in query.split() if len(w) > 2][:8]:
            for row in self.service.pictures.list(Choice(self.caller.id, word), limit=50):
                hits[row.id] = (hits.get(row.id, (0, row))[0] + 1, row)
        ranked = sorted(hits.values(), key=lambda hit: (-hit[0], -hit[1].created_at))
        return [row for _, row in ranked[:count]]

    def _facts(self, row: Row[Any], payload: Payload, *, job: Row[Any] | None = None) -> dict[str, Any]:
        """A picture as a page shows it, with everything that makes it again."""
        return {
            "id": row.id,
            "url": link(self.service, self.request, row.id),
            "thumbnail_url": link(self.service, self.request, row.id, thumbnail=True),
            "width": row.width,
            "height": row.height,
            "seed": int(row.seed),
            "prompt": payload.asked,
            "style": payload.style,
            "kind": payload.kind,
            "model": row.model if job is None else job.model,
        }


def _from_words(payload: Payload) -> bool:
    """Whether caption and seed alone make the picture again (an enlarged one has them of the one it came from)."""
    blended = bool(payload.request.get("blend"))
    return bool(payload.asked.strip()) and payload.kind in ("generation", "upscale") and not blended


def _payload(row: Row[Any] | None) -> Payload:
    return Payload.empty() if row is None or not row.payload else Payload.from_json(row.payload)


def _lean(picture: dict[str, Any]) -> dict[str, Any]:
    """What the talk keeps of a picture."""
    kept = {"id": picture["id"], "prompt": picture["prompt"][:500], "seed": picture["seed"]}
    return kept if picture["style"] is None else {**kept, "style": picture["style"]}
