"""Search by hand, and one person's record. What is typed stands in no address, title or log."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchroom.foundation import access, clock
from watchroom.foundation.errors import ReasonOwed
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity import people, queries, searching, twins
from watchroom.identity.flags import queries as flags
from watchroom.identity.models import Link, Marker, Person, Plan
from watchroom.shell import answers
from watchroom.staff import queries as staff


@needs("identity.search")
@require_http_methods(["GET", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    """GET an empty line; POST `line`. Each person who is shown is a consultation (DPA 2018 s.62)."""
    line, at, by = request.POST.get("line", "").strip(), clock.now(), request.user.code
    context: dict[str, Any] = {"line": line, "is_asked": request.method == "POST"}
    if request.method == "POST" and len(line) >= searching.SHORTEST:
        access.log("consultation", subject=("search", 0), reason="searched for somebody", by=by, at=at)
        asked, found, too_many = searching.search(line)
        rows = Person.objects.in_bulk([one.person for one in found])
        gravest = Marker.objects.filter(person__in=queries.whole(set(rows)), removed_at=None, level=1).select_related("person")
        marked = {row.person.head for row in gravest if row.person}
        shown = []
        for one in found:
            try:
                access.consult(subject=("person", one.person), reason="shown by a search", by=by, at=at)
            except ReasonOwed as error:  # one of one's own: it is not shown, and that it was looked for is on record
                error.note()
                shown.append({"withheld": error.reasoned.says, "person": one.person})
                continue
            shown.append({"who": rows[one.person], "named": one, "is_marked": one.person in marked})
        context |= {"asked": asked.understood(), "found": shown, "too_many": too_many}
    return render(request, "identity/search.html", context)


@needs("identity.search")
@require_GET
def person(request: StaffRequest, person: int) -> HttpResponse:
    """Everything that is held together as this person, each with its source; opening it is a consultation."""
    row, at = get_object_or_404(Person.objects, pk=person), clock.now()
    if row.same_as_id:
        return redirect("identity:person", row.same_as_id)
    access.consult(subject=("person", row.pk), reason="read a person’s record", by=request.user.code, at=at)
    known, undone = people.known_of(row.pk), people.known_of(row.pk, undone=True)
    names = staff.names({one.link.by for one in known} | {one.link.undone_by for one in undone if one.link.undone_by})
    records = queries.whole([row.pk])
    markers = Marker.objects.filter(person__in=records, removed_at=None).select_related("person", "place").order_by("level")
    context = {
        "person": row,
        "known": [{"one": one, "by": names[one.link.by]} for one in known],
        "described_at": people.described_at(row.pk),
        "undone": [{"one": one, "by": names.get(one.link.undone_by, "")} for one in undone],
        "flags": flags.shown(list(markers), at=at, permissions=request.user.permissions),
        "plans": Plan.objects.filter(person__in=records, ended_at=None),
        "contacts": people.contacts_of(row.pk),
        "may_split": request.user.may("identity.observe"),
        "may_combine": request.user.may("identity.combine"),
        "judged": twins.judged_of(row.pk),
    }
    return render(request, "identity/person.html", context)


@needs("identity.observe")
@require_POST
def split(request: StaffRequest, link: int) -> HttpResponse:
    """POST `because`: this number, address or contact is not theirs."""
    row = get_object_or_404(Link.objects, pk=link)
    people.split(link=row.pk, because=request.POST.get("because", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("identity:person", args=[row.person_id]), said="Split off. It can be put back.")


@needs("identity.observe")
@require_POST
def put_back(request: StaffRequest, link: int) -> HttpResponse:
    row = get_object_or_404(Link.objects, pk=link)
    people.put_back(link=row.pk, by=request.user.code, at=clock.now())
    return answers.go(request, reverse("identity:person", args=[row.person_id]), said="Put back.")
