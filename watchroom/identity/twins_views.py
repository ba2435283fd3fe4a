"""Two records that may be of one person: the list, the pair side by side, and what a person says of it."""

from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import ReasonOwed
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity import people, twins
from watchroom.identity.flags import queries as flags
from watchroom.identity.models import History, Marker, Person, Sweep, Twins
from watchroom.shell import answers
from watchroom.staff import queries as staff

FOUND = {
    "night": "by Watchroom’s own look through the record",
    "splink": "by Splink’s look through the whole record",
    "look": "when somebody asked who else this may be",
    "research": "by somebody at research, with a reason",
}


@needs("identity.combine")
@require_GET
def pairs(request: StaffRequest) -> HttpResponse:
    """What was proposed and waits, the likeliest first. Who somebody declared as their own is not named here."""
    shown = []
    for row in twins.open_pairs():
        try:
            _consult(request, row, "shown as one of two alike")
        except ReasonOwed as error:
            error.note()
            shown.append({"row": row, "withheld": error.reasoned.says})
            continue
        shown.append({"row": row})
    last = Sweep.objects.order_by("-pk").first()
    by = force.policy_at(clock.now()).policy.twins.looked_through_by
    stood_in = by == "splink" and last is not None and last.way == Sweep.Way.OWN
    return render(request, "identity/twins.html", {"pairs": shown, "last": last, "stood_in": stood_in})


@needs("identity.combine")
@require_GET
def pair(request: StaffRequest, twins_id: int) -> HttpResponse:
    """Both records side by side, what speaks for one person and what against it, and the judgement."""
    row = get_object_or_404(Twins.objects.select_related("one", "other"), pk=twins_id)
    _consult(request, row, "compared two records")
    context = {
        "row": row,
        "how": FOUND.get(row.source, ""),
        "sides": [_side(one, request.user.permissions) for one in (row.one, row.other)],
        "by": staff.name(row.by) if row.by else "",
        "undone_by": staff.name(row.undone_by) if row.undone_by else "",
    }
    return render(request, "identity/pair.html", context)


def _side(person: Person, permissions: Collection[str]) -> dict[str, Any]:
    markers = Marker.objects.filter(person=person, removed_at=None).select_related("person", "place")
    known = people.known_of(person.pk, alone=True)
    return {
        "person": person,
        "numbers": _values(known, "number"),
        "addresses": [*_values(known, "place"), *people.described_at(person.pk, alone=True)],
        "sources": sorted({one.link.observation.source for one in known}),
        "flags": flags.shown(markers, at=clock.now(), permissions=permissions),
        "contacts": people.contacts_of(person.pk, limit=5, alone=True),
        "history": History.objects.filter(person=person).count(),
    }


def _values(known: list[people.Known], kind: str) -> list[str]:
    return list(dict.fromkeys(one.value for one in known if one.link.observation.kind == kind))


@needs("identity.combine")
@require_POST
def same(request: StaffRequest, twins_id: int) -> HttpResponse:
    """POST `because`: they are one person."""
    return _say(request, twins_id, twins.hold_same, said="Read as one person from now on. It can be taken back.")


@needs("identity.combine")
@require_POST
def apart(request: StaffRequest, twins_id: int) -> HttpResponse:
    """POST `because`: they are two people."""
    return _say(request, twins_id, twins.hold_apart, said="Two people. They are not proposed again.")


@needs("identity.combine")
@require_POST
def back(request: StaffRequest, twins_id: int) -> HttpResponse:
    """POST `because`: the judgement was wrong."""
    return _say(request, twins_id, twins.take_back, said="Taken back. Each stands for itself, and the pair is open again.")


@needs("identity.combine")
@require_POST
def look(request: StaffRequest, person: int) -> HttpResponse:
    """Who else on record may be this person? What is found stands in the list, to be judged."""
    row, at = get_object_or_404(Person.objects, pk=person), clock.now()
    access.consult(subject=("person", row.pk), reason="looked for other records of them", by=request.user.code, at=at)
    found = twins.look(row.pk, at=at)
    if not found:
        return answers.go(
            request, reverse("identity:person", args=[row.head]), said="Nobody else is like them, who is not judged yet."
        )
    said = f"{found} {'pair' if found == 1 else 'pairs'} to judge."
    return answers.go(request, reverse("identity:pairs"), said=said)


def _say(request: StaffRequest, twins_id: int, judge: Callable[..., Twins], *, said: str) -> HttpResponse:
    """A person says this of a pair; of one's own it needs a reason, as reading does."""
    row = get_object_or_404(Twins.objects, pk=twins_id)
    _consult(request, row, "judged two records")
    judge(twins=row.pk, because=request.POST.get("because", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("identity:pairs"), said=said)


def _consult(request: StaffRequest, row: Twins, reason: str) -> None:
    """Both are looked at. Raises ReasonOwed where one of them is one's own."""
    for person in (row.one_id, row.other_id):
        access.consult(subject=("person", person), reason=reason, by=request.user.code, at=clock.now())
