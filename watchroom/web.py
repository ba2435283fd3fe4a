"""The web process: granian in front of `asgi.py`. Started by `serve.py` as `python -m watchroom.web HOST PORT`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from watchroom.foundation import logs, supervise

WORKERS = 2
# Each open screen holds one stream, so this is the number of screens a process can serve, not of requests at work.
STREAMS = 4096


def load() -> Any:
    """The application, in each of granian's workers.

    One whose master was killed ends at once: it must not hold the port against its successor. What it had not committed
    it had not acknowledged either.
    """
    supervise.end_with_parent(os.getppid(), signal.SIGKILL)
    logs.configure("web")
    from watchroom.asgi import application

    return application


def main(host: str, port: int) -> None:
    server = Server(
        "watchroom.web:load",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=WORKERS,
        websockets=False,
        backlog=2048,
        backpressure=STREAMS,
        respawn_failed_workers=True,
        workers_kill_timeout=1,  # streams never end by themselves
        log_access=True,
        log_access_format=logs.ACCESS_FORMAT,
        # Its own handlers would write to the console, with addresses: `logs.configure` has the say.
        log_dictconfig={"version": 1, "disable_existing_loggers": False, "handlers": {}, "formatters": {}, "loggers": {}},
    )
    logs.configure("web")
    if multiprocessing.get_start_method() == "fork":
        _load_once()
    server.serve()


def _load_once() -> None:
    """Load all there is before the workers are forked from us: they share its memory, and one that was killed is back at once."""
    from django.conf import settings
    from django.template import engines
    from django.urls import get_resolver

    import watchroom.asgi  # noqa: F401

    engines.all()
    get_resolver().reverse_dict  # noqa: B018 - imports every room's views, which the first caller would wait for
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
