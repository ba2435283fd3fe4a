"""What did a force's day look like, figure by figure? Read from the rooms' own tables in a handful of queries."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Least

from watchroom.assessment.models import Answer, Assessment
from watchroom.contacts import models as contacts
from watchroom.demand import definitions
from watchroom.demand.definitions import Definition
from watchroom.demand.queries import groups
from watchroom.demand.rules import counting, days
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import scope
from watchroom.identity.models import Followed, Research
from watchroom.incidents import models as incidents
from watchroom.incidents.interlock import unjustified
from watchroom.resolution.models import Repeat

T = TypeVar("T")
VULNERABLE_FROM = 2  # level of the element `vulnerability`, of 3


@dataclass(frozen=True)
class Day:
    """A day's rows, figures and definitions. No row holds anything that a person said, is called or can be reached at."""

    date: date
    span: days.Span
    zone: ZoneInfo
    policy: Policy
    at: datetime
    contacts: list[counting.Group]
    incidents: list[counting.Incident]
    figures: list[counting.Figure]
    definitions: dict[str, Definition]

    @property
    def is_over(self) -> bool:
        return self.at >= self.span.end

    def hours(self) -> list[days.Span]:
        """The hours of the day: 23, 24 or 25."""
        return days.parts(self.span, self.zone)

    def rows(self) -> list[counting.Contact]:
        """The contacts one by one: many, and slow to read."""
        within = contacts.Contact.objects.filter(received_at__gte=self.span.start, received_at__lt=self.span.end)
        return list(contact_rows(within, asks=self.policy.read_as("vulnerability")))

    def of(self, code: str, of: str = "") -> counting.Figure:
        """One figure. Raises KeyError when there is none."""
        for figure in self.figures:
            if (figure.code, figure.of) == (code, of):
                return figure
        raise KeyError(f"{code} of {of or 'the whole'}")

    def all_of(self, code: str) -> list[counting.Figure]:
        """The parts of a figure (by channel, grade, reason …), without the whole."""
        return [figure for figure in self.figures if figure.code == code and figure.of]


def day(which: date, *, at: datetime) -> Day:
    """The figures of this local day as they stand at `at`, by the policy of that day."""
    (found,) = each(which, which, at=at)
    return found


def each(first: date, last: date, *, at: datetime) -> list[Day]:
    """The same for each of these days, in as many queries as for one (as long as one policy holds)."""
    zone, unowned = force.timezone(), len(without_owner())
    spans = [days.of(first + timedelta(days=n), zone) for n in range((last - first).days + 1)]
    policies = [policy_of(min(at, span.end - timedelta(seconds=1)), at) for span in spans]
    contacts_of = groups.of(spans, policies, at)
    opened = incidents.Incident.objects.filter(opened_at__gte=spans[0].start, opened_at__lt=spans[-1].end)
    logs = incident_rows(opened, at=at, repeat_days=policies[-1].resolving.repeat_days)
    logs_of = _by_span(logs, spans, "opened_at")
    found = []
    for number, (span, policy) in enumerate(zip(spans, policies, strict=True)):
        mine, opened_then = contacts_of[number], logs_of[number]
        figures = counting.figures(mine, opened_then, unowned, policy, at)
        which = first + timedelta(days=number)
        if number == 0 or policy is not policies[number - 1]:
            defined = definitions.under(policy)
        found.append(Day(which, span, zone, policy, at, mine, opened_then, figures, defined))
    return found


def _by_span(rows: Sequence[T], spans: Sequence[days.Span], moment: str) -> list[list[T]]:
    """The rows of each span; spans follow each other without a gap."""
    ends = [span.end for span in spans]
    found: list[list[T]] = [[] for _ in spans]
    for row in rows:
        found[bisect_right(ends, getattr(row, moment))].append(row)
    return found


def policy_of(then: datetime, at: datetime) -> Policy:
    """The policy of that day; for days before the force adopted its first one (calls that were replayed), today's."""
    try:
        return force.policy_at(then).policy
    except force.NoPolicy:
        return force.policy_at(at).policy


