"""`watchroom serve`: up at one word, back after every kill, and gone at another, with nothing left behind."""

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from watchroom import testing
from watchroom.foundation import embedded


@dataclasses.dataclass
class Served:
    process: subprocess.Popen
    url: str
    data: Path

    def health(self) -> dict:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=3) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return json.loads(error.read())
        except OSError:
            return {"state": "unreachable"}

    def children(self) -> dict[str, int]:
        """What the supervisor keeps, by module."""
        found = {}
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
                argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if int(parent) == self.process.pid and b"-m" in argv:
                    found[argv[argv.index(b"-m") + 1].decode()] = pid
        return found

    def everything(self) -> set[int]:
        """Every process of this installation: they all carry its state folder in their environment or their arguments."""
        mark, found = str(self.data).encode(), set()
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                told = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
                if pid != os.getpid() and mark in told:
                    found.add(pid)
        return found


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A state folder as it is after the first start; each test that serves gets a copy."""
    data = tmp_path_factory.mktemp("migrated")
    said = testing.run("migrate", data=data)
    assert said.returncode == 0, said.stderr
    return data


@contextlib.contextmanager
def serving(migrated, data):
    shutil.copytree(migrated, data)
    state = embedded.read_state(data)
    embedded.write_state(data, dataclasses.replace(state, port=testing.free_port()))
    port, console = testing.free_port(), data / "console"
    with console.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "watchroom.cli", "serve"],
            env={**testing.plain_environment(data), "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    served = Served(process, f"http://127.0.0.1:{port}", data)
    try:
        deadline = time.monotonic() + 90
        while f"Watchroom is ready at {served.url}" not in console.read_text():
            assert process.poll() is None, console.read_text()
            assert time.monotonic() < deadline, console.read_text()
            time.sleep(0.1)
        yield served
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def serve(migrated, tmp_path):
    with contextlib.ExitStack() as stack:
        yield lambda name="state": stack.enter_context(serving(migrated, tmp_path / name))


@pytest.fixture(scope="module")
def served(migrated, tmp_path_factory):
    """For those who only look."""
    with serving(migrated, tmp_path_factory.mktemp("served") / "state") as one:
        yield one


def until(question, within: float = 15.0) -> float:
    """How long it took to become true."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < within
        time.sleep(0.05)
    return time.monotonic() - began


def is_well(served: Served) -> bool:
    return served.health()["state"] == "ok"


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
