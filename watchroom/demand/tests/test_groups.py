"""What the database groups is what the rules say of each row by itself, on any day; and what is gravest is what Python would pick."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Model

from watchroom.assessment.models import Answer, Assessment
from watchroom.contacts.models import Callback, Contact, Interpreter, Stage
from watchroom.demand.queries import day, groups, now
from watchroom.demand.rules import counting, days
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.force import queries as force
from watchroom.force.policy import EMERGENCIES
from watchroom.foundation import scope
from watchroom.identity.models import Followed, Research
from watchroom.incidents.models import Incident, Involvement
from watchroom.resolution.models import Resolution

LONDON = ZoneInfo("Europe/London")
SHORT, LONG, PLAIN = date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 22)  # the first two have 23 and 25 hours
POLICY = packs.national()
HOUR = timedelta(hours=1)


def maybe(lot: random.Random, after: datetime, most: float, chance: float = 0.6) -> datetime | None:
    return after + timedelta(seconds=round(lot.uniform(0, most), 6)) if lot.random() < chance else None


def a_day_of_anything(lot: random.Random, which: date, number: int) -> None:
    """Contacts of this day and the next in states that no caller ever saw together, with whatever other rooms wrote of them."""
    span = days.of(which, LONDON)
    incidents = [
        Incident(number=n + 1, day=which, kind="theft", state="open", opened_at=span.start, opened_by="staff:1")
        for n in range(12)
    ]
    incidents = Incident.objects.bulk_create(incidents)
    Resolution.objects.bulk_create(
        [Resolution(incident=one, outcome="answered", text="Told.", by="staff:1", at=span.start) for one in incidents[:6]]
    )
    rows = []
    for n in range(number):
        received = span.start + timedelta(seconds=round(lot.uniform(-3600, 30 * 3600), 6))
        answered = maybe(lot, received, lot.choice((20, 400, 9000)))
        rows.append(
            Contact(
                number=n + 1,
                day=which,
                channel=lot.choice(("999", "999", "101", "101", "chat", "online", "emergency_sms")),
                state=lot.choice(Contact.State.values),
                received_at=received,
                transferred_at=received + timedelta(seconds=lot.choice((-3, 0, 4.5))),
                answered_at=answered,
                ended_at=maybe(lot, answered or received, lot.choice((30, 4000))),
                wrapped_at=maybe(lot, answered or received, 9000, 0.5),
                caller_number=lot.choice(("", "+447700900001", "+447700900002", "+447700900003")),
                attention=lot.choice((0, 0, 1, 2)),
                reason=lot.choice(("", "update", "thanks")),
                reason_offered=lot.choice(("", "update")),
                agency=lot.choice(("", "council")),
                tried_101=lot.choice(("", "cannot_say", "gave_up", "no")),
                way=lot.choice(("", "", "text_relay")),
                language=lot.choice(("", "", "welsh")),
            )
        )
    rows = Contact.objects.bulk_create(rows)
    written: dict[type[Model], list[Model]] = {}

    def write(model: type[Model], /, **what: object) -> Model:
        row = model(**what)
        written.setdefault(model, []).append(row)
        return row

    for row in rows:
        at = row.received_at
        for stage in lot.sample(("menu", "announced", "queued", "offered", "quiet", "queued"), lot.choice((0, 0, 1, 3))):
            write(Stage, contact=row, stage=stage, by="x", at=at + timedelta(seconds=round(lot.uniform(-30, 60), 6)))
        for kind in lot.sample(("full", "nothing_heard", "full"), lot.choice((0, 1, 1, 2))):
            saved = at + timedelta(seconds=lot.randrange(900))
            record = write(Assessment, contact=row, kind=kind, model="x", policy_number=1, begun_at=at, saved_at=saved)
            for element in lot.sample(("vulnerability", "safeguarding", "threat"), 2):
                then = at + timedelta(seconds=lot.randrange(900))
                write(Answer, assessment=record, element=element, level=1, rationale="x", by="x", at=then)
        if lot.random() < 0.2:
            how = lot.choice(("", "reached", "taken_up"))
            write(Callback, contact=row, agreed_at=at, by="x", due_at=at + timedelta(seconds=300), how=how)
        for _ in range(lot.choice((0, 0, 1, 2))):
            then, joined = at + timedelta(seconds=lot.randrange(60)), maybe(lot, at, 900)
            write(Interpreter, contact=row, language="welsh", by="x", asked_at=then, joined_at=joined, ended_at=at + HOUR)
        if lot.random() < 0.3:
            write(Interpreter, contact=row, language="welsh", by="x", asked_at=at, joined_at=maybe(lot, at, 90, 0.3))
        if lot.random() < 0.3:
            write(Involvement, incident=lot.choice(incidents), contact=row, by="x", at=at)
        if lot.random() < 0.2:
            undone = lot.choice((None, at))
            write(Followed, contact=row, earlier=rows[0], how="number", seconds=1, window_s=1, at=at, undone_at=undone)
        if lot.random() < 0.2:
            state = lot.choice(("asked", "answered", "failed"))
            write(Research, contact=row, system="x", label="x", state=state, because="x", key=str(row.pk), by="x", at=at)
    for model, some in written.items():
        model.objects.bulk_create(some)


def alike(found: list[counting.Group]) -> dict[tuple, tuple]:
    """What a group is alike in → how many, and its times in order. Fails where two groups are alike in everything."""
    told = {
        tuple(getattr(one, name) for name in counting.ALIKE): (
            one.number, *(tuple(sorted(getattr(one, name))) for name in counting.TIMES)
        )
        for one in found
    }  # fmt: skip
    assert len(told) == len(found)
    return told


def of_rows(span: days.Span, at: datetime) -> list[counting.Group]:
    """The same from rows, one by one."""
    callers: dict[str, int] = {}
    asks = POLICY.read_as("vulnerability")
    within = Contact.objects.filter(received_at__gte=span.start, received_at__lt=span.end)
    rows = list(day.contact_rows(within, callers, asks=asks))
    window = timedelta(seconds=counting.windows_of(POLICY)[-1])
    after = Contact.objects.filter(channel="999", received_at__gte=span.end, received_at__lt=span.end + window)
    return counting.grouped(rows, list(day.contact_rows(after, callers, asks=asks)) if at >= span.end else [], POLICY, at)


@pytest.mark.parametrize("which", [SHORT, LONG, PLAIN])
def test_the_database_groups_a_day_as_the_rules_group_its_rows(northmoor, which):
    a_day_of_anything(random.Random(f"{which}"), which, 110)
    spans = [days.of(which + timedelta(days=n), LONDON) for n in (-1, 0, 1)]
    for hours in (11, 24.2, 33):
        at = spans[1].start + hours * HOUR
        found = groups.of(spans, [POLICY] * 3, at)
        for span, of_span in zip(spans, found, strict=True):
            assert alike(of_span) == alike(of_rows(span, at))
            within = Contact.objects.filter(received_at__gte=span.start, received_at__lt=span.end)
            assert sum(one.number for one in of_span) == within.count()
        assert any(one.to_999 for of_span in found for one in of_span)
        assert len(found[1]) > 60


@pytest.mark.parametrize("which", [SHORT, LONG, PLAIN])
def test_hours_and_half_hours_lose_nobody_also_when_the_clocks_change(northmoor, which):
    a_day_of_anything(random.Random(3), which, 120)
    span = days.of(which, LONDON)
    at = span.end - timedelta(minutes=1)
    rows = list(day.contact_rows(Contact.objects.filter(received_at__gte=span.start, received_at__lt=span.end)))
    hours = days.parts(span, LONDON)
    expected = [Counter(counting.outcome(row) for row in rows if hour.start <= row.received_at < hour.end) for hour in hours]
    assert groups.over_time(hours, at) == expected
    assert sum(part.total() for part in expected) == len(rows) > 60
    halves = days.parts(span, LONDON, minutes=30)
    today = groups.today(at)
    calls = [row for row in rows if row.channel == "999"]
    for n, half in enumerate(halves):
        mine = [row for row in calls if half.start <= row.received_at < half.end]
        expected = counting.share_of("within_999", half.label, (counting.within(row, 10, at) for row in mine))
        assert counting.in_time("within_999", half.label, [one for one in today if one.part == n], 10) == expected
    longest = sorted(calls, key=lambda row: -counting.waited(row, at))[:4]
    found = groups.longest(span, at, channel="999", number=4)
    assert found == [(row.id, counting.waited(row, at), counting.outcome(row)) for row in longest]


def test_a_supervisors_groups_say_of_callers_what_the_whole_day_says(northmoor):
    a_day_of_anything(random.Random(5), PLAIN, 120)
    span = days.of(PLAIN, LONDON)
    at = span.start + 20 * HOUR
    (whole,) = groups.of([span], [force.policy_at(at).policy], at)
    asked = groups.today(at)
    for seconds in (10, 120):
        calls = [[one for one in some if one.channel == "999"] for some in (whole, asked)]
        assert counting.in_time("w", "", calls[0], seconds) == counting.in_time("w", "", calls[1], seconds)
    assert counting.outcomes(asked) == counting.outcomes(whole)
    assert counting.risk_on_record(asked) == counting.risk_on_record(whole)
    assert counting.then_rang_999(asked, 7200) == counting.then_rang_999(whole, 7200) > 0


def test_another_forces_contacts_are_in_no_group(northmoor):
    a_day_of_anything(random.Random(7), PLAIN, 30)
    span = days.of(PLAIN, LONDON)
    with scope.use("southmere"):
        assert groups.of([span], [POLICY], span.end) == [[]]
        assert groups.today(span.end - HOUR) == []


# --- The gravest of many --------------------------------------------------------------------------------------------


def duties_of_any_kind(lot: random.Random) -> datetime:
    a_day_of_anything(lot, PLAIN, 60)
    Incident.objects.filter(pk__in=list(Incident.objects.values_list("pk", flat=True))[::3]).update(grade="immediate")
    at = datetime(2026, 11, 22, 21, tzinfo=UTC)
    contacts, incidents = list(Contact.objects.values_list("pk", flat=True)), list(Incident.objects.values_list("pk", flat=True))
    due = lot.sample(range(-600, 7200), 150)
    for kind in ("answer", "risk", "abandoned", "wrap_up", "attend", "grade", "close", "unheard_of"):
        subjects = [("contact", pk) for pk in lot.sample(contacts, 12)] + [("incident", pk) for pk in lot.sample(incidents, 5)]
        for subject_kind, pk in subjects:
            Duty.objects.create(
                kind=kind, subject_kind=subject_kind, subject_id=pk, owner="desk:contact", opened_at=at,
                due_at=at - timedelta(seconds=due.pop()),
            )  # fmt: skip
    return at


def grade_of(duty: Duty) -> str:
    if duty.subject_kind == "incident":
        return Incident.objects.get(pk=duty.subject_id).grade
    involved = Involvement.objects.filter(contact_id=duty.subject_id).select_related("incident").first()
    return involved.incident.grade if involved else ""


@pytest.mark.parametrize("seed", range(3))
def test_what_is_owed_stands_in_the_order_of_gravity_and_is_counted_whole(northmoor, seed):
    at = duties_of_any_kind(random.Random(seed))

    def gravity(duty: Duty) -> tuple[bool, int, datetime]:
        contact = Contact.objects.filter(pk=duty.subject_id).first() if duty.subject_kind == "contact" else None
        is_grave = duty.kind == "answer" and contact is not None and contact.channel in EMERGENCIES
        is_grave = is_grave or (duty.kind in ("attend", "risk", "grade") and grade_of(duty) == "immediate")
        return not is_grave, now.GRAVITY.index(duty.kind) if duty.kind in now.GRAVITY else len(now.GRAVITY), duty.due_at

    late = sorted((duty for duty in Duty.objects.all() if duty.due_at <= at), key=gravity)
    found = now.owed(at, limit=40)
    assert [debt.duty.pk for debt in found.debts] == [duty.pk for duty in late[:40]]
    assert found.total == len(late) < found.open
    assert sum(kind.number for kind in found.kinds) == len(late)
    assert min(kind.oldest for kind in found.kinds) == min(duty.due_at for duty in late)


@pytest.mark.parametrize("seed", range(3))
def test_of_each_kind_of_danger_the_one_that_lasted_longest_is_found(northmoor, seed):
    at = duties_of_any_kind(random.Random(seed))
    late = [duty for duty in Duty.objects.all() if duty.due_at <= at]
    vulnerable = day.vulnerability([duty.subject_id for duty in late if duty.subject_kind == "incident"])
    expected: dict[str, tuple[datetime, int]] = {}
    for duty in late:
        grade = grade_of(duty)
        kind = "other"
        if duty.kind == "attend":
            is_vulnerable = duty.subject_id in vulnerable
            kind = "attend_immediate" if grade == "immediate" else "attend_vulnerable" if is_vulnerable else "attend"
        elif duty.kind == "risk" and grade == "immediate":
            kind = "risk_immediate"
        elif duty.kind == "abandoned" and duty.subject_kind == "contact" and Contact.objects.get(pk=duty.subject_id).attention:
            kind = "abandoned_marker"
        expected[kind] = min(expected.get(kind, (duty.due_at, duty.pk)), (duty.due_at, duty.pk))
    found = {one.kind: (one.since, one.duty) for one in now._dangers(at)}
    for kind, (since, pk) in expected.items():
        assert found[kind] == (since, pk), kind
    ringing = [
        row for row in Contact.objects.filter(state="waiting", channel__in=EMERGENCIES)
        if (at - row.transferred_at).total_seconds() > now._answer_s(row.channel, force.policy_at(at).policy)
    ]  # fmt: skip
    assert found["ringing_999"][0] == min(row.transferred_at for row in ringing)
