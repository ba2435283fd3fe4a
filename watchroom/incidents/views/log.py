"""The one log: lines as they were heard, never rubbed out; one of them is the headline."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment import queries as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact, Line
from watchroom.contacts.views import find
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.incidents import actions, queries
from watchroom.shell import actions as drafts
from watchroom.shell import answers


@needs("incidents.see")
@require_GET
def lines(request: StaffRequest, contact: int) -> HttpResponse:
    """The lines alone, after a gap in the live stream."""
    row = find(contact)
    consult(request, row)
    return render(request, "incidents/_log.html", context(row))


@needs("contacts.write")
@require_POST
def write(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `text`, and `corrects` for a correction: one more line. It stands at the time at which it was sent."""
    row, at = find(contact), clock.now()
    if row.state == Contact.State.WAITING:
        raise Refused("Answer it first.")
    corrects = request.POST.get("corrects", "")
    earlier = Line.objects.filter(contact=row, pk=corrects).first() if corrects.isdecimal() else None
    if corrects and earlier is None:
        raise Invalid(corrects="The line to correct is not of this contact.")
    text, by = request.POST.get("text", ""), request.user.code
    number = earlier.pk if earlier else None
    answers.once(
        request,
        "contacts.write",
        lambda: contacts.write(contact=row.pk, text=text, by=by, at=at, written_at=at, corrects=number),
    )
    drafts.forget_draft(member=request.user.pk, key=f"contact:{row.pk}:line", sent=text)
    return answers.done(request, lambda: render(request, "incidents/_log.html", context(row)), "wr:line", said="Written.")


@needs("incidents.write")
@require_POST
def pin(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `line` (`line-12` or `entry-7`): the words that every role sees on top."""
    row = find(contact)
    incident = queries.of_contact(row.pk)
    if incident is None:
        raise Refused("Pick place and type first: the headline belongs to the log that despatch sees.")
    wanted = request.POST.get("line", "")
    line = next((one for one in queries.log(incident.pk) if one.key == wanted), None)
    if line is None:
        raise Invalid(line="That line is not of this log.")
    actions.pin(incident=incident.pk, text=line.text, by=request.user.code, at=clock.now())
    return answers.done(request, lambda: render(request, "incidents/_log.html", context(row)), "wr:pinned", said="Pinned.")


def context(row: Contact) -> dict[str, Any]:
    """The log as this contact's page shows it: times since the transfer, as the clock above says them."""
    incident = queries.of_contact(row.pk)
    found = queries.log(incident.pk, with_units=assessment.is_saved(row.pk)) if incident else queries.contact_log(row.pk)
    pinned = incident.headline if incident else ""
    shown = [shown_line(line, row, is_pinned=bool(pinned) and line.text.strip()[:240] == pinned) for line in found]
    return {"contact": row, "incident": incident, "lines": shown, "newest": shown[-1] if shown else None}


def shown_line(line: queries.LogLine, row: Contact, *, is_pinned: bool = False) -> dict[str, Any]:
    """A line with what the template needs; the same for the page and for the live stream."""
    since = (
        row.transferred_at
        if row.is_call and line.at >= row.transferred_at and (line.at - row.transferred_at).total_seconds() < 3600
        else None
    )
    return {
        "line": line,
        "since": (line.at - since).total_seconds() if since else None,
        "style": "pin" if is_pinned else "told" if line.origin in ("system", "unit") else "",
        "who": "To the caller"
        if line.origin == "to_caller"
        else ""
        if line.by == (row.owner.code if row.owner_id and row.owner else "")
        else "Caller"
        if line.origin == "caller"
        else line.name,
        "may_correct": line.key.startswith("line-"),
        "pk": line.key.partition("-")[2],
    }
