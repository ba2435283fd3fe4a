"""A later room's bug never loses a call: with any reaction of the journey made to raise or hang, it is received, shown and gradable."""

import contextlib
import time

import pytest
from django.db import IntegrityError, connection, transaction

from tests import world
from tests.test_answerphone import a_message
from watchroom import journey, testing
from watchroom.assessment import actions as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts import offers, silence, stages
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.contacts.facts import CallerNamed, ContactArrived, StageReached
from watchroom.contacts.models import Contact
from watchroom.contacts.queries import told_of
from watchroom.duties import actions as duties
from watchroom.foundation import facts, models, scope, tasks
from watchroom.identity import actions as identity
from watchroom.identity.models import Observation, Person
from watchroom.incidents import actions as incidents
from watchroom.incidents import proposals, queries
from watchroom.incidents.models import Incident
from watchroom.staff import actions as staff

REACTIONS = [(fact, position) for fact, calls in journey.NOW.items() for position in range(len(calls))]


def raises(told):
    raise KeyError("a bug of a later room")


def hangs(told):
    connection.cursor().execute("select pg_sleep(30)")


def breaks_the_transaction(told):
    connection.cursor().execute("select 1 / 0")


def the_rest_of_the_night(contact, incident):
    """All other facts that have a reaction: none of these acts may fail by one."""
    by = contact.owner.code
    contacts.write(contact=contact.pk, text="He has gone.", by=by, at=world.after(52), written_at=world.after(52))
    contacts.say_name(contact=contact.pk, name="Leanne Whitcombe", by=by, at=world.after(54))
    assessment.hear(contact=contact.pk, cue="child_present", is_present=True, by=by, at=world.after(55))
    world.write_the_risk(contact)
    proposals.look_again(
        incident=incident.pk,
        stage="review",
        changed="He has gone, as she saw from the window.",
        victim="reached",
        victim_said="She is calmer now.",
        changes={},
        by=by,
        at=world.after(300),
    )
    second = world.an_answered_call(number="07700 900555", at=world.after(310))
    assessment.nothing_heard(contact=second.pk, because="Only asks what the noise was.", by=by, at=world.after(330))
    incidents.involve(incident=incident.pk, contact=second.pk, by=by, at=world.after(340))
    incidents.attend(incident=incident.pk, by="link:radio", at=world.after(350))
    ann = Person.objects.create(given_name="Ann", family_name="Carver")
    identity.confirm(contact=second.pk, person=ann.pk, by=by, at=world.after(360))
    identity.undo(contact=second.pk, by=by, at=world.after(365))
    Incident.objects.filter(pk=incident.pk).update(state="closed", closed_at=world.after(370))
    incidents.reopen(incident=incident.pk, because="She rang again.", by=by, at=world.after(380))
    silence.note(contact=second.pk, sound="fifty_five", by=by, at=world.after(385))
    lost = world.a_call(number="07700 900556", key="test:lost", at=world.after(390))
    contacts.end(contact=lost.pk, how="caller", by="link:trunk", at=world.after(400))
    a_message(at=world.after(410))
    morning = world.NIGHT.replace(hour=10)  # callbacks have hours
    again = world.a_call(number="07700 900557", channel="101", key="test:again", at=morning)
    callbacks.agree(contact=again.pk, by="link:trunk", at=morning)
    Contact.objects.filter(state="waiting").exclude(pk=again.pk).update(state="abandoned")
    staff.ready(member=world.a_member("hana", "handler"), at=morning)
    offers.route(at=morning)
    duties.sweep(at=world.after(100_000))


AT_FIRST = {fact for fact in journey.NOW if fact.__name__ in ("ContactArrived", "PlacePicked", "ContactEnded", "GradeDecided")}
# Whatever stands at a call's beginning and end is made to raise and to hang, one by one, in every run; so are all at once. That each of
# the others raises or hangs alone, or breaks the transaction, is tried in `make prove`.
FAILURES = [
    pytest.param(
        *reaction,
        failure,
        id=f"{reaction[0].__name__}-{reaction[1]}-{failure.__name__}",
        marks=() if reaction[0] in AT_FIRST and failure is not breaks_the_transaction else testing.long,
    )
    for reaction in REACTIONS
    for failure in (raises, hangs, breaks_the_transaction)
]


def a_call_in_hand():
    """Received, shown and graded while it runs, and ended. Returns (contact, incident)."""
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact)
    decision = incidents.grade(incident=incident.pk, to="immediate", justification="", by=contact.owner.code, at=world.after(40))
    assert decision.grade == "immediate"
    assert Contact.objects.get(pk=contact.pk).state == "answered"
    assert [i.pk for i in queries.open_now()] == [incident.pk]
    assert contacts.end(contact=contact.pk, how="cut_off", by="link:trunk", at=world.after(50)).state == "ended"
    return contact, incident


