"""Answering somebody who wrote an e-mail: only when it is safe, to an address that was read twice."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts import sending
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find, mine
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.links.email import actions, rules, servers
from watchroom.links.email.models import Reply
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept


@needs("contacts.write")
@require_GET
def panel(request: StaffRequest, contact: int) -> HttpResponse:
    """What was written to them, how far it is, and the field for the next; or why nobody may write."""
    row = find(contact)
    consult(request, row)
    return render(request, "email/_reply.html", context(request, row))


@needs("contacts.write")
@require_POST
def reply(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `text` and `confirmed`, the address once more."""
    row, by, at = mine(request, contact), request.user.code, clock.now()
    text, confirmed = request.POST.get("text", ""), request.POST.get("confirmed", "")

    def write() -> int:
        return actions.reply(contact=row.pk, text=text, confirmed=confirmed, by=by, at=at).pk

    answers.once(request, "email.reply", write)
    drafts.forget_draft(member=request.user.pk, key=_draft(row), sent=text)
    return _panel_after(request, row, "On its way.")


@needs("contacts.write")
@require_POST
def settle(request: StaffRequest, contact: int, reply: int) -> HttpResponse:
    """POST `was_sent`, yes or no: I looked whether it went out. Whoever wrote it may be off duty, so anybody who writes may say so."""
    row = find(contact)
    found = get_object_or_404(Reply, pk=reply, contact=row)
    was_sent = sending.looked(request.POST.get("was_sent", ""))
    actions.settle(reply=found.pk, was_sent=was_sent, by=request.user.code, at=clock.now())
    return _panel_after(request, row, "Kept: it was sent." if was_sent else "It goes out again.")


def _panel_after(request: StaffRequest, row: Contact, said: str) -> HttpResponse:
    def part() -> HttpResponse:
        return render(request, "email/_reply.html", context(request, row))

    return answers.done(request, part, "wr:line", said=said)


def context(request: StaffRequest, row: Contact) -> dict[str, Any]:
    return {
        "contact": row,
        "replies": Reply.objects.filter(contact=row).order_by("at", "pk"),
        "refused": rules.may_reply(row.safe_contact, row.safe_ways, row.caller_email),
        "may_write": row.owner_id == request.user.pk and row.state in (Contact.State.ANSWERED, Contact.State.ENDED),
        "is_set": bool(servers.sender()),
        "unsent": kept.draft(member=request.user.pk, key=_draft(row)),
        "draft": _draft(row),
    }


def _draft(row: Contact) -> str:
    return f"contact:{row.pk}:email"
