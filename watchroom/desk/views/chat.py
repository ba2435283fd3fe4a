"""Writing with somebody on the public page: what is said to the caller, and which of my chats waits for me.

What goes to the caller has a field, a colour and a key of its own; the log beside it is the room's own, and no line of it is sent.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.chat import actions, queries
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept
from watchroom.staff import queries as staff


@needs("desk.handler")
@require_GET
def panel(request: StaffRequest, contact: int) -> HttpResponse:
    """The conversation, and the field in which one writes to the caller."""
    row = find(contact)
    consult(request, row)
    return render(request, "desk/_chat.html", context(request, row))


@needs("desk.handler")
@require_GET
def strip(request: StaffRequest) -> HttpResponse:
    """My open chats, in the order in which I took them; who waits for my reply, and since when. Then who is on my line besides.

    GET `here`: the contact whose page is open.
    """
    here = request.GET.get("here", "")
    current = int(here) if here.isdecimal() and len(here) < 19 else 0
    return render(request, "desk/_chats.html", {"chats": open_chats(request, current), "here": current})


@needs("contacts.write")
@require_POST
def say(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `text`: write it to the caller. A repeat after a lost answer is the same message."""
    row, at = find(contact), clock.now()
    text, by = request.POST.get("text", ""), request.user.code
    answers.once(request, "desk.chat.say", lambda: actions.say(contact=row.pk, text=text, by=by, at=at).pk)
    drafts.forget_draft(member=request.user.pk, key=_draft(row), sent=text)

    def part() -> HttpResponse:
        return render(request, "desk/_chat_lines.html", context(request, row))

    return answers.done(request, part, "wr:line", "wr:said", said="Sent to the caller.")


@needs("contacts.write")
@require_POST
def writing(request: StaffRequest, contact: int) -> HttpResponse:
    """The caller sees for some seconds that somebody writes to them, never what."""
    row = find(contact)
    actions.note_writing(contact=row.pk, by=request.user.code, at=clock.now())
    return HttpResponse(status=204)


@needs("contacts.write")
@require_POST
def pass_on(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `to` and `note`: a colleague goes on with it."""
    row, member = find(contact), staff.chosen(request.POST.get("to", ""))
    if member is None:
        raise Invalid(to="Choose a colleague.")
    note, by, at = request.POST.get("note", ""), request.user.code, clock.now()
    actions.pass_on(contact=row.pk, to=member, note=note, by=by, at=at)
    return answers.go(request, reverse("desk:waiting"), said=f"{member.full_name} has it now.")


@needs("contacts.write")
@require_POST
def looked(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `text`: they went quiet, and this is what I did or found."""
    row, by, at = find(contact), request.user.code, clock.now()
    text = request.POST.get("text", "")
    answers.once(request, "desk.chat.looked", lambda: actions.look(contact=row.pk, text=text, by=by, at=at).pk)

    def part() -> HttpResponse:
        return render(request, "desk/_chat.html", context(request, row))

    return answers.done(request, part, "wr:line", "wr:contact", said="Kept.")


def context(request: StaffRequest, row: Contact) -> dict[str, Any]:
    at = clock.now()
    policy = force.policy_at(at).policy
    chat = queries.of(row.pk)
    if chat is None:
        return {"contact": row, "chat": None}
    is_mine = row.owner_id == request.user.pk
    is_open = row.state == Contact.State.ANSWERED
    return {
        "contact": row,
        "chat": chat,
        "lines": [shown_line(line) for line in queries.spoken(row.pk)],
        "is_mine": is_mine,
        "is_open": is_open,
        "may_write": is_mine and is_open and request.user.may("contacts.write"),
        "is_gone": is_open and queries.shown(chat.contact, at=at).is_gone,
        "owes_look": owed.is_owed("quiet", ("contact", row.pk)) and request.user.may("contacts.write"),
        "canned": policy.chat.answers,
        "colleagues": staff.colleagues("contacts.take", but=request.user.pk, at=at) if is_mine and is_open else [],
        "unsent": kept.draft(member=request.user.pk, key=_draft(row)),
        "draft": _draft(row),
    }


def shown_line(line: Any) -> dict[str, Any]:
    """A message as the room sees it; the same for the page and for the live stream."""
    return {"pk": line.pk, "text": line.text, "at": line.at, "is_ours": line.origin == "to_caller"}


def open_chats(request: HttpRequest, current: int = 0) -> list[dict[str, Any]]:
    """For the strip: each with its key. The call whose page is open is no other conversation."""
    found = queries.open_of(request.user.pk or 0, at=clock.now())
    shown = [one for one in found if not (one.contact.is_call and one.contact.pk == current)]
    return [{"number": number, "one": one, "is_here": one.contact.pk == current} for number, one in enumerate(shown, 1)]


def _draft(row: Contact) -> str:
    return f"contact:{row.pk}:caller"
