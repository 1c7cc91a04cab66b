"""/v1/images: generations, edits, variations; and Microsoft's shape of the same under /mai/v1/images."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from reflet.serve import forms
from reflet.serve.answers import HUNG_UP, Wanted, cancel, job_status, stream, wait
from reflet.serve.asking import Source, accept
from reflet.serve.auth import Caller, caller_with, guarded
from reflet.serve.errors import ApiError, not_found
from reflet.serve.schemas import (
    EditFields,
    EditRequest,
    GenerationRequest,
    ImageRef,
    ImagesResponse,
    JobStatus,
    MaiEdit,
    MaiGeneration,
    VariationFields,
    Wishes,
)
from reflet.serve.schemas_upscale import UpscaleFields, UpscaleRequest
from reflet.serve.service import Service, service_of

router = guarded("images", tags=["images"])
Asking = Annotated[Caller, Depends(caller_with("images"))]
Serving = Annotated[Service, Depends(service_of)]
Once = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]
Prefer = Annotated[str | None, Header(max_length=100, description="`respond-async`: answer 202 with the job at once")]
EVENT = {
    "type": "object",
    "description": "One event: `data` is JSON with the same `type`, as OpenAI's clients expect it.",
    "properties": {"event": {"type": "string"}, "data": {"type": "string", "contentMediaType": "application/json"}},
    "required": ["event", "data"],
}
STREAM = {"text/event-stream": {"schema": EVENT}}
BOTH: dict[int | str, dict[str, Any]] = {
    200: {"content": STREAM, "description": "The pictures, or the stream of them."},
    202: {"model": JobStatus, "description": "The job, when the request said `Prefer: respond-async`."},
}
MAX_IMAGES = 16
T = TypeVar("T", bound=BaseModel)


@router.post("/v1/images/generations", response_model=ImagesResponse, responses=BOTH)
async def generations(
    body: GenerationRequest,
    request: Request,
    service: Serving,
    caller: Asking,
    *,
    idempotency_key: Once = None,
    prefer: Prefer = None,
) -> Any:
    """Pictures of a prompt."""
    asked = Asked(request, service, caller, idempotency_key, prefer)
    return await asked.answer(body, body.prompt, kind="image_generation")


@router.post("/v1/images/edits", response_model=ImagesResponse, responses=BOTH, openapi_extra=forms.EDITS)
async def edits(
    request: Request, service: Serving, caller: Asking, idempotency_key: Once = None, prefer: Prefer = None
) -> Any:
    """A picture anew: all of it a little (`strength`), or what a mask leaves transparent."""
    asked = Asked(request, service, caller, idempotency_key, prefer)
    if request.headers.get("content-type", "").lower().startswith("application/json"):
        body = parsed(EditRequest, await forms.json_body(request))
        pictures = [await run_in_threadpool(asked.referred, ref) for ref in body.images]
        mask = None if body.mask is None else await run_in_threadpool(asked.referred, body.mask)
        fields: EditFields | EditRequest = body
    else:
        values, files = await forms.read(request, files=("image", "image[]", "mask"))
        fields = parsed(EditFields, values)
        pictures = files.get("image", []) + files.get("image[]", [])
        mask = next(iter(files.get("mask", [])), None)
    if not pictures:
        raise ApiError(400, "an edit needs a picture", code="missing_required_parameter", param="image")
    if len(pictures) > 1:
        message = "this model looks at one picture: send one image"
        raise ApiError(400, message, code="too_many_images", param="image")
    source = Source(pictures[0], mask, fields.strength)
    return await asked.answer(fields, fields.prompt, source=source, kind="image_edit")


@router.post("/v1/images/variations", response_model=ImagesResponse, responses=BOTH, openapi_extra=forms.VARIATIONS)
async def variations(
    request: Request, service: Serving, caller: Asking, idempotency_key: Once = None, prefer: Prefer = None
) -> Any:
    """Other pictures like one, without words."""
    values, files = await forms.read(request, files=("image",))
    fields = parsed(VariationFields, values)
    if not files.get("image"):
        raise ApiError(400, "a variation needs a picture", code="missing_required_parameter", param="image")
    wishes = Wishes(**fields.model_dump(exclude={"strength"}))
    source = Source(files["image"][0], None, 0.7 if fields.strength is None else fields.strength, masked=False)
    asked = Asked(request, service, caller, idempotency_key, prefer)
    return await asked.answer(wishes, "", source=source, kind="image_edit")


@router.post("/v1/images/upscales", response_model=ImagesResponse, responses=BOTH, openapi_extra=forms.UPSCALES)
async def upscales(
    request: Request, service: Serving, caller: Asking, idempotency_key: Once = None, prefer: Prefer = None
) -> Any:
    """A picture two or four times as large, by a small learned upscaler."""
    asked = Asked(request, service, caller, idempotency_key, prefer)
    if request.headers.get("content-type", "").lower().startswith("application/json"):
        body = parsed(UpscaleRequest, await forms.json_body(request))
        pictures = [await run_in_threadpool(asked.referred, body.image)]
        fields: UpscaleFields = body
    else:
        values, files = await forms.read(request, files=("image",))
        fields, pictures = parsed(UpscaleFields, values), files.get("image", [])
    if not pictures:
        raise ApiError(400, "there is nothing to enlarge", code="missing_required_parameter", param="image")
    wishes = Wishes(**fields.model_dump(exclude={"factor", "image"}))
    source = Source(pictures[0], masked=False, factor=fields.factor)
    return await asked.answer(wishes, "", source=source, kind="image_edit")


@router.post("/mai/v1/images/generations", response_model=ImagesResponse, tags=["mai"])
async def mai_generations(body: MaiGeneration, request: Request, service: Serving, caller: Asking) -> Any:
    """Microsoft's shape: width and height of at least 768, together at most 1,048,576 pixels; the picture is enlarged
    from a size that the model makes."""
    if body.width * body.height > 1_048_576:
        message = f"width x height is {body.width * body.height}: at most 1,048,576"
        raise ApiError(400, message, code="invalid_size", param="width")
    size = "1024x1024" if body.auto_aspect_ratio else f"{body.width}x{body.height}"
    wishes = Wishes(model=_foreign(service, body.model), size=size)
    return await Asked(request, service, caller, None, None).answer(wishes, body.prompt, kind="image_generation")


@router.post("/mai/v1/images/edits", response_model=ImagesResponse, tags=["mai"], openapi_extra=forms.MAI_EDITS)
async def mai_edits(request: Request, service: Serving, caller: Asking) -> Any:
    """Microsoft's shape: model, prompt, one image."""
    values, files = await forms.read(request, files=("image",))
    fields = parsed(MaiEdit, values)
    if not files.get("image"):
        raise ApiError(400, "an edit needs a picture", code="missing_required_parameter", param="image")
    source = Source(files["image"][0])
    return await Asked(request, service, caller, None, None).answer(
        fields, fields.prompt, source=source, kind="image_edit"
    )


