"""Who is Watchroom to PostgreSQL? Three roles, and none of them the database's administrator.

- the *owner* makes and changes the tables; it passes row-level security, and nothing but migrations works as it;
- the *application* owns nothing and cannot pass row-level security; the web and the workers are this one;
- the *auditor* alone may read who looked at whose data.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from watchroom.foundation.embedded import State

OWNER, APP, AUDITOR = "watchroom_owner", "watchroom_app", "watchroom_auditor"
DATABASE = "watchroom"
VERSION = 2  # raise it when what is prepared here changes: existing clusters are then prepared again
EXTENSIONS = ("pg_trgm", "fuzzystrmatch", "btree_gist", "unaccent")

# Each says the whole of what the role may do: an existing role is brought back to it.
_RIGHTS = {
    "owner": "login nosuperuser createdb nocreaterole bypassrls",
    # noinherit: what a membership allows is had only after an explicit `set role` (see let_audit)
    "login": "login noinherit nosuperuser nocreatedb nocreaterole nobypassrls",
    "no login": "nologin noinherit nosuperuser nocreatedb nocreaterole nobypassrls",
}


@dataclass(frozen=True)
class Standing:
    """What a connection is allowed to do, as far as it matters to us."""

    role: str
    is_privileged: bool  # superuser, or may create roles
    passes_rls: bool
    is_superuser: bool


def connect(url: str, **kwargs: object) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True, connect_timeout=10, **kwargs)  # type: ignore[arg-type]


def drop_database(connection: psycopg.Connection, name: str) -> None:
    """With whoever is connected. Waits up to ten seconds for the autovacuum, which the owner may not end; it ends by itself."""
    until = time.monotonic() + 10
    while True:
        try:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            if time.monotonic() > until:
                raise
            time.sleep(0.25)


def standing(connection: psycopg.Connection) -> Standing:
    row = connection.execute(
        "select rolname, rolsuper or rolcreaterole, rolsuper or rolbypassrls, rolsuper from pg_roles where rolname = current_user"
    ).fetchone()
    assert row is not None
    return Standing(*row)


def prepare_embedded(state: State) -> None:
    """The three roles, the database and its extensions in a new embedded cluster. May be repeated."""
    where = f"@127.0.0.1:{state.port}"
    with connect(f"postgresql://postgres:{state.superuser_password}{where}/postgres") as connection:
        make_role(connection, OWNER, "owner", state.owner_password)
        make_role(connection, APP, "login", state.app_password)
        make_role(connection, AUDITOR, "login", state.auditor_password)
        let_audit(connection, APP)
        found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if not found:
            connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
        # Another database of this cluster is nobody's business unless it is granted.
        connection.execute("revoke connect on database postgres, template1 from public")
        connection.execute(sql.SQL("grant connect on database postgres to {}").format(sql.Identifier(OWNER)))
    with connect(f"postgresql://{OWNER}:{state.owner_password}{where}/{DATABASE}") as connection:
        make_extensions(connection)


def make_role(connection: psycopg.Connection, name: str, kind: str, password: str | None = None) -> None:
    """Make the role, or bring an existing one back to the rights it should have."""
    exists = connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
    rights = _RIGHTS[kind]
    if not standing(connection).is_superuser:
        # Only a superuser may even mention these, and without them a new role has neither.
        rights = rights.replace("nosuperuser ", "").replace(" nobypassrls", "")
    statement = sql.SQL("{} role {} with {}").format(
        sql.SQL("alter" if exists else "create"), sql.Identifier(name), sql.SQL(rights)
    )
    if password is not None:
        statement += sql.SQL(" password {}").format(sql.Literal(password))
    connection.execute(statement)


def let_audit(connection: psycopg.Connection, app: str) -> None:
    """The application may put on the auditor's role in a transaction (`access.read`); otherwise it has none of its rights."""
    connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(AUDITOR), sql.Identifier(app)))


def make_extensions(connection: psycopg.Connection) -> None:
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
