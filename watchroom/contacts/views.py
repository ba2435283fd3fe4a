"""Answering a contact, what is said on it, and how it ends."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from watchroom.contacts import actions, silence
from watchroom.contacts.models import Contact
from watchroom.contacts.rules import FORCE
from watchroom.foundation import clock, memory
from watchroom.foundation.errors import Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers
from watchroom.staff import actions as staff


@memory.while_reading
def find(contact: int) -> Contact:
    """The contact of this force, or 404."""
    return get_object_or_404(Contact.objects.select_related("place", "place__beat", "owner"), pk=contact)


def mine(request: StaffRequest, contact: int) -> Contact:
    """The same, unless a colleague has it: nobody ends or writes up somebody else's call. Raises Refused."""
    row = find(contact)
    if row.owner and row.owner_id != request.user.pk and row.state != Contact.State.WRAPPED:
        raise Refused(f"{row.owner.full_name} has this one. Ask them, or a supervisor, before you end it or write it up.")
    return row


@needs("contacts.take")
@require_POST
def answer(request: StaffRequest, contact: int) -> HttpResponse:
    """Take it: the caller is on the line, or the message is mine to read. Goes to the contact's page."""
    at = clock.now()
    row = actions.answer(contact=find(contact).pk, member=request.user, by=request.user.code, at=at)
    staff.show_state(member=request.user, state="on_call", at=at)
    said = "Accepted: the risk is ours." if row.channel == FORCE else "Answered."
    return answers.go(request, reverse("desk:contact", args=[row.pk]), said=said)


@needs("contacts.write")
@require_POST
def ask_101(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `answer`: did this 999 caller try 101 first? (R14)"""
    actions.ask_101(contact=find(contact).pk, answer=request.POST.get("answer", ""), by=request.user.code, at=clock.now())
    return answers.done(request, answers.nothing, "wr:contact", said="Kept what they said about 101.")


@needs("contacts.write")
@require_POST
def safe(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `safe`, `times`, `may_leave_message`: is it safe to call back, when, and may a message be left?"""
    actions.say_safe_contact(
        contact=find(contact).pk,
        safe=request.POST.get("safe", ""),
        times=request.POST.get("times", ""),
        may_leave_message=request.POST.get("may_leave_message") == "yes",
        by=request.user.code,
        at=clock.now(),
    )
    return answers.done(request, answers.nothing, "wr:contact", said="Kept how to reach them safely.")


@needs("contacts.write")
@require_POST
def heard(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `sound`, `words`: nobody speaks, and this is heard, or 55 detected."""
    row, at = find(contact), clock.now()
    sound, words = request.POST.get("sound", ""), request.POST.get("words", "")
    answers.once(
        request,
        "contacts.heard",
        lambda: silence.note(contact=row.pk, sound=sound, words=words, by=request.user.code, at=at).pk,
    )
    return answers.done(request, answers.nothing, "wr:contact", "wr:line", said="Noted; it stands in the log.")


@needs("contacts.write")
@require_POST
def end(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `how`: the handler hangs up, or the line was cut off."""
    how = "cut_off" if request.POST.get("how") == "cut_off" else "handler"
    at = clock.now()
    row = actions.end(contact=mine(request, contact).pk, how=how, by=request.user.code, at=at)
    if row.owner_id == request.user.pk:
        staff.show_state(member=request.user, state="wrap_up", at=at)
    return answers.done(request, answers.nothing, "wr:contact", said="The call has ended; write up what is owed.")
