"""How long does each main page take over HTTP, while a few people open pages at the same time? And in a room that is full?"""

import os
import threading
import time
import urllib.request
from collections import defaultdict
from typing import Any

from watchroom.bench import ground

FORCE, CLIENTS = "northmoor", 3
PAGES = (
    ("handler", "/desk/"),
    ("despatch", "/despatch/"),
    ("resolution", "/resolve/"),
    ("supervisor", "/supervisor/"),
    ("analyst", "/demand/"),
    ("", "/login/"),
    ("", "/report/"),
)
LISTS = (("handler", "/trays/"), ("supervisor", "/trays/"), ("handler", "/identity/lost/"), ("supervisor", "/identity/lost/"))


def measure(*, short: bool) -> dict[str, Any]:
    import psycopg

    from watchroom.bench import crowd
    from watchroom.demo import actions as world
    from watchroom.foundation import scope

    world.seed()
    _some_work(10 if short else 60)
    cookies = {name: ground.cookie(FORCE, name) for name, _ in PAGES if name}
    took: dict[str, list[float]] = defaultdict(list)
    failed: dict[str, int] = defaultdict(int)
    seconds = 8 if short else 60

    def client(number: int) -> None:
        for count in range(10_000):
            if time.monotonic() > until:
                return
            name, path = PAGES[(number * 2 + count) % len(PAGES)]
            request = urllib.request.Request(url + path, headers={"Cookie": cookies.get(name, "")})
            begun = time.perf_counter()
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    answer.read()
                took[path].append((time.perf_counter() - begun) * 1000)
            except OSError:
                failed[path] += 1

    with ground.web() as url:
        for name, path in PAGES * 2:  # both workers have seen each page
            urllib.request.urlopen(
                urllib.request.Request(url + path, headers={"Cookie": cookies.get(name, "")}), timeout=60
            ).close()
        until = time.monotonic() + seconds
        clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
        waiting, done = (2_000, 6_000) if short else (10_000, 30_000)
        with scope.use(FORCE):
            crowd.fill(waiting=waiting, done=done)
        with psycopg.connect(os.environ["WATCHROOM_OWNER_URL"], autocommit=True) as owner:
            owner.execute("analyze")  # as the database does by itself within a minute of such a day
        full = {
            f"{name} {path}": _alone(url + path, cookies[name], times=8 if short else 12)
            for name, path in (*PAGES, *LISTS)
            if name
        }
    everything = [value for values in took.values() for value in values]
    pages = {path: ground.percentiles(values) for path, values in took.items()}
    return {
        "clients": CLIENTS,
        "pages_per_second": round(len(everything) / seconds, 1),
        "failed": dict(failed),
        "pages": pages,
        "full": {"waiting": waiting, "of_the_day": done, "pages": full},
    }


def _alone(url: str, cookie: str, *, times: int) -> dict[str, float]:
    """One request after another, after both workers have seen the page."""
    took = []
    for _ in range(times + 4):
        begun = time.perf_counter()
        urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=60).read()
        took.append((time.perf_counter() - begun) * 1000)
    return ground.percentiles(took[4:])


def _some_work(contacts_count: int) -> None:
    """Open jobs on the board, half of them graded."""
    from django.db import transaction

    from watchroom.bench import intake
    from watchroom.contacts import actions as contacts
    from watchroom.contacts.models import Contact
    from watchroom.foundation import clock, scope
    from watchroom.gazetteer.models import Place
    from watchroom.incidents import actions as incidents
    from watchroom.staff.models import Member

    receive = intake.receive(0, FORCE)
    for _ in range(contacts_count):
        receive()
    with scope.use(FORCE), transaction.atomic():
        at, handler, place = clock.now(), Member.objects.get(name="handler"), Place.objects.order_by("pk")[0]
        for number, contact in enumerate(Contact.objects.order_by("pk")[: contacts_count - 3]):
            contacts.answer(contact=contact.pk, member=handler, by=handler.code, at=at)
            contacts.pick_place(contact=contact.pk, place=place, by=handler.code, at=at)
            job = incidents.open_incident(contact=contact.pk, kind="domestic", by=handler.code, at=at)
            if number % 2:
                incidents.grade(incident=job.pk, to="immediate", justification="", by=handler.code, at=at)
