"""How far a probability holds here: from what it is corrected, since when, and what that does. Counts, and no person."""

from collections.abc import Sequence
from math import exp, log
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity import trust as learnt
from watchroom.identity.likeness import calibration, reliability
from watchroom.identity.likeness.calibration import Correction
from watchroom.identity.likeness.reliability import Group

SIDE, MARGIN = 300, 46  # of the picture, in its own units
EDGE = 0.005  # as probable or improbable as the picture shows; what is beyond stands at its edge
TICKS = (0.01, 0.1, 0.5, 0.9, 0.99)
STEPS = 60
SPOKEN = {"given": "Given name", "family": "Family name", "born": "Date of birth", "home": "Address", "number": "Number"}


@needs("identity.trust")
@require_GET
def trust(request: StaffRequest) -> HttpResponse:
    """Whether a correction is in use, from how many confirmations, since when, and how often who was given so much was right."""
    told = learnt.told()
    context: dict[str, Any] = {
        "told": told,
        "least": calibration.LEAST,
        "groups": told.groups,
        "spoken": [(SPOKEN[row.field], row) for row in learnt.spoken()],
        "nights": [(night, night.correction.of(0.9)) for night in told.nights],
    }
    if told.groups and told.last:
        context |= {
            "errors": reliability.errors(told.groups),
            "drawn": drawn(told.groups, told.last.correction),
        }
    return render(request, "identity/trust.html", context)


def place(share: float) -> float:
    """Where a share stands on an axis, from 0 to SIDE: by its log odds, or all that is nearly sure would be one point."""
    inside, end = min(max(share, EDGE), 1 - EDGE), log((1 - EDGE) / EDGE)
    return round((log(inside / (1 - inside)) + end) / (2 * end) * SIDE, 1)


def drawn(groups: Sequence[Group], correction: Correction) -> dict[str, Any]:
    """The picture's coordinates; upwards is more."""
    end = log((1 - EDGE) / EDGE)
    steps = [1 / (1 + exp(end - 2 * end * at / STEPS)) for at in range(STEPS + 1)]
    line = [f"{MARGIN + place(said):.1f} {SIDE - place(correction.of(said)):.1f}" for said in steps]
    return {
        "width": SIDE + MARGIN + 10,
        "height": SIDE + 46,
        "left": MARGIN,
        "bottom": SIDE,
        "right": SIDE + MARGIN,
        "ticks": [
            {"x": MARGIN + place(tick), "y": SIDE - place(tick), "down": SIDE - place(tick) + 4, "says": f"{tick * 100:.0f} %"}
            for tick in TICKS
        ],
        "corrected": "M" + "L".join(line),
        "points": [
            {
                "x": MARGIN + place(group.said),
                "y": SIDE - place(group.right),
                "low": SIDE - place(group.low),
                "high": SIDE - place(group.high),
            }
            for group in groups
        ],
    }
