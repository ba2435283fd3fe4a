"""The digital trays: what was written or left and nobody has taken yet, of all channels, by risk, then age (R34)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from watchroom.assessment import queries as assessment
from watchroom.contacts import queries, rules
from watchroom.desk import trays_live as live
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.flags import disclosing
from watchroom.identity.flags import queries as flags
from watchroom.shell import paging

SHOWN_AT_ONCE = 9  # what to take next, each with a key; whoever takes them never sees how many lie there (R47)
A_PAGE = 20  # for who sees all of it, as many at a time


@needs("contacts.trays")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """One list for all that is written or left. Taking one is the same act as for a call.

    A supervisor sees all of it, a page at a time: GET `start`, how many stand before these (without it none).
    """
    template = "desk/_trays.html" if request.headers.get("HX-Request") else "desk/trays.html"
    return render(request, template, context(request))


def context(request: StaffRequest) -> dict[str, Any]:
    at = clock.now()
    policy = force.policy_at(at).policy
    labels = {cue.code: cue.label for cue in policy.cues if cue.kind == "situation"}
    sees_all = request.user.may("contacts.boxes")
    shown = []
    start = paging.start(request) if sees_all else 0
    for row in queries.trays(limit=A_PAGE if sees_all else SHOWN_AT_ONCE, start=start):
        found = flags.of(row, at=at, permissions=request.user.permissions)
        heard = assessment.cues(row, at=at)
        shown.append(
            {
                "contact": row,
                "channel": policy.channel(row.channel).label,
                "who": rules.shown_number(row.caller_number) or row.caller_name or row.caller_email,
                "flags": found[:3],
                "silence": disclosing.of_all(found),
                "cues": [label for code, label in labels.items() if code in heard][:4],
                "message": getattr(row, "message", None),
                "due_at": rules.due("answer", row.channel, row.transferred_at, policy),
            }
        )
    return {
        "rows": shown,
        **(paging.around(start, shown=len(shown), total=queries.in_trays().count(), page=A_PAGE) if sees_all else {}),
        "now": at,
        "sees_all": sees_all,
        "may_publish": request.user.may("social.publish"),
        "may_take": request.user.may("contacts.take"),
        "live_seq": getattr(request, "live_seq", ""),
        "stirred_by": [kind.__name__ for kind in live.STIRRED_BY],
    }
