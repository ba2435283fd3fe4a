"""Many ring from one place: a named person declares that others are answered between them, until it is looked at again."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts import queries as contacts
from watchroom.force import actions, queries
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers
from watchroom.staff import queries as staff

MINUTES = (30, 60, 120, 240)


@needs("force.surge")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """What is declared now, or the form; and the last ones."""
    at = clock.now()
    past = queries.groupings_between(at - timedelta(days=31), at)[::-1]
    names = staff.names({row.declared_by for row in past} | {row.ended_by for row in past if row.ended_by})
    shown: list[dict[str, Any]] = [
        {"row": row, "by": names[row.declared_by], "ended_by": names.get(row.ended_by, "")} for row in past
    ]
    rule = queries.policy_at(at).policy.routing.grouping
    context = {
        "now_declared": next((one for one in shown if one["row"].declared_at <= at < one["row"].review_by), None),
        "back": len(contacts.standing_back(at)),
        "past": [one for one in shown if one["row"].review_by <= at],
        "rule": rule,
        "minutes": [minutes for minutes in MINUTES if minutes * 60 <= rule.longest_s],
    }
    return render(request, "desk/grouping.html", context)


@needs("force.surge")
@require_POST
def declare(request: StaffRequest) -> HttpResponse:
    """POST `reason`, `minutes`."""
    at, minutes = clock.now(), request.POST.get("minutes", "")
    if not minutes.isdecimal() or len(minutes) > 4:
        raise Invalid(minutes="Choose when it is looked at again.")
    actions.declare_grouping(
        reason=request.POST.get("reason", ""), until=at + timedelta(minutes=int(minutes)), by=request.user.code, at=at
    )
    return answers.go(request, reverse("desk:grouping"), said="Declared. It ends by itself when it is to be looked at again.")


@needs("force.surge")
@require_POST
def end(request: StaffRequest) -> HttpResponse:
    """It is over before its time."""
    actions.end_grouping(by=request.user.code, at=clock.now())
    return answers.go(request, reverse("desk:grouping"), said="Ended. Everybody stands where they rang.")
