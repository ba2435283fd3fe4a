"""The handler's desk: who rings, the contact's page of five stages, and the last of them, sending."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment import queries as assessment
from watchroom.assessment.rules import other_agencies, who_can_help
from watchroom.assessment.views.risk import risk
from watchroom.contacts import actions as contacts
from watchroom.contacts import call_views, rules, speaking_views, unlogged
from watchroom.contacts import queries as queue
from watchroom.contacts.callbacks import queries as callbacks
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find, mine
from watchroom.desk.panels import panel
from watchroom.desk.views.chat import open_chats
from watchroom.dispatch import queries as dispatch
from watchroom.duties import kinds
from watchroom.duties import queries as duties
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.models import Head
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity import queries as identity
from watchroom.identity.flags import disclosing
from watchroom.identity.flags import queries as flags
from watchroom.identity.flags import rules as flags_rules
from watchroom.identity.lost import queries as lost
from watchroom.identity.lost.rules import most_tries
from watchroom.identity.research import queries as research
from watchroom.identity.views import consult, who
from watchroom.incidents import queries as incidents
from watchroom.incidents import rules as rules_of_incidents
from watchroom.incidents.views.grade import grade
from watchroom.incidents.views.open import what
from watchroom.referrals.forces import queries as forces
from watchroom.referrals.forces.views import shown as handed_over
from watchroom.resolution import queries as resolution
from watchroom.shell import answers
from watchroom.staff import actions as staff
from watchroom.staff.models import Member
from watchroom.staff.views import choices

SAID_OF_101 = (  # code, key, and as short as it is asked: “Did you try 101 before this?”
    ("no", "n", "No"),
    ("gave_up", "w", "Waited, gave up"),
    ("no_help", "y", "Yes, no help"),
    ("bad_before", "b", "Bad time before"),
    ("cannot_say", "e", "Can’t say"),
)

MESSAGES = ("sent_or_not", "text_failed")  # owed for what went to the caller, also after the writing up


@needs("desk.handler")
@require_GET
def waiting(request: StaffRequest) -> HttpResponse:
    """Who rings for me now, and what I have not finished. Never how many wait (R47)."""
    at = clock.now()
    shown = sorted(ringing(at), key=lambda one: _is_theirs(one["contact"], request.user.pk))
    first = shown[0]["contact"] if shown else None
    preview = _stage(request, who, "identity:who", "who", "Who", 1, first) if first else ""
    context = {
        "live_seq": _seq(),
        "chats": open_chats(request),
        "ringing": shown,
        "preview": preview,
        "unfinished": _unfinished(request.user),
        "rung": lost.rung_by(request.user.code) if request.user.may("identity.lost") else None,
        "state": staff.ready(member=request.user, at=at),
        "choices": choices(),
        "verbs": [{"verb": "answer", "say": "Answer the first that rings", "press": "a"}],
    }
    return render(request, "desk/waiting.html", context)


@needs("desk.handler")
@require_GET
def contact(request: StaffRequest, contact: int) -> HttpResponse:
    """The contact's page: its five stages, each rendered by its own room."""
    row = find(contact)
    seq = _seq()
    consult(request, row)
    stages = [
        _stage(request, who, "identity:who", "who", "Who", 1, row),
        _stage(request, what, "incidents:what", "what", "What and where", 2, row),
        _stage(request, risk, "assessment:risk", "risk", "Risk", 3, row),
        _stage(request, grade, "incidents:grade", "grade", "Grade", 4, row),
        _stage(request, send, "desk:send", "send", "Send", 5, row),
    ]
    context = {
        "live_seq": seq,
        "contact": row,
        "stages": stages,
        "chats": open_chats(request, row.pk),
        "verbs": _verbs(row),
        "demo": settings.DEMO,
        **_headline(request, row),
    }
    return render(request, "desk/handler.html", context)


@needs("desk.handler")
@require_GET
def headline(request: StaffRequest, contact: int) -> HttpResponse:
    """The call in one line: the pinned words, the marks, the clocks."""
    row = find(contact)
    consult(request, row)
    return render(request, "desk/_headline.html", _headline(request, row))


