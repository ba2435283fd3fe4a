"""A second person answers what was asked for: the case in view, then two keys (R77 to R79, ADR 11)."""

from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from watchroom.desk.panels import panel
from watchroom.foundation import clock
from watchroom.foundation.models import Head
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents.views import asking, board


@needs("incidents.approve")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """`?log=12` opens the proposal for that incident; without it, the one that lapses first and is not one's own."""
    seq = Head.objects.aggregate(seq=Max("seq"))["seq"] or 0
    rows = asking.rows(request)
    wanted = request.GET.get("log", "")
    chosen = next((one for one in rows if str(one["row"].incident_id) == wanted), None)
    chosen = chosen or next((one for one in rows if not one["is_mine"]), rows[0] if rows else None)
    context: dict[str, Any] = {"rows": rows, "chosen": chosen["row"].pk if chosen else None, "now": clock.now(), "live_seq": seq}
    if chosen:
        incident = chosen["row"].incident_id
        context["case"] = asking.case(request, chosen["row"])
        context["incident"] = incident
        context["log"] = panel(
            request, board.job, reverse("incidents:job", args=[incident]), slug="log", name="Log", number=3, incident=incident
        )
    return render(request, "desk/asked.html", context)