def test_with_a_bug_in_every_reaction_at_once_the_whole_night_goes_on(northmoor, monkeypatch):
    for fact, calls in journey.NOW.items():
        monkeypatch.setitem(journey.NOW, fact, tuple(raises for _ in calls))
    the_rest_of_the_night(*a_call_in_hand())
    failed = models.Fact.objects.filter(kind="ReactionFailed")
    of = set(models.Fact.objects.filter(pk__in=[one.body["fact"] for one in failed]).values_list("kind", flat=True))
    assert of == {fact.__name__ for fact in journey.NOW}, "each fact with a reaction was told, and its failure is on record"


@pytest.mark.parametrize(("fact", "position", "failure"), FAILURES)
def test_a_call_is_received_and_gradable_whatever_a_reaction_does(northmoor, monkeypatch, fact, position, failure):
    calls = list(journey.NOW[fact])
    calls[position] = failure
    monkeypatch.setitem(journey.NOW, fact, tuple(calls))
    monkeypatch.setattr(facts, "REACTION_TIMEOUT_MS", 100)
    begun = time.monotonic()
    contact, incident = a_call_in_hand()
    if fact not in AT_FIRST:
        the_rest_of_the_night(contact, incident)
    assert time.monotonic() - begun < 20, "what hangs for half a minute was cut off"
    failed = models.Fact.objects.filter(kind="ReactionFailed")
    assert failed.exists(), "what failed is on record"
    assert "later room" not in str(failed.first().body), "and says nothing of what was in the error"


def test_what_went_well_beside_a_reaction_that_fails_is_done_once(northmoor, monkeypatch):
    """They run together first: what they had done is undone with the one that failed, and done again without it."""

    def marks(told):
        stages.mark(contact=told.fact.contact, stage="queued", by="system:test", at=told.at)

    monkeypatch.setitem(journey.NOW, ContactArrived, (marks, raises, marks))
    contact = world.a_call()
    assert models.Fact.objects.filter(kind="StageReached", subject_id=contact.pk).count() == 2
    assert contact.stages.count() == 2
    (failed,) = models.Fact.objects.filter(kind="ReactionFailed")
    assert failed.body["reaction"] == facts.name_of(raises)


def test_one_that_swallows_an_error_of_the_database_undoes_nothing_of_the_others_and_is_owed(northmoor, monkeypatch):
    def swallows(told):
        with contextlib.suppress(IntegrityError):
            Contact.objects.create(pk=told.fact.contact, day=world.NIGHT.date(), transferred_at=told.at, received_at=told.at)

    monkeypatch.setitem(journey.NOW, ContactArrived, (*journey.NOW[ContactArrived], swallows))
    call = world.a_call(number="07700 900555")
    assert Observation.objects.filter(contact=call, kind="number").exists()
    (failed,) = models.Fact.objects.filter(kind="ReactionFailed")
    assert failed.body["reaction"].endswith("swallows")


def test_the_contact_of_a_fact_is_read_once_and_that_of_the_next_fact_anew(northmoor, monkeypatch):
    seen = []
    monkeypatch.setitem(
        journey.NOW, CallerNamed, (lambda told: seen.append(told_of(told)), lambda told: seen.append(told_of(told)))
    )
    contact = world.an_answered_call()
    for name in ("Leanne Whitcombe", "Leanne Hart"):
        contacts.say_name(contact=contact.pk, name=name, by=contact.owner.code, at=world.after(30))
    assert [one.caller_name for one in seen] == ["Leanne Whitcombe", "Leanne Whitcombe", "Leanne Hart", "Leanne Hart"]
    assert seen[0] is seen[1]


def test_a_reaction_that_tells_something_itself_is_cut_off_afterwards_too(northmoor, monkeypatch):
    """The reactions to what it told end before it does: its own statements are still timed, and those after the last are not."""

    def goes_on(told):
        stages.mark(contact=told.fact.contact, stage="queued", by="system:test", at=told.at)
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(3)")

    monkeypatch.setitem(journey.NOW, ContactArrived, (goes_on,))
    monkeypatch.setitem(journey.NOW, StageReached, (lambda told: None,))
    monkeypatch.setattr(facts, "REACTION_TIMEOUT_MS", 100)
    world.a_call()
    assert [one.body["why"] for one in models.Fact.objects.filter(kind="ReactionFailed")] == ["OperationalError"]
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0",)


def test_what_failed_is_tried_again_and_recorded_as_mended(clone, monkeypatch):
    original = journey.NOW[ContactArrived]
    monkeypatch.setitem(journey.NOW, ContactArrived, (raises,))
    with scope.use("northmoor"), transaction.atomic():
        world.a_call()
        failed = models.Fact.objects.get(kind="ReactionFailed")
        assert not Observation.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("select args->>'reaction' from procrastinate_jobs")
        assert cursor.fetchall(), "the reaction is a job, deferred with the fact"
    for reaction in original:
        tasks.react(force="northmoor", fact=failed.body["fact"], reaction=facts.name_of(reaction))
    with scope.use("northmoor"), transaction.atomic():
        assert Observation.objects.filter(kind="number").exists()
