"""create_app: nothing but wiring."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import ASGIApp

import reflet
from reflet.serve import (
    admin,
    batches,
    chat,
    drafts,
    errors,
    gallery,
    health,
    images,
    me,
    models,
    moderation,
    papers,
    queue,
    responses,
    set_map,
    speech,
    studio,
    words,
)
from reflet.serve.http import Surroundings
from reflet.serve.service import Service
from reflet.serve.tracing import Traced


def create_app(service: Service) -> FastAPI:
    """The routes of a service, without what surrounds them."""
    app = FastAPI(
        title="Reflet",
        version=reflet.__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        summary="An image model of one's own, behind OpenAI's interface.",
    )
    app.state.service = service
    app.state.drafts = drafts.Open()
    app.state.speech = speech.Desk(service.settings.voice)
    app.state.talks = drafts.Open(what="talks", at_once=chat.AT_ONCE)
    errors.install(app)
    for router in (
        health.open_router,
        images.router,
        drafts.router,
        chat.router,
        responses.router,
        models.router,
        papers.router,
        set_map.router,
        words.router,
        speech.router,
        me.router,
        moderation.router,
        batches.router,
        gallery.router,
        queue.router,
        queue.making,
        admin.router,
        health.router,
        health.metrics_router,
        studio.router,
    ):
        app.include_router(router)
    app.get("/v1/pictures/{picture_id}/link", **gallery.OPEN_LINK)(gallery.open_link)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def asgi(service: Service) -> ASGIApp:
    """The application a server runs: routes, and around them limits, headers and the log."""
    app = Surroundings(create_app(service), settings=service.settings, metrics=service.metrics)
    return app if service.tracing is None else Traced(app, service.tracing)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document, without the 422 that no route here ever answers."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        app.openapi_schema = document
    return app.openapi_schema
