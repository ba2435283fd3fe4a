"""Evidence that may be lost, beside the log: what answers propose, what was noted, and what became of it."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.models import Contact
from watchroom.contacts.views import find
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.incidents import evidence, queries
from watchroom.incidents.models import Evidence, Incident
from watchroom.shell import answers

FIELDS = ("what", "where", "holder", "keep")


@needs("incidents.see")
@require_GET
def panel(request: StaffRequest, contact: int) -> HttpResponse:
    """The strip below the log, with its list and its form."""
    row = find(contact)
    consult(request, row)
    return _panel(request, row)


@needs("contacts.write")
@require_POST
def note(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `what`, `where`, `holder`, `keep`, `lasts_h` (hours, or nothing): evidence that the caller speaks of (R57)."""
    row = _in_hand(contact)
    _note(request, row.pk, origin="handler")
    return answers.done(request, lambda: _panel(request, row), "wr:evidence", said="Noted.")


@needs("incidents.write")
@require_POST
def note_at_job(request: StaffRequest, incident: int) -> HttpResponse:
    """The same at a job: it belongs to the contact that opened the log. The line comes by the live stream."""
    first = queries.contacts_of(get_object_or_404(Incident, pk=incident).pk).first()
    if first is None:
        raise Refused("This log has no contact yet.")
    _note(request, first.pk, origin="despatch" if request.user.may("dispatch.send") else "handler")
    return answers.done(request, answers.nothing, said="Noted.")


@needs("contacts.write")
@require_POST
def take(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `source`: what an answer proposes goes into the log, by one key."""
    row, at, by, source = _in_hand(contact), clock.now(), request.user.code, request.POST.get("source", "")[:130]
    answers.once(request, "incidents.take_evidence", lambda: evidence.take(contact=row.pk, source=source, by=by, at=at).pk)
    return answers.done(request, lambda: _panel(request, row), "wr:evidence", said="Noted.")


@needs("incidents.write")
@require_POST
def settle(request: StaffRequest, evidence_id: int) -> HttpResponse:
    """POST `state` (secured, lost), `outcome`: how it is secured, or why it cannot be had."""
    row = get_object_or_404(Evidence, pk=evidence_id)
    state, outcome = request.POST.get("state", ""), request.POST.get("outcome", "")
    at, by = clock.now(), request.user.code
    answers.once(
        request,
        "incidents.settle_evidence",
        lambda: evidence.settle(evidence=row.pk, state=state, outcome=outcome, by=by, at=at).pk,
    )
    return answers.done(request, answers.nothing, "wr:evidence", "wr:settled", said="Written.")


def beside(request: StaffRequest, row: Contact) -> SafeString:
    """The strip within the second stage."""
    return SafeString(render_to_string("incidents/_evidence.html", context(request, row), request=request))


def context(request: StaffRequest, row: Contact) -> dict[str, Any]:
    incident = queries.of_contact(row.pk)
    noted = list(evidence.of_log(incident.pk) if incident else evidence.of([row.pk]))
    may_write = request.user.may("contacts.write") and row.state not in (Contact.State.WAITING, Contact.State.WRAPPED)
    return {
        "contact": row,
        "proposed": [(number, one) for number, (one, _) in enumerate(evidence.proposed(row.pk), start=1)] if may_write else [],
        "noted": noted,
        "unsecured": sum(one.is_open for one in noted),
        "may_write": may_write,
        "may_settle": request.user.may("incidents.write"),
    }


def _panel(request: StaffRequest, row: Contact) -> HttpResponse:
    return render(request, "incidents/_evidence.html", context(request, row))


def _in_hand(contact: int) -> Contact:
    row = find(contact)
    if row.state == Contact.State.WAITING:
        raise Refused("Answer it first.")
    return row


def _note(request: StaffRequest, contact: int, *, origin: str) -> None:
    hours, at, by = request.POST.get("lasts_h", "").strip(), clock.now(), request.user.code
    if hours and not (hours.isascii() and hours.isdecimal() and len(hours) <= 6):
        raise Invalid(lasts_h="Give whole hours, in digits, or leave it empty.")
    given = {name: request.POST.get(name, "") for name in FIELDS}
    _do_note(request, contact, given, int(hours) if hours else None, origin=origin, by=by, at=at)


def _do_note(
    request: StaffRequest, contact: int, given: dict[str, str], lasts_h: int | None, *, origin: str, by: str, at: datetime
) -> None:
    answers.once(
        request,
        "incidents.note_evidence",
        lambda: evidence.note(contact=contact, lasts_h=lasts_h, origin=origin, by=by, at=at, **given).pk,
    )
