"""On the whole record: which logs belong together, taking a closed one up again, and taking the risk upon oneself."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import actions, parties, queries, ties
from watchroom.incidents.models import Incident, Party, Tie
from watchroom.incidents.views.board import find
from watchroom.shell import answers


@needs("incidents.write")
@require_POST
def tie(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `other` (0412, or 0412 of 21.11. as 2026-11-21/0412), `kind`, `because`."""
    row, at = find(incident), clock.now()
    other = _named(request.POST.get("other", ""))
    kind, because = request.POST.get("kind", ""), request.POST.get("because", "")
    ties.tie(incident=row.pk, other=other.pk, kind=kind, because=because, by=request.user.code, at=at)
    return answers.go(request, f"/incidents/{row.pk}/", said=f"Tied to log {other.reference}.")


@needs("incidents.write")
@require_POST
def untie(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `tie`: they do not belong together after all."""
    row = find(incident)
    number = request.POST.get("tie", "")
    found = next((one for one in queries.ties(row.pk) if str(one.pk) == number), None)
    if found is None:
        raise Invalid(tie="These are not tied any more.")
    ties.untie(tie=found.pk, by=request.user.code, at=clock.now())
    return answers.go(request, f"/incidents/{row.pk}/", said="Untied.")


@needs("incidents.close")
@require_POST
def reopen(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `because`: the closed log is taken up again."""
    row = find(incident)
    actions.reopen(incident=row.pk, because=request.POST.get("because", ""), by=request.user.code, at=clock.now())
    return answers.go(request, f"/incidents/{row.pk}/", said=f"Log {row.reference} is open again.")


@needs("incidents.write")
@require_POST
def take(request: StaffRequest, incident: int) -> HttpResponse:
    """Whoever sends this holds the risk of this incident from now on."""
    row = find(incident)
    actions.take_risk(incident=row.pk, to=request.user.code, by=request.user.code, at=clock.now())
    return answers.go(request, f"/incidents/{row.pk}/", said="You hold the risk now.")


def shown(row: Incident) -> list[dict[str, Any]]:
    """The ties of one incident, as its record shows them."""
    return [
        {
            "row": one,
            "other": one.other if one.incident_id == row.pk else one.incident,
            "how": queries.TIED[one.kind, one.incident_id == row.pk],
        }
        for one in queries.ties(row.pk)
    ]


def _named(text: str) -> Incident:
    """A log by its number; of another day than its newest with the date before it. Raises Invalid."""
    day, _, number = text.strip().rpartition("/")
    if not number.lstrip("#").isdecimal() or len(number) > 9:
        raise Invalid(other="Say which log by its number, for example 0417, or 2026-11-21/0417 of another day.")
    rows = Incident.objects.filter(number=int(number.lstrip("#"))).order_by("-day")
    if day:
        try:
            rows = rows.filter(day=date.fromisoformat(day))
        except ValueError:
            raise Invalid(other="Give the day as 2026-11-21, then a stroke and the number.") from None
    found = rows.first()
    if found is None:
        raise Invalid(other=f"There is no log {int(number.lstrip('#')):04d}{' on that day' if day else ''}.")
    return found


KINDS = [
    (Tie.Kind.LINKED, "Linked"),
    (Tie.Kind.DUPLICATE, "This is a duplicate of it"),
    (Tie.Kind.PART, "This is a part of it"),
    (Tie.Kind.MERGED, "Read this together with it"),
]


@needs("incidents.write")
@require_POST
def party(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `name` and `role`: which part somebody has in this log."""
    row, at, by = find(incident), clock.now(), request.user.code
    name, role = request.POST.get("name", ""), request.POST.get("role", "")
    answers.once(request, "incidents.party", lambda: parties.add(incident=row.pk, name=name, role=role, by=by, at=at).pk)
    return answers.go(request, f"/incidents/{row.pk}/#r-parties", said="It is in the log who is who.")


@needs("incidents.write")
@require_POST
def end_party(request: StaffRequest, party: int) -> HttpResponse:
    row = get_object_or_404(Party.objects, pk=party)
    parties.end(party=row.pk, by=request.user.code, at=clock.now())
    return answers.go(request, f"/incidents/{row.incident_id}/#r-parties", said="Taken off. It stays to be read.")
