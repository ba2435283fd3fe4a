"""`watchroom serve`: up at one word, back after every kill, and gone at another, with nothing left behind."""

import contextlib
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.served import is_well, serving, until
from watchroom import testing
from watchroom.foundation import embedded

pytestmark = testing.long


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A state folder as it is after the first start; each test that serves gets a copy."""
    data = tmp_path_factory.mktemp("migrated")
    said = testing.run("migrate", data=data)
    assert said.returncode == 0, said.stderr
    return data


@pytest.fixture
def serve(migrated, tmp_path):
    with contextlib.ExitStack() as stack:
        yield lambda name="state": stack.enter_context(serving(migrated, tmp_path / name))


@pytest.fixture(scope="module")
def served(migrated, tmp_path_factory):
    """For those who only look."""
    with serving(migrated, tmp_path_factory.mktemp("served") / "state") as one:
        yield one


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_everything_has_ended_within_five_seconds_even_with_a_stream_open(serve, ended_by):
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as stream:
        stream.sendall(b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert len(served.everything()) >= 6  # supervisor, web with two workers, worker, keeper, postgres
        served.process.send_signal(ended_by)
        until(lambda: not served.everything() - {served.process.pid}, within=5.0)
        served.process.wait(timeout=5)
    if ended_by is not signal.SIGKILL:
        assert served.process.returncode == 0


def test_it_is_back_after_kill_9_of_each_of_its_processes(serve):
    served = serve()
    until(lambda: is_well(served))
    state = embedded.read_state(served.data)
    children = served.children()
    for name, pid in {
        "postgres": state.pid,
        "web": children["watchroom.web"],
        "worker": children["watchroom.cli"],
        "keeper": state.keeper,
    }.items():
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.3)  # long enough to be missed
        took = until(lambda: is_well(served))
        assert took < 15, name
    assert served.process.poll() is None


def test_the_health_page_says_what_is_well(served):
    health = served.health()
    assert health["database"]
    assert health["migrated"]
    assert health["version"] == "0.1.0"
    assert health["state"] in ("ok", "degraded")  # degraded until the worker's first heartbeat


def test_two_stand_side_by_side(serve):
    one, other = serve("one"), serve("other")
    one.process.terminate()
    one.process.wait(timeout=10)
    until(lambda: is_well(other))


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            said = testing.run(command, data=tmp_path, PORT=str(port))
            assert said.returncode == 1
            assert f"Port {port} is taken" in said.stderr
            assert f"PORT={port + 1} make demo" in said.stderr
            assert "Traceback" not in said.stderr
    assert not (tmp_path / "pg").exists()


def test_web_and_worker_never_learn_the_owners_password(served):
    password = embedded.read_state(served.data).owner_password.encode()
    for name in ("watchroom.web", "watchroom.cli"):
        environment = Path(f"/proc/{served.children()[name]}/environ").read_bytes()
        assert b"WATCHROOM_APP_URL=" in environment
        assert password not in environment


def test_the_access_log_holds_no_query_and_no_address(served):
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{served.url}/login/?q=Gwendoline", timeout=10):
        pass
    log = served.data / "logs" / "web.log"
    until(lambda: "GET /login/" in log.read_text())
    assert "Gwendoline" not in log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert not any("127.0.0.1" in line["event"] for line in lines if line["logger"] == "granian.access")
