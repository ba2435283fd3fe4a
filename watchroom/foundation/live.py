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
from dataclasses import dataclass, field, replace
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
MOST_KEPT = 200
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
    _written: dict[tuple[int, ...], bytes] = field(default_factory=dict, repr=False, compare=False)

    def for_screen(self, topics: frozenset[str], permissions: frozenset[str]) -> bytes:
        """What this screen is told: its fragments, and the number in any case. Screens that see the same share the bytes."""
        seen = tuple(n for n, f in enumerate(self.fragments) if f.topic in topics and f.needs in permissions)
        if seen not in self._written:
            shown = [{name: getattr(self.fragments[n], name) for name in ("topic", "target", "swap", "html")} for n in seen]
            subject = {"kind": self.subject[0], "id": self.subject[1]} if shown else None
            body = {"seq": self.seq, "kind": self.kind if shown else "", "at": self.at, "subject": subject, "fragments": shown}
            self._written[seen] = event("watchroom", body, self.seq)
        return self._written[seen]

    def with_more(self, more: "Event") -> "Event":
        """The same, drawn also for the topics for which `more` was: nothing stands in it twice."""
        new = tuple(fragment for fragment in more.fragments if fragment.topic not in self.topics)
        return replace(self, fragments=self.fragments + new, topics=self.topics | more.topics, _written={})


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
        where = _where()
        begun = time.monotonic()
        with self.lock:
            since, known = self.rounds.get(where), self.values[where].get(key)
        if known and known[0] > begun - KEPT_FOR_S:
            return known[1]
        value = ask()
        with self.lock:
            if self.rounds.get(where) == since:  # else a fact was heard meanwhile, and perhaps not by what we asked
                self.values[where][key] = (begun, value)
                for old in list(self.values[where])[:-MOST_KEPT]:
                    del self.values[where][old]
        return value

    def hear(self, after: int, seals: list[models.Seal]) -> None:
        """Forget what these facts, the next after a number, may bear upon; everything when others were not heard before them."""
        where = _where()
        with self.lock:
            heard, values = self.heard.get(where, -1), self.values[where]
            new = [seal for seal in seals if seal.seq > heard]
            gone: Iterable[K] | None = ()
            if after > heard:
                gone = None
            elif new and values:
                gone = self.touched([seal.fact for seal in new], {key: value for key, (_, value) in values.items()})
            for key in list(values) if gone is None else gone:
                values.pop(key, None)
            if new or after > heard:
                self.rounds[where] = self.rounds.get(where, 0) + 1
                self.heard[where] = max([after, heard, *(seal.seq for seal in new)])

    def forget(self) -> None:
        """All of this force: somebody begins to follow it, and what happened before was not heard."""
        where = _where()
        with self.lock:
            self.values.pop(where, None)
            self.heard.pop(where, None)
            self.rounds[where] = self.rounds.get(where, 0) + 1


_all_kept: list[Kept[Any, Any]] = []
_is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)


def _where() -> tuple[str, str]:
    return str(connection.settings_dict["NAME"]), scope.require()


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
            end = models.Head.objects.values_list("seq", flat=True).get()
            if not 0 < end - after <= KEPT:
                return end, []
            seals = list(models.Seal.objects.filter(seq__gt=after).select_related("fact").order_by("seq")[:limit])
            if [seal.seq for seal in seals] != list(range(after + 1, after + 1 + len(seals))):
                log.error("live_gap", force=force, after=after)
                return end, []
            for kept in _all_kept:
                kept.hear(after, seals)
            return end, _events(seals, topics)
    finally:
        connections.close_all()


def _events(seals: list[models.Seal], topics: frozenset[str]) -> list[Event]:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, true)", [str(RENDER_TIMEOUT_MS)])
    with memory.reading(), drawing(topics):
        drawn = _drawn(seals)
    newest = {_place(f): seal.seq for seal, fragments in drawn for f in fragments if f.swap == "outerHTML"}
    return [
        Event(
            seal.seq,
            seal.fact.kind,
            (seal.fact.subject_kind, seal.fact.subject_id),
            seal.fact.at.isoformat(),
            seal.fact.by,
            # each place once, as it is at last
            tuple(f for f in fragments if f.topic in topics and newest.get(_place(f), seal.seq) == seal.seq),
            topics,
        )
        for seal, fragments in drawn
    ]


def _drawn(seals: list[models.Seal]) -> list[tuple[models.Seal, list[Fragment]]]:
    """The fragments of each: all in one savepoint, for that is how nearly always it goes; where one fails, each anew in one of its own."""
    with suppress(Exception), transaction.atomic():
        return [(seal, [one for render in _renderers(seal.fact) for one in render(facts.read(seal.fact))]) for seal in seals]
    return [(seal, _fragments(seal.fact)) for seal in seals]


def _renderers(fact: models.Fact) -> list[Renderer]:
    """Of those that the journey names, the ones that draw for what is shown."""
    journey, shown = import_string(settings.WATCHROOM_JOURNEY + ".SHOWN"), _shown.get()
    found: tuple[Renderer, ...] = journey.get(facts.kinds().get(fact.kind), ())
    return [render for render in found if shown is None or not shown.isdisjoint(getattr(render, "topics", shown))]


def _fragments(fact: models.Fact) -> list[Fragment]:
    """Of all renderers; one that raises, or takes too long, takes nothing else with it."""
    fragments: list[Fragment] = []
    for render in _renderers(fact):
        try:
            with transaction.atomic():
                fragments += render(facts.read(fact))
        except Exception as error:
            log.error("fragment_failed", renderer=facts.name_of(render), kind=fact.kind, error=type(error).__name__)
    return fragments


def _place(fragment: Fragment) -> tuple[str, str, str] | None:
    return (fragment.topic, fragment.target, fragment.needs) if fragment.swap == "outerHTML" else None
