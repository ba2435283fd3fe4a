"""The embedded PostgreSQL: there when it is needed, gone when it is not, and back after a crash."""

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from watchroom import testing
from watchroom.foundation import embedded, roles

# One cluster is made; each test that needs its own gets a copy, which takes a tenth of the time of making one.
HOLD = "import sys, pathlib, time; from watchroom.foundation import embedded\nwith embedded.ensure(pathlib.Path(sys.argv[1])):\n"
HOLD += " print('held', flush=True); time.sleep(60)"


def app(state: embedded.State) -> psycopg.Connection:
    return roles.connect(embedded.url(state, roles.APP, state.app_password))


def is_gone(pid: int | None, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes():
            return True
        time.sleep(0.05)
    return False


def state_of(data: Path) -> embedded.State:
    state = embedded.read_state(data)
    assert state is not None
    return state


def eventually(question, within: float = 15.0):
    """The first true answer; whatever is raised before the time has passed is forgiven."""
    deadline = time.monotonic() + within
    while True:
        try:
            if answer := question():
                return answer
        except (psycopg.Error, AssertionError):
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    data = tmp_path_factory.mktemp("made")
    with embedded.ensure(data):
        pass
    return data


@pytest.fixture
def data(made, tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(made, copy)
    embedded.write_state(copy, dataclasses.replace(state_of(copy), port=testing.free_port()))
    return copy


@pytest.fixture(scope="module")
def running(made):
    with embedded.ensure(made) as state:
        yield state


def test_it_starts_is_joined_and_ends_with_the_last_who_uses_it(data):
    with embedded.ensure(data) as first:
        with embedded.ensure(data) as second:
            assert second.port == first.port
            assert second.pid == first.pid
        assert not is_gone(first.pid, within=0.5)
        with app(first) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert is_gone(first.pid, within=0.1)
    assert state_of(data).pid is None


@testing.long
def test_what_was_written_is_there_the_next_time_at_the_same_port(data):
    with embedded.ensure(data) as state, roles.connect(embedded.url(state, roles.OWNER, state.owner_password)) as owner:
        owner.execute("create table kept (it int)")
        owner.execute("insert into kept values (7)")
    with embedded.ensure(data) as again, roles.connect(embedded.url(again, roles.OWNER, again.owner_password)) as owner:
        assert again.port == state.port
        assert owner.execute("select it from kept").fetchone() == (7,)


@testing.long
def test_a_port_that_somebody_took_meanwhile_is_left_to_them(data):
    with embedded.ensure(data) as state:
        pass
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", state.port))
        taken.listen()
        with embedded.ensure(data) as moved, app(moved) as connection:
            assert moved.port != state.port
            assert connection.execute("select 1").fetchone() == (1,)


@testing.long
def test_after_a_crash_it_is_back_at_the_same_port_with_what_was_committed(data):
    with embedded.ensure(data) as state:
        with roles.connect(embedded.url(state, roles.OWNER, state.owner_password)) as owner:
            owner.execute("create table kept as select 7 as it")
        os.kill(state.pid, signal.SIGKILL)
        killed_at = time.monotonic()

        def kept():
            with roles.connect(embedded.url(state, roles.OWNER, state.owner_password)) as owner:
                return owner.execute("select it from kept").fetchone() == (7,)

        eventually(kept)
        assert time.monotonic() - killed_at < 15
        assert eventually(lambda: state_of(data).pid) != state.pid


@testing.long
def test_a_keeper_that_was_killed_takes_its_postgres_along_and_is_replaced(data):
    lease = embedded.Lease(data)
    try:
        before = lease.state
        os.kill(before.keeper, signal.SIGKILL)
        assert is_gone(before.pid)
        after = lease.keep()
        assert after.port == before.port
        with app(after) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        lease.release()


@testing.long
def test_no_postgres_is_left_when_the_one_who_started_it_is_killed(data):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(data)], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout.readline() == b"held\n"
        state = state_of(data)
        holder.kill()
    assert is_gone(state.pid)
    assert is_gone(state.keeper)


@testing.long
def test_it_stays_for_the_second_when_the_first_is_killed(data):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(data)], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with embedded.ensure(data) as state:
            holder.kill()
            holder.wait()
            assert not is_gone(state.pid, within=1.0)
            with app(state) as connection:
                assert connection.execute("select 1").fetchone() == (1,)
    assert is_gone(state.pid, within=0.1)


def test_the_application_owns_nothing_and_cannot_pass_row_level_security(running):
    with app(running) as connection:
        assert roles.standing(connection) == roles.Standing("watchroom_app", False, False, False)
        owned = "select count(*) from pg_class join pg_roles on pg_roles.oid = relowner where rolname = 'watchroom_app'"
        assert connection.execute(owned).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table mine (it int)")


def test_what_was_acknowledged_is_on_the_disk(running):
    with app(running) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute("select current_setting(%s)", [setting]).fetchone() == ("on",)


def test_extensions_are_there(running):
    with app(running) as connection:
        found = {name for (name,) in connection.execute("select extname from pg_extension")}
    assert {"pg_trgm", "fuzzystrmatch", "btree_gist", "unaccent"} <= found


def test_the_passwords_are_readable_by_nobody_else(running, made):
    assert (made / "postgres.json").stat().st_mode & 0o077 == 0


def test_errors_in_the_log_quote_no_values(running, made):
    with app(running) as connection, pytest.raises(psycopg.errors.InvalidTextRepresentation):
        connection.execute("select 'Gwendoline Secret'::int")
    assert "Gwendoline" not in (made / "logs" / "database.log").read_text()
