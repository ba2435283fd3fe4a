"""Every change on every screen: in order, none twice, none left out, nobody's but one's own; and told so where that cannot be."""

import asyncio
import contextlib
import itertools
import json
import threading
import time
import urllib.error
import urllib.request

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connections, transaction

from tests import world
from tests.test_offers import nodes
from tests.test_reactions import a_call_in_hand, the_rest_of_the_night
from watchroom import journey
from watchroom.foundation import access, clock, facts, live, models, scope, stream
from watchroom.foundation.live import Fragment
from watchroom.staff.facts import LoggedOut, StateChanged
from watchroom.staff.models import Member
from watchroom.testing import cluster

SOMEBODY = 999_999  # whom these facts are about; nobody who looks at a screen


def log_in(force: str, *roles: str) -> SessionStore:
    with scope.use(force), transaction.atomic():
        member = world.a_member("-".join(roles), *roles)
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(member.pk),
            BACKEND_SESSION_KEY: "watchroom.staff.auth.ForceBackend",
            HASH_SESSION_KEY: member.get_session_auth_hash(),
            "force": force,
        }
    )
    session.save()
    return session


def tell(count: int = 1, force: str = "northmoor", state: str = "break") -> None:
    """So many facts, each in a transaction of its own."""
    for _ in range(count):
        with scope.use(force), transaction.atomic():
            facts.tell(StateChanged(member=SOMEBODY, state=state), by="system:tests", at=clock.now())


async def aside(work, *args, **more):
    """In a thread of its own, whose connection is not left open."""

    def whole():
        try:
            return work(*args, **more)
        finally:
            connections.close_all()

    return await asyncio.to_thread(whole)


async def told(*args, **more) -> None:
    await aside(tell, *args, **more)


