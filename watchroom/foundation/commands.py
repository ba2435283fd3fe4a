"""Has this command been carried out before? Then its first answer is returned and nothing happens twice."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from watchroom.foundation import locks
from watchroom.foundation.errors import Invalid
from watchroom.foundation.models import Command
from watchroom.foundation.statements import statement


def once(key: str, name: str, do: Callable[[], Any], *, savepoint: bool = True) -> tuple[Any, bool]:
    """Carry out `do` unless this force has already had `key`: returns (answer, repeated). The answer must be JSON.

    The key is taken first, inside the same transaction: a second writer waits for the first and then reads its
    answer, so two arrivals of one command at the same time are one. Raises Invalid when the key was used for
    another command. Without a savepoint: within an action that has begun its own, and does nothing when this fails.
    """
    if not key or len(key) > 128:
        raise Invalid(key="Give an idempotency key of 1 to 128 characters.")
    with transaction.atomic(savepoint=savepoint):
        locks.hold(f"command:{key}")
        for used_for, answer in _earlier(key):
            if used_for != name:
                raise Invalid(key=f"This key was already used for “{used_for}”.")
            return answer, True
        answer = do()
        Command.objects.create(key=key, name=name, answer=answer)
        return answer, False


@statement
def _earlier(key: str) -> QuerySet[Command, tuple[str, Any]]:
    return Command.objects.filter(key=key).values_list("name", "answer")
