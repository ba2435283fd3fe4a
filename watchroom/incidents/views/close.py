"""A named person closes it, or is told in sentences why it cannot close yet."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from watchroom.force import queries as force
from watchroom.force.policy import Category, Policy
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.gazetteer.queries import fold
from watchroom.incidents import actions, crimes, queries
from watchroom.incidents.models import Incident
from watchroom.incidents.views.board import find
from watchroom.shell import answers

SHOWN = 6  # categories at once, until something is typed; a longer list is not read


@needs("incidents.close")
@require_GET
def panel(request: StaffRequest, incident: int) -> HttpResponse:
    """What still holds it, and the form that closes it."""
    return render(request, "incidents/_close.html", context(find(incident), request, clock.now()))


def context(row: Incident, request: StaffRequest, at: datetime, result: str = "") -> dict[str, Any]:
    """For the form; `result` are words that stand in it already, from the outcome of another desk."""
    policy = force.policy_at(at).policy
    # a category that would close it unattended may be chosen yet, and result and category are asked for by the form itself
    holds = actions.problems_of_closing(row, category=row.opening_category, result="-", at=at) if row.is_open else []
    return {
        "incident": row,
        "holds": holds,
        "categories": _ordered(row, policy),
        "shown": SHOWN,
        "qualifiers": policy.categories.qualifiers,
        "verify": policy.categories.verify,
        "closed_as": _label(row.closing_category, policy),
        "may_close": request.user.may("incidents.close"),
        "result": result,
        "closing": True,
        "now": at,
        **crimes.shown(row, policy=policy),
    }


@needs("incidents.close")
@require_POST
def close(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `category`, `qualifiers` (several), `result`."""
    row = find(incident)
    _close(request, row, request.POST.get("category", ""), request.POST.getlist("qualifiers"))
    if request.headers.get("HX-Request"):
        return render(request, "incidents/_close.html", context(find(incident), request, clock.now()))
    return answers.told(request, f"Log {row.reference} is closed.")


@needs("incidents.close")
@require_POST
def say_close(request: StaffRequest) -> JsonResponse:
    """`close 0417 category domestic result seen and safe`; a category by its code or by the beginning of its name."""
    number, _, rest = request.POST.get("job", "").strip().partition(" ")
    row = queries.open_by_reference(number)
    wanted = request.POST.get("category", rest).strip()
    chosen = named(wanted, force.policy_at(clock.now()).policy)
    _close(request, row, chosen.code if chosen else "", [])
    return JsonResponse({"said": f"Log {row.reference} is closed{f' as {chosen.label}' if chosen else ''}."})


def named(wanted: str, policy: Policy) -> Category | None:
    """A category by its code, its name, or a beginning that only one name has. Raises Invalid for anything else; nothing for nothing."""
    if not wanted:
        return None
    near = []
    for one in policy.categories.items:
        if wanted == one.code or fold(wanted) == fold(one.label):
            return one
        if fold(one.label).startswith(fold(wanted)) or one.code.startswith(wanted.lower()):
            near.append(one)
    if len(near) == 1:
        return near[0]
    if near:
        raise Invalid(category=f"“{wanted}” may be {', '.join(one.label for one in near[:4])}. Say more of it.")
    raise Invalid(category=f"“{wanted}” is not a closing category of this force.")


def _close(request: StaffRequest, row: Incident, category: str, qualifiers: list[str]) -> None:
    at, by, result = clock.now(), request.user.code, request.POST.get("result", "")

    def do() -> int:
        return actions.close(incident=row.pk, category=category, result=result, qualifiers=qualifiers, by=by, at=at).pk

    answers.once(request, "incidents.close", do)


def _ordered(row: Incident, policy: Policy) -> list[Category]:
    """All of them: the one under which it was opened first, then its group. The page shows the first few, and what is typed."""
    group = next((one.group for one in policy.categories.items if one.code == row.opening_category), "safety")
    return sorted(policy.categories.items, key=lambda one: (one.code != row.opening_category, one.group != group))


def _label(code: str, policy: Policy) -> str:
    return next((one.label for one in policy.categories.items if one.code == code), code)
