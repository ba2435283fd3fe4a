"""Who keeps the embedded PostgreSQL running while anybody uses it? A process of its own, one for each state folder.

It runs `postgres` as its foreground child, starts it again after a crash, and ends it when the last lease is gone
(`embedded.py`). When the keeper itself is killed the kernel tells PostgreSQL to end (`supervise.end_with_parent`).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from watchroom.foundation import embedded, roles, supervise

NOBODY = 65534
MEGABYTE = 2**20


def buffers() -> int:
    """An eighth of the machine's memory in MB, at least 512 and at most 4096: the record of a million people and its keys fit into 3000."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    return min(max(memory // 8, 512), 4096)


# Nothing acknowledged may be lost (fsync, synchronous_commit); no statement, value or key of a row goes to the log
# (it would be personal data); the rest suits two cores and a few GB. Shared buffers are taken only as they are used.
SETTINGS: dict[str, str] = {
    "listen_addresses": embedded.LOCALHOST,
    "unix_socket_directories": "",  # a socket's path of more than 107 bytes is fatal; TCP has no such limit
    "max_connections": "100",
    "superuser_reserved_connections": "3",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": f"{buffers()}MB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "10s",  # a room fills within minutes, and plans go by what was counted last
    "effective_io_concurrency": "64",
    "jit": "off",
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "30",
    "logging_collector": "off",
    "log_checkpoints": "off",
    "log_min_messages": "log",  # above errors: their words quote values
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] ",
}


class Keeper:
    """Runs PostgreSQL for one state folder while anybody holds a lease."""

    def __init__(self, data: Path, settings: Mapping[str, str]) -> None:
        self.data = data
        self.settings = {**SETTINGS, **settings}
        self.identity = _identity(data)
        self.process: subprocess.Popen[bytes] | None = None
        self.state = embedded.read_state(data) or _first_state()
        self.state = embedded.write_state(data, replace(self.state, pid=None, keeper=os.getpid()))

    @property
    def cluster(self) -> Path:
        return self.data / "pg"

    def run(self) -> None:
        """Until nobody holds a lease, or somebody asks us to end."""
        with supervise.stopping_on_signals():
            try:
                self._initialise()
                self._wait_for_predecessor()
                self._start(may_move=True)
                # The lock is got when nobody holds a lease, and kept until this process is gone.
                while embedded.locked(self.data / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB) is None:
                    if self.process is None or self.process.poll() is not None:
                        print("PostgreSQL ended by itself; starting it again", flush=True)
                        embedded.write_state(self.data, replace(self.state, pid=None))
                        self._start(may_move=False)
                    time.sleep(embedded.LOOK_EVERY)
            except supervise.Stop:
                pass
            finally:
                if self.process is not None:
                    supervise.end(self.process, sig=signal.SIGINT, patience=20.0)  # SIGINT: the fast shutdown
                embedded.write_state(self.data, replace(self.state, pid=None, keeper=None))

    def _initialise(self) -> None:
        """A new cluster; built aside and moved into place, so that a killed `initdb` leaves nothing half made."""
        if self.cluster.exists():
            _give(self.cluster, self.identity)
            return
        room = self.data / "pg.new"
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(mode=0o700)
        password = room / "password"
        password.touch(mode=0o600)
        password.write_text(self.state.superuser_password)
        for each in (room, password):
            if os.geteuid() == 0:
                os.chown(each, self.identity.files_of, self.identity.files_of)
        made = _run(
            self.identity,
            [
                *(str(embedded.binaries() / "initdb"), "-D", str(room / "pg"), "-U", "postgres", f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--locale=C", "--no-instructions"),
            ],
        )
        if made.returncode != 0:
            raise embedded.EmbeddedError(f"initdb failed: {made.stderr.decode(errors='replace')}")
        (room / "pg").rename(self.cluster)
        shutil.rmtree(room)

    def _wait_for_predecessor(self) -> None:
        """When a keeper was killed, its PostgreSQL ends by itself (`supervise.end_with_parent`); let it, and keep the port."""
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            try:
                pid = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
                if str(self.cluster).encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return
            except (FileNotFoundError, ValueError):
                return
            time.sleep(0.05)

    def _start(self, *, may_move: bool) -> None:
        """Start `postgres` and wait until it answers; after a kill its memory may still be held for a moment, so try again."""
        deadline = time.monotonic() + embedded.START_WITHIN
        while time.monotonic() < deadline:
            if may_move and not _is_free(self.state.port):
                self.state = embedded.write_state(self.data, replace(self.state, port=supervise.free_port()))
            options = {**self.settings, "port": str(self.state.port)}
            flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
            self.process = supervise.start(
                [*self.identity.prefix, str(embedded.binaries() / "postgres"), "-D", str(self.cluster), *flags],
                on_parent_death=signal.SIGINT,
                user=self.identity.user,
                group=self.identity.user,
                cwd="/",
            )
            while time.monotonic() < deadline and self.process.poll() is None:
                if self._answers():
                    if self.state.prepared != roles.VERSION:
                        roles.prepare_embedded(self.state)
                        self.state = replace(self.state, prepared=roles.VERSION)
                    embedded.write_state(self.data, replace(self.state, pid=self.process.pid))
                    return
                time.sleep(0.02)
            time.sleep(0.2)
        raise embedded.EmbeddedError("PostgreSQL did not answer in time")

    def _answers(self) -> bool:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) == self.process.pid  # type: ignore[union-attr]


