"""What of the screens changes with a fact? `journey.SHOWN` says; here it is read in the order of the seals and rendered once for all.

`stream.py` carries it to every screen. What no screen of this process shows is not drawn; each event says for which topics it
was, and is drawn for others when somebody comes who shows them.
"""

import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Generic, TypeVar

import structlog
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils.module_loading import import_string

from watchroom.foundation import facts, memory, models, scope

K = TypeVar("K")
V = TypeVar("V")

log = structlog.get_logger()
KEPT = 500  # events; a screen, or a follower, that is further behind fetches anew
BATCH = 100  # events read and sent at a time
RENDER_TIMEOUT_MS = 1500
KEPT_FOR_S = 60
MOST_KEPT = 16
RECORD = re.compile(r"(.*)-([0-9]{1,18})").fullmatch  # a topic about one record


@dataclass(frozen=True)
class Fragment:
    """A piece of a screen: `html` replaces the element `target` (or is put where `swap` says) wherever `topic` is shown.

    `needs` is the permission without which the fragment is not sent, whatever the client asked for.
    """

    topic: str
    target: str
    html: str
    needs: str
    swap: str = "outerHTML"


@dataclass(frozen=True)
class Event:
    """A sealed fact, and what of the screens changed with it."""

    seq: int
    kind: str
    subject: tuple[str, int]
    at: str
    by: str
    fragments: tuple[Fragment, ...] = ()
    topics: frozenset[str] = frozenset()  # for which it was drawn

    def seen_by(self, topics: frozenset[str], permissions: frozenset[str]) -> tuple[Fragment, ...]:
        """Which of its fragments a screen may be sent that shows these topics."""
        return tuple(one for one in self.fragments if one.topic in topics and one.needs in permissions)

    def written(self, fragments: Sequence[Fragment], after: int) -> bytes:
        """As it is told. Where nothing of it is shown it is a mere number: neither what happened nor to whom is said."""
        shown = [{name: getattr(one, name) for name in ("topic", "target", "swap", "html")} for one in fragments]
        subject = {"kind": self.subject[0], "id": self.subject[1]} if shown else None
        number = {"after": after, "seq": self.seq, "kind": self.kind if shown else "", "at": self.at}
        return event("watchroom", {**number, "subject": subject, "fragments": shown}, self.seq)

    def with_more(self, more: "Event") -> "Event":
        """The same, drawn also for the topics for which `more` was: nothing stands in it twice."""
        new = tuple(fragment for fragment in more.fragments if fragment.topic not in self.topics)
        return replace(self, fragments=self.fragments + new, topics=self.topics | more.topics)


def told(events: Sequence[Event], topics: frozenset[str], permissions: frozenset[str]) -> bytes:
    """What a screen is told of these, which follow each other: each that shows something there, and the last in any case.

    `after` says from which number on it stands for what came between: of six facts in a call four show nothing on most screens.
    """
    parts, after = [], events[0].seq - 1
    for one in events:
        if (fragments := one.seen_by(topics, permissions)) or one is events[-1]:
            parts.append(one.written(fragments, after))
            after = one.seq
    return b"".join(parts)


Renderer = Callable[[facts.Told], list[Fragment]]
_shown: ContextVar[frozenset[str] | None] = ContextVar("shown", default=None)


def on(*topics: str) -> Callable[[Renderer], Renderer]:
    """Says of a renderer for which topics it draws; where none of them is shown, it is left out. `contact-*`: of any contact."""

    def mark(render: Renderer) -> Renderer:
        @wraps(render)
        def drawn(told: facts.Told) -> list[Fragment]:
            fragments = render(told)
            if strange := {
                fragment.topic for fragment in fragments if {fragment.topic, _kind(fragment.topic)}.isdisjoint(topics)
            }:
                raise ValueError(f"{facts.name_of(render)} does not say that it draws for {sorted(strange)}.")
            return fragments

        drawn.topics = frozenset(topics)  # type: ignore[attr-defined]
        return drawn

    return mark


