"""Grades and nothing-heard judgements of the last weeks beside the load at their moment; no figure of one person."""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from watchroom.assessment.models import Assessment
from watchroom.contacts.models import Contact
from watchroom.demand.rules import counting, drift
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import scope
from watchroom.incidents.models import Decision, Involvement
from watchroom.staff.models import Member

KEPT_S = 600  # a measure over weeks does not change within minutes
TYPES_SHOWN = 3
TEAMS = {"handler": "Answering", "resolver": "Resolution"}


@dataclass(frozen=True)
class Watch:
    """`decided`: what people graded; `suggested`: what the rules made of the risk they wrote; `nothing`: judged nothing heard."""

    at: datetime
    decided: drift.Measured
    suggested: drift.Measured
    nothing: drift.Measured
    pictures: tuple[tuple[str, tuple[drift.Third, ...]], ...]
    by_hour: tuple[counting.Figure, ...]
    by_team: tuple[tuple[str, counting.Figure | None], ...]  # None: so few people that it would be a figure of persons


def watch(at: datetime) -> Watch:
    """Of the force in scope; counted anew every ten minutes."""
    adopted = force.policy_at(at)
    key = f"drift:{scope.require()}:{adopted.number}:{int(at.timestamp() // KEPT_S)}"
    found: Watch | None = cache.get(key)
    if found is None:
        found = count(at, adopted.policy)
        cache.set(key, found, KEPT_S)
    return found


def count(at: datetime, policy: Policy) -> Watch:
    """Five queries."""
    rule = policy.drift
    since = at - timedelta(days=rule.days)
    loads = _Loads(since, at)
    ranks = {grade.code: grade.rank for grade in policy.grades}
    first: dict[int, Decision] = {}
    rows = Decision.objects.filter(at__gte=since, at__lte=at, incident__opened_at__gte=since).select_related("incident")
    for row in rows.order_by("at", "pk"):
        first.setdefault(row.incident_id, row)
    own: dict[int, tuple[datetime, datetime | None]] = {}
    involved = Involvement.objects.filter(incident_id__in=first).order_by("-at", "-pk")
    for pk, received, ended in involved.values_list("incident_id", "contact__received_at", "contact__ended_at"):
        own[pk] = (received, ended)
    graded = [(row, loads.at(row.at, own.get(pk))) for pk, row in first.items() if row.grade in ranks]
    decided = [drift.Point(row.incident.kind, load, ranks[row.grade]) for row, load in graded]
    suggested = [drift.Point(row.incident.kind, load, ranks[row.suggested]) for row, load in graded if row.suggested in ranks]
    judged: list[tuple[str, datetime, str, str, datetime, datetime | None]] = list(
        Assessment.objects.filter(saved_at__gte=since, saved_at__lte=at, stage=Assessment.Stage.CREATION).values_list(
            "kind", "saved_at", "saved_by", "contact__channel", "contact__received_at", "contact__ended_at"
        )  # type: ignore[arg-type]  # saved_at is set by the filter
    )
    nothing = [
        drift.Point(channel, loads.at(when, (received, ended)), int(kind == Assessment.Kind.NOTHING_HEARD))
        for kind, when, _, channel, received, ended in judged
    ]
    return Watch(
        at=at,
        decided=drift.measure(decided, rule),
        suggested=drift.measure(suggested, rule),
        nothing=drift.measure(nothing, rule),
        pictures=_pictures(graded, policy),
        by_hour=_by_hour([(when, kind == Assessment.Kind.NOTHING_HEARD) for kind, when, *_ in judged]),
        by_team=_by_team([(by, kind == Assessment.Kind.NOTHING_HEARD) for kind, _, by, *_ in judged], rule.min_people),
    )


class _Loads:
    """How many contacts were waiting or in hand at a moment: arrived, and not yet ended."""

    def __init__(self, since: datetime, at: datetime) -> None:
        # one that began before and is not ended was part of the load all the time; two days cover every contact that is followed up
        rows = Contact.objects.filter(received_at__gte=since - timedelta(days=2), received_at__lte=at)
        times = list(rows.values_list("received_at", "ended_at"))
        self.begun = sorted(received for received, _ in times)
        self.ended = sorted(ended for _, ended in times if ended)

    def at(self, moment: datetime, own: tuple[datetime, datetime | None] | None) -> int:
        """Without the contact itself, whose own call may be over or not when it is judged."""
        is_own = own is not None and own[0] <= moment and (own[1] is None or own[1] > moment)
        return max(0, bisect_right(self.begun, moment) - bisect_right(self.ended, moment) - is_own)


def _pictures(graded: list[tuple[Decision, int]], policy: Policy) -> tuple[tuple[str, tuple[drift.Third, ...]], ...]:
    labels = {entry.code: entry.label for entry in policy.incident_types}
    most = Counter(row.incident.kind for row, _ in graded).most_common(TYPES_SHOWN)
    groups = [("All types", [(load, row.grade) for row, load in graded])]
    groups += [
        (labels.get(kind, kind), [(load, row.grade) for row, load in graded if row.incident.kind == kind]) for kind, _ in most
    ]
    return tuple((name, tuple(drift.thirds(rows))) for name, rows in groups if rows)


def _by_hour(judged: list[tuple[datetime, bool]]) -> tuple[counting.Figure, ...]:
    zone = force.timezone()
    hours: dict[int, list[bool]] = defaultdict(list)
    for when, is_nothing in judged:
        hours[when.astimezone(zone).hour].append(is_nothing)
    return tuple(counting.share_of("nothing_heard", f"{hour:02d}", hours[hour]) for hour in range(24))


def _by_team(judged: list[tuple[str, bool]], least: int) -> tuple[tuple[str, counting.Figure | None], ...]:
    roles = {f"staff:{pk}": roles for pk, roles in Member.objects.values_list("pk", "roles")}
    teams: dict[str, list[bool]] = defaultdict(list)
    people: dict[str, set[str]] = defaultdict(set)
    for by, is_nothing in judged:
        team = next((TEAMS[role] for role in roles.get(by, ()) if role in TEAMS), "Others")
        teams[team].append(is_nothing)
        people[team].add(by)
    return tuple(
        (team, counting.share_of("nothing_heard", team, teams[team]) if len(people[team]) >= least else None)
        for team in sorted(teams)
    )
