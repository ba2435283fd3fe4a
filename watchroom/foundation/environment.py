"""What does the environment say for this force? `NAME_NORTHMOOR`, or `NAME` where the installation has one force only."""

import os
import re

from django.db import transaction

from watchroom.foundation import scope


def of_force(name: str) -> str:
    """Of the force in scope; empty where nothing is set."""
    own = f"{name}_{re.sub(r'[^A-Z0-9]', '_', scope.require().upper())}"
    of_all = os.environ.get(name, "")
    if os.environ.get(own) or not of_all:
        return os.environ.get(own, "")
    with transaction.atomic():  # asked between transactions, as everything that speaks with another machine
        return of_all if len(scope.forces()) == 1 else ""
