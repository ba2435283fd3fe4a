"""Who gave up and is to be rung back: the gravest first, each with whether it is safe, and single keys for what came of it."""

from itertools import pairwise
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.views import find
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.flags import rules as flags
from watchroom.identity.lost import actions, live, queries, rules
from watchroom.shell import answers, paging
from watchroom.staff import actions as staff
from watchroom.staff import queries as people

A_PAGE = 10  # of those who gave up, for who sees all of it


@needs("identity.lost")
@require_GET
def callbacks(request: StaffRequest) -> HttpResponse:
    """The list. Whoever answers sees whom to ring next, never how many wait (R47).

    A supervisor sees all, a page at a time: GET `start`, how many who gave up stand before these (without it none).
    """
    return _list(request) if request.headers.get("HX-Request") else render(request, "identity/lost.html", _context(request))


@needs("contacts.take")
@require_POST
def ring(request: StaffRequest, contact: int) -> HttpResponse:
    """I ring them now. The number stands there from then on, and the codeword for half a minute where one is needed."""
    row, at, by = find(contact), clock.now(), request.user.code
    may_open = flags.may_open("number", request.user.permissions, force.policy_at(at).policy)
    _, word = actions.ring(contact=row.pk, by=by, at=at, may_open_codes=may_open)
    seconds = force.policy_at(at).policy.markers.code_shown_s
    if not request.headers.get("HX-Request"):  # from the desk: a codeword is shown once, so it is shown here and now
        return render(request, "identity/lost.html", {**_context(request), "word": word, "seconds": seconds})
    return answers.done(
        request,
        lambda: render(request, "identity/_lost.html", {**_context(request), "word": word, "seconds": seconds}),
        said="Ring them, then say what came of it.",
    )


@needs("contacts.take")
@require_POST
def rang(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `outcome`: what came of it. Who was spoken with is mine, and I go on to their page."""
    row, at = find(contact), clock.now()
    outcome = request.POST.get("outcome", "")
    actions.rang(contact=row.pk, outcome=outcome, member=request.user, by=request.user.code, at=at)
    if outcome == "spoke":
        staff.show_state(member=request.user, state="on_call", at=at)
        return answers.go(request, reverse("desk:contact", args=[row.pk]), said="Reached: the risk is owed.")
    return answers.done(request, lambda: _list(request), said=f"{rules.OUTCOMES[outcome]}: kept.")


@needs("identity.let_go")
@require_POST
def let_go(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `because`: nothing more is done, and why. `then`: the contact that stands below, where the caret goes on."""
    row = find(contact)
    actions.let_go(contact=row.pk, because=request.POST.get("because", ""), by=request.user.code, at=clock.now())
    return answers.done(request, lambda: _list(request), said="Kept, with your reason.")


def _list(request: StaffRequest) -> HttpResponse:
    return render(request, "identity/_lost.html", _context(request))


def _context(request: StaffRequest) -> dict[str, Any]:
    at = clock.now()
    sees_all = request.user.may("identity.let_go")
    permissions = frozenset(request.user.permissions)
    start = paging.start(request) if sees_all else 0
    rows = [] if start else queries.promised(at=at, member=None if sees_all else request.user.pk, permissions=permissions)
    limit = A_PAGE if sees_all else queries.SHOWN_AT_ONCE
    gave_up, total = queries.to_ring(at=at, limit=limit, start=start, permissions=permissions)
    rows += gave_up
    names = people.names({row.rung.by for row in rows if row.rung} | {row.duty.owner for row in rows})
    shown: list[dict[str, Any]] = [
        {
            "row": row,
            "is_mine": bool(row.rung and row.rung.by == request.user.code),
            "by": names[row.rung.by] if row.rung else "",
            "owner": names[row.duty.owner],
            "outcomes": [(code, rules.KEYS[code], words) for code, words in rules.outcomes(row.ringing).items()],
        }
        for row in rows
    ]
    for one, below in pairwise(shown):
        one["then"] = below["row"].contact.pk
    return {
        "rows": shown,
        "then": request.POST.get("then", ""),
        "now": at,
        "live_seq": getattr(request, "live_seq", ""),
        "stirred_by": [kind.__name__ for kind in live.STIRRED_BY],
        "may_ring": request.user.may("contacts.take"),
        "may_let_go": sees_all,
        **(paging.around(start, shown=len(gave_up), total=total, page=A_PAGE) if sees_all else {}),
    }
