"""What a handler would hear, as words: only in a demonstration."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from watchroom.contacts.models import Contact
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.links.trunk.models import Utterance

SHOWN = 4


@needs("contacts.write")
@require_GET
def heard(request: StaffRequest, contact: int) -> HttpResponse:
    """The last few things said on this line since it was answered; 404 where there is no demonstration."""
    if not settings.DEMO:
        raise Http404
    row = get_object_or_404(Contact.objects, pk=contact)
    consult(request, row)
    words = list(Utterance.objects.filter(contact=row).order_by("-at", "-pk")[:SHOWN])[::-1] if row.answered_at else []
    return render(request, "trunk/heard.html", {"words": words, "is_live": row.is_live})
