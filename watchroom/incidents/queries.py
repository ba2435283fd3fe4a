"""Which incidents are open, and what does the log of one say?"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from watchroom.assessment import queries as assessment
from watchroom.contacts.models import Contact, Line
from watchroom.incidents.models import Entry, Incident
from watchroom.staff import queries as staff

URGENCY = {"immediate": 1, "priority": 2, "": 3, "scheduled": 4, "appointment": 5, "rwd": 6}  # ungraded stands after what is graded urgent


def open_now() -> list[Incident]:
    """The board: most urgent first, then the time by which somebody should be there, then age."""
    rows = Incident.objects.filter(state=Incident.State.OPEN).select_related("place", "place__beat")
    return sorted(rows, key=lambda i: (URGENCY[i.grade], i.attend_by or i.opened_at, i.opened_at))


def of_contact(contact: int) -> Incident | None:
    return Incident.objects.filter(involvements__contact_id=contact).select_related("place", "place__beat").first()


def contacts_of(incident: int) -> QuerySet[Contact]:
    return Contact.objects.filter(involvement__incident_id=incident).select_related("owner", "place").order_by("received_at")


def risk_is_saved(incident: int) -> bool:
    """Whether the risk of every contact about this incident is on record."""
    pks = list(contacts_of(incident).values_list("pk", flat=True))
    return bool(pks) and all(assessment.is_saved(pk) for pk in pks)


@dataclass(frozen=True)
class LogLine:
    """A line of the log, from a contact or of the incident itself."""

    key: str  # unique and stable: "line-12" or "entry-7"
    at: datetime
    written_at: datetime
    text: str
    by: str
    name: str
    origin: str
    is_correction: bool = False

    @property
    def was_late(self) -> bool:
        """Entered later than it happened (back-record entry)."""
        return (self.written_at - self.at).total_seconds() > 60


def log(incident: int) -> list[LogLine]:
    """The one log, oldest first: what was said in all its contacts, and what despatch, officers and the system added."""
    lines = list(Line.objects.filter(contact__involvement__incident_id=incident))
    entries = list(Entry.objects.filter(incident_id=incident))
    names = staff.names({row.by for row in [*lines, *entries]})
    merged = [_shown("line", row, names) for row in lines] + [_shown("entry", row, names) for row in entries]
    return sorted(merged, key=lambda line: (line.at, line.key))


def contact_log(contact: int) -> list[LogLine]:
    """A contact's own lines, oldest first; all there is before an incident is opened."""
    lines = list(Line.objects.filter(contact_id=contact))
    names = staff.names({row.by for row in lines})
    return sorted((_shown("line", row, names) for row in lines), key=lambda line: (line.at, line.key))


def _shown(table: str, row: Line | Entry, names: dict[str, str]) -> LogLine:
    return LogLine(
        key=f"{table}-{row.pk}",
        at=row.at,
        written_at=row.written_at,
        text=row.text,
        by=row.by,
        name=names[row.by],
        origin=row.origin,
        is_correction=bool(getattr(row, "corrects_id", None)),
    )
