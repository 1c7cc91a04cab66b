"""What a source says of a picture, in whatever names it has for it -> one description.

Sources call the same thing by many names; those listed here are understood, and everything else that is short and
plain is kept as it is. Text is data: control characters are taken out, lengths are held, nothing is evaluated.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_CAPTION, MAX_FIELD, MAX_EXTRAS, MAX_CAPTIONS = 4000, 1000, 32, 64
_NAMES: dict[str, tuple[str, ...]] = {
    "captions": ("captions", "caption", "text", "txt", "alt", "description", "prompt"),
    "license": ("license", "licence", "spdx", "spdx-license-identifier"),
    "author": ("author", "creator", "artist", "photographer", "spdx-filecopyrighttext"),
    "source": ("source", "url", "source_url", "origin"),
    "attribution": ("attribution", "credit", "credit_line"),
    "contract": ("contract", "consent", "release", "agreement"),
    "date": ("date", "created", "date_created", "taken", "year"),
    "tags": ("tags", "keywords", "labels"),
}
_IGNORED = {"image", "images", "bytes", "sha256", "key", "__key__"}
_LANGUAGE = re.compile(r"(?:captions?|text|alt|description)[_:.-]([a-z]{2,3}(?:[-_][a-z0-9]{2,8})*)", re.I)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True)
class Description:
    """All texts cleaned. `languages` has every caption whose language was named, by lower-case BCP 47 tag."""

    captions: tuple[str, ...] = ()
    languages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    license: str = ""
    author: str = ""
    source: str = ""
    attribution: str = ""
    contract: str = ""
    date: str = ""
    tags: tuple[str, ...] = ()
    extras: dict[str, Any] = field(default_factory=dict)


def describe_fields(fields: Mapping[str, Any], *, language: str = "en", license_column: str = "") -> Description:
    """`fields` as a source has them -> a description.

    Captions of `language` and those without a language come first and are what training reads; where there are none,
    those of the first language that has some. `license_column` names the field of the licence, if it is a special one.
    """
    lowered = {str(k).strip().lower(): v for k, v in fields.items()}
    found: dict[str, Any] = {}
    for name, aliases in _NAMES.items():
        key = next((a for a in aliases if not _empty(lowered.get(a))), None)
        found[name] = lowered.get(key) if key else None
    if license_column:
        found["license"] = lowered.get(license_column.lower())
    plain, languages = _captions(found["captions"], lowered)
    read = tuple(dict.fromkeys([*languages.get(language.lower(), ()), *plain]))
    if not read and languages:
        read = languages[sorted(languages)[0]]
    date = clean(found["date"])
    known = {alias for aliases in _NAMES.values() for alias in aliases} | _IGNORED | {license_column.lower()}
    extras = {k: v for k, v in sorted(lowered.items()) if k not in known and not _LANGUAGE.fullmatch(k)}
    return Description(
        captions=read,
        languages=languages,
        license=clean(found["license"]),
        author=clean(found["author"]),
        source=clean(found["source"]),
        attribution=clean(found["attribution"]),
        contract=clean(found["contract"]),
        date=match[0] if (match := _DATE.match(date)) else "",
        tags=tuple(_texts(found["tags"], split=",")),
        extras=_short(extras),
    )


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def _captions(given: Any, lowered: Mapping[str, Any]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Captions without a language, and those with one: {"en": [...]} or columns such as caption_fr."""
    languages: dict[str, list[str]] = {}
    if isinstance(given, Mapping):
        for tag, texts in given.items():
            languages.setdefault(str(tag).lower().replace("_", "-"), []).extend(_texts(texts))
        given = None
    for key, value in lowered.items():
        if match := _LANGUAGE.fullmatch(key):
            languages.setdefault(match[1].lower().replace("_", "-"), []).extend(_texts(value))
    kept = {tag: tuple(dict.fromkeys(texts)) for tag, texts in sorted(languages.items()) if texts}
    return _texts(given), kept


def _texts(value: Any, *, split: str = "") -> list[str]:
    """A text, a list of them, or a JSON list written as a text (tables have no other way) -> cleaned texts."""
    if isinstance(value, str):
        if value.startswith("[") and value.endswith("]"):
            try:
                return _texts(json.loads(value))
            except ValueError:
                pass
        value = value.split(split) if split else [value]
    elif not isinstance(value, list | tuple):
        value = [] if value is None else [value]
    texts = [clean(v, limit=MAX_CAPTION) for v in value[:MAX_CAPTIONS] if isinstance(v, str | int | float)]
    return [t for t in texts if t]


def clean(value: Any, *, limit: int = MAX_FIELD) -> str:
    """A text without control characters and lone surrogates, at most `limit` characters; "" for what is no text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    value = value[: 4 * limit]
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in value)
    return " ".join(kept.split())[:limit]


def _short(extras: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers, booleans and short texts only, a limited number of them."""
    out: dict[str, Any] = {}
    for key, value in extras.items():
        if len(out) == MAX_EXTRAS:
            break
        if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            out[clean(key, limit=64)] = value
        elif isinstance(value, str) and value and len(value) <= MAX_FIELD:
            out[clean(key, limit=64)] = clean(value)
    return out
