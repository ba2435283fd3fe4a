"""What was promised, what waits to be resolved, and did it hold?"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from watchroom.assessment.models import Answer, Assessment
from watchroom.contacts.models import Contact
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation.statements import among, statement
from watchroom.identity import queries as identity
from watchroom.incidents.models import Decision, Incident
from watchroom.resolution import rules
from watchroom.resolution.models import (
    DiaryEntry,
    Enquiry,
    FollowUp,
    Investigation,
    Promise,
    Repeat,
    Resolution,
    SolvabilityAnswer,
    Step,
)


def waiting() -> QuerySet[Incident]:
    """Open incidents graded for resolution without deployment that nobody has resolved yet, oldest first."""
    rows = Incident.objects.filter(state=Incident.State.OPEN, grade="rwd", resolution=None)
    return rows.select_related("place").order_by("opened_at")


def of(incident: int) -> Resolution | None:
    """The resolution that stands."""
    return Resolution.objects.filter(incident_id=incident).first()


def resolved_among(incidents: list[int]) -> set[int]:
    """Which of these are resolved already; one query for a whole list."""
    return set(Resolution.objects.filter(incident_id__in=incidents).values_list("incident_id", flat=True))


def first_contact(incident: int) -> Contact | None:
    """Whom the promise is to: who got in touch first about it."""
    return Contact.objects.filter(involvement__incident_id=incident).order_by("involvement__at", "pk").first()


# --- Solvability ----------------------------------------------------------------------------------------------------


def solvability_rows(incident: int) -> list[SolvabilityAnswer]:
    """The answer that counts for each question: the last one given."""
    last = {row.question: row for row in SolvabilityAnswer.objects.filter(incident_id=incident).order_by("at", "pk")}
    return list(last.values())


def solvability(incident: int) -> dict[str, bool]:
    return {row.question: row.is_yes for row in solvability_rows(incident)}


# --- Promises -------------------------------------------------------------------------------------------------------


def promises() -> QuerySet[Promise]:
    """What was promised and is not kept, the next first (R25)."""
    rows = Promise.objects.filter(kept_at=None).select_related("incident", "incident__place", "contact")
    return rows.order_by("next_at", "pk")


def promises_of(incident: int) -> QuerySet[Promise]:
    return Promise.objects.filter(incident_id=incident).order_by("at", "pk")


def tries(promise: int) -> int:
    """How often they were tried and not reached."""
    return tries_among([promise])[promise]


def tries_among(promises: list[int]) -> Counter[int]:
    """The same for a whole list, in one query."""
    return Counter(Step.objects.filter(promise_id__in=promises, kind__in=list(rules.TRIES)).values_list("promise_id", flat=True))


def without_appointment() -> QuerySet[Incident]:
    """Graded for an appointment, and none is made: nobody knows yet when somebody comes."""
    rows = Incident.objects.filter(state=Incident.State.OPEN, grade="appointment", attended_at=None)
    made = Promise.objects.filter(kind=Promise.Kind.APPOINTMENT, kept_at=None)
    return rows.exclude(pk__in=made.values("incident_id")).select_related("place").order_by("opened_at")


# --- Desk investigation ---------------------------------------------------------------------------------------------


def investigation(incident: int) -> Investigation | None:
    """The open one, or else the last."""
    rows = Investigation.objects.filter(incident_id=incident)
    return rows.filter(finished_at=None).first() or rows.order_by("-at").first()


def investigations() -> QuerySet[Investigation]:
    """The open ones, what is to be looked at soonest first."""
    return Investigation.objects.filter(finished_at=None).select_related("incident").order_by("review_by", "pk")


def enquiries(investigation: int) -> QuerySet[Enquiry]:
    return Enquiry.objects.filter(investigation_id=investigation).order_by("at", "pk")


def diary(investigation: int) -> QuerySet[DiaryEntry]:
    return DiaryEntry.objects.filter(investigation_id=investigation).order_by("at", "pk")


def holders(kind: str, subject_kind: str, ids: list[int]) -> dict[int, str]:
    """Who holds the duty about each of these, by subject: the last holder where it is done."""
    rows = Duty.objects.filter(kind=kind, subject_kind=subject_kind, subject_id__in=ids).order_by("opened_at", "pk")
    return dict(rows.values_list("subject_id", "owner"))


# --- Afterwards -----------------------------------------------------------------------------------------------------


def to_follow_up(at: datetime) -> QuerySet[FollowUp]:
    """Whom to ask now whether it was put right."""
    rows = FollowUp.objects.filter(answered_at=None, due_at__lte=at).select_related("incident", "contact")
    return rows.order_by("due_at", "pk")


@dataclass(frozen=True)
class Again:
    """Somebody is in touch again after something was resolved without sending anyone."""

    contact: Contact
    incident: Incident
    same: str
    days: int

    @property
    def says(self) -> str:
        who = {"number": "the same number", "person": "the same person", "place": "the same address"}[self.same]
        when = "today" if not self.days else "yesterday" if self.days == 1 else f"{self.days} days ago"
        return f"Resolved without anyone {when}: log {self.incident.reference}; {who} is in touch again"


def again(contact: int) -> list[Again]:
    """What was resolved without anyone shortly before this contact, the last first."""
    return _again(Repeat.objects.filter(contact_id=contact).order_by("days", "-pk"))


def came_back(since: datetime, limit: int = 12) -> list[Again]:
    """Who came back since then, the last first."""
    return _again(Repeat.objects.filter(at__gte=since).order_by("-at", "-pk")[:limit])


def _again(rows: QuerySet[Repeat]) -> list[Again]:
    return [Again(row.contact, row.incident, row.same, row.days) for row in rows.select_related("contact", "incident")]


def resolved_before(contact: Contact, *, at: datetime) -> dict[int, tuple[Resolution, str]]:
    """What was resolved without deployment shortly before this contact, for the same number, person or place; the surest sign of each.

    By exact number, exact place, and the people whom a handler confirmed or whom number and place make likely.
    """
    policy = force.policy_at(at).policy
    days = policy.resolving.repeat_days
    if not days:
        return {}
    between = contact.received_at - timedelta(days=days), contact.received_at, contact.pk
    people = [one.person for one in identity.candidates(contact, on=contact.day) if one.tier in ("known", "likely")]
    signs: list[tuple[str, list[Resolution]]] = []  # the surest first
    if contact.caller_number:
        signs.append(("number", _resolved_for_number(*between, contact.caller_number)))
    if people:
        signs.append(("person", _resolved_for_contacts(*between, identity.contacts_of(people))))
    if contact.place_id:
        signs.append(("place", _resolved_at_place(*between, contact.place_id)))
    found: dict[int, tuple[Resolution, str]] = {}
    for same, rows in signs:
        for row in rows:
            if rules.is_repeat(row.at, contact.received_at, policy):
                found.setdefault(row.incident_id, (row, same))
    return found


def _resolved(since: datetime, until: datetime, but: int) -> QuerySet[Resolution]:
    """Between these times, other than what this contact is about itself."""
    return Resolution.objects.filter(at__gte=since, at__lt=until).exclude(incident__involvements__contact=but).distinct()


@statement
def _resolved_for_number(since: datetime, until: datetime, but: int, number: str) -> QuerySet[Resolution]:
    return _resolved(since, until, but).filter(incident__involvements__contact__caller_number=number)


@statement
def _resolved_for_contacts(since: datetime, until: datetime, but: int, contacts: list[int]) -> QuerySet[Resolution]:
    return _resolved(since, until, but).filter(incident__involvements__contact=among(contacts))


@statement
def _resolved_at_place(since: datetime, until: datetime, but: int, place: int) -> QuerySet[Resolution]:
    return _resolved(since, until, but).filter(incident__place=place)


# --- Samples --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A resolved case as it is sampled for its quality: codes and times, no name, no number, no place, no words."""

    key: str
    incident: int
    day: date
    reference: str
    kind: str
    outcome: str
    agency: str
    suggested: str
    was_suggested: bool
    vulnerability: int | None
    asked: int  # solvability questions on record
    minutes: int  # from the opening to the outcome
    promised: str  # kept in time, kept late, open, or nothing promised
    follow_up: str
    came_back: int | None  # after so many days
    is_closed: bool


