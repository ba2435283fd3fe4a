"""Each caller of the demo comes by the door of their channel, and a colleague can work each of them through to the end."""

import random
from datetime import timedelta

import pytest

from tests import world
from watchroom.contacts.models import Contact, Line, Message
from watchroom.demo import scripts, simulator

CALLERS = {
    "text-from-the-loft": "+447700900417",
    "chat-cannot-speak": "",
    "email-after-the-burglary": "",
    "answerphone-they-are-back": "+441632960777",
    "welsh-boat-shed": "+447700900418",
    "relay-fumes": "+447700900419",
}


def arrives(code: str) -> tuple[simulator.Room, Contact]:
    room, script = simulator.Room(random.Random(1)), scripts.load()[code]
    text = scripts._Cast._written(script, script.moments)
    arrival = scripts.Arrival(
        world.NIGHT,
        script,
        None,
        scripts.NOWHERE,
        f"demo:{code}",
        CALLERS[code],
        "",
        "",
        "9 Mill Lane",
        None,
        script.moments,
        text,
    )
    simulator._arrive(room, arrival)
    return room, Contact.objects.get()


@pytest.mark.parametrize("code", CALLERS)
def test_a_colleague_works_it_through_whatever_the_channel(northmoor, settings, tmp_path, code):
    settings.WATCHROOM_DATA = tmp_path
    room, row = arrives(code)
    (call,) = room.calls.values()
    dawit = world.a_member(simulator.COLLEAGUE, "handler")
    for seconds in range(100, 260, 2):
        at, row = world.after(seconds), Contact.objects.get(pk=row.pk)
        simulator._speak(call, row, at)
        simulator._help(room, call, row, dawit, at)
    row.refresh_from_db()
    assert row.state == "wrapped"
    if row.channel in ("chat", "emergency_sms"):
        said = list(Line.objects.filter(contact=row, origin="caller").order_by("pk").values_list("text", flat=True))
        assert said[0] == call.arrival.moments[0].text
        assert len(said) == call.spoken > 2
        assert Line.objects.filter(contact=row, origin="to_caller").exists()


@pytest.mark.parametrize(("code", "way", "language"), [("welsh-boat-shed", "", "welsh"), ("relay-fumes", "text_relay", "")])
def test_how_they_speak_is_known_before_the_answer(northmoor, code, way, language):
    row = arrives(code)[1]
    assert (row.state, row.way, row.language) == ("waiting", way, language)


def test_a_message_has_a_recording_that_can_be_played(northmoor, settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    _, row = arrives("answerphone-they-are-back")
    message = Message.objects.get(contact=row)
    assert message.attachment.kind == "wav"
    assert message.attachment.size > 10_000


def test_the_page_of_a_chat_stays_open_while_nobody_answers(northmoor):
    room, row = arrives("chat-cannot-speak")
    (call,) = room.calls.values()
    later = world.NIGHT + timedelta(minutes=5)
    simulator._speak(call, row, later)
    assert Contact.objects.get(pk=row.pk).chat.seen_at == later
