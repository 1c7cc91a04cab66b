"""Logs as JSON lines: time, level, where, what, and the fields that belong to it. Prompts are not among them."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One object a line; whatever was given as `extra` becomes a field."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            # Where, not with which values: an exception's text may hold a prompt.
            frames = traceback.extract_tb(error.__traceback__)[-4:]
            line["error"] = type(error).__name__
            line["at"] = [f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in frames]
        return json.dumps(line, default=str)


def set_up(*, level: str = "info") -> None:
    """All loggers write JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "alembic", "alembic.runtime.migration", "httpx", "PIL"):
        logging.getLogger(name).setLevel(logging.WARNING)
