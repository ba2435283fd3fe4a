"""`DATABASE_URL`: a PostgreSQL that somebody else runs, with a privileged role or an ordinary one."""

import json
import os

import psycopg
import pytest

from watchroom import testing
from watchroom.foundation import embedded, roles


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Another cluster, as its administrator sees it."""
    with embedded.ensure(tmp_path_factory.mktemp("theirs"), testing.QUICK) as state:
        url = embedded.url(state, "postgres", state.superuser_password, "theirs?application_name=watchroom")
        with roles.connect(url.replace("/theirs", "/postgres")) as connection:
            connection.execute("create database theirs")
            connection.execute("create database empty")
        yield url


@pytest.fixture(scope="module")
def migrated(server, tmp_path_factory):
    data = tmp_path_factory.mktemp("ours")
    said = testing.run("migrate", data=data, DATABASE_URL=server)
    assert said.returncode == 0, said.stderr
    return data


def app_url(server, data):
    said = testing.run("db", "url", data=data, DATABASE_URL=server)
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


@testing.long
def test_a_privileged_role_is_the_owner_and_the_application_gets_one_of_its_own(server, migrated):
    with roles.connect(app_url(server, migrated)) as connection:
        standing = roles.standing(connection)
        assert standing == roles.Standing("watchroom_app_theirs", False, False, False)
        assert connection.execute("select count(*) from foundation_fact").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table mine (it int)")


@testing.long
def test_the_applications_password_is_kept_for_the_next_time_and_from_others(server, migrated):
    assert app_url(server, migrated) == app_url(server, migrated)
    assert (migrated / "database.json").stat().st_mode & 0o077 == 0


@testing.long
def test_a_lost_password_is_replaced(server, migrated):
    (migrated / "database.json").write_text(json.dumps({}))
    roles.connect(app_url(server, migrated)).close()


@testing.long
def test_no_embedded_database_is_made_beside_it(server, migrated):
    app_url(server, migrated)
    assert not (migrated / "pg").exists()


@testing.long
def test_an_ordinary_role_serves_a_migrated_database_but_cannot_migrate(server, migrated, tmp_path):
    ordinary = app_url(server, migrated)
    assert "not safe" not in testing.run("check", data=tmp_path, DATABASE_URL=ordinary).stderr
    said = testing.run("migrate", data=tmp_path, DATABASE_URL=ordinary)
    assert said.returncode == 1
    assert "DATABASE_OWNER_URL" in said.stderr


@testing.long
def test_the_owner_may_be_named_apart(server, migrated, tmp_path):
    said = testing.run("migrate", data=tmp_path, DATABASE_URL=app_url(server, migrated), DATABASE_OWNER_URL=server)
    assert said.returncode == 0, said.stderr


@testing.long
def test_an_ordinary_role_on_an_empty_database_is_told_what_to_do(server, migrated, tmp_path):
    empty = app_url(server, migrated).replace("/theirs", "/empty")
    said = testing.run("serve", data=tmp_path, DATABASE_URL=empty, PORT=str(testing.free_port()))
    assert said.returncode == 1
    assert "watchroom migrate" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("url", ["postgresql://nobody:secret@127.0.0.1:1/none", "postgresql://[", "rubbish"])
def test_a_url_that_leads_nowhere_is_one_clear_line_without_the_password(url, tmp_path):
    said = testing.run("check", data=tmp_path, DATABASE_URL=url)
    assert said.returncode == 1
    assert said.stderr.startswith("watchroom: ")
    assert "Traceback" not in said.stderr
    assert "secret" not in said.stderr


def test_what_is_not_ours_stays_out_of_the_environment():
    assert "DATABASE_URL" not in os.environ
