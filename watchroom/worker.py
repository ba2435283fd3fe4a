"""Who does what was promised for later? One process: the jobs of procrastinate, the sweeper of duties, the router, and the anchors.

It survives the database's restarts. Due times are found by an index every second: a job runner's polling alone was seconds late.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import psycopg
import structlog
from asgiref.sync import sync_to_async

log = structlog.get_logger("watchroom.worker")

SWEEP_EVERY = 1.0
ROUTE_EVERY = 1.0
ROUTE_APART = 0.03  # facts that come closer together are looked at in one turn: one call alone is a dozen, and most ask nothing
ROUTE_SHARE = 2  # it rests so many times as long as a turn took: where the machine is busy, more is looked at together
ROUTE_REST = 0.2  # and no longer, however long a turn took
ANCHOR_EVERY = 60.0
TIDY_EVERY = 3600.0
JOBS_AT_ONCE = 4
# Calls to other systems have a queue and a runner of their own: whoever does not answer there keeps no reaction here waiting.
QUEUES = {"default": JOBS_AT_ONCE, "links": 16}
HEARTBEAT_EVERY = 2.0
# A job whose worker has been silent for this long is done again: jobs are idempotent.
STALLED_AFTER = 10.0
PAUSE = 0.5
LET_JOBS_FINISH = 2.0


def main() -> None:
    """Until SIGTERM or SIGINT. Django is set up."""
    from watchroom.foundation import logs

    logs.configure("worker")
    stop = threading.Event()
    sweeping = threading.Thread(target=_sweeper, args=(stop,), name="sweeper", daemon=True)
    routing = threading.Thread(target=_router, args=(stop,), name="router", daemon=True)
    sweeping.start()
    routing.start()
    log.info("started")
    asyncio.run(_jobs(stop))
    sweeping.join(timeout=1.0)
    routing.join(timeout=1.0)
    log.info("ended")


# --- The sweeper: a thread of its own, so that no long job makes a duty late


def _sweeper(stop: threading.Event) -> None:
    from watchroom.foundation import health

    heartbeat = health.heartbeat_file()
    anchor_at = tidy_at = 0.0
    while not stop.is_set():
        began = time.monotonic()
        well = _without_fail("sweep", sweep_all)
        if well and began >= anchor_at:
            from watchroom.foundation import anchors

            well = _without_fail("anchor", anchors.write_all)
            anchor_at = began + ANCHOR_EVERY
        if began >= tidy_at:
            _without_fail("tidy", tidy_all)  # the heartbeat does not hang on it
            tidy_at = began + TIDY_EVERY
        if well:
            heartbeat.touch()
        stop.wait(max(0.0, SWEEP_EVERY - (time.monotonic() - began)))


def sweep_all() -> int:
    """Raise what is overdue. Returns how many duties."""
    from watchroom.duties import actions as duties
    from watchroom.force import queries as forces
    from watchroom.foundation import clock

    return _each_force("sweep", forces.codes(), lambda: duties.sweep(at=clock.now()))


def _each_force(what: str, codes: Iterable[str], work: Callable[[], int]) -> int:
    """The sum of what `work` returns, force by force; one force's trouble keeps no other waiting, and is raised at the end."""
    from watchroom.foundation import scope

    done, trouble = 0, None
    for force in codes:
        try:
            with scope.use(force):
                done += work()
        except Exception as error:
            log.error(f"{what} of one force failed", force=force, exc_info=error)
            trouble = error
    if trouble:
        raise trouble
    return done


def tidy_all() -> None:
    """Throw away what nobody needs any more: wrong passwords, sessions that are over, notes of what was open on a screen, what a
    killed look through the record left.

    And what is noticed by the day alone: flags past their review date are owed to whoever may decide.
    """
    from django.contrib.sessions.models import Session
    from django.db import transaction

    from watchroom.force import queries as forces
    from watchroom.foundation import access, clock, scope
    from watchroom.identity.batch import run as batch
    from watchroom.identity.flags import actions as flags
    from watchroom.staff import actions as staff

    at = clock.now()
    staff.forget_tries(at=at)
    Session.objects.filter(expire_date__lt=at).delete()
    batch.forget_leftovers()
    for force in forces.codes():
        with scope.use(force), transaction.atomic():
            access.forget_opened(at=at)
            flags.owe_reviews(at=at)


def _without_fail(what: str, work: Callable[[], Any]) -> bool:
    """Do it; what goes wrong is logged and tried again at the next turn. The connection is given back either way."""
    from django.db import connections

    try:
        work()
    except Exception as error:
        log.error(f"{what} failed", exc_info=error)
        return False
    finally:
        connections.close_all()
    return True


