"""Real calls: sipp rings a real Asterisk, the link's own process makes contacts of them, and people answer at the desk."""

import pytest

from watchroom.contacts import actions as contacts
from watchroom.contacts import calls
from watchroom.foundation import clock

pytestmark = pytest.mark.long


def test_a_call_is_answered_heard_recorded_and_ended(room):
    bryn = room.members["bryn"]
    room.callers(1)
    call = room.contact(0, "waiting")
    assert (call.channel, call.caller_number, call.call_key[:9]) == ("999", "+447700900000", "asterisk:")
    room.answer(call, bryn)
    room.hears(call, "caller", "handler.bryn")
    calls.hold(contact=call.pk, by=bryn.code, at=clock.now())
    room.hears(call, "handler.bryn")
    calls.resume(contact=call.pk, by=bryn.code, at=clock.now())
    room.hears(call, "caller", "handler.bryn")
    contacts.end(contact=call.pk, how="handler", by=bryn.code, at=clock.now())
    room.is_quiet()
