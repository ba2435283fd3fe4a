"""How does the room stand at this moment? What a supervisor sees: who gets through, who is here, who waits, what is owed.

Every number is of things and of times, none is of a person: who holds a contact and for how long is there to offer relief,
and no name ever stands beside a score.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, When

from watchroom.contacts.models import Contact
from watchroom.demand.queries import groups as grouped
from watchroom.demand.queries.day import Vulnerability, contact_rows, incident_rows, vulnerability, without_owner
from watchroom.demand.rules import counting, days, drawing, watching
from watchroom.dispatch import queries as dispatch
from watchroom.dispatch.models import Deployment, Unit
from watchroom.duties import kinds
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.force.policy import EMERGENCIES, Policy
from watchroom.foundation.models import Scoped
from watchroom.incidents import board, rules
from watchroom.incidents import queries as incidents
from watchroom.incidents.models import Incident, Involvement
from watchroom.resolution.models import Resolution
from watchroom.staff import queries as staff
from watchroom.staff.models import Member

# --- Arrives --------------------------------------------------------------------------------------------------------


BREACHES_SHOWN = 4


@dataclass(frozen=True)
class Breach:
    """A 999 call that waited longer than the limit; each is read by a person (R12)."""

    contact: int
    reference: str
    transferred_at: datetime
    seconds: float
    outcome: counting.Outcome


@dataclass(frozen=True)
class Arrives:
    """How callers got through since midnight."""

    within: counting.Figure
    mean: float | None
    spark: drawing.Spark
    within_s: int
    limit_s: int
    goal: int
    breaches: int  # 999 calls that waited longer than the limit
    longest: list[Breach]  # of these
    ringing: int  # 999 calls unanswered now
    counts: Counter[counting.Outcome]  # of 101
    callbacks: int  # agreed since midnight; of those who wait so many are still owed one
    owed_callbacks: int
    to_999: int
    unrung: int  # gave up, has a marker, and nobody has looked or rung back (R3)
    wait_101: float | None
    flow: drawing.Flow

    @property
    def offered(self) -> int:
        return sum(self.counts.values())

    @property
    def further(self) -> int:
        """Breaches that are not among the longest."""
        return self.breaches - len(self.longest)


def arrives(at: datetime) -> Arrives:
    """999 and 101 of the local day so far, in three queries."""
    zone = force.timezone()
    today = days.holding(at, zone)
    policy = force.policy_at(at).policy
    groups = grouped.today(at)
    emergency = [group for group in groups if group.channel == "999"]
    other = [group for group in groups if group.channel == "101"]
    response = policy.response
    halves = [part for part in days.parts(today, zone, minutes=30) if part.start <= at]
    over_time = [
        counting.in_time("within_999", half.label, (group for group in emergency if group.part == n), response.answer_999_s)
        for n, half in enumerate(halves)
    ]
    counts = counting.outcomes(other)
    to_999 = counting.then_rang_999(other, policy.contacts.after_abandoned_101_s[0])
    unrung = sum(group.number for group in other if group.outcome == "abandoned" and group.is_missed)
    breaches = sum(wait > response.answer_999_limit_s for group in emergency for wait in group.waits)
    return Arrives(
        within=counting.in_time("within_999", "999", emergency, response.answer_999_s),
        mean=counting.mean(_waits(emergency)),
        spark=drawing.spark(
            [(figure.of, figure.value) for figure in over_time], promise=response.answer_999_goal_percent, width=210, height=66
        ),
        within_s=response.answer_999_s,
        limit_s=response.answer_999_limit_s,
        goal=response.answer_999_goal_percent,
        breaches=breaches,
        longest=_breaches(today, at, number=min(breaches, BREACHES_SHOWN)),
        ringing=counting.outcomes(emergency)["waiting"],
        counts=counts,
        callbacks=sum(group.number for group in other if group.has_callback),
        owed_callbacks=sum(group.number for group in other if group.has_callback and not group.callback_how),
        to_999=to_999,
        unrung=unrung,
        wait_101=counting.percentile(_waits(other), 50),
        flow=drawing.flow(
            answered=counts["answered"],
            waiting=counts["waiting"],
            lost=counts["abandoned"],
            diverted=counts["diverted"],
            to_999=to_999,
            unrung=unrung,
        ),
    )


def _waits(groups: Sequence[counting.Group]) -> list[float]:
    """Of those who were answered."""
    return [wait for group in groups if group.outcome == "answered" for wait in group.waits]


def _breaches(today: days.Span, at: datetime, *, number: int) -> list[Breach]:
    longest = grouped.longest(today, at, channel="999", number=number) if number else []
    found = Contact.objects.in_bulk([pk for pk, _, _ in longest])
    return [Breach(pk, found[pk].reference, found[pk].transferred_at, seconds, outcome) for pk, seconds, outcome in longest]


# --- The room -------------------------------------------------------------------------------------------------------

PLACES = (
    ("handler", "Answering"),
    ("switchboard", "Switchboard"),
    ("despatcher", "Despatch"),
    ("resolver", "Resolution"),
    ("supervisor", "Supervising"),
)
STATES = {
    "on_999": "on 999",
    "on_101": "on 101",
    "on_other": "on another channel",
    "wrap_up": "writing up",
    "ready": "ready",
    "here": "here",  # who takes no contacts is ready for none
    "away": "on a break",
    "other": "on other work",
    "missed": "did not take an offer",
}
SAID = {"break": "away", "away": "missed", "other": "other"}  # what they said themselves, or was seen, of `staff.states`


@dataclass(frozen=True)
class Seat:
    """Somebody in the room: what they are doing, and since when. `since` is None where nothing has begun."""

    member: Member
    state: str  # of STATES
    since: datetime | None
    needs_relief: bool
    is_seen: bool  # False: no screen is open, but a contact is in their hands
    minutes: int = 0

    @property
    def says(self) -> str:
        return STATES[self.state]

    @property
    def lasted(self) -> str:
        return f"{self.minutes} min" if self.minutes < 120 else f"{self.minutes // 60} h"


@dataclass(frozen=True)
class Room:
    places: list[tuple[str, list[Seat]]]
    counts: Counter[str]
    relief: list[Seat]
    ready: list[Seat]

    @property
    def seats(self) -> list[Seat]:
        return [seat for _, seats in self.places for seat in seats]


def room(at: datetime) -> Room:
    """Who is here and what each is doing. On a call and writing up come from the contacts themselves; being here from an open screen."""
    policy = force.policy_at(at).policy
    seen = {row.member.pk: row for row in staff.room_now(at)}
    hands: dict[int, Contact] = {}
    held = Contact.objects.filter(state__in=(Contact.State.ANSWERED, Contact.State.ENDED), owner__is_active=True).select_related(
        "owner"
    )
    for contact in held.order_by("answered_at"):
        owner = contact.owner_id or 0  # those without an owner are not in this query
        before = hands.get(owner)
        if before is None or (
            contact.is_live and not before.is_live
        ):  # who is on the line is on the line, whatever else is unwritten
            hands[owner] = contact
    members = {pk: row.member for pk, row in seen.items()} | {pk: contact.owner for pk, contact in hands.items() if contact.owner}
    seats = [_seat(member, hands.get(pk), seen.get(pk), policy, at) for pk, member in members.items()]
    seats.sort(key=lambda seat: seat.member.full_name)
    known = {code for code, _ in PLACES}
    places = [
        (name, [seat for seat in seats if code == next((r for r in seat.member.roles if r in known), "")])
        for code, name in PLACES
    ]
    answering = [seat for name, of in places[:1] for seat in of]
    return Room(
        places=[(name, of) for name, of in places if of],
        counts=Counter(seat.state for _, of in places for seat in of),
        relief=[seat for seat in seats if seat.needs_relief],
        ready=[seat for seat in answering if seat.state == "ready"],
    )


def _seat(member: Member, contact: Contact | None, seen: staff.Seen | None, policy: Policy, at: datetime) -> Seat:
    if contact is None:
        free = "ready" if member.may("contacts.take") else "here"
        state = SAID.get(seen.state, free) if seen else free
        since = seen.since if seen and state != free else None
        return Seat(member, state, since, False, True, int((at - since).total_seconds() // 60) if since else 0)
    if contact.state == Contact.State.ENDED:
        ended_at = contact.ended_at or at
        return Seat(member, "wrap_up", ended_at, False, seen is not None, int((at - ended_at).total_seconds() // 60))
    state = f"on_{contact.channel}" if contact.is_call else "on_other"
    since = contact.answered_at or at
    minutes = int((at - since).total_seconds() // 60)
    return Seat(member, state, since, contact.is_call and watching.needs_relief(since, policy, at), seen is not None, minutes)


# --- Vulnerable and waiting -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wait:
    """Somebody vulnerable who waits: an open incident that nobody has reached or resolved, or a contact that led to none yet (R3)."""

    since: datetime
    why: Vulnerability
    job: board.Job | None = None
    sent: tuple[Deployment, ...] = ()
    contact: Contact | None = None

    @property
    def is_late(self) -> bool:
        return self.job is not None and self.job.incident.attend_by is not None

    @property
    def what(self) -> str:
        """What a contact without an incident waits for."""
        if self.contact is None:
            return ""
        states = {Contact.State.WAITING: "Not answered", Contact.State.ABANDONED: "Gave up, not rung back"}
        return states.get(Contact.State(self.contact.state), "Risk not written")


@dataclass(frozen=True)
class Open:
    """The open incidents: those with somebody vulnerable who waits (the longest first), and all of them by grade and age."""

    waits: list[Wait]
    ages: list[watching.AgeRow]
    total: int
    vulnerable: watching.AgeRow  # of all these, those with somebody vulnerable in them (R81)


def open_now(at: datetime) -> Open:
    policy = force.policy_at(at).policy
    every = list(Incident.objects.filter(state=Incident.State.OPEN).only("pk", "grade", "opened_at", "attended_at"))
    resolved = set(Resolution.objects.filter(incident__state=Incident.State.OPEN).values_list("incident_id", flat=True))
    unreached = [row.pk for row in every if row.attended_at is None and row.pk not in resolved]
    vulnerable = vulnerability(unreached)
    began = dict(
        Involvement.objects.filter(incident_id__in=vulnerable)
        .order_by("-contact__transferred_at")
        .values_list("incident_id", "contact__transferred_at")
    )
    sent = dispatch.sent_to(list(vulnerable))
    jobs = board.jobs(at=at, only=vulnerable) if vulnerable else []
    waits = [
        Wait(began.get(job.pk, job.incident.opened_at), vulnerable[job.pk], job, tuple(sent.get(job.pk, ()))) for job in jobs
    ]
    waits += _contacts_missed(policy, at)
    known = vulnerability([row.pk for row in every])
    return Open(
        sorted(waits, key=lambda wait: wait.since),
        watching.by_grade_and_age(every, policy, at),
        len(every),
        watching.by_age([row for row in every if row.pk in known], "", at),
    )


def _contacts_missed(policy: Policy, at: datetime) -> list[Wait]:
    """Contacts with a marker that led to no incident, and that nobody has answered, rung back or assessed."""
    rows = Contact.objects.filter(attention__gt=0, involvement=None).exclude(state=Contact.State.WRAPPED).select_related("place")
    missed = {row.id for row in contact_rows(rows) if counting.is_missed(row, policy, at)}
    return [Wait(row.transferred_at, Vulnerability(0, row.attention), contact=row) for row in rows if row.pk in missed]


# --- Owed -----------------------------------------------------------------------------------------------------------

#: The order in which what is overdue is looked at; what is not named comes after.
GRAVITY = (
    "answer", "regrade", "attend", "decide", "look", "risk", "interpreter", "callback", "abandoned", "grade", "approve", "review",
    "call_back", "appointment", "resolve", "deployment", "wrap_up", "close",
)  # fmt: skip


@dataclass(frozen=True)
class Debt:
    """A duty that has passed its time, in words."""

    duty: Duty
    label: str
    about: str  # "Log 0417" or "Contact 212, 999"
    title: str
    grade: str
    owner: str

    @property
    def is_grave(self) -> bool:
        return self.grade == "immediate" or self.duty.kind == "answer"


@dataclass(frozen=True)
class Kind:
    label: str
    number: int
    oldest: datetime


@dataclass(frozen=True)
class Owed:
    debts: list[Debt]
    kinds: list[Kind]
    total: int
    open: int  # duties open, overdue or not
    orphans: list[tuple[str, int]]
    vulnerable: counting.Figure
    others: counting.Figure
    risk: counting.Figure
    goal: int

    @property
    def shares(self) -> list[tuple[str, counting.Figure]]:
        return [("Vulnerable", self.vulnerable), ("Others", self.others)]


def owed(at: datetime, *, limit: int = 14) -> Owed:
    """What has passed its time, the gravest first, with the person or desk that holds it; and that nothing is without an owner."""
    policy = force.policy_at(at).policy
    overdue = _overdue(at)
    tally = {kind: (number, oldest) for kind, number, oldest in overdue.values_list("kind").annotate(Count("pk"), Min("due_at"))}
    gravest = list(overdue.annotate(is_grave=_is_grave(), rank=_RANK).order_by("-is_grave", "rank", "due_at", "pk")[:limit])
    about = _subjects(gravest)
    owners = staff.names({duty.owner for duty in gravest})
    debts = [_debt(duty, about.get((duty.subject_kind, duty.subject_id)), owners[duty.owner], policy) for duty in gravest]
    by_kind = [Kind(kinds.label(code), *tally[code]) for code in sorted(tally, key=_rank)]
    today = days.holding(at, force.timezone())
    incidents = incident_rows(Incident.objects.filter(opened_at__gte=today.start, opened_at__lt=today.end))
    shares = {figure.code: figure for figure in counting.attended(incidents, at)}
    return Owed(
        debts=debts,
        kinds=by_kind,
        total=sum(number for number, _ in tally.values()),
        open=Duty.objects.filter(settled_at=None).count(),
        orphans=without_owner(),
        vulnerable=shares["attended_in_time_vulnerable"],
        others=shares["attended_in_time_others"],
        risk=counting.risk_on_record(grouped.today(at)),
        goal=policy.response.attend_goal_percent,
    )


def debt(duty: int, at: datetime) -> Debt:
    """One duty in words. Raises Duty.DoesNotExist."""
    row = Duty.objects.get(pk=duty)
    about = _subjects([row])
    return _debt(row, about.get((row.subject_kind, row.subject_id)), staff.name(row.owner), force.policy_at(at).policy)


def _rank(kind: str) -> int:
    return GRAVITY.index(kind) if kind in GRAVITY else len(GRAVITY)


def _overdue(at: datetime) -> QuerySet[Duty]:
    """What has passed its time. Thousands may have at once: they are counted and put in order where they lie."""
    return Duty.objects.filter(settled_at=None, due_at__lte=at)


def _about_contact(**what: Any) -> Q:
    """Duties about a contact of which this is true."""
    return Q(Exists(Contact.objects.filter(pk=OuterRef("subject_id"), **what)), subject_kind="contact")


def _is_immediate() -> Q:
    """Duties about an incident at Immediate, or about a contact that is part of one."""
    logs = Incident.objects.filter(pk=OuterRef("subject_id"), grade="immediate")
    return Q(Exists(logs), subject_kind="incident") | _about_contact(involvement__incident__grade="immediate")


def _is_grave() -> Case:
    return Case(
        When(Q(kind="answer") & _about_contact(channel__in=EMERGENCIES), then=True),
        When(Q(kind__in=("attend", "risk", "grade")) & _is_immediate(), then=True),
        default=False,
    )


_RANK = Case(*(When(kind=kind, then=number) for number, kind in enumerate(GRAVITY)), default=len(GRAVITY))


def _ids(duties: Sequence[Duty]) -> dict[str, set[int]]:
    ids: dict[str, set[int]] = {"contact": set(), "incident": set()}
    for duty in duties:
        ids.setdefault(duty.subject_kind, set()).add(duty.subject_id)
    return ids


def _subjects(duties: Sequence[Duty]) -> dict[tuple[str, int], Scoped]:
    """The contacts and incidents that these duties are about. A contact knows its incident."""
    ids = _ids(duties)
    contacts = Contact.objects.filter(pk__in=ids["contact"]).select_related("involvement__incident") if ids["contact"] else []
    incidents = Incident.objects.filter(pk__in=ids["incident"]).select_related("place") if ids["incident"] else []
    return {**{("contact", row.pk): row for row in contacts}, **{("incident", row.pk): row for row in incidents}}


def _incident(row: Scoped | None) -> Incident | None:
    if isinstance(row, Contact):
        involvement = getattr(row, "involvement", None)
        return involvement.incident if involvement else None
    return row if isinstance(row, Incident) else None


def _debt(duty: Duty, row: Scoped | None, owner: str, policy: Policy) -> Debt:
    incident = _incident(row)
    types = {one.code: one.label for one in policy.incident_types}
    about = (
        f"Contact {row.number}, {policy.channel(row.channel).label}"
        if isinstance(row, Contact)
        else f"Log {row.reference}"
        if isinstance(row, Incident)
        else f"Flag {duty.subject_id}"
        if duty.subject_kind == "marker"
        else f"Post {duty.subject_id}"
        if duty.subject_kind == "post"
        else ""
    )
    title = incident.headline or types.get(incident.kind, incident.kind) if incident else ""
    return Debt(duty, kinds.label(duty.kind), about, title, incident.grade if incident else "", owner)


def _answer_s(channel: str, policy: Policy) -> int:
    """Of a 999 call the one standard (R11); of a text to 999 the force's own time."""
    return policy.response.answer_999_s if channel == "999" else policy.channel(channel).answer_s


