"""One crash, rung in by hundreds within minutes, and a few who ring about something else: is anybody lost, and who waits for the software?

Three times: calm, where a handler is free for each call; the burst, each in their turn; and the same calls with the policy that
groups them by place declared. In the burst a handler takes a while for each call, so that a queue forms; what is measured of the
software is the time from the later of two moments (the call is there; the handler who is offered it is free) until a screen is told.
Each call about the crash is linked to its one log by one act, from several processes at once; an observer looks every few milliseconds
who waits for a lock, and for how long.
"""

import asyncio
import multiprocessing
import os
import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from watchroom.bench import ground, room
from watchroom.bench.live import Stream

CRASH = (0.0, 0.0)
APART_M = 40.0  # callers stand about it
PARTS = 4  # processes in which the handlers work
LINKING = "burst-link"  # the name of a connection that links


def measure(*, short: bool) -> dict[str, Any]:
    calls, seconds, handlers, takes_s = (60, 20.0, 8, 4.0) if short else (600, 300.0, 40, 24.0)
    few = calls // 10
    found = {"calm": _one("bench-burst-calm", calls=few, seconds=few, handlers=handlers, takes_s=1.0, is_grouped=False)}
    for name, is_grouped in (("in_turn", False), ("grouped", True)):
        force = f"bench-burst-{name.replace('_', '-')}"
        found[name] = _one(force, calls=calls, seconds=seconds, handlers=handlers, takes_s=takes_s, is_grouped=is_grouped)
    return {"calls_about_the_crash": calls, "within_s": seconds, "handlers": handlers, "a_call_takes_s": takes_s, **found}


def _one(force: str, *, calls: int, seconds: float, handlers: int, takes_s: float, is_grouped: bool) -> dict[str, Any]:
    """One stretch, in a force of its own."""
    from django.db import transaction

    from watchroom.foundation import live, scope

    ground.found(force)
    _make_a_place(force)
    with scope.use(force), transaction.atomic():
        ground.handlers(handlers)
        if is_grouped:
            _declare()
    begin, stop = live.head(force), threading.Event()
    waits: dict[str, float] = {}
    watching = threading.Thread(target=_watch_locks, args=(stop, waits), daemon=True)
    watching.start()
    with ground.web() as url, ground.worker(), multiprocessing.get_context("spawn").Pool(PARTS + 1) as pool:
        screen = Stream(url, ground.cookie(force, "handler0"), begin)
        until = time.time() + 120 + 3 * seconds  # it is over before, when nobody waits any more
        handling = [pool.apply_async(_handle, (force, part, calls, takes_s, until)) for part in range(PARTS)]
        receiving = [pool.apply_async(_receive, (force, calls, seconds))]
        asyncio.run(room.listen([screen], [*receiving, *handling]))
        (received,) = [part.get() for part in receiving]
        handled = [part.get() for part in handling]
    stop.set()
    watching.join(5)
    return _told(force, begin, screen, received, handled, waits)


def _told(force: str, begin: int, screen: Stream, received: Any, handled: list[Any], waits: dict[str, float]) -> dict[str, Any]:
    from django.db import transaction

    from watchroom.contacts.models import Contact
    from watchroom.foundation import scope
    from watchroom.foundation.models import Fact
    from watchroom.incidents.models import Incident, Involvement

    there = {contact: (at, is_crash) for contact, at, is_crash in received}
    freed = {pair: at for part in handled for pair, at in part["freed"].items()}
    took = [each for part in handled for each in part["linking_ms"]]
    offering, showing, software = [], [], []
    wall = time.time() - time.monotonic()
    shown = screen.seen()
    for seq, contact, member, told_at in _offers(force, begin):
        if (seen := shown.get(seq)) and (since := freed.get((contact, member))) and contact in there:
            ready = max(since, there[contact][0])
            software.append(max(0.0, seen - ready) * 1000)
            offering.append(max(0.0, told_at - wall - ready) * 1000)
            showing.append(max(0.0, seen - max(ready, told_at - wall)) * 1000)
    with scope.use(force), transaction.atomic():
        rows = {row.pk: row for row in Contact.objects.filter(pk__in=there)}
        about = dict(Involvement.objects.filter(contact_id__in=there).values_list("contact_id", "incident_id"))
        answered = {
            pk: (row.answered_at - row.transferred_at).total_seconds() * 1000 for pk, row in rows.items() if row.answered_at
        }
        crash = {pk for pk, (_, is_crash) in there.items() if is_crash}
        return {
            "received": len(there),
            "lost": len(received) - len(rows),
            "not_answered": len(there) - len(answered),
            "logs_about_the_crash": Incident.objects.filter(pk__in={about[pk] for pk in crash if pk in about}).count(),
            "linked": sum(pk in about for pk in crash & answered.keys()),
            "of": len(crash & answered.keys()),
            "linking": ground.percentiles(took),
            "longest_wait_for_a_lock_ms": {name: round(each) for name, each in sorted(waits.items())},
            "reactions_failed": Fact.objects.filter(kind="ReactionFailed").count(),
            "offers_not_taken_in_time": sum(part["lapsed"] for part in handled),
            "arrived_to_offered_to_a_free_handler": ground.percentiles(software),
            "of_which_until_it_was_offered": ground.percentiles(offering),
            "of_which_until_a_screen_was_told": ground.percentiles(showing),
            "wait_of_the_crash": ground.percentiles([ms for pk, ms in answered.items() if pk in crash]),
            "wait_of_others": ground.percentiles([ms for pk, ms in answered.items() if pk not in crash]),
        }


