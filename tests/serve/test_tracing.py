"""Spans arrive at a collector, hang together, and tell nothing that they should not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from reflet.serve.settings import ServeSettings
from reflet.serve.tracing import open_tracing
from tests.serve.conftest import live


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A collector of OTLP over HTTP: the spans that came."""
    messages = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = messages.ExportTraceServiceRequest()
            content = self.rfile.read(int(self.headers["content-length"]))
            sent.ParseFromString(content)
            spans.extend(s for r in sent.resource_spans for group in r.scope_spans for s in group.spans)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    yield spans
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_request_and_its_job_are_one_trace(settings: ServeSettings, collector: list[Any]) -> None:
    trace, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    with live(settings) as running, running.http() as http:
        headers = {"traceparent": f"00-{trace}-{caller}-01"}
        body = {"prompt": "a zebrafink", "num_inference_steps": 3}
        assert http.post("/v1/images/generations", json=body, headers=headers).status_code == 200
        assert http.get("/v1/pictures/pic_zebrafink").status_code == 404
    found = {s.name: s for s in collector if s.trace_id.hex() == trace}
    assert set(found) == {"POST /v1/images/generations", "job", "queue", "make"}
    request, job = found["POST /v1/images/generations"], found["job"]
    assert request.parent_span_id.hex() == caller and job.parent_span_id == request.span_id
    assert found["queue"].parent_span_id == found["make"].parent_span_id == job.span_id
    told = {a.key: a.value for a in [*request.attributes, *job.attributes]}
    assert told["http.response.status_code"].int_value == 200 and told["reflet.steps"].int_value == 3
    assert told["reflet.model"].string_value == "stand-in"
    assert len(collector) == 5 and "zebrafink" not in str(collector)


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert open_tracing() is None
