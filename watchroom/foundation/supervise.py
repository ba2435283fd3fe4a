"""How do our processes start, live and end together?

Three promises: a child never outlives the process that started it, not even when that one is killed with -9; a child that
dies is started again; and everything is gone within five seconds of being asked to end.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded once, before any fork: a dlopen between fork and exec may meet a lock that another thread held.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# Five seconds is the promise to the person who presses Ctrl+C; what has not ended by then is killed.
PATIENCE = 3.0
STEADY_AFTER = 30.0
LONGEST_PAUSE = 5.0


def free_port() -> int:
    """A port of this machine that nobody listens on, for a process of ours that only our own processes call."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent(parent: int, sig: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send this process `sig` when the thread that started it is gone.

    Called in the child. The kernel watches the starting *thread*: start children from a thread that stays.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), sig)


def start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
    log: Path | None = None,
    user: int | None = None,
    group: int | None = None,
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child that ends with us; in a session of its own, so that Ctrl+C reaches us alone and we end it in order."""
    parent = os.getpid()
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("ab")) if log else None
        return subprocess.Popen(
            list(argv),
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            cwd=cwd,
            preexec_fn=lambda: end_with_parent(parent, on_parent_death),
        )


def end(process: subprocess.Popen[bytes], *, sig: signal.Signals = signal.SIGTERM, patience: float = PATIENCE) -> None:
    """Ask a child to end, wait, and kill it and what it started when it does not."""
    end_all([process], sig=sig, patience=patience)


def end_all(
    processes: Sequence[subprocess.Popen[bytes]], *, sig: signal.Signals = signal.SIGTERM, patience: float = PATIENCE
) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(sig)
    deadline = time.monotonic() + patience
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        # The child leads its own group: this reaches grandchildren that did not notice.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Stop(BaseException):
    """Somebody asked us to end. Not an Exception, so that no careless handler swallows it."""


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise `Stop` once; a second one while ending is ignored, ending is already bounded."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # started with nohup
        signals.append(signal.SIGHUP)

    def handler(number: int, frame: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Stop

    before = {each: signal.signal(each, handler) for each in signals}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None  # the whole of it; None is ours
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    next_start_at: float = 0.0
    failures: int = 0


class Supervisor:
    """Keeps children running. `say` tells the person at the console what happened, in one line."""

    def __init__(self, *, say: Callable[[str], None] = print) -> None:
        self.children: list[Child] = []
        self.say = say

    def add(self, child: Child) -> Child:
        self.children.append(child)
        self._start(child)
        return child

    def look(self) -> None:
        """Start again what has died. A child that keeps dying is started less and less often, at least every 5 s."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                code = child.process.returncode
                # What it started must not live on beside its successor.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process = None
                child.failures = 0 if now - child.started_at > STEADY_AFTER else child.failures + 1
                pause = min(LONGEST_PAUSE, 0.2 * (2 ** min(child.failures, 6) - 1)) if child.failures > 1 else 0.0
                child.next_start_at = now + pause
                where = f"; see {child.log}" if child.log else ""
                self.say(f"The {child.name} ended ({_described(code)}); starting it again{where}")
            if child.process is None and now >= child.next_start_at:
                self._start(child)

    def end(self) -> None:
        end_all([child.process for child in self.children if child.process is not None])

    def _start(self, child: Child) -> None:
        child.process = start(child.argv, env=child.env, log=child.log)
        child.started_at = time.monotonic()


def _described(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