@needs("desk.handler")
@require_GET
def send(request: StaffRequest, contact: int) -> HttpResponse:
    """The fifth stage: who is on the way to this one, what is still owed, how it ends. No unit before the risk is saved (R47)."""
    row, at = find(contact), clock.now()
    consult(request, row)
    policy = force.policy_at(at).policy
    incident = incidents.of_contact(row.pk)
    is_saved = assessment.is_saved(row.pk)
    mine = list(duties.open_for(("contact", row.pk))) + (list(duties.open_for(("incident", incident.pk))) if incident else [])
    owed = [
        {"what": kinds.label(duty.kind), "why": kinds.owed(duty.kind), "due_at": duty.due_at, "since": duty.opened_at}
        for duty in mine
        if duty.kind in ("risk", "grade", "wrap_up", "call_back", "accepted", *MESSAGES)
    ]
    is_over = row.state == Contact.State.WRAPPED
    cues = assessment.cues(row, at=at)
    helpers = who_can_help(cues, None, policy)
    inferred = None
    if not (incident or is_over):
        texts = row.heard().exclude(origin="system").values_list("text", flat=True)
        inferred = unlogged.infer(texts, cues, policy)
    details = {one.code: one for one in policy.agencies if one.details}
    better = [inferred.agency if inferred else "", *(one.code for one in helpers)]
    context = {
        "contact": row,
        "incident": incident,
        "is_saved": is_saved,
        "units": units_of(incident.pk) if incident and is_saved else [],
        "owed": owed,
        "is_over": is_over,
        "research": research.in_words(row.pk),
        "may_write": request.user.may("contacts.write") and row.state not in (Contact.State.WAITING, Contact.State.WRAPPED),
        "questions": SAID_OF_101,
        "tried": rules.TRIED_101.get(row.tried_101, ""),
        "silent_call": policy.silent_call,
        "is_late_rule": force.local_day(at) > policy.silent_call.review_by,
        "may_note": request.user.may("contacts.write") and row.is_call,
        "may_ring_back": request.user.may("identity.lost")
        and (row.state == Contact.State.ABANDONED or (row.state == Contact.State.WAITING and callbacks.of(row.pk) is not None)),
        "tries": row.ring_backs.count() if row.state == Contact.State.ABANDONED else 0,
        "most_tries": most_tries(row.channel, policy),
        "abandoned": lost.before(row),
        "safe_choices": rules.SAFE_CONTACT,
        "safe_words": rules.SAFE_CONTACT.get(row.safe_contact, row.safe_contact),
        "reasons": policy.reasons,
        "inferred": inferred,
        "suggested": next((one for code in better if (one := details.get(code))), None),
        "details": details.values(),
        "text_failed": request.user.may("contacts.write") and any(duty.kind == "text_failed" for duty in mine),
        "no_text": unlogged.why_no_text(row, at) if details and row.is_call else "",
        "helpers": helpers,
        "agencies": other_agencies(helpers, policy),
        "graded": policy.grade(incident.grade) if incident and incident.grade else None,
        "state": "done" if is_over else "now" if is_saved and (incident is None or incident.grade) else "",
        "handed": handed_over(row) if request.user.may("referrals.hand_over") else {},
        "speaking": speaking_views.shown(row, policy),
        "call": call_views.shown(row, member=request.user) if row.is_call and request.user.may("contacts.write") else {},
        "note": "written up" if is_over else f"{len(owed)} owed" if owed else "nothing owed",
    }
    return render(request, "desk/send.html", context)


