"""What do all benches stand on? A database that is thrown away, a race of processes, percentiles, a web with people logged in."""

import contextlib
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from psycopg import sql

Work = Callable[[int], Callable[[], object]]  # makes ready in a process of this number; the answer does it once


@contextlib.contextmanager
def throw_away_database() -> Iterator[dict[str, str]]:
    """A migrated database on the cluster in use; the environment in which children find it."""
    from watchroom.foundation import database, roles

    urls = database.resolve()
    name, owner = f"watchroom_bench_{os.getpid()}", urls.for_role(as_owner=True)
    with roles.connect(owner) as connection:
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        try:
            with tempfile.TemporaryDirectory() as data:
                environment = {
                    **os.environ,
                    "WATCHROOM_DATA": data,
                    "WATCHROOM_APP_URL": database.with_database(urls.app, name),
                    "WATCHROOM_OWNER_URL": database.with_database(owner, name),
                }
                with roles.connect(environment["WATCHROOM_OWNER_URL"]) as new:
                    roles.make_extensions(new)
                migrate = [sys.executable, "-m", "watchroom.cli", "migrate"]
                subprocess.run(migrate, env=environment, stdout=subprocess.DEVNULL, check=True)
                yield environment
        finally:
            roles.drop_database(connection, name)


def load_of_machine() -> list[float]:
    """Of the last one, five and fifteen minutes."""
    return [round(value, 1) for value in os.getloadavg()]


def measured(module: str, *arguments: str, as_json: bool) -> int:
    """Run a bench's module as a process on a database that is thrown away, and print what it measured. The exit status."""
    with throw_away_database() as environment:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode:
        return done.returncode
    measures = json.loads(done.stdout.splitlines()[-1])
    if as_json:
        print(json.dumps(measures))
    else:
        for name, value in measures.items():
            print(f"{name:>24}  {value}")
    return 0


def found(code: str) -> None:
    """A force of this bench's own."""
    from watchroom.force import actions as forces
    from watchroom.force import packs
    from watchroom.foundation import clock, scope

    forces.found(code=code, name=f"Bench ({code})")
    with scope.use(code):
        forces.adopt(policy=packs.national(), by="system:bench", at=clock.now())


def handlers(number: int) -> None:
    """So many who take contacts, `handler0` and on, in the force in use."""
    from watchroom.foundation import clock
    from watchroom.staff import actions as staff

    for one in range(number):
        name = f"handler{one}"
        staff.join(name=name, full_name=f"Handler {one}", roles=["handler"], password="", by="system:bench", at=clock.now())


def race(work: Work, *, processes: int, seconds: float) -> list[float]:
    """Each process does it over and over for so long; how long each time took, in milliseconds."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        return [each for part in pool.starmap(_lap, [(work, n, seconds) for n in range(processes)], 1) for each in part]


def ready() -> None:
    """Django, in a process that a bench has started."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchroom.settings")
    import django

    django.setup()


def _lap(work: Work, number: int, seconds: float) -> list[float]:
    ready()
    do, took = work(number), []
    do()  # what is only slow the first time is not measured
    until = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < until:
        do()
        took.append((time.perf_counter() - begun) * 1000)
    return took


def against_peer(ours: Work, peer: Work, *, processes: int, seconds: float, rounds: int = 2) -> dict[str, Any]:
    """Ours and the peer by turns (A B A B), so that a load that comes and goes meets both."""
    took: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(rounds):
        for name, work in (("ours", ours), ("peer", peer)):
            took[name] += race(work, processes=processes, seconds=seconds / rounds)
    rates = {name: len(values) / seconds for name, values in took.items()}
    sides = {name: {"per_second": round(rates[name], 1), **percentiles(values)} for name, values in took.items()}
    return {"processes": processes, "seconds_each": seconds, **sides, "ratio": round(rates["ours"] / rates["peer"], 3)}


def percentiles(values: list[float]) -> dict[str, float]:
    """n, p50, p95, p99 in milliseconds."""
    if len(values) < 2:
        return {"n": len(values)}
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"n": len(values), **{f"p{p}_ms": round(cuts[p - 1], 1) for p in (50, 95, 99)}}


def bare_insert(number: int) -> Callable[[], object]:
    """The peer: one row of about the same size, inserted and committed over psycopg, no more."""
    import psycopg

    url = os.environ["WATCHROOM_OWNER_URL"]
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("select pg_advisory_lock(1)")
    connection.execute(
        "create table if not exists bench_peer (id bigserial primary key, force text, kind text, at timestamptz, body jsonb)"
    )
    connection.execute("select pg_advisory_unlock(1)")

    def insert() -> None:
        connection.execute(
            "insert into bench_peer (force, kind, at, body) values ('bench', 'ContactArrived', now(), %s)",
            ['{"contact": 12, "channel": "999", "text": "Somebody is trying car doors in the street."}'],
        )

    return insert


# --- A web, and people with screens


@contextlib.contextmanager
def web() -> Iterator[str]:
    """The web process on a port of its own; its address."""
    from watchroom.foundation import supervise

    port = supervise.free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "WATCHROOM_STREAMS": "100000"}  # one member watches on all screens
        process = supervise.start(
            [sys.executable, "-m", "watchroom.web", "127.0.0.1", str(port)], env=environment, log=Path(folder) / "web.log"
        )
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(600):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5):
                    break
                time.sleep(0.1)
            yield url
        finally:
            supervise.end(process)


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """The worker process: jobs, sweeper, router."""
    from watchroom.foundation import supervise

    with tempfile.TemporaryDirectory() as folder:
        process = supervise.start(
            [sys.executable, "-m", "watchroom.cli", "worker"], env=dict(os.environ), log=Path(folder) / "worker.log"
        )
        try:
            yield
        finally:
            supervise.end(process)


def cookie(force: str, name: str) -> str:
    """The cookie of a member who is logged in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from watchroom.foundation import scope
    from watchroom.staff.models import Member

    with scope.use(force), transaction.atomic():
        member = Member.objects.get(name=name)
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = "watchroom.staff.auth.ForceBackend"
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.update({"force": force, "force_name": force.title(), "desk_name": member.desk})
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
