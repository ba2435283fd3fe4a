"""The despatcher's desk: open jobs, the log of one, who goes, the units. The panels are the rooms' own."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from watchroom.desk.panels import panel
from watchroom.dispatch import board
from watchroom.dispatch import views as dispatch
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents.models import Incident
from watchroom.incidents.views import board as incidents


@needs("desk.despatch")
@require_GET
def despatch(request: StaffRequest) -> HttpResponse:
    """`?job=12` is the log that is open on the desk; without it, the most dangerous job without a unit, else the first."""
    at = clock.now()
    summary = board.summary(at=at)
    wanted = request.GET.get("job", "")
    if wanted.isdecimal():
        chosen: Incident | None = get_object_or_404(Incident, pk=wanted)
    else:
        chosen = summary.worst.job.incident if summary.worst else _first()
    context: dict[str, Any] = {
        "chosen": chosen,
        "summary": summary,
        "verbs": VERBS,
        "jobs": panel(request, dispatch.board, reverse("dispatch:board"), slug="jobs", name="Open jobs", number=1),
        "log": _log(request, chosen),
        "units": panel(request, dispatch.units, reverse("dispatch:units"), slug="units", name="Units", number=4),
        "now": at,
        "live_seq": getattr(request, "live_seq", None),
        "command_hint": "unit nh21 job 0417, change the verb and keep the rest",
    }
    return render(request, "desk/despatch.html", context)


def _log(request: StaffRequest, chosen: Incident | None) -> str:
    if chosen is None:
        return ""
    url = reverse("incidents:job", args=[chosen.pk])
    return panel(request, incidents.job, url, slug="log", name=f"Log {chosen.reference}", number=2, incident=chosen.pk)


def _first() -> Incident | None:
    return Incident.objects.filter(state=Incident.State.OPEN).exclude(grade="rwd").order_by("opened_at").first()


#: What can be said in the command bar. Words are named, so that none has to stand in a certain place (domain 4.9).
VERBS = [
    {
        "verb": "unit",
        "say": "Send a unit to a job; or say where it is: unit nh21 at scene",
        "args": [
            {"name": "unit", "say": "call sign"},
            {"name": "job", "say": "number of the log", "optional": True},
            {"name": "at", "say": "scene", "optional": True},
            {"name": "off", "say": "call it off, because …", "optional": True},
        ],
        "post": "/dispatch/say/unit/",
    },
    {
        "verb": "status",
        "say": "Set a radio status by hand: status nh21 6",
        "args": [{"name": "unit", "say": "call sign and number"}, {"name": "to", "say": "number", "optional": True}],
        "post": "/dispatch/say/status/",
    },
    {
        "verb": "clear",
        "say": "A unit has finished: clear nh21 result …",
        "args": [
            {"name": "unit", "say": "call sign"},
            {"name": "job", "optional": True},
            {"name": "result", "say": "what they found and did"},
        ],
        "post": "/dispatch/say/clear/",
    },
    {
        "verb": "note",
        "say": "Add a line to a log: note 0417 …",
        "args": [{"name": "job", "say": "number of the log, then the line"}, {"name": "text", "optional": True}],
        "post": "/incidents/say/note/",
    },
    {
        "verb": "close",
        "say": "Close a log: close 0417 category … result …",
        "args": [
            {"name": "job", "say": "number of the log"},
            {"name": "category", "say": "NSIR-style category", "optional": True},
            {"name": "result", "say": "what was found and done", "optional": True},
        ],
        "post": "/incidents/say/close/",
    },
]
