"""Nothing that was acknowledged is lost, and nothing comes twice, whatever is killed while contacts come in.

Callers hand in contacts over HTTP, each with a key of its own, and repeat until they have an answer, as any sender must.
Meanwhile PostgreSQL, its keeper, the web and the worker are killed with -9, one after the other. Afterwards a checker outside the
application counts what the senders were promised. The same checker, on a database that is told to acknowledge before it
has written, has to find loss: else it proves nothing.
"""

import contextlib
import http.client
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.served import Served, is_well, serving, until
from watchroom import testing
from watchroom.foundation import embedded, roles, supervise

KILLS = 24
SENDERS = 4
BACK_WITHIN = 15.0
MAKE_TOKEN = """
from watchroom.cli import prepare
prepare()
from django.db import transaction
from watchroom.api import tokens
from watchroom.force import actions as forces, packs
from watchroom.foundation import clock, scope
forces.found(code="northmoor", name="Northmoor Police")
with scope.use("northmoor"), transaction.atomic():
    forces.adopt(policy=packs.shipped("northmoor"), by="system:tests", at=clock.now())
    print(tokens.create(name="prove", by="system:tests", at=clock.now())[1])
"""


class Sender(threading.Thread):
    """Hands in one contact after the other until told to stop; each is repeated until it is acknowledged."""

    def __init__(self, name: str, url: str, token: str, stop: threading.Event):
        super().__init__(name=name, daemon=True)
        self.url, self.token, self.stop = url, token, stop
        self.acknowledged: list[tuple[float, str]] = []
        self.trouble: list[str] = []

    def run(self):
        for number in itertools.count():
            key = f"{self.name}-{number}"
            while not self._send(key):
                if self.stop.wait(0.1):
                    return
            self.acknowledged.append((time.monotonic(), key))
            if self.stop.is_set():
                return

    def _send(self, key: str) -> bool:
        body = json.dumps({"channel": "online", "text": "Somebody is trying car doors.", "call_key": key}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        request = urllib.request.Request(f"{self.url}/api/v1/contacts", data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status in (200, 201)
        except urllib.error.HTTPError as error:
            with error:
                if error.code < 500 and error.code != 429:
                    self.trouble.append(f"{error.code} {error.read().decode()}")
        except (OSError, ValueError, http.client.HTTPException):  # no connection, or half an answer: not acknowledged
            pass
        return False


class Crowd:
    """All senders, and what they were promised."""

    def __init__(self, url: str, token: str):
        self._stop = threading.Event()
        self.senders = [Sender(f"sender{number}", url, token, self._stop) for number in range(SENDERS)]

    def __enter__(self):
        for sender in self.senders:
            sender.start()
        return self

    def __exit__(self, *problem):
        self._stop.set()
        for sender in self.senders:
            sender.join(30)

    def acknowledged(self) -> list[tuple[float, str]]:
        return sorted(each for sender in self.senders for each in list(sender.acknowledged))

    def trouble(self) -> list[str]:
        return [each for sender in self.senders for each in sender.trouble]

    def wait_for_one_since(self, moment: float) -> float:
        """How long after `moment` the next acknowledgement came."""
        until(lambda: any(at > moment for at, _ in self.acknowledged()), within=60)
        return next(at for at, _ in self.acknowledged() if at > moment) - moment


def count(state: embedded.State) -> dict[str, int]:
    """How often each contact stands in the database: the checker, which knows nothing of the application."""
    with roles.connect(embedded.url(state, roles.OWNER, state.owner_password)) as connection:
        return dict(connection.execute("select call_key, count(*) from contacts_contact group by call_key").fetchall())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A migrated state folder with a force in it, and a token."""
    data = tmp_path_factory.mktemp("prepared")
    assert testing.run("migrate", data=data).returncode == 0
    made = subprocess.run(
        [sys.executable, "-c", MAKE_TOKEN], env=testing.plain_environment(data), capture_output=True, text=True, check=True
    )
    return data, made.stdout.strip()


def victim(served: Served, what: str) -> int:
    """The process to kill. One that was killed before may still be coming back: it is waited for."""
    state = embedded.read_state(served.data)
    if what in ("postgres", "keeper"):
        return {"postgres": state.pid, "keeper": state.keeper}[what]
    module = "watchroom.cli" if what == "worker" else "watchroom.web"
    until(lambda: module in served.children(), within=30)
    pid = served.children()[module]
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]) if what == "one web worker" else pid


def test_what_was_acknowledged_is_there_exactly_once_after_every_kill(prepared, tmp_path, record_property):
    template, token = prepared
    chance = random.Random(1)
    killed, waits = [], []
    with serving(template, tmp_path / "state") as served:
        until(lambda: is_well(served), within=30)
        with Crowd(served.url, token) as crowd:
            for number in range(KILLS):
                what = ("postgres", "web", "postgres", "one web worker", "keeper", "worker")[number % 6]
                crowd.wait_for_one_since(time.monotonic())
                time.sleep(chance.uniform(0.2, 1.5))
                os.kill(victim(served, what), signal.SIGKILL)
                killed.append(what)
                waits.append(crowd.wait_for_one_since(time.monotonic()))
                until(lambda: is_well(served), within=30)
            crowd.wait_for_one_since(time.monotonic())
        promised = [key for _, key in crowd.acknowledged()]
        found = count(embedded.read_state(served.data))
        verified = testing.run("facts", "verify", "--json", data=served.data)
    print(f"\n{KILLS} kills, {len(promised)} acknowledged; the next acknowledgement after at most {max(waits):.1f} s")
    assert not crowd.trouble()
    assert [key for key in promised if found.get(key, 0) != 1] == []
    assert [key for key, times in found.items() if times != 1] == []
    database = [wait for what, wait in zip(killed, waits, strict=True) if what in ("postgres", "keeper")]
    assert max(database) < BACK_WITHIN, list(zip(killed, waits, strict=True))
    assert json.loads(verified.stdout)["ok"], verified.stdout


def test_the_same_checker_finds_loss_where_promises_are_made_too_early(prepared, tmp_path):
    template, token = prepared
    data = tmp_path / "state"
    shutil.copytree(template, data)
    careless = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
    with embedded.ensure(data, careless) as state, contextlib.ExitStack() as stack:
        port = testing.free_port()
        environment = testing.plain_environment(data) | {"WATCHROOM_APP_URL": embedded.url(state, roles.APP, state.app_password)}
        web = supervise.start([sys.executable, "-m", "watchroom.web", "127.0.0.1", str(port)], env=environment, log=data / "web")
        stack.callback(supervise.end, web)
        for _ in range(5):
            with Crowd(f"http://127.0.0.1:{port}", token) as crowd:
                crowd.wait_for_one_since(time.monotonic())
                time.sleep(1.5)
                killed = embedded.read_state(data).pid
                os.kill(killed, signal.SIGKILL)
            until(lambda: embedded.read_state(data).pid not in (None, killed))  # noqa: B023 - asked at once
            found = count(embedded.read_state(data))
            if lost := [key for _, key in crowd.acknowledged() if key not in found]:
                break
    assert lost, "The checker would not notice a loss."
