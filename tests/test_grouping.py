"""Calls from one place, as declared: who is offered next, who says so and until when, and what the supervisor sees of it."""

from datetime import timedelta

import pytest

from tests import world
from tests.test_asked_desk import a_client
from tests.test_offers import at_the_waiting_page, offered, ring
from watchroom.contacts import offers, queries
from watchroom.contacts.models import Contact
from watchroom.force import actions as force
from watchroom.force import queries as forces
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact

CRASH, ELSEWHERE = (0.0, 0.0, 12.0, "aml"), (4000.0, 0.0, 12.0, "aml")


def declare(at, minutes=60, reason="A crash on the ring road, rung in by hundreds."):
    return force.declare_grouping(reason=reason, until=at + timedelta(minutes=minutes), by="staff:1", at=at)


def a_burst(at):
    """Six from one place, a seventh whose position is wide; then somebody from elsewhere."""
    crash = [
        ring(f"crash {n}", "999", at + timedelta(seconds=n), located=CRASH, caller_number=f"07700 90020{n}") for n in range(6)
    ]
    wide = ring("wide", "999", at + timedelta(seconds=8), located=(0.0, 0.0, 2500.0, "aml"), caller_number="07700 900219")
    other = ring("elsewhere", "999", at + timedelta(seconds=9), located=ELSEWHERE, caller_number="07700 900220")
    return crash, wide, other


def test_only_while_it_is_declared_is_somebody_from_elsewhere_offered_before_them(northmoor):
    at = clock.now()
    crash, wide, other = a_burst(at)
    later = at + timedelta(seconds=20)
    assert queries.standing_back(later) == frozenset(), "off, unless somebody declares it"
    declare(later)
    assert queries.standing_back(later) == {one.pk for one in crash[2:]}
    assert [one.pk for one in queries.waiting(at=later)] == [crash[0].pk, crash[1].pk, wide.pk, other.pk]
    for name in ("bryn", "hana", "ines", "joan"):
        at_the_waiting_page(name, later)
    offers.route(at=later)
    assert all(offered(one) for one in (*crash[:2], wide, other))
    assert not any(offered(one) for one in crash[2:])
    assert Contact.objects.filter(state="waiting").count() == 8, "nobody is sent away"
    assert queries.standing_back(later + timedelta(minutes=60)) == frozenset(), "and it ends by itself"


def test_it_needs_a_reason_and_an_end_and_is_a_fact_when_it_begins_and_ends(northmoor):
    at = clock.now()
    with pytest.raises(Invalid, match="Say what happens"):
        declare(at, reason="busy")
    with pytest.raises(Invalid, match="at most"):
        declare(at, minutes=241)
    declare(at)
    with pytest.raises(Refused, match="declared already"):
        declare(at + timedelta(minutes=1))
    for _ in range(2):
        force.end_grouping(by="staff:2", at=at + timedelta(minutes=2))
    assert forces.grouping_at(at + timedelta(minutes=3)) is None
    told = list(Fact.objects.filter(kind__startswith="Grouping").order_by("pk").values_list("kind", "by"))
    assert told == [("GroupingDeclared", "staff:1"), ("GroupingEnded", "staff:2")]


def test_a_supervisor_declares_and_ends_it_on_a_page_and_another_force_has_nothing_of_it(northmoor):
    marian = a_client("marian", "supervisor")
    assert "Each in their turn" in marian.get("/supervisor/arrives/").content.decode()
    refused = marian.post("/supervisor/grouping/declare/", {"reason": "x", "minutes": "60"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    a_burst(clock.now() - timedelta(seconds=20))
    marian.post("/supervisor/grouping/declare/", {"reason": "Crash at Old Quay.", "minutes": "60"})
    page = marian.get("/supervisor/grouping/").content.decode()
    assert "Crash at Old Quay." in page
    assert "4 callers let others go first now." in page
    assert "declared by Marian; 4 let others go first" in marian.get("/supervisor/arrives/").content.decode()
    with scope.use("southmere"):
        assert forces.grouping_at(clock.now()) is None
    marian.post("/supervisor/grouping/end/")
    assert "ended by Marian" in marian.get("/supervisor/grouping/").content.decode()
    assert world.signed_in("bryn", "handler").get("/supervisor/grouping/").status_code == 403
