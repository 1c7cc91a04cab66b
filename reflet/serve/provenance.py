"""What pictures carry when they leave the service: the mark in the pixels, the IPTC field, a signed manifest.

docs/rights.md says what each is worth. A remote model's pictures are signed for what they are: made by that model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from reflet.generate.provenance import Claim, installed_signer, xmp
from reflet.generate.stepwise import Card, Pixels
from reflet.generate.verify_sound import examine
from reflet.generate.watermark import mark


class Provenance(Protocol):
    """What every picture passes before it is stored and leaves. `edited`: it was made from another one, `parent`.
    Called from the decoding thread, in this order."""

    def mark(self, pixels: Pixels, bundle: Card, *, edited: bool) -> Pixels:
        """The pixels that leave."""
        ...

    def packet(self, bundle: Card, *, edited: bool) -> str | None:
        """XMP for the file, or none."""
        ...

    def sign(self, content: bytes, bundle: Card, *, parent: bytes | None = None) -> bytes:
        """The file that leaves."""
        ...

    def verify(self, content: bytes) -> dict[str, Any]:
        """What is known of a file's origin, as JSON, with "signed". Raises UserError when it is no picture."""
        ...


@dataclass(frozen=True)
class Credentials:
    """The installation's own key. `watermark`: pixels are marked as well."""

    watermark: bool = True

    def claim(self, bundle: Card, *, edited: bool) -> Claim:
        """What the manifest says."""
        return Claim(bundle.name, bundle.digest, edited=edited, composite=bool(bundle.upscales))

    def mark(self, pixels: Pixels, bundle: Card, *, edited: bool) -> Pixels:
        """The pixels with the mark of the bundle."""
        return mark(pixels, self.claim(bundle, edited=edited).payload) if self.watermark else pixels

    def packet(self, bundle: Card, *, edited: bool) -> str | None:
        """IPTC's digital source type."""
        return xmp(self.claim(bundle, edited=edited))

    def sign(self, content: bytes, bundle: Card, *, parent: bytes | None = None) -> bytes:
        """With a C2PA manifest; the parent of an edit is named in it. Raises UserError when the key cannot be used."""
        claim = self.claim(bundle, edited=parent is not None)
        return installed_signer().sign(content, claim, parent=parent, watermarked=self.watermark)

    def verify(self, content: bytes) -> dict[str, Any]:
        """A Verdict; the search for the mark is the quick one, since a server answers."""
        found = examine(content, thorough=False).to_json()
        return {"signed": found["standing"] in ("signed", "edited"), **found}
