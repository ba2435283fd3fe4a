"""The analyst's page: a day's figures, each with how it is counted; the same as CSV. No person is on it, and no member of staff."""

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchroom.contacts.rules import CHANNELS, LIVE, band_labels
from watchroom.demand import actions, definitions, publishing
from watchroom.demand.definitions import Definition
from watchroom.demand.models import Alarm, Trial
from watchroom.demand.queries import day as days
from watchroom.demand.queries import drift as drifts
from watchroom.demand.queries import groups, period
from watchroom.demand.queries import snapshot as snapshots
from watchroom.demand.rules import comparing, counting, drawing
from watchroom.demand.rules.comparing import Counted
from watchroom.demand.rules.counting import Figure
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.foundation.scope import require as force_code
from watchroom.shell import answers
from watchroom.staff import queries as staff

KINDS = ("answered", "waiting", "diverted", "abandoned")  # from the bottom of a bar to its top
SAID_AND_FOUND = {
    "both": "Said, and found",
    "said": "Said, and not found",
    "found": "Found, and not said",
    "neither": "Neither",
}
ALARMS_SHOWN = 5  # answered ones, the newest first
CHANGES_SHOWN = 200  # of a trial; all of them are in its CSV
SILENT_S = 60  # a trial that came no step further for so long is said to have stopped


@dataclass(frozen=True)
class Shown:
    """A figure beside its definition."""

    figure: Figure
    definition: Definition
    goal: int | None = None  # what was promised, in per cent

    @property
    def is_short(self) -> bool:
        return self.goal is not None and self.figure.value is not None and self.figure.value < self.goal


@needs("demand.see")
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    """GET `day` (2026-11-22; without it today)."""
    found = _found(request)
    return render(request, "demand/day.html", _context(found))


