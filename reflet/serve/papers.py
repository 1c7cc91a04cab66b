"""/v1/models/{model}/papers: what a bundle says of itself, from the files that lie in it beside the weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from fastapi.responses import Response
from pydantic import BaseModel

from reflet.data.map_file import MAP_PICTURE
from reflet.serve.auth import guarded
from reflet.serve.errors import not_found
from reflet.serve.service import Service, service_of

router = guarded("read", tags=["models"])
Serving = Annotated[Service, Depends(service_of)]
PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
MANIFEST = "manifest.json"  # runtime/checkpoint.py writes it, and would bring torch along
LARGEST = 32 << 20  # bytes of a paper
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in sorted(set(PICTURES.values()))}, "description": "The picture."}
}


class Papers(BaseModel):
    """`card`: Markdown. `materials`: the bill of materials, in short. `report`: the evaluation's figures. `pictures`:
    names to ask for below this address. `files`: the SHA-256 of every file. What a bundle does not have is null."""

    model: str
    card: str | None
    config: dict[str, Any] | None
    materials: dict[str, Any] | None
    report: dict[str, Any] | None
    pictures: list[str]
    files: dict[str, str]


@router.get("/v1/models/{model}/papers", response_model=Papers)
def get_papers(model: str, service: Serving) -> Papers:
    """A bundle's card, its data, its report."""
    folder = _folder(service, model)
    return Papers(
        model=model,
        card=_text(folder / "card.md"),
        config=_json(folder / "config.json"),
        materials=_json(folder / "materials.json") or _json(folder / "bom.json"),
        report=_json(folder / "report.json"),
        pictures=sorted(p.name for p in folder.iterdir() if p.suffix in PICTURES and p.name != MAP_PICTURE),
        files=(_json(folder / MANIFEST) or {}).get("sha256", {}),
    )


@router.get("/v1/models/{model}/papers/{name}", response_class=Response, responses=FILE)
def get_paper_picture(model: str, name: str, service: Serving) -> Response:
    """A picture that lies in the bundle: a contact sheet, say."""
    # The name is looked for among those that are there, and never becomes a path.
    found = next((p for p in _folder(service, model).iterdir() if p.name == name and p.suffix in PICTURES), None)
    if found is None or not found.is_file() or found.stat().st_size > LARGEST:
        raise not_found("picture")
    return Response(found.read_bytes(), media_type=PICTURES[found.suffix])


def _folder(service: Service, model: str) -> Path:
    artist = service.artist(model)
    if artist is None:
        raise not_found("model")
    folder = artist.card.folder
    if folder is None or not folder.is_dir():
        raise not_found("paper")
    return folder


def _text(path: Path) -> str | None:
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    return path.read_text("utf-8", "replace")


def _json(path: Path) -> dict[str, Any] | None:
    text = _text(path)
    try:
        found = None if text is None else json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
