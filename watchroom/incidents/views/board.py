"""One job as a desk reads it: its journey, the warnings, the risk as it goes to the officers, the log, and a line to add."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.foundation import access, clock, live
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import actions, brief, queries
from watchroom.incidents.models import Incident
from watchroom.incidents.views.log import shown_line
from watchroom.shell import answers


def find(incident: int) -> Incident:
    """The incident of this force, or 404."""
    return get_object_or_404(Incident.objects.select_related("place", "place__beat"), pk=incident)


@needs("incidents.see")
@require_GET
def job(request: StaffRequest, incident: int) -> HttpResponse:
    """The log stage of a desk. Opening it is a consultation (DPA 2018 s.62); bringing an open one up to date is not.

    `data-seq` is the last fact before it was read: from there the live stream brings the lines (`jobs.js`).
    """
    seq = live.sealed()
    row, at = find(incident), clock.now()
    access.consult(subject=("incident", row.pk), reason="read the log at a desk", by=request.user.code, at=at)
    context = log_context(row, with_units=may_see_units(request, row))
    return render(
        request, "incidents/job.html", {**context, "may_note": request.user.may("incidents.write"), "seq": seq, "now": at}
    )


def log_context(row: Incident, *, with_units: bool) -> dict[str, Any]:
    """The brief of the officers and the lines; `contact` is the first about it."""
    told = brief.of(row, at=clock.now())
    first = told.contacts[0] if told.contacts else None
    pinned = row.headline
    lines = (
        [
            shown_line(line, first, is_pinned=bool(pinned) and line.text.strip()[:240] == pinned)
            for line in queries.log(row.pk, with_units=with_units)
        ]
        if first
        else []
    )
    return {"incident": row, "brief": told, "contact": first, "lines": lines, "holds": row.is_open}


def may_see_units(request: StaffRequest, row: Incident) -> bool:
    """Who is sent is for those who send, and for a handler whose risk is saved (R47)."""
    return request.user.may("dispatch.see") or queries.risk_is_saved(row.pk)


@needs("incidents.write")
@require_POST
def note(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `text`: one more line of the log. It comes back by the live stream, like everybody's."""
    row, at, by, text = find(incident), clock.now(), request.user.code, request.POST.get("text", "")
    write_once(request, row, text, by=by, at=at)
    if request.headers.get("HX-Request"):
        return render(request, "incidents/_note.html", {"incident": row, "may_note": True})
    return answers.told(request, f"Written into log {row.reference}.")


@needs("incidents.write")
@require_POST
def say_note(request: StaffRequest) -> JsonResponse:
    """`note 0417 caller rang back`, or `note job 0417 text …`."""
    number, _, rest = request.POST.get("job", "").strip().partition(" ")
    row, at = queries.open_by_reference(number), clock.now()
    write_once(request, row, " ".join(filter(None, (rest, request.POST.get("text", "")))), by=request.user.code, at=at)
    return JsonResponse({"said": f"Written into log {row.reference}."})


def write_once(request: StaffRequest, row: Incident, text: str, *, by: str, at: Any) -> None:
    def do() -> int:
        origin = "despatch" if request.user.may("dispatch.send") else "handler"
        return actions.note(incident=row.pk, text=text, by=by, at=at, written_at=at, origin=origin).pk

    answers.once(request, "incidents.note", do)
