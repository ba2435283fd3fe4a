"""Asking, what came, and what a person makes of it: on record with who, when and why, and taken back without a trace lost."""

from datetime import timedelta

import pytest

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.force import actions as forces
from watchroom.force import queries as force
from watchroom.foundation import access, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.identity import actions as identity
from watchroom.identity import queries as identified
from watchroom.identity.models import Description, Link, Person, Record, Research, ResearchFound, Twins
from watchroom.identity.research import actions, queries
from watchroom.identity.research.rules import Came

LEANNE = Came(
    external="H-4471", given_name="Leanne", family_name="Whitcombe", born="1984-03-12", numbers=("07700 900417",),
    addresses=({"street": "Flat 2, 18 Tanner’s Row", "town": "Harrowby", "postcode": "HB4 2QT"},), flags=("Moved as an emergency",),
)  # fmt: skip
DEREK = Came(external="H-9", given_name="Derek", family_name="Ashdown", born="1951-07-02")
AT = world.after(60)
HOUSING = "Housing (stand-in)"  # as the demo's force calls it


@pytest.fixture
def everything_connected(monkeypatch):
    monkeypatch.setattr(queries, "connected", [lambda system: ""])


@pytest.fixture
def call(northmoor, everything_connected):
    contact = world.an_answered_call(caller_name="Leanne Whitcombe")
    return contact


def asked(call, *, at=AT, systems=("housing",)):
    (row,) = actions.ask(contact=call.pk, systems=systems, by=call.owner.code, at=at)
    return row


def found(call) -> list[ResearchFound]:
    row = asked(call)
    actions.answered(research=row.pk, records=[LEANNE, DEREK], is_cut=False, by="link:records", at=AT + timedelta(seconds=2))
    return list(ResearchFound.objects.filter(research=row).order_by("pk"))


def on_log(call, kind):
    looked = access.read(since=world.NIGHT, until=world.after(9000), by="staff:99", at=world.after(8000), kind=kind)
    return [entry for entry in looked.entries if entry.subject[0] in ("contact", "person", "research")]


def test_each_asking_is_a_consultation_and_a_disclosure_with_what_was_told_and_why(call):
    rows = actions.ask(contact=call.pk, by=call.owner.code, at=AT)
    assert [row.label for row in rows] == ["Records management", HOUSING]
    assert rows[1].sent == {"name": "Leanne Whitcombe"}  # Housing is not told her number
    assert {entry.recipient for entry in on_log(call, "disclosure")} == {"Records management", HOUSING}
    (to_housing,) = [entry for entry in on_log(call, "disclosure") if entry.recipient == HOUSING]
    assert (to_housing.by, to_housing.at, to_housing.subject) == (call.owner.code, AT, ("contact", call.pk))
    assert f"told {HOUSING}: name. To know who is in touch" in to_housing.reason
    assert "Whitcombe" not in to_housing.reason
    assert f"asked {HOUSING} who this is" in {entry.reason for entry in on_log(call, "consultation")}
    fact = Fact.objects.filter(kind="ResearchAsked", body__system="housing").get()
    assert fact.body["sent"] == ["name"]
    assert "Whitcombe" not in str(fact.body)


def test_it_is_asked_once_with_what_is_known_and_again_when_more_is(call):
    row = asked(call)
    with pytest.raises(Refused, match="asked with what is known"):
        asked(call)
    actions.answered(research=row.pk, records=[], is_cut=False, by="link:records", at=AT)
    with pytest.raises(Refused, match="asked with what is known"):
        asked(call)
    contacts.say_name(contact=call.pk, name="Leanne Whitcombe", born="1984-03-12", by=call.owner.code, at=AT)
    assert asked(call).sent["born"] == "1984-03-12"


def test_what_failed_may_be_asked_again(call):
    row = asked(call)
    actions.failed(research=row.pk, problem="timeout", by="link:records", at=AT)
    assert asked(call, at=AT + timedelta(minutes=1)).pk != row.pk
    (told,) = Fact.objects.filter(kind="ResearchFailed")
    assert told.body["problem"] == "timeout"


