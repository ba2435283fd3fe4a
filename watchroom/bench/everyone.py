"""People come in by the thousand, in as many processes as there are processors; their ids follow the order in which they come.

Where nobody is on record yet the index of their keys is made afterwards, as it is when a house is restored. Beside a record in use
it stays, for others look under it.
"""

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from datetime import date
from itertools import islice
from multiprocessing import get_context

from watchroom.bench import ground
from watchroom.identity.likeness.words import Said

BATCH = 2000  # people in one transaction


def load(people: Iterable[tuple[Hashable, Said]], *, told: Callable[[int], None] = lambda n: None) -> list[Hashable]:
    """Into the force in scope: (who it is, one description of them). Returns who they are, in the order of their ids in the database.

    Whoever comes several times is one person with as many descriptions.
    """
    from watchroom.foundation import scope

    force, rest, workers = scope.require(), iter(people), os.cpu_count() or 1
    ids, total = dict[Hashable, int](), 0
    with _keys_afterwards(), ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=ground.ready) as pool:
        under_way = set[Future[int]]()
        while batch := list(islice(rest, BATCH)):
            new = {who: said for who, said in reversed(batch) if who not in ids}
            if any(who in ids for who, _ in batch):
                total += _done(under_way, all_of_them=True)  # whom these describe is there
            first = _reserved(len(new)) if new else 0
            ids |= {who: first + at for at, who in enumerate(dict.fromkeys(who for who, _ in batch if who in new))}
            persons = [(ids[who], said) for who, said in new.items()]
            under_way.add(pool.submit(_bring_in, force, persons, [(ids[who], said) for who, said in batch]))
            if len(under_way) > workers:  # no more at once than is worked on: ten million are not held in memory
                total += _done(under_way)
                told(total)
        total += _done(under_way, all_of_them=True)
    return list(ids)


@contextmanager
def _keys_afterwards() -> Iterator[None]:
    from watchroom.foundation import roles

    with roles.connect(os.environ["WATCHROOM_OWNER_URL"]) as owner:
        ((has_any,),) = owner.execute("select pg_relation_size('identity_description') > 0").fetchall()
        if has_any:
            yield
            return
        ((made,),) = owner.execute("select pg_get_indexdef('description_keys'::regclass)").fetchall()
        owner.execute("drop index description_keys")
        yield
        # several processors take half of the time, and leave its pages half empty; with more memory it takes longer (docs/benchmarks.md)
        owner.execute("set max_parallel_maintenance_workers = 0")
        owner.execute("set maintenance_work_mem = '64MB'")
        owner.execute(made)


def _done(under_way: set[Future[int]], *, all_of_them: bool = False) -> int:
    """Wait for one of them, or for all, and take them out. Returns how many descriptions those brought."""
    done, _ = wait(under_way, return_when=ALL_COMPLETED if all_of_them else FIRST_COMPLETED) if under_way else (set(), None)
    under_way -= done
    return sum(each.result() for each in done)


def _reserved(number: int) -> int:
    """The first of so many ids in a row; nobody else takes any meanwhile."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('identity_person', 'id')) from generate_series(1, %s)", [number])
        return int(cursor.fetchall()[0][0])


def _bring_in(force: str, people: Sequence[tuple[int, Said]], described: Sequence[tuple[int, Said]]) -> int:
    from django.db import connection, transaction

    from watchroom.foundation import clock, scope
    from watchroom.identity import finding

    ids, given, family, born = (
        [person for person, _ in people],
        [said.given.title()[:60] for _, said in people],
        [said.family.title()[:60] for _, said in people],
        [_a_day(said.born) for _, said in people],
    )
    with scope.use(force), transaction.atomic():
        with connection.cursor() as cursor:  # row-level security allows no COPY
            cursor.execute(
                "insert into identity_person (id, force, given_name, family_name, born_date)"
                " select id, %s, given, family, born::date"
                " from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) as x (id, given, family, born)",
                [force, ids, given, family, born],
            )
        finding.describe_all(described, source="bench", at=clock.now())
    return len(described)


def _a_day(born: str) -> str | None:
    try:
        return date.fromisoformat(born).isoformat() if len(born) == 10 else None
    except ValueError:
        return None
