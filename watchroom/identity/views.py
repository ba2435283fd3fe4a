"""Who may be calling, what must not be missed, and what happened before: the first stage of every contact."""

from copy import copy
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchroom.contacts import actions as contacts
from watchroom.contacts import rules as contact_rules
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find
from watchroom.duties import queries as duties
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid, ReasonOwed
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity import actions, plans, queries, repeats, rules
from watchroom.identity.flags import disclosing
from watchroom.identity.flags import queries as flags
from watchroom.identity.flags.rules import may_open
from watchroom.identity.misuse import actions as misuse
from watchroom.identity.models import Plan
from watchroom.identity.research import panel
from watchroom.shell import answers
from watchroom.staff import queries as staff

ALERTS_FOR = timedelta(days=7)  # a serious earlier contact stands out this long; later its words do
PLANS_SHOWN = 100
SURENESS = {"known": 4, "likely": 3, "possible": 1}
LEAST_TYPED = 3  # letters of a name before it is looked up while it is typed


@needs("identity.see")
@require_GET
def who(request: StaffRequest, contact: int) -> HttpResponse:
    """The stage. Opening it is a consultation (DPA 2018 s.62)."""
    row = find(contact)
    consult(request, row)
    return _stage(request, row)


@needs("identity.observe")
@require_POST
def confirm(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `person`: a person of flesh and blood says who it is; nothing is ever linked by itself."""
    row, at = find(contact), clock.now()
    person = request.POST.get("person", "")
    # only who is shown: else any number would bring up any person's warnings and past
    if person not in {str(one.person) for one in queries.candidates(row, on=row.day)}:
        raise Invalid(person="Choose one of the people shown.")
    actions.confirm(contact=row.pk, person=int(person), by=request.user.code, at=at)
    return answers.done(request, lambda: _stage(request, row), "wr:who", said="Linked. It can be undone.")


@needs("identity.observe")
@require_POST
def undo(request: StaffRequest, contact: int) -> HttpResponse:
    """It was somebody else after all."""
    row = find(contact)
    actions.undo(contact=row.pk, by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _stage(request, row), "wr:who", said="Undone. The old link stays to be read.")


@needs("identity.observe")
@require_POST
def name(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `name`: what the caller is called, with the date of birth if they give it, in one line. Who is found by it was looked up."""
    row, at = find(contact), clock.now()
    anyway = {one.person for one in queries.candidates(row, on=row.day)}
    said, born = contact_rules.name_and_birth(request.POST.get("name", ""), row.day)
    if contact_rules.is_date_as_said(born):
        found = {one.person for one in _as_typed(row, said[:200].replace("\x00", ""), born)}
        misuse.look_up_named(found - anyway, contact=row, by=request.user.code, at=at)
    contacts.say_name(contact=row.pk, name=said, born=born, by=request.user.code, at=at)
    return answers.done(request, lambda: _stage(request, find(contact)), "wr:who", said="Kept the name.")


@needs("identity.observe")
@require_POST
def look(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `name` as far as it is typed: whom it may be, before anything is kept. Confirms nobody; who is shown was looked up."""
    row = find(contact)
    consult(request, row)
    found = queries.candidates(row, on=row.day)
    anyway = {one.person for one in found}
    said, born = contact_rules.name_and_birth(request.POST.get("name", "")[:200].replace("\x00", ""), row.day)
    is_typed = len(said) >= LEAST_TYPED or bool(born)
    if is_typed:
        known_born = born if contact_rules.is_date_as_said(born) else row.caller_born
        found = _as_typed(row, said or row.caller_name, known_born)
    candidates = _numbered(found)
    for one in candidates:
        if one["who"].person not in anyway:
            one["withheld"] = _looked_up(request, one["who"].person)
    chosen = _chosen(candidates)
    context = {
        "contact": row,
        "candidates": candidates,
        "chosen": chosen,
        "typed": f"{said} {contact_rules.as_written(born)}".strip() if is_typed else "",
        "no_day": "" if contact_rules.is_date_as_said(born) else contact_rules.as_written(born),
        "may_confirm": not is_typed,
    }
    return render(request, "identity/_candidates.html", context)


@needs("identity.flag")
@require_POST
def ask_plan(request: StaffRequest, contact: int) -> HttpResponse:
    """Somebody is in touch often and has no plan: the vulnerability desk is asked for one."""
    row = find(contact)
    plans.ask(contact=row.pk, by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _stage(request, row), said="The vulnerability desk owes a plan.")


@needs("identity.plan")
@require_http_methods(["GET", "POST"])
def plan(request: StaffRequest, contact: int) -> HttpResponse:
    """How whoever rings is helped: what is agreed, and a form for another. POST `on`, `says`, `agreed_with`; or `without` and `because`."""
    row, at, by = find(contact), clock.now(), request.user.code
    consult(request, row)
    if request.method == "POST" and "without" in request.POST:
        plans.without(contact=row.pk, because=request.POST.get("because", ""), by=by, at=at)
        return answers.go(request, reverse("identity:plans"), said="It is on record why there is no plan.")
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("on", "says", "agreed_with")}
        answers.once(request, "identity.plan", lambda: plans.make(contact=row.pk, **given, by=by, at=at).pk)
        return answers.go(request, reverse("identity:plans"), said="The plan is on record.")
    context = {
        "contact": row,
        "plans": plans.of(row),
        "on": queries.whose(row),
        "repeats": repeats.of(row, policy=force.policy_at(at).policy, now=at),
        "is_asked": duties.is_owed("plan", ("contact", row.pk)),
        "now": at,
    }
    return render(request, "identity/plan.html", context)


@needs("identity.plan")
@require_GET
def one_plan(request: StaffRequest, plan: int) -> HttpResponse:
    """What is agreed, and what became of it: renewed for as long again, or ended."""
    row, at = _find_plan(request, plan), clock.now()
    is_late = row.review_by_date <= timezone.localtime(at).date()
    return render(request, "identity/one_plan.html", {"plan": row, "is_late": is_late, "ended_by": staff.name(row.ended_by)})


@needs("identity.plan")
@require_POST
def renew_plan(request: StaffRequest, plan: int) -> HttpResponse:
    """POST `agreed_with`: it was looked at again and holds."""
    row = _find_plan(request, plan)
    plans.renew(plan=row.pk, agreed_with=request.POST.get("agreed_with", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("identity:plans"), said="Renewed. It is to be looked at again in its time.")


@needs("identity.plan")
@require_POST
def end_plan(request: StaffRequest, plan: int) -> HttpResponse:
    """POST `because`."""
    row = _find_plan(request, plan)
    plans.end(plan=row.pk, because=request.POST.get("because", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("identity:plans"), said="It has ended. It stays to be read.")


@needs("identity.plan")
@require_GET
def all_plans(request: StaffRequest) -> HttpResponse:
    """What is asked for, the next due first; and what is agreed, the next to be reviewed first."""
    asked = list(Duty.objects.filter(kind="plan", settled_at=None).order_by("due_at")[:PLANS_SHOWN])
    agreed = list(Plan.objects.filter(ended_at=None).select_related("person", "place").order_by("review_by_date")[:PLANS_SHOWN])
    contacts_of = Contact.objects.in_bulk([duty.subject_id for duty in asked])
    at = clock.now()
    today = timezone.localtime(at).date()
    shown: list[dict[str, Any]] = []
    for row in agreed:  # whose plan it is stands on the page; of one's own it does not
        shown.append({"row": row, "is_late": row.review_by_date <= today})
        try:
            access.consult(subject=("plan", row.pk), reason="read the list of plans", by=request.user.code, at=at)
        except ReasonOwed as error:
            error.note()
            shown[-1]["withheld"] = error.reasoned.says
    context = {"asked": [{"duty": duty, "contact": contacts_of[duty.subject_id]} for duty in asked], "agreed": shown}
    return render(request, "identity/plans.html", context)


def _find_plan(request: StaffRequest, plan: int) -> Plan:
    """The plan of this force, or 404. Raises ReasonOwed where it is of one's own."""
    row = get_object_or_404(Plan.objects.select_related("person", "place"), pk=plan)
    access.consult(subject=("plan", row.pk), reason="read a plan", by=request.user.code, at=clock.now())
    return row


def consult(request: StaffRequest, contact: Contact) -> None:
    """This person looks at this contact: its page, or any panel of it on its own (DPA 2018 s.62)."""
    access.consult(subject=("contact", contact.pk), reason="opened at the handler’s desk", by=request.user.code, at=clock.now())


def _as_typed(row: Contact, said: str, born: str) -> list[rules.Candidate]:
    """Whom it may be if that is what the caller is called."""
    typed = copy(row)  # never saved
    typed.caller_name, typed.caller_born = said, born
    return queries.candidates(typed, on=row.day)


def _looked_up(request: StaffRequest, person: int) -> str:
    """Whoever is shown only because their name was typed was looked up, as by a search. Of one's own: what is said instead."""
    try:
        access.consult(subject=("person", person), reason="shown while a name was typed", by=request.user.code, at=clock.now())
    except ReasonOwed as error:
        error.note()
        return error.reasoned.says
    return ""


def _stage(request: StaffRequest, row: Contact) -> HttpResponse:
    candidates = _numbered(queries.candidates(row, on=row.day))
    chosen = _chosen(candidates)
    earlier = queries.earlier(row)
    at = clock.now()
    policy = force.policy_at(at).policy
    often = repeats.of(row, policy=policy, now=at)
    agreed = plans.of(row)
    found_flags = flags.of(row, at=clock.now(), permissions=request.user.permissions)
    context = {
        "contact": row,
        "flags": found_flags,
        "silence": disclosing.of_all(found_flags),
        "opens": {one.marker for one in found_flags if may_open(one.stands_for, request.user.permissions, policy)},
        "candidates": candidates,
        "chosen": chosen,
        "earlier": [_told(one, row) for one in earlier],
        "spark": _spark(earlier, row),
        "repeats": often,
        "plans": agreed,
        "wants_plan": often.is_often and not agreed and request.user.may("identity.flag"),
        "plan_asked": often.is_often and not agreed and duties.is_owed("plan", ("contact", row.pk)),
        "born": contact_rules.as_written(row.caller_born),
        "draft": f"contact:{row.pk}:name",
        "may_confirm": request.user.may("identity.observe"),
        "may_search": request.user.may("identity.search"),
        "research": panel.shown(row, may_ask=request.user.may("identity.observe"), by=request.user.code, at=at),
        "state": "done" if chosen else "",
        "note": "confirmed" if chosen else _note(row, candidates),
    }
    return render(request, "identity/who.html", context)


def _numbered(found: list[rules.Candidate]) -> list[dict[str, Any]]:
    return [{"who": one, "sure": SURENESS.get(one.tier), "number": number} for number, one in enumerate(found, start=1)]


def _chosen(candidates: list[dict[str, Any]]) -> rules.Candidate | None:
    return next((one["who"] for one in candidates if "Confirmed on this contact." in one["who"].because), None)


def _told(one: queries.Earlier, row: Contact) -> dict:
    """An earlier contact as it is read: how long before this one, and whether it must not be missed."""
    before = row.received_at - one.at
    if before < timedelta(hours=1):
        ago = f"{before.seconds // 60} min"
    elif before < timedelta(days=1):
        ago = f"{before.seconds // 3600} h"
    else:
        local = timezone.localtime(one.at)
        ago = f"{local.day} {local:%b}"
    return {"entry": one, "ago": ago, "is_alert": one.is_serious and before < ALERTS_FOR}


def _note(row: Contact, candidates: list) -> str:
    if candidates:
        return "not confirmed"
    if not row.caller_number and row.is_call and not row.caller_name:
        return "number withheld"
    return "nobody known"


def _spark(earlier: list[queries.Earlier], row: Contact) -> list[dict]:
    """Where each earlier contact stands on a line that ends now: one sees the gaps shorten."""
    if len(earlier) < 2:
        return []
    oldest = min(one.at for one in earlier)
    whole = (row.received_at - oldest).total_seconds() or 1
    return [{"x": round(8 + 292 * (one.at - oldest).total_seconds() / whole), "is_serious": one.is_serious} for one in earlier]
