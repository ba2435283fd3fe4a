"""Any incident as the system knew it at any second: nothing of what came later, and at the last second what stands today."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.assessment import actions as assessment
from watchroom.assessment import queries as risk
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.desk.looking_back import rows as past
from watchroom.desk.looking_back import rules
from watchroom.desk.looking_back.rules import Row
from watchroom.dispatch import queries as dispatch
from watchroom.duties import kinds
from watchroom.duties import queries as duties
from watchroom.force import packs
from watchroom.identity import queries as identity
from watchroom.incidents import actions as incidents
from watchroom.incidents import queries
from watchroom.incidents.models import Incident

NATIONAL = packs.national()
LABELS = {code: kind.label for code, kind in kinds.KINDS.items()}


def a_row(seconds: float, what: str, about=("contact", 1), *, entered: float | None = None, **body) -> Row:
    known = seconds if entered is None else entered
    key = f"{what}-{seconds}-{known}-{sorted(body.items())}"
    return Row(key=key, known_at=world.after(known), at=world.after(seconds), kind=what, about=about, by="staff:1", body=body)


moments = st.integers(0, 7200)
some_row = st.one_of(
    st.builds(lambda t, e: a_row(t, "LineWritten", entered=max(t, e), words="said", line=t), moments, moments),
    st.builds(lambda t: a_row(t, "ContactAnswered", waited=4.0), moments),
    st.builds(lambda t, n: a_row(t, "RecordBegun", assessment=n, model="thrive", stage="review"), moments, st.integers(1, 3)),
    st.builds(
        lambda t, n, level: a_row(t, "Answered", assessment=n, element="harm", level=level, words="w", subject="caller", source="contact"),
        moments, st.integers(1, 3), st.integers(0, 3),
    ),
    st.builds(lambda t, yes: a_row(t, "CueSaid", cue="weapon_present", is_present=yes, source="handler"), moments, st.booleans()),
    st.builds(
        lambda t, d: a_row(
            t, "DutyOpened", ("duty", d), duty=d, kind="risk", subject_kind="contact", subject_id=1, owner="staff:1",
            due_at=world.after(t + 60)
        ),
        moments, st.integers(1, 4),
    ),
    st.builds(lambda t, d: a_row(t, "DutySettled", ("duty", d), duty=d, kind="risk"), moments, st.integers(1, 4)),
    st.builds(lambda t, u: a_row(t, "UnitAssigned", ("incident", 1), unit=u, words="NH21"), moments, st.integers(1, 3)),
    st.builds(lambda t, u: a_row(t, "UnitCleared", ("incident", 1), unit=u), moments, st.integers(1, 3)),
    st.builds(lambda t: a_row(t, "GradeDecided", ("incident", 1), grade="priority", attend_by=world.after(t + 900)), moments),
    st.builds(lambda t: a_row(t, "SomethingNobodyKnowsYet", ("incident", 1)), moments),
)  # fmt: skip


@given(rows=st.lists(some_row, max_size=40), at=moments)
def test_no_row_that_became_known_later_is_ever_shown_or_felt(rows, at):
    moment = world.after(at)
    known = rules.as_known(rows, moment)
    assert all(row.known_at <= moment for row in (*known.rows, *known.lines, *known.decisions))
    assert known == rules.as_known(
        [row for row in rows if row.known_at <= moment], moment
    )  # the later ones might as well not be there
    times = [t for contact in known.contacts.values() for t in contact.stages.values()]
    times += [duty.opened_at for duty in known.duties.values()] + [unit.assigned_at for unit in known.units.values()]
    assert all(t <= moment for t in times)


@given(rows=st.lists(some_row, max_size=30), seed=st.randoms(use_true_random=False))
def test_in_which_order_the_rows_were_read_makes_no_difference(rows, seed):
    unique = list({row.key: row for row in rows}.values())
    mixed = list(unique)
    seed.shuffle(mixed)
    assert rules.as_known(mixed, world.after(3600)) == rules.as_known(unique, world.after(3600))


@given(rows=st.lists(some_row, min_size=1, max_size=30), at=moments)
def test_stepping_forward_from_anywhere_passes_every_moment_once(rows, at):
    here, seen = world.after(-1), []
    while (step := rules.steps(rows, here)).after:
        here = step.after
        seen.append(here)
    assert seen == sorted({row.known_at for row in rows})
    step = rules.steps(rows, world.after(at))
    assert step.number == sum(moment <= world.after(at) for moment in seen)


def test_a_line_that_was_entered_later_was_not_known_when_it_was_said():
    row = a_row(10, "LineWritten", entered=600, words="He has a knife.", line=1)
    assert rules.as_known([row], world.after(599)).lines == []
    assert rules.as_known([row], world.after(600)).lines == [row]
    assert row.was_late


# --- which steps were missing -----------------------------------------------------------------------------------------


def said(known: rules.Known) -> list[str]:
    return [
        "".join(p if isinstance(p, str) else f"{p:%H:%M:%S}" for p in gap.says) for gap in rules.gaps(known, NATIONAL, LABELS)
    ]


def graded(*more: Row, at: float, grade: str = "priority") -> rules.Known:
    opened = a_row(0, "IncidentOpened", ("incident", 1), kind="domestic", contact=1)
    decided = a_row(60, "GradeDecided", ("incident", 1), grade=grade, attend_by=world.after(960))
    return rules.as_known([opened, decided, *more], world.after(at))


def test_risk_owed_since_is_said_from_when_it_was_due():
    owed = a_row(
        4, "DutyOpened", ("duty", 1), duty=1, kind="risk", subject_kind="contact", subject_id=1, owner="staff:1", due_at=world.after(304)
    )  # fmt: skip
    assert said(rules.as_known([owed], world.after(300))) == []
    (gap,) = said(rules.as_known([owed], world.after(400)))
    assert gap == "Risk record: owed since 03:12:04, due by 03:17:04."


def test_no_review_since_is_said_once_the_policys_time_has_passed():
    every = NATIONAL.grade("priority").review_s or 0
    assert not any("No review" in gap for gap in said(graded(at=59 + every)))
    assert any("No review of the risk since 03:13:00" in gap for gap in said(graded(at=61 + every)))
    again = a_row(50 + every, "RiskReassessed", assessment=2, stage="review", words="w")
    assert not any("No review" in gap for gap in said(graded(again, at=61 + every)))


def test_nobody_on_the_way_is_said_until_somebody_is_sent():
    assert any("Nobody is on the way" in gap for gap in said(graded(at=120)))
    sent = a_row(100, "UnitAssigned", ("incident", 1), unit=1, words="NH21")
    assert not any("Nobody is on the way" in gap for gap in said(graded(sent, at=120)))


def test_nothing_is_missing_once_somebody_is_there_and_the_log_is_closed():
    there = a_row(500, "IncidentAttended", ("incident", 1), in_time=True)
    assert said(graded(there, at=90_000)) == []


# --- against the rooms themselves -------------------------------------------------------------------------------------


@pytest.fixture
def journey(northmoor) -> Incident:
    """A whole journey with a second caller, a late entry, a changed type, a cue taken back, a correction."""
    incident = world.a_whole_journey()
    return incident


@pytest.fixture
def open_one(northmoor) -> Incident:
    contact = world.an_answered_call()
    by = contact.owner.code
    first = contacts.write(
        contact=contact.pk, text="He is at the door with a knife.", by=by, at=world.after(20), written_at=world.after(20)
    )
    incident = world.an_incident(contact=contact)
    assessment.hear(contact=contact.pk, cue="child_present", is_present=True, by=by, at=world.after(50))
    assessment.hear(contact=contact.pk, cue="child_present", is_present=False, by=by, at=world.after(70))
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=by, at=world.after(60))
    other = world.an_answered_call(number="01632 960001", at=world.after(100))
    contacts.write(contact=other.pk, text="I hear shouting.", by=by, at=world.after(110), written_at=world.after(110))
    incidents.involve(incident=incident.pk, contact=other.pk, by=by, at=world.after(200))
    world.write_the_risk(contact, at=world.after(250))
    contacts.write(
        contact=contact.pk, text="It is a bat.", by=by, at=world.after(40), written_at=world.after(300), corrects=first.pk
    )
    incidents.retype(incident=incident.pk, kind="domestic", by=by, at=world.after(400))
    incidents.note(
        incident=incident.pk, text="Door forced.", by=by, at=world.after(450), written_at=world.after(460), origin="officer"
    )
    return Incident.objects.get(pk=incident.pk)


def last(incident: Incident) -> tuple[list[Row], datetime]:
    rows = past.of(incident)
    return rows, max(row.known_at for row in rows)


def as_today(incident: Incident) -> None:
    """Everything that `as_known` says of the last moment is what the rooms' own queries say now."""
    rows, at = last(incident)
    known = rules.as_known(rows, at + timedelta(seconds=1))
    row = Incident.objects.get(pk=incident.pk)
    assert (known.kind, known.grade, known.graded_at, known.attend_by) == (row.kind, row.grade, row.graded_at, row.attend_by)
    assert (known.attended_at, known.closed_at, known.is_open) == (row.attended_at, row.closed_at, row.is_open)
    assert {line.body["words"] for line in known.lines} == {
        line.text for line in queries.log(row.pk) if not line.key.startswith("decision")
    }
    pks = list(queries.contacts_of(row.pk).values_list("pk", flat=True))
    assert set(known.contacts) == set(pks)
    for contact in Contact.objects.filter(pk__in=pks):
        then = known.contacts[contact.pk]
        assert then.stages.get("answered") == contact.answered_at
        assert then.stages.get("ended") == contact.ended_at
        assert then.stages.get("written_up") == contact.wrapped_at
        assert sorted(then.given, key=repr) == sorted(risk.answers(risk.newest(contact.pk)), key=repr)
        assert (then.saved_at is not None) == risk.is_saved(contact.pk)
        markers = [(m.kind, m.level) for m in identity.markers(contact)]
        assert rules.cues(then, known.lines, markers, NATIONAL) == risk.cues(contact, at=at)
    subjects = [("incident", row.pk), *(("contact", pk) for pk in pks)]
    assert {(d.kind, d.about, d.owner) for d in known.duties.values()} == {
        (d.kind, subject, d.owner) for subject in subjects for d in duties.open_for(subject)
    }
    assert set(known.units) == {one.unit_id for one in dispatch.sent_to([row.pk])[row.pk]}


def test_at_the_end_it_is_what_stands_today_for_a_closed_journey(journey):
    as_today(journey)


def test_at_the_end_it_is_what_stands_today_for_an_open_one(open_one):
    as_today(open_one)


def test_the_other_caller_is_known_here_only_from_when_they_were_put_to_it(open_one):
    rows, _ = last(open_one)
    assert len(rules.as_known(rows, world.after(199)).contacts) == 1
    assert not any("shouting" in row.body["words"] for row in rules.as_known(rows, world.after(199)).lines)
    assert any("shouting" in row.body["words"] for row in rules.as_known(rows, world.after(200)).lines)


def test_the_cues_of_then_are_those_of_then(open_one):
    rows, _ = last(open_one)

    def at(seconds: float) -> frozenset[str]:
        known = rules.as_known(rows, world.after(seconds))
        return rules.cues(next(iter(known.contacts.values())), known.lines, [], NATIONAL)

    assert "weapon_present" not in at(19)
    assert "weapon_present" in at(21)
    assert "child_present" in at(55)
    assert "child_present" not in at(71)