LONGEST = 160  # characters of the headline: what was said first says enough

# --- The headline ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Headline:
    """The most dangerous thing that somebody in the room can act on, with what is needed to say it."""

    danger: watching.Danger
    unit: Unit | None = None
    contact: Contact | None = None
    job: board.Job | None = None
    debt: Debt | None = None
    words: str = ""  # of the log: the pinned line, or the first that somebody said or wrote; never generated
    ready: list[Seat] = field(default_factory=list)

    @property
    def heat(self) -> int:
        return 1 if watching.DANGERS.index(self.danger.kind) <= watching.DANGERS.index("abandoned_marker") else 2


def headline(at: datetime) -> Headline | None:
    """None when nothing is overdue and nobody waits."""
    danger = watching.most_dangerous(_dangers(at))
    if danger is None:
        return None
    kind, pk = danger.subject
    incident = pk if kind == "incident" else None
    if kind == "contact":
        involvement = Involvement.objects.filter(contact_id=pk).values_list("incident_id", flat=True).first()
        incident = involvement or None
    return Headline(
        danger,
        unit=Unit.objects.select_related("beat").get(pk=pk) if kind == "unit" else None,
        contact=Contact.objects.get(pk=pk) if kind == "contact" else None,
        job=board.job(incident, at=at) if incident else None,
        words=_words(incident) if incident else "",
        debt=debt(danger.duty, at) if danger.duty else None,
        ready=room(at).ready if danger.kind == "ringing_999" else [],
    )


