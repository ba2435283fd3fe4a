"""The worker: duties swept every second, jobs done after kills, and a deferral that shares the fate of its transaction."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django import app as jobs

from watchroom import testing, worker
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.foundation import clock, embedded, roles, scope

NAME = "tests.note"
# A periodic job that was due in the ten minutes before stands beside them.
OURS = "select task_name, status from procrastinate_jobs where starts_with(task_name, 'tests.')"
noted = []


@pytest.fixture
def note():
    """A task that only writes down that it ran."""
    noted.clear()
    task = jobs.task(name=NAME)(lambda number: noted.append(number))
    yield task
    del jobs.tasks[NAME]


def rows(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def run_worker_once() -> None:
    async def do():
        fresh = worker._worker_app()
        async with fresh.open_async():
            await fresh.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")

    asyncio.run(do())


def test_the_sweeper_raises_what_is_overdue_in_every_force(clone):
    now = clock.now()
    late = now - timedelta(seconds=1)
    for force in ("northmoor", "southmere"):
        with scope.use(force):
            duties.owe(kind="callback", subject=("contact", 1), owner="staff:1", due_at=late, by="staff:1", at=now)
    assert worker.sweep_all() == 2
    assert worker.sweep_all() == 0
    with scope.use("northmoor"), transaction.atomic():
        assert Duty.objects.get().raised_at is not None


def test_one_forces_trouble_does_not_keep_another_waiting(clone, monkeypatch):
    swept, sweep = [], duties.sweep

    def troubled(*, at):
        if scope.current() == "northmoor":
            raise ValueError("trouble")
        swept.append(scope.current())
        return sweep(at=at)

    monkeypatch.setattr(duties, "sweep", troubled)
    with pytest.raises(ValueError, match="trouble"):
        worker.sweep_all()
    assert swept == ["southmere"]


def test_a_job_is_done(clone, note):
    note.defer(number=7)
    run_worker_once()
    assert noted == [7]
    assert rows(OURS) == []


def test_a_job_of_a_transaction_that_failed_never_was(clone, note):
    with transaction.atomic():
        note.defer(number=7)
        transaction.set_rollback(True)
    run_worker_once()
    assert noted == []


def test_what_a_task_defers_shares_the_fate_of_the_tasks_transaction(clone, note):
    """Beside the worker's own connections: else a fact could be rolled back and its consequence stand."""

    def fail():
        with transaction.atomic():
            note.defer(number=7)
            raise ZeroDivisionError

    jobs.task(name="tests.fail")(fail).defer()
    try:
        run_worker_once()
    finally:
        del jobs.tasks["tests.fail"]
    assert noted == []
    assert rows(OURS) == [("tests.fail", "failed")]


def test_a_job_whose_worker_was_killed_is_done_again(clone, note, monkeypatch):
    monkeypatch.setattr(worker, "HEARTBEAT_EVERY", 0.05)
    note.defer(number=7)
    rows("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id")
    rows("update procrastinate_jobs set status = 'doing', worker_id = (select max(id) from procrastinate_workers) returning id")

    async def requeue():
        fresh = worker._worker_app()
        async with fresh.open_async():
            task = asyncio.create_task(worker._requeue_stalled(fresh))
            await asyncio.sleep(0.5)
            task.cancel()

    asyncio.run(requeue())
    run_worker_once()
    assert noted == [7]


def test_a_connection_that_the_database_killed_is_not_kept_for_the_next_periodic_job(clone):
    async def do():
        [(pid,)] = await sync_to_async(rows)("select pg_backend_pid()")
        administrator = embedded.url(testing.cluster.state, "postgres", testing.cluster.state.superuser_password, "postgres")
        with roles.connect(administrator) as server:
            server.execute("select pg_terminate_backend(%s, 5000)", [pid])
        with pytest.raises(OperationalError):
            await sync_to_async(rows)("select 1")
        await worker._forget_connections()
        assert await sync_to_async(rows)("select 1") == [(1,)]

    asyncio.run(do())
