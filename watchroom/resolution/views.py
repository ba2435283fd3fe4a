"""The resolution desk: what waits, the outcome, the promises; helping sooner, not a way to send nobody."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment.rules import other_agencies
from watchroom.contacts.models import Contact
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import actions as incidents
from watchroom.incidents import board
from watchroom.incidents import queries as logs
from watchroom.incidents.models import Incident
from watchroom.incidents.views import close
from watchroom.resolution import actions, afterwards, diary, forms, keeping, queries, rules
from watchroom.resolution.models import Enquiry, FollowUp, Investigation, Promise
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
    investigated = list(queries.investigations())
    busy = {row.incident_id for row in investigated}
    return {
        "jobs": [job for job in jobs if job.pk not in resolved],
        "resolved": [job for job in jobs if job.pk in resolved and job.pk not in busy],
        "investigated": investigated,
        "appointments": list(queries.without_appointment()),
        "now": at,
    }


@needs("resolution.see")
@require_GET
def promises(request: StaffRequest) -> HttpResponse:
    """What was promised and is not kept, the next first (R25); whom to ask whether it was put right; who is in touch again."""
    at = clock.now()
    context = promises_context(request, at)
    for row in context["promises"]:  # what was said to whom stands here, word by word
        incident = row["promise"].incident_id
        access.consult(subject=("incident", incident), reason="read what was promised", by=request.user.code, at=at)
    return render(request, "resolution/promises.html", context)


def promises_context(request: StaffRequest, at: datetime) -> dict[str, Any]:
    found = list(queries.promises())
    asking = list(queries.to_follow_up(at))
    names, tries = staff.names({row.by for row in found}), queries.tries_among([row.pk for row in found])
    outcomes = {one.code: one.label for one in force.policy_at(at).policy.rwd_outcomes}
    return {
        "promises": [
            {"promise": row, "name": names[row.by], "tries": tries[row.pk], "reach": _reach(row.contact)} for row in found
        ],
        "asking": [
            {"row": row, "outcome": outcomes.get(row.outcome, row.outcome), "reach": _reach(row.contact)} for row in asking
        ],
        "tries": rules.TRIES,
        "follow_up": rules.FOLLOW_UP,
        "may_write": request.user.may("resolution.write"),
        "now": at,
        **came_back_context(at),
    }


def came_back_context(at: datetime) -> dict[str, Any]:
    days = force.policy_at(at).policy.resolving.repeat_days
    return {"back": queries.came_back(at - timedelta(days=days)) if days else []}


def headline_context(at: datetime) -> dict[str, Any]:
    """What is promised next: for the line on top of the desk."""
    return {"next": queries.promises().first(), "now": at}


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
    contact = queries.first_contact(row.pk)
    may_investigate = policy.may_investigate_from_desk(row.kind)
    rows = queries.solvability_rows(row.pk)
    names_of, labels_of = staff.names({one.by for one in rows}), {one.code: one.asks for one in policy.solvability}
    context = {
        "incident": row,
        "done": done,
        "done_label": labels.get(done.outcome, done.outcome) if done else "",
        "done_agency": agencies.get(done.agency, done.agency) if done else "",
        "done_by": staff.name(done.by) if done else "",
        "done_way": rules.ADVICE_WAYS.get(done.advice_way, "") if done else "",
        "overtaken": [{"row": one, "label": labels.get(one.outcome, one.outcome)} for one in row.overtaken.order_by("at")],
        "risk_saved": logs.risk_is_saved(row.pk),
        "is_rwd": row.grade == "rwd",
        "is_appointment": row.grade == "appointment",
        "appointment": Promise.objects.filter(incident=row, kind=Promise.Kind.APPOINTMENT, kept_at=None).first(),
        "strategies": (strategies := policy.strategies_of(row.kind, force.local_day(at))),
        "is_attended": any(one.is_attended for one in strategies),
        "questions": _questions(row, policy),
        "asked": [(one, names_of[one.by], labels_of.get(one.question, one.question)) for one in rows],
        "outcomes": [one for one in policy.rwd_outcomes if one.is_offered and (may_investigate or not one.opens_diary)],
        "helpers": (helpers := logs.who_can_help(row, at=at)),
        "agencies": other_agencies(helpers, policy),
        "advice": sorted(policy.advice, key=lambda one: row.kind not in one.kinds),
        "ways": {
            code: label
            for code, label in rules.ADVICE_WAYS.items()
            if not (contact and contact.safe_contact == "no" and code == "to_post")
        },
        "reach": _reach(contact),
        "is_unsafe": bool(contact and contact.safe_contact in ("no", "unknown")),
        "raises": [
            grade for grade in policy.grades if grade.needs_deployment and policy.is_more_urgent(grade.code, row.grade or None)
        ],
        "owners": owners(at),
        "review_day": timezone.localtime(at + timedelta(days=policy.resolving.review_investigation_days)).date(),
        "may_write": request.user.may("resolution.write") and row.is_open,
        "may_grade": request.user.may("incidents.grade") and row.is_open,
        "soonest": timezone.localtime(at + timedelta(minutes=30)).strftime("%H:%M"),
        "now": at,
        **_diary(row),
    }
    if done:
        found = context["investigation"]
        context |= close.context(row, request, at, result=(found.finding if found else "") or done.text)
    return render(request, "resolution/outcome.html", context)


def _questions(row: Incident, policy: Policy) -> list[dict[str, Any]]:
    """The questions of this type, each with what is on record; of another type, those that somebody answered."""
    rows = {one.question: one for one in queries.solvability_rows(row.pk)}
    names = staff.names({one.by for one in rows.values()})
    asked = rules.asks_solvability(row.kind, policy)
    return [
        {"question": one, "stood": stood, "by": names[stood.by] if stood else ""}
        for one in policy.solvability
        if (stood := rows.get(one.code)) or asked
    ]


def _diary(row: Incident) -> dict[str, Any]:
    found = queries.investigation(row.pk)
    if found is None:
        return {"investigation": None}
    lines, entries = list(queries.enquiries(found.pk)), list(queries.diary(found.pk))
    held = queries.holders("investigate", "incident", [row.pk]).get(row.pk, diary.DESK)
    owned = queries.holders("enquiry", "enquiry", [line.pk for line in lines])
    names = staff.names({held, *owned.values(), *(one.by for one in entries), found.finished_by or found.by})
    return {
        "investigation": found,
        "held_by": names[held],
        "holder": held,
        "finished_by": names[found.finished_by] if found.finished_by else "",
        "ended": rules.RESULTS.get(found.result, "An officer attends" if found.result else ""),
        "results": rules.RESULTS,
        "lines": [{"row": line, "owner": names[owned.get(line.pk, held)]} for line in lines],
        "entries": [{"row": one, "name": names[one.by]} for one in entries],
    }


def owners(at: datetime) -> list[tuple[str, str]]:
    """To whom an investigation or a line of enquiry is given: the desks, and everybody who is here."""
    return [*staff.DESKS.items(), *((seen.member.code, seen.member.full_name) for seen in staff.room_now(at))]


def _reach(contact: Contact | None) -> str:
    if contact is None:
        return ""
    return rules.how_to_reach(contact.safe_contact, contact.safe_times, contact.may_leave_message)


@needs("resolution.write")
@require_POST
def resolve(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `outcome`, `text`, `solve-<question>` yes or no; and what the outcome needs: `agency`, `promised`,
    `advice` and `way`, `owner` and `review`.
    """
    row, at, by = find(incident), clock.now(), request.user.code
    policy = force.policy_at(at).policy
    chosen = next((one for one in policy.rwd_outcomes if one.code == request.POST.get("outcome")), None)
    if chosen is None:
        raise Invalid(outcome="Choose an outcome.")
    promised = forms.moment(request, at, "promised", day="promised_day") if chosen.needs_due else None
    review_by = forms.day(request, at, "review") if chosen.opens_diary else None

    def do() -> int:
        return actions.resolve(
            incident=row.pk,
            outcome=chosen.code,
            text=request.POST.get("text", ""),
            agency=request.POST.get("agency", "") if chosen.needs_agency else "",
            promised_for=promised,
            solvability=forms.solvability(request, policy),
            because=request.POST.get("because", ""),
            advice=request.POST.get("advice", ""),
            advice_way=request.POST.get("way", ""),
            investigator=request.POST.get("owner", ""),
            review_by=review_by,
            by=by,
            at=at,
        ).pk

    page.once(request, "resolution.resolve", do)
    return _answer(request, row, at, f"{chosen.label}: log {row.reference} is resolved. Close it with its category.")


