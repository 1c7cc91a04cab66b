"""Multipart forms, read by hand: OpenAI's clients name one and the same field `image` or `image[]`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from reflet.serve.errors import ApiError
from reflet.serve.schemas import EditFields, EditRequest, MaiEdit, VariationFields
from reflet.serve.schemas_upscale import UpscaleFields, UpscaleRequest

MAX_FILES, MAX_FIELDS = 20, 40
FILE = {"type": "string", "format": "binary"}


def _form(fields: dict[str, Any], files: dict[str, Any], *, required: Sequence[str]) -> dict[str, Any]:
    properties = {**fields["properties"], **files}
    return {
        "schema": {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        }
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Form values are words: null cannot be said."""
    out = dict(schema)
    out["properties"] = {name: _without_null(value) for name, value in schema["properties"].items()}
    return out


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in value.get("anyOf", ()) if kind != {"type": "null"}]
    return {**kinds[0], **{k: v for k, v in value.items() if k not in ("anyOf", "default")}} if kinds else value


_EDIT = _plain(EditFields.model_json_schema())
_JSON = EditRequest.model_json_schema(ref_template="#/components/schemas/{model}")
_REF = _JSON.pop("$defs")["ImageRef"]
_JSON["properties"]["images"]["items"] = _REF
_JSON["properties"]["mask"] = {"anyOf": [_REF, {"type": "null"}]}
EDITS = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": _form(
                _EDIT, {"image": FILE, "image[]": FILE, "mask": FILE}, required=("prompt", "image")
            ),
            "application/json": {"schema": _JSON},
        },
    }
}
VARIATIONS = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": _form(
                _plain(VariationFields.model_json_schema()), {"image": FILE}, required=("image",)
            )
        },
    }
}
_ENLARGED = UpscaleRequest.model_json_schema(ref_template="#/components/schemas/{model}")
_ENLARGED["properties"]["image"] = _ENLARGED.pop("$defs")["ImageRef"]
UPSCALES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": _form(
                _plain(UpscaleFields.model_json_schema()), {"image": FILE}, required=("image",)
            ),
            "application/json": {"schema": _ENLARGED},
        },
    }
}
MAI_EDITS = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": _form(
                _plain(MaiEdit.model_json_schema()), {"image": FILE}, required=("prompt", "image")
            )
        },
    }
}


async def read(request: Request, *, files: Sequence[str]) -> tuple[dict[str, Any], dict[str, list[bytes]]]:
    """(the form's fields, its files by name). A field that comes twice, a file where words belong and the other way
    round are refused. Raises ApiError."""
    kind = request.headers.get("content-type", "").lower()
    if not kind.startswith("multipart/form-data"):
        raise ApiError(400, "the body must be multipart/form-data", code="invalid_content_type")
    try:
        form = await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=1 << 20)
    except (MultiPartException, HTTPException, KeyError, ValueError) as error:
        if isinstance(error, HTTPException) and error.status_code == 413:
            raise
        raise ApiError(400, "the form cannot be read", code="invalid_form") from error
    values: dict[str, Any] = {}
    found: dict[str, list[bytes]] = {}
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if name not in files:
                    message = f"there is no file parameter {_shown(name)}"
                    raise ApiError(400, message, code="unknown_parameter", param=_shown(name))
                found.setdefault(name, []).append(await value.read())
            elif name in files:
                message = f"{name} must be a file, but is text"
                raise ApiError(400, message, code="invalid_type", param=name)
            elif name in values:
                message = f"{_shown(name)} came twice"
                raise ApiError(400, message, code="duplicate_parameter", param=_shown(name))
            else:
                values[name] = value
    finally:
        await form.close()
    return values, found


async def json_body(request: Request) -> Any:
    """The body as JSON. Raises ApiError."""
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "the body is not valid JSON", code="invalid_json") from error


def _shown(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode()[:60]
