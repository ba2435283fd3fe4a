"""A whole room: contacts come at a steady rate, handlers who take a second each answer what rings for them, and desks are connected.

How long the software takes is told apart from how long the queue is: `received` is from when a contact was due to its commit,
`offered` from that commit until a screen was told at whose desk it rings. Three times: at 5 contacts a second, at as many as were
asked for, and at 5 a second while thousands wait and nobody answers.
"""

import asyncio
import contextlib
import multiprocessing
import time
import urllib.request
import uuid
from collections.abc import Callable
from multiprocessing.pool import AsyncResult
from typing import Any

from watchroom.bench import ground
from watchroom.bench.live import Stream

FORCE = "bench-room"
RECEIVERS = 4  # calls arrive side by side, and one that takes its time keeps no other waiting
TAKES_S = 1.0  # a handler, for one contact: the software is measured, not the conversation
PAGES = (("handler0", "/desk/"), ("marian", "/supervisor/"), ("priya", "/despatch/"), ("tom", "/demand/"))
STAFF = {"marian": "supervisor", "priya": "despatcher", "tom": "analyst"}


def measure(*, rate: float, seconds: float, desks: int, waiting: int) -> dict[str, Any]:
    """`rate` contacts a second for so many seconds, with so many desks; then with so many who wait. Shares no row with another bench."""
    from django.db import transaction

    from watchroom.foundation import clock, scope
    from watchroom.staff import actions as staff

    ground.found(FORCE)
    handlers = min(desks, max(12, int(rate * (TAKES_S + 1))))  # so that it is the software that is measured, not the queue
    with scope.use(FORCE), transaction.atomic():
        ground.handlers(handlers)
        for name, role in STAFF.items():
            staff.join(name=name, full_name=name.title(), roles=[role], password="", by="system:bench", at=clock.now())
    with ground.web() as url, ground.worker():
        calm = _run(url, rate=5, seconds=min(seconds, 60), desks=desks, answering=True)
        busy = _run(url, rate=rate, seconds=seconds, desks=desks, answering=True)
        _fill(waiting)
        full = _run(url, rate=5, seconds=min(seconds, 60), desks=desks, answering=False)
        pages = _pages(url)
    return {
        "desks": desks,
        "handlers": handlers,
        "calm": calm,
        "busy": busy,
        "full": {"waiting": waiting, **full, "pages": pages},
        "lost": _lost(),
    }


def _run(url: str, *, rate: float, seconds: float, desks: int, answering: bool) -> dict[str, Any]:
    """One stretch. Receivers and handlers are processes of their own, so that this one has nothing to do but listen."""
    from watchroom.foundation import live

    begin = live.head(FORCE)
    screens = [Stream(url, ground.cookie(FORCE, f"handler{n % 12}"), begin) for n in range(desks)]
    context = multiprocessing.get_context("spawn")
    acting = RECEIVERS + (2 if answering else 0)
    start = context.Barrier(acting + 1)  # a room is open before the first call comes: handlers are there, and screens
    with context.Pool(acting, initializer=_begins_at, initargs=(start,)) as pool:
        receiving = [pool.apply_async(_receive, (rate / RECEIVERS, seconds, part / rate)) for part in range(RECEIVERS)]
        handling = [pool.apply_async(_handle, (seconds + 5, half)) for half in range(2)] if answering else []
        asyncio.run(listen(screens, receiving, start))
        received = [each for part in receiving for each in part.get()]
        for part in handling:
            part.get()
    committed = {contact: at for contact, at, _ in received}
    seen = screens[0].seen()
    rings = {contact: seen[seq] for seq, contact in _offers(begin).items() if seq in seen}
    waits = [(rings[pk] - at) * 1000 for pk, at in committed.items() if pk in rings]
    spent = max(at for _, at, _ in received) - min(at for _, at, _ in received)
    return {
        "asked_per_second": rate,
        "received_per_second": round(len(received) / max(spent, 0.001), 1),
        "received": ground.percentiles([took for _, _, took in received]),
        "offered": ground.percentiles([max(0.0, wait) for wait in waits]),
        "resyncs": sum(screen.resyncs for screen in screens),
    }


_start: Any = None  # of a process of the pool: what it waits for


def _begins_at(start: Any) -> None:
    global _start
    _start = start


def _together() -> None:
    if _start is not None:
        _start.wait(120)