def is_shown(topic: str) -> bool:
    """Whether a screen for which is drawn now shows this; outside `drawing` everything is."""
    shown = _shown.get()
    return shown is None or topic in shown


class Kept(Generic[K, V]):
    """What is drawn again and again, known from one reading to the next for a minute, until a fact says that it may be otherwise.

    `touched` says upon which of what is kept these facts may bear; None: all. Outside a reading everything is asked anew.
    """

    def __init__(self, touched: Callable[[Sequence[models.Fact], Mapping[K, V]], Iterable[K] | None]) -> None:
        self.touched = touched
        self.lock = threading.Lock()
        self.rounds: dict[tuple[str, str], int] = {}  # by database and force; how often something was new there
        self.heard: dict[tuple[str, str], int] = {}  # up to which fact
        self.values: dict[tuple[str, str], dict[K, tuple[float, V]]] = defaultdict(dict)
        _all_kept.append(self)

    def get(self, key: K, ask: Callable[[], V]) -> V:
        if not _is_reading.get():
            return ask()
        where = memory.whose()
        begun = time.monotonic()
        with self.lock:
            since, known = self.rounds.get(where), self.values[where].pop(key, None)
            if known:
                self.values[where][key] = known  # the last that was asked for stands last
        if known and known[0] > begun - KEPT_FOR_S:
            return known[1]
        value = ask()
        with self.lock:
            if self.rounds.get(where) == since:  # else a fact was heard meanwhile, and perhaps not by what we asked
                self.values[where][key] = (begun, value)
                for old in list(self.values[where])[:-MOST_KEPT]:
                    del self.values[where][old]
        return value

    def hear(self, after: int, sealed_facts: list[models.Fact]) -> None:
        """Forget what these facts, the next after a number, may bear upon; everything when others were not heard before them."""
        where = memory.whose()
        with self.lock:
            heard, values = self.heard.get(where, -1), self.values[where]
            new = [fact for fact in sealed_facts if fact.seq > heard]
            gone: Iterable[K] | None = ()
            if after > heard:
                gone = None
            elif new and values:
                gone = self.touched(new, {key: value for key, (_, value) in values.items()})
            for key in list(values) if gone is None else gone:
                values.pop(key, None)
            if new or after > heard:
                self.rounds[where] = self.rounds.get(where, 0) + 1
                self.heard[where] = max([after, heard, *(fact.seq for fact in new)])

    def forget(self) -> None:
        """All of this force: somebody begins to follow it, and what happened before was not heard."""
        where = memory.whose()
        with self.lock:
            self.values.pop(where, None)
            self.heard.pop(where, None)
            self.rounds[where] = self.rounds.get(where, 0) + 1


_all_kept: list[Kept[Any, Any]] = []
_is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)


@contextmanager
def drawing(topics: frozenset[str]) -> Iterator[None]:
    """What is drawn in here is drawn for screens that show these topics."""
    shown, reading = _shown.set(topics | {_kind(topic) for topic in topics}), _is_reading.set(True)
    try:
        yield
    finally:
        _shown.reset(shown)
        _is_reading.reset(reading)


def _kind(topic: str) -> str:
    """`contact-12` → `contact-*`; a topic that is about no record stays as it is."""
    named = RECORD(topic)
    return f"{named[1]}-*" if named else topic


def event(name: str, body: dict[str, Any], seq: int | None = None) -> bytes:
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(body)}\n\n".encode()


def sealed() -> int:
    """How far the chain of the force in scope has come."""
    return models.Head.objects.values_list("seq", flat=True).first() or 0


def head(force: str) -> int:
    """How far the force's chain has come; for a thread that has no transaction."""
    try:
        with scope.use(force), transaction.atomic():
            for kept in _all_kept:
                kept.forget()
            return sealed()
    finally:
        connections.close_all()  # gives this thread's connection back to the pool; the pool stays


