"""The resolution desk: what waits, the log of one, its outcome, and what was promised."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from watchroom.desk.panels import panel
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents.models import Incident
from watchroom.incidents.views import board
from watchroom.resolution import queries
from watchroom.resolution import views as resolution


@needs("desk.resolution")
@require_GET
def resolve(request: StaffRequest) -> HttpResponse:
    """`?job=12` is the incident on the desk; without it, the one that waits longest."""
    wanted = request.GET.get("job", "")
    chosen = get_object_or_404(Incident, pk=wanted) if wanted.isdecimal() else queries.waiting().first()
    context = {
        "chosen": chosen,
        "stages": [
            panel(request, resolution.waiting, "/resolution/waiting/", slug="waiting", name="To resolve", number=1),
            *_of(request, chosen),
            panel(request, resolution.promises, "/resolution/promises/", slug="promises", name="Promised", number=4),
        ],
        "promises": queries.promises().count(),
        "verbs": VERBS,
        "live_seq": getattr(request, "live_seq", None),
        **resolution.headline_context(clock.now()),
    }
    return render(request, "desk/resolve.html", context)


def _of(request: StaffRequest, chosen: Incident | None) -> list[str]:
    if chosen is None:
        return []
    pk = chosen.pk
    return [
        panel(request, board.job, f"/incidents/{pk}/job/", slug="log", name="Log", number=2, incident=pk),
        panel(request, resolution.outcome, f"/resolution/{pk}/outcome/", slug="outcome", name="Outcome", number=3, incident=pk),
    ]


VERBS = [
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
