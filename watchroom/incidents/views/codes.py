"""One code on one screen, for half a minute."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.views import find
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.models import Marker
from watchroom.identity.views import consult
from watchroom.incidents import codes


@needs("identity.open_code")
@require_POST
def show(request: StaffRequest, contact: int, marker: int) -> HttpResponse:
    """The code in place of its key; the page takes it away again by itself, and by its own clock if we are out of reach."""
    row, at = find(contact), clock.now()
    get_object_or_404(Marker, pk=marker)
    consult(request, row)
    code = codes.show(contact=row.pk, marker=marker, by=request.user.code, at=at)
    seconds = force.policy_at(at).policy.markers.code_shown_s
    context = {"code": code, "contact": row.pk, "marker": marker, "seconds": seconds}
    return render(request, "incidents/_code.html", context)


@needs("identity.open_code")
@require_GET
def hide(request: StaffRequest, contact: int, marker: int) -> HttpResponse:
    """The key again, in place of the code."""
    get_object_or_404(Marker, pk=marker)
    return render(request, "identity/_code_key.html", {"contact": find(contact).pk, "marker": marker})