@needs("contacts.write")
@require_POST
def wrap(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `reason`, `agency`: the writing up is done. Without an incident it says why they got in touch (R132, R133).

    `offered`: the reason that the page had inferred, whichever was pressed.
    """
    row, at = mine(request, contact), clock.now()
    policy = force.policy_at(at).policy
    reason, agency, offered = request.POST.get("reason", ""), request.POST.get("agency", ""), ""
    if incidents.of_contact(row.pk) is None:
        known, agencies = {one.code: one for one in policy.reasons}, {one.code for one in policy.agencies}
        if reason not in known:
            raise Invalid(reason="Say why they got in touch: it led to no incident.")
        offered = request.POST.get("offered", "") if request.POST.get("offered", "") in known else ""
        if agency not in agencies and (agency or known[reason].needs_agency):
            raise Invalid(agency="Name who should have had it.")
    else:
        reason = agency = ""
    contacts.wrap_up(contact=row.pk, reason=reason, agency=agency, offered=offered, by=request.user.code, at=at)
    staff.show_state(member=request.user, state="available", at=at)
    return answers.go(request, reverse("desk:waiting"), said="Written up.")


@needs("contacts.write")
@require_POST
def give_details(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `agency`: how it is reached is given to the caller and stands in the log, by one key (R22). `way=text`: to their telephone."""
    row, at, by = mine(request, contact), clock.now(), request.user.code
    agency, as_text = request.POST.get("agency", ""), request.POST.get("way") == "text"
    origin = answers.once(
        request,
        "desk.details",
        lambda: unlogged.give_details(contact=row.pk, agency=agency, by=by, at=at, as_text=as_text).origin,
        also=row.state,
    )
    said = "Written to them, and in the log." if origin == "to_caller" else "In the log. Read it out to them."
    if as_text:
        said = "On its way to their telephone. The log says whether it reached it."
    return answers.done(request, answers.nothing, "wr:contact", "wr:line", said=said)


@needs("contacts.write")
@require_POST
def instead(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `text`: what I did instead of a text that did not arrive."""
    row, by, at = find(contact), request.user.code, clock.now()
    text = request.POST.get("text", "")
    answers.once(request, "desk.instead", lambda: unlogged.settle_text(contact=row.pk, text=text, by=by, at=at).pk)
    return answers.done(request, answers.nothing, "wr:contact", "wr:line", said="Kept.")


def _is_theirs(row: Contact, member: int) -> int:
    """What rings for me comes before what rings for nobody yet, and this before what rings for somebody else (`waiting.js` too)."""
    return 0 if row.offered_to_id == member else 2 if row.offered_to_id else 1


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of who rings, from what is on record about number, place and person. `numbers`: by which they may ring."""

    markers: list[flags_rules.Flag]
    silence: str
    earlier: int
    abandoned: identity.Earlier | None
    numbers: frozenset[str]


def known(row: Contact, at: datetime) -> Known:
    earlier, found = identity.earlier(row, limit=12), flags.of(row, at=at)
    return Known(
        markers=found[:3],
        silence=disclosing.of_all(found),
        earlier=len(earlier),
        abandoned=next((one for one in earlier if one.is_serious and one.contact), None),
        numbers=frozenset([row.caller_number, *(n for one in identity.may_be(row) for n in identity.numbers_of(one.person))]),
    )


def ringing(at: datetime, known: Callable[[Contact, datetime], Known] = known) -> list[dict[str, Any]]:
    """The next to be answered, each with what is known before the answer."""
    policy = force.policy_at(at).policy
    shown = []
    rows = queue.waiting(at=at)
    theirs = forces.came_among(row.pk for row in rows if row.channel == rules.FORCE)
    located = queue.located_among(rows, at=at, with_history=False)
    for row in rows:
        found = known(row, at)
        shown.append(
            {
                "contact": row,
                "callback": getattr(row, "callback", None),
                "came": theirs.get(row.pk),
                "markers": found.markers,
                "silence": found.silence,
                "earlier": found.earlier,
                "abandoned": found.abandoned,
                "number": rules.shown_number(row.caller_number),
                "located": located.get(row.pk),
                "due_at": rules.due("answer", row.channel, row.transferred_at, policy),
                "channel": policy.channel(row.channel).label,
                "verb": _verb(row),
                "way": policy.speaking.way(row.way),
                "language": policy.speaking.language(row.language),
            }
        )
    return shown


def units_of(incident: int) -> list[dict[str, Any]]:
    """The units of this one incident, with the last step of each, so that she can tell the caller."""
    steps = (("cleared_at", "left"), ("arrived_at", "at scene"), ("en_route_at", "on the way"), ("assigned_at", "told to go"))
    found = []
    for row in dispatch.all_of(incident):
        when, word = next((getattr(row, name), word) for name, word in steps if getattr(row, name))
        found.append(
            {
                "callsign": row.unit.callsign,
                "word": word,
                "at": when,
                "is_moving": bool(row.en_route_at),
                "is_there": bool(row.arrived_at),
            }
        )
    return found


def _verb(row: Contact) -> str:
    """What one does with it to take it."""
    return "Answer" if row.is_call else {"answerphone": "Listen", rules.FORCE: "Accept"}.get(row.channel, "Read")


def _unfinished(member: Member) -> list[dict[str, Any]]:
    """What she has not written up; and where a message of hers did not arrive, or may not have, however long that is over."""
    shown, policy = [], force.policy_at(clock.now()).policy
    of_messages = duties.owned_by(member.code, kinds=MESSAGES, subject_kind="contact")
    for row in [*queue.unfinished(member.pk), *queue.written_up(of_messages)]:
        owed = list(duties.open_for(("contact", row.pk)))
        shown.append(
            {
                "contact": row,
                "channel": policy.channel(row.channel).label,
                "number": rules.shown_number(row.caller_number),
                "owed": [(kinds.label(d.kind), d) for d in owed],
            }
        )
    return shown


def _headline(request: StaffRequest, row: Contact) -> dict[str, Any]:
    at = clock.now()
    policy = force.policy_at(at).policy
    incident = incidents.of_contact(row.pk)
    lines = incidents.log(incident.pk, with_units=assessment.is_saved(row.pk)) if incident else incidents.contact_log(row.pk)
    first = rules_of_incidents.headline(lines)
    found = flags.of(row, at=at, permissions=request.user.permissions)
    worst = [flag for flag in found if flag.level <= 2][:3]
    cues = assessment.cues(row, at=at)
    marks = [cue.label for cue in policy.cues if cue.code in cues and cue.kind == "situation"][:4]
    is_immediate = bool(incident and incident.grade == policy.grades[0].code)
    how = queue.how_ended(row)
    regraded = bool(incident and row.ended_at and incident.graded_at and incident.graded_at > row.ended_at)
    if row.answered_at and row.ended_at and row.ended_at < row.answered_at:  # rung back: when they gave up says nothing of that
        regraded = False
    heat = 1 if is_immediate or (worst and worst[0].level == 1) or marks else 2 if worst else 0
    return {
        "contact": row,
        "incident": incident,
        "words": (incident.headline if incident else "") or first,
        "is_pinned": bool(incident and incident.headline),
        "markers": worst,
        "silence": disclosing.of_all(found),
        "marks": marks,
        "heat": heat,
        "sign": "Danger" if heat == 1 else "Careful" if heat == 2 else policy.channel(row.channel).label,
        "number": rules.shown_number(row.caller_number),
        "channel": policy.channel(row.channel).label,
        "verb": _verb(row),
        "way": policy.speaking.way(row.way),
        "language": policy.speaking.language(row.language),
        "answered_in": f"{(row.answered_at - row.transferred_at).total_seconds():.0f} s" if row.answered_at else "",
        "answered_late": bool(row.answered_at and not rules.answered_within(row, policy.channel(row.channel).answer_s)),
        "is_cut_off": how == "cut_off" and not regraded and row.state != Contact.State.WRAPPED,
        "ended_how": how,
        "lasted": (row.ended_at - row.transferred_at).total_seconds() if row.ended_at else None,
        "is_mine": row.owner_id == request.user.pk,
        "owner": row.owner.full_name if row.owner else "",
        "callback": callbacks.of(row.pk) if row.state == Contact.State.WAITING else None,
        "rings": queue.offered_to(request.user.pk),
        "again": resolution.again(row.pk)[:1],  # resolved without anyone shortly before (R92)
    }


def _stage(request: StaffRequest, view: Any, name: str, slug: str, title: str, number: int, row: Contact) -> Any:
    return panel(request, view, reverse(name, args=[row.pk]), slug=slug, name=title, number=number, contact=row.pk)


def _seq() -> int:
    """The last sealed fact before the page was read: the live stream goes on from here."""
    return Head.objects.aggregate(seq=Max("seq"))["seq"] or 0


def _verbs(row: Contact) -> list[dict[str, Any]]:
    """What the command bar of a contact's page understands."""
    policy = force.policy_at(clock.now()).policy
    of, others = [row.pk], policy.handing_over.forces
    return [
        {
            "verb": "place", "say": "Where it is", "post": reverse("incidents:place", args=of),
            "args": [{"name": "place_said", "say": "number and street"}],
        },
        {
            "verb": "type", "say": "What it is", "post": reverse("incidents:kind", args=of),
            "args": [{"name": "kind", "say": "type", "options": [t.code for t in policy.incident_types]}],
        },
        {
            "verb": "grade", "say": "Decide the grade", "post": reverse("incidents:decide", args=of),
            "args": [
                {"name": "grade", "options": [g.code for g in policy.grades]},
                {"name": "justification", "say": "why", "optional": True},
            ],
        },
        {"verb": "note", "say": "Write a line into the log", "args": [{"name": "text"}], "post": reverse("incidents:write", args=of)},
        {
            "verb": "101", "say": "Did they try 101 first?", "post": reverse("contacts:ask_101", args=of),
            "args": [{"name": "answer", "options": list(rules.TRIED_101)}],
        },
        {"verb": "hangup", "say": "Hang up", "args": [], "post": reverse("contacts:end", args=of)},
        {
            "verb": "wrap", "say": "The writing up is done", "post": reverse("desk:wrap", args=of),
            "args": [
                {"name": "reason", "options": [r.code for r in policy.reasons], "optional": True},
                {"name": "agency", "options": [a.code for a in policy.agencies], "optional": True},
            ],
        },
        *(
            [
                {
                    "verb": "handover", "say": "Hand over to another force: opens the form", "press": "F9 f",
                    "args": [{"name": "force", "into": "force-to", "options": [one.code for one in others]}],
                }
            ]
            if others
            else []
        ),
        {"verb": "who", "say": "Go to who is calling", "args": [], "press": "F2"},
        {"verb": "risk", "say": "Go to the risk", "args": [], "press": "F6"},
    ]  # fmt: skip
