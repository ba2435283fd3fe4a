"""Which force's rows may this piece of work see?

The scope is entered once, by the request (from its session), the job or the command. Every transaction then
tells PostgreSQL (`postgres/base.py`), whose row-level security is the last line; `Scoped.objects` is the first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string
from psycopg import sql

_force: ContextVar[str | None] = ContextVar("force", default=None)


class NoScope(RuntimeError):
    """Rows of a force were asked for without saying which force."""


def current() -> str | None:
    return _force.get()


def require() -> str:
    """The code of the force in scope. Raises NoScope."""
    force = _force.get()
    if not force:
        raise NoScope("Enter a force first: `with scope.use('northmoor'):`")
    return force


def default() -> str:
    """What a new row's force is; a row made outside every scope has none, and the database refuses it."""
    return _force.get() or ""


def forces() -> list[str]:
    """The codes of all forces of this installation. Work over all of them is a loop of scopes, never a query across."""
    return import_string(settings.WATCHROOM_FORCES)()


def apply(connection: Any, force: str | None) -> None:
    """Tell PostgreSQL, for the rest of this transaction only (a session setting would leak from pooled connections)."""
    connection.say_later(f"set local watchroom.force = {sql.quote(force or '')}")


@contextmanager
def use(force: str) -> Iterator[None]:
    """Work for one force. Inside a running transaction it takes hold at once, and the outer scope returns afterwards."""
    if not force:
        raise NoScope("A scope needs the code of a force.")
    token = _force.set(force)
    try:
        _reapply(force)
        yield
    finally:
        before = token.old_value if token.old_value is not token.MISSING else None
        _force.reset(token)
        _reapply(before)


@contextmanager
def standing_for(place: Any) -> Iterator[None]:
    """For a statement that is written for whichever force will be in scope (`statements.py`): nothing is asked in here."""
    token = _force.set(place)
    try:
        yield
    finally:
        _force.reset(token)


def _reapply(force: str | None) -> None:
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and connection.in_atomic_block and not connection.needs_rollback:
            apply(connection, force)
