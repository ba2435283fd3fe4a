"""The supervisor's desk: who gets through, who is here, who vulnerable waits, what is owed and by whom.

A page of summaries over many rooms, so its panels are the desk's own, drawn from `demand.queries.now` (which may read all).

Of somebody who takes calls as well, this page is covered while a call of hers waits for its risk (R47, `staff.roles.COVERED`).
"""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from watchroom.contacts import queries as contacts
from watchroom.contacts.answerphone import queries as answerphone
from watchroom.contacts.callbacks import queries as callbacks
from watchroom.demand.queries import now
from watchroom.demand.rules import seats
from watchroom.desk import supervisor_live as live
from watchroom.desk.panels import panel
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import clock, memory
from watchroom.foundation.models import Head
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.flags import queries as flags
from watchroom.incidents import queries as incidents
from watchroom.staff import queries as staff
from watchroom.staff import reading

NAMED_UP_TO = 12  # seats; in a larger room the plan shows who is where, and a list of names would only be long


@needs("desk.supervisor")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """All panels at once, each in a savepoint of its own; afterwards they fetch themselves (`desk/supervisor_live.py`)."""
    seq = Head.objects.aggregate(seq=Max("seq"))["seq"] or 0
    views = (
        ("arrives", "Arrives", arrives),
        ("room", "The room", room),
        ("waiting", "Vulnerable and waiting", waiting),
        ("owed", "Owed", owed),
    )
    context = {
        "live_seq": seq,
        "headline": now.headline(_now()),
        "is_by_name": _by_name(request, _now()),
        "now": _now(),
        "stages": [
            panel(request, view, reverse(f"desk:supervisor_{slug}"), slug=slug, name=name, number=number)
            for number, (slug, name, view) in enumerate(views, 1)
        ],
        "stirs": [(slug, " ".join(kind.__name__ for kind in kinds)) for slug, kinds in live.STIRS.items()],
    }
    return render(request, "desk/supervisor.html", context)


@needs("desk.supervisor")
@require_GET
def headline(request: StaffRequest) -> HttpResponse:
    """The most dangerous thing that somebody in the room can act on."""
    at = _now()
    context = {"headline": now.headline(at), "is_by_name": _by_name(request, at), "now": at}
    return render(request, "desk/supervisor/_headline.html", context)


@needs("desk.supervisor")
@require_GET
def arrives(request: StaffRequest) -> HttpResponse:
    """999 and 101 since midnight: who got through, how fast, and where the others were lost."""
    at = _now()
    grouping = force.grouping_at(at)
    context = {
        "arrives": now.arrives(at),
        "grouping": grouping,
        "grouping_by": staff.names({grouping.declared_by})[grouping.declared_by] if grouping else "",
        "back": len(contacts.standing_back(at)),
        "now": at,
    }
    return _stage(request, "arrives", context)


@needs("desk.supervisor")
@require_GET
def room(request: StaffRequest) -> HttpResponse:
    """Who is here, what each is doing and for how long; by name for whom policy lets. Never a name with a score."""
    at = _now()
    found, policy, is_by_name = now.room(at), force.policy_at(at).policy.speaking, _by_name(request, at)
    languages = {one.code: one.label for one in policy.languages}
    plan = seats.plan([(name, len(of)) for name, of in found.places])
    everybody = found.seats
    zones = [(zone, [(placed, everybody[placed.number]) for placed in zone.seats]) for zone in plan.zones]
    context = {
        "room": found,
        "plan": plan,
        "zones": zones,
        "states": [
            (state, words, found.counts[state])
            for state, words in now.STATES.items()
            if state not in ("on_other", "here") or found.counts[state]
        ],
        "interpreters": [(one, languages.get(one.language, one.language)) for one in contacts.awaiting_interpreter()],
        "interpreter_s": policy.interpreter_s,
        "is_by_name": is_by_name,
        "is_named": is_by_name and len(everybody) <= NAMED_UP_TO,
        "now": at,
    }
    return _stage(request, "room", context)


@needs("desk.supervisor")
@require_GET
def waiting(request: StaffRequest) -> HttpResponse:
    """Who is vulnerable and waits, the longest first (R3, R83); and all that is open, by grade and age."""
    at = _now()
    return _stage(request, "waiting", {"open": now.open_now(at), "bands": now.watching.AGES, "now": at})


@needs("desk.supervisor")
@require_GET
def owed(request: StaffRequest) -> HttpResponse:
    """What has passed its time, the gravest first, each with who holds it; and that nothing is without an owner."""
    at = _now()
    context = {
        "owed": now.owed(at),
        "now": at,
        "me": request.user.code,
        "asked": incidents.all_asked().count() if request.user.may("incidents.approve") else 0,
        "flags": len(flags.owed()),
        "late_rules": force.policy_at(at).policy.out_of_date(
            force.local_day(at)
        ),  # an alarm; the rules hold until they are changed
        "to_ring": Duty.objects.filter(kind__in=("abandoned", "callback"), settled_at=None).aggregate(
            all=Count("pk"), to_decide=Count("pk", filter=Q(owner="desk:supervisor"))
        ),
        "posts": Duty.objects.filter(kind="approve_post", settled_at=None).count() if request.user.may("social.approve") else 0,
        "callbacks": callbacks.open_now(),
        "unheard": len(answerphone.unheard()) if request.user.may("contacts.boxes") else 0,
    }
    return _stage(request, "owed", context)


@memory.while_reading
def _now() -> datetime:
    """One moment for all panels of a page, so that they count the same day and count it once."""
    return clock.now()


def _by_name(request: StaffRequest, at: datetime) -> bool:
    return reading.sees_now(request.user.roles, force.policy_at(at).policy.states)


def _stage(request: StaffRequest, slug: str, context: dict[str, Any]) -> HttpResponse:
    at: datetime = context["now"]
    return render(request, f"desk/supervisor/_{slug}.html", {**context, "url": reverse(f"desk:supervisor_{slug}"), "at": at})
