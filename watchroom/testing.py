"""What do our tests stand on? A real PostgreSQL, the application's own role, and a database for each worker in 50 ms.

Loaded by pytest before Django's settings (`addopts` in pyproject.toml). One embedded cluster below `.watchroom/test` is shared by
all workers and runs; the tables are made once by the owner in a template, with both forces founded, and every worker clones it.

- plain tests (`@pytest.mark.django_db`, or the fixture `northmoor`) run in a transaction that is rolled back;
- what needs a commit (seals of facts, threads, processes) asks for `clone`: a database of its own, dropped afterwards;
- what needs a browser asks for `live_site` and `page`.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgiref.sync import SyncToAsync
from psycopg import sql

from watchroom.foundation import embedded, roles
from watchroom.foundation.supervise import free_port as free_port

REPOSITORY = Path(__file__).resolve().parent.parent
CLUSTER = Path(os.environ.get("WATCHROOM_TEST_CLUSTER") or REPOSITORY / ".watchroom" / "test")
FORCES = {"northmoor": "Northmoor Police", "southmere": "Southmere Police"}
LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)  # since when the policy of both forces holds: tests have times of their own
TEMPLATES_KEPT = 4
PASSWORD = "watchroom-demo"
# The cluster of the tests may lose everything at a power cut; the tests of durability start clusters of their own.
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "idle_in_transaction_session_timeout": "0",
    "autovacuum_naptime": "1min",  # a clone lives for seconds
}

# Before Django's settings are read: every process of a test run has state of its own, never the developer's.
_data = Path(tempfile.mkdtemp(prefix="watchroom-test-"))
atexit.register(shutil.rmtree, _data, ignore_errors=True)
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "WATCHROOM_APP_URL", "WATCHROOM_OWNER_URL", "WATCHROOM_APP_ROLE"):
    os.environ.pop(name, None)
os.environ.update(
    WATCHROOM_DATA=str(_data),
    WATCHROOM_SECRET_KEY="only for tests: the pages of a live site and the test itself must understand each other",
    WATCHROOM_DEMO="1",
)
(_data / "static").mkdir()


# --- The cluster, its templates and their clones


class Cluster:
    """The embedded cluster of the tests, held until this process ends."""

    @cached_property
    def state(self) -> embedded.State:
        lease = embedded.Lease(CLUSTER, QUICK)
        atexit.register(lease.release)
        return lease.state

    @cached_property
    def _names(self) -> Iterator[str]:
        return (f"clone_{os.getpid()}_{number}" for number in count())

    def owner_url(self, name: str) -> str:
        return embedded.url(self.state, roles.OWNER, self.state.owner_password, name)

    def app_url(self, name: str) -> str:
        return embedded.url(self.state, roles.APP, self.state.app_password, name)

    def _command(self, text: str, *names: str) -> None:
        with roles.connect(self.owner_url("postgres")) as connection:
            connection.execute(sql.SQL(text).format(*(sql.Identifier(name) for name in names)))

    def _databases(self, like: str) -> list[str]:
        """The newest first."""
        with roles.connect(self.owner_url("postgres")) as connection:
            rows = connection.execute("select datname from pg_database where datname like %s order by oid desc", [like])
            return [name for (name,) in rows]

    def template(self, kind: str, sources: Iterator[Path], fill: Callable[[str], None], base: str | None = None) -> str:
        """The database that `fill` made of these sources, made now if it is not there; one process makes it, the others wait."""
        seen = hashlib.sha256()
        for path in sorted(sources):
            seen.update(str(path).encode() + path.read_bytes())
        name = f"template_{kind}_{seen.hexdigest()[:16]}"
        CLUSTER.mkdir(parents=True, exist_ok=True)
        with (CLUSTER / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if name not in self._databases("template_%"):
                self._drop_what_is_left()
                making = f"making_{kind}_{os.getpid()}"
                self._command("create database {} template {}", making, base or "template0")
                try:
                    fill(making)
                    self._command("alter database {} rename to {}", making, name)
                except BaseException:
                    self.drop(making)
                    raise
        return name

    def clone(self, template: str) -> str:
        name = next(self._names)
        self._command("create database {} template {}", name, template)
        return name

    def drop(self, name: str) -> None:
        # The one thread of `sync_to_async` keeps its connection for whatever comes next, which would find it dead. A thread that is gone
        # may have left one too; it is the application's, and the owner may not end what is not its own.
        from django.db import connections

        SyncToAsync.single_thread_executor.submit(connections.close_all).result()
        with contextlib.suppress(psycopg.OperationalError), roles.connect(self.app_url(name)) as connection:
            others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user"
            connection.execute(f"{others} and pid <> pg_backend_pid()")
        with roles.connect(self.owner_url("postgres")) as connection:
            roles.drop_database(connection, name)

    def _drop_what_is_left(self) -> None:
        """Clones of runs that were killed, and templates of code that is gone."""
        for name in [*self._databases("clone_%"), *self._databases("making_%")]:
            owner = int(next(part for part in name.split("_")[1:] if part.isdigit()))
            if not Path(f"/proc/{owner}").exists():
                self.drop(name)
        for kind in ("migrated", "demo"):
            for name in self._databases(f"template_{kind}_%")[TEMPLATES_KEPT:]:
                with contextlib.suppress(psycopg.Error):
                    self._command("drop database {}", name)


cluster = Cluster()

#: For what takes too long in every change (other themes and sizes, what dies and comes back): `make prove` tries it, in CI too.
long = pytest.mark.long


# What decides what stands in a new database; a change elsewhere (a page, a query) needs no new template.
_TABLES = ("**/migrations/*.py", "**/models.py", "foundation/protect.py", "foundation/chain.py", "foundation/facts.py")
_POLICY = ("force/*.py", "force/data/*.toml", "testing.py")


def _sources(*patterns: str) -> Iterator[Path]:
    package = REPOSITORY / "watchroom"
    for pattern in patterns:
        yield from (path for path in package.glob(pattern) if "tests" not in path.parts)


def migrated() -> str:
    """The template with all tables, both forces and their policies."""
    return cluster.template("migrated", _sources(*_TABLES, *_POLICY), _migrate)


def demo_city() -> str:
    """The template with the demo force's town, people and history in it."""
    sources = _sources(*_TABLES, *_POLICY, "**/actions.py", "demo/**/*.py", "demo/data/*")
    return cluster.template("demo", sources, _seed, base=migrated())


