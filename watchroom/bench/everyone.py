"""People come in by the thousand, in as many processes as there are processors; their ids follow the order in which they come."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import date
from itertools import islice
from multiprocessing import get_context

from watchroom.identity.likeness.words import Said

BATCH = 2000  # people in one transaction


def load(people: Iterable[Said], *, told: Callable[[int], None] = lambda n: None) -> int:
    """Into the force in scope, each with one description. Returns how many."""
    from watchroom.foundation import scope

    force, total, rest, workers = scope.require(), 0, iter(people), os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_ready) as pool:
        under_way = set[Future[int]]()
        while batch := list(islice(rest, BATCH)):
            under_way.add(pool.submit(_bring_in, force, _reserved(len(batch)), batch))
            if len(under_way) > workers:  # no more at once than is worked on: ten million are not held in memory
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                total += sum(each.result() for each in done)
                told(total)
        total += sum(each.result() for each in under_way)
    return total


def _reserved(number: int) -> int:
    """The first of so many ids in a row; nobody else takes any meanwhile."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('identity_person', 'id')) from generate_series(1, %s)", [number])
        return int(cursor.fetchall()[0][0])


def _ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchroom.settings")
    import django

    django.setup()


def _bring_in(force: str, first: int, batch: Sequence[Said]) -> int:
    from django.db import connection, transaction

    from watchroom.foundation import clock, scope
    from watchroom.identity import finding

    ids = range(first, first + len(batch))
    names = [said.given.title()[:60] for said in batch], [said.family.title()[:60] for said in batch]
    with scope.use(force), transaction.atomic():
        with connection.cursor() as cursor:  # row-level security allows no COPY
            cursor.execute(
                "insert into identity_person (id, force, given_name, family_name, born_date)"
                " select id, %s, given, family, born::date"
                " from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) as x (id, given, family, born)",
                [force, [*ids], *names, [_a_day(said.born) for said in batch]],
            )
        finding.describe_all(list(zip(ids, batch, strict=True)), source="bench", at=clock.now())
    return len(batch)


def _a_day(born: str) -> str | None:
    try:
        return date.fromisoformat(born).isoformat() if len(born) == 10 else None
    except ValueError:
        return None
