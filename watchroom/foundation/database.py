"""Which database is ours, and as whom do we speak to it?

Without `DATABASE_URL` it is the embedded one (`embedded.py`). With it, a privileged role there (a superuser, or one that may
create roles) is taken for the owner, and the application gets a role of its own which owns nothing; an unprivileged role is
taken for the application itself, of a database that was migrated before. `DATABASE_OWNER_URL` may name the owner apart.

Whatever it is, settings and child processes learn it from three variables: `WATCHROOM_APP_URL`, `WATCHROOM_OWNER_URL`
(absent where tables are not to be changed) and `WATCHROOM_APP_ROLE`.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from watchroom.foundation import embedded, roles

OLDEST_SERVER = 150000  # PostgreSQL 15, as `server_version` counts


class DatabaseError(RuntimeError):
    """The database cannot be used as it is; the message says why and what to do, and holds no password."""


@dataclass(frozen=True)
class Urls:
    """`owner` is None when only the application's own role is known: then tables cannot be made or changed from here."""

    app: str = field(repr=False)
    owner: str | None = field(default=None, repr=False)
    app_role: str = roles.APP

    def for_role(self, *, as_owner: bool) -> str:
        """Raises DatabaseError where the owner is not known."""
        if not as_owner:
            return self.app
        if self.owner is None:
            raise DatabaseError("Only the application's role is known here; set DATABASE_OWNER_URL.")
        return self.owner


_lease: embedded.Lease | None = None


def resolve() -> Urls:
    """The database of this process. Joins or starts the embedded one where there is no other, and holds it until we end."""
    if app := os.environ.get("WATCHROOM_APP_URL"):  # a child: whoever started us holds the database
        return Urls(app, os.environ.get("WATCHROOM_OWNER_URL"), os.environ.get("WATCHROOM_APP_ROLE", roles.APP))
    given, owner = os.environ.get("DATABASE_URL"), os.environ.get("DATABASE_OWNER_URL")
    if given or owner:
        return _external(given or owner or "", owner)
    return _embedded()


def export(urls: Urls | None = None) -> Urls:
    """Resolve, and tell settings and children; call it before Django is set up."""
    urls = urls or resolve()
    os.environ["WATCHROOM_APP_URL"] = urls.app
    os.environ["WATCHROOM_APP_ROLE"] = urls.app_role
    if urls.owner:
        os.environ["WATCHROOM_OWNER_URL"] = urls.owner
    return urls


def without_owner(environment: dict[str, str]) -> dict[str, str]:
    """For web and workers: whoever breaks into one of them finds no key to the tables themselves."""
    return {
        name: value
        for name, value in environment.items()
        if name not in ("WATCHROOM_OWNER_URL", "DATABASE_URL", "DATABASE_OWNER_URL")
    }


def keep() -> None:
    """Called every second by who supervises: an embedded database whose keeper was killed gets a new one."""
    if _lease is not None and not embedded.is_kept(_lease.data):
        _lease.keep()


def release() -> None:
    """Give the embedded database back, and wait for its end when nobody else uses it."""
    global _lease
    if _lease is not None:
        _lease.release()
        _lease = None


def shell(*, as_owner: bool = False) -> int:
    """psql, on the machine's own or else the embedded one; returns its exit status."""
    urls = resolve()
    psql = shutil.which("psql") or str(embedded.binaries() / "psql")
    return subprocess.run([psql, urls.for_role(as_owner=as_owner)], check=False).returncode


def with_database(url: str, database: str) -> str:
    """The same server and role, another database."""
    return _url({**conninfo_to_dict(url), "dbname": database})


# --- The embedded one


def _embedded() -> Urls:
    global _lease
    if _lease is None:
        try:
            _lease = embedded.Lease(embedded.data_folder())
        except embedded.EmbeddedError as error:
            raise DatabaseError(str(error)) from None
        atexit.register(release)
    state = _lease.state
    return Urls(
        app=embedded.url(state, roles.APP, state.app_password),
        owner=embedded.url(state, roles.OWNER, state.owner_password),
    )


