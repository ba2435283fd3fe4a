"""My own states, with who else may see them; and, for whom policy lets, one other person's of one day."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.foundation.words import written
from watchroom.staff import history, reading
from watchroom.staff.models import Member


@needs("staff.self")
@require_GET
def mine(request: StaffRequest) -> HttpResponse:
    """GET `day` (2026-11-22; without it today): what I was, and in words who else may see it."""
    at, me = clock.now(), request.user
    day, policy = _day(request.GET.get("day", "")), force.policy_at(at).policy.states
    others = Member.objects.exclude(pk=me.pk).order_by("full_name") if me.may("staff.states") else Member.objects.none()
    context = {
        **_of_day(me, day),
        "spells": history.day_of(me, day=day, reader=me, because="", at=at),
        "policy": policy,
        "others": others if reading.readers(me.roles, policy) else [],
        "readers": [one for one in policy.readers if one.hours],
    }
    return render(request, "staff/states.html", context)


@needs("staff.states")
@require_http_methods(["GET", "POST"])
def of(request: StaffRequest, member: int) -> HttpResponse:
    """Somebody else's. GET `day`; POST `day` and `because`, where policy asks for a reason: it stands in no address.

    Raises Invalid for a reason that says too little.
    """
    row, at = get_object_or_404(Member, pk=member), clock.now()
    if row.pk == request.user.pk:
        return redirect("staff:my_states")
    sent = request.POST if request.method == "POST" else request.GET
    day, policy = _day(sent.get("day", "")), force.policy_at(at).policy.states
    because = ""
    if request.method == "POST":
        least, most = policy.min_reason, access.LONGEST_REASON - len("states of 22 Nov 2026: ")
        because = written(sent.get("because", ""), field="because", says="Write what you need it for", least=least, most=most)
    context = {
        **_of_day(row, day),
        "is_other": True,
        "spells": history.day_of(row, day=day, reader=request.user, because=because, at=at),
        "because": because,
        "as_what": reading.readers(request.user.roles, policy),
        "asks_reason": not because and any(one.gives_reason for one in reading.readers(request.user.roles, policy)),
    }
    return render(request, "staff/states.html", context)


def _of_day(member: Member, day: date) -> dict[str, Any]:
    today = force.local_day(clock.now())
    after = day + timedelta(days=1) if day < today else None
    return {"member": member, "day": day, "today": today, "before": day - timedelta(days=1), "after": after, "now": clock.now()}


def _day(given: str) -> date:
    """Raises Invalid for what is no day, or none that there can be states of."""
    today = force.local_day(clock.now())
    try:
        day = date.fromisoformat(given) if given else today
    except ValueError:
        raise Invalid(day="Give the day as 2026-11-23.") from None
    if not date(2020, 1, 1) <= day <= today:
        raise Invalid(day="Choose a day from 2020 until today.")
    return day
