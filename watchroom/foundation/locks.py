"""Who goes first? A named lock within the force, held to the end of the transaction."""

from django.db import connection

from watchroom.foundation import scope


def hold(name: str) -> None:
    """Wait for whoever holds `name` in this force; released at commit or rollback."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{scope.require()}\n{name}"])
