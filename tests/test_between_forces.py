"""A caller belongs to another force: ours until somebody there accepts it by name, and no force sees a row of the other."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client

from tests import world
from watchroom.api import tokens
from watchroom.assessment.models import Assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact, Line
from watchroom.contacts.whereabouts import Report
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.duties.models import Duty
from watchroom.foundation import access, clock, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.incidents import actions as incidents
from watchroom.links.forces import actions, tasks
from watchroom.referrals.forces import queries, receiving, sending
from watchroom.referrals.models import FromForce, ToForce

pytestmark = pytest.mark.django_db
HER = "07700 900417"
WHY, RISK = "She stands at Southmere pier.", "He says that he will push her in."


@pytest.fixture
def call():
    """Answered in Northmoor, and she is on the line."""
    with scope.use("northmoor"):
        row = world.an_answered_call(number=HER, at=clock.now() - timedelta(seconds=30), caller_name="Leanne Whitcombe")
        write(row, "He is on the pier with me.", origin="caller")
        return row


def write(contact, text: str, **more) -> Line:
    return contacts.write(
        contact=contact.pk, text=text, at=clock.now(), written_at=clock.now(), **{"by": contact.owner.code} | more
    )


def hand_over(contact, *, at=None, **more) -> ToForce:
    with scope.use("northmoor"):
        said = {"to": "southmere", "because": WHY, "risk": RISK} | more
        return sending.hand_over(contact=contact.pk, by=contact.owner.code, at=at or clock.now(), **said)


def carry(handover: ToForce, force: str = "northmoor") -> None:
    """The job, as the worker does it."""
    async_to_sync(tasks.carry.func)(force, handover.pk)


def theirs() -> FromForce:
    with scope.use("southmere"):
        return FromForce.objects.select_related("contact").get()


def ours(handover: ToForce) -> ToForce:
    with scope.use("northmoor"):
        return ToForce.objects.get(pk=handover.pk)


def log_of(contact: int, force: str = "northmoor") -> str:
    with scope.use(force):
        return "\n".join(Line.objects.filter(contact=contact).order_by("pk").values_list("text", flat=True))


def owes(contact) -> Duty | None:
    with scope.use("northmoor"):
        return owed.open_for(("contact", contact.pk)).filter(kind="accepted").first()


def accept(came: FromForce, name: str = "ola"):
    with scope.use("southmere"):
        ola = world.a_member(name, "handler")
        return contacts.answer(contact=came.contact_id, member=ola, by=ola.code, at=clock.now())


def test_it_is_ours_until_somebody_there_accepts_it_and_theirs_from_then_on(call):
    sent = hand_over(call)
    assert owes(call).owner == call.owner.code
    assert owes(call).due_at == sent.due_at == sent.at + timedelta(seconds=120), "she is on the line"
    carry(sent)
    came = theirs()
    assert (came.contact.channel, came.contact.state, came.contact.caller_name) == ("force", "waiting", "Leanne Whitcombe")
    assert ours(sent).state == "delivered"
    assert owes(call) is not None, "delivered is not accepted"
    accept(came)
    with scope.use("southmere"):
        assert {"risk", "wrap_up"} <= {one.kind for one in owed.open_for(("contact", came.contact_id))}, "theirs begins at once"
    assert owes(call) is not None, "and ours ends only when we have heard so"
    carry(sent)
    assert owes(call) is None
    assert (ours(sent).state, ours(sent).answered_by, ours(sent).theirs) == ("accepted", "Ola", came.contact.reference)
    assert "Southmere Police accepted it (Ola)" in log_of(call.pk)
    for force, kind in (("northmoor", "ForceAnswered"), ("southmere", "HandoverAnswered")):
        with scope.use(force):
            (told,) = Fact.objects.filter(kind=kind)
            assert told.body["state"] == "accepted"
            assert "Ola" not in str(told.body)


def test_they_read_what_was_said_and_judge_it_anew(call):
    with scope.use("northmoor"):
        world.write_the_risk(call)
        world.an_incident(contact=call)
    sent = hand_over(call)
    carry(sent)
    came = theirs()
    log = log_of(came.contact_id, "southmere")
    assert "Risk, as Northmoor Police heard it: He says that he will push her in." in log
    assert "Judged by Northmoor Police: Threat" in log
    assert "He is on the pier with me." in log
    with scope.use("southmere"):
        assert not Assessment.objects.exists(), "their record begins empty"
        assert came.contact.attention == 2


def test_where_the_telephone_is_crosses_and_stands_on_their_map_where_they_have_one(call):
    with scope.use("northmoor"):
        world.a_place()  # at 0, 0 of the grid
        found = Report(source="aml", method="gnss", taken_at=call.transferred_at, radius=14.0)
        contacts.locate(contact=call.pk, found=found, point=(30.0, 40.0), by="link:aml", at=clock.now())
    sent = hand_over(call)
    position = sent.document["position"]
    assert (round(position["latitude"] - 54.6, 5), position["radius"]) == (round(40 / 111_320, 5), 14.0)
    with scope.use("southmere"):
        world.a_place("1 Pier Road")
    carry(sent)
    came = theirs().contact
    assert (round(came.located_x), round(came.located_y), came.located_radius) == (30, 40, 14.0)


def test_what_crosses_is_a_copy_and_no_row(call):
    carry(hand_over(call))
    with scope.use("southmere"), connection.cursor() as cursor:
        for table in (
            "contacts_contact",
            "contacts_line",
            "referrals_toforce",
            "referrals_fromforce",
            "duties_duty",
            "foundation_fact",
        ):
            cursor.execute(f"select distinct force from {table}")
            assert {row[0] for row in cursor.fetchall()} <= {"southmere"}, table
        assert not ToForce.objects.exists()
        assert Contact.objects.count() == 1
    with scope.use("northmoor"), connection.cursor() as cursor:
        cursor.execute("select count(*) from referrals_fromforce")
        assert cursor.fetchone() == (0,)


def test_a_victims_flag_crosses_without_its_words_and_a_restricted_one_without_its_kind(call):
    with scope.use("northmoor"):
        place = world.a_place()
        contacts.pick_place(contact=call.pk, place=place, by=call.owner.code, at=clock.now())
        world.a_flag(number=HER, title="Now at Haven Close", text="She lives at 4 Haven Close now.")
        world.a_flag("protected", place=place.pk, title="Witness", text="Witness Wren.")
        world.a_flag("firearms", place=place.pk, title="Shotgun in the hall", text="Loaded.")
    sent = hand_over(call)
    for words in ("Haven Close", "Witness", "Wren", "Protected"):
        assert words not in str(sent.document)
    assert {"title": "Domestic abuse", "text": "", "level": 1, "do_not_disclose": True} in sent.document["cautions"]
    assert {"title": "A restricted flag", "text": "Ask us before you act.", "level": 1, "do_not_disclose": True} in sent.document[
        "cautions"
    ]
    assert any(one["text"] == "Loaded." and "Shotgun" in one["title"] for one in sent.document["cautions"])
    carry(sent)
    log = log_of(theirs().contact_id, "southmere")
    assert "Flagged by Northmoor Police: Domestic abuse. Do not speak of it to whoever is on the telephone." in log


def test_only_this_callers_words_cross_and_none_that_were_corrected(call):
    with scope.use("northmoor"):
        incident = world.an_incident(contact=call)
        other = world.an_answered_call(number="07700 900555")
        write(other, "I only saw it.", origin="caller")
        incidents.involve(incident=incident.pk, contact=other.pk, by=call.owner.code, at=clock.now())
        wrong = write(call, "He has a gun.")
        write(call, "He has a gull.", corrects=wrong.pk)
    said = str(hand_over(call).document["said"])
    assert "gull" in said
    assert "gun" not in said
    assert "I only saw it" not in said


def test_what_was_pasted_from_a_letter_keeps_neither_the_handover_nor_the_answer_from_crossing(call, machine):
    """A bullet of a word processor (U+F0B7), a bell, and a character that is newer than we are: no words, and no reason to refuse."""
    odd = "\uf0b7 \x07\U000effff\x0b"
    with scope.use("northmoor"):
        Contact.objects.filter(pk=call.pk).update(caller_name=f"Leanne{odd}", place_said=f"The pier {odd}")
    sent = hand_over(call, because=f"{odd}{WHY}", risk=f"{RISK}\n{odd}He is drunk.")
    assert (sent.document["caller"]["name"], sent.document["because"]) == ("Leanne", f" {WHY}")
    carry(sent)
    came = theirs()
    with scope.use("southmere"):
        ola = world.a_member("ola", "handler")
        receiving.decline(
            contact=came.contact_id, member=ola, answer=f"{odd} The pier is Farshire’s.", by=ola.code, at=clock.now()
        )
    carry(sent)
    assert ours(sent).state == "declined", "they hear of it"
    document = {**sent.document, "risk": f"{odd}{RISK}", "caller": {**sent.document["caller"], "name": f"{odd}Leanne"}}
    answer = machine({"key": "ab" * 16, "is_recalled": False, "document": document})
    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")


def test_it_is_a_disclosure_there_and_a_collection_here(call):
    sent = hand_over(call)
    carry(sent)
    at = clock.now()
    day = {"since": at - timedelta(days=1), "until": at + timedelta(days=1), "by": "staff:1", "at": at}
    with scope.use("northmoor"):
        (entry,) = access.read(kind="disclosure", **day).entries
        assert (entry.subject, entry.by, entry.recipient) == (("contact", call.pk), call.owner.code, "southmere")
    with scope.use("southmere"):
        (entry,) = access.read(kind="collection", **day).entries
        assert (entry.subject, entry.by) == (("contact", theirs().contact_id), "force:northmoor")


def test_declined_it_is_ours_as_before_and_climbs_at_once_until_a_person_takes_it_up(call):
    sent = hand_over(call)
    carry(sent)
    came = theirs()
    with scope.use("southmere"):
        ola = world.a_member("ola", "handler")
        with pytest.raises(Invalid, match="why it is not ours"):
            receiving.decline(contact=came.contact_id, member=ola, answer="no", by=ola.code, at=clock.now())
        receiving.decline(contact=came.contact_id, member=ola, answer="The pier is Farshire’s.", by=ola.code, at=clock.now())
        row = Contact.objects.get()
        assert (row.state, row.answered_at) == ("wrapped", None)
        assert not owed.open_for(("contact", row.pk)).exists(), "nothing is owed of what stays theirs"
        with pytest.raises(Refused, match="went back"):
            contacts.answer(contact=row.pk, member=ola, by=ola.code, at=clock.now())
    carry(sent)
    assert ours(sent).state == "declined"
    assert "declined it (Ola): The pier is Farshire’s. It is still ours" in log_of(call.pk)
    with scope.use("northmoor"):
        duties.sweep(at=clock.now())
        assert owes(call).owner == "desk:supervisor"
        contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
        world.write_the_risk(call)
        with pytest.raises(Refused, match="still ours"):
            contacts.wrap_up(contact=call.pk, by=call.owner.code, at=clock.now())
        assert [row.pk for row in queries.unsettled()] == [sent.pk]
        sending.keep(contact=call.pk, by=call.owner.code, at=clock.now())
        assert owes(call) is None
        assert contacts.wrap_up(contact=call.pk, by=call.owner.code, at=clock.now()).state == "wrapped"


def test_not_accepted_in_time_it_climbs_and_the_sender_reads_so(call):
    sent = hand_over(call)
    carry(sent)
    with scope.use("northmoor"):
        duties.sweep(at=sent.due_at - timedelta(seconds=1))
        assert owes(call).owner == call.owner.code
        duties.sweep(at=sent.due_at)
        assert owes(call).owner == "desk:supervisor"
    assert "Not accepted in time by Southmere Police: it is still ours. Ring them on 01632 960 100" in log_of(call.pk)


def test_however_often_it_is_carried_it_is_one_contact(call):
    sent = hand_over(call)
    for _ in range(3):
        carry(sent)
    with scope.use("southmere"):
        assert Contact.objects.count() == FromForce.objects.count() == 1
        assert Line.objects.filter(text="He is on the pier with me.").count() == 1
    assert log_of(call.pk).count("Southmere Police have it") == 1


@pytest.mark.parametrize("breaks", ["take_in", "keep"])
def test_killed_on_the_way_there_or_back_it_is_said_again_and_nothing_is_lost(call, monkeypatch, breaks):
    sent = hand_over(call)
    original = getattr(actions, breaks)

    def killed(**more):
        original(**more)
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, breaks, killed)
    with pytest.raises(KeyboardInterrupt):
        carry(sent)
    assert ours(sent).state == "sent", "what was not committed is not known"
    monkeypatch.setattr(actions, breaks, original)
    async_to_sync(tasks.carry_all.func)(0)
    assert ours(sent).state == "delivered"
    with scope.use("southmere"):
        assert Contact.objects.count() == 1


def test_it_is_taken_back_unless_somebody_there_was_quicker(call):
    sent = hand_over(call)
    carry(sent)
    with scope.use("northmoor"):
        sending.recall(contact=call.pk, by=call.owner.code, at=clock.now())
        assert owes(call) is not None
    accept(theirs())
    carry(sent)
    assert ours(sent).state == "accepted"
    again = hand_over(call)
    with scope.use("northmoor"):
        sending.recall(contact=call.pk, by=call.owner.code, at=clock.now())
    carry(again)
    assert ours(again).state == "withdrawn", "it came after it was wanted back, and never rang there"
    assert owes(call) is None
    with scope.use("southmere"):
        assert Contact.objects.count() == 1
    third = hand_over(call)
    carry(third)
    with scope.use("northmoor"):
        sending.recall(contact=call.pk, by=call.owner.code, at=clock.now())
    carry(third)
    assert ours(third).state == "withdrawn"
    with scope.use("southmere"):
        assert set(Contact.objects.values_list("state", flat=True)) == {"answered", "wrapped"}


def test_a_force_that_cannot_take_it_is_said_to_the_sender_and_tried_again(call, monkeypatch):
    sent = hand_over(call)

    def refuses(**_):
        raise Refused("No.")

    with monkeypatch.context() as broken:
        broken.setattr(actions, "take_in", refuses)
        carry(sent)
        carry(sent)
    assert ours(sent).problem == "refused"
    assert log_of(call.pk).count("Not delivered yet: their system refused it") == 1
    carry(sent)
    assert (ours(sent).state, ours(sent).problem) == ("delivered", "")


def test_what_is_on_its_way_is_not_handed_over_twice_and_not_to_ourselves(call):
    hand_over(call)
    with pytest.raises(Refused, match="on its way to Southmere Police already"):
        hand_over(call)
    with pytest.raises(Invalid, match="Choose the force"):
        hand_over(call, to="northmoor")
    with pytest.raises(Invalid, match="danger"):
        hand_over(call, risk="")


def test_one_that_is_accepted_asks_nobody_of_ours_to_come(call):
    with scope.use("northmoor"):
        incident = world.an_incident(contact=call)
        incidents.grade(
            incident=incident.pk, to="immediate", justification="On the pier with her.", by=call.owner.code, at=clock.now()
        )
        assert owed.is_owed("attend", ("incident", incident.pk))
    sent = hand_over(call)
    carry(sent)
    with scope.use("northmoor"):
        assert owed.is_owed("attend", ("incident", incident.pk)), "ours until they accept"
    accept(theirs())
    carry(sent)
    with scope.use("northmoor"):
        assert not owed.is_owed("attend", ("incident", incident.pk))
        assert owed.is_owed("close", ("incident", incident.pk)), "the log is closed by a person"


def test_who_rang_about_the_same_and_stays_with_us_is_still_promised_that_somebody_comes(call):
    with scope.use("northmoor"):
        incident = world.an_incident(contact=call)
        incidents.grade(
            incident=incident.pk, to="immediate", justification="On the pier with her.", by=call.owner.code, at=clock.now()
        )
        other = world.an_answered_call(number="07700 900418", at=clock.now() - timedelta(seconds=20))
        incidents.involve(incident=incident.pk, contact=other.pk, by=other.owner.code, at=clock.now())
    sent = hand_over(call)
    carry(sent)
    accept(theirs())
    carry(sent)
    with scope.use("northmoor"):
        assert owed.is_owed("attend", ("incident", incident.pk)), "the other caller is ours"
    sent = hand_over(other)
    carry(sent)
    with scope.use("southmere"):
        came = FromForce.objects.select_related("contact").latest("pk")
        eve = world.a_member("eve", "handler")
        contacts.answer(contact=came.contact_id, member=eve, by=eve.code, at=clock.now())
    carry(sent)
    with scope.use("northmoor"):
        assert not owed.is_owed("attend", ("incident", incident.pk)), "all of them are theirs"


# --- another installation ---------------------------------------------------------------------------------------------


@pytest.fixture
def machine():
    """Another installation's force, at our door: put(message) → answer."""
    with scope.use("southmere"):
        _, token = tokens.create(name="farshire", by="system:tests", at=clock.now(), permissions=["handovers.receive"])
        _, other = tokens.create(name="exchange", by="system:tests", at=clock.now(), permissions=["contacts.receive"])
    client = Client()

    def put(message: dict, *, key: str = "", secret: str = token):
        path = f"/api/v1/handovers/{key or message['key']}"
        return client.put(path, message, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {secret}")

    put.other = other
    return put


def test_another_installation_hands_over_by_the_interface_and_asks_until_there_is_an_answer(call, machine):
    sent = hand_over(call)
    message = {"key": sent.key, "is_recalled": False, "document": sent.document}
    first = machine(message)
    assert (first.status_code, first.json()["state"]) == (200, "waiting")
    assert machine(message).json() == first.json()
    came = theirs()
    assert came.sender == "link:farshire"
    accept(came)
    answer = machine(message).json()
    assert (answer["state"], answer["name"]) == ("accepted", "Ola")
    assert machine({**message, "is_recalled": True}).json()["state"] == "accepted", "too late"


def test_the_door_takes_nothing_that_is_not_whole(call, machine):
    sent = hand_over(call)
    message = {"key": sent.key, "is_recalled": False, "document": sent.document}
    assert machine(message, secret=machine.other).status_code == 403
    assert machine(message, secret="southmere." + "x" * 43).status_code == 401
    assert machine(message, key="0" * 32).status_code == 422
    assert machine({**message, "document": None}).status_code == 422
    assert machine({**message, "document": {**sent.document, "person": 7}}).status_code == 422
    assert machine({**message, "document": {**sent.document, "risk": "x" * 4001}}).status_code == 422
    with scope.use("southmere"):
        assert not Contact.objects.exists()


# --- the screens ------------------------------------------------------------------------------------------------------


def test_one_command_hands_it_over_and_the_page_says_how_it_stands(call):
    client = world.signed_in("bryn", "handler")
    page = client.get(f"/desk/{call.pk}/send/").content.decode()
    assert "Hand over to another force" in page
    said = {"to": "southmere", "because": WHY, "risk": RISK}
    assert client.post(f"/referrals/to/{call.pk}/", said, HTTP_HX_REQUEST="true").status_code == 200
    page = client.get(f"/desk/{call.pk}/send/").content.decode()
    assert "Ours until they accept it." in page
    with scope.use("northmoor"):
        sent = ToForce.objects.get()
    carry(sent)
    there = world.signed_in("ola", "handler", force="southmere")
    came = theirs()
    waiting = there.get("/desk/").content.decode()
    assert "From Northmoor Police" in waiting
    assert "Accept" in waiting
    reads = there.get(f"/referrals/from/{came.contact_id}/").content.decode()
    assert RISK in reads
    assert "Accept: the risk is ours" in reads
    assert "force:northmoor" not in there.get(f"/desk/{came.contact_id}/").content.decode()
    refused = there.post(f"/referrals/from/{came.contact_id}/decline/", {"answer": ""}, HTTP_HX_REQUEST="true")
    assert refused.status_code == 422
    declined = there.post(
        f"/referrals/from/{came.contact_id}/decline/", {"answer": "The pier is Farshire’s."}, HTTP_HX_REQUEST="true"
    )
    assert declined.status_code == 204
    carry(sent)
    page = client.get(f"/desk/{call.pk}/send/").content.decode()
    assert "The pier is Farshire’s." in page
    assert "We deal with it" in page
    marian = world.signed_in("marian", "supervisor")
    assert "The pier is Farshire’s." in marian.get("/referrals/forces/").content.decode()
    assert client.post(f"/referrals/to/{call.pk}/keep/", {}, HTTP_HX_REQUEST="true").status_code == 200
    assert owes(call) is None


def test_nobody_of_the_one_force_opens_what_is_the_others(call):
    carry(hand_over(call))
    here, there = world.signed_in("bryn", "handler"), world.signed_in("ola", "handler", force="southmere")
    came = theirs()
    assert came.contact_id != call.pk
    assert here.get(f"/referrals/from/{came.contact_id}/").status_code == 404
    assert there.get(f"/desk/{call.pk}/").status_code == 404
    assert there.post(f"/referrals/to/{call.pk}/recall/").status_code == 404