def _make_a_place(force: str) -> None:
    from watchroom.foundation import scope
    from watchroom.gazetteer import actions as gazetteer

    with scope.use(force):
        entry = gazetteer.Entry(
            reference="bench", kind="street", label="Ring Road", beat="bench", x=0, y=0, latitude=54.6, longitude=-1.9
        )
        gazetteer.load(beats=[("bench", "Bench", False)], places=[entry], shapes=[])


def _declare() -> None:
    from watchroom.force import actions as forces
    from watchroom.foundation import clock

    at = clock.now()
    forces.declare_grouping(reason="Hundreds ring about one crash.", until=at + timedelta(hours=1), by="system:bench", at=at)


def _receive(force: str, calls: int, seconds: float) -> list[tuple[int, float, bool]]:
    """(contact, when it was committed, whether it is about the crash). Every tenth call rings about something else, from elsewhere."""
    ground.ready()
    from watchroom.contacts import actions as contacts
    from watchroom.foundation import clock, scope

    draw, done, begun = random.Random(5), [], time.monotonic()
    all_of = [True] * calls + [False] * (calls // 10)
    draw.shuffle(all_of)
    all_of[0] = True
    for number, is_crash in enumerate(all_of):
        time.sleep(max(0.0, begun + number * seconds / len(all_of) - time.monotonic()))
        x, y = (
            (CRASH[0] + draw.gauss(0, APART_M), CRASH[1] + draw.gauss(0, APART_M)) if is_crash else (5000.0 + 900 * number, 0.0)
        )
        wide = draw.random() < 0.1  # one in ten is known by the cell alone, and belongs to no place
        with scope.use(force):
            at = clock.now()
            row, _ = contacts.receive(
                key=uuid.uuid4().hex, channel="999", transferred_at=at, caller_number=f"07700 9{number:05d}",
                located=(x, y, 900.0 if wide else 12.0, "eisec" if wide else "aml"), by="system:bench", at=at,
            )  # fmt: skip
        done.append((row.pk, time.monotonic(), is_crash))
    return done


def _handle(force: str, part: int, calls: int, takes_s: float, until: float) -> dict[str, Any]:
    """Every fourth handler: answers what rings, links it to the log about the crash by one act (the first opens it), and writes it up."""
    ground.ready()
    from django.db import connection, transaction

    from watchroom.assessment import actions as assessment
    from watchroom.contacts import actions as contacts
    from watchroom.contacts.models import Contact
    from watchroom.foundation import clock, locks, scope
    from watchroom.foundation.errors import Refused
    from watchroom.gazetteer.models import Place
    from watchroom.incidents import actions as incidents
    from watchroom.incidents.models import Incident
    from watchroom.staff import actions as staff
    from watchroom.staff import queries as here_now
    from watchroom.staff.models import Member

    def do(act: Callable[..., object], **more: Any) -> None:
        with scope.use(force), transaction.atomic():
            act(**more, at=clock.now())

    def named(name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('application_name', %s, false)", [name])

    def link(contact: int, by: str) -> None:
        """As the page does it: what is near is suggested, and one key says that it is the same."""
        with scope.use(force), transaction.atomic():
            near = Incident.objects.order_by("pk").first()
            if near is None:
                locks.hold("bench-first")  # two people would see the log appear on their screens
                near = Incident.objects.order_by("pk").first()
            if near is None:
                contacts.pick_place(contact=contact, place=Place.objects.get(), by=by, at=clock.now())
                incidents.open_incident(contact=contact, kind="rtc_damage", by=by, at=clock.now())
                return
        named(LINKING)
        begun = time.perf_counter()
        with scope.use(force), transaction.atomic():
            incidents.involve(incident=near.pk, contact=contact, by=by, at=clock.now())
        linking.append((time.perf_counter() - begun) * 1000)
        named("burst")

    def come_back() -> int:
        """Who did not take what was offered is offered nothing more until they say that they are there. Returns how many that were."""
        with scope.use(force), transaction.atomic():
            here = here_now.room_now(clock.now())
        away = [row.member.pk for row in here if row.member.pk in people and row.state == "away"]
        for who in away:
            do(staff.choose_state, member=people[who], state="available")
            free_since[who] = time.monotonic()
        return len(away)

    lapsed = 0
    linking: list[float] = []
    freed: dict[tuple[int, int], float] = {}
    with scope.use(force), transaction.atomic():
        everybody = Member.objects.filter(name__startswith="handler").order_by("pk")
        people = {row.pk: row for row in everybody if row.pk % PARTS == part}
    free_since = dict.fromkeys(people, 0.0)
    for member in people.values():
        do(staff.ready, member=member)
        free_since[member.pk] = time.monotonic()
    busy: dict[int, tuple[float, int]] = {}
    seen = time.monotonic()
    while time.time() < until:
        with scope.use(force), transaction.atomic():
            rings = list(
                Contact.objects.filter(state="waiting", offered_to__in=people).values_list("pk", "offered_to_id", "located_x")
            )
        for pk, who, x in rings:
            freed[pk, who] = free_since[who]
            try:
                do(contacts.answer, contact=pk, member=people[who], by=people[who].code)
            except Refused:  # on a machine that is too busy the offer has lapsed, and somebody else has it
                continue
            if abs(x or 0.0) < 1000:
                link(pk, people[who].code)
            busy[who] = (time.monotonic() + takes_s, pk)
        for who, (over, pk) in list(busy.items()):
            if over > time.monotonic():
                continue
            by, why = people[who].code, "Saw the crash from the pavement; nobody with them is hurt."
            do(assessment.nothing_heard, contact=pk, because=why, by=by)
            do(contacts.end, contact=pk, how="handler", by=by)
            do(contacts.wrap_up, contact=pk, by=by)
            free_since[who] = time.monotonic()
            del busy[who]
        if time.monotonic() > seen + 5:
            seen = time.monotonic()
            lapsed += come_back()
            for member in people.values():
                do(staff.seen, member=member.pk)
        if not rings and not busy and _is_over(force, calls):
            break
        time.sleep(0.01)
    return {"linking_ms": linking, "freed": freed, "lapsed": lapsed}


def _is_over(force: str, calls: int) -> bool:
    from django.db import transaction

    from watchroom.contacts.models import Contact
    from watchroom.foundation import scope

    with scope.use(force), transaction.atomic():
        return Contact.objects.count() >= calls + calls // 10 and not Contact.objects.filter(state="waiting").exists()


def _offers(force: str, since: int) -> list[tuple[int, int, int, float]]:
    """(number of the fact, contact, member, when it was told) of every offer after this number."""
    from django.db import transaction

    from watchroom.contacts.models import Stage
    from watchroom.foundation import scope
    from watchroom.foundation.models import Fact

    with scope.use(force), transaction.atomic():
        told = Fact.objects.filter(kind="StageReached", seal__seq__gt=since, body__stage="offered").order_by("seal__seq")
        seqs = list(told.values_list("seal__seq", "subject_id", "recorded_at"))
        to: dict[int, list[int]] = {}
        for contact, member in Stage.objects.filter(stage="offered").order_by("at", "pk").values_list("contact_id", "member_id"):
            to.setdefault(contact, []).append(member or 0)
    return [(seq, contact, to[contact].pop(0), at.timestamp()) for seq, contact, at in seqs if to.get(contact)]


def _watch_locks(stop: threading.Event, waits: dict[str, float]) -> None:
    """The longest that a connection was seen waiting for a lock, in milliseconds: of those that link, and of all."""
    import psycopg

    with psycopg.connect(os.environ["WATCHROOM_OWNER_URL"], autocommit=True) as connection:
        while not stop.wait(0.005):
            rows = connection.execute(
                """select application_name, l.locktype, extract(epoch from clock_timestamp() - l.waitstart) * 1000
                from pg_locks l join pg_stat_activity using (pid)
                where not l.granted and l.waitstart is not null and datname = current_database()"""
            ).fetchall()
            for name, kind, waited in rows:
                who = "linking" if name == LINKING else "others"
                key = f"{who}, {'a named lock' if kind == 'advisory' else 'a row'}"
                waits[key] = max(waits.get(key, 0.0), float(waited))
    waits.setdefault("linking, a row", 0.0)