def _first_state() -> embedded.State:
    return embedded.State(
        port=supervise.free_port(),
        superuser_password=secrets.token_urlsafe(24),
        owner_password=secrets.token_urlsafe(24),
        app_password=secrets.token_urlsafe(24),
        auditor_password=secrets.token_urlsafe(24),
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((embedded.LOCALHOST, port))
        except OSError:
            return False
        return True


def main() -> None:
    data, settings = Path(sys.argv[1]), json.loads(sys.argv[2])
    for _ in range(50):  # somebody who only looks (`is_kept`) may hold it for an instant
        if embedded.locked(data / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB) is not None:
            break
        time.sleep(0.02)
    else:
        return  # another keeper was faster
    try:
        Keeper(data, settings).run()
    except embedded.EmbeddedError as error:
        print(error, flush=True)
        sys.exit(1)


# --- As whom does PostgreSQL run? It refuses to be root.


@dataclass(frozen=True)
class Identity:
    """How the binaries are started, and which user owns the cluster's files."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    files_of: int = 0


def _identity(data: Path) -> Identity:
    """Ourselves; as root, root's own files in a user namespace where it is nobody, or else the user nobody for real."""
    if os.geteuid() != 0:
        return Identity(files_of=os.geteuid())
    candidates = []
    if unshare := shutil.which("unshare"):
        prefix = (unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
        candidates.append(Identity(prefix=prefix))
    # In a home folder that root was lent (sudo), its owner can reach what nobody cannot.
    for user in dict.fromkeys((data.stat().st_uid, data.parent.stat().st_uid, NOBODY)):
        if user != 0:
            candidates.append(Identity(user=user, files_of=user))
    cluster = data / "pg"
    if cluster.exists():  # rather the one who owns the files already
        candidates.sort(key=lambda one: one.files_of != cluster.stat().st_uid)
    for one in candidates:
        if _can_run(one, data):
            return one
    raise embedded.EmbeddedError(
        "PostgreSQL refuses to run as root, and here root can neither make a user namespace (unshare) nor run it as another "
        f"user who can reach {embedded.binaries()} and {data}. Run Watchroom as an ordinary user, or set DATABASE_URL."
    )


def _can_run(identity: Identity, data: Path) -> bool:
    if identity.user is not None:
        data.chmod(0o711)  # may be passed through; what is inside keeps its own modes
    try:
        reach = f'"{embedded.binaries() / "postgres"}" --version && cd "{data}"'
        return _run(identity, ["sh", "-c", reach]).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _run(identity: Identity, argv: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*identity.prefix, *argv],
        user=identity.user,
        group=identity.user,
        extra_groups=None if identity.user is None else [],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
    )


def _give(path: Path, identity: Identity) -> None:
    """Make the cluster's files belong to whom PostgreSQL runs as (a folder may have been made in the other way)."""
    if os.geteuid() == 0 and path.stat().st_uid != identity.files_of:
        for folder, _, files in os.walk(path):
            for each in (folder, *(os.path.join(folder, name) for name in files)):
                os.chown(each, identity.files_of, identity.files_of, follow_symlinks=False)


if __name__ == "__main__":
    main()
