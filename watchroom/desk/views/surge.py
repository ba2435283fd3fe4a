"""Declaring a surge: who does what while it is very busy, for how long, and why. Never the rule of risk (R46, R84)."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.force import actions, queries
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers
from watchroom.staff import queries as staff

HOURS = (1, 2, 4, 8, 12)


@needs("force.surge")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """What is declared now, or the form; and the last ones."""
    at = clock.now()
    policy = queries.policy_at(at).policy.surge
    labels = {one.code: one.label for one in policy.measures}
    past = queries.surges_between(at - timedelta(days=31), at)[::-1]
    names = staff.names({row.declared_by for row in past} | {row.ended_by for row in past if row.ended_by})
    shown: list[dict[str, Any]] = [
        {
            "row": row,
            "by": names[row.declared_by],
            "ended_by": names.get(row.ended_by, ""),
            "measures": [labels.get(code, code) for code in row.measures],
        }
        for row in past
    ]
    context = {
        "now_declared": next((one for one in shown if one["row"].declared_at <= at < one["row"].ends_at), None),
        "past": [one for one in shown if one["row"].ends_at <= at],
        "policy": policy,
        "hours": [hours for hours in HOURS if hours * 3600 <= policy.longest_s],
        "now": at,
    }
    return render(request, "desk/surge.html", context)


@needs("force.surge")
@require_POST
def declare(request: StaffRequest) -> HttpResponse:
    """POST `reason`, `hours`, `measures` (several)."""
    at, hours = clock.now(), request.POST.get("hours", "")
    if not hours.isdecimal() or len(hours) > 3:
        raise Invalid(hours="Choose for how long.")
    actions.declare_surge(
        reason=request.POST.get("reason", ""),
        measures=request.POST.getlist("measures"),
        until=at + timedelta(hours=int(hours)),
        by=request.user.code,
        at=at,
    )
    return answers.go(request, reverse("desk:surge"), said="Declared. It ends by itself.")


@needs("force.surge")
@require_POST
def end(request: StaffRequest) -> HttpResponse:
    """It is over before its time."""
    actions.end_surge(by=request.user.code, at=clock.now())
    return answers.go(request, reverse("desk:surge"), said="Ended.")
