"""Type-ahead for places."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.gazetteer import queries


@needs("gazetteer.find")
@require_POST
def find(request: StaffRequest) -> HttpResponse:
    """POST `q`, at least two characters: options for a list box, best first. By POST, since an address in a URL would reach logs."""
    text = request.POST.get("q", "")[:160]
    places = list(queries.find(text)) if len(text.strip()) >= 2 else []
    return render(request, "gazetteer/_options.html", {"places": places, "text": text.strip()})
