"""Quality of what was resolved without deployment: what is drawn, one case beside its criteria, and what it says to who did it."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import brief
from watchroom.incidents import queries as logs
from watchroom.incidents.models import Decision
from watchroom.resolution import queries as cases
from watchroom.resolution import rules as resolving
from watchroom.resolution import sampling
from watchroom.resolution.models import Check, FollowUp, Promise, Repeat
from watchroom.resolution.quality import actions, queries, rules
from watchroom.shell import answers
from watchroom.staff import queries as staff

WEEKS = 12  # that the figures look back
SHOWN = 40


@needs("resolution.sample")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """What is to be assessed and put right, and what twelve weeks of it say. No case is chosen here: they are drawn."""
    return render(request, "resolution/quality/page.html", _page(request))


def _page(request: StaffRequest) -> dict[str, Any]:
    at = clock.now()
    policy = force.policy_at(at).policy
    may_assess = request.user.may("resolution.assess")
    waiting = list(queries.to_assess()[:SHOWN]) if may_assess else []
    outcomes = {one.code: one.label for one in policy.rwd_outcomes}
    types = {one.code: one.label for one in policy.incident_types}
    name, first, last = rules.week_before(force.local_day(at))

    def shown(rows: list[Check]) -> list[dict[str, Any]]:
        return [
            {
                "check": row,
                "outcome": outcomes.get(row.outcome, row.outcome),
                "type": types.get(row.incident.kind, row.incident.kind),
                "is_own": row.resolved_by == request.user.code,
            }
            for row in rows
        ]

    return {
        "may_assess": may_assess,
        "drawn": _drawn(request.GET.get("drawn", "")),
        "waiting": shown(waiting),
        "more": queries.to_assess().count() - len(waiting) if may_assess else 0,
        "right": shown(list(queries.to_put_right()[:SHOWN])) if may_assess else [],
        "found": queries.found(at - timedelta(weeks=WEEKS), at + timedelta(seconds=1), policy),
        "weeks": WEEKS,
        "rule": policy.resolving,
        "week": name,
        "first": first,
        "last": last,
        "now": at,
    }


@needs("resolution.assess")
@require_POST
def draw(request: StaffRequest) -> HttpResponse:
    """POST `from`, `to`, `each`: draw more, by a seed that nobody chooses."""
    at = clock.now()
    first, last, each = sampling.asked(request.POST, at)
    seed = f"{first:%y%m%d}-{last:%y%m%d}-{each}"
    new = actions.draw(first=first, last=last, each=each, seed=seed, by=request.user.code, at=at)
    return answers.go(request, f"{reverse('resolution:quality')}?drawn={len(new)}", said=_drawn(str(len(new))))


def _drawn(number: str) -> str:
    if not number.isdecimal():
        return ""
    if int(number) == 0:
        return "Nothing was drawn: nothing was resolved in those days, or all of it is drawn already."
    return f"{int(number)} drawn; whoever assesses them did not resolve them."


@needs("resolution.assess")
@require_http_methods(["GET", "POST"])
def case(request: StaffRequest, check: int) -> HttpResponse:
    """GET the case beside the criteria; POST `verdict-<criterion>`, `text-<criterion>`, `feedback`."""
    at = clock.now()
    row = get_object_or_404(Check.objects.select_related("incident"), pk=check)
    policy = force.policy_at(at).policy
    found: dict[str, rules.Verdict] = {}
    needs_: dict[str, str] = {}
    feedback = ""
    if request.method == "POST":
        found = {
            one.code: rules.Verdict(request.POST.get(f"verdict-{one.code}", ""), request.POST.get(f"text-{one.code}", ""))
            for one in policy.criteria
        }
        feedback = request.POST.get("feedback", "")
        try:
            actions.assess(check=row.pk, found=found, feedback=feedback, by=request.user.code, at=at)
        except Invalid as error:
            needs_ = error.fields
        else:
            return answers.go(request, reverse("resolution:quality"), said="Your assessment is on record.")
    access.consult(subject=("incident", row.incident_id), reason="assess its quality", by=request.user.code, at=at)
    context = _case(row, at) | {"found": found, "feedback": feedback, "needs": needs_}
    context["refused"] = [] if row.assessed_at else rules.may_assess(request.user.code, resolved_by=row.resolved_by, other="")
    kept = queries.marks(row)
    context["criteria"] = [
        {
            "criterion": one,
            "verdict": kept[one.code].verdict if one.code in kept else found[one.code].verdict if one.code in found else "",
            "text": kept[one.code].text if one.code in kept else found[one.code].text if one.code in found else "",
            "problem": needs_.get(one.code) or needs_.get(f"{one.code}_text", ""),
        }
        for one in (force.policy_number(row.policy_number).policy if row.policy_number else policy).criteria
    ]
    return render(request, "resolution/quality/case.html", context, status=422 if needs_ else 200)


def _case(row: Check, at: datetime) -> dict[str, Any]:
    incident = row.incident
    policy = force.policy_at(row.resolved_at).policy
    resolution = cases.of(incident.pk)
    decisions = list(Decision.objects.filter(incident=incident).order_by("at", "pk"))
    grades = {one.code: one.label for one in policy.grades}
    asks = {one.code: one.asks for one in policy.solvability}
    return {
        "check": row,
        "incident": incident,
        "type": next((one.label for one in policy.incident_types if one.code == incident.kind), incident.kind),
        "outcome": next((one.label for one in policy.rwd_outcomes if one.code == row.outcome), row.outcome),
        "resolution": resolution if resolution and resolution.at == row.resolved_at else None,
        "strategies": policy.strategies_of(incident.kind, force.local_day(row.resolved_at)),
        "decisions": [(one, grades.get(one.grade, one.grade), grades.get(one.suggested, one.suggested)) for one in decisions],
        "asked": [(asks.get(one.question, one.question), one) for one in cases.solvability_rows(incident.pk)],
        "promises": list(Promise.objects.filter(incident=incident).order_by("at", "pk")),
        "follow_up": [
            (resolving.FOLLOW_UP.get(one.answer, "Not asked yet"), one)
            for one in FollowUp.objects.filter(incident=incident).order_by("at", "pk")
        ],
        "back": list(Repeat.objects.filter(incident=incident).order_by("days")),
        "brief": brief.of(incident, at=at),
        "lines": _unnamed(logs.log(incident.pk, with_units=False), staff.name(row.resolved_by)),
        "verdicts": rules.VERDICTS,
        "needs_words": rules.NEEDS_WORDS,
        "assessed_by": staff.name(row.assessed_by) if row.assessed_by else "",
        "now": at,
    }


def _unnamed(lines: list[logs.LogLine], name: str) -> list[dict[str, Any]]:
    """The log without the name of whoever resolved it: the case is judged, not the person."""
    return [{"at": one.at, "is_correction": one.is_correction, "text": one.text.replace(name, "the resolver")} for one in lines]


@needs("resolution.assess")
@require_POST
def put_right(request: StaffRequest, check: int) -> HttpResponse:
    """POST `righted`: what was done for whoever was owed more."""
    get_object_or_404(Check.objects, pk=check)
    actions.put_right(check=check, text=request.POST.get("righted", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("resolution:quality"), said="Put right, and on record.")


@needs("resolution.write")
@require_GET
def mine(request: StaffRequest) -> HttpResponse:
    """What was found in the cases that the reader resolved. Nobody else's."""
    at = clock.now()
    policy = force.policy_at(at).policy
    rows = list(queries.for_whom(request.user.code)[:SHOWN])
    names = staff.names({row.assessed_by for row in rows})
    outcomes = {one.code: one.label for one in policy.rwd_outcomes}
    shown = []
    for row in rows:
        criteria = force.policy_number(row.policy_number).policy.criteria if row.policy_number else ()
        labels = {one.code: one.label for one in criteria}
        marks = [
            (labels.get(mark.criterion, mark.criterion), rules.VERDICTS.get(mark.verdict, mark.verdict), mark)
            for mark in row.marks.all()
        ]
        shown.append(
            {"check": row, "by": names[row.assessed_by], "outcome": outcomes.get(row.outcome, row.outcome), "marks": marks}
        )
        access.consult(subject=("incident", row.incident_id), reason="read what was found", by=request.user.code, at=at)
    return render(request, "resolution/quality/mine.html", {"rows": shown, "now": at})


@needs("resolution.write")
@require_POST
def read(request: StaffRequest, check: int) -> HttpResponse:
    """POST `reply`, if there is one: I have read it."""
    get_object_or_404(Check.objects, pk=check)
    actions.read(check=check, reply=request.POST.get("reply", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("resolution:mine"), said="Kept.")
