"""How a picture was made, who may use it, what it cost, what is in it: in sentences, from its own record.

A brain repeats them word for word (`say`), so that no number and no right is ever made up. What cannot be known is said
to be unknown: nothing here looks at a picture's content; that it shows what was asked for is not claimed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from reflet.runtime.errors import UserError
from reflet.serve.explaining_words import WORDS, Language
from reflet.serve.payload import Payload
from reflet.serve.service import Service

FRENCH = re.compile(
    r"le|la|les|un|une|des|du|de|et|est|dans|avec|pour|moi|mes|mon|ma|sur|au|aux|que|qui|dessine|fais|montre|bonjour|"
    r"merci|rends|plus|moins|quels|quelle|quel|combien|comment|agrandis|dis|cette|ce|l|d|c|peux|tu|image|deuxième|nuit"
)


def language_of(text: str) -> Language:
    """French where at least a quarter of the words (two at least, or all) are French; English otherwise."""
    words = [w.strip('.,!?:;«»“”"()') for w in text.lower().replace("’", " ").replace("'", " ").split()]
    hits = sum(FRENCH.fullmatch(w) is not None for w in words)
    return "fr" if words and hits >= max(1 if len(words) < 3 else 2, len(words) / 4) else "en"


def explain(
    service: Service, row: Row[Any] | None, content: bytes, *, number: int, aspect: str, language: Language
) -> str:
    """The sentences of one aspect, or of all. `row`: of a picture made here; otherwise `content` is the person's own
    file."""
    if row is None:
        return _strangers(service, content, number=number, aspect=aspect, language=language)
    payload = Payload.from_json(row.payload) if row.payload else Payload.empty()
    tell = {"settings": _settings, "rights": _rights, "cost": _cost, "content": _content}
    chosen = tell.values() if aspect == "all" else [tell[aspect]]
    return " ".join(one(service, row, payload, number, language) for one in chosen)


def _say(key: str, language: Language, **values: Any) -> str:
    return WORDS[key][language].format(**values)


def _settings(_: Service, row: Row[Any], payload: Payload, number: int, language: Language) -> str:
    about = {"number": number, "model": row.model, "width": row.width, "height": row.height}
    if payload.factor is not None:
        how = _say("enlarged", language, factor=payload.factor)
        return _say("changed", language, how=how, **about)
    if payload.strength is not None:
        how = _say("anew", language, percent=round(100 * payload.strength))
        return _say("changed", language, how=how, **about)
    style = "" if payload.style is None else _say("style", language, style=payload.style)
    guidance = float(payload.request.get("guidance_scale", 1.0))
    wish = {"prompt": payload.asked, "style": style, "seed": int(row.seed), "steps": payload.num_steps}
    return _say("settings", language, guidance=guidance, **wish, **about)


def _cost(_: Service, row: Row[Any], payload: Payload, number: int, language: Language) -> str:
    if not row.cost:
        return _say("free", language, number=number)
    share = {name: row.cost[name] / row.num_pictures for name in ("seconds", "joules", "steps")}
    method = _say("estimate" if row.cost["method"] == "estimate" else "counter", language)
    share["steps"] = round(share["steps"])
    return _say("cost", language, number=number, method=method, **share)


def _rights(service: Service, row: Row[Any], payload: Payload, number: int, language: Language) -> str:
    artist = service.artist(row.model)
    if artist is None and service.upscaler is not None and service.upscaler.card.name == row.model:
        artist = service.upscaler
    folder = None if artist is None else artist.card.folder
    materials = {} if folder is None else _materials(folder)
    data = _say("no data", language)
    if materials.get("num_pictures") and materials.get("licenses"):
        licences = ", ".join(materials["licenses"])
        data = _say("data", language, count=materials["num_pictures"], licences=licences)
    signed = _say("unsigned" if service.settings.provenance is None else "signed", language)
    bundle = "" if artist is None else f" (SHA-256 {artist.card.digest[:12]}…)"
    return _say("rights", language, number=number, model=row.model, bundle=bundle, data=data, signed=signed)


def _content(_: Service, row: Row[Any], payload: Payload, number: int, language: Language) -> str:
    if not payload.asked.strip():
        return _say("unseen", language, number=number)
    return _say("content", language, number=number, prompt=payload.asked)


def _strangers(service: Service, content: bytes, *, number: int, aspect: str, language: Language) -> str:
    """Of a file that somebody sent: what it says of itself, checked."""
    if aspect == "content":
        return _say("unseen", language, number=number)
    words = _say("unread", language)
    if service.settings.provenance is not None:
        try:
            words = str(service.settings.provenance.verify(content).get("words", words))
        except UserError as error:
            words = f"{error}."
    return _say("yours", language, number=number, words=words)


def _materials(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "materials.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
