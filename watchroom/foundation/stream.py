"""How does a change reach every screen? `/live?after=N&topics=a,b`: a small stream of server-sent events on the same port.

One follower a process and force reads the events (`live.py`), woken by NOTIFY, and keeps the newest, drawn for what its
screens show. A screen is no more than a number: the last event it was given. What it gets next is what the follower keeps
after that number, whether it was away, slow, or here all the time. What was not drawn for what it shows is drawn then
(`Follower.draw`); where the follower no longer keeps it, the screen is told to fetch anew (`resync`). So nothing is told
twice or left out, and nobody waits for anybody.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import psycopg
import structlog
from django.conf import settings
from django.db import connections, transaction
from django.utils.module_loading import import_string

from watchroom.foundation import access, clock, live, scope, sessions, writing
from watchroom.foundation.live import BATCH, KEPT, RECORD, Event

log = structlog.get_logger()
HEARTBEAT_S = 15
REST_S = 0.2  # at most, and as long as the reading took: more is drawn together, and half the time is left to whoever acts
MANY = 40  # facts read at once; after so many it rests twice as long, for then who acts needs more than half
QUIET_S = 0.5  # so long a screen need not learn a mere number: half of all readings bring it nothing else
POLL_S = 1  # NOTIFY only wakes; this finds within the promised second what a lost notification would have told
RECHECK_S = 60  # a log-out is a fact and ends the stream at once; a role that was taken away, within this time
TOPICS = 200  # of one screen; more than a shift opens
GIVE_UP_S = 30  # on a screen that does not take what it was sent
WRITING_NEEDS = "incidents.see"  # whose log it is, is a matter of what they have opened
MOST_PASSING = 20  # hints that wait for one screen; more are not worth having


@dataclass(frozen=True)
class Viewer:
    """Who looks at a screen, and what they may be sent of what it asks for."""

    force: str
    member: int
    permissions: frozenset[str]
    topics: frozenset[str]
    code: str
    covered_by: int  # the contact that hides queue and units from them now; 0: none
    can_be_covered: bool

    def is_moved_by(self, event: Event) -> bool:
        """Whether it may change what they are to be sent: it is about them; or it may cover something, or be what covered it."""
        if event.subject == ("member", self.member):
            return True
        return self.can_be_covered and (event.by == self.code or event.subject == ("contact", self.covered_by))


def _who(cookie: str, topics: frozenset[str] = frozenset()) -> Viewer | None:
    """The member of the session in this cookie, or None. Whoever has a screen open is noted as here, and what it shows as open."""
    from django.contrib.auth import get_user
    from django.http import HttpRequest

    jar = SimpleCookie(cookie)
    if settings.SESSION_COOKIE_NAME not in jar:
        return None
    try:
        session = import_string(settings.SESSION_ENGINE + ".SessionStore")(jar[settings.SESSION_COOKIE_NAME].value)
        force = session.get("force")
        if not force or sessions.is_over(session, at=clock.now()):
            return None
        with scope.use(force), transaction.atomic():
            request = HttpRequest()
            request.session = session
            user = get_user(request)
            if not user.is_authenticated or "live.follow" not in user.permissions:
                return None
            at = clock.now()
            import_string(settings.WATCHROOM_SEEN)(member=user.pk, at=at)
            given = _given(topics, by=user.code, at=at)
            covered_by = user.covered_by.contact if user.covered_by else 0
            return Viewer(force, user.pk, frozenset(user.permissions), given, user.code, covered_by, user.can_be_covered)
    finally:
        connections.close_all()


def _given(topics: frozenset[str], *, by: str, at: datetime) -> frozenset[str]:
    """What is left of the topics without those about a record that this member has not opened. Nobody is told which these were."""
    kinds = settings.WATCHROOM_RECORD_TOPICS
    records = {topic: (kinds.get(named[1], ""), int(named[2])) for topic in topics if (named := RECORD(topic))}
    opened = access.still_open((record for record in records.values() if record[0]), by=by, at=at)
    return frozenset(topic for topic in topics if topic not in records or records[topic] in opened)


class Screen(asyncio.Event):
    """One open stream; set when there may be something new for it. `passing` are hints that are put once and kept nowhere."""

    def __init__(self, who: Viewer) -> None:
        super().__init__()
        self.who = who
        self.passing: list[bytes] = []

    def pass_on(self, hint: writing.Hint, name: str) -> None:
        """That somebody else is writing on something this screen shows."""
        topics = sorted(self.who.topics.intersection(hint.topics))
        if not topics or hint.by == self.who.code or WRITING_NEEDS not in self.who.permissions:
            return
        if len(self.passing) < MOST_PASSING:
            self.passing.append(live.event("writing", {"topics": topics, "by": hint.by, "name": name, "on": hint.is_on}))
            self.set()


# --- Following


class Follower:
    """Follows one force's chain for all screens of this process, from the first screen to the last.

    All but the reading happens on the event loop, without an `await` between a look and an act: nothing can come between.
    """

    def __init__(self, force: str) -> None:
        self.force = force
        self.events: list[Event] = []  # the newest, without gaps, up to `last`
        self.last = 0
        self.screens: set[Screen] = set()
        self.all_told, self.all_told_at = 0, 0.0  # up to which number, and when, every screen was woken
        self.names: dict[str, str] = {}  # of those who were seen writing
        self.written: dict[tuple[int, int, frozenset[str], frozenset[str]], bytes] = {}  # what was told of the newest
        self.woken = asyncio.Event()
        self.ready = asyncio.Event()  # it is known where to begin
        self.turn = asyncio.Lock()
        self.task = asyncio.create_task(self.run())

    @property
    def first(self) -> int:
        """Whoever has seen this number can be given all that came after it."""
        return self.events[0].seq - 1 if self.events else self.last

    @property
    def topics(self) -> frozenset[str]:
        """What the screens of this process show."""
        return frozenset().union(*(screen.who.topics for screen in self.screens))

    async def run(self) -> None:
        while True:
            self.woken.clear()  # before reading: what is told while we read wakes us once more
            begun = time.monotonic()
            try:
                if not self.ready.is_set():
                    self.last = await asyncio.to_thread(live.head, self.force)
                    self.ready.set()
                head, events = await asyncio.to_thread(live.read, self.force, self.last, self.topics)
            except Exception as error:  # the database may be away for a moment; the stream goes on after it
                log.warning("live_read_failed", error=type(error).__name__)
                await asyncio.sleep(0.5)
                continue
            if head < self.last:
                return  # another database, or one that was set back: all streams end, and their screens begin anew
            if events or head > self.last:
                # nothing to read although there is more: too far behind, so that every screen fetches anew
                self.events = (self.events + events)[-2 * KEPT :] if events else []
                self.written = {}
                self.last = events[-1].seq if events else head
                self.wake(events)
            if self.last >= head:
                if events:
                    await asyncio.sleep(min(REST_S, (time.monotonic() - begun) * (1 + len(events) / MANY)))
                owes = self.all_told < self.last
                if not await _within(QUIET_S if owes else POLL_S, self.woken) and owes:
                    self.wake([])

    def wake(self, events: list[Event]) -> None:
        """Whoever shows something of these, may be moved by one, or has one to be drawn for them. Everybody when that was long ago."""
        is_due = time.monotonic() > self.all_told_at + QUIET_S or self.last - self.all_told > BATCH
        if is_due or not events:
            self.all_told, self.all_told_at = self.last, time.monotonic()
        shown = {fragment.topic for event in events for fragment in event.fragments}
        for screen in self.screens:
            who = screen.who
            if (
                is_due
                or not events
                or not shown.isdisjoint(who.topics)
                or any(who.is_moved_by(event) or not who.topics <= event.topics for event in events)
            ):
                screen.set()

    async def pass_on(self, hint: writing.Hint) -> None:
        """Somebody is writing: to the screens of this process that show the same record."""
        try:
            if hint.by not in self.names:
                self.names[hint.by] = await asyncio.to_thread(_name, self.force, hint.by)
        except Exception as error:  # the next hint asks again
            log.warning("writing_name_failed", error=type(error).__name__)
            return
        for screen in self.screens:
            screen.pass_on(hint, self.names[hint.by])

    async def place(self, after: int | None) -> int:
        """Where a screen goes on that has seen `after`. What it missed is read again once for all who come back together."""
        await self.ready.wait()
        if after is None:
            return self.last
        if after > self.last:  # seen at a process that was faster than this one; or in a database that is no more
            return after if after <= await asyncio.to_thread(live.head, self.force) else -1
        async with self.turn:
            if self.last - KEPT <= after < self.first:
                _, missed = await asyncio.to_thread(live.read, self.force, after, self.topics, KEPT)
                if missed and missed[-1].seq >= self.first:
                    self.events[:0] = [event for event in missed if event.seq <= self.first]
        return after

    async def draw(self, events: list[Event]) -> bool:
        """Draw these, which are kept, also for what was not shown when they were read. False when that cannot be done any more."""
        numbers = {event.seq for event in events}
        async with self.turn:  # who waits here finds that it was drawn for them, too
            kept = [event for event in self.events if event.seq in numbers]
            left_out = frozenset().union(*(self.topics - event.topics for event in kept))
            if not left_out:
                return True
            _, drawn = await asyncio.to_thread(live.read, self.force, events[0].seq - 1, left_out, len(events))
            more = {event.seq: event for event in drawn}
            if not numbers <= more.keys():
                return False
            self.events = [event.with_more(more[event.seq]) if event.seq in numbers else event for event in self.events]
            self.written = {}
            return True

    def told(self, events: list[Event], who: Viewer) -> bytes:
        """What this viewer is told of these; screens that see the same share the bytes."""
        key = (events[0].seq, events[-1].seq, who.topics, who.permissions)
        if key not in self.written:
            if len(self.written) > KEPT:  # of screens that come back again and again while nothing happens
                self.written = {}
            self.written[key] = live.told(events, who.topics, who.permissions)
        return self.written[key]

    def since(self, seen: int) -> list[Event] | None:
        """The next events for a screen that has seen `seen`; None when they are no longer here."""
        if seen < self.first:
            return None
        start = max(0, len(self.events) - max(0, self.last - seen))
        return self.events[start : start + BATCH]


async def _within(seconds: float, happened: asyncio.Event) -> bool:
    """Whether it happened, waited for no longer than that."""
    try:
        async with asyncio.timeout(seconds):
            return await happened.wait()
    except TimeoutError:
        return False


_followers: dict[str, Follower] = {}
_streams: Counter[tuple[str, int]] = Counter()  # how many each member has open here
_listener: asyncio.Task | None = None


def _name(force: str, code: str) -> str:
    """How colleagues call this person; for a thread that has no transaction."""
    try:
        with scope.use(force), transaction.atomic():
            return str(import_string(settings.WATCHROOM_NAME)(code))
    finally:
        connections.close_all()


async def _hear(payload: str) -> None:
    """A hint that somebody is writing. One that nobody here could be shown is dropped before anything is looked up."""
    hint = writing.heard(payload)
    follower = _followers.get(hint.force)
    if follower and any(screen.who.topics.intersection(hint.topics) for screen in follower.screens):
        await follower.pass_on(hint)


async def _listen() -> None:
    """One connection a process hears that something was sealed, and wakes the follower of that force; and who is writing."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(os.environ["WATCHROOM_APP_URL"], autocommit=True) as heard:
                await heard.execute("listen watchroom_facts")
                await heard.execute(f"listen {writing.CHANNEL}")
                async for notice in heard.notifies():
                    if notice.channel == writing.CHANNEL:
                        await _hear(notice.payload)
                    elif follower := _followers.get(notice.payload.split(" ")[0]):
                        follower.woken.set()
        except (psycopg.Error, OSError) as error:
            log.warning("live_listen_failed", error=type(error).__name__)
        await asyncio.sleep(0.5)


