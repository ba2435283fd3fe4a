"""Which units are there, who of them may be sent, and who waits for the despatcher?"""

from dataclasses import dataclass
from datetime import datetime

from watchroom.dispatch import queries
from watchroom.dispatch.models import Unit
from watchroom.force import queries as force
from watchroom.force.policy import Policy

ON_WORK_THAT_CAN_WAIT = 7
WAITS_FOR_US = (0, 13, 14)  # an emergency, and who asked to be called back; 12, 15 and 16 are part of a talk already begun


@dataclass(frozen=True)
class UnitRow:
    """One unit as its row says it."""

    unit: Unit
    label: str  # the status in words
    doing: str
    skills: tuple[str, ...]
    is_sendable: bool
    group: str  # waiting, special, or beat-3
    log: str  # the job it is on, as read out
    incident: int | None
    since: datetime | None  # of its present status, where the length of it matters

    @property
    def order(self) -> tuple[int, str]:
        """The emergency first, then who asked urgently."""
        return ({0: 0, 14: 1}.get(self.unit.status, 2), self.unit.callsign)

    @property
    def is_alarm(self) -> bool:
        return self.unit.status == 0

    @property
    def is_free(self) -> bool:
        """May be sent without another job having to wait."""
        return self.is_sendable and self.unit.status != ON_WORK_THAT_CAN_WAIT


@dataclass(frozen=True)
class Group:
    code: str
    label: str
    rows: list[UnitRow]

    @property
    def words(self) -> str:
        """`3 free`, `none free, 1 sendable`."""
        free = sum(row.is_free for row in self.rows)
        other = sum(row.is_sendable for row in self.rows) - free
        if self.code == "waiting":
            return ""
        said = f"{free} free" if free else "none free"
        return f"{said}, {other} sendable" if other and not free else said


def groups(*, at: datetime) -> list[Group]:
    """All units but those off duty: who waits for the despatcher on top, then beat by beat, the specialists last."""
    policy = force.policy_at(at).policy
    found: dict[str, Group] = {"waiting": Group("waiting", "Waiting for you", [])}
    special = Group("special", "All force", [])
    for unit in queries.units():
        row = of(unit, policy)
        if row.group == "special":
            special.rows.append(row)
        else:
            found.setdefault(row.group, Group(row.group, unit.beat.name if unit.beat else "", [])).rows.append(row)
    for group in found.values():
        group.rows.sort(key=lambda row: row.order)
    return [*found.values(), special]


def row(unit: int, *, at: datetime) -> UnitRow:
    return of(queries.units().get(pk=unit), force.policy_at(at).policy)


def of(unit: Unit, policy: Policy) -> UnitRow:
    status = policy.dispatch.status(unit.status)
    on_it = getattr(unit, "running", [])  # put there by queries.units()
    running = on_it[0] if on_it else None
    labels = {skill.code: skill.label for skill in policy.dispatch.skills}
    words_needed = {skill.code for skill in policy.dispatch.skills if skill.needs_word_of}
    is_special = unit.beat is None or bool(words_needed & set(unit.skills)) or "dog" in unit.skills
    label = SHORT.get(unit.status, status.label)
    where = running.incident.where if running else unit.doing
    return UnitRow(
        unit=unit,
        label=label,
        doing="" if where.lower().startswith(label.lower()) else where,
        skills=(
            f"{unit.crew} up" if unit.crew > 1 else "1",
            *(SHORT_SKILLS.get(code, labels[code]) for code in unit.skills if code in labels),
        ),
        is_sendable=status.is_assignable and running is None,
        group="waiting" if unit.status in WAITS_FOR_US else "special" if is_special else f"beat-{unit.beat_id}",
        log=running.incident.reference if running else "",
        incident=running.incident_id if running else None,
        since=unit.status_since if running or unit.status in WAITS_FOR_US else None,
    )


#: As short as a row allows; the legend below the board has them whole, from the policy.
SHORT = {
    0: "Emergency",
    1: "On duty",
    2: "Free",
    3: "Standby",
    4: "Refreshments",
    5: "On the way",
    6: "At scene",
    7: "Can be sent",
    8: "Committed",
    9: "With a prisoner",
    10: "At court",
    11: "Off duty",
    12: "Confidential message",
    13: "Call back",
    14: "Urgent call back",
}

SHORT_SKILLS = {"search": "Search", "pursuit": "Pursuit", "public_order": "Order", "roads": "Roads"}
