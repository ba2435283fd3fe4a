"""The fourth stage: how urgent is it? The machine gives reasons, a person decides."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment import queries as assessment
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find
from watchroom.force import queries as force
from watchroom.force.policy import Grade, Policy
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.incidents import actions, queries, rules
from watchroom.incidents.views.open import kind_kept
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept
from watchroom.staff import queries as staff


@needs("incidents.see")
@require_GET
def grade(request: StaffRequest, contact: int) -> HttpResponse:
    """The stage: what is suggested and why, what speaks against it, and the grades, each with what it still waits for."""
    row = find(contact)
    consult(request, row)
    return _stage(request, row)


@needs("incidents.grade")
@require_POST
def decide(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `grade` (code or key), `justification`: a named person decides. Immediate never waits (R59, R60)."""
    get_object_or_404(Contact.objects.select_for_update(of=("self",)), pk=contact)  # after a place or type that is on its way
    row, at = find(contact), clock.now()
    policy = force.policy_at(at).policy
    wanted = request.POST.get("grade", "").strip().lower()
    chosen = next((g for g in policy.grades if wanted in (g.code, g.key, g.label.lower())), None)
    if chosen is None:
        raise Invalid(grade="Choose one of the grades.")
    incident = queries.of_contact(row.pk)
    if incident is None:
        if chosen.waits_for_risk:
            raise Refused("There is no log yet: pick the place and the type, then grade. Immediate goes at once.")
        incident = actions.open_with_what_is_known(contact=row.pk, kind=kind_kept(request, row), by=request.user.code, at=at)
    answers.once(
        request,
        "incidents.grade",
        lambda: actions.grade(
            incident=incident.pk,
            to=chosen.code,
            justification=request.POST.get("justification", ""),
            by=request.user.code,
            at=at,
        ),
    )
    drafts.forget_draft(member=request.user.pk, key=_draft(row), sent=request.POST.get("justification", ""))
    return answers.done(request, lambda: _stage(request, row), "wr:grade", "wr:opened", said=f"Graded {chosen.label}.")


def _stage(request: StaffRequest, row: Contact) -> HttpResponse:
    at = clock.now()
    policy = force.policy_at(at).policy
    incident = queries.of_contact(row.pk)
    pending = incident.kind if incident else ""
    suggestion = queries.suggestion(incident, at=at) if incident else assessment.suggestion(row, kind=pending, at=at)
    is_saved = queries.risk_is_saved(incident.pk) if incident else assessment.is_saved(row.pk)
    decided = incident.decisions.order_by("-at", "-pk").first() if incident else None
    saved = assessment.saved(row.pk)
    is_nothing = not incident and saved is not None and saved.kind == saved.Kind.NOTHING_HEARD
    may_grade = request.user.may("incidents.grade") and (incident is None or incident.is_open)
    current = incident.grade if incident else ""
    context: dict[str, Any] = {
        "contact": row,
        "incident": incident,
        "suggestion": suggestion,
        "suggested": policy.grade(suggestion.grade) if suggestion.grade else None,
        "first": policy.grades[0],
        "grades": [_key(g, current, is_saved, may_grade, incident is not None, request, policy) for g in policy.grades],
        "decided": decided,
        "decided_grade": policy.grade(decided.grade) if decided else None,
        "decided_by": staff.name(decided.by) if decided else "",
        "helpers": queries.who_can_help(incident, at=at) if incident else (),
        "is_saved": is_saved,
        "is_nothing": is_nothing,
        "may_grade": may_grade,
        "may_ask": request.user.may("incidents.ask"),
        "policy": policy,
        "draft": _draft(row),
        "unsent": kept.draft(member=request.user.pk, key=_draft(row)),
        "out_of_date": policy.out_of_date(force.local_day(at)),
        "state": "done" if current else "now" if incident and is_saved else "",
        "note": _note(current, is_nothing, is_saved, bool(incident)),
    }
    return render(request, "incidents/grade.html", context)


def _key(
    chosen: Grade, current: str, is_saved: bool, may_grade: bool, has_incident: bool, request: StaffRequest, policy: Policy
) -> dict[str, Any]:
    """A grade's key, and in words what it still waits for. The justification is not among it: it is typed before the key is pressed."""
    why = ""
    if not has_incident and chosen.waits_for_risk:
        why = "Pick the place and the type first."
    elif not may_grade:
        why = "Your role does not grade." if not request.user.may("incidents.grade") else "The log is closed."
    else:
        waits = rules.may_grade(chosen.code, current or None, is_saved, None, "x" * 200, policy)
        why = " ".join(waits)
    return {"grade": chosen, "why_not": why, "is_current": chosen.code == current}


def _draft(row: Contact) -> str:
    return f"contact:{row.pk}:why"


def _note(current: str, is_nothing: bool, is_saved: bool, has_incident: bool) -> str:
    if current:
        return "risk owed" if not is_saved else "decided"
    if is_nothing:
        return "nothing to grade"
    return "ready" if has_incident else "1 now"