def test_with_nothing_that_may_be_sent_nobody_is_asked_and_it_is_said_what_is_missing(northmoor, everything_connected):
    call = world.an_answered_call(number="")
    with pytest.raises(Refused) as refused:
        actions.ask(contact=call.pk, by=call.owner.code, at=AT)
    assert f"{HOUSING}: Not enough to ask with: it needs a full name or an address." in refused.value.problems
    assert not Research.objects.exists()
    assert on_log(call, "disclosure") == []


def test_nobody_is_asked_before_the_answer_or_after_the_writing_up(northmoor, everything_connected):
    with pytest.raises(Refused, match="Answer it first"):
        actions.ask(contact=world.a_call(caller_name="Ann Carver").pk, by="staff:1", at=AT)


def test_an_agreement_past_its_review_and_a_system_that_is_not_connected_are_not_asked(call, monkeypatch):
    policy = force.policy_at(AT).policy
    ended = [one.model_copy(update={"review_by": AT.date() - timedelta(days=1)}) for one in policy.systems]
    forces.adopt(policy=policy.model_copy(update={"systems": tuple(ended)}), by="staff:1", at=AT)
    with pytest.raises(Refused, match="was to be reviewed by"):
        asked(call, at=AT + timedelta(seconds=1))
    monkeypatch.setattr(queries, "connected", [lambda system: "Not connected here."])
    forces.adopt(policy=policy, by="staff:1", at=AT + timedelta(seconds=2))
    with pytest.raises(Refused, match="Not connected here"):
        asked(call, at=AT + timedelta(seconds=3))
    monkeypatch.setattr(queries, "connected", [])
    with pytest.raises(Refused, match="Not connected here"):
        asked(call, at=AT + timedelta(seconds=3))


def test_an_answer_is_kept_once_and_not_after_it_was_given_up(call):
    row = asked(call)
    for _ in range(2):  # a job may run twice
        actions.answered(research=row.pk, records=[LEANNE], is_cut=False, by="link:records", at=AT)
    assert ResearchFound.objects.count() == 1
    actions.failed(research=row.pk, problem="timeout", by="link:records", at=AT)
    assert Research.objects.get().state == "answered"
    (entry,) = on_log(call, "collection")
    assert (entry.by, entry.reason) == ("link:records", f"{HOUSING} answered {call.owner.code}: 1 found")
    assert "Whitcombe" not in str(Fact.objects.get(kind="ResearchAnswered").body)


def test_what_came_is_weighed_by_the_same_model_in_the_same_words(call):
    contacts.say_name(contact=call.pk, name="Leanne Whitcombe", born="1984-03-12", by=call.owner.code, at=AT)
    first, second = queries.alike(identified.Contact.objects.get(pk=call.pk), found(call), on=call.day)
    assert (first.row.external, first.tier) == ("H-4471", "known")
    assert "Their number." in first.because
    assert "The same date of birth." in first.because
    assert (second.row.external, second.tier) == ("H-9", None)
    assert "Another family name." in second.against


def test_taken_in_it_is_who_called_with_where_it_is_from_and_found_at_the_next_call(call):
    leanne, _ = found(call)
    assert Person.objects.count() == 0  # nobody is on record by an answer alone
    actions.take_in(found=leanne.pk, by=call.owner.code, at=AT)
    actions.take_in(found=leanne.pk, by=call.owner.code, at=AT)
    person = Person.objects.get()
    assert (person.name, str(person.born_date)) == ("Leanne Whitcombe", "1984-03-12")
    assert Record.objects.get().external == "H-4471"
    assert {link.observation.source for link in Link.objects.filter(observation__contact=None)} == {HOUSING}
    again = world.an_answered_call(at=world.after(3600))
    (who,) = identified.candidates(again, on=again.day)
    assert (who.person, who.tier) == (person.pk, "likely")
    assert on_log(call, "combination")


