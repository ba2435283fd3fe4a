"""`watchroom staff join`: a member of staff from the console."""

import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from watchroom.foundation import clock, scope
from watchroom.staff import actions, auth


def join(*, login: str, name: str, roles: list[str], desk: str, password: str) -> int:
    """Returns the exit status; says in one sentence what is wrong."""
    short, force = auth.split(login)
    try:
        if not force or force not in scope.forces():
            raise ValueError(f"“{login}” does not end with a force of this installation, like bryn@northmoor.")
        validate_password(password)
        with scope.use(force), transaction.atomic():
            member = actions.join(
                name=short, full_name=name, roles=roles, desk=desk, password=password, by="system:command", at=clock.now()
            )
    except ValidationError as error:
        print(f"watchroom: {' '.join(error.messages)}", file=sys.stderr)
        return 1
    except IntegrityError:
        print(f"watchroom: {login} is already a member of staff.", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"watchroom: {error}", file=sys.stderr)
        return 1
    print(f"{member.full_name} logs in as {short}@{force}.")
    return 0
