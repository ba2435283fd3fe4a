"""The despatcher's panels and acts: the board, who could go, the units, the map; sending, arriving, clearing, a status by hand.

Every POST carries a `key`: a repeat returns the first answer, and nobody is sent twice. What changes reaches every desk by
the live stream (`live.py`); an answer only brings up to date the panel it was pressed in.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.dispatch import actions, chart, queries, unitboard
from watchroom.dispatch import board as boards
from watchroom.dispatch.models import Unit
from watchroom.dispatch.rules import Candidate
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import queries as incidents
from watchroom.incidents.models import Incident
from watchroom.shell import answers
from watchroom.staff import queries as staff

OFFERS = 4  # the first three, and the nearest that falls short
TAKE_BACK = timedelta(seconds=10)
TAKEN_BACK = "taken back within 10 seconds"

# --- Panels


@needs("incidents.board")
@require_GET
def board(request: StaffRequest) -> HttpResponse:
    """All open jobs in their groups."""
    at = clock.now()
    found = boards.rows(at=at)
    context = {"groups": boards.grouped(found, at=at), "summary": boards.summary(at=at), "now": at}
    return render(request, "dispatch/board.html", context)


@needs("incidents.board")
@require_GET
def headline(request: StaffRequest) -> HttpResponse:
    """The most dangerous thing that this desk can act on."""
    at = clock.now()
    return render(request, "dispatch/_headline.html", {"summary": boards.summary(at=at), "now": at})


@needs("dispatch.see")
@require_GET
def units(request: StaffRequest) -> HttpResponse:
    """All units: who waits for the despatcher, then by beat."""
    return render(request, "dispatch/units.html", units_context(clock.now()))


def units_context(at: datetime) -> dict[str, Any]:
    policy = force.policy_at(at).policy
    groups = unitboard.groups(at=at)
    everyone = [row for group in groups for row in group.rows]
    return {
        "groups": groups,
        "free": sum(row.is_free for row in everyone),
        "total": len(everyone),
        "statuses": [{"code": one.code, "short": unitboard.SHORT.get(one.number, one.label)} for one in policy.dispatch.statuses],
        "now": at,
    }


@needs("dispatch.see")
@require_GET
def offers(request: StaffRequest, incident: int) -> HttpResponse:
    """Who is on this job, and who could go, with the reasons; and the marks of the map."""
    return _offers(request, get_object_or_404(Incident.objects.select_related("place", "place__beat"), pk=incident), clock.now())


def _offers(request: StaffRequest, incident: Incident, at: datetime) -> HttpResponse:
    sent = list(queries.sent_to([incident.pk]).get(incident.pk, []))
    names = staff.names({row.assigned_by for row in sent})
    for row in sent:
        row.sent_by = names[row.assigned_by]  # type: ignore[attr-defined]
    found = queries.suggestions(incident, at=at) if incident.is_open and incident.grade != "rwd" else []
    shown = choose(found)
    second = next((one for one in shown[1:2] if one.meets_needs and incident.grade == "immediate"), None)
    context = {
        "incident": incident,
        "sent": sent,
        "offers": shown,
        "second": second,
        "more": len(found) - len(shown),
        "may_send": request.user.may("dispatch.send") and incident.is_open,
        "now": at,
        **chart.marks(incident, shown, at=at),
    }
    return render(request, "dispatch/_offers.html", context)


def choose(found: list[Candidate]) -> list[Candidate]:
    """The first few; and the nearest of all, when it falls short, so that it is seen why it is not the first."""
    shown = found[: OFFERS - 1]
    nearest = min(found, key=lambda one: one.minutes, default=None)
    if nearest and nearest not in shown and not nearest.meets_needs:
        return [*shown, nearest]
    return found[:OFFERS]


@needs("dispatch.see")
@require_GET
def ground(request: StaffRequest) -> HttpResponse:
    """The ground of the map: streets, water, parks. The same for everyone of the force, and drawn once a process."""
    response = HttpResponse(chart.ground())
    response["Cache-Control"] = "private, max-age=3600"
    return response


# --- Acts


@needs("dispatch.send")
@require_POST
def send(request: StaffRequest, incident: int) -> HttpResponse:
    """Send these units (`unit`, call signs, one or more). All or none: a refusal sends nobody."""
    at, by = clock.now(), request.user.code
    job = get_object_or_404(Incident, pk=incident)
    found = [unit_named(callsign) for callsign in request.POST.getlist("unit")]
    if not found:
        raise Invalid(unit="Say which unit.")

    def do() -> list[int]:
        return [sent.pk for sent in actions.assign_all(incident=job.pk, units=[unit.pk for unit in found], by=by, at=at)]

    answers.once(request, "dispatch.send", do)
    return _answer(request, job.pk, at, f"{', '.join(unit.callsign for unit in found)} to log {job.reference}.")


@needs("dispatch.send")
@require_POST
def arrive(request: StaffRequest, incident: int, unit: int) -> HttpResponse:
    at, by = clock.now(), request.user.code
    _known(incident, unit)
    answers.once(request, "dispatch.arrive", lambda: actions.arrive(incident=incident, unit=unit, by=by, at=at).pk)
    return _answer(request, incident, at, "At scene.")


@needs("dispatch.send")
@require_POST
def clear(request: StaffRequest, incident: int, unit: int) -> HttpResponse:
    """The unit has finished: `result` is what it found and did, in words. It is asked for: a job does not end in silence."""
    at, by, result = clock.now(), request.user.code, request.POST.get("result", "")
    _known(incident, unit)
    if not result.strip():
        raise Invalid(result="Write what they found and did; or call them off, if they never got there.")
    answers.once(request, "dispatch.clear", lambda: actions.clear(incident=incident, unit=unit, result=result, by=by, at=at).pk)
    return _answer(request, incident, at, "Clear.")


@needs("dispatch.send")
@require_POST
def call_off(request: StaffRequest, incident: int, unit: int) -> HttpResponse:
    """Called off before it arrived; that is itself a line of the log."""
    at, by, because = clock.now(), request.user.code, request.POST.get("because", "")
    _known(incident, unit)
    answers.once(
        request, "dispatch.call_off", lambda: actions.call_off(incident=incident, unit=unit, because=because, by=by, at=at).pk
    )
    return _answer(request, incident, at, "Called off.")


@needs("dispatch.send")
@require_POST
def take_back(request: StaffRequest) -> HttpResponse:
    """Call off what this person sent last, within ten seconds. It was sent, so the log keeps both lines."""
    at, by = clock.now(), request.user.code

    def do() -> list[Any]:
        last = queries.last_sent(by, since=at - TAKE_BACK)
        if last is None:
            raise Refused("Nothing you sent in the last 10 seconds is still on its way. Call a unit off at its job instead.")
        actions.call_off(incident=last.incident_id, unit=last.unit_id, because=TAKEN_BACK, by=by, at=at)
        return [last.incident_id, last.unit.callsign]

    (incident, callsign) = answers.once(request, "dispatch.take_back", do)
    return _answer(request, incident, at, f"{callsign} called off.")


@needs("dispatch.send")
@require_POST
def status(request: StaffRequest, unit: int) -> HttpResponse:
    """A radio status by hand: `to`, 0 to 16."""
    at = clock.now()
    get_object_or_404(Unit, pk=unit)
    said = _set_status(request, unit, request.POST.get("to", ""), at)
    return JsonResponse({"said": said})


def _set_status(request: StaffRequest, unit: int, to: str, at: datetime) -> str:
    if not re.fullmatch(r"\d{1,2}", to) or int(to) > 16:
        raise Invalid(to="A status is a number from 0 to 16.")
    by = request.user.code
    answers.once(request, "dispatch.status", lambda: actions.set_status(unit=unit, to=int(to), by=by, at=at).status)
    return f"{Unit.objects.get(pk=unit).callsign}: status {int(to)}."


# --- In words, from the command bar: `unit nh21 job 0417`, `unit nh21 at scene`, `status nh21 6`, `clear nh21 result …`


@needs("dispatch.send")
@require_POST
def say_unit(request: StaffRequest) -> JsonResponse:
    """`unit nh21 job 0417` sends it; `unit nh21 at scene` says that it has arrived; `unit nh21 off because …` calls it off."""
    at, by = clock.now(), request.user.code
    unit = unit_named(request.POST.get("unit", ""))
    if "at" in request.POST:
        if "scene" not in request.POST["at"].lower():
            raise Invalid(at="Say “at scene”.")
        job = _job_of(unit)
        answers.once(request, "dispatch.arrive", lambda: actions.arrive(incident=job, unit=unit.pk, by=by, at=at).pk)
        return JsonResponse({"said": f"{unit.callsign} at scene."})
    if "off" in request.POST:
        job, because = _job_of(unit), request.POST["off"].removeprefix("because").strip()
        answers.once(
            request, "dispatch.call_off", lambda: actions.call_off(incident=job, unit=unit.pk, because=because, by=by, at=at).pk
        )
        return JsonResponse({"said": f"{unit.callsign} called off."})
    incident = incidents.open_by_reference(request.POST.get("job", ""))
    answers.once(request, "dispatch.send", lambda: actions.assign(incident=incident.pk, unit=unit.pk, by=by, at=at).pk)
    return JsonResponse({"said": f"{unit.callsign} to log {incident.reference}."})


@needs("dispatch.send")
@require_POST
def say_status(request: StaffRequest) -> JsonResponse:
    """`status nh21 6`, or `status unit nh21 to 6`."""
    callsign, _, number = request.POST.get("unit", "").strip().rpartition(" ")
    if "to" in request.POST:
        callsign, number = request.POST.get("unit", ""), request.POST["to"]
    return JsonResponse({"said": _set_status(request, unit_named(callsign).pk, number.strip(), clock.now())})


@needs("dispatch.send")
@require_POST
def say_clear(request: StaffRequest) -> JsonResponse:
    """`clear nh21 result seen and safe, advice given`."""
    at, by, result = clock.now(), request.user.code, request.POST.get("result", "")
    unit = unit_named(request.POST.get("unit", ""))
    if not result.strip():
        raise Invalid(result="Write what they found and did: clear nh21 result …")
    job = _job_of(unit)
    answers.once(request, "dispatch.clear", lambda: actions.clear(incident=job, unit=unit.pk, result=result, by=by, at=at).pk)
    return JsonResponse({"said": f"{unit.callsign} clear."})


# --- Inside


def unit_named(callsign: str) -> Unit:
    """The unit of this call sign, however it is written. Raises Invalid."""
    wanted = re.sub(r"\s+", "", callsign).upper()
    found = Unit.objects.filter(callsign__iexact=wanted).first() if wanted else None
    if found is None:
        raise Invalid(unit=f"There is no unit “{callsign.strip()}” on the board." if wanted else "Say which unit.")
    return found


def _job_of(unit: Unit) -> int:
    running = queries.running_of(unit.pk)
    if running is None:
        raise Refused(f"{unit.callsign} is on no job.")
    return running.incident_id


def _known(incident: int, unit: int) -> None:
    get_object_or_404(Incident, pk=incident)
    get_object_or_404(Unit, pk=unit)


def _answer(request: StaffRequest, incident: int, at: datetime, said: str) -> HttpResponse:
    """To htmx the panel as it now stands, to the command bar a sentence."""
    if request.headers.get("HX-Request"):
        if not request.user.may("dispatch.see"):
            return HttpResponse(status=204)  # done; who is free is covered for them (R47)
        return _offers(request, Incident.objects.select_related("place", "place__beat").get(pk=incident), at)
    return answers.told(request, said)
