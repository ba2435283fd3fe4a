"""How many contacts a second can be received, with their facts, duties and reactions, in a force's scope? And by a whole room?"""

import uuid
from collections.abc import Callable
from typing import Any

from watchroom.bench import ground, room

FORCE = "bench-intake"


def measure(*, short: bool) -> dict[str, Any]:
    from django.db import transaction

    from watchroom.contacts.models import Contact
    from watchroom.foundation import scope

    ground.found(FORCE)
    measures = ground.against_peer(receive, ground.bare_insert, processes=2, seconds=6 if short else 60)
    with scope.use(FORCE), transaction.atomic():
        there = Contact.objects.count()
    warm_ups = 2 * measures["processes"]  # one in each process and round
    whole = room.measure(
        rate=20 if short else 50, seconds=8 if short else 600, desks=20 if short else 100, waiting=300 if short else 10_000
    )
    return {**measures, "lost": measures["ours"]["n"] + warm_ups - there, "room": whole}


def receive(number: int, force: str = FORCE) -> Callable[[], object]:
    from watchroom.contacts import actions as contacts
    from watchroom.foundation import clock, scope

    def once() -> None:
        with scope.use(force):
            at = clock.now()
            contacts.receive(
                key=uuid.uuid4().hex,
                channel="999",
                transferred_at=at,
                caller_number="07700 900417",
                text="Somebody is trying car doors in the street.",
                by="system:bench",
                at=at,
            )

    return once
