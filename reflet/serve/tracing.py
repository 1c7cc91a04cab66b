"""Spans for OpenTelemetry: of each request, and of each job with its wait and its making. Extra `tracing`.

Switched on by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT and the like); without them nothing of it is
imported. A span tells route, status, key, model, steps and seconds: never a prompt, and never a path or an exception's
text, which may hold one.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

import reflet

log = logging.getLogger("reflet.tracing")
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
FLUSH_MILLISECONDS = 3000


class Tracing:
    """Makes spans and sends them, a few at a time, from a thread of the library's own."""

    def __init__(self) -> None:
        """Raises ModuleNotFoundError without the extra."""
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "reflet")})
        self.provider = TracerProvider(resource=resource)
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self.provider.get_tracer("reflet", reflet.__version__)
        self.server = trace.SpanKind.SERVER
        self.propagator, self._in_span = TraceContextTextMapPropagator(), trace.set_span_in_context

    def parent(self) -> str:
        """The span that runs now, as a W3C `traceparent`, for a job to remember; "" outside of one."""
        carrier: dict[str, str] = {}
        self.propagator.inject(carrier)
        return carrier.get("traceparent", "")

    def job(self, parent: str, *, job_id: str, created: float, claimed: float, facts: dict[str, Any]) -> None:
        """Three spans of a job that has ended: all of it, its wait in the queue, its making. Times in seconds."""
        context = self.propagator.extract({"traceparent": parent} if parent else {})
        begin, taken, end = (int(t * 1e9) for t in (created, claimed, time.time()))
        attributes = {"reflet.job": job_id, **{f"reflet.{k}": v for k, v in facts.items()}}
        whole = self.tracer.start_span("job", context=context, start_time=begin, attributes=attributes)
        within = self._in_span(whole)
        self.tracer.start_span("queue", context=within, start_time=begin).end(max(begin, taken))
        self.tracer.start_span("make", context=within, start_time=max(begin, taken)).end(end)
        whole.end(end)

    def close(self) -> None:
        """Sends what is left, for a few seconds at most."""
        self.provider.force_flush(FLUSH_MILLISECONDS)
        self.provider.shutdown()


class Traced:
    """Around an application: a span for each request, a child of the caller's own where it names one."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self.app, self.tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"] if k.startswith(b"trace")}
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        running = self.tracing.tracer.start_as_current_span(
            "request",
            context=self.tracing.propagator.extract(given),
            kind=self.tracing.server,
            record_exception=False,
            set_status_on_exception=False,
        )
        with running as span:
            try:
                await self.app(scope, receive, noting)
            finally:
                route, state = getattr(scope.get("route"), "path", "none"), scope.get("state", {})
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.request.method", scope["method"])
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("reflet.request", state.get("request_id", ""))
                span.set_attribute("reflet.key", state.get("key_id", "-"))


def open_tracing() -> Tracing | None:
    """Where OpenTelemetry's variables name a collector; None otherwise."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    try:
        return Tracing()
    except ModuleNotFoundError:
        log.warning("no traces are sent: they need the extra, pip install 'reflet[tracing]'")
        return None
