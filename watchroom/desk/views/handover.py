"""The note to the next shift: drawn up by the system, corrected by a person, kept as both."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.demand.queries import handover
from watchroom.duties import actions
from watchroom.duties.models import Handover
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept
from watchroom.staff import queries as staff

DRAFT = "handover:note"


@needs("desk.supervisor")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """The draft as things stand now, one's own unsent words before it; and the notes of the last week."""
    at = clock.now()
    rows = list(Handover.objects.filter(at__gt=at - timedelta(days=7)).order_by("-at", "-pk")[:20])
    names = staff.names({row.by for row in rows})
    context = {
        "drawn": handover.draft(at),
        "unsent": kept.draft(member=request.user.pk, key=DRAFT),
        "notes": [{"row": row, "by": names[row.by]} for row in rows],
        "draft": DRAFT,
        "now": at,
    }
    return render(request, "desk/handover.html", context)


@needs("desk.supervisor")
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """POST `text`, and `drawn` as it was shown."""
    at, by, text = clock.now(), request.user.code, request.POST.get("text", "").replace("\r\n", "\n")
    drawn = request.POST.get("drawn", "").replace("\r\n", "\n")[:20_000]
    answers.once(request, "duties.handover", lambda: actions.hand_over_shift(text=text, drawn=drawn, by=by, at=at).pk)
    drafts.forget_draft(member=request.user.pk, key=DRAFT, sent=text)
    return answers.go(request, reverse("desk:handover"), said="Handed over.")
