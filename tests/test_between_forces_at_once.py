"""Two people at one handover at the same moment, on two real connections: one ends it, the other learns so, and nobody waits for ever."""

import threading
import time
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections, transaction

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts.facts import ContactAnswered
from watchroom.contacts.models import Contact, Line
from watchroom.duties import queries as owed
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.models import Fact
from watchroom.links.forces import tasks
from watchroom.referrals.forces import receiving, sending
from watchroom.referrals.forces.document import Answer, Document, Later, Message, Since
from watchroom.referrals.models import FromForce, ToForce


@pytest.fixture
def sent(clone) -> ToForce:
    """Carried to Southmere, where it waits."""
    with scope.use("northmoor"), transaction.atomic():
        call = world.an_answered_call(number="07700 900417", at=clock.now() - timedelta(seconds=30))
        said = {"because": "She stands at Southmere pier.", "risk": "He says that he will push her in."}
        row = sending.hand_over(contact=call.pk, to="southmere", by=call.owner.code, at=clock.now(), **said)
    with scope.use("southmere"), transaction.atomic():
        for name in ("ola", "hana"):
            world.a_member(name, "handler")
    carry(row)
    return row


def carry(row: ToForce) -> None:
    async_to_sync(tasks.carry.func)("northmoor", row.pk)


def theirs() -> FromForce:
    return FromForce.objects.select_related("contact__owner").get()


def accept(row: ToForce) -> str:
    ola = world.a_member("ola")
    contacts.answer(contact=theirs().contact_id, member=ola, by=ola.code, at=clock.now())
    return "accepted"


def decline(row: ToForce) -> str:
    hana = world.a_member("hana")
    pier = "The pier is Farshire’s."
    return receiving.decline(contact=theirs().contact_id, member=hana, answer=pier, by=hana.code, at=clock.now()).state


def recall(row: ToForce) -> str:
    message = Message.model_validate({"key": row.key, "is_recalled": True, "document": row.document})
    return receiving.take(message=message, sender="force:northmoor", at=clock.now()).state