def contact_rows(
    which: QuerySet[contacts.Contact], callers: dict[str, int] | None = None, *, asks: Iterable[str] = ("vulnerability",)
) -> Iterator[counting.Contact]:
    """Plain rows. Numbers become small integers that mean nothing outside: the same for the same number, through `callers`.

    `asks`: the elements of the risk models that ask who is vulnerable.
    """
    callers = {} if callers is None else callers
    saved = Assessment.objects.filter(contact_id=OuterRef("pk")).exclude(saved_at=None)
    how = saved.order_by("saved_at", "pk").values("kind")[:1]
    judged = saved.filter(kind=Assessment.Kind.NOTHING_HEARD).order_by("saved_at").values("saved_at")[:1]
    of_vulnerability = Answer.objects.filter(assessment__contact_id=OuterRef("pk"), element__in=asks)
    # of several of one contact, the one that came; of several that came, the first: the caller waited for it once
    interpreters = contacts.Interpreter.objects.filter(contact_id=OuterRef("pk")).order_by(
        F("joined_at").asc(nulls_last=True), "asked_at"
    )
    stages = contacts.Stage.objects.filter(contact_id=OuterRef("pk")).order_by("at")
    columns = which.annotate(
        first_ring_at=Subquery(stages.filter(stage__in=("menu", "announced", "queued")).values("at")[:1]),
        queued_at=Subquery(stages.filter(stage="queued").values("at")[:1]),
        incident=F("involvement__incident_id"), is_rwd=Q(involvement__incident__resolution__isnull=False), has_risk=Exists(saved),
        how=Subquery(how), vulnerability_at=Least(Subquery(of_vulnerability.order_by("at").values("at")[:1]), Subquery(judged)),
        went_quiet=Exists(contacts.Stage.objects.filter(contact_id=OuterRef("pk"), stage="quiet")),
        after_101=Exists(Followed.objects.filter(contact_id=OuterRef("pk"), undone_at=None)),
        interp_asked_at=Subquery(interpreters.values("asked_at")[:1]), interp_joined_at=Subquery(interpreters.values("joined_at")[:1]),
        interp_ended_at=Subquery(interpreters.values("ended_at")[:1]),
        researched=Exists(Research.objects.filter(contact_id=OuterRef("pk"), state=Research.State.ANSWERED)),
    ).values_list(
        "pk", "channel", "received_at", "transferred_at", "answered_at", "ended_at", "wrapped_at", "incident", "is_rwd", "has_risk", "how",
        "vulnerability_at", "researched", "attention", "reason", "agency", "tried_101", "after_101", "caller_number",
        "first_ring_at", "queued_at", "went_quiet", "callback__agreed_at", "callback__due_at", "callback__how",
        "way", "language", "interp_asked_at", "interp_joined_at", "interp_ended_at", "reason_offered",
    )  # fmt: skip
    for (
        pk,
        channel,
        received,
        transferred,
        answered,
        ended,
        wrapped,
        incident,
        rwd,
        risk,
        how_judged,
        vulnerability_at,
        researched,
        attention,
        reason,
        agency,
        tried,
        after_101,
        number,
        first_ring,
        queued,
        quiet,
        agreed,
        due,
        how_ended,
        way,
        language,
        interp_asked,
        interp_joined,
        interp_ended,
        offered,
    ) in columns:
        yield counting.Contact(
            id=pk,
            channel=channel,
            received_at=received,
            transferred_at=transferred,
            answered_at=answered,
            ended_at=ended,
            wrapped_at=wrapped,
            first_ring_at=min(filter(None, (first_ring, transferred, received))),
            queued_at=queued,
            incident=incident,
            is_rwd=bool(rwd),
            has_risk=risk,
            is_nothing_heard=how_judged == Assessment.Kind.NOTHING_HEARD,
            vulnerability_at=vulnerability_at,
            is_researched=researched,
            attention=attention,
            reason=reason,
            agency=agency,
            tried_101=tried,
            after_101=after_101,
            caller=callers.setdefault(number, len(callers)) if number else None,
            went_quiet=quiet,
            callback_agreed_at=agreed,
            callback_due_at=due,
            callback_how=how_ended or "",
            way=way,
            language=language,
            interp_asked_at=interp_asked,
            interp_joined_at=interp_joined,
            interp_ended_at=interp_ended,
            reason_offered=offered,
        )


