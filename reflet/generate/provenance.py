"""What a picture says of where it comes from: a signed C2PA manifest, the IPTC field, and the mark in its pixels.

`seal` does all three and is what every picture passes on its way out (`Picture.png`, the command line). A service
that encodes its own pictures calls the parts:

    signer = Signer.load()                              once; safe to share between threads
    pixels = mark(pixels, payload_of(claim.bundle_sha256))          (watermark.py)
    content = encode(pixels, "png", claim=claim)        PNG, JPEG or WebP with the IPTC field
    content = signer.sign(content, claim)               about 2 ms and 4 kB

`verify.verify(content)` reads all of it back.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import reflet
from reflet.generate.encode import write_png
from reflet.generate.watermark import mark, payload_of
from reflet.runtime.errors import UserError

if TYPE_CHECKING:
    import c2pa

    from reflet.generate.keys import SigningKey

Kind = Literal["png", "jpeg", "webp"]
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MODEL, BINDING, WATERMARK = "org.reflet.model", "c2pa.soft-binding", "org.reflet.watermark.1"
PARENT = "parent"


@dataclass(frozen=True)
class Claim:
    """What is said of a picture. Hashes are SHA-256 in hex: of the bundle's manifest, and of its bill of materials.

    `edited`: made from another picture, its parent. `composite`: parts of that parent's pixels are kept. `facts` join
    the manifest's assertion "org.reflet.model" (JSON-able; public, so no prompt unless it may be).
    """

    model: str
    bundle_sha256: str
    bill_of_materials_sha256: str | None = None
    edited: bool = False
    composite: bool = False
    title: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def source_type(self) -> str:
        """IPTC's term for how the picture came to be."""
        return SOURCE_TYPES + ("compositeWithTrainedAlgorithmicMedia" if self.composite else "trainedAlgorithmicMedia")

    @property
    def payload(self) -> int:
        """What the mark in the pixels says."""
        return payload_of(self.bundle_sha256, edited=self.edited)

    def manifest(self, kind: Kind, *, watermarked: bool, title: str) -> dict[str, Any]:
        """The manifest's definition as c2pa takes it."""
        agent = {"name": "Reflet", "version": reflet.__version__}
        done = {
            "action": "c2pa.edited" if self.edited else "c2pa.created",
            "digitalSourceType": self.source_type,
            "softwareAgent": agent,
            "description": f"made by the model {self.model}",
        }
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
        model = {
            "model": self.model,
            "bundle_sha256": self.bundle_sha256,
            "bill_of_materials_sha256": self.bill_of_materials_sha256,
            **self.facts,
        }
        assertions = [
            {"label": "c2pa.actions.v2", "data": {"actions": [opened, done] if self.edited else [done]}},
            {"label": MODEL, "data": {k: v for k, v in model.items() if v is not None}},
        ]
        if watermarked:
            value = base64.b64encode(self.payload.to_bytes(4, "big")).decode()
            binding = {"alg": WATERMARK, "blocks": [{"scope": {}, "value": value}]}
            assertions.append({"label": BINDING, "data": binding})
        return {
            "claim_generator_info": [agent],
            "title": self.title or title,
            "format": f"image/{kind}",
            "assertions": assertions,
        }


