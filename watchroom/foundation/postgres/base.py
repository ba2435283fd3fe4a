"""Django's PostgreSQL backend, which begins every transaction by saying whose rows it may see."""

from typing import Any

from django.db.backends.postgresql import base

from watchroom.foundation import scope


class DatabaseWrapper(base.DatabaseWrapper):
    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit and scope.current():
            scope.apply(self, scope.current())
