"""The handler's keys for callers who cannot speak, hear or use English: the way, the language, the interpreter."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from watchroom.contacts import speaking
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find, mine
from watchroom.force.policy import Policy
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers

STEPS = {"ask": speaking.ask, "joined": speaking.joined, "ended": speaking.ended}
SAID = {
    "ask": "The interpreter is asked; the delay is counted from now.",
    "joined": "Kept: the interpreter is there.",
    "ended": "Kept: the interpreter is gone.",
}


@needs("contacts.write")
@require_POST
def keep(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `way` and `language`, each a code of the policy or empty: how the caller speaks with us."""
    row, by, at = find(contact), request.user.code, clock.now()
    speaking.mark(contact=row.pk, way=request.POST.get("way", ""), by=by, at=at)
    speaking.say_language(contact=row.pk, language=request.POST.get("language", ""), by=by, at=at)
    return _said(request, "Kept how they speak.")


@needs("contacts.write")
@require_POST
def interpreter(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `step`: ask, joined or ended."""
    row, step = mine(request, contact), request.POST.get("step", "")
    if step not in STEPS:
        raise Invalid(step=f"Use one of {', '.join(STEPS)}.")
    STEPS[step](contact=row.pk, by=request.user.code, at=clock.now())
    return _said(request, SAID[step])


def _said(request: HttpRequest, said: str) -> HttpResponse:
    return answers.done(request, answers.nothing, "wr:contact", said=said)


def shown(row: Contact, policy: Policy) -> dict[str, Any]:
    """What `contacts/_speaking.html` says of how they speak, and offers."""
    had = list(row.interpreters.order_by("asked_at"))
    here = next((one for one in had if one.ended_at is None), None)
    before = [one for one in had if one.ended_at]
    return {
        "way": policy.speaking.way(row.way),
        "language": policy.speaking.language(row.language),
        "ways": policy.speaking.ways,
        "languages": policy.speaking.languages,
        "here": here,
        "within_s": policy.speaking.interpreter_s,
        "before": [(one, (one.joined_at - one.asked_at).total_seconds() if one.joined_at else None) for one in before],
        "waited": (here.joined_at - here.asked_at).total_seconds() if here and here.joined_at else None,
    }
