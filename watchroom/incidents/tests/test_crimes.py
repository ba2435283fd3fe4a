"""A report that may be a crime is decided by a named person within a day; what its victim is owed has its time, and outlives the log."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.incidents import actions, crimes, queries, recording
from watchroom.incidents.models import Crime, Incident

NATIONAL = packs.national()
LONDON = ZoneInfo("Europe/London")
BY = "staff:1"
ACCOUNT = "They agreed that nobody was touched or threatened."
moments = st.integers(0, 3 * 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


def owed(incident: Incident) -> dict[str, datetime]:
    return dict(
        Duty.objects.filter(subject_kind="incident", subject_id=incident.pk, settled_at=None).values_list("kind", "due_at")
    )


@pytest.fixture
def attended(northmoor) -> Incident:
    """A domestic, attended, its risk on record, everything else done."""
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact, kind="domestic")
    world.write_the_risk(contact, level=1)
    actions.grade(
        incident=incident.pk, to="priority", justification="She wants to be seen today.", by=BY, at=world.after(120)
    )  # fmt: skip
    return actions.attend(incident=incident.pk, by="link:radio", at=world.after(600))


def close(incident: Incident, category: str = "domestic", seconds: float = 900) -> Incident:
    return actions.close(incident=incident.pk, category=category, result="Spoken to both.", by=BY, at=world.after(seconds))


# --- when -------------------------------------------------------------------------------------------------------------


@given(moments, st.integers(1, 15))
def test_so_many_working_days_are_that_many_and_end_at_five_local_time(moment, days):
    until = crimes.working_days_after(moment, days, LONDON)
    assert until > moment
    local = until.astimezone(LONDON)
    assert (local.hour, local.minute) == (17, 0), "also on the day the clocks change"
    first, last = moment.astimezone(LONDON).date(), local.date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    working = [day for day in between if day.weekday() < 5 and day not in crimes._bank_holidays(day.year)]
    assert len(working) == days
    assert working[-1] == last


def test_over_christmas_one_working_day_is_five_nights():
    """24 December 2026 is a Thursday; 25 is Christmas Day, 26 and 27 a weekend, 28 a bank holiday instead of Boxing Day."""
    until = crimes.working_days_after(datetime(2026, 12, 24, 12, tzinfo=UTC), 1, LONDON)
    assert until == datetime(2026, 12, 29, 17, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("kind", "vulnerability", "cues", "is_enhanced"),
    [
        ("theft", 0, (), False),
        ("theft", 2, (), True),
        ("theft", 1, ("repeat_victim",), True),
        ("domestic", 0, (), True),
        ("burglary", 1, ("alcohol",), False),
    ],
)
def test_who_is_told_sooner(kind, vulnerability, cues, is_enhanced):
    assert crimes.is_enhanced(kind=kind, vulnerability=vulnerability, cues=frozenset(cues), policy=NATIONAL) == is_enhanced


@given(
    kind=st.sampled_from(NATIONAL.incident_types),
    level=st.integers(0, 2),
    cues=st.sets(st.sampled_from(["repeat_victim", "drugs"])),
)
def test_more_risk_never_makes_it_later(kind, level, cues):
    lower = crimes.is_enhanced(kind=kind.code, vulnerability=level, cues=frozenset(cues), policy=NATIONAL)
    higher = crimes.is_enhanced(
        kind=kind.code, vulnerability=level + 1, cues=frozenset(cues | {"high_risk_marker"}), policy=NATIONAL
    )
    assert higher or not lower


# --- whether ----------------------------------------------------------------------------------------------------------


def test_it_is_owed_from_the_report_on_for_a_day_and_goes_with_the_type(northmoor):
    incident = world.an_incident(kind="burglary")
    assert owed(incident)["crime"] == incident.opened_at + timedelta(days=1)
    actions.retype(incident=incident.pk, kind="nuisance", by=BY, at=world.after(60))
    assert "crime" not in owed(incident)
    actions.retype(incident=incident.pk, kind="domestic", by=BY, at=world.after(90))
    assert owed(incident)["crime"] == incident.opened_at + timedelta(days=1), "the day runs from the report"


def test_a_domestic_does_not_close_undecided_and_a_duplicate_does(attended):
    with pytest.raises(Refused, match="crime is recorded is not decided"):
        close(attended)
    assert not crimes.problems_of_closing(kind="domestic", category="duplicate", found=[], policy=NATIONAL)
    assert not crimes.problems_of_closing(kind="nuisance", category="asb_nuisance", found=[], policy=NATIONAL)


def test_with_a_reason_on_an_account_it_closes(attended):
    recording.no_crime(incident=attended.pk, reason="not_amounting", account=ACCOUNT, by=BY, at=world.after(700))
    assert not close(attended).is_open
    assert not {"crime", "victim_told", "victim_update"} & set(owed(attended))


def test_as_a_crime_it_closes_under_its_reference_only(attended):
    recording.no_crime(incident=attended.pk, reason="not_amounting", account=ACCOUNT, by=BY, at=world.after(700))
    with pytest.raises(Refused, match="closes under its reference"):
        close(attended, "crime")
    recording.record(incident=attended.pk, reference="42/1234/26", by=BY, at=world.after(800))
    assert close(attended, "crime").closing_category == "crime"


@pytest.mark.parametrize("reference", ["", "x", "-1", "a" * 41, "42/12\x0034", "42;drop"])
def test_a_reference_that_is_none_is_said(attended, reference):
    with pytest.raises(Invalid) as problem:
        recording.record(incident=attended.pk, reference=reference, by=BY, at=world.after(700))
    assert "reference" in problem.value.fields


@pytest.mark.parametrize(("reason", "account"), [("", ACCOUNT), ("moonlight", ACCOUNT), ("contrary", "no"), ("contrary", "  ")])
def test_a_reason_without_an_account_is_none(attended, reason, account):
    with pytest.raises(Invalid):
        recording.no_crime(incident=attended.pk, reason=reason, account=account, by=BY, at=world.after(700))
    assert "crime" in owed(attended)


def test_said_twice_it_stands_once_and_what_is_recorded_is_not_unsaid_here(attended):
    for _ in range(2):
        recording.record(incident=attended.pk, reference="42/1234/26", by=BY, at=world.after(700))
    recording.record(incident=attended.pk, reference="42/1235/26", by=BY, at=world.after(700))  # one crime a victim
    assert Crime.objects.count() == 2
    with pytest.raises(Refused, match="removed in the crime system"):
        recording.no_crime(incident=attended.pk, reason="contrary", account=ACCOUNT, by=BY, at=world.after(800))


def test_the_database_keeps_no_decision_without_reference_or_reason(attended):
    with pytest.raises(IntegrityError), transaction.atomic():
        Crime.objects.create(incident=attended, is_recorded=True, by=BY, at=world.after(700))
    with pytest.raises(IntegrityError), transaction.atomic():
        Crime.objects.create(incident=attended, is_recorded=False, reason="contrary", by=BY, at=world.after(700))


# --- what the victim is owed ------------------------------------------------------------------------------------------


def test_a_victim_of_a_domestic_is_told_within_a_working_day_and_offered_support_within_two_days(attended):
    at = world.after(700)
    recording.record(incident=attended.pk, reference="42/1234/26", by=BY, at=at)
    assert owed(attended)["victim_told"] == crimes.working_days_after(at, 1, LONDON)
    assert owed(attended)["victim_support"] == at + timedelta(days=2)


def test_what_the_victim_is_owed_holds_no_log_open_and_outlives_it(attended):
    recording.record(incident=attended.pk, reference="42/1234/26", by=BY, at=world.after(700))
    assert not close(attended).is_open
    assert set(owed(attended)) >= {"victim_told", "victim_support", "victim_update"}
    recording.tell_victim(
        incident=attended.pk, what="victim_told", how="letter", words="Crime number and leaflet sent.", by=BY, at=world.after(1000)
    )  # fmt: skip
    assert "victim_told" not in owed(attended)
    assert any("by letter. Crime number and leaflet sent." in line.text for line in queries.log(attended.pk))
    with pytest.raises(Refused, match="not owed"):
        recording.tell_victim(
            incident=attended.pk, what="victim_told", how="letter", words="Once more.", by=BY, at=world.after(1100)
        )  # fmt: skip


def test_written_means_written_and_words_are_needed(attended):
    recording.record(incident=attended.pk, reference="42/1234/26", by=BY, at=world.after(700))
    more = {"incident": attended.pk, "by": BY, "at": world.after(800)}
    with pytest.raises(Invalid, match="in writing"):
        recording.tell_victim(what="victim_told", how="phone", words="Rang her.", **more)
    with pytest.raises(Invalid, match="Say what"):
        recording.tell_victim(what="victim_support", how="phone", words=" ", **more)
    recording.tell_victim(what="victim_support", how="declined", words="She has her sister.", **more)
    assert "victim_support" not in owed(attended)


def test_without_a_victim_nothing_is_owed(attended):
    recording.record(incident=attended.pk, reference="42/1234/26", has_victim=False, by=BY, at=world.after(700))
    close(attended)
    assert not {"victim_told", "victim_support", "victim_update"} & set(owed(attended))


def test_facts_say_that_and_when_and_hold_no_word(attended):
    recording.no_crime(incident=attended.pk, reason="contrary", account=ACCOUNT, by=BY, at=world.after(700))
    fact = Fact.objects.get(kind="CrimeDecided")
    assert (fact.body["is_recorded"], fact.body["reason"]) == (False, "contrary")
    assert "agreed" not in str(fact.body)


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def ruth(northmoor) -> Client:
    return world.signed_in("ruth", "resolver")


def test_from_the_closing_to_the_list_of_what_victims_are_owed(attended, ruth):
    panel = ruth.get(f"/incidents/{attended.pk}/closing/").content.decode()
    assert "Crime or not" in panel
    assert "crime is recorded is not decided" in panel
    htmx = {"HX-Request": "true"}
    done = ruth.post(
        f"/incidents/{attended.pk}/crime/", {"reference": "42/1234/26", "closing": "1"}, headers=htmx
    ).content.decode()
    assert "Crime 42/1234/26" in done
    assert "is not decided" not in done
    assert 'id="close-now"' in done, "the form to close is still there"
    listed = ruth.get("/incidents/victims/").content.decode()
    assert "Written confirmation" in listed
    assert attended.reference in listed
    assert "<td>Not asked: take it as not safe</td>" in listed
    record = ruth.get(f"/incidents/{attended.pk}/").content.decode()
    assert "Tell the victim in writing" in record
    told = ruth.post(
        f"/incidents/{attended.pk}/tell-victim/", {"what": "victim_told", "how": "email", "words": "Number and leaflet."}, headers=htmx
    )  # fmt: skip
    assert told.status_code == 200
    assert "Written confirmation" not in ruth.get("/incidents/victims/").content.decode()


def test_a_bad_reference_is_answered_by_its_field_and_nothing_is_kept(attended, ruth):
    answer = ruth.post(f"/incidents/{attended.pk}/crime/", {"reference": "?"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert not Crime.objects.exists()
