"""What do our processes write down about themselves? One JSON object a line, in `WATCHROOM_DATA/logs/`, and no personal data.

An error is told by its class and the places it passed, not by its words or its variables: a database's complaint quotes the row.
A path of a request is told without its query, and without parts that look like keys. Nobody's network address is kept.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from watchroom.foundation import embedded

LARGEST = 20_000_000  # bytes; then the file begins anew when its process starts, and the one before is kept
ACCESS_FORMAT = "%(method)s %(path)s %(status)d %(dt_ms).1f"
_KEY_LIKE = re.compile(r"(?<=/)[A-Za-z0-9_-]{20,}(?=/|$)")

Event = MutableMapping[str, Any]


def path_of(process: str) -> Path:
    """The file of this kind of process; makes its folder."""
    folder = embedded.data_folder() / "logs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{process}.log"


def begin(process: str) -> Path:
    """Called once by who starts the process. What the process says outside the log (a crash at import) lands there too."""
    path = path_of(process)
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(path.with_suffix(".log.1"))
    return path


def configure(process: str) -> None:
    """Send Python's own logging and structlog to the file of this process."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp,
        _without_words,
    ]
    handler = logging.FileHandler(path_of(process), encoding="utf-8")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    logging.getLogger("_granian.asgi.io").setLevel(logging.WARNING)  # below it: somebody closed a tab
    access = logging.getLogger("granian.access")
    access.handlers.clear()
    access.propagate = True
    access.addFilter(_no_keys)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Python would print the error's words to the console, which is the same file."""
    if error is not None and not issubclass(kind, (KeyboardInterrupt, SystemExit)):
        structlog.get_logger("watchroom").error("uncaught", exc_info=(kind, error, trace))


def _stamp(logger: Any, name: str, event: Event) -> Event:
    event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    event["pid"] = os.getpid()
    return event


def _without_words(logger: Any, name: str, event: Event) -> Event:
    """An exception becomes its class and its places."""
    found = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if found is True:
        found = sys.exc_info()
    elif isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[0] is not None:
        event["error"] = f"{found[0].__module__}.{found[0].__qualname__}"
        event["places"] = places(found[2])
    return event


def places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _no_keys(record: logging.LogRecord) -> bool:
    if isinstance(record.args, dict) and "path" in record.args:
        record.args = {**record.args, "path": _KEY_LIKE.sub("…", str(record.args["path"]))}
    return True
