"""The second stage: where is it, and what is it? With both, the incident opens and despatch can see it."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.assessment import queries as assessment
from watchroom.assessment.views import asking
from watchroom.contacts import actions as contacts
from watchroom.contacts import queries as contact_queries
from watchroom.contacts.answerphone import queries as answerphone
from watchroom.contacts.models import Contact, Fix
from watchroom.contacts.views import find
from watchroom.force import queries as force
from watchroom.force.policy import IncidentType, Policy
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.gazetteer import maps
from watchroom.gazetteer import queries as gazetteer
from watchroom.gazetteer.models import Place
from watchroom.identity.views import consult
from watchroom.incidents import actions, queries, rules
from watchroom.incidents.models import Incident
from watchroom.incidents.views import evidence, log
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept


@needs("incidents.see")
@require_GET
def what(request: StaffRequest, contact: int) -> HttpResponse:
    """The whole stage: place, type, log, and the line one types in."""
    row = find(contact)
    consult(request, row)
    kind, heard = _asks_about(request, row)
    context = {
        **place_and_kind(request, row),
        **log.context(row),
        "asks": asking.beside(request, row, kind=kind, heard=heard),
        "evidence": evidence.beside(request, row),
        "may_write": may_write(request, row),
        "message": answerphone.of(row.pk) if row.channel == "answerphone" else None,
        "may_take": request.user.may("contacts.take"),
        # she has just answered and somebody is speaking: what she types is the log. Never when the panel only fetches itself
        "focuses": row.is_live and not request.headers.get("HX-Request"),
        "unsent": kept.draft(member=request.user.pk, key=f"contact:{row.pk}:line"),
        "demo": settings.DEMO and row.is_live,  # the simulated trunk shows what its caller says; a real one is heard
    }
    return render(request, "incidents/what.html", context)


@needs("incidents.see")
@require_GET
def where(request: StaffRequest, contact: int) -> HttpResponse:
    """Only place and type: what changes with each line, while the caret is in the log."""
    row = find(contact)
    consult(request, row)
    return _where(request, row)


@needs("assessment.see")
@require_GET
def asks(request: StaffRequest, contact: int) -> HttpResponse:
    """What to ask about this type of incident (R54): of the chosen type, or else of the one that the typed words suggest."""
    row = find(contact)
    consult(request, row)
    kind, heard = _asks_about(request, row)
    return asking.panel(request, row, kind=kind, heard=heard, opened=request.GET.get("open", ""))


@needs("incidents.write")
@require_POST
def place(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `place` (an entry of the gazetteer) or `place_said` (the caller's words). With a type chosen before, the incident opens."""
    row, at, by = _one_by_one(contact), clock.now(), request.user.code
    picked, said = request.POST.get("place", ""), request.POST.get("place_said", "").strip()
    if picked.isdecimal():
        chosen = get_object_or_404(Place.objects.select_related("beat"), pk=picked)
        contacts.pick_place(contact=row.pk, place=chosen, by=by, at=at)
    elif said and request.headers.get("HX-Request") is None and (best := list(gazetteer.find(said, limit=2))) and len(best) == 1:
        contacts.pick_place(contact=row.pk, place=best[0], by=by, at=at)  # from the command bar, and it can mean only one
    else:
        contacts.say_place(contact=row.pk, text=said, by=by, at=at)
    row = find(contact)
    if waiting := kind_kept(request, row):
        _open(request, row, waiting)
    said_back = f"At {row.place.label}." if row.place else "Kept in the caller’s words."
    return answers.done(request, lambda: _where(request, row), "wr:place", "wr:kind", said=said_back)


