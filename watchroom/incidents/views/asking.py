"""Looking at the risk again, asking a second person for less or later, and answering (R75 to R80, ADR 11)."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment import queries as assessment
from watchroom.assessment import rules as risk
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import interlock, proposals, queries
from watchroom.incidents.models import Incident, Proposal
from watchroom.incidents.views.board import find
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept
from watchroom.staff import queries as staff

WORDS = ("changed", "victim_said", "safeguarding", "reason")  # each kept as a draft while it is written


@needs("incidents.ask")
@require_GET
def panel(request: StaffRequest, incident: int) -> HttpResponse:
    """GET `kind` (what is likely wanted): the second look, and the form by which less or later is asked for."""
    return _panel(request, find(incident))


@needs("incidents.ask")
@require_POST
def look(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `changed`, `victim`, `victim_said`, and `level_<element>` with `why_<element>`: only the second look (R76, R82)."""
    row, at = find(incident), clock.now()
    answers.once(request, "incidents.look", lambda: _look(request, row, "review", at))
    _forget(request, row)
    return answers.done(request, lambda: _panel(request, row), "wr:risk", said="Looked at again.")


@needs("incidents.ask")
@require_POST
def ask(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `kind`, `reason`, and what that kind needs; with the fields of `look` where the risk was not just looked at."""
    row, at = find(incident), clock.now()

    def do() -> int:
        with transaction.atomic():  # the look stands only together with what is asked on its ground
            kind = request.POST.get("kind", "")
            if request.POST.get("changed", "").strip():
                _look(request, row, interlock.KINDS[kind].stage if kind in interlock.KINDS else "review", at)
            return proposals.ask(
                incident=row.pk,
                kind=kind,
                reason=request.POST.get("reason", ""),
                to=request.POST.get("to", ""),
                until=time_said(request.POST.get("until", ""), at),
                category=request.POST.get("category", ""),
                result=request.POST.get("result", ""),
                safeguarding=request.POST.get("safeguarding", ""),
                by=request.user.code,
                at=at,
            ).pk

    answers.once(request, "incidents.ask", do)
    _forget(request, row)
    return answers.done(request, lambda: _panel(request, row), "wr:asked", said="Asked. A second person answers.")


@needs("incidents.ask")
@require_POST
def withdraw(request: StaffRequest, incident: int) -> HttpResponse:
    """What was asked is no longer wanted."""
    row = find(incident)
    found = queries.asked(row.pk)
    if found is None:
        raise Refused("Nothing is asked for this log any more.")
    proposals.withdraw(proposal=found.pk, by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _panel(request, row), "wr:asked", said="Withdrawn.")


@needs("incidents.approve")
@require_GET
def waiting(request: StaffRequest) -> HttpResponse:
    """What waits for an answer, the one that lapses first on top."""
    return render(request, "incidents/_waiting_answers.html", {"rows": rows(request), "now": clock.now()})


@needs("incidents.approve")
@require_POST
def answer(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `proposal`, `verdict` (approve or refuse), `answer`. Approving carries it out; nobody answers their own."""
    row, at = find(incident), clock.now()
    number, verdict, words = (request.POST.get(name, "") for name in ("proposal", "verdict", "answer"))
    found = get_object_or_404(Proposal, pk=number, incident=row) if number.isdecimal() else None
    if found is None or verdict not in ("approve", "refuse"):
        raise Invalid(verdict="Approve it, or refuse it and say why.")
    act = proposals.approve if verdict == "approve" else proposals.refuse

    def do() -> int:
        return act(proposal=found.pk, answer=words, by=request.user.code, at=at).pk

    answers.once(request, "incidents.answer", do)
    drafts.forget_draft(member=request.user.pk, key=f"incident:{row.pk}:answer", sent=words)
    said = "Approved, and done." if verdict == "approve" else "Refused; the promise stands."
    return answers.go(request, "/supervisor/asked/", said=said)


def rows(request: StaffRequest) -> list[dict[str, Any]]:
    """Each proposal with its case in a line."""
    found = list(queries.all_asked())
    names = staff.names({row.asked_by for row in found})
    policy = force.policy_at(clock.now()).policy
    types = {one.code: one.label for one in policy.incident_types}
    return [
        {
            "row": row,
            "kind": interlock.KINDS[row.kind],
            "title": row.incident.headline or types.get(row.incident.kind, row.incident.kind),
            "by": names[row.asked_by],
            "is_mine": row.asked_by == request.user.code,
        }
        for row in found
    ]


def case(request: StaffRequest, row: Proposal) -> dict[str, Any]:
    """All that somebody has to see before they answer."""
    at = clock.now()
    policy = force.policy_at(at).policy
    incident = find(row.incident_id)
    suggestion = queries.suggestion(incident, at=at)
    labels = {grade.code: grade for grade in policy.grades}
    earlier = row.assessment.earlier
    before = {a.element: a.level for a in assessment.answers(earlier)} if earlier else {}
    model = policy.model()
    return {
        "row": row,
        "incident": incident,
        "kind": interlock.KINDS[row.kind],
        "by": staff.name(row.asked_by),
        "is_mine": row.asked_by == request.user.code,
        "from": labels.get(row.grade),
        "to": labels.get(row.to),
        "suggested": labels.get(suggestion.grade or ""),
        "because": suggestion.because[:3],
        "victim": risk.VICTIM.get(row.assessment.victim, "Not asked: the first record"),
        "levels": [
            {"element": element, "level": a.level, "before": before.get(a.element), "why": a.rationale, "carried": a.is_carried}
            for element in model.elements
            for a in row.assessment.answers.filter(element=element.code).order_by("at", "pk")
        ],
        "against": interlock.may_approve(
            proposals.as_asked(row), queries.case(incident, at=at), by=request.user.code, policy=policy, now=at
        ),
        "unsent": drafts_of(request, incident),
        "now": at,
    }


def drafts_of(request: StaffRequest, row: Incident) -> dict[str, Any]:
    return kept.drafts(member=request.user.pk, about=f"incident:{row.pk}")


def time_said(text: str, at: datetime) -> datetime | None:
    """`14:30` is the next half past two there is; `+45` is in 45 minutes. Raises Invalid for anything else that is written."""
    text = text.strip()
    if not text:
        return None
    if minutes := re.fullmatch(r"\+\s*(\d{1,4})", text):
        return at + timedelta(minutes=int(minutes[1]))
    if clock_time := re.fullmatch(r"(\d{1,2})[:.]?(\d{2})", text):
        hours, minute = int(clock_time[1]), int(clock_time[2])
        if hours < 24 and minute < 60:
            zone = force.timezone()
            today = at.astimezone(zone).replace(hour=hours, minute=minute, second=0, microsecond=0)
            return today if today > at else today + timedelta(days=1)
    raise Invalid(until="Write a time like 14:30, or minutes from now like +45.")


def _look(request: StaffRequest, row: Incident, stage: str, at: datetime) -> int:
    said = request.POST
    changes = {
        name.removeprefix("level_"): (int(level), said.get(f"why_{name.removeprefix('level_')}", ""))
        for name, level in said.items()
        if name.startswith("level_") and level in ("0", "1", "2", "3")
    }
    proposals.look_again(
        incident=row.pk,
        stage=stage,
        changed=said.get("changed", ""),
        victim=said.get("victim", ""),
        victim_said=said.get("victim_said", ""),
        changes=changes,
        by=request.user.code,
        at=at,
    )
    return row.pk


def _panel(request: StaffRequest, row: Incident) -> HttpResponse:
    row.refresh_from_db()
    at = clock.now()
    policy = force.policy_at(at).policy
    found = queries.asked(row.pk)
    state = queries.case(row, at=at)
    looked = queries.newest_look(row.pk)
    given = {a.element: a for a in assessment.answers(looked)}
    promises = bool(row.grade) and policy.grade(row.grade).needs_deployment
    owed_look = interlock.ground(state, policy, at)
    unsent = drafts_of(request, row)
    context: dict[str, Any] = {
        "incident": row,
        "asked": found,
        "asked_kind": interlock.KINDS[found.kind] if found else None,
        "asked_by": staff.name(found.asked_by) if found else "",
        "is_mine": bool(found and found.asked_by == request.user.code),
        "kinds": [one for one in interlock.KINDS.values() if one.code == "downgrade" or (promises and not row.attended_at)],
        "wanted": request.GET.get("kind") or ("delay" if promises and not row.attended_at else "downgrade"),
        "lower": [one for one in policy.grades if row.grade and policy.is_more_urgent(row.grade, one.code)],
        "needs_look": owed_look,
        "risk_saved": state.risk_saved,
        "looked": looked,
        "looked_by": staff.name(looked.saved_by) if looked else "",
        "victim_ways": risk.VICTIM.items(),
        "elements": [(element, given.get(element.code)) for element in policy.model().elements],
        "categories": policy.categories.items,
        "unsent": {name: unsent.get(f"incident:{row.pk}:ask-{name}") for name in WORDS},
        "holder": staff.name(row.risk_holder),
        "now": at,
    }
    return render(request, "incidents/_ask.html", context)


def _forget(request: StaffRequest, row: Incident) -> None:
    for name in WORDS:
        if words := request.POST.get(name):
            drafts.forget_draft(member=request.user.pk, key=f"incident:{row.pk}:ask-{name}", sent=words)
