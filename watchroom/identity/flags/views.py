"""The flags of one contact, one flag with everything that was done with it, and the acts on both."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.views import find
from watchroom.duties import kinds
from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity import queries as identity
from watchroom.identity.flags import actions, queries
from watchroom.identity.models import Marker
from watchroom.identity.views import consult
from watchroom.shell import answers
from watchroom.staff import queries as staff


@needs("identity.see")
@require_GET
def of_contact(request: StaffRequest, contact: int) -> HttpResponse:
    """The flags that stand here, those that were removed, and the form for another one."""
    row, at = find(contact), clock.now()
    consult(request, row)
    kinds = force.policy_at(at).policy.markers.kinds
    may = request.user.permissions
    gone = queries.removed_of(row)
    context = {
        "contact": row,
        "flags": queries.of(row, at=at, permissions=may),
        "gone": list(zip(gone, [one.is_hidden for one in _each(gone, request)], strict=True)),
        "kinds": [kind for kind in kinds if not kind.needs or kind.needs in may],
        "on": identity.whose(row),
        "may_flag": request.user.may("identity.flag"),
        "today": force.local_day(clock.now()),
        "now": at,
    }
    return render(request, "identity/flags.html", context)


@needs("identity.decide_flag")
@require_GET
def to_decide(request: StaffRequest) -> HttpResponse:
    """What is challenged or past its review date, with when it is due. A list of titles; opening one is the consultation."""
    at = clock.now()
    owed = queries.owed()
    rows = {row.pk: row for row in Marker.objects.filter(pk__in=[d.subject_id for d in owed]).select_related("person", "place")}
    shown = {flag.marker: flag for flag in queries.shown(rows.values(), at=at, permissions=request.user.permissions)}
    names = staff.names({duty.owner for duty in owed})
    context = {
        "rows": [
            {"duty": d, "flag": shown[d.subject_id], "label": kinds.label(d.kind), "owner": names[d.owner]}
            for d in owed
            if d.subject_id in shown
        ],
        "now": at,
    }
    return render(request, "identity/flags_to_decide.html", context)


@needs("identity.see")
@require_GET
def one(request: StaffRequest, marker: int) -> HttpResponse:
    """One flag and its history; what may be done with it stands below."""
    row = _find(request, marker)
    access.consult(subject=("marker", row.pk), reason="read a flag", by=request.user.code, at=clock.now())
    at = clock.now()
    steps = queries.steps(row.pk)
    names = staff.names({step.by for step in steps} | {row.recorded_by or "system:identity"})
    kind = force.policy_at(at).policy.marker_kind(row.kind)
    (flag,) = queries.shown([row], at=at, permissions=request.user.permissions)
    context = {
        "row": row,
        "flag": flag,
        "kind": kind,
        "steps": [{"row": step, "by": names[step.by]} for step in steps],
        "recorded_by": names.get(row.recorded_by, ""),
        "may_challenge": request.user.may("identity.flag") and not row.removed_at,
        "may_decide": request.user.may("identity.decide_flag") and not row.removed_at,
        "until": actions.last_day(row, at),
        "replaced_by": Marker.objects.filter(corrects=row).first(),
        "now": at,
    }
    return render(request, "identity/flag.html", context)


@needs("identity.flag")
@require_POST
def add(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `kind`, `on` (person-12, place, number), `source`, `since`, and if wanted `title`, `text`, `level`, `code`."""
    row, on = find(contact), request.POST.get("on", "")
    if on not in dict(identity.whose(row)):
        raise Invalid(on="Choose whose flag it is.")
    kind = force.policy_at(clock.now()).policy.marker_kind(request.POST.get("kind", ""))
    if kind is None or (kind.needs and not request.user.may(kind.needs)):
        raise Invalid(kind="Choose what kind of flag it is.")
    about: dict[str, Any] = {
        "person": int(on.removeprefix("person-")) if on.startswith("person-") else None,
        "place": row.place_id if on == "place" else None,
        "number": row.caller_number if on == "number" else "",
    }
    made = answers.once(
        request,
        "identity.flag",
        lambda: actions.add(kind=kind.code, words=_words(request), by=request.user.code, at=clock.now(), **about).pk,
    )
    return answers.go(request, reverse("identity:flag", args=[made]), said="The flag is on record.")


@needs("identity.flag")
@require_POST
def challenge(request: StaffRequest, marker: int) -> HttpResponse:
    """POST `because`: why it is wrong."""
    return _act(request, marker, actions.challenge, said="Challenged. Somebody who may decide owes an answer.")


@needs("identity.decide_flag")
@require_POST
def keep(request: StaffRequest, marker: int) -> HttpResponse:
    """POST `because`: the challenge is answered, it stays."""
    return _act(request, marker, actions.keep, said="It stays.")


@needs("identity.decide_flag")
@require_POST
def confirm(request: StaffRequest, marker: int) -> HttpResponse:
    """POST `until` (2026-12-24) and `because`: looked at again."""
    _find(request, marker)  # first: what is not there has no day to complain of
    until = _day(request.POST.get("until", ""), "until")
    return _act(request, marker, actions.confirm, said="Confirmed.", until=until)


@needs("identity.decide_flag")
@require_POST
def correct(request: StaffRequest, marker: int) -> HttpResponse:
    """POST the words as they are right, and `because`. Goes to the flag that takes its place."""
    _find(request, marker)
    return _act(request, marker, actions.correct, said="Corrected. What it said before stays to be read.", words=_words(request))


@needs("identity.decide_flag")
@require_POST
def remove(request: StaffRequest, marker: int) -> HttpResponse:
    """POST `because`: it no longer counts."""
    return _act(request, marker, actions.remove, said="Removed. It stays to be read, with who, when and why.")


def _act(request: StaffRequest, marker: int, act: Any, *, said: str, **more: Any) -> HttpResponse:
    row, because = _find(request, marker), request.POST.get("because", "")
    done = answers.once(
        request,
        f"identity.{act.__name__}_flag",
        lambda: act(marker=row.pk, because=because, by=request.user.code, at=clock.now(), **more).pk,
    )
    return answers.go(request, reverse("identity:flag", args=[done]), said=said)


def _find(request: StaffRequest, marker: int) -> Marker:
    """The marker of this force, or 404; refused to whom its kind is not for."""
    row = get_object_or_404(Marker.objects.select_related("person", "place"), pk=marker)
    if any(flag.is_hidden for flag in _each([row], request)):
        raise PermissionDenied("This flag is restricted. Ask a supervisor before you act.")
    return row


def _each(rows: list[Marker], request: StaffRequest) -> list[Any]:
    """As this reader sees them, in the order given."""
    found = {flag.marker: flag for flag in queries.shown(rows, at=clock.now(), permissions=request.user.permissions)}
    return [found[row.pk] for row in rows]


def _words(request: StaffRequest) -> actions.Words:
    level = request.POST.get("level", "")
    return actions.Words(
        source=request.POST.get("source", ""),
        since=_day(request.POST.get("since", ""), "since"),
        title=request.POST.get("title", ""),
        text=request.POST.get("text", ""),
        level=int(level) if level in ("1", "2", "3") else None,
        code=request.POST.get("code", ""),
    )


def _day(given: str, field: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid(**{field: "Give the day as 2026-11-23."}) from None
