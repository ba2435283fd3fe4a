"""How does a page show a room's panel at once, and what when that room is broken?

The first paint holds every panel, rendered by the room's own view in the same request: one round trip. Each stands in a
savepoint; one that fails leaves its place empty, says so, and offers to try again. The rest of the page works.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from watchroom.foundation.errors import Covered

log = structlog.get_logger()


def panel(
    request: HttpRequest, view: Callable[..., HttpResponse], url: str, *, slug: str, name: str, number: int, **kwargs: Any
) -> SafeString:
    """The panel's HTML, or its place with the reason why it is empty."""
    try:
        with transaction.atomic():
            response = view(request, **kwargs)
            if response.status_code == 200:
                return SafeString(response.content.decode())
            why = "could not be shown"
    except Covered as error:
        why = f"is covered while contact {error.cover.number} waits for its risk"
    except PermissionDenied:
        why = "not for your role"
    except Exception as error:
        log.error("panel_failed", panel=slug, error=type(error).__name__)
        why = "could not be shown"
    return SafeString(
        render_to_string("desk/_broken.html", {"slug": slug, "name": name, "number": number, "url": url, "why": why})
    )
