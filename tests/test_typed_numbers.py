"""Anybody can type anybody's number into a form. It must not make them that person, to us or to themselves."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.foundation import clock
from watchroom.identity import actions, queries, rules
from watchroom.identity.models import Marker, Person
from watchroom.portal.tests.test_report import answer_all, code_on, send, words

AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
NUMBER = "+447700900417"
seen = st.builds(
    rules.Evidence, number=st.booleans(), place=st.booleans(), name=st.booleans(), others_on_number=st.integers(0, 3)
)


@given(seen)
def test_a_typed_number_adds_nothing_to_what_else_is_known(evidence):
    typed = rules.tier(rules.Evidence(**{**vars(evidence), "is_typed": True}))
    without = rules.tier(rules.Evidence(place=evidence.place, name=evidence.name))
    assert typed == (without or ("possible" if evidence.number else None))


@pytest.fixture
def leanne(northmoor) -> Person:
    mark = Marker(
        kind="warning", level=1, title="High risk victim", text="Never ring back.", since_date=AT.date(), review_by_date=AT.date()
    )
    known = actions.Known(given_name="Leanne", family_name="Zyxwvut", numbers=(NUMBER,), markers=(mark,))
    return actions.bring_in([known], source="records", by="system:tests", at=AT)[0]


def a_report(channel: str) -> Contact:
    at = clock.now()
    row, _ = contacts.receive(
        key=f"typed:{channel}", channel=channel, transferred_at=at, by="public", at=at, caller_number=NUMBER, text="Hello."
    )
    return Contact.objects.get(pk=row.pk)


@pytest.mark.parametrize("channel", ["online", "chat", "email", "counter"])
def test_who_types_a_victims_number_is_possible_and_the_handler_reads_why(leanne, channel):
    report = a_report(channel)
    (one,) = queries.candidates(report, on=report.day)
    assert (one.tier, one.because) == ("possible", ("Their number, typed.",))
    assert "Anybody can type" in one.against[0]
    assert queries.markers(report) == [] == queries.markers_among([report])[report.pk]
    assert queries.earlier(report) == []
    assert report.attention, "it is looked at sooner all the same"


@pytest.mark.parametrize("channel", ["999", "101", "answerphone"])
def test_of_a_call_the_network_says_the_number(leanne, channel):
    call = a_report(channel)
    assert [one.tier for one in queries.candidates(call, on=call.day)] == ["likely"]
    assert [marker.title for marker in queries.markers(call)] == ["High risk victim"]


def test_whoever_reports_with_a_victims_number_reads_nothing_of_her_back(leanne):
    browser = Client(enforce_csrf_checks=True)
    answer_all(browser, safe={"safe": "some", "ways": ["call"], "phone": "07700 900417"}, text="Somebody broke my window.")
    check = words(browser.get("/report/step/6/"))
    send(browser, "/report/step/6/")
    sent = browser.get("/report/sent/")
    looked = words(send(Client(enforce_csrf_checks=True), "/report/look/", code=code_on(sent)))
    for page in (check, words(sent), looked):
        assert "Leanne" not in page
        assert "Zyxwvut" not in page
        assert "High risk" not in page
    report = Contact.objects.get(channel="online")
    assert report.caller_number == NUMBER
    assert [one.tier for one in queries.candidates(report, on=report.day)] == ["possible"]
