"""How much of one local day was about one thing, such as mental health? Hour by hour, for a national count (R103)."""

from collections.abc import Iterator

from watchroom.assessment import queries as assessment
from watchroom.contacts.models import Contact
from watchroom.demand.queries.day import Day

COLUMNS = (
    "force", "day", "aspect", "hour", "contacts", "all_contacts", "999", "led_to_an_incident", "immediate_or_priority",
    "resolved_without_deployment", "minutes_of_handling",
)  # fmt: skip


def hours(day: Day, aspect: str) -> Iterator[tuple[str, int, int, int, int, int, int, float]]:
    """A row for each hour of the day. A contact counts where the cue was said, heard, or is on record as a marker."""
    contacts = {row.id: row for row in day.rows()}
    rows = list(Contact.objects.filter(pk__in=contacts).select_related("place"))
    about = {pk for pk, cues in assessment.cues_among(rows, at=day.at).items() if aspect in cues}
    urgent = {row.id for row in day.incidents if row.grade in ("immediate", "priority")}
    for span in day.hours():
        inside = [row for row in contacts.values() if span.start <= row.received_at < span.end]
        mine = [row for row in inside if row.id in about]
        handled = sum((row.ended_at - row.answered_at).total_seconds() for row in mine if row.ended_at and row.answered_at)
        yield (
            span.label,
            len(mine),
            len(inside),
            sum(row.channel == "999" for row in mine),
            sum(row.incident is not None for row in mine),
            sum(row.incident in urgent for row in mine),
            sum(row.is_rwd for row in mine),
            round(handled / 60, 1),
        )