def cases(since: datetime, until: datetime) -> list[Case]:
    """All that was resolved without deployment from `since` until before `until`, and stands; in seven queries."""
    rows = list(Resolution.objects.filter(at__gte=since, at__lt=until).select_related("incident").order_by("at", "pk"))
    ids = [row.incident_id for row in rows]
    suggested = dict(
        Decision.objects.filter(incident_id__in=ids, grade="rwd").order_by("at", "pk").values_list("incident_id", "suggested")
    )
    asked: dict[int, set[str]] = defaultdict(set)
    for pk, question in SolvabilityAnswer.objects.filter(incident_id__in=ids).values_list("incident_id", "question"):
        asked[pk].add(question)
    promised = {row.incident_id: row for row in Promise.objects.filter(incident_id__in=ids).order_by("at", "pk")}
    answers = dict(FollowUp.objects.filter(incident_id__in=ids).order_by("due_at", "pk").values_list("incident_id", "answer"))
    back: dict[int, int] = {}
    for pk, days in Repeat.objects.filter(incident_id__in=ids).values_list("incident_id", "days"):
        back[pk] = min(days, back.get(pk, days))
    levels = _vulnerability(ids)
    return [
        Case(
            key=f"{row.force} {row.incident.day} {row.incident.number}",
            incident=row.incident_id,
            day=row.incident.day,
            reference=row.incident.reference,
            kind=row.incident.kind,
            outcome=row.outcome,
            agency=row.agency,
            suggested=suggested.get(row.incident_id, ""),
            was_suggested=suggested.get(row.incident_id) == "rwd",
            vulnerability=levels.get(row.incident_id),
            asked=len(asked[row.incident_id]),
            minutes=round((row.at - row.incident.opened_at).total_seconds() / 60),
            promised=_kept(promised.get(row.incident_id)),
            follow_up=answers.get(row.incident_id, ""),
            came_back=back.get(row.incident_id),
            is_closed=not row.incident.is_open,
        )
        for row in rows
    ]


def _kept(promise: Promise | None) -> str:
    if promise is None:
        return ""
    if promise.kept_at is None:
        return "open"
    return "in time" if promise.kept_at <= promise.due_at else "late"


def _vulnerability(incidents: list[int]) -> dict[int, int]:
    """The highest level that was judged last for each, by contact and subject; nothing where it was judged in one line."""
    saved = Assessment.objects.filter(contact__involvement__incident_id__in=incidents).exclude(saved_at=None)
    rows = Answer.objects.filter(element="vulnerability", assessment__in=saved).order_by("at", "pk")
    last: dict[tuple[int, int, str], int] = {}
    for incident, contact, subject, level in rows.values_list(
        "assessment__contact__involvement__incident_id", "assessment__contact_id", "subject", "level"
    ):
        last[incident, contact, subject] = level
    highest: dict[int, int] = {}
    for (incident, _, _), level in last.items():
        highest[incident] = max(level, highest.get(incident, 0))
    return highest
