"""What does a transaction know already? An answer that may not change while it lasts is asked for once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from watchroom.foundation import scope

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def once(name: str, ask: Callable[[], T]) -> T:
    """The answer of `ask`, kept for this force until the transaction ends, is rolled back to a savepoint, or says `forget`."""
    if not connection.in_atomic_block:
        return ask()
    key, remembered = (scope.require(), name), _remembered()
    if key not in remembered:
        remembered[key] = ask()
    return remembered[key]


def forget(name: str) -> None:
    """What was remembered has been changed by this transaction itself."""
    _remembered().pop((scope.require(), name), None)


def _remembered() -> dict[tuple[str, str], Any]:
    """Our own backend's (postgres/base.py), which empties it with each transaction."""
    return connection.remembered  # type: ignore[attr-defined]


def whose() -> tuple[str, str]:
    """Which database and which force: by this is kept what a process knows longer than a transaction."""
    return str(connection.settings_dict["NAME"]), scope.require()


# --- While a page is only read


@contextmanager
def reading() -> Iterator[None]:
    """What happens in here reads and changes nothing of what it reads: a page that is asked for, not an act."""
    before = getattr(connection, "read", None)
    connection.read = {}  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.read = before  # type: ignore[attr-defined]


def while_reading(ask: F) -> F:
    """A query that several panels of one page ask: while it is only read, the same question is answered once.

    The same question is the same arguments: rows by what they are, moments by their second (panels look at the clock each for
    themselves). The answer is shared, so nobody changes it. Anywhere else, in an act above all, it is asked anew each time.
    """

    @wraps(ask)
    def asked(*args: Any, **kwargs: Any) -> Any:
        read: dict[Any, Any] | None = getattr(connection, "read", None)
        if read is None or not connection.in_atomic_block:
            return ask(*args, **kwargs)
        key = (scope.require(), ask, tuple(map(_same, args)), tuple((name, _same(kwargs[name])) for name in sorted(kwargs)))
        if key not in read:
            read[key] = ask(*args, **kwargs)
        return read[key]

    return asked  # type: ignore[return-value]


def _same(value: Any) -> Any:
    if isinstance(value, Model):
        return type(value), value.pk
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, (list, QuerySet)):
        return tuple(map(_same, value))
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    return value
