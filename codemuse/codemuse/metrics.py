"""Metrics every service exposes at ``/metrics`` in Prometheus' text format."""

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

REQUEST_SECONDS = Histogram(
    "codemuse_http_request_seconds",
    "Time to answer, by route template.",
    ("service", "method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
CLIENT_SECONDS = Histogram(
    "codemuse_client_request_seconds", "Time a call to another service took.", ("dependency", "outcome")
)
CLIENT_RETRIES = Counter("codemuse_client_retries_total", "Calls that were tried again.", ("dependency",))
BREAKER_OPEN = Gauge("codemuse_circuit_breaker_open", "1 while the breaker refuses calls.", ("dependency",))


def render_metrics() -> tuple[bytes, str]:
    """The exposition text and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
