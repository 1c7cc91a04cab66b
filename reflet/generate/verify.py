"""What is known of a picture, in words: its manifest, its IPTC field, and the mark in its pixels.

A file is hostile until shown otherwise: its size and its number of pixels are checked before anything is decoded, only
PNG, JPEG and WebP are read, nothing is fetched from anywhere, and what it says of itself is reported, never followed.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reflet.generate.keys import trust_anchors
from reflet.generate.provenance import MODEL, Kind, kind_of
from reflet.generate.watermark import PUBLIC_KEY, describe_payload, find, hashed
from reflet.runtime.errors import UserError

MAX_BYTES = 32 * 2**20
MAX_PIXELS = 50_000_000
SOUNDS = {"wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac"}
SAID = 120  # characters of what a file says of itself that are repeated

Standing = Literal["signed", "edited", "stripped", "tampered", "foreign"]


@dataclass(frozen=True)
class Watermark:
    """The mark: the first six hex digits of the bundle's SHA-256, or None where the mark is there but unreadable."""

    bundle: str | None
    edited: bool | None
    score: float
    threshold: float
    scale: float


@dataclass(frozen=True)
class Verdict:
    """`standing`, in one word:

    signed     an intact manifest of Reflet's, made here or (not `trusted`) by a key that is not known here
    edited     the same, and the picture was made from another one
    stripped   no manifest, but the mark is in the pixels: Reflet made them
    tampered   there is a manifest, and it does not hold: the file is not the one that was signed
    foreign    nothing here says Reflet

    `sentences` say what is known and what is not; the other fields are for programs.
    """

    standing: Standing
    sentences: tuple[str, ...]
    trusted: bool = False
    signer: str | None = None
    tool: str | None = None
    model: str | None = None
    bundle_sha256: str | None = None
    bill_of_materials_sha256: str | None = None
    source_type: str | None = None
    iptc_source_type: str | None = None
    parents: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    watermark: Watermark | None = None

    @property
    def words(self) -> str:
        """All that is known, as a paragraph."""
        return " ".join(self.sentences)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "words": self.words}


