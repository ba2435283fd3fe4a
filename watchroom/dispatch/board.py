"""Which job may kill somebody while nobody goes, and who is on each? The board of the incidents room, with the units on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from watchroom.dispatch import queries
from watchroom.dispatch.models import Deployment, Unit
from watchroom.duties import queries as duties
from watchroom.force import queries as force
from watchroom.incidents import board as incidents
from watchroom.incidents.board import GROUPS, Job
from watchroom.incidents.models import Incident


@dataclass(frozen=True)
class Row:
    """A job with the units that are on it."""

    job: Job
    sent: tuple[Deployment, ...]

    @property
    def sent_words(self) -> str:
        """`NH07 going`, `NH04, NH15 at scene`: as short as a row allows."""
        there = [d.unit.callsign for d in self.sent if d.arrived_at]
        going = [d.unit.callsign for d in self.sent if not d.arrived_at]
        said = [f"{', '.join(there)} at scene"] if there else []
        return "; ".join(said + ([f"{', '.join(going)} going"] if going else []))

    @property
    def attend_words(self) -> str:
        by = self.job.incident.attend_by
        return f"Attend by {timezone.localtime(by):%H:%M}" if by else ""

    @property
    def at_scene_since(self) -> datetime | None:
        return min((d.arrived_at for d in self.sent if d.arrived_at), default=None)


@dataclass(frozen=True)
class Group:
    code: str
    label: str
    rows: list[Row]


@dataclass(frozen=True)
class Summary:
    """What the head of the desk says: the most dangerous thing that can be acted on, and how many wait."""

    emergency: Unit | None  # a unit with status 0 takes it over
    worst: Row | None
    open: int
    without_unit: int
    rwd: int


def rows(*, at: datetime, only: Iterable[int] | None = None) -> list[Row]:
    """The board, in no order: the incidents' queries and one more."""
    jobs = incidents.jobs(at=at, only=only)
    sent = queries.sent_to([job.pk for job in jobs])
    return [Row(job, tuple(sent.get(job.pk, ()))) for job in jobs]


def grouped(found: list[Row], *, at: datetime) -> list[Group]:
    """The rows in the board's groups and order. What is resolved without anybody going is not a despatcher's row."""
    policy = force.policy_at(at).policy
    labels = {"ungraded": "Grade owed", "result": "Officers clear, result owed"}
    for grade in policy.grades:
        labels[grade.canonical] = f"{grade.key} {grade.label}, {grade.attend_words}"
    by_group: dict[str, list[Row]] = {code: [] for code in GROUPS}
    for row in found:
        if row.job.group in by_group:
            by_group[row.job.group].append(row)
    return [Group(code, labels[code], sorted(of, key=lambda r: r.job.order)) for code, of in by_group.items()]


def summary(*, at: datetime) -> Summary:
    """Whose danger is greatest: a crew's emergency; then the longest Immediate without a unit; then what is late, then what waits.

    Light, because it is drawn again at every change of the board: three queries, and the rows of one job.
    """
    found = list(Incident.objects.filter(state=Incident.State.OPEN))
    sent = duties.owed_among("deployment", "incident", [incident.pk for incident in found])
    here = [incident for incident in found if incident.grade != "rwd"]
    waiting = [i for i in here if i.pk not in sent and not i.attended_at and i.grade != "appointment"]
    worst = min(waiting, key=lambda incident: _urgency(incident, at), default=None)
    return Summary(
        emergency=emergency(),
        worst=next(iter(rows(at=at, only=[worst.pk])), None) if worst else None,
        open=len(here),
        without_unit=len(waiting),
        rwd=len(found) - len(here),
    )


def emergency() -> Unit | None:
    """The unit whose status 0 has stood longest."""
    return Unit.objects.filter(status=0).select_related("beat").order_by("status_since").first()


def _urgency(incident: Incident, at: datetime) -> tuple[int, float]:
    waits = (incident.graded_at or incident.opened_at).timestamp()
    if incident.grade == "immediate":
        return 0, waits
    if incident.attend_by and incident.attend_by < at:
        return 1, incident.attend_by.timestamp()
    return {"priority": 2, "": 3}.get(incident.grade, 4), waits
