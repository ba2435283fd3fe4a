"""A query that every contact asks: written once a process, and only filled in each time it is asked.

    @statement
    def _open(kind: str, pk: int) -> QuerySet[Duty]:
        return Duty.objects.filter(subject_kind=kind, subject_id=pk, settled_at=None).order_by("due_at")

    _open("contact", 12)         # → list[Duty]
    _open.first("contact", 12)   # → Duty | None
    _open.get("contact", 12)     # → Duty; raises Duty.DoesNotExist

Django takes ten times as long to write such a statement as to send it (docs/benchmarks.md). The function is called once, with
places in place of values, so it only names tables, columns and its own arguments: no `if`, no id of an object, no `__in` of a list.
Of the force in scope it holds another such place, which is filled in anew each time as any other query's.

It stands where a call, an answer and a turn of the router pass; elsewhere a plain query is as good and shorter. How a row is
stored (`insert`, `update`) is written once a process for every table of a force (`models.Scoped`).
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property, update_wrapper
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

from django.db import connection
from django.db.models import BinaryField, Field, Model, QuerySet, Value
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable, get_related_populators

from watchroom.foundation import scope

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
Row = TypeVar("Row")


FORCE = "the force in scope"  # no name that an argument can have


def among(values: Any) -> Any:
    """What `__in` is elsewhere, for a list that comes each time: `Q(person=among(people))`."""
    return Each(values.name)


class Place(Value):
    """Where a value goes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


class Each(Place):
    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "any(%s)", (self,)


class Written(NamedTuple):
    sql: str
    places: tuple[Any, ...]  # values, and places for those that come each time
    row: Callable[[Any], Any]  # what a row becomes
    model: type[Model]


class Statement(Generic[P, Row]):
    """Called with values, it answers with rows."""

    def __init__(self, build: Callable[P, QuerySet[Any, Row]]) -> None:
        self.build: Callable[..., QuerySet[Any, Row]] = build
        self.names = tuple(inspect.signature(build).parameters)
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[Row]:
        sql, places, row, _ = self.written
        given = {**dict(zip(self.names, args, strict=False)), **kwargs, FORCE: scope.require()}
        values: list[Any] = [given[place.name] if isinstance(place, Place) else place for place in places]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(map(row, cursor.fetchall()))

    def first(self, *args: P.args, **kwargs: P.kwargs) -> Row | None:
        return next(iter(self(*args, **kwargs)), None)

    def get(self, *args: P.args, **kwargs: P.kwargs) -> Row:
        """The first, for a key that names one. Raises the model's DoesNotExist."""
        for row in self(*args, **kwargs):
            return row
        raise self.written.model.DoesNotExist  # type: ignore[attr-defined]

    @cached_property
    def written(self) -> Written:
        with scope.standing_for(Place(FORCE)):
            rows = self.build(*map(Place, self.names))
        compiler = rows.query.get_compiler(rows.db)
        sql, places = compiler.as_sql()
        return Written(sql, tuple(places), _converted(compiler, _row(rows, compiler)), rows.model)


def _row(rows: QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """What Django's own iterators do, prepared once. Raises TypeError for rows that are neither objects nor values_list."""
    if rows._iterable_class is FlatValuesListIterable:
        return lambda row: row[0]
    if rows._iterable_class is ValuesListIterable:
        return tuple
    if rows._iterable_class is not ModelIterable:
        raise TypeError("Of a statement there are objects, or what values_list names.")
    select, kinds, annotations = compiler.select, compiler.klass_info, compiler.annotation_col_map or {}
    model, start, end = kinds["model"], kinds["select_fields"][0], kinds["select_fields"][-1] + 1
    names = [column.target.attname for column, _, _ in select[start:end]]
    related = get_related_populators(kinds, select, rows.db)  # type: ignore[call-arg]  # the stubs are of a later Django

    def made(row: Any) -> Any:
        found = model.from_db(rows.db, names, row[start:end])
        for one in related:
            one.populate(row, found)
        for name, position in annotations.items():
            setattr(found, name, row[position])
        return found

    return made


def _converted(compiler: Any, row: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """As the fields want them: JSON is text until then."""
    columns = compiler.get_converters([column for column, _, _ in compiler.select[: compiler.col_count]]).items()
    if not columns:
        return row

    def converted(values: Iterable[Any]) -> Any:
        values = list(values)
        for position, (converters, expression) in columns:
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        return row(values)

    return converted


def statement(build: Callable[P, QuerySet[M, Row]]) -> Statement[P, Row]:
    """Of a function that says which rows: see above."""
    return Statement(build)


# --- How a row is stored


def insert(row: Model, fields: Sequence[Field], returning: Sequence[Field]) -> list[Any] | None:
    """As Django's `_do_insert`: what the database filled in, one row of it. None where only Django knows how to write it."""
    values = [field.pre_save(row, add=True) for field in fields]
    if not _is_plain(fields, values):
        return None
    sql = _insert(row._meta.db_table, tuple(field.column for field in fields), tuple(field.column for field in returning))
    with connection.cursor() as cursor:
        cursor.execute(sql, _prepared(fields, values))
        return cursor.fetchall()


def update(row: Model, pk: Any, values: Sequence[tuple[Field, Any, Any]]) -> int | None:
    """As Django's `_do_update`: how many rows it met. None where only Django knows how to write it."""
    fields, given = [field for field, _, _ in values], [value for _, _, value in values]
    if not values or row._meta.pk is None or not _is_plain(fields, given):
        return None
    key = row._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(_update(row._meta.db_table, tuple(field.column for field in fields), key), [*_prepared(fields, given), pk])
        return int(cursor.rowcount)


def _is_plain(fields: Sequence[Field], values: Sequence[Any]) -> bool:
    """No expression, and no column that is written otherwise than as its value."""
    return all(isinstance(field, BinaryField) or not hasattr(field, "get_placeholder") for field in fields) and not any(
        hasattr(value, "resolve_expression") for value in values
    )


def _prepared(fields: Sequence[Field], values: Sequence[Any]) -> list[Any]:
    return [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]


@cache
def _insert(table: str, columns: tuple[str, ...], returning: tuple[str, ...]) -> str:
    places = ", ".join(["%s"] * len(columns))
    return f'insert into "{table}" ({_named(columns)}) values ({places}) returning {_named(returning)}'


@cache
def _update(table: str, columns: tuple[str, ...], key: str) -> str:
    return f'update "{table}" set ({_named(columns)}) = row({", ".join(["%s"] * len(columns))}) where "{key}" = %s'


def _named(columns: Iterable[str]) -> str:
    return ", ".join(f'"{one}"' for one in columns)
