"""What came after a contact was handed over crosses too, until we have learned that the other force accepted it."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from tests.test_answerphone import a_recording
from tests.test_between_forces import accept, call, carry, hand_over, log_of, machine, ours, theirs, write
from watchroom.api import door
from watchroom.contacts import actions as contacts
from watchroom.contacts import files
from watchroom.contacts.models import Contact, Line
from watchroom.foundation import access, clock, scope
from watchroom.foundation.models import Fact
from watchroom.incidents import actions as incidents
from watchroom.links.forces import actions, tasks
from watchroom.referrals.forces import document as crossing
from watchroom.referrals.forces import more, sending
from watchroom.referrals.forces.document import Gone, Kept, Later, Since, fitting_since, merged

pytestmark = pytest.mark.django_db
__all__ = ["call", "machine"]


@pytest.fixture
def sent(call):
    """Carried to Southmere, where nobody has accepted it."""
    row = hand_over(call)
    carry(row)
    return row


def add(call, text: str, **more) -> Line:
    with scope.use("northmoor"):
        return write(call, text, **more)


def attach(call) -> None:
    with scope.use("northmoor"):
        files.attach(contact=call.pk, file=a_recording(), about="Her", origin="handler", by=call.owner.code, at=clock.now())


def test_what_is_written_after_it_was_handed_over_is_read_there_before_they_accept_it(call, sent):
    add(call, "He has a knife.", origin="caller")
    add(call, "What is your name?", origin="to_caller")
    carry(sent)
    carry(sent)
    log = log_of(theirs().contact_id, "southmere")
    assert log.count("He has a knife.") == 1
    assert log.count("He is on the pier with me.") == 1
    assert "What is your name?" not in log, "what is written to her is nothing that was heard"
    page = world.signed_in("ola", "handler", force="southmere").get(f"/referrals/from/{theirs().contact_id}/").content.decode()
    assert "He has a knife." in page[page.index("Since it was handed over") : page.index("What they say")]
    for force, kind in (("northmoor", "MoreCrossed"), ("southmere", "MoreCame")):
        with scope.use(force):
            (told,) = Fact.objects.filter(kind=kind)
            assert told.body["lines"] == 1
            assert "knife" not in str(told.body)


def test_that_the_line_went_down_is_told_at_once_and_read_wherever_they_decide(call, sent):
    ola = world.signed_in("ola", "handler", force="southmere")
    assert "the caller is on the line with them" in ola.get("/desk/").content.decode()
    with scope.use("northmoor"):
        contacts.end(contact=call.pk, how="cut_off", by="link:trunk", at=clock.now())
    carry(sent)
    carry(sent)
    came = theirs()
    assert log_of(came.contact_id, "southmere").count("The line with Northmoor Police was cut off at ") == 1
    waiting = ola.get("/desk/").content.decode()
    assert "the caller is on the line with them" not in waiting
    assert "the caller is not on the line with them any more" in waiting
    page = ola.get(f"/referrals/from/{came.contact_id}/").content.decode()
    assert "The line with Northmoor Police was cut off" in page
    assert "The caller is on the line with them" not in page
    marian = world.signed_in("hana", "supervisor", force="southmere")
    assert "the caller is not on the line any more" in marian.get("/referrals/forces/").content.decode()


def test_the_end_of_a_call_carries_it_without_waiting_for_the_next_round(call, sent, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.carry, "defer", lambda **more: asked.append(more))
    with scope.use("northmoor"):
        contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
    assert asked == [{"force": "northmoor", "handover": sent.pk}]


def test_a_caller_who_was_not_on_the_line_does_not_hang_up_there(call):
    with scope.use("northmoor"):
        contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
    sent = hand_over(call)
    carry(sent)
    assert "hung up" not in log_of(theirs().contact_id, "southmere")


def test_only_what_may_cross_does(call, sent):
    """Not what another caller said, nor our own decisions and units, nor a line that was corrected before it crossed."""
    with scope.use("northmoor"):
        incident = world.an_incident(contact=call)
        other = world.an_answered_call(number="07700 900555")
        write(other, "I only saw it.", origin="caller")
        incidents.involve(incident=incident.pk, contact=other.pk, by=call.owner.code, at=clock.now())
        incidents.note(
            incident=incident.pk,
            text="Unit NM21 is two minutes away.",
            by=call.owner.code,
            at=clock.now(),
            written_at=clock.now(),
        )
        wrong = write(call, "He has a gun.")
        write(call, "He has a gull.", corrects=wrong.pk)
    carry(sent)
    log = log_of(theirs().contact_id, "southmere")
    assert "He has a gull." in log
    for words in ("a gun", "I only saw it", "NM21"):
        assert words not in log
    with scope.use("southmere"):
        assert theirs().since["total"] == 1


def test_a_line_that_had_crossed_and_was_wrong_is_corrected_there(call):
    wrong = add(call, "He has a gun.")
    sent = hand_over(call)
    carry(sent)
    add(call, "He has a gull.", corrects=wrong.pk)
    carry(sent)
    log = log_of(theirs().contact_id, "southmere")
    assert "Instead of what was written at " in log
    assert ": He has a gull." in log


def test_a_correction_as_long_as_a_line_may_be_keeps_no_answer_from_coming_back(call, sent):
    wrong = add(call, "He has a gun.", origin="caller")
    carry(sent)
    add(call, "a" * contacts.MAX_TEXT, corrects=wrong.pk)
    accept(theirs())
    carry(sent)
    assert ours(sent).state == "accepted"
    assert "Instead of what was written at" in log_of(theirs().contact_id, "southmere")
    with scope.use("southmere"):
        assert Line.objects.filter(text="a" * contacts.MAX_TEXT).exists()


def test_a_line_that_did_not_fit_is_said_to_be_missing_also_where_another_was_corrected(call, sent):
    wrong = add(call, "He has a gun.", origin="caller")
    carry(sent)
    add(call, "He has a stick.", corrects=wrong.pk)
    carry(sent)
    assert more.kept(theirs()).missing == 0
    add(call, "\N{PILE OF POO}" * contacts.MAX_TEXT, origin="caller")
    carry(sent)
    assert more.kept(theirs()).missing == 1


def test_of_files_they_read_that_there_are_some_and_whom_to_ask(call, sent):
    attach(call)
    carry(sent)
    carry(sent)
    came = theirs()
    assert log_of(came.contact_id, "southmere").count("1 file with Northmoor Police.") == 1
    page = world.signed_in("ola", "handler", force="southmere").get(f"/referrals/from/{came.contact_id}/").content.decode()
    assert "1 file with them. What is in it does not cross: ask them on 01632" in page
    with scope.use("southmere"):
        assert not files.of([came.contact_id]).exists()


def test_that_it_became_unsafe_to_ring_back_crosses_and_that_it_became_safe_does_not(call, sent):
    by = call.owner.code
    with scope.use("northmoor"):
        contacts.say_safe_contact(contact=call.pk, safe="any", by=by, at=clock.now())
    carry(sent)
    assert theirs().contact.safe_contact == "unknown"
    with scope.use("northmoor"):
        contacts.say_safe_contact(contact=call.pk, safe="no", by=by, at=clock.now())
    carry(sent)
    assert theirs().contact.safe_contact == "no"
    with scope.use("northmoor"):
        contacts.say_safe_contact(contact=call.pk, safe="any", by=by, at=clock.now())
    carry(sent)
    assert theirs().contact.safe_contact == "no"


def test_each_time_it_is_a_disclosure_here_and_a_collection_there(call, sent):
    add(call, "He has a knife.", origin="caller")
    carry(sent)
    carry(sent)
    day = {"since": clock.now() - timedelta(days=1), "until": clock.now() + timedelta(days=1), "by": "staff:1", "at": clock.now()}
    with scope.use("northmoor"):
        assert [one.recipient for one in access.read(kind="disclosure", **day).entries] == ["southmere"] * 2
    with scope.use("southmere"):
        assert len(access.read(kind="collection", **day).entries) == 2


def test_written_before_we_heard_that_they_accepted_it_crosses_for_information_and_later_it_does_not(call, sent):
    accept(theirs())
    add(call, "He has a knife.", origin="caller")
    carry(sent)
    came = theirs()
    log = log_of(came.contact_id, "southmere")
    assert "He has a knife." in log
    assert "After it was accepted here, Northmoor Police sent what they had written before they knew so" in log
    assert (ours(sent).state, ours(sent).tells_until) == ("accepted", None)
    add(call, "He has gone home.", origin="caller")
    carry(sent)
    assert "He has gone home." not in log_of(came.contact_id, "southmere")
    page = world.signed_in("bryn", "handler").get(f"/desk/{call.pk}/send/").content.decode()
    assert "What is written here now does not cross: ring them on 01632 960 100" in page


def test_written_while_the_answer_was_on_its_way_here_it_is_carried_once_more(call, sent, monkeypatch):
    """The order was taken up without the line; they accepted; the line was written; then we learned so."""
    accept(theirs())
    original = actions.keep

    def keep(**more):
        monkeypatch.setattr(actions, "keep", original)
        add(call, "He has a knife.", origin="caller")
        return original(**more)

    monkeypatch.setattr(actions, "keep", keep)
    carry(sent)
    assert "He has a knife." in log_of(theirs().contact_id, "southmere")
    assert ours(sent).tells_until is None


def test_what_could_not_be_told_after_they_accepted_it_is_said_and_tried_again(call, sent, monkeypatch):
    accept(theirs())
    add(call, "He has a knife.", origin="caller")
    with scope.use("northmoor"):
        order = actions.take_up(handover=sent.pk)
        add(call, "He has two knives.", origin="caller")
        with scope.use("southmere"):
            heard = actions.take_in(body=order.body, sender="northmoor", at=clock.now())
        assert actions.keep(handover=sent.pk, order=order, outcome=heard, at=clock.now())
        assert actions.still_to_carry() == [sent.pk]
    page = world.signed_in("bryn", "handler").get(f"/desk/{call.pk}/send/").content.decode()
    assert "has not reached them yet: ring them" in page
    add(call, "She is my wife.", origin="caller")
    carry(sent)
    assert "He has two knives." in log_of(theirs().contact_id, "southmere")
    assert "She is my wife." not in log_of(theirs().contact_id, "southmere"), "by then we knew that it was theirs"
    with scope.use("northmoor"):
        assert actions.still_to_carry() == []


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
def test_of_what_stays_ours_nothing_more_is_kept_there(call, sent, how):
    add(call, "He has a knife.", origin="caller")
    with scope.use("northmoor"):
        late = actions.take_up(handover=sent.pk)
        if how == "withdrawn":
            sending.recall(contact=call.pk, by=call.owner.code, at=clock.now())
            assert 'since":null' in actions.take_up(handover=sent.pk).body, "wanted back, it is told no more"
    came = theirs()
    if how == "declined":
        there = world.signed_in("ola", "handler", force="southmere")
        there.post(f"/referrals/from/{came.contact_id}/decline/", {"answer": "The pier is Farshire’s."}, HTTP_HX_REQUEST="true")
    else:
        carry(sent)
    with scope.use("southmere"):
        actions.take_in(body=late.body, sender="northmoor", at=clock.now())
    assert "knife" not in log_of(came.contact_id, "southmere")


def test_late_doubled_and_in_another_order_it_is_the_same_in_the_end(call, sent):
    orders = []
    for words in ("One.", "Two.", "Three."):
        add(call, words, origin="caller")
        with scope.use("northmoor"):
            orders.append(actions.take_up(handover=sent.pk))
    with scope.use("northmoor"):
        contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
        orders.append(actions.take_up(handover=sent.pk))
    wild = orders * 2
    random.Random(7).shuffle(wild)
    for order in wild:
        with scope.use("southmere"):
            heard = actions.take_in(body=order.body, sender="northmoor", at=clock.now())
        with scope.use("northmoor"):
            actions.keep(handover=sent.pk, order=order, outcome=heard, at=clock.now())
    log = log_of(theirs().contact_id, "southmere")
    assert [log.count(words) for words in ("One.", "Two.", "Three.", "hung up with")] == [1, 1, 1, 1]
    assert ours(sent).told == {"lines": 3, "files": 0, "is_gone": True, "is_unsafe": False}
    with scope.use("southmere"):
        at = list(Line.objects.filter(origin="caller").order_by("at", "pk").values_list("text", flat=True))
    assert at == ["He is on the pier with me.", "One.", "Two.", "Three."]


def test_it_comes_before_the_document_does_when_that_is_late(call):
    """The first message that arrives may be the second that was sent: nothing of either is lost, and nothing stands twice."""
    sent = hand_over(call)
    with scope.use("northmoor"):
        first = actions.take_up(handover=sent.pk)
    add(call, "He has a knife.", origin="caller")
    carry(sent)
    with scope.use("southmere"):
        actions.take_in(body=first.body, sender="northmoor", at=clock.now())
        assert Contact.objects.count() == 1
    assert log_of(theirs().contact_id, "southmere").count("He has a knife.") == 1


def test_another_installation_says_it_at_the_same_door_and_no_more_than_fits(call, machine):
    sent = hand_over(call)
    add(call, "He has a knife.", origin="caller")
    with scope.use("northmoor"):
        order = actions.take_up(handover=sent.pk)
    line = {"at": clock.now().isoformat(), "text": "x", "origin": "caller"}
    body = {"key": sent.key, "is_recalled": False, "document": sent.document}
    for wrong in (
        {"lines": [line]},
        {"lines": [{**line, "key": "no key"}]},
        {"lines": [{**line, "key": f"{n:016x}"} for n in range(101)]},
        {"lines": [{**line, "key": "ab" * 8, "text": "x" * 20_001}]},
        {"lines": [{**line, "key": "ab" * 8, "at": "0001-01-01T00:00:00Z"}]},  # no page could say it in local time
        {"gone": {"at": clock.now().isoformat(), "how": "eaten"}},
        {"gone": {"at": "9999-12-31T23:59:59Z", "how": "caller"}},
        {"files": -1},
        {"pk": 7},
    ):
        assert machine({**body, "since": wrong}).status_code == 422, wrong
    with scope.use("southmere"):
        assert not Contact.objects.exists()
    answer = machine({**body, "since": order.since.model_dump(mode="json")})
    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
    assert "He has a knife." in log_of(theirs().contact_id, "southmere")
    assert machine(body).status_code == 200, "who has nothing to add says nothing of it"


def test_however_much_was_said_before_and_after_it_fits_through_the_door_and_the_answer_comes_back(call, machine):
    for _ in range(10):
        add(call, "\N{PILE OF POO}" * 4000, origin="caller")
    sent = hand_over(call)
    for _ in range(10):
        add(call, '"' * 6000, origin="caller")
    with scope.use("northmoor"):
        order = actions.take_up(handover=sent.pk)
    assert crossing.MOST_BYTES == door.LARGEST
    assert machine(order.body, key=sent.key).status_code == 200
    with scope.use("southmere"):
        assert more.kept(theirs()).missing > 0, "and it is said that some did not come"


# --- the rule -----------------------------------------------------------------------------------------------------------

AT = world.NIGHT


def a_line(number: int, text: str = "x") -> Later:
    return Later(key=f"{number:016x}", at=AT + timedelta(seconds=number), text=text, origin="caller")


SINCES = st.builds(
    lambda upto, ends, files, unsafe: Since(
        lines=tuple(a_line(n) for n in range(upto)),
        total=upto,
        gone=Gone(at=AT, how="caller") if ends else None,
        files=files,
        is_unsafe=unsafe,
    ),
    st.integers(0, 8),
    st.booleans(),
    st.integers(0, 3),
    st.booleans(),
)


@given(st.lists(SINCES, max_size=8), st.randoms())
def test_in_whatever_order_and_however_often_it_comes_the_same_is_known_in_the_end(said, chance):
    once, wild = Kept(), Kept()
    for one in said:
        once = merged(once, one)
    mixed = said * 2
    chance.shuffle(mixed)
    for one in mixed:
        wild = merged(wild, one)
        assert merged(wild, one) == wild
    assert wild == once


def test_what_does_not_fit_is_counted_and_no_long_line_keeps_the_others_out():
    long = a_line(1, "\N{PILE OF POO}" * 20_000)
    assert fitting_since([a_line(0), long, a_line(2)]) == (a_line(0), a_line(2))
    assert fitting_since([a_line(0, "€" * 20_000)]) != (), "one line of the longest, in any script of the first plane"
    many = [a_line(n) for n in range(crossing.MOST_SINCE + 5)]
    assert fitting_since(many) == tuple(many[5:])
    kept = Kept()
    for start in range(0, crossing.MOST_KEPT + 200, 100):
        kept = merged(kept, Since(lines=tuple(a_line(n) for n in range(start, start + 100)), total=start + 100))
    assert (len(kept.lines), kept.missing) == (crossing.MOST_KEPT, 200)


def test_what_stands_under_a_key_stays_as_it_came():
    kept = merged(Kept(), Since(lines=(a_line(1, "He has a knife."),), total=1))
    assert merged(kept, Since(lines=(a_line(1, "He has nothing."),), total=1)) == kept
