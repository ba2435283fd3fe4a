"""What does a transaction know already? An answer that may not change while it lasts is asked for once."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection

from watchroom.foundation import scope

T = TypeVar("T")


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