class Screen:
    """What a browser is to the stream: it reads, may be slow, and may go away."""

    def __init__(
        self, session: SessionStore | None, *, after: int | None = None, topics: str = "room", method: str = "GET", **headers
    ):
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}" if session else ""
        query = f"topics={topics}" + (f"&after={after}" if after is not None else "")
        self.asgi = {
            "type": "http",
            "method": method,
            "path": "/live",
            "query_string": query.encode(),
            "headers": [(b"cookie", cookie.encode()), *((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items())],
        }
        self.status = 0
        self.events: asyncio.Queue[tuple[str, dict]] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        self.leaves = asyncio.Event()

    async def __aenter__(self):
        self.task = asyncio.create_task(stream.sse(self.asgi, self._receive, self._send))
        return self

    async def __aexit__(self, *problem):
        self.leaves.set()
        self.reads.set()
        await asyncio.wait_for(self.task, 10)

    async def _receive(self):
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            for name, data in parsed(message["body"].decode()):
                self.events.put_nowait((name, data))

    async def next(self, within: float = 10) -> tuple[str, dict]:
        return await asyncio.wait_for(self.events.get(), within)

    async def numbers(self, count: int) -> list[int]:
        """So many that the next events, which are nothing but changes, stand for; one event often stands for several."""
        got: list[int] = []
        while len(got) < count:
            name, data = await self.next()
            assert name == "watchroom", (name, data)
            got += range(data["after"] + 1, data["seq"] + 1)
        return got

    async def hello(self) -> int:
        name, data = await self.next()
        assert name == "hello"
        return data["seq"]


def parsed(text: str):
    for block in filter(None, text.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if "event" in fields:
            yield fields["event"], json.loads(fields["data"])


def shows(*renderers) -> dict:
    return {StateChanged: renderers}


def the_room(told: facts.Told) -> list[Fragment]:
    return [Fragment("room", "#room", f"<p>{told.fact.state}</p>", "live.follow")]


@pytest.fixture
def handler(clone, monkeypatch) -> SessionStore:
    monkeypatch.setattr(journey, "SHOWN", shows(the_room))
    return log_in("northmoor", "handler")


def test_changes_come_in_order_and_without_gaps(handler):
    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            writers = [asyncio.create_task(told(15)) for _ in range(4)]
            assert await screen.numbers(60) == list(range(start + 1, start + 61))
            await asyncio.gather(*writers)

    asyncio.run(story())


def test_a_change_is_on_the_screen_within_a_second(handler):
    async def story():
        async with Screen(handler) as screen:
            await screen.hello()
            waits = []
            for _ in range(5):
                begun = time.monotonic()
                await told()
                await screen.next()
                waits.append(time.monotonic() - begun)
            assert sorted(waits)[2] < 1

    asyncio.run(story())


def test_who_comes_back_gets_what_was_missed_once_and_then_what_is_new(handler):
    async def story():
        async with Screen(handler) as first:
            start = await first.hello()
            await told(30)
            assert len(await first.numbers(30)) == 30
            for missed in (1, 7, 30):
                begins = start + 30 - missed
                async with Screen(handler, after=begins) as again:
                    await again.hello()
                    writing = asyncio.create_task(told(5))
                    assert await again.numbers(missed + 5) == list(range(begins + 1, start + 36))
                    await writing
                start += 5
                await first.numbers(5)

    asyncio.run(story())


def test_many_who_come_back_after_a_restart_share_one_reading(handler, monkeypatch):
    tell(40)
    readings = []

    def read(*args):
        readings.append(args)
        return reading(*args)

    reading = live.read
    monkeypatch.setattr(live, "read", read)

    async def story():
        end = await aside(live.head, "northmoor")
        async with contextlib.AsyncExitStack() as stack:
            screens = [await stack.enter_async_context(Screen(handler, after=end - 40 + n % 3)) for n in range(20)]
            for n, screen in enumerate(screens):
                await screen.hello()
                assert await screen.numbers(40 - n % 3) == list(range(end - 39 + n % 3, end + 1))
            assert len([args for args in readings if args[1] < end]) <= 3

    asyncio.run(story())


def test_the_newer_of_both_places_counts(handler):
    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            await told(5)
            await screen.numbers(5)
        async with Screen(handler, after=start, last_event_id=str(start + 3)) as screen:
            await screen.hello()
            assert await screen.numbers(2) == [start + 4, start + 5]

    asyncio.run(story())


def test_who_is_too_far_behind_or_ahead_of_the_chain_fetches_anew(handler, monkeypatch):
    for module in (live, stream):
        monkeypatch.setattr(module, "KEPT", 20)
    tell(30)

    async def story():
        end = await aside(live.head, "northmoor")
        for away in (-25, 1, 10**30):
            async with Screen(handler, after=end + away) as screen:
                await screen.hello()
                assert await screen.next() == ("resync", {"seq": end}), away
                await told()
                end += 1
                assert await screen.numbers(1) == [end]

    asyncio.run(story())


def test_a_slow_screen_is_told_to_fetch_anew_and_nobody_waits_for_it(handler, monkeypatch):
    for module in (live, stream):
        monkeypatch.setattr(module, "KEPT", 20)

    async def story():
        async with Screen(handler) as slow, Screen(handler) as quick:
            start = await slow.hello()
            await quick.hello()
            slow.reads.clear()
            for _ in range(6):
                await told(10)
                await quick.numbers(10)
            slow.reads.set()
            names = [(await slow.next())[0]]  # what was on its way when it stopped to read
            while names[-1] != "resync":
                names.append((await slow.next())[0])
            await told()
            assert await slow.numbers(1) == await quick.numbers(1) == [start + 61]

    asyncio.run(story())


def test_a_screen_that_takes_nothing_for_long_is_given_up(handler, monkeypatch):
    monkeypatch.setattr(stream, "GIVE_UP_S", 0.2)

    async def story():
        async with Screen(handler) as stuck:
            await stuck.hello()
            stuck.reads.clear()
            await told()
            await asyncio.wait_for(asyncio.shield(stuck.task), 10)
            assert not stream._followers

    asyncio.run(story())


def test_a_follower_that_is_far_behind_catches_up_by_fetching_anew(handler, monkeypatch):
    """A storm of facts must not make every screen later and later."""
    for module in (live, stream):
        monkeypatch.setattr(module, "KEPT", 20)
    held_up, stands_still, reading = threading.Event(), threading.Event(), live.read

    def read(*args):
        while held_up.is_set():
            stands_still.set()  # no earlier read is under way any more
            time.sleep(0.02)
        return reading(*args)

    monkeypatch.setattr(live, "read", read)

    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            held_up.set()
            await asyncio.to_thread(stands_still.wait, 10)
            await told(50)
            held_up.clear()
            assert await screen.next() == ("resync", {"seq": start + 50})

    asyncio.run(story())


def test_a_follower_rests_as_long_as_it_read_or_longer_and_then_reads_what_came_meanwhile_together(handler, monkeypatch):
    """Else a busy room would have it read without a pause, few facts each time, on the processors that the room works on."""
    readings, reading = [], live.read

    def read(*args):
        begun = time.monotonic()
        time.sleep(0.06)
        head, events = reading(*args)
        readings.append((begun, time.monotonic(), len(events)))
        return head, events

    monkeypatch.setattr(live, "read", read)

    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            await told(30)
            assert await screen.numbers(30) == list(range(start + 1, start + 31))

    asyncio.run(story())
    for (begun, ended, count), (again, _, _) in itertools.pairwise(readings):
        assert not count or again - ended > 0.05 * (1 + count / stream.MANY), (begun, ended, again)


def test_no_force_is_told_of_another(handler):
    outsider = log_in("southmere", "handler")

    async def story():
        async with Screen(handler) as ours, Screen(outsider) as theirs:
            start, elsewhere = await ours.hello(), await theirs.hello()
            await told(20)
            await told(1, force="southmere", state="away")
            assert len(await ours.numbers(20)) == 20
            name, data = await theirs.next()
            assert (name, data["seq"]) == ("watchroom", elsewhere + 1)
            assert data["fragments"][0]["html"] == "<p>away</p>"
            await asyncio.sleep(0.3)
            assert ours.events.empty()
            assert theirs.events.empty()
            assert start + 20 == await aside(live.head, "northmoor")

    asyncio.run(story())


def test_a_handlers_screen_is_never_sent_the_board_or_the_units_even_when_it_asks(clone):
    """R47: neither how many wait nor who is free may colour a judgement."""
    screens = {role: log_in("northmoor", role) for role in ("handler", "despatcher", "analyst")}
    topics = "incidents,units,contacts,supervisor,resolution,logs,duties"

    async def story():
        async with contextlib.AsyncExitStack() as stack:
            opened = {r: await stack.enter_async_context(Screen(s, topics=topics)) for r, s in screens.items()}
            start = {role: await screen.hello() for role, screen in opened.items()}["handler"]
            await aside(night)
            end = await aside(live.head, "northmoor")
            seen = {}
            for role, screen in opened.items():
                got = [await screen.next()]
                while got[-1][1]["seq"] < end:
                    got.append(await screen.next())
                    assert got[-1][1]["after"] == got[-2][1]["seq"], "no number is left out"
                assert got[0][1]["after"] == start
                seen[role] = {f["topic"] for _, data in got for f in data["fragments"]}
                silent = [data for _, data in got if not data["fragments"]]
                assert all(data["kind"] == "" and data["subject"] is None for data in silent), "nor what happened, nor to whom"
            assert {"incidents", "units"} <= seen["despatcher"]
            assert seen["handler"] == {"contacts"}
            assert seen["analyst"] == set()

    def night():
        with scope.use("northmoor"), transaction.atomic():
            world.a_whole_journey()

    asyncio.run(story())


def test_a_renderer_that_fails_takes_nothing_else_with_it(handler, monkeypatch):
    def raises(told):
        raise KeyError("a bug")

    def breaks_the_transaction(told):
        connections["default"].cursor().execute("select 1 / 0")

    def hangs(told):
        connections["default"].cursor().execute("select pg_sleep(30)")

    monkeypatch.setattr(live, "RENDER_TIMEOUT_MS", 200)
    monkeypatch.setattr(journey, "SHOWN", shows(raises, breaks_the_transaction, hangs, the_room))

    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            await told(2)
            data = {"seq": start}
            while data["seq"] < start + 2:
                _, data = await screen.next()
            assert data["fragments"][0]["html"] == "<p>break</p>"

    asyncio.run(story())


def test_what_could_not_be_drawn_because_the_connection_is_gone_is_not_told_as_drawn(handler, monkeypatch):
    def is_cut_off(told):
        connections["default"].cursor().execute("select pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(journey, "SHOWN", shows(is_cut_off, the_room))
    after = live.head("northmoor")
    tell(2)
    with pytest.raises(DatabaseError):
        live.read("northmoor", after, frozenset({"board"}))


def test_each_place_is_drawn_once_for_what_is_read_together(handler):
    tell(10)

    async def story():
        end = await aside(live.head, "northmoor")
        async with Screen(handler, after=end - 10) as screen:
            await screen.hello()
            _, data = await screen.next()
            assert (data["after"], data["seq"], len(data["fragments"])) == (end - 10, end, 1)
            assert screen.events.empty()

    asyncio.run(story())


class Board:
    """A renderer of another topic, which adds a line for each fact, and counts how often it was asked to."""

    def __init__(self, topic: str = "board"):
        self.drawn = 0

        @live.on(topic)
        def render(told: facts.Told) -> list[Fragment]:
            self.drawn += 1
            return [Fragment(topic, "#board", f"<li>{told.id}</li>", "live.follow", "beforeend")]

        self.render = render


@live.on("room")
def in_the_room(told: facts.Told) -> list[Fragment]:
    return [Fragment("room", "#room", f"<li>{told.id}</li>", "live.follow", "beforeend")]


async def shown(screen: Screen, count: int) -> list[list[str]]:
    """The topics of the next events, which are nothing but changes."""
    got = [await screen.next() for _ in range(count)]
    assert {name for name, _ in got} == {"watchroom"}, got
    return [[fragment["topic"] for fragment in data["fragments"]] for _, data in got]


def test_what_no_screen_shows_is_not_drawn(handler, monkeypatch):
    board = Board()
    monkeypatch.setattr(journey, "SHOWN", shows(in_the_room, board.render))

    async def story():
        async with Screen(handler) as screen:
            await screen.hello()
            await told(3)
            assert await shown(screen, 3) == [["room"]] * 3
            assert board.drawn == 0
            async with Screen(handler, topics="board") as other:
                await other.hello()
                await told(2)
                assert await shown(other, 2) == [["board"]] * 2
                assert board.drawn == 2

    asyncio.run(story())


def test_who_comes_with_other_topics_gets_what_was_left_out_and_nobody_anything_twice(handler, monkeypatch):
    board = Board("contact-12")
    monkeypatch.setattr(journey, "SHOWN", shows(in_the_room, board.render))

    def look():
        with scope.use("northmoor"), transaction.atomic():
            access.consult(subject=("contact", 12), reason="opened", by=f"staff:{handler[SESSION_KEY]}", at=clock.now())

    async def story():
        await aside(look)
        async with Screen(handler) as screen:
            start = await screen.hello()
            await told(4)
            assert await shown(screen, 4) == [["room"]] * 4
            async with (
                Screen(handler, topics="contact-12", after=start + 1) as other,
                Screen(handler, topics="contact-12,room", after=start) as both,
            ):
                await told(2)
                await other.hello()
                await both.hello()
                assert await shown(other, 5) == [["contact-12"]] * 5
                assert await shown(both, 6) == [["room", "contact-12"]] * 6
                assert await shown(screen, 2) == [["room"]] * 2
            await told(2)
            assert await shown(screen, 2) == [["room"]] * 2
            async with Screen(handler, topics="contact-12", after=start + 4) as again:
                await again.hello()
                assert await shown(again, 4) == [["contact-12"]] * 4
            assert screen.events.empty()

    asyncio.run(story())


def test_what_a_screen_shows_nothing_of_wakes_it_later_and_is_told_in_one_number(handler, monkeypatch):
    """Most facts show on no waiting screen; each of them would else be sent to a hundred, to say that there is nothing."""
    monkeypatch.setattr(stream, "QUIET_S", 1.5)
    monkeypatch.setattr(journey, "SHOWN", {LoggedOut: (in_the_room,)})

    def tell_of_another() -> None:
        with scope.use("northmoor"), transaction.atomic():
            facts.tell(LoggedOut(member=SOMEBODY), by="system:tests", at=clock.now())

    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            await told()
            await screen.numbers(1)  # long after the last
            await told(2)
            with pytest.raises(asyncio.TimeoutError):
                await screen.next(within=0.5)
            _, data = await screen.next()
            assert (data["after"], data["seq"], data["fragments"]) == (start + 1, start + 3, [])
            await told(1)
            await aside(tell_of_another)
            begun = time.monotonic()
            _, data = await screen.next()
            assert (data["after"], data["seq"], len(data["fragments"])) == (start + 3, start + 5, 1)
            assert time.monotonic() - begun < 1.2

    asyncio.run(story())


def test_who_comes_while_something_is_being_read_is_told_of_it(handler, monkeypatch):
    """It was read for those who were here when the reading began."""
    board, reading = Board(), live.read
    monkeypatch.setattr(stream, "QUIET_S", 30)
    monkeypatch.setattr(journey, "SHOWN", shows(in_the_room, board.render))
    held_up, stands_still = threading.Event(), threading.Event()

    def read(*args):
        answer = reading(*args)
        if held_up.is_set() and answer[1]:
            stands_still.set()
            while held_up.is_set():
                time.sleep(0.02)
        return answer

    monkeypatch.setattr(live, "read", read)

    async def story():
        async with Screen(handler) as screen:
            await screen.hello()
            await told()
            await screen.numbers(1)
            held_up.set()
            await told()
            await asyncio.to_thread(stands_still.wait, 10)
            async with Screen(handler, topics="board") as other:
                await other.hello()
                held_up.clear()
                assert await shown(other, 1) == [["board"]]
                assert await shown(screen, 1) == [["room"]]

    asyncio.run(story())


def test_who_cannot_be_shown_what_was_left_out_fetches_anew(handler, monkeypatch):
    for module in (live, stream):
        monkeypatch.setattr(module, "KEPT", 20)
    board = Board()
    monkeypatch.setattr(journey, "SHOWN", shows(in_the_room, board.render))

    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            for _ in range(6):
                await told(5)
                await screen.numbers(5)
            async with Screen(handler, topics="board", after=start + 2) as other:  # kept, and too long ago to be read again
                await other.hello()
                assert await other.next() == ("resync", {"seq": start + 30})
                await told()
                assert await shown(other, 1) == [["board"]]

    asyncio.run(story())


def test_no_more_facts_are_read_than_are_told_though_the_database_has_not_counted_them(handler, as_owner):
    """It would else read all facts of the force for each that is told, in the first minutes of a new house."""
    as_owner.execute("vacuum (analyze) foundation_fact, foundation_seal")  # it knows of a few
    tell(150)
    with scope.use("northmoor"), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("explain (analyze, format json) " + live._NEXT.format(limit=50), [live.sealed() - 100, "northmoor"])
        ((plan,),) = cursor.fetchall()
    read = [
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes(plan[0]["Plan"])
        if node.get("Relation Name") == "foundation_fact"
    ]
    assert read == [50]


def test_each_renderer_says_for_which_topics_it_draws_and_draws_for_no_other():
    silent = {
        facts.name_of(render) for renderers in journey.SHOWN.values() for render in renderers if not hasattr(render, "topics")
    }
    assert not silent, "what they draw for is not known, so that it is drawn whoever looks"

    @live.on("contacts", "contact-*")
    def strays(told):
        return [Fragment(told, "#x", "", "live.follow")]

    assert [strays(topic)[0].topic for topic in ("contacts", "contact-12")] == ["contacts", "contact-12"]
    for topic in ("contact", "log-12", "room"):
        with pytest.raises(ValueError, match="does not say"):
            strays(topic)


def test_whatever_happens_in_a_night_is_drawn_for_the_topics_that_its_renderers_say(northmoor):
    the_rest_of_the_night(*a_call_in_hand())
    drawn = set()
    for fact in models.Fact.objects.order_by("pk"):
        told = facts.read(fact)
        for render in journey.SHOWN.get(type(told.fact), ()):
            render(told)
            drawn.add(facts.name_of(render))
    assert len(drawn) > 20


def test_the_stream_outlives_its_database_connections_and_lost_notifications(handler, monkeypatch, clone):
    async def story():
        async with Screen(handler) as screen:
            start = await screen.hello()
            await told()
            await screen.next()
            with psycopg.connect(cluster.app_url(clone), autocommit=True) as enemy:
                enemy.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
                    [clone],
                )
            monkeypatch.setattr(stream.psycopg.AsyncConnection, "connect", refuses)  # nobody listens any more
            await aside(told_again)
            assert await screen.numbers(1) == [start + 2]

    async def refuses(*args, **more):
        raise OSError

    def told_again():
        for _ in range(10):
            with contextlib.suppress(Exception):
                return tell()
            connections.close_all()

    asyncio.run(story())


def test_without_log_in_there_is_no_stream(handler):
    async def story():
        for session, method, status in ((None, "GET", 401), (SessionStore("nonsense"), "GET", 401), (handler, "POST", 405)):
            async with Screen(session, method=method) as screen:
                await asyncio.wait_for(screen.task, 10)
            assert screen.status == status

    asyncio.run(story())


def test_logging_out_ends_the_stream_at_once(handler, monkeypatch):
    monkeypatch.setattr(stream, "QUIET_S", 30)  # although it shows nothing of that

    def log_out():
        with scope.use("northmoor"), transaction.atomic():
            facts.tell(LoggedOut(member=int(handler[SESSION_KEY])), by="system:tests", at=clock.now())
            handler.flush()

    async def story():
        async with Screen(handler) as screen:
            await screen.hello()
            await told()
            await screen.numbers(1)
            await aside(log_out)
            await asyncio.wait_for(asyncio.shield(screen.task), 10)
            assert screen.events.empty(), "the news of it is not sent to who is out"

    asyncio.run(story())


def test_a_role_that_is_taken_away_ends_the_stream_within_the_minute(handler, monkeypatch):
    monkeypatch.setattr(stream, "RECHECK_S", 0.3)
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.1)

    def demote():
        with scope.use("northmoor"), transaction.atomic():
            Member.objects.filter(name="handler").update(roles=["analyst"])

    async def story():
        async with Screen(handler) as screen:
            await screen.hello()
            await asyncio.sleep(0.6)
            assert not screen.task.done()
            await aside(demote)
            await asyncio.wait_for(asyncio.shield(screen.task), 10)

    asyncio.run(story())


def test_screens_that_come_and_go_at_once_share_one_follower(handler):
    async def one(number: int):
        await asyncio.sleep(number % 7 / 50)
        async with Screen(handler) as screen:
            start = await screen.hello()
            await asyncio.sleep(number % 5 / 50)
            assert len(stream._followers) == 1
            if number % 3:
                await told()
                assert (await screen.numbers(1))[0] == start + 1

    async def story():
        await asyncio.gather(*map(one, range(25)))
        assert not stream._followers

    asyncio.run(story())


# --- As it is in life: two web processes, one chain


def test_every_process_tells_every_screen(live_site):
    with live_site.database():
        session = log_in("northmoor", "handler", "despatcher")
        key = session.session_key
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{live_site.url}/live", timeout=10)
        screens = [Browser(live_site.url, key) for _ in range(6)]
        for screen in screens:
            screen.start()
        assert all(screen.ready.wait(15) for screen in screens)
        begun = live.head("northmoor")
        with scope.use("northmoor"), transaction.atomic():
            world.a_call(number="07700 900555")
        tell(20)
        for screen in screens:
            screen.join(30)
            assert not screen.is_alive(), "it was not told of everything"
            numbers = [n for n in screen.numbers if n > begun]
            assert numbers == list(range(begun + 1, begun + 1 + len(numbers)))
            assert len(numbers) >= 20
            assert numbers[-1] <= live.head("northmoor")


class Browser(threading.Thread):
    """Reads the stream over HTTP until it has been told of a member's state twenty times."""

    def __init__(self, url: str, session: str):
        super().__init__(daemon=True)
        self.request = urllib.request.Request(
            f"{url}/live?topics=contacts", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        )
        self.ready = threading.Event()
        self.numbers: list[int] = []

    def run(self):
        with urllib.request.urlopen(self.request, timeout=30) as lines:
            for line in lines:
                if line.startswith(b"event: hello"):
                    self.ready.set()
                if line.startswith(b'data: {"after"'):
                    told = json.loads(line[6:])
                    self.numbers += range(told["after"] + 1, told["seq"] + 1)
                if self.ready.is_set() and len(self.numbers) >= 22:
                    return


def record_of(told: facts.Told) -> list[Fragment]:
    return [
        Fragment(topic, "#log", "<li>What she said</li>", "live.follow")
        for topic in ("contact-12", "log-12", "secret-12", "room")
    ]


def test_a_records_changes_go_only_to_who_has_opened_it(handler, monkeypatch):
    """Whoever may follow the stream could else read every contact's log, line by line, and leave no trace (DPA 2018 s.62)."""
    monkeypatch.setattr(journey, "SHOWN", shows(record_of))
    colleague, outsider = log_in("northmoor", "supervisor"), log_in("southmere", "handler")

    def look(session: SessionStore, kind: str) -> None:
        with scope.use(session["force"]), transaction.atomic():
            by = f"staff:{session[SESSION_KEY]}"
            access.consult(subject=(kind, 12), reason="opened", by=by, at=clock.now())

    async def topics(session: SessionStore) -> set[str]:
        async with Screen(session, topics="contact-12,log-12,secret-12,room") as screen:
            await screen.hello()
            await told(1, force=session["force"])
            _, data = await screen.next()
            return {fragment["topic"] for fragment in data["fragments"]}

    async def story():
        assert await topics(handler) == {"room"}
        await aside(look, handler, "contact")
        assert await topics(handler) == {"room", "contact-12"}
        await aside(look, handler, "incident")
        assert await topics(handler) == {"room", "contact-12", "log-12"}
        assert await topics(colleague) == {"room"}, "what another has opened"
        assert await topics(outsider) == {"room"}, "what another force has opened"

    asyncio.run(story())


def test_one_member_opens_only_so_many_streams_and_is_told_so(handler, settings):
    settings.WATCHROOM_STREAMS = 2
    colleague = log_in("northmoor", "supervisor")

    async def story():
        async with Screen(handler) as first:
            await first.hello()
            async with Screen(handler) as second:
                await second.hello()
                async with Screen(handler) as third:
                    await asyncio.wait_for(asyncio.shield(third.task), 10)
                    assert third.status == 429
                async with Screen(colleague) as other:
                    await other.hello()
            async with Screen(handler) as again:
                await again.hello()
        assert not stream._streams

    asyncio.run(story())