def read(force: str, after: int, topics: frozenset[str], limit: int = BATCH) -> tuple[int, list[Event]]:
    """(how far the chain has come, the next events after a number, drawn for these topics). None when too many, or there is a gap."""
    try:
        with scope.use(force), transaction.atomic():
            rows = list(models.Fact.everywhere.raw(_NEXT.format(limit=limit), [after, force]))
            end, sealed_facts = rows[0].head, [row for row in rows if row.pk]
            if not 0 < end - after <= KEPT:
                return end, []
            if [fact.seq for fact in sealed_facts] != list(range(after + 1, after + 1 + len(sealed_facts))):
                log.error("live_gap", force=force, after=after)
                return end, []
            for kept in _all_kept:
                kept.hear(after, sealed_facts)
            return end, _events(sealed_facts, topics)
    finally:
        connections.close_all()


# Written out, for it is asked at each transaction of the force: Django took longer to put it together than the database to answer.
# One statement, so that the chain has not gone on between its end and its facts. There is a row without a fact where none is new.
# The limit stands in it as it is: for one that it does not know the planner would read the whole table. Each fact is looked for by
# itself (`offset 0`): while the tables have not been counted it would else read all facts of the force for each of them.
_NEXT = """select fact.*, seal.seq, head.seq as head from foundation_head head
    left join lateral (select one.seq, one.fact_id from foundation_seal one
        where one.force = head.force and one.seq > %s order by one.seq limit {limit}) seal on true
    left join lateral (select * from foundation_fact one where one.id = seal.fact_id offset 0) fact on true
    where head.force = %s order by seal.seq"""


def _events(sealed_facts: list[models.Fact], topics: frozenset[str]) -> list[Event]:
    with memory.reading(), drawing(topics):
        drawn = _drawn(sealed_facts)
    newest = {_place(f): fact.seq for fact, fragments in drawn for f in fragments if f.swap == "outerHTML"}
    return [
        Event(
            fact.seq,
            fact.kind,
            (fact.subject_kind, fact.subject_id),
            fact.at.isoformat(),
            fact.by,
            # each place once, as it is at last
            tuple(f for f in fragments if f.topic in topics and newest.get(_place(f), fact.seq) == fact.seq),
            topics,
        )
        for fact, fragments in drawn
    ]


def _drawn(sealed_facts: list[models.Fact]) -> list[tuple[models.Fact, list[Fragment]]]:
    """The fragments of each: all in one savepoint, for that is how nearly always it goes; where one fails, each anew in one of its own."""
    renderers = {fact.seq: _renderers(fact) for fact in sealed_facts}
    if not any(renderers.values()):
        return [(fact, []) for fact in sealed_facts]
    facts.limit(RENDER_TIMEOUT_MS)
    with suppress(Exception), transaction.atomic():
        return [(fact, [one for render in renderers[fact.seq] for one in render(facts.read(fact))]) for fact in sealed_facts]
    return [(fact, _fragments(fact, renderers[fact.seq])) for fact in sealed_facts]


def _renderers(fact: models.Fact) -> list[Renderer]:
    """Of those that the journey names, the ones that draw for what is shown."""
    journey, shown = import_string(settings.WATCHROOM_JOURNEY + ".SHOWN"), _shown.get()
    found: tuple[Renderer, ...] = journey.get(facts.kinds().get(fact.kind), ())
    return [render for render in found if shown is None or not shown.isdisjoint(getattr(render, "topics", shown))]


def _fragments(fact: models.Fact, renderers: list[Renderer]) -> list[Fragment]:
    """Of all these; one that raises, or takes too long, takes nothing else with it."""
    fragments: list[Fragment] = []
    for render in renderers:
        try:
            with transaction.atomic():
                fragments += render(facts.read(fact))
        except Exception as error:
            log.error("fragment_failed", renderer=facts.name_of(render), kind=fact.kind, error=type(error).__name__)
            if connection.needs_rollback:  # the connection is gone: nothing more can be drawn, and all is read again
                raise
    return fragments


def _place(fragment: Fragment) -> tuple[str, str, str] | None:
    return (fragment.topic, fragment.target, fragment.needs) if fragment.swap == "outerHTML" else None
