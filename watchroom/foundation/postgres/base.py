"""Django's PostgreSQL backend, which begins every transaction by saying whose rows it may see."""

from typing import Any

from django.db.backends.postgresql import base

from watchroom.foundation import scope


class DatabaseWrapper(base.DatabaseWrapper):
    #: What a transaction need not ask twice (`memory.py`); empty at its beginning and its end.
    remembered: dict[Any, Any]
    #: The same while a page is only read (`memory.reading`), and else nothing.
    read: dict[Any, Any] | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remembered = {}
        self.read = None

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        self.remembered = {}
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit and scope.current():
            scope.apply(self, scope.current())

    def savepoint_rollback(self, sid: str) -> None:
        self.remembered = {}  # it may have been read from what is now undone
        if self.read is not None:
            self.read = {}
        super().savepoint_rollback(sid)

    def _cursor(self, name: str | None = None) -> Any:
        # the scope is told to PostgreSQL for a transaction; outside one it would silently see no rows at all
        # Django asks for the version once, while it connects, outside everything; nothing else of a new process is let through
        is_connecting = self.connection is not None and "pg_version" not in self.__dict__
        if scope.current() and not is_connecting and self.get_autocommit() and not self.in_atomic_block:
            raise scope.NoScope("Work of a force is done in a transaction: `with scope.use(force), transaction.atomic():`")
        return super()._cursor(name)  # type: ignore[misc]
