"""The whole record of one incident, on one page that can be printed: log, decisions, who went, what is owed, who rang."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.rules import shown_number
from watchroom.dispatch import queries as dispatch
from watchroom.duties import kinds
from watchroom.duties import queries as duties
from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import parties, queries
from watchroom.incidents.models import Decision, Incident
from watchroom.incidents.views import crime, tying
from watchroom.incidents.views.board import find, log_context, may_see_units
from watchroom.resolution import queries as resolution
from watchroom.shell import answers
from watchroom.staff import queries as staff


@needs("incidents.see")
@require_GET
def record(request: StaffRequest, incident: int) -> HttpResponse:
    """Reading it is a consultation (DPA 2018 s.62)."""
    row, at = find(incident), clock.now()
    access.log("consultation", subject=("incident", row.pk), reason="read the whole record", by=request.user.code, at=at)
    return render(request, "desk/incident.html", _whole(request, row, at))


@needs("desk.bundle")
@require_POST
def copy(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `recipient` and `reason`: the record as a sheet to be printed, and a disclosure on record (DPA 2018 s.62)."""
    row, at = find(incident), clock.now()
    recipient, reason = given_out(request)

    def give() -> bool:
        access.log("disclosure", subject=("incident", row.pk), reason=reason, recipient=recipient, by=request.user.code, at=at)
        return True

    answers.once(request, "desk.copy", give)
    return render(request, "desk/incident.html", {**_whole(request, row, at), "copy_for": recipient, "copy_because": reason})


def given_out(request: StaffRequest) -> tuple[str, str]:
    """To whom, and why. Raises Invalid."""
    recipient, reason = (request.POST.get(name, "").strip() for name in ("recipient", "reason"))
    problems = {}
    if not 3 <= len(recipient) <= 64 or "\x00" in recipient:
        problems["recipient"] = "Say to whom it is given, in 3 to 64 characters."
    if not 10 <= len(reason) <= 160 or "\x00" in reason:
        problems["reason"] = "Say why it is given out, in 10 to 160 characters."
    if problems:
        raise Invalid(**problems)
    return recipient, reason


def _whole(request: StaffRequest, row: Incident, at: datetime) -> dict[str, Any]:
    sent = list(dispatch.all_of(row.pk)) if request.user.may("dispatch.see") else []
    decisions = list(Decision.objects.filter(incident=row).order_by("at", "pk"))
    owed = list(duties.open_for(("incident", row.pk)))
    outcome = resolution.of(row.pk)
    codes = {d.by for d in decisions} | {s.assigned_by for s in sent} | {row.opened_by, row.closed_by or row.opened_by}
    names = staff.names(
        codes | {duty.owner for duty in owed if duty.owner.startswith("staff:")} | ({outcome.by} if outcome else set())
    )
    policy = force.policy_at(at).policy
    who, roles = parties.of(row.pk), {one.code: one.label for one in policy.parties}
    named = staff.names({one.by for one in who})
    context: dict[str, Any] = {
        **log_context(row, with_units=may_see_units(request, row)),
        "lines": queries.log(row.pk, with_units=may_see_units(request, row)),
        "sent": [{"row": one, "by": names[one.assigned_by]} for one in sent],
        "may_see_units": request.user.may("dispatch.see"),
        "decisions": [_decision(one, names) for one in decisions],
        "ties": tying.shown(row),
        "tie_kinds": tying.KINDS,
        "may_write": request.user.may("incidents.write"),
        "may_reopen": request.user.may("incidents.close") and not row.is_open,
        "is_holder": row.risk_holder == request.user.code,
        "owed": [{"label": kinds.label(d.kind), "owner": names.get(d.owner, _desk(d.owner)), "due_at": d.due_at} for d in owed],
        "contacts": [
            {"row": one, "number": shown_number(one.caller_number) if one.caller_number else ""}
            for one in queries.contacts_of(row.pk)
        ],
        "outcome": outcome,
        "outcome_label": next((o.label for o in policy.rwd_outcomes if outcome and o.code == outcome.outcome), ""),
        "outcome_by": names[outcome.by] if outcome else "",
        "opened_by": names[row.opened_by],
        "closed_by": names[row.closed_by] if row.closed_by else "",
        "closed_as": next((c.label for c in policy.categories.items if c.code == row.closing_category), row.closing_category),
        "qualifiers": [q.label for q in policy.categories.qualifiers if q.code in row.qualifiers],
        "parties": [{"row": one, "role": roles.get(one.role, one.role), "by": named[one.by]} for one in who],
        "party_roles": list(roles.items()),
        **crime.context(row, request, at),
        "back": _back(request, row),
        "may_look_back": request.user.may("desk.replay"),
        "printed_by": request.user.full_name,
        "may_give_out": request.user.may("desk.bundle"),
        "now": at,
    }
    return context


def _decision(one: Decision, names: dict[str, str]) -> dict[str, Any]:
    """As it was decided, under the policy of that day."""
    policy = force.policy_number(one.policy_number).policy
    labels = {grade.code: grade.label for grade in policy.grades}
    return {
        "row": one,
        "grade": labels.get(one.grade, one.grade),
        "suggested": labels.get(one.suggested, one.suggested),
        "by": names[one.by],
        "policy": policy.version,
        "number": one.policy_number,
    }


def _desk(owner: str) -> str:
    """`desk:despatch` → the despatch desk."""
    return f"the {owner.removeprefix('desk:')} desk"


def _back(request: StaffRequest, row: Incident) -> str:
    for permission, url in (("desk.despatch", "/despatch/"), ("desk.resolution", "/resolve/")):
        if request.user.may(permission):
            return f"{url}?job={row.pk}"
    return "/"
