"""Where is everything? The board's map: its ground once for a force, and on it the jobs, the units and who would go."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Max, Min

from watchroom.dispatch.models import Unit
from watchroom.dispatch.rules import Candidate
from watchroom.force import queries as force
from watchroom.foundation import scope
from watchroom.gazetteer import drawing, maps
from watchroom.gazetteer.models import Beat, Place
from watchroom.incidents.models import Incident
from watchroom.shell.rules import grade_number

SIZE = (500, 500)
MARGIN = 1.04
AWAY = ("off", "away")  # freedoms of units that are not drawn


@lru_cache(maxsize=64)
def _window(force_code: str, newest: int) -> tuple[tuple[float, float], float]:
    """The centre and the side in metres of what the map shows: the built-up beats, or all of them when none is."""
    found = Place.objects.filter(beat__is_rural=False) if Beat.objects.filter(is_rural=False).exists() else Place.objects.all()
    edge = found.aggregate(west=Min("x"), east=Max("x"), south=Min("y"), north=Max("y"))
    if edge["west"] is None:
        return (0.0, 0.0), 1000.0
    centre = ((edge["west"] + edge["east"]) / 2, (edge["south"] + edge["north"]) / 2)
    return centre, max(edge["east"] - edge["west"], edge["north"] - edge["south"], 500.0) * MARGIN


def window() -> tuple[tuple[float, float], float]:
    newest = Place.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return _window(scope.require(), newest)


def ground() -> str:
    """Streets, water, parks and the names of the beats as `<svg>`."""
    newest = Place.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return _ground(scope.require(), newest)


@lru_cache(maxsize=16)
def _ground(force_code: str, newest: int) -> str:
    centre, side = window()
    streets, areas = [], []
    for kind, name, points, width in maps.ground().shapes:
        if kind in maps.STREETS:
            streets.append(drawing.Street(name, points, kind))
        elif kind in maps.AREAS and kind != "block":  # single buildings are too small here
            areas.append(drawing.Area(maps.AREAS[kind], points, width))
    beats = Place.objects.values("beat__name").annotate(w=Min("x"), e=Max("x"), s=Min("y"), n=Max("y"))
    labels = [drawing.Label(b["beat__name"], (b["w"] + b["e"]) / 2, (b["s"] + b["n"]) / 2) for b in beats]
    return drawing.svg(
        streets,
        centre=centre,
        width_m=side,
        height_m=side,
        size=SIZE,
        areas=areas,
        labels=labels,
        title="The streets of the force’s area",
    )


def marks(chosen: Incident, offered: Sequence[Candidate], *, at: datetime) -> dict[str, Any]:
    """The open jobs, the units and the way of whoever is suggested, for the template: `marks`, `size`, and `map_says` in words."""
    policy = force.policy_at(at).policy
    centre, side = window()
    incidents = [
        drawing.Incident(i.place.x, i.place.y, grade_number(i.grade) if i.grade else 0, i.pk == chosen.pk)
        for i in Incident.objects.filter(state=Incident.State.OPEN)
        .exclude(grade="rwd")
        .exclude(place=None)
        .select_related("place")
        if i.place
    ]
    first = offered[0] if offered and offered[0].meets_needs else None
    units = []
    for unit in Unit.objects.order_by("callsign"):
        status = policy.dispatch.status(unit.status)
        if status.freedom not in AWAY:
            state = "free" if status.is_assignable else "busy" if status.freedom == "committed" else ""
            units.append(drawing.Unit(unit.callsign, unit.x, unit.y, state))
    route = [(first.unit.x, first.unit.y), (chosen.place.x, chosen.place.y)] if first and chosen.place else None
    said = [f"Map: log {chosen.reference} at {chosen.where}" if chosen.place else f"Map: log {chosen.reference} is not on it yet"]
    if first:
        said.append(f"{first.unit.callsign} is {first.minutes} min away")
    said.append(f"{len(incidents)} open jobs and {len(units)} units in all")
    drawn = drawing.marks(centre=centre, width_m=side, height_m=side, size=SIZE, incidents=incidents, units=units, route=route)
    return {"marks": drawn, "size": SIZE, "map_says": "; ".join(said) + "."}
