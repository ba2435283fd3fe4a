"""The handler's buttons for a call: hold, pass on, bring another agency in."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from watchroom.contacts import calls
from watchroom.contacts.models import Contact, Partner
from watchroom.contacts.views import find, mine
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers
from watchroom.staff import actions as staff
from watchroom.staff import queries as people
from watchroom.staff.models import Member


def _said(request: HttpRequest, said: str) -> HttpResponse:
    return answers.done(request, answers.nothing, "wr:contact", said=said)


def _act(request: StaffRequest, contact: int, act: Callable[..., Any], **more: Any) -> Any:
    return act(contact=mine(request, contact).pk, by=request.user.code, at=clock.now(), **more)


@needs("contacts.write")
@require_POST
def hold(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `resume`: the caller waits, or is heard again."""
    if request.POST.get("resume") == "yes":
        _act(request, contact, calls.resume)
        return _said(request, "The caller hears you again.")
    _act(request, contact, calls.hold)
    return _said(request, "The caller is on hold and hears nobody.")


@needs("contacts.write")
@require_POST
def pass_on(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `to` (a colleague’s number), `note`: they take it over. The sender goes back to the waiting screen."""
    find(contact)
    found = people.chosen(request.POST.get("to", ""))
    if found is None:
        raise Invalid(to="Choose who is to take it.")
    _act(request, contact, calls.pass_on, to=found, note=request.POST.get("note", ""))
    staff.show_state(member=request.user, state="available", at=clock.now())
    return answers.go(request, reverse("desk:waiting"), said=f"Passed on to {found.full_name}.")


@needs("contacts.write")
@require_POST
def join(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `agency`: another agency is to join; without one, whoever is in the call is to leave it."""
    agency = request.POST.get("agency", "")
    if request.POST.get("leave") == "yes":
        _act(request, contact, calls.let_partner_go)
        return _said(request, "They have left the call.")
    _act(request, contact, calls.join_partner, agency=agency)
    return _said(request, "They are being rung.")


def shown(row: Contact, *, member: Member) -> dict[str, Any]:
    """What the handler’s page says of the call and offers with it; see `desk/_call.html`."""
    at = clock.now()
    if row.is_live:
        agencies = force.policy_at(at).policy.agencies
        partner = Partner.objects.filter(contact=row, left_at=None).first()
        return {
            "is_held": calls.is_held(row.pk),
            "partner": partner,
            "partner_words": next((one.label for one in agencies if partner and one.code == partner.agency), ""),
            "partners": agencies,
            "colleagues": people.colleagues("contacts.take", but=member.pk, at=at),
        }
    return {}
