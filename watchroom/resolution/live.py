"""What of the resolution desk changes with a fact? Its lists are short, and shown whole: drawn once, sent to every desk."""

from django.template.loader import render_to_string

from watchroom.foundation import clock, live
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment
from watchroom.incidents.models import Incident
from watchroom.resolution import queries, views

TOPIC, SEE = "resolution", "resolution.see"


@live.on("resolution")
def waiting(told: Told) -> list[Fragment]:
    """An incident came to be resolved without sending anyone, or changed, or is done."""
    if not _concerns(told.fact.subject[1]):
        return []
    return [_waiting()]


@live.on("resolution")
def promise(told: Told) -> list[Fragment]:
    """Something was promised, tried, moved, missed or kept: the line on top and what waits. The list of promises asks for itself,
    because what one may do there depends on who looks.
    """
    return [_waiting(), Fragment(TOPIC, "#headline", _drawn("_headline", views.headline_context(clock.now())), SEE)]


@live.on("resolution")
def again(told: Told) -> list[Fragment]:
    """Somebody is in touch again after it was resolved."""
    return [Fragment(TOPIC, "#came-back", _drawn("_came_back", views.came_back_context(clock.now())), SEE)]


def _waiting() -> Fragment:
    return Fragment(TOPIC, "#rwd", _drawn("_waiting", views.waiting_context(clock.now())), SEE)


def _drawn(name: str, context: dict) -> str:
    return render_to_string(f"resolution/{name}.html", context)


def _concerns(incident: int) -> bool:
    row = Incident.objects.filter(pk=incident).first()
    return row is not None and (
        row.grade in ("rwd", "appointment")
        or queries.of(incident) is not None
        or row.decisions.filter(grade__in=("rwd", "appointment")).exists()
    )
