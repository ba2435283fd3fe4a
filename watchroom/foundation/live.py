"""How does a change reach every screen? `/live?after=N&topics=a,b`: a small stream of server-sent events on the same port.

One follower a process and force reads the facts in the order of their seals, woken by NOTIFY, asks `journey.SHOWN` what
of the screens changed, renders each fragment once, and hands it to every client that may see its topic. A client that
was away catches up from the last number it saw; one that is too far behind, or too slow, is told to fetch anew (`resync`).
"""

import asyncio
import json
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections, transaction
from django.utils.module_loading import import_string

from watchroom.foundation import clock, facts, models, scope

log = structlog.get_logger()
CATCH_UP = 500  # facts; further behind than this, a screen fetches anew
QUEUE = 200  # events waiting for one slow client before it is told to fetch anew
HEARTBEAT_S = 15
POLL_S = 2  # NOTIFY only wakes; this finds what a lost notification would have told


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
    seq: int
    kind: str
    subject: tuple[str, int]
    at: str
    fragments: tuple[Fragment, ...] = ()

    def for_client(self, topics: frozenset[str], permissions: frozenset[str]) -> bytes:
        shown = [
            {"topic": f.topic, "target": f.target, "swap": f.swap, "html": f.html}
            for f in self.fragments
            if f.topic in topics and f.needs in permissions
        ]
        subject = {"kind": self.subject[0], "id": self.subject[1]} if shown else None
        body = {"seq": self.seq, "kind": self.kind if shown else "", "at": self.at, "subject": subject, "fragments": shown}
        return _event("watchroom", body, self.seq)


def _event(name: str, body: dict[str, Any], seq: int | None = None) -> bytes:
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(body)}\n\n".encode()


@dataclass(eq=False)
class Client:
    queue: asyncio.Queue[Event | None]
    lost: bool = False

    def offer(self, event: Event) -> None:
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.lost = True  # too slow: it is never waited for


class Follower:
    """Follows one force's chain for all clients of this process; ends when the last has gone."""

    def __init__(self, force: str, after: int) -> None:
        self.force = force
        self.last = after
        self.clients: set[Client] = set()
        self.wake = asyncio.Event()
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        while True:
            try:
                events = await sync_to_async(read, thread_sensitive=False)(self.force, self.last)
            except Exception as error:  # noqa: BLE001 - the database may be away for a moment; the stream goes on after it
                log.warning("live_read_failed", error=type(error).__name__)
                await asyncio.sleep(0.5)
                continue
            for event in events:
                self.last = event.seq
                for client in self.clients:
                    client.offer(event)
            if len(events) < CATCH_UP:
                self.wake.clear()
                try:
                    await asyncio.wait_for(self.wake.wait(), POLL_S)
                except TimeoutError:
                    pass


def read(force: str, after: int, limit: int = CATCH_UP) -> list[Event]:
    """The sealed facts after a number, in order, with the fragments of what they changed; each target only once, at its last."""
    shown = import_string(settings.WATCHROOM_JOURNEY + ".SHOWN")
    try:
        with scope.use(force), transaction.atomic():
            seals = list(models.Seal.objects.filter(seq__gt=after).select_related("fact").order_by("seq")[:limit])
            last: dict[str, int] = {}
            drawn: list[tuple[models.Seal, list[Fragment]]] = []
            for seal in seals:
                fragments = []
                kind = facts.kinds().get(seal.fact.kind)
                for render in shown.get(kind, ()):
                    try:
                        with transaction.atomic():
                            fragments += render(facts.read(seal.fact))
                    except Exception as error:  # noqa: BLE001 - one broken fragment never stops the stream
                        log.error("fragment_failed", kind=seal.fact.kind, error=type(error).__name__)
                for fragment in fragments:
                    if fragment.swap == "outerHTML":
                        last[fragment.target] = seal.seq
                drawn.append((seal, fragments))
            return [
                Event(
                    seal.seq,
                    seal.fact.kind,
                    (seal.fact.subject_kind, seal.fact.subject_id),
                    seal.fact.at.isoformat(),
                    tuple(f for f in fragments if f.swap != "outerHTML" or last[f.target] == seal.seq),
                )
                for seal, fragments in drawn
            ]
    finally:
        connections.close_all()


def _head(force: str) -> int:
    try:
        with scope.use(force), transaction.atomic():
            return models.Head.objects.values_list("seq", flat=True).get()
    finally:
        connections.close_all()