async def listen(screens: list[Stream], receiving: list[AsyncResult[Any]], start: Any = None) -> None:
    tasks = [asyncio.create_task(screen.follow()) for screen in screens]
    await asyncio.wait_for(asyncio.gather(*(screen.ready.wait() for screen in screens)), 120)
    if start is not None:
        await asyncio.to_thread(start.wait, 120)
    while not all(one.ready() for one in receiving):
        await asyncio.sleep(0.2)
    await asyncio.sleep(2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _receive(rate: float, seconds: float, after: float = 0.0) -> list[tuple[int, float, float]]:
    """(contact, when it was committed, milliseconds since it was due), at this rate, beginning so many seconds later.

    Who is late skips no contact, and what it had to wait for that counts.
    """
    ground.ready()
    from watchroom.contacts import actions as contacts
    from watchroom.foundation import clock, scope

    _together()
    done, begun = [], time.monotonic() + after
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        with scope.use(FORCE):
            at = clock.now()
            row, _ = contacts.receive(
                key=uuid.uuid4().hex, channel="101", transferred_at=at, caller_number=f"07700 900{number % 1000:03d}",
                text="Somebody is trying car doors in the street.", by="system:bench", at=at,
            )  # fmt: skip
        there = time.monotonic()
        done.append((row.pk, there, (there - due) * 1000))
    return done


def _handle(seconds: float, half: int) -> int:
    """Every other handler: what rings for one is answered, and a second later judged and written up. Returns how many.

    In a room they act through the web's own processes, side by side; one process for all of them would keep them waiting for each other.
    """
    ground.ready()
    from django.db import transaction

    from watchroom.assessment import actions as assessment
    from watchroom.contacts import actions as contacts
    from watchroom.contacts.models import Contact
    from watchroom.foundation import clock, scope
    from watchroom.staff import actions as staff
    from watchroom.staff.models import Member

    def do(act: Callable[..., object], **more: Any) -> None:
        with scope.use(FORCE), transaction.atomic():
            act(**more, at=clock.now())

    with scope.use(FORCE), transaction.atomic():
        everyone = Member.objects.filter(name__startswith="handler").order_by("pk")
        people = {row.pk: row for number, row in enumerate(everyone) if number % 2 == half}
    for member in people.values():
        do(staff.ready, member=member)
    _together()
    busy: dict[int, tuple[float, int]] = {}
    count, seen, until = 0, time.monotonic(), time.monotonic() + seconds
    while time.monotonic() < until:
        with scope.use(FORCE), transaction.atomic():
            rings = list(Contact.objects.filter(state="waiting", offered_to__in=people).values_list("pk", "offered_to_id"))
        for pk, who in rings:
            do(contacts.answer, contact=pk, member=people[who], by=people[who].code)
            busy[who] = (time.monotonic() + TAKES_S, pk)
        for who, (over, pk) in list(busy.items()):
            if over > time.monotonic():
                continue
            by, why = people[who].code, "Asked when the counter opens; nothing else was said or heard."
            do(assessment.nothing_heard, contact=pk, because=why, by=by)
            do(contacts.end, contact=pk, how="handler", by=by)
            do(contacts.wrap_up, contact=pk, reason="opening_hours", by=by)
            del busy[who]
            count += 1
        if time.monotonic() > seen + 60:
            seen = time.monotonic()
            for member in people.values():
                do(staff.seen, member=member.pk)
        time.sleep(0.05)  # a look in the database stands for the screen that tells them, and is the bench's own cost
    return count


def _offers(since: int) -> dict[int, int]:
    """{number of the fact: contact} of the first offer of each contact after this number."""
    from django.db import transaction

    from watchroom.foundation import scope
    from watchroom.foundation.models import Fact

    first: dict[int, int] = {}
    with scope.use(FORCE), transaction.atomic():
        rows = Fact.objects.filter(kind="StageReached", seal__seq__gt=since, body__stage="offered").order_by("-seal__seq")
        for seq, contact in rows.values_list("seal__seq", "subject_id"):
            first[contact] = seq
    return {seq: contact for contact, seq in first.items()}


def _fill(waiting: int) -> None:
    """So many wait, by the same door."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(_receive, [(100_000.0, waiting / 2 / 100_000)] * 2)


def _pages(url: str) -> dict[str, Any]:
    """Each page a few times, one after another: (milliseconds)."""
    found = {}
    for name, path in PAGES:
        request = urllib.request.Request(url + path, headers={"Cookie": ground.cookie(FORCE, name)})
        took = []
        for _ in range(8):
            begun = time.perf_counter()
            with (
                contextlib.suppress(TimeoutError),
                urllib.request.urlopen(request, timeout=60) as answer,
            ):  # then it counts as a minute
                answer.read()
            took.append((time.perf_counter() - begun) * 1000)
        found[path] = ground.percentiles(took[2:])
    return found


def _lost() -> int:
    """Contacts without a number of the day: received in part. What was acknowledged is compared by the kill test."""
    from django.db import transaction

    from watchroom.contacts.models import Contact
    from watchroom.foundation import scope

    with scope.use(FORCE), transaction.atomic():
        return Contact.objects.filter(number=None).count()
