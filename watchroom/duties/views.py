"""Taking a duty, and giving it to somebody else: who holds it changes, never when it is due."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.duties import actions, kinds
from watchroom.duties.models import Duty
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers
from watchroom.staff import queries as staff


@needs("duties.take")
@require_POST
def take(request: StaffRequest, duty: int) -> HttpResponse:
    """It is mine now. Taking what one has changes nothing."""
    row = get_object_or_404(Duty.objects, pk=duty)
    return _hand_over(request, row, request.user.code)


@needs("duties.take")
@require_GET
def give(request: StaffRequest, duty: int) -> HttpResponse:
    """To whom? The desks, and everybody whose screen is open; in place of the two buttons."""
    row = get_object_or_404(Duty.objects, pk=duty)
    here = [(seen.member.code, seen.member.full_name) for seen in staff.room_now(clock.now()) if seen.member.code != row.owner]
    desks = [(code, name) for code, name in staff.DESKS.items() if code != row.owner]
    context = {"duty": row, "label": kinds.label(row.kind), "here": here, "desks": desks, "slot": request.GET.get("slot", "")[:1]}
    return render(request, "duties/_give.html", context)


@needs("duties.take")
@require_POST
def hand_over(request: StaffRequest, duty: int) -> HttpResponse:
    """POST `to`: a desk (`desk:despatch`) or a member (`staff:12`)."""
    row = get_object_or_404(Duty.objects, pk=duty)
    to = request.POST.get("to", "")
    if not staff.may_own(to):
        raise Invalid(to="Choose a person or a desk of this force.")
    return _hand_over(request, row, to)


def _hand_over(request: StaffRequest, row: Duty, to: str) -> HttpResponse:
    done = actions.hand_over(duty=row.pk, to=to, by=request.user.code, at=clock.now())
    said = f"{kinds.label(done.kind)} is now with {staff.name(done.owner)}."
    return answers.done(request, lambda: HttpResponse(status=204), "stir:owed", "stir:headline", said=said)