# --- The router: offers what waits as soon as anything has changed


def _router(stop: threading.Event) -> None:
    """Woken by every fact, and by the clock for offers that nobody took. It may die and come back: the queue is in the database."""
    due_at = rested_at = 0.0
    while not stop.is_set():
        try:
            with psycopg.connect(os.environ["WATCHROOM_APP_URL"], autocommit=True) as heard:
                heard.execute("listen watchroom_facts")
                while not stop.is_set():
                    # many facts of one moment are one turn; the clock turns for all forces, also while facts never cease
                    notices = list(heard.notifies(timeout=ROUTE_EVERY, stop_after=1))
                    stop.wait(max(0.0, rested_at - time.monotonic()))
                    notices += heard.notifies(timeout=0)
                    turned_at = time.monotonic()
                    changed = {notice.payload.split(" ")[0] for notice in notices}
                    is_due = not notices or time.monotonic() >= due_at
                    if is_due:
                        due_at = time.monotonic() + ROUTE_EVERY
                    _without_fail("routing", partial(_turn, changed, is_due=is_due))
                    rested_at = _rested(turned_at, time.monotonic())
        except (psycopg.Error, OSError) as error:
            log.warning("router listens no more", error=type(error).__name__)
            stop.wait(PAUSE)


def _rested(began: float, ended: float) -> float:
    """When the next turn may begin, after one that took so long."""
    return max(began + ROUTE_APART, ended + min(ROUTE_REST, ROUTE_SHARE * (ended - began)))


def _turn(changed: Iterable[str], *, is_due: bool) -> int:
    from watchroom.force import queries as forces

    return route_all(forces.codes() if is_due else changed, is_due=is_due)


def route_all(codes: Iterable[str], *, is_due: bool = True) -> int:
    """One turn of the queue in each of these forces where anything waits. Returns how many offers.

    Not `is_due`: only where something is offered to nobody; most facts, the router's own among them, leave nothing for it to do.
    """
    from django.db import transaction

    from watchroom.contacts import offers
    from watchroom.foundation import clock

    def turn() -> int:
        with transaction.atomic():
            return len(offers.route(at=clock.now())) if offers.is_needed(is_due=is_due) else 0

    return _each_force("routing", sorted(codes), turn)


# --- Jobs


async def _jobs(stop: threading.Event) -> None:
    """Run jobs until we are asked to end; when the database goes away, begin anew until it is back."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ending.set)
    end = asyncio.create_task(ending.wait())
    while not ending.is_set():
        await _forget_connections()
        worker = _worker_app()
        work = [asyncio.create_task(_run_jobs(worker)), asyncio.create_task(_requeue_stalled(worker))]
        await asyncio.wait([end, *work], return_when=asyncio.FIRST_COMPLETED)
        for task in work:
            task.cancel()
        done, _ = await asyncio.wait(work, timeout=LET_JOBS_FINISH)
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                log.error("jobs were interrupted", exc_info=error)
        if not ending.is_set():
            await asyncio.sleep(PAUSE)
    stop.set()


async def _forget_connections() -> None:
    """What periodic jobs are deferred with: Django's connection of the one thread that `sync_to_async` uses. No request ever
    ends there, so a connection that a restart of the database killed would stay dead for ever.
    """
    from django.db import connections

    await sync_to_async(connections.close_all)()


def _worker_app() -> Any:
    """The application's tasks, fetched over connections of their own; anew each time, for after a restart of the database
    the old ones are all dead.

    Beside the application, not in its place (`replace_connector`): what a task or the sweeper defers must go through Django's
    connection, into the transaction of the fact that it follows from.
    """
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.db_cleanup import DjangoApp

    worker = DjangoApp(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]
    worker.tasks = app.tasks
    worker.periodic_registry = app.periodic_registry
    return worker


async def _run_jobs(worker: Any) -> None:
    async with worker.open_async(), asyncio.TaskGroup() as running:
        for queue, at_once in QUEUES.items():
            running.create_task(
                worker.run_worker_async(
                    queues=[queue],
                    name=f"watchroom-{queue}",
                    concurrency=at_once,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_EVERY,
                    stalled_worker_timeout=STALLED_AFTER,
                    shutdown_graceful_timeout=LET_JOBS_FINISH,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="successful",
                )
            )


async def _requeue_stalled(worker: Any) -> None:
    """After kill -9 a job stays `doing` for ever, and nobody inside procrastinate looks."""
    while True:
        await asyncio.sleep(HEARTBEAT_EVERY)
        for job in await worker.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            log.warning("stalled job queued again", job=job.id, task=job.task_name)
            await worker.job_manager.retry_job(job)