def _migrate(name: str) -> None:
    with roles.connect(cluster.owner_url(name)) as connection:
        roles.make_extensions(connection)
    with pointed_at(name):
        from django.core.management import call_command

        from watchroom.force import actions as forces
        from watchroom.force import packs
        from watchroom.foundation import scope

        call_command("migrate", database="owner", verbosity=0, interactive=False)
        for code, title in FORCES.items():
            forces.found(code=code, name=title)
            with scope.use(code):
                policy = packs.shipped(code)
                forces.adopt(policy=policy, by="system:tests", at=LONG_AGO)


def _seed(name: str) -> None:
    with pointed_at(name):
        world = import_module(
            "watchroom.demo.actions"
        )  # by name: tests of any room use this module, and no room imports the demo

        world.seed()


@contextlib.contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Django speaks to this database, and processes that are started here do too."""
    from django.db import connections

    urls = {"WATCHROOM_APP_URL": cluster.app_url(name), "WATCHROOM_OWNER_URL": cluster.owner_url(name)}
    before = {alias: dict(connections.settings[alias]) for alias in connections}
    variables = {key: os.environ.get(key) for key in urls}
    connections.close_all()
    for alias, user in (("default", roles.APP), ("owner", roles.OWNER)):
        password = cluster.state.app_password if alias == "default" else cluster.state.owner_password
        where = {"HOST": embedded.LOCALHOST, "PORT": str(cluster.state.port), "OPTIONS": {}}
        connections.settings[alias].update(NAME=name, USER=user, PASSWORD=password, **where)
    os.environ.update(urls)
    try:
        yield
    finally:
        connections.close_all()
        for alias, settings in before.items():
            connections.settings[alias].update(settings)
        for key, value in variables.items():
            os.environ.pop(key, None) if value is None else os.environ.__setitem__(key, value)


# --- Processes


@dataclass(frozen=True)
class LiveSite:
    """A running Watchroom with the demo city in it: `url`, and `database()` to look behind its back."""

    url: str
    name: str
    data: Path

    @contextlib.contextmanager
    def database(self) -> Iterator[None]:
        with pointed_at(self.name):
            yield


def wait_until_well(url: str, data: Path, within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
                if b'"ok"' in answer.read():
                    return
        time.sleep(0.1)
    said = "\n".join(path.read_text(errors="replace")[-3000:] for path in data.rglob("*.log"))
    pytest.fail(f"The site did not get well.\n{said}")


# The shell has no windows, bars and start page of its own behind each test: less than half the processor time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]


def chromium() -> str:
    """Where Chromium is. Raises RuntimeError with what to install."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        raise RuntimeError("The browser tests need Chromium. Debian: apt install chromium-headless-shell")
    return path


_given: dict[tuple[str, str], list[Any]] = {}  # cookies of who logged in before, by site and name


def log_in(page: Any, name: str, password: str = PASSWORD) -> None:
    """As a person would, by the form; the second time with what the browser was given the first time, as long as the site takes it."""
    page.goto("/login/")
    site = page.url.partition("/login/")[0]
    if (site, name) in _given:
        page.context.add_cookies(_given[site, name])
        page.goto("/")  # leads to the desk, and whom the site does not know any more to the public page
        if "/public/" not in page.url:
            return
        page.goto("/login/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    _given[site, name] = page.context.cookies()


def plain_environment(data: Path) -> dict[str, str]:
    """What a person's console has who never heard of Watchroom, but for where the state is to be."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("WATCHROOM_", "DATABASE_", "DJANGO_"))}
    return {**clean, "WATCHROOM_DATA": str(data)}


def run(*arguments: str, data: Path, within: float = 180.0, **environment: str) -> subprocess.CompletedProcess[str]:
    """`watchroom …` as somebody at a console would say it, with state of its own."""
    return subprocess.run(
        [sys.executable, "-m", "watchroom.cli", *arguments],
        env={**plain_environment(data), **environment},
        capture_output=True,
        text=True,
        timeout=within,
        stdin=subprocess.DEVNULL,
    )
