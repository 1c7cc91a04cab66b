"""What is known of a sound: its manifest, its tags, and the mark in it; and of any file, picture or sound."""

from __future__ import annotations

from pathlib import Path

from reflet.generate.keys import trust_anchors
from reflet.generate.sound import COMMENT, decode_sound, sound_kind
from reflet.generate.sound_mark import FoundInSound, find_sound_mark
from reflet.generate.verify import MAX_BYTES, SOUNDS, Manifest, Verdict, Watermark, read_manifest, said, verify
from reflet.runtime.errors import UserError

MAX_SECONDS = 600.0  # of which the mark is looked for


def examine(content: bytes, *, place: Path | None = None, thorough: bool = True) -> Verdict:
    """What is known of an encoded picture or sound. Raises UserError for anything else."""
    if len(content) <= MAX_BYTES and sound_kind(content) is not None:
        return verify_sound(content, place=place)
    try:
        return verify(content, place=place, thorough=thorough)
    except UserError as error:
        if "neither PNG" in str(error):
            words = "the file is no PNG, JPEG or WebP, and no WAV, FLAC, MP3 or Ogg Opus: nothing can be said of it"
            raise UserError(words) from error
        raise


def examine_file(path: Path, *, place: Path | None = None, thorough: bool = True) -> Verdict:
    """`examine` of a file on disk. Raises UserError when it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} has {path.stat().st_size} bytes: files up to {MAX_BYTES} are examined")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): name a picture or a sound") from error
    try:
        return examine(content, place=place, thorough=thorough)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def verify_sound(content: bytes, *, place: Path | None = None) -> Verdict:
    """WAV, FLAC, MP3 or Ogg Opus -> what is known of it, in the words of `verify.Verdict`. Raises UserError for what is
    no sound and carries no manifest."""
    kind = sound_kind(content)
    report = read_manifest(content, kind, trust_anchors(place)) if kind in SOUNDS else None
    comment, seen, trouble = "", None, ""
    try:
        samples, rate, comment = decode_sound(content)
        seen = find_sound_mark(samples[: round(MAX_SECONDS * rate)], rate)
    except UserError as error:
        if report is None:
            raise
        trouble = str(error)
    mark = Watermark(None, None, round(seen.z, 2), round(seen.threshold, 2), 1.0) if seen and seen.present else None
    tagged = comment if COMMENT in comment else None
    sentences = _with_manifest(report) if report is not None else _without(mark is not None, tagged)
    if report is not None and seen is not None:
        sentences.append("The mark is in the sound." if mark else "No mark was found in the sound.")
    if report is None and tagged:
        sentences.append(f"Its tag, which anyone can write, says: {said(tagged)}.")
    if seen is not None and not seen.present and _short(seen):
        sentences.append("It is too short or too soft to look for the mark.")
    if trouble:
        sentences.append(f"The sound cannot be decoded ({said(trouble)}).")
    facts = report.model if report is not None and report.ours else {}
    standing = _standing(report, marked=mark is not None)
    return Verdict(
        standing,  # type: ignore[arg-type]
        tuple(sentences),
        trusted=report is not None and report.trusted and report.intact,
        signer=report.signer or None if report is not None else None,
        tool=report.tool or None if report is not None else None,
        model=facts.get("model"),
        bundle_sha256=facts.get("bundle_sha256"),
        bill_of_materials_sha256=facts.get("bill_of_materials_sha256"),
        source_type=report.source_type if report is not None else None,
        problems=report.problems if report is not None else (),
        watermark=mark,
    )


def _short(seen: FoundInSound) -> bool:
    return seen.z == 0.0


def _standing(report: Manifest | None, *, marked: bool) -> str:
    if report is None:
        return "stripped" if marked else "foreign"
    if not report.intact:
        return "tampered"
    return ("edited" if report.edited else "signed") if report.ours else "edited" if report.before else "foreign"


def _with_manifest(report: Manifest) -> list[str]:
    if not report.intact:
        whose = "Reflet's manifest" if report.ours else f"a manifest by {report.tool or 'another tool'}"
        if any("dataHash" in p for p in report.problems):
            return [f"Tampered: {whose} is there, but the file was changed after it was signed."]
        return [
            f"Tampered: {whose} is there, but it does not hold ({'; '.join(report.problems) or 'no reason given'})."
        ]
    if not report.ours:
        return [f"Signed by another tool, {report.tool} ({report.signer}), and intact."]
    voice = f", voice {report.model['voice']}" if "voice" in report.model else ""
    words = [
        f"Synthetic speech: spoken by Reflet's model {report.model.get('model', 'that is not named')}{voice}, "
        "signed, and unchanged since."
    ]
    if report.trusted:
        return [*words, f"The signer is known here: {report.signer}."]
    return [
        *words,
        f"The signer ({report.signer}) is not known here: the seal is whole, but anyone could have made it.",
    ]


def _without(marked: bool, tagged: str | None) -> list[str]:
    if marked:
        return ["Synthetic speech: no manifest is left, but the mark in the sound says that Reflet spoke it."]
    if tagged:
        return ["No manifest and no mark of Reflet's were found."]
    return ["No manifest and no mark of Reflet's: nothing here shows that Reflet spoke this, or that it did not."]
