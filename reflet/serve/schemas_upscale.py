"""What may be asked of an upscaler."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from reflet.serve.schemas import ImageRef, Name, OutputFormat, Strict


class UpscaleFields(Strict):
    """The fields of an upscales form, without its file."""

    factor: Annotated[int, Field(ge=2, le=4, multiple_of=2)] = 2
    model: Name | None = None
    output_format: OutputFormat | None = "png"
    output_compression: Annotated[int, Field(ge=0, le=100)] | None = 100
    response_format: Literal["url", "b64_json"] | None = None
    stream: bool | None = False
    user: Annotated[str, StringConstraints(max_length=512)] | None = None


class UpscaleRequest(UpscaleFields):
    """The JSON body of upscales; the form has `image` as a file."""

    image: ImageRef
