"""Tokens at a console: `watchroom api token`, `watchroom api revoke`."""

import sys
from datetime import timedelta

from django.db import transaction

from watchroom.api import tokens
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Invalid

BY = "system:console"


def token(*, force: str, name: str, may: list[str] | None, days: int) -> int:
    """Print a new token; exit status 1 with a sentence when it cannot be made."""
    if not _is_force(force):
        return 1
    try:
        with scope.use(force), transaction.atomic():
            _, text = tokens.create(
                name=name, permissions=may or tuple(tokens.PERMISSIONS), lasts=timedelta(days=days), by=BY, at=clock.now()
            )
    except Invalid as error:
        print(error, file=sys.stderr)
        return 1
    print(text)
    return 0


def revoke(*, force: str, name: str) -> int:
    if not _is_force(force):
        return 1
    with scope.use(force), transaction.atomic():
        ended = tokens.revoke(name=name, by=BY, at=clock.now())
    print(f"{ended} of {name}’s tokens ended.")
    return 0 if ended else 1


def _is_force(code: str) -> bool:
    if code in scope.forces():
        return True
    print(f"There is no force {code!r} here. There are: {', '.join(scope.forces()) or 'none'}.", file=sys.stderr)
    return False
