"""What stands on the board? Every open incident as one row, read in a handful of queries however many there are.

Who is sent is known to a later room (`dispatch`), which adds the units to these rows; that somebody is sent is known here,
by the duty that a deployment opens.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from watchroom.assessment import queries as assessment
from watchroom.contacts.models import Contact
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.incidents.models import Incident, Involvement

MARKS = 3  # more than this nobody reads while a job comes in

#: The groups of the board, in order. A job whose officers are clear waits for its result, whatever its grade.
GROUPS = ("immediate", "priority", "ungraded", "scheduled", "appointment", "result")

SENT_STANDS_BACK = 10**11  # seconds: behind every job that nobody goes to

#: Duties of an incident that ask for somebody's eye, as the board says them; some at once, the others when they are late.
ASKS = {
    "decide": "Decide: late",
    "regrade": "Risk asks for more",
    "look": "New information",
    "review": "Review the risk",
    "approve": "Asked of a second person",
}
AT_ONCE = ("regrade", "look", "approve")

SIGNS = {  # the icon of a cue; a cue without one has words only
    "weapon_present": "knife",
    "child_present": "child",
    "caller_trapped": "lock",
    "suspect_on_scene": "eye",
    "officer_danger": "shield",
    "high_risk_marker": "heart",
    "mental_health": "mind",
    "suicide_risk": "mind",
    "old_age": "mind",
    "repeat_victim": "repeat",
    "violence_now": "danger",
    "life_at_risk": "danger",
    "screams_heard": "ear",
    "silent": "voice",
    "pressed_55": "voice",
    "call_cut_off": "missed",
    "disability": "ear",
    "separation": "heart",
    "crime_in_progress": "danger",
}


@dataclass(frozen=True)
class Mark:
    """A fact worth a glance. Level 1 may kill, 2 is serious, 0 carries no risk and no colour."""

    text: str
    icon: str
    level: int


@dataclass(frozen=True)
class Job:
    """One row of the board."""

    incident: Incident
    kind: str  # the type, in words
    marks: tuple[Mark, ...]
    is_on_line: bool  # somebody about this is on the telephone now
    sent_at: datetime | None  # since when somebody is on it; None: nobody is
    risk_is_owed: bool
    asks: tuple[Mark, ...]  # what this job asks of those who look at the board, the gravest first (R75, R76, R82)

    @property
    def pk(self) -> int:
        return self.incident.pk

    @property
    def title(self) -> str:
        """The pinned line in the words of whoever heard it, else the type."""
        return self.incident.headline or self.kind

    @property
    def group(self) -> str:
        if self.incident.attended_at and not self.sent_at:
            return "result"
        return self.incident.grade or "ungraded"

    @property
    def is_without_unit(self) -> bool:
        """Somebody should go, and nobody is on the way."""
        return self.sent_at is None and self.incident.attended_at is None and self.incident.grade not in ("rwd", "appointment")

    @property
    def since(self) -> datetime:
        """Since when it waits for somebody: the grade, or the opening while there is none."""
        return self.incident.graded_at or self.incident.opened_at

    @property
    def order(self) -> int:
        """Within its group: what still waits for a unit, then what runs out first."""
        runs_out = round((self.incident.attend_by or self.incident.opened_at).timestamp())
        return runs_out if self.is_without_unit else runs_out + SENT_STANDS_BACK

    @property
    def steps(self) -> int:
        """How far it is, of five: shared, graded, a unit sent, at scene, result."""
        if self.incident.attended_at:
            return 4 if self.sent_at is None else 3
        if self.sent_at:
            return 2
        return 1 if self.incident.grade else 0

    @property
    def step_words(self) -> str:
        return ("Shared, grade owed", "Graded, no unit", "On the way", "At scene", "Officers clear, result owed")[self.steps]


def jobs(*, at: datetime, only: Iterable[int] | None = None) -> list[Job]:
    """The open incidents (or these of them), in no order. Eight queries, for one or for three hundred."""
    rows = Incident.objects.filter(state=Incident.State.OPEN).select_related("place", "place__beat")
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    incidents = list(rows)
    ids = [incident.pk for incident in incidents]
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for row in Involvement.objects.filter(incident_id__in=ids).select_related("contact").order_by("at"):
        contacts[row.incident_id].append(row.contact)
    everybody = [contact for group in contacts.values() for contact in group]
    policy = force.policy_at(at).policy
    cues = assessment.cues_among(everybody, at=at)
    owed = Duty.objects.filter(settled_at=None)
    debts: dict[int, dict[str, Duty]] = defaultdict(dict)
    for duty in owed.filter(kind__in=("deployment", *ASKS), subject_kind="incident", subject_id__in=ids):
        debts[duty.subject_id][duty.kind] = duty
    risk = set(
        owed.filter(kind="risk", subject_kind="contact", subject_id__in=[c.pk for c in everybody]).values_list(
            "subject_id", flat=True
        )
    )
    types = {one.code: one.label for one in policy.incident_types}
    return [
        Job(
            incident=incident,
            kind=types.get(incident.kind, incident.kind),
            marks=_marks(frozenset().union(*(cues[c.pk] for c in contacts[incident.pk])), policy),
            is_on_line=any(contact.is_live for contact in contacts[incident.pk]),
            sent_at=debts[incident.pk]["deployment"].opened_at if "deployment" in debts[incident.pk] else None,
            risk_is_owed=any(contact.pk in risk for contact in contacts[incident.pk]),
            asks=_asks(incident, debts[incident.pk], at),
        )
        for incident in incidents
    ]


def job(incident: int, *, at: datetime) -> Job | None:
    """The row of one incident, or None when it is not open."""
    return next(iter(jobs(at=at, only=[incident])), None)


def marks_of(contacts: list[Contact], *, at: datetime) -> tuple[Mark, ...]:
    """All marks of these contacts, worst first: for a page that shows one incident."""
    cues = assessment.cues_among(contacts, at=at)
    return _marks(frozenset().union(*cues.values()), force.policy_at(at).policy, limit=None)


def _marks(cues: frozenset[str], policy: Policy, limit: int | None = MARKS) -> tuple[Mark, ...]:
    levels = {"immediate": 1, "priority": 2}
    found = []
    for cue in policy.cues:
        if cue.code not in cues or (cue.code == "risk_marker" and cues & {"high_risk_marker", "officer_danger"}):
            continue
        canonical = policy.grade(cue.grade).canonical if cue.grade else ""
        level = levels.get(canonical, 1 if cue.forbids_nothing_heard else 2 if cue.code in SIGNS else 0)
        found.append(Mark(cue.label, SIGNS.get(cue.code, ""), level))
    found.sort(key=lambda mark: mark.level or 9)
    return tuple(found[:limit])


def asks_of(incident: Incident, *, at: datetime) -> tuple[Mark, ...]:
    """The same for one incident alone."""
    owed = Duty.objects.filter(kind__in=ASKS, subject_kind="incident", subject_id=incident.pk, settled_at=None)
    return _asks(incident, {duty.kind: duty for duty in owed}, at)


def _asks(incident: Incident, debts: dict[str, Duty], at: datetime) -> tuple[Mark, ...]:
    """What has come or is late, in words; a clock that still runs asks nothing."""
    asks = []
    for kind, says in ASKS.items():
        duty = debts.get(kind)
        if duty and (kind in AT_ONCE or duty.due_at <= at):
            asks.append(Mark(says, "clock" if kind in ("decide", "review") else "", 1 if duty.due_at <= at else 2))
    if incident.delayed_until and not incident.attended_at:
        asks.append(Mark(f"Delayed to {incident.delayed_until.astimezone(force.timezone()):%H:%M}", "clock", 2))
    return tuple(sorted(asks, key=lambda mark: mark.level))