def verify_file(path: Path, *, place: Path | None = None, key: bytes = PUBLIC_KEY, thorough: bool = True) -> Verdict:
    """`verify` of a file on disk. Raises UserError when it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} has {path.stat().st_size} bytes: pictures up to {MAX_BYTES} are examined")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): name a PNG, JPEG or WebP file") from error
    try:
        return verify(content, place=place, key=key, thorough=thorough)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def verify(
    content: bytes, *, place: Path | None = None, key: bytes = PUBLIC_KEY, thorough: bool = True, anchors: str = ""
) -> Verdict:
    """An encoded picture -> what is known of it. `anchors` (PEM) are trusted besides those of keys.trust_anchors;
    `thorough` also looks for the mark at unusual scales (about a second where there is none).

    Raises UserError for what is no picture, too large, or damaged beyond reading without having been signed.
    """
    if len(content) > MAX_BYTES:
        raise UserError(f"the file has {len(content)} bytes: pictures up to {MAX_BYTES} are examined")
    kind = kind_of(content)
    if kind is None:
        raise UserError("the file is neither PNG, JPEG nor WebP: nothing can be said of it")
    report = read_manifest(content, kind, trust_anchors(place) + "\n" + anchors)
    pixels, iptc, trouble = _open(content, kind)
    if pixels is None and report is None and trouble.startswith("cannot"):
        raise UserError(f"the picture {trouble}: copy it again from where it came")
    seen = None
    if pixels is not None:
        found = find(pixels, key=key, thorough=thorough)
        if found.present:
            named = describe_payload(found.payload) if found.payload is not None else (None, None)
            seen = Watermark(*named, score=round(found.z, 2), threshold=round(found.threshold, 2), scale=found.scale)
    return _judge(report, seen, iptc, trouble)


# ---------------------------------------------------------------------------------------------------- reading
@dataclass(frozen=True)
class Manifest:
    """What the active manifest says. `ours`: it holds Reflet's assertion; `before`: an ingredient's manifest does."""

    intact: bool
    trusted: bool
    ours: bool
    before: bool
    signer: str
    tool: str
    model: dict[str, Any]
    source_type: str | None
    edited: bool
    parents: tuple[str, ...]
    problems: tuple[str, ...]


def read_manifest(content: bytes, kind: str, anchors: str) -> Manifest | None:
    """None where there is no manifest; one that is not intact where it cannot be read. `kind` is a picture's, or wav,
    mp3 or flac."""
    import c2pa

    trust = {"trust": {"trust_anchors": anchors}} if anchors.strip() else {}
    checks = {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}
    try:
        context = c2pa.Context.from_dict({**trust, "verify": checks})
    except c2pa.C2paError as error:
        raise UserError(f"the roots to trust are not understood ({said(error)}): give certificates in PEM") from error
    try:
        with context:
            reader = c2pa.Reader.try_create(SOUNDS.get(kind, f"image/{kind}"), BytesIO(content), context=context)
            if reader is None:
                return None
            with reader:
                manifest, state = reader.get_active_manifest(), reader.get_validation_state()
                results = reader.get_validation_results() or {}
                store = reader.json()
    except c2pa.C2paError as error:
        if not _holds_manifest(content, kind):
            return None
        problem = f"the manifest cannot be read ({said(error)})"
        return Manifest(False, False, MODEL.encode() in content, False, "", "", {}, None, False, (), (problem,))
    manifest = manifest or {}
    data = {a.get("label", ""): a.get("data") for a in manifest.get("assertions", [])}
    model = data.get(MODEL) if isinstance(data.get(MODEL), dict) else {}
    actions = next((d for label, d in data.items() if label.startswith("c2pa.actions") and isinstance(d, dict)), {})
    actions = [a for a in actions.get("actions", []) if isinstance(a, dict)]
    failures = (results.get("activeManifest") or {}).get("failure", [])
    failures = [f for f in failures if f.get("code") != "signingCredential.untrusted"]
    passed = {s.get("code") for s in (results.get("activeManifest") or {}).get("success", [])}
    # A certificate that has run out, or is of the wrong kind, does not make a changed file of an unchanged one.
    credential = all(str(f.get("code")).startswith("signingCredential.") for f in failures)
    unchanged = credential and {"claimSignature.validated", "assertion.dataHash.match"} <= passed
    tool = (manifest.get("claim_generator_info") or [{}])[0]
    signature = manifest.get("signature_info") or {}
    return Manifest(
        intact=state in ("Valid", "Trusted") or unchanged,
        trusted=state == "Trusted",
        ours=MODEL in data,
        before=store.count(f'"{MODEL}"') > (1 if MODEL in data else 0),
        signer=said(" / ".join(str(signature[k]) for k in ("issuer", "common_name") if signature.get(k))),
        tool=said(f"{tool.get('name', 'an unnamed tool')} {tool.get('version', '')}".strip()),
        model={k: said(v) for k, v in (model or {}).items()},
        source_type=next((said(a["digitalSourceType"]) for a in actions if a.get("digitalSourceType")), None),
        edited=any(a.get("action") == "c2pa.edited" for a in actions),
        parents=tuple(said(i.get("title", "untitled")) for i in manifest.get("ingredients", [])),
        problems=tuple(said(f.get("code", "unnamed")) for f in failures),
    )


def _holds_manifest(content: bytes, kind: str) -> bool:
    """Whether the container has a place for a manifest at all, when the reader gave up."""
    places = {"png": b"caBX", "jpeg": b"JP", "webp": b"C2PA", "wav": b"C2PA"}
    return places.get(kind, b"c2pa") in content and b"c2pa" in content


def _open(content: bytes, kind: Kind) -> tuple[NDArray[np.uint8] | None, str | None, str]:
    """Pixels (H, W, 3), the IPTC source type, and what is wrong, as words that follow "the picture"."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are checked here
            with Image.open(BytesIO(content), formats=[kind.upper()]) as image:
                packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
                packet = packet if isinstance(packet, str) else packet.decode("utf-8", "replace")
                iptc = re.search(r"DigitalSourceType\s*(?:=\s*[\"']|>)\s*([^\"'<]{1,200})", packet[:1_000_000])
                named = iptc.group(1).strip() if iptc else None
                if image.width * image.height > MAX_PIXELS:
                    return None, named, f"has {image.width} x {image.height} pixels: too many to look for a mark"
                return np.asarray(image.convert("RGB")), named, ""
    except Image.DecompressionBombError:
        return None, None, "has far too many pixels to look for a mark"
    except Exception as error:  # decoders raise anything on hostile bytes: struct.error, IndexError, zlib.error ...
        return None, None, f"cannot be decoded ({said(error)})"


