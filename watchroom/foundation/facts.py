"""What happened? A room tells a fact and knows nothing of what follows; `watchroom/journey.py` says what follows.

    facts.tell(ContactArrived(contact=12, channel="999"), by="link:trunk", at=at)

NOW reactions run in the same transaction, each in a savepoint of its own with a short statement timeout: a later
room's bug never loses a call. One that fails leaves what was told standing, becomes a fact itself (ReactionFailed)
and is tried again SOON. SOON calls are jobs deferred in the same transaction, so a fact and its consequence cannot part.
"""

import dataclasses
import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

import structlog
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from watchroom.foundation import clock, models, scope

log = structlog.get_logger()
REACTION_TIMEOUT_MS = 1500


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Base of all facts. `about` names the field with the id of the subject; its kind is the field's name."""

    about: ClassVar[str]

    @property
    def subject(self) -> tuple[str, int]:
        return self.about, getattr(self, self.about)


@dataclass(frozen=True, kw_only=True)
class ReactionFailed(Fact):
    """A reaction to a fact failed or took too long; the fact stands, and the reaction is owed."""

    about = "fact"
    fact: int
    reaction: str
    why: str  # the class of the error, never its text: that might hold what a person said


@dataclass(frozen=True, kw_only=True)
class ReactionMended(Fact):
    """A reaction that had failed was carried out later."""

    about = "fact"
    fact: int
    reaction: str


@dataclass(frozen=True)
class Told:
    """A fact as a reaction receives it: what was told, its row's id, by whom and when.

    `row` is what it is about, where the action has it in hand, so that no reaction reads it again; None where it is carried out later.
    """

    id: int
    fact: Fact
    by: str
    at: datetime
    row: Any = None


Reaction = Callable[[Told], None]


def tell(fact: Fact, *, by: str, at: datetime, row: Any = None) -> Told:
    """Write the fact and let the journey react. Must be called inside the action's transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("A fact is told inside the transaction of the action that made it true.")
    if not by:
        raise ValueError("A fact says by whom.")
    told = Told(_write(fact, by, at), fact, by, at, row)
    journey = _journey()
    if now := journey.NOW.get(type(fact), ()):
        with _timed():
            _react_all(told, now)
    for reaction in journey.SOON.get(type(fact), ()):
        _defer(told, reaction)
    return told


def _write(fact: Fact, by: str, at: datetime) -> int:
    """The fact's row; its id. A plain statement: an action tells several facts, and the ORM took longer to build each than to store it."""
    with connection.cursor() as cursor:
        row: Any = [scope.require(), type(fact).__name__, *fact.subject, by, at, clock.now(), Jsonb(_body(fact))]
        cursor.execute(
            """insert into foundation_fact (force, kind, subject_kind, subject_id, "by", at, recorded_at, body)
            values (%s, %s, %s, %s, %s, %s, %s, %s) returning id""",
            row,
        )
        return cursor.fetchone()[0]


def _react_all(told: Told, reactions: Sequence[Reaction]) -> None:
    """All reactions in one savepoint, for that is how nearly always they go; where one fails, each again in a savepoint of its own."""
    if len(reactions) > 1:
        with suppress(Exception):
            _carry_out(told, reactions)
            return
    for reaction in reactions:
        _react(told, reaction)


def _carry_out(told: Told, reactions: Sequence[Reaction]) -> None:
    with transaction.atomic():
        for reaction in reactions:
            reaction(told)
        if connection.needs_rollback:  # Django would undo it without a word, and the others' with it
            raise RuntimeError("An error of the database was swallowed in a reaction.")


def _react(told: Told, reaction: Reaction) -> None:
    name = name_of(reaction)
    try:
        _carry_out(told, (reaction,))
    except Exception as error:
        log.error("reaction_failed", reaction=name, fact=told.id, error=type(error).__name__)
        limit(0)  # that it is owed must be written down, however long that takes
        tell(ReactionFailed(fact=told.id, reaction=name, why=type(error).__name__), by="system:journey", at=clock.now())
        _defer(told, reaction)
        limit(REACTION_TIMEOUT_MS)


_is_timed: ContextVar[bool] = ContextVar("is_timed", default=False)


@contextmanager
def _timed() -> Iterator[None]:
    """No statement in here takes long: said once for all reactions to a fact, and for those to what they tell themselves."""
    if _is_timed.get():
        yield
        return
    before = _is_timed.set(True)
    try:
        limit(REACTION_TIMEOUT_MS)
        yield
        limit(0)
    finally:
        _is_timed.reset(before)


def limit(ms: int) -> None:
    """No statement takes longer, for the rest of this transaction or until its savepoint is undone; 0: as long as it likes."""
    connection.say_later(f"set local statement_timeout = {ms:d}")  # type: ignore[attr-defined]  # our own backend's


def _defer(told: Told, reaction: Reaction) -> None:
    from watchroom.foundation import tasks

    tasks.react.defer(force=scope.require(), fact=told.id, reaction=name_of(reaction))


def name_of(reaction: Callable[..., object]) -> str:
    """`watchroom.identity.actions.observe`: how a job names what to call."""
    return f"{reaction.__module__}.{reaction.__qualname__}"


def _body(fact: Fact) -> dict[str, Any]:
    return {
        field.name: value.isoformat() if isinstance(value := getattr(fact, field.name), datetime) else value
        for field in dataclasses.fields(fact)
    }


def read(row: models.Fact) -> Told:
    """A row of the table back as the fact it was. Raises KeyError for a kind that no room knows any more."""
    cls = kinds()[row.kind]
    body = dict(row.body)
    for field in dataclasses.fields(cls):
        if field.type in (datetime, datetime | None) and body.get(field.name):
            body[field.name] = datetime.fromisoformat(body[field.name])
    return Told(row.pk, cls(**body), row.by, row.at)


@cache
def kinds() -> dict[str, type[Fact]]:
    """Every kind of fact by name, from the rooms' `facts.py`."""
    from watchroom.rooms import ROOMS

    found: dict[str, type[Fact]] = {}
    for room in ROOMS:
        name = f"watchroom.{room.name}.facts"
        if importlib.util.find_spec(name):
            module = importlib.import_module(name)
            for value in vars(module).values():
                is_fact = isinstance(value, type) and issubclass(value, Fact) and value is not Fact
                if is_fact and found.setdefault(value.__name__, value) is not value:
                    raise RuntimeError(f"Two rooms tell a fact called {value.__name__}.")
    return found


def _journey() -> Any:
    from django.conf import settings

    return importlib.import_module(settings.WATCHROOM_JOURNEY)