def _who(cookie: str) -> tuple[str, frozenset[str]] | None:
    """The force and permissions of the session in this cookie, or None. Asked about once a minute: whoever has a screen open is here."""
    from django.contrib.auth import get_user
    from django.http import HttpRequest

    engine = import_string(settings.SESSION_ENGINE + ".SessionStore")
    jar = SimpleCookie(cookie)
    if settings.SESSION_COOKIE_NAME not in jar:
        return None
    try:
        session = engine(jar[settings.SESSION_COOKIE_NAME].value)
        force = session.get("force")
        if not force:
            return None
        with scope.use(force), transaction.atomic():
            request = HttpRequest()
            request.session = session
            user = get_user(request)
            if not user.is_authenticated:
                return None
            import_string(settings.WATCHROOM_SEEN)(member=user.pk, at=clock.now())
            return force, frozenset(user.permissions)
    finally:
        connections.close_all()


_followers: dict[str, Follower] = {}
_listener: asyncio.Task | None = None


async def _listen() -> None:
    """One connection a process hears that something was sealed, and wakes the follower of that force."""
    db = settings.DATABASES["default"]
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                host=db["HOST"], port=db["PORT"], user=db["USER"], password=db["PASSWORD"], dbname=db["NAME"], autocommit=True
            )
            async with connection:
                await connection.execute("listen watchroom_facts")
                for follower in _followers.values():
                    follower.wake.set()
                async for notice in connection.notifies():
                    if follower := _followers.get(notice.payload.split(" ")[0]):
                        follower.wake.set()
        except (psycopg.Error, OSError) as error:
            log.warning("live_listen_failed", error=type(error).__name__)
            await asyncio.sleep(0.5)


async def _follow(force: str) -> Follower:
    global _listener
    if _listener is None or _listener.done():
        _listener = asyncio.create_task(_listen())
    follower = _followers.get(force)
    if follower is None or follower.task.done():
        head = await sync_to_async(_head, thread_sensitive=False)(force)
        follower = _followers.get(force) or Follower(force, head)
        _followers[force] = follower
    return follower


async def sse(asgi: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application of `/live`."""
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in asgi["headers"]}
    query = parse_qs(asgi["query_string"].decode("latin-1"))
    who = await sync_to_async(_who, thread_sensitive=False)(headers.get("cookie", "")) if asgi["method"] == "GET" else None
    if who is None or "live.follow" not in who[1]:
        status = 401 if asgi["method"] == "GET" else 405
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"problem": "Log in again to see changes live."}'})
        return
    force, permissions = who
    topics = frozenset(filter(None, query.get("topics", [""])[0].split(",")))
    after = query.get("after", [""])[0] or headers.get("last-event-id", "")
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")],
        }
    )

    async def put(data: bytes, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": data, "more_body": more})

    follower = await _follow(force)
    client = Client(asyncio.Queue(QUEUE))
    follower.clients.add(client)
    gone = asyncio.create_task(_disconnected(receive))
    try:
        seen = follower.last
        await put(_event("hello", {"seq": seen}))
        if after.isdigit() and int(after) < seen:
            if seen - int(after) > CATCH_UP:
                await put(_event("resync", {"seq": seen}, seen))
            else:
                for event in await sync_to_async(read, thread_sensitive=False)(force, int(after)):
                    if event.seq <= seen:
                        await put(event.for_client(topics, permissions))
        checked = time.monotonic()
        while not gone.done():
            if client.lost:
                client.lost = False
                while not client.queue.empty():
                    client.queue.get_nowait()
                await put(_event("resync", {"seq": follower.last}, follower.last))
            waiting = asyncio.create_task(client.queue.get())
            done, _ = await asyncio.wait({waiting, gone}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if waiting in done:
                event = waiting.result()
                if event is not None and event.seq > seen:
                    seen = event.seq
                    await put(event.for_client(topics, permissions))
            else:
                waiting.cancel()
                await put(b": still here\n\n")
            if time.monotonic() - checked > 60:  # a role that was taken away, or a log-out, ends the stream within a minute
                checked = time.monotonic()
                if await sync_to_async(_who, thread_sensitive=False)(headers.get("cookie", "")) != who:
                    break
        await put(b"", more=False)
    except (ConnectionError, RuntimeError, OSError):
        pass  # the browser went away in the middle of a send
    finally:
        gone.cancel()
        follower.clients.discard(client)
        if not follower.clients and _followers.get(force) is follower:
            del _followers[force]
            follower.task.cancel()


async def _disconnected(receive: Any) -> None:
    while True:
        if (await receive())["type"] == "http.disconnect":
            return
