"""One's own conflicts, a reason where one is needed, and what professional standards read."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchroom.contacts.rules import normal_number, shown_number
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.gazetteer import queries as gazetteer
from watchroom.identity.misuse import actions, rules
from watchroom.identity.models import Conflict, Look
from watchroom.shell import answers
from watchroom.staff import queries as staff

SHOWN = 100


@needs("staff.self")
@require_http_methods(["GET", "POST"])
def conflicts(request: StaffRequest) -> HttpResponse:
    """GET one's own; POST `relation`, `number`, `address` or the `place` chosen from what was found."""
    context: dict[str, Any] = {"problem": "", "found": [], "given": {}}
    if request.method == "POST":
        context["given"] = {name: request.POST.get(name, "").strip() for name in ("relation", "number", "address")}
        try:
            found = _declare(request)
        except Invalid as error:
            context["problem"] = str(error)
        else:
            if found is None:
                return answers.go(request, reverse("identity:conflicts"), said="It is on record.")
            context["found"] = found
    mine = Conflict.objects.filter(member=request.user.pk, ended_at=None).select_related("place").order_by("pk")
    owed = Look.objects.filter(member=request.user.pk, is_of_own_work=True, because="", found_at=None).order_by("-at")
    context |= {
        "mine": [
            {"row": one, "relation": rules.RELATIONS[one.relation], "number": shown_number(one.number) if one.number else ""}
            for one in mine
        ],
        "owed": [
            {"row": one, "record": _record(one), "relation": rules.RELATIONS.get(one.relations[0], "")} for one in owed[:SHOWN]
        ],
        "relations": [(code, rules.RELATIONS[code]) for code in rules.DECLARED],
    }
    return render(request, "identity/conflicts.html", context, status=422 if context["problem"] else 200)


def _record(row: Look) -> str:
    """`series alert 12`"""
    return f"{row.subject_kind.replace('_', ' ')} {row.subject_id}"


def _declare(request: StaffRequest) -> list[Any] | None:
    """None when it is on record; else the addresses among which one has to be chosen."""
    address, number, place = (request.POST.get(name, "").strip() for name in ("address", "number", "place"))
    chosen = int(place) if place.isdecimal() and len(place) < 19 else None
    if address and chosen is None:
        found = list(gazetteer.find(address, limit=5))
        if not found:
            raise Invalid(address="No address like that is in the gazetteer.")
        if len(found) > 1:
            return found
        chosen = found[0].pk
    actions.declare(
        member=request.user.pk,
        relation=request.POST.get("relation", ""),
        number=normal_number(number) if number else "",
        place=chosen,
        by=request.user.code,
        at=clock.now(),
    )
    return None


@needs("staff.self")
@require_POST
def end(request: StaffRequest, conflict: int) -> HttpResponse:
    if not Conflict.objects.filter(pk=conflict, member=request.user.pk).exists():
        raise Invalid(conflict="That is not one of yours.")
    actions.end(conflict=conflict, member=request.user.pk, by=request.user.code, at=clock.now())
    return answers.go(request, reverse("identity:conflicts"), said="It ends today. The record of it stays.")


@needs("staff.self")
@require_POST
def reason(request: StaffRequest) -> HttpResponse:
    """POST `subject_kind`, `subject_id`, `because`, and `next`: the page that was asked for."""
    kind, number = request.POST.get("subject_kind", ""), request.POST.get("subject_id", "")
    if kind not in actions.SUBJECTS or not number.isdecimal() or len(number) > 18:
        raise Invalid(subject="That record is not known here.")
    actions.give_reason(
        subject=(kind, int(number)),
        member=request.user.pk,
        because=request.POST.get("because", ""),
        by=request.user.code,
        at=clock.now(),
    )
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return answers.go(request, wanted if is_ours else reverse("identity:conflicts"), said="Your reason is on record.")


@needs("identity.standards")
@require_GET
def looks(request: StaffRequest) -> HttpResponse:
    """What has to be read, the oldest first; then what was decided, the newest first. Codes and numbers of records, no journey."""
    open_ = list(Look.objects.filter(found_at=None).order_by("at")[:SHOWN])
    done = list(Look.objects.exclude(found_at=None).order_by("-found_at")[:20])
    names = staff.names({f"staff:{row.member_id}" for row in [*open_, *done]} | {row.found_by for row in done})

    def shown(row: Look) -> dict[str, Any]:
        return {
            "row": row,
            "record": _record(row),
            "who": names[f"staff:{row.member_id}"],
            "relations": ", ".join(rules.RELATIONS.get(code, code) for code in row.relations).replace("your ", "their "),
            "finding": rules.FINDINGS.get(row.finding, ""),
            "found_by": names.get(row.found_by, ""),
            "is_own": row.member_id == request.user.pk,
        }

    context = {"open": [shown(row) for row in open_], "done": [shown(row) for row in done], "findings": rules.FINDINGS}
    return render(request, "identity/looks.html", context)


@needs("identity.standards")
@require_POST
def judge(request: StaffRequest, look: int) -> HttpResponse:
    """POST `finding` and `because`."""
    if not Look.objects.filter(pk=look).exists():
        raise Invalid(look="That look is not known here.")
    finding, because = request.POST.get("finding", ""), request.POST.get("because", "")
    actions.find(look=look, finding=finding, because=because, by=request.user.code, at=clock.now())
    return answers.go(request, reverse("identity:looks"), said="Your finding is on record.")