@needs("incidents.write")
@require_POST
def kind(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `kind`: what it is. Opens the incident, or renames it; before the place is known the choice is kept."""
    row = _one_by_one(contact)
    if request.POST.get("kind", "").startswith("same:"):
        return _involve(request, row, request.POST["kind"].removeprefix("same:"))
    policy = force.policy_at(clock.now()).policy
    chosen = _kind_named(request.POST.get("kind", "") or request.POST.get("kind_said", ""), policy)
    if queries.of_contact(row.pk) is None and row.place is None and not row.place_said:
        drafts.keep_draft(member=request.user.pk, key=_draft(row), text=chosen.code, at=clock.now())
        return answers.done(request, lambda: _where(request, row), "wr:kind", said=f"{chosen.label}. Now the place.")
    _open(request, row, chosen.code)
    return answers.done(request, lambda: _where(request, row), "wr:kind", "wr:opened", said=f"{chosen.label}.")


@needs("incidents.write")
@require_POST
def same(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `incident`: this contact is about a log that is already open."""
    return _involve(request, find(contact), request.POST.get("incident", ""))


@needs("incidents.see")
@require_POST
def kinds(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `q`: types for a list box; what the words suggest comes first, then a log this may be the same as."""
    row = find(contact)
    at = clock.now()
    policy = force.policy_at(at).policy
    wanted = gazetteer.fold(request.POST.get("q", "")[:80])
    incident = queries.of_contact(row.pk)
    found = [t for t in policy.incident_types if all(word in gazetteer.fold(f"{t.label} {t.code}") for word in wanted.split())]
    suggested = None if incident else _suggested(row, policy)
    if suggested:
        found.sort(key=lambda t: t.code != suggested.code)
    context = {
        "kinds": found[:12],
        "suggested": suggested,
        "similar": [] if incident or wanted else queries.similar(row, at=at),
    }
    return render(request, "incidents/_kinds.html", context)


def may_write(request: StaffRequest, row: Contact) -> bool:
    return request.user.may("contacts.write") and row.state not in (Contact.State.WAITING, Contact.State.WRAPPED)


def place_and_kind(request: StaffRequest, row: Contact) -> dict[str, Any]:
    """What the stage's upper half shows."""
    at = clock.now()
    policy = force.policy_at(at).policy
    incident = queries.of_contact(row.pk)
    pending = "" if incident else kind_kept(request, row)
    suggested = None if incident or pending else _suggested(row, policy)
    found = contact_queries.located(row, at=at)
    fix = found.best if found else None
    located = (fix.x, fix.y, fix.radius or 0.0) if fix and fix.x is not None and fix.y is not None else None
    saved = assessment.saved(row.pk)
    is_nothing = saved is not None and saved.kind == saved.Kind.NOTHING_HEARD
    return {
        "contact": row,
        "incident": incident,
        "map": maps.mini(row.place, located, shape=_shape(fix), title=_map_title(row, located)),
        "located": found,
        "guess": found.near if found else None,
        "pending": policy.incident_type(pending) if pending else None,
        "kind": _type(incident.kind, policy) if incident else None,
        "suggested": {"type": policy.incident_type(suggested.code), "words": suggested.because} if suggested else None,
        "similar": queries.similar(row, at=at) if not incident else [],
        "opened_after": (incident.opened_at - row.transferred_at).total_seconds() if incident else None,
        "may_write": may_write(request, row),
        "state": "done" if incident else "" if is_nothing else "now",
        "note": _note(row, incident, is_nothing),
    }


def _asks_about(request: StaffRequest, row: Contact) -> tuple[str, tuple[str, ...]]:
    """The type, and the words it was heard in when nobody has chosen one."""
    incident = queries.of_contact(row.pk)
    if chosen := incident.kind if incident else kind_kept(request, row):
        return chosen, ()
    suggested = _suggested(row, force.policy_at(clock.now()).policy)
    return (suggested.code, suggested.because) if suggested else ("", ())


def _involve(request: StaffRequest, row: Contact, number: str) -> HttpResponse:
    known = get_object_or_404(Incident, pk=number) if number.isdecimal() else None
    if known is None:
        raise Invalid(incident="Choose one of the logs shown.")
    actions.involve(incident=known.pk, contact=row.pk, by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _where(request, row), "wr:kind", "wr:opened", said=f"Now part of log {known.reference}.")


def _where(request: StaffRequest, row: Contact) -> HttpResponse:
    return render(request, "incidents/_where.html", {**place_and_kind(request, row), "alone": True})


def _one_by_one(contact: int) -> Contact:
    """Place and type may be on their way at the same moment: the second waits, and sees what the first did."""
    get_object_or_404(Contact.objects.select_for_update(of=("self",)), pk=contact)
    return find(contact)


def _shape(fix: Fix | None) -> tuple[float, float] | None:
    """Of an ellipse the shorter half axis and the bearing of the longer one; None of a circle."""
    return (fix.minor, fix.bearing or 0.0) if fix and fix.minor is not None else None


def _note(row: Contact, incident: Incident | None, is_nothing: bool) -> str:
    if incident:
        return f"log {incident.reference}, despatch can see it" if incident.is_open else f"log {incident.reference}, closed"
    if is_nothing:
        return "no incident"
    if row.place_id or row.place_said:
        return "place known, type owed"
    return "place first"


def _open(request: StaffRequest, row: Contact, chosen: str) -> Incident:
    at, by = clock.now(), request.user.code
    incident = queries.of_contact(row.pk)
    heard = _suggested(row, force.policy_at(at).policy)
    is_heard = heard is not None and heard.code == chosen
    because = f"Heard: {', '.join(heard.because)}" if heard and is_heard else "Chosen by whoever spoke with them"
    if incident is None:
        incident = actions.open_incident(contact=row.pk, kind=chosen, by=by, at=at, because=because)
        drafts.forget_draft(member=request.user.pk, key=_draft(row))
    elif incident.kind != chosen:
        actions.retype(incident=incident.pk, kind=chosen, by=by, at=at, because=because)
    return incident


def _draft(row: Contact) -> str:
    """A type chosen before the place is known waits here: it is a word not sent yet."""
    return f"contact:{row.pk}:kind"


def kind_kept(request: StaffRequest, row: Contact) -> str:
    draft = kept.draft(member=request.user.pk, key=_draft(row))
    policy = force.policy_at(clock.now()).policy
    return draft.text if draft and draft.text in {t.code for t in policy.incident_types} else ""


def _kind_named(text: str, policy: Policy) -> IncidentType:
    """A type by its code, or by the beginning of its name as typed into the command bar."""
    wanted = text.strip()
    for entry in policy.incident_types:
        if entry.code == wanted:
            return entry
    near = [t for t in policy.incident_types if gazetteer.fold(t.label).startswith(gazetteer.fold(wanted))] if wanted else []
    if len(near) == 1:
        return near[0]
    if near:
        raise Refused(f"“{wanted}” may be {', '.join(t.label for t in near[:4])}. Say more of it.")
    raise Invalid(kind="Choose a type from the list." if not wanted else f"“{wanted[:40]}” is no type of this force.")


def _suggested(row: Contact, policy: Policy) -> rules.SuggestedType | None:
    text = " \n".join(row.heard().values_list("text", flat=True))
    return rules.suggest_type(text, policy) if text else None


def _type(code: str, policy: Policy) -> Any:
    """The type; one that a newer policy no longer knows keeps its code as its name."""
    try:
        return policy.incident_type(code)
    except KeyError:
        return {"code": code, "label": code}


def _map_title(row: Contact, located: tuple | None) -> str:
    where = row.place.label if row.place else "place not picked"
    return f"Map: {where}" + (f", with the telephone’s location, {located[2]:.0f} metres across" if located else "")
