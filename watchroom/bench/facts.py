"""How many transactions a second can one force's chain of facts seal?"""

from collections.abc import Callable
from typing import Any

from watchroom.bench import ground

FORCE = "bench-facts"


def measure(*, short: bool) -> dict[str, Any]:
    from watchroom.foundation import verify

    ground.found(FORCE)
    measures = ground.against_peer(tell, ground.bare_insert, processes=2, seconds=5 if short else 30)
    verdict = verify.verify(FORCE)
    return {**measures, "facts_verified": verdict.facts, "chain_is_whole": verdict.first_bad is None}


def tell(number: int) -> Callable[[], object]:
    from django.db import transaction

    from watchroom.foundation import clock, facts, scope
    from watchroom.staff.facts import StateChanged

    def once() -> None:
        with scope.use(FORCE), transaction.atomic():
            facts.tell(StateChanged(member=number + 1, state="available"), by="system:bench", at=clock.now())

    return once