# --- One that somebody else runs


def _external(given: str, owner: str | None) -> Urls:
    try:
        with roles.connect(given) as connection:
            if connection.info.server_version < OLDEST_SERVER:
                raise DatabaseError(f"{_plain(given)} is older than PostgreSQL 15, which Watchroom needs.")
            standing = roles.standing(connection)
            if not standing.is_privileged:
                return Urls(app=given, owner=owner, app_role=standing.role)
            if not standing.passes_rls:
                raise DatabaseError(
                    f"The role {standing.role} of DATABASE_URL may create roles but not pass row-level security, so migrations "
                    f"would silently change no rows. Let an administrator say: alter role {standing.role} bypassrls"
                )
            if not connection.execute("select 1 from pg_roles where rolname = %s", [roles.AUDITOR]).fetchone():
                roles.make_role(connection, roles.AUDITOR, "no login")
            roles.make_extensions(connection)
            app_role = _app_role(connection.info.dbname)
            app = _app_url(connection, given, app_role)
            # Where we may not grant it, /audit/ says what an administrator has to allow.
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                roles.let_audit(connection, app_role)
            return Urls(app=app, owner=owner or given, app_role=app_role)
    except psycopg.OperationalError as error:
        raise DatabaseError(f"No connection to {_plain(given)}: {error}".strip()) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(f"The role of DATABASE_URL cannot prepare {_plain(given)}: {error}".strip()) from None
    except psycopg.ProgrammingError as error:
        raise DatabaseError(f"DATABASE_URL cannot be used: {error}".strip()) from None


def _app_role(database: str) -> str:
    """Roles belong to the whole server: another database of the same server has another application role."""
    if database == roles.DATABASE:
        return roles.APP
    plain = re.sub(r"[^a-z0-9_]", "_", database)[:40]
    if plain != database:
        plain += "_" + hashlib.sha256(database.encode()).hexdigest()[:6]
    return f"{roles.APP}_{plain}"


def _app_url(connection: psycopg.Connection, given: str, role: str) -> str:
    """The application's role with the password kept in the state folder; one that does not fit (any more) is replaced."""
    kept = embedded.data_folder() / "database.json"
    passwords = json.loads(kept.read_text()) if kept.exists() else {}
    server = f"{role}@{connection.info.host}:{connection.info.port}"
    if server in passwords:
        url = _url({**conninfo_to_dict(given), "user": role, "password": passwords[server]})
        try:
            roles.connect(url).close()
            return url
        except psycopg.OperationalError:
            pass
    passwords[server] = secrets.token_urlsafe(24)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(passwords, indent=1))
    roles.make_role(connection, role, "login", passwords[server])
    return _url({**conninfo_to_dict(given), "user": role, "password": passwords[server]})


def _url(parts: dict[str, object]) -> str:
    """A libpq URL; what has no place of its own in it (sslmode, a socket's folder) goes behind the question mark."""
    rest = dict(parts)
    user, password = str(rest.pop("user", "") or ""), str(rest.pop("password", "") or "")
    database, port = str(rest.pop("dbname", "") or ""), str(rest.pop("port", "") or "")
    host = str(rest.pop("host", "") or "")
    if host.startswith("/") or "," in host:
        rest["host"], host = host, ""
    login = quote(user, safe="") + (":" + quote(password, safe="") if password else "")
    where = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    query = urlencode({name: str(value) for name, value in rest.items() if value is not None})
    return f"postgresql://{login}{'@' if login else ''}{where}/{quote(database, safe='')}" + (f"?{query}" if query else "")


def _plain(url: str) -> str:
    """For messages: where, without the password."""
    parts = conninfo_to_dict(url)
    return f"{parts.get('dbname') or 'the default database'} at {parts.get('host') or 'localhost'}:{parts.get('port') or 5432}"
