"""Django's PostgreSQL backend, which begins every transaction by saying whose rows it may see.

Its beginning, a savepoint, a time limit and whose rows it may see wait for the next statement, and go before it, all in one message: to say
each by itself costs as much as to ask for a row. What the transaction's end makes needless is not said at all.
"""

from typing import Any

from django.db.backends import utils
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from watchroom.foundation import scope


class Telling(utils.CursorWrapper):
    """Whatever is executed, what waits goes before it."""

    db: "DatabaseWrapper"

    def _execute_with_wrappers(self, *args: Any, **kwargs: Any) -> Any:
        self.db.say()
        return super()._execute_with_wrappers(*args, **kwargs)  # type: ignore[misc]

    def __getattr__(self, attr: str) -> Any:
        if attr in ("copy", "stream"):  # past `execute`
            self.db.say()
        return super().__getattr__(attr)


class TellingAndNoting(base.CursorDebugWrapper, Telling):
    """For tests that look at what is said."""

    def copy(self, statement: Any) -> Any:
        self.db.say()
        return super().copy(statement)


class DatabaseWrapper(base.DatabaseWrapper):
    #: What a transaction need not ask twice (`memory.py`); empty at its beginning and its end.
    remembered: dict[Any, Any]
    #: The same while a page is only read (`memory.reading`), and else nothing.
    read: dict[Any, Any] | None
    #: What is said with the next statement of this transaction.
    waiting: list[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remembered = {}
        self.read = None
        self.waiting = []

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        self.remembered = {}
        self.waiting = []
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit and scope.current():
            scope.apply(self, scope.current())

    def _set_autocommit(self, autocommit: bool) -> None:
        if autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]
        else:  # the driver would say it by itself
            self.say_later("BEGIN")

    def savepoint_rollback(self, sid: str) -> None:
        self.remembered = {}  # it may have been read from what is now undone
        if self.read is not None:
            self.read = {}
        super().savepoint_rollback(sid)

    # --- Said with the next statement

    def say_later(self, sql: str) -> None:
        """A setting for the rest of this transaction: said before whatever is executed next, undone with the savepoint that it is in."""
        self.waiting.append(sql)

    def say(self) -> None:
        """Now, in one message."""
        if self.waiting:
            self.validate_no_broken_transaction()  # raises before anything of it is lost
            sql, self.waiting = "; ".join(self.waiting), []
            try:
                with self.cursor() as cursor:
                    cursor.execute(sql)
            except Exception:
                self.needs_rollback = self.in_atomic_block  # how much of it holds is not known: perhaps no transaction was begun
                raise

    def _savepoint(self, sid: str) -> None:
        self.waiting.append(self.ops.savepoint_create_sql(sid))

    def _savepoint_commit(self, sid: str) -> None:
        made = self.ops.savepoint_create_sql(sid)
        if made in self.waiting:  # nothing was done in it
            self.waiting.remove(made)
        elif self.connection is not None and self.connection.info.transaction_status == TransactionStatus.INTRANS:
            self.waiting.append(self.ops.savepoint_commit_sql(sid))
        else:
            super()._savepoint_commit(sid)  # type: ignore[misc]  # an error was swallowed in it: this raises

    def _savepoint_rollback(self, sid: str) -> None:
        made = self.ops.savepoint_create_sql(sid)
        if made in self.waiting:
            del self.waiting[self.waiting.index(made) + 1 :]
        else:
            self.waiting.clear()  # all of it came after the savepoint
            super()._savepoint_rollback(sid)  # type: ignore[misc]

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if name:  # the driver knows nothing of our BEGIN, and would keep what is read beyond the transaction
            cursor._withhold = self.autocommit
        return cursor

    def make_cursor(self, cursor: Any) -> utils.CursorWrapper:
        return Telling(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> utils.CursorDebugWrapper:
        return TellingAndNoting(cursor, self)

    def _cursor(self, name: str | None = None) -> Any:
        # the scope is told to PostgreSQL for a transaction; outside one it would silently see no rows at all
        # Django asks for the version once, while it connects, outside everything; nothing else of a new process is let through
        is_connecting = self.connection is not None and "pg_version" not in self.__dict__
        if scope.current() and not is_connecting and self.get_autocommit() and not self.in_atomic_block:
            raise scope.NoScope("Work of a force is done in a transaction: `with scope.use(force), transaction.atomic():`")
        return super()._cursor(name)  # type: ignore[misc]