def incident_rows(
    which: QuerySet[incidents.Incident], *, at: datetime | None = None, repeat_days: int = 0
) -> list[counting.Incident]:
    """Plain rows. With `at` and the policy's days, whether those who were resolved without anyone came back (R92)."""
    came_back = Exists(Repeat.objects.filter(incident_id=OuterRef("pk")))
    columns = which.annotate(resolved_at=F("resolution__at"), came_back=came_back).values_list(
        "pk", "opened_at", "grade", "attend_by", "attended_at", "closed_at", "resolved_at", "kind", "came_back"
    )
    over = at - timedelta(days=repeat_days) if at and repeat_days else None
    rows = list(columns)
    vulnerable = vulnerability([row[0] for row in rows])
    justified = delays([row[0] for row in rows])
    return [
        counting.Incident(
            id=pk,
            opened_at=opened,
            grade=grade,
            attend_by=by,
            attended_at=attended,
            closed_at=closed,
            is_rwd=resolved is not None,
            is_vulnerable=pk in vulnerable,
            kind=kind,
            late_s=unjustified(by, attended, justified[pk], min(filter(None, (closed, at)))) if at else 0.0,
            came_back=None if over is None or resolved is None else True if back else False if resolved <= over else None,
        )
        for pk, opened, grade, by, attended, closed, resolved, kind, back in rows
    ]


def delays(which: Iterable[int]) -> Mapping[int, list[tuple[datetime, datetime]]]:
    """The spans for which a second person approved that nobody comes yet, by incident; one query for all."""
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = incidents.Proposal.objects.filter(incident_id__in=list(which), kind="delay", state="approved")
    for pk, begun, ends in rows.values_list("incident_id", "answered_at", "until"):
        if begun and ends:
            found[pk].append((begun, ends))
    return found


@dataclass(frozen=True)
class Vulnerability:
    """Why somebody in an incident counts as vulnerable: the level that was judged (0: not at 2 or 3), a marker (attention 1 or 2)."""

    level: int = 0
    attention: int = 0


def vulnerability(which: Iterable[int]) -> dict[int, Vulnerability]:
    """The incidents among these in which somebody is vulnerable: by a marker, or judged at level 2 or 3. Two queries for all."""
    ids = list(which)
    involved = incidents.Involvement.objects.filter(incident_id__in=ids, contact__attention__gt=0)
    attention: dict[int, int] = {}
    for pk, level in involved.values_list("incident_id", "contact__attention"):
        attention[pk] = max(level, attention.get(pk, 0))
    answers = Answer.objects.filter(element="vulnerability", assessment__contact__involvement__incident_id__in=ids).order_by(
        "at", "pk"
    )
    last: dict[tuple[int, int, str], int] = {}  # a changed mind is another row; the last counts, for each contact and subject
    for incident, contact, subject, level in answers.values_list(
        "assessment__contact__involvement__incident_id", "assessment__contact_id", "subject", "level"
    ):
        last[incident, contact, subject] = level
    levels: dict[int, int] = {}
    for (incident, _, _), level in last.items():
        if level >= VULNERABLE_FROM:
            levels[incident] = max(level, levels.get(incident, 0))
    return {pk: Vulnerability(levels.get(pk, 0), attention.get(pk, 0)) for pk in levels.keys() | attention.keys()}


def without_owner() -> list[tuple[str, int]]:
    """What is open and nobody's: duties without owner (the database refuses them), contacts and incidents that no duty holds."""
    sets = """
        select {kind}, id from {table} where force = %(force)s and {is_open}
        except select {kind}, subject_id from duties_duty where force = %(force)s and settled_at is null and subject_kind = {kind}"""
    open_contacts = sets.format(kind="'contact'", table="contacts_contact", is_open="state <> 'wrapped'")
    open_incidents = sets.format(kind="'incident'", table="incidents_incident", is_open="state = 'open'")
    with connection.cursor() as cursor:  # sets, not joins: joined row by row, it took the database a second for 10,000
        cursor.execute(
            f"""select subject_kind, subject_id from duties_duty where force = %(force)s and settled_at is null and owner = ''
            union all ({open_contacts}) union all ({open_incidents}) order by 1, 2""",
            {"force": scope.require()},
        )
        return cursor.fetchall()