def test_taken_back_nothing_finds_them_and_everything_stays_to_be_read(call):
    leanne, _ = found(call)
    actions.take_in(found=leanne.pk, by=call.owner.code, at=AT)
    actions.take_back(found=leanne.pk, by=call.owner.code, at=AT + timedelta(seconds=5))
    assert not Link.objects.filter(undone_at=None).exists()
    assert Link.objects.exists()
    assert not Description.objects.exclude(keys=[]).exists()
    again = world.an_answered_call(at=world.after(3600), caller_name="Leanne Whitcombe")
    assert identified.candidates(again, on=again.day) == []
    leanne.refresh_from_db()
    assert leanne.judged == ""
    actions.take_in(found=leanne.pk, by=call.owner.code, at=AT + timedelta(seconds=9))
    assert Person.objects.count() == 1  # the same record is the same person


def test_undoing_who_called_takes_back_what_was_taken_in_as_them(call):
    leanne, _ = found(call)
    actions.take_in(found=leanne.pk, by=call.owner.code, at=AT)
    identity.undo(contact=call.pk, by=call.owner.code, at=AT)
    leanne.refresh_from_db()
    assert leanne.judged == ""
    assert not Link.objects.filter(undone_at=None).exists()


def test_beside_somebody_confirmed_two_records_are_proposed_and_never_joined(call):
    ours = world.somebody("Leanne Whitcombe", number=world.LEANNE)
    identity.confirm(contact=call.pk, person=ours.pk, by=call.owner.code, at=AT)
    leanne, _ = found(call)
    actions.take_in(found=leanne.pk, by=call.owner.code, at=AT)
    assert Person.objects.exclude(same_as=None).count() == 0
    pair = Twins.objects.get()
    assert {pair.one_id, pair.other_id} == {ours.pk, ResearchFound.objects.get(pk=leanne.pk).person_id}
    assert pair.because[0] == f"Both are held to be the caller of contact {call.reference}."
    assert queries.confirmed(call).pk == ours.pk


def test_what_an_import_brought_stays_when_what_was_taken_in_is_taken_back(call):
    person = Person.objects.create(given_name="Leanne", family_name="Whitcombe")
    Record.objects.create(source=HOUSING, external="H-4471", person=person, digest="", at=world.NIGHT)
    identity.hold([(person.pk, "number", "+447700900417")], source=HOUSING, by="system:tests", at=world.NIGHT)
    leanne, _ = found(call)
    actions.take_in(found=leanne.pk, by=call.owner.code, at=AT)
    assert Person.objects.count() == 1
    actions.not_them(found=leanne.pk, by=call.owner.code, at=AT)
    assert [link.observation.value for link in Link.objects.filter(undone_at=None)] == ["+447700900417"]


def test_not_needed_says_why_and_by_whom(call):
    with pytest.raises(Invalid, match="in at least 8 letters"):
        actions.not_needed(contact=call.pk, because="no", by=call.owner.code, at=AT)
    row = actions.not_needed(contact=call.pk, because="A colleague rang from the desk.", by=call.owner.code, at=AT)
    assert actions.not_needed(contact=call.pk, because="A colleague rang from the desk.", by=call.owner.code, at=AT) == row
    assert queries.in_words(call.pk) == ["not needed, says Bryn. “A colleague rang from the desk.”"]
    assert "colleague" not in str(Fact.objects.get(kind="ResearchNotNeeded").body)
    assert asked(call)  # it may be asked all the same


def test_another_force_sees_nothing_of_it(call):
    rows = found(call)
    with scope.use("southmere"):
        assert not Research.objects.exists()
        assert not Research.everywhere.exists()  # row-level security
        with pytest.raises(ResearchFound.DoesNotExist):
            actions.take_in(found=rows[0].pk, by="staff:1", at=AT)
