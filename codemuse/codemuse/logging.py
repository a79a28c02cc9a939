"""Structured logs: one JSON object a line, with request and run ids, and secrets masked before anything is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

_SECRET_KEYS = re.compile(r"(password|passwd|secret|token|api_?key|authorization|cookie|ticket)", re.IGNORECASE)
_SECRET_VALUES = re.compile(
    r"(Bearer\s+)[A-Za-z0-9._~+/=\-]{8,}"
    r"|\b(?:cm|sk|ghp|gho|glpat|xox[bap])[_-][A-Za-z0-9_\-]{8,}"
    r"|\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
MASK = "***"
_COUNTED = re.compile(r"(_tokens|tokens|token_count)$")

Event = MutableMapping[str, Any]


def mask(text: str) -> str:
    """Replace everything in a text that looks like a credential."""
    return _SECRET_VALUES.sub(lambda match: (match.group(1) or "") + MASK, text)


def redact(_logger: object, _method: str, event: Event) -> Event:
    """Structlog processor: mask values under secret names, and credentials inside any text."""
    for key, value in event.items():
        if _SECRET_KEYS.search(key) and not _COUNTED.search(key):
            event[key] = MASK
        elif isinstance(value, str):
            event[key] = mask(value)
    return event


def configure_logging(service: str, level: str) -> None:
    """Send structlog and the standard library through one JSON pipeline to standard output."""

    def name_service(_logger: object, _method: str, event: Event) -> Event:
        event["service"] = service
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        name_service,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(
                    serializer=lambda event, **_: orjson.dumps(event, default=str).decode()
                ),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "sentence_transformers", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for owned in ("uvicorn", "uvicorn.error"):
        logging.getLogger(owned).handlers[:] = []
        logging.getLogger(owned).propagate = True


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose keyword arguments become fields."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