@needs("incidents.grade")
@require_POST
def regrade(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `grade`, `justification`, and what was answered: an officer attends after all (R91), and despatch has it at once."""
    row, at, by = find(incident), clock.now(), request.user.code
    policy = force.policy_at(at).policy
    wanted = request.POST.get("grade", "")
    if wanted not in {grade.code for grade in policy.grades if grade.needs_deployment}:
        raise Invalid(grade="Choose how soon an officer attends.")

    def do() -> int:
        return actions.send_somebody(
            incident=row.pk,
            grade=wanted,
            justification=request.POST.get("justification", ""),
            solvability=forms.solvability(request, policy),
            because=request.POST.get("because", ""),
            by=by,
            at=at,
        ).pk

    page.once(request, "resolution.regrade", do)
    return _answer(request, find(incident), at, f"Log {row.reference} is {policy.grade(wanted).label} now; despatch has it.")


# --- Promises -------------------------------------------------------------------------------------------------------


@needs("resolution.write")
@require_POST
def keep(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `text`, `kind`: it was done; what was said belongs into the log."""
    row, at, by = find(incident), clock.now(), request.user.code
    kind = request.POST.get("kind", "") or Promise.Kind.CALL_BACK
    if kind not in Promise.Kind.values:
        raise Invalid(kind="Say what was kept.")
    get_object_or_404(queries.promises_of(row.pk).filter(kind=kind)[:1])
    text = request.POST.get("text", "").strip()
    if not text and kind == Promise.Kind.CALL_BACK:
        raise Invalid(text="Write what was said.")
    said = {Promise.Kind.CALL_BACK: "Called back", Promise.Kind.APPOINTMENT: "Seen", Promise.Kind.POST: "Posted"}[
        Promise.Kind(kind)
    ]

    def do() -> int:
        words = f"{said}: {text}" if text else f"{said}."
        incidents.note(incident=row.pk, text=words, by=by, at=at, written_at=at, origin="handler")
        return keeping.keep_promise(incident=row.pk, kind=kind, text=text, by=by, at=at).pk

    page.once(request, "resolution.keep", do)
    return _promised(request, at, f"Kept: log {row.reference}.")


@needs("resolution.write")
@require_POST
def tried(request: StaffRequest, promise: int) -> HttpResponse:
    """POST `how`, `next` (HH:MM), `day`, `text`: they were not reached, and are tried again then."""
    row, at = get_object_or_404(Promise.objects.select_related("incident"), pk=promise), clock.now()
    next_at = forms.moment(request, at, "next", day="day")

    def do() -> int:
        text, how = request.POST.get("text", ""), request.POST.get("how", "")
        return keeping.tried(promise=row.pk, how=how, next_at=next_at, text=text, by=request.user.code, at=at).pk

    page.once(request, "resolution.tried", do)
    return _promised(request, at, f"Log {row.incident.reference} is tried again {forms.said(next_at, at)}.")


@needs("resolution.write")
@require_POST
def move(request: StaffRequest, promise: int) -> HttpResponse:
    """POST `to` (HH:MM), `day`, `because`."""
    row, at = get_object_or_404(Promise.objects.select_related("incident"), pk=promise), clock.now()
    to = forms.moment(request, at, "to", day="day")

    def do() -> int:
        return keeping.move(promise=row.pk, to=to, because=request.POST.get("because", ""), by=request.user.code, at=at).pk

    page.once(request, "resolution.move", do)
    return _promised(request, at, f"Log {row.incident.reference}: moved to {forms.said(to, at)}.")


@needs("resolution.write")
@require_POST
def appointment(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `due` (HH:MM), `day`, `text`: when somebody will be there, as they were told."""
    row, at = find(incident), clock.now()
    due_at = forms.moment(request, at, "due", day="day")

    def do() -> int:
        text = request.POST.get("text", "")
        return keeping.make_appointment(incident=row.pk, due_at=due_at, text=text, by=request.user.code, at=at).pk

    page.once(request, "resolution.appointment", do)
    return _answer(request, row, at, f"Log {row.reference}: appointment {forms.said(due_at, at)}.")


@needs("resolution.write")
@require_POST
def followed_up(request: StaffRequest, follow_up: int) -> HttpResponse:
    """POST `answer`, `text`: “would you need us again?”"""
    row, at = get_object_or_404(FollowUp.objects.select_related("incident"), pk=follow_up), clock.now()

    def do() -> int:
        answer, text = request.POST.get("answer", ""), request.POST.get("text", "")
        return afterwards.follow_up(follow_up=row.pk, answer=answer, text=text, by=request.user.code, at=at).pk

    page.once(request, "resolution.follow_up", do)
    return _promised(request, at, f"Log {row.incident.reference}: kept what they said.")


def _promised(request: StaffRequest, at: datetime, said: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "resolution/promises.html", promises_context(request, at))
    return page.told(request, said)


# --- Desk investigation ---------------------------------------------------------------------------------------------


@needs("resolution.write")
@require_POST
def enquire(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `what`, `owner`, `due` (a day): a line of enquiry."""
    row, at = find(incident), clock.now()
    due_at = forms.day(request, at, "due")

    def do() -> int:
        what, owner = request.POST.get("what", ""), request.POST.get("owner", "")
        found = _investigation(row)
        return diary.enquire(investigation=found, what=what, owner=owner, due_at=due_at, by=request.user.code, at=at).pk

    page.once(request, "resolution.enquire", do)
    return _answer(request, row, at, "A line of enquiry is open.")


@needs("resolution.write")
@require_POST
def write(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `text`, `enquiry`, `done`: into the diary; `done` with a line of enquiry ends that line."""
    row, at = find(incident), clock.now()
    number = request.POST.get("enquiry", "")
    line = get_object_or_404(Enquiry, pk=number, investigation__incident=row) if number.isdecimal() else None

    def do() -> int:
        return diary.write(
            investigation=_investigation(row),
            text=request.POST.get("text", ""),
            enquiry=line.pk if line else None,
            is_done=bool(request.POST.get("done")),
            by=request.user.code,
            at=at,
        ).pk

    page.once(request, "resolution.write", do)
    return _answer(request, row, at, "Written into the diary.")


@needs("resolution.write")
@require_POST
def review(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `owner`, `review` (a day), `text`: it was looked at; who goes on with it, until when."""
    row, at = find(incident), clock.now()
    review_by = forms.day(request, at, "review")

    def do() -> int:
        to, text = request.POST.get("owner", ""), request.POST.get("text", "")
        found = _investigation(row)
        return diary.review(investigation=found, to=to, review_by=review_by, text=text, by=request.user.code, at=at).pk

    page.once(request, "resolution.review", do)
    return _answer(request, row, at, "Looked at.")


@needs("resolution.write")
@require_POST
def finish(request: StaffRequest, incident: int) -> HttpResponse:
    """POST `result`, `finding`."""
    row, at = find(incident), clock.now()

    def do() -> int:
        result, finding = request.POST.get("result", ""), request.POST.get("finding", "")
        found = _investigation(row)
        return diary.finish(investigation=found, result=result, finding=finding, by=request.user.code, at=at).pk

    page.once(request, "resolution.finish", do)
    return _answer(request, row, at, f"Log {row.reference}: the desk investigation is finished. Close it with its category.")


def _investigation(row: Incident) -> int:
    return get_object_or_404(Investigation, incident=row, finished_at=None).pk


def _answer(request: StaffRequest, row: Incident, at: datetime, said: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _outcome(request, row, at)
    return page.told(request, said)