class Signer:
    """Signs pictures with one key. Make it by `Signer.load()`; it may be shared between threads."""

    def __init__(self, key: SigningKey) -> None:
        import c2pa

        self.key = key
        try:
            self._signer = c2pa.Signer.from_info(
                c2pa.C2paSignerInfo(key.algorithm.encode(), key.chain.encode(), key.private.encode(), None)
            )
        except c2pa.C2paError as error:
            raise UserError(f"C2PA cannot sign with the certificate {key.name} ({error}): use another") from error
        self._context = _context()
        self._try()

    @classmethod
    def load(cls, place: Path | None = None) -> Signer:
        """The signer of this installation (`place` instead of $REFLET_HOME), its key made at first use, or of the
        organisation that REFLET_CERTIFICATE and REFLET_KEY name. Raises UserError for keys that cannot be used."""
        from reflet.generate.keys import load_key  # cryptography takes 40 ms to import

        return cls(load_key(place))

    def _try(self) -> None:
        """Signs a speck and reads it: a certificate of the wrong kind can sign what no reader takes."""
        import c2pa

        try:
            speck = self.sign(encode(np.zeros((1, 1, 3), np.uint8)), Claim("none", "none"), watermarked=False)
        except c2pa.C2paError as error:
            raise UserError(f"C2PA cannot sign with the certificate {self.key.name} ({error}): use another") from error
        with c2pa.Reader("image/png", BytesIO(speck), context=self._context) as reader:
            results = (reader.get_validation_results() or {}).get("activeManifest") or {}
        codes = [str(f.get("code")) for f in results.get("failure", [])]
        codes = [code for code in codes if code != "signingCredential.untrusted"]
        if codes:
            raise UserError(
                f"pictures signed with the certificate {self.key.name} would not be valid ({', '.join(codes)}): "
                "use one with the extended key usage emailProtection and its whole chain"
            )

    def sign(self, content: bytes, claim: Claim, *, parent: bytes | None = None, watermarked: bool = True) -> bytes:
        """PNG, JPEG or WebP -> the same file with the manifest; `parent` is the file that an edit began with, whose own
        manifest travels on inside. Everything happens in memory. Raises UserError for a parent that is no picture.
        """
        import c2pa

        if claim.edited != (parent is not None):
            raise ValueError("an edit has a parent, and only an edit")
        kind = kind_of(content)
        if kind is None:
            raise ValueError("only PNG, JPEG and WebP can be signed")
        definition = claim.manifest(kind, watermarked=watermarked, title=f"picture.{kind}")
        builder = c2pa.Builder(definition, context=self._context)
        if parent is not None:
            parent_kind = kind_of(parent)
            if parent_kind is None:
                raise UserError("the picture to edit is neither PNG, JPEG nor WebP: convert it first")
            ingredient = {"title": f"parent.{parent_kind}", "relationship": "parentOf", "label": PARENT}
            try:
                builder.add_ingredient(ingredient, f"image/{parent_kind}", BytesIO(parent))
            except c2pa.C2paError as error:
                raise UserError(f"the picture to edit is damaged ({error}): save it anew and try again") from error
        out = BytesIO()
        builder.sign(self._signer, f"image/{kind}", BytesIO(content), out)
        return out.getvalue()

    def sign_sound(self, content: bytes, definition: dict[str, Any], media_type: str) -> bytes:
        """WAV, MP3 or FLAC -> the same file with a manifest (see sound_trust.py)."""
        import c2pa

        out = BytesIO()
        c2pa.Builder(definition, context=self._context).sign(self._signer, media_type, BytesIO(content), out)
        return out.getvalue()


@lru_cache(maxsize=1)
def _context() -> c2pa.Context:
    """No thumbnails (they cost 30 ms and 100 kB to 1 MB) and nothing fetched from anywhere."""
    import c2pa

    verify = {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False}
    return c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}, "verify": verify})


@lru_cache(maxsize=4)
def installed_signer(place: Path | None = None) -> Signer:
    """`Signer.load`, once a process."""
    return Signer.load(place)


def seal(
    pixels: NDArray[np.uint8],
    claim: Claim,
    *,
    kind: Kind = "png",
    text: dict[str, str] | None = None,
    parent: bytes | None = None,
    watermark: bool = True,
    signer: Signer | None = None,
) -> bytes:
    """(H, W, 3) RGB -> an encoded picture that carries the mark, the IPTC field and a signed manifest.

    `text` are PNG text chunks. The pixels and all but the manifest (which has a time and an identity) are a function of
    the arguments. Raises UserError when this installation's keys cannot be used.
    """
    signer = signer or installed_signer()
    marked = mark(pixels, claim.payload) if watermark else pixels
    content = encode(marked, kind, claim=claim, text=text)
    return signer.sign(content, claim, parent=parent, watermarked=watermark)


def encode(
    pixels: NDArray[np.uint8],
    kind: Kind = "png",
    *,
    claim: Claim | None = None,
    text: dict[str, str] | None = None,
    quality: int = 95,
) -> bytes:
    """(H, W, 3) RGB -> PNG, JPEG or WebP; with a claim, its IPTC digital source type as XMP; `text` for PNG only."""
    packet = xmp(claim) if claim else None
    if kind == "png":
        return write_png(pixels, text=text or {}, xmp=packet)
    out, extra = BytesIO(), {"xmp": packet.encode()} if packet else {}
    Image.fromarray(pixels).save(out, kind.upper(), quality=quality, **extra)
    return out.getvalue()


def xmp(claim: Claim) -> str:
    """The XMP packet: IPTC's DigitalSourceType, and the tool. Some programs that drop a manifest keep this."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'Iptc4xmpExt:DigitalSourceType="{claim.source_type}" '
        f'xmp:CreatorTool="Reflet {reflet.__version__}"/>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )


def kind_of(content: bytes) -> Kind | None:
    """What an encoded picture is by its first bytes, whatever its name says; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return None
