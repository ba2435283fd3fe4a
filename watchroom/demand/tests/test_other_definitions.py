"""Every definition of a wait, against plain SQL over the raw rows, over both nights in which the clocks change (R18, R140)."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts import stages
from watchroom.contacts.rules import LIVE
from watchroom.demand.queries import day as days
from watchroom.demand.rules import days as local
from watchroom.force import queries as force

CLOCKS_CHANGE = [date(2026, 3, 29), date(2026, 10, 25)]  # 23 and 25 hours long
WAITED = "extract(epoch from coalesce(answered_at, ended_at) - transferred_at)"


def sql(query: str, *parameters) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        value = cursor.fetchone()[0]
        return None if value is None else float(value)


@pytest.fixture(params=CLOCKS_CHANGE, ids=str)
def a_day(request, northmoor):
    """150 contacts over that day and the hours around it, with menu, announcement and queue before some of them."""
    chance = random.Random(7)
    span = local.of(request.param, force.timezone())
    handlers = [world.a_member(f"bryn{number}", "handler") for number in range(25)]  # nobody may hold more than four chats
    length = (span.end - span.start).total_seconds()
    for number in range(150):
        at = span.start + timedelta(seconds=chance.uniform(-3600, length + 3600))
        first = at - timedelta(seconds=chance.choice([0, 0, 20, 90]))
        channel = chance.choice(["101", "101", "101", "999", "chat"])
        contact, _ = contacts.receive(key=f"c{number}", channel=channel, transferred_at=at, by="link:trunk", at=at)
        if first < at:
            stages.mark(contact=contact.pk, stage="menu", by="link:trunk", at=first)
            stages.mark(contact=contact.pk, stage="queued", by="link:trunk", at=at + timedelta(seconds=1))
        then = at + timedelta(seconds=chance.choice([2, 5, 6, 10, 11, 30, 60, 61, 300]))
        match chance.choice(["answered", "answered", "gave up", "waits"]):
            case "answered":
                handler = handlers[number % len(handlers)]
                contacts.answer(contact=contact.pk, member=handler, by=handler.code, at=then)
            case "gave up":
                contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=then)
    return days.day(request.param, at=span.end + timedelta(hours=2)), span


def test_every_definition_is_what_the_raw_rows_say(a_day):
    day, span = a_day
    these = "from contacts_contact c where received_at >= %s and received_at < %s and channel = %s"
    queued = "(select min(at) from contacts_stage s where s.contact_id = c.id and s.stage = 'queued')"
    menu = "(select min(at) from contacts_stage s where s.contact_id = c.id and s.stage = 'menu')"
    total = 0
    for channel in LIVE:
        which = (span.start, span.end, channel)
        offered, answered = sql(f"select count(*) {these}", *which), sql(f"select count(answered_at) {these}", *which)
        total += offered
        assert day.of("offered", channel).value == offered
        assert offered == sum(day.of(code, channel).value for code in ("answered", "abandoned", "waiting", "diverted"))
        for short in (5, 10, 60):
            later = sql(f"select count(*) {these} and state = 'abandoned' and {WAITED} > {short}", *which)
            found = day.of(f"abandoned_after_{short}", channel)
            assert (found.numerator, found.denominator) == (later, answered + later)
        target = day.policy.channel(channel).answer_s
        in_time = sql(f"select count(*) {these} and answered_at is not null and {WAITED} <= {target}", *which)
        soon = sql(f"select count(*) {these} and state = 'abandoned' and {WAITED} <= 5", *which)
        parts = {"service_of_offered": offered, "service_of_answered": answered, "service_less_short": offered - soon}
        for code, of in parts.items():
            assert (day.of(code, channel).numerator, day.of(code, channel).denominator) == (in_time, of)
        for code, since in (("wait_queue", queued), ("wait_first_ring", menu)):
            wait = f"extract(epoch from answered_at - coalesce({since}, transferred_at))"
            median = f"select percentile_disc(0.5) within group (order by {wait}) {these} and answered_at is not null"
            assert day.of(code, channel).value == sql(median, *which)
    assert 100 < total < 150, "the day is 23 or 25 hours long, and what came before and after it is not counted"