def a_waiter(within: float = 20.0) -> bool:
    """Whether somebody comes to wait for a lock of this database."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_locks join pg_stat_activity using (pid)"
                           " where not granted and datname = current_database()")  # fmt: skip
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.02)
    return False


def at_once(force: str, first, second, row: ToForce, then=None) -> tuple[str, str, bool]:
    """(what the first became, the second, whether the second had to wait); the first commits only once the second waits for it.
    `then(row)` is what the first does when the second waits."""
    said: dict[str, str] = {}
    done = threading.Event()
    met = []

    def go(name: str, act, *, holds: bool) -> None:
        try:
            with scope.use(force), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("set local lock_timeout = '20s'")
                said[name] = act(row)
                if holds:
                    done.set()
                    met.append(a_waiter())
                    if then:
                        then(row)
        except Refused as error:
            said[name] = str(error)
        finally:
            done.set()
            connections.close_all()

    threads = [threading.Thread(target=go, args=("first", first), kwargs={"holds": True})]
    threads[0].start()
    assert done.wait(20)
    threads.append(threading.Thread(target=go, args=("second", second), kwargs={"holds": False}))
    threads[1].start()
    for thread in threads:
        thread.join(40)
        assert not thread.is_alive(), "nobody waits for ever"
    return said["first"], said["second"], met == [True]


@pytest.mark.parametrize(
    ("first", "second", "outcome", "hears"),
    [
        (accept, recall, "accepted", "accepted"),
        (recall, accept, "withdrawn", "went back to the force"),
        (decline, recall, "declined", "declined"),
        (recall, decline, "withdrawn", "took it back meanwhile"),
        (accept, decline, "accepted", "Ola has accepted this one: it is ours"),
        (decline, accept, "declined", "went back to the force"),
        (accept, accept, "accepted", "accepted"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_of_two_at_once_one_ends_it_and_the_other_learns_how(sent, first, second, outcome, hears):
    was, heard, met = at_once("southmere", first, second, sent)
    assert met, "they were at it at the same moment"
    assert (was, hears in heard) == (outcome, True), heard
    with scope.use("southmere"), transaction.atomic():
        found = theirs()
        assert found.state == outcome
        assert (found.contact.state == Contact.State.ANSWERED) == (outcome == "accepted")
        assert (found.contact.owner is not None) == (outcome == "accepted")
        assert owed.is_owed("risk", ("contact", found.contact_id)) == (outcome == "accepted")
        assert Fact.objects.filter(kind__in=("HandoverAnswered", "HandoverWithdrawn")).count() == 1
        assert not Fact.objects.filter(kind="ReactionFailed").exists()
    carry(sent)
    with scope.use("northmoor"), transaction.atomic():
        assert ToForce.objects.get().state == outcome
        assert owed.is_owed("accepted", ("contact", sent.contact_id)) == (outcome == "declined")


def ask_back(row: ToForce) -> str:
    return sending.recall(contact=row.contact_id, by="staff:1", at=clock.now()).state


def hear(row: ToForce) -> str:
    said = Answer(state="accepted", reference="212", name="Ola", at=clock.now())
    return sending.learn(handover=row.pk, heard=said, at=clock.now()).state


def again(row: ToForce) -> str:
    said = {"because": "She stands at Southmere pier.", "risk": "He says that he will push her in."}
    return sending.hand_over(contact=row.contact_id, to="southmere", by="staff:1", at=clock.now(), **said).state


@pytest.mark.parametrize(
    ("first", "second", "was", "hears"),
    [
        (ask_back, hear, "recalled", "accepted"),
        (hear, ask_back, "accepted", "Nothing of this contact is on its way"),
        (hear, hear, "accepted", "accepted"),
        (ask_back, ask_back, "recalled", "recalled"),
        (again, again, "sent", "on its way"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_the_sender_asks_back_while_the_answer_comes(sent, first, second, was, hears):
    if again is first:
        with scope.use("northmoor"), transaction.atomic():
            ToForce.objects.update(state="withdrawn")
    one, other, met = at_once("northmoor", first, second, sent)
    assert met, "they were at it at the same moment"
    assert one == was
    assert hears in other
    with scope.use("northmoor"), transaction.atomic():
        assert Fact.objects.filter(kind="ForceAnswered").count() == (hear in (first, second))
        assert not Fact.objects.filter(kind="ReactionFailed").exists()


def deliver(row: ToForce) -> str:
    message = Message.model_validate({"key": row.key, "is_recalled": False, "document": row.document})
    return receiving.take(message=message, sender="link:farshire", at=clock.now()).state


def test_the_same_handover_twice_at_once_is_one_contact(sent):
    """From another installation, which sent it again because it heard nothing."""
    was, heard, met = at_once("southmere", deliver, deliver, sent)
    assert (was, heard, met) == ("waiting", "waiting", True)
    with scope.use("southmere"), transaction.atomic():
        assert Contact.objects.count() == FromForce.objects.count() == 2, "this one, and the one that was there"


def add_a_line(row: ToForce) -> str:
    line = Later(key="ab" * 8, at=clock.now(), text="He has a knife.", origin="caller")
    message = Message(
        key=row.key, is_recalled=False, document=Document.model_validate(row.document), since=Since(lines=(line,), total=1)
    )
    return receiving.take(message=message, sender="force:northmoor", at=clock.now()).state


@pytest.mark.parametrize("act", [decline, recall, add_a_line], ids=lambda one: one.__name__)
def test_whoever_answers_waits_for_the_contact_and_holds_nothing_meanwhile(sent, act):
    """The contact first, then the handover, as an answer does it: in the other order two would wait for each other."""

    def hold(row: ToForce) -> str:
        Contact.objects.select_for_update(of=("self",)).get(pk=theirs().contact_id)
        return ""

    def is_free(row: ToForce) -> None:
        FromForce.objects.select_for_update(nowait=True).get()

    _, heard, met = at_once("southmere", hold, act, sent, then=is_free)
    assert (heard, met) == ({"decline": "declined", "recall": "withdrawn", "add_a_line": "waiting"}[act.__name__], True)


def test_the_same_line_twice_at_once_stands_there_once_and_of_an_answer_meanwhile_it_is_told(sent):
    for first, second in ((add_a_line, add_a_line), (accept, add_a_line)):
        at_once("southmere", first, second, sent)
    with scope.use("southmere"), transaction.atomic():
        assert Line.objects.filter(text="He has a knife.").count() == 1


def test_a_line_that_comes_while_somebody_accepts_is_said_to_have_come_after_it(sent):
    _, heard, met = at_once("southmere", accept, add_a_line, sent)
    assert (heard, met) == ("accepted", True)
    with scope.use("southmere"), transaction.atomic():
        assert Line.objects.filter(text__startswith="After it was accepted here").count() == 1


def test_an_acceptance_that_is_owed_and_a_recall_tell_it_once(sent):
    """The reaction to an answer had failed, and is done again while they ask for it back."""

    def owed_still(row: ToForce) -> str:
        found = theirs()
        fact = ContactAnswered(contact=found.contact_id, waited=1.0)
        receiving.follow_answer(Told(1, fact, "staff:1", clock.now()))
        return theirs().state

    with scope.use("southmere"), transaction.atomic():
        pk = theirs().contact_id
        Contact.objects.filter(pk=pk).update(state="answered", answered_at=clock.now(), owner=world.a_member("ola"))
    was, heard, met = at_once("southmere", recall, owed_still, sent)
    assert (was, heard, met) == ("accepted", "accepted", True)
    with scope.use("southmere"), transaction.atomic():
        assert Fact.objects.filter(kind="HandoverAnswered").count() == 1
