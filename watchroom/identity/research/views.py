"""Research on the contact's page: asking other systems, saying that none is needed, and what is made of what came."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.models import Contact
from watchroom.contacts.views import find
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.models import ResearchFound
from watchroom.identity.research import actions
from watchroom.identity.research.panel import shown
from watchroom.identity.views import consult
from watchroom.shell import actions as drafts
from watchroom.shell import answers


@needs("identity.see")
@require_GET
def panel(request: StaffRequest, contact: int) -> HttpResponse:
    """The panel alone, as it fetches itself when an answer has come."""
    row = find(contact)
    consult(request, row)
    return _panel(request, row)


@needs("identity.observe")
@require_POST
def ask(request: StaffRequest, contact: int) -> HttpResponse:
    """POST: one key asks every system whose agreement holds, with what is known now."""
    row = find(contact)
    asked = actions.ask(contact=row.pk, by=request.user.code, at=clock.now())
    said = f"Asked: {', '.join(one.label for one in asked)}."
    return answers.done(request, lambda: _panel(request, row), "wr:research", said=said)


@needs("identity.observe")
@require_POST
def not_needed(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `because`."""
    row, because = find(contact), request.POST.get("because", "")
    actions.not_needed(contact=row.pk, because=because, by=request.user.code, at=clock.now())
    drafts.forget_draft(member=request.user.pk, key=f"contact:{row.pk}:research", sent=because)
    return answers.done(request, lambda: _panel(request, row), "wr:research", said="On record: not needed.")


@needs("identity.observe")
@require_POST
def take_in(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `found`: this record is who is in touch."""
    return _judged(request, contact, actions.take_in, "Taken in. It can be taken back.")


@needs("identity.observe")
@require_POST
def not_them(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `found`: this record is of somebody else."""
    return _judged(request, contact, actions.not_them, "Not this person.")


@needs("identity.observe")
@require_POST
def take_back(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `found`: what was said of this record is open again."""
    return _judged(request, contact, actions.take_back, "Open again.")


def _judged(request: StaffRequest, contact: int, act: Callable[..., ResearchFound], said: str) -> HttpResponse:
    row = find(contact)
    act(found=_of(row, request), by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _panel(request, row), "wr:researched", said=said)


def _of(contact: Contact, request: StaffRequest) -> int:
    """Only what came for this contact: else any number would bring up any record."""
    wanted = request.POST.get("found", "")
    found = (
        ResearchFound.objects.filter(research__contact=contact, pk=wanted) if wanted.isdecimal() and len(wanted) < 19 else None
    )
    row = found.first() if found is not None else None
    if row is None:
        raise Invalid(found="Choose one of the records shown.")
    return row.pk


def _panel(request: StaffRequest, row: Contact) -> HttpResponse:
    context = {"research": shown(row, may_ask=request.user.may("identity.observe"), by=request.user.code, at=clock.now())}
    return render(request, "identity/_research.html", context)
