"""One sample of a training set: the picture, its captions, and where it comes from with what right."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    """`image` holds the encoded bytes (JPEG, PNG or WebP; FLAC in a set of speech); `sha256` is of exactly these bytes.

    `annotations` maps a file ending to further encoded bytes of the same sample, e.g. {"mask.png": ...}.
    `meta` is JSON-able: for rendered pictures the scene graph under "graph", for ingested ones under "ingest" the name,
    format and SHA-256 of the file they were, and what was changed.

    `captions` are those that training reads; `languages` keeps all there are, by BCP 47 tag, where a source names
    languages. `attribution` is the line to print beside the picture, `contract` the reference of a consent or contract,
    `date` when the picture was made (ISO 8601, as much of it as is known). The four are empty where nothing is known.
    """

    key: str
    image: bytes
    image_ending: str
    captions: tuple[str, ...]
    source: str
    license: str
    author: str
    sha256: str
    meta: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, bytes] = field(default_factory=dict)
    attribution: str = ""
    contract: str = ""
    date: str = ""
    languages: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def create(
        cls,
        key: str,
        *,
        image: bytes,
        image_ending: str,
        captions: tuple[str, ...],
        source: str,
        license: str,
        author: str,
        meta: dict[str, Any] | None = None,
        annotations: dict[str, bytes] | None = None,
        attribution: str = "",
        contract: str = "",
        date: str = "",
        languages: dict[str, tuple[str, ...]] | None = None,
    ) -> Record:
        """A record whose hash is computed here. Raises ValueError for a key that a tar archive could not carry."""
        if not key or "." in key or "/" in key:
            raise ValueError(f"record key {key!r} must be non-empty, without dots and slashes")
        if not license:
            raise ValueError(f"record {key!r} has no licence: name it by its SPDX identifier")
        return cls(
            key=key,
            image=image,
            image_ending=image_ending,
            captions=captions,
            source=source,
            license=license,
            author=author,
            sha256=hashlib.sha256(image).hexdigest(),
            meta=meta or {},
            annotations=annotations or {},
            attribution=attribution,
            contract=contract,
            date=date,
            languages=languages or {},
        )

    def describe(self) -> bytes:
        """The JSON member that travels beside the picture. Fields that are empty are left out, so that sets made before
        there were such fields keep their bytes."""
        body: dict[str, Any] = {
            "captions": list(self.captions),
            "source": self.source,
            "license": self.license,
            "author": self.author,
            "sha256": self.sha256,
            "meta": self.meta,
        }
        known = {"attribution": self.attribution, "contract": self.contract, "date": self.date}
        body |= {name: value for name, value in known.items() if value}
        if self.languages:
            body["languages"] = {tag: list(texts) for tag, texts in self.languages.items()}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def verify(self) -> None:
        """Raises ValueError, naming the record, when the picture is not the one that was recorded."""
        if hashlib.sha256(self.image).hexdigest() != self.sha256:
            raise ValueError(f"record {self.key!r} is damaged: its picture's SHA-256 is not the recorded one")
