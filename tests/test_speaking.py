"""Callers who cannot speak, hear or use English: each comes by a path of its own to the same act of risk."""

from datetime import timedelta

import pytest

from tests import world
from tests.test_offers import at_the_waiting_page, offered, ring
from watchroom.contacts import actions as contacts
from watchroom.contacts import offers, queries, speaking, stages
from watchroom.contacts.attendant import actions as attendant
from watchroom.contacts.models import Contact, Interpreter, Line
from watchroom.demand.queries import day as days
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import actions as forces
from watchroom.force import packs
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact

pytestmark = pytest.mark.usefixtures("northmoor")
BAR = {"HTTP_ACCEPT": "application/json"}


def panel(client, call) -> str:
    return client.get(f"/desk/{call.pk}/send/").content.decode()


@pytest.mark.parametrize(
    "marks", [(), ("text_relay",), ("bsl_relay",), ("welsh",), ("polish",), ("text_relay", "welsh"), ("morse",)], ids="+".join
)
def test_whichever_way_they_speak_the_same_risk_is_owed_and_nothing_is_written_up_without_it(marks) -> None:
    call = world.an_answered_call(marks=marks)
    duty = next(one for one in owed.open_for(("contact", call.pk)) if one.kind == "risk")
    assert (duty.owner, duty.due_at) == (call.owner.code, world.after(4 + 600))
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=world.after(60))
    with pytest.raises(Refused, match="risk is not written yet"):
        contacts.wrap_up(contact=call.pk, by=call.owner.code, at=world.after(90))
    world.write_the_risk(call)
    assert contacts.wrap_up(contact=call.pk, by=call.owner.code, at=world.after(120)).state == "wrapped"


def test_a_call_by_text_relay_is_marked_before_the_answer_and_says_what_it_means_for_the_pace() -> None:
    bryn = world.signed_in("bryn", "handler")
    call = world.a_call(marks=["text_relay"], at=clock.now())
    assert "Text relay" in bryn.get("/desk/").content.decode()
    bryn.post(f"/contacts/{call.pk}/answer/")
    page = bryn.get(f"/desk/{call.pk}/").content.decode()
    assert "Each turn takes its time" in page
    assert "Speak to the caller, never about them" in page


def test_a_mark_that_nobody_knows_turns_no_call_away() -> None:
    call = world.a_call(marks=["morse"])
    assert (call.way, call.language) == ("", "")
    assert "“morse”" in Line.objects.get(contact=call, origin="system").text


def test_a_welsh_call_waits_for_a_welsh_speaker_within_the_time_and_an_emergency_for_nobody() -> None:
    at = clock.now()
    bryn = at_the_waiting_page("bryn", at)
    call = ring("welsh", marks=["welsh"], at=at)
    offers.route(at=at + timedelta(seconds=59))
    assert offered(call) is None
    offers.route(at=at + timedelta(seconds=60))
    assert offered(call) == bryn
    contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=at + timedelta(seconds=61))
    carys, _ = at_the_waiting_page("carys", at + timedelta(seconds=62), welsh=1), at_the_waiting_page("dawit", at)
    second = ring("999", "999", marks=["welsh"], at=at + timedelta(seconds=63))
    offers.route(at=at + timedelta(seconds=63))
    assert offered(second) == carys
    third = ring("999 too", "999", marks=["welsh"], at=at + timedelta(seconds=64))
    offers.route(at=at + timedelta(seconds=64))
    assert offered(third).name == "dawit"


def test_who_chose_by_key_what_asks_for_a_skill_is_offered_to_who_has_it_and_after_the_time_to_anybody(northmoor) -> None:
    text = (packs.DATA / "northmoor.toml").read_text()
    pack = packs.load(text.replace('label = "Report something"', 'label = "Report something"\nskill = "digital"'))
    forces.adopt(policy=pack, by="system:tests", at=clock.now())
    at = clock.now()
    bryn = at_the_waiting_page("bryn", at)
    call = ring("chose", at=at, caller_number="07700 900417")
    attendant.enter(contact=call.pk, by="link:trunk", at=at)
    attendant.chose(contact=call.pk, menu="online", by="link:trunk", at=at + timedelta(seconds=40))
    attendant.queued(contact=call.pk, by="link:trunk", at=at + timedelta(seconds=50))
    offers.route(at=at + timedelta(seconds=109))
    assert offered(call) is None, "kept since they are through the menu, and not since they rang"
    carys = at_the_waiting_page("carys", at + timedelta(seconds=109), digital=1)
    offers.route(at=at + timedelta(seconds=109))
    assert offered(call) == carys
    other = ring("other", at=at, caller_number="07700 900418")
    attendant.enter(contact=other.pk, by="link:trunk", at=at)
    attendant.chose(contact=other.pk, menu="online", by="link:trunk", at=at + timedelta(seconds=40))
    attendant.queued(contact=other.pk, by="link:trunk", at=at + timedelta(seconds=50))
    offers.route(at=at + timedelta(seconds=111))
    assert offered(other) == bryn


def test_callers_whom_nobody_here_can_take_keep_nobody_out_of_sight() -> None:
    at = clock.now()
    bryn = at_the_waiting_page("bryn", at)
    for number in range(3):
        ring(f"welsh {number}", marks=["welsh"], at=at - timedelta(seconds=30 - number))
    plain = ring("plain", at=at)
    offers.route(at=at)
    assert offered(plain) == bryn