def _join(force: str, screen: Screen) -> Follower:
    """The one follower of this force, begun if there is none."""
    global _listener
    if _listener is None or _listener.done():
        _listener = asyncio.create_task(_listen())
    if force not in _followers or _followers[force].task.done():
        _followers[force] = Follower(force)
    _followers[force].screens.add(screen)
    return _followers[force]


def _leave(follower: Follower, screen: Screen) -> None:
    follower.screens.discard(screen)
    if not follower.screens:
        follower.task.cancel()
        if _followers.get(follower.force) is follower:
            del _followers[follower.force]


# --- One screen


async def sse(asgi: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application of `/live`."""
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in asgi["headers"]}
    query = parse_qs(asgi["query_string"].decode("latin-1"))
    cookie = headers.get("cookie", "")
    if asgi["method"] != "GET":
        return await _refuse(send, 405, "The stream is only read.")
    try:
        topics = frozenset(query.get("topics", [""])[0].split(",")[:TOPICS])
        who = await asyncio.to_thread(_who, cookie, topics)
    except Exception as error:  # the database is away; the browser asks again
        log.warning("live_who_failed", error=type(error).__name__)
        return await _refuse(send, 503, "The stream is not there for a moment.")
    if who is None:
        return await _refuse(send, 401, "Log in again to see changes live.")
    whose = (who.force, who.member)
    if _streams[whose] >= settings.WATCHROOM_STREAMS:
        problem = f"You have {_streams[whose]} screens open, which is more than one person can watch. Close some."
        return await _refuse(send, 429, problem)
    numbers = [n for n in (query.get("after", [""])[0], headers.get("last-event-id", "")) if n.isdecimal()]
    head = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]

    async def put(data: bytes, more: bool = True) -> None:
        async with asyncio.timeout(GIVE_UP_S):
            await send({"type": "http.response.body", "body": data, "more_body": more})

    _streams[whose] += 1
    screen = Screen(who)
    follower = _join(who.force, screen)
    gone = asyncio.create_task(_disconnected(receive))
    for ended in (gone, follower.task):
        ended.add_done_callback(lambda _: screen.set())
    try:
        await send({"type": "http.response.start", "status": 200, "headers": head})
        async with asyncio.timeout(GIVE_UP_S):
            seen = await follower.place(max(map(int, numbers)) if numbers else None)
        await put(live.event("hello", {"seq": follower.last}))
        check_at = time.monotonic() + RECHECK_S * random.uniform(0.7, 1)  # not all at once after a restart
        while not (gone.done() or follower.task.done()):
            screen.clear()
            if screen.passing:
                passing, screen.passing = screen.passing, []
                await put(b"".join(passing))
            events = follower.since(seen)
            if time.monotonic() > check_at or any(who.is_moved_by(event) for event in events or ()):
                check_at = time.monotonic() + RECHECK_S
                fresh = await asyncio.to_thread(_who, cookie, topics)
                if fresh and fresh.covered_by != who.covered_by:  # what it shows now was covered, or is: it fetches all anew
                    who, seen = fresh, follower.last
                    screen.who = who
                    await put(live.event("resync", {"seq": seen}, seen))
                    continue
                if fresh != who:
                    break
            if events is None:
                seen = follower.last
                await put(live.event("resync", {"seq": seen}, seen))
            elif any(not who.topics <= event.topics for event in events):
                if not await follower.draw(events):
                    seen = follower.last
                    await put(live.event("resync", {"seq": seen}, seen))
            elif events:
                seen = events[-1].seq
                await put(follower.told(events, who))
            elif not await _within(HEARTBEAT_S, screen):
                await put(b": still here\n\n")
        await put(b"", more=False)
    except Exception as error:  # the browser went away in the middle of a send, or the database did
        log.info("live_ended", error=type(error).__name__)
    finally:
        gone.cancel()
        _leave(follower, screen)
        _streams[whose] -= 1
        if not _streams[whose]:
            del _streams[whose]


async def _refuse(send: Any, status: int, problem: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps({"problem": problem}).encode()})


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