def _words(incident: int) -> str:
    pinned = Incident.objects.values_list("headline", flat=True).get(pk=incident)
    return str(pinned or rules.headline(incidents.log(incident)))[:LONGEST]


def _dangers(at: datetime) -> list[watching.Danger]:
    """Of each kind of danger the one that has lasted longest: those of one kind are many, and only the worst is asked for."""
    found = [
        watching.Danger(kind="emergency", since=unit.status_since, subject=("unit", unit.pk))
        for unit in Unit.objects.filter(status=0).order_by("status_since")[:1]
    ]
    found += _ringing(at)
    immediate = {row.pk: row for row in Incident.objects.filter(state=Incident.State.OPEN, grade="immediate", attended_at=None)}
    sent = dispatch.sent_to(list(immediate))
    attend = (
        dict(
            Duty.objects.filter(kind="attend", subject_kind="incident", settled_at=None, subject_id__in=immediate).values_list(
                "subject_id", "pk"
            )
        )
        if immediate
        else {}
    )
    found += [
        watching.Danger(
            kind="unresourced_immediate", since=row.graded_at or row.opened_at, subject=("incident", pk), duty=attend.get(pk)
        )
        for pk, row in immediate.items()
        if pk not in sent
    ]
    overdue, is_immediate = _overdue(at), _is_immediate()
    found += _longest(overdue.filter(is_immediate, kind="attend"), "attend_immediate")
    others = overdue.filter(~is_immediate, kind="attend")
    vulnerable = vulnerability(others.filter(subject_kind="incident").values_list("subject_id", flat=True))
    found += _longest(others.filter(subject_id__in=vulnerable), "attend_vulnerable")
    found += _longest(others.exclude(subject_id__in=vulnerable), "attend")
    is_risk = Q(kind="risk") & is_immediate
    has_marker = Q(kind="abandoned") & _about_contact(attention__gt=0)
    found += _longest(overdue.filter(is_risk), "risk_immediate")
    found += _longest(overdue.filter(has_marker), "abandoned_marker")
    found += _longest(overdue.exclude(kind="attend").exclude(is_risk).exclude(has_marker), "other")
    return found


def _ringing(at: datetime) -> list[watching.Danger]:
    """The emergency call that has rung longest past its standard. Who waits has neither been answered nor hung up."""
    policy = force.policy_at(at).policy
    late = Q()
    for channel in EMERGENCIES:
        late |= Q(channel=channel, transferred_at__lt=at - timedelta(seconds=_answer_s(channel, policy)))
    rows = Contact.objects.filter(late, state=Contact.State.WAITING).order_by("transferred_at", "pk")
    return [
        watching.Danger(
            kind="ringing_999",
            since=since,
            subject=("contact", pk),
            duty=Duty.objects.filter(kind="answer", subject_kind="contact", settled_at=None, subject_id=pk)
            .values_list("pk", flat=True)
            .first(),
        )
        for pk, since in rows.values_list("pk", "transferred_at")[:1]
    ]


def _longest(duties: QuerySet[Duty], kind: str) -> list[watching.Danger]:
    """The one of these that was due first, as this danger; none where there is none."""
    return [
        watching.Danger(kind=kind, since=duty.due_at, subject=(duty.subject_kind, duty.subject_id), duty=duty.pk)
        for duty in duties.order_by("due_at", "pk")[:1]
    ]
