"""A job's content, as it stands in the database: what to make, in full, so that any worker can make it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from reflet.generate.encode import PictureFormat
from reflet.generate.request import ImageRequest


@dataclass
class Payload:
    """What a job makes. `request` is picture 0's ImageRequest as JSON; picture k takes the seed + k. `width` and
    `height` are those of the answer: an artist's pictures are fitted to them. `picture` and `mask` name blobs."""

    request: dict[str, Any]
    n: int
    width: int
    height: int
    picture_format: PictureFormat = "png"
    compression: int = 100
    partials: int = 0
    picture: str | None = None
    mask: str | None = None
    masked: bool = True
    factor: int | None = None  # how many times larger, where the artist is an upscaler
    strength: float | None = None
    weight: float = 1.0
    quality: str = "medium"
    input_tokens: int = 0
    trace: str = ""  # the span of the request, as a W3C traceparent
    prompt: str | None = None  # as it was asked, without the style's words
    blend_prompt: str | None = None
    style: str | None = None
    kind: Literal["generation", "edit", "variation", "upscale"] = "generation"
    parent: str | None = None  # the picture of the key's own that an edit began with
    sent: int = 0  # previews so far; counts in the worker only

    @property
    def num_steps(self) -> int:
        return int(self.request["num_steps"])

    def request_for(self, number: int) -> ImageRequest:
        """The request for picture `number`, alone."""
        values = dict(self.request)
        values["guidance_interval"] = tuple(values["guidance_interval"])
        request = ImageRequest(**values)
        return request.alone(number)

    def to_json(self) -> dict[str, Any]:
        """With the names of its blobs in one list, for those who sweep."""
        return {**asdict(self), "blobs": [name for name in (self.picture, self.mask) if name]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Payload:
        """Raises KeyError or TypeError for what another version wrote."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in values.items() if k in known})

    @property
    def asked(self) -> str:
        """The prompt without its style; with it, where another version did not keep them apart."""
        return self.request.get("prompt", "") if self.prompt is None else self.prompt

    @classmethod
    def empty(cls) -> Payload:
        """Of a job whose own cannot be read."""
        return cls(request={"num_steps": 1}, n=1, width=1, height=1)
