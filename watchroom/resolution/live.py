"""What of the resolution desk changes with a fact? Its lists are short, and shown whole: drawn once, sent to every desk."""

from django.template.loader import render_to_string

from watchroom.foundation import clock
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment
from watchroom.incidents.models import Incident
from watchroom.resolution import queries, views


def waiting(told: Told) -> list[Fragment]:
    """An incident came to be resolved without sending anyone, or changed, or is done."""
    if not _concerns(told.fact.subject[1]):
        return []
    drawn = render_to_string("resolution/_waiting.html", views.waiting_context(clock.now()))
    return [Fragment("resolution", "#rwd", drawn, "resolution.see")]


def promise(told: Told) -> list[Fragment]:
    """A call back was promised or made: the list asks for itself, because what one may do there depends on who looks."""
    return waiting(told)


def _concerns(incident: int) -> bool:
    row = Incident.objects.filter(pk=incident).first()
    return row is not None and (
        row.grade == "rwd" or queries.of(incident) is not None or row.decisions.filter(grade="rwd").exists()
    )
