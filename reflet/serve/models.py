"""/v1/models: who can be asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from reflet.generate.stepwise import Artist
from reflet.generate.talk import Brain
from reflet.render.wording import STYLE_PREFIXES
from reflet.serve.auth import guarded
from reflet.serve.errors import not_found
from reflet.serve.schemas import ModelDefaults, ModelInfo, ModelList
from reflet.serve.service import Service, service_of
from reflet.serve.set_map import map_folder

router = guarded("read", tags=["models"])
Serving = Annotated[Service, Depends(service_of)]


@router.get("/v1/models", response_model=ModelList)
def list_models(service: Serving) -> ModelList:
    """Models by their own names; aliases are not listed."""
    painters = [_info(service, name, artist) for name, artist in service.artists.items()]
    return ModelList(data=[*painters, *([] if service.brain is None else [_brain(service, service.brain)])])


@router.get("/v1/models/{model}", response_model=ModelInfo)
def get_model(model: str, service: Serving) -> ModelInfo:
    """One model, by its name or an alias."""
    artist = service.artist(model)
    if service.brain is not None and model == service.brain.name:
        return _brain(service, service.brain)
    if artist is None:
        raise not_found("model")
    return _info(service, model, artist)


def _info(service: Service, name: str, artist: Artist) -> ModelInfo:
    card = artist.card
    return ModelInfo(
        id=name,
        created=card.created or int(service.started),
        owned_by=card.owner,
        sizes=[f"{w}x{h}" for w, h in card.sizes],
        edits=card.edits,
        sha256=card.digest,
        guest=card.owner != "reflet",
        remote=card.remote,
        blends=card.blends,
        defaults=ModelDefaults(
            num_steps=card.defaults.get("num_steps"), guidance_scale=card.defaults.get("guidance_scale")
        ),
        styles=list(STYLE_PREFIXES),
        papers=card.folder is not None,
        map=map_folder(service, artist) is not None,
        upscales=[] if service.upscaler is None else list(service.upscaler.card.upscales),
    )


def _brain(service: Service, brain: Brain) -> ModelInfo:
    """What answers talks: it makes no pictures itself."""
    remote = bool(getattr(brain, "remote", False))
    return ModelInfo(
        id=brain.name,
        created=int(service.started),
        owned_by="elsewhere" if remote else "reflet",
        sizes=[],
        edits=False,
        sha256=str(getattr(getattr(brain, "bundle", None), "digest", "")),
        guest=remote,
        remote=remote,
        blends=False,
        defaults=ModelDefaults(num_steps=None, guidance_scale=None),
        styles=[],
        papers=False,
        map=False,
        upscales=[],
        talks=True,
        speaks=getattr(service.settings, "voice", None) is not None,
    )
