"""The auditor's page: who looked at whose data, and why (DPA 2018 s.62); and whether the record of the work is whole.

It shows codes and numbers of records, never what is in them: the auditor verifies lawfulness and sees no journey.
"""

import re
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from watchroom.demand.rules import days
from watchroom.force import queries as force
from watchroom.foundation import access, anchors, clock, scope, verify
from watchroom.foundation.errors import Invalid
from watchroom.foundation.models import Head
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.staff import queries as staff

SHOWN = 300  # entries; the filters find the rest


@needs("foundation.audit")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """GET `day`, `member` (`staff:12`), `kind`, `about` (`person 12`): a local day's entries, the newest first. Looking is one, too."""
    at = clock.now()
    zone = force.timezone()
    day = _day(request.GET.get("day", ""), at.astimezone(zone).date())
    kind, member, about = (request.GET.get(name, "").strip() for name in ("kind", "member", "about"))
    if kind and kind not in access.KINDS:
        raise Invalid(kind=f"Choose one of {', '.join(access.KINDS)}.")
    span = days.of(day, zone)
    if member and not re.fullmatch(r"[\w:.-]{1,64}", member):
        raise Invalid(member="Choose somebody from the list.")
    found = access.read(
        since=span.start,
        until=span.end,
        member=member,
        kind=kind,
        subject=_subject(about),
        limit=SHOWN,
        by=request.user.code,
        at=at,
    )
    names = staff.names({entry.by for entry in found.entries} | set(found.members) | ({member} if member else set()))
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if span.end <= at else None,
        "found": found,
        "rows": [(entry, names[entry.by]) for entry in found.entries],
        "members": sorted(((code, names[code]) for code in {*found.members, *filter(None, [member])}), key=lambda pair: pair[1]),
        "kinds": access.KINDS,
        "kind": kind,
        "member": member,
        "about": about,
        "head": Head.objects.values_list("seq", flat=True).first() or 0,
        "anchor": anchors.last(scope.require()),
        "now": at,
    }
    return render(request, "desk/audit.html", context)


@needs("foundation.audit")
@require_GET
def chain(request: StaffRequest) -> HttpResponse:
    """Is every fact of this force the one that was sealed? Recomputed now, outside the database's own functions."""
    at = clock.now()
    verdict = verify.verify(scope.require())
    context = {
        "verdict": verdict,
        "anchor": anchors.last(scope.require()),
        "now": at,
        "seconds": (clock.now() - at).total_seconds(),
    }
    return render(request, "desk/audit/_chain.html", context)


def _day(given: str, today: date) -> date:
    if not given:
        return today
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid(day="Give the day as 2026-11-23.") from None


def _subject(given: str) -> tuple[str, int] | None:
    if not given:
        return None
    kind, _, number = given.rpartition(" ")
    if not re.fullmatch(r"[A-Za-z_]{1,32}", kind) or not re.fullmatch(r"[0-9]{1,18}", number):
        raise Invalid(about="Say what and its number, for example: person 12.")
    return kind.lower(), int(number)
