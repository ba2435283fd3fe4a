"""Crime or not, by a named person; and what the victim is told, the next due first."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import crimes, queries, recording
from watchroom.incidents.models import Incident
from watchroom.incidents.views import close
from watchroom.incidents.views.board import find
from watchroom.shell import answers

SHOWN = 100


def context(row: Incident, request: StaffRequest, at: datetime) -> dict[str, Any]:
    return {
        "incident": row,
        "may_close": request.user.may("incidents.close"),
        "may_write": request.user.may("incidents.write"),
        "now": at,
        **crimes.shown(row, policy=force.policy_at(at).policy),
    }


@needs("incidents.close")
@require_POST
def record(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `reference`, as the crime system has it; `no_victim` where nobody is owed what the Victims' Code says."""
    row, at, by = find(incident), clock.now(), request.user.code
    reference, has_victim = request.POST.get("reference", ""), "no_victim" not in request.POST
    answers.once(
        request,
        "incidents.crime",
        lambda: recording.record(incident=row.pk, reference=reference, has_victim=has_victim, by=by, at=at).pk,
    )
    return _done(request, row, "The crime is on record.")


@needs("incidents.close")
@require_POST
def no_crime(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `reason` of the policy and `account`, in words."""
    row, at, by = find(incident), clock.now(), request.user.code
    reason, account = request.POST.get("reason", ""), request.POST.get("account", "")
    answers.once(
        request,
        "incidents.no_crime",
        lambda: recording.no_crime(incident=row.pk, reason=reason, account=account, by=by, at=at).pk,
    )
    return _done(request, row, "It is on record why there is no crime.")


@needs("incidents.write")
@require_POST
def tell(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `what` (a kind of duty), `how` and `words`."""
    row, at, by = find(incident), clock.now(), request.user.code
    what, how, words = (request.POST.get(name, "") for name in ("what", "how", "words"))

    def do() -> bool:
        recording.tell_victim(incident=row.pk, what=what, how=how, words=words, by=by, at=at)
        return True

    answers.once(request, "incidents.tell_victim", do)
    return _done(request, row, "It is in the log.")


def _done(request: StaffRequest, row: Incident, said: str) -> HttpResponse:
    def part() -> HttpResponse:
        at, again = clock.now(), find(row.pk)
        if "closing" in request.POST:
            return render(request, "incidents/_close.html", close.context(again, request, at))
        return render(request, "incidents/_crime.html", context(again, request, at))

    return answers.done(request, part, said=said)


@needs("incidents.board")
@require_GET
def victims(request: StaffRequest) -> HttpResponse:
    """What is owed to victims, and whether a crime is recorded: the next due first."""
    at = clock.now()
    rows = list(
        Duty.objects.filter(kind__in=("crime", *crimes.VICTIM), subject_kind="incident", settled_at=None).order_by("due_at")[
            : SHOWN + 1
        ]
    )
    logs = Incident.objects.in_bulk([row.subject_id for row in rows])
    types = {one.code: one.label for one in force.policy_at(at).policy.incident_types}
    shown = []
    for row in rows[:SHOWN]:
        log = logs[row.subject_id]
        access.consult(subject=("incident", log.pk), reason="read what its victim is owed", by=request.user.code, at=at)
        contact = queries.contacts_of(log.pk).first()
        shown.append({"duty": row, "log": log, "type": types.get(log.kind, log.kind), "contact": contact})
    return render(request, "incidents/victims.html", {"rows": shown, "more": len(rows) > SHOWN, "now": at})
