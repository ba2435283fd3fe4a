"""What has the next shift to know? Drawn up from what is open and owed; a person corrects it before it is handed over."""

from datetime import datetime
from zoneinfo import ZoneInfo

from watchroom.demand.queries import now
from watchroom.force import queries as force
from watchroom.incidents import interlock
from watchroom.incidents import queries as incidents
from watchroom.staff import queries as staff

LONGEST = 12  # lines of one kind: the next shift reads a page, not a list


def draft(at: datetime) -> str:
    """A page in plain text, the gravest first. Logs by their number; nobody's name but that of a desk or of who holds something."""
    zone = force.timezone()
    opened, owed, asked = now.open_now(at), now.owed(at, limit=LONGEST), list(incidents.all_asked()[:LONGEST])
    surge = force.surge_at(at)
    parts = [f"Handover {at.astimezone(zone):%A %d %B, %H:%M}"]
    parts.append(
        f"{opened.total} open, {opened.vulnerable.total} with somebody vulnerable. {owed.total} of {owed.open} things owed are late."
    )
    if surge:
        parts.append(f"Surge declared to {surge.ends_at.astimezone(zone):%H:%M}: {surge.reason}")
    waits = [
        f"- {_about(wait, zone)}, since {wait.since.astimezone(zone):%H:%M}, {_stands(wait)}" for wait in opened.waits[:LONGEST]
    ]
    parts += _part("Vulnerable and waiting", waits)
    names = staff.names({row.asked_by for row in asked})
    parts += _part(
        "Asked of a second person",
        [
            f"- Log {row.incident.reference}: {interlock.KINDS[row.kind].label.lower()}, asked by {names[row.asked_by]},"
            f" lapses {row.lapses_at.astimezone(zone):%H:%M}"
            for row in asked
        ],
    )
    parts += _part(
        "Late",
        [
            f"- {debt.label}, {debt.about}, since {debt.duty.due_at.astimezone(zone):%d %b %H:%M}, with {debt.owner}"
            for debt in owed.debts
        ],
    )
    return "\n".join(parts) + "\n"


def _part(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(lines or ["- nothing"])]


def _about(wait: now.Wait, zone: ZoneInfo) -> str:
    if wait.job:
        promised = wait.job.incident.attend_by
        by = f", promised {promised.astimezone(zone):%H:%M}" if promised else ""
        return f"Log {wait.job.incident.reference}, {wait.job.kind}{by}"
    return f"Contact {wait.contact.number if wait.contact else ''}, {wait.what.lower()}"


def _stands(wait: now.Wait) -> str:
    if wait.sent:
        return ", ".join(one.unit.callsign for one in wait.sent) + " going"
    return "no unit" if wait.job else "nobody yet"
