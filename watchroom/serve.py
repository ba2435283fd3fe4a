"""How does a whole control room come up at one word, and go away at another?

`serve` starts the web, the worker and the links in use, and keeps them running; `demo` makes a working room first. Both
end with everything they started within five seconds of SIGINT or SIGTERM.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from watchroom.foundation import database, logs, supervise

READY_WITHIN = 60.0
LOOK_EVERY = 0.2


class CannotServe(RuntimeError):
    """The message says why, and what to do."""


def serve(*, host: str, port: int, links: Mapping[str, str] | None = None, welcome: Callable[[str], None] | None = None) -> None:
    """Serve until we are asked to end. Django is set up and the database ready and checked. Raises CannotServe."""
    check_port(host, port)
    _close_connections()
    supervisor = supervise.Supervisor(say=_say)
    with _ending_with_make(), supervise.stopping_on_signals():
        try:
            supervisor.add(_child("web", "watchroom.web", host, str(port)))
            supervisor.add(_child("worker", "watchroom.cli", "worker"))
            for name, module in (links or {}).items():
                supervisor.add(_child(name, module, url(host, port)))
            _wait_until_ready(url(host, port), supervisor)
            if welcome:
                welcome(url(host, port))
            while True:
                time.sleep(LOOK_EVERY)
                if _make_was_interrupted():
                    raise supervise.Stop
                _keep_database()
                supervisor.look()
        except supervise.Stop:
            _say("Ending …")
        finally:
            supervisor.end()
            database.release()


def links_in_use() -> dict[str, str]:
    """The processes of the links that this installation has settings for. Raises CannotServe for settings that make no sense."""
    from django.conf import settings

    from watchroom.links.asterisk import settings as exchange

    try:
        return {"exchange": "watchroom.links.asterisk.process"} if exchange.read(Path(settings.WATCHROOM_DATA)) else {}
    except ValueError as error:
        where = exchange.path(Path(settings.WATCHROOM_DATA))
        raise CannotServe(f"{where} makes no sense: {type(error).__name__}, {str(error).splitlines()[0]}") from None


def url(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def check_port(host: str, port: int) -> None:
    """Raises CannotServe when somebody listens there already: granian would quietly share the port with them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just given back is free
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServe(
                f"Port {port} is taken ({error.strerror}). Choose another one, for example: PORT={port + 1} make demo"
            ) from None


def migrate() -> None:
    """Bring the tables to this version, as the owner. Raises CannotServe when we only know the application's role."""
    from django.core.management import call_command

    if not os.environ.get("WATCHROOM_OWNER_URL"):
        raise CannotServe(
            "The tables are to be made by the database's owner, and DATABASE_URL names an ordinary role. "
            "Set DATABASE_OWNER_URL as well."
        )
    call_command("migrate", database="owner", verbosity=0, interactive=False)


def is_migrated() -> bool:
    from watchroom.foundation import health

    return health.look().migrated


def make_ready() -> None:
    """Migrate when we may, and refuse to serve what is not safe. Raises CannotServe."""
    if not is_migrated():
        if not os.environ.get("WATCHROOM_OWNER_URL"):
            raise CannotServe(
                "The database's tables are not those of this version. Let its owner run `watchroom migrate` "
                "with DATABASE_OWNER_URL set."
            )
        _say("Making the tables")
        migrate()
    if problems := check():
        raise CannotServe("This installation is not safe to serve:\n" + "\n".join(f"- {each}" for each in problems))


def check() -> list[str]:
    """What is wrong with this installation, as sentences; nothing when it may serve."""
    from django.core import checks
    from django.db import connection

    from watchroom.foundation import protect

    if not is_migrated():
        return ["The database's tables are not those of this version: run `watchroom migrate`."]
    found = [str(message.msg) for message in checks.run_checks() if message.level >= checks.ERROR]
    found += protect.problems()
    found += _demo_accounts()
    with connection.cursor() as cursor:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute("select current_setting(%s)", [setting])
            if cursor.fetchone()[0] == "off":
                found.append(f"PostgreSQL runs with {setting} = off: what was acknowledged could be lost.")
    return found


# --- Inside


def _demo_accounts() -> list[str]:
    """The demo's accounts have a published password: a database that holds them is served as a demo, or not at all."""
    from django.conf import settings
    from django.db import transaction

    from watchroom.foundation import models, scope

    if settings.DEMO:
        return []
    found = []
    for force in scope.forces():
        with scope.use(force), transaction.atomic():
            if models.Fact.objects.filter(kind="MemberJoined", by="system:demo").exists():
                found.append(
                    f"{force} has the accounts of the demo, whose password is published: use `watchroom demo`, or another WATCHROOM_DATA."
                )
    return found


def _say(line: str) -> None:
    print(line, flush=True)


def _child(name: str, module: str, *arguments: str) -> supervise.Child:
    return supervise.Child(
        name=name,
        argv=[sys.executable, "-m", module, *arguments],
        env=database.without_owner(dict(os.environ)),
        log=logs.begin(name),
    )


def _close_connections() -> None:
    """We only watch from here on."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool = getattr(connection, "close_pool", None)
        if close_pool:
            close_pool()


def _wait_until_ready(address: str, supervisor: supervise.Supervisor) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        supervisor.look()
        time.sleep(0.1)
    raise CannotServe(f"The web server did not get ready; see {logs.path_of('web')}")


_database_trouble_said = False


def _keep_database() -> None:
    """A keeper of the embedded database that was killed is replaced; while that fails, it is tried again."""
    global _database_trouble_said
    try:
        database.keep()
        _database_trouble_said = False
    except Exception as error:
        if not _database_trouble_said:
            _say(f"The database is not there: {error}")
        _database_trouble_said = True


# `make demo` runs us as make's child. make passes SIGTERM on, but not SIGINT (a terminal sends that to both), and nothing when
# it is killed. So that a script may interrupt make alone, we look whether make still catches SIGINT, and end with it.

_make: int | None = None


@contextlib.contextmanager
def _ending_with_make() -> Iterator[None]:
    global _make
    parent = os.getppid()
    if _status(parent).get("Name") in ("make", "gmake"):
        supervise.end_with_parent(parent, signal.SIGTERM)
        _make = parent if _catches_interrupts(parent) else None  # in a script's background it never did
    yield
    _make = None


def _make_was_interrupted() -> bool:
    return _make is not None and not _catches_interrupts(_make)


def _catches_interrupts(pid: int) -> bool:
    return bool(int(_status(pid).get("SigCgt", "0"), 16) & (1 << (signal.SIGINT - 1)))


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
