"""/v1/models/{model}/map: the training set as a map, from the bundle or from the folder that the operator names."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from fastapi.responses import Response
from pydantic import BaseModel, Field, ValidationError, model_validator

from reflet.data.map_file import MAP, MAP_PICTURE
from reflet.generate.stepwise import Artist
from reflet.runtime.errors import UserError
from reflet.serve.auth import guarded
from reflet.serve.errors import not_found
from reflet.serve.service import Service, service_of

router = guarded("read", tags=["models"])
Serving = Annotated[Service, Depends(service_of)]
LARGEST = 32 << 20  # bytes of either file
Count = Annotated[int, Field(ge=0)]
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/webp": {}}, "description": "The picture."}}


class Spot(BaseModel):
    """A picture of the set. `x`, `y`: its square. `facets`: its category's number in each facet, in their order."""

    x: Count
    y: Count
    key: str
    caption: str
    license: str
    author: str
    weight: float
    facets: list[Count]


class SetMap(BaseModel):
    """`records`: how many the set has; `points` are all or a sample of them, alike ones together, on a grid of
    `across` by `down` squares. The picture shows square x, y at x `cell`, y `cell`. `facets`: categories, most frequent
    first."""

    name: str
    records: Count
    across: Annotated[int, Field(ge=1, le=512)]
    down: Annotated[int, Field(ge=1, le=512)]
    cell: Annotated[int, Field(ge=1, le=512)]
    sha256: str
    facets: dict[str, list[str]]
    points: Annotated[list[Spot], Field(min_length=1, max_length=20_000)]

    @model_validator(mode="after")
    def _points_are_on_the_map(self) -> SetMap:
        sizes = [len(names) for names in self.facets.values()]
        for p in self.points:
            if p.x >= self.across or p.y >= self.down:
                raise ValueError(f"{p.key} lies outside the map")
            if len(p.facets) != len(sizes) or any(k >= n for k, n in zip(p.facets, sizes, strict=True)):
                raise ValueError(f"{p.key} is of a category without a name")
        return self


def read_map(folder: Path) -> SetMap | None:
    """The map that lies in a folder; None where there is none, or it is damaged, or the picture is of another one."""
    found = []
    for name in (MAP, MAP_PICTURE):
        path = folder / name
        if not path.is_file() or (told := path.stat()).st_size > LARGEST:
            return None
        found.append((path, told.st_mtime_ns, told.st_size))
    return _read(*found)


@lru_cache(maxsize=8)
def _read(text: tuple[Path, int, int], picture: tuple[Path, int, int]) -> SetMap | None:
    """By path, time and size, so that a map is read again when it was made again."""
    try:
        found = SetMap.model_validate_json(text[0].read_bytes())
    except ValidationError:
        return None
    return found if hashlib.sha256(picture[0].read_bytes()).hexdigest() == found.sha256 else None


def check_map(folder: Path | None) -> Path | None:
    """The folder. Raises UserError where it holds no sound map."""
    if folder is not None and read_map(folder) is None:
        raise UserError(f"{folder} holds no map of a set: make one with `reflet data diversity {folder}`")
    return folder


def map_folder(service: Service, artist: Artist) -> Path | None:
    """Where a model's map lies: in its bundle; for the first model also where the operator says."""
    named = service.settings.map if artist is service.artist(None) else None
    return next((f for f in (artist.card.folder, named) if f is not None and read_map(f) is not None), None)


@router.get("/v1/models/{model}/map", response_model=SetMap)
def get_map(model: str, service: Serving) -> SetMap:
    """What the model was trained on, picture by picture: alike ones lie together."""
    found = read_map(_folder(service, model))
    if found is None:
        raise not_found("map")
    return found


@router.get("/v1/models/{model}/map/picture", response_class=Response, responses=PICTURE)
def get_map_picture(model: str, service: Serving) -> Response:
    """All pictures of the map in their squares, as WebP."""
    return Response((_folder(service, model) / MAP_PICTURE).read_bytes(), media_type="image/webp")


def _folder(service: Service, model: str) -> Path:
    artist = service.artist(model)
    if artist is None:
        raise not_found("model")
    folder = map_folder(service, artist)
    if folder is None:
        raise not_found("map")
    return folder
