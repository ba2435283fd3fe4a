"""A Watchroom that serves, seen from outside: as a person at a console starts it, and as its enemy kills it."""

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

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


@contextlib.contextmanager
def serving(migrated: Path, data: Path) -> Iterator[Served]:
    """`watchroom serve` on a copy of a migrated state folder, at a port of its own."""
    shutil.copytree(migrated, data)
    state = embedded.read_state(data)
    assert state is not None
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


def until(question: Callable[[], object], within: float = 15.0) -> float:
    """How long it took to become true."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < within
        time.sleep(0.05)
    return time.monotonic() - began


def is_well(served: Served) -> bool:
    return served.health()["state"] == "ok"
