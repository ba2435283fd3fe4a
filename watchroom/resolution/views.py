"""The resolution desk: what waits, the outcome, the promises; helping sooner, not a way to send nobody."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import actions as incidents
from watchroom.incidents import board
from watchroom.incidents import queries as logs
from watchroom.incidents.models import Incident
from watchroom.incidents.views import close
from watchroom.resolution import actions, queries, rules
from watchroom.shell import answers as page
from watchroom.staff import queries as staff


@needs("resolution.see")
@require_GET
def waiting(request: StaffRequest) -> HttpResponse:
    """What is graded to be resolved without sending anyone and is not yet: the longest waiting first. And what is resolved, not closed."""
    return render(request, "resolution/waiting.html", waiting_context(clock.now()))


def waiting_context(at: datetime) -> dict[str, Any]:
    open_rwd = list(Incident.objects.filter(state=Incident.State.OPEN, grade="rwd").values_list("pk", flat=True))
    resolved = queries.resolved_among(open_rwd)
    jobs = sorted(board.jobs(at=at, only=open_rwd), key=lambda job: job.incident.opened_at)
    return {
        "jobs": [job for job in jobs if job.pk not in resolved],
        "resolved": [job for job in jobs if job.pk in resolved],
        "now": at,
    }


@needs("resolution.see")
@require_GET
def promises(request: StaffRequest) -> HttpResponse:
    """The call backs that were promised and not made, the next first (R25)."""
    at = clock.now()
    context = promises_context(request, at)
    for row in context["promises"]:  # what was said to whom stands here, word by word
        incident = row["promise"].incident_id
        access.consult(subject=("incident", incident), reason="read what was promised", by=request.user.code, at=at)
    return render(request, "resolution/promises.html", context)


def promises_context(request: StaffRequest, at: datetime) -> dict[str, Any]:
    found = list(queries.promises().select_related("incident", "incident__place"))
    names = staff.names({row.by for row in found})
    rows = [{"promise": row, "name": names[row.by]} for row in found]
    return {"promises": rows, "may_write": request.user.may("resolution.write"), "now": at}


@needs("resolution.see")
@require_GET
def outcome(request: StaffRequest, incident: int) -> HttpResponse:
    """How one incident can be put right: the questions that ask for an officer, then the outcomes."""
    row, at = find(incident), clock.now()
    access.consult(subject=("incident", row.pk), reason="read at the resolution desk", by=request.user.code, at=at)
    return _outcome(request, row, at)


def find(incident: int) -> Incident:
    return get_object_or_404(Incident.objects.select_related("place", "place__beat"), pk=incident)


def _outcome(request: StaffRequest, row: Incident, at: datetime) -> HttpResponse:
    policy = force.policy_at(at).policy
    done = queries.of(row.pk)
    labels = {one.code: one.label for one in policy.rwd_outcomes}
    agencies = {one.code: one.label for one in policy.agencies}
    context = {
        "incident": row,
        "done": done,
        "done_label": labels.get(done.outcome, done.outcome) if done else "",
        "done_agency": agencies.get(done.agency, done.agency) if done else "",
        "done_by": staff.name(done.by) if done else "",
        "risk_saved": logs.risk_is_saved(row.pk),
        "is_rwd": row.grade == "rwd",
        "questions": policy.solvability if rules.asks_solvability(row.kind, policy) else (),
        "outcomes": [one for one in policy.rwd_outcomes if one.is_offered],
        "agencies": policy.agencies,
        "raises": [grade for grade in policy.grades if grade.needs_deployment],
        "may_write": request.user.may("resolution.write") and row.is_open,
        "may_grade": request.user.may("incidents.grade") and row.is_open,
        "soonest": timezone.localtime(at + timedelta(minutes=30)).strftime("%H:%M"),
        "now": at,
    }
    if done:
        context |= close.context(row, request, at, result=done.text)
    return render(request, "resolution/outcome.html", context)


@needs("resolution.write")
@require_POST
def resolve(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `outcome`, `text`, for some outcomes `agency` or `promised` (HH:MM), and `solve-<question>` yes or no."""
    row, at, by = find(incident), clock.now(), request.user.code
    policy = force.policy_at(at).policy
    answers = {
        q.code: request.POST[f"solve-{q.code}"] == "yes" for q in policy.solvability if request.POST.get(f"solve-{q.code}")
    }
    chosen = next((one for one in policy.rwd_outcomes if one.code == request.POST.get("outcome")), None)
    if chosen is None:
        raise Invalid(outcome="Choose an outcome.")
    promised = _time(request.POST.get("promised", ""), at) if chosen.needs_due else None

    def do() -> int:
        return actions.resolve(
            incident=row.pk,
            outcome=chosen.code,
            text=request.POST.get("text", ""),
            agency=request.POST.get("agency", "") if chosen.needs_agency else "",
            promised_for=promised,
            solvability=answers,
            by=by,
            at=at,
        ).pk

    page.once(request, "resolution.resolve", do)
    return _answer(request, row, at, f"{chosen.label}: log {row.reference} is resolved. Close it with its category.")


@needs("incidents.grade")
@require_POST
def regrade(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `grade`, `justification`: an officer attends after all (R91). Whoever finds that out raises it, and despatch has it at once."""
    row, at, by = find(incident), clock.now(), request.user.code
    policy = force.policy_at(at).policy
    wanted = request.POST.get("grade", "")
    if wanted not in {grade.code for grade in policy.grades if grade.needs_deployment}:
        raise Invalid(grade="Choose how soon an officer attends.")

    def do() -> int:
        return incidents.grade(
            incident=row.pk,
            to=wanted,
            justification=request.POST.get("justification", ""),
            by=by,
            at=at,
        ).pk

    page.once(request, "resolution.regrade", do)
    return _answer(request, find(incident), at, f"Log {row.reference} is {policy.grade(wanted).label} now.")


@needs("resolution.write")
@require_POST
def keep(request: StaffRequest, incident: int) -> HttpResponse:
    """The call back was made; what was said belongs into the log (`text`)."""
    row, at, by = find(incident), clock.now(), request.user.code
    get_object_or_404(queries.promises().model, incident=row)
    text = request.POST.get("text", "").strip()
    if not text:
        raise Invalid(text="Write what was said.")

    def do() -> int:
        incidents.note(incident=row.pk, text=f"Called back: {text}", by=by, at=at, written_at=at, origin="handler")
        return actions.keep_promise(incident=row.pk, by=by, at=at).pk

    page.once(request, "resolution.keep", do)
    if request.headers.get("HX-Request"):
        return render(request, "resolution/promises.html", promises_context(request, at))
    return page.told(request, f"Kept: log {row.reference} was called back.")


def _time(words: str, at: datetime) -> datetime | None:
    """A time of day as the next moment that has it; nothing for nothing. Raises Invalid for what is no time."""
    if not words.strip():
        return None
    try:
        hour, minute = (int(part) for part in words.strip().replace(".", ":").split(":")[:2])
        local = timezone.localtime(at)
        moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        raise Invalid(promised="Write the time as hours and minutes, for example 14:30.") from None
    return moment if moment > local else moment + timedelta(days=1)


def _answer(request: StaffRequest, row: Incident, at: datetime, said: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _outcome(request, row, at)
    return page.told(request, said)
