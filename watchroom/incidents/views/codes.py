"""One code on one screen, for half a minute."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.views import find
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.flags.rules import may_open
from watchroom.identity.models import Marker
from watchroom.identity.views import consult
from watchroom.incidents import codes


@needs("identity.open_codeword")
@require_POST
def show(request: StaffRequest, contact: int, marker: int) -> HttpResponse:
    """The code in place of its key; the page takes it away again by itself, and by its own clock if we are out of reach."""
    row, at = find(contact), clock.now()
    _opened_to(request, marker)
    consult(request, row)
    code = codes.show(contact=row.pk, marker=marker, by=request.user.code, at=at)
    seconds = force.policy_at(at).policy.markers.code_shown_s
    context = {"code": code, "contact": row.pk, "marker": marker, "seconds": seconds}
    return render(request, "incidents/_code.html", context)


@needs("identity.open_codeword")
@require_GET
def hide(request: StaffRequest, contact: int, marker: int) -> HttpResponse:
    """The key again, in place of the code: it says nothing, and opens to whom it opened before."""
    return render(request, "identity/_code_key.html", {"contact": find(contact).pk, "marker": marker})


def _opened_to(request: StaffRequest, marker: int) -> None:
    """404 for a flag that is not there; 403 unless what it holds is opened to this person (`identity.flags.rules.may_open`)."""
    row = get_object_or_404(Marker, pk=marker)
    stands_for = "person" if row.place_id is None else "place"
    if not may_open(stands_for, request.user.permissions, force.policy_at(clock.now()).policy):
        raise PermissionDenied("Your role does not open this code.")
