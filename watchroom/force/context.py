"""What of the force does every page show? That a surge is declared, to whoever works with the board (R47, R84)."""

from typing import Any

from django.db import connection
from django.http import HttpRequest

from watchroom.force import queries
from watchroom.foundation import clock, scope


def surge(request: HttpRequest) -> dict[str, Any]:
    """`surge_now` for the top bar. A handler learns of it from the log, once her risk is saved: demand has no place before."""
    if connection.needs_rollback:  # the page of a refused act: nothing more is asked of its transaction
        return {}
    member = getattr(request, "user", None)
    if not (scope.current() and member and member.is_authenticated and "incidents.board" in member.permissions):
        return {}
    return {"surge_now": queries.surge_at(clock.now())}