def said(value: object) -> str:
    """What a file says, safe to print: one line, no control characters, not long."""
    return "".join(c for c in str(value) if c.isprintable())[:SAID]


# ---------------------------------------------------------------------------------------------------- judging
def _judge(report: Manifest | None, seen: Watermark | None, iptc: str | None, trouble: str) -> Verdict:
    if report is None:
        standing, sentences = _without_manifest(seen, iptc)
        if trouble:
            sentences.append(f"The picture {trouble}.")
        return Verdict(standing, tuple(sentences), iptc_source_type=iptc, watermark=seen)
    facts = report.model if report.ours else {}
    if not report.intact:
        standing, sentences = "tampered", _of_tampering(report)
    elif report.ours:
        standing = "edited" if report.edited else "signed"
        sentences = _of_ours(report)
    elif report.before:
        standing = "edited"
        sentences = [f"{report.tool} signed this picture; it was made from one that Reflet made, and that is recorded."]
    else:
        standing, sentences = "foreign", [f"Signed by another tool, {report.tool} ({report.signer}), and intact."]
    if report.source_type:
        sentences.append(f"It is declared as {report.source_type.rsplit('/', 1)[-1]}.")
    sentences += _of_mark(seen, facts.get("bundle_sha256"))
    if trouble:
        sentences.append(f"The picture {trouble}.")
    return Verdict(
        standing,
        tuple(sentences),
        trusted=report.trusted and report.intact,
        signer=report.signer or None,
        tool=report.tool or None,
        model=facts.get("model"),
        bundle_sha256=facts.get("bundle_sha256"),
        bill_of_materials_sha256=facts.get("bill_of_materials_sha256"),
        source_type=report.source_type,
        iptc_source_type=iptc,
        parents=report.parents,
        problems=report.problems,
        watermark=seen,
    )


def _without_manifest(seen: Watermark | None, iptc: str | None) -> tuple[Standing, list[str]]:
    if seen is None:
        words = [
            "No manifest and no mark of Reflet's: nothing here shows that Reflet made this picture, or that it did not."
        ]
        if iptc:
            words.append(f"Its metadata, which anyone can write, calls it {said(iptc).rsplit('/', 1)[-1]}.")
        return "foreign", words
    words = ["No manifest is left, but the mark in the pixels says that Reflet made them."]
    return "stripped", words + _of_mark(seen, None)[1:]


def _of_tampering(report: Manifest) -> list[str]:
    whose = "Reflet's manifest" if report.ours else f"a manifest by {report.tool or 'another tool'}"
    if any("dataHash" in p for p in report.problems):
        return [f"Tampered: {whose} is there, but the file was changed after it was signed."]
    listed = "; ".join(report.problems) or "no reason given"
    return [f"Tampered: {whose} is there, but it does not hold ({listed})."]


def _of_ours(report: Manifest) -> list[str]:
    model = report.model.get("model", "an unnamed model")
    if report.edited:
        parent = report.parents[0] if report.parents else "a picture that is not named"
        first = f"Made by Reflet's model {model} from another picture ({parent}), signed, and unchanged since."
    else:
        first = f"Made by Reflet's model {model}, signed, and unchanged since."
    if report.trusted:
        return [first, f"The signer is known here: {report.signer}."]
    if report.problems:
        return [first, f"But the signer's certificate ({report.signer}) does not hold: {'; '.join(report.problems)}."]
    return [
        first,
        f"The signer ({report.signer}) is not known here: the seal is whole, but anyone could have made it; "
        "compare the root certificate with its owner's and add it to the trusted ones.",
    ]


def _of_mark(seen: Watermark | None, bundle: str | None) -> list[str]:
    """First whether there is a mark, then which bundle it names."""
    if seen is None:
        return ["No mark was found in the pixels."]
    words = ["The mark is in the pixels."]
    if seen.bundle is None:
        words.append("It is too weak to read which bundle it names.")
    elif bundle is None or hashed(bundle) == seen.bundle:
        words.append(f"It names the bundle whose SHA-256 begins with {seen.bundle}.")
    else:
        words.append(f"It names another bundle ({seen.bundle}) than the manifest: the two do not belong together.")
    return words
