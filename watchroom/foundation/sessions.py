"""How long is somebody logged in? Until the browser closes, and for one shift from the log-in, whatever is done in it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

ENDS = "ends"  # in the session: when it is over, in seconds since 1970


def begin(session: SessionBase, *, at: datetime) -> None:
    """Somebody has just logged in."""
    session[ENDS] = (at + timedelta(seconds=settings.SESSION_COOKIE_AGE)).timestamp()


def is_over(session: SessionBase, *, at: datetime) -> bool:
    """Django's own age begins anew each time that something is kept in the session; this one does not."""
    return at.timestamp() >= session.get(ENDS, float("inf"))
