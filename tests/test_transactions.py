"""A savepoint waits for the first statement in it, and is said with it; what is undone, kept or raised is as if it had not waited."""

import contextlib

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.pq import TransactionStatus

from tests import world
from watchroom.foundation import scope
from watchroom.staff.models import Member


class Regretted(Exception):
    pass


def asked(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def force_in_sql() -> str:
    return asked("select current_setting('watchroom.force', true)")


def names() -> set[str]:
    return set(Member.objects.values_list("name", flat=True))


def test_a_savepoint_goes_with_its_first_statement_and_one_without_any_is_never_said(northmoor):
    asked("select 1")
    with CaptureQueriesContext(connection) as said:
        with transaction.atomic(), transaction.atomic():
            pass
        with contextlib.suppress(Regretted), transaction.atomic():
            raise Regretted
        with transaction.atomic(), transaction.atomic():
            asked("select 2")
        asked("select 3")
    assert [one["sql"].count("SAVEPOINT") for one in said] == [2, 0, 2, 0]
    assert [one["sql"][:9] for one in said] == ["SAVEPOINT", "select 2", "RELEASE S", "select 3"]


def test_what_is_undone_is_what_was_done_in_it_and_no_more(northmoor):
    before = names()
    world.a_member("ann")
    with contextlib.suppress(Regretted), transaction.atomic():
        world.a_member("ben")
        with contextlib.suppress(Regretted), transaction.atomic():
            world.a_member("cat")
            raise Regretted
        assert names() == {*before, "ann", "ben"}
        with transaction.atomic():
            world.a_member("dan")
        raise Regretted  # while the end of the one within still waits
    assert names() == {*before, "ann"}
    with contextlib.suppress(Regretted), transaction.atomic():
        with contextlib.suppress(Regretted), transaction.atomic():
            raise Regretted
        world.a_member("eve")
        raise Regretted
    with transaction.atomic():
        world.a_member("fay")
    assert names() == {*before, "ann", "fay"}


def test_a_cursor_that_was_there_before_is_no_way_past_it(northmoor):
    before = names()
    with connection.cursor() as cursor:
        with contextlib.suppress(Regretted), transaction.atomic():
            cursor.execute("update staff_member set full_name = 'Nobody'")
            raise Regretted
        assert "Nobody" not in set(Member.objects.values_list("full_name", flat=True))
    assert names() == before


def test_an_error_that_was_swallowed_in_it_is_raised_at_its_end_and_undoes_nothing_around_it(northmoor):
    world.a_member("ann")
    with pytest.raises(DatabaseError), transaction.atomic():
        with contextlib.suppress(DatabaseError):
            asked("select 1 / 0")
    assert "ann" in names()


def test_a_force_that_was_entered_in_it_is_left_again_when_it_is_undone(northmoor):
    with contextlib.suppress(Regretted), transaction.atomic(), scope.use("southmere"):
        assert force_in_sql() == "southmere"
        raise Regretted
    assert force_in_sql() == "northmoor"


def test_a_transaction_in_which_nothing_is_asked_is_never_begun(clone):
    with scope.use("northmoor"):
        with transaction.atomic():
            assert connection.waiting == ["BEGIN", "set local watchroom.force = 'northmoor'"]
            assert connection.connection.info.transaction_status == TransactionStatus.IDLE
            names()
            assert connection.waiting == []
            assert connection.connection.info.transaction_status == TransactionStatus.INTRANS
        assert connection.connection.info.transaction_status == TransactionStatus.IDLE


def test_one_that_is_broken_before_it_was_begun_is_begun_before_anything_is_written(clone):
    """Of a table that belongs to no force, so that no row-level security would refuse what is written outside a transaction."""
    with contextlib.suppress(Regretted), transaction.atomic():
        with contextlib.suppress(Regretted), transaction.atomic(savepoint=False):
            raise Regretted
        with pytest.raises(transaction.TransactionManagementError):
            Session.objects.count()
        transaction.set_rollback(False)
        Session.objects.create(session_key="k", session_data="", expire_date=world.NIGHT)
        raise Regretted
    assert not Session.objects.exists()


def test_a_setting_lasts_as_long_as_what_it_was_said_in(northmoor):
    limit = "select current_setting('statement_timeout')"
    with contextlib.suppress(Regretted), transaction.atomic():
        connection.say_later("set local statement_timeout = 4321")
        assert asked(limit) == "4321ms"
        raise Regretted
    assert asked(limit) == "0"
    with contextlib.suppress(Regretted), transaction.atomic():
        connection.say_later("set local statement_timeout = 4321")
        raise Regretted
    assert asked(limit) == "0"


def test_what_is_read_bit_by_bit_is_over_with_its_transaction_and_can_be_locked(clone):
    with scope.use("northmoor"):
        with transaction.atomic():
            for name in ("ann", "ben", "cat"):
                world.a_member(name)
            rows = Member.objects.select_for_update().iterator(chunk_size=1)
            next(rows)
        with transaction.atomic():
            assert asked("select count(*) from pg_cursors where is_holdable") == 0


def test_what_is_copied_is_copied_in_the_transaction_also_where_it_is_noted(clone):
    with scope.use("northmoor"), CaptureQueriesContext(connection), transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy("copy (select current_setting('watchroom.force', true)) to stdout") as copied:
            assert b"".join(map(bytes, copied)) == b"northmoor\n"


def test_where_the_beginning_failed_nothing_is_done_outside_a_transaction(clone):
    with scope.use("northmoor"), transaction.atomic():
        connection.waiting.insert(0, "select 1 / 0")
        with pytest.raises(DatabaseError):
            names()
        with pytest.raises(transaction.TransactionManagementError):
            Session.objects.count()
