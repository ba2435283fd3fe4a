"""What keeps forces apart and facts unchanged, made after every migration from what the models say.

Nothing has to be remembered in a migration: each `Scoped` table gets forced row-level security, a unique (force, id)
and composite foreign keys; each append-only table refuses change and removal; the application's role gets the least
that it needs. All of it is idempotent. `problems()` says what is missing: start-up checks it, and a test does.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

from watchroom.foundation.models import Scoped

# Tables without a force, and why that is right. A test holds that every other table has force and policy.
UNSCOPED = {
    "django_migrations": "which migrations ran; the application only reads it",
    "django_session": "a random key and the session; the force is inside it and enters the scope",
    "django_content_type": "names of models",
    "force_force": "which forces exist; their names are public",
    "axes_accessattempt": "failed log-ins by name@force, before any scope exists; never shown",
    "axes_accessattemptexpiration": "the same",
    "axes_accesslog": "the same",
    "axes_accessfailurelog": "the same",
    "auth_permission": "Django's own; unused by us (see staff/roles.py)",
    "auth_group": "the same",
    "auth_group_permissions": "the same",
    "procrastinate_jobs": "jobs; arguments are ids only, and each job enters its force's scope",
    "procrastinate_events": "the same",
    "procrastinate_periodic_defers": "the same",
    "procrastinate_workers": "heartbeats of workers",
}
# Functions that read for the application with their owner's rights, each holding to the force itself; and the table that each reads.
FUNCTIONS = {"watchroom_described(bigint[])": "identity_description"}
READ_ONLY = ("django_migrations", "django_content_type", "force_force")


def scoped_models() -> list[type[Scoped]]:
    return [model for model in apps.get_models() if issubclass(model, Scoped) and not model._meta.proxy]


def references(model: type[Scoped]) -> Iterator[Any]:
    """The foreign keys from this table to another force table."""
    for field in model._meta.concrete_fields:
        if field.is_relation and isinstance(field.related_model, type) and issubclass(field.related_model, Scoped):
            yield field


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Once per `migrate`, after the last app."""
    if sender.name == [config.name for config in apps.get_app_configs() if config.models_module][-1]:
        apply(using)


def apply(using: str) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("select rolname from pg_roles where rolname = %s", [settings.WATCHROOM_APP_ROLE])
        if not cursor.fetchone():
            raise RuntimeError(f"The database has no role {settings.WATCHROOM_APP_ROLE}: run `watchroom migrate`.")
        for statement in statements(set(connection.introspection.table_names(cursor))):
            cursor.execute(statement)


def statements(tables: set[str]) -> Iterator[str]:
    role = settings.WATCHROOM_APP_ROLE
    yield f"grant usage on schema public to {role}"
    yield f"grant select, insert, update, delete on all tables in schema public to {role}"
    yield f"grant usage, select on all sequences in schema public to {role}"
    for function, table in FUNCTIONS.items():
        if table in tables:
            yield f"grant execute on function {function} to {role}"
    for table in READ_ONLY:
        if table in tables:
            yield f"revoke insert, update, delete on {table} from {role}"
    models = [model for model in scoped_models() if model._meta.db_table in tables]
    for model in models:
        table = model._meta.db_table
        yield f"alter table {table} enable row level security"
        yield f"alter table {table} force row level security"
        yield f"drop policy if exists force_only on {table}"
        # outside every scope the setting is null or empty, and neither is equal to any force
        mine = "force = (select nullif(current_setting('watchroom.force', true), ''))"
        yield f"create policy force_only on {table} using ({mine}) with check ({mine})"
        yield _constraint(table, f"{table}_force_id", "unique (force, id)")
        yield f"revoke truncate on {table} from {role}"
        if model.append_only:
            yield f"revoke update, delete, truncate on {table} from {role}"
            yield f"drop trigger if exists refuse_change on {table}"
            yield (
                f"create trigger refuse_change before update or delete on {table}"
                " for each row execute function watchroom_refuse_change()"
            )
            yield f"drop trigger if exists refuse_truncate on {table}"
            yield (
                f"create trigger refuse_truncate before truncate on {table}"
                " for each statement execute function watchroom_refuse_change()"
            )
        if getattr(model, "sealed_by_database", False):
            yield f"revoke insert, update, delete on {table} from {role}"
        if getattr(model, "write_only", False):
            yield f"revoke select on {table} from {role}"
            yield f"grant select on {table} to {settings.WATCHROOM_AUDITOR_ROLE}"
    for model in models:
        for field in references(model):
            table, target = model._meta.db_table, field.related_model._meta.db_table
            yield _constraint(
                table,
                f"{table}_{field.column}_force",
                f"foreign key (force, {field.column}) references {target} (force, id) deferrable initially deferred",
            )
    yield f"grant usage on schema public to {settings.WATCHROOM_AUDITOR_ROLE}"


def _constraint(table: str, name: str, definition: str) -> str:
    name = name[:63]
    return (
        "do $$ begin if not exists (select 1 from pg_constraint where conrelid = "
        f"'{table}'::regclass and conname = '{name}') then alter table {table} add constraint {name} {definition}; "
        "end if; end $$"
    )


def problems(using: str = "default") -> list[str]:
    """What is missing for forces to be apart, as sentences; read through the application's own role."""
    found = []
    with connections[using].cursor() as cursor:
        cursor.execute("select current_user, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        user, bypasses = cursor.fetchone()
        if bypasses:
            found.append(f"The application connects as {user}, which can bypass row-level security.")
        cursor.execute("select tablename from pg_tables where schemaname = 'public' and tableowner = current_user")
        found += [f"The application's role owns {table}." for (table,) in cursor.fetchall()]
        cursor.execute(
            "select c.relname, c.relrowsecurity and c.relforcerowsecurity,"
            " exists (select 1 from pg_policy p where p.polrelid = c.oid),"
            " exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'force')"
            " from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
        )
        for table, forced, policy, has_force in cursor.fetchall():
            if table in UNSCOPED:
                continue
            if not has_force:
                found.append(f"Table {table} has no force and no reason in protect.UNSCOPED.")
            elif not (forced and policy):
                found.append(f"Table {table} has no forced row-level security.")
        cursor.execute("select conname from pg_constraint where contype = 'f'")
        names = {name for (name,) in cursor.fetchall()}
        for model in scoped_models():
            for field in references(model):
                name = f"{model._meta.db_table}_{field.column}_force"[:63]
                if name not in names:
                    found.append(f"{model._meta.db_table}.{field.column} may point into another force: {name} is missing.")
    return found
