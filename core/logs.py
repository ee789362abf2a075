"""Structured logs: one line per event, with the request id of the request or of the task that it woke."""

import re
from typing import Any

import structlog

#: Addresses that hold a secret: whoever reads a log must not be able to open them.
SECRET_PATHS = re.compile(r"(/(?:calendar|set-password/[^/\s]+)/)[^/\s'\"]+")


def hide_secrets(_logger: Any, _method: str, event: Any) -> Any:
    """A structlog processor: secrets in addresses are replaced by a dash, wherever a line names one."""
    for name, value in event.items():
        if isinstance(value, str) and "/" in value:
            event[name] = SECRET_PATHS.sub(r"\1-", value)
    return event


def configure_logs(*, level: str, as_json: bool) -> dict[str, Any]:
    """Set structlog up, and return the `LOGGING` dictionary that sends everybody else's lines the same way."""
    renderer: Any = structlog.processors.JSONRenderer()
    if not as_json:
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        hide_secrets,
    ]
    exceptions: list[Any] = [structlog.processors.format_exc_info] if as_json else []
    structlog.configure(
        processors=[
            # First: of a line that nobody wants nothing is computed.
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *exceptions, renderer],
        "foreign_pre_chain": shared,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django_structlog": {"level": "WARNING"}},
    }