@needs("demand.see")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    """All figures of the day as CSV, each with numerator, denominator, exclusions, unit and the hash of its definition."""
    found = _found(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="watchroom-{force_code()}-{found.date}.csv"'
    rows = csv.writer(response)
    rows.writerow(
        [
            "force",
            "day",
            "counted_at",
            "figure",
            "of",
            "value",
            "unit",
            "numerator",
            "denominator",
            "excluded",
            "title",
            "counts",
            "definition",
            "surges",
        ]
    )
    surges = "; ".join(
        f"{surge.declared_at.astimezone(found.zone):%H:%M} to {surge.ends_at.astimezone(found.zone):%H:%M}"
        for surge in force.surges_between(found.span.start, found.span.end)
    )
    for figure in found.figures:
        defined = found.definitions[figure.code]
        rows.writerow(
            [
                force_code(),
                found.date.isoformat(),
                found.at.isoformat(timespec="seconds"),
                figure.code,
                figure.of,
                "" if figure.value is None else f"{figure.value:.6g}",
                defined.unit,
                f"{figure.numerator:.12g}",
                "" if figure.denominator is None else f"{figure.denominator:.12g}",
                figure.excluded,
                defined.title,
                defined.numerator,
                defined.hash,
                surges,
            ]
        )
    return response


@needs("demand.see")
@require_GET
def drift(request: StaffRequest) -> HttpResponse:
    """Are busy moments graded lower (R47)? A part of a page; `?brief=1` is the sentence alone, for a supervisor."""
    return _drift(request, is_brief="brief" in request.GET)


def _drift(request: StaffRequest, *, is_brief: bool) -> HttpResponse:
    at = clock.now()
    policy = force.policy_at(at).policy
    found = drifts.watch(at)
    grades = [(grade.code, grade.label) for grade in sorted(policy.grades, key=lambda grade: grade.rank)]
    answered = [] if is_brief else list(Alarm.objects.exclude(answered_at=None).order_by("-at")[:ALARMS_SHOWN])
    names = staff.names({alarm.answered_by for alarm in answered})
    context = {
        "watch": found,
        "brief": is_brief,
        "grades": grades,
        "pictures": [(name, drawing.thirds(thirds, grades)) for name, thirds in found.pictures],
        "hours": drawing.hours([(figure.of, figure.value) for figure in found.by_hour]),
        "by_team": found.by_team,
        "min_people": policy.drift.min_people,
        "definition": definitions.under(policy)["nothing_heard"],
        "alarms": list(Alarm.objects.filter(answered_at=None).order_by("at")),
        "answered": [(alarm, names[alarm.answered_by]) for alarm in answered],
        "may_answer": request.user.may("demand.answer"),
        "least": policy.drift.min_answer,
    }
    return render(request, "demand/_drift.html", context)


@needs("demand.answer")
@require_POST
def answer(request: StaffRequest, alarm: int) -> HttpResponse:
    """POST `text`: what was found, and what is done."""
    get_object_or_404(Alarm.objects, pk=alarm)
    actions.answer_drift(alarm=alarm, text=request.POST.get("text", ""), by=request.user.code, at=clock.now())
    is_brief = "brief" in request.POST
    return answers.done(request, lambda: _drift(request, is_brief=is_brief), "stir:owed", said="Your answer is on record.")


# --- A changed pack, tried --------------------------------------------------------------------------------------------


@needs("demand.try")
@require_http_methods(["GET", "POST"])
def trials(request: StaffRequest) -> HttpResponse:
    """GET what was tried; POST `pack` (a TOML file) and `days`: try it on the decisions of so many days. Nothing is adopted."""
    context: dict[str, Any] = {"days": "31", "problem": ""}
    if request.method == "POST":
        sent = request.FILES.get("pack")
        context["days"] = request.POST.get("days", "")
        try:
            toml = _text(sent, "the changed pack: a TOML file", actions.MOST_BYTES)
            days = int(context["days"]) if context["days"].isascii() and context["days"].isdecimal() else 0
            row = actions.begin_trial(toml=toml, days=days, by=request.user.code, at=clock.now())
        except Invalid as error:
            context["problem"] = str(error)
        else:
            return answers.go(request, reverse("demand:trial", args=[row.pk]), said="It is being tried.")
    rows = list(Trial.objects.defer("pack", "result").order_by("-at", "-pk")[:20])
    names = staff.names({row.by for row in rows})
    context["rows"] = [(row, names[row.by]) for row in rows]
    return render(request, "demand/trials.html", context, status=422 if context["problem"] else 200)


def _text(sent: Any, what: str, most: int) -> str:
    """The words of a file that was sent; `what` it should have been. Raises Invalid."""
    if sent is None:
        raise Invalid(file=f"Choose {what}.")
    if sent.size > most:
        raise Invalid(file=f"It has at most {most:,} bytes.")
    try:
        text: str = sent.read().decode()
    except UnicodeDecodeError:
        raise Invalid(file="The file is not UTF-8 text.") from None
    return text


@needs("demand.try")
@require_GET
def trial(request: StaffRequest, trial: int) -> HttpResponse:
    """One trial: how far it is, then whose suggestion would change. A part of the page asks for itself again while it runs."""
    at = clock.now()
    row = get_object_or_404(Trial.objects, pk=trial)
    policy = force.policy_at(at).policy
    is_open = row.state in (Trial.State.WAITING, Trial.State.RUNNING)
    context: dict[str, Any] = {
        "trial": row,
        "by": staff.name(row.by),
        "is_open": is_open,
        "is_silent": is_open and (at - (row.seen_at or row.at)).total_seconds() > SILENT_S,
        "share": 100 * row.tried / row.total if row.total else 0,
    }
    if row.state == Trial.State.DONE and row.result:
        context.update(_tried(row.result, policy))
    template = "demand/_trial.html" if request.headers.get("HX-Request") else "demand/trial.html"
    return render(request, template, context)


def _tried(found: dict[str, Any], policy: Policy) -> dict[str, Any]:
    types = {one.code: one.label for one in policy.incident_types}
    grades = {one.code: one.label for one in policy.grades}
    changes = [
        {
            **one,
            "day": date.fromisoformat(one["day"]),
            "type": types.get(one["type"], one["type"]),
            "was": grades.get(one["before"], one["before"] or "none"),
            "would": grades.get(one["after"], one["after"] or "none"),
            "did": grades.get(one["decided"], one["decided"]),
        }
        for one in found["changes"]
    ]
    # the less urgent first, the vulnerable before others: that is where a change does harm
    order = {"down": 0, "unknown": 1, "up": 2}
    changes.sort(key=lambda one: (order[one["direction"]], not one["is_vulnerable"], one["at"]))
    by_type = [
        {"label": types.get(kind, kind), "of": sum(counts.values()), "up": counts.get("up", 0), "down": counts.get("down", 0)}
        for kind, counts in found["by_type"].items()
        if sum(counts.values()) > counts.get("same", 0)
    ]
    by_type.sort(key=lambda one: (-one["down"], -one["up"], one["label"]))
    counts = found["directions"]
    return {
        "tried": found["tried"],
        "down": counts.get("down", 0),
        "up": counts.get("up", 0),
        "same": counts.get("same", 0),
        "unknown": counts.get("unknown", 0),
        "down_vulnerable": found["by_vulnerability"].get("vulnerable", {}).get("down", 0),
        "by_type": by_type,
        "changes": changes[:CHANGES_SHOWN],
        "changed": len(changes),
        "otherwise": len(found["otherwise_stored"]),
    }


@needs("demand.try")
@require_GET
def trial_csv(request: StaffRequest, trial: int) -> HttpResponse:
    """Every decision whose suggestion would change, as CSV: references and codes, nobody's words."""
    row = get_object_or_404(Trial.objects, pk=trial)
    if row.state != Trial.State.DONE or not row.result:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="watchroom-{force_code()}-trial-{row.pk}.csv"'
    rows = csv.writer(response)
    columns = ("day", "log", "at", "type", "is_vulnerable", "before", "after", "direction", "decided", "policy")
    rows.writerow([*columns, "because"])
    rows.writerows([*(one[name] for name in columns), " ".join(one["because"])] for one in row.result["changes"])
    return response


# --- Other forces -----------------------------------------------------------------------------------------------------


@needs("demand.see")
@require_GET
def forces(request: StaffRequest) -> HttpResponse:
    """GET `figure`, `from`, `to` (the last 28 days): this force's share beside those that others handed out (R89, R139)."""
    return render(request, "demand/forces.html", _forces(request))


def _forces(request: StaffRequest, problem: str = "") -> dict[str, Any]:
    at = clock.now()
    titles = period.titles(at)
    code, _, of = request.GET.get("figure", "rwd_of_incidents").partition(":")
    first, last = _days(request, at)
    name = force.force().name
    own = period.shares(first, last, force=name, at=at)
    mine = next((one for one in own if (one.code, one.of) == (code, of)), None)
    if mine is None and code in titles:  # nothing of it happened on these days
        mine = Counted(
            force=name, code=code, of=of, definition=titles[code].hash, first=first, last=last, numerator=0, denominator=0
        )
    if mine is None:
        raise Invalid(figure="There is no such figure to compare.")
    found = comparing.compare(mine, period.published(code, of))
    offered = sorted({(one.code, one.of) for one in own} | {(code, of)}, key=lambda pair: (list(titles).index(pair[0]), pair[1]))
    return {
        "problem": problem,
        "figures": [(f"{one}:{part}" if part else one, titles[one].title, part) for one, part in offered],
        "chosen": f"{code}:{of}" if of else code,
        "definition": titles[code],
        "mine": mine,
        "found": found,
        "strip": drawing.strip([(row.force, row.share, row is mine) for row in found.rows]),
        "first": first,
        "last": last,
        "longest": period.LONGEST,
        "may_take": request.user.may("demand.take"),
        "now": at,
    }


def _days(request: StaffRequest, at: datetime) -> tuple[date, date]:
    try:
        last = date.fromisoformat(request.GET.get("to") or (force.local_day(at) - timedelta(days=1)).isoformat())
        first = date.fromisoformat(request.GET.get("from") or (last - timedelta(days=27)).isoformat())
    except ValueError:
        raise Invalid(day="Give the days as 2026-11-23.") from None
    if not timedelta(0) <= last - first < timedelta(days=period.LONGEST):
        raise Invalid(day=f"The first day comes before the last, and they are no more than {period.LONGEST} days.")
    if last > force.local_day(at):
        raise Invalid(day="That day has not come yet.")
    return first, last


@needs("demand.see")
@require_GET
def hand_out(request: StaffRequest) -> HttpResponse:
    """GET `from`, `to`: this force's shares as a file that another force can take in."""
    at = clock.now()
    first, last = _days(request, at)
    text = publishing.write(period.shares(first, last, force=force.force().name, at=at))
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="watchroom-figures-{force_code()}-{first}-{last}.json"'
    return response


@needs("demand.take")
@require_POST
def take(request: StaffRequest) -> HttpResponse:
    """POST `file`: figures that another force handed out."""
    try:
        number = actions.take_figures(
            text=_text(request.FILES.get("file"), "the file of figures", publishing.MOST_BYTES),
            by=request.user.code,
            at=clock.now(),
        )
    except Invalid as error:
        return render(request, "demand/forces.html", _forces(request, str(error)), status=422)
    said = f"{number} figures came in." if number else "These figures are here already."
    return answers.go(request, reverse("demand:forces"), said=said)


@needs("demand.take")
@require_POST
def leave_out(request: StaffRequest) -> HttpResponse:
    """POST `name`, `because`: that force takes no part, and the page says why."""
    actions.leave_out(
        name=request.POST.get("name", ""), because=request.POST.get("because", ""), by=request.user.code, at=clock.now()
    )
    return answers.go(request, reverse("demand:forces"), said="It takes no part now.")


@needs("demand.see")
@require_GET
def snapshot(request: StaffRequest) -> HttpResponse:
    """GET `aspect` (a cue of the policy; without it mental_health) and `day`: that demand in one local day, hour by hour (R103)."""
    found = _found(request)
    aspect = request.GET.get("aspect") or "mental_health"
    if aspect not in {cue.code for cue in found.policy.cues}:
        raise Invalid(aspect="The policy knows no such cue.")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="watchroom-{force_code()}-{aspect}-{found.date}.csv"'
    rows = csv.writer(response)
    rows.writerow(snapshots.COLUMNS)
    rows.writerows([force_code(), found.date.isoformat(), aspect, *row] for row in snapshots.hours(found, aspect))
    return response


def _found(request: StaffRequest) -> days.Day:
    at = clock.now()
    today = force.local_day(at)
    try:
        which = date.fromisoformat(request.GET.get("day") or today.isoformat())
    except ValueError:
        raise Invalid(day="Give the day as 2026-11-23.") from None
    if which > today:
        raise Invalid(day="That day has not come yet.")
    return days.day(which, at=at)


#: The same callers by the definitions of other forces and exchanges (R18, R140).
SPEAKING = ("speaking", "speaking_wait", "speaking_risk")
INTERPRETERS = ("interpreter_delay", "interpreter_delay_90", "interpreter_none")
OTHERS = (
    *(f"abandoned_after_{short}" for short in counting.SHORT_S),
    "service_of_offered",
    "service_of_answered",
    "service_less_short",
    "wait_first_ring",
    "wait_queue",
)


def _context(found: days.Day) -> dict[str, Any]:
    policy = found.policy
    labels = {channel.code: channel.label for channel in policy.channels}

    response = policy.response
    goals = dict.fromkeys(
        ("attended_in_time", "attended_in_time_vulnerable", "attended_in_time_others"), response.attend_goal_percent
    )
    goals["within_999"] = response.answer_999_goal_percent

    def shown(code: str, of: str = "") -> Shown:
        return Shown(found.of(code, of), found.definitions[code], goals.get(code))

    used = [code for code in CHANNELS if found.of("offered", code).value]
    per_channel = ("offered", "answered", "abandoned", "waiting", "diverted", "abandoned_share")
    waits = ("wait_median", "wait_90", "wait_mean", "wait_longest", "within_target", "handling_median")
    grades = [(grade.code, grade.label) for grade in sorted(policy.grades, key=lambda g: g.rank)]
    hours = found.hours()
    by_hour = groups.over_time(hours, found.at)
    bars = drawing.bars(
        [(hour.label, dict(counts)) for hour, counts in zip(hours, by_hour, strict=True)], KINDS, width=640, height=120, top=12
    )
    reasons = {reason.code: reason.label for reason in policy.reasons} | {"unsaid": "No reason given"}
    agencies = {agency.code: agency.label for agency in policy.agencies}
    ways = {one.code: one.label for one in policy.speaking.ways}
    spoken = ways | {one.code: one.label for one in policy.speaking.languages}
    types = {one.code: one.label for one in policy.incident_types}
    return {
        "day": found,
        "surges": force.surges_between(found.span.start, found.span.end),
        "before": found.date - timedelta(days=1),
        "after": None if not found.is_over else found.date + timedelta(days=1),
        "today": found.at.astimezone(found.zone).date(),
        "is_today": not found.is_over,
        "now": found.at,
        "definitions": found.definitions,
        "head": [shown("within_999", "999"), shown("within_limit_999", "999"), shown("rwd_of_incidents"), shown("no_incident")],
        "total": [shown(code) for code in per_channel[:5]],
        "channels": [
            (
                labels.get(code, code),
                code in LIVE,
                [shown(name, code) for name in per_channel if name != "abandoned_share" or code in LIVE],
            )
            for code in used
        ],
        "counts": [found.definitions[code] for code in per_channel],
        "bars": bars,
        "busiest": max(bars, key=lambda bar: bar.total, default=None),
        "waits": [(labels.get(code, code), [shown(name, code) for name in waits]) for code in used],
        "waits_defined": [found.definitions[code] for code in waits],
        "others": [(labels.get(code, code), [shown(name, code) for name in OTHERS]) for code in used if code in LIVE],
        "others_defined": [found.definitions[code] for code in OTHERS],
        "bands": [shown("bands_999", label) for label in band_labels(policy)],
        "calls": [
            shown("over_limit_999", "999"),
            shown("asked_101", "999"),
            *(shown(code, "101") for code in counting.TO_999),
            *(shown(code, "101") for code in counting.CALLBACKS),
        ],
        "said_and_found": [(SAID_AND_FOUND[how], shown("said_and_found", how)) for how in counting.COMPARED],
        "grades": [(label, code, found.of("grades", code)) for code, label in [*grades, ("ungraded", "Grade owed")]],
        "rwd": [shown(code) for code in ("rwd_of_incidents", "rwd_vulnerable", "rwd_others", "rwd_of_contacts", "rwd_came_back")],
        "rwd_kinds": [
            (types.get(f.of, f.of), f) for f in sorted(found.all_of("rwd_of_incidents"), key=lambda f: (-f.numerator, f.of))
        ],
        "spoken": [
            (spoken.get(f.of, f.of), [shown(code, f.of) for code in SPEAKING])
            for f in sorted(found.all_of("speaking"), key=lambda f: (-f.numerator, f.of))
            if f.of
        ],
        "spoken_defined": [found.definitions[code] for code in SPEAKING],
        "interpreters": [shown(code) for code in INTERPRETERS],
        "nothing": [
            shown("no_incident"),
            shown("no_incident_minutes"),
            shown("other_agency"),
            shown("other_agency_minutes"),
            shown("reason_agreed"),
        ],
        "reasons": [
            (reasons.get(f.of, f.of), f, found.of("no_incident_minutes", f.of))
            for f in sorted(found.all_of("no_incident"), key=lambda f: -f.numerator)
        ],
        "agencies": [
            (agencies.get(f.of, f.of), f, found.of("other_agency_minutes", f.of))
            for f in sorted(found.all_of("other_agency"), key=lambda f: -f.numerator)
        ],
        "care": [
            *([shown("went_quiet", "chat")] if "chat" in used else []),
            *(
                shown(code)
                for code in (
                    "attended_in_time",
                    "attended_in_time_vulnerable",
                    "attended_in_time_others",
                    "unjustified_delay_vulnerable",
                    "unjustified_delay_others",
                    "risk_on_record",
                    "vulnerability_in_call",
                    "nothing_heard",
                    "researched",
                    "unassessed_vulnerable",
                    "without_owner",
                )
            ),
        ],
        "version": policy.version,
    }
