"""Who answers a request? The live stream and the health page answer on the event loop, Django on eight threads; one port for all.

Django's own ASGI handler is several times slower for pages than its WSGI one on threads (docs/decisions/0003-processes.md).
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

from a2wsgi import WSGIMiddleware

from watchroom.foundation import health

THREADS = 8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchroom.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402

django = WSGIMiddleware(get_wsgi_application(), workers=THREADS)  # type: ignore[arg-type]

from watchroom.foundation import stream  # noqa: E402

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        if scope["path"] == "/live":
            await stream.sse(scope, receive, send)
        elif scope["path"] == "/healthz":
            await health.answer(scope, receive, send)
        else:
            await django(scope, lambda: _as_coroutine(receive), send)  # type: ignore[arg-type, return-value]
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await send({"type": "websocket.close"})


async def _as_coroutine(receive: Receive) -> dict[str, Any]:
    """granian's `receive()` gives a future, and a2wsgi hands it from thread to loop in a way that only takes coroutines."""
    return await receive()


async def _lifespan(receive: Receive, send: Send) -> None:
    """There is nothing to open or close; servers that ask are told so politely."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