def test_the_delay_of_an_interpreter_is_measured_from_the_asking_to_their_being_there() -> None:
    call = world.an_answered_call(marks=["polish"])
    by = {"contact": call.pk, "by": call.owner.code}
    one = speaking.ask(at=world.after(20), **by)
    assert speaking.ask(at=world.after(25), **by) == one
    assert [row.contact_id for row in queries.awaiting_interpreter()] == [call.pk]
    speaking.joined(at=world.after(110), **by)
    speaking.joined(at=world.after(115), **by)
    assert queries.awaiting_interpreter() == []
    speaking.ended(at=world.after(300), **by)
    call.refresh_from_db()
    kept = [(one.stage, one.at) for one in stages.of(call) if one.stage.startswith("interp")]
    assert kept == [("interp_asked", world.after(20)), ("interp_joined", world.after(110)), ("interp_ended", world.after(300))]
    found = days.day(world.NIGHT.date(), at=world.after(400))
    assert found.of("interpreter_delay").value == 90
    assert found.of("interpreter_delay", "polish").value == 90
    assert found.of("interpreter_none").value == 0
    assert found.of("speaking", "polish").value == 1
    assert found.of("speaking_wait", "polish").value == 4


def test_an_interpreter_who_never_comes_is_on_record_when_the_call_ends() -> None:
    call = world.an_answered_call(marks=["polish"])
    speaking.ask(contact=call.pk, by=call.owner.code, at=world.after(20))
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=world.after(80))
    one = Interpreter.objects.get()
    assert (one.joined_at, one.ended_at) == (None, world.after(80))
    assert "No interpreter came, 60 s after" in Line.objects.get(contact=call, origin="system").text
    found = days.day(world.NIGHT.date(), at=world.after(400))
    assert (found.of("interpreter_none").value, found.of("interpreter_delay").value) == (100, None)


@pytest.mark.parametrize("then", ["joined", "ended", "call_ends"])
def test_an_interpreter_who_does_not_come_in_time_is_owed_and_becomes_the_supervisors(then) -> None:
    call = world.an_answered_call(marks=["polish"])
    by = {"contact": call.pk, "by": call.owner.code}
    speaking.ask(at=world.after(20), **by)
    (duty,) = owed.open_for(("contact", call.pk)).filter(kind="interpreter")
    assert (duty.owner, duty.due_at) == (call.owner.code, world.after(20 + 120))
    duties.sweep(at=world.after(139))
    duty.refresh_from_db()
    assert duty.owner == call.owner.code
    duties.sweep(at=world.after(141))
    duty.refresh_from_db()
    assert (duty.owner, duty.settled_at) == ("desk:supervisor", None)
    if then == "call_ends":
        contacts.end(contact=call.pk, how="caller", by="link:trunk", at=world.after(200))
    else:
        {"joined": speaking.joined, "ended": speaking.ended}[then](at=world.after(200), **by)
    assert not owed.is_owed("interpreter", ("contact", call.pk))


def test_what_cannot_be_is_said_and_changes_nothing() -> None:
    call = world.an_answered_call()
    by = {"contact": call.pk, "by": call.owner.code, "at": world.after(9)}
    with pytest.raises(Refused, match="Say first which language"):
        speaking.ask(**by)
    for act in (speaking.joined, speaking.ended):
        with pytest.raises(Refused, match="No interpreter was asked"):
            act(**by)
    with pytest.raises(Invalid, match="ways in the list"):
        speaking.mark(way="morse", **by)
    with pytest.raises(Invalid, match="languages in the list"):
        speaking.say_language(language="klingon", **by)
    with pytest.raises(Refused, match="no interpreter can join"):
        speaking.ask(contact=world.a_call(marks=["polish"]).pk, by="staff:1", at=world.after(9))
    assert not Fact.objects.filter(kind__in=("WayMarked", "LanguageSaid")).exists()


def test_by_keys_language_then_interpreter_then_there_then_gone() -> None:
    bryn, call = world.signed_in("bryn", "handler"), world.an_answered_call(at=clock.now())
    assert 'data-say="Ask for an interpreter"' not in panel(bryn, call)
    assert bryn.post(f"/contacts/{call.pk}/speaking/", {"language": "klingon"}, **BAR).status_code == 422
    assert bryn.post(f"/contacts/{call.pk}/speaking/", {"language": "urdu", "way": ""}, **BAR).status_code == 200
    for step, offers_next in (
        ("ask", "The interpreter is there"),
        ("joined", "The interpreter is gone"),
        ("ended", "Ask for an"),
    ):
        assert bryn.post(f"/contacts/{call.pk}/interpreter/", {"step": step}, **BAR).status_code == 200
        assert offers_next in panel(bryn, call)
        if step == "ask":
            marian = world.signed_in("marian", "supervisor")
            assert "Waits for an interpreter: Urdu" in marian.get("/supervisor/room/").content.decode()
    assert bryn.post(f"/contacts/{call.pk}/interpreter/", {"step": "dance"}, **BAR).status_code == 422
    assert "An interpreter came after" in panel(bryn, call)
    assert Contact.objects.get(pk=call.pk).language == "urdu"
    analyst = world.signed_in("ida", "analyst")
    assert "By a relay, or in another language" in analyst.get("/demand/").content.decode()
