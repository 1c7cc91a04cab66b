"""Figures for Prometheus. A registry of its own for each service, so that two can live in one process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 300)


class Metrics:
    """Names begin with `reflet_`; docs/serve.md lists them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.requests = Counter("reflet_requests", "HTTP requests.", ["route", "status"], registry=r)
        self.request_seconds = Histogram(
            "reflet_request_seconds", "Until the answer's last byte.", ["route"], buckets=SECONDS, registry=r
        )
        self.queue = Gauge("reflet_jobs", "Jobs that are open.", ["status"], registry=r)
        self.steps = Counter("reflet_steps", "Steps of the engine.", registry=r)
        self.step_seconds = Histogram("reflet_step_seconds", "One step.", buckets=SECONDS, registry=r)
        self.batch = Histogram(
            "reflet_batch_rows", "Pictures in a step.", buckets=(1, 2, 3, 4, 6, 8, 12, 16, 24, 32), registry=r
        )
        self.jobs = Counter("reflet_jobs_ended", "Jobs that ended.", ["model", "how"], registry=r)
        self.job_seconds = Histogram(
            "reflet_job_seconds", "From acceptance to the result.", ["steps"], buckets=SECONDS, registry=r
        )
        self.pictures = Counter("reflet_pictures", "Pictures made.", ["model"], registry=r)
        self.joules = Counter("reflet_joules", "Energy of the device.", ["method"], registry=r)
        self.refused = Counter("reflet_refused", "Requests refused.", ["reason"], registry=r)

    def on_step(self, rows: int, _: int, seconds: float) -> None:
        """What the engine tells after each step."""
        self.steps.inc()
        self.batch.observe(rows)
        self.step_seconds.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


def step_class(num_steps: int) -> str:
    """Latency is only comparable within a class of lengths."""
    return (
        "up to 10" if num_steps <= 10 else "11 to 20" if num_steps <= 20 else "21 to 40" if num_steps <= 40 else "more"
    )