def _foreign(service: Service, model: str) -> str:
    """An alias of the model: the clients of this shape ask for sizes that a model of one's own may not make."""
    aliases = service.settings.aliases
    return model if model in aliases else next((a for a, name in aliases.items() if name == model), model)


class Asked:
    """One request on its way: accepted, waited for, answered."""

    def __init__(
        self, request: Request, service: Service, caller: Caller, once: str | None, prefer: str | None
    ) -> None:
        self.request, self.service, self.caller, self.once = request, service, caller, once
        self.at_once = prefer is not None and "respond-async" in prefer.lower()

    async def answer(self, wishes: Wishes, prompt: str, *, kind: str, source: Source | None = None) -> Any:
        """The pictures, the stream, or the job."""
        service = self.service
        if not wishes.stream and wishes.partial_images:
            message = "partial_images needs stream: true"
            raise ApiError(400, message, code="invalid_value", param="partial_images")
        job_id, _ = await accept(service, self.caller, wishes, prompt, source=source, idempotency_key=self.once)
        if self.at_once:
            row = await run_in_threadpool(service.jobs.get, job_id)
            if row is None:
                raise not_found("job")
            status = await run_in_threadpool(job_status, service, row)
            headers = {"Location": f"/v1/jobs/{job_id}", "Preference-Applied": "respond-async"}
            return JSONResponse(status.model_dump(), status_code=202, headers=headers)
        format_ = wishes.response_format
        url = format_ == "url" or (format_ is None and (wishes.model or "").startswith("dall-e"))
        wanted = Wanted(job_id, url, self.once is not None, cast("Any", kind))
        if wishes.stream:
            return stream(service, self.request, wanted)
        try:
            answer = await wait(service, self.request, wanted)
        except ApiError as error:
            if error.status != HUNG_UP:
                raise
            if not wanted.keep:
                await run_in_threadpool(cancel, service, job_id)
            return Response(status_code=204)  # nobody is there to read it
        # Written here: the framework would check it and take it apart again first, a millisecond for a picture.
        return Response(answer.model_dump_json(), media_type="application/json")

    def referred(self, ref: ImageRef) -> bytes:
        """The bytes of a data URL, an uploaded file or an own picture. Raises ApiError: addresses are not fetched."""
        if sum(name is not None for name in (ref.image_url, ref.file_id, ref.picture_id)) != 1:
            message = "give exactly one of image_url, file_id and picture_id"
            raise ApiError(400, message, code="invalid_value", param="images")
        if ref.picture_id is not None:
            return self._made_here(ref.picture_id)
        if ref.file_id is not None:
            row = self.service.batches.file(ref.file_id, key_id=self.caller.id)
            if row is None:
                raise not_found("file")
            return self.service.blobs.get(row.blob)
        head, _, content = (ref.image_url or "").partition(",")
        if not (head.startswith("data:") and head.endswith(";base64")):
            message = "image_url must be a data URL (data:image/png;base64,...): addresses are not fetched"
            raise ApiError(400, message, code="invalid_image_url", param="images")
        try:
            return base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ApiError(400, "the data URL is not base64", code="invalid_image_url", param="images") from error

    def _made_here(self, picture_id: str) -> bytes:
        row = self.service.pictures.get(picture_id)
        if row is None or row.key_id != self.caller.id:
            raise not_found("picture")
        try:
            return self.service.blobs.get(row.blob)
        except FileNotFoundError as error:
            raise not_found("picture") from error


def parsed(model: type[T], values: Any) -> T:
    """A form's or a body's values, checked like any other body."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error
